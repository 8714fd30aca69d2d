"""Send a served process what no honest client sends: it answers, in bounds, or closes, and is well afterwards."""

from __future__ import annotations

import gzip
import time

import pytest

from tests.hostile.conftest import Served

JSON, CSV = "Content-Type: application/json", "Content-Type: text/csv"
#: What a parser of HTTP refuses before there is a request to answer: a problem, and the connection is closed.
GARBAGE = 400


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 99999999999"],
        ["Content-Length: 20000001"],
        ["Content-Encoding: gzip", "Content-Length: 30"],
        ["Content-Encoding: br"],
        ["Transfer-Encoding: gzip, chunked"],
    ],
)
def test_a_body_that_is_announced_too_large_or_packed_is_refused_unread(well: Served, lines: list[str]) -> None:
    answer = well.request("POST", "/locate", JSON, *lines)
    assert (answer.status, answer.problem["status"]) in {(413, 413), (415, 415), (400, 400), (408, 408)}


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: -1"],
        ["Content-Length: +2"],
        ["Content-Length: 0x10"],
        [f"Content-Length: {'9' * 5_000}"],
        ["Content-Length: \xb2"],
        ["Content-Length: 2", "Content-Length: 3"],
        ["Content-Length: 2", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding : chunked"],
        ["X-A: a\0b"],
        ["X-A: a", " folded"],
        ["Bad Name: a"],
        [": nothing"],
    ],
)
def test_no_request_can_be_read_in_two_ways(well: Served, lines: list[str]) -> None:
    """Two lengths are how one request is smuggled within another past a proxy: the connection ends."""
    smuggled = b"0\r\n\r\nGET /runs HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = well.request("POST", "/locate", JSON, *lines, body=smuggled)
    assert (answer.status, answer.problem["code"]) == (GARBAGE, "bad-request"), answer
    assert answer.rest == b"", "what followed is not answered"


@pytest.mark.parametrize(
    "piece", [b"zz\r\n\r\n", b"-1\r\n\r\n", b"F" * 20 + b"\r\nxx", b"1\r\nabc\r\n0\r\n\r\n", b"0x1\r\na\r\n0\r\n\r\n"]
)
def test_broken_chunks_end_the_connection(well: Served, piece: bytes) -> None:
    assert well.request("POST", "/locate", JSON, "Transfer-Encoding: chunked", body=piece).status == GARBAGE


def test_a_body_without_a_length_is_counted_as_it_comes(well: Served) -> None:
    body = (b"100000\r\n" + b" " * (1 << 20) + b"\r\n") * 25 + b"0\r\n\r\n"
    answer = well.request("POST", "/locate", JSON, "Transfer-Encoding: chunked", body=body)
    assert (answer.status, answer.problem["code"]) == (413, "body-too-large")


def test_a_packed_body_is_not_unpacked(well: Served) -> None:
    packed = gzip.compress(b"[" + b" " * 15_000_000 + b"]")
    answer = well.request("POST", "/locate", JSON, "Content-Encoding: gzip", body=packed)
    assert (answer.status, answer.problem["code"]) == (415, "unsupported-media")


@pytest.mark.parametrize(
    "head",
    [
        b"GET /health HTTP/1.1\r\nX: " + b"a" * 2_000_000,
        b"GET /" + b"a" * 2_000_000,
        b"GET /health HTTP/1.1\r\n" + b"X-A: 1\r\n" * 20_000,
        b"GET /health HTTP/1.1\r\n" + b"a" * 2_000_000,
    ],
    ids=["value", "path", "lines", "name"],
)
def test_a_head_without_an_end_is_cut_short(well: Served, head: bytes) -> None:
    assert well.raw(head).status in {0, GARBAGE}, "refused, or closed while more was sent"


@pytest.mark.parametrize(
    "raw",
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        bytes.fromhex("16030100ff010000fb0303") + bytes(240),
        b"get /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"X" * 5_000 + b" /health HTTP/1.1\r\n\r\n",
        b"G ET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /h\xc3\xa9alth HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\0" * 4_000,
        b"GET /health HTTP/1.1\nHost: localhost\n\n",
    ],
)
def test_what_is_no_request_ends_the_connection(well: Served, raw: bytes) -> None:
    assert well.raw(raw).status == GARBAGE


def test_pipelined_requests_are_answered_one_after_another(well: Served) -> None:
    one = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{well.port}\r\n".encode()
    answer = well.raw((one + b"\r\n") * 199 + one + b"Connection: close\r\n\r\n")
    assert answer.status == 200
    with well.connect() as sock:
        sock.sendall((one + b"\r\n") * 199 + one + b"Connection: close\r\n\r\n")
        data = b""
        while more := sock.recv(65_536):
            data += more
    assert data.count(b'{"status":"ok"') == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1:x", "127.0.0.1@evil.example", "[::1", "127.0.0.1, evil.example", " ", "127.0.0.1.",
     "127.0.0.1:99999999999999", "127.0.0.1:\xb2", "127.0.0.1:8000:8000", "a" * 60_000],
)  # fmt: skip
def test_another_host_is_refused(well: Served, host: str) -> None:
    answer = well.request("GET", "/health", host=host)
    assert (answer.status, answer.problem["code"]) == (403, "foreign-host")


def test_no_host_and_two_hosts_are_refused(well: Served) -> None:
    assert well.raw(b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n").status == 403
    assert well.get("/health", f"Host: 127.0.0.1:{well.port}").status == 403
    assert well.get("/health", "Host: evil.example").status == 403


def test_headers_of_a_proxy_nobody_named_change_nothing(well: Served) -> None:
    lines = [
        "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https", "X-Forwarded-Prefix: /evil",
        "X-Forwarded-For: 10.0.0.1", "Forwarded: host=evil.example", "X-Original-URL: /metrics",
        "X-Rewrite-URL: /metrics", "X-HTTP-Method-Override: DELETE",
    ]  # fmt: skip
    for line in lines:
        answer = well.get("/ogc/collections/grids", line)
        # Behind a proxy there is no embedded mode: a request through an unknown proxy has to sign in.
        assert answer.status in {200, 401}
        assert b"evil" not in answer.body
    assert well.get("/ogc/collections/grids", *lines).problem["code"] == "not-signed-in"


def test_who_says_of_himself_who_he_is_gains_nothing(well: Served) -> None:
    plain = well.get("/ogc/collections/grids")
    said = well.get("/ogc/collections/grids", "X-Gridsight-User: root", "X-Gridsight-Role: viewer")
    assert (said.status, said.body) == (200, plain.body)


def test_an_absolute_target_names_no_other_host(well: Served) -> None:
    answer = well.get("http://evil.example/ogc/collections/grids")
    assert b"evil" not in answer.body
    assert answer.status in {200, 403}


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_other_methods_are_refused(well: Served, method: str) -> None:
    answer = well.request(method, "/locate?address=x", "X-Secret: nothing-is-echoed")
    assert answer.status in {405, GARBAGE}
    assert b"nothing-is-echoed" not in answer.body


def test_head_has_no_body(well: Served) -> None:
    answer = well.request("HEAD", "/ogc/collections/grids/items")
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("upgrade", ["websocket", "h2c"])
def test_no_connection_becomes_another_protocol(well: Served, upgrade: str) -> None:
    lines = [f"Upgrade: {upgrade}", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
    answer = well.get("/health", *lines, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    assert answer.status in {200, GARBAGE}


@pytest.mark.parametrize(
    "line",
    [
        "Accept: " + ",".join(["text/odd;q=0.1"] * 3_000),
        "Accept: " + ";" * 50_000,
        "Accept-Language: " + ",".join(["aa-bb;q=0.1"] * 4_000),
        "Accept-Language: " + "a-" * 25_000,
        "Accept-Language: en;q=" + "9" * 50_000,
        "Cookie: " + "; ".join(["a=b"] * 10_000),
        "Authorization: Basic " + "A" * 60_000,
        "Authorization: Bearer " + "." * 60_000,
        "X-API-Key: " + "gs_" * 20_000,
        "If-None-Match: " + '"a",' * 12_000,
        "If-Modified-Since: Mon, 99 Foo 99999 00:00:00 GMT",
        "traceparent: " + "0" * 50_000,
        "X-Request-ID: " + "a" * 50_000,
    ],
)
def test_a_long_or_odd_header_costs_no_time(well: Served, line: str) -> None:
    began = time.process_time()
    for path in ("/runs", "/static/vendor/leaflet/leaflet.js"):
        answer = well.get(path, line)
        assert answer.status in {200, 400, 401}
    assert time.process_time() - began < 5
    assert all(len(value) < 2_000 for value in answer.headers.values()), "nothing long comes back"


@pytest.mark.parametrize(
    "wanted", ["bytes=" + ",".join(["0-"] * 5_000), "bytes=" + "9" * 5_000 + "-", "bytes=5-2", "bytes=--", "lines=1-2"]
)
def test_odd_ranges_are_no_burden(well: Served, wanted: str) -> None:
    answer = well.get("/static/vendor/leaflet/leaflet.js", f"Range: {wanted}")
    assert answer.status in {200, 206, 400, 416}
    assert len(answer.body) < 300_000, "no part is sent twice"


@pytest.mark.parametrize(
    "path",
    [
        "/%", "/%zz", "/..%2f..%2fetc/passwd", "/static/..%2f..%2f..%2fetc%2fpasswd", "/static/../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/pyproject.toml", "/static/..%5c..%5cpyproject.toml", "/static//etc/passwd",
        "/static/%00", "/static/vendor", "/static/vendor/", "/static/" + "a/" * 10_000, "/static/" + "a" * 10_000,
        "/%00", "/%c0%af", "/%ed%a0%80", "//evil.example/health", "*", "/runs/%00", "/runs/" + "a" * 20_000,
        "/runs/latest/zones/%00", "/runs/..%2f..", "/problems/%00", "/problems/..%2f", "/ogc/collections/%ff/items",
        "/ogc/collections/grids/items/%00", "/ogc/collections/grids/items/%ed%a0%80",
        "/ogc/collections/grids/items/a%2fb", "/ogc/collections/grids/items/../../..",
        "/ogc/collections/grids/items/" + "a" * 20_000, "/ogc/jobs/%00",
        "/ogc/jobs/..%2f..", "/ogc/processes/%00", "/ogc/collections/sqlite_master/items",
        "/ogc/collections/grids_history/items", "/ogc/collections/api_keys",
        "/health/", "/HEALTH", "/health%0d%0aX-A:%20b", "/%0d%0aSet-Cookie:%20a=b",
    ],
)  # fmt: skip
def test_odd_paths_lead_nowhere(well: Served, path: str) -> None:
    answer = well.get(path)
    assert (answer.status, answer.problem["status"]) == (404, 404)
    assert b"root:" not in answer.body
    assert "set-cookie" not in answer.headers
    assert "x-a" not in answer.headers


def test_a_slow_body_and_a_slow_head_are_given_up(well: Served) -> None:
    """A client that sends no more holds its connection, not a thread: others are answered meanwhile."""
    held = [well.connect() for _ in range(60)]
    try:
        for place, sock in enumerate(held):
            head = f"POST /locate HTTP/1.1\r\nHost: 127.0.0.1:{well.port}\r\n{JSON}\r\n"
            sock.sendall((head + ("Content-Length: 1000\r\n\r\n[" if place % 2 else "")).encode())
        began = time.monotonic()
        assert well.get("/locate?address=x").status == 200
        assert time.monotonic() - began < 5
        for sock in held:
            sock.settimeout(30)
            first = sock.recv(65_536)
            assert first == b"" or first.startswith(b"HTTP/1.1 408 "), first
    finally:
        for sock in held:
            sock.close()
