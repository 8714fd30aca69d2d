"""Serve the page and the API on this machine."""

from __future__ import annotations

import ipaddress
import math
import os
import socket

import click
import uvicorn

from api import logs
from api.commands.console import Console, desk
from api.main import create_app
from api.stopping import in_order
from geo.errors import BadValue


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="本机地址 / a loopback address")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@desk
def serve_command(console: Console, host: str, port: int) -> int:
    """在本机提供网页与接口。 / Serve the page and the API on this machine.

    \b
    gridsight serve --port 8000
    """  # noqa: D301
    require_loopback(host)
    serve(console, host, port)
    return 0


def serve(console: Console, host: str, port: int) -> None:
    """Serve the workspace of a console until interrupted."""
    logs.configure(console.settings)
    with in_order(), console.store() as store:
        app = create_app(console.settings, store=store)
        config = uvicorn.Config(
            app, host=host, port=port, server_header=False, lifespan="on", log_config=None, access_log=False,
            timeout_graceful_shutdown=math.ceil(console.settings.shutdown_seconds),
        )  # fmt: skip
        server = uvicorn.Server(config)
        sock = _listening(host, port, config.backlog)
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{sock.getsockname()[1]}/"
        console.result({"store": store.name, "url": url, "pid": os.getpid()})
        console.say(f"{url}（Ctrl+C 停止）", f"{url} (Ctrl+C stops it)")
        server.run(sockets=[sock])


def _listening(host: str, port: int, backlog: int) -> socket.socket:
    """Return a socket that listens already, so that whoever reads the address may call at once."""
    family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
    # Named TCP and not left open: asyncio turns Nagle's delay off only then, and each answer would wait 40 ms.
    sock = socket.socket(family, kind, socket.IPPROTO_TCP)
    if os.name == "posix":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        reason = error.strerror or "?"
        raise BadValue(
            f"不能使用 {host} 的端口 {port}：{reason}", f"cannot use port {port} of {host}: {reason}"
        ) from None
    sock.listen(backlog)
    return sock


def require_loopback(host: str) -> None:
    """Raise BadValue unless the host is this machine only: keys, which others would need, come in a later version."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise BadValue(
            f"没有密钥时只能绑定本机（127.0.0.1），不能绑定 {host}",
            f"without a key the service binds to this machine only (127.0.0.1), not to {host}",
        )


COMMANDS = {"serve": serve_command}
