"""Say which part of each old grid lies in which new one, and share its households accordingly (rule V9)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.zones import owning_shapes
from geo.crs_metric import metric_crs_for
from geo.planning.loads import building_loads

#: A part of less than this share of a grid is rounding of coordinates.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Moved:
    """Hold what of old grids lies in new ones.

    Attributes
    ----------
    area_share, share
        Old x new: the part of the old grid's area, and of its households, in the new one; each row sums to 1.
    buildings
        Old x new: the number of buildings.
    by
        Of each old grid whether its households are shared by ``buildings`` or, where it has none, by ``area``.

    Examples
    --------
    >>> Moved(np.ones((1, 1)), np.ones((1, 1)), np.zeros((1, 1), int), ["area"]).by
    ['area']
    """

    area_share: np.ndarray
    share: np.ndarray
    buildings: np.ndarray
    by: list[str]


def moved_parts(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None = None, by: str = "households"
) -> Moved:
    """Return what of each old grid lies in each new one.

    Parameters
    ----------
    old, new
        The same land before and after, in the CRS in which their borders are the same lines; ``old`` with its figure
        ``by`` where known. Where they have ``level``, grids become grids, and microgrids microgrids.
    buildings
        Points or polygons in that CRS; each counts where its inner point lies, with its own households or by its
        floor area (rule V2).

    Examples
    --------
    A grid of 100 m x 100 m is cut in the middle; the three houses of one size lie in its west, centre and east:

    >>> old = gpd.GeoDataFrame({"households": [9]}, geometry=[shapely.box(0, 0, 100, 100)], crs=4547)
    >>> new = gpd.GeoDataFrame(geometry=shapely.box([0, 50], 0, [50, 100], 100), crs=4547)
    >>> houses = gpd.GeoDataFrame(geometry=shapely.box([5, 35, 80], 0, [15, 45, 90], 10), crs=4547)
    >>> found = moved_parts(old, new, houses)
    >>> found.share.round(3).tolist(), found.buildings.tolist(), found.area_share.tolist()
    ([[0.667, 0.333]], [[2, 1]], [[0.5, 0.5]])
    """
    of_old, of_new = _levels(old), _levels(new)
    shape = len(old), len(new)
    area_share, share, count = np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64)
    known = np.full(len(old), "area", dtype=object)
    for level in np.unique(of_old):
        rows, columns = np.flatnonzero(of_old == level), np.flatnonzero(of_new == level)
        part = _moved_of_level(old.iloc[rows], new.iloc[columns], buildings, by)
        at = np.ix_(rows, columns)
        area_share[at], share[at], count[at], known[rows] = part.area_share, part.share, part.buildings, part.by
    return Moved(area_share, share, count, known.tolist())


def _levels(grids: gpd.GeoDataFrame) -> np.ndarray:
    """Return the level of each grid, 1 where none is told."""
    if "level" not in grids:
        return np.ones(len(grids))
    return pd.to_numeric(grids["level"], errors="coerce").fillna(1).to_numpy(float)


def _moved_of_level(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None, by: str) -> Moved:
    before, after = old.geometry.to_numpy(), new.geometry.to_numpy()
    area = np.zeros((len(before), len(after)))
    if len(before) and len(after):
        rows, columns = shapely.STRtree(after).query(before, predicate="intersects")
        area[rows, columns] = shapely.area(shapely.intersection(before[rows], after[columns]))
    area_share = _rows_of_one(np.where(area > _ROUNDING * shapely.area(before)[:, None], area, 0.0))
    count = np.zeros(area.shape, np.int64)
    weight = np.zeros(area.shape)
    if buildings is not None and len(buildings):
        inner = gpd.GeoSeries(shapely.point_on_surface(buildings.geometry.to_numpy()))
        was, now = owning_shapes(before, inner), owning_shapes(after, inner)
        metres = buildings.to_crs(metric_crs_for(buildings))
        loads = building_loads(metres, by, was, _figures(old, by)).weight
        here = (was >= 0) & (now >= 0)
        np.add.at(count, (was[here], now[here]), 1)
        np.add.at(weight, (was[here], now[here]), loads[here])
    has = weight.sum(axis=1) > 0
    share = np.where(has[:, None], _rows_of_one(weight), area_share)
    return Moved(area_share, share, count, ["buildings" if one else "area" for one in has])


def shared_figure(figure: np.ndarray, moved: Moved) -> np.ndarray:
    """Return a figure of the new grids, whole numbers that add up to those of the old; NaN where a part is unknown.

    Examples
    --------
    >>> halves = Moved(np.full((1, 3), 1 / 3), np.full((1, 3), 1 / 3), np.zeros((1, 3)), ["area"])
    >>> shared_figure(np.array([100.0]), halves).tolist()
    [34.0, 33.0, 33.0]
    """
    out = np.zeros(moved.share.shape[1])
    for value, share in zip(figure, moved.share, strict=True):
        out = out + (np.where(share > 0, np.nan, 0.0) if np.isnan(value) else whole_parts(value, share))
    return out


def whole_parts(total: float, share: np.ndarray) -> np.ndarray:
    """Return whole parts of a whole by the largest remainders; of equal ones the first.

    Examples
    --------
    >>> whole_parts(10, np.array([0.26, 0.26, 0.48])).tolist()
    [3.0, 2.0, 5.0]
    """
    exact = total * share
    parts = np.floor(exact + 1e-9)
    left = round(total - parts.sum())
    order = np.lexsort((np.arange(len(share)), -(exact - parts)))
    parts[order[:left]] += 1
    return parts


def _rows_of_one(values: np.ndarray) -> np.ndarray:
    whole = values.sum(axis=1, keepdims=True)
    return np.divide(values, whole, out=np.zeros_like(values), where=whole > 0)


def _figures(frame: gpd.GeoDataFrame, name: str) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan)
