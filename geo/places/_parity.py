"""Decide exactly, with compiled kernels, which parts of polygons cover a point (rule L1).

Inside or outside is decided by parity: a point is inside where a line from it to a point known to be outside crosses an
odd number of edges (Shimrat 1962, "Algorithm 112: position of point relative to polygon", doi:10.1145/368637.368653;
Hormann and Agathos 2001, "The point in polygon problem for arbitrary polygons", doi:10.1016/S0925-7721(01)00012-8).

A uniform grid is laid over the parts (single polygons with their holes). A cell that no edge touches has one answer. A
cell with edges keeps, for every part that covers some of it, polylines of the edges that touch it and one flag. A point
is inside where the number of edges above it, changed by the flag, is odd:

- On a way within the cell, inside and outside change where an edge is crossed, and so does the parity of the edges
  above, except at the longitude of a vertex that is above: there two edges that meet both begin or end, or one begins
  where the other ends. A polyline that ends above the cell is extended to the east (`geo.places._cell_polylines`), so
  its last edge meets one too. Hence the two parities differ everywhere in the cell or nowhere: that is the flag, found
  at the centre of the cell.
- The centre is inside where a ray to the east crosses an odd number of the edges of the part. Vertices on its row and
  column are kept off them by an infinitesimal perturbation (Edelsbrunner and Muecke 1990, "Simulation of simplicity",
  doi:10.1145/77635.77639); an edge spans the column of a point where one end is east of it and the other is not.
- A point on an edge is on the border. An edge that spans no column is vertical or ends in the column of the point.

Every sign that rounding could change is computed in exact arithmetic (Shewchuk 1997, "Adaptive precision floating-point
arithmetic and fast robust geometric predicates", doi:10.1007/PL00009321), so points on borders are certain.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.places._cell_polylines import CONTINUES, INSIDE, LAST, ROW_BIT, VERTICES_BIT
from geo.places._few_points import ERROR_BOUND

_SPLIT = 134217729.0  # 2**27 + 1, Veltkamp's splitter
_COUNT = (1 << ROW_BIT) - (1 << VERTICES_BIT)  # the bits of a heading that hold the number of vertices
_BLOCK = 256  # points whose cells are read at once


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
) -> tuple[np.ndarray, np.ndarray]:
    """Find the owners of cells without edges, and the parts over the centres of the others.

    Returns
    -------
    tuple
        Where the parts of each cell start, and the parts in the order of cells, ascending within a cell.
    """
    start = np.zeros(shape[0] * shape[1] + 2, np.int64)
    listed = np.empty(0, np.int32)
    for write in (False, True):
        for p in range(parts.shape[0] - 1):
            i0, j0, inside = _centres(x, y, parts[p], parts[p + 1], rings, index_grid, shape)
            for j in range(inside.shape[0]):
                for i in range(inside.shape[1]):
                    cell = (j0 + j) * shape[0] + i0 + i
                    if not inside[j, i]:
                        continue
                    if edge_start[cell] == edge_start[cell + 1]:
                        if owner[cell] == -1:
                            owner[cell] = rows[p]  # parts are in row order: the first is the lowest
                    elif write:
                        listed[start[cell + 1]] = p
                        start[cell + 1] += 1
                    else:
                        start[cell + 2] += 1
        if not write:
            for cell in range(2, len(start)):
                start[cell] += start[cell - 1]
            listed = np.empty(start[-1], np.int32)
    return start[:-1], listed


@njit(cache=True)
def count_below(
    index_grid: np.ndarray, shape: tuple[int, int], owner: np.ndarray, words: np.ndarray, numbers: np.ndarray
) -> None:
    """Change the flags INSIDE, of the centres of cells, into those of a point below all polylines.

    What is left is to count the edges above a point. Row and column of the centre are perturbed infinitesimally upwards
    and to the right, the same for every edge, so that a vertex there is counted once or twice, never half.
    """
    nx = shape[0]
    for cell in range(len(owner)):
        at = -2 - owner[cell]
        if at < 0:
            continue
        cx = index_grid[0] + (cell % nx + 0.5) * index_grid[2]
        cy = index_grid[1] + (cell // nx + 0.5) * index_grid[3]
        opening = at
        while True:
            heading = words[at]
            end = at + 1 + 2 * ((heading & _COUNT) >> VERTICES_BIT)
            for v in range(at + 3, end, 2):
                ax, ay, bx, by = numbers[v - 2], numbers[v - 1], numbers[v], numbers[v + 1]
                if (ax > cx) != (bx > cx) and _edge_above(ax, ay, bx, by, cx, cy):
                    words[opening] ^= INSIDE
            if heading & LAST:
                break
            at = end
            if not heading & CONTINUES:
                opening = at


@njit(cache=True)
def _owner_in_cell(px: float, py: float, at: int, words: np.ndarray, numbers: np.ndarray) -> int:
    """Return the lowest row that covers a point of the cell whose data begin at `at`, -1 for none."""
    inside = False
    while True:
        heading = words[at]
        inside ^= (heading & INSIDE) != 0
        end = at + 1 + 2 * ((heading & _COUNT) >> VERTICES_BIT)
        if end > at + 1:
            ax, ay = numbers[at + 1], numbers[at + 2]
            a_right = ax > px
            for v in range(at + 3, end, 2):
                bx, by = numbers[v], numbers[v + 1]
                b_right = bx > px
                if a_right != b_right:
                    left = (ax - px) * (by - py)
                    right = (ay - py) * (bx - px)
                    turn = left - right
                    if abs(turn) <= ERROR_BOUND * (abs(left) + abs(right)):
                        turn = float(_exact_side(ax, ay, bx, by, px, py))
                        if turn == 0.0:
                            return heading >> ROW_BIT
                    inside ^= (turn < 0.0) != a_right
                elif bx == px and (by == py or (ax == px and min(ay, by) <= py <= max(ay, by))):
                    return heading >> ROW_BIT  # on a vertex or on a vertical edge, which span no column
                ax, ay, a_right = bx, by, b_right
        if not heading & CONTINUES:
            if inside:
                return heading >> ROW_BIT
            inside = False
        if heading & LAST:
            return -1
        at = end


@njit(cache=True)
def locate_one(
    px: float, py: float, lookup: np.ndarray, owner: np.ndarray, words: np.ndarray, numbers: np.ndarray
) -> int:
    """Return the lowest row that covers one point, as `locate` does."""
    if not (lookup[0] <= px <= lookup[4] and lookup[1] <= py <= lookup[5]):
        return -1
    nx, ny = int(lookup[6]), int(lookup[7])
    i, j = min(int((px - lookup[0]) * lookup[2]), nx - 1), min(int((py - lookup[1]) * lookup[3]), ny - 1)
    cell = owner[j * nx + i]
    return cell if cell >= -1 else _owner_in_cell(px, py, -2 - cell, words, numbers)


@njit(cache=True)
def locate(
    lon: np.ndarray,
    lat: np.ndarray,
    lookup: np.ndarray,
    owner: np.ndarray,
    words: np.ndarray,
    numbers: np.ndarray,
    out: np.ndarray,
) -> int:
    """Write the lowest row that covers each point into `out`, -1 for none (NaN and points outside included).

    Points are in any order, so performance depends on cache misses. All that is read of a cell is together, and the
    cells of a block of points are read before any of them is searched, so that their misses are waited for at once.

    Parameters
    ----------
    lon, lat
        Degrees.
    lookup
        Of the index grid: origin, cells per degree, upper corner, columns and rows.
    owner, words, numbers
        As `geo.places._cell_polylines.write_cells` and `count_below` leave them.
    out
        One number per point.

    Returns
    -------
    int
        A sum of what was read ahead, of no meaning: without it the compiler would leave the reading out.
    """
    x0, y0, wide, high, x1, y1 = lookup[0], lookup[1], lookup[2], lookup[3], lookup[4], lookup[5]
    nx, ny = int(lookup[6]), int(lookup[7])
    read = 0
    for first in range(0, len(lon), _BLOCK):
        end = min(first + _BLOCK, len(lon))
        for k in range(first, end):
            px, py = lon[k], lat[k]
            out[k] = -1
            if x0 <= px <= x1 and y0 <= py <= y1:
                out[k] = owner[min(int((py - y0) * high), ny - 1) * nx + min(int((px - x0) * wide), nx - 1)]
        for k in range(first, end):
            at = max(-2 - out[k], 0)
            read += words[at] + words[min(at + 8, len(words) - 1)]  # the first two cache lines, of 64 bytes each
        for k in range(first, end):
            if out[k] < -1:
                out[k] = _owner_in_cell(lon[k], lat[k], -2 - out[k], words, numbers)
    return read


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
def pairs_covered(
    lon: np.ndarray, lat: np.ndarray, part: np.ndarray, x: np.ndarray, y: np.ndarray, rings: np.ndarray,
    parts: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return for pairs of a point and a part whether the part covers the point."""
    covered = np.empty(part.shape[0], np.bool_)
    for k in range(part.shape[0]):
        covered[k] = part_covers(lon[k], lat[k], x, y, rings, parts[part[k]], parts[part[k] + 1])
    return covered
