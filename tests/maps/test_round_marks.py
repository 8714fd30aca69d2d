"""Check places and directions along a round: a square that can be walked on paper, and any round by its length."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.round_marks import marks_along, right_of

CORNERS = [(0, 0), (0, 10), (10, 10), (10, 0), (0, 0)]


def test_the_sides_of_a_square_are_walked_in_order() -> None:
    found = marks_along(shapely.LineString(CORNERS), 10.0, first=5.0)
    assert found.xy.tolist() == [[0, 5], [5, 10], [10, 5], [5, 0]]
    assert found.bearing.tolist() == [0, 90, 180, 270]
    assert found.along.tolist() == [5, 15, 25, 35]


def test_a_square_walked_clockwise_is_drawn_inside_of_it() -> None:
    moved = right_of(shapely.LineString(CORNERS), 1.0)
    assert shapely.get_coordinates(moved)[:2].tolist() == [[1, 0], [1, 10]]
    assert shapely.covers(shapely.Polygon(CORNERS), moved)


@pytest.mark.parametrize("points", [[(1, 1), (1, 1)], [(0, 0), (0, 0), (0, 0)]])
def test_a_round_of_no_length_has_no_marks(points: list[tuple[int, int]]) -> None:
    line = shapely.LineString(points)
    assert len(marks_along(line, 1.0).xy) == 0
    assert right_of(line, 1.0) == line


places = st.tuples(st.integers(-50, 50), st.integers(-50, 50))


@given(st.lists(places, min_size=3, max_size=12, unique=True), st.floats(0.5, 40))
def test_marks_lie_on_the_round_at_their_distance(points: list[tuple[int, int]], step: float) -> None:
    line = shapely.LineString([*points, points[0]])
    found = marks_along(line, step)
    assert len(found.along) == max(1, int(np.ceil(line.length * (1 - 1e-9) / step)))
    where = shapely.line_interpolate_point(line, found.along)
    assert np.abs(shapely.get_coordinates(where) - found.xy).max() < 1e-6
    assert np.allclose(np.diff(found.along), step)
