"""Keys of tails: what two spellings of one place are equal by, and what parts two places."""

from __future__ import annotations

import pytest

from geo.places.address.normalise import normal_form
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import Numbered, Several, TailKey, side


def _key(text: str) -> TailKey:
    return read_tail(normal_form(text)).key()


@pytest.mark.parametrize(
    "spellings",
    [
        ("阳光花园5栋", "阳光花园5幢", "阳光花园5号楼", "阳光花园五座"),
        ("三组", "3组", "3社", "第3村民小组", "第三村民小组", "3小组"),
        ("12号", "12#", "１２号", "12", "十二号", "012号"),
        ("12-3号", "12号附3", "12之3号", "12号附3号", "12-3"),
        ("甲12号", "12甲号"),
        ("3号2单元501室", "3号2单元501", "3号2-501"),
        ("人民南路四段12号", "人民南路4段12号"),
        ("阳光花园二期5栋", "阳光花园2期5栋"),
        ("阳光花园5-3-501", "阳光花园5栋3单元501室", "阳光花园5号楼3-501"),
    ],
)
def test_spellings_of_one_place_have_one_key(spellings: tuple[str, ...]) -> None:
    assert {_key(text) for text in spellings} == {_key(spellings[0])}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12号", "12a"),
        ("12号", "12-3号"),
        ("12号", "甲12号"),
        ("3组", "3队"),
        ("3组", "东三组"),
        ("3、5号", "3号"),
        ("3、5号", "35号"),
        ("1-10幢", "1幢"),
        ("张家庄12号", "李家庄12号"),
        ("12号", "12号桥墩"),
        ("12号", "12号对面"),
        ("12号北侧20米", "12号北侧200米"),
        ("3号楼", "3号"),
        ("1楼", "负1楼"),
        ("2单元", "2室"),
        ("a12栋", "12a栋"),
        ("桥3号头", "桥头3号"),
    ],
)
def test_other_places_have_other_keys(one: str, other: str) -> None:
    assert _key(one) != _key(other)


def test_the_door_of_a_room_is_the_key_of_its_door() -> None:
    assert _key("民主街3号2单元501").door == _key("民主街3号").door
    assert _key("民主街3号").inside == (None, None, None, None, (), "")


def test_a_range_of_numbers_holds_those_of_its_side() -> None:
    assert [n for n in range(1, 10) if Several("number", (3, 7), is_range=True).holds(n)] == [3, 5, 7]
    assert [n for n in range(1, 10) if Several("number", (3, 6), is_range=True).holds(n)] == [3, 4, 5, 6]
    assert [n for n in range(1, 10) if Several("building", (3, 7), is_range=True).holds(n)] == [3, 4, 5, 6, 7]
    assert [n for n in range(1, 10) if Several("number", (3, 7), is_range=False).holds(n)] == [3, 7]
    assert not Several("number", (3, 7), is_range=True).holds(None)


def test_sides_are_odd_and_even() -> None:
    assert [side(number) for number in (1, 2, 11, 100)] == ["odd", "even", "odd", "even"]
    assert Numbered(3) == (3, "", "")
