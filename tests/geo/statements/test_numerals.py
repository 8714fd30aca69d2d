"""Read numbers as people write them; every Chinese numeral reads back as the number it was written for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.statements.numerals import chinese_number, numerals, plain_width

_DIGITS = "零一二三四五六七八九"


def written(number: int) -> str:
    """Write a number below 10^8 in Chinese numerals, as a school book does."""

    def group(value: int) -> str:
        out, is_gap = "", False
        for place, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
            digit = value // place % 10
            if digit:
                out += ("零" if is_gap and out else "") + _DIGITS[digit] + word
            is_gap = not digit
        return out

    high, low = divmod(number, 10_000)
    if not number:
        return "零"
    return (group(high) + "万" if high else "") + ("零" if high and 0 < low < 1000 else "") + group(low)


@given(st.integers(0, 10**8 - 1))
def test_a_chinese_numeral_reads_as_it_was_written(number: int) -> None:
    read = chinese_number(written(number))
    assert read is not None
    assert read[0] == number
    if number < 10_000:
        assert read[1] == 1  # nothing is rounded


@given(st.integers(0, 10**12), st.sampled_from(["{}", "{:,}", "  {}", "a {:,} b"]))
def test_digits_read_as_they_were_written(number: int, form: str) -> None:
    text = form.format(number)
    for one in (text, text.replace(",", "，"), text.translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})):
        (found,) = numerals(plain_width(one))
        assert (found.value, found.step) == (number, 1)
        assert one[found.start : found.end].strip()[0] == one.strip("ab ")[0]


@pytest.mark.parametrize(
    ("text", "value", "step", "place"),
    [
        ("1.2万", 12_000, 1_000, 1_000),
        ("3万", 30_000, 10_000, 10_000),
        ("1.1683万", 11_683, 1, 1),
        ("一万一千", 11_000, 1_000, 1_000),
        ("一万二", 12_000, 1_000, 1_000),
        ("一万零三", 10_003, 1, 1),
        ("一千五", 1_500, 1, 100),
        ("三千", 3_000, 1, 1_000),
        ("壹佰玖拾肆", 194, 1, 1),
        ("一九三二", 1_932, 1, 1),
        ("1900", 1_900, 1, 100),
        ("98.5%", 0.985, 0.001, 0.001),
        ("９８％", 0.98, 0.01, 0.01),
        ("百分之九十八点五", 0.985, 0.001, 0.001),
        ("1.2 million", 1_200_000, 100_000, 100_000),
    ],
)
def test_a_number_and_what_it_is_rounded_to(text: str, value: float, step: float, place: float) -> None:
    (found,) = numerals(plain_width(text))
    assert found.value == pytest.approx(value)
    assert found.step == pytest.approx(step)
    assert found.place == pytest.approx(place)


@pytest.mark.parametrize("text", ["三五百", "1万2千", "11 683", "三分之一", "千百", "9" * 5000, "九" * 5000])
def test_what_can_be_read_in_two_ways_is_no_number(text: str) -> None:
    found = list(numerals(text))
    assert found
    assert all(math.isnan(one.value) for one in found)


@given(st.text("0123456789０１９,，. 一二三十百千万亿零两点百分之%％", max_size=40))
def test_any_text_is_read_in_order_and_without_overlap(text: str) -> None:
    plain = plain_width(text)
    assert len(plain) == len(text)
    end = 0
    for one in numerals(plain):
        assert end <= one.start < one.end <= len(text)
        end = one.end
