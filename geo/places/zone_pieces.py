"""Split a zone by a line and merge two neighbours, so that borders stay shared to the bit.

Degrees are taken as a plane, as borders are straight in degrees (rule L1). Vertices are kept as they are: a split adds
those where the line meets the border, to the neighbours too, and a merge removes those inside alone. So the parts of a
split cover what the zone covered, and no gap opens beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import xor

import numpy as np
import shapely

from geo.errors import BadGeometry

#: A point this near (degrees, 0.1 mm) to a border lies on it: a place along an edge is no exact number.
_ON_BORDER = 1e-9
#: A hole of less than this width (degrees, about a metre) is a slit along a border.
_SLIT = 1e-5
#: Two areas that differ by less than this share of them are one.
_SAME_AREA = 1e-9


@dataclass(frozen=True)
class SplitZone:
    """The two parts of a zone, the larger first, and those neighbours whose borders took its new vertices.

    Examples
    --------
    >>> cut = SplitZone((shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 2)), {})
    >>> [one.area for one in cut.parts]
    [4.0, 2.0]
    """

    parts: tuple[shapely.Geometry, shapely.Geometry]
    neighbours: Mapping[str, shapely.Geometry]


def split_zone(
    zone: shapely.Geometry, line: shapely.LineString, neighbours: Mapping[str, shapely.Geometry]
) -> SplitZone:
    """Cut a zone in two along a line that runs from border to border.

    Parameters
    ----------
    zone
        Polygon or multipolygon, in degrees. Of several pieces the line cuts one; the others go with the larger part.
    line
        It may begin and end beyond the border, or on it.
    neighbours
        Key -> shape of the zones beside, of every level.

    Raises
    ------
    BadGeometry
        A shape is not usable, or the line does not cut the zone into two.

    Examples
    --------
    >>> square, line = shapely.box(0, 0, 2, 2), shapely.LineString([(0.5, -1), (0.5, 3)])
    >>> cut = split_zone(square, line, {"south": shapely.box(0, -2, 2, 0)})
    >>> [one.area for one in cut.parts]
    [3.0, 1.0]
    >>> cut.neighbours["south"].wkt
    'POLYGON ((2 -2, 2 0, 0.5 0, 0 0, 0 -2, 2 -2))'
    """
    pieces = _pieces(zone)
    if not isinstance(line, shapely.LineString) or line.is_empty or not line.is_valid or line.length == 0:
        raise BadGeometry("分割线须是至少两个点的一条线", "the cut must be one line of at least two points")
    cuts = [_faces_along(piece, line) for piece in pieces]
    count = sum(len(faces) for faces in cuts) - len(pieces) + 1
    if count == 1:
        raise BadGeometry("分割线须从边界到边界穿过这个区域", "the line must cross the zone from border to border")
    if count > 2:
        raise BadGeometry(f"分割线把区域分成 {count} 块，须是 2 块", f"the line makes {count} pieces; it must make 2")
    at = next(i for i, faces in enumerate(cuts) if len(faces) == 2)
    larger, smaller = sorted(cuts[at], key=lambda face: -face.area)
    new = _new_vertices(pieces[at], larger, smaller)
    touched = {key: with_vertices(shape, new) for key, shape in neighbours.items()}
    return SplitZone(
        parts=(_joined([larger, *pieces[:at], *pieces[at + 1 :]]), smaller),
        neighbours={key: shape for key, shape in touched.items() if not _same(shape, neighbours[key])},
    )


@dataclass(frozen=True)
class CutZone:
    """The faces that a line makes of a zone, and the vertices that its border took; one face where it does not cut.

    Examples
    --------
    >>> len(cut_zone(shapely.box(0, 0, 2, 2), shapely.LineString([(1, -1), (1, 1)])).faces)
    1
    """

    faces: tuple[shapely.Polygon, ...]
    vertices: np.ndarray


def cut_zone(zone: shapely.Geometry, line: shapely.LineString) -> CutZone:
    """Cut a zone along a line, or along the ring of a piece of it, into the faces beside it, the largest first.

    Parameters
    ----------
    zone
        Polygon or multipolygon, in degrees; each of its pieces is cut.
    line
        It may begin and end beyond the border, or on it; what does not run from border to border cuts nothing.

    Raises
    ------
    BadGeometry
        A shape is not usable.

    Examples
    --------
    >>> cut = cut_zone(shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3).exterior)
    >>> [one.area for one in cut.faces], cut.vertices.tolist()
    ([3.0, 1.0], [[1.0, 2.0], [2.0, 1.0]])
    """
    faces: list[shapely.Polygon] = []
    new: list[np.ndarray] = []
    for piece in _pieces(zone):
        cut = _faces_along(piece, shapely.LineString(shapely.get_coordinates(line)))
        faces += cut
        if len(cut) > 1:
            new.append(_new_vertices(piece, *cut))
    vertices = np.unique(np.concatenate([np.empty((0, 2)), *new]), axis=0)
    return CutZone(tuple(sorted(faces, key=lambda face: -face.area)), vertices)


def merge_zones(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry:
    """Return the zone that two neighbours with a common border make together.

    Raises
    ------
    BadGeometry
        A shape is not usable, they have no border in common, or they overlap or leave a gap there.

    Examples
    --------
    >>> merged = merge_zones(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    >>> merged.geom_type, merged.area
    ('Polygon', 2.0)
    """
    pieces = [*_pieces(one), *_pieces(other)]
    # A corner of one may lie along an edge of the other: shared edges have the vertices of both.
    first, second = with_vertices(one, _vertices([other])), with_vertices(other, _vertices([one]))
    if not _edges(first) & _edges(second):
        raise BadGeometry("两个区域没有共同的边界", "the two zones have no border in common")
    merged = _union_of_tiles(first, second)
    if merged is None or shapely.get_num_geometries(merged) >= len(pieces):
        raise BadGeometry(
            "两个区域在边界处有重叠或空隙，先改好边界再合并",
            "the two zones overlap or leave a gap along their border; mend it first",
        )
    return _joined(list(shapely.get_parts(merged)))


def with_vertices(shape: shapely.Geometry, points: np.ndarray) -> shapely.Geometry:
    """Return a shape with those of some points as vertices that lie on its border and are none yet.

    Examples
    --------
    >>> with_vertices(shapely.box(0, 0, 2, 2), np.array([[1.0, 0.0], [1.0, 1.0]])).wkt
    'POLYGON ((2 0, 2 2, 0 2, 0 0, 1 0, 2 0))'
    """
    if not len(points):
        return shape
    polygons = [
        shapely.Polygon(_ring_with(piece.exterior, points), [_ring_with(hole, points) for hole in piece.interiors])
        for piece in shapely.get_parts(shape)
    ]
    return _joined(polygons)


def _ring_with(ring: shapely.LinearRing, points: np.ndarray) -> np.ndarray:
    corners = shapely.get_coordinates(ring)
    begins, along = corners[:-1], np.diff(corners, axis=0)
    point, edge = _beside(shapely.linestrings(np.stack([begins, corners[1:]], axis=1)), points)
    is_corner = ((begins[edge] == points[point]) | (corners[1:][edge] == points[point])).all(axis=1)
    is_new = ~np.isin(point, point[is_corner])
    point, edge = point[is_new], edge[is_new]
    square = np.maximum((along[edge] ** 2).sum(axis=1), np.finfo(float).tiny)
    share = np.clip(((points[point] - begins[edge]) * along[edge]).sum(axis=1) / square, 0.0, 1.0)
    off = np.hypot(*(begins[edge] + share[:, None] * along[edge] - points[point]).T)
    # Of a place near two edges the nearest has it, of equal ones the first.
    order = np.lexsort((edge, off, point))
    first = order[np.unique(point[order], return_index=True)[1]]
    first = first[off[first] <= _ON_BORDER]
    first = first[np.lexsort((share[first], edge[first]))]
    return np.insert(corners, edge[first] + 1, points[point[first]], axis=0) if len(first) else corners


def _beside(shapes: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of points and shapes that are no farther apart than a place is exact, as rows of either."""
    found = shapely.STRtree(shapes).query(shapely.points(points), predicate="dwithin", distance=2 * _ON_BORDER)
    return found[0], found[1]


def _faces_along(piece: shapely.Polygon, line: shapely.LineString) -> list[shapely.Polygon]:
    """Return the faces of a polygon on either side of a line; the polygon alone where the line does not cut it."""
    line = _onto_corners(line, piece)
    border = with_vertices(piece, shapely.get_coordinates(line)).boundary
    noded = shapely.unary_union([border, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    return [face for face in faces if piece.contains(face.representative_point())] or [piece]


def _onto_corners(line: shapely.LineString, piece: shapely.Polygon) -> shapely.LineString:
    """Return a line whose points beside a corner of the border, as far as a place is exact, are that corner."""
    corners, points = shapely.get_coordinates(piece), shapely.get_coordinates(line)
    point, corner = _beside(shapely.points(corners), points)
    away = np.abs(points[point] - corners[corner]).max(axis=1)
    point, corner, away = (one[away <= _ON_BORDER] for one in (point, corner, away))
    order = np.lexsort((corner, away, point))
    nearest = order[np.unique(point[order], return_index=True)[1]]
    points[point[nearest]] = corners[corner[nearest]]
    return shapely.LineString(points)


def _new_vertices(zone: shapely.Polygon, *parts: shapely.Polygon) -> np.ndarray:
    """Return the vertices of the outer border of the parts that the zone had not; raise where one of its is gone."""
    old = {tuple(point) for point in _vertices([zone]).tolist()}
    # An edge between two parts is one of either.
    outer = reduce(xor, (_edges(part) for part in parts))
    outline = {point for edge in outer for point in edge}
    if not old <= outline:
        raise BadGeometry("分割线离边界的顶点太近", "the line runs too near to a vertex of the border")
    return np.array(sorted(outline - old)).reshape(-1, 2)


def _edges(shape: shapely.Geometry) -> set[frozenset[tuple[float, ...]]]:
    """Return the edges of a shape as pairs of vertices, whatever their direction."""
    found = set()
    for piece in shapely.get_parts(shape):
        for ring in (piece.exterior, *piece.interiors):
            corners = [tuple(one) for one in shapely.get_coordinates(ring).tolist()]
            found |= {frozenset(pair) for pair in pairwise(corners)}
    return found


def _vertices(shapes: Iterable[shapely.Geometry]) -> np.ndarray:
    return np.unique(shapely.get_coordinates(list(shapes)), axis=0)


def _union_of_tiles(one: shapely.Geometry, other: shapely.Geometry) -> shapely.Geometry | None:
    """Return the union of two zones that share their border to the bit; None where they overlap or leave a slit."""
    try:
        merged = shapely.coverage_union(one, other)
    except shapely.errors.GEOSException:  # borders that cross
        return None
    area = one.area + other.area
    holes = [shapely.Polygon(ring) for piece in shapely.get_parts(merged) for ring in piece.interiors]
    is_slit = any(2 * hole.area / hole.length < _SLIT for hole in holes)
    return None if is_slit or not merged.is_valid or abs(merged.area - area) > _SAME_AREA * area else merged


def _pieces(zone: shapely.Geometry) -> list[shapely.Polygon]:
    pieces = [one for one in shapely.get_parts(zone) if isinstance(one, shapely.Polygon) and one.area > 0]
    if not pieces or len(pieces) != shapely.get_num_geometries(zone) or not zone.is_valid:
        raise BadGeometry("区域须是面，且边界不自相交", "a zone must be an area whose border does not cross itself")
    return pieces


def _joined(pieces: Sequence[shapely.Polygon]) -> shapely.Geometry:
    return pieces[0] if len(pieces) == 1 else shapely.MultiPolygon(list(pieces))


def _same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(shapely.get_num_coordinates(one) == shapely.get_num_coordinates(other))
