"""Serve the layers as OGC API Features, Part 1 Core (CONTRACT section 3)."""

from __future__ import annotations

import base64
import math
import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query, Request, Response

from api import answers, errors
from api.dependencies import OPEN_QUERY, TheStore, query_names
from api.schemas.ogc import CONFORMANCE, CRS84, DEFAULT_LIMIT, MAX_LIMIT, OPENAPI_MEDIA, document
from geo.errors import NotFound
from geo.layers import LAYERS, Field, Layer

router = APIRouter(prefix="/ogc", tags=["ogc"])

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$")


@router.get("", include_in_schema=False)
@router.get("/")
def landing(request: Request) -> Response:
    """Return the landing page of the OGC part."""
    root = _root(request)
    links = [
        _link(root, "self", answers.JSON, "this page"),
        _link(f"{root}/api", "service-desc", OPENAPI_MEDIA, "OpenAPI 3.0"),
        _link(f"{str(request.base_url).rstrip('/')}/docs", "service-doc", "text/html", "documentation"),
        _link(f"{root}/conformance", "conformance", answers.JSON, "conformance classes"),
        _link(f"{root}/collections", "data", answers.JSON, "collections"),
    ]
    described = "公共区域摄像机、网格与行政区划图层 / layers of cameras, grids and divisions"
    return answers.json_answer({"title": "Gridsight", "description": described, "links": links})


@router.get("/conformance")
def conformance() -> Response:
    """List the conformance classes that are proven."""
    return answers.json_answer({"conformsTo": list(CONFORMANCE)})


@router.get("/api", include_in_schema=False)
def definition(request: Request) -> Response:
    """Return the OpenAPI 3.0 document of the OGC part."""
    return answers.json_answer(document(_root(request)), media=OPENAPI_MEDIA)


@router.get("/collections")
def collections(request: Request, store: TheStore) -> Response:
    """List the layers that hold features: clients stumble over an empty one, whose path works all the same."""
    root = _root(request)
    extents = {layer: store.extent(layer.name) for layer in LAYERS.values()}
    found = [_collection(root, layer, extent) for layer, extent in extents.items() if extent is not None]
    links = [_link(f"{root}/collections", "self", answers.JSON, "collections")]
    return answers.json_answer({"links": links, "collections": found})


@router.get("/collections/{layer}")
def collection(request: Request, layer: str, store: TheStore) -> Response:
    """Describe one layer."""
    found = _known(layer)
    return answers.json_answer(_collection(_root(request), found, store.extent(found.name)))


@router.get("/collections/{layer}/items", openapi_extra=OPEN_QUERY)
def items(
    request: Request,
    layer: str,
    store: TheStore,
    bbox: Annotated[str | None, Query(max_length=400, description="west,south,east,north in degrees")] = None,
    datetime_: Annotated[str | None, Query(alias="datetime", max_length=100)] = None,
    limit: Annotated[int, Query(ge=1)] = DEFAULT_LIMIT,
    token: Annotated[str | None, Query(max_length=2000)] = None,
    f: Annotated[str | None, Query()] = None,
) -> Response:
    """Return features of a layer: by box, by day, by field values, a page at a time."""
    found = _known(layer)
    form = _form(request, f)
    where = _filter(request, found)
    box, at = _bbox(bbox), _days(datetime_)
    most = min(limit, MAX_LIMIT)  # more is no error, says the standard: fewer are given
    frame = store.read(found.name, bbox=box, where=where, at=at, after=_after(token), limit=most + 1)
    more, frame = len(frame) > most, frame.iloc[:most]
    if form != "json":
        return answers.frame_answer(frame, form, layer=found.name, name=found.name, around={})
    links = [_link(str(request.url), "self", answers.GEOJSON, found.zh)]
    if more:
        links.append(_link(_next(request, str(frame[found.key].iloc[-1])), "next", answers.GEOJSON, "next page"))
    links.append(_link(f"{_root(request)}/collections/{found.name}", "collection", answers.JSON, found.zh))
    around = {
        "links": links,
        "timeStamp": datetime.now(tz=UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "numberMatched": store.count(found.name, bbox=box, where=where, at=at),
        "numberReturned": len(frame),
    }
    return answers.json_answer(answers.feature_collection(frame, key=found.key, around=around), media=answers.GEOJSON)


@router.get("/collections/{layer}/items/{key:path}")
def item(request: Request, layer: str, key: str, store: TheStore, f: Annotated[str | None, Query()] = None) -> Response:
    """Return one feature with its version as ETag."""
    found = _known(layer)
    if f not in (None, "json", "geojson"):
        raise errors.BadQuery(f"没有格式 {f[:40]}", f"no format {f[:40]}")
    feature, version = store.get(found.name, key)
    base = f"{_root(request)}/collections/{found.name}"
    links = [
        _link(f"{base}/items/{quote(key, safe='')}", "self", answers.GEOJSON, key),
        _link(base, "collection", answers.JSON, found.zh),
    ]
    return answers.json_answer({**feature, "links": links}, media=answers.GEOJSON, headers={"ETag": f'"{version}"'})


def _known(name: str) -> Layer:
    if name not in LAYERS:
        raise NotFound(f"没有图层 {name[:40]}", f"no collection {name[:40]}")
    return LAYERS[name]


def _root(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _link(href: str, rel: str, media: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": media, "title": title}


def _collection(root: str, layer: Layer, extent: tuple[float, float, float, float] | None) -> dict[str, Any]:
    base = f"{root}/collections/{layer.name}"
    described: dict[str, Any] = {
        "id": layer.name,
        "title": f"{layer.zh} {layer.name}",
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            _link(base, "self", answers.JSON, layer.zh),
            _link(f"{base}/items", "items", answers.GEOJSON, f"{layer.zh} GeoJSON"),
        ],
    }
    if extent is not None:
        described["extent"] = {"spatial": {"bbox": [list(extent)], "crs": CRS84}}
    return described


def _form(request: Request, asked: str | None) -> str:
    if asked == "geojson":
        return "json"
    form = answers.format_of(request, asked=asked)
    return "json" if form == "geojson" else form


def _bbox(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[k] for k in (0, 1, 3, 4)]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise errors.BadQuery("bbox 须是 4 或 6 个数", "bbox must be 4 or 6 numbers")
    west, south, east, north = numbers
    if south > north or not (-180 <= west <= 180 and -180 <= east <= 180 and south >= -90 and north <= 90):
        raise errors.BadQuery("bbox 超出经纬度范围或次序不对", "bbox is outside CRS84 or in the wrong order")
    return west, south, east, north


def _days(text: str | None) -> Any:
    """Return the day or interval of days a datetime parameter names; ends may mix dates and times."""
    if text is None:
        return None
    ends = text.split("/")
    if len(ends) == 1:
        return _instant(ends[0])
    if len(ends) > 2:
        raise errors.BadQuery("datetime 须是时刻或区间", "datetime must be an instant or an interval")
    start, end = (None if one in ("", "..") else _instant(one) for one in ends)
    if start and end and start > end:
        raise errors.BadQuery("datetime 区间倒置", "the datetime interval ends before it begins")
    return start, end


def _instant(text: str) -> date:
    found = _INSTANT.match(text)
    try:
        return date.fromisoformat(found[1]) if found else _fail(text)
    except ValueError:
        return _fail(text)


def _fail(text: str) -> date:
    raise errors.BadQuery(f"datetime 中的 {text[:40]} 无效", f"{text[:40]} in datetime is no RFC 3339 date")


def _filter(request: Request, layer: Layer) -> dict[str, Any] | None:
    """Return the field parameters as a CQL2 tree: fields are looked up, values typed, no text reaches a store."""
    known = query_names(request.scope["route"].dependant)
    tests = []
    for given, value in request.query_params.items():
        name = given[:60]
        if given in known:
            continue
        field = next((one for one in layer.fields if one.name == name), None)
        if field is None:
            fields = ", ".join([*sorted(known), *(one.name for one in layer.fields)])
            raise errors.BadQuery(
                f"没有参数 {name[:60]}，可用：{fields}", f"no parameter {name[:60]}; there are: {fields}"
            )
        tests.append({"op": "=", "args": [{"property": name}, _typed(field, value)]})
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else {"op": "and", "args": tests}


def _typed(field: Field, value: str) -> str | float | int:
    if len(value) > 1000:
        raise errors.BadQuery(f"{field.name} 的值过长", f"the value of {field.name} is too long")
    try:
        if field.kind == "integer":
            whole = int(value)
            if abs(whole) < 2**53:
                return whole
            raise ValueError
        if field.kind == "number":
            number = float(value)
            if math.isfinite(number):
                return number
            raise ValueError
    except ValueError:
        raise errors.BadQuery(f"{field.name} 须是数", f"{field.name} must be a number") from None
    return value


def _next(request: Request, key: str) -> str:
    token = base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    return f"{_root(request)}{request.url.path.partition('/ogc')[2]}?{urlencode([*kept, ('token', token)])}"


def _after(token: str | None) -> str | None:
    if token is None:
        return None
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:  # no base64, or no UTF-8 in it
        raise errors.BadQuery("token 无效", "the token is not valid") from None
