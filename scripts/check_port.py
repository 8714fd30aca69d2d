"""Exit 2 where a port of this machine is in use, naming a free one: `make demo` asks before it installs anything."""

from __future__ import annotations

import errno
import os
import socket
import sys


def is_busy(port: int) -> bool:
    """Return whether another program holds the port."""
    with socket.socket() as sock:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def main(word: str) -> int:
    """Return the exit code."""
    if not (word.isascii() and word.isdecimal() and len(word) <= 5 and 0 < int(word) < 65536):
        print(
            f"端口须是 1 到 65535 的整数，例如 make demo PORT=8000，而不是“{word}” / "
            f"a port is a number from 1 to 65535, as in make demo PORT=8000, not '{word}'",
            file=sys.stderr,
        )
        return 2
    port = int(word)
    if not is_busy(port):
        return 0
    free = next((one for one in range(port + 1, min(port + 21, 65536)) if not is_busy(one)), "N")
    print(
        f"端口 {port} 已被占用，请换一个：make demo PORT={free} / "
        f"port {port} is in use, choose another: make demo PORT={free}",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if sys.argv[1:] else ""))
