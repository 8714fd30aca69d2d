"""Check frames and features against a layer, and convert them to stored rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import compress
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.geometry

from geo import bounds, mixed_shapes
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.crs import STORAGE_CRS
from geo.errors import BadGeometry, BadValue, Conflict, GeoError, RowFault, UnknownCrs, UnknownName
from geo.sentences import both, sentence
from geo.storage.codec import geopackage_blobs
from geo.storage.stored_tables import LAYER_TABLES

#: Maximum number of faults listed in one error, for files with millions of bad rows.
MAX_FAULTS = 1_000
_SHAPE_IDS = {"point": (0, 4), "line": (1, 5), "polygon": (3, 6)}
_GEOJSON = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_COLLECTION = 7
_NO_SHAPE, _WRONG_KIND = "没有几何 / there is no shape", "几何类型不符 / the shape is of the wrong kind"
_HAS_SHAPE = "这张表的行没有位置 / rows of this table have no place"
_Fault = tuple[int, str, str, Any]


@dataclass(frozen=True)
class StoredRows:
    """Checked rows of a layer: geometries for its column, and one list of values per field in stored order."""

    keys: list[str]
    shapes: np.ndarray
    values: list[list[Any]]

    def tuples(self, wanted: Sequence[bool] | None = None) -> Iterable[tuple[Any, ...]]:
        """Yield (GeoPackage blob, *fields) row by row, of the fields only those that are wanted."""
        values = self.values if wanted is None else compress(self.values, wanted)
        return zip(geopackage_blobs.encode(self.shapes), *values, strict=True)

    def ewkb_tuples(self) -> Iterable[tuple[Any, ...]]:
        """Yield (EWKB, *fields) row by row."""
        return zip(geopackage_blobs.ewkb(self.shapes), *self.values, strict=True)


def rows_from_frame(frame: pd.DataFrame, layer: Layer) -> StoredRows:
    """Return the rows of a frame as stored, or raise an error that lists every row that cannot be stored.

    Parameters
    ----------
    frame
        In any known CRS; geometries are transformed to EPSG:4326, and heights of vertices are dropped. A layer whose
        rows may lack a shape needs no geometry.
    layer
        The layer they are for.

    Raises
    ------
    UnknownCrs
        The frame names no CRS.
    UnknownName
        A column is not a field of the layer. Only fields are ever stored: a camera record has none for a network
        address, an account or a person.
    BadValue
        A key is missing or duplicated, or a value is not of the type of its field.
    BadGeometry
        A geometry is missing, empty, of the wrong type, or outside longitude and latitude.
    """
    if not layer.needs_shape and (not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=STORAGE_CRS)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        raise BadGeometry(f"图层 {layer.name} 的数据没有几何列", f"the data for layer {layer.name} have no geometry")
    shapes_in = frame.active_geometry_name
    unknown = sorted(str(name) for name in frame.columns if name != shapes_in and name not in layer.names)
    if unknown:
        names = ", ".join(unknown)
        raise UnknownName(f"图层 {layer.name} 没有字段：{names}", f"layer {layer.name} has no field: {names}")
    if frame.crs is None:
        raise UnknownCrs(f"图层 {layer.name} 的数据没有坐标系", f"the data for layer {layer.name} name no CRS")
    faults: list[_Fault] = []
    values: list[list[Any]] = [
        _converted(frame[field.name], field, faults) if field.name in frame.columns else [None] * len(frame)
        for field in layer.all_fields
    ]
    keys: list[Any] = values[layer.names.index(layer.key)]
    _check_keys(keys, layer, faults)
    _check_dates(values[-2], values[-1], faults)
    _raise_with_rows(BadValue, faults, layer, keys)
    shapes = _checked_shapes(frame.geometry.to_crs(STORAGE_CRS).to_numpy(), layer, faults)
    _raise_with_rows(BadGeometry, faults, layer, keys)
    return StoredRows(keys, shapes, values)


def exported_rows(frame: gpd.GeoDataFrame, layer: Layer, *, history_columns: Sequence[str] = ()) -> StoredRows:
    """Return rows exported from a store (``protocol.Store.versions``), as stored, for another store.

    Dates and keys are not validated again, since they come from a store; only values that a column cannot hold are
    rejected.

    Parameters
    ----------
    frame
        Current rows, or past versions.
    layer
        Their layer.
    history_columns
        Additional columns of past versions; these may lack a geometry.

    Raises
    ------
    BadValue, BadGeometry
        A value or a geometry is of another type than its column; the rows are listed by key.
    """
    faults: list[_Fault] = []
    values = [_converted(frame[field.name], field, faults) for field in layer.all_fields]
    keys: list[Any] = values[layer.names.index(layer.key)]
    _raise_with_rows(BadValue, faults, layer, keys)
    shapes = _to_column_type(geopackage_blobs.single(_flat(frame.geometry.to_numpy())), layer)
    kinds = shapely.get_type_id(shapes)
    lacking = kinds == -1
    wrong = ~np.isin(kinds, _shape_ids(layer)) & ~lacking
    needed = layer.needs_shape and not history_columns
    for bad, reason in ((lacking & needed, _NO_SHAPE), (wrong, _WRONG_KIND)):
        faults.extend((int(row), "geometry", reason, _short_text(shapes[row])) for row in np.flatnonzero(bad))
    _raise_with_rows(BadGeometry, faults, layer, keys)
    history = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in history_columns]
    return StoredRows(keys, shapes, [*values, *history])


def not_empty_error(layer: Layer) -> Conflict:
    """Return the error for a layer that has to be empty and is not."""
    return Conflict(f"图层 {layer.name} 不是空的", f"layer {layer.name} is not empty")


def row_from_feature(feature: Mapping[str, Any], layer: Layer, key: str) -> StoredRows:
    """Return the row of one GeoJSON feature (EPSG:4326), under a key.

    Parameters
    ----------
    feature
        Absent properties are null; the key among them, or ``id``, must equal ``key`` or be absent.

    Raises
    ------
    UnknownName
        A property is not a field of the layer.
    BadValue
        A value is not of the type of its field, or not among its choices, or the keys differ.
    BadGeometry
        As ``rows_from_frame``; type and depth of the coordinates are checked before any geometry library is called.
    """
    properties = feature.get("properties") or {}
    if feature.get("type") != "Feature" or not isinstance(properties, Mapping):
        raise BadValue("需要一个 GeoJSON Feature", "a GeoJSON Feature is needed")
    for given in (properties.get(layer.key, key), feature.get("id", key)):
        if given is not None and given != key:
            raise BadValue(f"要素的键与 {key} 不同", f"the feature's own key is not {key}")
    for name, value in properties.items():
        if name not in layer.names:
            raise UnknownName(f"图层 {layer.name} 没有字段 {name}", f"layer {layer.name} has no field {name}")
        choices = layer.field(name).choices
        if choices and value not in (None, "", *choices):
            known = ", ".join(choices)
            fault = RowFault(
                layer.name, key, name, sentence(f"只能是 {known}", f"must be one of {known}"), str(value)[:200]
            )
            raise BadValue(f"{name} 只能是 {known}", f"{name} must be one of {known}", rows=[fault])
    shape = _shape_of(feature.get("geometry"), layer, key)
    columns = {name: pd.Series([properties.get(name)], dtype=object) for name in layer.names if name != layer.key}
    frame = gpd.GeoDataFrame({layer.key: [key], **columns}, geometry=[shape], crs=STORAGE_CRS)
    return rows_from_frame(frame, layer)


def _converted(column: pd.Series, field: Field, faults: list[_Fault]) -> list[Any]:
    """Return the values of one field for SQLite; invalid ones are added to the faults and left null."""
    if field.kind == "text" and pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
        return [value or None for value in values]
    if field.kind == "number" and column.dtype == np.float64:
        numbers = column.to_numpy()
        infinite = np.flatnonzero(np.isinf(numbers)).tolist()
        faults.extend((row, field.name, _EXPECTED["number"], numbers[row]) for row in infinite)
        return [None if math.isnan(value) else value for value in numbers.tolist()]
    convert = _CONVERT[field.kind]
    out: list[Any] = []
    missing = column.isna().to_numpy()
    for row, value in enumerate(column.astype(object).tolist()):
        try:
            out.append(None if missing[row] or (isinstance(value, str) and not value) else convert(value))
        except (TypeError, ValueError, OverflowError):
            faults.append((row, field.name, _EXPECTED[field.kind], value))
            out.append(None)
    return out


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise TypeError
    # A code that a spreadsheet turned into a number: 620622.0 is 620622.
    return str(int(value)) if float(value).is_integer() else str(value)


def _number(value: Any) -> float:
    if isinstance(value, bool | np.bool_ | str):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number


def _integer(value: Any) -> int:
    if isinstance(value, bool | np.bool_ | str) or value != int(value) or abs(int(value)) >= 2**63:
        raise ValueError
    return int(value)


def _day(value: Any) -> str:
    if isinstance(value, date):  # datetime and Timestamp too
        return value.isoformat()[:10]
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[D]"))
    return date.fromisoformat(value).isoformat()


_CONVERT: dict[str, Callable[[Any], Any]] = {"text": _text, "number": _number, "integer": _integer, "date": _day}
_EXPECTED = {
    "text": "不是文本 / not a text",
    "number": "不是有限的数 / not a finite number",
    "integer": "不是整数 / not a whole number",
    "date": "不是日期，应如 2026-01-31 / not a date such as 2026-01-31",
}


def known_keys_error(layer: Layer, taken: Sequence[tuple[int, str]], total: int) -> Conflict:
    """Return the error of an ``append`` of known keys, with the row and key of each, which writes none of its rows."""
    faults = [
        RowFault(layer.name, str(row), layer.key, "键已存在 / the key is already there", key)
        for row, key in taken[:MAX_FAULTS]
    ]
    first, new = taken[0][1], total - len(taken)
    zh = f"图层 {layer.name} 已有 {len(taken)} 个相同的键，第一个是 {first}"
    en = f"layer {layer.name} already has {len(taken)} of these keys, first {first}"
    if new:
        zh += f"；另 {new} 个是新的，也没有写入：append 只收新的，两样都要用 upsert"
        en += f"; {new} more are new and were not written either: append takes new ones only, upsert both"
    return Conflict(zh, en, rows=faults)


def _check_keys(keys: Sequence[Any], layer: Layer, faults: list[_Fault]) -> None:
    seen: set[str] = set(keys)
    if len(seen) == len(keys) and None not in seen:
        return
    seen.clear()
    for row, key in enumerate(keys):
        if key is None:
            faults.append((row, layer.key, "缺少键 / the key is missing", ""))
        elif key in seen:
            faults.append((row, layer.key, "键重复 / the key is there twice", key))
        else:
            seen.add(key)


def _check_dates(begins: Sequence[Any], ends: Sequence[Any], faults: list[_Fault]) -> None:
    for row, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        if begin is not None and end is not None and begin >= end:
            faults.append((row, "valid_to", "失效日期不晚于生效日期 / ends on or before the day it begins", end))


def _checked_shapes(shapes: np.ndarray, layer: Layer, faults: list[_Fault]) -> np.ndarray:
    """Return the geometries in the type of the layer's column; invalid ones are added to the faults."""
    shapes = geopackage_blobs.single(_flat(np.asarray(shapes, dtype=object)))
    if layer.is_mixed:
        shapes = mixed_shapes.flat_mixtures(shapes)
    kinds = shapely.get_type_id(shapes)
    if not layer.is_placed:
        with_shape = np.flatnonzero(kinds != -1)
        faults.extend((int(row), "geometry", _HAS_SHAPE, _short_text(shapes[row])) for row in with_shape)
        return shapes
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    with np.errstate(invalid="ignore"):
        on_globe = (np.abs(bounds[:, [0, 2]]) <= 180.0).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90.0).all(axis=1)
    finite = np.ones(len(shapes), dtype=bool)
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    finite[owner[~np.isfinite(coords).all(axis=1)]] = False
    empty = shapely.is_empty(shapes)
    placed = (kinds == -1) | empty | (on_globe & finite)
    for bad, reason in (
        ((kinds == -1) & layer.needs_shape, _NO_SHAPE),
        ((kinds != -1) & ~np.isin(kinds, _shape_ids(layer)), _WRONG_KIND),
        (empty, "几何为空 / the shape is empty"),
        (~placed, "坐标不在经纬度范围内 / the coordinates are off the globe"),
    ):
        faults.extend((int(row), "geometry", reason, _short_text(shapes[row])) for row in np.flatnonzero(bad))
    return _to_column_type(shapes, layer)


def _flat(shapes: np.ndarray) -> np.ndarray:
    """Return the geometries without heights and measures; where none has any they are not copied."""
    return shapely.force_2d(shapes) if (shapely.get_coordinate_dimension(shapes) > 2).any() else shapes


def _shape_ids(layer: Layer) -> list[int]:
    """Return the geometry types of a layer, by their numbers in GEOS."""
    if LAYER_TABLES[layer.name].shape == "POINT":
        return [0]  # a camera or an address is one point
    ids = [number for shape in layer.shapes for number in _SHAPE_IDS[shape]]
    return [*ids, _COLLECTION] if layer.is_mixed else ids


def _to_column_type(shapes: np.ndarray, layer: Layer) -> np.ndarray:
    return geopackage_blobs.multi(shapes) if LAYER_TABLES[layer.name].is_multi else shapes


def _short_text(shape: Any) -> str:
    if shape is None or shape.is_empty:
        return "" if shape is None else shape.geom_type
    return f"{shape.geom_type} {shapely.get_coordinates(shape)[0].tolist()}"


def _shape_of(geometry: Any, layer: Layer, key: str) -> Any:
    """Return the shapely geometry of a GeoJSON geometry: type, nesting and numbers are checked first.

    A collection nested 50,000 deep crashes GEOS 3.14, so geometries are checked before it is called.
    """
    if geometry is None and not layer.needs_shape:
        return None
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    known = [name for shape in layer.shapes for name in _GEOJSON[shape]]
    if layer.is_mixed:
        known.append("GeometryCollection")
    fault = RowFault(layer.name, key, "geometry", "几何无法使用 / the shape cannot be used", str(kind)[:200])
    bad = BadGeometry(f"{key} 的几何无法使用", f"the shape of {key} cannot be used", rows=[fault])
    if kind not in known:
        raise bad
    try:
        bounds.check_geometry(geometry)
        members = "geometries" if kind == "GeometryCollection" else "coordinates"
        shape = shapely.geometry.shape({"type": kind, members: geometry[members]})
        bounds.check_segment_crossings(shape)
    except (GeoError, ValueError, TypeError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise bad from None
    # As at import: programs disagree on the interior of a self-intersecting polygon.
    if not shape.is_valid:
        raise bad
    return shape


def _raise_with_rows(error: type[GeoError], faults: Sequence[_Fault], layer: Layer, keys: Sequence[Any]) -> None:
    """Raise an error that lists the faulty rows by key, or by number from 1 where there is none."""
    if not faults:
        return
    first = sorted(faults, key=lambda fault: fault[0])[:MAX_FAULTS]
    rows = [
        RowFault(layer.name, str(keys[row] or row + 1), name, reason, str(value)[:200])
        for row, name, reason, value in first
    ]
    bad = len({fault[0] for fault in faults})
    zh, en = both(rows[0].reason)
    where = f"{rows[0].row}.{rows[0].field}"
    raise error(
        f"图层 {layer.name} 有 {bad} 行无法存入，第一处 {where}：{zh}",
        f"{bad} row(s) of layer {layer.name} cannot be stored, first {where}: {en}",
        rows=rows,
    )
