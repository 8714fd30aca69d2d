"""Drafts of tails: what is in a part, what is a name, and what is left."""

from __future__ import annotations

from geo.places.address.tail_draft import TailDraft, in_digits
from geo.places.address.tail_types import Numbered


def test_words_before_a_part_are_a_name_up_to_its_end_and_then_left() -> None:
    draft = TailDraft("阳光花园桥墩3栋")
    draft.name_end = 4
    draft.take("building", 6, 8)
    parts = draft.parts(8)
    assert (parts.name, parts.rest_text) == ("阳光花园", "桥墩")
    assert parts.spans == (("name", 0, 4), ("building", 6, 8))


def test_a_name_behind_a_number_is_that_of_who_is_there() -> None:
    draft = TailDraft("3号永辉")
    draft.take("number", 0, 2)
    draft.values["number"] = Numbered(3)
    draft.name_end = 4
    assert draft.parts(4).occupant == "永辉"


def test_a_second_part_of_a_kind_is_kept_by_its_text() -> None:
    draft = TailDraft("3幢a幢")
    draft.put("building", Numbered(3), 0, 2)
    draft.put("building", Numbered(None, "a"), 2, 4)
    parts = draft.parts(4)
    assert (parts.building, parts.within) == (Numbered(3), ("a幢",))


def test_a_mark_alone_is_not_left_and_words_that_touch_are_left_together() -> None:
    draft = TailDraft("桥墩旁的-")
    draft.leave(0, 2)
    draft.leave(2, 4)
    draft.leave(4, 5)
    assert (draft.rest, draft.spans) == ([(0, 4)], [("word", 4, 5)])


def test_what_was_not_read_is_left() -> None:
    assert TailDraft("昌灵路").parts(0).rest_text == "昌灵路"


def test_numerals_up_to_nine_are_digits() -> None:
    assert in_digits("二期") == "2期"
