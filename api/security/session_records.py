"""Keep the records of sessions: one is signed in while its record is there, in whichever process one asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

_MOST_KEPT = 10_000


@dataclass(frozen=True)
class SessionRecord:
    """One session.

    Attributes
    ----------
    principal
        ``Caller.key`` of who signed in.
    state
        Rights and tokens of a person, sealed; empty for a key, whose rights are in its own record.
    age
        Seconds since the rights were read.
    """

    principal: str
    state: str
    age: float


class SessionStore(Protocol):
    """Where sessions are recorded: in the server's database, or in this process. Ids are hashes of secrets."""

    #: Whether a lookup is so cheap that records are not cached.
    is_local: bool

    def begin(self, session_id: str, principal: str, state: str, seconds: float) -> None:
        """Record a session that ends after some seconds."""

    def find(self, session_id: str) -> SessionRecord | None:
        """Return a session that has not ended."""

    def claim(self, session_id: str, seconds: float, *, age: float) -> bool:
        """Return whether the caller is the one to read the rights again; nobody else is for some seconds.

        Nobody is where they have been read within ``age`` seconds: a token of before that may be used up.
        """

    def renew(self, session_id: str, state: str) -> None:
        """Store rights that have just been read, and give the claim back."""

    def end(self, session_id: str) -> None:
        """End a session."""


@dataclass(frozen=True)
class _Kept:
    principal: str
    state: str
    read: float
    ends: float
    claimed: float = float("-inf")


class ProcessSessionStore:
    """Sessions of this process, which end with it: one process serves a workspace."""

    is_local = True

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def begin(self, session_id: str, principal: str, state: str, seconds: float) -> None:
        """Record a session that ends after some seconds; of too many, the oldest ends."""
        now = self._clock()
        with self._lock:
            self._kept = {one: kept for one, kept in self._kept.items() if kept.ends > now}
            while len(self._kept) >= _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[session_id] = _Kept(principal, state, now, now + seconds)

    def find(self, session_id: str) -> SessionRecord | None:
        """Return a session that has not ended."""
        now = self._clock()
        with self._lock:
            kept = self._kept.get(session_id)
        return None if kept is None or kept.ends <= now else SessionRecord(kept.principal, kept.state, now - kept.read)

    def claim(self, session_id: str, seconds: float, *, age: float) -> bool:
        """Return whether the caller is the one to read the rights again; nobody else is for some seconds.

        Nobody is where they have been read within ``age`` seconds: a token of before that may be used up.
        """
        now = self._clock()
        with self._lock:
            kept = self._kept.get(session_id)
            if kept is None or now - kept.claimed < seconds or now - kept.read < age:
                return False
            self._kept[session_id] = replace(kept, claimed=now)
            return True

    def renew(self, session_id: str, state: str) -> None:
        """Store rights that have just been read, and give the claim back."""
        with self._lock:
            kept = self._kept.get(session_id)
            if kept is not None:
                self._kept[session_id] = replace(kept, state=state, read=self._clock(), claimed=float("-inf"))

    def end(self, session_id: str) -> None:
        """End a session."""
        with self._lock:
            self._kept.pop(session_id, None)
