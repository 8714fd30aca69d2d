"""Write the log: a line an event, as JSON or as text, tied to its request and clean of secrets."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import re
import sys
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.representations.language import from_header
from api.settings import Settings
from geo.errors import StoreBusy

_access = logging.getLogger("gridsight.access")
_HANDLER = "gridsight"
#: Libraries whose news are news of the service; of the others only warnings are written.
_HEARD = ("gridsight", "uvicorn.error", "procrastinate")
#: An id from outside is taken only in this shape: it goes into the log, the audit and the answer's header.
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Asked every few seconds by machines; written only where the answer is not as it should be.
_QUIET = {"/health", "/ready", "/metrics"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
#: Where a caller was turned away, the address is written too, for whoever must find out who knocks.
_TURNED_AWAY = {401, 403, 429}
#: A net below every message, for what a library or a later change might say: keys, tokens, passwords in URLs.
_SECRETS = (
    (re.compile(r"\b(gs_[A-Za-z0-9]{12})_[A-Za-z0-9_-]{8,}"), r"\1_***"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "***"),
    (re.compile(r"(\b[a-z][a-z0-9+]*://[^\s:/@]*):[^\s@/]+@"), r"\1:***@"),
    (re.compile(r"(\bpassword\s*[=:]\s*)[^\s,;'\"]+", re.IGNORECASE), r"\1***"),
)
#: What each of these has in it: one look instead of five for the texts that hold none.
_SUSPECT = re.compile(r"gs_|eyJ|://|bearer|basic|password", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_request: contextvars.ContextVar[str] = contextvars.ContextVar("gridsight_request", default="")


def configure(settings: Settings, *, stream: IO[str] | None = None) -> logging.Handler:
    """Send every log line of the process through one handler; calling it again replaces that handler.

    Parameters
    ----------
    settings
        `log_format` says whether lines are JSON or text.
    stream
        Where lines go; stderr where it is None, as stdout carries results only.
    """
    handler = _Stderr() if stream is None else logging.StreamHandler(stream)
    handler.name = _HANDLER
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.name == _HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _HEARD:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        one = logging.getLogger(name)
        one.handlers, one.propagate = [], True
    # The server's own access lines hold raw queries, so addresses: AccessLog writes ours.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    return handler


class _Stderr(logging.StreamHandler):
    """Write to stderr as it is now: whoever redirected it for a while may have closed what it was then."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> IO[str]:  # type: ignore[override]
        """Return stderr."""
        return sys.stderr


def request_id() -> str:
    """Return the id of the request under way; empty outside of one."""
    return _request.get()


@functools.lru_cache(maxsize=4096)  # the words of a request's line come again and again
def cleaned(text: str) -> str:
    """Return a text without the secrets that a message might hold by mistake."""
    if _SUSPECT.search(text) is None:
        return text
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class AccessLog:
    """Give every request an id, and write one line when it has ended.

    Outermost, so that the guard's refusals are written too. A line names the route's template and never the path or
    the query: those hold addresses, keys of features, whatever a caller typed.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and write how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Made here, so that what inner layers note in it (the caller, the route) is seen from here even where one of
        # them passes a copy of the scope on.
        state = scope.setdefault("state", {})
        given = Headers(scope=scope).get("x-request-id", "")
        name = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        state["request_id"] = name
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        start, status, size = time.perf_counter(), 0, 0

        async def noted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = name
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        token = _request.set(name)
        try:
            await self.app(scope, receive, noted)
        except asyncio.CancelledError:
            # Only the server cancels from outside: it stops, and this request's time is over.
            if not status:
                await _stopping(scope, noted)
        except Exception:
            status = status or 500
            raise
        finally:
            # 499 as proxies write it: the caller went away before an answer began.
            self._write(scope, method, status or 499, size, 1000.0 * (time.perf_counter() - start))
            _request.reset(token)

    def _write(self, scope: Scope, method: str, status: int, size: int, took: float) -> None:
        state = scope["state"]
        route = route_of(scope)
        level = logging.DEBUG if route in _QUIET and status < 400 else logging.INFO
        if not _access.isEnabledFor(level):
            return
        caller = state.get("caller")
        fields: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": round(took, 1)}
        fields["bytes"] = size
        if caller is not None:
            fields["caller"], fields["role"] = caller.name, caller.role
        if status in _TURNED_AWAY:
            address = getattr(caller, "address", "") or (scope.get("client") or ("", 0))[0]
            fields["address"] = address
        _access.log(level, "request", extra={"fields": fields})


async def _stopping(scope: Scope, send: Send) -> None:
    """Answer a request that the end of the service has overtaken."""
    error = StoreBusy("服务正在停止，请稍后重试", "the service is stopping; try again shortly")
    lang = from_header(Headers(scope=scope).get("accept-language"))
    body = orjson.dumps(problems.body_of(error, lang, status=503, instance=scope["path"]))
    headers = [
        (b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"5"), (b"connection", b"close"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def route_of(scope: Scope) -> str:
    """Return the template of the route that took a request, `unmatched` where none did."""
    # Newer releases of the framework keep included routers as they are: the route itself lacks their prefixes, and what
    # it is within its application stands beside it.
    within = scope.get("fastapi", {}).get("effective_route_context")
    for one in (within, scope.get("route")):
        if path := getattr(one, "path", None):
            return str(path)
    return str(scope.get("state", {}).get("route", "unmatched"))


class JsonLines(logging.Formatter):
    """Write a record as one line of JSON: `time, level, logger, message, request`, its fields, and its `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": cleaned(record.getMessage()),
        }
        if name := _request.get():
            line["request"] = name
        for key, value in _fields(record).items():
            line[key] = cleaned(value) if isinstance(value, str) else value
        if record.exc_info:
            line["trace"] = cleaned(self.formatException(record.exc_info))
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextLines(logging.Formatter):
    """Write a record as one line of text; its exception follows, set in from the left."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = dict(_fields(record))
        if name := _request.get():
            fields["request"] = name
        told = _plain("".join(f" {key}={value}" for key, value in fields.items()))
        message = _plain(cleaned(record.getMessage()))
        line = f"{_time(record)} {record.levelname} {record.name}: {message}{told}"
        if record.exc_info:
            trace = cleaned(self.formatException(record.exc_info))
            line += "".join(f"\n    {_plain(one)}" for one in trace.split("\n"))
        return line


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    return getattr(record, "fields", {})


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(text: str) -> str:
    """Return a text in which nothing can end the line or move a terminal's cursor: a name cannot forge a log line."""
    text = cleaned(text)
    return text if text.isprintable() else _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
