"""The arrays that the stages of a sweep share: corners of circles, rows of inputs, records."""

from __future__ import annotations

import math

import numpy as np
import pytest

from geo.visibility import _sweep_data
from geo.visibility._sweep_data import circle_corners
from tests.geo.visibility.sweeps import sweep_of, together


def test_corners_are_those_of_regular_polygons_the_first_one_east() -> None:
    corners = circle_corners(sweep_of(sides=8))
    at = corners.far_at[0]
    root = math.sqrt(0.5)
    assert corners.x[at : at + 8] == pytest.approx([1, root, 0, -root, -1, -root, 0, root], abs=1e-12)
    assert corners.y[at : at + 8] == pytest.approx([0, root, 1, root, 0, -root, -1, -root], abs=1e-12)


def test_equal_numbers_of_sides_share_their_corners() -> None:
    inputs = together(sweep_of(sides=16), sweep_of(sides=8), sweep_of(sides=16))
    corners = circle_corners(inputs)
    assert len(corners.x) == len(corners.y) == 24
    assert corners.far_at.tolist() == corners.near_at.tolist() == [8, 0, 8]


def test_far_and_near_circles_may_have_different_numbers_of_sides() -> None:
    inputs = sweep_of(sides=16)._replace(near_sides=np.array([8]))
    corners = circle_corners(inputs)
    assert (corners.far_at[0], corners.near_at[0]) == (8, 0)


def test_rows_are_taken_in_any_order_and_are_contiguous() -> None:
    inputs = together(*(sweep_of(x=float(i)) for i in range(5)))
    taken = inputs.take(np.array([4, 1]))
    assert taken.x.tolist() == [4.0, 1.0]
    assert all(values.flags.c_contiguous and len(values) == 2 for values in taken)


def test_markers_are_no_index_of_anything() -> None:
    assert max(_sweep_data.CUT, _sweep_data.NONE) < 0
    assert {_sweep_data.FAR, _sweep_data.NEAR} == {0, 1}
