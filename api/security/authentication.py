"""Find out who sends a request, before any route sees it; a credential that does not hold is 401, never ignored."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.middleware import answer
from api.roles import GIVEN
from api.security.api_keys import Keys, caller_from
from api.security.authorization import PERSON, local
from api.security.oidc_client import People
from api.security.proxy import Proxies, from_here
from api.security.rate_limits import Limits
from api.security.sessions import COOKIE, Sessions
from geo.errors import GeoError, StoreDown
from geo.storage.records import Caller

#: What answers differ by, besides the address: caches between us and the caller must know.
VARY = "Authorization, X-API-Key, Cookie"
#: Paths for people, which a session that has ended must not close: the way to sign in again leads over them.
_OPEN_PATHS = ("/static/", "/login", "/logout", "/health", "/problems")
#: Paths that cost nothing and are not counted: a page takes twenty of them.
_UNCOUNTED = ("/static/", "/health")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Identity:
    """Hold everything a credential is checked against; made with the application, once the store is open."""

    keys: Keys
    proxies: Proxies
    sessions: Sessions
    limits: Limits
    people: People | None = None

    async def caller(self, headers: Headers, peer: str, *, request: str, address: str) -> Caller:
        """Return who sends these headers; raise NotSignedIn where a credential does not hold."""
        who = {"request": request, "address": address}
        by_proxy = self.proxies.caller(peer, headers, **who)
        if by_proxy is not None:
            return by_proxy
        text = _shown(headers)
        if text is not None:
            return await self._by_text(text, who)
        cookie = _cookie(headers)
        if cookie is not None:
            return await self._by_session(cookie, who)
        if not self.keys.required and from_here(peer, headers):
            return local(address, request)
        return Caller("", "public", (), **who)

    async def sign_in(self, text: str, *, address: str) -> Caller:
        """Return the caller of a key typed in at the sign-in page; raise NotSignedIn, or TooMany after many tries."""
        return await self._by_text(text, {"request": "", "address": address})

    async def _by_text(self, text: str, who: dict[str, str]) -> Caller:
        tokens = None if text.startswith("gs_") or self.people is None else self.people.tokens
        at_hand = self.keys.known(text) if tokens is None else tokens.ready(text)

        def judge() -> Caller:
            return caller_from(self.keys.verify(text), **who) if tokens is None else tokens.caller(text, **who)

        try:
            if at_hand:
                return judge()
            # Only what is not at hand is held back: a key in use goes on working while somebody else guesses.
            await self.limits.check_failures(who["address"])
            return await _aside(judge)
        except problems.NotSignedIn:
            await self.limits.check_failures(who["address"])
            await self.limits.failed(who["address"])
            raise

    async def _by_session(self, cookie: str, who: dict[str, str]) -> Caller:
        values = self.sessions.open(cookie, kind=COOKIE)
        key_id = values.get("key")
        if key_id is None:
            return person(values, **who)
        at_hand = self.keys.remembers(key_id)
        key = self.keys.of_session(key_id) if at_hand else await _aside(lambda: self.keys.of_session(key_id))
        return caller_from(key, **who)


class Identify:
    """Set the caller and the request's id in ``scope["state"]``; count the request; mark answers as private."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its caller, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identity: Identity = scope["app"].state.identity
        headers = Headers(scope=scope)
        peer = (scope.get("client") or ("",))[0] or ""
        state = scope.setdefault("state", {})
        request = state["request_id"] = state.get("request_id") or secrets.token_hex(8)
        address = identity.proxies.address(peer, headers)
        state["caller"] = nobody = Caller("", "public", (), request=request, address=address)
        state["scheme"] = identity.proxies.scheme(peer, headers, scope["scheme"])
        forget = counted = None
        path = scope["path"]
        try:
            try:
                caller = await identity.caller(headers, peer, request=request, address=address)
            except problems.NotSignedIn:
                if _shown(headers) is not None or _cookie(headers) is None:
                    raise
                forget = _forgotten()
                if path != "/" and not path.startswith(_OPEN_PATHS):
                    raise
                caller = nobody
            state["caller"] = caller
            if not path.startswith(_UNCOUNTED):
                counted = await identity.limits.take(caller)
        except GeoError as error:
            await answer(scope, _marked(send, path, request, counted, forget), error)
            return
        await self.app(scope, receive, _marked(send, path, request, counted, forget))


def person(values: dict[str, Any], *, request: str, address: str) -> Caller:
    """Return the person that a session names; raise NotSignedIn where it names none."""
    role, codes = values.get("role"), values.get("townships")
    if role not in GIVEN or not isinstance(values.get("name"), str):
        raise problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again")
    townships = None if codes is None else tuple(codes)
    return Caller(values["name"], role, townships, key=str(values.get("id")), request=request, address=address)


def session_of(caller: Caller) -> dict[str, Any]:
    """Return what a session keeps of a caller: a key's id, so that revoking it ends the session, or a person."""
    if not caller.key.startswith(PERSON):
        return {"key": caller.key}
    townships = None if caller.townships is None else list(caller.townships)
    return {"id": caller.key, "name": caller.name, "role": caller.role, "townships": townships}


def _shown(headers: Headers) -> str | None:
    """Return the key or token that a request shows, None where it shows none; raise NotSignedIn for two of them."""
    found = [
        *(("key", one) for one in headers.getlist("x-api-key")),
        *(("", one) for one in headers.getlist("authorization")),
    ]
    if not found:
        return None
    if len(found) > 1:
        raise problems.NotSignedIn("请求带有多个凭据", "the request shows more than one credential")
    kind, text = found[0]
    if kind == "key":
        return text.strip()
    scheme, _, value = text.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            _, mark, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            mark = ""
        if mark:
            return password
    raise problems.NotSignedIn("Authorization 须为 Bearer 或 Basic", "Authorization must be Bearer or Basic")


def _cookie(headers: Headers) -> str | None:
    given = headers.get("cookie")
    return cookie_parser(given).get(COOKIE) if given else None


def _forgotten() -> str:
    return f"{COOKIE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"


def _marked(send: Send, path: str, request: str, counted: dict[str, str] | None, forget: str | None) -> Send:
    static = path.startswith("/static/")

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = request
            for name, value in (counted or {}).items():
                headers[name] = value
            if forget is not None:
                headers.append("Set-Cookie", forget)
            if not static:
                headers.add_vary_header(VARY)
                headers.setdefault("Cache-Control", "private, no-cache")
        await send(message)

    return sent


async def _aside(look: Callable[[], _T]) -> _T:
    """Look something up in a thread: a file, the database or the issuer must not hold up other requests."""
    try:
        return await to_thread.run_sync(look)
    except OSError:
        raise StoreDown("密钥暂时无法核对", "keys cannot be checked just now") from None
