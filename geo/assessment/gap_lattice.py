"""Lay a square lattice over large gaps, and find the point of it that is deepest inside (rule G2)."""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

from geo.parallel import Executor

#: Rule G2: larger gaps than this (m2, m) are tested on a lattice ...
LARGE_M2, LARGE_M = 100.0, 20.0
#: ... of at most so many points and at least this step (m).
MOST_POINTS, LEAST_STEP_M = 400, 2.0
#: Depths that differ by less than this (m) are equal: coordinates are of some hundred kilometres.
_SAME_DEPTH_M = 1e-6
#: Fewer polygons than this per worker do not repay a thread.
_MIN_POLYGONS_PER_WORKER = 64


@njit(cache=True, nogil=True)
def _rows_crossed(low: float, high: float, step: float, rows: int) -> tuple[int, int]:
    """Return the first row of the lattice that an edge may cross, and the end."""
    return max(0, int(np.floor(low / step - 0.5))), min(rows, int(np.ceil(high / step - 0.5)) + 1)


@njit(cache=True, nogil=True)
def _crossings(edges: np.ndarray, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where each row of a lattice crosses the edges, ascending by row, and where the crossings of each begin."""
    rows = int(np.ceil(max(edges[:, 1].max(), edges[:, 3].max()) / step))
    begin = np.zeros(rows + 1, np.int64)
    for k in range(len(edges)):
        y0, y1 = edges[k, 1], edges[k, 3]
        first, end = _rows_crossed(min(y0, y1), max(y0, y1), step, rows)
        for j in range(first, end):
            if (y0 > (j + 0.5) * step) != (y1 > (j + 0.5) * step):
                begin[j + 1] += 1
    for j in range(rows):
        begin[j + 1] += begin[j]
    out, free = np.empty(begin[rows]), begin[:-1].copy()
    for k in range(len(edges)):
        y0, y1 = edges[k, 1], edges[k, 3]
        first, end = _rows_crossed(min(y0, y1), max(y0, y1), step, rows)
        for j in range(first, end):
            y = (j + 0.5) * step
            if (y0 > y) != (y1 > y):
                out[free[j]] = edges[k, 0] + (y - y0) / (y1 - y0) * (edges[k, 2] - edges[k, 0])
                free[j] += 1
    for j in range(rows):
        out[begin[j] : begin[j + 1]] = np.sort(out[begin[j] : begin[j + 1]])
    return out, begin


@njit(cache=True, nogil=True)
def _lattice_of_polygon(edges: np.ndarray, step: float, most: int) -> np.ndarray:
    """Return the points of a lattice of that step inside a polygon, row by row from the south; most + 1 are too many.

    The lattice begins half a step from the west and south of the box of the polygon; ``edges`` are relative to it. A
    line to the east crosses the edges of a polygon alternately into it and out of it.
    """
    crossing, begin = _crossings(edges, step)
    out = np.empty((most + 1, 2))
    n = 0
    for j in range(len(begin) - 1):
        for k in range(begin[j], begin[j + 1] - 1, 2):
            i = max(0, int(np.floor(crossing[k] / step - 0.5)))
            while (i + 0.5) * step < crossing[k + 1]:
                if (i + 0.5) * step > crossing[k]:
                    if n > most:
                        return out
                    out[n, 0], out[n, 1] = (i + 0.5) * step, (j + 0.5) * step
                    n += 1
                i += 1
    return out[:n]


@njit(cache=True, nogil=True)
def _relative_edges(edges: np.ndarray) -> tuple[np.ndarray, float, float]:
    x0 = min(edges[:, 0].min(), edges[:, 2].min())
    y0 = min(edges[:, 1].min(), edges[:, 3].min())
    local = edges.copy()
    for k in range(len(local)):
        local[k, 0] -= x0
        local[k, 1] -= y0
        local[k, 2] -= x0
        local[k, 3] -= y0
    return local, x0, y0


@njit(cache=True, nogil=True)
def _lattices(
    edges: np.ndarray, start: np.ndarray, area: np.ndarray, most: int, least_step: float
) -> tuple[np.ndarray, np.ndarray]:
    points = np.empty((len(area) * most, 2))
    count = np.zeros(len(area), np.int64)
    n = 0
    for p in range(len(area)):
        local, x0, y0 = _relative_edges(edges[start[p] : start[p + 1]])
        step = max(least_step, np.sqrt(area[p] / most))
        inside = _lattice_of_polygon(local, step, most)
        while len(inside) > most:
            step *= 1.01
            inside = _lattice_of_polygon(local, step, most)
        for k in range(len(inside)):
            points[n, 0], points[n, 1] = inside[k, 0] + x0, inside[k, 1] + y0
            n += 1
        count[p] = len(inside)
    return points[:n].copy(), count


@njit(cache=True, nogil=True)
def _deepest(edges: np.ndarray, start: np.ndarray, points: np.ndarray, begin: np.ndarray, same: float) -> np.ndarray:
    """Return for each polygon which of its points is farthest from its border, of equals that of lowest x, then y."""
    out = np.full(len(begin) - 1, -1)
    for p in range(len(begin) - 1):
        local, x0, y0 = _relative_edges(edges[start[p] : start[p + 1]])
        best, killer = 0.0, 0
        depth = np.full(begin[p + 1] - begin[p], -1.0)
        for i in range(len(depth)):
            x, y = points[begin[p] + i, 0] - x0, points[begin[p] + i, 1] - y0
            limit = max(best - same, 0.0) ** 2
            nearest = np.inf
            for turn in range(len(local) + 1):
                # first the edge that was too near to the point before: it mostly is to this one, too
                k = killer if turn == 0 else turn - 1
                ax, ay = local[k, 0], local[k, 1]
                dx, dy = local[k, 2] - ax, local[k, 3] - ay
                length = dx * dx + dy * dy
                t = ((x - ax) * dx + (y - ay) * dy) / length if length > 0 else 0.0
                t = min(1.0, max(0.0, t))
                px, py = x - ax - t * dx, y - ay - t * dy
                squared = px * px + py * py
                if squared < nearest:
                    nearest = squared
                    if nearest < limit:
                        killer = k
                        break
            if nearest >= limit:
                depth[i] = np.sqrt(nearest)
                best = max(best, depth[i])
        for i in range(len(depth)):
            if depth[i] >= best - same:
                old = out[p]
                here = begin[p] + i
                if (
                    old < 0
                    or points[here, 0] < points[old, 0]
                    or (points[here, 0] == points[old, 0] and points[here, 1] < points[old, 1])
                ):
                    out[p] = here
    return out


def polygon_lattices(polygons: np.ndarray, *, workers: int | None = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the lattice points inside each polygon, and how many each has; none where it is too thin for any.

    Parameters
    ----------
    polygons
        Polygons, none empty, in a metric CRS.
    workers
        Threads; None takes one per core. Each polygon is computed by itself, so results are the same for any number.

    Examples
    --------
    A square of 8 m has 4 by 4 points of a step of 2 m; a field of 1 km has 400 points of 50 m:

    >>> points, count = polygon_lattices(np.array([shapely.box(0, 0, 8, 8), shapely.box(0, 0, 1000, 1000)]))
    >>> count.tolist(), points[:2].tolist(), points[16:18].tolist()
    ([16, 400], [[1.0, 1.0], [3.0, 1.0]], [[25.0, 25.0], [75.0, 25.0]])
    """
    if len(polygons) == 0:
        return np.empty((0, 2)), np.empty(0, np.int64)
    edges, start = _edges_of(polygons)
    area = shapely.area(polygons)
    executor = Executor.of(workers, items=len(polygons) // _MIN_POLYGONS_PER_WORKER)
    parts = [part for part in np.array_split(np.arange(len(polygons)), 4 * executor.workers) if len(part)]

    def work(part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _lattices(edges, start[part[0] : part[-1] + 2], area[part], MOST_POINTS, LEAST_STEP_M)

    found = list(executor.map(work, parts))
    return np.concatenate([points for points, _ in found]), np.concatenate([count for _, count in found])


def deepest_points(
    polygons: np.ndarray, points: np.ndarray, count: np.ndarray, *, workers: int | None = 1
) -> np.ndarray:
    """Return for each polygon which of its points is deepest inside; -1 where it has none.

    Parameters
    ----------
    polygons
        Polygons in a metric CRS.
    points, count
        Points of shape (n, 2) by polygon, and how many each has.
    workers
        Threads; None takes one per core.

    Examples
    --------
    The middle four points of sixteen are equally deep: the first is that of lowest x, then y:

    >>> square = np.array([shapely.box(0, 0, 8, 8)])
    >>> points, count = polygon_lattices(square)
    >>> points[deepest_points(square, points, count)].tolist()
    [[3.0, 3.0]]
    """
    if len(polygons) == 0:
        return np.empty(0, np.int64)
    edges, start = _edges_of(polygons)
    begin = np.concatenate([[0], np.cumsum(count)])
    executor = Executor.of(workers, items=len(polygons) // _MIN_POLYGONS_PER_WORKER)
    parts = [part for part in np.array_split(np.arange(len(polygons)), 4 * executor.workers) if len(part)]

    def work(part: np.ndarray) -> np.ndarray:
        mine = slice(part[0], part[-1] + 2)
        return np.asarray(_deepest(edges, start[mine], points, begin[mine], _SAME_DEPTH_M))

    return np.concatenate(list(executor.map(work, parts)))


def line_lattices(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return evenly spaced points on each line, how many each has, and the distance of each to the line's nearer end.

    Examples
    --------
    A line of 9 m has four points, each in the middle of a quarter:

    >>> points, count, depth = line_lattices(np.array([shapely.LineString([(0, 0), (9, 0)])]))
    >>> points[:, 0].tolist(), count.tolist(), depth.tolist()
    ([1.125, 3.375, 5.625, 7.875], [4], [1.125, 3.375, 3.375, 1.125])
    """
    length = shapely.length(lines)
    count = np.clip(np.floor(length / LEAST_STEP_M), 1, MOST_POINTS).astype(np.int64)
    row = np.repeat(np.arange(len(lines)), count)
    place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    share = (place + 0.5) / count[row]
    points = shapely.get_coordinates(shapely.line_interpolate_point(lines[row], share, normalized=True)).reshape(-1, 2)
    return points, count, np.minimum(share, 1 - share) * length[row]


def _edges_of(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of all polygons, and where those of each begin, with the end of the last."""
    rings, ring_polygon = shapely.get_rings(polygons, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[:-1] == ring[1:]
    edges = np.ascontiguousarray(np.hstack([coords[:-1][same], coords[1:][same]]))
    polygon = ring_polygon[ring[:-1][same]]
    start = np.searchsorted(polygon, np.arange(len(polygons) + 1))
    return edges, start.astype(np.int64)
