"""Middleware for every request: host and origin checks, body limits, security headers, metrics."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Protocol

import orjson
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.cors import send_preflight, with_cors
from api.language import from_header
from api.logs import route_of
from geo.errors import GeoError, StoreBusy, StoreDown, StoreFull

_log = logging.getLogger("gridsight")
_SAFE = {"GET", "HEAD", "OPTIONS"}
#: No room on the disk, or over the quota of its user.
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
#: Policy of responses that are not pages: they may load nothing.
_EMPTY_CSP = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
#: The headers of every response, encoded once.
_RESPONSE_HEADERS = tuple(
    (name.lower().encode(), value.encode())
    for name, value in ({"Content-Security-Policy": _EMPTY_CSP} | _SECURITY_HEADERS).items()
)


class PublicOrigin(Protocol):
    """Under which scheme and host the caller of a request knows the service (``api.security.public_url``)."""

    def hosts(self) -> frozenset[str]:
        """Return host names that requests may name besides the configured ones."""

    def hosts_named(self, scope: Scope, headers: Headers) -> tuple[str, ...]:
        """Return the hosts, with ports, that a request names."""

    def origin(self, scope: Scope, headers: Headers) -> tuple[str, str]:
        """Return scheme and host, with its port, for links, cookies and the check of writes."""

    def applied(self, scope: Scope, headers: Headers) -> Scope:
        """Return the scope with this scheme and host."""


class RequestGuard:
    """Reject foreign hosts, foreign pages and too large bodies; add the security headers.

    What it passes on names the scheme and the host that users know, so that every URL made of a request does.
    Pure ASGI, so that a body is counted while it arrives, not after it is in memory. Paths in ``larger`` take a larger
    body by POST: their routes write it to a file as it comes, and to callers that they know.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        public_url: PublicOrigin,
        max_body_bytes: int,
        arrival_seconds: float = 60.0,
        origins: Iterable[str] = (),
        larger: Mapping[str, int] | None = None,
    ) -> None:
        self.app = app
        self.larger = larger or {}
        self.origins = frozenset(origins)
        self.arrival_seconds = arrival_seconds
        self.public_url = public_url
        self.hosts = frozenset(hosts) | self.public_url.hosts()
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request, or respond with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self.origins:
            send = with_cors(send, headers.get("origin") if self._is_listed(headers) else None)
        rejection = self._rejection(scope, headers)
        if rejection is not None:
            await send_problem(scope, _with_headers(send), rejection)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers and self._is_listed(headers):
            await send_preflight(_with_headers(send))
            return
        scope = self.public_url.applied(scope, headers)
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        most = self._most(scope)
        # A larger body gets more time in proportion: the slowest line that is served is the same.
        seconds = self.arrival_seconds * max(1.0, most / self.max_body_bytes)
        await self._handle(scope, _CountingReceive(receive, most, seconds), send)

    async def _handle(self, scope: Scope, counted: Receive, send: Send) -> None:
        """Pass the request on; send a problem for an error unless the response has started."""
        started = False

        async def send_and_watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            try:
                await send(message)
            except RuntimeError as error:
                if "closed" not in str(error):
                    raise
                raise ClientDisconnect from None  # raised by uvloop when the client disconnects between two chunks

        try:
            await self.app(scope, counted, _with_headers(send_and_watch))
        except _BodyTooLarge:
            if not started:
                await send_problem(scope, _with_headers(send), self._too_large(scope))
        except _BodyTimeout:
            if not started:
                await send_problem(
                    scope,
                    _with_headers(send, close=True),
                    problems.TooSlow("请求内容没有在限定时间内到齐", "the body has not arrived in time"),
                )
        except ClientDisconnect:
            pass  # the client has disconnected; not an error of this service
        except Exception as error:
            # Here and not in the framework's outermost handler, which responds without these headers and raises again.
            _log.exception("unhandled error: %s %s", scope["method"], route_of(scope), exc_info=error)
            if started:
                raise
            await send_problem(scope, _with_headers(send), _failure(error))

    def _rejection(self, scope: Scope, headers: Headers) -> GeoError | None:
        # Two Host headers can be interpreted differently by a proxy and by this service (RFC 9112, 3.2).
        named = self.public_url.hosts_named(scope, headers)
        if len(headers.getlist("host")) != 1 or not all(host_name(one) in self.hosts for one in named):
            return problems.ForeignHost("请求的主机名不在允许之列", "the request names a host that is not allowed")
        # A listed page sends a key; with a cookie the browser would lend it the session of whoever looks at it.
        is_listed = self._is_listed(headers) and "cookie" not in headers
        if scope["method"] not in _SAFE and not is_listed and self._is_from_another_site(scope, headers):
            return problems.ForeignHost("不接受其他网站页面发来的写入", "writes from other sites' pages are not taken")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 20) or int(length) > self._most(scope):
            return self._too_large(scope)
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            # A compressed body would have to be decompressed to be counted.
            return problems.UnsupportedMedia("请发送未压缩的内容", "send the body unpacked")
        return None

    def _is_listed(self, headers: Headers) -> bool:
        """Return whether a request comes from a page that may call this service (GRIDSIGHT_CORS_ORIGINS)."""
        return headers.get("origin", "").lower() in self.origins

    def _is_from_another_site(self, scope: Scope, headers: Headers) -> bool:
        """Return whether a page of another site sends this: a form needs no preflight request, browsers tell its site.

        A proxy may pass a host on without its port. A browser that says that page and service have one origin has
        compared the ports itself, so that names are enough then.
        """
        site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
        if site not in {"same-origin", "none"}:
            return True
        if origin is None:
            return False
        given = origin.partition("://")[2]
        known = {*self.public_url.hosts_named(scope, headers), self.public_url.origin(scope, headers)[1]}
        return given not in known and not (site == "same-origin" and host_name(given) in map(host_name, known))

    def _most(self, scope: Scope) -> int:
        """Return the bytes that the body of a request may have."""
        is_sent = scope["method"] == "POST"
        return self.larger.get(scope["path"], self.max_body_bytes) if is_sent else self.max_body_bytes

    def _too_large(self, scope: Scope) -> GeoError:
        size = self._most(scope)
        return problems.BodyTooLarge(f"请求内容超过 {size:,} 字节", f"the body is larger than {size:,} bytes")


class RequestMetrics:
    """Count requests and measure their time by route, in a separate registry."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self.app = app
        names = ("method", "route", "status")
        self._count = Counter("gridsight_requests", "Requests answered.", names, registry=registry)
        self._time = Histogram("gridsight_request_seconds", "Seconds to answer.", names[:2], registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request and measure it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status, is_counted = time.perf_counter(), "500", False

        def record() -> None:
            nonlocal is_counted
            if is_counted:
                return
            is_counted = True
            # The template, never the path, which may contain any input; labels are kept for ever.
            route = route_of(scope)
            scope.setdefault("state", {})["route"] = route  # for the log, which may have another copy of the scope
            method = scope["method"] if scope["method"] in _SAFE | {"POST", "PUT", "DELETE", "PATCH"} else "OTHER"
            self._count.labels(method, route, status).inc()
            self._time.labels(method, route).observe(time.perf_counter() - start)

        async def send_and_record(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            elif message["type"] == "http.response.body" and not message.get("more_body", False):
                record()  # before the end is sent: who has the answer finds it counted, even of a killed process
            await send(message)

        try:
            await self.app(scope, receive, send_and_record)
        finally:
            record()  # without an end: an error, a client that left


async def send_problem(scope: Scope, send: Send, error: GeoError) -> None:
    """Send an error as a problem, outside the application."""
    status = problems.status_of(error, query=False)
    lang = from_header(Headers(scope=scope).get("accept-language"))
    body = orjson.dumps(problems.body_of(error, lang, status=status, instance=scope["path"]))
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in headers_of(error).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _failure(error: Exception) -> GeoError:
    """Return what a caller is told of an error that no route foresaw; the log has its reason."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return StoreFull("存储空间已满，请联系管理员", "the disk of the service is full; tell the operator")
    return problems.Unexpected("服务内部出错，已记入日志", "the service failed; its log has more")


def headers_of(error: GeoError) -> dict[str, str]:
    """Return the headers of an error's response: when to retry, or how to authenticate."""
    if isinstance(error, problems.NotSignedIn):
        # Not Basic, though it is accepted: browsers would open a dialog for name and password.
        return {"WWW-Authenticate": 'Bearer realm="gridsight"'}
    if isinstance(error, problems.TooMany):
        return {"Retry-After": str(getattr(error, "seconds", 2)), **getattr(error, "headers", {})}
    return {"Retry-After": "2"} if isinstance(error, StoreBusy | StoreDown) else {}


class _BodyTooLarge(Exception):
    """The body is larger than the limit."""


class _BodyTimeout(Exception):
    """The body has not arrived in time."""


class _CountingReceive:
    """Receive channel that counts the bytes of a body and limits the time of its arrival."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self._receive = receive
        self._left = most
        self._end: float | None = asyncio.get_running_loop().time() + seconds

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            raise _BodyTimeout from None
        if not message.get("more_body"):
            self._end = None  # afterwards only a disconnect is awaited
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _BodyTooLarge
        return message


def _with_headers(send: Send, *, close: bool = False) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            if close:
                MutableHeaders(scope=message)["Connection"] = "close"
            present = {name for name, _ in message.get("headers", ())}
            message["headers"] = [
                *message.get("headers", ()),
                *(one for one in _RESPONSE_HEADERS if one[0] not in present),
            ]
        await send(message)

    return send_with_headers


def _without_body(send: Send) -> Send:
    """Return a channel for HEAD: the response to GET without its body (RFC 9110)."""

    async def send_empty(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_empty


def host_name(host: str) -> str:
    """Return the host name of a Host header without its port, in lower case."""
    name, mark, port = host.rpartition(":")
    return (name if mark and port.isascii() and port.isdigit() and len(port) <= 5 else host).lower()
