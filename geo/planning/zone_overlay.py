"""Compare the zones of two offices: what they share, which are the same, whose border both could take (rule V14)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.zones import owning_shapes
from geo.crs import require_same_crs
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue
from geo.mixed_shapes import parts_by_dimension
from geo.planning.loads import building_loads

#: Two zones are the same where each has this share of the other.
SAME = 0.99
#: Common ground below this share of both zones is a border drawn otherwise, no common ground; and square metres.
_LEAST_SHARE, _LEAST_M2 = 0.005, 1.0
_PAIRS = ("a", "b", "area_m2", "share_a", "share_b", "buildings", "households", "is_same")
_MISFITS = ("layer", "code", "best", "fit", "area_m2", "parts", "moved_m2", "moved_buildings", "moved_households")
_MOVES = ("piece", "a", "from_b", "to_b", "area_m2", "buildings", "households")


@dataclass(frozen=True)
class ZoneOverlay:
    """Hold what two layers of zones have in common.

    Attributes
    ----------
    pairs
        ``a, b`` of zones with common ground; ``area_m2``; ``share_a, share_b``, of the area of each; ``buildings``,
        ``households``, missing without buildings; ``is_same``.
    misfits
        ``layer`` a or b and ``code`` of the zones that have no same one, the worst first; ``best``, the zone of the
        other layer that has most of it; ``fit``, the area of both over that of either or both (Jaccard index);
        ``area_m2``; ``parts``, how many zones of the other layer it lies in; what of it is not in the best one.
    moves
        Suggested common borders: pieces that ``from_b`` would hand over to ``to_b`` so that the borders of layer
        b follow those of a; ``to_b`` is missing where no zone of b is that of ``a``. With the shape of each piece.
    outside
        Square metres of layer a outside b, and of b outside a.

    Examples
    --------
    >>> sorted(ZoneOverlay.__dataclass_fields__)
    ['misfits', 'moves', 'outside', 'pairs']
    """

    pairs: pd.DataFrame
    misfits: pd.DataFrame
    moves: gpd.GeoDataFrame
    outside: tuple[float, float]


def overlay_zones(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None = None) -> ZoneOverlay:
    """Return what two layers of zones share in area, buildings and households, and how they could share borders.

    Where zones of one layer overlap, the first by code has the ground (rule L1).

    Parameters
    ----------
    a, b
        Polygons with ``code``, in one CRS; the borders of ``a`` are kept.
    buildings
        Points or polygons, with ``households`` where known, in that CRS.

    Raises
    ------
    BadValue
        A layer has no zone, or two zones of one code.
    CrsMismatch
        Where the frames are not in one CRS.

    Examples
    --------
    One office has a west and an east, the other has drawn the border 10 m farther to the east:

    >>> x, y = 500_000, 4_000_000
    >>> def halves(at):
    ...     return gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=shapely.box(
    ...         [x, x + at], y, [x + at, x + 400], y + 100), crs=4547)
    >>> found = overlay_zones(halves(200), halves(210))
    >>> found.pairs[["a", "b", "area_m2", "share_a", "is_same"]].to_numpy().tolist()
    [['w', 'w', 20000.0, 1.0, False], ['e', 'e', 19000.0, 0.95, False], ['e', 'w', 1000.0, 0.05, False]]
    >>> found.moves[["from_b", "to_b", "area_m2"]].to_numpy().tolist()
    [['w', 'e', 1000.0]]
    """
    require_same_crs(*[one for one in (a, b, buildings) if one is not None])
    ours, theirs = _zones(a, "A"), _zones(b, "B")
    crs = metric_crs_for(a, b)
    ours, theirs = ours.to_crs(crs), theirs.to_crs(crs)
    one, other, shape = _common(ours.geometry.to_numpy(), theirs.geometry.to_numpy())
    area = shapely.area(shape)
    size_a, size_b = shapely.area(ours.geometry.to_numpy()), shapely.area(theirs.geometry.to_numpy())
    outside = (
        float(max(size_a.sum() - area.sum(), 0.0)), float(max(size_b.sum() - area.sum(), 0.0)),
    )  # fmt: skip
    share_a, share_b = area / size_a[one], area / size_b[other]
    keep = (area >= _LEAST_M2) & (np.maximum(share_a, share_b) >= _LEAST_SHARE)
    one, other, shape, area = one[keep], other[keep], shape[keep], area[keep]
    share_a, share_b = share_a[keep], share_b[keep]
    houses, households = _counted(shape, ours, one, buildings, crs)
    pairs = pd.DataFrame(
        {
            "a": ours["code"].to_numpy(object)[one], "b": theirs["code"].to_numpy(object)[other],
            "area_m2": area.round(1), "share_a": share_a.round(6), "share_b": share_b.round(6), "buildings": houses,
            "households": households, "is_same": (share_a >= SAME) & (share_b >= SAME),
        }
    )  # fmt: skip
    order = np.lexsort((other, -area, one))
    found = _Found(ours, theirs, one[order], other[order], shape[order], area[order], pairs.iloc[order], size_a, size_b)
    misfits = pd.concat([found.misfits("a"), found.misfits("b")], ignore_index=True)
    misfits = misfits.sort_values(["fit", "layer", "code"], kind="stable").reset_index(drop=True)
    return ZoneOverlay(found.pairs.reset_index(drop=True), misfits, found.moves(crs), outside)


@dataclass(frozen=True)
class _Found:
    """The pieces of common ground, in the order of the zones of a, the largest first."""

    ours: gpd.GeoDataFrame
    theirs: gpd.GeoDataFrame
    one: np.ndarray
    other: np.ndarray
    shape: np.ndarray
    area: np.ndarray
    pairs: pd.DataFrame
    size_a: np.ndarray
    size_b: np.ndarray

    def misfits(self, layer: str) -> pd.DataFrame:
        """Return the zones of a layer that have no same one in the other."""
        is_a = layer == "a"
        mine, others = (self.one, self.other) if is_a else (self.other, self.one)
        zones, rest = (self.ours, self.theirs) if is_a else (self.theirs, self.ours)
        size, size_of_other = (self.size_a, self.size_b) if is_a else (self.size_b, self.size_a)
        is_same = self.pairs["is_same"].to_numpy(bool)
        houses, households = (self.pairs[name].to_numpy(float) for name in ("buildings", "households"))
        rows = []
        for zone in range(len(zones)):
            at = np.flatnonzero(mine == zone)
            if is_same[at].any():
                continue
            best = at[np.argmax(self.area[at])] if len(at) else -1
            most = float(self.area[best]) if len(at) else 0.0
            either = size[zone] + (size_of_other[others[best]] if len(at) else 0.0) - most
            away = at[at != best]
            rest_m2 = max(float(size[zone]) - most, 0.0)
            rows.append(
                (layer, zones["code"].iloc[zone], rest["code"].iloc[others[best]] if len(at) else None,
                 round(most / either, 6), round(float(size[zone]), 1), len(at), round(rest_m2, 1),
                 float(houses[away].sum()), float(households[away].sum()))
            )  # fmt: skip
        return pd.DataFrame(rows, columns=list(_MISFITS))

    def moves(self, crs: object) -> gpd.GeoDataFrame:
        """Return the pieces that zones of b would hand over so that its borders follow those of a.

        Each zone of a is that zone of b which has most of its ground, where that zone has most of its own ground in it.
        """
        best_of_a = self._best(self.one)
        best_of_b = self._best(self.other)
        twin = {int(self.one[k]): int(self.other[k]) for k in best_of_a if k in best_of_b}
        rows: list[tuple[object, ...]] = []
        shapes: list[shapely.Geometry] = []
        for k in range(len(self.one)):
            to = twin.get(int(self.one[k]))
            if to == int(self.other[k]):
                continue
            row = self.pairs.iloc[k]
            rows.append(
                (len(rows) + 1, row["a"], row["b"], None if to is None else self.theirs["code"].iloc[to],
                 row["area_m2"], row["buildings"], row["households"])
            )  # fmt: skip
            shapes.append(self.shape[k])
        frame = {name: pd.Series([row[k] for row in rows], dtype=object if name == "to_b" else None)
                 for k, name in enumerate(_MOVES)}  # fmt: skip
        return gpd.GeoDataFrame(frame, geometry=np.array(shapes, dtype=object), crs=crs)

    def _best(self, zone: np.ndarray) -> set[int]:
        """Return the place of the largest piece of each zone."""
        order = np.lexsort((np.arange(len(zone)), -self.area, zone))
        return set(order[np.flatnonzero(np.diff(zone[order], prepend=-1))].tolist())


def _zones(frame: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Return valid zones by code, each without the ground of those before it."""
    shapes = shapely.make_valid(shapely.force_2d(frame.geometry.to_numpy()))
    kept = shapely.get_dimensions(shapes) == 2
    codes = frame["code"].astype(str).to_numpy(object)[kept]
    if not kept.any():
        raise BadValue(f"图层 {layer} 没有一个面", f"layer {layer} has no polygon")
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if (codes == code).sum() > 1)
        raise BadValue(f"图层 {layer} 有两个区域的代码是 {twice}", f"layer {layer} has two zones of code {twice}")
    order = np.argsort(codes.astype(str), kind="stable")
    shapes, codes = shapes[kept][order], codes[order]
    before, after = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    inside, outer = shapely.STRtree(shapes).query(shapes, predicate="within")
    pairs = {(int(i), int(j)) for i, j in zip([*before, *inside], [*after, *outer], strict=True) if i != j}
    for first, second in sorted({(min(pair), max(pair)) for pair in pairs}):
        shapes[second] = shapely.difference(shapes[second], shapes[first])
    # In the order of the layer, as people know it.
    back = np.argsort(np.flatnonzero(kept)[order], kind="stable")
    found = gpd.GeoDataFrame({"code": codes[back]}, geometry=shapes[back], crs=frame.crs)
    households = pd.to_numeric(frame["households"], errors="coerce") if "households" in frame else None
    found["households"] = np.nan if households is None else households.to_numpy(float)[kept]
    return found[shapely.area(found.geometry.to_numpy()) > 0].reset_index(drop=True)


def _common(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    one, other = shapely.STRtree(b).query(a, predicate="intersects")
    shape = shapely.intersection(a[one], b[other])
    # Where borders touch besides, an intersection has lines and points too.
    shape, row = parts_by_dimension(shape)
    kept = shapely.area(shape) > 0
    return one[row[kept]], other[row[kept]], shape[kept]


def _counted(
    shape: np.ndarray, ours: gpd.GeoDataFrame, one: np.ndarray, buildings: gpd.GeoDataFrame | None, crs: object
) -> tuple[np.ndarray, np.ndarray]:
    """Return the buildings and households of each piece: a building is where its inner point is."""
    if buildings is None or not len(buildings):
        return np.full(len(shape), np.nan), np.full(len(shape), np.nan)
    known = buildings[~(buildings.geometry.isna() | buildings.geometry.is_empty)].to_crs(crs).reset_index(drop=True)
    points = gpd.GeoSeries(shapely.point_on_surface(known.geometry.to_numpy()))
    piece = owning_shapes(shape, points)
    unit = np.where(piece >= 0, one[np.maximum(piece, 0)], -1) if len(shape) else np.full(len(points), -1)
    weight = building_loads(known, "households", unit, ours["households"].to_numpy(float)).weight
    here = piece >= 0
    houses = np.bincount(piece[here], minlength=len(shape)).astype(float)
    return houses, np.bincount(piece[here], weight[here], len(shape)).round(1)
