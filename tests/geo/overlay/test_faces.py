"""Faces of a planar graph: drawings on paper, Euler's formula, and unit squares by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.overlay._faces import Faces, make_faces
from geo.overlay._tile_segments import tile_segments
from geo.overlay.tiling import polygon_rings


def faces_of(*shapes: shapely.Geometry) -> Faces:
    """Return the faces of shapes in the tile from 0 to 1,000 m."""
    rings = polygon_rings(list(shapes))
    every = np.arange(len(rings.polygon))
    return make_faces(*tile_segments(rings.coords, rings.start, rings.orientation, rings.polygon, every, 0.0, 0.0))


def areas_by_cover(faces: Faces) -> list[tuple[list[int], float]]:
    """Return the polygons that cover each face but the outside, and its area (m2), sorted."""
    covers = [faces.cover[a:b].tolist() for a, b in itertools.pairwise(faces.cover_start)]
    assert (covers[0], faces.area[0]) == ([], 0)
    return sorted(zip(covers[1:], faces.area[1:].tolist(), strict=True))


def test_two_squares_that_overlap_make_three_faces() -> None:
    assert areas_by_cover(faces_of(shapely.box(0, 0, 10, 10), shapely.box(5, 5, 15, 15))) == [
        ([0], 75),
        ([0, 1], 25),
        ([1], 75),
    ]


def test_a_square_within_a_square_is_a_hole_of_its_face() -> None:
    assert areas_by_cover(faces_of(shapely.box(0, 0, 10, 10), shapely.box(4, 4, 6, 6))) == [([0], 96), ([0, 1], 4)]


def test_the_face_in_a_hole_is_covered_by_nothing_and_what_lies_in_it_knows_that() -> None:
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 8, 8))
    # 100 - 36 of the ring, 36 - 4 of its hole, 4 of the island
    assert areas_by_cover(faces_of(ring, shapely.box(4, 4, 6, 6))) == [([], 32), ([0], 64), ([1], 4)]


def test_several_holes_each_find_the_face_to_their_left() -> None:
    """Two islands in each of two squares: their leftmost nodes have an island, or a border, to the left."""
    squares = [shapely.box(0, 0, 20, 10), shapely.box(30, 0, 50, 10)]
    islands = [shapely.box(x, y, x + 2, y + 2) for x in (4, 10, 34, 40) for y in (4,)]
    found = areas_by_cover(faces_of(*squares, *islands))
    assert found == [([0], 192), ([0, 2], 4), ([0, 3], 4), ([1], 192), ([1, 4], 4), ([1, 5], 4)]


def test_coincident_borders_are_one_edge_and_equal_polygons_one_face() -> None:
    square = shapely.box(0, 0, 10, 10)
    faces = faces_of(square, square, shapely.box(10, 0, 20, 10))
    assert areas_by_cover(faces) == [([0, 1], 100), ([2], 100)]
    assert len(faces.tail) == 2 * 7  # seven edges: the common side once


def test_an_edge_across_which_nothing_changes_is_dropped() -> None:
    """Two parts of one polygon that touch along a side are one face."""
    parts = shapely.MultiPolygon([shapely.box(0, 0, 5, 5), shapely.box(5, 0, 10, 5)])
    assert areas_by_cover(faces_of(parts)) == [([0], 50)]


def test_no_segments_make_the_outside_only() -> None:
    assert faces_of().area.tolist() == [0]


def count_components(faces: Faces) -> int:
    """Return the number of connected components of the graph, by flooding."""
    left = set(range(len(faces.xy)))
    neighbours: dict[int, set[int]] = {node: set() for node in left}
    for h in range(len(faces.tail)):
        neighbours[int(faces.tail[h])].add(int(faces.tail[h ^ 1]))
    left -= {node for node in left if not neighbours[node]}  # nodes whose edges were all dropped
    components = 0
    while left:
        waiting = [left.pop()]
        components += 1
        while waiting:
            near = neighbours[waiting.pop()] & left
            left -= near
            waiting += near
    return components


point = st.tuples(st.integers(0, 15), st.integers(0, 15))


@settings(max_examples=150)
@given(st.lists(st.lists(point, min_size=3, max_size=5), min_size=1, max_size=6))
def test_euler_s_formula_and_the_twins(rings: list[list[tuple[int, int]]]) -> None:
    """Nodes - edges + faces = 1 + components; half-edges come in twins, and loops go round."""
    hulls = [shapely.convex_hull(shapely.multipoints(ring)) for ring in rings]
    faces = faces_of(*(shape for shape in hulls if shape.geom_type == "Polygon"))
    nodes, edges = len(np.unique(faces.tail)), len(faces.tail) // 2
    assert nodes - edges + len(faces.area) == 1 + count_components(faces)
    assert (faces.tail[faces.following] == faces.tail[np.arange(len(faces.tail)) ^ 1]).all()
    assert sorted(faces.following.tolist()) == list(range(len(faces.tail)))
    assert (faces.face[faces.following] == faces.face).all()
    assert faces.area[1:].min(initial=1) > 0
    assert faces.area.sum() >= shapely.union_all(np.array(hulls)).area - 1e-4


rectangle = st.tuples(*[st.integers(0, 9)] * 4).filter(lambda r: r[0] != r[2] and r[1] != r[3])


@settings(max_examples=100)
@given(st.lists(rectangle, min_size=1, max_size=7))
def test_unit_squares_by_brute_force(corners: list[tuple[int, int, int, int]]) -> None:
    """Each unit square is all in or all out of a rectangle, so counting squares is exact."""
    boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    expected: dict[tuple[int, ...], int] = {}
    for x, y in itertools.product(range(9), range(9)):
        cover = tuple(i for i, (a, b, c, d) in enumerate(boxes) if a <= x < c and b <= y < d)
        expected[cover] = expected.get(cover, 0) + 1
    found: dict[tuple[int, ...], float] = {}
    for cover, area in areas_by_cover(faces_of(*(shapely.box(*box) for box in boxes))):
        found[tuple(cover)] = found.get(tuple(cover), 0) + area
    inside = {cover: count for cover, count in expected.items() if cover}
    assert {cover: area for cover, area in found.items() if cover} == pytest.approx(inside)
