"""Doors of a street: the same number, else the next below and above on the same side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.door_numbers import doors_beside, nearest_doors
from geo.places.address.place_tree import ROOT
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.tail_parts import read_tail
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
        ("西街2号", []),  # none on its side
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
    side = [number for number in numbers if number % 2 == wanted % 2]
    below = [max((number for number in side if number < wanted), default=None)]
    above = [min((number for number in side if number > wanted), default=None)]
    expected = {wanted} if wanted in numbers else {number for number in below + above if number is not None}
    found = nearest(stored, f"东街{wanted}号", ROOT)
    assert {tail for tail, _ in found} == {f"东街{number}号" for number in expected}
    assert [away for _, away in found] == sorted(abs(number - wanted) for number in expected)
