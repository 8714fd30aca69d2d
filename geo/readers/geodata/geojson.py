"""Read GeoJSON feature by feature, so that one invalid ring costs one row (RFC 7946)."""

from __future__ import annotations

import codecs
import re
import reprlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely

from geo import bounds
from geo import crs as crs_module
from geo.errors import BadGeometry, BadValue
from geo.readers.source import (
    Fault,
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    check_size,
    shapes_array,
    unreadable,
)
from geo.readers.words.chinese_texts import looks_chinese
from geo.sentences import sentence

_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
UNCLOSED = "环没有闭合 / ring is not closed"

#: Characters looked at to tell Chinese in GB 18030 from other texts.
_LOOKED_AT = 1 << 22

_SHORT = reprlib.Repr()
_SHORT.maxlist, _SHORT.maxlevel = 8, 6


class GeometryError(ValueError):
    """A geometry cannot be built; the text is the reason, the second argument the value found."""


class JsonLines(list[Any]):
    """The values of a file of one JSON object per line, or of a JSON text sequence (RFC 8142)."""


class BrokenLine(dict[str, Any]):
    """The place of a line that is no JSON, so that it costs one row; ``text`` is its beginning."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def load_json(path: Path, limits: FileLimits) -> Any:
    """Return the JSON value in a file; raise UnreadableFile where it is invalid, too large, or nested too deep.

    Texts may be UTF-8, UTF-16 with its mark, or GB 18030, in which platforms of counties write.
    """
    check_size(path.name, path.stat().st_size, limits.json_bytes)
    data = _in_utf8(path.read_bytes())
    try:
        bounds.check_json_depth(data)
        return orjson.loads(data)
    except BadValue as error:
        raise unreadable(path.name, error.zh, error.en) from None
    except orjson.JSONDecodeError as error:
        found = _json_lines(data)
        if found is not None:
            return found
        raise unreadable(path.name, f"JSON 有误（{error}）", f"invalid JSON ({error})") from None


def _in_utf8(data: bytes) -> bytes:
    """Return a JSON text in UTF-8; what reads in no encoding stays as it is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        other = "utf-16"
    else:
        data = data.removeprefix(b"\xef\xbb\xbf")
        other = "gb18030"
        if data.isascii() or _is_utf8(data):
            return data
    try:
        text = data.decode(other)
        return data if other == "gb18030" and not looks_chinese(text[:_LOOKED_AT]) else text.encode("utf-8")
    except UnicodeError:
        return data


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(data)
    try:
        for start in range(0, len(view), 1 << 20):
            decoder.decode(view[start : start + (1 << 20)])
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _json_lines(data: bytes) -> JsonLines | None:
    """Return the objects of a file that holds one per line, or one after each RS; None where its first is none."""
    pieces = data.split(b"\x1e") if data.lstrip()[:1] == b"\x1e" else data.split(b"\n")
    lines = [one for one in (piece.strip() for piece in pieces) if one]
    values = JsonLines()
    for line in lines:
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            value = BrokenLine(line[:200].decode("utf-8", "replace"))
        if not values and (isinstance(value, BrokenLine) or not isinstance(value, dict)):
            return None
        values.append(value)
    return values if len(lines) > 1 else None


def is_features(value: Any) -> bool:
    """Return whether a JSON value is a bare array of features, or of collections of them.

    Examples
    --------
    >>> is_features([{"type": "Feature", "geometry": None, "properties": {}}])
    True
    >>> is_features([{"type": "node"}])
    False
    """
    kinds = ("Feature", "FeatureCollection", *_TYPES)
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, BrokenLine) or (isinstance(one, dict) and one.get("type") in kinds) for one in value)
    )


def read(name: str, data: Any, limits: FileLimits) -> SourceTable:
    """Return the features of a GeoJSON object: a collection, one feature or a bare geometry; or of an array of them.

    A ``crs`` member of the 2008 draft is honoured; without one the coordinates are WGS-84.

    Raises
    ------
    UnreadableFile
        Where the object is not GeoJSON or has too many features.
    """
    features = _features(name, data)
    check_features(name, len(features), limits)
    shapes, faults = _shapes(features, limits)
    rows = [_properties(feature) for feature in features]
    check_columns(name, len({key for row in rows for key in row}), len(rows))
    tags = [_tags(row) for row in rows] if rows and any(isinstance(row.get("tags"), dict) for row in rows) else None
    return SourceTable(
        name=name,
        columns=pd.DataFrame.from_records(rows, index=range(len(rows))),
        shapes=shapes,
        crs=_crs(data),
        faults=faults,
        tags=tags,
        always_wgs84=False,
        is_unnamed=isinstance(data, list) and not isinstance(data, JsonLines),
    )


def _features(name: str, data: Any) -> Sequence[Any]:
    if isinstance(data, list):
        return [feature for one in data for feature in _features(name, one)]
    if isinstance(data, BrokenLine):
        return [data]
    kind = data.get("type")
    if kind == "FeatureCollection" and isinstance(data.get("features"), list):
        features: Sequence[Any] = data["features"]
        return features
    if kind == "Feature":
        return [data]
    if kind in _TYPES:
        return [{"type": "Feature", "properties": {}, "geometry": data}]
    raise unreadable(name, "不是 GeoJSON", "it is no GeoJSON")


def _properties(feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict):
        return {}
    found = feature.get("properties")
    row = dict(found) if isinstance(found, dict) else {}
    # The feature's id is used where the properties have none.
    if feature.get("id") is not None:
        row.setdefault("id", feature["id"])
    return row


def _tags(row: Mapping[str, Any]) -> dict[str, Any]:
    tags = row.get("tags")
    found = dict(tags) if isinstance(tags, dict) else {}
    return {**found, "@id": row.get("@id", row.get("id"))}


def _crs(data: Any) -> str:
    member = data.get("crs") if isinstance(data, dict) else None
    try:
        named = str(member["properties"]["name"]) if isinstance(member, dict) else ""
    except (KeyError, TypeError):
        named = ""
    if not named:
        return crs_module.STORAGE_CRS
    # CRS84 and the axis order of EPSG:4326 in GeoJSON are both lon, lat.
    return crs_module.STORAGE_CRS if re.search(r"CRS84$|::4326$", named) else named


def _shapes(features: Sequence[Any], limits: FileLimits) -> tuple[np.ndarray, dict[int, Fault]]:
    shapes = shapes_array([None] * len(features))
    faults: dict[int, Fault] = {}
    built = _build_in_bulk(features, shapes)
    for row, feature in enumerate(features):
        if row in built:
            continue
        try:
            shapes[row] = _shape_of(feature, limits)
        except GeometryError as error:
            faults[row] = _fault_of(error)
    return shapes, faults


def _fault_of(error: GeometryError) -> Fault:
    reason, value = ([str(part)[:200] for part in error.args] + ["", ""])[:2]
    return Fault("geometry", reason, value)


def _build_in_bulk(features: Sequence[Any], shapes: np.ndarray) -> set[int]:
    """Build plain points and polygons in bulk, in place, and return their rows; the rest is built one by one."""
    points: dict[int, Any] = {}
    polygons: dict[int, Any] = {}
    for row, feature in enumerate(features):
        geometry = feature.get("geometry") if isinstance(feature, dict) and feature.get("type") == "Feature" else None
        if not isinstance(geometry, dict):
            continue
        coordinates = geometry.get("coordinates")
        if geometry.get("type") == "Point":
            points[row] = coordinates
        elif geometry.get("type") == "Polygon" and _looks_closed(coordinates):
            polygons[row] = coordinates
    built: set[int] = set()
    pairs = _array(list(points.values()))
    if pairs is not None:
        shapes[list(points)] = shapely.points(pairs)
        built |= set(points)
    rings = [ring for polygon in polygons.values() for ring in polygon]
    pairs = _array([position for ring in rings for position in ring])
    if pairs is not None:
        of_ring = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
        of_polygon = np.repeat(np.arange(len(polygons)), [len(polygon) for polygon in polygons.values()])
        shapes[list(polygons)] = shapely.polygons(shapely.linearrings(pairs, indices=of_ring), indices=of_polygon)
        built |= set(polygons)
    return built


def _looks_closed(rings: Any) -> bool:
    if not isinstance(rings, list) or not rings:
        return False
    return all(isinstance(ring, list) and len(ring) > 3 and ring[0] == ring[-1] for ring in rings)


def _array(positions: list[Any]) -> np.ndarray | None:
    """Return x and y of positions as numbers, None where any of them is not numeric."""
    if not positions:
        return None
    try:
        array = np.array(positions)
    except (TypeError, ValueError):
        return None
    if array.ndim != 2 or array.shape[1] not in (2, 3) or array.dtype.kind not in "if":
        return None
    array = array[:, :2].astype(float)
    return array if np.isfinite(array).all() else None


def _shape_of(feature: Any, limits: FileLimits) -> shapely.Geometry | None:
    if isinstance(feature, BrokenLine):
        raise GeometryError("这一行不是 JSON / this line is no JSON", feature.text)
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise GeometryError("不是要素 / no feature", "")
    geometry = feature.get("geometry")
    if geometry is None:
        return None
    try:
        bounds.check_geometry(geometry, max_depth=limits.collection_depth)
    except BadGeometry as error:
        raise GeometryError(sentence(error.zh, error.en), _value_excerpt(geometry)) from None
    return shape(geometry)


def shape(geometry: Mapping[str, Any]) -> shapely.Geometry:
    """Build one geometry from a GeoJSON object that passed `bounds.check_geometry`, heights left out.

    Raises
    ------
    BrokenShapeError
        Where a ring is not closed, or too short.
    """
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return shapely.GeometryCollection([shape(part) for part in geometry["geometries"]])
    coordinates = geometry["coordinates"]
    if not coordinates:
        return shapely.from_wkt(f"{kind} EMPTY".upper())
    try:
        return _BUILD[kind](coordinates)
    except GeometryError:
        raise
    except (TypeError, ValueError, IndexError, shapely.errors.GEOSException) as error:
        raise GeometryError(
            sentence("形状建不成", f"geometry cannot be built: {error}"), _value_excerpt(coordinates)
        ) from None


def _value_excerpt(value: Any) -> str:
    # The full text of a geometry may be larger than the geometry.
    return _SHORT.repr(value)


def _point(coordinates: Any) -> shapely.Point:
    pairs = _pairs([coordinates])
    return shapely.Point(pairs[0])


def _line(coordinates: Any) -> shapely.LineString:
    pairs = _pairs(coordinates)
    if len(pairs) < 2:
        raise GeometryError("线至少要两点 / a line needs two points", _value_excerpt(coordinates))
    return shapely.LineString(pairs)


def _polygon(coordinates: Any) -> shapely.Polygon:
    if not isinstance(coordinates, list) or not coordinates:
        raise GeometryError("没有坐标 / no coordinates", "")
    rings = [_ring(ring) for ring in coordinates]
    return shapely.Polygon(rings[0], rings[1:])


def _ring(coordinates: Any) -> np.ndarray:
    pairs = _pairs(coordinates)
    if len(pairs) == 0 or not np.array_equal(pairs[0], pairs[-1]):
        raise GeometryError(UNCLOSED, "" if len(pairs) == 0 else f"{pairs[0].tolist()} … {pairs[-1].tolist()}")
    if len(pairs) < 4:
        raise GeometryError("环至少要四点 / a ring needs four points", _value_excerpt(coordinates))
    return pairs


def _pairs(coordinates: Any) -> np.ndarray:
    try:
        array = np.array([position[:2] for position in coordinates])
    except (TypeError, ValueError, IndexError):
        array = np.empty(0, dtype=object)
    if array.ndim != 2 or array.shape[1] != 2 or array.dtype.kind not in "if":
        raise GeometryError("坐标不是数字 / coordinates are no numbers", _value_excerpt(coordinates))
    return array.astype(float)


_BUILD: Mapping[str, Callable[[Any], shapely.Geometry]] = {
    "Point": _point,
    "MultiPoint": lambda points: shapely.MultiPoint(_pairs(points)),
    "LineString": _line,
    "MultiLineString": lambda lines: shapely.MultiLineString([_line(line) for line in lines]),
    "Polygon": _polygon,
    "MultiPolygon": lambda polygons: shapely.MultiPolygon([_polygon(polygon) for polygon in polygons]),
}
