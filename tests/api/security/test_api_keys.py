"""Make, show, revoke and expire keys; sign in with every way of sending one."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api import problems
from api.main import create_app
from api.security.api_keys import ApiKey, ApiKeys, hash_of
from api.security.file_keys import FileKeyStore, NoKeyStore
from api.security.sessions import COOKIE, Sessions
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
        ("a", "planner", ["990101101"]),  # a desk has no townships to narrow to
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


# Over HTTP.


class Desk:
    """A served desk with its keys at hand."""

    def __init__(self, client: TestClient, workspace: Path) -> None:
        self.client = client
        self.keys = ApiKeys(FileKeyStore.for_workspace(workspace))

    def key(self, role: str) -> str:
        return self.keys.create(role, role, by="test")[0]

    def status(self, path: str, **headers: str) -> int:
        return self.client.get(path, headers=headers).status_code


@pytest.fixture
def desk(workspace: Path) -> Iterator[Desk]:
    app = create_app(Settings(workspace=workspace))
    with TestClient(app, base_url=BASE, headers={"Accept-Language": "en"}, follow_redirects=False) as client:
        yield Desk(client, workspace)


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


LOCATE = "/locate?address=a"


def test_a_desk_is_open_until_its_first_key_and_never_again(desk: Desk) -> None:
    assert desk.status(LOCATE) == 200
    assert desk.status("/metrics") == 200
    text, key = desk.keys.create("first", "viewer", by="test")
    answer = desk.client.get(LOCATE)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert answer.headers["www-authenticate"] == 'Bearer realm="gridsight"'
    assert desk.status(LOCATE, **{"X-API-Key": text}) == 200
    desk.keys.revoke(key.id, by="test")
    assert desk.status(LOCATE, **{"X-API-Key": text}) == 401
    assert desk.status(LOCATE) == 401


def test_every_way_of_sending_a_key(desk: Desk) -> None:
    text = desk.key("viewer")
    for name, value in [
        ("X-API-Key", text), ("x-api-key", f" {text} "), ("Authorization", f"Bearer {text}"),
        ("Authorization", f"bearer {text}"), ("Authorization", basic("anybody", text)),
        ("Authorization", basic("", text)),
    ]:  # fmt: skip
        assert desk.status(LOCATE, **{name: value}) == 200, (name, value)


def test_a_bad_key_is_refused_even_where_none_is_needed(desk: Desk) -> None:
    desk.key("viewer")
    wrong = f"gs_{'a' * 12}_{'A' * 43}"
    for path in ("/", "/health", "/problems", "/login", "/static/app/source.js", "/runs"):
        assert desk.status(path, **{"X-API-Key": wrong}) == 401, path
    for value in ("", "Bearer", "Bearer ", "Digest x", "Basic !!", basic("a", wrong), f"Basic {wrong}", "Bearer a.b.c"):
        assert desk.status("/health", Authorization=value) == 401, value
    assert desk.status("/health", **{"X-API-Key": ""}) == 401


def test_two_credentials_at_once_are_refused(desk: Desk) -> None:
    text = desk.key("viewer")
    assert desk.status("/health", Authorization=f"Bearer {text}", **{"X-API-Key": text}) == 401
    both = [("X-API-Key", text), ("X-API-Key", text), ("Host", "127.0.0.1")]
    assert desk.client.get("/health", headers=both).status_code == 401


def test_a_request_that_was_passed_on_is_not_from_this_desk(desk: Desk) -> None:
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert desk.status(LOCATE, **{name: "127.0.0.1"}) == 401, name


@pytest.mark.parametrize(
    ("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 401)]
)
def test_a_desk_without_keys_is_open_to_this_machine_only(workspace: Path, peer: str, status: int) -> None:
    app = create_app(Settings(workspace=workspace))
    with TestClient(app, base_url=BASE, client=(peer, 50_000)) as client:
        assert client.get(LOCATE).status_code == status


def test_answers_are_private_and_vary_by_credential(desk: Desk) -> None:
    headers = {"X-API-Key": desk.key("viewer")}
    answer = desk.client.get(LOCATE, headers=headers)
    assert "private" in answer.headers["cache-control"]
    assert {"Authorization", "X-API-Key", "Cookie"} <= {one.strip() for one in answer.headers["vary"].split(",")}
    assert len(answer.headers["x-request-id"]) >= 16


def test_signing_in_and_out_without_scripts(desk: Desk) -> None:
    text, key = desk.keys.create("王 <b>", "viewer", by="test")
    page = desk.client.get("/login")
    assert 'name="key"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "<script" not in page.text

    wrong = desk.client.post("/login", data={"key": text[:-1]})
    assert (wrong.status_code, "set-cookie" in wrong.headers, text[:-1] in wrong.text) == (401, False, False)

    done = desk.client.post("/login", data={"key": text})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    cookie = done.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie
    assert text[16:] not in cookie
    assert desk.status(LOCATE) == 200  # by the cookie
    named = desk.client.get("/login").text
    assert "王 &lt;b&gt;" in named
    assert 'action="/logout"' in named

    desk.keys.revoke(key.id, by="test")
    ended = desk.client.get(LOCATE)
    assert (ended.status_code, f"{COOKIE}=;" in ended.headers["set-cookie"]) == (401, True)
    assert COOKIE not in desk.client.cookies


def test_signing_out(desk: Desk) -> None:
    desk.client.post("/login", data={"key": desk.key("viewer")})
    assert desk.status("/logout") == 303
    assert desk.status(LOCATE) == 200  # a link signs nobody out
    assert desk.client.post("/logout").headers["location"] == "/login"
    assert desk.status(LOCATE) == 401


def test_a_session_that_has_ended_leaves_the_way_to_sign_in_open(desk: Desk) -> None:
    desk.key("viewer")
    stale = Sessions(b"another secret of thirty-two bytes").seal({"key": "a" * 12}, kind=COOKIE)
    for path in ("/", "/login", "/health", "/static/app/source.js", "/problems"):
        answer = desk.client.get(path, headers={"Cookie": f"{COOKIE}={stale}"})
        assert (answer.status_code, f"{COOKIE}=;" in answer.headers["set-cookie"]) == (200, True), path
    assert desk.status(LOCATE, Cookie=f"{COOKIE}={stale}") == 401


def test_a_login_from_another_sites_page_is_refused(desk: Desk) -> None:
    answer = desk.client.post("/login", data={"key": desk.key("viewer")}, headers={"Origin": "http://evil.example"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert desk.client.post("/login", json={"key": "x"}).status_code == 415


def test_a_sealed_text_is_for_one_use_and_one_time() -> None:
    now = [1000.0]
    sessions = Sessions(b"x" * 32, hours=1, clock=lambda: now[0])
    text = sessions.seal({"key": "k"}, kind="a")
    assert sessions.open(text, kind="a") == {"key": "k"}
    body, mac = text.split(".")
    forged = base64.urlsafe_b64encode(b'{"key":"q","until":9999999999}').decode().rstrip("=")
    bad = [
        (text, "b"),
        (f"{forged}.{mac}", "a"),
        (f"{body}.", "a"),
        (body, "a"),
        ("", "a"),
        ("é.é", "a"),
        (f"{text}A", "a"),
    ]
    for other, kind in bad:
        with pytest.raises(problems.NotSignedIn):
            sessions.open(other, kind=kind)
    with pytest.raises(problems.NotSignedIn):
        Sessions(b"y" * 32).open(text, kind="a")
    now[0] += 3600
    with pytest.raises(problems.NotSignedIn):
        sessions.open(text, kind="a")


def test_a_session_secret_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"short")
    for one in (path, tmp_path / "none"):
        with pytest.raises(BadValue):
            Sessions.from_file(one, hours=1)
    path.write_bytes(b"s" * 32 + b"\n")
    text = Sessions.from_file(path, hours=1).seal({"key": "k"}, kind="a")
    assert Sessions.from_file(path, hours=1).open(text, kind="a") == {"key": "k"}  # another process of the office
