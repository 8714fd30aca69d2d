"""Provide routes with their dependencies: store, caller, language, checked parameters, gazetteers, jobs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Query, Request
from fastapi.routing import APIRoute
from pydantic import StringConstraints

from api import problems
from api.gazetteer_cache import GazetteerCache
from api.jobs import Jobs
from api.jobs.lifecycle import worker_caller
from api.language import from_header
from api.representations import responses
from api.representations.json_pages import PageRoute
from api.representations.tables import TableOptions
from api.security import authorization
from api.settings import Settings
from geo.catalog.layers import SCOPED
from geo.catalog.options import MAX_SHEET_ROWS
from geo.catalog.results import SCOPED_RUN_LAYERS
from geo.errors import GeoError
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.analyze_options import day

#: Layers whose rows belong to a township: who reads them in bulk is audited, in whatever format.
_SENSITIVE = frozenset({*SCOPED, *SCOPED_RUN_LAYERS})
_F = TypeVar("_F", bound=Callable[..., Any])
#: Exports of a route under ``in_snapshot``, audited after its snapshot.
_exports_to_audit: ContextVar[list[AuditEntry] | None] = ContextVar("gridsight_exports_to_audit", default=None)
#: Paths of what is no JSON.
_NOT_JSON = ("/docs", "/login", "/logout", "/metrics", "/prints/")
#: Marks a route that accepts further query parameters: the fields of a layer.
OPEN_QUERY = {"x-open-query": True}


async def store(request: Request) -> Store:
    """Return the store, acting for the caller of this request."""
    return request.app.state.store.acting(authorization.caller_of(request))


async def caller(request: Request) -> Caller:
    """Return the caller of this request."""
    return authorization.caller_of(request)


def in_snapshot(route: _F) -> _F:
    """Run a route that takes ``store`` in a snapshot (``snapshot_of``)."""

    @functools.wraps(route)
    def within(*args: Any, store: Store, **options: Any) -> Any:
        with snapshot_of(store):
            return route(*args, store=store, **options)

    return within  # type: ignore[return-value]


@contextmanager
def snapshot_of(store: Store) -> Iterator[None]:
    """Read one state of a store in one transaction during the context (docs/contract.md section 5).

    Exports are audited after the snapshot, which allows no writes, and before the response is sent.
    """
    exports: list[AuditEntry] = []
    token = _exports_to_audit.set(exports)
    try:
        with store.snapshot():
            yield
    finally:
        _exports_to_audit.reset(token)
    for entry in exports:
        store.record(entry)


def in_transaction(route: _F) -> _F:
    """Run a route that takes ``store``, its audit entries included, in one transaction."""

    @functools.wraps(route)
    def within(*args: Any, store: Store, **options: Any) -> Any:
        with store.transaction():
            return route(*args, store=store, **options)

    return within  # type: ignore[return-value]


def audit_export(store: Store, form: str, *, layer: str = "", run: str = "", bbox: str = "", rows: int = 0) -> None:
    """Audit that rows of a layer leave, before they are sent; what cannot be audited is not sent.

    It depends on the layer and not on the format: rows of a sensitive one are as many in JSON as in a file. Reference
    layers and zone figures, all that an anonymous reader gets, are not audited.
    """
    if layer not in _SENSITIVE:
        return
    entry = AuditEntry("export", layer=layer, run=run, bbox=bbox, detail={"format": form, "rows": rows})
    exports = _exports_to_audit.get()
    if exports is None:
        store.record(entry)
    else:
        exports.append(entry)


def county_store(request: Request, caller: Caller) -> Store:
    """Return the store with the rights of a worker on the whole county; its rows are never sent unfiltered."""
    return request.app.state.store.acting(worker_caller(caller.name, caller.key))


async def settings(request: Request) -> Settings:
    """Return the settings of the application."""
    return request.app.state.settings


async def gazetteers(request: Request) -> GazetteerCache:
    """Return the cached gazetteers."""
    return request.app.state.gazetteers


def jobs_of(request: Request) -> Jobs:
    """Return the jobs of the application."""
    return request.app.state.jobs


async def language(request: Request) -> str:
    """Return the language of the response."""
    return from_header(request.headers.get("accept-language"))


async def known_query(request: Request) -> None:
    """Raise BadQuery where a parameter is unknown, given twice, or no UTF-8 (docs/contract.md section 3)."""
    _require_utf8(request)
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    open_ended = OPEN_QUERY.items() <= (route.openapi_extra or {}).items()
    known = query_names(route.dependant)
    several = query_names(route.dependant, lists_only=True)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name in seen and name not in several:
            raise problems.BadQuery(f"参数 {name[:60]} 给了两次", f"the parameter {name[:60]} is given twice")
        if name == "f" and name not in known and _answers_json(request):
            _require_json_or_page(request, route, request.query_params["f"])
        elif name not in known and not open_ended:
            listed = ", ".join(sorted(known)) or "-"
            raise problems.BadQuery(
                f"没有参数 {name[:60]}，可用：{listed}", f"no parameter {name[:60]}; there are: {listed}"
            )
        seen.add(name)


def _require_utf8(request: Request) -> None:
    """Raise BadQuery for a query in another encoding, as GBK, whose characters would be lost without a word."""
    raw = request.scope.get("query_string", b"")
    if b"%" not in raw:
        return  # a server takes no other bytes than ASCII
    for part in raw.split(b"&"):
        try:
            unquote_to_bytes(part).decode()
        except UnicodeDecodeError:
            name = unquote_to_bytes(part.partition(b"=")[0]).decode("utf-8", "replace")[:60]
            raise problems.BadQuery(
                f"参数 {name} 不是 UTF-8（可能是 GBK）：网址里的文字须按 UTF-8 编码",
                f"the parameter {name} is no UTF-8 (GBK, perhaps): text in an address has to be encoded as UTF-8",
            ) from None


def _answers_json(request: Request) -> bool:
    """Return whether JSON is the one form of a route, besides a page; what is deleted has no answer."""
    has_answer = request.method not in ("DELETE", "OPTIONS")
    return has_answer and not request.url.path.startswith(_NOT_JSON) and request.url.path != "/"


def _require_json_or_page(request: Request, route: APIRoute, form: str) -> None:
    is_page = isinstance(route, PageRoute) or route.path.startswith("/problems")
    has_page = is_page and request.method in ("GET", "HEAD")
    names = ("json", responses.HTML) if has_page else ("json",)
    if form not in names:
        raise responses.unserved_format(form, names)


def query_names(dependant: Any, *, lists_only: bool = False) -> set[str]:
    """Return the names of the query parameters of a route, those of its dependencies included.

    ``lists_only`` leaves those that may be given several times.
    """
    names = {field.alias for field in dependant.query_params if not lists_only or _is_list(field.field_info.annotation)}
    for inner in dependant.dependencies:
        names |= query_names(inner, lists_only=lists_only)
    return names


def _is_list(annotation: Any) -> bool:
    """Return whether a parameter is a list of values, or that or None."""
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def query_day(name: str, text: str | None) -> date | None:
    """Return the day in a parameter; raise BadQuery where it is not a date."""
    try:
        return day(text)
    except GeoError as error:
        raise problems.BadQuery(f"{name}：{error.zh}", f"{name}: {error.en}") from None


async def raw_body(request: Request) -> bytes:
    """Return the body of the request; the middleware has bounded its size."""
    return await request.body()


def media_type(request: Request) -> str:
    """Return the media type of the body, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def table_options(
    lang: Annotated[
        Literal["zh", "en", "fields"],
        Query(description="headings and words of csv, xlsx, kml and shp; fields: names of fields, values as stored"),
    ] = "fields",
    encoding: Annotated[Literal["utf-8", "gbk"], Query(description="of the texts in csv and shp")] = "utf-8",
) -> TableOptions:
    """Return how a download is written. Accept-Language does not choose it: what programs read stays as it is."""
    return TableOptions(lang, encoding)


StoreDep = Annotated[Store, Depends(store)]
CallerDep = Annotated[Caller, Depends(caller)]
SettingsDep = Annotated[Settings, Depends(settings)]
GazetteersDep = Annotated[GazetteerCache, Depends(gazetteers)]
Language = Annotated[str, Depends(language)]
Tables = Annotated[TableOptions, Depends(table_options)]
#: Which sheets of a workbook are read, and the row of its heading.
SheetNames = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=200)]] | None,
    Query(max_length=200, description="read this sheet of a workbook only; repeatable"),
]
HeaderRow = Annotated[
    int | None, Query(ge=1, le=MAX_SHEET_ROWS, description="row of the heading, as a spreadsheet numbers it")
]
Body = Annotated[bytes, Depends(raw_body)]
