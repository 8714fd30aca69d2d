"""Write the log: one line per event, as JSON or text, with request id and redacted secrets."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import IO, Any

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.language import from_header
from api.settings import Settings
from geo.errors import GeoError, SourceBroken, StoreBusy

_access = logging.getLogger("gridsight.access")
_log = logging.getLogger("gridsight")
_HANDLER = "gridsight"
#: Loggers whose info messages are written; of the others only warnings are.
_INFO_LOGGERS = ("gridsight", "uvicorn.error", "procrastinate")
#: A request id from a client must match this: it is written to the log, the audit and a header.
_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Requested every few seconds by monitoring; logged only on errors.
_UNLOGGED_ROUTES = {"/health", "/ready", "/metrics"}
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
#: For these the address is logged, to trace the source of refused requests.
_REFUSED_STATUSES = {401, 403, 429}
#: Redaction applied to every message: keys, tokens, passwords in URLs.
_SECRETS = (
    (re.compile(r"\b(gs_[A-Za-z0-9]{12})_[A-Za-z0-9_-]{8,}"), r"\1_***"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), "***"),
    (re.compile(r"(\b[a-z][a-z0-9+]*://[^\s:/@]*):[^\s@/]+@"), r"\1:***@"),
    (re.compile(r"(\bpassword\s*[=:]\s*)[^\s,;'\"]+", re.IGNORECASE), r"\1***"),
)
#: One search that finds none of these saves the five above.
_SECRET_MARKERS = re.compile(r"gs_|eyJ|://|bearer|basic|password", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_request: contextvars.ContextVar[str] = contextvars.ContextVar("gridsight_request", default="")


def configure(settings: Settings, *, stream: IO[str] | None = None) -> logging.Handler:
    """Set the one handler of all log lines of the process; calling it again replaces the handler.

    Parameters
    ----------
    settings
        `log_format` selects JSON or text.
    stream
        Where lines are written; stderr where it is None, as stdout is for results.
    """
    handler = _CurrentStderrHandler() if stream is None else logging.StreamHandler(stream)
    handler.name = _HANDLER
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.name == _HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in _INFO_LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        one = logging.getLogger(name)
        one.handlers, one.propagate = [], True
    # uvicorn's access lines contain raw queries, hence addresses: AccessLog writes them instead.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.captureWarnings(True)
    return handler


class _CurrentStderrHandler(logging.StreamHandler):
    """Handler that resolves sys.stderr at each write, since it may have been redirected and closed."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> IO[str]:
        """Return stderr."""
        return sys.stderr


def request_id() -> str:
    """Return the id of the current request; empty outside of one."""
    return _request.get()


@functools.lru_cache(maxsize=4096)  # the same words recur in the lines of requests
def redacted(text: str) -> str:
    """Return a text with the secrets replaced that a message may contain by mistake."""
    if _SECRET_MARKERS.search(text) is None:
        return text
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class AccessLog:
    """Middleware that sets the id of every request and writes one line at its end.

    It is the outermost one, so that rejected requests are logged too. A line contains the route template, never the
    path or the query, which may contain addresses, keys of features or any other input.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request and log it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Created here, so that what inner layers set in it (caller, route) is visible here even where one of them
        # passes on a copy of the scope.
        state = scope.setdefault("state", {})
        given = Headers(scope=scope).get("x-request-id", "")
        name = given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        state["request_id"] = name
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        start, status, size = time.perf_counter(), 0, 0

        async def send_and_count(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = name
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
            await send(message)

        token = _request.set(name)
        try:
            await self.app(scope, receive, send_and_count)
        except asyncio.CancelledError:
            # Only the server cancels requests: it stops, and the grace period of this request is over.
            if not status:
                await _send_shutdown_problem(scope, send_and_count)
        except Exception:
            status = status or 500
            raise
        finally:
            # 499 as proxies log it: the client disconnected before a response started.
            self._write(scope, method, status or 499, size, 1000.0 * (time.perf_counter() - start))
            _request.reset(token)

    def _write(self, scope: Scope, method: str, status: int, size: int, took: float) -> None:
        state = scope["state"]
        route = route_of(scope)
        level = logging.DEBUG if route in _UNLOGGED_ROUTES and status < 400 else logging.INFO
        if not _access.isEnabledFor(level):
            return
        caller = state.get("caller")
        fields: dict[str, Any] = {"method": method, "route": route, "status": status, "ms": round(took, 1)}
        fields["bytes"] = size
        if caller is not None:
            fields["caller"], fields["role"] = caller.name, caller.role
        if status in _REFUSED_STATUSES:
            address = getattr(caller, "address", "") or (scope.get("client") or ("", 0))[0]
            fields["address"] = address
        _access.log(level, "request", extra={"fields": fields})


async def _send_shutdown_problem(scope: Scope, send: Send) -> None:
    """Respond to a request that is cancelled by the end of the service."""
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
    """Return the template of the route of a request, `unmatched` where none matched."""
    # Newer releases of the framework keep included routers: the route lacks their prefixes, and its full path is in
    # the effective context.
    within = scope.get("fastapi", {}).get("effective_route_context")
    for one in (within, scope.get("route")):
        if path := getattr(one, "path", None):
            return str(path)
    return str(scope.get("state", {}).get("route", "unmatched"))


def words_of(error: BaseException) -> str:
    """Return what the log may say of an error besides its type; empty where its words may be somebody's data.

    Errors of the store are in our words, with a reason for the operator. Other errors of this project name features
    and rows, and go to whoever sent them. Of the operating system's the reason is kept, without the name of a file.
    """
    if isinstance(error, GeoError) and problems.problem_of(error).status >= 500:
        return f"{error} ({error.for_operator})" if error.for_operator else str(error)
    return str(error.strerror or "") if isinstance(error, OSError) else ""


def log_failure(scope: Scope, error: GeoError) -> None:
    """Write why the store, or the host of a base map, has not answered a request; other errors are the caller's."""
    if problems.problem_of(error).status >= 500:
        whose = "base map error" if isinstance(error, SourceBroken) else "store error"
        _log.warning("%s: %s %s: %s", whose, scope["method"], route_of(scope), words_of(error))


class JsonLines(logging.Formatter):
    """Format a record as one line of JSON: `time, level, logger, message, request`, its fields, and its `trace`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if name := _request.get():
            line["request"] = name
        for key, value in _fields(record).items():
            line[key] = redacted(value) if isinstance(value, str) else value
        if record.exc_info:
            line["trace"] = redacted(_trace(record.exc_info[1]))
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


class TextLines(logging.Formatter):
    """Format a record as one line of text, its exception indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        fields = dict(_fields(record))
        if name := _request.get():
            fields["request"] = name
        extra = _one_line("".join(f" {key}={value}" for key, value in fields.items()))
        message = _one_line(redacted(record.getMessage()))
        line = f"{_time(record)} {record.levelname} {record.name}: {message}{extra}"
        if record.exc_info:
            trace = redacted(_trace(record.exc_info[1]))
            line += "".join(f"\n    {_one_line(one)}" for one in trace.split("\n"))
        return line


def _trace(error: BaseException | None) -> str:
    """Return where an error and its causes were raised: of each the type, and what it says where those words are ours.

    Drivers, failed look-ups and conversions quote what was sent: names, addresses and ids of features among it.
    """
    lines: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines += [line.rstrip("\n") for line in traceback.format_tb(error.__traceback__)]
        said = words_of(error)
        lines.append(f"{type(error).__qualname__}: {said}" if said else type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if error is not None:
            lines.append("raised while handling:")
    return "\n".join(lines)


def _fields(record: logging.LogRecord) -> Mapping[str, Any]:
    return getattr(record, "fields", {})


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one_line(text: str) -> str:
    """Return a text with control characters escaped, which prevents log injection."""
    text = redacted(text)
    return text if text.isprintable() else _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
