"""Find zones that overlap, leave gaps, fall apart, or stray from the zone they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.check.metric_frames import Ground, column, keys, numbers
from geo.check.ranking import Draft

#: Strips thinner than this (m) are the rounding of stored numbers, not a finding.
THINNEST_M = 0.02
#: Gaps up to this wide (m) between neighbours are slivers, wider ones land that no zone owns.
SLIVER_M = 5.0
#: The least area (m2) of an overlap, a sliver, and a gap.
LEAST_M2, LEAST_GAP_M2 = 0.05, 100.0
#: Share of a grid that may lie outside its village or parent before it is told.
_STRAY_SHARE = 0.01
_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True)
class _Zones:
    """Hold the polygons of one zone layer in flat metres that keep the straight edges of degrees straight (L1)."""

    layer: str
    slug: str
    zh: str
    en: str
    keys: np.ndarray
    kind: np.ndarray
    shapes: np.ndarray
    flat: _Flat


class _Flat:
    """Scale degrees to metres about one place: lines stay lines, so shared borders stay shared."""

    def __init__(self, bounds: np.ndarray) -> None:
        self._origin = np.array([(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2])
        self._scale = _METRES_A_DEGREE * np.array([np.cos(np.radians(self._origin[1])), 1.0])

    def to(self, shapes: np.ndarray) -> np.ndarray:
        return np.asarray(shapely.transform(shapely.force_2d(shapes), lambda c: (c - self._origin) * self._scale))

    def back(self, shape: shapely.Geometry) -> shapely.Geometry:
        return shapely.transform(shape, lambda c: c / self._scale + self._origin)


def find(ground: Ground) -> Iterator[Draft]:
    """Yield overlaps, slivers and gaps of every zone layer, each level of grids by itself (rules D4, D5)."""
    frames = [ground.frame(name) for name in ("grids", "villages", "divisions")]
    bounds = [frame.total_bounds for frame in frames if frame is not None]
    if not bounds:
        return
    joined = np.array(bounds)
    flat = _Flat(np.concatenate([joined[:, :2].min(axis=0), joined[:, 2:].max(axis=0)]))
    layers = dict(_layers(ground, flat))
    for zones in layers.values():
        yield from _overlaps(ground, zones)
        yield from _slivers(ground, zones)
    for lower, upper in (("grids", "villages"), ("microgrids", "grids")):
        if lower not in layers:
            continue
        above = _above(layers, upper)
        if above is not None:
            yield from _gaps(ground, layers[lower], above)
    grids = ground.frame("grids")
    if grids is not None:
        yield from _parts(ground, grids)
        yield from _outside(ground, grids, layers)


def _above(layers: dict[str, _Zones], upper: str) -> _Zones | None:
    if upper == "grids":
        return layers.get("grids")
    return next((layers[name] for name in ("villages", "village", "township", "county") if name in layers), None)


def _layers(ground: Ground, flat: _Flat) -> Iterator[tuple[str, _Zones]]:
    grids, villages, divisions = (ground.frame(name) for name in ("grids", "villages", "divisions"))
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


def _zones(frame: gpd.GeoDataFrame, layer: str, slug: str, zh: str, en: str, flat: _Flat) -> _Zones:
    shapes = flat.to(frame.geometry.to_numpy())
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken])
    return _Zones(layer, slug, zh, en, np.array(keys(frame, layer), object), column(frame, "kind"), shapes, flat)


# --- overlaps and slivers --------------------------------------------------------------------------------------------


def _overlaps(ground: Ground, zones: _Zones) -> Iterator[Draft]:
    suspects = _suspects(zones.shapes, 0.0)
    if len(suspects) == 0:
        return
    tree = shapely.STRtree(zones.shapes)
    one, other = tree.query(zones.shapes[suspects], predicate="intersects")
    one = suspects[one]
    pairs = np.unique(np.sort(np.column_stack([one, other])[one != other], axis=1), axis=0)
    common = shapely.intersection(zones.shapes[pairs[:, 0]], zones.shapes[pairs[:, 1]])
    big = (shapely.area(common) >= LEAST_M2) & (_thickness(common) >= THINNEST_M)
    for (a, b), shape in zip(pairs[big].tolist(), common[big], strict=True):
        # Some counties lay dedicated grids over general ones: owners are clear (L1), shares still count twice.
        nested = {zones.kind[a], zones.kind[b]} == {"dedicated", "general"}
        yield _told(
            ground, zones, "warning" if nested else "error", "overlap", [zones.keys[a], zones.keys[b]], shape,
            f"{zones.zh} {zones.keys[a]} 与 {zones.keys[b]} 重叠 {{:,.1f}} m²",
            f"{zones.en} {zones.keys[a]} and {zones.keys[b]} overlap by {{:,.1f}} m²",
        )  # fmt: skip


def _slivers(ground: Ground, zones: _Zones) -> Iterator[Draft]:
    suspects = _suspects(zones.shapes, SLIVER_M)
    if len(suspects) == 0:
        return
    tree = shapely.STRtree(zones.shapes)
    near = np.unique(tree.query(zones.shapes[suspects], predicate="dwithin", distance=SLIVER_M)[1])
    union = shapely.union_all(zones.shapes[near])
    # Growing by half the width and shrinking again fills what is narrower; sharp joins leave corners as they are.
    half = SLIVER_M / 2
    closed = shapely.buffer(shapely.buffer(union, half, join_style="mitre"), -half, join_style="mitre")
    for strip in shapely.get_parts(shapely.difference(closed, union)):
        if shapely.area(strip) < LEAST_M2 or not THINNEST_M <= _thickness(strip) <= SLIVER_M:
            continue
        beside = np.unique(tree.query(strip, predicate="dwithin", distance=THINNEST_M))
        if len(beside) < 2:
            continue
        named = [zones.keys[k] for k in beside.tolist()]
        shown = ", ".join(named[:4])
        yield _told(
            ground, zones, "warning", "sliver", named, strip,
            f"{zones.zh} {shown} 之间有 {{:,.1f}} m² 的细缝，宽约 {_thickness(strip):.2f} m",
            f"a hairline gap of {{:,.1f}} m², about {_thickness(strip):.2f} m wide, between {zones.en} {shown}",
        )  # fmt: skip


def _suspects(shapes: np.ndarray, width: float) -> np.ndarray:
    """Return the polygons whose borders do not match their neighbours', or come nearer than ``width`` metres."""
    if shapely.coverage_is_valid(shapes, gap_width=width):
        return np.empty(0, dtype=int)
    return np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=width)))


def _thickness(shapes: np.ndarray) -> np.ndarray:
    """Return twice the area over the perimeter: the width of a strip."""
    length = shapely.length(shapes)
    return np.asarray(2 * shapely.area(shapes) / np.where(length > 0, length, np.inf))


def _told(
    ground: Ground,
    zones: _Zones,
    severity: str,
    what: str,
    named: list[str],
    shape: shapely.Geometry,
    zh: str,
    en: str,
) -> Draft:
    there = zones.flat.back(shape)
    area = float(shapely.area(ground.metres(np.array([there], dtype=object))[0]))
    place = shapely.point_on_surface(there)
    return Draft(
        "error" if severity == "error" else "warning", f"{zones.slug}-{what}", zones.layer, named,
        f"{zh.format(area)} / {en.format(area)}", area, float(place.x), float(place.y),
    )  # fmt: skip


# --- gaps ------------------------------------------------------------------------------------------------------------


def _gaps(ground: Ground, zones: _Zones, above: _Zones) -> Iterator[Draft]:
    """Yield land of the zones above that no zone below owns, slivers apart."""
    tree = shapely.STRtree(zones.shapes)
    upper, lower = tree.query(above.shapes, predicate="intersects")
    start = np.searchsorted(upper, np.arange(len(above.shapes) + 1))
    for k, whole in enumerate(above.shapes):
        mine = lower[start[k] : start[k + 1]]
        free = shapely.difference(whole, shapely.union_all(zones.shapes[mine]))
        for part in shapely.get_parts(free):
            if shapely.area(part) < LEAST_GAP_M2 or _thickness(part) <= SLIVER_M:
                continue
            yield _told(
                ground, zones, "warning", "gap", [above.keys[k]], part,
                f"{above.zh} {above.keys[k]} 内有 {{:,.0f}} m² 不属于任何{zones.zh}",
                f"{{:,.0f}} m² of {above.en} {above.keys[k]} belong to none of the {zones.en}",
            )  # fmt: skip


# --- single grids ----------------------------------------------------------------------------------------------------


def _parts(ground: Ground, grids: gpd.GeoDataFrame) -> Iterator[Draft]:
    shapes = grids.geometry.to_numpy()
    count = shapely.get_num_geometries(shapes)
    names = keys(grids, "grids")
    for k in np.flatnonzero(count > 1).tolist():
        parts = shapely.get_parts(shapes[k])
        area = shapely.area(ground.metres(parts))
        largest = int(np.argmax(area))
        place = shapely.point_on_surface(np.delete(parts, largest)[0])
        rest = float(np.delete(area, largest).sum())
        yield Draft(
            "warning", "grid-multi-part", "grids", [names[k]],
            f"网格 {names[k]} 由 {count[k]} 块组成，主块之外 {rest:,.0f} m² / grid {names[k]} has {count[k]} parts,"
            f" {rest:,.0f} m² of them apart from the largest",
            rest, float(place.x), float(place.y),
        )  # fmt: skip


def _outside(ground: Ground, grids: gpd.GeoDataFrame, layers: dict[str, _Zones]) -> Iterator[Draft]:
    """Yield grids that lie partly outside the village, microgrids outside the grid, that their record names."""
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
            if part > _STRAY_SHARE:
                yield _told(
                    ground, zones, "error" if part > 0.5 else "warning", f"outside-{en}", [zones.keys[k]], shape,
                    f"{zones.zh} {zones.keys[k]} 有 {{:,.0f}} m²（{part:.0%}）在其{zh} {named[k]} 之外",
                    f"{{:,.0f}} m² ({part:.0%}) of {zones.en[:-1]} {zones.keys[k]} lie outside its {en} {named[k]}",
                )  # fmt: skip
