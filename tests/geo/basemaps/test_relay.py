"""Fetch from the one host named, within bounds of bytes and time, whatever it answers."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from geo.basemaps import relay as relay_module
from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.relay import Relay, host_of, moved_to
from geo.catalog.base_maps import BaseMap
from geo.errors import BadValue, NotFound, SourceBroken, SourceSlow
from tests.geo.basemaps import drawn_world as world
from tests.geo.basemaps.tile_hosts import ABSENT, Answer, hosting, png

TILE = world.png(world.mercator_tile(3, 6, 3))
QUICK = 0.6


def fetched(answer: Answer | Callable[[str], Answer], *, seconds: float = 5.0) -> bytes | None:
    with hosting(answer if callable(answer) else lambda _: answer) as host:
        return Relay(host.url, seconds=seconds).picture(f"{host.url}/3/6/3.png")


def test_a_picture_comes_as_it_is() -> None:
    assert fetched(png(TILE)) == TILE
    assert fetched((200, {"Content-Type": "application/octet-stream"}, TILE)) == TILE


@pytest.mark.parametrize("status", [204, 404, 410])
def test_where_a_host_has_none_there_is_none(status: int) -> None:
    assert fetched((status, {}, b"")) is None


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, {"Content-Type": "text/html"}, b"<html>sign in</html>"), "no picture"),
        ((200, {"Content-Type": "text/html"}, TILE), "no picture"),
        ((200, {"Content-Type": "image/png"}, b"<html>sign in</html>"), "no picture"),
        ((200, {"Content-Type": "application/json"}, b'{"code": 301012}'), "no picture"),
        ((200, {"Content-Type": "image/svg+xml"}, b"<svg/>"), "no picture"),
        ((200, {"Content-Type": "image/png"}, b""), "no picture"),
        ((200, {"Content-Type": "image/png", "Content-Encoding": "gzip"}, gzip.compress(TILE)), "packed"),
        ((500, {"Content-Type": "text/plain"}, b"oh"), "answered 500"),
        ((403, {"Content-Type": "text/plain"}, b"oh"), "answered 403"),
        ((302, {"Location": "http://other.example/1"}, b""), "another host"),
        ((302, {"Location": "http://127.0.0.1:9/1"}, b""), "another host"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "cannot be used"),
        ((302, {"Location": "http://me:secret@127.0.0.1/"}, b""), "cannot be used"),
        ((302, {}, b""), "too often"),
        ((200, {"Content-Type": "image/png"}, TILE + b"\0" * 5_000_001), "more than 5 MB"),
    ],
)
def test_what_is_refused(answer: Answer, says: str) -> None:
    with pytest.raises(SourceBroken, match=says) as caught:
        fetched(answer)
    assert not isinstance(caught.value, SourceSlow)
    assert "127.0.0.1" not in str(caught.value), "which host it is only the operator reads"
    assert "127.0.0.1" in caught.value.for_operator


def test_a_tile_of_50_mb_is_not_read_to_its_end() -> None:
    sent = []

    def body(handler: BaseHTTPRequestHandler) -> None:
        handler.end_headers()  # no length is told
        with contextlib.suppress(OSError):
            for _ in range(50):
                handler.wfile.write(TILE.ljust(1 << 20, b"\0"))
                sent.append(1)

    with pytest.raises(SourceBroken, match="more than 5 MB"):
        fetched((200, {"Content-Type": "image/png", "Connection": "close"}, body))
    assert len(sent) < 20


def test_redirects_within_the_host_are_followed() -> None:
    assert fetched(lambda path: png(TILE) if path == "/other?a=1" else (302, {"Location": "/other?a=1"}, b"")) == TILE


def sleeping(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    handler.end_headers()
    with contextlib.suppress(OSError):
        for at in range(40):
            handler.wfile.write(TILE[at : at + 1])
            handler.wfile.flush()
            time.sleep(0.1)


@pytest.mark.parametrize("body", [sleeping, dripping], ids=["silent", "a byte at a time"])
def test_a_slow_host_has_so_long_and_no_longer(body: Callable[[BaseHTTPRequestHandler], None]) -> None:
    began = time.monotonic()
    with pytest.raises(SourceSlow, match=r"within 0\.6 seconds"):
        fetched((200, {"Content-Type": "image/png"}, body), seconds=QUICK)
    assert time.monotonic() - began < 3


@contextlib.contextmanager
def raw_host(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """Yield the URL of a host that writes to its connections whatever it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(4096)
                        send(connection)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def drip_heads(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(40):
        connection.sendall(b"X-A: b\r\n")
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("send", "error"),
    [
        (drip_heads, SourceSlow),
        (lambda one: one.sendall(b"\x00\x01nonsense\r\n\r\n"), SourceBroken),
        (lambda one: one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + TILE[:100]), SourceBroken),
        (lambda one: None, SourceBroken),
    ],
    ids=["heads without end", "nonsense", "cut off", "hung up"],
)
def test_hosts_that_break_the_protocol(send: Callable[[socket.socket], None], error: type[Exception]) -> None:
    began = time.monotonic()
    with raw_host(send) as url, pytest.raises(error):
        Relay(url, seconds=QUICK).picture(f"{url}/1")
    assert time.monotonic() - began < 3


def test_a_host_that_was_slow_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "REST_SECONDS", 0.5)
    with hosting(lambda _: (200, {}, sleeping)) as host:
        relay = Relay(host.url, seconds=0.2)
        for _ in range(5):
            with pytest.raises(SourceSlow):
                relay.picture(f"{host.url}/1")
        assert len(host.asked) == 1, "the others were answered at once"
        time.sleep(0.6)
        with pytest.raises(SourceSlow):
            relay.picture(f"{host.url}/1")
        assert len(host.asked) == 2


def test_nobody_at_home_and_no_other_host() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    relay = Relay(f"http://127.0.0.1:{port}", seconds=1)
    with pytest.raises(SourceBroken, match="cannot be read"):
        relay.picture(f"http://127.0.0.1:{port}/1")
    with pytest.raises(SourceBroken, match="another host"):
        relay.picture("http://127.0.0.1:1/1")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/b", "http://", "http:///x", "http://u:p@a/b", "http://a:0/b", "http://a:99999/b",
     "http://a b/c", "http://a/\nb", "//a/b", "http://[::1/b"],
)  # fmt: skip
def test_urls_that_no_base_map_has(url: str) -> None:
    with pytest.raises(BadValue, match=r"https?://"):
        host_of(url)


def test_a_plain_host_may_send_on_to_itself_by_tls_only_on_its_usual_port() -> None:
    assert host_of("http://a.example/").secured() == host_of("https://a.example/")
    assert host_of("http://a.example:81/").secured() == host_of("http://a.example:81/")
    assert moved_to("http://10.0.0.1:81/a/b?c=d#e", "https://a.example/x") == "https://a.example/a/b?c=d"


def test_tiles_by_a_url_lie_where_they_belong() -> None:
    def answer(path: str) -> Answer:
        z, x, y = (int(one) for one in path.split("?", maxsplit=1)[0].removesuffix(".png").split("/")[1:])
        return png(world.png(world.mercator_tile(z, x, y)))

    with hosting(answer) as host:
        tiles = BaseMapTiles(
            BaseMap("a", "xyz", f"{host.url}/{{z}}/{{x}}/{{y}}.png?key=1", "3857"), None, is_bounded=True
        )
        assert world.distance_of_cross(lambda *at: tiles.tile(*at)[0], 16) < 0.5
        assert all(path.endswith("?key=1") for path in host.asked)


@pytest.mark.parametrize("first", [0, 1])
def test_a_url_in_degrees_is_asked_once_how_it_counts_its_levels(first: int) -> None:
    def answer(path: str) -> Answer:
        z, x, y = (int(one) for one in path.split("/")[1:])
        rows = 1 << (z - first)
        return png(world.png(world.degree_tile(rows, x, y))) if x < 2 * rows and y < rows else ABSENT

    with hosting(answer) as host:
        tiles = BaseMapTiles(BaseMap("a", "xyz", f"{host.url}/{{z}}/{{x}}/{{y}}", "4490"), Path(), is_bounded=True)
        assert world.distance_of_cross(lambda *at: tiles.tile(*at)[0], 15) < 1.0


def test_a_host_with_no_tile_at_all(tmp_path: Path) -> None:
    with hosting(lambda _: ABSENT) as host:
        tiles = BaseMapTiles(BaseMap("a", "xyz", f"{host.url}/{{z}}/{{x}}/{{y}}", "4490"), tmp_path, is_bounded=True)
        with pytest.raises(NotFound):
            tiles.tile(10, 800, 400)
