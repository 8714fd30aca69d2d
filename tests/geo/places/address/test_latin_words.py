"""Parts of addresses in Latin letters, by English words and by pinyin, spaced or joined."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.latin_words import KINDS, MAX_LATIN_PARTS, LatinPart, latin_parts


def parts(text: str, *names: str) -> list[tuple[str, str]]:
    """Return the kind of each part, with its name or else what it is in Chinese."""
    return [(one.kind, one.key or one.written) for one in latin_parts(text, lambda _, name: name in names)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no. 12 renmin road", [("number", "12号"), ("street", "renmin")]),
        ("12 renmin lu", [("number", "12号"), ("street", "renmin")]),
        ("renmin east road 12", [("street", "renmindong"), ("number", "12号")]),
        ("gulang county, wuwei, gansu", [("county", "gulang"), ("bare", "wuwei"), ("bare", "gansu")]),
        ("gulang xian tumen zhen", [("county", "gulang"), ("township", "tumen")]),
        ("gulangxian tumenzhen", [("county", "gulang"), ("township", "tumen")]),
        ("gu lang xian", [("county", "gulang")]),
        ("xi'an shi", [("city", "xian")]),
        ("room 301, building 2, unit 3", [("room", "301室"), ("building", "2幢"), ("unit", "3单元")]),
        ("2 hao lou 3 dan yuan 301 shi", [("building", "2幢"), ("unit", "3单元"), ("room", "301室")]),
        ("3rd floor", [("floor", "3层")]),
        ("group 3, 3 zu, 3组", [("group", "3组"), ("group", "3组"), ("han", "3"), ("han", "组")]),
        ("xingfu xiao qu", [("quarter", "xingfu")]),
        ("古浪县 tumen zhen 新胜村", [("han", "古浪县"), ("township", "tumen"), ("han", "新胜村")]),
        ("block a", [("building", "a幢")]),
        ("", []),
        (",;/", []),
    ],
)
def test_kinds_and_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert parts(text, "gulang", "tumen") == expected


def test_a_name_that_ends_as_a_word_for_divisions_is_parted_where_that_gives_a_division() -> None:
    assert parts("kashi") == [("bare", "kashi")]
    assert parts("xinsheng village") == [("village", "xinsheng")]
    assert parts("jiangcun, yangxian", "jiang", "yang") == [("village", "jiang"), ("county", "yang")]


def test_the_kinds_stand_in_the_order_of_a_chinese_address() -> None:
    assert [KINDS.index(kind) for kind in ("province", "village", "street", "number", "building", "room")] == [
        0, 4, 6, 8, 10, 13
    ]  # fmt: skip
    assert LatinPart("street", ("renmin", "dong"), "路", 0, 9).key == "renmindong"


@settings(max_examples=200, deadline=None)
@given(st.text("abgino xsh1,'古 ", max_size=80) | st.text(max_size=30))
def test_parts_stand_in_the_text_in_order(text: str) -> None:
    found = latin_parts(text, lambda *_: False)
    assert len(found) <= MAX_LATIN_PARTS + 2
    ends = [end for one in found for end in (one.start, one.end)]
    assert ends == sorted(ends)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
