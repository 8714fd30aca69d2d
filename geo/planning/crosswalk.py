"""Map the codes of grids of one day to those of another, with shares that sum to 1 for each old code (rule V6)."""

from __future__ import annotations

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.zones import owning_shapes
from geo.crs import require_same_crs
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue
from geo.planning.loads import building_loads

By = Literal["area", "buildings", "households"]
BY: tuple[By, ...] = ("area", "buildings", "households")
#: A share of area below this is a border drawn anew, not a part that went elsewhere (as an old code is located).
MIN_SHARE = 0.005
#: Shares are multiples of this, so that they sum to 1 in a table too.
_UNIT = 1_000_000
_COLUMNS = ("old", "new", "share", "amount", "by", "parts")


def crosswalk(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    *,
    by: By = "area",
    buildings: gpd.GeoDataFrame | None = None,
    least: float = MIN_SHARE,
) -> pd.DataFrame:
    """Return which grids of another day have what a grid had: one row for each old and new code (rule V6).

    Parameters
    ----------
    before, after
        The layer ``grids`` of two days: ``code``, and where known ``kind``, ``level`` and ``households``; polygons in
        one CRS.
    by
        What is shared: ``area``, ``buildings``, or the ``households`` of the buildings.
    buildings
        Points or polygons with, where known, ``households`` and ``floors``, in that CRS.
    least
        Shares of area below this are left out, and go to the others in proportion.

    Returns
    -------
    frame
        ``old``; ``new``, missing for what has no grid any more; ``share``, whole millionths that sum to 1 for each old
        code; ``amount`` in m2, buildings or households; ``by``, what was shared: area where an old grid has no
        buildings; ``parts``, how many rows the old code has. In the order of ``before``, the largest share first.

    Raises
    ------
    BadValue
        ``by`` is none of the three, or there are no buildings to count.
    CrsMismatch
        Where the frames are not in one CRS.

    Examples
    --------
    A grid of 4 by 1 is divided: one quarter in the west, the rest in the east, where the three houses are:

    >>> x, y = 500_000, 4_000_000
    >>> before = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(x, y, x + 400, y + 100)], crs=4547)
    >>> halves = shapely.box([x, x + 100], y, [x + 100, x + 400], y + 100)
    >>> after = gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=halves, crs=4547)
    >>> crosswalk(before, after)[["old", "new", "share"]].to_numpy().tolist()
    [['a', 'e', 0.75], ['a', 'w', 0.25]]
    >>> places = shapely.points([[x + 150, y + 50], [x + 250, y + 50], [x + 350, y + 50]])
    >>> houses = gpd.GeoDataFrame(geometry=places, crs=4547)
    >>> crosswalk(before, after, by="buildings", buildings=houses)[["new", "share", "amount"]].to_numpy().tolist()
    [['e', 1.0, 3.0]]
    """
    if by not in BY:
        raise BadValue(f"只能按 {'、'.join(BY)}", f"shares are by {', '.join(BY)}")
    if by != "area" and (buildings is None or not len(buildings)):
        raise BadValue("没有建筑，不能按建筑或户数", "there are no buildings to share by")
    require_same_crs(*[one for one in (before, after, buildings) if one is not None])
    if not len(before):
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _COLUMNS})
    crs = metric_crs_for(before)
    old, new = _owners(before.to_crs(crs)), _owners(after.to_crs(crs))
    pairs = _areas(old, new)
    if by == "area" or buildings is None:
        return _shares(old, pairs, by="area", least=least)
    counted = _houses(old, new, buildings.to_crs(crs), by)
    counts = counted.groupby("old")["amount"].transform("sum") > 0
    counted = counted[counts]
    rest = pairs[~pairs["old"].isin(counted["old"])]
    parts = [_shares(old, counted, by=by, least=0.0), _shares(old, rest, by="area", least=least)]
    return _in_order(pd.concat([one for one in parts if len(one)]), old)


def _owners(grids: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return grids in the order in which they own (rule L1): dedicated ones first, then by code; valid polygons."""
    kind = grids["kind"] if "kind" in grids else pd.Series([None] * len(grids), grids.index, object)
    level = grids["level"] if "level" in grids else pd.Series([None] * len(grids), grids.index, object)
    figure = grids["households"] if "households" in grids else pd.Series(np.nan, grids.index)
    shapes = shapely.make_valid(shapely.force_2d(grids.geometry.to_numpy()))
    rows = gpd.GeoDataFrame(
        {
            "code": grids["code"].astype(str), "is_fine": _is(pd.to_numeric(level, errors="coerce"), 2),
            "is_special": _is(kind, "dedicated"), "place": np.arange(len(grids)),
            "households": pd.to_numeric(figure, errors="coerce").to_numpy(float, na_value=np.nan),
        },
        geometry=shapes, crs=grids.crs,
    )  # fmt: skip
    rows = rows[shapely.get_dimensions(shapes) == 2]
    return rows.sort_values(["is_special", "code"], ascending=[False, True], kind="stable").reset_index(drop=True)


def _is(column: pd.Series, value: object) -> np.ndarray:
    return column.eq(value).fillna(False).to_numpy(bool)


def _areas(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the area that each old grid has in each new one, -1 for none, each point in one."""
    ours, theirs = old.geometry.to_numpy(), new.geometry.to_numpy()
    one, other = shapely.STRtree(theirs).query(ours, predicate="intersects") if len(theirs) else (np.empty(0, int),) * 2
    # The ground of a grid goes to grids; that of a microgrid to microgrids first, to grids where there is none.
    fits = old["is_fine"].to_numpy()[one] | ~new["is_fine"].to_numpy()[other]
    one, other = one[fits], other[fits]
    order = np.lexsort((other, ~new["is_fine"].to_numpy()[other], one))
    one, other = one[order], other[order]
    area = shapely.area(shapely.intersection(ours[one], theirs[other]))
    whole = shapely.area(ours)
    taken = np.bincount(one, area, len(ours))
    twice = taken > whole * (1 + 1e-9)  # new grids that overlap, or microgrids in grids
    for k in np.flatnonzero(twice).tolist():
        rest = ours[k]
        for row in np.flatnonzero(one == k).tolist():
            area[row] = shapely.area(shapely.intersection(rest, theirs[other[row]]))
            rest = shapely.difference(rest, theirs[other[row]])
    taken = np.bincount(one, area, len(ours))
    left = np.maximum(whole - taken, 0.0)
    return pd.DataFrame(
        {
            "old": np.concatenate([one, np.arange(len(ours))]),
            "new": np.concatenate([new["code"].to_numpy(object)[other], np.full(len(ours), None, object)]),
            "amount": np.concatenate([area, left]),
        }
    )


def _houses(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, by: By) -> pd.DataFrame:
    """Return the buildings, or their households, that each old grid has in each new one."""
    buildings = buildings[~(buildings.geometry.isna() | buildings.geometry.is_empty)].reset_index(drop=True)
    points = gpd.GeoSeries(shapely.point_on_surface(buildings.geometry.to_numpy()))
    found = []
    for is_fine in (False, True):
        mine = np.flatnonzero(old["is_fine"].to_numpy() == is_fine)
        own = owning_shapes(old.geometry.to_numpy()[mine], points)
        now = _codes_of(points, new, is_fine=is_fine)
        figures = old["households"].to_numpy(float)[mine]
        weight = building_loads(buildings, by, own, figures).weight if by == "households" else np.ones(len(points))
        here = own >= 0
        found.append(pd.DataFrame({"old": mine[own[here]], "new": now[here], "amount": weight[here]}))
    return pd.concat(found, ignore_index=True)


def _codes_of(points: gpd.GeoSeries, new: gpd.GeoDataFrame, *, is_fine: bool) -> np.ndarray:
    """Return the code of the grid that owns each point, of a microgrid where it may be one."""
    out = np.full(len(points), None, object)
    for level in (False, True) if is_fine else (False,):
        grids = new[new["is_fine"] == level]
        owner = owning_shapes(grids.geometry.to_numpy(), points)
        out[owner >= 0] = grids["code"].to_numpy(object)[owner[owner >= 0]]
    return out


def _shares(old: gpd.GeoDataFrame, pairs: pd.DataFrame, *, by: By, least: float) -> pd.DataFrame:
    """Return the shares of each old code: those left out go to the others in proportion."""
    pairs = pairs.groupby(["old", "new"], dropna=False, sort=False, as_index=False)["amount"].sum()
    total = pairs.groupby("old")["amount"].transform("sum").to_numpy(float)
    part = pairs["amount"].to_numpy(float) / np.where(total > 0, total, 1.0)
    largest = part == pd.Series(part).groupby(pairs["old"].to_numpy()).transform("max").to_numpy(float)
    kept = pairs[(part >= max(least, 1e-12)) | (largest & (total > 0))].reset_index(drop=True)
    total = kept.groupby("old")["amount"].transform("sum").to_numpy(float)
    share = _whole_parts(kept["old"].to_numpy(int), kept["amount"].to_numpy(float) / total)
    frame = pd.DataFrame(
        {
            "old": old["code"].to_numpy(object)[kept["old"].to_numpy(int)],
            "new": kept["new"].astype(object).where(kept["new"].notna(), None), "share": share,
            "amount": np.round(kept["amount"].to_numpy(float), 1), "by": by,
            "parts": kept.groupby("old")["old"].transform("size").to_numpy(int),
        }
    )  # fmt: skip
    return _in_order(frame, old)


def _whole_parts(group: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Return shares in whole millionths that sum to 1 in each group (largest remainders)."""
    parts = np.floor(share * _UNIT + 1e-6).astype(np.int64)
    rest = share * _UNIT - parts
    missing = _UNIT - np.bincount(group, parts, group.max(initial=-1) + 1).astype(np.int64)
    order = np.lexsort((-rest, group))
    place = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    parts[order] += place < missing[group[order]]
    return parts / _UNIT


def _in_order(frame: pd.DataFrame, old: gpd.GeoDataFrame) -> pd.DataFrame:
    place = frame["old"].map(dict(zip(old["code"], old["place"], strict=True)))
    order = np.lexsort((frame["new"].fillna("~").astype(str), -frame["share"].to_numpy(float), place))
    return frame.iloc[order].reset_index(drop=True)
