"""Decide exactly, with compiled kernels, which parts of polygons cover a point (rule L1).

Inside or outside is decided by parity: a point is inside where a line from it to a point known to be outside crosses an
odd number of edges (Shimrat 1962, "Algorithm 112: position of point relative to polygon", doi:10.1145/368637.368653;
Hormann and Agathos 2001, "The point in polygon problem for arbitrary polygons", doi:10.1016/S0925-7721(01)00012-8).

A uniform grid is laid over the parts (single polygons with their holes). A cell that no edge crosses has one answer. A
cell with edges keeps, for every part that covers some of it, whether its centre is inside, and the edges that cross it;
a point in it is inside where the centre is, changed once for each edge crossed on the way from the centre. Vertices on
the way are kept off it by an infinitesimal perturbation (Edelsbrunner and Muecke 1990, "Simulation of simplicity",
doi:10.1145/77635.77639). Every sign that rounding could change is computed in exact arithmetic (Shewchuk 1997,
"Adaptive precision floating-point arithmetic and fast robust geometric predicates", doi:10.1007/PL00009321), so points
on borders are certain.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.places._few_points import ERROR_BOUND

_SPLIT = 134217729.0  # 2**27 + 1, Veltkamp's splitter
# Cells are taken a little larger than they are, so that rounding of a cell number never loses an edge.
_MARGIN = 1e-6


@njit(cache=True)
def _two_product(a: float, b: float) -> tuple[float, float]:
    """Return a * b as its rounded value and the exact error (Dekker 1971, doi:10.1007/BF01397083).

    Examples
    --------
    >>> _two_product(1.0 + 2.0**-30, 1.0 + 2.0**-30) == (1.0 + 2.0**-29, 2.0**-60)
    True
    """
    p = a * b
    c = _SPLIT * a
    ah = c - (c - a)
    al = a - ah
    c = _SPLIT * b
    bh = c - (c - b)
    bl = b - bh
    return p, al * bl - (((p - ah * bh) - al * bh) - ah * bl)


@njit(cache=True)
def _two_diff(a: float, b: float) -> tuple[float, float]:
    """Return a - b as its rounded value and the exact error (Knuth 1969, The art of computer programming, vol. 2)."""
    d = a - b
    v = a - d
    return d, (a - (d + v)) + (v - b)


@njit(cache=True)
def _exact_side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Return the sign of (a - p) x (b - p), as the exact sum of sixteen floating-point terms."""
    d1, e1 = _two_diff(ax, px)
    d2, e2 = _two_diff(by, py)
    d3, e3 = _two_diff(ay, py)
    d4, e4 = _two_diff(bx, px)
    left = (d1, e1)
    right = (d2, e2)
    up = (d3, e3)
    down = (d4, e4)
    sums = np.zeros(18)  # a growing expansion: parts that do not overlap, smallest first
    n = 0
    for i in range(2):
        for j in range(2):
            p, q = _two_product(left[i], right[j])
            r, s = _two_product(up[i], down[j])
            for term in (p, q, -r, -s):
                carry = term
                for k in range(n):
                    total = carry + sums[k]
                    v = total - carry
                    sums[k] = (carry - (total - v)) + (sums[k] - v)
                    carry = total
                sums[n] = carry
                n += 1
    for k in range(n - 1, -1, -1):
        if sums[k] > 0.0:
            return 1
        if sums[k] < 0.0:
            return -1
    return 0


@njit(cache=True, inline="always")
def side(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> int:
    """Return 1 where p is left of the line from a to b, -1 right of it, 0 exactly on it.

    Examples
    --------
    The nearest number above 0.5 is left of the diagonal, by 1e-16:

    >>> import numpy as np
    >>> [int(side(0.0, 0.0, 1.0, 1.0, 0.5, y)) for y in (0.5, np.nextafter(0.5, 1), 0.0)]
    [0, 1, -1]
    """
    left = (ax - px) * (by - py)
    right = (ay - py) * (bx - px)
    det = left - right
    bound = ERROR_BOUND * (abs(left) + abs(right))
    if det > bound:
        return 1
    if det < -bound:
        return -1
    return _exact_side(ax, ay, bx, by, px, py)


@njit(cache=True, inline="always")
def _edge_above(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> bool:
    """Return whether the edge a-b, which straddles p's column, passes above p, perturbed to the right."""
    if ax > bx:
        ax, ay, bx, by = bx, by, ax, ay
    turn = side(ax, ay, bx, by, px, py)
    if turn != 0:
        return turn < 0
    return by > ay  # through p itself: to its right the edge is above when it rises


@njit(cache=True, inline="always")
def _edge_right(ax: float, ay: float, bx: float, by: float, px: float, py: float) -> bool:
    """Return whether the edge a-b, which straddles p's row, passes right of p, perturbed to the right."""
    if ay > by:
        ax, ay, bx, by = bx, by, ax, ay
    return side(ax, ay, bx, by, px, py) > 0


@njit(cache=True)
def _write_edges_in_cells(
    x: np.ndarray, y: np.ndarray, edges: np.ndarray, index_grid: np.ndarray, shape: tuple[int, int], out: np.ndarray
) -> int:
    """Write (cell, edge) pairs into `out`, or only count them where it is empty; return their number."""
    nx, ny = shape
    x0, y0, dx, dy = index_grid[0], index_grid[1], index_grid[2], index_grid[3]
    count = 0
    write = out.shape[0] > 0
    for e in edges:
        ax, ay, bx, by = x[e], y[e], x[e + 1], y[e + 1]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        j0 = min(max(int(np.floor((ay - y0) / dy - _MARGIN)), 0), ny - 1)
        j1 = min(max(int(np.floor((by - y0) / dy + _MARGIN)), 0), ny - 1)
        for j in range(j0, j1 + 1):
            low = max(y0 + (j - 2 * _MARGIN) * dy, ay)
            high = min(y0 + (j + 1 + 2 * _MARGIN) * dy, by)
            if by > ay and high >= low:
                xa = ax + (low - ay) / (by - ay) * (bx - ax)
                xb = ax + (high - ay) / (by - ay) * (bx - ax)
            else:
                xa, xb = ax, bx
            if xa > xb:
                xa, xb = xb, xa
            i0 = min(max(int(np.floor((xa - x0) / dx - 2 * _MARGIN)), 0), nx - 1)
            i1 = min(max(int(np.floor((xb - x0) / dx + 2 * _MARGIN)), 0), nx - 1)
            for i in range(i0, i1 + 1):
                if write:
                    out[count, 0] = j * nx + i
                    out[count, 1] = e
                count += 1
    return count


@njit(cache=True)
def _centres(
    x: np.ndarray,
    y: np.ndarray,
    first: int,
    last: int,
    rings: np.ndarray,
    index_grid: np.ndarray,
    shape: tuple[int, int],
) -> tuple[int, int, np.ndarray]:
    """Return which cell centres of its box one part covers; the vertices of the part are first to last - 1.

    Returns
    -------
    tuple
        Column and row of the box's lowest cell, and a boolean array (rows, columns) over the box.
    """
    nx, ny = shape
    x0, y0, dx, dy = index_grid[0], index_grid[1], index_grid[2], index_grid[3]
    i0 = min(max(int((x[first:last].min() - x0) / dx) - 1, 0), nx - 1)
    i1 = min(max(int((x[first:last].max() - x0) / dx) + 1, 0), nx - 1)
    j0 = min(max(int((y[first:last].min() - y0) / dy) - 1, 0), ny - 1)
    j1 = min(max(int((y[first:last].max() - y0) / dy) + 1, 0), ny - 1)
    width = i1 - i0 + 1
    inside = np.zeros((j1 - j0 + 1, width), np.bool_)
    for e in range(first, last - 1):
        if rings[e] != rings[e + 1]:
            continue
        ax, ay, bx, by = x[e], y[e], x[e + 1], y[e + 1]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        low = max(int((ay - y0) / dy) - 1, j0)
        high = min(int((by - y0) / dy) + 1, j1)
        for j in range(low, high + 1):
            cy = y0 + (j + 0.5) * dy
            if (ay > cy) == (by > cy):
                continue
            crossing_x = ax + (cy - ay) / (by - ay) * (bx - ax)
            i = min(max(int((crossing_x - x0) / dx), i0), i1)
            # The first centre that is not left of the edge: rounding may be off by one cell, the exact side is not.
            while i > i0 and not _edge_right(ax, ay, bx, by, x0 + (i - 0.5) * dx, cy):
                i -= 1
            while i <= i1 and _edge_right(ax, ay, bx, by, x0 + (i + 0.5) * dx, cy):
                i += 1
            if i <= i1:
                inside[j - j0, i - i0] ^= True
    for j in range(inside.shape[0]):
        for i in range(1, width):
            inside[j, i] ^= inside[j, i - 1]
    return i0, j0, inside


@njit(cache=True)
def find_plain_cells(
    x: np.ndarray,
    y: np.ndarray,
    rings: np.ndarray,
    parts: np.ndarray,
    rows: np.ndarray,
    index_grid: np.ndarray,
    shape: tuple[int, int],
    edge_start: np.ndarray,
    owner: np.ndarray,
    out: np.ndarray,
) -> int:
    """Find the owners of cells without edges, and the (cell, part) pairs of cells with edges and their centre inside.

    Pairs are counted where `out` is empty, else written; their number is returned.
    """
    nx = shape[0]
    count = 0
    write = out.shape[0] > 0
    for p in range(parts.shape[0] - 1):
        i0, j0, inside = _centres(x, y, parts[p], parts[p + 1], rings, index_grid, shape)
        for j in range(inside.shape[0]):
            for i in range(inside.shape[1]):
                if not inside[j, i]:
                    continue
                cell = (j0 + j) * nx + i0 + i
                if edge_start[cell] == edge_start[cell + 1]:
                    if owner[cell] == -1:
                        owner[cell] = rows[p]  # parts are in row order: the first is the lowest
                    continue
                if write:
                    out[count, 0] = cell
                    out[count, 1] = p
                count += 1
    return count


@njit(cache=True)
def edges_in_cells(
    x: np.ndarray, y: np.ndarray, edges: np.ndarray, index_grid: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Return the (cell, edge) pairs, each edge with every cell it touches.

    Examples
    --------
    An edge along the lower two of 2 x 2 cells of side 1:

    >>> import numpy as np
    >>> x, y, grid = np.array([0.1, 1.9]), np.array([0.5, 0.5]), np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0])
    >>> edges_in_cells(x, y, np.array([0]), grid, (2, 2)).tolist()
    [[0, 0], [1, 0]]
    """
    n = _write_edges_in_cells(x, y, edges, index_grid, shape, np.empty((0, 2), np.int32))
    out = np.empty((n, 2), np.int32)
    if n:
        _write_edges_in_cells(x, y, edges, index_grid, shape, out)
    return out


@njit(cache=True)
def locate(
    lon: np.ndarray,
    lat: np.ndarray,
    xy: np.ndarray,
    index_grid: np.ndarray,
    shape: tuple[int, int],
    owner: np.ndarray,
    lists: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write the lowest row that covers each point into `out`, -1 for none (NaN and points outside included).

    From the centre of a cell the way goes along its row to the point's column, then along that column to the point.
    Row and column are perturbed infinitesimally upwards and to the right, the same for every edge, so that a vertex on
    the way is crossed once or twice, never half. Points are in any order, so performance depends on cache misses: the
    data of a cell are together in `lists`, and both ends of an edge in `xy`.
    """
    nx, ny = shape
    x0, y0, dx, dy = index_grid[0], index_grid[1], index_grid[2], index_grid[3]
    x1, y1 = index_grid[4], index_grid[5]
    wide, high = 1.0 / dx, 1.0 / dy
    for k in range(lon.shape[0]):
        px, py = lon[k], lat[k]
        out[k] = -1
        if not (x0 <= px <= x1 and y0 <= py <= y1):
            continue
        i = min(int((px - x0) * wide), nx - 1)
        j = min(int((py - y0) * high), ny - 1)
        cell = owner[j * nx + i]
        if cell >= -1:
            out[k] = cell
            continue
        cx, cy = x0 + (i + 0.5) * dx, y0 + (j + 0.5) * dy
        entry = -2 - cell
        while lists[entry] >= 0:
            row, inside, end = lists[entry], lists[entry + 1] == 1, entry + 3 + lists[entry + 2]
            for n in range(entry + 3, end):
                e = lists[n]
                ax, ay, bx, by = xy[e, 0], xy[e, 1], xy[e + 1, 0], xy[e + 1, 1]
                spans = (ax > px) != (bx > px)
                if (ay > cy) != (by > cy) and _edge_right(ax, ay, bx, by, cx, cy) != _edge_right(
                    ax, ay, bx, by, px, cy
                ):
                    inside = not inside
                # A vertical edge through the point spans no column: only its box shows that the point may be on it.
                if spans or min(ax, bx) <= px <= max(ax, bx):
                    if min(ay, by) <= py <= max(ay, by) and side(ax, ay, bx, by, px, py) == 0:
                        inside = True
                        break
                    if spans and _edge_above(ax, ay, bx, by, px, cy) != _edge_above(ax, ay, bx, by, px, py):
                        inside = not inside
            if inside:
                out[k] = row
                break
            entry = end


@njit(cache=True)
def part_covers(px: float, py: float, x: np.ndarray, y: np.ndarray, rings: np.ndarray, first: int, last: int) -> bool:
    """Return whether one part (its vertices are first to last - 1) covers the point, its border included."""
    inside = False
    for e in range(first, last - 1):
        if rings[e] != rings[e + 1]:
            continue
        ax, ay, bx, by = x[e], y[e], x[e + 1], y[e + 1]
        if min(ax, bx) <= px <= max(ax, bx) and min(ay, by) <= py <= max(ay, by) and side(ax, ay, bx, by, px, py) == 0:
            return True
        if (ay > py) != (by > py) and _edge_right(ax, ay, bx, by, px, py):
            inside = not inside
    return inside


@njit(cache=True)
def border_distance(
    px: float, py: float, x: np.ndarray, y: np.ndarray, rings: np.ndarray, first: int, last: int, metre: np.ndarray
) -> float:
    """Return the distance in metres from a point in degrees to the nearest edge of one part.

    `metre` is metres per degree of longitude (before the cosine of the latitude) and of latitude at the point; the
    cosine is taken halfway, which is good to 1e-6 relative within 10 km.
    """
    best = np.inf
    rad = np.pi / 180.0
    for e in range(first, last - 1):
        if rings[e] != rings[e + 1]:
            continue
        ay = (y[e] - py) * metre[1]
        by = (y[e + 1] - py) * metre[1]
        ax = (x[e] - px) * metre[0] * np.cos((y[e] + py) * 0.5 * rad)
        bx = (x[e + 1] - px) * metre[0] * np.cos((y[e + 1] + py) * 0.5 * rad)
        ux, uy = bx - ax, by - ay
        length = ux * ux + uy * uy
        t = 0.0 if length == 0.0 else min(max(-(ax * ux + ay * uy) / length, 0.0), 1.0)
        d = (ax + t * ux) ** 2 + (ay + t * uy) ** 2
        best = min(best, d)
    return np.sqrt(best)


@njit(cache=True)
def pair_distances(
    lon: np.ndarray,
    lat: np.ndarray,
    part: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    rings: np.ndarray,
    parts: np.ndarray,
    metres: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return for pairs of a point and a part the distance to its border in metres, and whether it covers the point."""
    n = part.shape[0]
    distance = np.empty(n)
    inside = np.empty(n, np.bool_)
    for k in range(n):
        first, last = parts[part[k]], parts[part[k] + 1]
        distance[k] = border_distance(lon[k], lat[k], x, y, rings, first, last, metres[k])
        inside[k] = part_covers(lon[k], lat[k], x, y, rings, first, last)
    return distance, inside
