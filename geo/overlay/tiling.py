"""Overlay polygons tile by tile on the fixed lattice of rule C3."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from geo.overlay._dissolve import DissolvedFaces, dissolve
from geo.overlay._faces import Faces, make_faces
from geo.overlay._tile_segments import TILE_M, tile_segments
from geo.parallel import Executor
from geo.types import Progress, no_progress

__all__ = ["TILE_M", "FacesByTile", "PolygonRings", "overlay", "polygon_rings"]


class PolygonRings(NamedTuple):
    """Rings of polygons as flat arrays (m, computing CRS).

    Attributes
    ----------
    coords
        Vertices, shape (n, 2).
    start
        First vertex of each ring, and the end of the last.
    orientation
        +1 where the polygon is left of its ring, -1 right.
    polygon
        Number of the polygon of each ring, ascending.
    """

    coords: np.ndarray
    start: np.ndarray
    orientation: np.ndarray
    polygon: np.ndarray


class FacesByTile(NamedTuple):
    """Faces of every tile that has any, in key order; all faces together are numbered tile after tile.

    Attributes
    ----------
    keys
        Column and row of each tile: ``floor(x / 1000)``, ``floor(y / 1000)``.
    faces
        Faces of each tile.

    Examples
    --------
    >>> import shapely
    >>> tiles = overlay(polygon_rings([shapely.box(990, 0, 1010, 10)]))
    >>> tiles.keys, tiles.areas().tolist(), tiles.first_faces().tolist()
    ([(0, 0), (1, 0)], [0.0, 100.0, 0.0, 100.0], [0, 2, 4])
    """

    keys: list[tuple[int, int]]
    faces: list[Faces]

    def first_faces(self) -> np.ndarray:
        """Return the number of each tile's face 0, and the end of the last tile."""
        return np.concatenate([[0], np.cumsum([len(tile.area) for tile in self.faces], dtype=np.int64)]).astype(
            np.int64
        )

    def areas(self) -> np.ndarray:
        """Return the areas of all faces (m2)."""
        return np.concatenate([tile.area for tile in self.faces]) if self.faces else np.empty(0)

    def covers(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all pairs (face, polygon that covers it), ascending.

        Examples
        --------
        >>> import shapely
        >>> tiles = overlay(polygon_rings([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]))
        >>> [values.tolist() for values in tiles.covers()]
        [[1, 2, 2, 3], [0, 0, 1, 1]]
        """
        if not self.faces:
            return np.empty(0, np.int64), np.empty(0, np.int32)
        size = np.concatenate([np.diff(tile.cover_start) for tile in self.faces])
        return np.repeat(np.arange(len(size)), size), np.concatenate([tile.cover for tile in self.faces])

    def dissolve(self, kind: np.ndarray, *, join: bool = True) -> DissolvedFaces:
        """Merge faces of one class that share edges.

        Parameters
        ----------
        kind
            Class of every face, -1 for none.
        join
            Join across tile borders too.
        """
        kinds = [kind[a:b] for a, b in pairwise(self.first_faces())]
        return dissolve(self.faces, self.keys, kinds, join=join)


def polygon_rings(*layers: Sequence[object] | np.ndarray) -> PolygonRings:
    """Flatten polygons of several arrays, numbered on from one array to the next.

    Missing and empty ones have a number and no rings; parts that are not polygons are left out.

    Examples
    --------
    >>> import shapely
    >>> rings = polygon_rings([shapely.box(0, 0, 1, 1), None], [shapely.box(5, 5, 6, 6)])
    >>> rings.start.tolist(), rings.polygon.tolist()
    ([0, 5, 10], [0, 2])
    """
    shapes = np.concatenate([np.asarray(layer, object) for layer in layers]) if layers else np.empty(0, object)
    parts, polygon = shapely.get_parts(shapes, return_index=True)
    if (shapely.get_type_id(parts) > 3).any():  # a collection of collections or multipolygons
        parts, inner = shapely.get_parts(parts, return_index=True)
        polygon = polygon[inner]
    keep = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    parts, polygon = parts[keep], polygon[keep]
    if len(parts) == 0:
        none = np.empty(0, np.int64)
        return PolygonRings(np.empty((0, 2)), np.zeros(1, np.int64), none.astype(np.int8), none.astype(np.int32))
    _, coords, (start, first) = shapely.to_ragged_array(shapely.force_2d(parts))
    start = start.astype(np.int64)
    count = np.diff(first)
    shell = np.zeros(len(start) - 1, bool)
    shell[first[:-1]] = True
    orientation = np.where((_doubled_signed_area(coords, start) > 0) == shell, 1, -1).astype(np.int8)
    return PolygonRings(np.ascontiguousarray(coords), start, orientation, np.repeat(polygon, count).astype(np.int32))


def _doubled_signed_area(coords: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return twice the signed area of closed rings (m2), counter-clockwise positive."""
    x, y = (coords - np.repeat(coords[start[:-1]], np.diff(start), axis=0)).T
    cross = np.zeros(len(x))
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[start[1:] - 1] = 0.0  # from the end of one ring to the start of the next
    return np.add.reduceat(cross, start[:-1])


def _ring_boxes(rings: PolygonRings) -> np.ndarray:
    start = rings.start[:-1]
    low = np.minimum.reduceat(rings.coords, start)
    high = np.maximum.reduceat(rings.coords, start)
    return np.hstack([low, high])


def _tiles_with_rings(
    rings: PolygonRings, within: slice | None, work_order: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the tiles to overlay and, as offsets and items, the rings whose boxes meet each."""
    if len(rings.polygon) == 0:
        return np.empty((0, 2), np.int64), np.zeros(1, np.int64), np.empty(0, np.int64)
    # 1. pairs of a ring and a tile that its box meets
    box = _ring_boxes(rings)
    low = np.floor(box[:, :2] / TILE_M).astype(np.int64)
    # a ring that ends on a border has nothing beyond it
    high = np.maximum(np.ceil(box[:, 2:] / TILE_M).astype(np.int64) - 1, low)
    span = high - low + 1
    each = span.prod(axis=1)
    ring = np.repeat(np.arange(len(each)), each)
    nth = np.arange(each.sum()) - np.repeat(np.cumsum(each) - each, each)
    x = low[ring, 0] + nth // span[ring, 1]
    y = low[ring, 1] + nth % span[ring, 1]
    origin_x, origin_y = x.min(), y.min()
    width = y.max() - origin_y + 1
    code = (x - origin_x) * width + (y - origin_y)
    # 2. only tiles that a polygon of interest touches
    if within is not None:
        touched = np.unique(code[(rings.polygon[ring] >= within.start) & (rings.polygon[ring] < within.stop)])
        inside = np.isin(code, touched)
        code, ring = code[inside], ring[inside]
    # 3. by tile, and within it in the order of work
    position = rings.polygon if work_order is None else work_order[rings.polygon]
    order = np.lexsort((position[ring], code))
    code, ring = code[order], ring[order]
    tiles, begin = np.unique(code, return_index=True)
    keys = np.column_stack([tiles // width + origin_x, tiles % width + origin_y])
    return keys, np.append(begin, len(ring)), ring


def overlay(
    rings: PolygonRings,
    *,
    within: slice | None = None,
    work_order: np.ndarray | None = None,
    workers: int | None = None,
    progress: Progress = no_progress,
    what: str = "",
) -> FacesByTile:
    """Overlay all rings, one tile at a time (rule C3).

    Parameters
    ----------
    rings
        Rings of all polygons.
    within
        Numbers of the polygons of interest: tiles that none of them touches are skipped. None takes every tile.
    work_order
        Position of each polygon in the order of work; the bits of the result follow it, so order by id (rule C3).
        None takes the order given.
    workers
        Threads; None takes one per core. Each tile is computed from its own inputs alone, so results are bit-identical
        for any number.
    progress, what
        Called after each tile with this text and the share done.

    Examples
    --------
    Two squares of 10 m that overlap in a square of 5 m make three faces and the outside:

    >>> import shapely
    >>> tiles = overlay(polygon_rings([shapely.box(0, 0, 10, 10), shapely.box(5, 5, 15, 15)]))
    >>> tiles.areas().tolist()
    [0.0, 75.0, 25.0, 75.0]
    """
    keys, begin, ring = _tiles_with_rings(rings, within, work_order)

    def faces_of_tile(i: int) -> Faces:
        corner = keys[i] * TILE_M
        tile_rings = ring[begin[i] : begin[i + 1]]
        segments = tile_segments(
            rings.coords, rings.start, rings.orientation, rings.polygon, tile_rings, corner[0], corner[1]
        )
        return make_faces(*segments)

    done: list[Faces] = []
    for faces in Executor.of(workers, items=len(keys)).map(faces_of_tile, range(len(keys))):
        done.append(faces)
        progress(what, len(done) / len(keys))
    return FacesByTile([(int(x), int(y)) for x, y in keys], done)
