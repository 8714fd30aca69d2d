"""Line-of-sight questions: paper answers, and every answer against the brute-force oracle."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadGeometry, UnknownName
from geo.visibility.line_of_sight import line_of_sight
from geo.visibility.scene import build_obstacle_index
from geo.visibility.views import views
from tests.geo.visibility import oracle_line_of_sight as oracle
from tests.geo.visibility.scenes import TARGET, grid_bearing, scenes

X, Y = 500_000.0, 4_000_000.0


def scene_of(boxes, heights, **fields):
    row = {"azimuth": 0.0, "hfov": 90.0, "vfov": 60.0, "tilt": 20.0, "height": 9.6, "width_px": 5000} | fields
    cameras = gpd.GeoDataFrame([row], geometry=[shapely.Point(X, Y)], crs=4547)
    shapes = [shapely.box(X + w, Y + s, X + e, Y + n) for w, s, e, n in boxes]
    return views(cameras, gpd.GeoDataFrame({"height": heights}, geometry=shapes, crs=4547)).scene


def ask(scene, *points, **options):
    xy = np.array(points, dtype=float) + np.array([X, Y])
    return line_of_sight(scene, np.zeros(len(xy), dtype=int), xy, **options)


def test_each_rule_apart():
    scene = scene_of([(-3, 10, 3, 12)], [3.6])
    # on the axis before, on and behind the house (shadow to 16 m), off the sector, too near (R2), too far (R3)
    got = ask(scene, (0, 9.5), (0, 11), (0, 15), (0, 17), (20, 10), (0, 5), (0, 120))
    assert got.bearing_ok.tolist() == [True, True, True, True, False, True, True]
    assert got.depression_ok.tolist() == [True, True, True, True, True, False, True]
    assert got.range_ok.tolist() == [True, True, True, True, True, True, False]
    assert got.clear.tolist() == [True, False, False, True, True, True, True]
    assert got.outside.tolist() == [True, False, True, True, True, True, True]
    assert got.obstacle.tolist() == [-1, 0, 0, -1, -1, -1, -1]
    assert got.distance_m == pytest.approx([9.5, 11, 15, 17, math.hypot(20, 10), 5, 120])


def test_the_first_on_the_line_is_the_one_met_first():
    # seen from 9.6 m: the line to (0, 40) falls 0.2 m a metre; at the low house it is 7.2 m up, at the tall ones below
    scene = scene_of([(-3, 30, 3, 32), (-3, 10, 3, 12), (-3, 20, 3, 22)], [30.0, 3.6, 30.0])
    assert ask(scene, (0, 40)).obstacle.tolist() == [2]
    assert ask(scene, (0, 25)).obstacle.tolist() == [2]
    assert ask(scene, (0, 13)).obstacle.tolist() == [1]


def test_a_low_house_is_met_where_the_line_comes_down_to_it():
    # one house from 10 to 30, 3.6 m high, a tall one in it from 20: to (0, 35) the line is 3.6 m up at 26.25
    scene = scene_of([(-3, 10, 3, 30), (-3, 20, 3, 22)], [3.6, 30.0])
    assert ask(scene, (0, 35)).obstacle.tolist() == [1]
    assert ask(scene_of([(-3, 10, 3, 30)], [3.6]), (0, 35)).obstacle.tolist() == [0]


def test_unknown_heights_by_what_is_asked():
    scene = scene_of([(-3, 10, 3, 12)], [math.nan])
    assert ask(scene, (0, 20)).clear.tolist() == [False]
    assert ask(scene, (0, 20), heights="possible").clear.tolist() == [True]


def test_levels():
    scene = scene_of([], [])
    assert scene.level == "detect"
    assert ask(scene, (0, 60)).range_ok.tolist() == [True]
    assert ask(scene, (0, 60), level="observe").range_ok.tolist() == [False]
    assert scene.ground_range_m() == pytest.approx(math.sqrt(100**2 - 8**2))
    assert scene.ground_range_m("observe") == pytest.approx(math.sqrt(40**2 - 8**2))
    with pytest.raises(UnknownName):
        ask(scene, (0, 60), level="outline")


def test_unknown_azimuth_fails_r1_unless_the_view_is_round():
    assert ask(scene_of([], [], azimuth=None), (0, 10)).bearing_ok.tolist() == [False]
    assert ask(scene_of([], [], azimuth=None, hfov=360.0, kind="panoramic"), (0, -10)).bearing_ok.tolist() == [True]


def test_a_camera_that_sees_nothing_has_no_clear_line():
    assert ask(scene_of([], [], place_type="indoor"), (0, 10)).clear.tolist() == [False]
    inside = ask(scene_of([(-9, -9, 9, 9)], [30.0]), (0, 20))
    assert (inside.clear.tolist(), inside.obstacle.tolist()) == ([False], [0])


def test_points_far_outside_the_obstacles_and_at_the_camera():
    got = ask(scene_of([(-3, 10, 3, 12)], [30.0]), (5000, 5000), (-5000, -5000), (0, 0), (0, 5000))
    assert got.clear.tolist() == [True, True, True, False]
    assert got.outside.all()
    assert ask(scene_of([], []), (0, 10)).clear.all()


def test_no_pairs():
    got = line_of_sight(scene_of([], []), np.empty(0, dtype=int), np.empty((0, 2)))
    assert len(got.clear) == len(got.obstacle) == 0


def test_obstacles_outside_their_crs_are_refused():
    far = np.array([shapely.box(math.inf, 0, math.inf, 1), shapely.box(0, 0, 1, 1)], dtype=object)
    with pytest.raises(BadGeometry):
        build_obstacle_index(far, np.array([1.0, 1.0]))


@settings(max_examples=30)
@given(scenes(), st.integers(0, 2**32 - 1), st.sampled_from(["sure", "possible"]))
def test_every_rule_agrees_with_the_oracle(scene, seed, heights):
    cameras, houses = scene
    got = views(cameras, houses)
    rng = np.random.default_rng(seed)
    footprints = [shapely.make_valid(one) for one in houses.geometry]
    known = [(math.inf if heights == "sure" else 3.0) if math.isnan(h) else h for h in houses["height"]]
    rows = np.repeat(np.arange(len(cameras)), 25)
    bearings = [
        None if math.isnan(a) else grid_bearing(a, p.x, p.y, got.crs)
        for a, p in zip(got.cameras["azimuth"], got.cameras.geometry, strict=True)
    ]
    points = np.column_stack([got.scene.x[rows], got.scene.y[rows]]) + rng.uniform(-70, 70, (len(rows), 2))
    answer = line_of_sight(got.scene, rows, points, heights=heights)
    for i, row in enumerate(rows):
        camera, point = got.cameras.iloc[row], (points[i, 0], points[i, 1])
        place, lens = (camera.geometry.x, camera.geometry.y), camera.height
        if bearings[row] is None:
            assert answer.bearing_ok[i] == (camera.hfov >= 360)
        else:
            assert answer.bearing_ok[i] == oracle.in_sector(place, point, bearings[row], camera.hfov)
        assert answer.depression_ok[i] == oracle.in_tilt(place, lens, point, TARGET, camera.tilt, camera.vfov)
        assert answer.range_ok[i] == oracle.in_range(place, lens, point, TARGET, got.range_m.iloc[row])
        assert answer.outside[i] == oracle.outside_all(point, footprints)
        clear = oracle.line_is_clear(place, lens, point, TARGET, footprints, known)
        assert (answer.obstacle[i] < 0) == clear
        assert answer.clear[i] == (clear and not got.scene.sees_nothing[row])
        if not clear:
            alone = answer.obstacle[i]
            first = met_at(place, lens, point, footprints[alone], known[alone])
            others = [met_at(place, lens, point, f, h) for f, h in zip(footprints, known, strict=True)]
            assert first <= min(others) + 1e-9


def met_at(place, lens, point, footprint, height):
    """Return the share of the line at which it first meets a prism, infinite if never."""
    for a, b in oracle.crossings(footprint, place, point):
        if lens + (TARGET - lens) * a < height:
            return a
        if lens + (TARGET - lens) * b < height:
            return (lens - height) / (lens - TARGET)
    return math.inf
