#!/bin/sh
# Install the peers that `make bench` measures beside us: GDAL's viewshed, CGAL's triangular expansion, QGIS's atlas,
# tipg's tiles, JioNLP, cpca.
set -eu
missing=""
/usr/bin/python3 -c 'import osgeo.gdal, numpy' 2>/dev/null || missing="$missing gdal-bin python3-gdal python3-numpy"
[ -e /usr/include/CGAL/Arrangement_2.h ] || missing="$missing libcgal-dev"
command -v g++ >/dev/null || missing="$missing g++"
command -v wrk >/dev/null || missing="$missing wrk"
if [ -z "$missing" ]; then
    :
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
else
    echo "peers missing:$missing (install them, or run with --no-peers)" >&2
    exit 1
fi

# QGIS is large: where it cannot be had, the part "atlas" says so and measures ours alone.
if ! /usr/bin/python3 -c 'import qgis.core' 2>/dev/null; then
    { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-qgis; } ||
        echo "QGIS absent: python3-qgis cannot be installed here" >&2
fi

# These come with a driver, a web framework and pandas of their own versions: they get an environment of their own.
cd "$(dirname "$0")/.."
if ! .venv-peers/bin/python -c 'import cpca, jionlp, tipg' 2>/dev/null || [ requirements-peers.lock -nt .venv-peers/built ]; then
    "${PYTHON:-.venv/bin/python}" -m venv --clear .venv-peers
    .venv-peers/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-peers.lock
    touch .venv-peers/built
fi
