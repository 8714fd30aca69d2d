"""Sign in with every way of sending a key, with none, and with too many."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.security.sessions import COOKIE, Sessions
from api.settings import Settings

BASE = "http://127.0.0.1:8000"


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
