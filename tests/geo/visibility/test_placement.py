"""Cameras in and on buildings (rules B1-B3), with distances read off squares."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.visibility.placement import MAX_DEPTH_M, TOUCHING_M, WALL_OFFSET_M, place_cameras
from geo.visibility.scene import build_obstacle_index

OFF = 1e-4  # arcs of the offset are chords within this, metres


def placed(place, footprints, *, heights=None, height=4.0, indoor=False):
    shapes = np.array(footprints, dtype=object)
    index = build_obstacle_index(shapes, np.array(heights if heights is not None else [9.0] * len(shapes), dtype=float))
    got = place_cameras(np.array([place[0]]), np.array([place[1]]), np.array([height]), np.array([indoor]), index)
    return (got.x[0], got.y[0]), bool(got.sees_nothing[0]), [text for _, text in got.notes]


def near(place, x, y):
    return place == pytest.approx((x, y), abs=OFF)


def test_the_numbers_are_those_of_the_rules():
    assert (TOUCHING_M, WALL_OFFSET_M, MAX_DEPTH_M) == (0.10, 0.05, 3.0)


def test_outside_stays_and_so_does_a_camera_already_off_the_wall():
    house = [shapely.box(0, 0, 10, 10)]
    for place in ((-5.0, 5.0), (-0.06, 5.0), (-0.05, 5.0)):
        assert placed(place, house) == (place, False, [])


def test_inside_goes_to_the_nearest_wall():
    place, blind, notes = placed((0.37, 5.0), [shapely.box(0, 0, 10, 10)])
    assert near(place, -0.05, 5.0)
    assert not blind
    assert notes == ["moved 0.42 m to the wall"]


@pytest.mark.parametrize("place", [(0.0, 5.0), (-0.02, 5.0)])
def test_on_the_wall_or_within_a_rounding_of_it_is_set_off_it(place):
    assert near(placed(place, [shapely.box(0, 0, 10, 10)])[0], -0.05, 5.0)


def test_at_most_three_metres():
    house = [shapely.box(0, 0, 20, 20)]
    assert near(placed((3.0, 10.0), house)[0], -0.05, 10.0)
    assert placed((3.01, 10.0), house) == ((3.01, 10.0), True, ["inside an obstacle: sees nothing"])


def test_the_middle_of_a_square_goes_west_the_lowest_x():
    assert near(placed((2.0, 2.0), [shapely.box(0, 0, 4, 4)])[0], -0.05, 2.0)


def test_equally_near_north_and_south_goes_south_the_lowest_y():
    assert near(placed((5.0, 2.0), [shapely.box(0, 0, 10, 4)])[0], 5.0, -0.05)


def test_through_touching_houses_to_the_outside_of_both():
    # the wall between them, 0.05 m off and so touching, is no way out
    pair = [shapely.box(0, 0, 4, 10), shapely.box(4.05, 0, 20, 10)]
    assert near(placed((3.5, 9.0), pair)[0], 3.5, 10.05)
    apart = [shapely.box(0, 0, 4, 10), shapely.box(4.11, 0, 20, 10)]
    assert near(placed((3.5, 8.0), apart)[0], 4.05, 8.0)


def test_in_the_slit_between_touching_houses_is_inside():
    pair = [shapely.box(0, 0, 4, 10), shapely.box(4.08, 0, 8, 10)]
    # 0.05 m from both corners, 0.04 m to either side: 0.03 m beyond
    assert near(placed((4.04, 9.0), pair)[0], 4.04, 10.03)
    assert placed((4.04, 5.0), pair)[1]


def test_a_chain_of_touching_houses_counts_as_one():
    row = [shapely.box(2 * i, 0, 2 * i + 2, 10) for i in range(10)]
    assert placed((9.0, 5.0), row)[1]
    assert near(placed((9.0, 8.0), row)[0], 9.0, 10.05)


def test_into_a_courtyard():
    ring = shapely.box(0, 0, 20, 20).difference(shapely.box(8, 8, 12, 12))
    assert near(placed((7.0, 10.0), [ring])[0], 8.05, 10.0)


def test_above_the_known_height_it_is_on_the_roof():
    house = [shapely.box(0, 0, 20, 20)]
    assert placed((10.0, 10.0), house, heights=[9.0], height=12.0) == ((10.0, 10.0), False, [])
    for known in (12.0, 15.0, np.nan):
        assert placed((10.0, 10.0), house, heights=[known], height=12.0)[1]


def test_above_every_footprint_it_is_on():
    stack = [shapely.box(0, 0, 20, 20), shapely.box(5, 5, 15, 15)]
    assert not placed((10.0, 10.0), stack, heights=[6.0, 9.0], height=12.0)[1]
    assert placed((10.0, 10.0), stack, heights=[6.0, 13.0], height=12.0)[1]


def test_near_the_edge_of_a_roof_the_wall_comes_first():
    assert near(placed((1.0, 10.0), [shapely.box(0, 0, 20, 20)], heights=[9.0], height=12.0)[0], -0.05, 10.0)


@pytest.mark.parametrize("place", [(1.0, 10.0), (10.0, 10.0), (50.0, 50.0)])
def test_indoor_is_never_moved_and_sees_nothing(place):
    assert placed(place, [shapely.box(0, 0, 20, 20)], height=99.0, indoor=True) == (
        place,
        True,
        ["indoor: sees nothing"],
    )


def test_a_crossed_ring_is_read_even_odd():
    bow = shapely.Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    assert placed((10.0, 5.0), [bow]) == ((10.0, 5.0), False, [])  # between the wings
    assert near(placed((1.0, 10.0), [bow])[0], -0.05, 10.0)


def test_empty_and_missing_footprints_are_passed_over():
    assert near(placed((0.37, 5.0), [None, shapely.Polygon(), shapely.box(0, 0, 10, 10)])[0], -0.05, 5.0)
    assert placed((0.0, 0.0), []) == ((0.0, 0.0), False, [])


@st.composite
def blocks(draw):
    boxes = []
    for _ in range(draw(st.integers(1, 5))):
        x, y, wide, deep = (draw(st.integers(*span)) / 2 for span in ((0, 16), (0, 16), (2, 12), (2, 12)))
        boxes.append(shapely.affinity.rotate(shapely.box(x, y, x + wide, y + deep), draw(st.sampled_from([0, 0, 30]))))
    place = draw(st.tuples(*[st.integers(0, 80).map(lambda n: n / 5)] * 2))
    return place, boxes


@settings(max_examples=80)
@given(blocks())
def test_the_place_found_is_the_best_on_a_fine_ring(scene):
    place, boxes = scene
    got, blind, notes = placed(place, boxes)
    union = shapely.union_all(boxes)
    grown = union.buffer(WALL_OFFSET_M, quad_segs=64)  # 0.10 m apart is closed by it
    here = shapely.Point(place)
    if union.distance(here) >= WALL_OFFSET_M - 1e-6:
        assert (got, blind, notes) == (place, False, [])
        return
    moved = [text for text in notes if text.startswith("moved")]
    closed = grown.buffer(-WALL_OFFSET_M, quad_segs=64)
    depth = min(closed.boundary.distance(here), union.boundary.distance(here) if union.area == closed.area else np.inf)
    if moved:
        assert depth <= MAX_DEPTH_M + 1e-3
        # no point of the ring round everything is nearer, and it lies on that ring
        assert shapely.Point(got).distance(grown.boundary) < 1e-3
        assert np.hypot(got[0] - place[0], got[1] - place[1]) <= grown.boundary.distance(here) + 1e-3
    else:
        assert blind
        assert depth >= MAX_DEPTH_M - 0.05
