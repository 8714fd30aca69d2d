"""Order and join Arabic letters as a reader of Arabic expects them, numbers and other scripts left alone."""

from __future__ import annotations

import unicodedata

import pytest

from maps.print.right_to_left import in_visual_order


def forms(text: str) -> list[str]:
    return [unicodedata.name(char).removeprefix("ARABIC LETTER ") for char in in_visual_order(text)]


def test_letters_join_their_neighbours_and_run_from_right_to_left() -> None:
    """Beh, teh, alef: the first begins, the second goes on, alef joins the last only; written from the right."""
    assert forms("\u0628\u062a\u0627") == ["ALEF FINAL FORM", "TEH MEDIAL FORM", "BEH INITIAL FORM"]
    assert forms("\u0627\u0628") == ["BEH ISOLATED FORM", "ALEF ISOLATED FORM"]


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("", ""), ("东街 12 A", "东街 12 A"), ("ab \u0627 12 \u0627 cd", "ab \ufe8d 12 \ufe8d cd"),
     ("\u0627 12", "12 \ufe8d"), ("\u0627(\u0627", "\ufe8d)\ufe8d"), ("\u0627\u064e\u0627", "\ufe8d\ufe8d\u064e")],
)  # fmt: skip
def test_numbers_and_other_scripts_keep_their_order(text: str, drawn: str) -> None:
    assert in_visual_order(text) == drawn
