"""Coordinates, codes, crossings and kilometre marks in texts: real spellings, and what is none of them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.text_crossings import crossings_in_text
from geo.places.address.text_positions import (
    MAX_FOUND,
    TextPoint,
    codes_in_text,
    marks_in_text,
    points_in_text,
)


@pytest.mark.parametrize(
    ("text", "crs"),
    [
        ("102.9, 37.45", None),
        ("37.45,102.9", None),
        ("102.9 37.45", None),
        ("北纬37°27′ 东经102°54′", None),
        ("东经102度54分0秒，北纬37度27分", None),
        ("37.45N 102.9E", None),
        ("N37°27′00″,E102°54′00″", None),
        ("E102.9N37.45", None),
        ("（102.9，37.45）高德坐标", "gcj02"),
        ("GCJ-02: 102.900, 37.450", "gcj02"),
        ("经度102.9 纬度37.45 CGCS2000", "cgcs2000"),
        ("2000坐标 102.9,37.45", "cgcs2000"),
        ("百度地图 102.9,37.45", "bd09"),
        ("lat=37.45&lng=102.9 wgs84", "wgs84"),
        ("GPS 102.9,37.45", "wgs84"),
    ],
)
def test_coordinates_in_any_order_and_form(text: str, crs: str | None) -> None:
    (found,) = points_in_text(text)
    assert (found.lon, found.lat) == (pytest.approx(102.9), pytest.approx(37.45))
    assert found.crs == crs


def test_the_crs_is_that_of_the_text_or_of_the_caller_and_never_taken_for_granted() -> None:
    assert points_in_text("102.9,37.45", crs="wgs84")[0].crs == "wgs84"
    assert points_in_text("高德102.9,37.45", crs="wgs84")[0].crs == "gcj02", "the text names it"
    assert points_in_text("百度大厦 102.9,37.45")[0].crs is None, "a building is no CRS"
    assert points_in_text("102.9,37.45。高德")[0].crs is None, "another sentence"
    first, second = points_in_text("WGS84：102.9,37.45（GCJ02：102.905,37.449）")
    assert (first.crs, second.crs) == ("wgs84", "gcj02")
    first, second = points_in_text("102.9,37.45 WGS84，102.905,37.449 GCJ02")
    assert second.crs is None, "either may be meant"


def test_the_order_is_not_guessed_where_both_are_possible() -> None:
    (found,) = points_in_text("45.123, 30.456")
    assert (found.values, found.lon, found.lat) == ((45.123, 30.456), None, None)
    (found,) = points_in_text("E45.1 N30.4")
    assert (found.lon, found.lat) == (45.1, 30.4), "the text says it"


@pytest.mark.parametrize(
    "text",
    [
        "民主街3、5号",
        "版本3.5, 4.5",
        "3.5、4.5",
        "102,37",
        "北纬37°61′ 东经102°54′",
        "1102.9,37.45",
        "电话0935-5121234",
        "",
    ],
)
def test_other_numbers_are_no_coordinates(text: str) -> None:
    assert points_in_text(text) == ()


def test_coordinates_have_their_place_in_the_text() -> None:
    text = "位置：（102.9，37.45）附近"
    (found,) = points_in_text(text)
    assert text[found.start : found.end] == "102.9，37.45"
    assert found == TextPoint(4, 15, (102.9, 37.45), 102.9, 37.45, None)


@pytest.mark.parametrize(
    ("text", "code", "is_stored"),
    [
        ("新胜村620622102207G01附近", "620622102207G01", True),
        ("网格编号：GL-012", "GL-012", False),
        ("网格号12", "12", True),
        ("６２０６２２１０２２０７Ｇ０１", "620622102207G01", True),
        ("grid no. A7", "A7", False),
    ],
)
def test_codes_of_grids(text: str, code: str, *, is_stored: bool) -> None:
    stored = {"620622102207G01", "12"}
    (found,) = codes_in_text(text, stored.__contains__)
    assert (found.code, found.is_stored) == (code, is_stored)


def test_numbers_of_houses_are_no_codes_though_a_grid_has_that_code() -> None:
    assert codes_in_text("解放路12号5栋 12", lambda _: True) == ()
    assert codes_in_text("电话13812345678", lambda _: False) == ()
    assert codes_in_text("gl-012", {"GL-012"}.__contains__) == (), "letters keep their case"


@pytest.mark.parametrize(
    ("text", "ref", "name", "metre"),
    [
        ("G30 2314公里+200米", "G30", "", 2_314_200.0),
        ("G30连霍高速K2314+200", "G30", "连霍高速", 2_314_200.0),
        ("G30（连霍高速）2314公里", "G30", "连霍高速", 2_314_000.0),
        ("S308线 12km", "S308", "", 12_000.0),
        ("国道312线2314公里处", "G312", "", 2_314_000.0),
        ("312国道2314.5公里处", "G312", "", 2_314_500.0),
        ("省道308线K12", "S308", "", 12_000.0),
        ("连霍高速公路西行K2314", "", "连霍高速公路", 2_314_000.0),
        ("G30兰州方向2314公里200米", "G30", "", 2_314_200.0),
        ("京藏高速第1500公里", "", "京藏高速", 1_500_000.0),
        ("K2314+200", "", "", 2_314_200.0),
    ],
)
def test_kilometre_marks(text: str, ref: str, name: str, metre: float) -> None:
    (found,) = marks_in_text(text)
    assert (found.ref, found.name, found.metre) == (ref, name, metre)
    assert (found.start, found.end) == (0, len(text))


@pytest.mark.parametrize("text", ["县城以东2公里", "沿G30行驶2公里", "K12", "全长12公里", "民主街K座"])
def test_distances_are_no_marks(text: str) -> None:
    assert marks_in_text(text) == ()


def test_a_text_full_of_them_gives_a_bounded_number() -> None:
    assert len(points_in_text("102.9,37.45 ; " * 100)) == MAX_FOUND
    assert len(marks_in_text("K1+200，" * 100)) == MAX_FOUND
    assert len(crossings_in_text("甲路与乙路路口，" * 100)) == MAX_FOUND
    assert len(codes_in_text("网格号A1，" * 100, lambda _: True)) == MAX_FOUND


_WORDS = "102.9 37.45 , ° ′ ″ 北纬 东经 E N x= 路 与 路口 交叉口 K1+ 公里 G30 线 网格号 A-1 高德 ( ) and corner of"
_TEXTS = st.lists(
    st.one_of(
        st.sampled_from(_WORDS.split()),
        st.text(max_size=3),
    ),
    max_size=12,
).map("".join)


@given(_TEXTS)
def test_whatever_the_text_what_is_found_is_within_it(text: str) -> None:
    for found in (
        *points_in_text(text),
        *codes_in_text(text, lambda _: True),
        *crossings_in_text(text),
        *marks_in_text(text),
    ):
        assert 0 <= found.start < found.end <= len(text)
    for code in codes_in_text(text, lambda _: True):
        assert len(code.code) == code.end - code.start


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "a",
        "1-",
        "1.1,",
        "东1",
        "k1+",
        "交叉口",
        "与路口",
        "路与路口",
        "1公里",
        "g30线1公里",
        "corner of a ",
        "北纬",
        "x=",
    ],
)
def test_ten_kilobytes_take_at_most_some_milliseconds(unit: str) -> None:
    text = (unit * 10_240)[:10_240]
    best = 1.0
    for _ in range(3):
        begin = time.process_time()
        points_in_text(text)
        crossings_in_text(text)
        marks_in_text(text)
        codes_in_text(text, lambda _: False)
        best = min(best, time.process_time() - begin)
    # 5 ms on a core of its own; twice that on one that is shared.
    assert best < 0.010
