"""Names of roads: every spelling of one number is one road, and two roads are never one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.normalise import normal_form
from geo.places.address.road_names import LETTERS, road_key, road_keys, street_name
from geo.places.address.tail_parts import read_tail
from geo.places.address.text_marks import marks_in_text

SPELLINGS = [
    "G312",
    "g312",
    "Ｇ312",
    "G312线",
    "312国道",
    "国道312",
    "国道312线",
    "312国道线",
    "G312国道",
    "国道G312线",
]


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_number_has_one_key_however_it_is_spelt(name: str) -> None:
    assert road_key(name) == "g312"
    assert road_keys(name) == {"g312"}


@pytest.mark.parametrize("name", ["G312", "G312线", "312国道", "国道312线"])
def test_addresses_and_kilometre_marks_read_the_same_road(name: str) -> None:
    assert read_tail(normal_form(name)).streets == ("g312",)
    (mark,) = marks_in_text(f"{name} 12公里")
    assert road_key(mark.ref) == "g312"


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("X005", "X5", True),
        ("县道005线", "X5", True),
        ("G0611", "G611", False),
        ("G12", "G312", False),
        ("S312", "G312", False),
        ("昌灵路", "灵路", False),
        ("人民南路四段", "人民南路4段", True),
        ("村道7", "C007", True),
        ("连霍高速公路", "连霍高速", True),
    ],
)
def test_two_names_are_one_road_only_where_their_numbers_are(one: str, other: str, *, is_one: bool) -> None:
    assert (road_key(one) == road_key(other)) == is_one


@pytest.mark.parametrize("name", ["昌灵路", "g30连霍高速", "路", ""])
def test_other_names_stay_as_they_are(name: str) -> None:
    assert street_name(name) == name


@given(st.sampled_from(sorted(LETTERS)), st.integers(min_value=1, max_value=999))
def test_kind_and_letter_say_the_same(kind: str, number: int) -> None:
    names = [f"{kind}{number}线", f"{number}{kind}", f"{LETTERS[kind]}{number:03d}", f"{LETTERS[kind].upper()}{number}"]
    assert len({road_key(name) for name in names}) == 1


@given(st.text(alphabet="gsx0123国道线路段四 ", max_size=8))
def test_a_key_is_its_own_key(name: str) -> None:
    assert road_key(road_key(name)) == road_key(name)
    assert street_name(street_name(name)) == street_name(name)


@pytest.mark.parametrize("name", ["G30连霍高速", "连霍高速(G30)", "连霍高速公路Ｇ30", "连霍高速（G30）"])
def test_a_number_and_a_name_are_each_enough(name: str) -> None:
    assert {"g30", "连霍高速"} <= road_keys(name)


@pytest.mark.parametrize("name", ["S1线", "G30高速", "12路", "和平3路"])
def test_what_is_beside_a_number_is_not_always_a_name(name: str) -> None:
    assert len(road_keys(name)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("民主一街", "民主1街"),
        ("北一路", "北1路"),
        ("三环路", "3环路"),
        ("东十二路", "东12路"),
        ("二环北路", "2环北路"),
        ("九巷", "9巷"),
    ],
)
def test_the_number_in_a_name_is_one_in_both_scripts(one: str, other: str) -> None:
    assert road_key(one) == road_key(other)


@pytest.mark.parametrize("name", ["五一路", "三八街", "二七路", "十字街", "一心路", "三元路"])
def test_numerals_that_are_a_name_are_no_number(name: str) -> None:
    assert road_key(name) == name
