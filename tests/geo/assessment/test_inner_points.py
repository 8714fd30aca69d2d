"""Test where a shape is said to be: the middle of its longest line, a point on its surface."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.inner_points import inner_points

_SPOT = st.tuples(st.integers(-50, 50), st.integers(-50, 50))
_LINE = st.lists(_SPOT, min_size=2, max_size=5, unique=True)


def test_a_straight_line_is_in_its_middle_and_not_at_an_end() -> None:
    line = shapely.LineString([(0, 0), (10, 0)])
    assert inner_points(np.array([line], object))[0] == shapely.Point(5, 0)


@given(st.lists(_LINE, min_size=1, max_size=4))
def test_of_several_lines_it_is_the_middle_of_the_longest(lines: list[list[tuple[int, int]]]) -> None:
    parts = [shapely.LineString(one) for one in lines]
    longest = max(parts, key=lambda one: one.length)  # of equal ones the first
    found = inner_points(np.array([shapely.MultiLineString(parts)], object))[0]
    assert found.distance(longest.interpolate(0.5, normalized=True)) < 1e-9


@given(st.lists(_SPOT, min_size=3, max_size=8, unique=True))
def test_of_an_area_it_is_inside(spots: list[tuple[int, int]]) -> None:
    hull = shapely.MultiPoint(spots).convex_hull
    assert inner_points(np.array([hull, None], object))[0].distance(hull) < 1e-9


def test_what_has_no_place_has_no_point() -> None:
    assert inner_points(np.array([None, shapely.Point(), shapely.LineString()], object)).tolist() == [None] * 3
