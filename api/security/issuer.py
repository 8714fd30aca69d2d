"""Ask the issuer of people's tokens for its keys, or read them from a file; exchange a code for a token."""

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
_MOST_BYTES = 1_000_000
#: Keys are believed so long, and so much longer while the issuer cannot be reached.
_FRESH_SECONDS = 600.0
_STALE_SECONDS = 86_400.0
#: A key that is not there is looked for anew at most so often: made-up ids must not make us call the issuer each time.
_AGAIN_SECONDS = 30.0


class IssuerDown(StoreDown):
    """The issuer of tokens cannot be reached, or answers what it should not; ``status`` is what it answered, or 0."""

    status = 0


def _down(status: int = 0) -> IssuerDown:
    error = IssuerDown("身份服务暂时无法使用", "the issuer of tokens cannot be used just now")
    error.status = status
    return error


class JwksFile:
    """Read the issuer's keys from a file, for networks without a way to the issuer; read anew when it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, Mapping[str, dict[str, Any]]] | None = None
        self.keys()

    def keys(self, *, missing: str | None = None) -> Mapping[str, dict[str, Any]]:  # noqa: ARG002
        """Return the keys by id; raise BadValue where the file never was one."""
        try:
            changed = self._path.stat().st_mtime_ns
            if self._seen is None or self._seen[0] != changed:
                self._seen = (changed, by_id(json.loads(self._path.read_bytes())))
        except (OSError, ValueError):
            if self._seen is None:
                raise BadValue(
                    f"JWKS 文件 {self._path} 无法读取", f"the JWKS file {self._path} cannot be read"
                ) from None
            # Half written, or gone for a moment: what was read before still holds.
        return self._seen[1]

    def ready(self, key_id: str) -> bool:
        """Return whether a key is at hand."""
        return self._seen is not None and key_id in self._seen[1]


class Issuer:
    """Hold an OpenID Connect issuer: what its discovery document says, fetched when first needed and kept a while.

    Parameters
    ----------
    url
        The issuer as ``iss`` of its tokens names it.
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

    def ready(self, key_id: str) -> bool:
        """Return whether a key is at hand."""
        return key_id in self._keys and self._age() < _FRESH_SECONDS

    def keys(self, *, missing: str | None = None) -> Mapping[str, dict[str, Any]]:
        """Return the issuer's keys by id, fetched anew where they are old or lack a key.

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
        """Return the discovery document; raise IssuerDown where it cannot be had or is not this issuer's."""
        kept = self._document
        if kept is not None and self._clock() - kept[0] < _FRESH_SECONDS:
            return kept[1]
        found = fetch(f"{self.url.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.url:
            raise _down()
        for name in ("jwks_uri", "authorization_endpoint", "token_endpoint"):
            self._check_place(found.get(name), needed=name == "jwks_uri")
        self._document = (self._clock(), found)
        return found

    def token(self, *, code: str, verifier: str, redirect: str, client: str, secret: str | None) -> str:
        """Return the ID token that the issuer gives for a code (OpenID Connect Core 3.1.3, PKCE RFC 7636)."""
        endpoint = str(self.document().get("token_endpoint") or "")
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "client_id": client,
            "code_verifier": verifier,
        }  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret is not None:
            pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        try:
            token = fetch(endpoint, data=urlencode(form).encode(), headers=headers).get("id_token")
        except IssuerDown as error:
            if error.status == 400:  # RFC 6749 5.2: the code is not, or no longer, good
                raise problems.NotSignedIn("登录未完成，请重试", "the sign-in was not finished; try again") from None
            raise
        if not isinstance(token, str):
            raise _down()
        return token

    def _age(self) -> float:
        return float("inf") if self._fetched is None else self._clock() - self._fetched

    def _refresh(self) -> None:
        """Fetch the keys; where that fails go on with the old ones for a day."""
        now = self._clock()
        usable = self._age() < _STALE_SECONDS
        if self._tried is not None and now - self._tried < _AGAIN_SECONDS:
            if not usable:
                raise _down()
            return
        self._tried = now
        try:
            self._keys = by_id(fetch(str(self.document()["jwks_uri"])))
            self._fetched = now
        except (IssuerDown, ValueError):
            if not usable:
                raise _down() from None

    def _check_place(self, url: object, *, needed: bool) -> None:
        """Raise where a place that the document names is none, or less safe than the issuer's own address."""
        if url is None and not needed:
            return
        scheme = urlsplit(str(url)).scheme
        if scheme != "https" and (scheme != "http" or urlsplit(self.url).scheme == "https"):
            raise _down()


def by_id(document: Any) -> dict[str, dict[str, Any]]:
    """Return the keys of a JWKS by id; those without one cannot be named by a token and are left out."""
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValueError
    return {one["kid"]: one for one in keys if isinstance(one, dict) and isinstance(one.get("kid"), str)}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: an issuer names its places itself."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse."""


def fetch(url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return a JSON object from a place that the issuer names; raise IssuerDown for anything else."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise _down()
    opener = urllib.request.build_opener(_NoRedirects)
    asked = urllib.request.Request(url, data=data, headers={"Accept": "application/json", **(headers or {})})  # noqa: S310
    try:
        with opener.open(asked, timeout=_TIMEOUT_SECONDS) as answer:
            value = json.loads(answer.read(_MOST_BYTES + 1)[:_MOST_BYTES])
    except urllib.error.HTTPError as error:
        error.close()
        raise _down(error.code) from None
    except (OSError, ValueError):
        raise _down() from None
    if not isinstance(value, dict):
        raise _down()
    return value
