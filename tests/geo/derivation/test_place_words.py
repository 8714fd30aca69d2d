"""Hold words of place against plain geometry: what is named, its bearing and its distance, in both languages."""

from __future__ import annotations

import itertools
import math
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import place_words
from geo.derivation.landmarks import PLACES_WITHIN_M, ROADS_WITHIN_M, LandmarkFinder, landmarks
from geo.derivation.place_words import DIRECTIONS, direction_word, rounded_distance
from geo.errors import CrsMismatch, UnknownCrs
from tests.geo.derivation.drawings import CRS, ORIGIN, moved, roads

CROSS = [[(-400, 0), (0, 0), (400, 0)], [(0, -400), (0, 0), (0, 400)]]
NAMES = ["民主街", "文化路"]


def at(*points: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([moved(shapely.Point(one)) for one in points], crs=CRS)


def named(shape: shapely.Geometry, name: str | None) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": [name]}, geometry=[moved(shape)], crs=CRS)


VILLAGE = named(shapely.box(-900, -900, 900, 900), "柳树村")
SCHOOL = named(shapely.Point(0, 600), "一小")


@pytest.mark.parametrize(
    ("point", "zh", "en"),
    [
        ((28, -28), "文化路与民主街交叉口东南40米（柳树村）", "40 m south-east of the crossing 文化路 / 民主街 (柳树村)"),  # noqa: E501
        ((0, 152), "文化路与民主街交叉口北150米（柳树村）", "150 m north of the crossing 文化路 / 民主街 (柳树村)"),
        ((1, 1), "文化路与民主街交叉口（柳树村）", "at the crossing 文化路 / 民主街 (柳树村)"),
        ((-380, 62), "民主街北60米（柳树村）", "60 m north of 民主街 (柳树村)"),
        ((-380, 1), "民主街旁（柳树村）", "at 民主街 (柳树村)"),
        ((220, 240), "文化路东200米、民主街北250米（柳树村）", "200 m east of 文化路, 250 m north of 民主街 (柳树村)"),
        ((400, 600), "一小东400米（柳树村）", "400 m east of 一小 (柳树村)"),
        ((-850, -850), "一小西南1.7公里（柳树村）", "1.7 km south-west of 一小 (柳树村)"),
        ((0, 2_000), "一小北1.4公里", "1.4 km north of 一小"),
        ((0, 3_650), "柳树村北2.8公里", "2.8 km north of 柳树村"),
        ((0, 9_000), None, None),
    ],
)  # fmt: skip
def test_words_of_a_position(point: tuple[float, float], zh: str, en: str) -> None:
    frame = roads(*CROSS, name=NAMES)
    for lang, expected in (("zh", zh), ("en", en)):
        assert place_words(at(point), frame, places=[SCHOOL], villages=VILLAGE, lang=lang).tolist() == [expected]


def test_without_named_roads_places_and_villages_remain() -> None:
    nameless = roads(*CROSS, name=[None, " "])
    for frame in (nameless, nameless.iloc[:0], nameless.drop(columns="name"), None):
        assert place_words(at((5, 5)), frame, villages=VILLAGE).tolist() == ["柳树村内"]
        assert place_words(at((5, 590)), frame, places=[SCHOOL]).tolist() == ["一小东南10米"]
        assert place_words(at((5, 5)), frame).tolist() == [None]
    assert place_words(at((5, 5)), villages=VILLAGE, lang="en").tolist() == ["in 柳树村"]


def test_one_named_road_at_a_crossing_is_no_crossing_of_two() -> None:
    assert place_words(at((28, -29)), roads(*CROSS, name=["民主街", None])).tolist() == ["民主街南30米"]
    assert place_words(at((28, -29)), roads(*CROSS, name=["民主街", "民主街"])).tolist() == ["民主街东30米"]


def test_three_roads_of_a_crossing_are_all_named() -> None:
    frame = roads(*CROSS, [(0, 0), (300, 300)], name=["甲路", "乙路", "丙路"])
    assert place_words(at((0, 100)), frame).tolist() == ["丙路、乙路与甲路交叉口北100米"]


def test_a_place_is_told_from_inside_by_its_village_and_by_nothing_derived_from_an_empty_shape() -> None:
    estate = named(shapely.box(0, 0, 50, 50), "东苑")
    broken = pd.concat([estate, named(shapely.Point(), "空"), estate.assign(geometry=[None], name=["无"])])
    assert place_words(at((10, 10)), places=[broken], villages=VILLAGE, lang="en").tolist() == ["in 东苑 (柳树村)"]


def test_shapes_keep_their_index_and_missing_ones_have_no_words() -> None:
    shapes = [moved(shapely.box(18, -38, 38, -18)), None, shapely.Point(), moved(shapely.Point(28, -28))]
    frame = gpd.GeoDataFrame({"rank": [4, 3, 2, 1]}, geometry=shapes, crs=CRS, index=[7, 8, 9, 3])
    found = place_words(frame, roads(*CROSS, name=NAMES))
    assert found.to_dict() == {7: (told := "文化路与民主街交叉口东南40米"), 8: None, 9: None, 3: told}
    assert place_words(frame.iloc[:0], roads(*CROSS, name=NAMES)).tolist() == []


def test_an_unknown_or_another_crs_is_refused() -> None:
    with pytest.raises(UnknownCrs):
        place_words(at((0, 0)).set_crs(None, allow_override=True), roads(*CROSS, name=NAMES))
    with pytest.raises(CrsMismatch):
        place_words(at((0, 0)), roads(*CROSS, name=NAMES).to_crs(4326))


def test_the_order_of_rows_decides_nothing() -> None:
    lines = [[(-50, 0), (0, 0), (50, 0)], [(0, -50), (0, 0), (0, 50)]]
    twins = [[(x + 200, y) for x, y in line] for line in lines]  # two crossings, both 100 m from the point between
    names = ["丁路", "甲路", "丙路", "乙路"]
    for order in itertools.permutations(range(4)):
        frame = roads(*[[*lines, *twins][k] for k in order], name=[names[k] for k in order])
        assert place_words(at((100, 0)), frame).tolist() == ["丁路与甲路交叉口东100米"]


def test_directions_are_of_true_north() -> None:
    # 1.4 degrees east of the middle meridian of its zone the grid is turned by 0.8 degrees: a bearing of 23 degrees
    # from true north is one of 22.2 on the grid, which would read north.
    middle = (118.4, 36.0)
    lon, lat, _ = pyproj.Geod(ellps="WGS84").fwd(*middle, 22.9, 2_000.0)
    place = gpd.GeoDataFrame({"name": ["一小"]}, geometry=[shapely.Point(middle)], crs=4326)
    point = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326)
    assert place_words(point, places=[place]).tolist() == ["一小东北2.0公里"]
    projected = place_words(point.to_crs(4548), places=[place.to_crs(4548)])
    assert projected.tolist() == ["一小东北2.0公里"]


@pytest.mark.parametrize(("azimuth", "word"), [(k * 45 + off, k % 8) for k in range(9) for off in (-22.5, 0, 22.4)])
def test_eight_directions_each_45_degrees_wide_across_north(azimuth: float, word: int) -> None:
    assert (direction_word(azimuth), direction_word(azimuth, "en")) == DIRECTIONS[word]


@given(st.floats(0, 50_000))
def test_a_rounded_distance_is_a_step_and_near(distance: float) -> None:
    step = 5 if distance < 50 else 10 if distance < 200 else 50 if distance < 1_000 else 100
    assert abs(rounded_distance(distance) - distance) <= step / 2 + 1e-9
    assert rounded_distance(distance) % step == 0


_SAID = re.compile(r"^(?P<a>.路)(?:与(?P<b>.路)交叉口)?(?:(?P<way>[东南西北]{1,2})(?P<far>[\d.]+)(?P<unit>米|公里))?")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-6, 6).map(lambda k: k * 120.0), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(-6, 6).map(lambda k: k * 120.0), min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900)), min_size=1, max_size=8),
)
def test_words_agree_with_a_street_plan(east: list[float], north: list[float], points: list) -> None:
    """On a plan of streets, the nearest crossing is the one a ruler finds; its bearing and distance are as told."""
    streets = dict(zip("甲乙丙", sorted(east), strict=False)) | dict(zip("丁戊己", sorted(north), strict=False))
    cuts = lambda values: [-800.0, *sorted(values), 800.0]  # noqa: E731
    lines = [[(x, y) for y in cuts(north)] for x in sorted(east)] + [
        [(x, y) for x in cuts(east)] for y in sorted(north)
    ]
    frame = roads(*lines, name=[f"{one}路" for one in streets])
    found = place_words(at(*points), frame).tolist()
    for (x, y), said in zip(points, found, strict=True):
        crossings = [(math.hypot(x - a, y - b), a, b) for a in east for b in north]
        nearest = min(crossings)[0]
        if nearest > ROADS_WITHIN_M + 0.01:
            assert said is None or "交叉口" not in said
            continue
        if abs(nearest - ROADS_WITHIN_M) <= 0.01:
            continue
        said_of = _SAID.match(said)
        assert said_of is not None
        pair = sorted([said_of["a"][0], said_of["b"][0]], key="甲乙丙丁戊己".index)
        spot = np.array([streets[pair[0]], streets[pair[1]]])
        distance = math.hypot(*(np.array([x, y]) - spot))
        assert distance == pytest.approx(nearest, abs=1e-6)
        told = float(said_of["far"] or 0) * (1_000 if said_of["unit"] == "公里" else 1)
        assert abs(told - distance) <= (2.5 if distance < 50 else 5 if distance < 200 else 25) + 0.01
        if said_of["way"]:
            azimuth = math.degrees(math.atan2(x - spot[0], y - spot[1])) % 360
            sector = [zh for zh, _ in DIRECTIONS].index(said_of["way"]) * 45
            assert abs((azimuth - sector + 180) % 360 - 180) <= 22.5 + 0.01


def test_thousands_of_positions_are_told_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    xy = rng.uniform(-1_500, 1_500, (3_000, 2))
    points = gpd.GeoSeries(shapely.points(xy + ORIGIN), crs=CRS)
    frame = roads(*CROSS, name=NAMES)
    together = place_words(points, frame, places=[SCHOOL], villages=VILLAGE)
    for k in range(0, 3_000, 150):
        one = place_words(points.iloc[[k]], frame, places=[SCHOOL], villages=VILLAGE)
        assert one.iloc[0] == together.iloc[k]
    assert PLACES_WITHIN_M > 1_500
    assert together.notna().all()


def test_a_finder_tells_every_position_as_a_question_of_its_own_does() -> None:
    places = {"places": [SCHOOL], "villages": VILLAGE}
    finder = LandmarkFinder(roads(*CROSS, name=NAMES), **places)
    for point in ((28, -28), (-380, 62), (400, 600), (0, 9_000)):
        assert finder.of(at(point)) == landmarks(at(point), roads(*CROSS, name=NAMES), **places)
