"""List the polygons that cover each face of a tile, by their winding numbers (rule C3).

A polygon covers a face where its winding number is positive. The winding numbers of a face are those of its neighbour
plus what changes across the edge between them, so one walk from the outside, where all are 0, finds those of all faces.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.overlay._arrays import grown, offsets_of


@njit(cache=True, nogil=True)
def _covers_across_edge(
    polygon: np.ndarray,
    winding: np.ndarray,
    i: int,
    i_end: int,
    change_polygon: np.ndarray,
    change: np.ndarray,
    j: int,
    j_end: int,
    sign: int,
    m: int,
) -> int:
    """Append, from position m, the windings of the face across an edge: those of this face plus the changes.

    Returns the new end.
    """
    while i < i_end or j < j_end:
        if j == j_end or (i < i_end and polygon[i] < change_polygon[j]):
            polygon[m], winding[m] = polygon[i], winding[i]
            i += 1
            m += 1
        elif i == i_end or change_polygon[j] < polygon[i]:
            polygon[m], winding[m] = change_polygon[j], sign * change[j]
            j += 1
            m += 1
        else:
            total = winding[i] + sign * change[j]
            if total != 0:
                polygon[m], winding[m] = polygon[i], total
                m += 1
            i += 1
            j += 1
    return m


@njit(cache=True, nogil=True)
def covering_polygons(
    face: np.ndarray, face_count: int, change_start: np.ndarray, change_polygon: np.ndarray, change: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the polygons that cover each face, by a breadth-first walk from the outside across the edges.

    Parameters
    ----------
    face
        Face left of each half-edge; edge e is the half-edges 2e (from its lower to its higher node) and 2e + 1.
    face_count
        Number of faces; face 0 is the outside.
    change_start, change_polygon, change
        For each edge the polygons that change across it, ascending, with the sum of their sides: +1 where the polygon
        is left of the edge as it runs from its lower to its higher node.

    Returns
    -------
    For each face the polygons of positive winding number, ascending, as offsets and items.

    Examples
    --------
    One edge between the outside, on its right, and face 1, on its left, where polygon 7 begins:

    >>> import numpy as np
    >>> start, cover = covering_polygons(
    ...     np.array([1, 0], np.int32), 2, np.array([0, 1]), np.array([7], np.int32), np.array([1], np.int8)
    ... )
    >>> start.tolist(), cover.tolist()
    ([0, 0, 1], [7])
    """
    # 1. the half-edges of each face
    count = np.zeros(face_count, np.int64)
    for f in face:
        count[f] += 1
    border_start = offsets_of(count)
    at = border_start[:-1].copy()
    border = np.empty(len(face), np.int32)
    for h in range(len(face)):
        border[at[face[h]]] = h
        at[face[h]] += 1
    # 2. the windings of each face, from those of the face it is reached from
    begin = np.full(face_count, -1, np.int64)
    size = np.zeros(face_count, np.int32)
    polygon = np.empty(4 * face_count + 64, np.int32)
    winding = np.empty(4 * face_count + 64, np.int8)
    queue = np.empty(face_count, np.int32)
    queue[0] = 0
    begin[0] = 0
    m = 0
    filled = 1
    done = 0
    while done < filled:
        f = queue[done]
        done += 1
        for b in range(border_start[f], border_start[f + 1]):
            h = border[b]
            g = face[h ^ 1]
            if begin[g] >= 0:
                continue
            e = h >> 1
            sign = -1 if h & 1 == 0 else 1
            capacity = m + size[f] + (change_start[e + 1] - change_start[e])
            if capacity > len(polygon):
                polygon, winding = grown(polygon, 2 * capacity), grown(winding, 2 * capacity)
            begin[g] = m
            m = _covers_across_edge(
                polygon, winding, begin[f], begin[f] + size[f],
                change_polygon, change, change_start[e], change_start[e + 1], sign, m,
            )  # fmt: skip
            size[g] = m - begin[g]
            queue[filled] = g
            filled += 1
    return _positive_winding(begin, size, polygon, winding, m)


@njit(cache=True, nogil=True)
def _positive_winding(
    begin: np.ndarray, size: np.ndarray, polygon: np.ndarray, winding: np.ndarray, m: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the polygons of positive winding number of each face, as offsets and items."""
    face_count = len(begin)
    cover_start = np.zeros(face_count + 1, np.int64)
    cover = np.empty(m, np.int32)
    k = 0
    for f in range(face_count):
        for i in range(begin[f], begin[f] + size[f]):
            if winding[i] > 0:
                cover[k] = polygon[i]
                k += 1
        cover_start[f + 1] = k
    return cover_start, cover[:k].copy()
