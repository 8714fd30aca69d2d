"""Serve features: pages, and single ones with their version (OGC API Features Parts 1 to 3)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import OPEN_QUERY, CallerDep, StoreDep, Tables, audit_export, in_snapshot
from api.representations import feature_pages, responses
from api.representations.json_pages import PageRoute
from api.representations.links import root_of
from api.representations.tables import with_names
from api.routes.ogc import parameters
from api.routes.ogc.common import (
    GEOJSON,
    crs_header,
    etag_of,
    item_url,
    known_layer,
    link,
    not_modified,
    offered_crs,
)
from api.schemas.ogc_document import DEFAULT_LIMIT, MAX_LIMIT
from api.security import requires
from api.security.authorization import scope_key
from geo.catalog.layers import SCOPED
from geo.crs import CRS84
from geo.errors import NotFound
from geo.storage.codec.scheduling import begins_later
from geo.storage.protocol import At, Store

router = APIRouter(route_class=PageRoute)

#: Most rows of one file; the rest is told by headers.
_MAX_FILE_ROWS = 500_000
_FEATURE_FORMS = ("json", "geojson", responses.HTML)
_CRS = Query(max_length=200, description="URI of the CRS to answer in")


@router.get("/collections/{layer}/items", openapi_extra=OPEN_QUERY, dependencies=[requires("viewer")])
@in_snapshot
def items(
    request: Request,
    layer: str,
    store: StoreDep,
    caller: CallerDep,
    tables: Tables,
    bbox: Annotated[str | None, Query(max_length=400, description="west,south,east,north, in bbox-crs")] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=200)] = None,
    datetime_: Annotated[str | None, Query(alias="datetime", max_length=100)] = None,
    limit: Annotated[int | None, Query(ge=1)] = None,
    filter_: Annotated[str | None, Query(alias="filter", description="CQL2")] = None,
    filter_lang: Annotated[str | None, Query(alias="filter-lang", max_length=40)] = None,
    filter_crs: Annotated[str | None, Query(alias="filter-crs", max_length=200)] = None,
    crs: Annotated[str | None, _CRS] = None,
    token: Annotated[str | None, Query(max_length=2000)] = None,
    f: Annotated[str | None, Query()] = None,
) -> Response:
    """Return features of a layer: by box, by day, by filter and field values, a page at a time."""
    found = known_layer(layer, caller)
    form = _form(request, f)
    query = parameters.read(
        request, found, bbox=bbox, bbox_crs=bbox_crs, days=datetime_, filter_=filter_, filter_lang=filter_lang,
        filter_crs=filter_crs, crs=crs, token=token,
    )  # fmt: skip
    # A larger limit is not an error by the standard: fewer features are returned. A file without a limit is whole.
    largest = MAX_LIMIT if form == "json" else _MAX_FILE_ROWS
    most = min(limit or (DEFAULT_LIMIT if form == "json" else largest), largest)
    box, where, at = query.bbox, query.where, query.at
    scope = scope_key(caller) if found.name in SCOPED else ""
    counted = (found.name, store.state(found.name), scope, query.at or store.today(), query.fingerprint())

    def matched() -> int:
        return feature_pages.counts_of(request.app).get(
            counted, lambda: store.count(found.name, bbox=box, where=where, at=at)
        )

    if form != "json":
        frame = store.read(found.name, bbox=box, where=where, at=at, after=query.after, limit=most + 1)
        is_cut, frame = len(frame) > most, frame.iloc[:most]
        audit_export(store, form, layer=found.name, bbox=bbox or "", rows=len(frame))
        options = with_names(tables, form, store, of_run=False)
        response = responses.frame_response(
            frame, form, layer=found.name, name=found.name, extra_members={}, options=options
        )
        # A table has no place for these: they are headers, named as OGC API - Features recommends.
        response.headers["OGC-NumberReturned"] = str(len(frame))
        response.headers["OGC-NumberMatched"] = str(matched())
        if is_cut:
            token = parameters.next_token(str(frame[found.key].iloc[-1]))
            response.headers["Link"] = f'<{_request_url(request, root_of(request), token=token)}>; rel="next"'
        return response
    shapes, rows = store.rows(found.name, bbox=box, where=where, at=at, after=query.after, limit=most + 1)
    audit_export(store, form, layer=found.name, bbox=bbox or "", rows=min(len(rows), most))
    more, shapes, rows = len(rows) > most, shapes[:most], rows[:most]
    root = root_of(request)
    links = [link(_request_url(request, root), "self", GEOJSON, found.zh)]
    if more:
        token = parameters.next_token(rows[-1][found.names.index(found.key)])
        links.append(link(_request_url(request, root, token=token), "next", GEOJSON, "next page"))
    links.append(link(f"{root}/collections/{found.name}", "collection", responses.JSON, found.zh))
    extra_members = {
        "links": links,
        "timeStamp": datetime.now(tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": matched(),
        "numberReturned": len(rows),
    }
    body = feature_pages.page(shapes, rows, found, crs=query.crs, extra_members=extra_members)
    return Response(body, headers=crs_header(query.crs), media_type=GEOJSON)


@router.get("/collections/{layer}/items/{key:path}", dependencies=[requires("viewer")])
def item(
    request: Request,
    layer: str,
    key: str,
    store: StoreDep,
    caller: CallerDep,
    datetime_: Annotated[str | None, Query(alias="datetime", max_length=100)] = None,
    crs: Annotated[str | None, _CRS] = None,
    f: Annotated[str | None, Query()] = None,
) -> Response:
    """Return one feature with its version as ETag: as it is valid today, or on a day.

    Of a feature that is not valid before a later day, that version is returned; of one whose next version begins later,
    a link leads there.
    """
    found = known_layer(layer, caller)
    if f not in (None, *_FEATURE_FORMS):
        raise responses.unserved_format(f, _FEATURE_FORMS)
    uri = offered_crs(CRS84 if crs is None else crs, "crs")
    at = parameters.days_of(datetime_)
    with store.snapshot():
        stored, version, scheduled = _valid_or_scheduled(store, found.name, key, at)
        epoch = store.epoch()
    root = root_of(request)
    headers = {"ETag": etag_of(stored, version, found, caller, epoch, uri), **crs_header(uri)}
    if scheduled:
        headers["Link"] = f'<{item_url(root, found.name, key)}?datetime={scheduled}>; rel="successor-version"'
    if known := not_modified(request, headers["ETag"], headers):
        return known
    links = [
        link(item_url(root, found.name, key), "self", GEOJSON, key),
        link(f"{root}/collections/{found.name}", "collection", responses.JSON, found.zh),
    ]
    return Response(feature_pages.feature(stored, crs=uri, links=links), headers=headers, media_type=GEOJSON)


def _valid_or_scheduled(store: Store, layer: str, key: str, at: At) -> tuple[dict[str, Any], int, str]:
    """Return a feature, its version, and the day on which its next version begins, empty where none is scheduled."""
    try:
        found, version = store.get(layer, key, at=at)
    except NotFound:
        if at is not None:
            raise
        current, number = store.current(layer, key)
        if not begins_later(current, store.today()):  # it has ended
            raise
        return current, number, ""
    if at is not None or found["properties"]["valid_to"] is None:
        return found, version, ""
    with suppress(NotFound):  # what ends by a date of its own has no row that begins later
        current, _ = store.current(layer, key)
        if begins_later(current, store.today()):
            return found, version, str(current["properties"]["valid_from"])
    return found, version, ""


def _form(request: Request, f: str | None) -> str:
    if f == "geojson" or responses.wants_page(request):  # the page is made of the JSON
        return "json"
    form = responses.negotiated_format(request, requested=f)
    return "json" if form == "geojson" else form


def _request_url(request: Request, root: str, *, token: str | None = None) -> str:
    """Return the URL of this request, or of the page that follows it."""
    path = f"{root}{request.url.path.partition('/ogc')[2]}"
    kept = [(name, value) for name, value in request.query_params.multi_items() if token is None or name != "token"]
    query = urlencode([*kept, ("token", token)] if token is not None else kept)
    return f"{path}?{query}" if query else path
