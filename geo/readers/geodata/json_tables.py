"""Read JSON that is no GeoJSON: rows of a platform, and districts and places of the map service Amap (高德)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from geo.readers.geodata.path_texts import text_of
from geo.readers.source import FileLimits, SourceTable, check_columns, check_features, shapes_array, unreadable

#: Said where Amap's data name no CRS.
AMAP_HINT = ("高德的坐标是 GCJ-02（--crs gcj02）", "Amap's coordinates are GCJ-02 (--crs gcj02)")
_WRAPPERS = ("data", "rows", "records", "list", "items", "result", "results", "content", "value")
_MAX_WRAPS = 4
_GEOJSON = ("Feature", "FeatureCollection", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString")


def rows_of(value: Any) -> list[dict[str, Any]] | None:
    """Return the rows of a list of plain objects, in a wrapper such as ``data`` or not; None where it is no such list.

    Examples
    --------
    >>> rows_of({"code": 0, "data": {"list": [{"id": 1}]}})
    [{'id': 1}]
    >>> rows_of([{"type": "Feature"}]) is None
    True
    """
    for _ in range(_MAX_WRAPS):
        if not isinstance(value, dict):
            break
        inner = [value[key] for key in _WRAPPERS if isinstance(value.get(key), list | dict)]
        if len(inner) != 1:
            return None
        value = inner[0]
    if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
        return None
    return None if any(one.get("type") in (*_GEOJSON, "MultiPolygon") for one in value[:100]) else value


#: Stands for an object within an object, whose column is listed as not read.
_DEEPER = "{…}"
# What any object has, and names of objects that hold the row's own values.
_OF_ANYTHING = re.compile(
    "id|uuid|code|name|no|number|type|kind|status|state|class|height|编号|编码|代码|名称|类[型别]|状态|高度",
    re.IGNORECASE,
)
_OF_ROW = re.compile(
    "propert|attr|info|data|base|basic|detail|field|camera|device|信息|属性|参数|设备|摄像|点位|监控|grid|网格",
    re.IGNORECASE,
)


def read_rows(name: str, value: Any, limits: FileLimits) -> SourceTable:
    """Return the rows of a list of plain objects; members of an object within a row are cells of that row."""
    return _table(name, [dict(_flat(row)) for row in rows_of(value) or []], limits)


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the cells of a row; those of an object within it by their own names where these say what they are of.

    The name of a region is not that of the camera that lies in it: it is ``region/name``, as one of two equal names is.
    """
    inner_cells = [
        (str(key), str(inner), _DEEPER if isinstance(one, dict) else one)
        for key, cell in row.items()
        if isinstance(cell, dict)
        for inner, one in cell.items()
    ]
    named = Counter(inner for key, inner, _ in inner_cells if _says_of_what(key, inner))
    yield from ((str(key), cell) for key, cell in row.items() if not isinstance(cell, dict))
    for key, inner, one in inner_cells:
        is_own = one is not _DEEPER and _says_of_what(key, inner) and named[inner] == 1 and inner not in row
        yield inner if is_own else f"{key}/{inner}", one


def _says_of_what(key: str, inner: str) -> bool:
    return _OF_ANYTHING.fullmatch(inner) is None or _OF_ROW.search(key) is not None


def is_amap(value: Any) -> bool:
    """Return whether a JSON value is an answer of Amap: ``pois`` or ``districts``.

    Examples
    --------
    >>> is_amap({"status": "1", "districts": [{"adcode": "620622", "polyline": "102,37;103,37"}]})
    True
    """
    if not isinstance(value, dict):
        return False
    lists = [value[key] for key in ("pois", "districts") if isinstance(value.get(key), list)]
    return any(all(isinstance(one, dict) for one in found) for found in lists if found)


def read_amap(name: str, value: Mapping[str, Any], limits: FileLimits) -> SourceTable:
    """Return places with their ``location`` as longitude and latitude, or districts with their ``polyline``."""
    rows = [_place(one) for one in value.get("pois") or ()] or list(_districts(name, value, ""))
    source = _table(name, rows, limits)
    source.crs_hint = AMAP_HINT
    return source


def _place(one: Mapping[str, Any]) -> dict[str, Any]:
    lon, _, lat = str(one.get("location") or "").partition(",")
    # An empty text is an empty list in Amap's answers.
    rest = {str(key): cell for key, cell in one.items() if key != "location" and not isinstance(cell, list | dict)}
    return {**rest, "lon": lon, "lat": lat}


def _districts(name: str, value: Mapping[str, Any], parent: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 8:
        raise unreadable(name, "区划嵌套过深", "districts nested too deep")
    for one in value.get("districts") or ():
        if not isinstance(one, dict):
            continue
        lon, _, lat = str(one.get("center") or "").partition(",")
        code = str(one.get("adcode") or "")
        shape = one.get("polyline") or None
        # The district that was asked for by name may stand around those that have the outlines.
        if shape is not None or not one.get("districts"):
            named = {key: one.get(key) for key in ("name", "level")}
            yield {"code": code, **named, "parent": parent or None, "lon": lon, "lat": lat, "wkt": shape}
        yield from _districts(name, one, code, depth + 1)


def _table(name: str, rows: list[dict[str, Any]], limits: FileLimits) -> SourceTable:
    check_features(name, len(rows), limits)
    check_columns(name, len({key for row in rows for key in row}), len(rows))
    frame = pd.DataFrame.from_records(rows, index=range(len(rows))).astype(object)
    for column in frame.columns:
        if any(isinstance(cell, list) for cell in frame[column]):
            frame[column] = pd.Series([text_of(cell) for cell in frame[column]], dtype=object)
    frame = frame.where(frame.notna(), None)
    return SourceTable(name, frame, shapes_array([None] * len(frame)))
