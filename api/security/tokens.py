"""Verify tokens: JSON Web Tokens of one issuer, for one audience, by pinned algorithms (RFC 8725)."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from api import problems
from api.roles import GRANTABLE_ROLES, ROLE_ORDER
from api.security.authorization import PERSON_KEY_PREFIX
from geo.errors import GeoError
from geo.storage.records import Caller, id_text

_log = logging.getLogger("gridsight")

#: Kind and curve of a key -> the one algorithm that it verifies. The algorithm in the token is only compared, so that
#: neither `none` nor an HMAC with the public key as its secret is accepted.
_ALGORITHM = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
ALGORITHMS = tuple(_ALGORITHM.values())
_LEEWAY_SECONDS = 30
_MAX_LENGTH = 16_384
#: Longest subject (OpenID Connect Core, 2): it is never cut, as two people could then be one.
_MAX_SUBJECT = 255
#: Smallest modulus of an RSA key (RFC 7518, 3.3).
_MIN_RSA_BITS = 2048
_MAX_CACHED = 5_000
_CACHE_SECONDS = 30.0
_CODE = re.compile(r"[0-9]{9}\Z")


class ServerExtraMissing(GeoError):
    """A package of the extra `server` is needed and not installed."""


class KeySource(Protocol):
    """Source of the issuer's keys."""

    def has_key(self, key_id: str) -> bool:
        """Return whether a key is loaded."""

    def keys(self, *, missing: str | None = None) -> Mapping[str, dict[str, Any]]:
        """Return the keys by id."""


@dataclass(frozen=True)
class Claims:
    """Names of the claims with role and townships; a dot separates levels (``realm_access.roles``)."""

    role: str = "gridsight_role"
    townships: str = "gridsight_townships"


class Tokens:
    """Verify tokens; valid ones are cached for half a minute, at most until they expire.

    Parameters
    ----------
    issuer, audience
        Required value of ``iss``, and value that ``aud`` must contain.
    source
        Source of the issuer's keys.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        source: KeySource,
        *,
        claims: Claims | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        try:
            import jwt  # noqa: PLC0415 (of the extra `server`)
        except ImportError:
            raise ServerExtraMissing(
                "验证令牌需要：pip install gridsight[server]", "tokens need: pip install gridsight[server]"
            ) from None
        self._jwt = jwt
        self._issuer = issuer
        self._audience = audience
        self._source = source
        self._claims = claims or Claims()
        self._clock = clock
        self._lock = threading.Lock()
        self._claims_by_digest: OrderedDict[bytes, tuple[float, dict[str, Any]]] = OrderedDict()

    def is_cached(self, token: str) -> bool:
        """Return whether the token can be verified without a file or the network."""
        if self._cached(token) is not None:
            return True
        try:
            return self._source.has_key(self._header(token)["kid"])
        except problems.NotSignedIn:
            return True

    def caller(self, token: str, *, request: str, address: str) -> Caller:
        """Return the caller of a token; raise NotSignedIn with the same message for every reason."""
        cached = self._cached(token)
        claims = cached if cached is not None else self.verify(token)
        if cached is None:
            self._cache(token, claims)
        role, townships = self.rights(claims)
        return Caller(display_name(claims), role, townships, key=person_key(claims), request=request, address=address)  # type: ignore[arg-type]

    def verify(self, token: str, *, nonce: str | None = None) -> dict[str, Any]:
        """Return the claims of a token after every check.

        Parameters
        ----------
        nonce
            Required value of ``nonce``, at a sign-in.
        """
        header = self._header(token)
        row = self._source.keys(missing=header["kid"]).get(header["kid"])
        if row is None:
            raise _invalid()
        algorithm = _ALGORITHM.get((str(row.get("kty")), str(row.get("crv", ""))))
        usable = row.get("use", "sig") == "sig" and row.get("alg", algorithm) == algorithm
        if algorithm is None or not usable or header.get("alg") != algorithm:
            raise _invalid()
        try:
            key = self._jwt.PyJWK(row, algorithm=algorithm)
            if row["kty"] == "RSA" and key.key.key_size < _MIN_RSA_BITS:
                _log.warning("key of the issuer refused: %s has fewer than %s bits", header["kid"], _MIN_RSA_BITS)
                raise _invalid()
            claims = self._jwt.decode(
                token, key, algorithms=[algorithm], audience=self._audience, issuer=self._issuer,
                leeway=_LEEWAY_SECONDS, options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )  # fmt: skip
        except (self._jwt.PyJWTError, ValueError, TypeError):
            raise _invalid() from None
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp", self._audience) != self._audience:
            raise _invalid()  # issued to another client of this audience
        if nonce is not None and claims.get("nonce") != nonce:
            raise _invalid()
        subject = claims["sub"]
        if not (isinstance(subject, str) and 0 < len(subject) <= _MAX_SUBJECT and subject.isprintable()):
            raise _invalid()
        return claims

    def rights(self, claims: Mapping[str, Any]) -> tuple[str, tuple[str, ...] | None]:
        """Return role and townships in claims; raise NotSignedIn where they have no role."""
        named = [one for one in _listed(_at(claims, self._claims.role)) if one in GRANTABLE_ROLES]
        if not named:
            raise problems.NotSignedIn("令牌没有本服务的角色", "the token gives no role of this service")
        role = max(named, key=ROLE_ORDER.__getitem__)
        codes = tuple(dict.fromkeys(_listed(_at(claims, self._claims.townships))))
        if not all(map(_CODE.match, codes)):
            raise problems.NotSignedIn("令牌中的镇街代码无效", "the token names a township that cannot be")
        return role, codes if role == "planner" else None

    def _header(self, token: str) -> dict[str, Any]:
        """Return the unverified header of a token; raise NotSignedIn where it is invalid."""
        if len(token) > _MAX_LENGTH:
            raise _invalid()
        try:
            header = self._jwt.get_unverified_header(token)
        except (self._jwt.PyJWTError, ValueError, TypeError):
            raise _invalid() from None
        if header.get("alg") not in ALGORITHMS or not isinstance(header.get("kid"), str) or "crit" in header:
            raise _invalid()
        return header

    def _cached(self, token: str) -> dict[str, Any] | None:
        with self._lock:
            found = self._claims_by_digest.get(_digest(token))
            return found[1] if found is not None and self._clock() < found[0] else None

    def _cache(self, token: str, claims: dict[str, Any]) -> None:
        until = min(self._clock() + _CACHE_SECONDS, float(claims["exp"]))
        with self._lock:
            self._claims_by_digest[_digest(token)] = (until, claims)
            self._claims_by_digest.move_to_end(_digest(token))
            while len(self._claims_by_digest) > _MAX_CACHED:
                self._claims_by_digest.popitem(last=False)


def display_name(claims: Mapping[str, Any]) -> str:
    """Return the account name of a person, else the issuer's id."""
    given = claims.get("preferred_username")
    text = given if isinstance(given, str) and given.strip() else str(claims["sub"])
    return "".join(char for char in text if char.isprintable())[:100] or "-"


def person_key(claims: Mapping[str, Any]) -> str:
    """Return the id of a person: issuer and subject, as another issuer may have the same subject.

    An issuer's URL has no fragment, so that the first ``#`` ends it. Names may be given to others by the issuer.
    """
    return f"{PERSON_KEY_PREFIX}{id_text(claims['iss'])}#{id_text(claims['sub'])}"


def _invalid() -> problems.NotSignedIn:
    return problems.NotSignedIn("令牌无效或已过期", "the token is not valid, or has expired")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """Return a claim by its name, or by its path where no claim has that name."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _listed(value: Any) -> list[str]:
    if isinstance(value, str):
        return [one.strip() for one in value.replace(" ", ",").split(",") if one.strip()]
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
