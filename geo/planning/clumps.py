"""Divide ground without barriers between its buildings: lines midway between clumps of them (rule V2)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.groups import groups

#: Outlines are sampled so densely (m), and footprints as near as this (m) are one building (rule B1).
_STEP_M, _TOUCHING_M = 3.0, 0.10


def clump_lines(face: shapely.Polygon, buildings: np.ndarray, weight: np.ndarray, most: float) -> np.ndarray:
    """Return lines that divide a face between clumps of its buildings, each clump of at most so much weight.

    A line lies midway between the outlines of the nearest buildings on both sides (a Voronoi diagram of outlines), so
    it cuts none.

    Parameters
    ----------
    face
        Metres in a projected CRS.
    buildings, weight
        Points or polygons in the face, and what each weighs (households).
    most
        A lone building may weigh more.

    Examples
    --------
    Four houses in a row, two a clump: one line midway between the second and the third.

    >>> houses = shapely.box([10, 30, 60, 80], 10, [20, 40, 70, 90], 20)
    >>> lines = clump_lines(shapely.box(0, 0, 100, 30), houses, np.ones(4), 2.0)
    >>> [round(x) for x in shapely.bounds(shapely.union_all(lines))]
    [50, 0, 50, 30]
    """
    clump = _clumps(buildings, weight, most)
    if clump.max(initial=0) == 0:
        return np.empty(0, object)
    xy, of = shapely.get_coordinates(_sampled(buildings), return_index=True)
    xy, first = np.unique(xy, axis=0, return_index=True)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), extend_to=face, ordered=True))
    own = clump[of[first]]
    areas = [_union(cells[own == one]) for one in range(int(clump.max()) + 1)]
    lines = shapely.intersection(shapely.boundary(np.array(areas, object)), face)
    parts = shapely.get_parts(lines)
    return parts[(shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)]


def lattice_lines(face: shapely.Polygon, parts: int) -> np.ndarray:
    """Return lines of a lattice, nearly square, that divide the box of a face into about so many parts of equal area.

    Examples
    --------
    >>> lines = lattice_lines(shapely.box(0, 0, 200, 100), 2)
    >>> shapely.get_coordinates(lines).tolist()
    [[100.0, 0.0], [100.0, 100.0]]
    """
    if parts < 2:
        return np.empty(0, object)
    west, south, east, north = face.bounds
    side = float(np.sqrt(face.area / parts))
    columns, rows = max(1, round((east - west) / side)), max(1, round((north - south) / side))
    x = np.linspace(west, east, columns + 1)[1:-1]
    y = np.linspace(south, north, rows + 1)[1:-1]
    upright = [shapely.LineString([(one, south), (one, north)]) for one in x.tolist()]
    level = [shapely.LineString([(west, one), (east, one)]) for one in y.tolist()]
    lines = shapely.get_parts(shapely.intersection(np.array([*upright, *level], object), face))
    return lines[shapely.get_dimensions(lines) == 1]


def _union(cells: np.ndarray) -> shapely.Geometry:
    """Return the union of cells; those of GEOS are not always noded alike, which the quick way refuses."""
    try:
        return shapely.coverage_union_all(cells)
    except shapely.GEOSException:
        return shapely.union_all(cells)


def _sampled(buildings: np.ndarray) -> np.ndarray:
    is_area = shapely.get_dimensions(buildings) == 2
    out = buildings.copy()
    out[is_area] = shapely.segmentize(shapely.boundary(buildings[is_area]), _STEP_M)
    return out


def _clumps(buildings: np.ndarray, weight: np.ndarray, most: float) -> np.ndarray:
    """Return the clump of each building: halves by the longer side, until each weighs at most so much."""
    one, other = shapely.STRtree(buildings).query(buildings, predicate="dwithin", distance=_TOUCHING_M)
    block = groups(len(buildings), one, other)
    load = np.bincount(block, weight)
    middle = shapely.get_coordinates(shapely.centroid(buildings))
    xy = np.column_stack([np.bincount(block, middle[:, k]) / np.bincount(block) for k in range(2)])
    clump, waiting, done = np.zeros(len(load), np.int64), [np.arange(len(load))], 0
    while waiting:
        part = waiting.pop()
        if len(part) < 2 or load[part].sum() <= most:
            clump[part] = done
            done += 1
            continue
        axis = int(np.argmax(np.ptp(xy[part], axis=0)))
        part = part[np.lexsort((xy[part, 1 - axis], xy[part, axis]))]
        before = np.cumsum(load[part]) - load[part] / 2
        cut = min(max(1, int(np.searchsorted(before, load[part].sum() / 2))), len(part) - 1)
        waiting += [part[cut:], part[:cut]]
    return clump[block]
