"""Run several API processes behind one listening socket: start them, replace one that ends, stop them together.

``python -m api.api_processes FD`` is one of them; its standard input is a pipe of the process that started it.
"""

from __future__ import annotations

import logging
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import logs
from api.open_store import open_configured_store
from api.settings import Settings
from api.shutdown import graceful_shutdown
from geo.storage.protocol import Store

if TYPE_CHECKING:
    import uvicorn

_log = logging.getLogger("gridsight")

#: A process that ends sooner than this has not started; that many in a row end the service with an error.
_START_SECONDS, _MOST_FAILURES = 20.0, 5
_POLL_SECONDS = 0.2


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    started: float


class ServerProcesses:
    """API processes that accept from one socket; the system gives each connection to one of them.

    Parameters
    ----------
    sock
        Bound and listening.
    count
        How many processes.
    environment
        Of each process: its settings.
    shutdown_seconds
        How long requests under way get to end.
    """

    def __init__(
        self, sock: socket.socket, *, count: int, environment: Mapping[str, str], shutdown_seconds: float
    ) -> None:
        self._sock = sock
        self._count = count
        self._environment = dict(environment)
        self._seconds = shutdown_seconds
        self._stop = threading.Event()
        self._children: list[_Child] = []

    def run(self) -> bool:
        """Run the processes until SIGTERM or SIGINT; return False where they end again and again by themselves."""
        before = {one: signal.signal(one, lambda *_: self._stop.set()) for one in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._children = [self._start() for _ in range(self._count)]
            failures = 0
            while failures < _MOST_FAILURES and not self._stop.wait(_POLL_SECONDS):
                for child in [one for one in self._children if one.process.poll() is not None]:
                    self._children.remove(child)
                    failures = failures + 1 if time.monotonic() - child.started < _START_SECONDS else 0
                    _log.error("API process %d ended with %s", child.process.pid, child.process.returncode)
                    if failures < _MOST_FAILURES:
                        self._children.append(self._start())
            return failures < _MOST_FAILURES
        finally:
            self._end()
            for one, handler in before.items():
                signal.signal(one, handler)

    def _start(self) -> _Child:
        # Its standard input is a pipe of this process, which closes when this one dies, however it dies.
        process = subprocess.Popen(
            [sys.executable, "-m", "api.api_processes", str(self._sock.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=(self._sock.fileno(),),
            env=self._environment,
            start_new_session=True,  # Ctrl+C at a terminal reaches this process alone, which tells the others
        )
        return _Child(process, time.monotonic())

    def _end(self) -> None:
        """Stop all processes: requests under way get their time, then what is left is killed."""
        self._sock.close()
        for child in self._children:
            child.process.terminate()
        end = time.monotonic() + self._seconds + 5.0
        for child in self._children:
            try:
                child.process.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            if child.process.stdin is not None:
                child.process.stdin.close()


def environment_of(url: str) -> dict[str, str]:
    """Return the environment of an API process on a database: that of this one, with the store this command chose."""
    env = {name: value for name, value in os.environ.items() if name != "GRIDSIGHT_WORKSPACE"}
    return {**env, "GRIDSIGHT_DATABASE_URL": url, "GRIDSIGHT_PROCESSES": "1"}


def uvicorn_server(settings: Settings, store: Store, **options: Any) -> uvicorn.Server:
    """Return the server of the API on an open store."""
    import uvicorn  # noqa: PLC0415 (not needed by the process that only starts others)

    from api.http_limits import MAX_HEAD_BYTES, protocol  # noqa: PLC0415
    from api.main import create_app  # noqa: PLC0415

    config = uvicorn.Config(
        create_app(settings, store=store), http=protocol(settings.arrival_seconds), ws="none", server_header=False,
        lifespan="on", log_config=None, access_log=False, h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        proxy_headers=False,  # trusted proxies are set by GRIDSIGHT_FORWARDED_FROM, not by uvicorn
        timeout_graceful_shutdown=math.ceil(settings.shutdown_seconds), **options,
    )  # fmt: skip
    return uvicorn.Server(config)


def _main(descriptor: int) -> None:
    """Serve the database of the environment from a socket that is listening, until told to stop or orphaned."""
    settings = Settings.read()
    logs.configure(settings)
    threading.Thread(target=_stop_when_orphaned, daemon=True).start()
    with graceful_shutdown(), closing(open_configured_store(settings)) as store, suppress(KeyboardInterrupt):
        uvicorn_server(settings, store).run(sockets=[socket.socket(fileno=descriptor)])


def _stop_when_orphaned() -> None:
    """Stop as if asked to when standard input closes; read without Python's buffer (``api.jobs.child_process``)."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    _main(int(sys.argv[1]))
