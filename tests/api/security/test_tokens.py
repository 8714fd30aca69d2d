"""Forge tokens in every known way."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path

import jwt
import pytest

from api import problems
from api.security import issuer as issuers
from api.security.oidc_client import oidc_client_of
from api.security.tokens import Claims, Tokens
from api.settings import Settings
from geo.errors import BadValue
from tests.api.security.issuing import CLIENT, Signer, claims

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
    assert (caller.key, caller.request, caller.address) == (f"person:{ISSUER}#u-1", "r", "a")


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


def test_the_pinned_algorithms_are_asymmetric() -> None:
    from api.security.tokens import ALGORITHMS

    for name in ALGORITHMS:
        assert not isinstance(jwt.get_algorithm_by_name(name), jwt.algorithms.HMACAlgorithm)


@pytest.mark.filterwarnings("ignore:The RSA key is")  # of the library that signs here
@pytest.mark.parametrize(("bits", "is_taken"), [(1024, False), (2040, False), (2048, True), (3072, True)])
def test_a_short_rsa_key_signs_nobody_in(tmp_path: Path, bits: int, is_taken: bool) -> None:
    signer = Signer("k", bits=bits)
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [signer.jwk()]}), encoding="utf-8")
    tokens = Tokens(ISSUER, CLIENT, issuers.JwksFile(path))
    if is_taken:
        assert tokens.caller(signer.token(claims(ISSUER)), request="", address="").role == "planner"
    else:
        refused(tokens, signer.token(claims(ISSUER)))


@pytest.mark.parametrize("subject", ["", "a\tb", "s" * 256])
def test_a_subject_that_could_be_taken_for_another_is_refused(tokens: Tokens, subject: str) -> None:
    refused(tokens, SIGNERS["RS256"].token(claims(ISSUER, sub=subject)))
