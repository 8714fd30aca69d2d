"""End sessions everywhere, and hold people to the rights that they have now."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.security import live_sessions
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.security.live_sessions import RENEW_SECONDS, RIGHTS_SECONDS
from api.security.session_records import ProcessSessionStore
from api.security.sessions import COOKIE
from api.settings import Settings
from geo.storage.records import LOCAL
from tests.api.conftest import T1
from tests.api.security.embedded import LOCATE
from tests.api.security.issuing import CLIENT, Issuer, issuing
from tests.postgres import fresh_database, service_url

BASE = "http://127.0.0.1:8000"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        yield running


class Clock:
    """Tell the time of sessions, which a test moves on."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def person(issuer: Issuer, workspace: Path, clock: Clock) -> Iterator[TestClient]:
    """Give a browser that can sign in at the issuer, at a service whose sessions live by the clock."""
    ApiKeys(FileKeyStore.for_workspace(workspace)).create("first", "admin", by="test")
    app = create_app(Settings(workspace=workspace, oidc_issuer=issuer.url, oidc_audience=CLIENT))
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        sessions = app.state.authenticator.sessions
        sessions.store, sessions._clock = ProcessSessionStore(clock=clock), clock
        yield client


def sign_in(client: TestClient, issuer: Issuer) -> None:
    code, state = issuer.authorize(client.get("/login/issuer").headers["location"])
    assert client.get("/login/callback", params={"code": code, "state": state}).status_code == 200
    assert client.get(LOCATE).status_code == 200


def role(client: TestClient) -> str | None:
    """Return the role as the sign-in page names it."""
    text = client.get("/login").text
    return next((one for one in ("viewer", "planner", "admin") if f"</strong> ({one})" in text), None)


WAYS = [
    (("refresh_token",), ()),  # a new ID token for a refresh token
    (("refresh_token", "access_token"), ("id_token",)),  # new tokens without an ID token: the issuer's userinfo
    (("access_token",), ()),  # userinfo only
]


@pytest.mark.parametrize(("gives", "keeps_back"), WAYS)
def test_a_role_is_read_again_within_a_minute(
    person: TestClient, issuer: Issuer, clock: Clock, gives: tuple[str, ...], keeps_back: tuple[str, ...]
) -> None:
    issuer.document = {"userinfo_endpoint": f"{issuer.url}/userinfo"}
    issuer.gives, issuer.keeps_back = gives, keeps_back
    sign_in(person, issuer)
    issuer.changed = {"gridsight_role": "viewer"}
    asked = len(issuer.asked)
    clock.now += RENEW_SECONDS - 1
    assert role(person) == "planner"
    assert len(issuer.asked) == asked, "nobody is asked more often than is needed"
    clock.now += RIGHTS_SECONDS - RENEW_SECONDS + 1
    assert role(person) == "viewer"
    issuer.changed = {"gridsight_role": "admin"}
    clock.now += RIGHTS_SECONDS
    assert role(person) == "admin", "and again, with the tokens that the last time gave"
    issuer.changed = {"gridsight_role": None}
    clock.now += RIGHTS_SECONDS
    assert person.get(LOCATE).status_code == 401
    issuer.changed = {}
    assert person.get(LOCATE).status_code == 401, "a session that has ended does not come back"


def test_an_account_that_the_issuer_closes_is_closed_here(person: TestClient, issuer: Issuer, clock: Clock) -> None:
    issuer.gives = ("refresh_token",)
    sign_in(person, issuer)
    issuer.refresh_token = "withdrawn"
    clock.now += RIGHTS_SECONDS
    answer = person.get(LOCATE)
    assert (answer.status_code, f"{COOKIE}=;" in answer.headers["set-cookie"]) == (401, True)


def test_another_persons_token_does_not_take_a_session_over(person: TestClient, issuer: Issuer, clock: Clock) -> None:
    issuer.gives = ("refresh_token",)
    sign_in(person, issuer)
    issuer.changed = {"sub": "u-2", "gridsight_role": "admin"}
    clock.now += RIGHTS_SECONDS
    assert person.get(LOCATE).status_code == 401


def test_rights_that_cannot_be_read_again_end(person: TestClient, issuer: Issuer, clock: Clock) -> None:
    sign_in(person, issuer)  # the issuer gives an ID token and nothing else
    clock.now += RIGHTS_SECONDS - 1
    assert person.get(LOCATE).status_code == 200
    clock.now += 1
    assert person.get(LOCATE).status_code == 401


def test_while_the_issuer_is_away_old_rights_do_not_count(person: TestClient, issuer: Issuer, clock: Clock) -> None:
    issuer.gives = ("refresh_token",)
    sign_in(person, issuer)
    issuer.down = True
    clock.now += RENEW_SECONDS + 1
    assert person.get(LOCATE).status_code == 200, "they are young enough"
    clock.now += RIGHTS_SECONDS
    away = person.get(LOCATE)
    assert (away.status_code, away.headers["retry-after"]) == (503, "2")
    issuer.down = False
    clock.now += RIGHTS_SECONDS
    assert person.get(LOCATE).status_code == 200, "the session has waited"


def test_one_of_many_reads_the_rights_and_the_others_go_on(person: TestClient, issuer: Issuer, clock: Clock) -> None:
    issuer.gives = ("refresh_token",)
    sign_in(person, issuer)
    clock.now += RENEW_SECONDS
    asked = len(issuer.asked)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(person.get(LOCATE).status_code)) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [200] * 6
    assert issuer.asked[asked:].count("/token") == 1, "a refresh token is good once"


def test_a_cookie_says_nothing_of_its_person(person: TestClient, issuer: Issuer) -> None:
    issuer.gives = ("refresh_token", "access_token")
    sign_in(person, issuer)
    app = person.app
    [(session_id, kept)] = app.state.authenticator.sessions.store._kept.items()
    cookie = person.cookies[COOKIE]
    for secret in (issuer.refresh_token, "access", "planner", "李规划", session_id):
        assert secret not in cookie
        assert secret not in kept.state


def test_a_session_of_a_key_ends_with_its_sign_out_and_its_cookie_is_worth_nothing(workspace: Path) -> None:
    text, _ = ApiKeys(FileKeyStore.for_workspace(workspace)).create("a", "viewer", by="t")
    with TestClient(create_app(Settings(workspace=workspace)), base_url=BASE, follow_redirects=False) as client:
        client.post("/login", data={"key": text})
        kept = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
        client.cookies.clear()
        assert client.get(LOCATE, headers=kept).status_code == 200
        client.post("/logout", headers=kept)
        assert client.get(LOCATE, headers=kept).status_code == 401


def test_signing_out_ends_the_session_in_every_process(
    server: str, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"s" * 32)
    assert live_sessions.CACHE_SECONDS <= 5, "within seconds"
    monkeypatch.setattr(live_sessions, "CACHE_SECONDS", 0.0)
    with fresh_database(server, template=migrated) as url:
        settings = Settings(database_url=service_url(url), pool_size=3, session_secret_file=secret)
        with (
            TestClient(create_app(settings), base_url=BASE, follow_redirects=False) as first,
            TestClient(create_app(settings), base_url=BASE, follow_redirects=False) as second,
        ):
            admin = first.app.state.store.acting(LOCAL)
            first.app.state.keys.store._store = admin
            text, key = first.app.state.keys.create("a", "planner", townships=(T1,), by="t")
            assert first.post("/login", data={"key": text}).status_code == 303
            kept = {"Cookie": f"{COOKIE}={first.cookies[COOKIE]}"}
            first.cookies.clear()
            assert [one.get("/ogc/jobs", headers=kept).status_code for one in (first, second)] == [200, 200]
            assert second.post("/logout", headers=kept).status_code == 303
            assert [one.get("/ogc/jobs", headers=kept).status_code for one in (first, second)] == [401, 401]
            told = [(one["action"], one["key"]) for one in admin.audit(limit=10)]
            assert told[:2] == [("sign-out", key.id), ("sign-in", key.id)]


def test_over_tls_only_a_cookie_of_this_host_counts(workspace: Path) -> None:
    text, _ = ApiKeys(FileKeyStore.for_workspace(workspace)).create("a", "viewer", by="t")
    settings = Settings(workspace=workspace, public_url="https://grid.example")
    with TestClient(create_app(settings), base_url="https://grid.example", follow_redirects=False) as client:
        made = client.post("/login", data={"key": text})
        assert made.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
        value = client.cookies[f"__Host-{COOKIE}"]
        client.cookies.clear()
        assert client.get(LOCATE, headers={"Cookie": f"__Host-{COOKIE}={value}"}).status_code == 200
        # One that a plain page, or another host of the domain, may have set.
        assert client.get(LOCATE, headers={"Cookie": f"{COOKIE}={value}"}).status_code == 401
        gone = client.post("/logout", headers={"Cookie": f"__Host-{COOKIE}={value}"})
        assert f'__Host-{COOKIE}="";' in gone.headers["set-cookie"]
        assert "Secure" in gone.headers["set-cookie"]
