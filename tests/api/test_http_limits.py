"""What a parser of HTTP refuses is answered by a problem, whichever of the two parsers there is."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import uvicorn
from uvicorn.server import ServerState

from api.http_limits import MAX_HEAD_BYTES, protocol


class Wire(asyncio.Transport):
    """Hold what is written."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 80), "peername": ("127.0.0.1", 9)})
        self.sent, self.is_closed = b"", False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += b"" if self.is_closed else bytes(data)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(params=["httptools", "h11"])
def answered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Wire]:
    """Give a function that returns what is answered to pieces of a connection."""
    if request.param == "h11":
        monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)
    else:
        pytest.importorskip("httptools")

    async def exchange(pieces: tuple[bytes, ...]) -> Wire:
        config = uvicorn.Config(
            _app,
            http=protocol(60.0),
            ws="none",
            log_config=None,
            access_log=False,
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        )
        config.load()
        made: Any = config.http_protocol_class(config=config, server_state=ServerState(), app_state={})  # type: ignore[call-arg]
        wire = Wire()
        made.connection_made(wire)
        for piece in pieces:
            if not wire.is_closed:
                made.data_received(piece)
                await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        made.connection_lost(None)
        return wire

    return lambda *pieces: asyncio.run(exchange(pieces))


def _problem(wire: Wire) -> dict[str, Any]:
    head, _, body = wire.sent.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-length: %d" % len(body) in head.lower()
    assert wire.is_closed
    return json.loads(body)


def test_a_request_line_that_is_too_long_is_a_problem(answered: Callable[..., Wire]) -> None:
    """8,000 Chinese characters are 72,000 bytes of a URL, more than come in one piece."""
    line = f"GET /locate?address={quote('民' * 8000)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    assert len(line) > MAX_HEAD_BYTES
    for size in (9_000, 70_000):
        pieces = [line[first : first + size] for first in range(0, len(line), size)]
        problem = _problem(answered(*pieces))
        assert (problem["code"], problem["status"], problem["type"]) == ("bad-request", 400, "/problems/bad-request")
        assert problem["detail"] == "请求行与请求头合计超过 65,536 字节"


@pytest.mark.parametrize("line", ["GET /locate?address=民主街 HTTP/1.1", "GARBAGE", "GET / HTTP/x"])
def test_what_is_no_http_is_a_problem(answered: Callable[..., Wire], line: str) -> None:
    problem = _problem(answered(f"{line}\r\nHost: x\r\n\r\n".encode()))
    assert problem["code"] == "bad-request"
    assert problem["detail"].startswith("请求不是有效的 HTTP")


def test_a_long_request_within_the_bound_is_answered(answered: Callable[..., Wire]) -> None:
    line = f"GET /locate?address={quote('民' * 7000)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    assert 60_000 < len(line) < MAX_HEAD_BYTES
    assert answered(line, line).sent.count(b"HTTP/1.1 200 ") == 2
