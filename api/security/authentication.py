"""Authenticate a request before routing; an invalid credential is 401, never ignored."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass, field

from anyio import CapacityLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.logs import log_failure
from api.middleware import send_problem
from api.security.api_keys import ApiKeys, caller_from
from api.security.authorization import local_caller
from api.security.live_sessions import LiveSessions
from api.security.oidc_client import OidcClient, PersonTokens
from api.security.proxy import TrustedProxies, is_local_request
from api.security.rate_limits import RateLimits
from api.security.sessions import COOKIE, Sessions, cookie_name
from api.security.threads import in_thread
from geo.errors import GeoError
from geo.storage.records import Caller

#: Request headers that responses depend on, for caches between service and client.
VARY = "Authorization, X-API-Key, Cookie"
#: Paths that remain usable with an expired session, so that users can sign in again.
_UNAUTHENTICATED_PATHS = ("/static/", "/login", "/logout", "/health", "/problems")
#: Cheap paths that do not count for the rate limit: a page requests twenty of them.
_UNCOUNTED = ("/static/", "/health")


@dataclass(frozen=True)
class Authenticator:
    """Everything that credentials are verified with; created with the application, when the store is open."""

    keys: ApiKeys
    proxies: TrustedProxies
    seals: Sessions
    sessions: LiveSessions
    limits: RateLimits
    oidc_client: OidcClient | None = None
    #: Lookups of credentials at the same time, so that a flood of them leaves threads and connections to others; and
    #: those from addresses that have shown many invalid ones, which go in single file.
    lookups: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(8))
    suspect_lookups: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def caller(
        self, headers: Headers, peer: str, *, request: str, address: str, is_secure: bool = False
    ) -> Caller:
        """Return the caller of a request with these headers; raise NotSignedIn for an invalid credential.

        Raises
        ------
        NotSignedIn
            The credential is invalid.
        RateLimited
            It is, and its address or its key has had too many of them.
        """
        origin = {"request": request, "address": address}
        try:
            by_proxy = self.proxies.caller(peer, headers, **origin)
            text = None if by_proxy is not None else _credential_of(headers)
        except problems.NotSignedIn:
            await self.limits.refused(address)
            raise
        if by_proxy is not None:
            return by_proxy
        if text is not None:
            return await self._by_text(text, origin)
        cookie = session_cookie(headers, is_secure=is_secure)
        if cookie is not None:
            return await self.sessions.caller(cookie, origin)
        if not self.keys.required and is_local_request(peer, headers):
            return local_caller(address, request)
        return Caller("", "public", (), **origin)

    async def sign_in(self, text: str, *, address: str) -> tuple[Caller, PersonTokens]:
        """Return the caller of a key or token entered at the sign-in page; raise as ``caller`` does."""
        caller = await self._by_text(text, {"request": "", "address": address})
        return caller, PersonTokens(access="" if text.startswith("gs_") else text)

    async def _by_text(self, text: str, origin: dict[str, str]) -> Caller:
        """Verify first, count afterwards: whatever others do at this address, a good credential is good."""
        tokens = None if text.startswith("gs_") or self.oidc_client is None else self.oidc_client.tokens
        is_cached = self.keys.is_cached(text) if tokens is None else tokens.is_cached(text)

        def verify() -> Caller:
            return caller_from(self.keys.verify(text), **origin) if tokens is None else tokens.caller(text, **origin)

        address = origin["address"]
        try:
            if is_cached:
                return verify()
            limiter = self.suspect_lookups if await self.limits.is_suspect(address) else self.lookups
            return await in_thread(verify, limiter)
        except problems.NotSignedIn:
            await self.limits.refused(address, self.keys.id_in(text) if tokens is None else "")
            raise


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
        clear_cookie = counted = None
        path = scope["path"]
        is_secure = scope["scheme"] == "https"
        try:
            try:
                caller = await authenticator.caller(
                    headers, peer, request=request, address=address, is_secure=is_secure
                )
            except problems.NotSignedIn:
                if _credential_of(headers) is not None or session_cookie(headers, is_secure=is_secure) is None:
                    raise
                clear_cookie = _cleared_cookie(is_secure=is_secure)
                if path != "/" and not path.startswith(_UNAUTHENTICATED_PATHS):
                    await authenticator.limits.refused(address)
                    raise
                caller = public
            state["caller"] = caller
            if not path.startswith(_UNCOUNTED):
                counted = await authenticator.limits.count_request(caller)
        except GeoError as error:
            log_failure(scope, error)
            await send_problem(scope, _send_with_cache_headers(send, path, request, counted, clear_cookie), error)
            return
        await self.app(scope, receive, _send_with_cache_headers(send, path, request, counted, clear_cookie))


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


def session_cookie(headers: Headers, *, is_secure: bool) -> str | None:
    """Return the cookie of a session; over TLS only one that no plain page and no other host can have set."""
    given = headers.get("cookie")
    return cookie_parser(given).get(cookie_name(COOKIE, is_secure=is_secure)) if given else None


def _cleared_cookie(*, is_secure: bool) -> str:
    name = cookie_name(COOKIE, is_secure=is_secure)
    return f"{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict{'; Secure' if is_secure else ''}"


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
