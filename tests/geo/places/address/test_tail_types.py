"""Parts of tails: several numbers, the sides of a street, and what was not understood."""

from __future__ import annotations

import pytest

from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import Numbered, Several, side


@pytest.mark.parametrize(
    ("form", "words"), [("桥3号头", ("桥", "头")), ("桥头3号", ("桥头",)), ("3号桥墩", ("桥墩",)), ("民主街3号", ())]
)
def test_the_rest_is_told_piece_by_piece(form: str, words: tuple[str, ...]) -> None:
    parts = read_tail(form)
    assert (parts.rest_words, parts.rest_text) == (words, "".join(words))


def test_a_range_of_numbers_holds_those_of_its_side() -> None:
    assert [n for n in range(1, 10) if Several("number", (3, 7), is_range=True).holds(n)] == [3, 5, 7]
    assert [n for n in range(1, 10) if Several("number", (3, 6), is_range=True).holds(n)] == [3, 4, 5, 6]
    assert [n for n in range(1, 10) if Several("building", (3, 7), is_range=True).holds(n)] == [3, 4, 5, 6, 7]
    assert [n for n in range(1, 10) if Several("number", (3, 7), is_range=False).holds(n)] == [3, 7]
    assert not Several("number", (3, 7), is_range=True).holds(None)


def test_sides_are_odd_and_even() -> None:
    assert [side(number) for number in (1, 2, 11, 100)] == ["odd", "even", "odd", "even"]
    assert Numbered(3) == (3, "", "")
