"""Know people by their ids: two keys, or a key and a person, of one name are two, in both stores."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient

from api.jobs.queue_limits import require_room
from api.problems import TooMany
from api.security.issuer import Issuer
from api.security.rate_limits import RateLimits
from api.security.tokens import Tokens
from geo.storage.geopackage.store import open_store
from geo.storage.postgis import maintenance
from geo.storage.records import LOCAL, Caller, Job
from tests.api.conftest import T1, T2, frames
from tests.api.security.issuing import CLIENT, claims, issuing
from tests.api.server_fixtures import BASE, HEADERS, Door, door
from tests.postgres import fresh_database

SAME = "王工"
ASYNC = {"Prefer": "respond-async"}
KINDS = ["embedded", pytest.param("county_server", marks=pytest.mark.server)]


@pytest.fixture(scope="module", params=KINDS)
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(request, frames(), tmp_path_factory.mktemp("principals")) as opened:
        yield opened


def client_of(at: Door, name: str, township: str) -> tuple[TestClient, str]:
    townships = (township,) if at.kind == "county_server" else None
    text, key = at.app.state.keys.create(name, "planner", townships=townships, by="test")
    return TestClient(at.app, base_url=BASE, headers={**HEADERS, "X-API-Key": text}), key.id


def test_two_keys_of_one_name_do_not_meet_each_others_jobs(at: Door) -> None:
    (first, first_id), (second, _) = client_of(at, SAME, T1), client_of(at, SAME, T2)
    made = first.post("/ogc/processes/analyze/execution", json={"inputs": {}}, headers=ASYNC)
    assert made.status_code == 201, made.text
    job = made.json()["jobID"]
    assert [one["jobID"] for one in first.get("/ogc/jobs").json()["jobs"]] == [job]
    assert second.get("/ogc/jobs").json()["jobs"] == []
    absent = "00000000-0000-7000-8000-000000000000"
    for method, tail in (("GET", ""), ("GET", "/results"), ("DELETE", "")):
        theirs = second.request(method, f"/ogc/jobs/{job}{tail}")
        none = second.request(method, f"/ogc/jobs/{absent}{tail}")
        assert theirs.status_code == none.status_code == 404
        assert theirs.text.replace(job, absent) == none.text
    assert first.get(f"/ogc/jobs/{job}").json()["status"] != "dismissed"
    stored = at.app.state.store.acting(LOCAL).job(job)
    assert (stored.owner, stored.owner_id) == (SAME, first_id)
    assert at.client("admin").get(f"/ogc/jobs/{job}").status_code == 200
    assert first.delete(f"/ogc/jobs/{job}").json()["status"] == "dismissed"


def test_history_names_the_id_behind_the_label(at: Door) -> None:
    (first, first_id), (second, second_id) = client_of(at, SAME, T1), client_of(at, SAME, T1)
    items = "/ogc/collections/cameras/items"
    body = {
        "type": "Feature", "properties": {"name": "a"},
        "geometry": {"type": "Point", "coordinates": [102.001, 37.001]},
    }  # fmt: skip
    made = first.post(items, json=body)
    where = made.headers["location"]
    changed = second.put(where, json={**body, "properties": {"name": "b"}}, headers={"If-Match": made.headers["etag"]})
    assert first.delete(where, headers={"If-Match": changed.headers["etag"]}).status_code == 204
    past = at.app.state.store.acting(LOCAL).versions("cameras").history
    told = past[past["id"] == where.rpartition("/")[2]]
    assert told["changed_by"].tolist() == [f"{SAME} ({second_id})", f"{SAME} ({first_id})"]


class _Undone(Exception):
    """Ends a transaction of which nothing is to stay."""


def test_limits_count_by_id(at: Door) -> None:
    first, second = (at.app.state.store.acting(Caller(SAME, "planner", (), key=key)) for key in ("k1", "k2"))
    with contextlib.suppress(_Undone), first.transaction():
        for n in range(at.app.state.settings.jobs_per_caller):
            first.save_job(Job(str(n), "analyze", "accepted", {}, SAME, "planner", "t", owner_id="k1"))
        with pytest.raises(TooMany):
            require_room(first, at.app.state.settings)
        raise _Undone
    require_room(second, at.app.state.settings)


def test_one_name_is_not_one_budget() -> None:
    limits = RateLimits(1)
    callers = [Caller(SAME, "viewer", None, key=key) for key in ("a", "b", "proxy")]

    async def asked() -> None:
        for one in (*callers, Caller("other", "viewer", None, key="proxy")):
            assert "r=0" in (await limits.count_request(one))["RateLimit"]

    asyncio.run(asked())


def test_a_person_is_issuer_and_subject_and_no_key_of_that_name() -> None:
    with issuing() as issuer:
        tokens = Tokens(issuer.url, CLIENT, Issuer(issuer.url))

        def caller(**changed: object) -> Caller:
            return tokens.caller(issuer.signer.token(claims(issuer.url, **changed)), request="", address="")

        person = caller(preferred_username="k2j3h4g5f6d7", sub="u-1")
        assert person.id == f"person:{issuer.url}#u-1"
        assert person.id != Caller("李规划", "planner", (), key="k2j3h4g5f6d7").id
        # Nobody's subject is cut, which could make two people one.
        long = "s" * 254
        assert caller(sub=f"{long}a").id != caller(sub=f"{long}b").id


def test_what_is_known_by_what() -> None:
    assert Caller("wang", "viewer", None, key="proxy").id == "proxy:wang"
    assert Caller("proxy:wang", "viewer", None, key="a1b2c3d4e5f6").id == "a1b2c3d4e5f6"
    assert (LOCAL.id, LOCAL.signature) == ("local", "local")
    assert Caller("local", "planner", None, key="a1b2c3d4e5f6").signature == "local (a1b2c3d4e5f6)"


def test_a_signature_is_of_the_id_at_its_end_whatever_the_label() -> None:
    anna, bert = Caller("anna", "planner", (), key="k1"), Caller("anna (k1)", "planner", (), key="k2")
    proxied = Caller("x (k1", "planner", (), key="proxy")
    assert [_signed_by(one.signature) for one in (anna, bert, proxied)] == [anna.id, bert.id, proxied.id]
    assert _signed_by(Caller("married", "planner", (), key="k1").signature) == anna.id, "a label may change"
    assert [_signed_by(text) for text in (LOCAL.signature, "anna")] == ["", ""], "a row of before ids had names only"


def _signed_by(signature: str) -> str:
    """Return the id in the last parentheses of a signature, as its reader sees it; empty where it has none."""
    return signature.removesuffix(")").rpartition(" (")[2] if signature.endswith(")") else ""


def test_a_job_of_an_earlier_workspace_stays_the_one_it_was(tmp_path: Path) -> None:
    path = tmp_path / "workspace.gpkg"
    with contextlib.closing(open_store(path)) as store:
        store.save_job(Job("0199-1", "analyze", "failed", {}, "anna", "planner", "t"))
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.execute("ALTER TABLE gridsight_jobs DROP COLUMN owner_id")  # as the version before made it
        conn.commit()
    with contextlib.closing(open_store(path)) as store:
        old = store.job("0199-1")
        assert (old.owner, old.owner_id) == ("anna", "anna")
        namesake = store.acting(Caller("anna", "planner", None, key="k1"))
        assert namesake.jobs() == []
        namesake.save_job(Job("0199-2", "analyze", "failed", {}, "anna", "planner", "t", owner_id="k1"))
        assert [one.id for one in namesake.jobs()] == ["0199-2"]
        assert [one.id for one in store.jobs()] == ["0199-2", "0199-1"]


def test_a_job_of_an_earlier_database_gets_the_id_that_the_audit_knows(server: str) -> None:
    with fresh_database(server) as url:
        maintenance.upgrade(url, to="0004")
        with psycopg.connect(url) as conn:
            conn.execute(
                "INSERT INTO gridsight.jobs (id, process, status, inputs, owner, role, created) "
                "SELECT 'j' || n, 'analyze', 'successful', '{}', '王工', 'planner', 't' FROM generate_series(1, 4) n"
            )
            conn.execute(
                "INSERT INTO gridsight.audit (who, key, action, run) VALUES "
                "('王工', 'k1', 'analyze', 'j1'), ('王工', 'k2', 'analyze', 'j2'), ('王工', 'proxy', 'analyze', 'j3')"
            )
        maintenance.upgrade(url)
        with psycopg.connect(url) as conn:
            found = dict(conn.execute("SELECT id, owner_id FROM gridsight.jobs").fetchall())
        assert found == {"j1": "k1", "j2": "k2", "j3": "proxy:王工", "j4": "王工"}
