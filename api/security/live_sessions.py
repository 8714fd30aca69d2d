"""Say whose session a cookie is: while its record is there, with the rights that its owner has now."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import anyio

from api import problems
from api.roles import GRANTABLE_ROLES
from api.security.api_keys import ApiKeys, caller_from
from api.security.authorization import PERSON_KEY_PREFIX
from api.security.issuer import IssuerUnavailable
from api.security.oidc_client import OidcClient, PersonTokens
from api.security.session_records import SessionRecord, SessionStore
from api.security.sessions import COOKIE, Sessions
from api.security.threads import in_thread
from geo.errors import GeoError, StoreDown
from geo.storage.records import Caller

#: Seconds for which a record is cached: a sign-out reaches every process within them.
CACHE_SECONDS = 2.0
#: A person's rights are read again after the first, and not used beyond the second.
RENEW_SECONDS = 40.0
RIGHTS_SECONDS = 60.0
#: How long one process may take to read rights again before another tries; how long the others wait for it.
_CLAIM_SECONDS = 20.0
_WAIT_SECONDS = 5.0
_MOST_CACHED = 10_000
_STATE = "state"


class LiveSessions:
    """Begin, look up and end sessions.

    Parameters
    ----------
    store
        Where they are recorded.
    seals
        Seals cookies and states.
    keys
        Rights of keys.
    oidc_client
        Reads the rights of people again; None where no issuer is set.
    """

    def __init__(
        self,
        store: SessionStore,
        seals: Sessions,
        keys: ApiKeys,
        oidc_client: OidcClient | None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._seals = seals
        self._keys = keys
        self._oidc_client = oidc_client
        self._clock = clock
        self._lock = threading.Lock()
        self._cached: OrderedDict[str, tuple[float, SessionRecord | None]] = OrderedDict()

    @property
    def seconds(self) -> int:
        """Return how long a session lasts."""
        return self._seals.seconds

    def begin(self, caller: Caller, tokens: PersonTokens | None = None) -> str:
        """Record a session of a caller and return its cookie.

        Parameters
        ----------
        tokens
            Whereby the rights of a person are read again.
        """
        secret = secrets.token_urlsafe(32)
        state = self._state(caller, tokens) if caller.key.startswith(PERSON_KEY_PREFIX) else ""
        self.store.begin(_id_of(secret), caller.key, state, self._seals.seconds)
        return self._seals.seal({"session": secret}, kind=COOKIE)

    def end(self, cookie: str) -> None:
        """End the session of a cookie, in this process at once, in others within ``CACHE_SECONDS``."""
        try:
            session_id = self._session_id(cookie)
        except problems.NotSignedIn:
            return
        self._end(session_id)

    async def caller(self, cookie: str, origin: dict[str, str]) -> Caller:
        """Return the caller of a cookie; raise NotSignedIn where its session has ended."""
        session_id = self._session_id(cookie)
        record = await self._found(session_id)
        if record.principal.startswith(PERSON_KEY_PREFIX):
            return self._person(await self._with_rights_of_now(session_id, record), origin)
        key_id = record.principal
        if self._keys.is_cached_id(key_id):
            return caller_from(self._keys.of_session(key_id), **origin)
        return caller_from(await in_thread(lambda: self._keys.of_session(key_id)), **origin)

    async def _found(self, session_id: str, *, fresh: bool = False) -> SessionRecord:
        """Return a record, at most ``CACHE_SECONDS`` old."""
        record = None if fresh else self._of_cache(session_id)
        if record is None:
            if self.store.is_local:
                record = self.store.find(session_id)
            else:
                record = await in_thread(lambda: self.store.find(session_id))
                self._cache(session_id, record)
        if record is None:
            raise _ended()
        return record

    async def _with_rights_of_now(self, session_id: str, record: SessionRecord) -> SessionRecord:
        """Return the record of a person with rights that are at most ``RIGHTS_SECONDS`` old.

        One process reads them again. Meanwhile the others use those that are young enough, or wait.
        """
        until = self._clock() + _WAIT_SECONDS
        while record.age >= RENEW_SECONDS:
            if not self._tokens_in(record).can_be_used:
                break
            if await in_thread(lambda: self.store.claim(session_id, _CLAIM_SECONDS, age=RENEW_SECONDS)):
                return await self._renewed(session_id, await self._found(session_id, fresh=True))
            if record.age < RIGHTS_SECONDS:
                break
            if self._clock() >= until:
                raise _rights_unknown()
            await anyio.sleep(0.1)
            record = await self._found(session_id, fresh=True)
        if record.age >= RIGHTS_SECONDS:
            # Nothing tells what rights the person has now.
            await in_thread(lambda: self._end(session_id))
            raise _ended()
        return record

    async def _renewed(self, session_id: str, record: SessionRecord) -> SessionRecord:
        try:
            return await in_thread(lambda: self._read_again(session_id, record))
        except problems.NotSignedIn:
            # The issuer has ended the session, or the person has no role any more.
            await in_thread(lambda: self._end(session_id))
            raise
        except StoreDown:
            if record.age < RIGHTS_SECONDS:
                return record
            raise _rights_unknown() from None

    def _read_again(self, session_id: str, record: SessionRecord) -> SessionRecord:
        if self._oidc_client is None:
            raise _ended()
        caller, fresh = self._oidc_client.rights_again(record.principal, self._tokens_in(record))
        renewed = SessionRecord(record.principal, self._state(caller, fresh), 0.0)
        self.store.renew(session_id, renewed.state)
        self._cache(session_id, renewed)
        return renewed

    def _state(self, caller: Caller, tokens: PersonTokens | None) -> str:
        townships = None if caller.townships is None else list(caller.townships)
        values = {"name": caller.name, "role": caller.role, "townships": townships}
        return self._seals.conceal({**values, "tokens": asdict(tokens or PersonTokens())}, kind=_STATE)

    def _open_state(self, record: SessionRecord) -> Mapping[str, Any]:
        return self._seals.reveal(record.state, kind=_STATE)

    def _tokens_in(self, record: SessionRecord) -> PersonTokens:
        return PersonTokens(**self._open_state(record)["tokens"])

    def _person(self, record: SessionRecord, origin: dict[str, str]) -> Caller:
        values = self._open_state(record)
        if values["role"] not in GRANTABLE_ROLES:
            raise _ended()
        townships = None if values["townships"] is None else tuple(values["townships"])
        return Caller(values["name"], values["role"], townships, key=record.principal, **origin)

    def _session_id(self, cookie: str) -> str:
        secret = self._seals.open(cookie, kind=COOKIE).get("session")
        if not isinstance(secret, str):
            raise _ended()
        return _id_of(secret)

    def _end(self, session_id: str) -> None:
        self.store.end(session_id)
        self._cache(session_id, None)

    def _of_cache(self, session_id: str) -> SessionRecord | None:
        with self._lock:
            fetched, record = self._cached.get(session_id, (float("-inf"), None))
        passed = self._clock() - fetched
        return None if record is None or passed >= CACHE_SECONDS else replace(record, age=record.age + passed)

    def _cache(self, session_id: str, record: SessionRecord | None) -> None:
        if self.store.is_local:
            return
        with self._lock:
            self._cached[session_id] = (self._clock(), record)
            self._cached.move_to_end(session_id)
            while len(self._cached) > _MOST_CACHED:
                self._cached.popitem(last=False)


def _id_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _ended() -> problems.NotSignedIn:
    return problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again")


def _rights_unknown() -> GeoError:
    return IssuerUnavailable(
        "身份服务暂时无法使用，不能核对您现在的角色", "the issuer cannot be asked what role you have now"
    )
