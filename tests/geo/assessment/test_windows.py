"""Test fields of view on a circle: shapes cut by shapely as oracle, points counted, the bound above every window."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.open_ground import WHOLE, OpenGround, Pieces, overlay_views, pieces_in_views
from geo.assessment.windows import TOLERANCE, Around, around, critical_starts, held, most_held

EVERYWHERE = shapely.box(-100, -100, 100, 100)


def ground(*shapes: shapely.Geometry, measure: str = "m2", density: float = 1.0) -> Around:
    """Return shapes by direction from the origin."""
    one = OpenGround(measure, np.array(shapes, object), np.full(len(shapes), density), [(WHOLE,)] * len(shapes))
    pieces = pieces_in_views(one, overlay_views(one, np.array([EVERYWHERE])), np.array([True]))
    return around(pieces, np.arange(len(pieces.view)), 0.0, 0.0)


def sector(start: float, span: float) -> shapely.Polygon:
    """Return a sector of 1 km, as a polygon of many corners."""
    angles = np.linspace(start, start + span, 721)
    rim = np.column_stack([np.cos(angles), np.sin(angles)]) * 1000
    return shapely.Polygon([(0, 0), *rim])


shapes = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(-20, 20), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=4
)


@settings(max_examples=40, deadline=None)
@given(shapes, st.integers(0, 359), st.integers(5, 350))
def test_a_window_holds_what_the_sector_cuts_out(rects: list[tuple[int, ...]], start: int, span: int) -> None:
    union = shapely.union_all([shapely.box(x, y, x + w, y + h) for x, y, w, h in rects])
    at, width = math.radians(start), math.radians(span)
    found = held(ground(*shapely.get_parts(union)), WHOLE, np.array([at]), width)[0]
    assert found == pytest.approx(shapely.intersection(union, sector(at, width)).area, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(shapes, st.integers(5, 350))
def test_no_window_holds_more_than_the_most_by_the_tolerance(rects: list[tuple[int, ...]], span: int) -> None:
    union = shapely.union_all([shapely.box(x, y, x + w, y + h) for x, y, w, h in rects])
    found, width = ground(*shapely.get_parts(union)), math.radians(span)
    most, where, bound = most_held(found, WHOLE, critical_starts(found, width, 1.0), width)
    everywhere = held(found, WHOLE, np.radians(np.arange(0, 360, 0.05)), width)
    assert held(found, WHOLE, np.array([where]), width)[0] == pytest.approx(most)
    assert everywhere.max() <= bound + 1e-9
    assert bound <= most + TOLERANCE * max(most, 1.0) + 1e-9
    assert most <= union.area + 1e-6


def test_a_hole_is_taken_off() -> None:
    """A ring of 12 m2 about a hole of 4 m2; the camera is in the middle of the hole."""
    ring = shapely.box(-2, -2, 2, 2).difference(shapely.box(-1, -1, 1, 1))
    quarter = held(ground(ring), WHOLE, np.radians([0.0, 45.0, 350.0]), math.radians(90))
    assert quarter.tolist() == pytest.approx([3.0, 3.0, 3.0])
    assert held(ground(ring), WHOLE, np.array([1.0]), math.radians(359.999))[0] == pytest.approx(12.0, abs=1e-3)


def test_points_on_the_border_are_in() -> None:
    points = shapely.points([[5, 0], [0, 5], [-5, 0]])
    found = ground(*points, measure="count", density=2.0)
    assert held(found, WHOLE, np.radians([0.0, 270.0, 1.0, 180.0]), math.radians(90)).tolist() == [4, 2, 2, 2]
    assert most_held(found, WHOLE, critical_starts(found, np.pi / 2, 1.0), np.pi / 2)[0] == 4.0


def test_lines_count_by_length_and_those_on_a_ray_at_once() -> None:
    """Four metres across, half of them above east; three metres along north."""
    found = ground(
        shapely.LineString([(5, -2), (5, 2)]), shapely.LineString([(0, 3), (0, 6)]), measure="m", density=1.0
    )
    assert held(found, WHOLE, np.radians([0.0, 330.0, 80.0]), math.radians(45)).tolist() == pytest.approx(
        [2, 3.3397, 3], abs=1e-3
    )


def test_targets_are_held_apart() -> None:
    squares = np.array([shapely.box(1, 1, 2, 2), shapely.box(-2, 1, -1, 2)])
    one = OpenGround("m2", squares, np.ones(2), [(0, 7), (7,)])
    pieces: Pieces = pieces_in_views(one, overlay_views(one, np.array([EVERYWHERE])), np.array([True]))
    found = around(pieces, np.arange(len(pieces.view)), 0.0, 0.0)
    starts = np.radians([0.0, 90.0])
    assert held(found, 0, starts, np.pi / 2).round(6).tolist() == [1.0, 0.0]
    assert held(found, 7, starts, np.pi).round(6).tolist() == [2.0, 1.0]
