"""Make the shapes of a table from its columns of coordinates or WKT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import bounds
from geo import crs as crs_module
from geo.catalog.layers import Layer
from geo.errors import BadGeometry
from geo.readers import cell_values
from geo.readers.geojson import UNCLOSED
from geo.readers.source import Fault, SourceTable, unreadable

_MISSING = "没有坐标 / missing coordinates"


def add_shapes(
    source: SourceTable, layer: Layer, fields: Mapping[str, str], crs: str | pyproj.CRS | None
) -> dict[str, str]:
    """Build the geometry of a table from its coordinate columns, in place.

    Parameters
    ----------
    fields
        Field -> column, coordinates included.
    crs
        The CRS of the coordinates; it decides between lon/lat and x/y where a table has both.

    Returns
    -------
    Coordinate -> column, for those used.

    Raises
    ------
    UnreadableFile
        Where the table has no coordinates.
    """
    for pair in _coordinate_pairs_by_preference(layer, crs):
        if all(name in fields for name in pair):
            used = {name: fields[name] for name in pair}
            if pair == ("wkt",):
                _add_wkt(source, source.columns[fields["wkt"]])
            else:
                _add_points(source, [(name, source.columns[column]) for name, column in used.items()])
                source.axes_from_columns = True
            return used
    raise unreadable(
        source.name,
        "找不到坐标列；需要经度纬度、x y 或 WKT，可用 --map lon=列名 --map lat=列名 指明",
        "no coordinates found; it needs lon and lat, x and y, or WKT: name them with --map lon=COLUMN --map lat=COLUMN",
    )


def _coordinate_pairs_by_preference(layer: Layer, crs: str | pyproj.CRS | None) -> list[tuple[str, ...]]:
    points: list[tuple[str, ...]] = [("lon", "lat"), ("x", "y")]
    if crs is not None and crs_module.shift_name(crs) is None and crs_module.parse_crs(crs).is_projected:
        points.reverse()
    # Polygon layers need WKT; point layers prefer numeric columns.
    return [*points, ("wkt",)] if "point" in layer.shapes else [("wkt",), *points]


def _add_points(source: SourceTable, columns: Sequence[tuple[str, pd.Series]]) -> None:
    read: list[np.ndarray] = []
    for name, column in columns:
        numbers, bad = cell_values.degrees(column)
        for row in np.flatnonzero(bad):
            shown = str(column.iloc[row])
            source.faults.setdefault(int(row), Fault(name, cell_values.number_fault(shown), shown))
        for row in np.flatnonzero(np.isnan(numbers) & ~bad):
            source.faults.setdefault(int(row), Fault(name, _MISSING))
        read.append(numbers)
    x, y = read
    known = np.isfinite(x) & np.isfinite(y)
    source.shapes[known] = shapely.points(x[known], y[known])


def _add_wkt(source: SourceTable, column: pd.Series) -> None:
    for row, text in enumerate(cell_values.texts(column)):
        if text is None:
            source.faults.setdefault(row, Fault("geometry", _MISSING))
            continue
        try:
            bounds.check_wkt(text)
            source.shapes[row] = shapely.from_wkt(text)
        except BadGeometry as error:
            source.faults.setdefault(row, Fault("geometry", f"{error.zh} / {error.en}", text[:200]))
        except shapely.errors.GEOSException as error:
            unclosed = "closed linestring" in str(error)
            reason = UNCLOSED if unclosed else "WKT 读不出 / WKT cannot be read"
            source.faults.setdefault(row, Fault("geometry", reason, text[:200]))
