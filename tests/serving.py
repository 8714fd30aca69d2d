"""Serve an application over a real socket of this machine, in a thread of the test's own process."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.postgres import wait_until


@contextmanager
def serving(app: object) -> Iterator[str]:
    """Serve an ASGI application on a free port, and give its URL without a slash at the end."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, lifespan="on", access_log=False, proxy_headers=False)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
        thread.start()
        try:
            wait_until(lambda: server.started or not thread.is_alive(), seconds=60, every=0.02)
            assert thread.is_alive(), "the service did not start"
            yield f"http://127.0.0.1:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
