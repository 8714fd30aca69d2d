"""Crossings, kilometre marks and offsets, on drawings whose metres can be counted, where degrees are not square."""

from __future__ import annotations

import itertools

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.places import road_positions
from geo.places.road_positions import (
    Mark,
    Position,
    crossing_points,
    mark_position,
    middle_of,
    offset_position,
    points_along,
)

_GEOD = pyproj.Geod(ellps="WGS84")
# At 60 degrees north a degree of longitude is half as long as one of latitude.
_LON, _LAT = 102.0, 60.0


def _at(east: float, north: float) -> tuple[float, float]:
    """Return the point so many metres east and north of the origin."""
    lon, lat, _ = _GEOD.fwd(_LON, _LAT, 0.0, north)
    lon, lat, _ = _GEOD.fwd(lon, lat, 90.0, east)
    return float(lon), float(lat)


def _line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([_at(*one) for one in xy])


def _metres(found: Position | None, east: float, north: float) -> float:
    """Return how far a position is from a point of the drawing."""
    assert found is not None
    return float(_GEOD.inv(found.lon, found.lat, *_at(east, north))[2])


def test_roads_cross_where_their_lines_do() -> None:
    roads = {"甲路": [_line((0, 0), (1000, 0))], "乙路": [_line((300, -500), (300, 500))]}
    (found,) = crossing_points(roads, "甲路", "乙路")
    assert _metres(found, 300, 0) < 0.1
    assert found.precision_m == 15.0
    assert crossing_points(roads, "乙路", "甲路") == (found,)


@pytest.mark.parametrize(("gap", "meets"), [(0, True), (20, True), (29, True), (31, False), (100, False)])
def test_roads_meet_within_thirty_metres(gap: float, *, meets: bool) -> None:
    roads = {"甲路": [_line((0, 0), (1000, 0))], "乙路": [_line((300, gap), (300, 500))]}
    found = crossing_points(roads, "甲路", "乙路")
    assert len(found) == meets
    if meets:
        assert _metres(found[0], 300, gap / 2) < 0.2, "in the middle of the gap"


def test_the_nearest_point_of_a_slanted_road_is_that_in_metres() -> None:
    # From (0, 0) at 45 degrees; the end (100, 72) is 28 / sqrt 2 = 19.8 m off it, its foot at (86, 86).
    roads = {"甲路": [_line((0, 0), (200, 200))], "乙路": [_line((100, 72), (400, 72))]}
    (found,) = crossing_points({**roads, "乙路": [_line((100, 72), (400, -300))]}, "甲路", "乙路")
    assert _metres(found, 93, 79) < 0.3


def test_carriageways_cross_in_one_place() -> None:
    roads = {
        "甲路": [_line((0, 0), (1000, 0)), _line((0, 20), (1000, 20))],
        "乙路": [_line((300, -500), (300, 500)), _line((320, -500), (320, 500))],
    }
    (found,) = crossing_points(roads, "甲路", "乙路")
    assert _metres(found, 310, 10) < 0.1
    assert found.precision_m == 15.0, "half the diagonal of 20 m is less: 14.1"


def test_roads_that_meet_twice_have_two_crossings() -> None:
    roads = {"甲路": [_line((0, 0), (1000, 0))], "环路": [_line((200, 300), (200, -300), (800, -300), (800, 300))]}
    found = crossing_points(roads, "甲路", "环路")
    assert [_metres(one, east, 0) < 0.1 for one, east in zip(found, (200, 800), strict=True)] == [True, True]


def test_roads_that_run_together_meet_in_the_middle_of_that_stretch() -> None:
    shared = [_at(400, 0), _at(600, 0)]
    roads = {
        "甲路": [shapely.LineString([_at(0, 0), *shared, _at(1000, 0)])],
        "乙路": [shapely.LineString([_at(400, 300), *shared, _at(600, 300)])],
    }
    (found,) = crossing_points(roads, "甲路", "乙路")
    assert _metres(found, 500, 0) < 0.1
    assert found.precision_m == pytest.approx(100.0, abs=0.2)


def test_roads_side_by_side_meet_in_the_middle_of_that_stretch_too() -> None:
    roads = {"国道": [_line((0, 0), (5000, 0))], "辅路": [_line((1000, 20), (4000, 20))]}
    (found,) = crossing_points(roads, "国道", "辅路")
    assert _metres(found, 2500, 0) < 25
    assert found.precision_m == pytest.approx(1500.0, abs=30.0)


def test_lines_of_several_parts_are_lines() -> None:
    parts = shapely.MultiLineString([_line((0, 0), (290, 0)), _line((290, 0), (1000, 0))])
    roads = {"甲路": [parts], "乙路": [_line((300, -500), (300, 500))]}
    assert len(crossing_points(roads, "甲路", "乙路")) == 1
    marks = [Mark(0.0, *_at(0, 0)), Mark(1000.0, *_at(1000, 0))]
    assert _metres(mark_position(marks, 400.0, [parts]), 400, 0) < 0.1


def _in_pieces(line: shapely.LineString, count: int) -> list[shapely.LineString]:
    """Return a straight line of two ends as so many pieces."""
    (x0, y0), (x1, y1) = line.coords
    ends = [(x0 + (x1 - x0) * k / count, y0 + (y1 - y0) * k / count) for k in range(count + 1)]
    return [shapely.LineString(one) for one in itertools.pairwise(ends)]


@pytest.mark.parametrize("count", [1, 3, 40, 200])
def test_every_crossing_of_two_roads_in_twenty_towns_is_found_however_many_pieces_they_have(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[object] = []
    meetings = road_positions._meetings
    monkeypatch.setattr(road_positions, "_meetings", lambda *pair: looked_at.append(pair) or meetings(*pair))
    towns = [(5_000 * (k % 5), 5_000 * (k // 5)) for k in range(20)]
    roads = {
        "人民路": [one for x, y in towns for one in _in_pieces(_line((x - 201, y), (x + 199, y)), count)],
        "建设路": [one for x, y in towns for one in _in_pieces(_line((x, y - 201), (x, y + 199)), count)],
    }
    found = crossing_points(roads, "人民路", "建设路")
    assert len(found) == len(looked_at) == 20, "one pair of lines in each town, whatever their pieces"
    assert {one.precision_m for one in found} == {15.0}
    for x, y in towns:
        assert min(_metres(one, x, y) for one in found) < 1.0


def test_a_road_that_crosses_another_and_comes_near_it_elsewhere_meets_it_twice() -> None:
    # It crosses at 200 m, and ends 20 m off at 800 m.
    roads = {"甲路": [_line((0, 0), (1000, 0))], "乙路": [_line((200, 100), (200, -300), (800, -300), (800, -20))]}
    for names in (("甲路", "乙路"), ("乙路", "甲路")):
        found = crossing_points(roads, *names)
        assert len(found) == 2
        assert _metres(found[0], 200, 0) < 0.2
        assert _metres(found[1], 800, -10) < 0.2


def test_a_road_that_is_not_there_meets_nothing() -> None:
    roads = {"甲路": [_line((0, 0), (1000, 0))]}
    assert crossing_points(roads, "甲路", "乙路") == ()
    assert crossing_points(roads, "甲路", "甲路") == ()


# A road 1 km east, then 1 km north, in two pieces, the second drawn backwards.
_BENT = [_line((0, 0), (1000, 0)), _line((1000, 1000), (1000, 0))]


@pytest.mark.parametrize(
    ("metre", "east", "north"),
    [(10_000, 0, 0), (10_500, 500, 0), (11_000, 1000, 0), (11_250, 1000, 250), (12_000, 1000, 1000)],
)
def test_a_mark_lies_along_the_line_of_its_road(metre: float, east: float, north: float) -> None:
    marks = [Mark(12_000.0, *_at(1000, 1000)), Mark(10_000.0, *_at(0, 0))]
    found = mark_position(marks, metre, _BENT)
    assert _metres(found, east, north) < 0.2
    assert found is not None
    assert found.precision_m == pytest.approx(20.0, abs=0.5)


def test_the_precision_holds_what_line_and_marks_differ_by() -> None:
    # The line is 2,000 m long, the marks say 1,900: 100 m, which may all lie on one side of the place.
    marks = [Mark(0.0, *_at(0, 0)), Mark(1_900.0, *_at(1000, 1000))]
    halfway, begin = mark_position(marks, 950.0, _BENT), mark_position(marks, 190.0, _BENT)
    assert _metres(halfway, 1000, 0) < 0.3
    assert halfway is not None
    assert begin is not None
    assert (halfway.precision_m, begin.precision_m) == (pytest.approx(70.0, abs=1.0), pytest.approx(110.0, abs=1.0))


def test_no_mark_is_invented() -> None:
    marks = [Mark(0.0, *_at(0, 0)), Mark(2_000.0, *_at(1000, 1000))]
    assert mark_position(marks, 2_001.0, _BENT) is None, "beyond the last"
    assert mark_position([], 5.0, _BENT) is None
    assert mark_position(marks, 500.0, []) is None, "no line"
    assert mark_position(marks, 500.0, _BENT[:1]) is None, "its line does not reach the second"
    assert mark_position([marks[0], Mark(3_000.0, *_at(1000, 1000))], 500.0, _BENT) is None, "half as long again"
    far = [Mark(0.0, *_at(0, 0)), Mark(20_001.0, *_at(20_001, 0))]
    assert mark_position(far, 500.0, [_line((0, 0), (20_001, 0))]) is None, "more than 20 km apart"
    aside = [Mark(0.0, *_at(0, 150)), marks[1]]
    assert mark_position(aside, 500.0, _BENT) is None, "150 m off the road"


@pytest.mark.parametrize(
    ("side", "east", "north", "precision"),
    [("北", 0, 200, 153.1), ("东", 200, 0, 153.1), ("西南", -141.42, -141.42, 78.0), ("南西", -141.42, -141.42, 78.0)],
)
def test_so_many_metres_on_one_side(side: str, east: float, north: float, precision: float) -> None:
    # 2 x 200 m x sin(22.5 deg) = 153.1, 2 x 200 m x sin(11.25 deg) = 78.0
    found = offset_position(_LON, _LAT, side, 200.0)
    assert _metres(found, east, north) < 0.3
    assert found.precision_m == precision


def test_a_distance_without_a_side_is_a_circle() -> None:
    assert offset_position(_LON, _LAT, "", 200.0, precision_m=20.0) == Position(_LON, _LAT, 220.0)
    assert offset_position(_LON, _LAT, "东西", 200.0) == Position(_LON, _LAT, 200.0), "no side"


@given(st.floats(0.0, 1.0), st.floats(-0.45, 0.45))
def test_any_place_that_the_words_allow_is_within_the_precision(share: float, turn: float) -> None:
    """北侧200米 said of a point within 45 degrees of the north, at that distance."""
    found = offset_position(_LON, _LAT, "北", 200.0)
    lon, lat, _ = _GEOD.fwd(_LON, _LAT, turn * 90.0 * np.sign(share + 0.1), 200.0)
    assert _GEOD.inv(found.lon, found.lat, lon, lat)[2] <= found.precision_m + 0.1


def test_points_along_a_road_are_at_most_25_metres_apart_and_begin_and_end_with_it() -> None:
    lon, lat = points_along([_line((0, 0), (60, 0)), _line((0, 100), (0, 110))])
    assert len(lon) == 4 + 2
    assert (lon[0], lat[0]) == pytest.approx(_at(0, 0), abs=1e-7)
    assert (lon[3], lat[3]) == pytest.approx(_at(60, 0), abs=1e-7)
    _, _, apart = _GEOD.inv(lon[:3], lat[:3], lon[1:4], lat[1:4])
    assert apart == pytest.approx([20.0] * 3, abs=0.01)


def test_a_long_road_has_some_four_hundred_points() -> None:
    lon, _ = points_along([_line((0, 0), (100_000, 0))])
    assert 400 <= len(lon) <= 402


def test_the_middle_of_points_reaches_the_farthest() -> None:
    lon, lat = np.array([_at(x, 0) for x in (0, 10, 50, 100)]).T
    found = middle_of(lon, lat)
    assert _metres(found, 50, 0) < 0.01
    assert found.precision_m == pytest.approx(50.0, abs=0.1)


def test_the_stretch_of_a_position_is_as_long_as_its_precision_says() -> None:
    """100 m on either side of the middle of a road, and of two roads only where they are together."""
    road = [shapely.LineString([(102.0, 37.0), (102.1, 37.0)])]
    metre = 1.0 / 89_010.0  # degrees of the parallel at 37 degrees north
    lon, lat = road_positions.stretch_points(Position(102.05, 37.0, 100.0), road)
    assert (lon.min(), lon.max()) == pytest.approx((102.05 - 100 * metre, 102.05 + 100 * metre), abs=metre)
    assert set(lat) == {37.0}
    other = [shapely.LineString([(102.05, 37.0), (102.2, 37.0)])]
    lon, _ = road_positions.stretch_points(Position(102.05, 37.0, 100.0), road, other)
    assert (lon.min(), lon.max()) == pytest.approx((102.05 - 30 * metre, 102.05 + 100 * metre), abs=metre)


def test_a_position_beside_all_lines_is_a_point() -> None:
    road = [shapely.LineString([(102.0, 37.0), (102.1, 37.0)])]
    lon, lat = road_positions.stretch_points(Position(102.05, 37.5, 100.0), road)
    assert (lon.tolist(), lat.tolist()) == ([102.05], [37.5])
