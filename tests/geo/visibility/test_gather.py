"""Stage 1 of the sweep: shadows against the line of sight itself, obstacles in range against GEOS, rays on paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.visibility import _gather
from geo.visibility._gather import shadow_factors
from geo.visibility._sweep_data import CUT, SweepInputs, circle_corners
from geo.visibility.scene import ObstacleIndex
from geo.visibility.view_polygons import _gather_buffers
from tests.geo.visibility.sweeps import TARGET, obstacles, sweep_of


class Gathered:
    """What stage 1 collected for one camera."""

    def __init__(self, index: ObstacleIndex, inputs: SweepInputs) -> None:
        n = len(index.height)
        last_camera, found = np.full(n, -1, np.int64), np.empty(n, np.int64)
        offsets = np.zeros((2, 3), np.int64)
        self.on_obstacle, self.unknown = np.zeros(1, np.bool_), np.zeros(1, np.bool_)
        buffers = _gather_buffers(4096)
        done, _ = _gather.gather(
            0, index, inputs, circle_corners(inputs), TARGET, last_camera, found, buffers, offsets,
            self.on_obstacle, self.unknown,
        )  # fmt: skip
        assert done == 1
        walls, self.obstacle_count, rays = offsets[1].tolist()
        self.walls, self.rays = buffers[3][:walls], buffers[5][:rays]
        self.obstacles = buffers[4][: self.obstacle_count]
        self.found = found[: self.obstacle_count].tolist()


# --- shadows --------------------------------------------------------------------------------------------------------


def hides(a: float, b: float, height: float, lens: float, target: float, at: float) -> bool:
    """Return whether a footprint from a to b hides a target, by the line of sight: R4, and R5 for a target in it."""
    if a < at < b:
        return True
    low, high = min(a, at), min(b, at)
    if high <= low:
        return False
    line = [lens + (target - lens) * d / at for d in (low, high)]
    return min(line) < height


@given(
    st.sampled_from([1.0, 1.6, 2.0, 3.0, 8.0]),
    st.sampled_from([0.5, 1.6, 2.0, 4.0, 12.0]),
    st.sampled_from([0.0, 1.6, 2.0]),
    st.floats(0.05, 1.0),
)
def test_shadows_are_what_the_line_of_sight_hides(height: float, lens: float, target: float, share: float) -> None:
    a, b = 10.0, 12.0
    end, rise = shadow_factors(height, lens, target)
    for at in (a * share, a - 1e-6, a + 1e-6, 11.0, b - 1e-6, b + 1e-6, b / share, 200.0):
        hidden = a < at < b * end or (rise > 0 and at > a * rise)
        borders = [a, b, b * end, a * rise]
        if min(abs(at - border) for border in borders) > 1e-7:
            assert hidden == hides(a, b, height, lens, target, at), at


def test_shadows_on_paper() -> None:
    # lens 9.6, roof 3.6, target 1.6: (9.6 - 1.6) / (9.6 - 3.6) = 4 / 3
    assert shadow_factors(3.6, 9.6, 1.6) == pytest.approx((4 / 3, 0.0))
    assert shadow_factors(9.6, 9.6, 1.6) == (math.inf, 0.0)
    assert shadow_factors(1.6, 9.6, 1.6) == (1.0, 0.0)
    # looking up from 1.0 over 1.3 to 1.6: hidden again beyond (1.6 - 1.0) / (1.3 - 1.0) = 2 times the distance
    assert shadow_factors(1.3, 1.0, 1.6) == pytest.approx((1.0, 2.0))


# --- what is in range -----------------------------------------------------------------------------------------------


def test_a_house_ahead_has_four_walls_and_its_corners_are_rays() -> None:
    found = Gathered(obstacles(shapely.box(-2, 10, 2, 12)), sweep_of(sides=8))
    assert (found.found, len(found.walls)) == ([0], 4)
    assert not found.on_obstacle[0]
    angles = np.degrees(np.arctan2(found.rays["y"], found.rays["x"]))
    corners = [math.degrees(math.atan2(y, x)) for x in (-2, 2) for y in (10, 12)]
    # the ends of the sector, the corner of the circle at 90 degrees, and the four corners of the house
    assert sorted(angles) == pytest.approx(sorted([45, 90, 135, *corners]), abs=1e-9)
    assert (np.diff(found.rays["angle"]) > 0).all()
    assert found.rays["corner_flags"][np.abs(angles - 90) < 1e-9].tolist() == [1]


def test_walls_run_counter_clockwise_from_their_first_ray_to_their_last() -> None:
    found = Gathered(obstacles(shapely.box(-2, 10, 2, 12)), sweep_of())
    assert (found.walls["first_ray"] < found.walls["last_ray"]).all()
    assert found.walls["offset"] == pytest.approx(np.abs(found.walls["offset"]))
    walls = found.walls
    front = walls[np.isclose(walls["nx"], 0) & np.isclose(walls["offset"], 10 * walls["ny"])]
    assert front["start_radius"].tolist() == front["end_radius"].tolist() == pytest.approx([math.hypot(2, 10)])


def test_a_wall_across_the_start_ray_is_cut_there() -> None:
    # looking north-east, 90 degrees from east: the house across the east ray counts above it only
    found = Gathered(obstacles(shapely.box(10, -2, 12, 2)), sweep_of(azimuth=45.0))
    assert CUT in found.walls["start_vertex"].tolist()
    assert found.walls["first_ray"].min() == 0


@pytest.mark.parametrize(
    "box",
    [(-2, -12, 2, -10), (-2, 41, 2, 43), (60, 60, 70, 70), (-12, -2, -10, -1)],
    ids=["behind", "too far", "far off", "beside"],
)
def test_what_is_out_of_range_or_sector_is_left_out(box: tuple[float, ...]) -> None:
    found = Gathered(obstacles(shapely.box(*box)), sweep_of())
    assert (found.found, len(found.walls)) == ([], 0)


def test_a_camera_in_a_footprint_is_on_it_and_all_its_walls_count() -> None:
    found = Gathered(obstacles(shapely.box(-100, -100, 100, 100), heights=3.0), sweep_of(hfov=360.0, far=40.0))
    assert found.on_obstacle[0]
    assert found.obstacles["holds_camera"].tolist() == [True]
    # four sides beyond the range, the southern one from the start ray on and up to the end ray
    assert len(found.walls) == 5


def test_unknown_heights_have_the_value_given_and_are_reported() -> None:
    house = obstacles(shapely.box(-2, 10, 2, 12), heights=math.nan)
    sure, possible = Gathered(house, sweep_of(lens=9.0)), Gathered(house, sweep_of(lens=9.0, unknown=3.0))
    assert sure.unknown[0]
    assert sure.obstacles["end_factor"].tolist() == [math.inf]
    assert possible.obstacles["end_factor"].tolist() == pytest.approx([(9.0 - 1.6) / (9.0 - 3.0)])
    assert not Gathered(obstacles(shapely.box(-2, 10, 2, 12)), sweep_of()).unknown[0]


def test_a_shadow_that_begins_beyond_the_range_does_not_matter() -> None:
    # the shadow of a roof 10 m off ends at 10 x 4/3: beyond a range of 13 m it is as good as endless
    house = obstacles(shapely.box(-2, 10, 2, 12), heights=3.6)
    assert Gathered(house, sweep_of(lens=9.6, far=13.0)).obstacles["end_factor"].tolist() == [math.inf]
    assert Gathered(house, sweep_of(lens=9.6, far=14.0)).obstacles["end_factor"].tolist() == pytest.approx([4 / 3])


place = st.floats(-60, 60)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(place, place, st.floats(1, 20)), min_size=1, max_size=12),
    st.floats(0, 359),
    st.sampled_from([5.0, 60.0, 120.0, 200.0, 300.0, 360.0]),
)
def test_no_obstacle_in_the_sector_is_missed(
    houses: list[tuple[float, float, float]], azimuth: float, hfov: float
) -> None:
    """GEOS decides which footprints the sector touches; more may be found, as boxes are tested, never fewer."""
    shapes = [shapely.box(x, y, x + side, y + side) for x, y, side in houses]
    found = Gathered(obstacles(*shapes), sweep_of(azimuth=azimuth, hfov=hfov))
    angles = np.radians(np.linspace(90 - azimuth - hfov / 2, 90 - azimuth + hfov / 2, 400))
    arc = np.column_stack([39.9 * np.cos(angles), 39.9 * np.sin(angles)])
    sector = shapely.Polygon(arc if hfov >= 360 else np.vstack([[0.0, 0.0], arc]))
    touched = {i for i, shape in enumerate(shapes) if shapely.intersection(shape, sector).area > 1e-6}
    assert touched <= set(found.found)
    assert set(found.found) <= {i for i, shape in enumerate(shapes) if shape.distance(shapely.Point(0, 0)) < 40.0}


@given(st.lists(st.tuples(st.floats(0, 3.999), st.integers(-9, 99)), max_size=80))
def test_events_are_sorted_by_angle(events: list[tuple[float, int]]) -> None:
    angles, ids = np.array([e[0] for e in events]), np.array([e[1] for e in events], np.int64)
    before = sorted(zip(angles.tolist(), ids.tolist(), strict=True))
    _gather._sort_events(angles, ids, len(events))
    assert (np.diff(angles) >= 0).all()
    assert sorted(zip(angles.tolist(), ids.tolist(), strict=True)) == before


@given(st.floats(0, 2 * math.pi - 1e-9), st.floats(0, 2 * math.pi - 1e-9))
def test_pseudo_angles_are_in_the_order_of_angles(a: float, b: float) -> None:
    if abs(a - b) < 1e-9:
        return
    first, second = (_gather._pseudo_angle(math.cos(angle), math.sin(angle)) for angle in (a, b))
    assert (first < second) == (a < b) or min(a, b) < 1e-9
    assert 0 <= first <= 4
