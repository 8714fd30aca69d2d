"""Ask too often, fail too often: each key and each address has its own limit."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.security.file_keys import FileKeyStore
from api.security.rate_limits import FAILURES_PER_MINUTE, RateLimited, RateLimits, network_of
from geo.storage.records import LOCAL, Caller
from tests.api.security.embedded import LOCATE, serving


def test_each_key_and_each_address_has_its_own_minute(workspace: Path) -> None:
    with serving(workspace, rate_per_minute=3) as (client, keys):
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


def test_this_machine_has_no_limit_in_embedded_mode(workspace: Path) -> None:
    with serving(workspace, peer="127.0.0.1", rate_per_minute=1) as (client, _):
        assert [client.get(LOCATE).status_code for _ in range(3)] == [200] * 3


def test_whoever_guesses_keys_has_to_wait_and_nobody_else(workspace: Path) -> None:
    with serving(workspace) as (client, keys):
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


def test_a_flood_of_bad_keys_stops_no_good_one_not_even_a_new_one(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FileKeyStore, "is_local", False)  # as in server mode, where a key is first looked up
    with serving(workspace) as (client, keys):
        good = [keys.create(name, "viewer", by="t")[0] for name in "abc"]
        ids = [f"{number:a>12}" for number in range(300)]
        seen = []
        for number, name in enumerate(ids):
            wrong = {"X-API-Key": f"gs_{name}_{'A' * 43}"}
            seen.append(client.get(LOCATE, headers=wrong).status_code)
            if number % 100 == 99:  # never shown before: nothing of it is cached
                assert client.get(LOCATE, headers={"X-API-Key": good[number // 100]}).status_code == 200
        assert set(seen) == {401, 429}
        assert seen.count(401) == FAILURES_PER_MINUTE
        assert client.post("/login", data={"key": good[0]}, follow_redirects=False).status_code == 303


def test_failures_count_for_the_key_too_wherever_they_come_from(workspace: Path) -> None:
    proxied = {"peer": "10.0.0.1", "forwarded_from": "10.0.0.1"}
    with serving(workspace, **proxied) as (client, keys):
        text, key = keys.create("a", "viewer", by="t")
        wrong = f"gs_{key.id}_{'A' * 43}"
        seen = [
            client.get(LOCATE, headers={"X-API-Key": wrong, "X-Forwarded-For": f"10.1.0.{number}"}).status_code
            for number in range(FAILURES_PER_MINUTE + 2)
        ]
        assert seen == [401] * FAILURES_PER_MINUTE + [429] * 2
        assert client.get(LOCATE, headers={"X-API-Key": text, "X-Forwarded-For": "10.1.0.1"}).status_code == 200
        # An address that has shown no bad key of its own may show one of another id.
        other = {"X-API-Key": f"gs_{'b' * 12}_{'A' * 43}", "X-Forwarded-For": "10.1.0.200"}
        assert client.get(LOCATE, headers=other).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Digest x"}, {"Authorization": "Bearer a.b.c"}, {"X-Gridsight-User": "root"},
        {"Cookie": "gridsight_session=e30.AAAA"},
    ],
)  # fmt: skip
def test_every_bad_credential_counts(workspace: Path, headers: dict[str, str]) -> None:
    with serving(workspace, identity_from="10.9.9.9") as (client, keys):
        good = {"X-API-Key": keys.create("a", "viewer", by="t")[0]}
        seen = [client.get(LOCATE, headers=headers).status_code for _ in range(FAILURES_PER_MINUTE + 1)]
        assert seen == [401] * FAILURES_PER_MINUTE + [429]
        assert client.get(LOCATE, headers=good).status_code == 200
