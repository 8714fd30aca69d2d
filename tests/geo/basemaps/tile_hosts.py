"""Run a host of tiles on this machine, with answers as a test wants them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Path with its query -> status, headers, body (bytes, or a function that writes by itself).
Answer = tuple[int, dict[str, str], bytes | Callable[[BaseHTTPRequestHandler], None]]


class TileHost:
    """A host, and what it was asked."""

    def __init__(self, answer: Callable[[str], Answer]) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.asked.append(self.path)
                host.headers.append(dict(self.headers.items()))
                status, headers, body = answer(self.path)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    if isinstance(body, bytes):
                        self.send_header("Content-Length", str(len(body)))
                        self.end_headers()
                        self.wfile.write(body)
                    else:
                        body(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def hosting(answer: Callable[[str], Answer]) -> Iterator[TileHost]:
    host = TileHost(answer)
    try:
        yield host
    finally:
        host.close()


def png(data: bytes) -> Answer:
    return 200, {"Content-Type": "image/png"}, data


ABSENT: Answer = (404, {"Content-Type": "text/html"}, b"<html>no</html>")
