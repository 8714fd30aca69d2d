"""Prepare the domain, where coverage is wanted, and its weights (rules D1-D5)."""

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

from geo.assessment.carriageways import road_polygons
from geo.assessment.zones import rows_by_id, sort_zone_layers, split_layers, valid_shapes
from geo.catalog.editions import DOMAINS, lowest_level
from geo.crs import require_same_crs
from geo.crs_metric import metric_crs_for
from geo.errors import BadGeometry, BadValue, RowFault, UnknownName
from geo.overlay import tiling
from geo.sentences import sentence
from geo.visibility.circles import quadrant_segments

if TYPE_CHECKING:
    from geo.visibility.views import Views

DomainKind = Literal["demand", "streets", "buildings", "all"]
Measure = Literal["m2", "m", "count"]

#: Rule D1: width of the band round buildings where these are the domain, metres.
BUILDING_BAND_M = 30.0
_POINT, _LINE, _AREA = (0, 4), (1, 2, 5), (3, 6)


@dataclass(frozen=True)
class Domain:
    """Where coverage is wanted, without footprints.

    Attributes
    ----------
    kind
        The kind of rule D1.
    measure
        Unit of the size: ``m2`` of area, ``m`` of line, or a ``count`` of points.
    crs
        The computing CRS (metres) of the shapes.
    shapes
        Polygons that do not overlap, cut at tile borders; or lines; or points.
    weight
        Weight per m2, per metre or per point of each shape (rule D3).
    left_out_weight
        Total weight of demand inside footprints, which is left out.
    notes
        Rows left out or repaired, as ``中文 / English``.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> x, y = 500_000, 4_000_000
    >>> squares = [shapely.box(x, y, x + 10, y + 10), shapely.box(x + 5, y, x + 15, y + 10)]
    >>> wanted = domain(demand=gpd.GeoDataFrame({"weight": [2, 1]}, geometry=squares, crs=4547))
    >>> wanted.kind, wanted.measure, wanted.area_m2, wanted.total_weight
    ('demand', 'm2', 150.0, 300.0)
    """

    kind: DomainKind
    measure: Measure
    crs: pyproj.CRS
    shapes: np.ndarray
    weight: np.ndarray
    left_out_weight: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def area_m2(self) -> float:
        """Return the area without weights (m2), overlaps counted once; 0 for lines and points."""
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
            # join what tile borders cut: a border that is straight in one CRS is not quite straight in another
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
    """Prepare the domain (rules D1-D5), without obstacle footprints.

    Parameters
    ----------
    kind
        ``auto`` takes the first that exists of ``demand``, ``streets``, ``buildings`` and ``all``.
    zones
        Zone layers, for ``all`` (rule D4).
    roads, demand
        Lines with ``class`` and ``width`` (m); points, lines or polygons with ``weight``.
    obstacles
        Footprints to leave out, and what the ``buildings`` band is built around; None takes those of the views.
    views
        Views that define the computing CRS and, where there are no zones, the discs of the online cameras, which are
        those of the lowest level of the edition whatever the level of the views (rule D4).
    workers
        Threads; None takes one per core. The result is the same for any number.

    Raises
    ------
    UnknownName
        For another kind.
    BadValue
        Where the data of a kind are missing, or a weight is negative or not a number.
    BadGeometry
        Where one demand layer mixes points, lines and polygons, or roads are not lines.
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or they differ.

    Examples
    --------
    A street of 100 m and a width of 8 m, half of it under a roof:

    >>> import geopandas as gpd, shapely
    >>> x, y = 500_000, 4_000_000
    >>> street = shapely.LineString([(x, y), (x + 100, y)])
    >>> roads = gpd.GeoDataFrame({"class": ["residential"]}, geometry=[street], crs=4547)
    >>> roof = gpd.GeoDataFrame({"height": [6.0]}, geometry=[shapely.box(x + 50, y - 9, x + 200, y + 9)], crs=4547)
    >>> domain(roads=roads).area_m2, domain(roads=roads, obstacles=roof).area_m2
    (800.0, 400.0)
    """
    # 1. the kind
    if kind not in DOMAINS:
        known = ", ".join(DOMAINS)
        raise UnknownName(f"没有范围类型 {kind}，可用：{known}", f"no domain {kind}; there are: {known}")
    if obstacles is None and views is not None:
        obstacles = views.obstacles
    given = {"demand": demand, "streets": roads, "buildings": obstacles}
    chosen = kind
    if kind == "auto":
        chosen = next((name for name, frame in given.items() if frame is not None and len(frame)), "all")
    elif kind != "all" and given[kind] is None:
        raise BadValue(f"范围 {kind} 没有数据", f"the domain {kind} has no data")
    # 2. the computing CRS, and the footprints to leave out
    crs = _computing_crs(zones, [roads, demand, obstacles], views)
    footprints, notes = valid_footprints(obstacles, crs)
    # 3. the shapes of the kind, outside the footprints
    if chosen == "demand":
        return _demand(demand, footprints, crs, notes, workers)
    if chosen == "streets":
        domain_shapes = road_polygons(roads, crs)
    elif chosen == "buildings":
        domain_shapes = shapely.buffer(footprints, BUILDING_BAND_M, quad_segs=quadrant_segments(BUILDING_BAND_M))
    else:
        domain_shapes, more = _all_zone_polygons(zones, views, crs)
        notes += more
    shapes, weight, _ = outside_footprints(domain_shapes, None, footprints, workers)
    return Domain(chosen, "m2", crs, shapes, weight, 0.0, tuple(notes))  # type: ignore[arg-type]


def _computing_crs(
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None,
    frames: Sequence[gpd.GeoDataFrame | None],
    views: Views | None,
) -> pyproj.CRS:
    given = [frame for frame in (*split_layers(zones).values(), *frames) if frame is not None]
    if views is not None:
        require_same_crs(gpd.GeoSeries([], crs=views.crs), *given)
        return views.computing_crs
    if not given:
        raise BadValue("没有可用的范围数据", "there is nothing to make a domain of")
    return metric_crs_for(*given)


def valid_footprints(obstacles: gpd.GeoDataFrame | None, crs: pyproj.CRS) -> tuple[np.ndarray, list[str]]:
    """Return valid footprints in the computing CRS, in the order of their ids, and notes on repairs.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> squares = [shapely.box(0, 0, 2, 2), shapely.box(0, 0, 1, 1)]
    >>> roofs = gpd.GeoDataFrame({"id": ["b", "a"]}, geometry=squares, crs=4547)
    >>> shapely.area(valid_footprints(roofs, roofs.crs)[0]).tolist()
    [1.0, 4.0]
    """
    if obstacles is None or len(obstacles) == 0:
        return np.empty(0, object), []
    given = obstacles.geometry.to_crs(crs).to_numpy()[rows_by_id(obstacles)]
    shapes, faults = valid_shapes(given, "obstacles", np.arange(len(obstacles)))
    keep = np.isin(shapely.get_type_id(shapes), (*_AREA, 7)) & ~shapely.is_empty(shapes)
    count = len(faults)
    note = sentence(f"{count} 个建筑图形无效，已修复", f"{count} obstacles had invalid shapes and were repaired")
    return shapes[keep], [note] if faults else []


def _all_zone_polygons(
    zones: gpd.GeoDataFrame | Mapping[str, gpd.GeoDataFrame] | None, views: Views | None, crs: pyproj.CRS
) -> tuple[np.ndarray, list[str]]:
    """Return the polygons whose union is the zone ``all`` (rule D4)."""
    layers = sort_zone_layers(zones, crs)
    notes = [*layers.notes]
    if layers.all_zone_layer:
        shapes = layers.shapes[layers.all_zone_layer][rows_by_id(layers.frames[layers.all_zone_layer], "code")]
        return shapes[~shapely.is_missing(shapes)], notes
    if views is None:
        raise BadValue("没有区域，也没有摄像机视域", "there are neither zones nor views to take the whole of")
    return camera_discs(views), notes


def camera_discs(views: Views) -> np.ndarray:
    """Return the discs of the ground ranges of the online cameras at the lowest level of the edition (rules R3, D4).

    All levels of one run have the same discs, so that their shares are of one domain.

    Examples
    --------
    A lens 4 m above the target with 5 m of slant has a ground range of 3 m:

    >>> import geopandas as gpd, shapely
    >>> from geo import views
    >>> camera = {"height": [5.6], "max_range": [5.0], "hfov": [20.0]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547))
    >>> [round(value - 500_000, 6) for value in camera_discs(seen)[0].bounds[::2]]
    [-3.0, 3.0]
    """
    scene = views.scene
    online = np.flatnonzero(np.asarray(scene.online))
    radii = np.asarray(scene.ground_range_m(lowest_level(views.edition)), float)[online]
    centres = shapely.points(np.asarray(scene.x)[online], np.asarray(scene.y)[online])
    out = np.empty(len(online), object)
    for i, radius in enumerate(radii):
        out[i] = (
            shapely.buffer(centres[i], radius, quad_segs=quadrant_segments(radius)) if radius > 0 else shapely.Polygon()
        )
    return out


def outside_footprints(
    domain_shapes: np.ndarray, weight: np.ndarray | None, footprints: np.ndarray, workers: int | None
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the polygons outside the footprints: disjoint shapes, weight per m2 of each, and the weight left out.

    Rule D3: where polygons overlap, their weights add up; without weights all of them weigh 1 per m2.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> yard, roof = np.array([shapely.box(0, 0, 4, 4)]), np.array([shapely.box(0, 0, 1, 4)])
    >>> shapes, weight, left_out = outside_footprints(yard, None, roof, 1)
    >>> shapely.area(shapes).tolist(), weight.tolist(), left_out
    ([12.0], [1.0], 4.0)
    """
    if len(footprints):
        near = np.unique(shapely.STRtree(domain_shapes).query(footprints)[0])
        footprints = footprints[near]
    faces = tiling.overlay(
        tiling.polygon_rings(domain_shapes, footprints),
        within=slice(0, len(domain_shapes)),
        workers=workers,
        what="domain",
    )
    face, polygon = faces.covers()
    area = faces.areas()
    inside = polygon < len(domain_shapes)
    covered = np.bincount(face[inside], minlength=len(area)) > 0
    density = covered.astype(float)
    if weight is not None:
        density = np.bincount(face[inside], weight[polygon[inside]], len(area))
    under_roof = np.bincount(face[~inside], minlength=len(area)) > 0
    values, kind = np.unique(density, return_inverse=True)
    dissolved = faces.dissolve(np.where(covered & ~under_roof, kind, -1), join=False)
    left_out = math.fsum(area[covered & under_roof] * density[covered & under_roof])
    return dissolved.shapes, values[dissolved.kind], left_out


def _demand(
    demand: gpd.GeoDataFrame | None, footprints: np.ndarray, crs: pyproj.CRS, notes: list[str], workers: int | None
) -> Domain:
    """Prepare demand of one geometry kind (rule D3)."""
    if demand is None:
        raise BadValue("范围 demand 没有数据", "the domain demand has no data")
    order = rows_by_id(demand)
    shapes = demand.geometry.to_crs(crs).to_numpy()[order]
    weight = _weights(demand)[order]
    exists = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes, weight = shapes[exists], weight[exists]
    kinds = shapely.get_type_id(shapes)
    measure: Measure
    if np.isin(kinds, _AREA).all():
        shapes, faults = valid_shapes(shapes, "demand", order[exists])
        notes = notes + [fault.reason for fault in faults]
        outside, density, left_out = outside_footprints(shapes, weight, footprints, workers)
        measure = "m2"
    elif np.isin(kinds, _LINE).all():
        outside, density, left_out = lines_outside(shapes, weight, footprints)
        measure = "m"
    elif np.isin(kinds, _POINT).all():
        outside, density, left_out = _points_outside(shapes, weight, footprints)
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


def lines_outside(
    shapes: np.ndarray, weight: np.ndarray, footprints: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the lines outside the footprints: single lines, weight per metre of each, and the weight left out.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> lines, roof = np.array([shapely.LineString([(0, 0), (9, 0)])]), np.array([shapely.box(3, -1, 5, 1)])
    >>> rest, weight, left_out = lines_outside(lines, np.array([2.0]), roof)
    >>> shapely.length(rest).tolist(), weight.tolist(), left_out
    ([3.0, 4.0], [2.0, 2.0], 4.0)
    """
    parts, row = shapely.get_parts(shapes, return_index=True)
    ring = shapely.get_type_id(parts) == shapely.GeometryType.LINEARRING
    parts[ring] = shapely.linestrings([shapely.get_coordinates(part) for part in parts[ring]]) if ring.any() else []
    rest = parts.copy()
    line, footprint = (
        shapely.STRtree(footprints).query(parts, predicate="intersects") if len(footprints) else np.empty((2, 0), int)
    )
    for i in np.unique(line):
        rest[i] = shapely.difference(parts[i], shapely.union_all(footprints[footprint[line == i]]))
    weight = weight[row]
    left_out = math.fsum((shapely.length(parts) - shapely.length(rest)) * weight) if len(line) else 0.0
    rest, index = shapely.get_parts(shapely.line_merge(rest), return_index=True)
    keep = shapely.length(rest) > 0
    return rest[keep], weight[index][keep], left_out


def _points_outside(
    shapes: np.ndarray, weight: np.ndarray, footprints: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    parts, row = shapely.get_parts(shapes, return_index=True)
    weight = weight[row]
    inside = np.zeros(len(parts), bool)
    if len(footprints):
        inside[shapely.STRtree(footprints).query(parts, predicate="within")[0]] = True
    return parts[~inside], weight[~inside], math.fsum(weight[inside])
