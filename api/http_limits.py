"""Limit the head of a request in size, lines and time, for either protocol implementation of uvicorn.

A parser keeps a head in memory until it ends, and httptools has no limit; a client that sends half a head would keep a
connection open for ever. The body is limited by ``api.middleware``. What is refused before there is a request to answer
is a problem (RFC 9457) as well, in Chinese: no header said which language is read.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.problems import BadRequest, body_of

#: Bytes of a head, its request line included, and its header lines; h11 is given the same, and has 16 KB by itself.
MAX_HEAD_BYTES, MAX_HEADERS = 65_536, 100


_TOO_LONG = BadRequest(
    f"请求行与请求头合计超过 {MAX_HEAD_BYTES:,} 字节",
    f"the head of the request is longer than {MAX_HEAD_BYTES:,} bytes",
)
_NO_HTTP = BadRequest(
    f"请求不是有效的 HTTP，网址没有编码，或请求头多于 {MAX_HEADERS} 行",
    f"the request is no valid HTTP, its URL is not encoded, or it has more than {MAX_HEADERS} header lines",
)


class _HeadTimeout:
    """Close a connection whose next head is incomplete in time; between requests uvicorn's keep-alive is shorter.

    `head_bytes` are what has come of a head that is not complete.
    """

    seconds = 60.0
    head_bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (the sentence of uvicorn, which says less)
        transport: asyncio.Transport = self.transport  # type: ignore[attr-defined]
        cycle = self.cycle  # type: ignore[attr-defined]
        if cycle is None or cycle.response_complete or not cycle.response_started:  # else it would be a part of that
            transport.write(_refusal(_TOO_LONG if self.head_bytes > MAX_HEAD_BYTES else _NO_HTTP))
        transport.close()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_complete()
        super().connection_lost(exc)  # type: ignore[misc]

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self._on_timeout)  # type: ignore[attr-defined]

    def _on_timeout(self) -> None:
        self._timer = None
        cycle = self.cycle  # type: ignore[attr-defined]
        if cycle is None or cycle.response_complete:
            self.transport.close()  # type: ignore[attr-defined]
        else:
            self._start_timer()  # the previous response is not complete

    def _head_complete(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _H11(_HeadTimeout, H11Protocol):
    """The pure Python protocol, used in embedded mode; h11 limits the size of a head."""

    def data_received(self, data: bytes) -> None:
        self.head_bytes = self.head_bytes + len(data) if self.conn.their_state is h11.IDLE else 0
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._start_timer()
        else:
            self._head_complete()


def protocol(seconds: float) -> type[asyncio.Protocol]:
    """Return the protocol class, httptools where installed; a head must arrive within ``seconds``."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 (not installed in embedded mode)
    except ImportError:
        return type("Protocol", (_H11,), {"seconds": seconds})

    class _HttpTools(_HeadTimeout, HttpToolsProtocol):
        _in_head = True

        def data_received(self, data: bytes) -> None:
            if self._in_head:
                self.head_bytes += len(data)
            super().data_received(data)
            if self._in_head and not self.transport.is_closing():
                self._start_timer()
                if self.head_bytes > MAX_HEAD_BYTES:
                    self.send_400_response("The head of the request is too long.")

        def on_header(self, name: bytes, value: bytes) -> None:
            if len(self.headers) >= MAX_HEADERS or len(name) + len(value) > MAX_HEAD_BYTES:
                raise ValueError("too many header lines")
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._head_complete()
            super().on_headers_complete()  # refuses a URL that is too long, while it is known how long the head is
            self._in_head, self.head_bytes = False, 0

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._in_head, self.head_bytes = True, 0

    return type("Protocol", (_HttpTools,), {"seconds": seconds})


def _refusal(error: BadRequest) -> bytes:
    """Return the whole response to a head that is refused."""
    body = json.dumps(body_of(error, "zh", status=400, instance=""), ensure_ascii=False).encode()
    lines = (
        b"HTTP/1.1 400 Bad Request", b"Content-Type: application/problem+json", b"Content-Language: zh",
        b"Cache-Control: no-store", b"X-Content-Type-Options: nosniff", b"Content-Length: %d" % len(body),
        b"Connection: close",
    )  # fmt: skip
    return b"\r\n".join((*lines, b"", body))
