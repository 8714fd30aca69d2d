"""Read the geometries of a filter, checked before any geometry library is called."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
import shapely.geometry

from geo.errors import BadValue

#: Vertices of all geometries of one filter.
MAX_VERTICES = 10_000
#: The property that names the geometry of a feature.
GEOMETRY = "geometry"
#: Spatial predicate -> the same with its operands exchanged.
SPATIAL = {
    "s_intersects": "s_intersects", "s_disjoint": "s_disjoint", "s_equals": "s_equals", "s_touches": "s_touches",
    "s_crosses": "s_crosses", "s_overlaps": "s_overlaps", "s_within": "s_contains", "s_contains": "s_within",
}  # fmt: skip
#: Depth that is visited here; the compiler has its own, smaller limit.
_MAX_DEPTH = 100
#: A tenth of a millimetre, in degrees.
_BOX_MARGIN_DEG = 1e-9
#: Type of a literal geometry -> depth of its coordinates.
_NESTING = {"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4}


def box_of(tree: Mapping[str, Any]) -> tuple[float, float, float, float] | None:
    """Return a box (degrees) that contains every row of this filter, for the index; None where there is none.

    The tree has passed ``compile_where``. Only geometries that every row must intersect are used.
    """
    parts = tree["args"] if tree.get("op") == "and" else [tree]
    boxes = []
    for part in parts:
        if isinstance(part, Mapping) and part.get("op") in SPATIAL and part["op"] != "s_disjoint":
            literal = next(one for one in part["args"] if not is_property(one))
            boxes.append(shape_of(literal)[0].bounds)
    if not boxes:
        return None
    sides = np.array(boxes)
    west, south = (float(one) for one in sides[:, :2].max(axis=0))
    east, north = (float(one) for one in sides[:, 2:].min(axis=0))
    if west > east or south > north:
        return None
    # Widen the box slightly: a degenerate box is an invalid polygon and would miss lines through it.
    return (west - _BOX_MARGIN_DEG, south - _BOX_MARGIN_DEG, east + _BOX_MARGIN_DEG, north + _BOX_MARGIN_DEG)


def transform_shapes(tree: Any, to_wgs84: Callable[[np.ndarray], np.ndarray], *, depth: int = 1) -> Any:
    """Return a filter with its geometries transformed to WGS-84 degrees.

    Parameters
    ----------
    tree
        A tree for ``compile_where``, with geometries in another CRS.
    to_wgs84
        Converts coordinates (n, 2) of that CRS to longitude and latitude.
    """
    if depth > _MAX_DEPTH or not isinstance(tree, Mapping) or not is_list(tree.get("args")):
        return tree  # compile_where reports the error

    def checked(points: np.ndarray) -> np.ndarray:
        transformed = to_wgs84(points)
        if not np.isfinite(transformed).all():  # checked before GEOS: a ring of NaN is not closed
            raise BadValue("图形不在坐标系的范围内", "the shape lies outside its CRS")
        return transformed

    if tree.get("op") not in SPATIAL:
        return {**tree, "args": [transform_shapes(one, to_wgs84, depth=depth + 1) for one in tree["args"]]}
    args = []
    for one in tree["args"][:3]:
        if is_property(one) or not isinstance(one, Mapping):
            args.append(one)
            continue
        transformed = shapely.transform(shape_of(one)[0], checked)
        args.append(shapely.geometry.mapping(transformed))
    return {**tree, "args": args}


def shape_of(node: Any) -> tuple[Any, int]:
    """Return the geometry of a literal, in its own coordinates, and its number of vertices.

    Parameters
    ----------
    node
        ``{"bbox": [west, south, east, north]}``, heights ignored, or a GeoJSON geometry.

    Raises
    ------
    BadValue
        It is neither, has a wrong depth, contains a value that is not a finite number, has too many vertices, is empty
        or self-intersecting: versions of GEOS disagree about such geometries.
    """
    bad = BadValue("图形无法使用", "the shape cannot be used")
    if not isinstance(node, Mapping):
        raise bad
    if set(node) == {"bbox"}:
        return _box(node["bbox"], bad), 4
    kind = node.get("type")
    if not isinstance(kind, str) or kind not in _NESTING or not is_list(node.get("coordinates")):
        raise bad
    count = _vertices(node["coordinates"], _NESTING[kind], bad)
    check_count(count)
    try:
        shape = shapely.force_2d(shapely.geometry.shape({"type": kind, "coordinates": node["coordinates"]}))
    except (ValueError, TypeError, IndexError, shapely.errors.ShapelyError):
        raise bad from None
    if shape.is_empty or not shapely.is_valid(shape):
        raise BadValue("图形为空或自相交", "the shape is empty or crosses itself")
    return shape, count


def _box(sides: Any, bad: BadValue) -> Any:
    """Return the geometry of a box; west > east crosses the antimeridian (RFC 7946, 5.2)."""
    if not is_list(sides) or len(sides) not in (4, 6) or not all(map(is_number, sides)):
        raise bad
    west, south, east, north = (float(one) for one in (sides if len(sides) == 4 else [sides[k] for k in (0, 1, 3, 4)]))
    if south > north:
        raise bad
    if west > east:
        if west > 180.0 or east < -180.0:
            raise bad
        return shapely.union_all([_rectangle(west, south, 180.0, north), _rectangle(-180.0, south, east, north)])
    return _rectangle(west, south, east, north)


def _rectangle(west: float, south: float, east: float, north: float) -> Any:
    """Return a box as a geometry: a line or point where it has no width, since a polygon needs an area."""
    corners = [(west, south), (east, north)]
    if west == east and south == north:
        return shapely.Point(west, south)
    return shapely.LineString(corners) if west == east or south == north else shapely.box(west, south, east, north)


def _vertices(node: Any, depth: int, bad: BadValue) -> int:
    """Return the number of positions in nested lists; raise where they are not ``depth`` deep with numbers inside."""
    if not is_list(node) or not node:
        raise bad
    if depth == 1:
        if not 2 <= len(node) <= 3 or not all(map(is_number, node)):
            raise bad
        return 1
    return sum(_vertices(one, depth - 1, bad) for one in node)


def check_count(vertices: int) -> None:
    """Raise BadValue where the geometries of a filter have too many vertices in total."""
    if vertices > MAX_VERTICES:
        raise BadValue(f"过滤条件超过 {MAX_VERTICES} 个顶点", f"the filter has more than {MAX_VERTICES} vertices")


def is_property(node: Any) -> bool:
    """Return whether a node is ``{"property": name}``."""
    return isinstance(node, Mapping) and set(node) == {"property"}


def is_geometry(node: Any) -> bool:
    """Return whether a node names the geometry of the feature."""
    return is_property(node) and node["property"] == GEOMETRY


def is_list(node: Any) -> bool:
    """Return whether a node is a list, not a text."""
    return isinstance(node, Sequence) and not isinstance(node, str | bytes)


def is_number(node: Any) -> bool:
    """Return whether a node is a finite number."""
    try:
        return isinstance(node, int | float) and not isinstance(node, bool) and math.isfinite(node)
    except OverflowError:  # a whole number beyond any float
        return False
