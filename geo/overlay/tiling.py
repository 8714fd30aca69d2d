"""Overlay polygons tile by tile on the fixed lattice of rule C3."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from geo.overlay._dissolve import Pieces, dissolve
from geo.overlay._faces import Faces, make_faces
from geo.overlay._noding import TILE_M, tile_segments
from geo.parallel import Executor
from geo.types import Progress, silent


class Rings(NamedTuple):
    """Hold the rings of polygons as flat arrays (m, computing CRS).

    Attributes
    ----------
    coords
        Vertices, shape (n, 2).
    start
        First vertex of each ring, and the end of the last.
    sense
        +1 where the polygon lies left of its ring, -1 right.
    owner
        Number of the polygon of each ring, ascending.
    """

    coords: np.ndarray
    start: np.ndarray
    sense: np.ndarray
    owner: np.ndarray


class Tiles(NamedTuple):
    """Hold the faces of every tile that has any, in key order."""

    keys: list[tuple[int, int]]
    faces: list[Faces]

    def first_faces(self) -> np.ndarray:
        """Return the number of each tile's face 0, with the faces of all tiles in one row, and the end of the last."""
        return np.concatenate([[0], np.cumsum([len(one.area) for one in self.faces], dtype=np.int64)]).astype(np.int64)

    def areas(self) -> np.ndarray:
        """Return the areas of all faces (m2) in one row."""
        return np.concatenate([one.area for one in self.faces]) if self.faces else np.empty(0)

    def covers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs (face in one row, polygon that covers it), ascending."""
        if not self.faces:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        size = np.concatenate([np.diff(one.start) for one in self.faces])
        return np.repeat(np.arange(len(size)), size), np.concatenate([one.owner for one in self.faces])

    def dissolve(self, kind: np.ndarray, *, join: bool = True) -> Pieces:
        """Merge faces of one class that share edges; ``kind`` holds the class of every face in one row, -1 for none."""
        kinds = [kind[a:b] for a, b in pairwise(self.first_faces())]
        return dissolve(self.faces, self.keys, kinds, join=join)


def rings_of(*layers: Sequence[object] | np.ndarray) -> Rings:
    """Flatten polygons of several arrays, numbered on from one array to the next.

    Missing and empty ones take a number and have no rings; parts that are no polygons are left out.
    """
    shapes = np.concatenate([np.asarray(layer, object) for layer in layers]) if layers else np.empty(0, object)
    parts, whose = shapely.get_parts(shapes, return_index=True)
    if (shapely.get_type_id(parts) > 3).any():  # a collection holds collections or multipolygons
        parts, inner = shapely.get_parts(parts, return_index=True)
        whose = whose[inner]
    keep = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    parts, whose = parts[keep], whose[keep]
    if len(parts) == 0:
        none = np.empty(0, np.int64)
        return Rings(np.empty((0, 2)), np.zeros(1, np.int64), none.astype(np.int8), none.astype(np.int32))
    _, coords, (start, first) = shapely.to_ragged_array(shapely.force_2d(parts))
    start = start.astype(np.int64)
    count = np.diff(first)
    shell = np.zeros(len(start) - 1, bool)
    shell[first[:-1]] = True
    sense = np.where((_turn(coords, start) > 0) == shell, 1, -1).astype(np.int8)
    return Rings(np.ascontiguousarray(coords), start, sense, np.repeat(whose, count).astype(np.int32))


def _turn(coords: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return twice the signed area of closed rings, counterclockwise positive."""
    x, y = (coords - np.repeat(coords[start[:-1]], np.diff(start), axis=0)).T
    cross = np.zeros(len(x))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[start[1:] - 1] = 0.0  # from the end of one ring to the start of the next
    return np.add.reduceat(cross, start[:-1])


def _ring_boxes(rings: Rings) -> np.ndarray:
    start = rings.start[:-1]
    low = np.minimum.reduceat(rings.coords, start)
    high = np.maximum.reduceat(rings.coords, start)
    return np.hstack([low, high])


def _jobs(rings: Rings, frame: slice | None, rank: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tiles to work on and, as pointers and items, the rings whose boxes meet each.

    ``frame`` selects the rings without which a tile has nothing to tell; None takes every tile.
    """
    if len(rings.owner) == 0:
        return np.empty((0, 2), np.int64), np.zeros(1, np.int64), np.empty(0, np.int64)
    box = _ring_boxes(rings)
    low = np.floor(box[:, :2] / TILE_M).astype(np.int64)
    # a ring that ends on a border has nothing beyond it
    high = np.maximum(np.ceil(box[:, 2:] / TILE_M).astype(np.int64) - 1, low)
    span = high - low + 1
    each = span.prod(axis=1)
    ring = np.repeat(np.arange(len(each)), each)
    place = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    x = low[ring, 0] + place // span[ring, 1]
    y = low[ring, 1] + place % span[ring, 1]
    origin_x, origin_y = x.min(), y.min()
    width = y.max() - origin_y + 1
    code = (x - origin_x) * width + (y - origin_y)
    if frame is not None:
        wanted = np.unique(code[(rings.owner[ring] >= frame.start) & (rings.owner[ring] < frame.stop)])
        inside = np.isin(code, wanted)
        code, ring = code[inside], ring[inside]
    standing = rings.owner if rank is None else rank[rings.owner]
    order = np.lexsort((standing[ring], code))
    code, ring = code[order], ring[order]
    tiles, begin = np.unique(code, return_index=True)
    keys = np.column_stack([tiles // width + origin_x, tiles % width + origin_y])
    return keys, np.append(begin, len(ring)), ring


def overlay(
    rings: Rings,
    *,
    frame: slice | None = None,
    rank: np.ndarray | None = None,
    workers: int | None = None,
    progress: Progress = silent,
    what: str = "",
) -> Tiles:
    """Overlay all rings, one tile at a time (rule C3).

    Parameters
    ----------
    rings
        Rings of all polygons.
    frame
        Numbers of the polygons outside which nothing is asked: tiles that none of them touches are skipped.
    rank
        Place of each polygon in the order of work; the bits of the result follow it, so rank by id (rule C3).
        None takes the order given.
    workers
        Threads; None takes one per core. The kernels hold no interpreter lock, and each tile is computed from its own
        inputs alone, so any number gives the same bits.
    """
    keys, begin, ring = _jobs(rings, frame, rank)

    def work(i: int) -> Faces:
        corner = keys[i] * TILE_M
        segments = tile_segments(
            rings.coords, rings.start, rings.sense, rings.owner, ring[begin[i] : begin[i + 1]], corner[0], corner[1]
        )
        return make_faces(*segments)

    done: list[Faces] = []
    for faces in Executor.of(workers, pieces=len(keys)).map(work, range(len(keys))):
        done.append(faces)
        progress(what, len(done) / len(keys))
    return Tiles([(int(x), int(y)) for x, y in keys], done)
