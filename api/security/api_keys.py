"""Create, verify, list and revoke API keys; only a hash of a key is stored (docs/contract.md section 5)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from api import problems
from api.roles import GRANTABLE_ROLES
from geo.errors import BadValue, NotFound
from geo.storage.records import Caller

#: Seconds for which a key's record is cached; a revoked key works no longer than this.
CACHE_SECONDS = 5.0
_MOST_CACHED = 10_000
_TEXT = re.compile(r"gs_([a-z0-9]{12})_([A-Za-z0-9_-]{43})\Z")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_TOWNSHIP = re.compile(r"[0-9]{9}\Z")
#: Compared with for an unknown id, so that it takes the same time as a wrong secret.
_DUMMY_HASH = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class ApiKey:
    """Record of one key.

    Attributes
    ----------
    id
        12 characters; not secret, written to the audit.
    hash
        SHA-256 of the secret. It is 32 random bytes, so that no slow hash is needed.
    townships
        9-digit codes of a planner's key in server mode; None is all, as for every other key.
    created, expires, revoked
        In UTC; None is never.
    """

    id: str
    hash: bytes
    name: str
    role: str
    townships: tuple[str, ...] | None
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None
    created_by: str = ""

    def state(self, now: datetime) -> str:
        """Return ``valid``, ``expired`` or ``revoked``."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else "valid"


class KeyStore(Protocol):
    """Where keys are stored: in a file next to a workspace, or in the server's database."""

    #: Whether the keys of planners have townships.
    scoped: bool
    #: Whether a lookup is so cheap that records are not cached.
    is_local: bool

    def required(self) -> bool:
        """Return whether requests need a key; in embedded mode only after the first key is created."""

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key by its id."""

    def used(self, key_id: str) -> None:
        """Record that a key has just been used."""

    def all(self) -> list[ApiKey]:
        """Return all keys, oldest first."""

    def add(self, key: ApiKey) -> None:
        """Store a new key."""

    def revoke(self, key_id: str, when: datetime, by: str) -> ApiKey | None:
        """Mark a key as revoked, unless it is already; return it, None where it does not exist."""


def check_grant(name: str, role: str, townships: Sequence[str] | None, *, scoped: bool) -> tuple[str, ...] | None:
    """Return the townships of a new key; raise BadValue for an invalid name, role or combination."""
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise BadValue("密钥须有名称，最多 100 字", "a key needs a name of at most 100 characters")
    if role not in GRANTABLE_ROLES:
        listed = ", ".join(GRANTABLE_ROLES)
        raise BadValue(f"没有角色 {role[:40]}，可用：{listed}", f"no role {role[:40]}; there are: {listed}")
    codes = tuple(dict.fromkeys(townships or ()))
    bad = next((code for code in codes if not _TOWNSHIP.match(code)), None)
    if bad is not None:
        raise BadValue(f"镇街代码须为 9 位数字：{bad[:40]}", f"a township code has 9 digits: {bad[:40]}")
    if codes and role != "planner":
        raise BadValue("只有 planner 的密钥限定镇街", "only a planner's key is narrowed to townships")
    if codes and not scoped:
        raise BadValue(
            "工作区文件不分镇街授权；镇街范围须用服务器库",
            "a workspace file has no rights by township; they need the server store",
        )
    if role == "planner" and scoped and not codes:
        raise BadValue("planner 的密钥须写明镇街", "a planner's key must name its townships")
    return codes if role == "planner" and scoped else None


class ApiKeys:
    """Create, verify and revoke keys; records are cached for a few seconds, so that most requests need no query."""

    def __init__(
        self,
        store: KeyStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(tz=UTC),
        clock: Callable[[], float] = time.monotonic,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        self.store = store
        self._now = now
        self._clock = clock
        self._cache_seconds = cache_seconds
        self._lock = threading.Lock()
        self._cached: OrderedDict[str, tuple[float, ApiKey | None]] = OrderedDict()

    @property
    def required(self) -> bool:
        """Return whether requests need a key; otherwise a local request acts as the user of embedded mode."""
        return self.store.required()

    def create(
        self, name: str, role: str, *, townships: Sequence[str] | None = None, days: float | None = None, by: str
    ) -> tuple[str, ApiKey]:
        """Create a key and return its text, which is not stored, and its record.

        Parameters
        ----------
        days
            After how many days it expires; None is never.
        by
            Name of its creator.
        """
        granted = check_grant(name, role, townships, scoped=self.store.scoped)
        if days is not None and not 0 < days <= 36_525:
            raise BadValue("有效天数须大于 0、不超过 36525", "the days of validity must be over 0 and at most 36525")
        now = self._now()
        key_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        secret = secrets.token_urlsafe(32)
        key = ApiKey(
            id=key_id, hash=hash_of(secret), name=name.strip(), role=role, townships=granted, created=now,
            expires=None if days is None else now + timedelta(days=days), created_by=by,
        )  # fmt: skip
        self.store.add(key)
        return f"gs_{key_id}_{secret}", key

    def list(self) -> list[ApiKey]:
        """Return all keys, oldest first."""
        return self.store.all()

    def revoke(self, key_id: str, *, by: str) -> ApiKey:
        """Revoke a key; raise NotFound for an unknown id. Other processes follow within ``CACHE_SECONDS``."""
        found = self.store.revoke(key_id, self._now(), by)
        with self._lock:
            self._cached.pop(key_id, None)
        if found is None:
            raise NotFound(f"没有密钥 {key_id[:40]}", f"there is no key {key_id[:40]}")
        return found

    def is_cached(self, text: str) -> bool:
        """Return whether a key can be verified without reading the store."""
        parts = _TEXT.match(text)
        return parts is None or self.is_cached_id(parts[1])

    def verify(self, text: str) -> ApiKey:
        """Return the key of a text; raise NotSignedIn with the same message for every reason."""
        parts = _TEXT.match(text)
        fresh = parts is not None and not self.is_cached_id(parts[1])
        key = self.find(parts[1]) if parts else None
        given = hash_of(parts[2] if parts else text)
        # Constant time: the response time does not depend on which part is wrong.
        same = hmac.compare_digest(given, key.hash if key else _DUMMY_HASH)
        if key is None or not same or key.state(self._now()) != "valid":
            raise problems.NotSignedIn("密钥无效、已过期或已撤销", "the key is unknown, expired or revoked")
        if fresh:
            self.store.used(key.id)
        return key

    def id_in(self, text: str) -> str:
        """Return the id in a text that looks like a key, where its record is loaded and there is such a key."""
        parts = _TEXT.match(text)
        if parts is None or not self.is_cached_id(parts[1]):
            return ""
        return parts[1] if self.find(parts[1]) is not None else ""

    def of_session(self, key_id: str) -> ApiKey:
        """Return the key that a session was started with, while it is valid; raise NotSignedIn otherwise."""
        key = self.find(key_id)
        if key is None or key.state(self._now()) != "valid":
            raise problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again")
        return key

    def is_cached_id(self, key_id: str) -> bool:
        """Return whether a key's record is cached or local."""
        return self.store.is_local or self._cached_key(key_id) is not None

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key's record, at most ``CACHE_SECONDS`` old."""
        if self.store.is_local:
            return self.store.find(key_id)
        cached = self._cached_key(key_id)
        if cached is not None:
            return cached[1]
        found = self.store.find(key_id)
        with self._lock:
            self._cached[key_id] = (self._clock(), found)
            while len(self._cached) > _MOST_CACHED:
                self._cached.popitem(last=False)
        return found

    def _cached_key(self, key_id: str) -> tuple[float, ApiKey | None] | None:
        with self._lock:
            cached = self._cached.get(key_id)
            if cached is not None and self._clock() - cached[0] >= self._cache_seconds:
                del self._cached[key_id]
                return None
            return cached


def hash_of(secret: str) -> bytes:
    """Return the stored hash of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def caller_from(key: ApiKey, *, request: str, address: str) -> Caller:
    """Return the caller of a key."""
    townships = key.townships if key.role == "planner" else None
    return Caller(key.name, key.role, townships, key=key.id, request=request, address=address)  # type: ignore[arg-type]
