"""Take frames of addresses and zones as callers have them: codes out of spreadsheets, columns of any type, any index.

What can be read is read; what cannot is an error that names the row. Nothing is left out without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.division_codes import code_text, level_of_code
from geo.crs import is_storage, to_wgs84
from geo.errors import BadGeometry, BadValue, GeoError, RowFault, UnknownCrs
from geo.places.address.division_names import RANKS, level_of
from geo.sentences import sentence

#: Metres of a degree of latitude, on a sphere of the Earth's mean radius of 6,371 km.
METRES_PER_DEGREE = 111_195.0
_TEXTS = ("text", "standard", "aliases")
_CODES = ("code", "parent", "parent_code", "village")
_NAMES = ("name", "aliases")
# Rows at fault that an error names.
_MAX_NAMED = 10
_Frame = TypeVar("_Frame", bound=pd.DataFrame)


def given_zones(frame: pd.DataFrame | None, layer: str) -> pd.DataFrame | None:
    """Return the rows of divisions, villages or grids with codes and names as texts, and words for levels.

    620622102207.0 is the code 620622102207, ６２０６２２ is 620622, 4 and 乡镇 are the level township; what has no
    level has that of its code.

    Parameters
    ----------
    layer
        Name of the layer, for errors.

    Raises
    ------
    BadValue
        Where it is no frame, has no column `code` or a column twice, or a row with a name has no code.

    Examples
    --------
    >>> rows = given_zones(pd.DataFrame({"code": [620622.0, "620622 102"], "name": ["古浪县", "土门镇"]}), "divisions")
    >>> rows["code"].tolist(), rows["level"].tolist()
    (['620622', '620622102'], ['county', 'township'])
    """
    if frame is None:
        return None
    _require_frame(frame, layer)
    if not len(frame):
        return frame
    if "code" not in frame.columns:
        raise BadValue(f"{layer} 没有 code 列", f"{layer} has no column code")
    changed = {name: _texts_of(frame[name], layer, name, _plain_code) for name in _CODES if name in frame.columns}
    changed |= {name: _texts_of(frame[name], layer, name, _plain) for name in _NAMES if name in frame.columns}
    codes = changed["code"]
    has_name = changed.get("name", np.full(len(frame), None))
    _refuse(BadValue, layer, "code", "没有代码 / no code", (codes == None) & (has_name != None), has_name)  # noqa: E711
    if layer == "divisions":
        changed["level"] = np.array(
            [_level(level, code) for level, code in zip(_cells(frame, "level"), codes, strict=True)], object
        )
    return frame.assign(**changed).reset_index(drop=True)


def given_addresses(frame: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the rows of addresses with their texts and grids as texts, longitudes and latitudes (WGS-84 degrees).

    A row without a point, or a table without shapes, has NaN for both. Points in another CRS are brought to WGS-84; of
    a frame that names none they are degrees.

    Raises
    ------
    BadValue
        Where it is no frame, has no column of texts or a column twice, or a text is none.
    BadGeometry, UnknownCrs
        Where a shape is no point, or is not on the Earth.

    Examples
    --------
    >>> rows, lon, lat = given_addresses(pd.DataFrame({"text": ["人民路1号", None], "grid": [620622102207.0, None]}))
    >>> rows["grid"].tolist(), lon.tolist()
    (['620622102207', None], [nan, nan])
    """
    _require_frame(frame, "addresses")
    known = [name for name in _TEXTS if name in frame.columns]
    if len(frame) and not known:
        raise BadValue(f"addresses 没有 {'、'.join(_TEXTS)} 列", f"addresses has no column {', '.join(_TEXTS)}")
    changed = {name: _texts_of(frame[name], "addresses", name, _plain) for name in known}
    if "grid" in frame.columns:
        changed["grid"] = _texts_of(frame["grid"], "addresses", "grid", _plain_code)
    lon, lat = _degrees(frame)
    return pd.DataFrame(changed, index=pd.RangeIndex(len(frame)), dtype=object), lon, lat


def _require_frame(frame: object, layer: str) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise BadValue(f"{layer} 须是表（DataFrame）", f"{layer} must be a DataFrame")
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise BadValue(f"{layer} 有两个 {twice[0]} 列", f"{layer} has the column {twice[0]} twice")


def _cells(frame: pd.DataFrame, name: str) -> list[Any]:
    return frame[name].astype(object).tolist() if name in frame.columns else [None] * len(frame)


def _texts_of(column: pd.Series, layer: str, name: str, read: Callable[[Any], str]) -> np.ndarray:
    """Return the cells of a column as texts, None for missing ones; refuse what is neither text nor number."""
    missing = column.isna().to_numpy(bool)
    cells = column.astype(object).to_numpy()
    is_text = np.fromiter((isinstance(cell, (str, int, float, np.number)) for cell in cells), bool, len(cells))
    _refuse(BadValue, layer, name, "须是文字 / must be a text", ~(missing | is_text), cells)
    out = np.full(len(cells), None, object)
    out[~missing] = [read(cell) or None for cell in cells[~missing]]
    return out


def _plain(cell: Any) -> str:
    return cell if isinstance(cell, str) else code_text(cell)


def _plain_code(cell: Any) -> str:
    """Return a code of digits in its one form; any other as it is written."""
    code = code_text(cell)
    return code if code.isdigit() or not isinstance(cell, str) else cell.strip()


def _level(level: Any, code: str | None) -> str | None:
    word = None if level is None or pd.isna(level) else level_of(level)
    return word if word in RANKS else (level_of_code(code) if code else None) or word


def _degrees(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    lon, lat = np.full(len(frame), np.nan), np.full(len(frame), np.nan)
    if not isinstance(frame, gpd.GeoDataFrame) or frame.active_geometry_name is None or not len(frame):
        return lon, lat
    shapes = frame.geometry.to_numpy()
    is_multi = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT
    is_single = is_multi & (shapely.get_num_geometries(shapes) == 1)
    if is_single.any():
        shapes = np.where(is_single, shapely.get_geometry(shapes, 0), shapes)
    has_shape = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    is_other = has_shape & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    _refuse(BadGeometry, "addresses", "geometry", "不是点 / no point", is_other, frame.geometry.geom_type.to_numpy())
    x, y = shapely.get_x(shapes[has_shape]), shapely.get_y(shapes[has_shape])
    is_finite = np.isfinite(x) & np.isfinite(y)
    lon[has_shape], lat[has_shape] = x, y
    bad = np.zeros(len(frame), bool)
    bad[has_shape] = ~is_finite
    _refuse(BadGeometry, "addresses", "geometry", "坐标不是有限的数 / coordinates that are not finite", bad, shapes)
    if frame.crs is not None and not is_storage(frame.crs):
        lon[has_shape], lat[has_shape] = to_wgs84(x, y, frame.crs)
    with np.errstate(invalid="ignore"):
        off = has_shape & ~((np.abs(lon) <= 360.0) & (np.abs(lat) <= 90.0))
    error = UnknownCrs if frame.crs is None else BadGeometry
    _refuse(error, "addresses", "geometry", "坐标不是经纬度 / coordinates that are no degrees", off, shapes)
    return lon, lat


def _refuse(error: type[GeoError], layer: str, field: str, reason: str, bad: np.ndarray, values: np.ndarray) -> None:
    """Raise the error for the rows that are bad, the first by its number from 1."""
    rows = np.flatnonzero(bad)
    if not len(rows):
        return
    zh, en = reason.split(" / ")
    first, count = int(rows[0]), len(rows)
    more = (f"（共 {count} 行）", f" ({count} rows)") if count > 1 else ("", "")
    said = str(values[first])[:60]
    named = [RowFault(layer, str(row + 1), field, sentence(zh, en), str(values[row])[:60]) for row in rows[:_MAX_NAMED]]
    raise error(
        f"{layer} 第 {first + 1} 行的 {field} {zh}：{said}{more[0]}",
        f"{layer} row {first + 1}, {field}: {en}: {said}{more[1]}",
        rows=named,
    )
