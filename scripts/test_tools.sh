#!/bin/sh
# Install what the tests drive but do not ship: chromium, PostGIS, GDAL's and QGIS's own clients, nginx, systemd-analyze.
# Says first what that is, what for, and how much. Without root the tests that need a missing one skip, saying so; in CI
# they may not.
set -eu

postgis() { # the server's programs with PostGIS beside them
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        version=$(basename "$(dirname "$(dirname "$initdb")")")
        [ -e "/usr/share/postgresql/$version/extension/postgis.control" ] && return 0
    done
    return 1
}
missing() {
    command -v chromium >/dev/null || printf ' chromium'
    [ -n "${GRIDSIGHT_TEST_DATABASE_URL:-}" ] || postgis || printf ' postgis-of-this-release'
    command -v ogrinfo >/dev/null || printf ' gdal-bin'
    command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || printf ' nginx-light'
    command -v systemd-analyze >/dev/null || printf ' systemd'
    /usr/bin/python3 -c 'import qgis.core' 2>/dev/null || printf ' python3-qgis qgis-providers'
}
purpose() {
    case $1 in
    chromium) echo '在浏览器里测试网页与单文件地图 / tests of the page and of the one-file map in a browser' ;;
    postg*) echo '服务器模式的数据库 / the database of the server mode' ;;
    gdal-bin) echo '以 GDAL 的命令行读取 / reading by the command line of GDAL' ;;
    nginx-light) echo '在 deploy/nginx.conf 之后运行服务 / the service behind deploy/nginx.conf' ;;
    systemd) echo '以 systemd-analyze 核对单元 / the units, by systemd-analyze' ;;
    *) echo '以 QGIS 读取 / reading by QGIS' ;;
    esac
}
list() { for name; do printf '  %-26s %s\n' "$name" "$(purpose "$name")"; done; }

wanted=$(missing)
if [ ! -e .venv-ogc/.done ]; then
    echo "将建立 .venv-ogc（约 440 MB）：OGC 的一致性测试 / making .venv-ogc (about 440 MB): the OGC's conformance tests"
fi
if [ -z "$wanted" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # The package carries the server's version in its name: 15 in Debian 12, 16 in Ubuntu 24.04.
    name=$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | cut -d' ' -f1 | sort -V | tail -n 1)
    wanted=$(echo "$wanted" | sed "s/postgis-of-this-release/$name/")
    # shellcheck disable=SC2086 # a list of words
    {
        size=$(apt-get install -y -qq --no-install-recommends --print-uris $wanted | awk '{ sum += $3 } END { printf "%d", sum / 1e6 }')
        echo "将用 apt-get 安装，共下载约 $size MB / installing by apt-get, about $size MB to download:"
        list $wanted
    }
    # Tests run clusters and proxies of their own; packages need not start one, nor take a port.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 0755 /usr/sbin/policy-rc.d
    fi
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
    wanted=$(missing)
    if [ -z "$wanted" ]; then exit 0; fi
fi
if [ "${CI:-}" = true ]; then
    echo "missing in CI, where no test may skip:$wanted" >&2
    exit 1
fi
{
    echo "缺少，相应测试将跳过 / missing, their tests will skip:"
    # shellcheck disable=SC2086 # a list of words
    list $wanted
} >&2
