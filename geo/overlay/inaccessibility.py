"""Find the pole of inaccessibility of polygons: the point inside that is farthest from the border.

Garcia-Castellanos and Lombardo 2007, "Poles of inaccessibility: a calculation algorithm for the remotest places on
earth", Scottish Geographical Journal 123, 227-233, doi:10.1080/14702540801897809, search by refining grids. This search
quarters squares, the one of the largest bound first, as Mapbox's polylabel does, and passes to each square only the
edges that can be nearest to a point in it, so a polygon of many edges costs little more than one of few.
"""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

from geo.overlay._arrays import grown, grown_rows
from geo.parallel import Executor

#: The distance to the border of the point found is within this (m) of the largest.
TOLERANCE_M = 0.05
_ROOT2 = 2.0**0.5
_MAX_SQUARES = 20_000
#: Fewer polygons than this per worker do not repay a thread.
_MIN_POLYGONS_PER_WORKER = 64
#: Columns of a square: centre, half side, signed distance of the centre to the border, upper bound of the distance
#: anywhere in it, first and end of its edges among those kept. Metres.
_X, _Y, _HALF, _DISTANCE, _BOUND, _BEGIN, _END = range(7)


@njit(cache=True, nogil=True)
def _offset(x: float, y: float, edge: np.ndarray) -> tuple[float, float]:
    """Return the vector to a point from the nearest point of an edge."""
    ax, ay = edge[0], edge[1]
    dx, dy = edge[2] - ax, edge[3] - ay
    length = dx * dx + dy * dy
    t = ((x - ax) * dx + (y - ay) * dy) / length if length > 0 else 0.0
    t = min(1.0, max(0.0, t))
    return x - ax - t * dx, y - ay - t * dy


@njit(cache=True, nogil=True)
def _squared_distance(x: float, y: float, edge: np.ndarray) -> float:
    px, py = _offset(x, y, edge)
    return px * px + py * py


@njit(cache=True, nogil=True)
def _with_room(a: np.ndarray, need: int) -> np.ndarray:
    return grown(a, 2 * need) if need > len(a) else a


@njit(cache=True, nogil=True)
def _crosses_odd(x: float, y: float, edges: np.ndarray) -> bool:
    """Return whether a ray to the east crosses an odd number of edges: the point is inside."""
    odd = False
    for i in range(len(edges)):
        y0, y1 = edges[i, 1], edges[i, 3]
        if (y0 > y) != (y1 > y) and x < edges[i, 0] + (y - y0) / (y1 - y0) * (edges[i, 2] - edges[i, 0]):
            odd = not odd
    return odd


@njit(cache=True, nogil=True)
def _push(heap: np.ndarray, square: np.ndarray, n: int, new: int) -> None:
    """Add a square to a heap whose top has the largest bound; equal ones leave in the order they entered."""
    i = n
    while i > 0:
        up = (i - 1) // 2
        if square[heap[up], _BOUND] >= square[new, _BOUND]:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = new


@njit(cache=True, nogil=True)
def _pop(heap: np.ndarray, square: np.ndarray, n: int) -> int:
    """Remove and return the square of the largest bound from a heap of n squares."""
    top = heap[0]
    last = heap[n - 1]
    i = 0
    while 2 * i + 1 < n - 1:
        c = 2 * i + 1
        a, b = square[heap[c], _BOUND], square[heap[c + 1], _BOUND] if c + 1 < n - 1 else -np.inf
        if b > a or (b == a and heap[c + 1] < heap[c]):
            c += 1
        a, b = square[last, _BOUND], square[heap[c], _BOUND]
        if a > b or (a == b and last < heap[c]):
            break
        heap[i] = heap[c]
        i = c
    heap[i] = last
    return top


@njit(cache=True, nogil=True)
def _nearest_edge(x: float, y: float, edges: np.ndarray, near: np.ndarray, squared: np.ndarray) -> int:
    """Write the squared distances to the near edges; return which is least."""
    nearest = 0
    for i in range(len(near)):
        squared[i] = _squared_distance(x, y, edges[near[i]])
        if squared[i] < squared[nearest]:
            nearest = i
    return nearest


@njit(cache=True, nogil=True)
def _bound_between_edges(
    x: float, y: float, h: float, edges: np.ndarray, near: np.ndarray, squared: np.ndarray, first: int
) -> float:
    """Return an upper bound of the distance to the border anywhere in a square that is between two edges.

    The lesser of two distances is at most their mean, and the mean of distances to two edges is convex, so largest at a
    corner. In a street, where the plain bound leaves a whole line of squares open, this one closes them at once.
    """
    ax, ay = _offset(x, y, edges[near[first]])
    second = -1
    for i in range(len(near)):
        if second < 0 or squared[i] < squared[second]:
            bx, by = _offset(x, y, edges[near[i]])
            if ax * bx + ay * by < -0.7 * np.sqrt(squared[i] * squared[first]):
                second = i
    if second < 0:
        return np.inf
    largest = 0.0
    for corner in range(4):
        cx = x + (h if corner & 1 else -h)
        cy = y + (h if corner & 2 else -h)
        to_first = np.sqrt(_squared_distance(cx, cy, edges[near[first]]))
        largest = max(largest, to_first + np.sqrt(_squared_distance(cx, cy, edges[near[second]])))
    return largest / 2


@njit(cache=True, nogil=True)
def _set_square(
    square: np.ndarray, i: int, x: float, y: float, half: float, distance: float, bound: float, begin: int, end: int
) -> None:
    square[i, _X], square[i, _Y], square[i, _HALF], square[i, _DISTANCE] = x, y, half, distance
    square[i, _BOUND], square[i, _BEGIN], square[i, _END] = bound, begin, end


@njit(cache=True, nogil=True)
def _filter_edges(kept: np.ndarray, used: int, near: np.ndarray, squared: np.ndarray, limit: float) -> int:
    """Append, from position ``used``, the edges whose squared distance is within the limit; return the new end."""
    for i in range(len(near)):
        if squared[i] <= limit:
            kept[used] = near[i]
            used += 1
    return used


@njit(cache=True, nogil=True)
def _pole_of_polygon(edges: np.ndarray, tolerance: float) -> tuple[float, float, float]:
    """Return x, y and distance to the border (m) of the pole of one polygon given by its edges."""
    # 1. the square round the polygon
    n = len(edges)
    west = south = np.inf
    east = north = -np.inf
    for i in range(n):
        west, east = min(west, edges[i, 0]), max(east, edges[i, 0])
        south, north = min(south, edges[i, 1]), max(north, edges[i, 1])
    half = max(east - west, north - south) / 2
    best_x, best_y, best = west + half, south + half, -np.inf
    square = np.empty((64, 7))
    heap = np.empty(64, np.int64)
    kept = np.empty(8 * n + 256, np.int64)
    for i in range(n):
        kept[i] = i
    squared = np.empty(n)
    # a parent of the root square, whose first quarter is the root
    _set_square(square, 0, west + 2 * half, south + 2 * half, 2 * half, 0.0, np.inf, 0, n)
    squares, waiting, used, parent, quarters = 1, 0, n, 0, 1
    while squares < _MAX_SQUARES:
        # 2. quarter the square of the largest bound; keep the quarters that may contain a better point
        for quarter in range(quarters):
            h = square[parent, _HALF] / 2
            x = square[parent, _X] + (h if quarter & 1 else -h)
            y = square[parent, _Y] + (h if quarter & 2 else -h)
            near = kept[np.int64(square[parent, _BEGIN]) : np.int64(square[parent, _END])]
            first = _nearest_edge(x, y, edges, near, squared)
            signed = np.sqrt(squared[first])
            if not _is_inside(square[parent, _DISTANCE], 2 * h * _ROOT2, x, y, edges):
                signed = -signed
            if signed > best:
                best_x, best_y, best = x, y, signed
            bound = signed + h * _ROOT2
            least = best + tolerance if best > 0 else 0.0
            if bound > least:
                bound = min(bound, _bound_between_edges(x, y, h, edges, near, squared, first))
            if bound <= least:
                continue
            if squares == len(square):
                square, heap = grown_rows(square, 2 * len(square)), grown(heap, 2 * squares)
            kept = _with_room(kept, used + len(near))
            begin = used
            limit = ((abs(signed) + 2 * h * _ROOT2) * (1 + 1e-9)) ** 2
            used = _filter_edges(kept, used, near, squared, limit)
            _set_square(square, squares, x, y, h, signed, bound, begin, used)
            _push(heap, square, waiting, squares)
            waiting += 1
            squares += 1
        if waiting == 0:
            break
        # 3. stop where no square can be better by more than the tolerance
        quarters = 4
        parent = _pop(heap, square, waiting)
        waiting -= 1
        if best > 0 and square[parent, _BOUND] <= best + tolerance:
            break
    return best_x, best_y, best


@njit(cache=True, nogil=True)
def _is_inside(parent_distance: float, reach: float, x: float, y: float, edges: np.ndarray) -> bool:
    """Return whether a point is inside; a square that no edge crosses passes its side to its children."""
    return parent_distance > 0 if abs(parent_distance) > reach else _crosses_odd(x, y, edges)


@njit(cache=True, nogil=True)
def _poles_of_polygons(edges: np.ndarray, start: np.ndarray, tolerance: float) -> np.ndarray:
    out = np.empty((len(start) - 1, 3))
    for k in range(len(start) - 1):
        # coordinates relative to the polygon, to keep precision
        x0, y0 = edges[start[k], 0], edges[start[k], 1]
        local = np.empty((start[k + 1] - start[k], 4))
        for i in range(len(local)):
            local[i, 0], local[i, 1] = edges[start[k] + i, 0] - x0, edges[start[k] + i, 1] - y0
            local[i, 2], local[i, 3] = edges[start[k] + i, 2] - x0, edges[start[k] + i, 3] - y0
        x, y, r = _pole_of_polygon(local, tolerance)
        out[k, 0], out[k, 1], out[k, 2] = x + x0, y + y0, r
    return out


def poles_of_inaccessibility(
    polygons: np.ndarray, *, tolerance: float = TOLERANCE_M, workers: int | None = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pole of inaccessibility of each polygon, and its distance to the border.

    Parameters
    ----------
    polygons
        Polygons, none empty, in a metric CRS.
    tolerance
        Metres by which the distance to the border may be less than the largest.
    workers
        Threads; None takes one per core. Each polygon is computed by itself, so results are the same for any number.

    Returns
    -------
    Points of shape (n, 2) inside the polygons, and metres.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> xy, distance = poles_of_inaccessibility(np.array([shapely.box(0, 0, 10, 10)]))
    >>> xy.tolist(), distance.tolist()
    ([[5.0, 5.0]], [5.0])
    """
    if len(polygons) == 0:
        return np.empty((0, 2)), np.empty(0)
    # 1. edges of all polygons
    _, coords, (ring, polygon) = shapely.to_ragged_array(polygons)
    edge = np.ones(len(coords), bool)
    edge[ring[1:] - 1] = False
    first = np.flatnonzero(edge)
    edges = np.ascontiguousarray(np.hstack([coords[first], coords[first + 1]]))
    start = ring[polygon] - polygon  # each ring has one vertex more than edges
    start = start.astype(np.int64)
    # 2. polygons in several runs per worker
    executor = Executor.of(workers, items=len(polygons) // _MIN_POLYGONS_PER_WORKER)
    parts = [start[k[0] : k[-1] + 2] for k in np.array_split(np.arange(len(polygons)), 4 * executor.workers) if len(k)]
    found = np.concatenate(list(executor.map(lambda part: _poles_of_polygons(edges, part, tolerance), parts)))
    # 3. slivers too thin for the search: any point inside will do
    missed = found[:, 2] <= 0
    if missed.any():
        found[missed, :2] = shapely.get_coordinates(shapely.point_on_surface(polygons[missed]))
        found[missed, 2] = 0.0
    return found[:, :2], found[:, 2]
