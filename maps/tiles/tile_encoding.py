"""Cut a frame into one vector tile and encode it as the Mapbox Vector Tile that it is sent as.

PostGIS builds the tiles of a server by the same rules, T1 to T5; a test compares both.

T1. A row takes part when its box meets the tile and its margin.
T2. Lines and polygons smaller than half a unit in both directions are omitted, the others simplified to that.
T3. Corners are whole units; shapes are clipped at the margin; polygons are valid, outer rings clockwise on the screen.
    Of a shape of areas, lines and points the areas are drawn, else the lines, as ST_AsMVTGeom does.
T4. A tile holds at most ``MAX_FEATURES``: the widest shapes first, points thinned evenly; it counts those omitted.
T5. A tile carries the fields of its layer, without validity dates and other columns of the store.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.storage.protocol import Bbox
from maps.tiles.mvt_encoding import encode_layer
from maps.tiles.tile_grids import EXTENT, MARGIN, MAX_LATITUDE, TileGrid

MAX_FEATURES = 10_000
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"


@dataclass(frozen=True)
class Tile:
    """One tile; ``omitted`` counts the features that rule T4 omits. Without features the data are empty."""

    data: bytes
    omitted: int = 0


def build_tile(
    frame: gpd.GeoDataFrame,
    grid: TileGrid,
    z: int,
    x: int,
    y: int,
    *,
    layer: str,
    fields: Sequence[str] | None = None,
    max_features: int = MAX_FEATURES,
) -> Tile:
    """Return one tile of a frame.

    Parameters
    ----------
    frame
        Rows in EPSG:4326 that meet the tile's box (``TileGrid.box``); others are ignored.
    grid, z, x, y
        Which tile: column x from the west, row y from the north.
    layer
        Name of the tile's layer.
    fields
        Columns to include; all but the shape and the validity dates where it is None.
    max_features
        Upper bound on the features of the tile (T4).
    """
    if fields is None:
        fields = [one for one in frame.columns if one not in (frame.geometry.name, "valid_from", "valid_to")]
    shapes = frame.geometry.to_numpy()
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    rows = rows[_meets(shapes[rows], grid.box(z, x, y))]
    rows, omitted = _largest_rows(frame, rows, fields, max_features)
    drawn = _tile_geometries(shapes[rows], grid, z, x, y)
    present = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    rows, drawn = rows[present], drawn[present]
    if not len(rows):
        return Tile(b"", omitted)
    columns = {name: plain_column(frame[name].iloc[rows]) for name in fields}
    return Tile(encode_layer(layer, drawn, columns, extent=EXTENT), omitted)


def _meets(shapes: np.ndarray, box: Bbox) -> np.ndarray:
    """Return which shapes' boxes meet a box (T1)."""
    west, south, east, north = shapely.bounds(shapes).T
    return (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])


def _largest_rows(
    frame: gpd.GeoDataFrame, rows: np.ndarray, fields: Sequence[str], count: int
) -> tuple[np.ndarray, int]:
    """Return the rows that a tile includes, and how many it omits (T4)."""
    if len(rows) <= count:
        return rows, 0
    west, south, east, north = shapely.bounds(frame.geometry.to_numpy()[rows]).T
    keys = frame[fields[0]].astype(str).to_numpy()[rows] if fields else rows.astype(str)
    # Neighbouring keys are often neighbours on the ground; by digest points are thinned evenly.
    digests = np.array([hashlib.md5(one.encode(), usedforsecurity=False).digest()[:8] for one in keys])
    order = np.lexsort((digests, -(east - west + north - south)))[:count]
    return np.sort(rows[order]), len(rows) - count


def _tile_geometries(shapes: np.ndarray, grid: TileGrid, z: int, x: int, y: int) -> np.ndarray:
    """Return shapes in whole units of a tile, clipped at its margin; missing where empty (T2, T3)."""
    shapes = _clipped_to_mercator(shapes) if grid.is_mercator else shapes
    return fitted(shapely.transform(shapely.force_2d(shapes), lambda at: grid.units(at, z, x, y)))


def fitted(out: np.ndarray, *, detail: float = 0.5) -> np.ndarray:
    """Return shapes in units of a tile in whole ones, clipped at its margin; missing where empty (T2, T3).

    Parameters
    ----------
    out
        Written over.
    detail
        Lines and polygons smaller than this in both directions are omitted, the others simplified to it.
    """
    kinds = shapely.get_dimensions(out)
    west, north, east, south = shapely.bounds(out).T
    out[(kinds > 0) & (east - west < detail) & (south - north < detail)] = None
    flat = (kinds > 0) & ~shapely.is_missing(out)
    out[flat] = shapely.simplify(out[flat], detail, preserve_topology=False)
    low, high = -MARGIN, EXTENT + MARGIN
    beyond = flat & ((west < low) | (north < low) | (east > high) | (south > high))
    areas = beyond & (kinds == 2)
    out[areas] = shapely.make_valid(out[areas], method="structure")
    out[beyond] = shapely.clip_by_rect(out[beyond], low, low, high, high)
    out = shapely.transform(out, np.rint)
    points = kinds == 0
    out[points] = shapely.intersection(out[points], shapely.box(low, low, high, high))
    out[kinds == 1] = shapely.remove_repeated_points(out[kinds == 1])
    out[kinds == 1] = _of_kind(out[kinds == 1], 1)
    out[kinds == 2] = _polygons(out[kinds == 2])
    return out


def _clipped_to_mercator(shapes: np.ndarray) -> np.ndarray:
    """Return shapes clipped to the range of Web Mercator, which is undefined at the poles."""
    bounds = shapely.bounds(shapes)
    polar = (bounds[:, 1] < -MAX_LATITUDE) | (bounds[:, 3] > MAX_LATITUDE)
    if not polar.any():
        return shapes
    shapes = shapes.copy()
    band = (-180.0, -MAX_LATITUDE, 180.0, MAX_LATITUDE)
    shapes[polar] = shapely.clip_by_rect(shapely.make_valid(shapes[polar], method="structure"), *band)
    return shapes


def _polygons(shapes: np.ndarray) -> np.ndarray:
    """Return polygons in whole units, valid and oriented; missing where empty.

    make_valid may put a corner between two units where edges cross, and rounding it may make edges cross again: a few
    iterations suffice; otherwise the polygon is noded on the grid of whole units, which is always valid.
    """
    out = shapes.copy()
    for _ in range(3):
        bad = ~shapely.is_missing(out) & ~shapely.is_valid(out)
        if not bad.any():
            break
        out[bad] = shapely.transform(shapely.make_valid(out[bad], method="structure"), np.rint)
    bad = ~shapely.is_missing(out) & ~shapely.is_valid(out)
    if bad.any():
        out[bad] = shapely.set_precision(shapely.make_valid(out[bad], method="structure"), 1.0)
    out = shapely.remove_repeated_points(_of_kind(out, 2))
    return shapely.orient_polygons(out)


def _of_kind(shapes: np.ndarray, dimension: int) -> np.ndarray:
    """Return the parts of a dimension with a size above 0, as one shape each; missing where there are none."""
    wanted = shapely.length(shapes) > 0 if dimension == 1 else shapely.area(shapes) > 0
    out = np.where(wanted, shapes, np.array(None, dtype=object))
    mixed = np.flatnonzero((shapely.get_type_id(out) == 7) | (shapely.get_num_geometries(out) > 1))
    for at in mixed:
        parts = shapely.get_parts(shapely.get_parts(out[at]))
        parts = parts[(shapely.get_dimensions(parts) == dimension) & (shapely.length(parts) > 0)]
        parts = parts[shapely.area(parts) > 0] if dimension == 2 else parts
        whole = shapely.multipolygons(parts) if dimension == 2 else shapely.multilinestrings(parts)
        out[at] = whole if len(parts) > 1 else parts[0]
    return out


def plain_column(column: pd.Series) -> list[Any]:
    """Return the values of a column as Python values; a null is None, as MVT has none (T5)."""
    plain = column.astype(object).where(column.notna(), None).tolist()
    return [None if value is None else _python_value(value) for value in plain]


def _python_value(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (str, bool, int, float)) else str(value)
