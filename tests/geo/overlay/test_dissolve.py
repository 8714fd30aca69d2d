"""Merging faces into polygons: pictures on paper, and rasters flooded by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.overlay._dissolve import DissolvedFaces, connected
from geo.overlay.tiling import FacesByTile, overlay, polygon_rings
from tests.geo.ascii_drawing import rect


def of_classes(squares: dict[tuple[int, int], int], dx: float = 0.0, *, join: bool = True) -> DissolvedFaces:
    """Return the polygons of unit squares at (column, row) of a class each, moved east by metres."""
    shapes = [rect(x + dx, y, x + dx + 1, y + 1) for x, y in squares]
    tiles = overlay(polygon_rings(shapes))
    return tiles.dissolve(kinds(tiles, list(squares.values())), join=join)


def kinds(tiles: FacesByTile, classes: list[int]) -> np.ndarray:
    """Return the class of each face, that of the one square it is; -1 outside."""
    kind = np.full(len(tiles.areas()), -1, np.int64)
    face, square = tiles.covers()
    kind[face] = np.array(classes)[square]
    return kind


def drawing(text: str) -> dict[tuple[int, int], int]:
    """Return the squares of a picture, their digits as classes; the last line is row 0."""
    rows = text.split()[::-1]
    return {(x, y): int(c) for y, row in enumerate(rows) for x, c in enumerate(row) if c != "."}


def areas(found: DissolvedFaces) -> list[tuple[int, float]]:
    assert shapely.is_valid(found.shapes).all()
    assert set(shapely.get_type_id(found.shapes)) <= {3}
    return sorted(zip(found.kind.tolist(), shapely.area(found.shapes).tolist(), strict=True))


def test_squares_of_one_class_that_share_a_side_are_one_polygon() -> None:
    assert areas(of_classes(drawing("11. \n .12"))) == [(1, 3), (2, 1)]


def test_a_corner_does_not_connect() -> None:
    assert areas(of_classes(drawing("1. \n .1"))) == [(1, 1), (1, 1)]


def test_another_class_within_makes_a_hole() -> None:
    found = of_classes(drawing("111 \n 121 \n 111"))
    assert areas(found) == [(1, 8), (2, 1)]
    assert [len(shape.interiors) for shape in found.shapes[found.kind == 1]] == [1]


def test_a_hole_that_touches_its_shell_in_a_corner_stays_a_hole() -> None:
    """The walk meets the corner twice: both holes are rings of their own, and no ring touches itself."""
    found = of_classes(drawing("1111 \n 1.11 \n 11.1 \n 1111"))
    assert areas(found) == [(1, 14)]
    assert sorted(ring.length for ring in found.shapes[0].interiors) == [4, 4]


def test_polygons_are_in_the_order_of_their_first_face_and_faces_know_theirs() -> None:
    tiles = overlay(polygon_rings([rect(0, 0, 1, 1), rect(1, 0, 2, 1), rect(5, 0, 6, 1)]))
    found = tiles.dissolve(kinds(tiles, [4, 4, 4]))
    polygon_of_face = np.concatenate(found.polygon_of_face)
    size = np.bincount(polygon_of_face[polygon_of_face >= 0], tiles.areas()[polygon_of_face >= 0])
    assert size.tolist() == shapely.area(found.shapes).tolist()
    assert polygon_of_face[polygon_of_face >= 0][0] == 0


def test_no_class_at_all_leaves_nothing() -> None:
    tiles = overlay(polygon_rings([rect(0, 0, 1, 1)]))
    found = tiles.dissolve(np.full(2, -1, np.int64))
    assert (len(found.shapes), found.polygon_of_face[0].tolist()) == (0, [-1, -1])


@pytest.mark.parametrize(("join", "sizes"), [(True, [40, 60, 100]), (False, [40, 40, 60, 60])])
def test_sides_on_a_tile_border_join_where_they_overlap(join: bool, sizes: list[float]) -> None:
    """Bars left and right of x = 1000: two that share a metre of it, two that only meet in a point."""
    bars = [rect(990, 0, 1000, 4), rect(1000, 3, 1010, 9), rect(990, 20, 1000, 24), rect(1000, 24, 1010, 30)]
    tiles = overlay(polygon_rings(bars))
    found = tiles.dissolve(np.where(tiles.areas() > 0, 0, -1), join=join)
    assert sorted(shapely.area(found.shapes)) == pytest.approx(sizes)


@given(st.integers(1, 12), st.data())
def test_connected_groups_by_brute_force(n: int, data: st.DataObject) -> None:
    item = st.integers(0, n - 1)
    ties = data.draw(st.lists(st.tuples(item, item), max_size=15))
    group = list(range(n))
    for _ in range(n):  # the lowest number of a group spreads one tie further each time
        for a, b in ties:
            group[a] = group[b] = min(group[a], group[b])
    firsts = sorted(set(group))
    found, count = connected(n, *(np.array([tie[k] for tie in ties], np.int64) for k in (0, 1)))
    assert count == len(firsts)
    assert found.tolist() == [firsts.index(g) for g in group]


def flooded(squares: dict[tuple[int, int], int]) -> list[tuple[int, int]]:
    """Return class and number of squares of each connected group, by flooding over sides."""
    left, out = dict(squares), []
    while left:
        start, kind = next(iter(left.items()))
        waiting, size = [start], 0
        del left[start]
        while waiting:
            x, y = waiting.pop()
            size += 1
            for near in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
                if left.get(near) == kind:
                    del left[near]
                    waiting.append(near)
        out.append((kind, size))
    return sorted(out)


@settings(max_examples=120)
@given(st.lists(st.sampled_from([None, 0, 0, 1]), min_size=36, max_size=36), st.sampled_from([0.0, 997.0]))
def test_rasters_by_brute_force(cells: list[int | None], dx: float) -> None:
    """6 x 6 squares, within a tile and across the border of two."""
    squares = {(i % 6, i // 6): kind for i, kind in enumerate(cells) if kind is not None}
    found = of_classes(squares, dx)
    assert areas(found) == [(kind, pytest.approx(size)) for kind, size in flooded(squares)]
    for (a, one), (b, other) in itertools.combinations(zip(found.kind, found.shapes, strict=True), 2):
        shared = shapely.intersection(one, other)
        assert shared.area < 1e-9
        assert a != b or shared.length < 1e-9
