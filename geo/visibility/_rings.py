"""Walk the boundary pieces that a sweep leaves into valid polygons."""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit

# ruff: noqa: ANN001, ANN202, N803, N806, C901
# mypy: disable-error-code="no-untyped-def"

#: Rings of a smaller area (m2) are rounding.
LEAST_RING = 1e-6


def polygons(swept: tuple, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return one valid polygon or multipolygon per camera, empty where it sees nothing, and whose do not close.

    Parameters
    ----------
    swept
        What ``geo.visibility._sweep.sweep`` returned.
    x, y
        Places of the cameras, metres.
    """
    pieces, nodes, first_piece, first_node, _ = swept
    most = int(max(np.diff(first_piece).max(initial=0), np.diff(first_node).max(initial=0)))
    xy, ring, part, camera, broken = _assemble(pieces, nodes, first_piece, first_node, x, y, most + 2)
    shapes = np.full(len(x), shapely.Polygon(), dtype=object)
    count = np.diff(camera)
    whole = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy, (ring, part))
    single = count == 1
    shapes[single] = whole[camera[:-1][single]]
    for i in np.flatnonzero(count > 1):
        shapes[i] = shapely.multipolygons(whole[camera[i] : camera[i + 1]])
    return repaired(shapes), broken


def repaired(shapes: np.ndarray) -> np.ndarray:
    """Return the shapes with the rare invalid ones (rounding of far-off coordinates) made valid."""
    bad = np.flatnonzero(~shapely.is_valid(shapes))
    if len(bad):
        shapes[bad] = [_only_areas(one) for one in shapely.make_valid(shapes[bad])]
    return shapes


def _only_areas(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a repaired shape, without the lines that repair may leave."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type in {"Polygon", "MultiPolygon"}]
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


@njit(cache=True, nogil=True)
def _area(N, W, a, b):
    """Return the signed area of the ring of nodes ``W[a:b]``."""
    area = 0.0
    px, py = N[W[b - 1]].x, N[W[b - 1]].y
    for k in range(a, b):
        x, y = N[W[k]].x, N[W[k]].y
        area += px * y - py * x
        px, py = x, y
    return area / 2


@njit(cache=True, nogil=True)
def _walk(P, N, done, place, W, T, start, area):
    """Walk the pieces into simple rings, a node met twice closing one; return their number, -1 for a broken walk."""
    for p in range(len(P)):
        done[p] = False
    for node in range(len(N)):
        place[node] = -1
    count, at = 0, 0
    for first in range(len(P)):
        p, n = first, np.int64(0)
        while not (n == 0 and done[p]):
            node = P[p].node
            if node < 0:
                return -1
            back = place[node]
            if back >= 0:
                one = _area(N, W, back, n)
                if n - back >= 3 and abs(one) >= LEAST_RING:
                    start[count], area[count] = at, one
                    count += 1
                    for k in range(back, n):
                        T[at] = W[k]
                        at += 1
                for k in range(back, n):
                    place[W[k]] = -1
                n = back
            if done[p]:
                break
            place[node], W[n], done[p] = n, node, True
            n += 1
            p = P[p].next
            if p < 0:
                return -1
        for k in range(n):
            place[W[k]] = -1
    start[count] = at
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _owner(N, T, start, area, count, hole):
    """Return the smallest shell that holds a hole, by the middle of the hole's first side."""
    a, b = N[T[start[hole]]], N[T[start[hole] + 1]]
    x, y = (a.x + b.x) / 2, (a.y + b.y) / 2
    best, found = np.inf, -1
    for s in range(count):
        if area[s] <= 0 or area[s] < -area[hole] or area[s] >= best:
            continue
        inside = False
        last = N[T[start[s + 1] - 1]]
        px, py = last.x, last.y
        for k in range(start[s], start[s + 1]):
            qx, qy = N[T[k]].x, N[T[k]].y
            if (py > y) != (qy > y) and x < (qx - px) * (y - py) / (qy - py) + px:
                inside = not inside
            px, py = qx, qy
        if inside:
            best, found = area[s], s
    return found


@njit(cache=True, nogil=True)
def _assemble(pieces, nodes, first_piece, first_node, x, y, most):
    """Return coordinates, ring, polygon and camera offsets, and cameras whose rings do not close."""
    n = len(x)
    done, place = np.empty(most, np.bool_), np.empty(most, np.int64)
    W, T, start = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    area, owner = np.empty(most), np.empty(most, np.int64)
    total = len(pieces) + 2
    xy = np.empty((2 * total, 2))
    ring, part = np.zeros(total, np.int64), np.zeros(total, np.int64)
    camera, broken = np.zeros(n + 1, np.int64), np.zeros(n, np.bool_)
    at, rings, parts = 0, 0, 0
    for j in range(n):
        P, N = pieces[first_piece[j] : first_piece[j + 1]], nodes[first_node[j] : first_node[j + 1]]
        count = _walk(P, N, done, place, W, T, start, area)
        broken[j] = count < 0
        for h in range(count):
            owner[h] = _owner(N, T, start, area, count, h) if area[h] < 0 else -1
        for s in range(count):
            if area[s] <= 0:
                continue
            for h in range(-1, count):
                if h >= 0 and owner[h] != s:
                    continue
                g = s if h < 0 else h
                begin = at
                for k in range(start[g], start[g + 1]):
                    xy[at, 0], xy[at, 1] = x[j] + N[T[k]].x, y[j] + N[T[k]].y
                    at += 1
                xy[at, 0], xy[at, 1] = xy[begin, 0], xy[begin, 1]
                at += 1
                rings += 1
                ring[rings] = at
            parts += 1
            part[parts] = rings
        camera[j + 1] = parts
    return xy[:at], ring[: rings + 1], part[: parts + 1], camera, broken
