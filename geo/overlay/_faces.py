"""Turn the noded edges of one tile into faces, and say which polygons cover each face.

The graph is kept as half-edges: edge e runs from its lower to its higher node as 2e and back as 2e + 1; a face lies
left of its half-edges. Areas are sums of integer products that wrap modulo 2**64, hence exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.overlay._noding import UNITS, node_segments, pointers


class Faces(NamedTuple):
    """Hold the faces of one tile; face 0 is the outside, which no polygon covers.

    Attributes
    ----------
    xy
        Nodes (lattice units from the tile's lower left corner).
    tail
        Node each half-edge starts at; its twin is ``h ^ 1``.
    after
        Half-edge that follows along the same face.
    face
        Face left of each half-edge.
    area
        Area of each face (m2); 0 for face 0.
    start, owner
        Polygons that cover each face, by number and ascending, as pointers and items.
    """

    xy: np.ndarray
    tail: np.ndarray
    after: np.ndarray
    face: np.ndarray
    area: np.ndarray
    start: np.ndarray
    owner: np.ndarray


@njit(cache=True, nogil=True)
def _merge(
    ptr: np.ndarray, nodes: np.ndarray, own: np.ndarray, side: np.ndarray, n_nodes: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Merge coinciding edges; drop those that no polygon changes across.

    Returns tails of the half-edges, and for each edge the owners that change across it with the sum of their sides
    (seen from the lower to the higher node), as pointers, owners and sums.
    """
    # bucket by the lower node
    count = np.zeros(n_nodes, np.int64)
    for i in range(len(own)):
        for a in range(ptr[i], ptr[i + 1] - 1):
            count[min(nodes[a], nodes[a + 1])] += 1
    bucket = pointers(count)
    at = bucket[:-1].copy()
    high = np.empty(bucket[-1], np.int32)
    who = np.empty(bucket[-1], np.int32)
    turn = np.empty(bucket[-1], np.int8)
    for i in range(len(own)):
        for a in range(ptr[i], ptr[i + 1] - 1):
            u, v = nodes[a], nodes[a + 1]
            k = at[min(u, v)]
            at[min(u, v)] += 1
            b = k
            first = bucket[min(u, v)]
            top = max(u, v)
            while b > first and (high[b - 1] > top or (high[b - 1] == top and who[b - 1] > own[i])):
                high[b], who[b], turn[b] = high[b - 1], who[b - 1], turn[b - 1]
                b -= 1
            high[b], who[b], turn[b] = top, own[i], side[i] if u < v else -side[i]
    tail = np.empty(2 * len(high), np.int32)
    start = np.empty(len(high) + 1, np.int64)
    start[0] = 0
    owner = np.empty(len(high), np.int32)
    total = np.empty(len(high), np.int8)
    e = 0
    m = 0
    for u in range(n_nodes):
        k = bucket[u]
        while k < bucket[u + 1]:
            v = high[k]
            begin = m
            while k < bucket[u + 1] and high[k] == v:
                w = who[k]
                s = 0
                while k < bucket[u + 1] and high[k] == v and who[k] == w:
                    s += turn[k]
                    k += 1
                if s != 0:
                    owner[m], total[m] = w, s
                    m += 1
            if m > begin:
                tail[2 * e], tail[2 * e + 1] = u, v
                e += 1
                start[e] = m
    return tail[: 2 * e].copy(), start[: e + 1].copy(), owner[:m].copy(), total[:m].copy()


@njit(cache=True, nogil=True)
def _link(xy: np.ndarray, tail: np.ndarray) -> np.ndarray:
    """Return for each half-edge the one that follows along the face on its left."""
    n = len(xy)
    count = np.zeros(n, np.int64)
    for u in tail:
        count[u] += 1
    ptr = pointers(count)
    at = ptr[:-1].copy()
    out = np.empty(len(tail), np.int32)
    for h in range(len(tail)):
        u, v = tail[h], tail[h ^ 1]
        dx, dy = xy[v, 0] - xy[u, 0], xy[v, 1] - xy[u, 1]
        lower = not (dy > 0 or (dy == 0 and dx > 0))
        b = at[u]
        at[u] += 1
        while b > ptr[u]:
            w = tail[out[b - 1] ^ 1]
            ex, ey = xy[w, 0] - xy[u, 0], xy[w, 1] - xy[u, 1]
            e_lower = not (ey > 0 or (ey == 0 and ex > 0))
            if e_lower < lower or (e_lower == lower and ex * dy - ey * dx > 0):
                break
            out[b] = out[b - 1]
            b -= 1
        out[b] = h
    after = np.empty(len(tail), np.int32)
    for u in range(n):
        last = ptr[u + 1] - 1
        for k in range(ptr[u], ptr[u + 1]):
            before = out[k - 1] if k > ptr[u] else out[last]
            after[out[k] ^ 1] = before
    return after


@njit(cache=True, nogil=True)
def _loops(xy: np.ndarray, tail: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the loop of each half-edge, twice the area of each loop, and a half-edge at its leftmost node."""
    loop = np.full(len(tail), -1, np.int32)
    twice = np.empty(len(tail), np.int64)
    lead = np.empty(len(tail), np.int32)
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
            g = after[g]
        twice[m] = total
        lead[m] = best
        m += 1
    return loop, twice[:m].copy(), lead[:m].copy()


@njit(cache=True, nogil=True)
def _rows(xy: np.ndarray, tail: np.ndarray, shift: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row of the tile the downward half-edges that cross it, as pointers and items."""
    size = np.zeros(count, np.int64)
    for e in range(len(tail) // 2):
        y0, y1 = xy[tail[2 * e], 1], xy[tail[2 * e + 1], 1]
        if y0 != y1:
            for r in range(min(y0, y1) >> shift, (max(y0, y1) >> shift) + 1):
                size[r] += 1
    ptr = pointers(size)
    at = ptr[:-1].copy()
    items = np.empty(ptr[-1], np.int32)
    for e in range(len(tail) // 2):
        y0, y1 = xy[tail[2 * e], 1], xy[tail[2 * e + 1], 1]
        if y0 != y1:
            for r in range(min(y0, y1) >> shift, (max(y0, y1) >> shift) + 1):
                items[at[r]] = 2 * e if y0 > y1 else 2 * e + 1
                at[r] += 1
    return ptr, items


@njit(cache=True, nogil=True)
def _side_of(xy: np.ndarray, low: int, high: int, p: int) -> int:
    """Return the sign of the turn low -> high -> p: positive left, negative right."""
    ax, ay = xy[low, 0], xy[low, 1]
    return np.sign((xy[high, 0] - ax) * (xy[p, 1] - ay) - (xy[high, 1] - ay) * (xy[p, 0] - ax))


@njit(cache=True, nogil=True)
def _left_of(xy: np.ndarray, tail: np.ndarray, p: int, begin: int, end: int, items: np.ndarray) -> int:
    """Return the downward half-edge nearest to the left of node p, just above it; -1 for none."""
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
def _holes_from_left(xy: np.ndarray, tail: np.ndarray, twice: np.ndarray, lead: np.ndarray, count: int) -> np.ndarray:
    """Return the clockwise loops in the order of their leftmost nodes."""
    out = np.empty(count, np.int64)
    m = 0
    for k in range(len(twice)):
        if twice[k] > 0:
            continue
        x, y = xy[tail[lead[k]], 0], xy[tail[lead[k]], 1]
        b = m
        while b > 0:
            u = tail[lead[out[b - 1]]]
            if xy[u, 0] < x or (xy[u, 0] == x and xy[u, 1] <= y):
                break
            out[b] = out[b - 1]
            b -= 1
        out[b] = k
        m += 1
    return out


@njit(cache=True, nogil=True)
def _assign(
    xy: np.ndarray, tail: np.ndarray, loop: np.ndarray, twice: np.ndarray, lead: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the face of each loop and twice the area of each; a clockwise loop is a hole of the face round it."""
    face = np.zeros(len(twice), np.int32)
    n = 1
    holes = 0
    for k in range(len(twice)):
        if twice[k] > 0:
            face[k] = n
            n += 1
        else:
            holes += 1
    total = np.zeros(n, np.int64)
    for k in range(len(twice)):
        if twice[k] > 0:
            total[face[k]] = twice[k]
    if holes > 1:
        which = _holes_from_left(xy, tail, twice, lead, holes)
        shift = 23
        ptr, items = _rows(xy, tail, shift, (1 << (31 - shift)) + 1)
        # from left to right, so that the loop hit has its face already
        for k in which:
            p = tail[lead[k]]
            r = xy[p, 1] >> shift
            hit = _left_of(xy, tail, p, ptr[r], ptr[r + 1], items)
            if hit >= 0:
                face[k] = face[loop[hit]]
                total[face[k]] += twice[k]
    total[0] = 0
    return face, total


@njit(cache=True, nogil=True)
def _grow(a: np.ndarray, room: int) -> np.ndarray:
    out = np.empty(room, a.dtype)
    for i in range(len(a)):
        out[i] = a[i]
    return out


@njit(cache=True, nogil=True)
def _cross(
    who: np.ndarray,
    times: np.ndarray,
    i: int,
    i_end: int,
    owner: np.ndarray,
    total: np.ndarray,
    j: int,
    j_end: int,
    sign: int,
    m: int,
) -> int:
    """Write behind m the covers of the face across an edge: those of this face, changed by the edge; return the end."""
    while i < i_end or j < j_end:
        if j == j_end or (i < i_end and who[i] < owner[j]):
            who[m], times[m] = who[i], times[i]
            i += 1
            m += 1
        elif i == i_end or owner[j] < who[i]:
            who[m], times[m] = owner[j], sign * total[j]
            j += 1
            m += 1
        else:
            left = times[i] + sign * total[j]
            if left != 0:
                who[m], times[m] = who[i], left
                m += 1
            i += 1
            j += 1
    return m


@njit(cache=True, nogil=True)
def _label(
    face: np.ndarray, n_faces: int, start: np.ndarray, owner: np.ndarray, total: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the polygons that cover each face, walking from the outside across the edges."""
    count = np.zeros(n_faces, np.int64)
    for f in face:
        count[f] += 1
    ptr = pointers(count)
    at = ptr[:-1].copy()
    border = np.empty(len(face), np.int32)
    for h in range(len(face)):
        border[at[face[h]]] = h
        at[face[h]] += 1
    begin = np.full(n_faces, -1, np.int64)
    size = np.zeros(n_faces, np.int32)
    who = np.empty(4 * n_faces + 64, np.int32)
    times = np.empty(4 * n_faces + 64, np.int8)
    queue = np.empty(n_faces, np.int32)
    queue[0] = 0
    begin[0] = 0
    m = 0
    filled = 1
    done = 0
    while done < filled:
        f = queue[done]
        done += 1
        for b in range(ptr[f], ptr[f + 1]):
            h = border[b]
            g = face[h ^ 1]
            if begin[g] >= 0:
                continue
            e = h >> 1
            sign = -1 if h & 1 == 0 else 1
            need = m + size[f] + (start[e + 1] - start[e])
            if need > len(who):
                who, times = _grow(who, 2 * need), _grow(times, 2 * need)
            begin[g] = m
            m = _cross(who, times, begin[f], begin[f] + size[f], owner, total, start[e], start[e + 1], sign, m)
            size[g] = m - begin[g]
            queue[filled] = g
            filled += 1
    return _positive(begin, size, who, times, m)


@njit(cache=True, nogil=True)
def _positive(
    begin: np.ndarray, size: np.ndarray, who: np.ndarray, times: np.ndarray, m: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the covers of each face that wind round it, as pointers and items."""
    n_faces = len(begin)
    out_start = np.zeros(n_faces + 1, np.int64)
    out = np.empty(m, np.int32)
    k = 0
    for f in range(n_faces):
        for i in range(begin[f], begin[f] + size[f]):
            if times[i] > 0:
                out[k] = who[i]
                k += 1
        out_start[f + 1] = k
    return out_start, out[:k].copy()


def make_faces(ends: np.ndarray, own: np.ndarray, side: np.ndarray) -> Faces:
    """Return the faces that the segments of ``tile_segments`` make.

    The steps are compiled one by one and joined here: in one piece they compile twice as long and run no faster.
    """
    xy, ptr, nodes = node_segments(ends)
    tail, start, owner, total = _merge(ptr, nodes, own, side, len(xy))
    after = _link(xy, tail)
    loop, twice, lead = _loops(xy, tail, after)
    loop_face, face_twice = _assign(xy, tail, loop, twice, lead)
    face = loop_face[loop]
    cover_start, cover = _label(face, len(face_twice), start, owner, total)
    area = face_twice / (2.0 * UNITS * UNITS)
    return Faces(xy, tail, after, face, area, cover_start, cover)
