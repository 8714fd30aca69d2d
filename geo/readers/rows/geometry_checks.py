"""Validate geometries and transform them to WGS-84: types, validity, CRS bounds, swapped axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyproj
import shapely

from geo import bounds, mixed_shapes
from geo import crs as crs_module
from geo.catalog.layers import Layer
from geo.crs_cgcs2000 import cgcs2000_zone_of_eastings
from geo.errors import BadGeometry
from geo.readers.rows.without_shapes import WITHOUT_SHAPE
from geo.readers.source import Fault, SourceTable
from geo.sentences import sentence

#: Reason in the rejects file for a point whose axes are swapped.
SWAPPED = "经纬度或坐标轴颠倒 / axes are exchanged"
OUTSIDE = "坐标超出坐标系范围 / outside the bounds of the CRS"
NOWHERE = "坐标是 0,0，不是地点 / 0,0 is no place"
_METRES_AS_DEGREES = (
    "坐标是米而坐标系是度：应指明投影坐标系（东坐标带带号的写 cgcs2000，其余写 EPSG 编号）"
    " / metres where the CRS has degrees: name a projected one (cgcs2000 where eastings begin with the zone, "
    "else EPSG:n)"
)
_REPAIRED = "自相接的面已修复，形状不变 / touching rings repaired, shape unchanged"
_AXES_SWAPPED = "x 列是北坐标、y 列是东坐标（测绘习惯），已按此读取 / x read as northing and y as easting, survey usage"

_SINGLE = {0: "point", 1: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon"}
#: Kinds of shape by their numbers in GEOS that not every layer with points takes.
_MANY_POINTS, _COLLECTION = 4, 7
_WORDS = {"point": ("点", "point"), "line": ("线", "line"), "polygon": ("面", "polygon")}

# A projection is usable somewhat beyond its area of use: up to half a zone is accepted.
_AREA_MARGIN_DEG = 3.0
# Swapped axes are detected by the rest of the file only where that is compact and the swap moves the point far.
#: Degrees (and for metres as much less) beyond which a shape with a vertex at 0,0 is not round that place.
_FAR_FROM_ORIGIN = 20.0
_CLUSTER_DEG, _FAR_DEG, _MIN_CLUSTER_SHARE = 2.0, 5.0, 2 / 3


def checked_geometries(source: SourceTable, layer: Layer) -> np.ndarray:
    """Return the geometries in two dimensions and of the types of the layer, None where faulty or allowed to be absent.

    Faults go to the source, and how many rows of a layer that may lack shapes have none.
    """
    shapes = source.shapes
    given = shapely.is_geometry(shapes) & ~_faulty(source)
    if layer.may_lack_shape and (absent := int((~given & ~_faulty(source)).sum())):
        source.notes[WITHOUT_SHAPE] += absent
    shapes = _only_where(shapes, given)
    for row in np.flatnonzero(~given) if layer.needs_shape else ():
        source.faults.setdefault(int(row), Fault("geometry", "没有形状 / missing geometry"))
    shapes = _unwrapped(shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes)
    empty = given & shapely.is_empty(shapes)
    _fault(source, empty, "形状为空 / empty geometry")
    if layer.is_mixed:
        shapes = mixed_shapes.flat_mixtures(shapes)
    numbers = shapely.get_type_id(shapes)
    kinds = np.array([_SINGLE.get(number, "") for number in numbers], dtype=object)
    allowed = np.isin(kinds, layer.shapes) & ((numbers != _MANY_POINTS) | ("line" in layer.shapes))
    if layer.is_mixed:
        allowed |= numbers == _COLLECTION
    wrong = given & ~empty & ~allowed
    names = "/".join(_WORDS[shape][0] for shape in layer.shapes), "/".join(_WORDS[shape][1] for shape in layer.shapes)
    for row in np.flatnonzero(wrong):
        kind = str(shapes[row].geom_type)
        reason = sentence(f"形状类型不符，应为{names[0]}", f"wrong kind of geometry, {names[1]} wanted")
        source.faults.setdefault(int(row), Fault("geometry", reason, kind))
    _fault(source, _non_finite(shapes), "坐标不是有限数 / coordinates are not finite")
    shapes = _only_where(shapes, ~_faulty(source))
    return _valid(source, shapes)


def _only_where(shapes: np.ndarray, mask: np.ndarray) -> np.ndarray:
    out = shapes.copy()
    out[~mask] = None
    return out


def _faulty(source: SourceTable) -> np.ndarray:
    mask = np.zeros(len(source), dtype=bool)
    mask[list(source.faults)] = True
    return mask


def _fault(source: SourceTable, mask: np.ndarray, reason: str, values: Any = None) -> None:
    for row in np.flatnonzero(mask):
        shown = "" if values is None else str(values[row])
        source.faults.setdefault(int(row), Fault("geometry", reason, shown))


def _unwrapped(shapes: np.ndarray) -> np.ndarray:
    # Some writers make every geometry a multi geometry or a collection: one part is unwrapped.
    alone = (shapely.get_type_id(shapes) >= 4) & (shapely.get_num_geometries(shapes) == 1)
    if alone.any():
        shapes = shapes.copy()
        shapes[alone] = shapely.get_geometry(shapes[alone], 0)
    return shapes


def _non_finite(shapes: np.ndarray) -> np.ndarray:
    coordinates, rows = shapely.get_coordinates(shapes, return_index=True)
    bad = np.zeros(len(shapes), dtype=bool)
    bad[rows[~np.isfinite(coordinates).all(axis=1)]] = True
    return bad


def _valid(source: SourceTable, shapes: np.ndarray) -> np.ndarray:
    shapes = _without_excessive_crossings(source, shapes)
    invalid = shapely.is_geometry(shapes) & ~shapely.is_valid(shapes)
    if not invalid.any():
        return shapes
    shapes = shapes.copy()
    repaired = 0
    for row in np.flatnonzero(invalid):
        fixed = _repaired(shapes[row])
        if fixed is None:
            reason = sentence("形状无效", f"invalid geometry: {shapely.is_valid_reason(shapes[row])}")
            source.faults.setdefault(int(row), Fault("geometry", reason, shapely.to_wkt(shapes[row])[:200]))
        else:
            repaired += 1
        shapes[row] = fixed
    if repaired:
        source.notes[_REPAIRED] += repaired
    return shapes


def _without_excessive_crossings(source: SourceTable, shapes: np.ndarray) -> np.ndarray:
    """Return the geometries without those whose validity check would take GEOS hours."""
    shapes = shapes.copy()
    for row in np.flatnonzero(shapely.get_num_coordinates(shapes) > bounds.MAX_UNCHECKED_VERTICES):
        try:
            bounds.check_segment_crossings(shapes[row])
        except BadGeometry as error:
            source.faults.setdefault(int(row), Fault("geometry", sentence(error.zh, error.en)))
            shapes[row] = None
    return shapes


def _repaired(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return a valid geometry of the same region, as for a ring that touches itself; None where it is ambiguous."""
    if shape.geom_type == "GeometryCollection":
        parts = [part if part.is_valid else _repaired(part) for part in shapely.get_parts(shape)]
        return None if any(part is None for part in parts) else shapely.GeometryCollection(parts)
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    try:
        bounds.check_segment_crossings(shape, unchecked_vertices=200)
    except BadGeometry:
        return None
    fixed = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if fixed.is_empty or fixed.geom_type not in ("Polygon", "MultiPolygon"):
        return None
    # The signed area of crossing rings changes by the repair; that of touching rings does not.
    return fixed if abs(fixed.area - shape.area) <= 1e-9 * max(shape.area, fixed.area) else None


# --- coordinates -----------------------------------------------------------------------------------------------------


def swap_survey_axes(source: SourceTable, shapes: np.ndarray, crs: str | pyproj.CRS) -> np.ndarray:
    """Swap x and y of a whole table where only that fits the projected CRS: in Chinese survey tables x is the northing.

    The note on it goes to the source.
    """
    if not source.axes_from_columns or crs_module.shift_name(crs) is not None:
        return shapes
    x, y = _centres(shapes)
    known = np.isfinite(x) & ((x != 0) | (y != 0))
    if not known.any() or np.median(np.abs(x[known])) < 1000:
        return shapes
    if np.median(y[known]) >= 13e6 and np.median(x[known]) < 1e7:
        swap = True  # y has the zone prefix
    else:
        system = cgcs2000_zone_of_eastings(x[known], crs) or crs_module.parse_crs(crs)
        swap = system.is_projected and bool(
            _fits(x[known], y[known], system).mean() < 0.1 and _fits(y[known], x[known], system).mean() > 0.9
        )
    if swap:
        source.notes[_AXES_SWAPPED] += len(shapes)
        shapes = shapely.transform(shapes, lambda points: points[:, ::-1])
    return shapes


def to_wgs84_checked(source: SourceTable, shapes: np.ndarray, crs: str | pyproj.CRS) -> np.ndarray:
    """Return the geometries in WGS-84 degrees, None where a coordinate is outside the CRS; faults go to the source.

    The point (0, 0) is no place in any CRS: it is what a form holds that nobody filled in.
    """
    x, y = _centres(shapes)
    present = np.isfinite(x)
    null_island = present & (x == 0) & (y == 0) & (shapely.get_type_id(shapes) == 0)
    null_island |= present & _reaches_origin(shapes)
    _fault_positions(source, shapes, null_island, NOWHERE)
    present &= ~null_island
    outside = present & ~_inside_crs(shapes, crs)
    swapped = _swapped_axes(x, y, present, outside, crs)
    _fault_positions(source, shapes, swapped, SWAPPED)
    geographic = _is_geographic(crs)
    metric = outside & ~swapped & geographic & (np.maximum(np.abs(x), np.abs(y)) > 1000)
    _fault_positions(source, shapes, metric, _METRES_AS_DEGREES)
    _fault_positions(source, shapes, outside & ~swapped & ~metric, OUTSIDE)
    good = _only_where(shapes, present & ~outside & ~swapped)
    return good if crs_module.is_storage(crs) else _to_degrees(good, crs)


def _reaches_origin(shapes: np.ndarray) -> np.ndarray:
    """Return where a line or area has a vertex at exactly 0,0 while others are far from it: a cell nobody filled in."""
    out = np.zeros(len(shapes), dtype=bool)
    many = np.flatnonzero(shapely.get_num_coordinates(shapes) > 1)
    points, rows = shapely.get_coordinates(shapes[many], return_index=True)
    at_origin = (points == 0).all(axis=1)
    if at_origin.any():
        hit = np.unique(rows[at_origin])
        reach = np.abs(shapely.bounds(shapes[many[hit]])).max(axis=1)
        out[many[hit[reach > _FAR_FROM_ORIGIN]]] = True
    return out


def _to_degrees(shapes: np.ndarray, crs: str | pyproj.CRS) -> np.ndarray:
    def to_degrees(points: np.ndarray) -> np.ndarray:
        return np.column_stack(crs_module.to_wgs84(points[:, 0], points[:, 1], crs))

    present = shapely.is_geometry(shapes)
    if not (shapely.get_type_id(shapes[present]) == 0).all():
        return shapely.transform(shapes, to_degrees)
    # Creating a million points is faster than transforming them.
    transformed = np.full(len(shapes), None, dtype=object)
    transformed[present] = shapely.points(to_degrees(shapely.get_coordinates(shapes)))
    return transformed


def _centres(shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    boxes = shapely.bounds(shapes)
    # Halves first: the sum of two coordinates of 1e308 is infinite, and an infinite centre is taken for none.
    return boxes[:, 0] / 2 + boxes[:, 2] / 2, boxes[:, 1] / 2 + boxes[:, 3] / 2


def _is_geographic(crs: str | pyproj.CRS) -> bool:
    return crs_module.shift_name(crs) is not None or crs_module.parse_crs(crs).is_geographic


def _inside_crs(shapes: np.ndarray, crs: str | pyproj.CRS) -> np.ndarray:
    boxes = shapely.bounds(shapes)
    if _is_geographic(crs):
        edge = np.array([-180.0, -90.0, 180.0, 90.0])
        return np.asarray((np.abs(boxes) <= np.abs(edge) + 1e-9).all(axis=1))
    system = crs_module.parse_crs(crs)
    return _fits(boxes[:, 0], boxes[:, 1], system) & _fits(boxes[:, 2], boxes[:, 3], system)


def _fits(x: np.ndarray, y: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    """Return where projected coordinates lie in the area of use of the CRS, with a margin."""
    lon, lat = crs_module.to_wgs84(x, y, crs)
    area = crs.area_of_use
    west, south, east, north = area.bounds if area is not None else (-180.0, -90.0, 180.0, 90.0)
    margin = _AREA_MARGIN_DEG
    with np.errstate(invalid="ignore"):
        inside_lat = (lat >= south - margin) & (lat <= north + margin)
        inside_lon = (lon >= west - margin) & (lon <= east + margin)
        if west > east:  # the area crosses the antimeridian
            inside_lon = (lon >= west - margin) | (lon <= east + margin)
        # Far outside its area a projection is not invertible: a round trip through WGS-84 excludes that.
        back_x, back_y = crs_module.from_wgs84(lon, lat, crs)
        return np.asarray(inside_lat & inside_lon & (np.hypot(back_x - x, back_y - y) < 1.0))


def _swapped_axes(
    x: np.ndarray, y: np.ndarray, present: np.ndarray, outside: np.ndarray, crs: str | pyproj.CRS
) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        if not _is_geographic(crs):
            swapped = np.zeros(len(x), dtype=bool)
            swapped[outside] = _fits(y[outside], x[outside], crs_module.parse_crs(crs))
            return swapped
        plain = present & (np.abs(y) > 90) & (np.abs(y) <= 180) & (np.abs(x) <= 90)
        rest = present & ~outside & ~plain
        if np.count_nonzero(rest) < 4:
            return plain
        median_x, median_y = float(np.median(x[rest])), float(np.median(y[rest]))
        near = np.hypot(x - median_x, y - median_y) <= _CLUSTER_DEG
        if (
            np.count_nonzero(near & rest) < _MIN_CLUSTER_SHARE * np.count_nonzero(rest)
            or abs(median_x - median_y) < _FAR_DEG
        ):
            return plain
        mirrored = np.hypot(y - median_x, x - median_y) <= _CLUSTER_DEG
        return plain | (rest & ~near & mirrored)


def _fault_positions(source: SourceTable, shapes: np.ndarray, mask: np.ndarray, reason: str) -> None:
    for row in np.flatnonzero(mask):
        point = shapely.get_coordinates(shapes[row])[0]
        source.faults.setdefault(int(row), Fault("geometry", reason, f"{point[0]:.10g} {point[1]:.10g}"))
