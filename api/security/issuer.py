"""Fetch the keys of the issuer of tokens, or read them from a file; exchange a code for a token."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from api import problems
from geo.errors import BadValue, StoreDown

_TIMEOUT_SECONDS = 5.0
_MAX_BYTES = 1_000_000
#: Keys are fetched again after the first, and used until the second while the issuer is unreachable.
_FRESH_SECONDS = 600.0
_STALE_SECONDS = 86_400.0
#: Shortest time between two fetches: unknown key ids must not cause a request to the issuer each time.
_REFETCH_SECONDS = 30.0


class IssuerUnavailable(StoreDown):
    """The issuer of tokens is unreachable or its response is invalid; ``status`` is its HTTP status, or 0."""

    status = 0


def _unavailable(status: int = 0) -> IssuerUnavailable:
    error = IssuerUnavailable("身份服务暂时无法使用", "the issuer of tokens cannot be used just now")
    error.status = status
    return error


class JwksFile:
    """The issuer's keys in a file, for networks without access to the issuer; read again when it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, Mapping[str, dict[str, Any]]] | None = None
        self.keys()

    def keys(self, *, missing: str | None = None) -> Mapping[str, dict[str, Any]]:  # noqa: ARG002
        """Return the keys by id; raise BadValue where the file was never valid."""
        try:
            changed = self._path.stat().st_mtime_ns
            if self._seen is None or self._seen[0] != changed:
                self._seen = (changed, by_id(json.loads(self._path.read_bytes())))
        except (OSError, ValueError):
            if self._seen is None:
                raise BadValue(
                    f"JWKS 文件 {self._path} 无法读取", f"the JWKS file {self._path} cannot be read"
                ) from None
            # File missing or incomplete: keep the keys read before.
        return self._seen[1]

    def has_key(self, key_id: str) -> bool:
        """Return whether a key is loaded."""
        return self._seen is not None and key_id in self._seen[1]


class Issuer:
    """An OpenID Connect issuer; its discovery document and keys are fetched on first use and cached.

    Parameters
    ----------
    url
        The issuer as in ``iss`` of its tokens.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        if urlsplit(url).scheme not in ("https", "http") or not urlsplit(url).hostname:
            raise BadValue("GRIDSIGHT_OIDC_ISSUER 须是网址", "GRIDSIGHT_OIDC_ISSUER must be a URL")
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, dict[str, Any]] = {}
        self._fetched: float | None = None
        self._tried: float | None = None
        self._document: tuple[float, dict[str, Any]] | None = None

    def has_key(self, key_id: str) -> bool:
        """Return whether a key is loaded."""
        return key_id in self._keys and self._age() < _FRESH_SECONDS

    def keys(self, *, missing: str | None = None) -> Mapping[str, dict[str, Any]]:
        """Return the issuer's keys by id, fetched again where they are old or lack a key.

        Parameters
        ----------
        missing
            The id of a key that the caller needs.
        """
        with self._lock:
            lacking = missing is not None and missing not in self._keys
            if self._age() >= _FRESH_SECONDS or lacking:
                self._refresh()
            return self._keys

    def document(self) -> dict[str, Any]:
        """Return the discovery document; raise IssuerUnavailable where it is unreachable or of another issuer."""
        kept = self._document
        if kept is not None and self._clock() - kept[0] < _FRESH_SECONDS:
            return kept[1]
        found = fetch(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.url:
            raise _unavailable()
        for name in ("jwks_uri", "authorization_endpoint", "token_endpoint", "userinfo_endpoint"):
            self._check_endpoint(found.get(name), needed=name == "jwks_uri")
        self._document = (self._clock(), found)
        return found

    def token(self, *, code: str, verifier: str, redirect: str, client: str, secret: str | None) -> dict[str, Any]:
        """Return the tokens for a code, an ID token among them (OpenID Connect Core 3.1.3, PKCE RFC 7636)."""
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier,
        }  # fmt: skip
        found = self._tokens(form, client=client, secret=secret)
        if not isinstance(found.get("id_token"), str):
            raise _unavailable()
        return found

    def refreshed(self, refresh_token: str, *, client: str, secret: str | None) -> dict[str, Any]:
        """Return new tokens (OpenID Connect Core 12); raise NotSignedIn where the issuer gives none any more."""
        return self._tokens(
            {"grant_type": "refresh_token", "refresh_token": refresh_token}, client=client, secret=secret
        )

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """Return what the issuer says of a person now; raise NotSignedIn where the token has expired."""
        endpoint = self.document().get("userinfo_endpoint")
        if not endpoint:
            raise _not_signed_in()
        try:
            return fetch(str(endpoint), headers={"Authorization": f"Bearer {access_token}"})
        except IssuerUnavailable as error:
            if error.status in (400, 401, 403):
                raise _not_signed_in() from None
            raise

    def _tokens(self, form: Mapping[str, str], *, client: str, secret: str | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret is not None:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        endpoint = str(self.document().get("token_endpoint") or "")
        try:
            return fetch(endpoint, data=urlencode({**form, "client_id": client}).encode(), headers=headers)
        except IssuerUnavailable as error:
            if error.status == 400:  # RFC 6749 5.2: the code or the token is invalid or expired
                raise _not_signed_in() from None
            raise

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._clock() - self._fetched

    def _refresh(self) -> None:
        """Fetch the keys; where that fails use the old ones for a day."""
        now = self._clock()
        usable = self._age() < _STALE_SECONDS
        if self._tried is not None and now - self._tried < _REFETCH_SECONDS:
            if not usable:
                raise _unavailable()
            return
        self._tried = now
        try:
            self._keys = by_id(fetch(str(self.document()["jwks_uri"])))
            self._fetched = now
        except (IssuerUnavailable, ValueError):
            if not usable:
                raise _unavailable() from None

    def _check_endpoint(self, url: object, *, needed: bool) -> None:
        """Raise where an endpoint of the document is invalid, or less secure than the issuer's own URL."""
        if url is None and not needed:
            return
        scheme = urlsplit(str(url)).scheme
        if scheme != "https" and (scheme != "http" or urlsplit(self.url).scheme == "https"):
            raise _unavailable()


def _not_signed_in() -> problems.NotSignedIn:
    return problems.NotSignedIn(
        "登录未完成或已失效，请重新登录", "the sign-in was not finished or has ended; sign in again"
    )


def by_id(document: Any) -> dict[str, dict[str, Any]]:
    """Return the keys of a JWKS by id; those without an id are omitted, as no token can refer to them."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError
    return {one["kid"]: one for one in keys if isinstance(one, dict) and isinstance(one.get("kid"), str)}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Handler that follows no redirects: the discovery document has the endpoints."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Do not redirect."""


def fetch(url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a JSON object from an endpoint of the issuer; raise IssuerUnavailable for anything else."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise _unavailable()
    opener = urllib.request.build_opener(_NoRedirects)
    request = urllib.request.Request(url, data=data, headers={"Accept": "application/json", **(headers or {})})  # noqa: S310
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
            value = json.loads(response.read(_MAX_BYTES + 1)[:_MAX_BYTES])
    except urllib.error.HTTPError as error:
        error.close()
        raise _unavailable(error.code) from None
    except (OSError, ValueError):
        raise _unavailable() from None
    if not isinstance(value, dict):
        raise _unavailable()
    return value
