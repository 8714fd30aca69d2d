"""Clip rings to a tile and round their edges to the integer lattice of the tile (rule C3)."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.overlay._arrays import grown, grown_rows

#: Lattice points per metre; a power of two, so that conversion between metres and the lattice does not round.
UNITS_PER_METRE = 1 << 20
#: Side of a tile (m), rule C3. A tile is under 2**30 units wide, so products of two lengths fit 64 bits.
TILE_M = 1000.0


@njit(cache=True, nogil=True)
def _clip_side(px: np.ndarray, py: np.ndarray, n: int, at: float, upper: bool) -> tuple[np.ndarray, np.ndarray, int]:
    """Clip a ring to the half plane px >= at, or <= at where ``upper``.

    The algorithm of Sutherland and Hodgman (1974, doi:10.1145/360767.360802) keeps the ring closed.
    """
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
            # from the lower end in either direction of the edge, so that both tiles at a border find the same point
            if x0 > x1:
                x0, y0, x1, y1 = x1, y1, x0, y0
            out_x[m], out_y[m] = at, y0 + (y1 - y0) * ((at - x0) / (x1 - x0))
            m += 1
    return out_x, out_y, m


@njit(cache=True, nogil=True)
def _clip(px: np.ndarray, py: np.ndarray, n: int, left: float, low: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Clip a ring of n vertices to the tile with that lower left corner."""
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
    orientation: np.ndarray,
    polygon: np.ndarray,
    rings: np.ndarray,
    left: float,
    low: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clip rings to a tile and round their edges to its lattice.

    Parameters
    ----------
    coords
        Vertices (m), shape (n, 2), rings closed.
    start
        First vertex of each ring, and the end of the last.
    orientation
        +1 where the polygon is left of the ring, else -1.
    polygon
        Number of the polygon each ring belongs to.
    rings
        The rings to use, in the order to use them.
    left, low
        Lower left corner of the tile (m).

    Returns
    -------
    Ends ``ax, ay, bx, by`` (lattice units from the corner; a before b by x, then y), and for each segment its polygon
    and the side that the polygon is on: +1 left of a -> b, -1 right.
    """
    total = 0
    for r in rings:
        total += start[r + 1] - start[r]
    ends = np.empty((2 * total + 16, 4), np.int64)
    polygons = np.empty(2 * total + 16, np.int32)
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
        if m + n > len(polygons):
            capacity = 2 * (m + n)
            ends, polygons, side = grown_rows(ends, capacity), grown(polygons, capacity), grown(side, capacity)
        x0 = np.int64(np.rint((px[n - 1] - left) * UNITS_PER_METRE))
        y0 = np.int64(np.rint((py[n - 1] - low) * UNITS_PER_METRE))
        for i in range(n):
            x1 = np.int64(np.rint((px[i] - left) * UNITS_PER_METRE))
            y1 = np.int64(np.rint((py[i] - low) * UNITS_PER_METRE))
            if x0 < x1 or (x0 == x1 and y0 < y1):
                ends[m, 0], ends[m, 1], ends[m, 2], ends[m, 3] = x0, y0, x1, y1
                polygons[m], side[m] = polygon[r], orientation[r]
                m += 1
            elif x0 != x1 or y0 != y1:
                ends[m, 0], ends[m, 1], ends[m, 2], ends[m, 3] = x1, y1, x0, y0
                polygons[m], side[m] = polygon[r], -orientation[r]
                m += 1
            x0, y0 = x1, y1
    return ends[:m], polygons[:m], side[:m]
