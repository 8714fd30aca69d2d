"""Give routes what they need: the store, the language, checked parameters, the indexed places."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from datetime import date
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Request
from fastapi.routing import APIRoute

from api import problems
from api.gazetteer_cache import Places
from api.representations.language import from_header
from api.security import authorization
from api.settings import Settings
from geo.bounds import MAX_JSON_VALUES, check_json_depth, check_json_values
from geo.errors import BadValue, GeoError
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller
from geo.studies.analyze_options import day

#: Formats that leave as a file: the audit notes them.
_DOWNLOADS = frozenset({"csv", "xlsx", "gpkg"})
_F = TypeVar("_F", bound=Callable[..., Any])
#: Exports of a route under ``in_snapshot``, to be noted when its snapshot is over.
_leaving: ContextVar[list[AuditEntry] | None] = ContextVar("gridsight_leaving", default=None)
#: Marks a route that reads further query parameters itself: the fields of a layer.
OPEN_QUERY = {"x-open-query": True}


async def store(request: Request) -> Store:
    """Return the store as the caller of this request may use it."""
    return request.app.state.store.acting(authorization.caller_of(request))


async def caller(request: Request) -> Caller:
    """Return for whom this request acts."""
    return authorization.caller_of(request)


def in_snapshot(route: _F) -> _F:
    """Let a route that takes ``store`` read one state of it in one transaction (CONTRACT section 5).

    What leaves as a file is noted after, as a snapshot takes no writes, and before the answer goes out.
    """

    @functools.wraps(route)
    def within(*args: Any, store: Store, **options: Any) -> Any:
        leaving: list[AuditEntry] = []
        token = _leaving.set(leaving)
        try:
            with store.snapshot():
                answer = route(*args, store=store, **options)
        finally:
            _leaving.reset(token)
        for deed in leaving:
            store.record(deed)
        return answer

    return within  # type: ignore[return-value]


def in_transaction(route: _F) -> _F:
    """Let a route that takes ``store`` do all it does, its deed included, in one transaction, or nothing of it."""

    @functools.wraps(route)
    def within(*args: Any, store: Store, **options: Any) -> Any:
        with store.transaction():
            return route(*args, store=store, **options)

    return within  # type: ignore[return-value]


def note_export(store: Store, form: str, *, layer: str = "", run: str = "", bbox: str = "", rows: int = 0) -> None:
    """Note in the audit what leaves as a file, before it does: what cannot be noted is not handed out."""
    if form not in _DOWNLOADS:
        return
    deed = AuditEntry("export", layer=layer, run=run, bbox=bbox, detail={"format": form, "rows": rows})
    leaving = _leaving.get()
    if leaving is None:
        store.record(deed)
    else:
        leaving.append(deed)


async def settings(request: Request) -> Settings:
    """Return the settings that the application was made with."""
    return request.app.state.settings


async def places(request: Request) -> Places:
    """Return the indexed places."""
    return request.app.state.places


async def language(request: Request) -> str:
    """Return the language of the answer."""
    return from_header(request.headers.get("accept-language"))


async def known_query(request: Request) -> None:
    """Raise BadQuery where a parameter is not one of the route's, or is given twice (CONTRACT section 3)."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    open_ended = OPEN_QUERY.items() <= (route.openapi_extra or {}).items()
    known = query_names(route.dependant)
    seen: set[str] = set()
    for name, _ in request.query_params.multi_items():
        if name in seen:
            raise problems.BadQuery(f"参数 {name[:60]} 给了两次", f"the parameter {name[:60]} is given twice")
        if name not in known and not open_ended:
            listed = ", ".join(sorted(known)) or "-"
            raise problems.BadQuery(
                f"没有参数 {name[:60]}，可用：{listed}", f"no parameter {name[:60]}; there are: {listed}"
            )
        seen.add(name)


def query_names(dependant: Any) -> set[str]:
    """Return the names of the query parameters of a route, those of its dependencies included."""
    names = {field.alias for field in dependant.query_params}
    for inner in dependant.dependencies:
        names |= query_names(inner)
    return names


def query_day(name: str, text: str | None) -> date | None:
    """Return the day a parameter names; raise BadQuery otherwise."""
    try:
        return day(text)
    except GeoError as error:
        raise problems.BadQuery(f"{name}：{error.zh}", f"{name}: {error.en}") from None


async def raw_body(request: Request) -> bytes:
    """Return the body as it came; its size was counted as it arrived."""
    return await request.body()


def parse_json(body: bytes, *, most_values: int | None = MAX_JSON_VALUES) -> Any:
    """Return the value of a JSON body; NaN, infinity, deep nesting and more values than that are refused."""
    try:
        check_json_depth(body)
        check_json_values(body, max_values=most_values)
        return orjson.loads(body)
    except BadValue as error:
        raise problems.BadBody(error.zh, error.en) from None
    except orjson.JSONDecodeError as error:
        raise problems.BadBody("请求内容不是有效的 JSON", f"the body is not valid JSON: {error.msg[:120]}") from None


def media_type(request: Request) -> str:
    """Return the media type of the body, without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


TheStore = Annotated[Store, Depends(store)]
TheCaller = Annotated[Caller, Depends(caller)]
TheSettings = Annotated[Settings, Depends(settings)]
ThePlaces = Annotated[Places, Depends(places)]
Language = Annotated[str, Depends(language)]
Body = Annotated[bytes, Depends(raw_body)]
