"""Faults of addresses: the code of each kind, and that each is said in both languages."""

from __future__ import annotations

import pytest

from geo.places.address.address_faults import (
    NO_GRID,
    fault_inside,
    fault_of_more,
    fault_of_neighbours,
    fault_of_tail,
    fault_of_unread,
    fault_of_unstored,
    name_faults,
    once,
)
from geo.places.address.door_numbers import Door
from geo.places.address.normalise import normal_form
from geo.places.address.readings import AddressReader
from geo.places.address.tail_parts import read_tail
from tests.geo.places.address.small_places import tree


@pytest.mark.parametrize(("tail", "code"), [("对面", "nearby"), ("北侧200米", "nearby"), ("小卖部", "unread")])
def test_what_follows_what_was_read(tail: str, code: str) -> None:
    assert fault_of_tail(tail)["code"] == code


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ("昌灵路5号", "unstored"),
        ("3组", "unstored"),
        ("红旗村", "unknown_place"),
        ("桥墩", "unread"),
        ("往昌灵路", "unread"),
        ("朋友的超市", "unread"),
        ("5号旁", "nearby"),
        ("通往洪水沟公路", "unread"),
        ("村至洪水沟村公路", "unread"),
        ("冬至路", "unstored"),
    ],
)
def test_what_is_not_stored_is_understood_or_not(tail: str, code: str) -> None:
    fault, is_understood = fault_of_unstored(read_tail(normal_form(tail)))
    assert (fault["code"], is_understood) == (code, code == "unstored")
    assert " / " in fault["text"]


def test_words_that_were_not_understood_are_cited_up_to_a_length() -> None:
    assert fault_of_unread("桥墩")["text"] == "没有读懂“桥墩” / “桥墩” was not understood"
    assert fault_of_unread("阳" * 99)["text"].count("阳") == 80


@pytest.mark.parametrize(
    ("numbers", "part", "said"),
    [
        ([3, 9], "number", "同侧小号一边最近的是“东街3号”，大号一边最近的是“东街9号”"),
        ([9], "number", "同侧大号一边最近的是“东街9号”"),
        ([4], "building", "小号一边最近的是“东街4号”"),
        ([5], "number", "按“东街5号”回答"),
    ],
)
def test_neighbours_are_named_with_their_sides(numbers: list[int], part: str, said: str) -> None:
    doors = [(f"东街{number}号", Door(0, number, abs(number - 5), 0)) for number in numbers]
    fault = fault_of_neighbours("东街5号", 5, doors, part=part)
    assert fault["text"].split(" / ")[0] == f"库里没有“东街5号”，{said}"


def test_what_is_inside_a_door_is_said_to_be_inside_it() -> None:
    fault = fault_inside("2单元", "东街3号")
    assert (fault["code"], fault["text"].split(" / ")[0]) == ("unread", "库里没有“2单元”，它在“东街3号”之内")


def test_what_is_said_twice_is_said_once() -> None:
    assert once([NO_GRID, fault_of_more(1), NO_GRID]) == (NO_GRID, fault_of_more(1))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("土门镇新胜村", []),
        ("土门镇新盛村", ["sound_or_shape"]),
        ("土门乡新胜村", ["alias"]),
        ("土门镇新胜衬3组", ["sound_or_shape"]),  # a wrong character for 村, not another suffix
        ("土门镇新胜社区3组", ["alias"]),
        ("洋县土门镇新胜村", ["contradiction"]),
    ],
)
def test_names_that_are_wrong(text: str, codes: list[str]) -> None:
    places = tree()
    faults = name_faults(text, AddressReader(places).read(text)[0], places)
    assert [fault["code"] for fault in faults] == codes


@pytest.mark.parametrize(
    ("tail", "cited"), [("兰州市城关区", "兰州市城关区"), ("天祝县城关镇", "天祝县城关镇"), ("昌灵路桥墩", "桥墩")]
)
def test_words_that_were_not_understood_are_cited_whole(tail: str, cited: str) -> None:
    """兰州市城 ends as names of estates do, and is none: what goes on from it is no word."""
    assert fault_of_unstored(read_tail(tail))[0]["text"].split(" / ")[0] == f"没有读懂“{cited}”"
