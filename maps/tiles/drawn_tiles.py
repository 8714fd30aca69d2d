"""Cut the tiles that the page draws: coarser than those of programs, with what colours and names need and no more.

A tile of ``tile_encoding`` holds every field and every corner that a zoom can show: of eleven thousand grids megabytes.
The page draws a tile on 512 to 1,024 pixels, so corners within a third of a pixel are one, and it asks for a row's
figures when the row is chosen. Many points far out are counted by cells, as specks tell nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from maps.tiles.mvt_encoding import encode_layer
from maps.tiles.tile_encoding import fitted, plain_column
from maps.tiles.tile_grids import EXTENT, MARGIN, WEB_MERCATOR

#: Units of a tile that corners may shift: a third of a pixel where a tile covers 512, two thirds where 1,024.
DETAIL = 2.5
#: Points are counted by cells in tiles of less than this zoom, as their symbols are no more than specks there.
POINTS_FROM = 12
#: Cells side by side in a tile: 85 to 170 pixels each, so that what lies below stays legible.
CELLS = 6
#: Upper bound on the features of a tile: the widest are drawn.
MAX_DRAWN = 25_000


@dataclass(frozen=True)
class DrawnLayer:
    """The rows of a layer that have a shape, in the square of Web Mercator from 0 to 1, y downwards."""

    frame: pd.DataFrame
    shapes: np.ndarray
    boxes: np.ndarray

    @property
    def bytes(self) -> int:
        """About what it takes in memory."""
        return int(shapely.get_num_coordinates(self.shapes).sum()) * 16 + 400 * len(self.shapes)


def drawn_layer(frame: gpd.GeoDataFrame) -> DrawnLayer:
    """Return a layer of rows in any known CRS."""
    plain = frame if frame.crs is None else frame.to_crs(STORAGE_CRS)
    shapes = plain.geometry.to_numpy()
    kept = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    square = shapely.transform(shapely.force_2d(shapes[kept]), lambda at: WEB_MERCATOR.units(at, 0, 0, 0) / EXTENT)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))[kept]
    return DrawnLayer(table, square, shapely.bounds(square))


def drawn_tile(
    layer: DrawnLayer, z: int, x: int, y: int, *, name: str, fields: Sequence[str], are_counted: bool = False
) -> bytes:
    """Return one tile of a layer, empty where nothing is drawn.

    Parameters
    ----------
    layer, z, x, y
        Of what, and which tile: column x from the west, row y from the north.
    name
        Of the layer in the tile.
    fields
        What its features carry.
    are_counted
        Whether points are counted by cells (``n``) in tiles of less than ``POINTS_FROM``.
    """
    side = 1 / (1 << z)
    margin = side * MARGIN / EXTENT
    west, north, east, south = layer.boxes.T
    rows = np.flatnonzero(
        (west <= (x + 1) * side + margin) & (east >= x * side - margin)
        & (north <= (y + 1) * side + margin) & (south >= y * side - margin)
    )  # fmt: skip
    shapes = layer.shapes[rows]
    is_point = shapely.get_type_id(shapes) == 0
    if are_counted and z < POINTS_FROM and is_point.any():
        return _cells(shapes[is_point], z, x, y, name)
    if len(rows) > MAX_DRAWN:
        kept = np.sort(np.argsort(-(east - west + south - north)[rows], kind="stable")[:MAX_DRAWN])
        rows, shapes = rows[kept], shapes[kept]
    scale = EXTENT * (1 << z)
    corner = np.array([x * EXTENT, y * EXTENT])
    drawn = fitted(shapely.transform(shapes, lambda at: at * scale - corner), detail=DETAIL)
    present = ~(shapely.is_missing(drawn) | shapely.is_empty(drawn))
    if not present.any():
        return b""
    table = layer.frame.iloc[rows[present]]
    columns = {field: plain_column(table[field]) for field in fields if field in table}
    return encode_layer(name, drawn[present], columns, extent=EXTENT)


def _cells(points: np.ndarray, z: int, x: int, y: int, name: str) -> bytes:
    """Return a tile of the middle of the points in each cell, with their number; each point counts in one tile only."""
    at = shapely.get_coordinates(points) * (1 << z) - (x, y)
    at = at[((at >= 0) & (at < 1)).all(axis=1)]
    if not len(at):
        return b""
    cell = np.floor(at * CELLS).astype(int)
    _, owner, counts = np.unique(cell[:, 1] * CELLS + cell[:, 0], return_inverse=True, return_counts=True)
    middle = np.stack([np.bincount(owner, weights=axis) / counts for axis in at.T], axis=1)
    whole = shapely.points(np.rint(middle * EXTENT))
    return encode_layer(name, whole, {"n": counts.tolist()}, extent=EXTENT)
