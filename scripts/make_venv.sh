#!/bin/sh
# Build .venv from a lock file: wheels only, every file checked against its hash.
set -eu
lock=$1
python=${PYTHON:-python3}
trap 'echo "已中断 / interrupted" >&2; exit 130' INT
# Run a module so that Ctrl+C ends it as it ends any program, without a traceback of where it was.
quietly='import runpy, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
del sys.argv[0]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)'
if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))'; then
    echo "需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed" >&2
    exit 2
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "安装 python3-venv / installing python3-venv"
        apt-get update -qq && apt-get install -y -qq python3-venv
    else
        echo "缺少 python3-venv，请先运行 / python3-venv is missing, first run: sudo apt-get install python3-venv" >&2
        exit 2
    fi
fi
if [ ! -x .venv/bin/python ]; then
    echo "建立 .venv / making .venv"
    "$python" -c "$quietly" venv .venv
fi
# A user's pip settings are kept, as they may name the mirror that a network offers, but for two that cannot hold here.
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1
echo "安装 $(grep -c '==' "$lock") 个包，逐个核对散列值 / installing $(grep -c '==' "$lock") packages, each checked against its hash"
# The lock names every dependency with its hash, so nothing is left to resolve; bytecode is written at first use.
.venv/bin/python -c "$quietly" pip install --require-hashes --only-binary :all: --no-deps --no-compile -r "$lock"
echo "安装 gridsight / installing gridsight"
PIP_REQUIRE_HASHES=0 .venv/bin/python -c "$quietly" pip install --quiet --no-deps --no-build-isolation --editable .
