"""Run a small OpenID Connect issuer on a socket, and sign tokens as it would, or as a forger would."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CLIENT = "gridsight"
_ALGORITHMS = {
    "RS256": jwt.algorithms.RSAAlgorithm,
    "ES256": jwt.algorithms.ECAlgorithm,
    "EdDSA": jwt.algorithms.OKPAlgorithm,
}


class Signer:
    """Hold one key pair."""

    def __init__(self, kid: str, algorithm: str = "RS256", *, bits: int = 2048) -> None:
        self.kid = kid
        self.algorithm = algorithm
        self.private: Any = {
            "RS256": lambda: rsa.generate_private_key(65537, bits),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }[algorithm]()

    def jwk(self) -> dict[str, Any]:
        row = json.loads(_ALGORITHMS[self.algorithm].to_jwk(self.private.public_key()))
        row.pop("key_ops", None)
        return {**row, "kid": self.kid, "use": "sig"}

    def token(self, claims: dict[str, Any], *, algorithm: str | None = None, headers: dict | None = None) -> str:
        named = {"kid": self.kid, **(headers or {})}
        named = {name: value for name, value in named.items() if value is not None}
        return jwt.encode(claims, self.private, algorithm=algorithm or self.algorithm, headers=named)


def claims(issuer: str, **changed: Any) -> dict[str, Any]:
    """Return the claims of a good token; a change to None leaves a claim out."""
    now = int(time.time())
    good = {
        "iss": issuer, "aud": CLIENT, "sub": "u-1", "exp": now + 300, "iat": now, "preferred_username": "李规划",
        "gridsight_role": "planner", "gridsight_townships": ["990101101"],
    }  # fmt: skip
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


class Issuer:
    """Answer as an issuer does: discovery, keys, and a token for a code that fits its challenge."""

    def __init__(self) -> None:
        self.signer = Signer("k1")
        self.asked: list[str] = []
        self.down = False
        self.document: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.changed: dict[str, Any] = {}
        #: What a token response holds besides the ID token; and what a refresh does not give again.
        self.gives: tuple[str, ...] = ()
        self.keeps_back: tuple[str, ...] = ()
        self.refresh_token = "refresh-0"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def authorize(self, location: str) -> tuple[str, str]:
        """Do what its page does for a person who agrees: return the code and the state for the way back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return code, query["state"]

    def _answer(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            places = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
            return {"issuer": self.url, **{name: self.url + at for name, at in places.items()}, **self.document}
        if path == "/keys":
            return {"keys": [self.signer.jwk()]}
        if path == "/userinfo":
            return {name: value for name, value in claims(self.url, **self.changed).items() if name != "iss"}
        if form.get("grant_type") == "refresh_token":
            if form["refresh_token"] != self.refresh_token:
                return None
            return self._tokens({}, without=self.keeps_back)
        asked = self.codes.pop(form.get("code", ""), None)
        if path != "/token" or asked is None:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        fits = base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
        if not fits or form["redirect_uri"] != asked["redirect_uri"] or form["client_id"] != CLIENT:
            return None
        return self._tokens({"nonce": asked["nonce"]})

    def _tokens(self, said: dict[str, Any], *, without: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return tokens of a person; a refresh token is good once."""
        self.refresh_token = f"refresh-{len(self.asked)}"
        made = {
            "id_token": self.signer.token(claims(self.url, **{**said, **self.changed})),
            "refresh_token": self.refresh_token, "access_token": "access",
        }  # fmt: skip
        return {name: made[name] for name in ("id_token", *self.gives) if name not in without}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                bearer = self.headers.get("authorization")
                self._send({} if self.path != "/userinfo" or bearer == "Bearer access" else None)

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["content-length"])).decode()
                self._send({name: values[0] for name, values in parse_qs(text).items()})

            def _send(self, form: dict[str, str] | None) -> None:
                issuer.asked.append(self.path)
                found = None if issuer.down or form is None else issuer._answer(self.path, form)
                body = json.dumps(found or {}).encode()
                self.send_response(503 if issuer.down else 200 if found else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler


@contextmanager
def issuing() -> Iterator[Issuer]:
    """Give a running issuer."""
    issuer = Issuer()
    try:
        yield issuer
    finally:
        issuer.close()
