"""What is found in a folded text is where it is in the text, bounded in number and time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.folded_text import MAX_FOUND, MAX_READ, folded
from geo.places.address.text_codes import codes_in_text
from geo.places.address.text_coordinates import points_in_text
from geo.places.address.text_crossings import crossings_in_text
from geo.places.address.text_marks import marks_in_text


@given(st.text(max_size=30))
def test_each_character_keeps_its_place(text: str) -> None:
    plain = folded(text)
    assert len(plain) == len(text)
    assert folded(plain) == plain


def test_a_long_text_is_read_from_its_beginning() -> None:
    assert len(folded("Ａ" * 10_000)) == MAX_READ


def test_a_text_full_of_them_gives_a_bounded_number() -> None:
    assert len(points_in_text("102.9,37.45 ; " * 100)) == MAX_FOUND
    assert len(marks_in_text("K1+200，" * 100)) == MAX_FOUND
    assert len(crossings_in_text("甲路与乙路路口，" * 100)) == MAX_FOUND
    assert len(codes_in_text("网格号A1，" * 100, lambda _: True)) == MAX_FOUND


_WORDS = "102.9 37.45 , ° ′ ″ 北纬 东经 E N x= 路 与 路口 交叉口 K1+ 公里 G30 线 网格号 A-1 高德 ( ) and corner of"
_TEXTS = st.lists(
    st.one_of(
        st.sampled_from(_WORDS.split()),
        st.text(max_size=3),
    ),
    max_size=12,
).map("".join)


@given(_TEXTS)
def test_whatever_the_text_what_is_found_is_within_it(text: str) -> None:
    for found in (
        *points_in_text(text),
        *codes_in_text(text, lambda _: True),
        *crossings_in_text(text),
        *marks_in_text(text),
    ):
        assert 0 <= found.start < found.end <= len(text)
    for code in codes_in_text(text, lambda _: True):
        assert len(code.code) == code.end - code.start


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "a",
        "1-",
        "1.1,",
        "东1",
        "k1+",
        "交叉口",
        "与路口",
        "路与路口",
        "1公里",
        "g30线1公里",
        "corner of a ",
        "北纬",
        "x=",
    ],
)
def test_ten_kilobytes_take_at_most_some_milliseconds(unit: str) -> None:
    text = (unit * 10_240)[:10_240]
    best = 1.0
    for _ in range(3):
        begin = time.process_time()
        points_in_text(text)
        crossings_in_text(text)
        marks_in_text(text)
        codes_in_text(text, lambda _: False)
        best = min(best, time.process_time() - begin)
    # 5 ms on a core of its own; twice that on one that is shared.
    assert best < 0.010
