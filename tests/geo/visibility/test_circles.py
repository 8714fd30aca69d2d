"""Chords of circles against the formula of the sagitta (rule C2)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.visibility.circles import MAX_SAGITTA_M, chord_counts, quadrant_segments


def sagitta(radius: float, chords: int) -> float:
    """Return how far the middle of a chord is from its arc, of so many chords all round."""
    return radius * (1 - math.cos(math.pi / chords))


def test_the_bound_is_that_of_rule_c2() -> None:
    assert MAX_SAGITTA_M == 0.05


@given(st.floats(0.1, 5000))
def test_chords_keep_to_the_sagitta_and_eight_fewer_would_not(radius: float) -> None:
    count = int(chord_counts(np.array([radius]))[0])
    assert count % 8 == 0
    assert sagitta(radius, count) <= MAX_SAGITTA_M * (1 + 1e-6)
    assert count == 8 or sagitta(radius, count - 8) > MAX_SAGITTA_M * (1 - 1e-6)


@given(st.floats(0.1, 5000))
def test_quadrants_keep_to_the_sagitta_and_one_fewer_would_not(radius: float) -> None:
    count = quadrant_segments(radius)
    assert sagitta(radius, 4 * count) <= MAX_SAGITTA_M * (1 + 1e-6)
    assert count == 1 or sagitta(radius, 4 * (count - 1)) > MAX_SAGITTA_M * (1 - 1e-6)


@pytest.mark.parametrize("radius", [0.01, 3.0, 30.0, 500.0])
def test_a_buffer_of_so_many_segments_is_within_the_sagitta(radius: float) -> None:
    disc = shapely.Point(0, 0).buffer(radius, quad_segs=quadrant_segments(radius))
    nearest = disc.boundary.distance(shapely.Point(0, 0))
    assert radius - MAX_SAGITTA_M <= nearest <= radius


def test_no_radius_is_a_circle_of_eight() -> None:
    assert chord_counts(np.zeros(2)).tolist() == [8, 8]
