"""Serve the page and the API on this machine."""

from __future__ import annotations

import dataclasses
import errno
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.console import Console, store_options
from geo.errors import BadValue

if TYPE_CHECKING:
    import uvicorn

    from api.security.api_keys import ApiKey
    from api.settings import Settings
    from geo.storage.protocol import Store

DEFAULT_PORT = 8000
# Ports after a busy one that are tried before one is named to the user.
_PORTS_TRIED = 20
# Connections that wait to be accepted, as uvicorn has it.
_BACKLOG = 2048


@click.command("serve")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="本机地址；其他地址须有密钥 / others than loopback need a key",
)
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True)
@store_options
def serve_command(console: Console, host: str, port: int) -> int:
    """提供网页与接口：没有密钥时只供本机。 / Serve the page and the API; without keys to this machine only.

    \b
    gridsight serve --port 8000
    gridsight serve --host 0.0.0.0 --database postgresql://gridsight@db/gridsight
    """  # noqa: D301
    serve(console, host, port)
    return 0


def serve(console: Console, host: str, port: int, *, sock: socket.socket | None = None) -> None:
    """Serve the store of a console until interrupted; `sock` is a socket of `bound_socket`, where there is one."""
    from api import logs
    from api.security.assembly import keys_of
    from api.shutdown import graceful_shutdown

    logs.configure(console.settings)
    settings = _settings_for_store(console)
    if settings.processes > 1:
        _require_shareable(settings)
    if settings.database_url:
        _require_safe(settings)
    with graceful_shutdown(), console.store(has_log=True) as store:
        if not settings.database_url:
            require_keys(host, keys_of(store).list())
        with sock or bound_socket(host, port) as listening:
            (_serve if settings.processes == 1 else _serve_by_several)(console, settings, store, host, listening)


def _serve(console: Console, settings: Settings, store: Store, host: str, sock: socket.socket) -> None:
    from api.api_processes import uvicorn_server

    server = uvicorn_server(settings, store, host=host, port=sock.getsockname()[1])
    _listen(sock, host, server.config.backlog)
    _announce(console, store, host, sock)
    # Ctrl+C is how people stop it: uvicorn ends the requests under way, then raises the signal again.
    with suppress(KeyboardInterrupt), _without_cancellations(server):
        server.run(sockets=[sock])


def _serve_by_several(console: Console, settings: Settings, store: Store, host: str, sock: socket.socket) -> None:
    """Serve a database by GRIDSIGHT_PROCESSES processes behind one socket."""
    import tempfile

    from api import problems
    from api.api_processes import ServerProcesses, environment_of

    _listen(sock, host, _BACKLOG)
    with tempfile.TemporaryDirectory(prefix="gridsight-metrics-") as folder, _shared_secret(settings) as secret:
        # Where the processes add up their requests, so that /metrics of any of them tells those of all.
        env = environment_of(str(settings.database_url)) | {"PROMETHEUS_MULTIPROC_DIR": folder}
        env["GRIDSIGHT_SESSION_SECRET_FILE"] = str(secret)
        server = ServerProcesses(
            sock, count=settings.processes, environment=env, shutdown_seconds=settings.shutdown_seconds
        )
        _announce(console, store, host, sock)
        if not server.run():
            raise problems.Unexpected(
                "接口进程一再退出，详见日志", "the API processes end again and again; see the log"
            )


def _require_shareable(settings: Settings) -> None:
    """Refuse several processes where they could not answer alike."""
    if not settings.database_url or os.name != "posix":
        raise BadValue(
            "GRIDSIGHT_PROCESSES 大于 1 只用于服务器库（Linux）",
            "GRIDSIGHT_PROCESSES above 1 is for a server database, on Linux",
        )


@contextmanager
def _shared_secret(settings: Settings) -> Iterator[Path]:
    """Give the secret that seals sessions of all processes: that of the settings, else one that ends with them."""
    import secrets
    import tempfile

    if settings.session_secret_file is not None:
        yield settings.session_secret_file
        return
    with tempfile.TemporaryDirectory(prefix="gridsight-secret-") as folder:  # its owner's alone
        path = Path(folder) / "session-secret"
        path.write_text(secrets.token_hex(32), encoding="ascii")
        yield path


def _announce(console: Console, store: Store, host: str, sock: socket.socket) -> None:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{sock.getsockname()[1]}/"
    console.print_json({"store": store.name, "url": url, "pid": os.getpid()})
    console.print(f"{url}（Ctrl+C 停止）", f"{url} (Ctrl+C stops it)")


@contextmanager
def _without_cancellations(server: uvicorn.Server) -> Iterator[None]:
    """Drop uvicorn's tracebacks of what a second Ctrl+C cancelled: that was asked for, and nothing went wrong."""
    import asyncio
    import logging

    def is_worth_a_line(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        is_cancelled = isinstance(error, asyncio.CancelledError) or "CancelledError" in record.getMessage()
        return not (server.force_exit and is_cancelled)

    logger = logging.getLogger("uvicorn.error")
    logger.addFilter(is_worth_a_line)
    try:
        yield
    finally:
        logger.removeFilter(is_worth_a_line)


def _settings_for_store(console: Console) -> Settings:
    """Return the settings that name the store of this command, whichever option or variable gave it."""
    location = console.store_location()
    is_url = isinstance(location, str)
    named: dict[str, Any] = {"database_url": location if is_url else None, "workspace": None if is_url else location}
    return dataclasses.replace(console.settings, **named)


def _require_safe(settings: Settings) -> None:
    """Refuse to start with a login that the rights do not hold (docs/contract.md section 5); log what is slow."""
    import logging

    from api.open_store import database_url, server_packages

    url = database_url(settings)
    with server_packages():
        from geo.storage.postgis.maintenance import require_startup_checks
    for warning in require_startup_checks(url):
        logging.getLogger("gridsight").warning("startup check: %s", warning)


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a socket that holds a port and does not listen yet: a busy port is found before any work is done.

    Raises
    ------
    BadValue
        The port is in use, and a free one is named; or the host or port cannot be used.
    """
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise _port_in_use(host, port) from None
        reason = error.strerror or "?"
        raise BadValue(
            f"不能使用 {host} 的端口 {port}：{reason}", f"cannot use port {port} of {host}: {reason}"
        ) from None


def _bound(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
    # Set IPPROTO_TCP explicitly: asyncio sets TCP_NODELAY only then; otherwise each response takes 40 ms longer.
    sock = socket.socket(family, kind, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock


def _listen(sock: socket.socket, host: str, backlog: int) -> None:
    """Listen before the address is printed, so that whoever reads it may connect at once."""
    try:
        sock.listen(backlog)
    except OSError:
        # Another program took the port between bind and listen, which SO_REUSEADDR allows.
        raise _port_in_use(host, sock.getsockname()[1]) from None


def _port_in_use(host: str, port: int) -> BadValue:
    free = _free_port(host, port)
    return BadValue(
        f"端口 {port} 已被占用，请用 --port 换一个{f'，例如 --port {free}' if free else ''}",
        f"port {port} is in use; choose another with --port{f', for example --port {free}' if free else ''}",
    )


def _free_port(host: str, busy: int) -> int | None:
    """Return the first free port after a busy one, None where the next ones are busy too."""
    for port in range(busy + 1, min(busy + 1 + _PORTS_TRIED, 65536)):
        with suppress(OSError), _bound(host, port):
            return port
    return None


def require_keys(host: str, keys: Sequence[ApiKey]) -> None:
    """Raise BadValue where a workspace would be open to others: beyond this machine a valid key is needed."""
    from datetime import UTC, datetime

    now = datetime.now(tz=UTC)
    if not is_loopback(host) and not any(key.state(now) == "valid" for key in keys):
        raise BadValue(
            f"没有密钥时只能绑定本机（127.0.0.1），不能绑定 {host}；请先 gridsight keys create",
            f"without a key the service binds to this machine only (127.0.0.1), not to {host}; "
            "run gridsight keys create first",
        )


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine only."""
    import ipaddress

    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


COMMANDS = {"serve": serve_command}
