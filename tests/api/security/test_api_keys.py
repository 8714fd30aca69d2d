"""Make, show, revoke and expire keys."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import problems
from api.main import create_app
from api.security.api_keys import ApiKey, ApiKeys, hash_of
from api.security.file_keys import FileKeyStore, NoKeyStore
from api.settings import Settings
from geo.errors import BadValue, NotFound, StoreBroken

BASE = "http://127.0.0.1:8000"


class Clock:
    """Tell a time that the test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def pass_by(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> ApiKeys:
    return ApiKeys(FileKeyStore(tmp_path / "w.gpkg.keys"), now=clock.now, clock=clock.monotonic)


def refused(keys: ApiKeys, text: str) -> str:
    with pytest.raises(problems.NotSignedIn) as caught:
        keys.verify(text)
    return str(caught.value)


def test_a_key_is_shown_once_and_kept_as_a_hash(keys: ApiKeys, tmp_path: Path) -> None:
    text, key = keys.create("qgis", "viewer", by="local")
    prefix, key_id, secret = text[:3], text[3:15], text[16:]
    assert (prefix, key_id, text[15], len(secret)) == ("gs_", key.id, "_", 43)
    written = (tmp_path / "w.gpkg.keys").read_text()
    assert secret not in written
    assert json.loads(written)["keys"][0]["hash"] == hash_of(secret).hex()
    assert keys.verify(text) == key
    assert [one.id for one in keys.list()] == [key.id]


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_only_the_owner_reads_the_file(keys: ApiKeys, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _, first = keys.create("a", "viewer", by="local")
        keys.revoke(first.id, by="local")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "w.gpkg.keys").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["w.gpkg.keys"]


def test_whatever_is_wrong_is_told_in_the_same_words(keys: ApiKeys, clock: Clock) -> None:
    text, key = keys.create("a", "viewer", days=1, by="local")
    other, gone = keys.create("b", "viewer", by="local")
    keys.revoke(gone.id, by="local")
    said = {
        refused(keys, ""),
        refused(keys, "gs_"),
        refused(keys, text[:-1]),
        refused(keys, text + "x"),
        refused(keys, text.swapcase()),
        refused(keys, f"gs_{key.id}_{'A' * 43}"),
        refused(keys, f"gs_{'a' * 12}_{text[16:]}"),
        refused(keys, f"gs_{key.id}_{other[16:]}"),
        refused(keys, other),
        refused(keys, f" {text}"),
        refused(keys, f"{text}\n"),
        refused(keys, "\ud800" * 59),
    }
    clock.pass_by(days=1)
    said.add(refused(keys, text))
    assert len(said) == 1


def test_a_key_holds_until_the_moment_it_expires(keys: ApiKeys, clock: Clock) -> None:
    text, key = keys.create("a", "admin", days=2, by="local")
    clock.pass_by(days=2, seconds=-1)
    assert keys.verify(text).expires == key.created + timedelta(days=2)
    clock.pass_by(seconds=1)
    refused(keys, text)
    assert [one.state(clock.now()) for one in keys.list()] == ["expired"]


class Counting(NoKeyStore):
    """Keep keys in memory and count the look-ups, as a database would answer them."""

    is_local = False

    def __init__(self) -> None:
        self.kept: dict[str, ApiKey] = {}
        self.asked = 0

    def add(self, key: ApiKey) -> None:
        self.kept[key.id] = key

    def find(self, key_id: str) -> ApiKey | None:
        self.asked += 1
        return self.kept.get(key_id)

    def revoke(self, key_id: str, when: datetime, by: str) -> ApiKey | None:
        self.kept[key_id] = ApiKey(**{**vars(self.kept[key_id]), "revoked": when})
        return self.kept[key_id]


def test_a_request_costs_no_look_up_and_a_revoked_key_ends_within_seconds(clock: Clock) -> None:
    records = Counting()
    here, there = (ApiKeys(records, now=clock.now, clock=clock.monotonic, cache_seconds=5) for _ in range(2))
    text, key = here.create("a", "viewer", by="x")
    for _ in range(50):
        there.verify(text)
    assert records.asked == 1
    here.revoke(key.id, by="x")
    refused(here, text)  # at once where it was revoked
    clock.pass_by(seconds=4.9)
    assert there.verify(text).id == key.id
    clock.pass_by(seconds=0.1)
    refused(there, text)


def test_unknown_keys_are_remembered_too_but_not_without_end(clock: Clock) -> None:
    records = Counting()
    keys = ApiKeys(records, now=clock.now, clock=clock.monotonic)
    for _ in range(5):
        refused(keys, f"gs_{'a' * 12}_{'A' * 43}")
    assert records.asked == 1
    for number in range(10_050):
        keys.find(f"{number:012d}")
    assert len(keys._cached) == 10_000


@pytest.mark.parametrize(
    ("name", "role", "townships"),
    [
        ("", "viewer", None), ("  ", "viewer", None), ("x" * 101, "viewer", None), ("a\nb", "viewer", None),
        ("a", "worker", None), ("a", "public", None), ("a", "root", None),
        ("a", "viewer", ["990101101"]), ("a", "admin", ["990101101"]),
        ("a", "planner", ["990101101"]),  # embedded mode has no townships to narrow to
    ],
)  # fmt: skip
def test_a_key_that_cannot_be_is_refused(keys: ApiKeys, name: str, role: str, townships: list[str] | None) -> None:
    with pytest.raises(BadValue):
        keys.create(name, role, townships=townships, by="local")
    assert keys.list() == []


def test_a_servers_planner_names_townships(clock: Clock) -> None:
    records = Counting()
    records.scoped = True
    keys = ApiKeys(records, now=clock.now)
    for codes in (None, [], ["99010110"], ["9901011010"], ["99010110a"], ["990101101,990101102"]):
        with pytest.raises(BadValue):
            keys.create("a", "planner", townships=codes, by="x")
    _, key = keys.create("a", "planner", townships=["990101101", "990101102", "990101101"], by="x")
    assert key.townships == ("990101101", "990101102")
    assert keys.create("b", "viewer", by="x")[1].townships is None


def test_a_broken_key_file_opens_nothing(workspace: Path) -> None:
    path = Path(f"{workspace}.keys")
    ApiKeys(FileKeyStore(path)).create("a", "viewer", by="local")
    path.write_text("{", encoding="utf-8")
    with pytest.raises(StoreBroken):
        FileKeyStore(path).required()
    with TestClient(create_app(Settings(workspace=workspace)), base_url=BASE) as client:
        assert client.get("/locate?address=a").json()["code"] == "store-broken"


def test_revoking_what_is_not_there(keys: ApiKeys) -> None:
    with pytest.raises(NotFound):
        keys.revoke("nothing", by="local")
