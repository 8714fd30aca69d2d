"""Read numbers in English words as they are written, and nothing that names none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.statements.english_numbers import english_number
from geo.statements.finding import statements
from geo.statements.numerals import numerals

ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def written(number: int, joint: str) -> str:
    """Return a number below a million in words: the oracle, which counts the other way round."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    scale, word = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = number % scale
    tail = "" if not rest else (joint if rest < 100 else " ") + written(rest, joint)
    return f"{written(number // scale, joint)} {word}{tail}"


@settings(max_examples=200)
@given(st.integers(1, 999_999), st.sampled_from([" ", " and "]))
def test_every_number_is_read_as_it_is_written(number: int, joint: str) -> None:
    words = written(number, joint)
    read = english_number(words)
    assert read is not None
    assert read[0] == number
    (found,) = numerals(f"({words})")
    assert (found.value, found.start, found.end) == (number, 1, 1 + len(words))


@pytest.mark.parametrize(
    ("words", "value", "step"),
    [
        ("a hundred", 100, 1), ("an hundred", 100, 1), ("two hundred and five", 205, 1), ("two thousand", 2000, 1000),
        ("eleven thousand six hundred", 11600, 100), ("One Million", 1_000_000, 1_000_000),
        ("a thousand and one", 1001, 1),
    ],
)  # fmt: skip
def test_a_number_is_meant_to_its_last_word(words: str, value: int, step: int) -> None:
    (found,) = numerals(words)
    assert (found.value, found.step) == (value, step)


@pytest.mark.parametrize(
    "words",
    [
        "twenty twelve",
        "two hundred hundred",
        "five hundred six hundred",
        "ninety nineteen",
        "one thousand two thousand",
    ],
)
def test_words_that_are_no_number_are_doubtful(words: str) -> None:
    assert any(math.isnan(one.value) for one in numerals(words))


def found(text: str) -> list[tuple[str, float | str | None, str | None, str]]:
    return [(one.text, one.said, one.key, one.reason) for one in statements(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two hundred and five grids.", [("Two hundred and five grids", 205, "grids", "")]),
        ("nine grids and ten villages", [("nine grids", 9, "grids", ""), ("ten villages", 10, "villages", "")]),
        ("intact rate of ninety-eight percent", [("intact rate of ninety-eight percent", 0.98, "rate:intact", "")]),
        ("two or three governance centres", [("two or three governance centres", None, None, "numeral")]),
        ("dozens of grids", [("dozens of grids", None, None, "numeral")]),
        ("several hundred villages", [("several hundred villages", None, None, "numeral")]),
        ("a dozen townships", [("a dozen townships", None, None, "numeral")]),
        ("two hundred and five lamps", [("two hundred and five", 205, None, "unplaced")]),
        # No counts: of each, a part, a name, an ordinal, a word of any sentence.
        ("one grid, one head", []), ("two of the grids", []), ("level two grids", []), ("two-level reform", []),
        ("on the one hand", []), ("the twenty-first grid", []), ("none, tenfold, fortyish", []),
        # Chinese: a digit alone with its unit, and two that are a range.
        ("三个综治中心", [("三个综治中心", 3, "facilities:governance_centre", "")]),
        ("建有两个综治中心", [("两个综治中心", 2, "facilities:governance_centre", "")]),
        ("三四个综治中心", [("三四个综治中心", None, None, "numeral")]),
        ("三五个综治中心", [("三五个综治中心", None, None, "numeral")]),
        ("全县设1.2万个网格", [("1.2万个网格", 12000, "grids", "")]),
        ("１，９３２路视频监控", [("１，９３２路视频监控", 1932, "streams", "")]),
        ("网格６９０个", [("网格６９０个", 690, "grids", "")]),
        ("1.234个网格", [("1.234个网格", 1.234, None, "numeral")]),
    ],
)  # fmt: skip
def test_counts_in_words_are_those_of_digits(text: str, expected: list[tuple[object, ...]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "two hundred and five residents", "twelve grid heads", "a hundred volunteers", "thirty drivers",
        "twenty-four mediators", "eleven tourists", "six hundred and two pensioners", "nineteen coordinators",
        "三百名退役军人", "12名社工", "快递员1200名", "外卖骑手350人", "业主2300人", "联络员45名",
        "调解员88名", "楼长12人",
        "保安30名", "驾驶员1.2万名", "书记19名", "孕妇12名", "服务对象320人", "游客12万人次", "义警三百名", "律师12名",
        "协管员 120", "工人2000", "务工3200", "家长 500",
    ],
)  # fmt: skip
def test_persons_are_in_no_list_in_whatever_words(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "key"), [("监控点位820处", "sites"), ("35个居民小区", "places:estate"), ("建有12个网格", "grids")]
)
def test_places_beside_words_for_persons_stay(text: str, key: str) -> None:
    assert [one[2] for one in found(text)] == [key]
