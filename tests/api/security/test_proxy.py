"""Come through a proxy that may be believed, and through one that may not."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.datastructures import Headers

from api import problems
from api.security.proxy import TrustedProxies
from geo.errors import BadValue
from geo.storage.records import Caller
from tests.api.security.embedded import LOCATE, serving

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
        with serving(workspace, peer=peer, proxy_addresses=addresses) as (client, _):
            assert client.get(LOCATE, headers=SAID).status_code == status
            assert client.get("/metrics", headers=SAID).status_code == (403 if status == 200 else 401)


def test_a_cookie_is_secure_where_the_browser_speaks_https(workspace: Path) -> None:
    with serving(workspace, peer=PROXY, proxy_addresses=PROXY) as (client, keys):
        data = {"key": keys.create("a", "viewer", by="t")[0]}
        headers = {"X-Forwarded-Proto": "https"}
        told = client.post("/login", data=data, headers=headers, follow_redirects=False)
        plain = client.post("/login", data=data, follow_redirects=False)
    assert "Secure" in told.headers["set-cookie"]
    assert "Secure" not in plain.headers["set-cookie"]
