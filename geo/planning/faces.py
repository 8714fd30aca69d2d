"""Cut units into faces that cover them once: between their borders, barriers and lines of division (rules V1 and V2).

All lines are noded together on a grid of 1 mm and polygonised, so that neighbouring faces have the same vertices along
their border, bit for bit, and unions of faces have no gap and no overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.zones import owning_shapes

#: Coordinates are multiples of it (m).
PRECISION_M = 0.001
#: A line that runs through a footprint for less than this (m) touches it.
_TOUCHES_M = 0.05
_NEAR_M = 3 * PRECISION_M


@dataclass(frozen=True)
class Faces:
    """Hold the faces of units and what lies between them.

    Attributes
    ----------
    shape
        Polygons (n,), metres.
    unit
        Place of the unit of each.
    ends
        Pairs of faces of one unit that share a border (m, 2), the lower first.
    border, barrier
        Of each pair: metres shared; metres of barrier along it, each times its grade.
    rim
        Of each face: metres of border on no other face of its unit.
    """

    shape: np.ndarray
    unit: np.ndarray
    ends: np.ndarray
    border: np.ndarray
    barrier: np.ndarray
    rim: np.ndarray


def cut_faces(units: np.ndarray, lines: np.ndarray, grade: np.ndarray, footprints: np.ndarray) -> Faces:
    """Return the faces of units between lines; a line that meets a footprint goes round it.

    Parameters
    ----------
    units
        Polygons that do not overlap, metres in one projected CRS.
    lines, grade
        Barriers and lines of division, and how much a metre of each counts.
    footprints
        Of buildings: none is cut but by the border of a unit.

    Examples
    --------
    A square of 100 m, a road of grade 2 through its middle, and a house of 10 m on the road:

    >>> road, house = shapely.LineString([(50, -10), (50, 110)]), shapely.box(45, 45, 55, 55)
    >>> found = cut_faces(np.array([shapely.box(0, 0, 100, 100)]), np.array([road]), np.array([2.0]), np.array([house]))
    >>> sorted(shapely.area(found.shape).tolist()), found.barrier.tolist()
    ([4950.0, 5050.0], [180.0])
    """
    units = shapely.set_precision(units, PRECISION_M)
    lines, grade = _within(lines, grade, units)
    detours, blocking = _round_footprints(lines, footprints)
    edges = np.concatenate([shapely.boundary(units), detours, shapely.get_exterior_ring(blocking)])
    noded = shapely.union_all(edges, grid_size=PRECISION_M)
    shape = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    unit = owning_shapes(units, gpd.GeoSeries(shapely.point_on_surface(shape)))
    shape, unit = _in_order(shape[unit >= 0], unit[unit >= 0])
    found = _neighbours(shape, unit, lines, grade)
    return _joined_in_footprints(found, blocking, lines, grade)


def _within(lines: np.ndarray, grade: np.ndarray, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines that enter a unit; what lies beyond all of them makes no face there."""
    if not len(lines):
        return np.empty(0, object), np.empty(0)
    near = np.unique(shapely.STRtree(units).query(lines, predicate="intersects")[0])
    return lines[near], grade[near]


def _round_footprints(lines: np.ndarray, footprints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines without what lies in footprints, and the footprints that they ran through."""
    if not len(lines) or not len(footprints):
        return lines, np.empty(0, object)
    line, house = shapely.STRtree(footprints).query(lines, predicate="intersects")
    through = shapely.length(shapely.intersection(lines[line], footprints[house])) > _TOUCHES_M
    line, house = line[through], house[through]
    out = lines.copy()
    for one in np.unique(line).tolist():
        out[one] = shapely.difference(lines[one], shapely.union_all(footprints[house[line == one]]))
    # Footprints that touch are gone round as one.
    joined = shapely.get_parts(shapely.union_all(footprints[np.unique(house)], grid_size=PRECISION_M))
    return out, joined[shapely.get_dimensions(joined) == 2]


def _in_order(shape: np.ndarray, unit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return faces by unit, then by their south-western corner: whatever the order of the noding."""
    shape = shapely.normalize(shape)
    box = shapely.bounds(shape)
    order = np.lexsort((shapely.area(shape), box[:, 1], box[:, 0], unit))
    return shape[order], unit[order]


def _segments(shape: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the straight pieces of all borders (k, 4), each end with the lower coordinates first, and their faces."""
    rings, face = shapely.get_rings(shape, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    ends = np.concatenate([xy[:-1], xy[1:]], axis=1)[same]
    turned = (ends[:, 0] > ends[:, 2]) | ((ends[:, 0] == ends[:, 2]) & (ends[:, 1] > ends[:, 3]))
    ends[turned] = ends[turned][:, [2, 3, 0, 1]]
    return ends, face[ring[1:][same]]


def _neighbours(shape: np.ndarray, unit: np.ndarray, lines: np.ndarray, grade: np.ndarray) -> Faces:
    """Return faces with what they share: a piece of border that two faces have is between them."""
    ends, face = _segments(shape)
    key = np.round(ends / PRECISION_M).astype(np.int64)
    piece, first, inverse = np.unique(key, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    begin = np.searchsorted(inverse[order], np.arange(len(piece)))
    count = np.diff(np.append(begin, len(order)))
    is_pair = count == 2
    a, b = face[order[begin[is_pair]]], face[order[begin[is_pair] + 1]]
    length = np.hypot(ends[first, 2] - ends[first, 0], ends[first, 3] - ends[first, 1])
    counts_in = unit[a] == unit[b]
    inner = np.flatnonzero(is_pair)[counts_in]
    a, b = np.minimum(a, b)[counts_in], np.maximum(a, b)[counts_in]
    real = a != b
    inner, a, b = inner[real], a[real], b[real]
    cost = length[inner] * _graded(ends[first[inner]], lines, grade)
    pairs, which = np.unique(np.column_stack([a, b]).reshape(-1, 2), axis=0, return_inverse=True)
    border = np.bincount(which, length[inner], len(pairs))
    barrier = np.bincount(which, cost, len(pairs))
    shared = np.bincount(pairs.ravel(), np.repeat(border, 2), len(shape)) if len(pairs) else np.zeros(len(shape))
    rim = np.maximum(0.0, shapely.length(shape) - shared)
    return Faces(shape, unit, pairs, border, barrier, rim)


def _graded(pieces: np.ndarray, lines: np.ndarray, grade: np.ndarray) -> np.ndarray:
    """Return the highest grade of the lines along which each piece (k, 4) runs, 0 where it runs along none."""
    out = np.zeros(len(pieces))
    if not len(lines) or not len(pieces):
        return out
    middle = shapely.points((pieces[:, :2] + pieces[:, 2:]) / 2)
    piece, line = shapely.STRtree(lines).query(middle, predicate="dwithin", distance=_NEAR_M)
    np.maximum.at(out, piece, grade[line])
    return out


def _joined_in_footprints(found: Faces, blocking: np.ndarray, lines: np.ndarray, grade: np.ndarray) -> Faces:
    """Give each footprint that was gone round to the neighbour with which it shares the longest border."""
    if not len(blocking):
        return found
    inside = owning_shapes(blocking, gpd.GeoSeries(shapely.point_on_surface(found.shape)))
    target = np.arange(len(found.shape))
    for one in np.flatnonzero(inside >= 0).tolist():
        touching = (found.ends == one).any(axis=1)
        others = found.ends[touching].sum(axis=1) - one
        free = inside[others] < 0
        if free.any():
            target[one] = others[free][np.argmax(found.border[touching][free])]
    if (target == np.arange(len(target))).all():
        return found
    groups = [np.flatnonzero(target == k) for k in np.unique(target)]
    shape = np.array([joined(found.shape[one]) for one in groups], object)
    shape, unit = _in_order(shape, np.array([found.unit[one[0]] for one in groups]))
    return _neighbours(shape, unit, lines, grade)


def joined(shapes: np.ndarray) -> shapely.Geometry:
    """Return the union of faces, with every vertex of their outer border as it was."""
    return shapes[0] if len(shapes) == 1 else shapely.coverage_union_all(shapes)


def reading_order(shapes: np.ndarray, order: str = "west-north") -> np.ndarray:
    """Return the order in which shapes are numbered on a map: by default from west to east, then north to south (V5).

    Parameters
    ----------
    order
        ``west-north``, or ``north-west`` for north to south, then west to east.
    """
    middle = shapely.get_coordinates(shapely.point_on_surface(shapes))
    east, south = middle[:, 0], -middle[:, 1]
    return np.lexsort((south, east) if order == "west-north" else (east, south))
