"""Authenticate a request before routing; an invalid credential is 401, never ignored."""

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
from api.middleware import send_problem
from api.roles import GRANTABLE_ROLES
from api.security.api_keys import ApiKeys, caller_from
from api.security.authorization import PERSON_KEY_PREFIX, local_caller
from api.security.oidc_client import OidcClient
from api.security.proxy import TrustedProxies, is_local_request
from api.security.rate_limits import RateLimits
from api.security.sessions import COOKIE, Sessions
from geo.errors import GeoError, StoreDown
from geo.storage.records import Caller

#: Request headers that responses depend on, for caches between service and client.
VARY = "Authorization, X-API-Key, Cookie"
#: Paths that remain usable with an expired session, so that users can sign in again.
_UNAUTHENTICATED_PATHS = ("/static/", "/login", "/logout", "/health", "/problems")
#: Cheap paths that do not count for the rate limit: a page requests twenty of them.
_UNCOUNTED = ("/static/", "/health")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Authenticator:
    """Everything that credentials are verified with; created with the application, when the store is open."""

    keys: ApiKeys
    proxies: TrustedProxies
    sessions: Sessions
    limits: RateLimits
    oidc_client: OidcClient | None = None

    async def caller(self, headers: Headers, peer: str, *, request: str, address: str) -> Caller:
        """Return the caller of a request with these headers; raise NotSignedIn for an invalid credential."""
        origin = {"request": request, "address": address}
        by_proxy = self.proxies.caller(peer, headers, **origin)
        if by_proxy is not None:
            return by_proxy
        text = _credential_of(headers)
        if text is not None:
            return await self._by_text(text, origin)
        cookie = _cookie(headers)
        if cookie is not None:
            return await self._by_session(cookie, origin)
        if not self.keys.required and is_local_request(peer, headers):
            return local_caller(address, request)
        return Caller("", "public", (), **origin)

    async def sign_in(self, text: str, *, address: str) -> Caller:
        """Return the caller of a key entered at the sign-in page; raise NotSignedIn, or TooMany after many attempts."""
        return await self._by_text(text, {"request": "", "address": address})

    async def _by_text(self, text: str, origin: dict[str, str]) -> Caller:
        tokens = None if text.startswith("gs_") or self.oidc_client is None else self.oidc_client.tokens
        is_cached = self.keys.is_cached(text) if tokens is None else tokens.is_cached(text)

        def verify() -> Caller:
            return caller_from(self.keys.verify(text), **origin) if tokens is None else tokens.caller(text, **origin)

        try:
            if is_cached:
                return verify()
            # Only uncached credentials are rate limited: keys in use keep working during a guessing attack.
            await self.limits.check_failures(origin["address"])
            return await _in_thread(verify)
        except problems.NotSignedIn:
            await self.limits.check_failures(origin["address"])
            await self.limits.failed(origin["address"])
            raise

    async def _by_session(self, cookie: str, origin: dict[str, str]) -> Caller:
        values = self.sessions.open(cookie, kind=COOKIE)
        key_id = values.get("key")
        if key_id is None:
            return person_caller(values, **origin)
        is_cached = self.keys.is_cached_id(key_id)
        key = self.keys.of_session(key_id) if is_cached else await _in_thread(lambda: self.keys.of_session(key_id))
        return caller_from(key, **origin)


class AuthenticationMiddleware:
    """Set the caller and the request id in ``scope["state"]``; apply the rate limit; mark responses as private."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request with its caller, or respond with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        authenticator: Authenticator = scope["app"].state.authenticator
        headers = Headers(scope=scope)
        peer = (scope.get("client") or ("",))[0] or ""
        state = scope.setdefault("state", {})
        request = state["request_id"] = state.get("request_id") or secrets.token_hex(8)
        address = authenticator.proxies.address(peer, headers)
        state["caller"] = public = Caller("", "public", (), request=request, address=address)
        state["scheme"] = authenticator.proxies.scheme(peer, headers, scope["scheme"])
        clear_cookie = counted = None
        path = scope["path"]
        try:
            try:
                caller = await authenticator.caller(headers, peer, request=request, address=address)
            except problems.NotSignedIn:
                if _credential_of(headers) is not None or _cookie(headers) is None:
                    raise
                clear_cookie = _cleared_cookie()
                if path != "/" and not path.startswith(_UNAUTHENTICATED_PATHS):
                    raise
                caller = public
            state["caller"] = caller
            if not path.startswith(_UNCOUNTED):
                counted = await authenticator.limits.count_request(caller)
        except GeoError as error:
            await send_problem(scope, _send_with_cache_headers(send, path, request, counted, clear_cookie), error)
            return
        await self.app(scope, receive, _send_with_cache_headers(send, path, request, counted, clear_cookie))


def person_caller(values: dict[str, Any], *, request: str, address: str) -> Caller:
    """Return the caller in a person's session; raise NotSignedIn where it is invalid."""
    role, codes = values.get("role"), values.get("townships")
    if role not in GRANTABLE_ROLES or not isinstance(values.get("name"), str):
        raise problems.NotSignedIn("登录已失效，请重新登录", "the session has ended; sign in again")
    townships = None if codes is None else tuple(codes)
    return Caller(values["name"], role, townships, key=str(values.get("id")), request=request, address=address)


def session_of(caller: Caller) -> dict[str, Any]:
    """Return the content of a caller's session: a key's id, so that its revocation ends the session, or a person."""
    if not caller.key.startswith(PERSON_KEY_PREFIX):
        return {"key": caller.key}
    townships = None if caller.townships is None else list(caller.townships)
    return {"id": caller.key, "name": caller.name, "role": caller.role, "townships": townships}


def _credential_of(headers: Headers) -> str | None:
    """Return the key or token of a request, None where it has none; raise NotSignedIn for more than one."""
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


def _cleared_cookie() -> str:
    return f"{COOKIE}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict"


def _send_with_cache_headers(
    send: Send, path: str, request: str, counted: dict[str, str] | None, clear_cookie: str | None
) -> Send:
    static = path.startswith("/static/")

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = request
            for name, value in (counted or {}).items():
                headers[name] = value
            if clear_cookie is not None:
                headers.append("Set-Cookie", clear_cookie)
            if not static:
                headers.add_vary_header(VARY)
                headers.setdefault("Cache-Control", "private, no-cache")
        await send(message)

    return send_with_headers


async def _in_thread(lookup: Callable[[], _T]) -> _T:
    """Run a lookup in a thread: a file, the database or the issuer must not block other requests."""
    try:
        return await to_thread.run_sync(lookup)
    except OSError:
        raise StoreDown("密钥暂时无法核对", "keys cannot be checked just now") from None
