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
from tests.api.security.embedded import LOCATE

BASE = "http://127.0.0.1:8000"


class EmbeddedApp:
    """An application in embedded mode, with its keys at hand."""

    def __init__(self, client: TestClient, workspace: Path) -> None:
        self.client = client
        self.keys = ApiKeys(FileKeyStore.for_workspace(workspace))

    def key(self, role: str) -> str:
        return self.keys.create(role, role, by="test")[0]

    def status(self, path: str, **headers: str) -> int:
        return self.client.get(path, headers=headers).status_code


@pytest.fixture
def embedded_app(workspace: Path) -> Iterator[EmbeddedApp]:
    app = create_app(Settings(workspace=workspace))
    with TestClient(app, base_url=BASE, headers={"Accept-Language": "en"}, follow_redirects=False) as client:
        yield EmbeddedApp(client, workspace)


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def test_embedded_mode_is_open_until_its_first_key_and_never_again(embedded_app: EmbeddedApp) -> None:
    assert embedded_app.status(LOCATE) == 200
    assert embedded_app.status("/metrics") == 200
    text, key = embedded_app.keys.create("first", "viewer", by="test")
    answer = embedded_app.client.get(LOCATE)
    assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in")
    assert answer.headers["www-authenticate"] == 'Bearer realm="gridsight"'
    assert embedded_app.status(LOCATE, **{"X-API-Key": text}) == 200
    embedded_app.keys.revoke(key.id, by="test")
    assert embedded_app.status(LOCATE, **{"X-API-Key": text}) == 401
    assert embedded_app.status(LOCATE) == 401


def test_every_way_of_sending_a_key(embedded_app: EmbeddedApp) -> None:
    text = embedded_app.key("viewer")
    for name, value in [
        ("X-API-Key", text), ("x-api-key", f" {text} "), ("Authorization", f"Bearer {text}"),
        ("Authorization", f"bearer {text}"), ("Authorization", basic("anybody", text)),
        ("Authorization", basic("", text)),
    ]:  # fmt: skip
        assert embedded_app.status(LOCATE, **{name: value}) == 200, (name, value)


def test_a_bad_key_is_refused_even_where_none_is_needed(embedded_app: EmbeddedApp) -> None:
    embedded_app.key("viewer")
    wrong = f"gs_{'a' * 12}_{'A' * 43}"
    for path in ("/", "/health", "/problems", "/login", "/static/app/source.js", "/runs"):
        assert embedded_app.status(path, **{"X-API-Key": wrong}) == 401, path
    for value in ("", "Bearer", "Bearer ", "Digest x", "Basic !!", basic("a", wrong), f"Basic {wrong}", "Bearer a.b.c"):
        assert embedded_app.status("/health", Authorization=value) == 401, value
    assert embedded_app.status("/health", **{"X-API-Key": ""}) == 401


def test_two_credentials_at_once_are_refused(embedded_app: EmbeddedApp) -> None:
    text = embedded_app.key("viewer")
    assert embedded_app.status("/health", Authorization=f"Bearer {text}", **{"X-API-Key": text}) == 401
    both = [("X-API-Key", text), ("X-API-Key", text), ("Host", "127.0.0.1")]
    assert embedded_app.client.get("/health", headers=both).status_code == 401


def test_a_request_that_was_passed_on_is_not_from_this_machine(embedded_app: EmbeddedApp) -> None:
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert embedded_app.status(LOCATE, **{name: "127.0.0.1"}) == 401, name


@pytest.mark.parametrize(
    ("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 401)]
)
def test_a_workspace_without_keys_is_open_to_this_machine_only(workspace: Path, peer: str, status: int) -> None:
    app = create_app(Settings(workspace=workspace))
    with TestClient(app, base_url=BASE, client=(peer, 50_000)) as client:
        assert client.get(LOCATE).status_code == status


def test_answers_are_private_and_vary_by_credential(embedded_app: EmbeddedApp) -> None:
    headers = {"X-API-Key": embedded_app.key("viewer")}
    answer = embedded_app.client.get(LOCATE, headers=headers)
    assert "private" in answer.headers["cache-control"]
    assert {"Authorization", "X-API-Key", "Cookie"} <= {one.strip() for one in answer.headers["vary"].split(",")}
    assert len(answer.headers["x-request-id"]) >= 16


def test_signing_in_and_out_without_scripts(embedded_app: EmbeddedApp) -> None:
    text, key = embedded_app.keys.create("王 <b>", "viewer", by="test")
    page = embedded_app.client.get("/login")
    assert 'name="key"' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "<script" not in page.text

    wrong = embedded_app.client.post("/login", data={"key": text[:-1]})
    assert (wrong.status_code, "set-cookie" in wrong.headers, text[:-1] in wrong.text) == (401, False, False)

    done = embedded_app.client.post("/login", data={"key": text})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    cookie = done.headers["set-cookie"]
    for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie
    assert text[16:] not in cookie
    assert embedded_app.status(LOCATE) == 200  # by the cookie
    named = embedded_app.client.get("/login").text
    assert "王 &lt;b&gt;" in named
    assert 'action="/logout"' in named

    embedded_app.keys.revoke(key.id, by="test")
    ended = embedded_app.client.get(LOCATE)
    assert (ended.status_code, f"{COOKIE}=;" in ended.headers["set-cookie"]) == (401, True)
    assert COOKIE not in embedded_app.client.cookies


def test_signing_out(embedded_app: EmbeddedApp) -> None:
    embedded_app.client.post("/login", data={"key": embedded_app.key("viewer")})
    assert embedded_app.status("/logout") == 303
    assert embedded_app.status(LOCATE) == 200  # a link signs nobody out
    assert embedded_app.client.post("/logout").headers["location"] == "/login"
    assert embedded_app.status(LOCATE) == 401


def test_a_session_that_has_ended_leaves_the_way_to_sign_in_open(embedded_app: EmbeddedApp) -> None:
    embedded_app.key("viewer")
    stale = Sessions(b"another secret of thirty-two bytes").seal({"key": "a" * 12}, kind=COOKIE)
    for path in ("/", "/login", "/health", "/static/app/source.js", "/problems"):
        answer = embedded_app.client.get(path, headers={"Cookie": f"{COOKIE}={stale}"})
        assert (answer.status_code, f"{COOKIE}=;" in answer.headers["set-cookie"]) == (200, True), path
    assert embedded_app.status(LOCATE, Cookie=f"{COOKIE}={stale}") == 401


def test_a_login_from_another_sites_page_is_refused(embedded_app: EmbeddedApp) -> None:
    answer = embedded_app.client.post(
        "/login", data={"key": embedded_app.key("viewer")}, headers={"Origin": "http://evil.example"}
    )
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert embedded_app.client.post("/login", json={"key": "x"}).status_code == 415
