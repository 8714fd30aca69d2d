"""Say where coverage is wanted, and how much each place weighs (rules D1-D5)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs as crs_of
from geo.assessment.zones import split_layers, valid_shapes, zones_of
from geo.crs_metric import metric_crs_for
from geo.errors import BadGeometry, BadValue, RowFault, UnknownName
from geo.overlay import tiling
from geo.visibility.circles import quadrant_segments

if TYPE_CHECKING:
    from geo.visibility.views import Views

Kind = Literal["demand", "streets", "buildings", "all"]
Measure = Literal["m2", "m", "count"]

#: Rule D1: metres round a building that count where the buildings are the domain.
BAND_M = 30.0
#: Rule D2: carriageway widths (m) where a road names none.
WIDE_M, DRIVEN_M, FOOT_M = 15.0, 8.0, 3.0
WIDE_CLASSES = {"motorway", "trunk", "primary", "secondary", "tertiary"}
FOOT_CLASSES = {
    "foot", "footway", "pedestrian", "path", "cycle", "cycleway", "bridleway", "track", "trail", "steps", "sidewalk",
    "crossing",
}  # fmt: skip
LEFT_OUT_CLASSES = {"tunnel", "corridor", "elevator", "platform", "proposed", "construction"}
_POINT, _LINE, _AREA = (0, 4), (1, 2, 5), (3, 6)


@dataclass(frozen=True)
class Domain:
    """Hold where coverage is wanted, footprints left out.

    Attributes
    ----------
    kind
        Which of rule D1 it is.
    measure
        What a share is of: ``m2`` of area, ``m`` of line, or a ``count`` of points.
    crs
        The computing CRS (metres) of the shapes.
    shapes
        Polygons that do not overlap, cut at tile borders; or lines; or points.
    weight
        Weight per m2, per metre or per point of each shape (rule D3).
    left_out_weight
        Total weight of demand inside footprints, which is left out.
    notes
        What was left out or repaired, as ``中文 / English``.
    """

    kind: Kind
    measure: Measure
    crs: pyproj.CRS
    shapes: np.ndarray
    weight: np.ndarray
    left_out_weight: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def area_m2(self) -> float:
        """Return the plain area (m2), each place once; 0 for lines and points."""
        return math.fsum(shapely.area(self.shapes))

    @property
    def total_weight(self) -> float:
        """Return the total weight (rule D3)."""
        size = {"m2": shapely.area, "m": shapely.length, "count": lambda s: np.ones(len(s))}[self.measure](self.shapes)
        return math.fsum(size * self.weight)

    def to(self, crs: pyproj.CRS) -> Domain:
        """Return the same domain in another metric CRS."""
        if crs == self.crs:
            return self
        shapes, weight = self.shapes, self.weight
        if self.measure == "m2":
            # join what tile borders cut: borders that are straight in one CRS are not quite so in another
            groups = np.unique(weight)
            shapes = np.array([shapely.union_all(shapes[weight == w]) for w in groups], object)
            weight = groups
        series = gpd.GeoSeries(shapes, crs=self.crs).to_crs(crs)
        return Domain(self.kind, self.measure, crs, series.to_numpy(), weight, self.left_out_weight, self.notes)


def domain(
    kind: str = "auto",
    *,
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None = None,
    roads: gpd.GeoDataFrame | None = None,
    demand: gpd.GeoDataFrame | None = None,
    obstacles: gpd.GeoDataFrame | None = None,
    views: Views | None = None,
    workers: int | None = None,
) -> Domain:
    """Prepare where coverage is wanted (rules D1-D5), without obstacle footprints.

    Parameters
    ----------
    kind
        ``auto`` is the first that exists of ``demand``, ``streets``, ``buildings`` and ``all``.
    zones
        Zone layers, for ``all`` (rule D4).
    roads, demand
        Lines with ``class`` and ``width`` (m); points, lines or polygons with ``weight``.
    obstacles
        Footprints to leave out, and what ``buildings`` goes round; None takes those of the views.
    views
        Give the computing CRS and, where there are no zones, the discs of the online cameras (rule D4).
    workers
        Threads; None takes one per core. The result is the same for any number.

    Raises
    ------
    UnknownName
        For another kind.
    BadValue
        Where a kind is asked for without its data, or a weight is negative or no number.
    BadGeometry
        Where one demand layer mixes points, lines and polygons, or roads are no lines.
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or they differ.
    """
    if kind not in ("auto", "demand", "streets", "buildings", "all"):
        raise UnknownName(
            f"没有范围类型 {kind}，可用：auto, demand, streets, buildings, all",
            f"no domain {kind}; there are: auto, demand, streets, buildings, all",
        )
    if obstacles is None and views is not None:
        obstacles = views.obstacles
    given = {"demand": demand, "streets": roads, "buildings": obstacles}
    chosen = kind
    if kind == "auto":
        chosen = next((name for name, frame in given.items() if frame is not None and len(frame)), "all")
    elif kind != "all" and given[kind] is None:
        raise BadValue(f"范围 {kind} 没有数据", f"the domain {kind} has no data")
    crs = _computing_crs(zones, [roads, demand, obstacles], views)
    bars, notes = _footprints(obstacles, crs)
    if chosen == "demand":
        return _demand(demand, bars, crs, notes, workers)
    if chosen == "streets":
        wanted = _streets(roads, crs)
    elif chosen == "buildings":
        wanted = shapely.buffer(bars, BAND_M, quad_segs=quadrant_segments(BAND_M))
    else:
        wanted, more = _whole(zones, views, crs)
        notes += more
    shapes, weight, _ = _cut(wanted, None, bars, workers)
    return Domain(chosen, "m2", crs, shapes, weight, 0.0, tuple(notes))  # type: ignore[arg-type]


def _computing_crs(
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None,
    frames: Sequence[gpd.GeoDataFrame | None],
    views: Views | None,
) -> pyproj.CRS:
    given = [frame for frame in (*split_layers(zones).values(), *frames) if frame is not None]
    if views is not None:
        crs_of.require_same_crs(gpd.GeoSeries([], crs=views.crs), *given)
        return views.computing_crs
    if not given:
        raise BadValue("没有可用的范围数据", "there is nothing to make a domain of")
    return metric_crs_for(*given)


def _footprints(obstacles: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> tuple[np.ndarray, list[str]]:
    """Return valid footprints in the computing CRS, and what was repaired."""
    if obstacles is None or len(obstacles) == 0:
        return np.empty(0, object), []
    given = obstacles.geometry.to_crs(crs).to_numpy()[_by_id(obstacles)]
    shapes, faults = valid_shapes(given, "obstacles", np.arange(len(obstacles)))
    keep = np.isin(shapely.get_type_id(shapes), (*_AREA, 7)) & ~shapely.is_empty(shapes)
    count = len(faults)
    note = f"{count} 个建筑图形无效，已修复 / {count} obstacles had invalid shapes and were repaired"
    return shapes[keep], [note] if faults else []


def _by_id(frame: gpd.GeoDataFrame, key: str = "id") -> np.ndarray:
    """Return the rows in order of their ids (rule C3), as given where there are none."""
    if key not in frame:
        return np.arange(len(frame))
    return np.argsort(frame[key].astype("string").fillna("").to_numpy(str), kind="stable")


def road_widths(roads: gpd.GeoDataFrame) -> np.ndarray:
    """Return the width (m) of each road, NaN for those left out (rule D2)."""
    names = roads["class"] if "class" in roads else pd.Series([None] * len(roads), dtype=object)
    names = names.astype("string").fillna("").str.strip().str.lower().to_numpy(object)
    plain = np.array([str(name).removesuffix("_link") for name in names], object)
    default = np.select(
        [(plain == "") | np.isin(plain, list(WIDE_CLASSES)), np.isin(plain, list(FOOT_CLASSES))],
        [WIDE_M, FOOT_M],
        DRIVEN_M,
    )
    width = np.full(len(roads), np.nan)
    if "width" in roads:
        width = pd.to_numeric(roads["width"], errors="coerce").to_numpy(float, na_value=np.nan)
    out = np.where(np.isfinite(width) & (width > 0), width, default)
    return np.where(np.isin(plain, list(LEFT_OUT_CLASSES)), np.nan, out)


def _streets(roads: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> np.ndarray:
    """Buffer roads by half their width, flat ends and round joins (rule D2)."""
    if roads is None:
        return np.empty(0, object)
    lines = roads.geometry.to_crs(crs).to_numpy()
    there = ~(shapely.is_missing(lines) | shapely.is_empty(lines))
    wrong = np.flatnonzero(there & ~np.isin(shapely.get_type_id(lines), _LINE))
    if len(wrong):
        faults = [RowFault("roads", str(i), "geometry", "道路应为线 / a road is a line") for i in wrong[:100]]
        raise BadGeometry(f"{len(wrong)} 条道路不是线", f"{len(wrong)} roads are no lines", rows=faults)
    width = road_widths(roads)
    order = _by_id(roads)
    order = order[there[order] & np.isfinite(width[order])]
    lines, half = lines[order], width[order] / 2
    out = np.empty(len(lines), object)
    for radius in np.unique(half):
        same = half == radius
        out[same] = shapely.buffer(lines[same], radius, cap_style="flat", quad_segs=quadrant_segments(radius))
    return out


def _whole(
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None, views: Views | None, crs: pyproj.CRS
) -> tuple[np.ndarray, list[str]]:
    """Return the polygons whose union is the zone ``all`` (rule D4)."""
    layers = zones_of(zones, crs)
    notes = [*layers.notes]
    if layers.base:
        shapes = layers.shapes[layers.base][_by_id(layers.frames[layers.base], "code")]
        return shapes[~shapely.is_missing(shapes)], notes
    if views is None:
        raise BadValue("没有区域，也没有摄像机视域", "there are neither zones nor views to take the whole of")
    return discs(views), notes


def discs(views: Views) -> np.ndarray:
    """Return the discs that the online cameras reach on the ground at the views' level (rules R3, D4)."""
    scene = views.scene
    online = np.flatnonzero(np.asarray(scene.online))
    reach = np.asarray(scene.ground_range_m(views.level), float)[online]
    centres = shapely.points(np.asarray(scene.x)[online], np.asarray(scene.y)[online])
    out = np.empty(len(online), object)
    for i, radius in enumerate(reach):
        out[i] = (
            shapely.buffer(centres[i], radius, quad_segs=quadrant_segments(radius)) if radius > 0 else shapely.Polygon()
        )
    return out


def _cut(
    wanted: np.ndarray, weight: np.ndarray | None, bars: np.ndarray, workers: int | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return what of the wanted polygons lies outside the bars: disjoint pieces, weight per m2, weight left out.

    Rule D3: where polygons overlap, their weights add up; without weights every place weighs 1 per m2.
    """
    if len(bars):
        near = np.unique(shapely.STRtree(wanted).query(bars)[0])
        bars = bars[near]
    faces = tiling.overlay(tiling.rings_of(wanted, bars), frame=slice(0, len(wanted)), workers=workers, what="domain")
    face, owner = faces.covers()
    area = faces.areas()
    inside = owner < len(wanted)
    covered = np.bincount(face[inside], minlength=len(area)) > 0
    density = covered.astype(float)
    if weight is not None:
        density = np.bincount(face[inside], weight[owner[inside]], len(area))
    barred = np.bincount(face[~inside], minlength=len(area)) > 0
    values, kind = np.unique(density, return_inverse=True)
    pieces = faces.dissolve(np.where(covered & ~barred, kind, -1), join=False)
    left_out = math.fsum(area[covered & barred] * density[covered & barred])
    return pieces.shapes, values[pieces.kind], left_out


def _demand(
    demand: gpd.GeoDataFrame | None, bars: np.ndarray, crs: pyproj.CRS, notes: list[str], workers: int | None
) -> Domain:
    """Prepare demand of one geometry kind (rule D3)."""
    if demand is None:
        raise BadValue("范围 demand 没有数据", "the domain demand has no data")
    order = _by_id(demand)
    shapes = demand.geometry.to_crs(crs).to_numpy()[order]
    weight = _weights(demand)[order]
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes, weight = shapes[there], weight[there]
    kinds = shapely.get_type_id(shapes)
    measure: Measure
    if np.isin(kinds, _AREA).all():
        shapes, faults = valid_shapes(shapes, "demand", order[there])
        notes = notes + [fault.reason for fault in faults]
        outside, density, left_out = _cut(shapes, weight, bars, workers)
        measure = "m2"
    elif np.isin(kinds, _LINE).all():
        outside, density, left_out = _lines_outside(shapes, weight, bars)
        measure = "m"
    elif np.isin(kinds, _POINT).all():
        outside, density, left_out = _points_outside(shapes, weight, bars)
        measure = "count"
    else:
        raise BadGeometry(
            "需求图层混有点、线、面，请分开",
            "one demand layer holds points, lines or polygons, not a mixture: split it",
        )
    return Domain("demand", measure, crs, outside, density, left_out, tuple(notes))


def _weights(demand: gpd.GeoDataFrame) -> np.ndarray:
    if "weight" not in demand:
        return np.ones(len(demand))
    column = demand["weight"]
    weight = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    empty = (column.isna() | (column.astype("string").str.strip() == "")).fillna(True).to_numpy(bool)
    bad = np.flatnonzero(~empty & ~(np.isfinite(weight) & (weight >= 0)))
    if len(bad):
        reason = "权重应为不小于 0 的数 / a weight is a number of at least 0"
        faults = [RowFault("demand", str(i), "weight", reason, str(column.iloc[i])[:200]) for i in bad[:100]]
        raise BadValue(f"{len(bad)} 个需求的权重无效", f"{len(bad)} demand weights are invalid", rows=faults)
    return np.where(empty, 1.0, weight)


def _lines_outside(shapes: np.ndarray, weight: np.ndarray, bars: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    parts, whose = shapely.get_parts(shapes, return_index=True)
    ring = shapely.get_type_id(parts) == shapely.GeometryType.LINEARRING
    parts[ring] = shapely.linestrings([shapely.get_coordinates(one) for one in parts[ring]]) if ring.any() else []
    rest = parts.copy()
    line, bar = shapely.STRtree(bars).query(parts, predicate="intersects") if len(bars) else np.empty((2, 0), int)
    for i in np.unique(line):
        rest[i] = shapely.difference(parts[i], shapely.union_all(bars[bar[line == i]]))
    weight = weight[whose]
    left_out = math.fsum((shapely.length(parts) - shapely.length(rest)) * weight) if len(line) else 0.0
    rest, index = shapely.get_parts(shapely.line_merge(rest), return_index=True)
    keep = shapely.length(rest) > 0
    return rest[keep], weight[index][keep], left_out


def _points_outside(shapes: np.ndarray, weight: np.ndarray, bars: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    parts, whose = shapely.get_parts(shapes, return_index=True)
    weight = weight[whose]
    inside = np.zeros(len(parts), bool)
    if len(bars):
        inside[shapely.STRtree(bars).query(parts, predicate="within")[0]] = True
    return parts[~inside], weight[~inside], math.fsum(weight[inside])
