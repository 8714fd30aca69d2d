"""Give buildings their households or persons: those told, else the rest of their unit by floor area (rule V2)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: Height of a storey (m) where an obstacle has a height and no number of floors.
STOREY_M = 3.0


@dataclass(frozen=True)
class Loads:
    """Hold what each building weighs, and how that is known.

    Attributes
    ----------
    weight
        Households (or persons) of each building.
    told, shared, counted
        How many buildings in units have their own figure, share that of their unit, and count one each.
    """

    weight: np.ndarray
    told: int
    shared: int
    counted: int


def building_loads(buildings: gpd.GeoDataFrame, by: str, unit: np.ndarray, totals: np.ndarray) -> Loads:
    """Return what each building weighs.

    Parameters
    ----------
    buildings
        Rows with, where known, ``by`` and ``floors``; points or polygons, metres in a projected CRS.
    by
        ``households`` or ``population``.
    unit
        Place of the unit of each building, -1 for none.
    totals
        Figure of each unit, NaN where it is not known.

    Examples
    --------
    A unit of 100 households: one building has 40, the two others share 60 by floor area.

    >>> rows = gpd.GeoDataFrame({"households": [40, None, None], "floors": [1, 1, 2]},
    ...                         geometry=shapely.box([0, 20, 40], 0, [10, 30, 50], 10), crs=4547)
    >>> building_loads(rows, "households", np.zeros(3, int), np.array([100.0])).weight.tolist()
    [40.0, 20.0, 40.0]
    """
    told = _figures(buildings, by)
    weight = np.where(np.isfinite(told) & (told >= 0), told, np.nan)
    missing = np.isnan(weight)
    floors = _figures(buildings, "floors")
    room = np.maximum(shapely.area(buildings.geometry.to_numpy()), 1.0) * np.where(floors > 0, floors, 1.0)
    shared = 0
    for one in np.unique(unit[missing & (unit >= 0)]).tolist():
        own = unit == one
        rest = totals[one] - np.nansum(weight[own])
        if np.isfinite(rest) and rest > 0:
            open_rows = own & missing
            weight[open_rows] = rest * room[open_rows] / room[open_rows].sum()
            shared += int(open_rows.sum())
    counted = np.isnan(weight)
    # Where no figure is told at all each building counts one; where the unit's is used up, the others count nothing.
    used_up = (unit >= 0) & np.isfinite(np.append(totals, np.nan)[unit])
    weight[counted] = np.where(used_up[counted], 0.0, 1.0)
    here = unit >= 0
    return Loads(weight, int((~missing & here).sum()), shared, int((counted & here).sum()))


def with_floors(obstacles: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return obstacles with their ``floors`` by their height, at least one.

    Examples
    --------
    >>> with_floors(gpd.GeoDataFrame({"height": [2.0, 10.0, None]}, geometry=[None] * 3))["floors"].tolist()
    [1.0, 3.0, nan]
    """
    height = pd.to_numeric(obstacles["height"], errors="coerce")
    return obstacles.assign(floors=np.maximum(1.0, np.round(height / STOREY_M)))


def _figures(frame: gpd.GeoDataFrame, name: str) -> np.ndarray:
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(float, na_value=np.nan)
