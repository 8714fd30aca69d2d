"""Coordinates in texts: real spellings, and what is none of them."""

from __future__ import annotations

import pytest

from geo.places.address.text_coordinates import TextPoint, points_in_text


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
    assert found == TextPoint(4, 15, (102.9, 37.45), 102.9, 37.45, None, 0.01)


@pytest.mark.parametrize("text", ["WGS-84 E102.98 N37.45", "K11+640 102.98,37.45 WGS84", "3号 12 102.98,37.45 WGS84"])
def test_a_number_before_coordinates_is_none_of_them(text: str) -> None:
    assert [(one.lon, one.lat, one.crs) for one in points_in_text(text)] == [(102.98, 37.45, "wgs84")]


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("102.90, 37.45", 0.01),
        ("102.9, 37.45", 0.01),  # a spreadsheet leaves out the zero of 102.90
        ("102.9, 37.4", 0.1),
        ("102.912345, 37.4", 0.000001),
        ("东经102°54′ 北纬37°27′", 1 / 60),
        ("东经102°54.5′ 北纬37°27.2′", 0.1 / 60),
        ("102°54′30″E 37°27′12″N", 1 / 3600),
        ("102°54′30.5″E 37°27′12.25″N", 0.01 / 3600),
        ("E102° N37°", 1.0),
    ],
)
def test_what_one_of_the_last_digit_is(text: str, unit: float) -> None:
    (found,) = points_in_text(text)
    assert found.unit == pytest.approx(unit, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("98,51 39,725", (98.51, 39.725)),
        ("39,725；98,51", (98.51, 39.725)),
        ("102，0123，37，1234", (102.0123, 37.1234)),
        ("经度102,0123 纬度37,1234", (102.0123, 37.1234)),
        ("37,1234N 102,0123E", (102.0123, 37.1234)),
        ("102。0123，37。1234", (102.0123, 37.1234)),
    ],
)
def test_a_comma_or_a_full_stop_may_be_a_decimal_point(text: str, pair: tuple[float, float]) -> None:
    (found,) = points_in_text(text)
    assert (found.lon, found.lat) == pair
    assert (found.start, found.end) == (0 if text[0].isdigit() else text.index("经"), len(text))


@pytest.mark.parametrize(
    "text", ["人民路3,5号 7,9号", "人民路102,104 37,39号", "29,100 38,200", "102,12,37,12", "电话 136,1234 54,1234"]
)
def test_other_numbers_with_commas_are_no_coordinates(text: str) -> None:
    assert points_in_text(text) == ()
