"""Numbers of tails: which part each is of, by the word that counts it and by what was read before."""

from __future__ import annotations

import pytest

from geo.places.address.tail_draft import TailDraft
from geo.places.address.tail_numbers import read_numbers
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import Numbered, Several, TailParts
from geo.places.address.tail_words import PART


def _read(form: str) -> TailParts:
    """Return the parts of a form that is nothing but numbers and the words that count them."""
    draft = TailDraft(form)
    for found in PART.finditer(form):
        assert found.lastgroup == "run"
        read_numbers(draft, found)
    return draft.parts(len(form))


@pytest.mark.parametrize(
    ("form", "part", "value"),
    [
        ("12号", "number", Numbered(12)),
        ("甲12号", "number", Numbered(12, "甲")),
        ("12甲号", "number", Numbered(12, "甲")),
        ("12a", "number", Numbered(12, "", "a")),
        ("5幢", "building", Numbered(5)),
        ("3单元", "unit", Numbered(3)),
        ("负1楼", "floor", Numbered(-1)),
        ("501室", "room", Numbered(501)),
        ("第3组", "group", Numbered(3)),
        ("4弄", "lane", Numbered(4)),
        ("2期", "sections", ("2期",)),
        ("1-10幢", "several", Several("building", (1, 10), is_range=True)),
        ("3,5号", "several", Several("number", (3, 5), is_range=False)),
    ],
)
def test_one_number(form: str, part: str, value: object) -> None:
    assert getattr(_read(form), part) == value


def test_what_a_number_is_depends_on_what_is_before_it() -> None:
    parts = _read("5幢3-501")
    assert (parts.building, parts.unit, parts.room) == (Numbered(5), Numbered(3), Numbered(501))
    parts = _read("12号附3号")
    assert (parts.number, parts.sub_numbers, parts.is_annex) == (Numbered(12), (3,), True)
    parts = _read("3号7号")
    assert (parts.number, parts.several) == (None, Several("number", (3, 7), is_range=False))


def test_a_number_of_too_many_digits_is_left() -> None:
    assert _read("9999999999号").rest_text == "9999999999号"


@pytest.mark.parametrize(
    ("text", "several", "rest"),
    [
        ("民主街1号5号", (1, 5), ""),
        ("民主街1号和5号", (1, 5), ""),
        ("民主街1号滨河路5号", None, "5号"),
        ("幸福小区1栋3栋", (1, 3), ""),
        ("幸福小区1栋和3栋", (1, 3), ""),
        ("幸福小区1栋阳光小区3栋", None, "3栋"),
        ("幸福小区1栋民主街3栋", None, "3栋"),
    ],
)
def test_numbers_of_two_names_are_no_list(text: str, several: tuple[int, ...] | None, rest: str) -> None:
    parts = read_tail(text)
    assert (parts.several and parts.several.values, parts.rest_text) == (several, rest)
