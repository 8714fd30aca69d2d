"""Serve the page and the API on this machine."""

from __future__ import annotations

import ipaddress
import logging
import math
import os
import socket
from collections.abc import Sequence
from datetime import UTC, datetime

import click
import uvicorn

from api import logs
from api.commands.console import Console, desk
from api.http_limits import protocol
from api.main import create_app
from api.open_store import database_url, server_packages, store_location
from api.security.api_keys import ApiKey
from api.security.assembly import keys_of
from api.settings import Settings
from api.shutdown import graceful_shutdown
from geo.errors import BadValue

_log = logging.getLogger("gridsight")


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="本机地址；其他地址须有密钥 / others than loopback need a key",
)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@desk
def serve_command(console: Console, host: str, port: int) -> int:
    """提供网页与接口：没有密钥时只供本机。 / Serve the page and the API; without keys to this machine only.

    \b
    gridsight serve --port 8000
    gridsight serve --host 0.0.0.0 --database postgresql://gridsight@db/gridsight
    """  # noqa: D301
    serve(console, host, port)
    return 0


def serve(console: Console, host: str, port: int) -> None:
    """Serve the store of a console until interrupted."""
    logs.configure(console.settings)
    settings = _chosen(console)
    if settings.database_url:
        _require_safe(settings)
    with graceful_shutdown(), console.store() as store:
        if not settings.database_url:
            require_keys(host, keys_of(store).list())
        app = create_app(settings, store=store)
        config = uvicorn.Config(
            app, host=host, port=port, http=protocol(settings.arrival_seconds), ws="none", server_header=False,
            lifespan="on", log_config=None, access_log=False,
            proxy_headers=False,  # whom a proxy's headers may name is GRIDSIGHT_PROXY_ADDRESSES' to say
            timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds),
        )  # fmt: skip
        server = uvicorn.Server(config)
        sock = _listening(host, port, config.backlog)
        shown = f"[{host}]" if ":" in host else host
        url = f"http://{shown}:{sock.getsockname()[1]}/"
        console.result({"store": store.name, "url": url, "pid": os.getpid()})
        console.say(f"{url}（Ctrl+C 停止）", f"{url} (Ctrl+C stops it)")
        server.run(sockets=[sock])


def _chosen(console: Console) -> Settings:
    """Return the settings with the store that this command serves in them, whichever flag or variable named it."""
    place = store_location(console.settings, console.workspace, console.database)
    is_url = isinstance(place, str)
    named = {"database_url": place if is_url else None, "workspace": None if is_url else place}
    return console.settings.model_copy(update=named)


def _require_safe(settings: Settings) -> None:
    """Refuse to start with a login that the database's rights do not hold (CONTRACT section 5); log what is slow."""
    url = database_url(settings)
    with server_packages():
        from geo.storage.postgis.maintenance import require_startup_checks  # noqa: PLC0415 (the desk has no such packages)
    for warning in require_startup_checks(url):
        _log.warning("%s", warning)


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


def require_keys(host: str, keys: Sequence[ApiKey]) -> None:
    """Raise BadValue where a desk would be open to others: beyond this machine it needs a key that holds."""
    now = datetime.now(tz=UTC)
    if not is_loopback(host) and not any(key.state(now) == "valid" for key in keys):
        raise BadValue(
            f"没有密钥时只能绑定本机（127.0.0.1），不能绑定 {host}；请先 gridsight keys create",
            f"without a key the service binds to this machine only (127.0.0.1), not to {host}; "
            "run gridsight keys create first",
        )


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


COMMANDS = {"serve": serve_command}
