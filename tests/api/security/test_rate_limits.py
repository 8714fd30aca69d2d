"""Ask too often, fail too often; come through a proxy that may be believed, and one that may not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from api import problems
from api.main import create_app
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.security.proxy import TrustedProxies
from api.security.rate_limits import FAILURES_PER_MINUTE, RateLimited, RateLimits, network_of
from api.settings import Settings
from geo.errors import BadValue
from geo.storage.records import LOCAL, Caller

LOCATE = "/locate?address=a"


@contextmanager
def office(workspace: Path, *, peer: str = "10.0.0.7", **settings: object) -> Iterator[tuple[TestClient, ApiKeys]]:
    keys = ApiKeys(FileKeyStore.for_workspace(workspace))
    app = create_app(Settings(workspace=workspace, **settings))
    with TestClient(app, base_url="http://127.0.0.1:8000", client=(peer, 50_000)) as client:
        yield client, keys


def test_each_key_and_each_address_has_its_own_minute(workspace: Path) -> None:
    with office(workspace, rate_per_minute=3) as (client, keys):
        first, second = ({"X-API-Key": keys.create(name, "viewer", by="t")[0]} for name in "ab")
        left = [client.get(LOCATE, headers=first).headers["ratelimit"] for _ in range(3)]
        assert [int(one.split("r=")[1].split(";")[0]) for one in left] == [2, 1, 0]
        stopped = client.get(LOCATE, headers=first)
        assert (stopped.status_code, stopped.json()["code"]) == (429, "too-many-requests")
        assert 1 <= int(stopped.headers["retry-after"]) <= 120
        assert stopped.headers["ratelimit-policy"] == '"requests";q=3;w=60'
        assert "r=0" in stopped.headers["ratelimit"]
        assert client.get(LOCATE, headers=second).status_code == 200
        assert [client.get("/problems").status_code for _ in range(4)] == [200, 200, 200, 429]
        assert client.get("/health").status_code == 200  # a probe is not counted
        assert client.get("/static/app/source.js").status_code == 200


def test_the_desk_itself_has_no_limit(workspace: Path) -> None:
    with office(workspace, peer="127.0.0.1", rate_per_minute=1) as (client, _):
        assert [client.get(LOCATE).status_code for _ in range(3)] == [200] * 3


def test_whoever_guesses_keys_has_to_wait_and_nobody_else(workspace: Path) -> None:
    with office(workspace) as (client, keys):
        good = {"X-API-Key": keys.create("a", "viewer", by="t")[0]}
        wrong = {"X-API-Key": f"gs_{'a' * 12}_{'A' * 43}"}
        seen = [client.get(LOCATE, headers=wrong).status_code for _ in range(FAILURES_PER_MINUTE + 3)]
        assert seen == [401] * FAILURES_PER_MINUTE + [429] * 3
        assert client.post("/login", data={"key": "x"}).status_code == 429
        assert int(client.get(LOCATE, headers=wrong).headers["retry-after"]) >= 1
        assert client.get(LOCATE, headers=good).status_code == 200  # a key in use at that address goes on


def test_a_window_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    now = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    limits = RateLimits(2)
    caller = Caller("a", "viewer", None, key="k")

    async def scene() -> None:
        await limits.count_request(caller)
        await limits.count_request(caller)
        with pytest.raises(RateLimited) as caught:
            await limits.count_request(caller)
        assert caught.value.seconds <= 60
        now[0] += 121
        await limits.count_request(caller)
        for _ in range(5):
            assert await limits.count_request(LOCAL) == {}

    asyncio.run(scene())


def test_one_subscriber_is_one_address() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::9") != network_of("2001:db8:1:2::9")
    assert network_of("::ffff:10.0.0.7") == network_of("10.0.0.7") == "10.0.0.7"
    assert network_of("") == "-"


# TrustedProxies.

PROXY = "10.0.0.1"
SAID = {"X-Gridsight-User": "wang", "X-Gridsight-Role": "planner", "X-Gridsight-Townships": "990101101, 990101102"}


def who(headers: dict[str, str], *, peer: str = PROXY, addresses: str = "10.0.0.0/30, ::1") -> Caller | None:
    return TrustedProxies(addresses).caller(peer, Headers(headers), request="r", address="a")


def test_a_proxy_names_the_caller() -> None:
    assert who(SAID) == Caller("wang", "planner", ("990101101", "990101102"), key="proxy", request="r", address="a")
    assert who({"X-Gridsight-User": "wang"}) == Caller("wang", "viewer", None, key="proxy", request="r", address="a")
    assert who({**SAID, "X-Gridsight-Townships": ""}).townships == ()  # none, not all
    assert who({**SAID, "X-Gridsight-Role": "admin"}).townships is None
    assert who({}) is None
    assert who(SAID, peer="::ffff:10.0.0.2") is not None


@pytest.mark.parametrize(
    "headers",
    [
        {**SAID, "X-Gridsight-Role": "root"}, {**SAID, "X-Gridsight-Role": "worker"},
        {**SAID, "X-Gridsight-Role": "public"},
        {**SAID, "X-Gridsight-User": ""}, {**SAID, "X-Gridsight-User": "x" * 101}, {**SAID, "X-Gridsight-User": "a\tb"},
        {**SAID, "X-Gridsight-Townships": "99"}, {**SAID, "X-Gridsight-Townships": "990101101;990101102"},
    ],
)  # fmt: skip
def test_what_a_proxy_cannot_say(headers: dict[str, str]) -> None:
    with pytest.raises(problems.NotSignedIn):
        who(headers)


@pytest.mark.parametrize("peer", ["10.0.0.4", "127.0.0.1", "", "testclient", "::2"])
def test_nobody_else_is_believed(peer: str) -> None:
    with pytest.raises(problems.NotSignedIn):
        who(SAID, peer=peer)
    assert who(SAID, peer=peer, addresses="") is None  # off: the headers mean nothing


def test_headers_given_twice_are_refused() -> None:
    raw = [(b"x-gridsight-user", b"wang"), (b"x-gridsight-user", b"root")]
    with pytest.raises(problems.NotSignedIn):
        TrustedProxies(PROXY).caller(PROXY, Headers(raw=raw), request="", address="")


def test_an_address_that_is_none() -> None:
    with pytest.raises(BadValue):
        TrustedProxies("10.0.0.0/33")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (PROXY, "1.2.3.4", "1.2.3.4"), (PROXY, "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"), (PROXY, "", PROXY),
        (PROXY, "1.2.3.4, <script>", PROXY), ("10.0.0.9", "1.2.3.4", "10.0.0.9"), (PROXY, "10.0.0.2", PROXY),
    ],
)  # fmt: skip
def test_whose_address_counts(peer: str, forwarded: str, address: str) -> None:
    headers = Headers({"X-Forwarded-For": forwarded} if forwarded else {})
    assert TrustedProxies("10.0.0.0/30").address(peer, headers) == address


def test_over_http_only_the_listed_proxy_is_believed(workspace: Path) -> None:
    for peer, addresses, status in ((PROXY, PROXY, 200), ("10.0.0.2", PROXY, 401), (PROXY, "", 401)):
        with office(workspace, peer=peer, proxy_addresses=addresses) as (client, _):
            assert client.get(LOCATE, headers=SAID).status_code == status
            assert client.get("/metrics", headers=SAID).status_code == (403 if status == 200 else 401)


def test_a_cookie_is_secure_where_the_browser_speaks_https(workspace: Path) -> None:
    with office(workspace, peer=PROXY, proxy_addresses=PROXY) as (client, keys):
        data = {"key": keys.create("a", "viewer", by="t")[0]}
        headers = {"X-Forwarded-Proto": "https"}
        told = client.post("/login", data=data, headers=headers, follow_redirects=False)
        plain = client.post("/login", data=data, follow_redirects=False)
    assert "Secure" in told.headers["set-cookie"]
    assert "Secure" not in plain.headers["set-cookie"]
