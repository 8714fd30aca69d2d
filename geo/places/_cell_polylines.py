"""Cut the edges of polygons into polylines by the cells of an index grid, and lay them out in the order of the cells.

The search in `geo.places._parity` reads the data of one cell from one place in memory, as these words of 64 bits, for
every part (single polygon with its holes) that may own points of the cell, in the order of rows:

- a heading: the row, the number of vertices of the polyline, and three flags (below);
- the vertices of one polyline: the consecutive edges that touch the cell, longitude and latitude of each vertex.

A part with several polylines in a cell has several headings. Polylines are closed or end outside their cell, since an
edge is listed in every cell that it touches. One that ends above the cell is extended to the east by a vertex at the
same latitude: then the parity of its edges above a point changes, on any way within the cell, where an edge is crossed
and nowhere else.

Two shortcuts leave out what cannot change the answer. Behind a part that covers the whole cell, none is reached. And in
a cell where all edges are pairs of equal edges of two parts, as in a tessellation, the parts over a point are an even
number everywhere or an odd number everywhere: a point on no edge and in none of the earlier parts is in the last one
where they are odd, so that the last one needs no edges.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# Cells are taken a little larger than they are, so that rounding of a cell number never loses an edge.
_MARGIN = 1e-6
# The layout of a heading is compiled into the kernels of `geo.places._parity` too, whose cache does not know this file.
#: Flags of a heading: parity where the polyline begins; another polyline of the same part follows; the cell ends here.
INSIDE, CONTINUES, LAST = 1, 2, 4
VERTICES_BIT, ROW_BIT = 3, 32
# Comparing the edges of a cell in pairs is quadratic: in cells with more edges than this the last part keeps its own.
_MOST_COMPARED = 256


@njit(cache=True)
def edges_in_cells(
    x: np.ndarray, y: np.ndarray, edges: np.ndarray, index_grid: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the edges of each cell start, and the edges in the order of cells: every edge that touches a cell.

    Edges are given and listed by their first vertex, ascending within a cell.

    Examples
    --------
    An edge along the lower two of 2 x 2 cells of side 1:

    >>> import numpy as np
    >>> x, y, grid = np.array([0.1, 1.9]), np.array([0.5, 0.5]), np.array([0.0, 0.0, 1.0, 1.0, 2.0, 2.0])
    >>> [values.tolist() for values in edges_in_cells(x, y, np.array([0]), grid, (2, 2))]
    [[0, 1, 2, 2, 2], [0, 0]]
    """
    start = np.zeros(shape[0] * shape[1] + 2, np.int64)
    _walk_cells(x, y, edges, index_grid, shape, start, np.empty(0, np.int32))
    for cell in range(2, len(start)):
        start[cell] += start[cell - 1]
    listed = np.empty(start[-1], np.int32)
    # Each cell's own entry moves from its beginning to its end, which is where the next one begins.
    _walk_cells(x, y, edges, index_grid, shape, start, listed)
    return start[:-1], listed


@njit(cache=True)
def _walk_cells(
    x: np.ndarray,
    y: np.ndarray,
    edges: np.ndarray,
    index_grid: np.ndarray,
    shape: tuple[int, int],
    cursor: np.ndarray,
    listed: np.ndarray,
) -> None:
    """Count the edges of each cell two entries on in `cursor`; or list them where it says, where `listed` has room."""
    nx, ny = shape
    x0, y0, dx, dy = index_grid[0], index_grid[1], index_grid[2], index_grid[3]
    write = len(listed) > 0
    for e in edges:
        ax, ay, bx, by = x[e], y[e], x[e + 1], y[e + 1]
        if ay > by:
            ax, ay, bx, by = bx, by, ax, ay
        j0 = min(max(int(np.floor((ay - y0) / dy - _MARGIN)), 0), ny - 1)
        j1 = min(max(int(np.floor((by - y0) / dy + _MARGIN)), 0), ny - 1)
        for j in range(j0, j1 + 1):
            low = max(y0 + (j - 2 * _MARGIN) * dy, ay)
            high = min(y0 + (j + 1 + 2 * _MARGIN) * dy, by)
            if j0 < j1 and by > ay and high >= low:
                xa = ax + (low - ay) / (by - ay) * (bx - ax)
                xb = ax + (high - ay) / (by - ay) * (bx - ax)
            else:
                xa, xb = ax, bx
            if xa > xb:
                xa, xb = xb, xa
            i0 = min(max(int(np.floor((xa - x0) / dx - 2 * _MARGIN)), 0), nx - 1)
            i1 = min(max(int(np.floor((xb - x0) / dx + 2 * _MARGIN)), 0), nx - 1)
            for i in range(i0, i1 + 1):
                cell = j * nx + i
                if write:
                    listed[cursor[cell + 1]] = e
                    cursor[cell + 1] += 1
                else:
                    cursor[cell + 2] += 1


@njit(cache=True)
def _all_shared(
    x: np.ndarray, y: np.ndarray, part: np.ndarray, listed: np.ndarray, first: int, end: int, paired: np.ndarray
) -> bool:
    """Return whether the listed edges from first to end - 1 fall into pairs of equal edges of two parts."""
    if (end - first) % 2 or end - first > _MOST_COMPARED:
        return False
    paired[: end - first] = False
    for m in range(first, end):
        if paired[m - first]:
            continue
        e = listed[m]
        ax, ay, bx, by = x[e], y[e], x[e + 1], y[e + 1]
        n = end - 1
        while n > m:  # from the end, since neighbours run along their border in opposite directions
            o = listed[n]
            if not paired[n - first] and part[o] != part[e]:
                cx, cy, dx, dy = x[o], y[o], x[o + 1], y[o + 1]
                if (ax == dx and ay == dy and bx == cx and by == cy) or (
                    ax == cx and ay == cy and bx == dx and by == dy
                ):
                    break
            n -= 1
        if n == m:
            return False
        paired[n - first] = True
    return True


@njit(cache=True)
def _write_polyline(
    x: np.ndarray,
    y: np.ndarray,
    listed: np.ndarray,
    runs: tuple[int, int, int, int],
    cell_box: np.ndarray,
    at: int,
    numbers: np.ndarray,
) -> int:
    """Write the vertices of a polyline from `at` on, or only count them where `numbers` is empty; return their end.

    A polyline is the listed edges from runs[0] to runs[1], then those from runs[2] to runs[3], which may be none.
    `cell_box` tells which ends to extend: those between its first two longitudes (the extension of others changes
    nothing) and above its third number, a latitude. The fourth is the longitude to which they are extended.
    """
    write = len(numbers) > 0
    begin = listed[runs[0]]
    end = listed[runs[3] if runs[2] <= runs[3] else runs[1]] + 1
    closed = x[begin] == x[end] and y[begin] == y[end]
    if not closed and y[begin] > cell_box[2] and cell_box[0] < x[begin] < cell_box[1]:
        if write:
            numbers[at], numbers[at + 1] = cell_box[3], y[begin]
        at += 2
    for first, last, begun in ((runs[0], runs[1], 0), (runs[2], runs[3], 1)):
        if first > last:
            continue
        for v in range(listed[first] + begun, listed[last] + 2):
            if write:
                numbers[at], numbers[at + 1] = x[v], y[v]
            at += 2
    if not closed and y[end] > cell_box[2] and cell_box[0] < x[end] < cell_box[1]:
        if write:
            numbers[at], numbers[at + 1] = cell_box[3], y[end]
        at += 2
    return at


@njit(cache=True)
def _write_part(
    x: np.ndarray,
    y: np.ndarray,
    rings: np.ndarray,
    listed: np.ndarray,
    first: int,
    end: int,
    heading: int,
    cell_box: np.ndarray,
    at: int,
    words: np.ndarray,
    numbers: np.ndarray,
) -> tuple[int, int]:
    """Write the polylines of one part in one cell, its listed edges from first to end - 1; or only count where empty.

    Returns
    -------
    tuple
        Where the last heading is, and the end of what was written.
    """
    opening = last_heading = at
    k = first
    while k < end:
        ring = rings[listed[k]]
        stop = k + 1
        while stop < end and rings[listed[stop]] == ring:
            stop += 1
        # Where the first and the last edge of a ring both touch the cell, one polyline passes through their vertex.
        e, o = listed[k], listed[stop - 1]
        wraps = (e == 0 or rings[e - 1] != ring) and (o + 2 == len(rings) or rings[o + 2] != ring)
        tail = stop
        if wraps and o - e != stop - 1 - k:
            tail -= 1
            while listed[tail - 1] + 1 == listed[tail]:
                tail -= 1
        m = k
        while m < tail:
            n = m
            while n + 1 < tail and listed[n + 1] == listed[n] + 1:
                n += 1
            runs = (tail, stop - 1, m, n) if m == k and tail < stop else (m, n, 1, 0)
            last_heading = at
            at = _write_polyline(x, y, listed, runs, cell_box, at + 1, numbers)
            if len(words):
                flags = CONTINUES | (heading & INSIDE if last_heading == opening else 0)
                count = (at - last_heading - 1) // 2
                words[last_heading] = (heading >> ROW_BIT << ROW_BIT) | (count << VERTICES_BIT) | flags
            m = n + 1
        k = stop
    if len(words):
        words[last_heading] &= ~CONTINUES
    return last_heading, at


@njit(cache=True)
def write_cells(
    x: np.ndarray,
    y: np.ndarray,
    rings: np.ndarray,
    part: np.ndarray,
    rows: np.ndarray,
    index_grid: np.ndarray,
    shape: tuple[int, int],
    edges: tuple[np.ndarray, np.ndarray],
    centred: tuple[np.ndarray, np.ndarray],
    owner: np.ndarray,
    words: np.ndarray,
    numbers: np.ndarray,
) -> int:
    """Write the data of all cells with edges, and where each begins into `owner` as -2 - begin; or only count.

    Parameters
    ----------
    x, y, rings, part
        Longitude, latitude, ring and part of each vertex.
    rows
        Row of each part, ascending.
    index_grid, shape
        Origin and size of cells in degrees; columns and rows.
    edges, centred
        Of each cell where its own start and all of them: edges, and parts over the centre of a cell with edges.
    owner
        One number per cell.
    words, numbers
        The same memory as integers and as floats; empty to count only. The flag INSIDE tells whether the part covers
        the centre of the cell.

    Returns
    -------
    int
        The number of words.
    """
    nx = shape[0]
    x0, y0, dx, dy = index_grid[0], index_grid[1], index_grid[2], index_grid[3]
    start, listed = edges
    centre_start, over_centre = centred
    write = len(words) > 0
    paired = np.empty(_MOST_COMPARED, np.bool_)
    at = start[0]  # zero; the literal would be a type of its own and have _write_part compiled twice
    for cell in range(len(owner)):
        k, end = start[cell], start[cell + 1]
        if k == end:
            continue
        m, centre_end = centre_start[cell], centre_start[cell + 1]
        i, j = cell % nx, cell // nx
        top = y0 + (j + 1 + 0.5 * _MARGIN) * dy if j < shape[1] - 1 else np.inf
        cell_box = np.array((x0 + (i - 1) * dx, x0 + (i + 2) * dx, top, x0 + (i + 3) * dx))
        shared = _all_shared(x, y, part, listed, k, end, paired)
        odd = (centre_end - m) % 2 == 1
        if write:
            owner[cell] = -2 - at
        last_heading = at
        while k < end or m < centre_end:
            p = over_centre[m] if m < centre_end else len(rows)
            stop = k
            if k < end and part[listed[k]] <= p:
                p = part[listed[k]]
                while stop < end and part[listed[stop]] == p:
                    stop += 1
            inside = m < centre_end and over_centre[m] == p
            m += inside
            heading = (rows[p] << ROW_BIT) | (INSIDE if inside else 0)
            decided = shared and k < stop == end and m == centre_end
            if k == stop or (decided and odd):  # all of the cell
                if write:
                    words[at] = heading | INSIDE
                last_heading = at
                at += 1
                break
            if decided:
                break
            last_heading, at = _write_part(x, y, rings, listed, k, stop, heading, cell_box, at, words, numbers)
            k = stop
        if write:
            words[last_heading] |= LAST
    return at
