"""Forge tokens in every known way, and sign in at a real issuer on a socket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from fastapi.testclient import TestClient

from api import problems
from api.main import create_app
from api.security import issuer as issuers
from api.security.api_keys import ApiKeys
from api.security.file_keys import FileKeyStore
from api.security.oidc_client import oidc_client_of
from api.security.tokens import Claims, Tokens
from api.settings import Settings
from geo.errors import BadValue, StoreDown
from tests.api.security.issuing import CLIENT, Issuer, Signer, claims, issuing

ISSUER = "https://id.example"
SIGNERS = {name: Signer(f"key-{name}", name) for name in ("RS256", "ES256", "EdDSA")}
OTHER = Signer("key-RS256")  # another pair under a known id


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [one.jwk() for one in SIGNERS.values()]}), encoding="utf-8")
    return path


@pytest.fixture
def tokens(jwks: Path) -> Tokens:
    return Tokens(ISSUER, CLIENT, issuers.JwksFile(jwks))


def refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(problems.NotSignedIn):
        tokens.caller(token, request="", address="")


@pytest.mark.parametrize("name", SIGNERS)
def test_a_good_token_names_a_person(tokens: Tokens, name: str) -> None:
    caller = tokens.caller(SIGNERS[name].token(claims(ISSUER)), request="r", address="a")
    assert (caller.name, caller.role, caller.townships) == ("李规划", "planner", ("990101101",))
    assert (caller.key, caller.request, caller.address) == ("person:u-1", "r", "a")


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"}, {"iss": ISSUER + "/"}, {"iss": None}, {"aud": "other"}, {"aud": []},
        {"aud": None}, {"aud": ["other", "more"]}, {"exp": None}, {"exp": 1}, {"exp": "soon"}, {"sub": None},
        {"iat": None}, {"nbf": int(time.time()) + 3600}, {"iat": int(time.time()) + 3600},
        {"gridsight_role": None}, {"gridsight_role": "root"}, {"gridsight_role": "worker"}, {"gridsight_role": 3},
        {"gridsight_role": ["public"]}, {"gridsight_townships": ["9901011"]}, {"gridsight_townships": "x,990101101"},
        {"aud": [CLIENT, "other"], "azp": "other"},
    ],
)  # fmt: skip
def test_claims_that_do_not_hold_are_refused(tokens: Tokens, changed: dict) -> None:
    refused(tokens, SIGNERS["RS256"].token(claims(ISSUER, **changed)))


def test_a_token_ends_half_a_minute_after_its_time(tokens: Tokens) -> None:
    now = int(time.time())
    assert tokens.caller(SIGNERS["RS256"].token(claims(ISSUER, exp=now - 10)), request="", address="").name
    refused(tokens, SIGNERS["RS256"].token(claims(ISSUER, exp=now - 31)))


def encoded(header: dict, body: dict, signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(body).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_no_algorithm_is_no_signature(tokens: Tokens) -> None:
    for word in ("none", "None", "NONE", "nOnE", ""):
        refused(tokens, encoded({"alg": word, "kid": "key-RS256"}, claims(ISSUER)))


@pytest.mark.parametrize("form", ["pem", "der", "jwk"])
def test_the_public_key_is_no_shared_secret(tokens: Tokens, form: str) -> None:
    from cryptography.hazmat.primitives import serialization as s

    public = SIGNERS["RS256"].private.public_key()
    secret = {
        "pem": public.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo),
        "der": public.public_bytes(s.Encoding.DER, s.PublicFormat.SubjectPublicKeyInfo),
        "jwk": json.dumps(SIGNERS["RS256"].jwk()).encode(),
    }[form]
    for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
        bare = encoded({"alg": algorithm, "kid": "key-RS256"}, claims(ISSUER)).rstrip(".")
        mac = base64.urlsafe_b64encode(hmac.new(secret, bare.encode(), digest).digest()).decode().rstrip("=")
        refused(tokens, f"{bare}.{mac}")


def test_keys_and_headers_that_do_not_fit_are_refused(tokens: Tokens, jwks: Path) -> None:
    good = claims(ISSUER)
    signer = SIGNERS["RS256"]
    refused(tokens, OTHER.token(good))  # signed by a stranger under a known id
    refused(tokens, signer.token(good, headers={"kid": None}))
    refused(tokens, signer.token(good, headers={"kid": "unknown"}))
    refused(tokens, signer.token(good, headers={"kid": "key-ES256"}))  # an RSA signature for an elliptic key
    refused(tokens, signer.token(good, algorithm="RS512"))  # an algorithm that is not pinned
    refused(tokens, signer.token(good, algorithm="PS256"))
    refused(tokens, signer.token(good, headers={"crit": ["b64"], "b64": True}))
    # A key of the forger's own, carried or linked in the header, is not looked at.
    stranger = Signer("key-RS256")
    for header in ({"jwk": stranger.jwk()}, {"jku": "http://127.0.0.1:9/keys"}, {"x5u": "http://127.0.0.1:9/"}):
        refused(tokens, stranger.token(good, headers=header))
    for row in ({"use": "enc"}, {"alg": "RS512"}, {"kty": "oct", "k": "AAAA"}):
        jwks.write_text(json.dumps({"keys": [{**signer.jwk(), **row}]}), encoding="utf-8")
        refused(Tokens(ISSUER, CLIENT, issuers.JwksFile(jwks)), signer.token(good))


def test_tampered_and_torn_tokens_are_refused(tokens: Tokens) -> None:
    head, body, signature = SIGNERS["RS256"].token(claims(ISSUER)).split(".")
    richer = base64.urlsafe_b64encode(json.dumps(claims(ISSUER, gridsight_role="admin")).encode()).decode().rstrip("=")
    for token in (
        f"{head}.{richer}.{signature}", f"{head}.{body}.", f"{head}.{body}", f"{head}.{body}.{signature[:-4]}",
        "", ".", "..", "a.b.c", f"{head}.{body}.{signature}.x", "é" * 20, "\x00", f"{head}.{'A' * 20_000}.{signature}",
    ):  # fmt: skip
        refused(tokens, token)


def test_claims_may_lie_deeper_and_several_roles_give_the_highest(jwks: Path) -> None:
    deep = Tokens(ISSUER, CLIENT, issuers.JwksFile(jwks), claims=Claims("realm_access.roles", "towns"))
    token = SIGNERS["RS256"].token(
        claims(ISSUER, realm_access={"roles": ["offline_access", "viewer", "planner"]}, towns="990101101 990101102")
    )
    caller = deep.caller(token, request="", address="")
    assert (caller.role, caller.townships) == ("planner", ("990101101", "990101102"))
    bare = SIGNERS["RS256"].token(claims(ISSUER, realm_access={"roles": ["planner"]}))
    assert deep.caller(bare, request="", address="").townships == ()  # no township named: none, not all


def test_the_key_file_is_read_anew_when_it_changes(tokens: Tokens, jwks: Path) -> None:
    fresh = Signer("k2")
    refused(tokens, fresh.token(claims(ISSUER)))
    jwks.write_text(json.dumps({"keys": [fresh.jwk()]}), encoding="utf-8")
    assert tokens.caller(fresh.token(claims(ISSUER)), request="", address="").role == "planner"
    for text in ("", "[]", "{}", '{"keys": 3}'):
        jwks.write_text(text, encoding="utf-8")
        assert tokens.verify(fresh.token(claims(ISSUER))), "what was read before still holds"
        with pytest.raises(BadValue):
            issuers.JwksFile(jwks)


def test_settings_that_do_not_fit_are_told(jwks: Path, tmp_path: Path) -> None:
    assert oidc_client_of(Settings()) is None
    for wrong in (
        {"oidc_issuer": ISSUER}, {"oidc_audience": CLIENT}, {"oidc_jwks_file": jwks},
        {"oidc_issuer": "id.example", "oidc_audience": CLIENT}, {"oidc_issuer": "file:///etc", "oidc_audience": CLIENT},
        {"oidc_issuer": ISSUER, "oidc_audience": CLIENT, "oidc_jwks_file": tmp_path / "none"},
        {"oidc_issuer": ISSUER, "oidc_audience": CLIENT, "oidc_secret_file": tmp_path / "none"},
    ):  # fmt: skip
        with pytest.raises(BadValue):
            oidc_client_of(Settings(**wrong))


# An issuer on a socket.


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
    refused(tokens, issuer.signer.token(claims(issuer.url)))  # asked just now: made-up ids do not make us ask again
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
def office(issuer: Issuer, workspace: Path) -> Iterator[TestClient]:
    ApiKeys(FileKeyStore.for_workspace(workspace)).create("first", "admin", by="test")
    app = create_app(Settings(workspace=workspace, oidc_issuer=issuer.url, oidc_audience=CLIENT))
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as client:
        yield client


LOCATE = "/locate?address=a"


def test_a_person_signs_in_at_the_issuer(office: TestClient, issuer: Issuer) -> None:
    assert 'href="/login/issuer"' in office.get("/login").text
    away = office.get("/login/issuer")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away.headers["location"]).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", CLIENT)
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/login/callback"
    pending = away.headers["set-cookie"]
    assert "HttpOnly" in pending
    assert "SameSite=lax" in pending
    assert asked["state"] not in pending

    code, state = issuer.authorize(away.headers["location"])
    back = office.get("/login/callback", params={"code": code, "state": state, "session_state": "x", "iss": issuer.url})
    assert back.status_code == 200
    assert "SameSite=strict" in back.headers["set-cookie"]
    assert office.get(LOCATE).status_code == 200
    assert "李规划" in office.get("/login").text
    assert office.get("/metrics").status_code == 403
    again = office.get("/login/callback", params={"code": code, "state": state})
    assert again.status_code == 401  # the pending cookie is gone


def test_a_return_that_is_not_this_browsers_signs_nobody_in(office: TestClient, issuer: Issuer) -> None:
    def returned(**changed: str) -> int:
        code, state = issuer.authorize(office.get("/login/issuer").headers["location"])
        answer = office.get("/login/callback", params={"code": code, "state": state, **changed})
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
    code, state = issuer.authorize(office.get("/login/issuer").headers["location"])
    office.cookies.clear()
    assert office.get("/login/callback", params={"code": code, "state": state}).status_code == 401


def test_a_token_is_taken_as_bearer(office: TestClient, issuer: Issuer) -> None:
    headers = {"Authorization": f"Bearer {issuer.signer.token(claims(issuer.url))}"}
    assert office.get(LOCATE, headers=headers).status_code == 200
    assert (
        office.get("/health", headers={"Authorization": f"Bearer {OTHER.token(claims(issuer.url))}"}).status_code == 401
    )
    issuer.down = True
    assert office.get(LOCATE, headers=headers).status_code == 200


def test_without_an_issuer_there_is_no_such_way(workspace: Path) -> None:
    with TestClient(create_app(Settings(workspace=workspace)), base_url="http://127.0.0.1:8000") as client:
        assert client.get("/login/issuer").status_code == 404
        assert client.get("/login/callback?code=a&state=b").status_code == 404
        answer = client.get(LOCATE, headers={"Authorization": f"Bearer {SIGNERS['RS256'].token(claims(ISSUER))}"})
        assert answer.status_code == 401


def test_the_pinned_algorithms_are_asymmetric() -> None:
    from api.security.tokens import ALGORITHMS

    for name in ALGORITHMS:
        assert not isinstance(jwt.get_algorithm_by_name(name), jwt.algorithms.HMACAlgorithm)
