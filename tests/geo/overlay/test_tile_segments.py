"""Clipping of rings to tiles: sides on paper, the same points on both sides of a border, areas against GEOS."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.overlay._tile_segments import TILE_M, UNITS_PER_METRE, tile_segments
from geo.overlay.tiling import polygon_rings

Segments = tuple[np.ndarray, np.ndarray, np.ndarray]


def segments_of(shape: shapely.Geometry, left: float = 0.0, low: float = 0.0) -> Segments:
    """Return the segments of one shape in the tile with that corner."""
    rings = polygon_rings([shape])
    every = np.arange(len(rings.polygon))
    return tile_segments(rings.coords, rings.start, rings.orientation, rings.polygon, every, left, low)


def area(segments: Segments) -> float:
    """Return the area (m2) of the polygon, which is left of a segment on side +1: the shoelace formula."""
    ends, _, side = segments
    cross = [int(s) * (ax * by - ay * bx) for (ax, ay, bx, by), s in zip(ends.tolist(), side.tolist(), strict=True)]
    return sum(cross) / 2 / UNITS_PER_METRE**2


def test_a_square_has_four_segments_with_itself_on_their_inner_side() -> None:
    ends, polygon, side = segments_of(shapely.box(1, 1, 3, 3))
    metres = (ends / UNITS_PER_METRE).tolist()
    found = dict(zip(map(tuple, metres), side.tolist(), strict=True))
    # ends are ordered by x, then y: eastwards and northwards
    assert found == {(1, 1, 3, 1): 1, (3, 1, 3, 3): 1, (1, 3, 3, 3): -1, (1, 1, 1, 3): -1}
    assert polygon.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("clockwise", [False, True])
def test_the_direction_of_a_ring_does_not_matter(clockwise: bool) -> None:
    ring = [(1, 1), (4, 1), (1, 5)]
    assert area(segments_of(shapely.Polygon(ring[::-1] if clockwise else ring))) == 6


def test_a_hole_takes_its_area_away() -> None:
    assert area(segments_of(shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 5, 5)))) == 100 - 9


def test_vertices_are_rounded_to_the_lattice_and_edges_of_no_length_dropped() -> None:
    third = shapely.Polygon([(1 / 3, 1 / 3), (2, 1 / 3), (2, 1), (2, 1 + 2.0**-30)])
    ends, *_ = segments_of(third)
    assert len(ends) == 3
    assert ends.min() == round(UNITS_PER_METRE / 3)


def test_both_tiles_at_a_border_find_the_same_point() -> None:
    """An edge from (990, 0) to (1020, 10) crosses x = 1000 at y = 10/3, seen from either side."""
    triangle = shapely.Polygon([(990, 0), (1020, 10), (990, 10)])
    ends, *_ = segments_of(triangle)
    left_tile = {tuple(point) for point in ends.reshape(-1, 2).tolist() if point[0] == TILE_M * UNITS_PER_METRE}
    ends, *_ = segments_of(triangle, TILE_M, 0.0)
    right_tile = {tuple(point) for point in ends.reshape(-1, 2).tolist() if point[0] == 0}
    assert {y for _, y in left_tile} == {y for _, y in right_tile} == {round(10 / 3 * 2**20), 10 * 2**20}


def test_a_ring_outside_the_tile_leaves_nothing_and_one_around_it_the_whole_tile() -> None:
    assert len(segments_of(shapely.box(2000, 0, 2010, 10))[0]) == 0
    assert area(segments_of(shapely.box(-5000, -5000, 5000, 5000))) == TILE_M**2


vertices = st.tuples(st.integers(-300, 1300), st.integers(-300, 1300))


@given(st.lists(vertices, min_size=3, max_size=8))
def test_areas_are_those_of_geos(points: list[tuple[int, int]]) -> None:
    shape = shapely.convex_hull(shapely.multipoints(points))
    if shape.geom_type != "Polygon":
        return
    clipped = shapely.intersection(shape, shapely.box(0, 0, TILE_M, TILE_M))
    # a vertex moves by less than a micrometre, along a border of less than 4 km
    assert math.isclose(area(segments_of(shape)), clipped.area, abs_tol=4000 / UNITS_PER_METRE)
