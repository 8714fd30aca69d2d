"""Crossings and roads in texts: real spellings, and what is none of them."""

from __future__ import annotations

import time

import pytest

from geo.places.address.text_crossings import crossings_in_text, roads_in_text

ROADS = frozenset(("昌灵路", "灵路", "民主街", "和平路", "北街", "环城路", "甘武公路"))


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


def test_a_road_that_begins_as_another_ends_is_read_whole_where_it_is_stored() -> None:
    found = crossings_in_text("昌灵路与环城路交叉口", {"昌灵路", "环城路"}.__contains__)[0]
    assert (found.first, found.second) == ("昌灵路", "环城路")


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("昌灵路民主街十字", "昌灵路", "民主街"),
        ("昌灵路与民主街十字", "昌灵路", "民主街"),
        ("昌灵路與民主街交叉口", "昌灵路", "民主街"),
        ("古浪 昌灵路與民主街交叉口", "昌灵路", "民主街"),
        ("昌灵路民主街十字东北角", "昌灵路", "民主街"),
        ("昌灵路/民主街", "昌灵路", "民主街"),
        ("昌灵路民主街东北角", "昌灵路", "民主街"),
        ("昌灵路／民主街东北角", "昌灵路", "民主街"),
        ("昌灵路-民主街", "昌灵路", "民主街"),
        ("昌灵路—民主街", "昌灵路", "民主街"),
        ("昌灵路与民主街路口", "昌灵路", "民主街"),
        ("昌灵路和民主街交汇处", "昌灵路", "民主街"),
        ("昌灵路和北街交汇处", "昌灵路", "北街"),
        ("昌灵路和平路交汇处", "昌灵路", "和平路"),
        ("昌灵路与和平路交汇处", "昌灵路", "和平路"),
        ("土门镇昌灵路 & 民主街", "昌灵路", "民主街"),
    ],
)
def test_crossings_of_known_roads(text: str, first: str, second: str) -> None:
    (found,) = crossings_in_text(text, ROADS.__contains__)
    assert (found.first, found.second) == (first, second)


@pytest.mark.parametrize(
    "text",
    ["昌灵路/民主街3号", "昌灵路-民主街12", "昌灵路-民主街段", "昌灵路-5号", "昌灵路/西小巷", "昌灵路十字街", "昌灵路"],
)
def test_a_mark_is_no_crossing_before_a_house_or_an_unknown_road(text: str) -> None:
    assert crossings_in_text(text, ROADS.__contains__) == ()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("土门镇昌灵路202号", ["昌灵路"]),
        ("昌灵路转民主街北侧", ["昌灵路", "民主街"]),
        ("西小巷5号", []),
        ("甘武公路12号", ["甘武公路"]),
        ("G312K2309", ["G312"]),
        ("g312 K2309", ["g312"]),
        ("G312KTV", []),
    ],
)
def test_known_roads_are_found_by_their_longest_names(text: str, names: list[str]) -> None:
    assert [text[start:end] for start, end in roads_in_text(text, {*ROADS, "g312"}.__contains__)] == names


def test_a_road_does_not_begin_within_a_number() -> None:
    assert roads_in_text("312国道5号", {"12国道"}.__contains__) == ()
    assert roads_in_text("青岚县 12国道5号", {"12国道"}.__contains__) == ((4, 8),)


@pytest.mark.parametrize("unit", ["路", "路/", "昌灵路-", "十字", "路与路十字"])
def test_ten_kilobytes_of_roads_take_at_most_some_milliseconds(unit: str) -> None:
    text = (unit * 10_240)[:10_240]
    best = 1.0
    for _ in range(3):
        begin = time.process_time()
        crossings_in_text(text, ROADS.__contains__)
        roads_in_text(text, ROADS.__contains__)
        best = min(best, time.process_time() - begin)
    assert best < 0.010
