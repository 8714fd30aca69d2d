"""Make, check, list and revoke API keys; only a hash of a key is ever kept (CONTRACT section 5)."""

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
from api.roles import GIVEN
from geo.errors import BadValue, NotFound
from geo.storage.records import Caller

#: Seconds for which a looked-up key is believed: a revoked key works no longer than this.
CACHE_SECONDS = 5.0
_MOST_CACHED = 10_000
_TEXT = re.compile(r"gs_([a-z0-9]{12})_([A-Za-z0-9_-]{43})\Z")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_TOWNSHIP = re.compile(r"[0-9]{9}\Z")
#: Compared with where there is no such key, so that an unknown id costs the same as a wrong secret.
_NO_HASH = hashlib.sha256(b"").digest()


@dataclass(frozen=True)
class Key:
    """Hold one key as it is kept.

    Attributes
    ----------
    id
        12 characters; not secret, written to the audit.
    hash
        SHA-256 of the secret. It is 32 random bytes, so that no slow hash is needed.
    townships
        9-digit codes of a planner's key on a server; None is all, as of every other key.
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


class Records(Protocol):
    """Keep keys: in a file beside a workspace, or in the server's database."""

    #: Whether the keys of planners name townships.
    scoped: bool
    #: Whether a look-up is so cheap that remembering it would only delay what changes.
    at_hand: bool

    def required(self) -> bool:
        """Return whether callers must show a key; at a desk not before the first is made."""

    def find(self, key_id: str) -> Key | None:
        """Return a key by its id."""

    def used(self, key_id: str) -> None:
        """Note that a key was shown just now."""

    def all(self) -> list[Key]:
        """Return all keys, oldest first."""

    def add(self, key: Key) -> None:
        """Keep a new key."""

    def revoke(self, key_id: str, when: datetime, by: str) -> Key | None:
        """Mark a key revoked from a moment on, unless it is already; return it, None where there is none."""


def check_grant(name: str, role: str, townships: Sequence[str] | None, *, scoped: bool) -> tuple[str, ...] | None:
    """Return the townships of a new key; raise BadValue where name, role and townships do not fit."""
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise BadValue("密钥须有名称，最多 100 字", "a key needs a name of at most 100 characters")
    if role not in GIVEN:
        listed = ", ".join(GIVEN)
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


class Keys:
    """Check keys against their records, remembering each for a few seconds so that a request costs no query."""

    def __init__(
        self,
        records: Records,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(tz=UTC),
        clock: Callable[[], float] = time.monotonic,
        cache_seconds: float = CACHE_SECONDS,
    ) -> None:
        self.records = records
        self._now = now
        self._clock = clock
        self._keep = cache_seconds
        self._lock = threading.Lock()
        self._cached: OrderedDict[str, tuple[float, Key | None]] = OrderedDict()

    @property
    def required(self) -> bool:
        """Return whether a caller without a key is nobody; else it is whoever sits at the desk."""
        return self.records.required()

    def create(
        self, name: str, role: str, *, townships: Sequence[str] | None = None, days: float | None = None, by: str
    ) -> tuple[str, Key]:
        """Make a key and return its text, which is kept nowhere, and its record.

        Parameters
        ----------
        days
            After how many days it expires; None is never.
        by
            Who makes it.
        """
        granted = check_grant(name, role, townships, scoped=self.records.scoped)
        if days is not None and not 0 < days <= 36_525:
            raise BadValue("有效天数须大于 0、不超过 36525", "the days of validity must be over 0 and at most 36525")
        now = self._now()
        key_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        secret = secrets.token_urlsafe(32)
        key = Key(
            id=key_id, hash=hash_of(secret), name=name.strip(), role=role, townships=granted, created=now,
            expires=None if days is None else now + timedelta(days=days), created_by=by,
        )  # fmt: skip
        self.records.add(key)
        return f"gs_{key_id}_{secret}", key

    def list(self) -> list[Key]:
        """Return all keys, oldest first."""
        return self.records.all()

    def revoke(self, key_id: str, *, by: str) -> Key:
        """Revoke a key; raise NotFound where there is none. Other processes follow within ``CACHE_SECONDS``."""
        found = self.records.revoke(key_id, self._now(), by)
        with self._lock:
            self._cached.pop(key_id, None)
        if found is None:
            raise NotFound(f"没有密钥 {key_id[:40]}", f"there is no key {key_id[:40]}")
        return found

    def known(self, text: str) -> bool:
        """Return whether a key can be judged without asking the records."""
        parts = _TEXT.match(text)
        return parts is None or self.remembers(parts[1])

    def verify(self, text: str) -> Key:
        """Return the key of a text; raise NotSignedIn, in the same words whatever is wrong with it."""
        parts = _TEXT.match(text)
        fresh = parts is not None and not self.remembers(parts[1])
        key = self.find(parts[1]) if parts else None
        shown = hash_of(parts[2] if parts else text)
        # Both are always done: how long the answer takes tells nothing of which part was right.
        same = hmac.compare_digest(shown, key.hash if key else _NO_HASH)
        if key is None or not same or key.state(self._now()) != "valid":
            raise problems.NotSignedIn("密钥无效、已过期或已撤销", "the key is unknown, expired or revoked")
        if fresh:
            self.records.used(key.id)
        return key

    def of_session(self, key_id: str) -> Key:
        """Return the key that a session was begun with, while it is valid; raise NotSignedIn otherwise."""
        key = self.find(key_id)
        if key is None or key.state(self._now()) != "valid":
            raise problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again")
        return key

    def remembers(self, key_id: str) -> bool:
        """Return whether a key's record is at hand."""
        return self.records.at_hand or self._remembered(key_id) is not None

    def find(self, key_id: str) -> Key | None:
        """Return a key's record, at most ``CACHE_SECONDS`` old."""
        if self.records.at_hand:
            return self.records.find(key_id)
        kept = self._remembered(key_id)
        if kept is not None:
            return kept[1]
        found = self.records.find(key_id)
        with self._lock:
            self._cached[key_id] = (self._clock(), found)
            while len(self._cached) > _MOST_CACHED:
                self._cached.popitem(last=False)
        return found

    def _remembered(self, key_id: str) -> tuple[float, Key | None] | None:
        with self._lock:
            kept = self._cached.get(key_id)
            if kept is not None and self._clock() - kept[0] >= self._keep:
                del self._cached[key_id]
                return None
            return kept


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def caller_from(key: Key, *, request: str, address: str) -> Caller:
    """Return for whom a key acts."""
    townships = key.townships if key.role == "planner" else None
    return Caller(key.name, key.role, townships, key=key.id, request=request, address=address)  # type: ignore[arg-type]
