"""Crossings and kilometre marks in texts: real spellings, and what is none of them."""

from __future__ import annotations

import pytest

from geo.places.address.text_roads import crossings_in_text, marks_in_text


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("古浪县昌灵路与民主路交叉口东北角", "昌灵路", "民主路"),
        ("A路B街交汇处", "A路", "B街"),
        ("昌灵路/民主街路口", "昌灵路", "民主街"),
        ("昌灵路（民主街路口）", "昌灵路", "民主街"),
        ("昌灵路与民主路口", "昌灵路", "民主路"),
        ("昌灵路民主街口", "昌灵路", "民主街"),
        ("和平路和光明路十字路口", "和平路", "光明路"),
        ("人民路与和平路交口", "人民路", "和平路"),
        ("人民路和平路交叉口", "人民路", "和平路"),
        ("G312与S308线交叉口", "G312", "S308线"),
        ("昌灵路与312国道交汇处", "昌灵路", "312国道"),
        ("甲路与乙路、丙路与丁路交叉口", "丙路", "丁路"),
        ("corner of Main Street and 2nd Avenue", "Main Street", "2nd Avenue"),
        ("Main St & 2nd Ave intersection", "Main St", "2nd Ave"),
    ],
)
def test_crossings(text: str, first: str, second: str) -> None:
    (found,) = crossings_in_text(text)
    assert (found.first, found.second) == (first, second)
    assert first in text[found.start : found.end]
    assert second in text[found.start : found.end]


def test_one_road_is_no_crossing() -> None:
    assert crossings_in_text("民主路路口") == ()
    assert crossings_in_text("路口村3号") == ()


def test_the_first_name_begins_where_a_stored_road_does() -> None:
    text = "城西门昌灵路与民主街交叉口"
    assert crossings_in_text(text)[0].first == "城西门昌灵路"
    assert crossings_in_text(text, {"昌灵路", "灵路"}.__contains__)[0].first == "昌灵路"


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


def test_a_road_that_begins_as_another_ends_is_read_whole_where_it_is_stored() -> None:
    found = crossings_in_text("昌灵路与环城路交叉口", {"昌灵路", "环城路"}.__contains__)[0]
    assert (found.first, found.second) == ("昌灵路", "环城路")
