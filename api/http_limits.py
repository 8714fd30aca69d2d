"""Limit the head of a request in size, lines and time, for either protocol implementation of uvicorn.

A parser keeps a head in memory until it ends, and httptools has no limit; a client that sends half a head would keep a
connection open for ever. The body is limited by ``api.middleware``.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Bytes of a head, its request line included (h11 has about the same), and its header lines.
MAX_HEAD_BYTES, MAX_HEADERS = 65_536, 100


class _HeadTimeout:
    """Close a connection whose next head is incomplete in time; between requests uvicorn's keep-alive is shorter."""

    seconds = 60.0
    _timer: asyncio.TimerHandle | None = None

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
        _in_head, _head_bytes = True, 0

        def data_received(self, data: bytes) -> None:
            if self._in_head:
                self._head_bytes += len(data)
            super().data_received(data)
            if self._in_head and not self.transport.is_closing():
                self._start_timer()
                if self._head_bytes > MAX_HEAD_BYTES:
                    self.send_400_response("The head of the request is too long.")

        def on_header(self, name: bytes, value: bytes) -> None:
            if len(self.headers) >= MAX_HEADERS or len(name) + len(value) > MAX_HEAD_BYTES:
                raise ValueError("too many header lines")
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._in_head, self._head_bytes = False, 0
            self._head_complete()
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._in_head, self._head_bytes = True, 0

    return type("Protocol", (_HttpTools,), {"seconds": seconds})
