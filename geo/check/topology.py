"""Find zones that overlap, leave land unowned, have several parts, or extend beyond their parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.layers import ZONE_INPUTS
from geo.check.metric_frames import MetricFrames, column, keys, numbers
from geo.check.ranking import UnrankedFinding
from geo.sentences import sentence

#: Strips thinner than this (m) are rounding of stored coordinates, not a finding; nor are holes thinner than that.
MIN_THICKNESS_M, MIN_HOLE_THICKNESS_M = 0.008, 0.004
#: Gaps up to this width (m) between neighbours are slivers; wider ones are land that no zone owns.
SLIVER_M = 5.0
#: Minimum area (m2) of an overlap or sliver, of a hole (a square of 1 cm has 0.0001), and of a gap.
MIN_OVERLAP_M2, MIN_HOLE_M2, MIN_GAP_M2 = 0.05, 0.00005, 100.0
#: Zones this near (m) are beside a strip.
_BESIDE_M = 0.02
_HAIR_M = 0.001
#: Share of a grid that may lie outside its village or parent without a finding.
_MAX_OUTSIDE_SHARE = 0.01
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class _FlatZones:
    """Polygons of one zone layer in metres by an affine scale: edges straight in degrees stay straight (L1)."""

    layer: str
    slug: str
    zh: str
    en: str
    keys: np.ndarray
    kind: np.ndarray
    shapes: np.ndarray
    flat: _DegreeScale


class _DegreeScale:
    """Affine scale of degrees to metres around one point: straight edges and shared borders are preserved."""

    def __init__(self, bounds: np.ndarray) -> None:
        self._origin = np.array([(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2])
        self._scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians(self._origin[1])), 1.0])

    def to_metres(self, shapes: np.ndarray) -> np.ndarray:
        return np.asarray(shapely.transform(shapely.force_2d(shapes), lambda c: (c - self._origin) * self._scale))

    def to_degrees(self, shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, lambda c: c / self._scale + self._origin)


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield overlaps, slivers and gaps of every zone layer, each level of grids separately (rules D4, D5)."""
    frames = [data.frame(name) for name in ZONE_INPUTS]
    bounds = [frame.total_bounds for frame in frames if frame is not None]
    if not bounds:
        return
    joined = np.array(bounds)
    flat = _DegreeScale(np.concatenate([joined[:, :2].min(axis=0), joined[:, 2:].max(axis=0)]))
    layers = dict(_layers(data, flat))
    for zones in layers.values():
        yield from _overlaps(data, zones)
        yield from _slivers(data, zones)
    for lower, upper in (("grids", "villages"), ("microgrids", "grids")):
        if lower not in layers:
            continue
        above = _above(layers, upper)
        if above is not None:
            yield from _gaps(data, layers[lower], above)
    grids = data.frame("grids")
    if grids is not None:
        yield from _parts(data, grids)
        yield from _outside(data, grids, layers)


def _above(layers: dict[str, _FlatZones], upper: str) -> _FlatZones | None:
    if upper == "grids":
        return layers.get("grids")
    return next((layers[name] for name in ("villages", "village", "township", "county") if name in layers), None)


def _layers(data: MetricFrames, flat: _DegreeScale) -> Iterator[tuple[str, _FlatZones]]:
    grids, villages, divisions = data.frame("grids"), data.frame("villages"), data.frame("divisions")
    if grids is not None:
        micro = numbers(grids, "level") == 2  # rule D5
        if (~micro).any():
            yield "grids", _zones(grids[~micro], "grids", "grid", "网格", "grids", flat)
        if micro.any():
            yield "microgrids", _zones(grids[micro], "grids", "grid", "微网格", "microgrids", flat)
    if villages is not None:
        areas = villages[shapely.get_dimensions(villages.geometry.to_numpy()) == 2]
        if len(areas):
            yield "villages", _zones(areas, "villages", "village", "村", "villages", flat)
    if divisions is not None:
        level = column(divisions, "level")
        for name, zh, en in (("village", "村级区划", "village divisions"), ("township", "乡镇", "townships")):
            if (level == name).any():
                yield name, _zones(divisions[level == name], "divisions", "division", zh, en, flat)
        if (level == "county").any():
            yield "county", _zones(divisions[level == "county"], "divisions", "division", "县", "counties", flat)


def _zones(frame: gpd.GeoDataFrame, layer: str, slug: str, zh: str, en: str, flat: _DegreeScale) -> _FlatZones:
    shapes = flat.to_metres(frame.geometry.to_numpy())
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return _FlatZones(layer, slug, zh, en, np.array(keys(frame, layer), object), column(frame, "kind"), shapes, flat)


# --- overlaps and slivers --------------------------------------------------------------------------------------------


def _overlaps(data: MetricFrames, zones: _FlatZones) -> Iterator[UnrankedFinding]:
    mismatched = _mismatched_borders(zones.shapes, 0.0)
    if len(mismatched) == 0:
        return
    tree = shapely.STRtree(zones.shapes)
    one, other = tree.query(zones.shapes[mismatched], predicate="intersects")
    one = mismatched[one]
    pairs = np.unique(np.sort(np.column_stack([one, other])[one != other], axis=1), axis=0)
    common = shapely.intersection(zones.shapes[pairs[:, 0]], zones.shapes[pairs[:, 1]])
    big = (shapely.area(common) >= MIN_OVERLAP_M2) & (_thickness(common) >= MIN_THICKNESS_M)
    for (a, b), shape in zip(pairs[big].tolist(), common[big], strict=True):
        # Some counties draw dedicated grids over general ones: the owner is clear (L1), but shares count twice.
        nested = {zones.kind[a], zones.kind[b]} == {"dedicated", "general"}
        yield _zone_finding(
            data, zones, "warning" if nested else "error", "overlap", [zones.keys[a], zones.keys[b]], shape,
            f"{zones.zh} {zones.keys[a]} 与 {zones.keys[b]} 重叠 {{}} m²",
            f"{zones.en} {zones.keys[a]} and {zones.keys[b]} overlap by {{}} m²",
        )  # fmt: skip


def _slivers(data: MetricFrames, zones: _FlatZones) -> Iterator[UnrankedFinding]:
    tree = shapely.STRtree(zones.shapes)
    holes = _narrow_holes(zones.shapes)
    for hole in holes:
        named = [zones.keys[k] for k in np.unique(tree.query(hole, predicate="dwithin", distance=_BESIDE_M)).tolist()]
        shown = ", ".join(named[:4])
        yield _zone_finding(
            data, zones, "warning", "sliver", named, hole,
            f"{zones.zh} {shown} 围着一个 {{}} m² 的细洞，宽约 {_in_digits(_thickness(hole))} m",
            f"a hairline hole of {{}} m², about {_in_digits(_thickness(hole))} m wide, inside {zones.en} {shown}",
        )  # fmt: skip
    mismatched = _mismatched_borders(zones.shapes, SLIVER_M)
    if len(mismatched) == 0:
        return
    known = shapely.union_all(holes)
    near = np.unique(tree.query(zones.shapes[mismatched], predicate="dwithin", distance=SLIVER_M)[1])
    union = shapely.union_all(zones.shapes[near])
    # Morphological closing: a buffer by half the width and back fills narrower gaps; mitred joins keep corners.
    half = SLIVER_M / 2
    closed = shapely.buffer(shapely.buffer(union, half, join_style="mitre"), -half, join_style="mitre")
    filled = shapely.difference(closed, union)
    # A zone that is itself as narrow as a gap, between two near ones, need not be near: what it owns is no gap.
    between = np.setdiff1d(tree.query(filled, predicate="intersects"), near)
    filled = shapely.difference(filled, shapely.union_all(zones.shapes[between]))
    # Opening by 1 mm: closing also leaves hairs of no width along straight borders, which would make a strip seem thin.
    strips = shapely.buffer(filled, -_HAIR_M, join_style="mitre")
    for strip in shapely.get_parts(shapely.buffer(strips, _HAIR_M, join_style="mitre")):
        if shapely.area(strip) < MIN_OVERLAP_M2 or not MIN_THICKNESS_M <= _thickness(strip) <= SLIVER_M:
            continue
        if shapely.area(shapely.intersection(strip, known)) > 0.5 * shapely.area(strip):
            continue  # told as a hole
        beside = np.unique(tree.query(strip, predicate="dwithin", distance=_BESIDE_M))
        if len(beside) < 2:
            continue
        named = [zones.keys[k] for k in beside.tolist()]
        shown = ", ".join(named[:4])
        yield _zone_finding(
            data, zones, "warning", "sliver", named, strip,
            f"{zones.zh} {shown} 之间有 {{}} m² 的细缝，宽约 {_in_digits(_thickness(strip))} m",
            f"a hairline gap of {{}} m², about {_in_digits(_thickness(strip))} m wide, between {zones.en} {shown}",
        )  # fmt: skip


def _narrow_holes(shapes: np.ndarray) -> np.ndarray:
    """Return the holes of all zones together that are at most as wide as a sliver, and no rounding.

    A hole has no open end, so that its sides need not run along each other: the borders match all the same.
    """
    whole = shapely.coverage_union_all(shapes) if shapely.coverage_is_valid(shapes) else shapely.union_all(shapes)
    rings = shapely.get_rings(shapely.get_parts(whole))
    outer = shapely.get_exterior_ring(shapely.get_parts(whole))
    inner = rings[~np.isin(shapely.to_wkb(rings), shapely.to_wkb(outer))]
    holes = shapely.polygons(inner)
    width = _thickness(holes)
    return holes[(shapely.area(holes) >= MIN_HOLE_M2) & (width >= MIN_HOLE_THICKNESS_M) & (width <= SLIVER_M)]


def _mismatched_borders(shapes: np.ndarray, width: float) -> np.ndarray:
    """Return the polygons whose borders do not match their neighbours', or come closer than ``width`` metres."""
    if shapely.coverage_is_valid(shapes, gap_width=width):
        return np.empty(0, dtype=int)
    return np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=width)))


def _thickness(shapes: np.ndarray) -> np.ndarray:
    """Return twice the area over the perimeter: the width of a strip."""
    length = shapely.length(shapes)
    return np.asarray(2 * shapely.area(shapes) / np.where(length > 0, length, np.inf))


def _in_digits(number: float | np.ndarray) -> str:
    """Return a length or an area with as many digits as tell it apart from 0: hairlines are never 0.00 m wide."""
    value = float(number)
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}" if value >= 0.0001 else f"{value:.6f}"


def _zone_finding(
    data: MetricFrames,
    zones: _FlatZones,
    severity: str,
    what: str,
    zone_keys: list[str],
    shape: shapely.Geometry,
    zh: str,
    en: str,
) -> UnrankedFinding:
    in_degrees = zones.flat.to_degrees(shape)
    area = float(shapely.area(data.to_metres(np.array([in_degrees], dtype=object))[0]))
    position = shapely.point_on_surface(in_degrees)
    return UnrankedFinding(
        "error" if severity == "error" else "warning", f"{zones.slug}-{what}", zones.layer, zone_keys,
        sentence(zh.format(_in_digits(area)), en.format(_in_digits(area))), area, float(position.x), float(position.y),
    )  # fmt: skip


# --- gaps ------------------------------------------------------------------------------------------------------------


def _gaps(data: MetricFrames, zones: _FlatZones, above: _FlatZones) -> Iterator[UnrankedFinding]:
    """Yield land of the upper zones that no lower zone owns, slivers excluded."""
    tree = shapely.STRtree(zones.shapes)
    upper, lower = tree.query(above.shapes, predicate="intersects")
    start = np.searchsorted(upper, np.arange(len(above.shapes) + 1))
    for k, whole in enumerate(above.shapes):
        mine = lower[start[k] : start[k + 1]]
        free = shapely.difference(whole, shapely.union_all(zones.shapes[mine]))
        for part in shapely.get_parts(free):
            if shapely.area(part) < MIN_GAP_M2 or _thickness(part) <= SLIVER_M:
                continue
            yield _zone_finding(
                data, zones, "warning", "gap", [above.keys[k]], part,
                f"{above.zh} {above.keys[k]} 内有 {{}} m² 不属于任何{zones.zh}",
                f"{{}} m² of {above.en} {above.keys[k]} belong to none of the {zones.en}",
            )  # fmt: skip


# --- single grids ----------------------------------------------------------------------------------------------------


def _parts(data: MetricFrames, grids: gpd.GeoDataFrame) -> Iterator[UnrankedFinding]:
    shapes = grids.geometry.to_numpy()
    count = shapely.get_num_geometries(shapes)
    names = keys(grids, "grids")
    for k in np.flatnonzero(count > 1).tolist():
        parts = shapely.get_parts(shapes[k])
        area = shapely.area(data.to_metres(parts))
        largest = int(np.argmax(area))
        position = shapely.point_on_surface(np.delete(parts, largest)[0])
        rest = float(np.delete(area, largest).sum())
        yield UnrankedFinding(
            "warning", "grid-multi-part", "grids", [names[k]],
            sentence(f"网格 {names[k]} 由 {count[k]} 块组成，主块之外 {rest:,.0f} m²",
            f"grid {names[k]} has {count[k]} parts,"
            f" {rest:,.0f} m² of them apart from the largest"),
            rest, float(position.x), float(position.y),
        )  # fmt: skip


def _outside(data: MetricFrames, grids: gpd.GeoDataFrame, layers: dict[str, _FlatZones]) -> Iterator[UnrankedFinding]:
    """Yield grids that extend beyond the village in their record, and microgrids beyond their parent grid."""
    micro = numbers(grids, "level") == 2
    village = layers.get("villages") or layers.get("village")
    for lower, field, upper, zh, en, rows in (
        ("grids", "village", village, "村", "village", ~micro),
        ("microgrids", "parent", layers.get("grids"), "网格", "grid", micro),
    ):
        if lower not in layers or upper is None:
            continue
        zones = layers[lower]
        of = {key: k for k, key in enumerate(upper.keys.tolist())}
        named = column(grids, field)[rows]
        which = np.array([of.get(str(name), -1) for name in named])
        known = np.flatnonzero(which >= 0)
        out = shapely.difference(zones.shapes[known], upper.shapes[which[known]])
        share = shapely.area(out) / shapely.area(zones.shapes[known])
        for k, shape, part in zip(known.tolist(), out, share.tolist(), strict=True):
            if part > _MAX_OUTSIDE_SHARE:
                yield _zone_finding(
                    data, zones, "error" if part > 0.5 else "warning", f"outside-{en}", [zones.keys[k]], shape,
                    f"{zones.zh} {zones.keys[k]} 有 {{}} m²（{part:.0%}）在其{zh} {named[k]} 之外",
                    f"{{}} m² ({part:.0%}) of {zones.en[:-1]} {zones.keys[k]} lie outside its {en} {named[k]}",
                )  # fmt: skip
