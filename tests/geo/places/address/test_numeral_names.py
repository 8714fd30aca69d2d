"""Numbers in names: each way to write one is the other's."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.book import AddressBook
from geo.places.address.name_hits import NameIndex
from geo.places.address.normalise import normal_form, numeral_value
from geo.places.address.numeral_names import numeral_spellings, street_spellings
from tests.geo.places.address.small_places import tree

NAMES = {
    "990101": "青岚县", "990101001": "十八里堡乡", "990101001201": "十八里堡村", "990101001202": "三元村",
    "990101001203": "二村", "990101001204": "七里村", "990101002": "河口镇", "990101002001": "五一社区",
    "990101002201": "三元村", "990101002202": "12里店村",
}  # fmt: skip
DIVISIONS = pd.DataFrame(
    {"code": list(NAMES), "name": list(NAMES.values()), "level": [{6: 3, 9: 4, 12: 5}[len(code)] for code in NAMES]}
)
#: Each village is a grid of its own code.
GRIDS = pd.DataFrame(
    {
        "code": [f"g{code}" for code in NAMES if len(code) == 12],
        "level": 1,
        "village": [c for c in NAMES if len(c) == 12],
    }
)


def book(*texts: str) -> AddressBook:
    """Return a book of these villages and of addresses outside all grids."""
    points = gpd.points_from_xy([103.0] * len(texts), [37.5] * len(texts), crs="EPSG:4326")
    return AddressBook(gpd.GeoDataFrame({"text": list(texts)}, geometry=points), DIVISIONS, grids=GRIDS)


BOOK = book()


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("18里堡乡18里堡村", "990101001201"),
        ("18里堡村2组", "990101001201"),
        ("18里堡镇十八里堡村", "990101001201"),
        ("河口镇3元村1组", "990101002201"),
        ("十八里堡乡3元村", "990101001202"),
        ("十八里堡乡2村5号", "990101001203"),
        ("51社区3栋", "990101002001"),
        ("河口镇51社区", "990101002001"),
        ("河口镇十二里店村", "990101002202"),
        ("7里村", "990101001204"),
    ],
)
def test_a_village_is_found_by_digits_and_by_characters(text: str, village: str) -> None:
    found = BOOK.match(text)
    assert (found.status, found.candidates[0].grid["code"] if found.candidates[0].grid else None) == (
        "matched",
        f"g{village}",
    )
    assert {fault["code"] for fault in found.candidates[0].faults} <= {"unstored", "alias"}


@pytest.mark.parametrize("text", ["十八里堡乡12村5号", "118里堡村", "河口镇151社区"])
def test_a_part_of_a_number_is_no_name(text: str) -> None:
    assert BOOK.match(text).status != "matched"


def test_a_distance_is_no_village() -> None:
    """七里村 is 7里村, but 7里 without 村 is a distance."""
    index = NameIndex(tree(NAMES))
    assert [hit.kind for hit in index.hits("7里村")] == ["official"]
    assert index.hits("距县城7里") == index.hits("7里") == []


@pytest.mark.parametrize(
    ("digits", "characters"), [("3元村1组", "三元村1组"), ("18里堡2组", "十八里堡2组"), ("18里堡镇", "十八里堡镇")]
)
def test_what_is_not_sure_in_characters_is_not_sure_in_digits_either(digits: str, characters: str) -> None:
    one, other = BOOK.match(digits), BOOK.match(characters)
    assert (one.status, [found.grid for found in one.candidates]) == (
        other.status,
        [found.grid for found in other.candidates],
    )


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("二环路5号", "2环路5号"),
        ("2环路5号", "二环路5号"),
        ("人民二路5号", "人民2路5号"),
        ("三元小区2幢", "3元小区2栋"),
    ],
)
def test_a_street_is_found_in_either_spelling(stored: str, asked: str) -> None:
    frame = gpd.GeoDataFrame({"text": [stored]}, geometry=gpd.points_from_xy([103.0], [37.5], crs="EPSG:4326"))
    assert AddressBook(frame).match(asked).point == (103.0, 37.5)


@pytest.mark.parametrize("tail", ["5号2环路", "民主街5号", "3组", "12号楼", ""])
def test_numbers_that_count_have_no_other_spelling(tail: str) -> None:
    assert street_spellings(normal_form(tail)) == ()


@given(st.integers(min_value=1, max_value=99))
def test_digits_in_characters_are_the_same_number(number: int) -> None:
    said, *_ = numeral_spellings(f"{number}里店")
    assert numeral_value(said.removesuffix("里店")) == number
    assert numeral_spellings(said) == (f"{number}里店",)


@pytest.mark.parametrize(
    ("tail", "other"),
    [
        ("3小学", "第三小学"),
        ("第三小学2楼", "3小学2楼"),
        ("城关12中学", "城关第十二中学"),
        ("2人民医院", "第二人民医院"),
    ],
)
def test_a_school_is_counted_in_digits_and_in_characters(tail: str, other: str) -> None:
    assert street_spellings(tail) == (other,)


@pytest.mark.parametrize("tail", ["三元小学", "三小学", "昌灵路12号", "新华小学3号楼"])
def test_a_numeral_without_its_word_counts_no_school(tail: str) -> None:
    assert street_spellings(tail) == ()
