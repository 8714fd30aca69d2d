"""Merge the faces of tiles into polygons: one per connected group of one class, joined across tile borders (rule C3).

Groups are found by union-find (Tarjan 1975, doi:10.1145/321879.321884). The border of a group is walked along its
half-edges; where the walk meets a node again, the vertices in between form a ring, so every ring is simple.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit

from geo.overlay._arrays import root
from geo.overlay._faces import Faces
from geo.overlay._tile_segments import TILE_M, UNITS_PER_METRE

_TILE_UNITS = int(TILE_M) * UNITS_PER_METRE


class DissolvedFaces(NamedTuple):
    """Polygons merged from faces.

    Attributes
    ----------
    shapes
        Polygons (m, computing CRS).
    kind
        Class of each.
    polygon_of_face
        For each tile given, the polygon of each face; -1 for faces of no class.
    """

    shapes: np.ndarray
    kind: np.ndarray
    polygon_of_face: list[np.ndarray]


@njit(cache=True, nogil=True)
def connected(n: int, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the connected group of each of n items where a[i] is tied to b[i], and the number of groups.

    Groups are numbered by their first member.

    Examples
    --------
    >>> import numpy as np
    >>> group, count = connected(5, np.array([0, 3]), np.array([2, 4]))
    >>> group.tolist(), int(count)
    ([0, 1, 0, 2, 2], 3)
    """
    parent = np.arange(n)
    for i in range(len(a)):
        p, q = root(parent, a[i]), root(parent, b[i])
        if p < q:
            parent[q] = p
        elif q < p:
            parent[p] = q
    number = np.empty(n, np.int64)
    m = 0
    for i in range(n):
        p = root(parent, i)
        if p == i:
            number[i] = m
            m += 1
        else:
            number[i] = number[p]  # a root is the lowest of its group, so it has its number already
    return number, m


@njit(cache=True, nogil=True)
def _components(face: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the connected group of each face, of faces of one class that share edges; -1 for faces of no class."""
    n = len(kind)
    parent = np.arange(n)
    for e in range(len(face) // 2):
        f, g = face[2 * e], face[2 * e + 1]
        if kind[f] >= 0 and kind[f] == kind[g]:
            p, q = root(parent, f), root(parent, g)
            if p < q:
                parent[q] = p
            elif q < p:
                parent[p] = q
    number = np.full(n, -1, np.int64)
    m = 0
    for f in range(n):
        if kind[f] < 0:
            continue
        p = root(parent, f)
        if p == f:
            number[f] = m
            m += 1
        else:
            number[f] = number[p]
    return number, m


@njit(cache=True, nogil=True)
def _trace_rings(
    xy: np.ndarray, tail: np.ndarray, following: np.ndarray, face: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the closed rings round each group: nodes, offsets, group, and whether the ring is the shell."""
    n = len(tail)
    nodes = np.empty(2 * n + 1, np.int32)
    start = np.empty(n + 1, np.int64)
    ring_group = np.empty(n, np.int64)
    shell = np.empty(n, np.bool_)
    start[0] = 0
    done = np.zeros(n, np.bool_)
    position = np.full(len(xy), -1, np.int64)
    path = np.empty(n + 1, np.int32)
    m = 0
    k = 0
    for h in range(n):
        c = group[face[h]]
        if done[h] or c < 0 or group[face[h ^ 1]] == c:
            continue
        length = 0
        g = h
        while True:
            u = tail[g]
            if position[u] >= 0:
                # the walk revisited a node: the vertices in between form a separate ring
                m, k = _emit_ring(xy, path, position[u], length, c, nodes, start, ring_group, shell, m, k)
                for i in range(position[u] + 1, length):
                    position[path[i]] = -1
                length = position[u]
            if done[g]:
                position[u] = -1
                break
            position[u] = length
            path[length] = u
            length += 1
            done[g] = True
            g = following[g]
            while group[face[g ^ 1]] == c:
                g = following[g ^ 1]
    return nodes[:m].copy(), start[: k + 1].copy(), ring_group[:k].copy(), shell[:k].copy()


@njit(cache=True, nogil=True)
def _emit_ring(
    xy: np.ndarray,
    path: np.ndarray,
    begin: int,
    end: int,
    c: int,
    nodes: np.ndarray,
    start: np.ndarray,
    ring_group: np.ndarray,
    shell: np.ndarray,
    m: int,
    k: int,
) -> tuple[int, int]:
    """Append the ring ``path[begin:end]`` of group c; return the new numbers of nodes and rings."""
    total = np.int64(0)
    for i in range(begin, end):
        u = path[i]
        v = path[i + 1] if i + 1 < end else path[begin]
        total += xy[u, 0] * xy[v, 1] - xy[u, 1] * xy[v, 0]
        nodes[m] = u
        m += 1
    nodes[m] = path[begin]
    m += 1
    start[k + 1] = m
    ring_group[k] = c
    shell[k] = total > 0
    return m, k + 1


def _assemble(coords: np.ndarray, start: np.ndarray, ring_group: np.ndarray, shell: np.ndarray) -> np.ndarray:
    """Build polygons from rings: of each group the shell first, then its holes."""
    order = np.lexsort((~shell, ring_group))
    size = np.diff(start)[order]
    take = np.repeat(start[:-1][order] - np.cumsum(size) + size, size) + np.arange(size.sum())
    rings = np.concatenate([[0], np.cumsum(size)])
    polygons = np.concatenate([np.flatnonzero(shell[order]), [len(order)]])
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, coords[take], (rings, polygons)))


def _border_edges(faces: Faces, key: tuple[int, int], group: np.ndarray, base: int) -> list[np.ndarray]:
    """Return the edges of groups on the four sides of a tile: rows (line, from, to, polygon), in global units."""
    rim = ((faces.xy == 0) | (faces.xy == _TILE_UNITS)).any(axis=1)
    near = np.flatnonzero(rim[faces.tail])
    near = near[rim[faces.tail[near ^ 1]]]
    near = near[group[faces.face[near]] >= 0]
    tail, head, polygon = faces.xy[faces.tail[near]], faces.xy[faces.tail[near ^ 1]], group[faces.face[near]]
    out = []
    for axis, at in ((0, 0), (0, _TILE_UNITS), (1, 0), (1, _TILE_UNITS)):
        on = np.flatnonzero((tail[:, axis] == at) & (head[:, axis] == at))
        low = np.minimum(tail[on, 1 - axis], head[on, 1 - axis])
        high = np.maximum(tail[on, 1 - axis], head[on, 1 - axis])
        line = np.full(len(on), key[axis] + (at > 0), np.int64)
        shift = key[1 - axis] * _TILE_UNITS
        out.append(np.column_stack([line, low + shift, high + shift, polygon[on] + base]))
    return out


def _polygons_sharing_border(before: np.ndarray, behind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of polygons whose edges, on the two sides of one border line, overlap in more than a point."""
    left, right = [], []
    before, behind = before[np.lexsort((before[:, 1], before[:, 0]))], behind[np.lexsort((behind[:, 1], behind[:, 0]))]
    for line in np.intersect1d(before[:, 0], behind[:, 0]):
        a, b = before[before[:, 0] == line], behind[behind[:, 0] == line]
        first = np.searchsorted(a[:, 2], b[:, 1], side="right")
        count = np.maximum(np.searchsorted(a[:, 1], b[:, 2], side="left") - first, 0)
        take = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
        left.append(a[take, 3])
        right.append(np.repeat(b[:, 3], count))
    none = np.empty(0, np.int64)
    return np.concatenate([*left, none]), np.concatenate([*right, none])


def dissolve(
    tiles: Sequence[Faces], keys: Sequence[tuple[int, int]], kinds: Sequence[np.ndarray], *, join: bool = True
) -> DissolvedFaces:
    """Merge faces of one class that share edges.

    Parameters
    ----------
    tiles, keys
        Faces of each tile, and its column and row: ``floor(x / 1000)``, ``floor(y / 1000)``.
    kinds
        Class of each face of each tile; negative for none.
    join
        Join across tile borders too.

    Returns
    -------
    Valid polygons in the order of their first face.

    Examples
    --------
    Two squares of 2 m overlap by half, which makes three faces of one class:

    >>> import shapely
    >>> from geo.overlay.tiling import overlay, polygon_rings
    >>> tiles = overlay(polygon_rings([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]))
    >>> kinds = [(faces.area > 0) - 1 for faces in tiles.faces]
    >>> [shape.area for shape in dissolve(tiles.faces, tiles.keys, kinds).shapes]
    [6.0]
    """
    shapes, kind, polygon_of_face, borders = [], [], [], [[], [], [], []]  # type: ignore[var-annotated]
    base = 0
    for faces, key, classes in zip(tiles, keys, kinds, strict=True):
        # 1. groups of faces of one class
        group, count = _components(faces.face, classes)
        polygon_of_face.append(np.where(group >= 0, group + base, -1))
        if count == 0:
            continue
        # 2. a polygon per group
        nodes, start, ring_group, shell = _trace_rings(faces.xy, faces.tail, faces.following, faces.face, group)
        corner = np.array(key, float) * TILE_M
        shapes.append(_assemble(faces.xy[nodes] / UNITS_PER_METRE + corner, start, ring_group, shell))
        class_of_group = np.full(count, -1, np.int64)
        inside = group >= 0
        class_of_group[group[inside]] = classes[inside]
        kind.append(class_of_group)
        if join:
            for side, rows in zip(borders, _border_edges(faces, key, group, base), strict=True):
                side.append(rows)
        base += count
    if not shapes:
        return DissolvedFaces(np.empty(0, object), np.empty(0, np.int64), polygon_of_face)
    # 3. polygons of one class joined that share a tile border
    dissolved = DissolvedFaces(np.concatenate(shapes), np.concatenate(kind), polygon_of_face)
    return _join(dissolved, borders) if join else dissolved


def _join(dissolved: DissolvedFaces, borders: list[list[np.ndarray]]) -> DissolvedFaces:
    west, east, south, north = (np.concatenate(rows) for rows in borders)
    a, b = _polygons_sharing_border(east, west)
    c, d = _polygons_sharing_border(north, south)
    a, b = np.concatenate([a, c]), np.concatenate([b, d])
    same = dissolved.kind[a] == dissolved.kind[b]
    if not same.any():
        return dissolved
    number, count = connected(len(dissolved.shapes), a[same], b[same])
    members = np.bincount(number, minlength=count)
    shapes = np.empty(count, object)
    shapes[number] = dissolved.shapes
    kind = np.empty(count, np.int64)
    kind[number] = dissolved.kind
    order = np.argsort(number, kind="stable")
    start = np.concatenate([[0], np.cumsum(members)])
    for k in np.flatnonzero(members > 1):
        shapes[k] = shapely.union_all(dissolved.shapes[order[start[k] : start[k + 1]]])
    return DissolvedFaces(shapes, kind, [np.where(g >= 0, number[g], -1) for g in dissolved.polygon_of_face])
