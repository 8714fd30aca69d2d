"""Mend slivers and hairlines up to a metre: exact borders, all other bits as they were, nothing moved too far (V7)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.planning.border_fixes import MendedBorders, mend_borders

M = 1 / 111_320
LON, LAT = 103.0, 0.0  # at the equator a degree of longitude is one of latitude


def at(x: float, y: float) -> tuple[float, float]:
    return LON + x * M, LAT + y * M


def poly(*points: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([at(x, y) for x, y in points])


def rect(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return poly((west, south), (east, south), (east, north), (west, north))


def mended(*shapes: shapely.Geometry, level: list[int] | None = None) -> MendedBorders:
    return mend_borders(np.array(shapes, object), np.array(level or [1] * len(shapes)))


def area(shape: shapely.Geometry) -> float:
    return float(shapely.area(shape)) / M**2


@pytest.mark.parametrize("gap", [0.01, 0.5, 0.9, -0.01, -0.5, -0.9])
def test_a_gap_or_an_overlap_of_up_to_a_metre_is_closed(gap: float) -> None:
    west, east, far = rect(0, 0, 100, 100), rect(100 + gap, 0, 200, 100), rect(200, 0, 300, 100)
    found = mended(west, east, far)
    assert shapely.coverage_is_valid(found.shape)
    assert found.changed == [1]
    assert found.shape[0] is west
    assert found.shape[2] is far
    assert area(shapely.union_all(found.shape)) == pytest.approx(30_000, abs=1e-3)
    assert found.moved_m == pytest.approx(abs(gap), abs=0.01)
    assert found.left == []


@pytest.mark.parametrize("gap", [1.5, 5.0, -1.5])
def test_what_is_wider_is_left(gap: float) -> None:
    shapes = rect(0, 0, 100, 100), rect(100 + gap, 0, 200, 100)
    found = mended(*shapes)
    assert found.changed == []
    assert all(one is other for one, other in zip(found.shape, shapes, strict=True))


def test_a_vertex_beside_an_edge_is_put_into_it() -> None:
    # The east has a corner on the straight border of the west, 0.3 m away from it.
    west, east = rect(0, 0, 100, 100), poly((100, 0), (200, 0), (200, 100), (100, 100), (100.3, 50))
    found = mended(west, east)
    assert shapely.coverage_is_valid(found.shape)
    assert found.changed == [0]
    assert area(found.shape[0]) == pytest.approx(10_000 + 0.3 * 100 / 2, abs=1e-6)


def test_a_corner_on_an_edge_becomes_a_vertex_of_both_and_nothing_moves() -> None:
    below, left, right = rect(0, 0, 200, 100), rect(0, 100, 70, 200), rect(70, 100, 200, 200)
    found = mended(below, left, right)
    assert shapely.coverage_is_valid(found.shape)
    assert at(70, 100) in [tuple(one) for one in shapely.get_coordinates(found.shape[0]).tolist()]
    assert found.moved_m < 0.01


def test_microgrids_move_with_the_border_of_their_grid() -> None:
    west, east = rect(0, 0, 100, 100), rect(100.4, 0, 200, 100)
    micro = rect(100.4, 0, 150, 100), rect(150, 0, 200, 100)
    found = mended(west, east, *micro, level=[1, 1, 2, 2])
    assert found.changed == [1, 2]
    assert shapely.coverage_is_valid(found.shape[:2])
    assert shapely.coverage_is_valid(found.shape[2:])
    assert shapely.equals(shapely.union_all(found.shape[2:]), found.shape[1])


def test_a_hairline_hole_of_one_grid_is_closed_and_a_yard_is_not() -> None:
    outer, hair, yard = rect(0, 0, 100, 100), rect(20, 20, 20.5, 80), rect(50, 50, 60, 60)
    holed = shapely.Polygon(outer.exterior, [hair.exterior, yard.exterior])
    found = mended(holed)
    assert area(found.shape[0]) == pytest.approx(10_000 - 100, abs=1e-6)
    # A hole that another grid has stays.
    filled = mended(shapely.Polygon(outer.exterior, [hair.exterior]), hair)
    assert filled.changed == []


def test_a_narrow_inlet_of_a_single_grid_is_its_own() -> None:
    inlet = poly((0, 0), (100, 0), (100, 100), (50.4, 100), (50.4, 20), (50, 20), (50, 100), (0, 100))
    found = mended(inlet, rect(100, 0, 200, 100))
    assert (found.changed, found.left) == ([], [])


def test_a_dedicated_grid_over_a_general_one_stays_where_it_is() -> None:
    found = mended(rect(0, 0, 100, 100), rect(40, 40, 60, 60))
    assert found.changed == []


def test_a_mend_that_is_not_sound_is_left() -> None:
    # A grid less than a metre wide would close up.
    found = mended(rect(0, 0, 100, 100), rect(100.2, 0, 100.7, 100), rect(100.9, 0, 200, 100))
    assert all(shapely.is_valid(one) and not shapely.is_empty(one) for one in found.shape)
    assert found.moved_m <= 1.0


_OFFSETS = st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3)), min_size=36, max_size=36)


@settings(max_examples=40, deadline=None)
@given(_OFFSETS, st.sets(st.integers(0, 8), max_size=4))
def test_a_town_that_was_drawn_badly_fits_together_again(offsets: list[tuple[float, float]], loose: set[int]) -> None:
    """Nine grids of 100 m: the corners of some are off by up to 0.42 m, each by itself; all others are exact."""
    shapes = []
    for k in range(9):
        x, y = 100.0 * (k % 3), 100.0 * (k // 3)
        corners = [(x, y), (x + 100, y), (x + 100, y + 100), (x, y + 100)]
        if k in loose:
            corners = [(a + dx, b + dy) for (a, b), (dx, dy) in zip(corners, offsets[4 * k :], strict=False)]
        shapes.append(poly(*corners))
    found = mended(*shapes)
    assert shapely.coverage_is_valid(found.shape, gap_width=M)
    assert found.left == []
    assert found.moved_m <= 1.0
    for k in set(range(9)) - set(found.changed):
        assert found.shape[k] is shapes[k]
    # Whatever vertex there is was there before: none was made.
    before = {tuple(one) for one in shapely.get_coordinates(np.array(shapes)).tolist()}
    assert {tuple(one) for one in shapely.get_coordinates(found.shape).tolist()} <= before
    total = sum(area(one) for one in found.shape)
    assert total == pytest.approx(area(shapely.union_all(found.shape)), abs=1e-3)
    assert total == pytest.approx(90_000, abs=12 * 100 * 0.31)
