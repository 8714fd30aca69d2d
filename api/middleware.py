"""Stand before every route: hosts, foreign pages, body size, security headers, and what is measured."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

import orjson
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.logs import route_of
from api.representations.language import from_header
from geo.errors import GeoError, StoreBusy, StoreDown

_log = logging.getLogger("gridsight")
_SAFE = {"GET", "HEAD", "OPTIONS"}
#: What an answer that is no page may load: nothing.
_CLOSED = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
#: All of them as they are sent: every answer has them, so they are put there in one step.
_ALWAYS = tuple(
    (name.lower().encode(), value.encode()) for name, value in ({"Content-Security-Policy": _CLOSED} | _HEADERS).items()
)


class Guard:
    """Refuse foreign hosts, foreign pages and over-long bodies, and add the headers every answer carries.

    Pure ASGI, so that a body is counted as it arrives, not after it is in memory.
    """

    def __init__(
        self, app: ASGIApp, *, hosts: Iterable[str], max_body_bytes: int, arrival_seconds: float = 60.0
    ) -> None:
        self.app = app
        self.arrival_seconds = arrival_seconds
        self.hosts = frozenset(hosts)
        self.max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with a problem."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is not None:
            await answer(scope, _with_headers(send), refusal)
            return
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, _without_body(send)
        await self._guarded(scope, _Counted(receive, self.max_body_bytes, self.arrival_seconds), send)

    async def _guarded(self, scope: Scope, counted: Receive, send: Send) -> None:
        """Pass a request on, and answer what goes wrong on the way, once, unless an answer has begun."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            try:
                await send(message)
            except RuntimeError as error:
                if "closed" not in str(error):
                    raise
                raise ClientDisconnect from None  # uvloop's word for a client that left between two pieces

        try:
            await self.app(scope, counted, _with_headers(watched))
        except _Overflow:
            if not started:
                await answer(scope, _with_headers(send), self._too_large())
        except _Late:
            if not started:
                await answer(
                    scope,
                    _with_headers(send, close=True),
                    problems.TooSlow("请求内容没有在限定时间内到齐", "the body has not arrived in time"),
                )
        except ClientDisconnect:
            pass  # there is nobody left to answer, and nothing failed here
        except Exception as error:
            # Here and not in the framework's outermost handler, which answers outside these headers and raises again.
            _log.exception("%s %s", scope["method"], scope["path"], exc_info=error)
            if started:
                raise
            await answer(
                scope,
                _with_headers(send),
                problems.Unexpected("服务内部出错，已记入日志", "the service failed; its log has more"),
            )

    def _refusal(self, method: str, headers: Headers) -> GeoError | None:
        # Two hosts are two readings of one request, by a proxy and by us (RFC 9112, 3.2).
        named = headers.getlist("host")
        if len(named) != 1 or _name(named[0]) not in self.hosts:
            return problems.ForeignHost("请求的主机名不在允许之列", "the request names a host that is not allowed")
        if method not in _SAFE:
            origin = headers.get("origin")
            # A page of another site may send a form or text here without asking: browsers say so in these headers.
            foreign = headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}
            if foreign or (origin is not None and origin.partition("://")[2] != headers.get("host")):
                return problems.ForeignHost(
                    "不接受其他网站页面发来的写入", "writes from other sites' pages are not taken"
                )
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdigit() and len(length) < 20) or int(length) > self.max_body_bytes:
            return self._too_large()
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            # A packed body would have to be unpacked to be counted.
            return problems.UnsupportedMedia("请发送未压缩的内容", "send the body unpacked")
        return None

    def _too_large(self) -> GeoError:
        size = self.max_body_bytes
        return problems.BodyTooLarge(f"请求内容超过 {size:,} 字节", f"the body is larger than {size:,} bytes")


class Metrics:
    """Count requests and time them by route, in a registry of its own."""

    def __init__(self, app: ASGIApp, *, registry: CollectorRegistry) -> None:
        self.app = app
        names = ("method", "route", "status")
        self._count = Counter("gridsight_requests", "Requests answered.", names, registry=registry)
        self._time = Histogram("gridsight_request_seconds", "Seconds to answer.", names[:2], registry=registry)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and note how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), "500"

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            # The template, never the path: a path may hold anything, and each label is kept for good.
            route = route_of(scope)
            scope.setdefault("state", {})["route"] = route  # for the log, which may hold another copy of the scope
            method = scope["method"] if scope["method"] in _SAFE | {"POST", "PUT", "DELETE", "PATCH"} else "OTHER"
            self._count.labels(method, route, status).inc()
            self._time.labels(method, route).observe(time.perf_counter() - start)


async def answer(scope: Scope, send: Send, error: GeoError) -> None:
    """Send an error as a problem, outside the application."""
    status = problems.status_of(error, query=False)
    lang = from_header(Headers(scope=scope).get("accept-language"))
    body = orjson.dumps(problems.body_of(error, lang, status=status, instance=scope["path"]))
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in headers_of(error).items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def headers_of(error: GeoError) -> dict[str, str]:
    """Return the headers that an error's answer must carry: when to come again, or how to sign in."""
    if isinstance(error, problems.NotSignedIn):
        # Not Basic, though it is taken: browsers would ask for a name and password in a window of their own.
        return {"WWW-Authenticate": 'Bearer realm="gridsight"'}
    if isinstance(error, problems.TooMany):
        return {"Retry-After": str(getattr(error, "seconds", 2)), **getattr(error, "headers", {})}
    return {"Retry-After": "2"} if isinstance(error, StoreBusy | StoreDown) else {}


class _Overflow(Exception):
    """More body has arrived than is taken."""


class _Late(Exception):
    """The body has not arrived in its time."""


class _Counted:
    """Count the bytes of a body as they arrive, and give them a time to be there."""

    def __init__(self, receive: Receive, most: int, seconds: float) -> None:
        self._receive = receive
        self._left = most
        self._end: float | None = asyncio.get_running_loop().time() + seconds

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            raise _Late from None
        if not message.get("more_body"):
            self._end = None  # from here on only a client's leave is waited for
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _Overflow
        return message


def _with_headers(send: Send, *, close: bool = False) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            if close:
                MutableHeaders(scope=message)["Connection"] = "close"
            given = {name for name, _ in message.get("headers", ())}
            message["headers"] = [*message.get("headers", ()), *(one for one in _ALWAYS if one[0] not in given)]
        await send(message)

    return sent


def _without_body(send: Send) -> Send:
    """Answer HEAD as GET is answered, the body left out (RFC 9110)."""

    async def sent(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return sent


def _name(host: str) -> str:
    """Return the host name of a Host header without its port, in lower case."""
    name, mark, port = host.rpartition(":")
    return (name if mark and port.isascii() and port.isdigit() and len(port) <= 5 else host).lower()
