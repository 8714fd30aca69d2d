"""Read the parameters of a request for items: box, days, filter, field values, CRS, page; others are 400."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import orjson
import shapely
import shapely.geometry
from fastapi import Request

from api import problems
from api.dependencies import query_names
from api.routes.ogc.common import offered_crs
from geo.bounds import check_json_depth
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.crs import CRS84, offered_to_wgs84
from geo.errors import BadValue, GeoError, UnknownName
from geo.storage.filters import cql2_text, filter_shapes
from geo.storage.filters.compiler import compile_where
from geo.storage.protocol import At, Bbox

CQL2_TEXT, CQL2_JSON = "cql2-text", "cql2-json"
#: The name in the draft of the standard, which GDAL sends with CQL2 text.
CQL_TEXT = "cql-text"
_NUMBER = re.compile(r" ?[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})? ?")
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})?)?$")
#: Points per side of a box in another CRS, whose sides are curves in degrees.
_POINTS_PER_SIDE = 32
#: Half the width in degrees of a box without width: 0.1 mm.
_BOX_MARGIN_DEG = 1e-9


@dataclass(frozen=True)
class ItemsQuery:
    """The query of a request for items.

    Attributes
    ----------
    bbox, at, where
        As in ``protocol.Store.read``.
    after
        The last key of the previous page.
    crs
        The URI of the CRS of the response.
    """

    bbox: Bbox | None
    at: At
    where: dict[str, Any] | None
    after: str | None
    crs: str

    def fingerprint(self) -> bytes:
        """Return a digest of the query without its page and CRS."""
        return hashlib.sha256(repr((self.bbox, self.at, self.where)).encode("utf-8", "surrogatepass")).digest()


def read(
    request: Request,
    layer: Layer,
    *,
    bbox: str | None,
    bbox_crs: str | None,
    days: str | None,
    filter_: str | None,
    filter_lang: str | None,
    filter_crs: str | None,
    crs: str | None,
    token: str | None,
) -> ItemsQuery:
    """Return the query of a request; raise BadQuery for an invalid parameter."""
    tests = _fields(request, layer)
    box = None
    if bbox is not None:
        box, shape = _bbox(bbox, offered_crs(CRS84 if bbox_crs is None else bbox_crs, "bbox-crs"))
        if shape is not None:
            tests.append({"op": "s_intersects", "args": [{"property": filter_shapes.GEOMETRY}, shape]})
    elif bbox_crs is not None:
        offered_crs(bbox_crs, "bbox-crs")
    written = _filter(filter_, filter_lang, filter_crs)
    if written is not None:
        tests.append(written)
    where = None if not tests else tests[0] if len(tests) == 1 else {"op": "and", "args": tests}
    if where is not None:
        try:
            compile_where(where, layer, alias="t")  # rejected before the store is queried
        except (BadValue, UnknownName) as error:
            raise problems.BadQuery(f"filter：{error.zh}", f"filter: {error.en}") from None
        if box is None:
            box = _on_globe(filter_shapes.box_of(where))
    return ItemsQuery(box, days_of(days), where, after_of(token), offered_crs(CRS84 if crs is None else crs, "crs"))


def number_of(text: str) -> float:
    """Return a number in JSON notation; ``float`` also accepts digits of other scripts, underscores and words."""
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return float(text)


def _integer(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError
    return int(text)


def next_token(key: str) -> str:
    """Return the token of the page after a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def after_of(token: str | None) -> str | None:
    """Return the key before a page, from its token."""
    if token is None:
        return None
    try:
        key = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True).decode()
    except ValueError:  # not base64 of UTF-8
        key = "\0"
    if "\0" in key:
        raise problems.BadQuery("token 无效", "the token is not valid")
    return key


def _bbox(text: str, uri: str) -> tuple[Bbox, dict[str, Any] | None]:
    """Return the box in degrees, and its exact shape where its sides in another CRS are curves in degrees."""
    try:
        numbers = [number_of(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [numbers[k] for k in (0, 1, 3, 4)]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise problems.BadQuery("bbox 须是 4 或 6 个数", "bbox must be 4 or 6 numbers")
    if uri == CRS84:
        return _degrees(numbers), None
    corners = offered_to_wgs84(np.array(numbers).reshape(2, 2), uri)
    if np.array_equal(np.sort(corners.ravel()), np.sort(numbers)):  # degrees in another order
        return _degrees(corners.ravel().tolist()), None
    low, high = np.array(numbers[:2]), np.array(numbers[2:])
    if (low > high).any():
        raise problems.BadQuery("bbox 的次序不对", "bbox is in the wrong order")
    steps = np.linspace(0, 1, _POINTS_PER_SIDE, endpoint=False)[:, None]
    corners_in_crs = [low, np.array([high[0], low[1]]), high, np.array([low[0], high[1]]), low]
    ring = np.concatenate([start + (end - start) * steps for start, end in pairwise(corners_in_crs)])
    ring = offered_to_wgs84(ring, uri)
    if not np.isfinite(ring).all():
        raise problems.BadQuery("bbox 超出坐标系的范围", "bbox is outside its CRS")
    shape = shapely.Polygon(ring)
    if not shape.is_valid or shape.area == 0:
        raise problems.BadQuery("bbox 超出坐标系的范围，或没有面积", "bbox is outside its CRS, or has no area")
    return _degrees(list(shape.bounds)), shapely.geometry.mapping(shape)


def _degrees(numbers: list[float]) -> Bbox:
    west, south, east, north = numbers
    if south > north or not (-180 <= west <= 180 and -180 <= east <= 180 and south >= -90 and north <= 90):
        raise problems.BadQuery("bbox 超出经纬度范围或次序不对", "bbox is outside CRS84 or in the wrong order")
    # A box without width is an invalid shape in GEOS, and would not intersect a line along it.
    if west == east:
        west, east = max(west - _BOX_MARGIN_DEG, -180.0), min(east + _BOX_MARGIN_DEG, 180.0)
    if south == north:
        south, north = max(south - _BOX_MARGIN_DEG, -90.0), min(north + _BOX_MARGIN_DEG, 90.0)
    return west, south, east, north


def _on_globe(box: Bbox | None) -> Bbox | None:
    """Return a box for the spatial index; None for one beyond the globe, which an index may wrap."""
    fits = box is not None and box[0] >= -180 and box[1] >= -90 and box[2] <= 180 and box[3] <= 90
    return box if fits else None


def days_of(text: str | None) -> At:
    """Return the day or interval of days of a datetime parameter; ends may mix dates and times."""
    if text is None:
        return None
    ends = text.split("/")
    if len(ends) == 1:
        return _instant(ends[0])
    if len(ends) > 2:
        raise problems.BadQuery("datetime 须是时刻或区间", "datetime must be an instant or an interval")
    # QGIS 3.22 writes an open start as year 0, which datetime cannot represent.
    start, end = (None if one in ("", "..") or one.startswith("0000-") else _instant(one) for one in ends)
    if start and end and start > end:
        raise problems.BadQuery("datetime 区间倒置", "the datetime interval ends before it begins")
    return start, end


def _instant(text: str) -> date:
    found = _INSTANT.match(text)
    try:
        return date.fromisoformat(found[1]) if found else _no_instant(text)
    except ValueError:
        return _no_instant(text)


def _no_instant(text: str) -> date:
    raise problems.BadQuery(f"datetime 中的 {text[:40]} 无效", f"{text[:40]} in datetime is no RFC 3339 date")


def _filter(text: str | None, lang: str | None, crs: str | None) -> dict[str, Any] | None:
    """Return the filter as a CQL2 tree with its shapes in degrees (Part 3, 8.5-8.7)."""
    lang = CQL2_TEXT if lang is None else lang
    if lang not in (CQL2_TEXT, CQL2_JSON, CQL_TEXT):
        raise problems.BadQuery(
            f"没有过滤语言 {lang[:40]}，可用：{CQL2_TEXT}、{CQL2_JSON}",
            f"no filter language {lang[:40]}; there are: {CQL2_TEXT}, {CQL2_JSON}",
        )
    uri = offered_crs(CRS84 if crs is None else crs, "filter-crs")
    if text is None:
        return None
    try:
        tree = _json(text) if lang == CQL2_JSON else cql2_text.parse(text)
        if uri == CRS84:
            return tree
        return filter_shapes.transform_shapes(tree, lambda points: offered_to_wgs84(points, uri))
    except GeoError as error:
        raise problems.BadQuery(f"filter：{error.zh}", f"filter: {error.en}") from None


def _json(text: str) -> dict[str, Any]:
    if len(text) > cql2_text.MAX_LENGTH:
        most = f"{cql2_text.MAX_LENGTH:,}"
        raise BadValue(f"过滤条件超过 {most} 个字符", f"the filter is longer than {most} characters")
    try:
        data = text.encode()
        check_json_depth(data)
        tree = orjson.loads(data)
    except ValueError as error:  # half a surrogate pair, too deep, or not JSON
        if isinstance(error, GeoError):
            raise
        raise BadValue("不是有效的 JSON", "it is not valid JSON") from None
    if isinstance(tree, bool):
        return {"op": "and", "args": [tree]}
    if not isinstance(tree, Mapping):
        raise BadValue("不是 CQL2 JSON", "it is no CQL2 JSON")
    return dict(tree)


def _fields(request: Request, layer: Layer) -> list[dict[str, Any]]:
    """Return the field parameters as CQL2 trees with typed values; no text of the request becomes SQL."""
    known = query_names(request.scope["route"].dependant)
    tests = []
    for given, value in request.query_params.items():
        if given in known:
            continue
        name = given[:60]
        field = next((one for one in layer.all_fields if one.name == name), None)
        if field is None:
            fields = ", ".join([*sorted(known), *layer.names])
            raise problems.BadQuery(f"没有参数 {name}，可用：{fields}", f"no parameter {name}; there are: {fields}")
        tests.append({"op": "=", "args": [{"property": name}, _typed(field, value)]})
    return tests


def _typed(field: Field, value: str) -> str | float | int:
    if len(value) > 1000:
        raise problems.BadQuery(f"{field.name} 的值过长", f"the value of {field.name} is too long")
    try:
        if field.kind == "integer":
            whole = _integer(value)
            if abs(whole) < 2**53:
                return whole
            raise ValueError
        if field.kind == "number":
            number = number_of(value)
            if math.isfinite(number):
                return number
            raise ValueError
    except ValueError:
        raise problems.BadQuery(f"{field.name} 须是数", f"{field.name} must be a number") from None
    return value
