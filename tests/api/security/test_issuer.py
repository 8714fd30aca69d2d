"""Sign in at a real issuer on a socket, and do without one that is down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from api import problems
from api.main import create_app
from api.security import issuer as issuers
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.security.tokens import Tokens
from api.settings import Settings
from geo.errors import StoreDown
from tests.api.security.embedded import LOCATE
from tests.api.security.issuing import CLIENT, Issuer, Signer, claims, issuing

ISSUER = "https://id.example"
OTHER = Signer("key-RS256")  # a key pair of no issuer


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as one:
        yield one


def test_keys_are_fetched_once_and_again_for_a_new_one(issuer: Issuer) -> None:
    now = [0.0]
    source = issuers.Issuer(issuer.url, clock=lambda: now[0])
    tokens = Tokens(issuer.url, CLIENT, source)
    for number in range(3):
        token = issuer.signer.token(claims(issuer.url, jti=str(number)))
        assert tokens.caller(token, request="", address="").role == "planner"
    assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
    issuer.signer = Signer("k2")
    with pytest.raises(problems.NotSignedIn):  # asked just now: made-up ids do not make us ask again
        tokens.verify(issuer.signer.token(claims(issuer.url)))
    assert len(issuer.asked) == 2
    now[0] += 31
    assert tokens.caller(issuer.signer.token(claims(issuer.url)), request="", address="").role == "planner"
    assert issuer.asked[2:] == ["/keys"]


def test_an_issuer_that_is_down_stops_nobody_for_a_day(issuer: Issuer) -> None:
    now = [0.0]
    source = issuers.Issuer(issuer.url, clock=lambda: now[0])
    tokens = Tokens(issuer.url, CLIENT, source)
    token = issuer.signer.token(claims(issuer.url))
    issuer.down = True
    with pytest.raises(StoreDown):
        tokens.verify(token)
    issuer.down = False
    now[0] += 31
    tokens.verify(token)
    issuer.down = True
    now[0] += 80_000
    tokens.verify(token)
    now[0] += 10_000
    with pytest.raises(StoreDown):
        tokens.verify(token)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"token_endpoint": "ftp://a/"},
    ],
)
def test_a_document_of_another_issuer_is_not_believed(issuer: Issuer, document: dict) -> None:
    issuer.document = document
    with pytest.raises(StoreDown):
        issuers.Issuer(issuer.url).keys(missing="k1")


def test_a_secure_issuer_may_not_send_us_to_a_plain_place() -> None:
    source = issuers.Issuer(ISSUER)
    with pytest.raises(StoreDown):
        source._check_endpoint("http://id.example/keys", needed=True)


@pytest.fixture
def client(issuer: Issuer, workspace: Path) -> Iterator[TestClient]:
    ApiKeys(FileKeyStore.for_workspace(workspace)).create("first", "admin", by="test")
    app = create_app(Settings(workspace=workspace, oidc_issuer=issuer.url, oidc_audience=CLIENT))
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


def test_a_person_signs_in_at_the_issuer(client: TestClient, issuer: Issuer) -> None:
    assert 'href="/login/issuer"' in client.get("/login").text
    away = client.get("/login/issuer")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/login/callback"
    pending = away.headers["set-cookie"]
    assert "HttpOnly" in pending
    assert "SameSite=lax" in pending
    assert asked["state"] not in pending

    code, state = issuer.authorize(away.headers["location"])
    back = client.get("/login/callback", params={"code": code, "state": state, "session_state": "x", "iss": issuer.url})
    assert back.status_code == 200
    assert "SameSite=strict" in back.headers["set-cookie"]
    assert client.get(LOCATE).status_code == 200
    assert "李规划" in client.get("/login").text
    assert client.get("/metrics").status_code == 403
    again = client.get("/login/callback", params={"code": code, "state": state})
    assert again.status_code == 401  # the pending cookie is gone


def test_a_return_that_is_not_this_browsers_signs_nobody_in(client: TestClient, issuer: Issuer) -> None:
    def returned(**changed: str) -> int:
        code, state = issuer.authorize(client.get("/login/issuer").headers["location"])
        answer = client.get("/login/callback", params={"code": code, "state": state, **changed})
        assert "gridsight_session" not in answer.headers.get("set-cookie", "")
        assert issuer.url not in answer.text
        return answer.status_code

    assert returned(state="x") == 401
    assert returned(state="") == 401
    assert returned(code="") == 401
    assert returned(code="made-up") == 401
    issuer.changed = {"nonce": "another"}
    assert returned() == 401
    issuer.changed = {"aud": "another"}
    assert returned() == 401
    issuer.changed = {"gridsight_role": None}
    assert returned() == 401
    code, state = issuer.authorize(client.get("/login/issuer").headers["location"])
    client.cookies.clear()
    assert client.get("/login/callback", params={"code": code, "state": state}).status_code == 401


def test_a_token_is_taken_as_bearer(client: TestClient, issuer: Issuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.signer.token(claims(issuer.url))}"}
    assert client.get(LOCATE, headers=headers).status_code == 200
    assert (
        client.get("/health", headers={"Authorization": f"Bearer {OTHER.token(claims(issuer.url))}"}).status_code == 401
    )
    issuer.down = True
    assert client.get(LOCATE, headers=headers).status_code == 200


def test_without_an_issuer_there_is_no_such_way(workspace: Path) -> None:
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1:8000") as client:
        assert client.get("/login/issuer").status_code == 404
        assert client.get("/login/callback?code=a&state=b").status_code == 404
        answer = client.get(LOCATE, headers={"Authorization": f"Bearer {OTHER.token(claims(ISSUER))}"})
        assert answer.status_code == 401
