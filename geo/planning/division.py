"""Divide villages and communities into grids of a band of households, along barriers (rules V1 to V4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import require_same_crs
from geo.crs_metric import metric_crs_for
from geo.figure_text import chinese_numeral
from geo.planning.atoms import Atoms, town_atoms
from geo.planning.barriers import barrier_lines
from geo.planning.faces import joined, reading_order
from geo.planning.loads import Loads
from geo.planning.partition import Partition, Rates, partition
from geo.planning.town import Band, Town, town_of

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Division:
    """Hold a division of units into grids.

    Attributes
    ----------
    grids
        One row a grid, by unit, from west to east and north to south: ``name, kind, level, village`` (code of the
        unit), ``households`` or ``population`` (whole numbers), ``buildings``, ``area_m2``, ``present`` (code of the
        grid of today that it continues), ``low``, ``high``; in the CRS of the units.
    building_grid
        Of each building its place in ``grids``, -1 where it lies in no unit.
    cut
        Places of the buildings that the border of a unit runs through.
    unmet
        Units of which a grid is outside its band: ``village, name, grid`` (place in ``grids``), ``figure``, ``low``,
        ``high``, ``why``: ``total`` (no number of grids fits the unit's figure), ``building`` (one building is above
        the band), or ``found`` (no better was found).
    value, bound, terms
        What the division costs, what none can cost less than, and its parts (rules V3 and V4).
    loads
        How the figures of the buildings are known; None without buildings.
    spread
        Codes of units of which the figure was spread by area, as they have no building.

    Examples
    --------
    >>> village = gpd.GeoDataFrame({"code": ["v"], "name": ["三里村"], "households": [250]}, crs=4547,
    ...                            geometry=[shapely.box(500_000, 4_000_000, 500_200, 4_000_100)])
    >>> found = divide(village, size=(300, 500))
    >>> found.unmet[["name", "figure", "why"]].to_numpy().tolist()
    [['三里村', 250.0, 'total']]
    """

    grids: gpd.GeoDataFrame
    building_grid: np.ndarray
    cut: np.ndarray
    unmet: pd.DataFrame
    value: float
    bound: float
    terms: Mapping[str, float]
    loads: Loads | None
    spread: list[str]


def divide(
    units: gpd.GeoDataFrame,
    *,
    by: str = "households",
    size: Band = (300, 500),
    rural: Band | None = None,
    level: int = 1,
    roads: gpd.GeoDataFrame | None = None,
    water: gpd.GeoDataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    dedicated: gpd.GeoDataFrame | None = None,
    present: gpd.GeoDataFrame | None = None,
    locked: Collection[str] = (),
    count: int | None = None,
    rates: Rates | None = None,
    progress: Progress | None = None,
) -> Division:
    """Cut units into grids that cover them once, follow barriers, cut no building and lie in their band (V1 to V4).

    Parameters
    ----------
    units
        Polygons with ``code``, ``name`` and, where known, ``by`` and ``urban_rural``: villages and communities, or the
        grids of which microgrids are made. Any projected or geographic CRS; lengths are computed in metres (C1).
    by
        ``households`` or ``population``: what the band counts.
    size, rural
        Bands of the grids of urban units and of rural ones; without ``rural`` one band for all.
    level
        1 for grids, 2 for microgrids.
    roads, water
        Barriers, with ``class`` (``geo.planning.barriers``).
    buildings
        Points or polygons with, where known, ``by`` and ``floors``.
    dedicated
        Polygons with ``name``: each is a dedicated grid of its own, cut out first.
    present
        Grids of today with ``code``: as few buildings as can be leave theirs.
    locked
        Codes of those that stay as they are.
    count
        How many grids each unit is cut into; None for as many as is cheapest.
    rates
        What counts how much (rule V3).

    Raises
    ------
    BadValue
        Where units overlap, a band is empty, or there is no figure to divide by.
    CrsMismatch
        Where the frames are not in one CRS.

    Examples
    --------
    A village of 200 m by 100 m with a road through its middle and 400 households on each side:

    >>> x, y = 500_000, 4_000_000
    >>> area = shapely.box(x, y, x + 200, y + 100)
    >>> village = gpd.GeoDataFrame({"code": ["v"], "name": ["三里村"]}, geometry=[area], crs=4547)
    >>> line = shapely.LineString([(x + 100, y), (x + 100, y + 100)])
    >>> road = gpd.GeoDataFrame({"class": ["primary"]}, geometry=[line], crs=4547)
    >>> west = x + np.array([10, 50, 110, 150])
    >>> blocks = gpd.GeoDataFrame({"households": [200] * 4}, crs=4547,
    ...                           geometry=shapely.box(west, y + 40, west + 20, y + 60))
    >>> found = divide(village, roads=road, buildings=blocks)
    >>> found.grids[["name", "households", "area_m2"]].to_numpy().tolist()
    [['三里村第一网格', 400, 10000.0], ['三里村第二网格', 400, 10000.0]]
    """
    require_same_crs(*[one for one in (units, roads, water, buildings, dedicated, present) if one is not None])
    crs = metric_crs_for(units)
    say = progress or _silent
    town, loads = town_of(units.to_crs(crs), None if buildings is None else buildings.to_crs(crs), by, size, rural)
    say("划出基元 / cutting atoms", 0.05)
    lines, grade = barrier_lines(*(None if one is None else one.to_crs(crs) for one in (roads, water)))
    special = np.empty(0, object) if dedicated is None else dedicated.geometry.to_crs(crs).to_numpy()
    today = np.empty(0, object) if present is None else present.geometry.to_crs(crs).to_numpy()
    atoms = town_atoms(town, lines, grade, special, today)
    codes = [] if present is None else present["code"].astype(str).tolist()
    is_locked = np.isin(codes, list(locked)) if codes else np.zeros(0, bool)
    grids = _grids_of(town, atoms, is_locked, count, rates or Rates(), say)
    titles = [] if dedicated is None else [str(one) for one in dedicated.get("name", pd.Series(dedicated.index))]
    return _result(units, town, loads, atoms, grids, by, level, titles, codes)


def _silent(what: str, share: float) -> None:
    """Say nothing of the progress."""


@dataclass
class _Grids:
    """Grids of all units as they are found: the grid of each atom, and what is known of each grid."""

    label: np.ndarray
    unit: list[int]
    present: list[int]
    special: list[int]
    found: list[Partition]


def _grids_of(
    town: Town, atoms: Atoms, is_locked: np.ndarray, count: int | None, rates: Rates, say: Progress
) -> _Grids:
    """Return the grids of every unit: dedicated ones first, the others by partition of what is left."""
    grids = _Grids(np.full(len(atoms.faces.unit), -1), [], [], [], [])
    for unit in range(len(town.code)):
        say("归并成网格 / joining grids", 0.4 + 0.5 * unit / len(town.code))
        own = np.flatnonzero(atoms.faces.unit == unit)
        for one in np.unique(atoms.special[own][atoms.special[own] >= 0]).tolist():
            _add(grids, own[atoms.special[own] == one], unit, -1, one)
        left = own[atoms.special[own] < 0]
        if len(left):
            _divide_unit(grids, town, atoms, left, unit, is_locked, count, rates)
    return grids


def _add(grids: _Grids, atoms: np.ndarray, unit: int, present: int, special: int) -> None:
    grids.label[atoms] = len(grids.unit)
    grids.unit.append(unit)
    grids.present.append(present)
    grids.special.append(special)


def _divide_unit(
    grids: _Grids, town: Town, atoms: Atoms, own: np.ndarray, unit: int, is_locked: np.ndarray, count: int | None,
    rates: Rates,
) -> None:  # fmt: skip
    faces, place = atoms.faces, np.full(len(grids.label), -1)
    place[own] = np.arange(len(own))
    inside = (place[faces.ends] >= 0).all(axis=1) if len(faces.ends) else np.zeros(0, bool)
    across = (place[faces.ends] >= 0).sum(axis=1) == 1 if len(faces.ends) else np.zeros(0, bool)
    rim = faces.rim[own].copy()
    # A border with a dedicated grid is a border of the unit's own ground.
    np.add.at(rim, place[faces.ends[across]].max(axis=1), faces.border[across])
    today = atoms.present[own]
    known, small = np.unique(today[today >= 0], return_inverse=True)
    present = np.full(len(own), -1)
    present[today >= 0] = small
    low, high = town.bands[unit]
    found = partition(
        atoms.load[own], np.maximum(shapely.area(faces.shape[own]), 1e-6), rim, place[faces.ends[inside]],
        faces.border[inside], faces.barrier[inside], low=low, high=high, count=count,
        present=present if len(known) else None, moving=atoms.houses[own] if len(known) else None,
        locked=is_locked[known][np.maximum(present, 0)] & (present >= 0) if len(known) else None, rates=rates,
    )  # fmt: skip
    grids.found.append(found)
    for one in np.unique(found.label).tolist():
        _add(grids, own[found.label == one], unit, int(known[one]) if one < len(known) else -1, -1)


def _result(
    units: gpd.GeoDataFrame, town: Town, loads: Loads | None, atoms: Atoms, grids: _Grids, by: str, level: int,
    titles: list[str], codes: list[str],
) -> Division:  # fmt: skip
    """Return grids in the order in which they are read, with names, figures, and what is outside its band."""
    shapes = np.array([joined(atoms.faces.shape[grids.label == one]) for one in range(len(grids.unit))], object)
    unit, special = np.array(grids.unit, np.int64), np.array(grids.special, np.int64)
    order = reading_order(shapes)
    order = order[np.lexsort((special[order] >= 0, unit[order]))]
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    label = np.where(grids.label >= 0, place[grids.label], -1)
    load = np.bincount(label, atoms.load, len(order))
    rows = pd.DataFrame(
        {
            "kind": np.where(special[order] >= 0, "dedicated", "general"),
            "level": level,
            "village": [town.code[k] for k in unit[order].tolist()],
            by: _whole_numbers(load, unit[order]),
            "buildings": np.bincount(label, atoms.houses, len(order)).astype(int),
            "area_m2": np.round(shapely.area(shapes[order]), 1),
            "present": [codes[grids.present[k]] if grids.present[k] >= 0 else None for k in order.tolist()],
            "low": [town.bands[k][0] for k in unit[order].tolist()],
            "high": [town.bands[k][1] for k in unit[order].tolist()],
        }
    )
    rows.insert(0, "name", _names(town, unit[order], special[order], titles, level))
    frame = gpd.GeoDataFrame(rows, geometry=list(shapes[order]), crs=metric_crs_for(units)).to_crs(units.crs)
    terms = {key: sum(one.terms[key] for one in grids.found) for key in ("band", "barrier", "shape", "move")}
    of_house = np.where(atoms.of_house >= 0, label[atoms.of_house], -1)
    return Division(
        frame, of_house, _cut_houses(town), _unmet(town, atoms, load, unit[order], special[order]),
        sum(one.value for one in grids.found), sum(one.bound for one in grids.found), terms, loads,
        [town.code[k] for k in atoms.spread],
    )  # fmt: skip


def _names(town: Town, unit: np.ndarray, special: np.ndarray, titles: list[str], level: int) -> list[str]:
    """Return the name of each grid: that of its dedicated area, else of its unit with a running number."""
    out, number, last = [], 0, -1
    word = "网格" if level == 1 else "微网格"
    for one, own in zip(unit.tolist(), special.tolist(), strict=True):
        number = number + 1 if one == last else 1
        last = one
        out.append(titles[own] if own >= 0 else f"{town.name[one]}第{chinese_numeral(number)}{word}")
    return out


def _whole_numbers(load: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Return figures as whole numbers of which the sum over each unit is that of the unit (largest remainders)."""
    out = np.floor(load + 1e-9).astype(int)
    for one in np.unique(unit).tolist():
        own = np.flatnonzero(unit == one)
        short = round(float(load[own].sum())) - int(out[own].sum())
        out[own[np.argsort(-(load[own] - out[own]), kind="stable")[:short]]] += 1
    return out


def _cut_houses(town: Town) -> np.ndarray:
    """Return the buildings of which more than a hairline lies in another unit than their inner point."""
    areas = np.flatnonzero((shapely.get_dimensions(town.buildings) == 2) & (town.unit >= 0))
    if not len(areas):
        return areas
    outside = shapely.area(shapely.difference(town.buildings[areas], town.shape[town.unit[areas]]))
    return areas[outside > 0.01 * np.maximum(1.0, shapely.area(town.buildings[areas]))]


def _unmet(town: Town, atoms: Atoms, load: np.ndarray, unit: np.ndarray, special: np.ndarray) -> pd.DataFrame:
    """Return the general grids outside their band, and why none is inside."""
    largest = np.zeros(len(town.code))
    np.maximum.at(largest, atoms.faces.unit, atoms.load)
    rows = []
    for grid in np.flatnonzero(special < 0).tolist():
        one = int(unit[grid])
        low, high = town.bands[one]
        if low - 1e-6 <= load[grid] <= high + 1e-6:
            continue
        total = float(load[(unit == one) & (special < 0)].sum())
        most = int(total // low) if low > 0 else len(load)
        fits = most >= 1 and total <= most * high + 1e-6
        why = "total" if not fits else "building" if largest[one] > high else "found"
        rows.append((town.code[one], town.name[one], grid, round(float(load[grid]), 1), low, high, why))
    return pd.DataFrame(rows, columns=["village", "name", "grid", "figure", "low", "high", "why"])
