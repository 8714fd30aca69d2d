"""Cut the domain into elements, pieces over which nothing changes, and say which polygons cover each.

An element is a face (m2), a piece of a line (m) or a point. Zones and views are handed in as one row of polygons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from geo.assessment.area_of_interest import Domain
from geo.overlay import tiling
from geo.overlay._noding import TILE_M
from geo.types import Progress


class Elements(NamedTuple):
    """Hold the elements in order of their tiles, and what covers each.

    Attributes
    ----------
    size
        m2, m or 1 of each element.
    weight
        Total weight of each (rule D3).
    tile
        Position of its tile in key order.
    element, cover
        Pairs (element, polygon that covers it), ascending.
    faces, face
        The tiles, and each element's face with the faces of all tiles in one row; None for lines and points.
    pieces, line
        Lines or points, and which line of the domain each came from; None for areas.
    """

    size: np.ndarray
    weight: np.ndarray
    tile: np.ndarray
    element: np.ndarray
    cover: np.ndarray
    faces: tiling.Tiles | None = None
    face: np.ndarray | None = None
    pieces: np.ndarray | None = None
    line: np.ndarray | None = None


def area_elements(
    domain: Domain, covers: np.ndarray, zones: int, rank: np.ndarray, workers: int | None, progress: Progress
) -> Elements:
    """Overlay domain, zones and views; keep the faces inside the domain and some zone.

    ``covers`` holds the polygons of all zones, ``zones`` in number, and then of all views; ``rank`` their order by id.
    """
    n = len(domain.shapes)
    rings = tiling.rings_of(domain.shapes, covers)
    order = np.concatenate([np.arange(n), rank + n])
    made = tiling.overlay(rings, frame=slice(0, n), rank=order, workers=workers, progress=progress, what="incidence")
    face, owner = made.covers()
    area = made.areas()
    wanted = owner < n
    density = np.bincount(face[wanted], domain.weight[owner[wanted]], len(area))
    zoned = np.zeros(len(area), bool)
    zoned[face[~wanted & (owner < n + zones)]] = True
    keep = zoned & (np.bincount(face[wanted], minlength=len(area)) > 0)
    kept = np.flatnonzero(keep)
    number = np.cumsum(keep) - 1
    pair = keep[face] & ~wanted
    tile = np.repeat(np.arange(len(made.faces)), np.diff(made.first_faces()))
    return Elements(
        area[kept], area[kept] * density[kept], tile[kept], number[face[pair]], owner[pair] - n, faces=made, face=kept
    )


def point_elements(domain: Domain, covers: np.ndarray, layers: list[slice], views: slice) -> Elements:
    """Take each demand point as an element; ``layers`` and ``views`` are the parts of ``covers``."""
    size = np.ones(len(domain.shapes))
    return _placed(domain.shapes, domain.shapes, size, domain.weight, np.arange(len(size)), covers, layers, views)


def line_elements(domain: Domain, covers: np.ndarray, layers: list[slice], views: slice) -> Elements:
    """Cut each demand line wherever a border of a zone, view or tile crosses it."""
    rings = tiling.rings_of(covers)
    coords, line = shapely.get_coordinates(domain.shapes, return_index=True)
    same = line[:-1] == line[1:]
    tail, head, line = coords[:-1][same], coords[1:][same], line[:-1][same]
    edge = np.ones(len(rings.coords), bool)
    edge[rings.start[1:] - 1] = False
    begin = np.flatnonzero(edge)
    segment, at = _cuts(tail, head, rings.coords[begin], rings.coords[begin + 1])
    segment = np.concatenate([np.arange(len(tail)), segment, np.arange(len(tail))])
    at = np.concatenate([np.zeros(len(tail)), at, np.ones(len(tail))])
    order = np.lexsort((at, segment))
    segment, at = segment[order], at[order]
    ends = np.flatnonzero((segment[:-1] == segment[1:]) & (at[1:] > at[:-1]))
    run = head - tail
    low = tail[segment[ends]] + at[ends][:, None] * run[segment[ends]]
    high = tail[segment[ends]] + at[ends + 1][:, None] * run[segment[ends]]
    last = at[ends + 1] == 1  # the very vertex, so that pieces join again
    high[last] = head[segment[ends[last]]]
    pieces = shapely.linestrings(np.stack([low, high], axis=1))
    size = (at[ends + 1] - at[ends]) * np.hypot(*run.T)[segment[ends]]
    whose = line[segment[ends]]
    middle = shapely.points((low + high) / 2)
    return _placed(pieces, middle, size, size * domain.weight[whose], whose, covers, layers, views)


def _cuts(tail: np.ndarray, head: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where segments tail-head meet edges a-b or tile borders: segment, and place from 0 to 1."""
    lines = shapely.linestrings(np.stack([tail, head], axis=1))
    edges = shapely.linestrings(np.stack([a, b], axis=1))
    edge, segment = shapely.STRtree(lines).query(edges)
    run, side, off = (head - tail)[segment], (b - a)[edge], a[edge] - tail[segment]
    cross = run[:, 0] * side[:, 1] - run[:, 1] * side[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (off[:, 0] * side[:, 1] - off[:, 1] * side[:, 0]) / cross
        u = (off[:, 0] * run[:, 1] - off[:, 1] * run[:, 0]) / cross
    hit = (cross != 0) & (u >= -1e-9) & (u <= 1 + 1e-9) & (t > 0) & (t < 1)
    found, place = [segment[hit]], [t[hit]]
    for axis in (0, 1):
        low, high = np.minimum(tail[:, axis], head[:, axis]), np.maximum(tail[:, axis], head[:, axis])
        first = np.floor(low / TILE_M) + 1
        count = np.maximum(np.ceil(high / TILE_M) - first, 0).astype(np.int64)
        one = np.repeat(np.arange(len(tail)), count)
        border = (np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())) * TILE_M
        found.append(one)
        place.append((border - tail[one, axis]) / (head - tail)[one, axis])
    return np.concatenate(found), np.concatenate(place)


def _placed(
    pieces: np.ndarray,
    places: np.ndarray,
    size: np.ndarray,
    weight: np.ndarray,
    line: np.ndarray,
    covers: np.ndarray,
    layers: list[slice],
    views: slice,
) -> Elements:
    """Give each piece the zones and views that cover its place, and sort the pieces by tile."""
    xy = shapely.get_coordinates(places)
    key = np.floor(xy / TILE_M).astype(np.int64)
    cells, tile = np.unique(key, axis=0, return_inverse=True) if len(key) else (key, np.empty(0, np.int64))
    del cells
    order = np.argsort(tile, kind="stable")
    pieces, places, size, weight, line, tile = (one[order] for one in (pieces, places, size, weight, line, tile))
    tree = shapely.STRtree(places)
    found = [_inside(tree, covers, layer) for layer in layers]
    seen, at = tree.query(covers[views], predicate="intersects")
    element = np.concatenate([*(one for one, _ in found), at]).astype(np.int64)
    cover = np.concatenate([*(one for _, one in found), seen + views.start]).astype(np.int64)
    zoned = np.zeros(len(pieces), bool)
    zoned[np.concatenate([np.empty(0, np.int64), *(one for one, _ in found)])] = True
    pair = zoned[element]
    element, cover = (np.cumsum(zoned) - 1)[element[pair]], cover[pair]
    order = np.lexsort((cover, element))
    return Elements(
        size[zoned],
        weight[zoned],
        tile[zoned],
        element[order],
        cover[order],
        pieces=pieces[zoned],
        line=line[zoned],
    )


def _inside(tree: shapely.STRtree, covers: np.ndarray, layer: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (point, polygon) of one zone layer; a point on borders belongs to the first row (rule L1)."""
    inner_zone, inner = tree.query(covers[layer], predicate="contains_properly")
    zone, point = tree.query(covers[layer], predicate="intersects")
    rest = ~np.isin(point, inner)
    order = np.lexsort((zone[rest], point[rest]))
    border, border_zone = point[rest][order], zone[rest][order]
    first = np.ones(len(border), bool)
    first[1:] = border[1:] != border[:-1]
    return np.concatenate([inner, border[first]]), np.concatenate([inner_zone, border_zone[first]]) + layer.start
