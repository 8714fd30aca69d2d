r"""Node the edges of many rings exactly, on the integer lattice of one tile (rule C3).

Snap rounding (Hobby 1999, "Practical segment intersection with finite precision output", Computational Geometry 13,
199-214, doi:10.1016/S0925-7721(99)00021-8; Hershberger 2013, "Stable snap rounding",
doi:10.1016/j.comgeo.2012.02.011): every vertex and every crossing becomes a lattice point, whose pixel is then called
hot, and every edge is bent through the hot pixels it passes. On integers all side tests are exact, so the result is a
planar graph whatever the input: touching, overlapping and nearly parallel edges need no tolerance.

A corner of a tile, much enlarged: a square is the pixel of one lattice point, 2**-20 m wide. Edges a-b and c-d cross in
pixel x; edge e-f passes it, too::

    +---+---+---+---+---+---+---+
    | c |   |   |   |   | b |   |      before     a-b, c-d, e-f
    +---+---+---+---+---+---+---+
    |   |   | \ | / |   |   |   |      hot        a, b, c, d, e, f, and x: the crossing, rounded to the lattice
    +---+---+---+---+---+---+---+
    | e | - | - | x | - | - | f |      after      a-x, x-b, c-x, x-d, e-x, x-f
    +---+---+---+---+---+---+---+
    |   |   | / | \ |   |   |   |
    +---+---+---+---+---+---+---+
    | a |   |   |   |   | d |   |
    +---+---+---+---+---+---+---+

An edge moves by half a pixel at most (plus a thousandth), and pieces of edges meet in nodes only. A uniform grid of
larger cells finds the pairs of edges, and of edges and nodes, that are near each other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.overlay._arrays import grown, grown_rows, offsets_of
from geo.overlay._tile_segments import TILE_M, UNITS_PER_METRE

_TILE_UNITS = int(TILE_M) * UNITS_PER_METRE


@njit(cache=True, nogil=True)
def _rasterise_segments(
    ends: np.ndarray, shift: int, width: int, start: np.ndarray, items: np.ndarray, fill: bool
) -> None:
    """Count, or list where ``fill``, the cells that each segment passes, with a margin of 2 units."""
    for i in range(len(ends)):
        ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
        low, high = min(ay, by), max(ay, by)
        c0, c1 = max(0, (ax - 2) >> shift), min(width - 1, (bx + 2) >> shift)
        r0, r1 = max(0, (low - 2) >> shift), min(width - 1, (high + 2) >> shift)
        whole = c0 == c1 or r0 == r1 or bx - ax <= 4
        slope = 0.0 if whole else (by - ay) / (bx - ax)
        for c in range(c0, c1 + 1):
            if not whole:
                y0 = ay + ((c << shift) - 3 - ax) * slope
                y1 = ay + (((c + 1) << shift) + 3 - ax) * slope
                r0 = max(0, (max(low, np.int64(min(y0, y1))) - 3) >> shift)
                r1 = min(width - 1, (min(high, np.int64(max(y0, y1))) + 3) >> shift)
            for r in range(r0, r1 + 1):
                cell = c * width + r
                if fill:
                    items[start[cell]] = i
                start[cell] += 1


@njit(cache=True, nogil=True)
def _segments_by_cell(ends: np.ndarray, shift: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each cell of a square raster the segments that pass it, as offsets and items."""
    count = np.zeros(width * width, np.int64)
    none = np.empty(0, np.int32)
    _rasterise_segments(ends, shift, width, count, none, False)
    start = offsets_of(count)
    items = np.empty(start[-1], np.int32)
    _rasterise_segments(ends, shift, width, start[:-1].copy(), items, True)
    return start, items


@njit(cache=True, nogil=True)
def _crossings(ends: np.ndarray, shift: int, width: int, start: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Return the lattice points nearest to where two segments properly cross."""
    out = np.empty((len(ends) + 64, 2), np.int64)
    m = 0
    for cell in range(width * width):
        for p in range(start[cell], start[cell + 1]):
            i = items[p]
            ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
            low, high = min(ay, by), max(ay, by)
            dx, dy = bx - ax, by - ay
            for q in range(p + 1, start[cell + 1]):
                j = items[q]
                cx, cy, ex, ey = ends[j, 0], ends[j, 1], ends[j, 2], ends[j, 3]
                if cx > bx or ex < ax or min(cy, ey) > high or max(cy, ey) < low:
                    continue
                c_side = dx * (cy - ay) - dy * (cx - ax)
                e_side = dx * (ey - ay) - dy * (ex - ax)
                if c_side == 0 or e_side == 0 or (c_side > 0) == (e_side > 0):
                    continue
                a_side = (ex - cx) * (ay - cy) - (ey - cy) * (ax - cx)
                b_side = (ex - cx) * (by - cy) - (ey - cy) * (bx - cx)
                if a_side == 0 or b_side == 0 or (a_side > 0) == (b_side > 0):
                    continue
                # numerator and denominator are exact, so the position is good to 1e-6 of a lattice unit
                t = a_side / (a_side - b_side)
                x = ax + np.int64(np.rint(t * dx))
                y = ay + np.int64(np.rint(t * dy))
                if (x >> shift) * width + (y >> shift) != cell:  # the pair is in several cells: listed once
                    continue
                if m == len(out):
                    out = grown_rows(out, 2 * m)
                out[m, 0], out[m, 1] = x, y
                m += 1
    return out[:m]


@njit(cache=True, nogil=True)
def _unique_nodes(ends: np.ndarray, extra: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distinct points among segment ends and crossings, and the numbers of each segment's first and last."""
    n, k = len(ends), len(extra)
    capacity = 64
    while capacity < 3 * (n + k) + 8:
        capacity *= 2
    table = np.full(capacity, -1, np.int32)
    mask = capacity - 1
    xy = np.empty((2 * n + k, 2), np.int64)
    first = np.empty(n, np.int32)
    last = np.empty(n, np.int32)
    m = 0
    for i in range(2 * n + k):
        if i < n:
            x, y = ends[i, 0], ends[i, 1]
        elif i < 2 * n:
            x, y = ends[i - n, 2], ends[i - n, 3]
        else:
            x, y = extra[i - 2 * n, 0], extra[i - 2 * n, 1]
        key = x * np.int64(7046029254386353131) + y * np.int64(3202034522624059733)
        slot = (key ^ (key >> 29)) & mask
        while table[slot] >= 0 and (xy[table[slot], 0] != x or xy[table[slot], 1] != y):
            slot = (slot + 1) & mask
        if table[slot] < 0:
            xy[m, 0], xy[m, 1] = x, y
            table[slot] = m
            m += 1
        if i < n:
            first[i] = table[slot]
        elif i < 2 * n:
            last[i - n] = table[slot]
    return xy[:m].copy(), first, last


@njit(cache=True, nogil=True)
def _nodes_by_cell(xy: np.ndarray, shift: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    count = np.zeros(width * width, np.int64)
    for i in range(len(xy)):
        count[(xy[i, 0] >> shift) * width + (xy[i, 1] >> shift)] += 1
    start = offsets_of(count)
    at = start[:-1].copy()
    items = np.empty(len(xy), np.int32)
    for i in range(len(xy)):
        cell = (xy[i, 0] >> shift) * width + (xy[i, 1] >> shift)
        items[at[cell]] = i
        at[cell] += 1
    return start, items


@njit(cache=True, nogil=True)
def _hot_pixels(
    ends: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    xy: np.ndarray,
    width: int,
    segment_start: np.ndarray,
    segment_items: np.ndarray,
    node_start: np.ndarray,
    node_items: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (segment, node): the segment passes the hot pixel of the node, and does not end there."""
    out_segment = np.empty(2 * len(ends) + 64, np.int32)
    out_node = np.empty(2 * len(ends) + 64, np.int32)
    m = 0
    for cell in range(width * width):
        n0, n1 = node_start[cell], node_start[cell + 1]
        if n0 == n1:
            continue
        for p in range(segment_start[cell], segment_start[cell + 1]):
            i = segment_items[p]
            ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
            low, high = min(ay, by), max(ay, by)
            dx, dy = bx - ax, by - ay
            # slightly more than half a pixel, so that a crossing rounded to the wrong side is still included
            limit = dx + abs(dy)
            limit += limit >> 10
            for q in range(n0, n1):
                k = node_items[q]
                x, y = xy[k, 0], xy[k, 1]
                if x < ax or x > bx or y < low or y > high or k == first[i] or k == last[i]:
                    continue
                off = dx * (y - ay) - dy * (x - ax)
                if 2 * abs(off) <= limit:
                    if m == len(out_segment):
                        out_segment, out_node = grown(out_segment, 2 * m), grown(out_node, 2 * m)
                    out_segment[m], out_node[m] = i, k
                    m += 1
    return out_segment[:m], out_node[:m]


@njit(cache=True, nogil=True)
def _nodes_along_segments(
    ends: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    xy: np.ndarray,
    pair_segment: np.ndarray,
    pair_node: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes along every segment in order, its ends included, as offsets and items."""
    n = len(ends)
    start = np.zeros(n + 1, np.int64)
    for s in pair_segment:
        start[s + 1] += 1
    for i in range(n):
        start[i + 1] += start[i] + 2
    items = np.empty(start[-1], np.int32)
    fill = start[:-1].copy()
    for k in range(len(pair_segment)):
        fill[pair_segment[k]] += 1
        items[fill[pair_segment[k]]] = pair_node[k]
    for i in range(n):
        p, q = start[i], start[i + 1]
        items[p], items[q - 1] = first[i], last[i]
        dx, dy = ends[i, 2] - ends[i, 0], ends[i, 3] - ends[i, 1]
        for a in range(p + 2, q - 1):
            k = items[a]
            x, y = xy[k, 0], xy[k, 1]
            b = a - 1
            while b > p:
                o = items[b]
                ahead = dx * (xy[o, 0] - x) + dy * (xy[o, 1] - y)
                # ties by x, then y: every segment runs to larger x, so overlapping ones break them alike
                if ahead < 0 or (ahead == 0 and (xy[o, 0] < x or (xy[o, 0] == x and xy[o, 1] < y))):
                    break
                items[b + 1] = o
                b -= 1
            items[b + 1] = k
    return start, items


def node_segments(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bend segments through every node whose hot pixel they pass.

    Parameters
    ----------
    ends
        ``ax, ay, bx, by`` of each segment (lattice units, 0 to the tile's width), a before b by x, then y.

    Returns
    -------
    Points of the nodes (lattice units), and for each segment the nodes along it, as offsets and items.

    Examples
    --------
    Two diagonals of a square of 10 units cross in its middle, node 4:

    >>> import numpy as np
    >>> xy, start, items = node_segments(np.array([(0, 0, 10, 10), (0, 10, 10, 0)]))
    >>> xy.tolist(), [items[a:b].tolist() for a, b in zip(start[:-1], start[1:], strict=True)]
    ([[0, 0], [0, 10], [10, 10], [10, 0], [5, 5]], [[0, 4, 2], [1, 4, 3]])
    """
    # 1. cells of 2**22 to 2**27 units, about one per segment
    shift = 27
    while shift > 22 and (_TILE_UNITS >> shift) ** 2 < len(ends):
        shift -= 1
    width = (_TILE_UNITS >> shift) + 1
    # 2. nodes: ends and crossings
    segments = _segments_by_cell(ends, shift, width)
    xy, first, last = _unique_nodes(ends, _crossings(ends, shift, width, *segments))
    # 3. segments bent through the hot pixels they pass
    nodes = _nodes_by_cell(xy, shift, width)
    pair_segment, pair_node = _hot_pixels(ends, first, last, xy, width, *segments, *nodes)
    start, items = _nodes_along_segments(ends, first, last, xy, pair_segment, pair_node)
    return xy, start, items
