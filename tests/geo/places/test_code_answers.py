"""Codes of grids in the texts of an address book: held against the words beside them, as `/locate` holds them.

The county is that of `tests.geo.places.test_text_lookup`.
"""

from __future__ import annotations

from itertools import product

import pytest

from geo.places.address.book import AddressBook
from geo.places.gazetteer import Gazetteer
from geo.types import Match
from tests.geo.places.test_text_lookup import ADDRESSES, DIVISIONS, EAST, GRIDS, WEST, drawn

__all__ = ["drawn"]

WORDS = {"甲镇民主街3号": WEST, "乙镇民主街9号": EAST, "甲镇": WEST}


@pytest.fixture(scope="module")
def book() -> AddressBook:
    own = ADDRESSES.assign(grid=[WEST, EAST, WEST, WEST])
    return AddressBook(own, DIVISIONS, grids=GRIDS)


def told(found: Match) -> tuple[str, list[str], list[str]]:
    grids = [one.grid["code"] for one in found.candidates if one.grid]
    return found.status, grids, [fault["code"] for one in found.candidates for fault in one.faults]


@pytest.mark.parametrize(("code", "words"), list(product([WEST, EAST], WORDS)))
@pytest.mark.parametrize("form", ["{code} {words}", "{words}（网格编号：{code}）"])
def test_a_code_and_an_address_agree_or_the_text_is_not_matched(
    book: AddressBook, drawn: Gazetteer, code: str, words: str, form: str
) -> None:
    text = form.format(code=code, words=words)
    is_one = WORDS[words] == code
    expected = ("matched", [code], []) if is_one else ("partial", [code], ["address_differs"])
    assert told(book.match(text)) == expected
    assert told(drawn.address(text, accuracy=20.0)) == expected


@pytest.mark.parametrize("words", ["不在", "没有的地方", "订单"])
def test_words_that_are_not_understood_are_told(book: AddressBook, words: str) -> None:
    assert told(book.match(f"{words}{WEST}")) == ("partial", [WEST], ["unread"])


def test_two_codes_are_two_grids(book: AddressBook) -> None:
    assert told(book.match(f"{WEST}、{EAST} 青岚县"))[:2] == ("ambiguous", [WEST, EAST])


def test_texts_without_a_stored_code_are_as_before(book: AddressBook) -> None:
    for text in ("甲镇民主街3号", "甲镇民主街3号 1024室", "网格编号X-9 甲镇民主街3号", "Minzhu Street 3", ""):
        assert book.match(text) == book.match_names(text)
