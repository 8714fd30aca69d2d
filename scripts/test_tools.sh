#!/bin/sh
# Install what the tests drive but do not ship: Debian's chromium. Without root the browser tests skip, saying so.
set -eu
if command -v chromium >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
elif [ "${CI:-}" = true ]; then
    echo "chromium is missing and this is CI: the browser tests may not skip" >&2
    exit 1
else
    echo "没有 chromium，浏览器测试将跳过 / no chromium: the browser tests will skip (sudo apt-get install chromium)" >&2
fi
