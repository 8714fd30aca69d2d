"""Node the edges of many rings exactly, on the integer lattice of one tile.

Snap rounding (Hobby 1999, doi:10.1016/S0925-7721(99)00021-8): every vertex and every crossing becomes a lattice point,
and every edge is bent through each lattice point whose pixel it passes. On integers all side tests are exact, so the
result is a planar graph whatever the input: touching, overlapping and nearly parallel edges need no tolerance.
"""

from __future__ import annotations

import numpy as np
from numba import njit

#: Lattice points per metre; a power of two, so that metres and lattice convert without rounding.
UNITS = 1 << 20
#: Side of a tile (m), rule C3. A tile is under 2**30 units wide, so products of two lengths fit 64 bits.
TILE_M = 1000.0
_WIDTH = 1000 << 20


@njit(cache=True, nogil=True)
def _clip_side(px: np.ndarray, py: np.ndarray, n: int, at: float, upper: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Cut a ring by the half plane px >= at (or <= at); Sutherland and Hodgman, so the ring stays closed."""
    out_x = np.empty(2 * n + 2)
    out_y = np.empty(2 * n + 2)
    m = 0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        x0, y0, x1, y1 = px[i], py[i], px[j], py[j]
        in0 = x0 <= at if upper else x0 >= at
        in1 = x1 <= at if upper else x1 >= at
        if in0:
            out_x[m], out_y[m] = x0, y0
            m += 1
        if in0 != in1 and at not in (x0, x1):
            # from the lower end whichever way the edge runs, so that both tiles at a border find the same point
            if x0 > x1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            out_x[m], out_y[m] = at, y0 + (y1 - y0) * ((at - x0) / (x1 - x0))
            m += 1
    return out_x, out_y, m


@njit(cache=True, nogil=True)
def _clip(px: np.ndarray, py: np.ndarray, n: int, left: float, low: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Cut a ring of n vertices to the tile with that lower left corner."""
    right, high = left + TILE_M, low + TILE_M
    if px.min() < left:
        px, py, n = _clip_side(px, py, n, left, False)
    if n and px[:n].max() > right:
        px, py, n = _clip_side(px, py, n, right, True)
    if n and py[:n].min() < low:
        py, px, n = _clip_side(py, px, n, low, False)
    if n and py[:n].max() > high:
        py, px, n = _clip_side(py, px, n, high, True)
    return px, py, n


@njit(cache=True, nogil=True)
def tile_segments(
    coords: np.ndarray,
    start: np.ndarray,
    sense: np.ndarray,
    owner: np.ndarray,
    rings: np.ndarray,
    left: float,
    low: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut rings to a tile and put their edges on its lattice.

    Parameters
    ----------
    coords
        Vertices (m), shape (n, 2), rings closed.
    start
        First vertex of each ring, and the end of the last.
    sense
        +1 where the polygon lies left of the ring, else -1.
    owner
        Number of the polygon each ring belongs to.
    rings
        The rings to use, in the order to use them.
    left, low
        Lower left corner of the tile (m).

    Returns
    -------
    Ends ``ax, ay, bx, by`` (lattice units from the corner; a before b by x, then y), owners, and the side of the owner:
    +1 left of a -> b, -1 right.
    """
    total = 0
    for r in rings:
        total += start[r + 1] - start[r]
    ends = np.empty((2 * total + 16, 4), np.int64)
    own = np.empty(2 * total + 16, np.int32)
    side = np.empty(2 * total + 16, np.int8)
    m = 0
    for r in rings:
        n = start[r + 1] - start[r] - 1
        if n < 3:
            continue
        px = coords[start[r] : start[r] + n, 0].copy()
        py = coords[start[r] : start[r] + n, 1].copy()
        px, py, n = _clip(px, py, n, left, low)
        if n < 3:
            continue
        if m + n > len(own):
            room = 2 * (m + n)
            ends, own, side = _longer2(ends, room), _longer(own, room), _longer(side, room)
        x0 = np.int64(np.rint((px[n - 1] - left) * UNITS))
        y0 = np.int64(np.rint((py[n - 1] - low) * UNITS))
        for i in range(n):
            x1 = np.int64(np.rint((px[i] - left) * UNITS))
            y1 = np.int64(np.rint((py[i] - low) * UNITS))
            if x0 < x1 or (x0 == x1 and y0 < y1):
                ends[m, 0], ends[m, 1], ends[m, 2], ends[m, 3] = x0, y0, x1, y1
                own[m], side[m] = owner[r], sense[r]
                m += 1
            elif x0 != x1 or y0 != y1:
                ends[m, 0], ends[m, 1], ends[m, 2], ends[m, 3] = x1, y1, x0, y0
                own[m], side[m] = owner[r], -sense[r]
                m += 1
            x0, y0 = x1, y1
    return ends[:m], own[:m], side[:m]


@njit(cache=True, nogil=True)
def _longer(a: np.ndarray, room: int) -> np.ndarray:
    out = np.empty(room, a.dtype)
    for i in range(len(a)):  # a loop compiles in a tenth of the time that a slice takes
        out[i] = a[i]
    return out


@njit(cache=True, nogil=True)
def _longer2(a: np.ndarray, room: int) -> np.ndarray:
    out = np.empty((room, a.shape[1]), a.dtype)
    for i in range(len(a)):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j]
    return out


@njit(cache=True, nogil=True)
def _bin(ends: np.ndarray, shift: int, side: int, ptr: np.ndarray, items: np.ndarray, fill: bool) -> None:
    """Count (or list) the cells each segment passes, with 2 units to spare."""
    for i in range(len(ends)):
        ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
        low, high = min(ay, by), max(ay, by)
        c0, c1 = max(0, (ax - 2) >> shift), min(side - 1, (bx + 2) >> shift)
        r0, r1 = max(0, (low - 2) >> shift), min(side - 1, (high + 2) >> shift)
        whole = c0 == c1 or r0 == r1 or bx - ax <= 4
        slope = 0.0 if whole else (by - ay) / (bx - ax)
        for c in range(c0, c1 + 1):
            if not whole:
                y0 = ay + ((c << shift) - 3 - ax) * slope
                y1 = ay + (((c + 1) << shift) + 3 - ax) * slope
                r0 = max(0, (max(low, np.int64(min(y0, y1))) - 3) >> shift)
                r1 = min(side - 1, (min(high, np.int64(max(y0, y1))) + 3) >> shift)
            for r in range(r0, r1 + 1):
                cell = c * side + r
                if fill:
                    items[ptr[cell]] = i
                ptr[cell] += 1


@njit(cache=True, nogil=True)
def pointers(count: np.ndarray) -> np.ndarray:
    """Return where the items of each begin, and the end of the last."""
    out = np.empty(len(count) + 1, np.int64)
    out[0] = 0
    for i in range(len(count)):
        out[i + 1] = out[i] + count[i]
    return out


@njit(cache=True, nogil=True)
def _cells(ends: np.ndarray, shift: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each cell of a square raster the segments that pass it, as pointers and items."""
    count = np.zeros(side * side, np.int64)
    none = np.empty(0, np.int32)
    _bin(ends, shift, side, count, none, False)
    ptr = pointers(count)
    items = np.empty(ptr[-1], np.int32)
    _bin(ends, shift, side, ptr[:-1].copy(), items, True)
    return ptr, items


@njit(cache=True, nogil=True)
def _crossings(ends: np.ndarray, shift: int, side: int, ptr: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Return the lattice points nearest to where two segments properly cross."""
    out = np.empty((len(ends) + 64, 2), np.int64)
    m = 0
    for cell in range(side * side):
        for p in range(ptr[cell], ptr[cell + 1]):
            i = items[p]
            ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
            low, high = min(ay, by), max(ay, by)
            dx, dy = bx - ax, by - ay
            for q in range(p + 1, ptr[cell + 1]):
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
                # numerator and denominator are exact, so the place is good to 1e-6 of a lattice unit
                t = a_side / (a_side - b_side)
                x = ax + np.int64(np.rint(t * dx))
                y = ay + np.int64(np.rint(t * dy))
                if (x >> shift) * side + (y >> shift) != cell:  # the pair meets in several cells: told once
                    continue
                if m == len(out):
                    out = _longer2(out, 2 * m)
                out[m, 0], out[m, 1] = x, y
                m += 1
    return out[:m]


@njit(cache=True, nogil=True)
def _unique_nodes(ends: np.ndarray, extra: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the distinct points among segment ends and crossings a number; return points, and the ends' numbers."""
    n, k = len(ends), len(extra)
    room = 64
    while room < 3 * (n + k) + 8:
        room *= 2
    table = np.full(room, -1, np.int32)
    mask = room - 1
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
def _node_cells(xy: np.ndarray, shift: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    count = np.zeros(side * side, np.int64)
    for i in range(len(xy)):
        count[(xy[i, 0] >> shift) * side + (xy[i, 1] >> shift)] += 1
    ptr = pointers(count)
    at = ptr[:-1].copy()
    items = np.empty(len(xy), np.int32)
    for i in range(len(xy)):
        cell = (xy[i, 0] >> shift) * side + (xy[i, 1] >> shift)
        items[at[cell]] = i
        at[cell] += 1
    return ptr, items


@njit(cache=True, nogil=True)
def _passed(
    ends: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
    xy: np.ndarray,
    side: int,
    seg_ptr: np.ndarray,
    seg_items: np.ndarray,
    node_ptr: np.ndarray,
    node_items: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (segment, node): the node's pixel is passed by the segment, which does not end there."""
    out_s = np.empty(2 * len(ends) + 64, np.int32)
    out_n = np.empty(2 * len(ends) + 64, np.int32)
    m = 0
    for cell in range(side * side):
        n0, n1 = node_ptr[cell], node_ptr[cell + 1]
        if n0 == n1:
            continue
        for p in range(seg_ptr[cell], seg_ptr[cell + 1]):
            i = seg_items[p]
            ax, ay, bx, by = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
            low, high = min(ay, by), max(ay, by)
            dx, dy = bx - ax, by - ay
            reach = dx + abs(dy)
            reach += reach >> 10  # a hair more than half a pixel: a crossing rounded to the wrong side is still passed
            for q in range(n0, n1):
                k = node_items[q]
                x, y = xy[k, 0], xy[k, 1]
                if x < ax or x > bx or y < low or y > high or k == first[i] or k == last[i]:
                    continue
                off = dx * (y - ay) - dy * (x - ax)
                if 2 * abs(off) <= reach:
                    if m == len(out_s):
                        out_s, out_n = _longer(out_s, 2 * m), _longer(out_n, 2 * m)
                    out_s[m], out_n[m] = i, k
                    m += 1
    return out_s[:m], out_n[:m]


@njit(cache=True, nogil=True)
def _chains(
    ends: np.ndarray, first: np.ndarray, last: np.ndarray, xy: np.ndarray, pair_s: np.ndarray, pair_n: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nodes along every segment in order, its ends included, as pointers and items."""
    n = len(ends)
    ptr = np.zeros(n + 1, np.int64)
    for s in pair_s:
        ptr[s + 1] += 1
    for i in range(n):
        ptr[i + 1] += ptr[i] + 2
    items = np.empty(ptr[-1], np.int32)
    fill = ptr[:-1].copy()
    for k in range(len(pair_s)):
        fill[pair_s[k]] += 1
        items[fill[pair_s[k]]] = pair_n[k]
    for i in range(n):
        p, q = ptr[i], ptr[i + 1]
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
    return ptr, items


def node_segments(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bend segments through every node they meet.

    Parameters
    ----------
    ends
        ``ax, ay, bx, by`` of each segment (lattice units, 0 to the tile's width), a before b by x, then y.

    Returns
    -------
    Points of the nodes (lattice units), and for each segment the nodes along it, as pointers and items.
    """
    shift = 27
    while shift > 22 and (_WIDTH >> shift) ** 2 < len(ends):
        shift -= 1
    side = (_WIDTH >> shift) + 1
    segs = _cells(ends, shift, side)
    xy, first, last = _unique_nodes(ends, _crossings(ends, shift, side, *segs))
    nodes = _node_cells(xy, shift, side)
    pair_s, pair_n = _passed(ends, first, last, xy, side, *segs, *nodes)
    ptr, items = _chains(ends, first, last, xy, pair_s, pair_n)
    return xy, ptr, items
