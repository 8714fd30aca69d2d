"""Find the pole of inaccessibility of polygons: the place inside that is farthest from the border.

The search halves squares best first (the idea of Mapbox's polylabel), and hands down to each square only the edges that
can be nearest to a place in it, so a polygon of many edges costs little more than one of few.
"""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

from geo.parallel import Executor

#: The distance to the border of the place found is within this (m) of the largest.
TOLERANCE_M = 0.05
_ROOT2 = 2.0**0.5
_MOST_CELLS = 20_000
_X, _Y, _HALF, _FAR, _BOUND, _BEGIN, _END = range(7)  # columns of a square


@njit(cache=True, nogil=True)
def _offset(x: float, y: float, edge: np.ndarray) -> tuple[float, float]:
    """Return the way to a place from the nearest point of an edge."""
    ax, ay = edge[0], edge[1]
    dx, dy = edge[2] - ax, edge[3] - ay
    length = dx * dx + dy * dy
    t = ((x - ax) * dx + (y - ay) * dy) / length if length > 0 else 0.0
    t = min(1.0, max(0.0, t))
    return x - ax - t * dx, y - ay - t * dy


@njit(cache=True, nogil=True)
def _square_distance(x: float, y: float, edge: np.ndarray) -> float:
    px, py = _offset(x, y, edge)
    return px * px + py * py


@njit(cache=True, nogil=True)
def _more(a: np.ndarray, room: int) -> np.ndarray:
    out = np.empty(room, a.dtype)
    for i in range(len(a)):
        out[i] = a[i]
    return out


@njit(cache=True, nogil=True)
def _room_for(a: np.ndarray, need: int) -> np.ndarray:
    return _more(a, 2 * need) if need > len(a) else a


@njit(cache=True, nogil=True)
def _more_rows(a: np.ndarray) -> np.ndarray:
    out = np.empty((2 * len(a), a.shape[1]))
    for i in range(len(a)):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j]
    return out


@njit(cache=True, nogil=True)
def _inside(x: float, y: float, edges: np.ndarray) -> bool:
    odd = False
    for i in range(len(edges)):
        y0, y1 = edges[i, 1], edges[i, 3]
        if (y0 > y) != (y1 > y) and x < edges[i, 0] + (y - y0) / (y1 - y0) * (edges[i, 2] - edges[i, 0]):
            odd = not odd
    return odd


@njit(cache=True, nogil=True)
def _push(heap: np.ndarray, cell: np.ndarray, n: int, new: int) -> None:
    """Add a square to a heap whose top has the largest bound; equal ones come out in the order they went in."""
    i = n
    while i > 0:
        up = (i - 1) // 2
        if cell[heap[up], _BOUND] >= cell[new, _BOUND]:
            break
        heap[i] = heap[up]
        i = up
    heap[i] = new


@njit(cache=True, nogil=True)
def _pop(heap: np.ndarray, cell: np.ndarray, n: int) -> int:
    """Take the top off a heap of n squares."""
    top = heap[0]
    last = heap[n - 1]
    i = 0
    while 2 * i + 1 < n - 1:
        c = 2 * i + 1
        a, b = cell[heap[c], _BOUND], cell[heap[c + 1], _BOUND] if c + 1 < n - 1 else -np.inf
        if b > a or (b == a and heap[c + 1] < heap[c]):
            c += 1
        a, b = cell[last, _BOUND], cell[heap[c], _BOUND]
        if a > b or (a == b and last < heap[c]):
            break
        heap[i] = heap[c]
        i = c
    heap[i] = last
    return top


@njit(cache=True, nogil=True)
def _nearest(x: float, y: float, edges: np.ndarray, near: np.ndarray, squares: np.ndarray) -> int:
    """Write the squared distances to the near edges; return which is least."""
    best = 0
    for i in range(len(near)):
        squares[i] = _square_distance(x, y, edges[near[i]])
        if squares[i] < squares[best]:
            best = i
    return best


@njit(cache=True, nogil=True)
def _between(
    x: float, y: float, h: float, edges: np.ndarray, near: np.ndarray, squares: np.ndarray, first: int
) -> float:
    """Bound the distance to the border anywhere in a square that lies between two edges.

    The lesser of two distances is at most their mean, and the mean of distances to two edges is convex, so largest at a
    corner. In a street, where the plain bound leaves a whole line of squares open, this one closes them at once.
    """
    ax, ay = _offset(x, y, edges[near[first]])
    second = -1
    for i in range(len(near)):
        if second < 0 or squares[i] < squares[second]:
            bx, by = _offset(x, y, edges[near[i]])
            if ax * bx + ay * by < -0.7 * np.sqrt(squares[i] * squares[first]):
                second = i
    if second < 0:
        return np.inf
    most = 0.0
    for corner in range(4):
        cx = x + (h if corner & 1 else -h)
        cy = y + (h if corner & 2 else -h)
        one = np.sqrt(_square_distance(cx, cy, edges[near[first]]))
        most = max(most, one + np.sqrt(_square_distance(cx, cy, edges[near[second]])))
    return most / 2


@njit(cache=True, nogil=True)
def _set(
    cell: np.ndarray, i: int, x: float, y: float, half: float, far: float, bound: float, begin: int, end: int
) -> None:
    cell[i, _X], cell[i, _Y], cell[i, _HALF], cell[i, _FAR] = x, y, half, far
    cell[i, _BOUND], cell[i, _BEGIN], cell[i, _END] = bound, begin, end


@njit(cache=True, nogil=True)
def _hand_down(near: np.ndarray, used: int, mine: np.ndarray, squares: np.ndarray, limit: float) -> int:
    """Write behind ``used`` those of the edges whose squared distance is within the limit; return the end."""
    for i in range(len(mine)):
        if squares[i] <= limit:
            near[used] = mine[i]
            used += 1
    return used


@njit(cache=True, nogil=True)
def _pole(edges: np.ndarray, tolerance: float) -> tuple[float, float, float]:
    """Return x, y and distance to the border (m) of the pole of one polygon given by its edges."""
    n = len(edges)
    west = south = np.inf
    east = north = -np.inf
    for i in range(n):
        west, east = min(west, edges[i, 0]), max(east, edges[i, 0])
        south, north = min(south, edges[i, 1]), max(north, edges[i, 1])
    half = max(east - west, north - south) / 2
    best_x, best_y, best = west + half, south + half, -np.inf
    cell = np.empty((64, 7))
    heap = np.empty(64, np.int64)
    near = np.empty(8 * n + 256, np.int64)
    for i in range(n):
        near[i] = i
    squares = np.empty(n)
    # a parent of the root square, whose first quarter is the root
    _set(cell, 0, west + 2 * half, south + 2 * half, 2 * half, 0.0, np.inf, 0, n)
    cells, waiting, used, parent, quarters = 1, 0, n, 0, 1
    while cells < _MOST_CELLS:
        for quarter in range(quarters):
            h = cell[parent, _HALF] / 2
            x = cell[parent, _X] + (h if quarter & 1 else -h)
            y = cell[parent, _Y] + (h if quarter & 2 else -h)
            mine = near[np.int64(cell[parent, _BEGIN]) : np.int64(cell[parent, _END])]
            first = _nearest(x, y, edges, mine, squares)
            signed = np.sqrt(squares[first])
            if not _same_side(cell[parent, _FAR], 2 * h * _ROOT2, x, y, edges):
                signed = -signed
            if signed > best:
                best_x, best_y, best = x, y, signed
            reach = signed + h * _ROOT2
            least = best + tolerance if best > 0 else 0.0
            if reach > least:
                reach = min(reach, _between(x, y, h, edges, mine, squares, first))
            if reach <= least:
                continue
            if cells == len(cell):
                cell, heap = _more_rows(cell), _more(heap, 2 * cells)
            near = _room_for(near, used + len(mine))
            begin = used
            limit = ((abs(signed) + 2 * h * _ROOT2) * (1 + 1e-9)) ** 2
            used = _hand_down(near, used, mine, squares, limit)
            _set(cell, cells, x, y, h, signed, reach, begin, used)
            _push(heap, cell, waiting, cells)
            waiting += 1
            cells += 1
        if waiting == 0:
            break
        quarters = 4
        parent = _pop(heap, cell, waiting)
        waiting -= 1
        if best > 0 and cell[parent, _BOUND] <= best + tolerance:
            break
    return best_x, best_y, best


@njit(cache=True, nogil=True)
def _same_side(parent: float, reach: float, x: float, y: float, edges: np.ndarray) -> bool:
    """Say whether a place lies inside; a square all on one side of the border hands its side down."""
    return parent > 0 if abs(parent) > reach else _inside(x, y, edges)


@njit(cache=True, nogil=True)
def _poles(edges: np.ndarray, start: np.ndarray, tolerance: float) -> np.ndarray:
    out = np.empty((len(start) - 1, 3))
    for k in range(len(start) - 1):
        # small numbers near the polygon keep all digits
        x0, y0 = edges[start[k], 0], edges[start[k], 1]
        local = np.empty((start[k + 1] - start[k], 4))
        for i in range(len(local)):
            local[i, 0], local[i, 1] = edges[start[k] + i, 0] - x0, edges[start[k] + i, 1] - y0
            local[i, 2], local[i, 3] = edges[start[k] + i, 2] - x0, edges[start[k] + i, 3] - y0
        x, y, r = _pole(local, tolerance)
        out[k, 0], out[k, 1], out[k, 2] = x + x0, y + y0, r
    return out


def poles(
    polygons: np.ndarray, *, tolerance: float = TOLERANCE_M, workers: int | None = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pole of inaccessibility of each polygon, and its distance to the border.

    Parameters
    ----------
    polygons
        Polygons, none empty, in a metric CRS.
    tolerance
        Metres by which the distance to the border may fall short of the largest.
    workers
        Threads; None takes one per core. Each polygon is looked at alone, so any number gives the same.

    Returns
    -------
    Points of shape (n, 2) inside the polygons, and metres.
    """
    if len(polygons) == 0:
        return np.empty((0, 2)), np.empty(0)
    _, coords, (ring, polygon) = shapely.to_ragged_array(polygons)
    edge = np.ones(len(coords), bool)
    edge[ring[1:] - 1] = False
    first = np.flatnonzero(edge)
    edges = np.ascontiguousarray(np.hstack([coords[first], coords[first + 1]]))
    start = ring[polygon] - polygon  # each ring has one vertex more than edges
    start = start.astype(np.int64)
    executor = Executor.of(workers, pieces=len(polygons) // 64)
    parts = [start[k[0] : k[-1] + 2] for k in np.array_split(np.arange(len(polygons)), 4 * executor.workers) if len(k)]
    found = np.concatenate(list(executor.map(lambda part: _poles(edges, part, tolerance), parts)))
    missed = found[:, 2] <= 0  # a sliver too thin for the search: any place inside will do
    if missed.any():
        found[missed, :2] = shapely.get_coordinates(shapely.point_on_surface(polygons[missed]))
        found[missed, 2] = 0.0
    return found[:, :2], found[:, 2]
