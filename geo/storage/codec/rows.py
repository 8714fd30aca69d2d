"""Check frames and features against a layer, and turn them into stored rows and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import shapely.geometry

from geo import bounds
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.crs import STORAGE_CRS
from geo.errors import BadGeometry, BadValue, GeoError, RowFault, UnknownCrs, UnknownName
from geo.storage.codec import geopackage_blobs
from geo.storage.stored_tables import LAYER_TABLES

#: Faults named in one error; a broken file of a million rows need not name them all.
MAX_FAULTS = 1_000
_SHAPE_IDS = {"point": (0, 4), "line": (1, 5), "polygon": (3, 6)}
_GEOJSON = {
    "point": ("Point", "MultiPoint"),
    "line": ("LineString", "MultiLineString"),
    "polygon": ("Polygon", "MultiPolygon"),
}
_NO_SHAPE, _WRONG_KIND = "没有几何 / there is no shape", "几何类型不符 / the shape is of the wrong kind"
_Fault = tuple[int, str, str, Any]


@dataclass(frozen=True)
class Rows:
    """Hold checked rows of a layer: the shapes as its column takes them, and one list per field in stored order."""

    keys: list[str]
    shapes: np.ndarray
    values: list[list[Any]]

    def tuples(self) -> Iterable[tuple[Any, ...]]:
        """Give (GeoPackage blob, *fields) row by row."""
        return zip(geopackage_blobs.encode(self.shapes), *self.values, strict=True)

    def ewkb_tuples(self) -> Iterable[tuple[Any, ...]]:
        """Give (EWKB, *fields) row by row."""
        return zip(geopackage_blobs.ewkb(self.shapes), *self.values, strict=True)


def rows_of(frame: gpd.GeoDataFrame, layer: Layer) -> Rows:
    """Return the rows of a frame as stored, or name every row that cannot be.

    Parameters
    ----------
    frame
        In any known CRS; shapes are brought to EPSG:4326 and flattened (heights of vertices are dropped).
    layer
        The layer they are for.

    Raises
    ------
    UnknownCrs
        The frame names no CRS.
    UnknownName
        A column is no field of the layer. Nothing beyond the fields is ever stored: a camera record has no place for
        an address, an account or a person.
    BadValue
        A key is missing or there twice, or a value is not of its field's kind.
    BadGeometry
        A shape is missing, empty, of the wrong kind, or off the globe.
    """
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None:
        raise BadGeometry(f"图层 {layer.name} 的数据没有几何列", f"the data for layer {layer.name} have no geometry")
    unknown = sorted(str(one) for one in frame.columns if one != frame.active_geometry_name and one not in layer.names)
    if unknown:
        names = ", ".join(unknown)
        raise UnknownName(f"图层 {layer.name} 没有字段：{names}", f"layer {layer.name} has no field: {names}")
    if frame.crs is None:
        raise UnknownCrs(f"图层 {layer.name} 的数据没有坐标系", f"the data for layer {layer.name} name no CRS")
    faults: list[_Fault] = []
    values: list[list[Any]] = [
        _converted(frame[one.name], one, faults) if one.name in frame.columns else [None] * len(frame)
        for one in layer.all_fields
    ]
    keys: list[Any] = values[layer.names.index(layer.key)]
    _check_keys(keys, layer, faults)
    _check_dates(values[-2], values[-1], faults)
    _refuse(BadValue, faults, layer, keys)
    shapes = _checked(frame.geometry.to_crs(STORAGE_CRS).to_numpy(), layer, faults)
    _refuse(BadGeometry, faults, layer, keys)
    return Rows(keys, shapes, values)


def kept_rows(frame: gpd.GeoDataFrame, layer: Layer, *, story: Sequence[str] = ()) -> Rows:
    """Return the rows that a store gave out (``protocol.Store.versions``), as stored, to be put into another.

    Their dates and keys are as they are: what a store holds is history, not input. Only what no column can take is
    refused.

    Parameters
    ----------
    frame
        Current rows, or past versions.
    layer
        The layer they are of.
    story
        Names of the columns that past versions have beside; these may lack a shape.

    Raises
    ------
    BadValue, BadGeometry
        A value or a shape is of another kind than its column; the rows are named by key.
    """
    faults: list[_Fault] = []
    values = [_converted(frame[one.name], one, faults) for one in layer.all_fields]
    keys: list[Any] = values[layer.names.index(layer.key)]
    _refuse(BadValue, faults, layer, keys)
    shapes = _as_stored(geopackage_blobs.single(shapely.force_2d(frame.geometry.to_numpy())), layer)
    kinds = shapely.get_type_id(shapes)
    lacking = kinds == -1
    wrong = ~np.isin(kinds, _shape_ids(layer)) & ~lacking
    for bad, reason in ((lacking & (not story), _NO_SHAPE), (wrong, _WRONG_KIND)):
        faults.extend((int(row), "geometry", reason, _brief(shapes[row])) for row in np.flatnonzero(bad))
    _refuse(BadGeometry, faults, layer, keys)
    told = [frame[name].astype(object).where(frame[name].notna(), None).tolist() for name in story]
    return Rows(keys, shapes, [*values, *told])


def row_of(feature: Mapping[str, Any], layer: Layer, key: str) -> Rows:
    """Return the row of one GeoJSON feature (EPSG:4326), under a key.

    Parameters
    ----------
    feature
        Properties left out are null; the key among them, or ``id``, must be the key named, or be left out.

    Raises
    ------
    UnknownName
        A property is no field of the layer.
    BadValue
        A value is not of its field's kind, or not among its choices, or the keys differ.
    BadGeometry
        As ``rows_of``; the kind and depth of the coordinates are checked before any geometry library sees them.
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
            fault = RowFault(layer.name, key, name, f"只能是 {known} / must be one of {known}", str(value)[:200])
            raise BadValue(f"{name} 只能是 {known}", f"{name} must be one of {known}", rows=[fault])
    shape = _shape_of(feature.get("geometry"), layer, key)
    one = {name: pd.Series([properties.get(name)], dtype=object) for name in layer.names if name != layer.key}
    frame = gpd.GeoDataFrame({layer.key: [key], **one}, geometry=[shape], crs=STORAGE_CRS)
    return rows_of(frame, layer)


def frame_of(rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False) -> gpd.GeoDataFrame:
    """Return stored rows (shape, *fields) as a frame: see ``protocol.Store.read`` for its columns.

    Shapes are GeoPackage blobs, or plain WKB.
    """
    columns = list(zip(*rows, strict=True)) if rows else [()] * (1 + len(layer.names))
    data = {one.name: _series(values, one) for one, values in zip(layer.all_fields, columns[1:], strict=True)}
    return gpd.GeoDataFrame(data, geometry=_decoded(columns[0], wkb=wkb), crs=STORAGE_CRS)


def values_of(
    rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False
) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Return stored rows (shape, *fields) as shapes and plain values: see ``protocol.Store.rows``."""
    if not rows:
        return np.empty(0, dtype=object), []
    shapes, *stored = zip(*rows, strict=True)
    fields = [_plain(values, one) for values, one in zip(stored, layer.all_fields, strict=True)]
    return _decoded(shapes, wkb=wkb), list(zip(*fields, strict=True))


def feature_of(row: Sequence[Any], layer: Layer, *, wkb: bool = False) -> dict[str, Any]:
    """Return one stored row (shape, *fields) as a GeoJSON feature."""
    shape = _decoded([row[0]], wkb=wkb)[0]
    properties = dict(zip(layer.names, row[1:], strict=True))
    geometry = None if shape is None else _lists(shapely.geometry.mapping(shape))
    return {"type": "Feature", "id": properties[layer.key], "geometry": geometry, "properties": properties}


def _decoded(shapes: Sequence[Any], *, wkb: bool) -> np.ndarray:
    return (
        geopackage_blobs.single(np.atleast_1d(shapely.from_wkb(np.array(shapes, dtype=object))))
        if wkb
        else geopackage_blobs.decode(shapes)
    )


def _series(values: Sequence[Any], one: Field) -> pd.Series:
    """Return stored values with the dtype of their kind; what another program put there of another kind is missing."""
    plain = _plain(values, one)
    if one.kind == "number":
        return pd.Series(plain, dtype="float64")
    if one.kind == "integer":
        return pd.Series(pd.array(plain, dtype="Int64"))
    return pd.Series(plain, dtype="str")


def _plain(values: Sequence[Any], one: Field) -> list[Any]:
    if one.kind == "number":
        return [_as(float, value) for value in values]
    if one.kind == "integer":
        return [_as(int, value) for value in values]
    return [value if value is None or isinstance(value, str) else str(value) for value in values]


def _as(kind: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, float) and kind is int and not value.is_integer():
        return None
    return kind(value) if isinstance(value, int | float) else None


def _lists(node: Any) -> Any:
    """Return tuples as lists all the way down, as JSON has them."""
    if isinstance(node, Mapping):
        return {name: _lists(value) for name, value in node.items()}
    return [_lists(one) for one in node] if isinstance(node, tuple | list) else node


def _converted(column: pd.Series, one: Field, faults: list[_Fault]) -> list[Any]:
    """Return the values of one field as SQLite takes them; unusable ones are noted and left null."""
    if one.kind == "text" and pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty"):
        values: list[Any] = column.astype(object).where(column.notna(), None).tolist()
        return [value or None for value in values]
    if one.kind == "number" and column.dtype == np.float64:
        numbers = column.to_numpy()
        infinite = np.flatnonzero(np.isinf(numbers)).tolist()
        faults.extend((row, one.name, _EXPECTED["number"], numbers[row]) for row in infinite)
        return [None if math.isnan(value) else value for value in numbers.tolist()]
    convert = _CONVERT[one.kind]
    out: list[Any] = []
    missing = column.isna().to_numpy()
    for row, value in enumerate(column.astype(object).tolist()):
        try:
            out.append(None if missing[row] or (isinstance(value, str) and not value) else convert(value))
        except (TypeError, ValueError, OverflowError):
            faults.append((row, one.name, _EXPECTED[one.kind], value))
            out.append(None)
    return out


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        raise TypeError
    # A code that a spreadsheet made a number: 620622.0 is 620622.
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


def _checked(shapes: np.ndarray, layer: Layer, faults: list[_Fault]) -> np.ndarray:
    """Return the shapes as the layer's column takes them, and note those it cannot."""
    shapes = geopackage_blobs.single(shapely.force_2d(np.asarray(shapes, dtype=object)))
    kinds = shapely.get_type_id(shapes)
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    with np.errstate(invalid="ignore"):
        on_globe = (np.abs(bounds[:, [0, 2]]) <= 180.0).all(axis=1) & (np.abs(bounds[:, [1, 3]]) <= 90.0).all(axis=1)
    finite = np.ones(len(shapes), dtype=bool)
    coords, owner = shapely.get_coordinates(shapes, return_index=True)
    finite[owner[~np.isfinite(coords).all(axis=1)]] = False
    empty = shapely.is_empty(shapes)
    placed = (kinds == -1) | empty | (on_globe & finite)
    for bad, reason in (
        (kinds == -1, _NO_SHAPE),
        ((kinds != -1) & ~np.isin(kinds, _shape_ids(layer)), _WRONG_KIND),
        (empty, "几何为空 / the shape is empty"),
        (~placed, "坐标不在经纬度范围内 / the coordinates are off the globe"),
    ):
        faults.extend((int(row), "geometry", reason, _brief(shapes[row])) for row in np.flatnonzero(bad))
    return _as_stored(shapes, layer)


def _shape_ids(layer: Layer) -> list[int]:
    """Return the kinds of shape that a layer takes, as GEOS numbers them."""
    if LAYER_TABLES[layer.name].shape == "POINT":
        return [0]  # a camera or an address is in one place
    return [one for shape in layer.shapes for one in _SHAPE_IDS[shape]]


def _as_stored(shapes: np.ndarray, layer: Layer) -> np.ndarray:
    return geopackage_blobs.multi(shapes) if LAYER_TABLES[layer.name].is_multi else shapes


def _brief(shape: Any) -> str:
    if shape is None or shape.is_empty:
        return "" if shape is None else shape.geom_type
    return f"{shape.geom_type} {shapely.get_coordinates(shape)[0].tolist()}"


def _shape_of(geometry: Any, layer: Layer, key: str) -> Any:
    """Return the shape of a GeoJSON geometry: kind, nesting and numbers are checked first.

    A collection 50,000 deep ends the process inside GEOS 3.14, so nothing unchecked gets there.
    """
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    known = [name for shape in layer.shapes for name in _GEOJSON[shape]]
    fault = RowFault(layer.name, key, "geometry", "几何无法使用 / the shape cannot be used", str(kind)[:200])
    bad = BadGeometry(f"{key} 的几何无法使用", f"the shape of {key} cannot be used", rows=[fault])
    if kind not in known:
        raise bad
    try:
        bounds.check_geometry(geometry)
        shape = shapely.geometry.shape({"type": kind, "coordinates": geometry["coordinates"]})
        bounds.check_tangle(shape)
    except (GeoError, ValueError, TypeError, IndexError, AttributeError, shapely.errors.ShapelyError):
        raise bad from None
    # As at import: an area that crosses itself has no inside that two programs agree on.
    if not shape.is_valid:
        raise bad
    return shape


def _refuse(error: type[GeoError], faults: Sequence[_Fault], layer: Layer, keys: Sequence[Any]) -> None:
    """Raise an error that names the rows at fault by key, or by number from 1 where there is none."""
    if not faults:
        return
    first = sorted(faults, key=lambda one: one[0])[:MAX_FAULTS]
    rows = [
        RowFault(layer.name, str(keys[row] or row + 1), name, reason, str(value)[:200])
        for row, name, reason, value in first
    ]
    bad = len({fault[0] for fault in faults})
    zh, en = rows[0].reason.split(" / ", 1)
    where = f"{rows[0].row}.{rows[0].field}"
    raise error(
        f"图层 {layer.name} 有 {bad} 行无法存入，第一处 {where}：{zh}",
        f"{bad} row(s) of layer {layer.name} cannot be stored, first {where}: {en}",
        rows=rows,
    )
