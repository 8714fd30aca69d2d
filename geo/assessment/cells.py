"""Cut the domain into overlay cells, on which coverage is constant, and list the polygons that cover each (rule C3).

A cell is a face (m2), a piece of a line (m) or a point; the rules call it an element. Zones and views are given as one
array of polygons.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely

from geo.assessment.area_of_interest import Domain
from geo.overlay import tiling
from geo.types import Progress


class OverlayCells(NamedTuple):
    """Overlay cells in the order of their tiles, and the polygons that cover each.

    Attributes
    ----------
    size
        Size of each cell: m2, m or 1.
    weight
        Total weight of each (rule D3).
    tile
        Position of its tile in key order.
    cell, polygon
        Pairs (cell, polygon that covers it), ascending.
    faces, face
        Faces of all tiles, and the face of each cell; None for lines and points.
    shapes, line
        Lines or points, and which line or point of the domain each is from; None for areas.
    keys
        Column and row of each tile, in key order, shape (n, 2).

    Examples
    --------
    Two cells of 4 m2 and 6 m2; polygon 0 covers both, polygon 1 the second:

    >>> import numpy as np
    >>> size = np.array([4.0, 6.0])
    >>> cells = OverlayCells(size, size, np.zeros(2, int), np.array([0, 1, 1]), np.array([0, 0, 1]))
    >>> np.bincount(cells.polygon, cells.size[cells.cell]).tolist()
    [10.0, 6.0]
    """

    size: np.ndarray
    weight: np.ndarray
    tile: np.ndarray
    cell: np.ndarray
    polygon: np.ndarray
    faces: tiling.FacesByTile | None = None
    face: np.ndarray | None = None
    shapes: np.ndarray | None = None
    line: np.ndarray | None = None
    keys: np.ndarray | None = None


def area_cells(
    domain: Domain,
    polygons: np.ndarray,
    zones: int,
    work_order: np.ndarray,
    workers: int | None,
    progress: Progress,
) -> OverlayCells:
    """Overlay domain, zones and views; return the faces inside the domain and some zone.

    Parameters
    ----------
    domain
        In the CRS of the polygons.
    polygons
        Those of all zones, ``zones`` in number, and then of all views.
    work_order
        Position of each polygon in the order of work (rule C3).
    workers
        Threads; None takes one per core.
    progress
        Called after each tile.

    Examples
    --------
    A zone of 4 m by 2 m and a view of its western half make two cells; polygon 0 is the zone, 1 the view:

    >>> import numpy as np, pyproj, shapely
    >>> from geo.types import no_progress
    >>> zone, view = shapely.box(0, 0, 4, 2), shapely.box(0, 0, 2, 2)
    >>> wanted = Domain("all", "m2", pyproj.CRS(4547), np.array([zone]), np.ones(1))
    >>> cells = area_cells(wanted, np.array([zone, view]), 1, np.arange(2), 1, no_progress)
    >>> cells.size.tolist(), cells.cell.tolist(), cells.polygon.tolist()
    ([4.0, 4.0], [0, 0, 1], [0, 1, 0])
    """
    n = len(domain.shapes)
    rings = tiling.polygon_rings(domain.shapes, polygons)
    order = np.concatenate([np.arange(n), work_order + n])
    faces = tiling.overlay(
        rings, within=slice(0, n), work_order=order, workers=workers, progress=progress, what="incidence"
    )
    face, polygon = faces.covers()
    area = faces.areas()
    of_domain = polygon < n
    density = np.bincount(face[of_domain], domain.weight[polygon[of_domain]], len(area))
    in_zone = np.zeros(len(area), bool)
    in_zone[face[~of_domain & (polygon < n + zones)]] = True
    keep = in_zone & (np.bincount(face[of_domain], minlength=len(area)) > 0)
    kept = np.flatnonzero(keep)
    number = np.cumsum(keep) - 1
    pair = keep[face] & ~of_domain
    tile = np.repeat(np.arange(len(faces.faces)), np.diff(faces.first_faces()))
    return OverlayCells(
        area[kept],
        area[kept] * density[kept],
        tile[kept],
        number[face[pair]],
        polygon[pair] - n,
        faces=faces,
        face=kept,
        keys=np.array(faces.keys, np.int64).reshape(-1, 2),
    )


def point_cells(domain: Domain, polygons: np.ndarray, layers: list[slice], views: slice) -> OverlayCells:
    """Return each demand point as a cell.

    Parameters
    ----------
    domain
        Points, in the CRS of the polygons.
    polygons
        Those of zone layers and views.
    layers, views
        Which polygons are of each zone layer, and which are views.

    Examples
    --------
    Of two points only the first is in a zone (polygon 0), and in a view (polygon 1):

    >>> import numpy as np, pyproj, shapely
    >>> points = Domain("demand", "count", pyproj.CRS(4547), shapely.points([1, 9], 1), np.array([3.0, 1.0]))
    >>> polygons = np.array([shapely.box(0, 0, 5, 5), shapely.box(0, 0, 2, 2)])
    >>> cells = point_cells(points, polygons, [slice(0, 1)], slice(1, 2))
    >>> cells.weight.tolist(), cells.polygon.tolist()
    ([3.0], [0, 1])
    """
    size = np.ones(len(domain.shapes))
    return _cells_at_points(
        domain.shapes, domain.shapes, size, domain.weight, np.arange(len(size)), polygons, layers, views
    )


def line_cells(domain: Domain, polygons: np.ndarray, layers: list[slice], views: slice) -> OverlayCells:
    """Cut each demand line wherever the border of a zone, view or tile crosses it; return the pieces as cells.

    Parameters
    ----------
    domain
        Lines, in the CRS of the polygons.
    polygons
        Those of zone layers and views.
    layers, views
        Which polygons are of each zone layer, and which are views.

    Examples
    --------
    A line of 10 m, of which 8 m are in the zone and 3 m of these in the view:

    >>> import numpy as np, pyproj, shapely
    >>> line = np.array([shapely.LineString([(0, 1), (10, 1)])])
    >>> wanted = Domain("demand", "m", pyproj.CRS(4547), line, np.ones(1))
    >>> polygons = np.array([shapely.box(0, 0, 8, 5), shapely.box(0, 0, 3, 5)])
    >>> cells = line_cells(wanted, polygons, [slice(0, 1)], slice(1, 2))
    >>> cells.size.tolist(), cells.cell.tolist(), cells.polygon.tolist()
    ([3.0, 5.0], [0, 0, 1], [0, 1, 0])
    """
    # 1. segments of the lines, and where they are cut
    rings = tiling.polygon_rings(polygons)
    coords, line = shapely.get_coordinates(domain.shapes, return_index=True)
    same = line[:-1] == line[1:]
    tail, head, line = coords[:-1][same], coords[1:][same], line[:-1][same]
    edge = np.ones(len(rings.coords), bool)
    edge[rings.start[1:] - 1] = False
    begin = np.flatnonzero(edge)
    segment, at = _crossing_parameters(tail, head, rings.coords[begin], rings.coords[begin + 1])
    segment = np.concatenate([np.arange(len(tail)), segment, np.arange(len(tail))])
    at = np.concatenate([np.zeros(len(tail)), at, np.ones(len(tail))])
    order = np.lexsort((at, segment))
    segment, at = segment[order], at[order]
    # 2. the pieces between cuts
    ends = np.flatnonzero((segment[:-1] == segment[1:]) & (at[1:] > at[:-1]))
    vector = head - tail
    low = tail[segment[ends]] + at[ends][:, None] * vector[segment[ends]]
    high = tail[segment[ends]] + at[ends + 1][:, None] * vector[segment[ends]]
    last = at[ends + 1] == 1  # the vertex itself, so that pieces join again
    high[last] = head[segment[ends[last]]]
    pieces = shapely.linestrings(np.stack([low, high], axis=1))
    size = (at[ends + 1] - at[ends]) * np.hypot(*vector.T)[segment[ends]]
    piece_line = line[segment[ends]]
    middle = shapely.points((low + high) / 2)
    return _cells_at_points(pieces, middle, size, size * domain.weight[piece_line], piece_line, polygons, layers, views)


def _crossing_parameters(
    tail: np.ndarray, head: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where segments tail-head meet edges a-b or tile borders: segment, and parameter from 0 to 1 along it."""
    # 1. edges
    lines = shapely.linestrings(np.stack([tail, head], axis=1))
    edges = shapely.linestrings(np.stack([a, b], axis=1))
    edge, segment = shapely.STRtree(lines).query(edges)
    vector, side, off = (head - tail)[segment], (b - a)[edge], a[edge] - tail[segment]
    cross = vector[:, 0] * side[:, 1] - vector[:, 1] * side[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (off[:, 0] * side[:, 1] - off[:, 1] * side[:, 0]) / cross
        u = (off[:, 0] * vector[:, 1] - off[:, 1] * vector[:, 0]) / cross
    hit = (cross != 0) & (u >= -1e-9) & (u <= 1 + 1e-9) & (t > 0) & (t < 1)
    segments, parameters = [segment[hit]], [t[hit]]
    # 2. tile borders
    for axis in (0, 1):
        low, high = np.minimum(tail[:, axis], head[:, axis]), np.maximum(tail[:, axis], head[:, axis])
        first = np.floor(low / tiling.TILE_M) + 1
        count = np.maximum(np.ceil(high / tiling.TILE_M) - first, 0).astype(np.int64)
        crossed = np.repeat(np.arange(len(tail)), count)
        border = (np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())) * tiling.TILE_M
        segments.append(crossed)
        parameters.append((border - tail[crossed, axis]) / (head - tail)[crossed, axis])
    return np.concatenate(segments), np.concatenate(parameters)


def _cells_at_points(
    shapes: np.ndarray,
    points: np.ndarray,
    size: np.ndarray,
    weight: np.ndarray,
    line: np.ndarray,
    polygons: np.ndarray,
    layers: list[slice],
    views: slice,
) -> OverlayCells:
    """Return cells by tile, with the zones and views that cover the point of each; those in no zone are left out."""
    # 1. by tile
    xy = shapely.get_coordinates(points)
    key = np.floor(xy / tiling.TILE_M).astype(np.int64)
    keys, tile = np.unique(key.reshape(-1, 2), axis=0, return_inverse=True)
    tile = tile.reshape(-1)
    order = np.argsort(tile, kind="stable")
    shapes, points, size, weight, line, tile = (values[order] for values in (shapes, points, size, weight, line, tile))
    # 2. pairs of a cell and a polygon
    tree = shapely.STRtree(points)
    of_zones = [_inside(tree, polygons, layer) for layer in layers]
    view, at = tree.query(polygons[views], predicate="intersects")
    cell = np.concatenate([*(pair[0] for pair in of_zones), at]).astype(np.int64)
    polygon = np.concatenate([*(pair[1] for pair in of_zones), view + views.start]).astype(np.int64)
    # 3. only cells in some zone
    in_zone = np.zeros(len(shapes), bool)
    in_zone[np.concatenate([np.empty(0, np.int64), *(pair[0] for pair in of_zones)])] = True
    kept = in_zone[cell]
    cell, polygon = (np.cumsum(in_zone) - 1)[cell[kept]], polygon[kept]
    order = np.lexsort((polygon, cell))
    return OverlayCells(
        size[in_zone],
        weight[in_zone],
        tile[in_zone],
        cell[order],
        polygon[order],
        shapes=shapes[in_zone],
        line=line[in_zone],
        keys=keys,
    )


def _inside(tree: shapely.STRtree, polygons: np.ndarray, layer: slice) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs (point, polygon) of one zone layer; a point on borders belongs to the first row (rule L1)."""
    inner_zone, inner = tree.query(polygons[layer], predicate="contains_properly")
    zone, point = tree.query(polygons[layer], predicate="intersects")
    rest = ~np.isin(point, inner)
    order = np.lexsort((zone[rest], point[rest]))
    border, border_zone = point[rest][order], zone[rest][order]
    first = np.ones(len(border), bool)
    first[1:] = border[1:] != border[:-1]
    return np.concatenate([inner, border[first]]), np.concatenate([inner_zone, border_zone[first]]) + layer.start
