"""One line of sight: paper answers, and every answer against the brute-force oracle and the engine of views."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadValue
from geo.visibility.line_of_sight import line_of_sight
from geo.visibility.sight_line import sight_line
from geo.visibility.views import views
from tests.geo.visibility import oracle_line_of_sight as oracle

X, Y = 500_000.0, 4_000_000.0
CRS = 4547


def ends(*points):
    return gpd.GeoSeries([shapely.Point(X + x, Y + y) for x, y in points], crs=CRS)


def houses(*boxes):
    shapes = [shapely.box(X + w, Y + s, X + e, Y + n) for w, s, e, n, _ in boxes]
    return gpd.GeoDataFrame({"height": [float(one[4]) for one in boxes]}, geometry=shapes, crs=CRS)


def test_what_stands_on_the_line_is_told_in_order():
    # from 10 m up to 2 m at 40 m: 0.2 m a metre down, 8 m up at 10, 6 m at 20, 5 m at 25, 3 m at 35
    line = sight_line(ends((0, 0), (0, 40)), 10, 2, houses((-3, 25, 3, 35, 4), (-3, 10, 3, 20, 5), (5, 10, 9, 20, 99)))
    assert [one.row for one in line.passed] == [1, 0]
    low, high = line.passed
    assert (low.start_m, low.end_m, low.line_start_m, low.line_end_m) == pytest.approx((10, 20, 8, 6))
    assert not low.blocks
    assert low.over_m == pytest.approx(-1)
    assert high.meets_m == pytest.approx(30)
    assert high.over_m == pytest.approx(1)
    assert line.first is high
    assert (line.sure, line.possible) == (False, False)
    assert line.distance_m == pytest.approx(40)


def test_an_unknown_height_blocks_for_sure_and_counts_as_three_metres_for_possible():
    line = sight_line(ends((0, 0), (0, 40)), 10, 2, houses((-3, 10, 3, 20, math.nan)))
    assert (line.sure, line.possible) == (False, True)
    assert line.first.meets_m == pytest.approx(10)
    line = sight_line(ends((0, 0), (0, 40)), 10, 2, houses((-3, 30, 3, 38, math.nan)))
    assert (line.sure, line.possible) == (False, False)
    assert line.passed[0].possible_meets_m == pytest.approx(35)


def test_a_known_house_behind_one_of_unknown_height_decides():
    """From 10 m down to 2 m at 40 m: the first, of 3 m, would not be met; that of 7 m from 30 m on is, 4 m up."""
    line = sight_line(ends((0, 0), (0, 40)), 10, 2, houses((-3, 10, 3, 20, math.nan), (-3, 30, 3, 35, 7)))
    assert (line.sure, line.possible) == (False, False)
    assert (line.first.row, line.decisive.row) == (0, 1)
    assert line.decisive.over_m == pytest.approx(4)
    alone = sight_line(ends((0, 0), (0, 40)), 10, 2, houses((-3, 10, 3, 20, math.nan)))
    assert alone.decisive is alone.first


def test_lines_that_rise_touch_or_begin_and_end_in_buildings():
    assert sight_line(ends((0, 0), (0, 40)), 2, 10, houses((-3, 10, 3, 20, 3.9))).sure
    assert sight_line(ends((0, 0), (0, 40)), 2, 10, houses((-3, 10, 3, 20, 4.1))).first.meets_m == pytest.approx(10)
    assert sight_line(ends((0, 0), (0, 40)), 2, 2, houses((0, 10, 3, 20, 9))).sure, "touching"
    inside = sight_line(ends((0, 0), (0, 15)), 10, 9, houses((-3, 10, 3, 20, 5)))
    assert inside.target_inside
    assert not inside.sure
    shut = sight_line(ends((0, 15), (0, 90)), 4, 1.5, houses((-9, 5, 9, 25, 8)))
    assert shut.sees_nothing
    assert not shut.possible
    assert sight_line(ends((0, 15), (0, 90)), 40, 1.5, houses((-9, 5, 9, 25, 8))).sure, "from the roof"
    wall = sight_line(ends((0, 24.63), (0, 90)), 4, 1.5, houses((-9, 5, 9, 25, 8)))
    assert wall.moved_m == pytest.approx(0.42)
    assert wall.sure


def test_what_is_impossible_is_refused():
    for points, heights in (
        (((0, 0), (0, 0)), (1, 1)),
        (((0, 0), (0, 2_001)), (1, 1)),
        (((0, 0), (0, 9)), (-1, 1)),
        (((0, 0), (0, 9)), (1, math.inf)),
    ):
        with pytest.raises(BadValue):
            sight_line(ends(*points), *heights)
    assert sight_line(ends((0, 0), (0, 1_999)), 1, 1).sure


def test_degrees_are_computed_in_metres():
    line = sight_line(ends((0, 0), (0, 40)).to_crs(4326), 10, 2, houses((-3, 10, 3, 20, 7)).to_crs(4326))
    assert line.first.meets_m == pytest.approx(15, abs=0.001)


sizes = st.floats(2, 25)
_house = st.tuples(
    st.floats(-60, 60), st.floats(-60, 60), sizes, sizes, st.floats(0, 90), st.sampled_from([math.nan, 2.0, 5.5, 12.0])
)


@given(
    found=st.lists(_house, max_size=8),
    x=st.floats(-90, 90),
    y=st.floats(-90, 90),
    eye=st.sampled_from([0.5, 3.2, 9.0, 30.0]),
)
@settings(max_examples=80, deadline=None)
def test_as_the_oracle_and_the_engine_of_views_have_it(found, x, y, eye):
    shapes = [oracle.rectangle(X + a, Y + b, wide, deep, turn) for a, b, wide, deep, turn, _ in found]
    heights = np.array([one[5] for one in found], dtype=float)
    eye_at, target = (X, Y), (X + x, Y + y)
    if math.hypot(x, y) < 0.1 or any(
        shapely.dwithin(one, shapely.Point(eye_at), 0.06) or abs(shapely.Point(target).distance(one.boundary)) < 1e-6
        for one in shapes
    ):
        return
    frame = gpd.GeoDataFrame({"height": heights}, geometry=shapes, crs=CRS)
    line = sight_line(ends((0, 0), (x, y)), eye, 1.6, frame)
    for unknown, got in ((math.inf, line.sure), (3.0, line.possible)):
        known = np.where(np.isnan(heights), unknown, heights)
        clear = oracle.line_is_clear(eye_at, eye, target, 1.6, shapes, known)
        assert got == (clear and oracle.outside_all(target, shapes))
    camera = gpd.GeoDataFrame({"height": [eye], "hfov": [360.0]}, geometry=[shapely.Point(eye_at)], crs=CRS)
    engine = line_of_sight(views(camera, frame).scene, np.zeros(1, int), np.array([target]))
    assert (line.first.row if line.first else -1) == engine.obstacle[0]
