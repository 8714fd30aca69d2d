#!/bin/sh
# Install the peers that `make bench` measures beside us: GDAL's viewshed and CGAL's triangular expansion.
set -eu
missing=""
/usr/bin/python3 -c 'import osgeo.gdal, numpy' 2>/dev/null || missing="$missing gdal-bin python3-gdal python3-numpy"
[ -e /usr/include/CGAL/Arrangement_2.h ] || missing="$missing libcgal-dev"
command -v g++ >/dev/null || missing="$missing g++"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
    echo "peers missing:$missing (install them, or run with --no-peers)" >&2
    exit 1
fi
