"""Cut, join and hand over the shapes of grids so that shared borders stay equal to the bit (rule V8).

Degrees are taken as a plane, as borders are straight in degrees (rule L1). No vertex of a border is moved: a cut adds
those where it meets a border, to every grid that lies along it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.errors import BadGeometry
from geo.places.zone_pieces import cut_zone, merge_zones, with_vertices

#: What is thinner than this (degrees, about a metre) is no part of its own: a line drawn along a border leaves slivers.
THIN = 1e-5


@dataclass(frozen=True)
class CutShapes:
    """Hold the parts of a shape, and the vertices that those beside it take.

    Examples
    --------
    >>> CutShapes((shapely.box(0, 0, 1, 1),), np.empty((0, 2))).parts[0].area
    1.0
    """

    parts: tuple[shapely.Geometry, ...]
    vertices: np.ndarray


def split_shape(shape: shapely.Geometry, by: shapely.Geometry) -> CutShapes:
    """Return the parts of a grid beside lines, or in each of some areas and outside them all.

    Parameters
    ----------
    shape
        The grid, degrees.
    by
        Lines that run from border to border; their ends may be up to a metre short of it. Or areas, each a part.

    Raises
    ------
    BadGeometry
        It does not cut the grid, or is neither lines nor areas.

    Examples
    --------
    >>> square = shapely.box(0, 0, 3, 1)
    >>> cut = split_shape(square, shapely.MultiLineString([[(1, -1), (1, 2)], [(2, -1), (2, 2)]]))
    >>> [one.area for one in cut.parts], cut.vertices.tolist()
    ([1.0, 1.0, 1.0], [[1.0, 0.0], [1.0, 1.0], [2.0, 0.0], [2.0, 1.0]])
    >>> [one.area for one in split_shape(square, shapely.box(2, 0, 9, 9)).parts]
    [1.0, 2.0]
    """
    pieces = list(shapely.get_parts(by))
    group: Callable[[Sequence[shapely.Polygon], shapely.Geometry], list[shapely.Geometry]]
    dimensions = set(shapely.get_dimensions(pieces).tolist())
    if dimensions == {1}:
        lines = [_reaching(line, shape) for line in pieces]
        group = _each_face
    elif dimensions == {2}:
        lines = [_ring(piece) for piece in pieces]
        group = _faces_within(pieces)
    else:
        raise BadGeometry("拆分用线或面", "a grid is split by lines or by areas")
    faces, vertices = _faces(shape, lines)
    parts = group(faces, shape)
    if len(parts) < 2:
        raise BadGeometry("分割线须从边界到边界穿过网格", "the line must cross the grid from border to border")
    return CutShapes(tuple(parts), vertices)


def handed_over(giver: shapely.Geometry, taker: shapely.Geometry, piece: shapely.Geometry) -> CutShapes:
    """Return what is left of the giver, and the taker with the piece of the giver that lies in an area.

    What would be left of the giver as a sliver thinner than a metre goes over too.

    Raises
    ------
    BadGeometry
        The area holds nothing of the giver or all of it, or does not meet the taker.

    Examples
    --------
    >>> cut = handed_over(shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 2), shapely.box(1, 1, 3, 3))
    >>> [one.area for one in cut.parts]
    [3.0, 3.0]
    """
    areas = [one for one in shapely.get_parts(piece) if isinstance(one, shapely.Polygon)]
    if not areas:
        raise BadGeometry("划出的一块须是面", "what is handed over must be an area")
    faces, vertices = _faces(giver, [_ring(one) for one in areas])
    goes = [any(one.contains(face.representative_point()) for one in areas) or _is_thin(face) for face in faces]
    given = [face for face, away in zip(faces, goes, strict=True) if away and not _is_thin(face)]
    if not given:
        raise BadGeometry("所画的面里没有这个网格的部分", "the area holds nothing of the grid")
    if all(goes):
        raise BadGeometry("所画的面含整个网格：请用合并", "the area holds the whole grid: merge the two instead")
    rest = joined([face for face, away in zip(faces, goes, strict=True) if not away])
    taken = with_vertices(taker, vertices)
    # The pieces nearest to the taker first, so that each has a border in common when its turn comes.
    waiting = [face for face, away in zip(faces, goes, strict=True) if away]
    while waiting:
        at = next((k for k, face in enumerate(waiting) if _touch_along(taken, face)), None)
        if at is None and all(_is_thin(face) for face in waiting):
            rest = joined([rest, *waiting])
            break
        if at is None:
            raise BadGeometry(
                "划出的一块与接收的网格没有共同的边界", "the piece has no border in common with the grid that takes it"
            )
        taken = merge_zones(taken, waiting.pop(at))
    return CutShapes((rest, taken), vertices)


def redrawn(one: shapely.Geometry, other: shapely.Geometry, border: shapely.Geometry) -> CutShapes:
    """Return two neighbours with a new border between them; the outer border of both together stays.

    Each side of the line belongs to the grid that had more of it, but none is left with nothing.

    Raises
    ------
    BadGeometry
        They have no border in common, or the line does not part them.

    Examples
    --------
    >>> line = shapely.LineString([(1.5, -1), (1.5, 3)])
    >>> [one.area for one in redrawn(shapely.box(0, 0, 2, 2), shapely.box(2, 0, 3, 2), line).parts]
    [3.0, 3.0]
    """
    whole = merge_zones(one, other)
    lines = [_reaching(line, whole) for line in shapely.get_parts(border) if isinstance(line, shapely.LineString)]
    faces, vertices = _faces(whole, lines)
    had = np.array([[shapely.intersection(face, side).area for side in (one, other)] for face in faces])
    if len(faces) < 2:
        raise BadGeometry(
            "新的界线须从边界到边界把两个网格分开", "the new border must part the two grids from border to border"
        )
    belongs = had.argmax(axis=1)
    if len(set(belongs.tolist())) == 1:
        # Both go on: the other gets the face of which it had the most, the first's own lead taken off.
        lead = had[:, belongs[0]] - had[:, 1 - belongs[0]]
        belongs[lead.argmin()] = 1 - belongs[0]
    sides = [joined([face for face, at in zip(faces, belongs, strict=True) if at == side]) for side in (0, 1)]
    return CutShapes(tuple(sides), vertices)


def merged_shape(shapes: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """Return the grid that several make together, in whatever order they lie.

    Raises
    ------
    BadGeometry
        They do not hang together by their borders.

    Examples
    --------
    >>> merged_shape([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1), shapely.box(1, 0, 2, 1)]).area
    3.0
    """
    whole, waiting = shapes[0], list(shapes[1:])
    while waiting:
        at = next((k for k, one in enumerate(waiting) if _touch_along(whole, one)), 0)
        whole = merge_zones(whole, waiting.pop(at))
    return whole


def take_vertices(shapes: Mapping[str, shapely.Geometry], vertices: np.ndarray) -> dict[str, shapely.Geometry]:
    """Return those shapes that lie along some new vertices, with these as their own.

    Examples
    --------
    >>> beside = {"a": shapely.box(0, 0, 2, 2), "b": shapely.box(5, 5, 6, 6)}
    >>> {key: len(one.exterior.coords) for key, one in take_vertices(beside, np.array([[1.0, 0.0]])).items()}
    {'a': 6}
    """
    if not len(vertices) or not shapes:
        return {}
    keys = list(shapes)
    near = shapely.STRtree([shapes[key] for key in keys]).query(
        shapely.points(vertices), predicate="dwithin", distance=THIN
    )[1]
    out = {}
    for key in (keys[at] for at in np.unique(near).tolist()):
        taken = with_vertices(shapes[key], vertices)
        if shapely.get_num_coordinates(taken) != shapely.get_num_coordinates(shapes[key]):
            out[key] = taken
    return out


def joined(pieces: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """Return pieces that share borders to the bit as one shape, of several parts where they do not hang together.

    Examples
    --------
    >>> joined([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 5, 6, 6)]).area
    3.0
    """
    return pieces[0] if len(pieces) == 1 else shapely.coverage_union_all(list(pieces))


def _faces(shape: shapely.Geometry, lines: Sequence[shapely.LineString]) -> tuple[list[shapely.Polygon], np.ndarray]:
    """Return the faces of a shape between lines, slivers with their neighbours, and the vertices that came."""
    faces: list[shapely.Geometry] = list(shapely.get_parts(shape))
    found = [np.empty((0, 2))]
    for line in lines:
        now: list[shapely.Geometry] = []
        new = [np.empty((0, 2))]
        for face in faces:
            cut = cut_zone(face, line)
            now += cut.faces
            new.append(cut.vertices)
        vertices = np.concatenate(new)
        faces = [with_vertices(face, vertices) for face in now]
        found.append(vertices)
    return faces, np.unique(np.concatenate(found), axis=0)


def _each_face(faces: Sequence[shapely.Polygon], shape: shapely.Geometry) -> list[shapely.Geometry]:
    """Return each face as a part; slivers go with a neighbour, pieces that no line cuts with the largest part."""
    whole = list(shapely.get_parts(shape))
    uncut = [face for face in faces if any(face.equals(piece) for piece in whole)]
    parts = _without_slivers([face for face in faces if face not in uncut])
    if not parts:
        return [shape]
    largest = max(range(len(parts)), key=lambda at: parts[at].area)
    return [joined([part, *uncut]) if at == largest else part for at, part in enumerate(parts)]


def _faces_within(
    areas: Sequence[shapely.Polygon],
) -> Callable[[Sequence[shapely.Polygon], shapely.Geometry], list[shapely.Geometry]]:
    def group(faces: Sequence[shapely.Polygon], _: shapely.Geometry) -> list[shapely.Geometry]:
        owned: list[list[shapely.Geometry]] = [[] for _ in range(len(areas) + 1)]
        for face in _without_slivers(faces):
            inner = face.representative_point()
            owned[next((at for at, area in enumerate(areas) if area.contains(inner)), len(areas))].append(face)
        return [joined(one) for one in owned if one]

    return group


def _without_slivers(faces: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Return faces with each one thinner than a metre joined to that with the longest border in common."""
    kept = [face for face in faces if not _is_thin(face)]
    for sliver in (face for face in faces if _is_thin(face)):
        common = [shapely.intersection(sliver.boundary, face.boundary).length for face in kept]
        if common and max(common) > 0:
            at = int(np.argmax(common))
            kept[at] = joined([kept[at], sliver])
        else:
            kept.append(sliver)
    return kept


def _is_thin(face: shapely.Geometry) -> bool:
    return bool(2 * face.area < THIN * face.length)


def _touch_along(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(shapely.intersection(one.boundary, other.boundary).length > 0)


def _ring(area: shapely.Polygon) -> shapely.LineString:
    if not area.is_valid or area.area <= 0:
        raise BadGeometry("所画的面的边界自相交", "the border of the area crosses itself")
    return shapely.LineString(area.exterior.coords)


def _reaching(line: shapely.LineString, shape: shapely.Geometry) -> shapely.LineString:
    """Return a line whose ends reach the border of a shape, where they are less than a metre short of it."""
    border, points = shape.boundary, [tuple(one) for one in shapely.get_coordinates(line).tolist()]
    for at in (0, -1):
        end = shapely.Point(points[at])
        if 0 < end.distance(border) < THIN and shape.contains(end):
            near = border.interpolate(border.project(end))
            points.insert(0 if at == 0 else len(points), (near.x, near.y))
    return shapely.LineString(points)
