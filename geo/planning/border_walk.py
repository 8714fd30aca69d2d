"""Lead round the border of a grid on foot: from its north-west corner, along what, which way and how far (rule V13)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj

from geo.crs import STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.planning.boundary_sides import border_pieces

#: A stretch shorter than this is walked with the one before it, metres.
LEAST_LEG_M = 25.0
_COLUMNS = ("code", "leg", "kind", "name", "azimuth", "length_m", "lon", "lat")


def border_walk(
    grids: gpd.GeoDataFrame, roads: gpd.GeoDataFrame | None = None, water: gpd.GeoDataFrame | None = None
) -> pd.DataFrame:
    """Return the legs of the walk round each grid, clockwise from the corner that is farthest to the north-west.

    Parameters
    ----------
    grids, roads, water
        As of `geo.planning.boundary_sides.boundary_sides`.

    Returns
    -------
    frame
        ``code``; ``leg`` from 1; ``kind`` and ``name`` of what it runs along; ``azimuth`` from its start to its
        end, degrees clockwise from north; ``length_m``, whole metres; ``lon, lat`` of its start, WGS-84 degrees.

    Raises
    ------
    CrsMismatch
        Where the frames are not in one CRS.

    Examples
    --------
    >>> x, y = 500_000, 4_000_000
    >>> grid = gpd.GeoDataFrame({"code": ["a"]}, geometry=gpd.GeoSeries.from_wkt(
    ...     [f"POLYGON (({x} {y}, {x + 400} {y}, {x + 400} {y + 300}, {x} {y + 300}, {x} {y}))"]), crs=4547)
    >>> for row in border_walk(grid).itertuples(index=False):
    ...     print(row.leg, row.kind, row.azimuth, row.length_m)
    1 outside 90 400
    2 outside 180 300
    3 outside 270 400
    4 outside 0 300
    """
    pieces = border_pieces(grids, roads, water)
    if not len(pieces.grid):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS})
    codes = grids["code"].astype(str).to_numpy(object)
    to_degrees = pyproj.Transformer.from_crs(metric_crs_for(grids), STORAGE_CRS, always_xy=True)
    rows: list[tuple[object, ...]] = []
    for ring in _rings(pieces.grid, pieces.ends):
        start = int(np.argmax(pieces.ends[ring, 0, 1] - pieces.ends[ring, 0, 0]))
        ring = np.roll(ring, -start)  # noqa: PLW2901 (the same ring, from another corner)
        legs = _legs(pieces.ends[ring], pieces.kind[ring], pieces.name[ring])
        lon, lat = to_degrees.transform(*np.array([pieces.ends[ring[a], 0] for a, _, _ in legs]).T)
        for number, (first, last, length) in enumerate(legs, start=1):
            along = pieces.ends[ring[last], 1] - pieces.ends[ring[first], 0]
            azimuth = round(float(np.degrees(np.arctan2(along[0], along[1])))) % 360
            rows.append(
                (codes[pieces.grid[ring[0]]], number, pieces.kind[ring[first]], pieces.name[ring[first]], azimuth,
                 round(length), round(float(lon[number - 1]), 6), round(float(lat[number - 1]), 6))
            )  # fmt: skip
    return pd.DataFrame({name: pd.Series(list(cells), dtype=object if name == "name" else None)
                         for name, cells in zip(_COLUMNS, zip(*rows, strict=True), strict=True)})  # fmt: skip


def _rings(grid: np.ndarray, ends: np.ndarray) -> list[np.ndarray]:
    """Return the places of the pieces of each ring: one begins where a piece does not begin at the end of the last."""
    breaks = np.flatnonzero((grid[1:] != grid[:-1]) | np.any(ends[1:, 0] != ends[:-1, 1], axis=1)) + 1
    return np.split(np.arange(len(grid)), breaks)


def _legs(ends: np.ndarray, kind: np.ndarray, name: np.ndarray) -> list[tuple[int, int, float]]:
    """Return first piece, last piece and length of each leg: along one thing, and within 45 degrees of one way."""
    along = ends[:, 1] - ends[:, 0]
    length = np.hypot(*along.T)
    way = np.degrees(np.arctan2(along[:, 0], along[:, 1]))
    legs: list[tuple[int, int, float]] = []
    first = 0
    for k in range(1, len(ends) + 1):
        is_end = k == len(ends) or (kind[k], name[k]) != (kind[first], name[first])
        if not is_end and abs((way[k] - way[first] + 180) % 360 - 180) <= 45:
            continue
        legs.append((first, k - 1, float(length[first:k].sum())))
        first = k
    kept: list[tuple[int, int, float]] = []
    for begin, end, metres in legs:
        if kept and metres < LEAST_LEG_M:
            kept[-1] = kept[-1][0], end, kept[-1][2] + metres
        else:
            kept.append((begin, end, metres))
    return kept
