"""Turn the noded edges of one tile into faces (rule C3).

The graph is a doubly connected edge list (de Berg et al. 2008, Computational Geometry, 3rd ed., chapter 2,
doi:10.1007/978-3-540-77974-2): edge e runs from its lower to its higher node as half-edge 2e and back as 2e + 1; a face
is left of its half-edges. Counter-clockwise loops of half-edges are outer borders, clockwise ones are holes, which are
given to the face that contains their leftmost node. Areas are sums of integer products that wrap modulo 2**64, hence
exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.overlay._arrays import offsets_of
from geo.overlay._covers import covering_polygons
from geo.overlay._noding import node_segments
from geo.overlay._tile_segments import UNITS_PER_METRE

#: Rows of the tile that hold the edges for the search of a hole's face are 2**23 units (8 m) high.
_ROW_SHIFT = 23


class Faces(NamedTuple):
    """Faces of one tile; face 0 is the outside, which no polygon covers.

    Attributes
    ----------
    xy
        Nodes (lattice units from the tile's lower left corner).
    tail
        Node that each half-edge starts at; its twin is ``h ^ 1``.
    following
        Half-edge that follows along the same face.
    face
        Face left of each half-edge.
    area
        Area of each face (m2); 0 for face 0.
    cover_start, cover
        Polygons that cover each face, by number and ascending, as offsets and items.
    """

    xy: np.ndarray
    tail: np.ndarray
    following: np.ndarray
    face: np.ndarray
    area: np.ndarray
    cover_start: np.ndarray
    cover: np.ndarray


@njit(cache=True, nogil=True)
def _merge_coincident_edges(
    start: np.ndarray, nodes: np.ndarray, polygon: np.ndarray, side: np.ndarray, node_count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Merge coincident edges; drop those across which no polygon changes.

    Returns tails of the half-edges, and for each edge the polygons that change across it with the sum of their sides
    (seen from the lower to the higher node), as offsets, polygons and sums.
    """
    # 1. sort the edges: by lower node in buckets, within them by higher node and polygon
    count = np.zeros(node_count, np.int64)
    for i in range(len(polygon)):
        for a in range(start[i], start[i + 1] - 1):
            count[min(nodes[a], nodes[a + 1])] += 1
    bucket = offsets_of(count)
    at = bucket[:-1].copy()
    high = np.empty(bucket[-1], np.int32)
    edge_polygon = np.empty(bucket[-1], np.int32)
    edge_side = np.empty(bucket[-1], np.int8)
    for i in range(len(polygon)):
        for a in range(start[i], start[i + 1] - 1):
            u, v = nodes[a], nodes[a + 1]
            k = at[min(u, v)]
            at[min(u, v)] += 1
            b = k
            first = bucket[min(u, v)]
            top = max(u, v)
            while b > first and (high[b - 1] > top or (high[b - 1] == top and edge_polygon[b - 1] > polygon[i])):
                high[b], edge_polygon[b], edge_side[b] = high[b - 1], edge_polygon[b - 1], edge_side[b - 1]
                b -= 1
            high[b], edge_polygon[b], edge_side[b] = top, polygon[i], side[i] if u < v else -side[i]
    # 2. add up the sides of each polygon on coincident edges
    tail = np.empty(2 * len(high), np.int32)
    change_start = np.empty(len(high) + 1, np.int64)
    change_start[0] = 0
    change_polygon = np.empty(len(high), np.int32)
    change = np.empty(len(high), np.int8)
    e = 0
    m = 0
    for u in range(node_count):
        k = bucket[u]
        while k < bucket[u + 1]:
            v = high[k]
            begin = m
            while k < bucket[u + 1] and high[k] == v:
                p = edge_polygon[k]
                s = 0
                while k < bucket[u + 1] and high[k] == v and edge_polygon[k] == p:
                    s += edge_side[k]
                    k += 1
                if s != 0:
                    change_polygon[m], change[m] = p, s
                    m += 1
            if m > begin:
                tail[2 * e], tail[2 * e + 1] = u, v
                e += 1
                change_start[e] = m
    return tail[: 2 * e].copy(), change_start[: e + 1].copy(), change_polygon[:m].copy(), change[:m].copy()


@njit(cache=True, nogil=True)
def _next_half_edges(xy: np.ndarray, tail: np.ndarray) -> np.ndarray:
    """Return for each half-edge the one that follows along the face on its left."""
    # 1. the half-edges out of each node, counter-clockwise
    n = len(xy)
    count = np.zeros(n, np.int64)
    for u in tail:
        count[u] += 1
    start = offsets_of(count)
    at = start[:-1].copy()
    out = np.empty(len(tail), np.int32)
    for h in range(len(tail)):
        u, v = tail[h], tail[h ^ 1]
        dx, dy = xy[v, 0] - xy[u, 0], xy[v, 1] - xy[u, 1]
        lower = not (dy > 0 or (dy == 0 and dx > 0))
        b = at[u]
        at[u] += 1
        while b > start[u]:
            w = tail[out[b - 1] ^ 1]
            ex, ey = xy[w, 0] - xy[u, 0], xy[w, 1] - xy[u, 1]
            e_lower = not (ey > 0 or (ey == 0 and ex > 0))
            if e_lower < lower or (e_lower == lower and ex * dy - ey * dx > 0):
                break
            out[b] = out[b - 1]
            b -= 1
        out[b] = h
    # 2. a half-edge into a node is followed by the one before its twin
    following = np.empty(len(tail), np.int32)
    for u in range(n):
        last = start[u + 1] - 1
        for k in range(start[u], start[u + 1]):
            before = out[k - 1] if k > start[u] else out[last]
            following[out[k] ^ 1] = before
    return following


@njit(cache=True, nogil=True)
def _loops(xy: np.ndarray, tail: np.ndarray, following: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the loop of each half-edge, the doubled area of each loop, and its half-edge at the leftmost node."""
    loop = np.full(len(tail), -1, np.int32)
    doubled_area = np.empty(len(tail), np.int64)
    leftmost = np.empty(len(tail), np.int32)
    m = 0
    for h in range(len(tail)):
        if loop[h] >= 0:
            continue
        total = np.int64(0)
        g = h
        best = h
        while loop[g] < 0:
            loop[g] = m
            u, v = tail[g], tail[g ^ 1]
            total += xy[u, 0] * xy[v, 1] - xy[u, 1] * xy[v, 0]
            w = tail[best]
            if xy[u, 0] < xy[w, 0] or (xy[u, 0] == xy[w, 0] and xy[u, 1] < xy[w, 1]):
                best = g
            g = following[g]
        doubled_area[m] = total
        leftmost[m] = best
        m += 1
    return loop, doubled_area[:m].copy(), leftmost[:m].copy()


@njit(cache=True, nogil=True)
def _downward_edges_by_row(xy: np.ndarray, tail: np.ndarray, shift: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row of the tile the downward half-edges that cross it, as offsets and items."""
    size = np.zeros(count, np.int64)
    for e in range(len(tail) // 2):
        y0, y1 = xy[tail[2 * e], 1], xy[tail[2 * e + 1], 1]
        if y0 != y1:
            for r in range(min(y0, y1) >> shift, (max(y0, y1) >> shift) + 1):
                size[r] += 1
    start = offsets_of(size)
    at = start[:-1].copy()
    items = np.empty(start[-1], np.int32)
    for e in range(len(tail) // 2):
        y0, y1 = xy[tail[2 * e], 1], xy[tail[2 * e + 1], 1]
        if y0 != y1:
            for r in range(min(y0, y1) >> shift, (max(y0, y1) >> shift) + 1):
                items[at[r]] = 2 * e if y0 > y1 else 2 * e + 1
                at[r] += 1
    return start, items


@njit(cache=True, nogil=True)
def _side_of(xy: np.ndarray, low: int, high: int, p: int) -> int:
    """Return on which side of the line low -> high node p is: 1 left, -1 right, 0 on it."""
    ax, ay = xy[low, 0], xy[low, 1]
    return np.sign((xy[high, 0] - ax) * (xy[p, 1] - ay) - (xy[high, 1] - ay) * (xy[p, 0] - ax))


@njit(cache=True, nogil=True)
def _nearest_edge_to_the_left(xy: np.ndarray, tail: np.ndarray, p: int, begin: int, end: int, items: np.ndarray) -> int:
    """Return the downward half-edge nearest to the left of node p, at a level just above it; -1 for none."""
    best = -1
    best_low = best_high = 0
    y = xy[p, 1]
    for k in range(begin, end):
        h = items[k]
        low, high = tail[h ^ 1], tail[h]
        if xy[low, 1] > y or xy[high, 1] <= y or _side_of(xy, low, high, p) >= 0:
            continue
        if best < 0:
            best, best_low, best_high = h, low, high
            continue
        if xy[low, 1] >= xy[best_low, 1]:
            s = _side_of(xy, best_low, best_high, low)
            if s == 0:
                s = _side_of(xy, best_low, best_high, high)
            nearer = s < 0
        else:
            s = _side_of(xy, low, high, best_low)
            if s == 0:
                s = _side_of(xy, low, high, best_high)
            nearer = s > 0
        if nearer:
            best, best_low, best_high = h, low, high
    return best


@njit(cache=True, nogil=True)
def _holes_sorted_by_x(
    xy: np.ndarray, tail: np.ndarray, doubled_area: np.ndarray, leftmost: np.ndarray, count: int
) -> np.ndarray:
    """Return the clockwise loops in the order of their leftmost nodes."""
    out = np.empty(count, np.int64)
    m = 0
    for k in range(len(doubled_area)):
        if doubled_area[k] > 0:
            continue
        x, y = xy[tail[leftmost[k]], 0], xy[tail[leftmost[k]], 1]
        b = m
        while b > 0:
            u = tail[leftmost[out[b - 1]]]
            if xy[u, 0] < x or (xy[u, 0] == x and xy[u, 1] <= y):
                break
            out[b] = out[b - 1]
            b -= 1
        out[b] = k
        m += 1
    return out


@njit(cache=True, nogil=True)
def _faces_of_loops(
    xy: np.ndarray, tail: np.ndarray, loop: np.ndarray, doubled_area: np.ndarray, leftmost: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the face of each loop and the doubled area of each face; a clockwise loop is a hole in its face."""
    # 1. one face per counter-clockwise loop
    face = np.zeros(len(doubled_area), np.int32)
    n = 1
    holes = 0
    for k in range(len(doubled_area)):
        if doubled_area[k] > 0:
            face[k] = n
            n += 1
        else:
            holes += 1
    total = np.zeros(n, np.int64)
    for k in range(len(doubled_area)):
        if doubled_area[k] > 0:
            total[face[k]] = doubled_area[k]
    # 2. holes from left to right, so that the loop to the left of one has its face already
    if holes > 1:
        sorted_holes = _holes_sorted_by_x(xy, tail, doubled_area, leftmost, holes)
        start, items = _downward_edges_by_row(xy, tail, _ROW_SHIFT, (1 << (31 - _ROW_SHIFT)) + 1)
        for k in sorted_holes:
            p = tail[leftmost[k]]
            r = xy[p, 1] >> _ROW_SHIFT
            edge = _nearest_edge_to_the_left(xy, tail, p, start[r], start[r + 1], items)
            if edge >= 0:
                face[k] = face[loop[edge]]
                total[face[k]] += doubled_area[k]
    total[0] = 0
    return face, total


def make_faces(ends: np.ndarray, polygon: np.ndarray, side: np.ndarray) -> Faces:
    """Return the faces that the segments of ``tile_segments`` make.

    The steps are compiled separately: one large function takes twice as long to compile and is not faster.

    Examples
    --------
    A square of 2 m with polygon 0 on its left, all round:

    >>> import numpy as np
    >>> u = 2 * UNITS_PER_METRE
    >>> ends = np.array([(0, 0, u, 0), (u, 0, u, u), (0, u, u, u), (0, 0, 0, u)])
    >>> faces = make_faces(ends, np.zeros(4, np.int32), np.array([1, 1, -1, -1], np.int8))
    >>> faces.area.tolist(), faces.cover_start.tolist(), faces.cover.tolist()
    ([0.0, 4.0], [0, 0, 1], [0])
    """
    # 1. a planar graph: nodes, and edges that meet in nodes only
    xy, node_start, nodes = node_segments(ends)
    tail, change_start, change_polygon, change = _merge_coincident_edges(node_start, nodes, polygon, side, len(xy))
    # 2. loops of half-edges, and the face left of each
    following = _next_half_edges(xy, tail)
    loop, doubled_area, leftmost = _loops(xy, tail, following)
    loop_face, face_doubled_area = _faces_of_loops(xy, tail, loop, doubled_area, leftmost)
    face = loop_face[loop]
    # 3. what covers each face
    cover_start, cover = covering_polygons(face, len(face_doubled_area), change_start, change_polygon, change)
    area = face_doubled_area / (2.0 * UNITS_PER_METRE * UNITS_PER_METRE)
    return Faces(xy, tail, following, face, area, cover_start, cover)
