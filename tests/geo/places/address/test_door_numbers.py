"""Doors of a street: the same number, else the next below and above on the same side."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.door_numbers import (
    Door,
    best_of_spellings,
    doors_beside,
    estate_spellings,
    is_between,
    metres_away,
    nearest_doors,
    wanted_number,
    wanted_numbers,
)
from geo.places.address.place_tree import ROOT
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import yard_spellings
from tests.geo.places.address.small_places import DAJING, TUMEN, tree

TREE = tree()
TOWN, OTHER = TREE.place_of[TUMEN], TREE.place_of[DAJING]


def street(*tails: str) -> StoredAddresses:
    """Return stored addresses of one township."""
    return StoredAddresses(TREE, [(tail, TOWN, row) for row, tail in enumerate(tails)])


def nearest(stored: StoredAddresses, asked: str, place: int = TOWN) -> list[tuple[str, int]]:
    """Return the doors for a text, and how far each is."""
    parts = read_tail(asked)
    return [
        (stored.tail(one.entry), one.away) for one in nearest_doors(stored, doors_beside(stored, parts, place), parts)
    ]


@pytest.mark.parametrize(
    ("asked", "doors"),
    [
        ("东街5号", [("东街3号", 2), ("东街9号", 4)]),
        ("东街4号", [("东街2号", 2), ("东街8号", 4)]),
        ("东街9号", [("东街9号", 0)]),
        ("东街99号", [("东街9号", 90)]),
        ("东街1号", [("东街3号", 2)]),
        ("东街12号", [("东街8号", 4)]),  # 1 is on the other side, and no beginning of 12
        ("西街5号", [("西街1号", 4)]),
        ("西街2号", [("西街1号", 1)]),  # none on its side: the nearest across
        ("北街5号", []),
    ],
)
def test_the_nearest_on_the_same_side(asked: str, doors: list[tuple[str, int]]) -> None:
    assert nearest(street("东街2号", "东街3号", "东街8号", "东街9号", "西街1号"), asked) == doors


def test_parts_inside_the_door_tell_which_is_meant() -> None:
    stored = street("东街9号1栋", "东街9号2栋", "东街9号2栋3单元")
    parts = read_tail("东街9号2栋3单元501室")
    doors = nearest_doors(stored, doors_beside(stored, parts, TOWN), parts)
    assert [(stored.tail(door.entry), door.parts) for door in doors] == [
        ("东街9号2栋3单元", 2), ("东街9号2栋", 1), ("东街9号1栋", 0)
    ]  # fmt: skip


def test_a_door_across_is_said_to_be_across() -> None:
    parts = read_tail("东街4号")
    stored = street("东街1号", "东街9号")
    doors = nearest_doors(stored, doors_beside(stored, parts, TOWN), parts)
    assert [(door.number, door.is_across) for door in doors] == [(1, True), (9, True)]


def test_buildings_are_on_no_side() -> None:
    stored = street("惠民小区1幢", "惠民小区3幢", "惠民小区4幢2单元", "惠民小区东门")
    assert nearest(stored, "惠民小区2幢") == [("惠民小区1幢", 1), ("惠民小区3幢", 1)]
    assert nearest(stored, "惠民小区5幢3单元") == [("惠民小区4幢2单元", 1)]


@pytest.mark.parametrize(
    ("numbers", "part", "expected"),
    [
        ([1, 9], "number", True),
        ([9], "number", False),
        ([1], "number", False),
        ([5], "number", False),
        ([5, 9], "number", False),
        ([3, 25], "number", True),  # 5, 7 and so on to 23: ten doors are missing
        ([3, 27], "number", False),
        ([1, 12], "building", True),  # 2 to 11: ten buildings
        ([1, 13], "building", False),
    ],
)
def test_a_number_is_between_doors_near_each_other_on_both_sides_only(
    numbers: list[int], part: Literal["number", "building"], expected: bool
) -> None:
    doors = [Door(0, number, abs(number - 5), 0) for number in numbers]
    assert is_between(doors, 5, part) == expected
    assert not is_between([door._replace(is_across=True) for door in doors], 5, part)


def test_all_doors_equally_near_count_and_all_numbers_of_a_list_or_a_range() -> None:
    stored = street("东街1号", "东街1号", "东街9号", "东街11号", "东街15号")
    assert nearest(stored, "东街3号") == [("东街1号", 2), ("东街1号", 2), ("东街9号", 6)]
    assert nearest(stored, "东街9,15号") == [("东街15号", 0), ("东街9号", 0)]
    assert {tail for tail, _ in nearest(stored, "东街9-15号")} == {"东街9号", "东街11号", "东街15号"}
    assert wanted_numbers(read_tail("东街9-15号")) == (9, 15)


@pytest.mark.parametrize(
    ("asked", "doors"),
    [
        ("4弄5幢", [("4弄1-10幢", 0)]),
        ("4弄12幢", [("4弄1-10幢", 11)]),
        ("4弄5号", [("4弄7号", 2)]),  # a door is no building
        ("西街5号", [("西街3,5号", 0)]),
        ("西街9号", [("西街7-11号", 0)]),
        ("西街8号", [("西街7-11号", 1)]),  # on the other side
    ],
)
def test_a_number_of_several_is_one_of_them(asked: str, doors: list[tuple[str, int]]) -> None:
    stored = street("4弄1-10幢", "4弄7号", "西街3,5号", "西街7-11号")
    assert nearest(stored, asked)[: len(doors)] == doors


def test_a_building_of_three_numbers_is_looked_for_by_its_own() -> None:
    assert nearest(street("阳光花园5幢", "阳光花园8幢"), "阳光花园5-2-501") == [("阳光花园5幢", 0)]


def test_ten_metres_a_door_and_forty_a_building() -> None:
    assert (metres_away("number", 4), metres_away("building", 4)) == (40.0, 160.0)


@pytest.mark.parametrize(
    ("tail", "wanted"),
    [
        ("东街5号", ("number", 5)), ("惠民小区2幢301", ("building", 2)), ("东街3,5号", ("number", 3)),
        ("1-10幢", ("building", 1)), ("东街甲号", None), ("东街", None),
    ],
)  # fmt: skip
def test_the_number_that_is_wanted(tail: str, wanted: tuple[str, int] | None) -> None:
    assert wanted_number(read_tail(tail)) == wanted


def test_a_number_without_a_street_and_a_street_without_a_number_have_no_doors() -> None:
    stored = street("12号", "东街12号")
    assert nearest(stored, "11号") == []
    assert nearest(stored, "东街") == []


def test_doors_of_another_township_are_not_near() -> None:
    assert nearest(street("东街3号"), "东街5号", OTHER) == []


@settings(max_examples=150, deadline=None)
@given(st.sets(st.integers(1, 40), max_size=12), st.integers(1, 40))
def test_as_a_search_through_all_numbers(numbers: set[int], wanted: int) -> None:
    stored = street(*[f"东街{number}号" for number in sorted(numbers)])
    side = [number for number in numbers if number % 2 == wanted % 2] or list(numbers)
    below = [max((number for number in side if number < wanted), default=None)]
    above = [min((number for number in side if number > wanted), default=None)]
    expected = {wanted} if wanted in numbers else {number for number in below + above if number is not None}
    found = nearest(stored, f"东街{wanted}号", ROOT)
    assert {tail for tail, _ in found} == {f"东街{number}号" for number in expected}
    assert [away for _, away in found] == sorted(abs(number - wanted) for number in expected)


_DOORS = st.builds(
    "".join,
    st.tuples(
        *(st.sampled_from(some) for some in (("东街", ""), ("1号", "12号"), ("", "院", "大院", "大"), ("", "3幢", "3")))
    ),
)


@given(st.lists(_DOORS, max_size=6), _DOORS)
def test_the_best_spelling_of_a_yard_is_that_of_all(known: list[str], tail: str) -> None:
    stored = street(*known)

    def left(spelling: str) -> tuple[int, int]:
        found = stored.find(spelling, TOWN)
        ranks = {"exact": 0, "longer": 1, "shorter": 2}
        return (3, 0) if found is None else (ranks[found.how], len(spelling) - found.read)

    plain = min([tail, *yard_spellings(tail)], key=left)
    best, found = best_of_spellings(stored, tail, TOWN, stored.find(tail, TOWN))
    assert left(best) == left(plain)
    assert best == plain
    own = stored.find(plain, TOWN)
    assert (found is None) == (own is None)
    if found is not None and own is not None:
        assert (found.how, found.read, found.entries.tolist()) == (own.how, own.read, own.entries.tolist())


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("锦绣苑1幢", "锦绣苑小区1幢"),
        ("锦绣苑小区1幢", "锦绣苑1幢"),
        ("农行家属院2幢", "农行家属院小区2幢"),
        ("锦绣苑", "锦绣苑小区"),
    ],
)
def test_an_estate_is_written_with_its_word_or_without(stored: str, asked: str) -> None:
    index = StoredAddresses(TREE, [(stored, ROOT, 0)])
    tail, found = best_of_spellings(index, asked, ROOT, index.find(asked, ROOT))
    assert (tail, found.how if found else None) == (stored, "exact")


@pytest.mark.parametrize("asked", ["幸福小区1幢", "幸福1幢"])
def test_a_name_that_says_no_estate_has_no_other_spelling(asked: str) -> None:
    assert estate_spellings(asked) == []
