"""Bound how a request arrives: its head in size, in lines and in time, over either protocol of uvicorn.

A parser keeps a head in memory until it ends, and httptools sets no end to it; a client that sends half a head holds a
connection for ever. What comes after the head, the guard counts and times (``api.middleware``).
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Bytes of a head, its request line included (h11 has about the same), and lines of it.
MOST_HEAD_BYTES, MOST_HEADERS = 65_536, 100


class _InTime:
    """Close a connection whose next head is not whole in time; between requests uvicorn's keep-alive ends it sooner."""

    seconds = 60.0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)  # type: ignore[misc]
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._came()
        super().connection_lost(exc)  # type: ignore[misc]

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(self.seconds, self._late)  # type: ignore[attr-defined]

    def _late(self) -> None:
        self._timer = None
        cycle = self.cycle  # type: ignore[attr-defined]
        if cycle is None or cycle.response_complete:
            self.transport.close()  # type: ignore[attr-defined]
        else:
            self._wait()  # a request before it is still being answered

    def _came(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _H11(_InTime, H11Protocol):
    """The protocol in pure Python, of a desk: h11 itself bounds the size of a head."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._came()


def protocol(seconds: float) -> type[asyncio.Protocol]:
    """Return the protocol to serve with, the fast one where its package is; a head has so many seconds to arrive."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 (not of the desk)
    except ImportError:
        return type("Protocol", (_H11,), {"seconds": seconds})

    class _HttpTools(_InTime, HttpToolsProtocol):
        _in_head, _head_bytes = True, 0

        def data_received(self, data: bytes) -> None:
            if self._in_head:
                self._head_bytes += len(data)
            super().data_received(data)
            if self._in_head and not self.transport.is_closing():
                self._wait()
                if self._head_bytes > MOST_HEAD_BYTES:
                    self.send_400_response("The head of the request is too long.")

        def on_header(self, name: bytes, value: bytes) -> None:
            if len(self.headers) >= MOST_HEADERS or len(name) + len(value) > MOST_HEAD_BYTES:
                raise ValueError("too many header lines")
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._in_head, self._head_bytes = False, 0
            self._came()
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._in_head, self._head_bytes = True, 0

    return type("Protocol", (_HttpTools,), {"seconds": seconds})
