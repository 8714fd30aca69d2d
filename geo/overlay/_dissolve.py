"""Merge the faces of tiles into polygons: one per connected group of one class, joined across tile borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numba import njit

from geo.overlay._faces import Faces
from geo.overlay._noding import TILE_M, UNITS

_WIDTH = int(TILE_M) * UNITS


class Pieces(NamedTuple):
    """Hold the merged polygons.

    Attributes
    ----------
    shapes
        Polygons (m, computing CRS).
    kind
        Class of each.
    group
        For each tile given, the polygon of each face; -1 for faces of no class.
    """

    shapes: np.ndarray
    kind: np.ndarray
    group: list[np.ndarray]


@njit(cache=True, nogil=True)
def _root(parent: np.ndarray, i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True)
def connected(n: int, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the group of each of n items where a[i] is tied to b[i], numbered by first member, and their count."""
    parent = np.arange(n)
    for i in range(len(a)):
        p, q = _root(parent, a[i]), _root(parent, b[i])
        if p < q:
            parent[q] = p
        elif q < p:
            parent[p] = q
    number = np.empty(n, np.int64)
    m = 0
    for i in range(n):
        p = _root(parent, i)
        if p == i:
            number[i] = m
            m += 1
        else:
            number[i] = number[p]  # a root is the least of its group, so it has its number already
    return number, m


@njit(cache=True, nogil=True)
def _components(face: np.ndarray, kind: np.ndarray) -> tuple[np.ndarray, int]:
    """Give each group of faces of one class that share edges a number; -1 for faces of no class."""
    n = len(kind)
    parent = np.arange(n)
    for e in range(len(face) // 2):
        f, g = face[2 * e], face[2 * e + 1]
        if kind[f] >= 0 and kind[f] == kind[g]:
            p, q = _root(parent, f), _root(parent, g)
            if p < q:
                parent[q] = p
            elif q < p:
                parent[p] = q
    number = np.full(n, -1, np.int64)
    m = 0
    for f in range(n):
        if kind[f] < 0:
            continue
        p = _root(parent, f)
        if p == f:
            number[f] = m
            m += 1
        else:
            number[f] = number[p]
    return number, m


@njit(cache=True, nogil=True)
def _trace(
    xy: np.ndarray, tail: np.ndarray, after: np.ndarray, face: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the closed rings round each group: nodes, pointers, group, and whether the ring is the shell."""
    n = len(tail)
    nodes = np.empty(2 * n + 1, np.int32)
    ptr = np.empty(n + 1, np.int64)
    owner = np.empty(n, np.int64)
    shell = np.empty(n, np.bool_)
    ptr[0] = 0
    done = np.zeros(n, np.bool_)
    place = np.full(len(xy), -1, np.int64)
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
            if place[u] >= 0:
                # the walk came back to a node: what lies between is a ring of its own
                m, k = _emit(xy, path, place[u], length, c, nodes, ptr, owner, shell, m, k)
                for i in range(place[u] + 1, length):
                    place[path[i]] = -1
                length = place[u]
            if done[g]:
                place[u] = -1
                break
            place[u] = length
            path[length] = u
            length += 1
            done[g] = True
            g = after[g]
            while group[face[g ^ 1]] == c:
                g = after[g ^ 1]
    return nodes[:m].copy(), ptr[: k + 1].copy(), owner[:k].copy(), shell[:k].copy()


@njit(cache=True, nogil=True)
def _emit(
    xy: np.ndarray,
    path: np.ndarray,
    begin: int,
    end: int,
    c: int,
    nodes: np.ndarray,
    ptr: np.ndarray,
    owner: np.ndarray,
    shell: np.ndarray,
    m: int,
    k: int,
) -> tuple[int, int]:
    total = np.int64(0)
    for i in range(begin, end):
        u = path[i]
        v = path[i + 1] if i + 1 < end else path[begin]
        total += xy[u, 0] * xy[v, 1] - xy[u, 1] * xy[v, 0]
        nodes[m] = u
        m += 1
    nodes[m] = path[begin]
    m += 1
    ptr[k + 1] = m
    owner[k] = c
    shell[k] = total > 0
    return m, k + 1


def _assemble(coords: np.ndarray, ptr: np.ndarray, owner: np.ndarray, shell: np.ndarray) -> np.ndarray:
    """Build polygons from rings: of each owner the shell first, then its holes."""
    order = np.lexsort((~shell, owner))
    size = np.diff(ptr)[order]
    take = np.repeat(ptr[:-1][order] - np.cumsum(size) + size, size) + np.arange(size.sum())
    rings = np.concatenate([[0], np.cumsum(size)])
    polygons = np.concatenate([np.flatnonzero(shell[order]), [len(order)]])
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.POLYGON, coords[take], (rings, polygons)))


def _border(faces: Faces, key: tuple[int, int], group: np.ndarray, base: int) -> list[np.ndarray]:
    """Return the edges of groups on the tile's four sides: rows (line, from, to, polygon), in global lattice units."""
    rim = ((faces.xy == 0) | (faces.xy == _WIDTH)).any(axis=1)
    near = np.flatnonzero(rim[faces.tail])
    near = near[rim[faces.tail[near ^ 1]]]
    near = near[group[faces.face[near]] >= 0]
    tail, head, mine = faces.xy[faces.tail[near]], faces.xy[faces.tail[near ^ 1]], group[faces.face[near]]
    out = []
    for axis, at in ((0, 0), (0, _WIDTH), (1, 0), (1, _WIDTH)):
        on = np.flatnonzero((tail[:, axis] == at) & (head[:, axis] == at))
        low = np.minimum(tail[on, 1 - axis], head[on, 1 - axis])
        high = np.maximum(tail[on, 1 - axis], head[on, 1 - axis])
        line = np.full(len(on), key[axis] + (at > 0), np.int64)
        shift = key[1 - axis] * _WIDTH
        out.append(np.column_stack([line, low + shift, high + shift, mine[on] + base]))
    return out


def _touching(before: np.ndarray, behind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
) -> Pieces:
    """Merge faces of equal class that share edges.

    Parameters
    ----------
    tiles, keys
        Faces of each tile, and its place on the lattice: ``floor(x / 1000)``, ``floor(y / 1000)``.
    kinds
        Class of each face of each tile; negative for none.
    join
        Join across tile borders too.

    Returns
    -------
    Valid polygons in the order of their first face.
    """
    shapes, kind, group, borders = [], [], [], [[], [], [], []]  # type: ignore[var-annotated]
    base = 0
    for faces, key, classes in zip(tiles, keys, kinds, strict=True):
        number, count = _components(faces.face, classes)
        group.append(np.where(number >= 0, number + base, -1))
        if count == 0:
            continue
        nodes, ptr, owner, shell = _trace(faces.xy, faces.tail, faces.after, faces.face, number)
        corner = np.array(key, float) * TILE_M
        shapes.append(_assemble(faces.xy[nodes] / UNITS + corner, ptr, owner, shell))
        first = np.full(count, -1, np.int64)
        inside = number >= 0
        first[number[inside]] = classes[inside]
        kind.append(first)
        if join:
            for side, rows in zip(borders, _border(faces, key, number, base), strict=True):
                side.append(rows)
        base += count
    if not shapes:
        return Pieces(np.empty(0, object), np.empty(0, np.int64), group)
    pieces = Pieces(np.concatenate(shapes), np.concatenate(kind), group)
    return _join(pieces, borders) if join else pieces


def _join(pieces: Pieces, borders: list[list[np.ndarray]]) -> Pieces:
    west, east, south, north = (np.concatenate(rows) for rows in borders)
    a, b = _touching(east, west)
    c, d = _touching(north, south)
    a, b = np.concatenate([a, c]), np.concatenate([b, d])
    same = pieces.kind[a] == pieces.kind[b]
    if not same.any():
        return pieces
    number, count = connected(len(pieces.shapes), a[same], b[same])
    members = np.bincount(number, minlength=count)
    shapes = np.empty(count, object)
    shapes[number] = pieces.shapes
    kind = np.empty(count, np.int64)
    kind[number] = pieces.kind
    order = np.argsort(number, kind="stable")
    start = np.concatenate([[0], np.cumsum(members)])
    for k in np.flatnonzero(members > 1):
        shapes[k] = shapely.union_all(pieces.shapes[order[start[k] : start[k + 1]]])
    return Pieces(shapes, kind, [np.where(g >= 0, number[g], -1) for g in pieces.group])
