#!/bin/sh
# Build .venv-ogc with ogctests, which pins versions older than ours: every file checked against its hash.
set -eu
if [ -n "${CI:-}" ]; then
    # A machine's own pip settings must not hide a broken lock.
    export PIP_CONFIG_FILE=/dev/null
    unset PIP_FIND_LINKS PIP_EXTRA_INDEX_URL || true
fi
export PIP_USER=0
lock=requirements-ogc.lock
venv=${1:-.venv-ogc}
if [ -e "$venv/.done" ] && cmp -s "$lock" "$venv/.done"; then exit 0; fi
echo "安装 ogctests 所需的包 / installing what ogctests needs"
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: --no-deps --no-compile -r "$lock"
cp "$lock" "$venv/.done"
