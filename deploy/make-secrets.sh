#!/bin/sh
# Draw the secrets of the compose file, once; those that are there already stay.
# Run as root: the files must belong to the group of the containers' account, and to nobody else.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
for name in operator_password service_password session_secret; do
    [ -e "secrets/$name" ] && continue
    # 32 random bytes; hexadecimal, so that no URL and no shell needs to quote them.
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"secrets/$name"
    echo >>"secrets/$name"
done
if [ "$(id -u)" = 0 ]; then
    chown root:10001 secrets secrets/*
    chmod 0710 secrets
    chmod 0440 secrets/*
else
    echo "请以 root 再运行一次，容器才能读取 / run again as root, or the containers cannot read them" >&2
    exit 1
fi
