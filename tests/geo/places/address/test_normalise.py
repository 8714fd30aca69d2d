"""Normal forms of addresses: spellings of one address, offsets into the text, and Chinese numerals."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address import normalise

DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("青石镇 杨柳沟村 三组 １２号", "青石镇杨柳沟村3组12号"),
        ("三元村十二组", "三元村12组"),
        ("五里铺村二〇三室", "五里铺村203室"),
        ("一百零五号", "105号"),
        ("二十号", "20号"),
        ("人民路012号", "人民路12号"),
        ("人民路0号100室", "人民路0号100室"),
        ("12#楼", "12号楼"),
        ("12-3号", "12-3号"),
        ("12之3号", "12-3号"),
        ("A-座（东）", "a座东"),
        ("Mannerheimintie 5", "mannerheimintie5"),
        ("Ｃａｆｅ\u0301", "café"),
        ("①号", "1号"),
        ("  ,。 ", ""),
        ("民主街3、5号", "民主街3,5号"),
        ("民主街3、五号", "民主街3,5号"),
        ("民主街三、五号", "民主街三5号"),
        ("和平路12（1）号", "和平路12(1号"),
        ("和平路12 1号", "和平路12,1号"),
        ("和平路12①号", "和平路12,1号"),
        ("12½号", "12,1/2号"),
        ("3/12 Smith Street", "3/12smithstreet"),
        ("10.5号", "10.5号"),
        ("3 - 05号", "3-5号"),
        ("(3) 号, 5", "3号5"),
    ],
)
def test_the_normal_form(text: str, expected: str) -> None:
    assert normalise.normal_form(text) == expected


@settings(max_examples=300)
@given(
    st.text(
        alphabet=st.one_of(st.sampled_from("一二十百零〇两号组社村镇路012９-之#（ )e\u0301İß①㎡"), st.characters()),
        max_size=30,
    )
)
def test_the_normal_form_with_offsets_is_the_normal_form(text: str) -> None:
    key, offsets = normalise.normal_form_with_offsets(text)
    assert key == normalise.normal_form(text)
    assert len(key) == len(offsets)
    assert all(0 <= place < len(text) for place in offsets)
    assert list(offsets) == sorted(offsets)


@settings(max_examples=300)
@given(st.text(alphabet="一二十百零〇两号组社村镇路012９-之#（ )e\u0301İß①㎡", max_size=30))
def test_a_normal_form_keeps_no_case_space_or_mark(text: str) -> None:
    found = normalise.normal_form(text)
    assert found == found.lower()
    assert all(char.isalnum() or char in normalise.SEPARATORS for char in found)
    between = [found[k - 1 : k + 2] for k, char in enumerate(found) if char in normalise.SEPARATORS]
    assert all(len(three) == 3 and three[0] in DIGITS and three[2] in DIGITS for three in between)


@settings(max_examples=300)
@given(st.lists(st.integers(1, 9999), min_size=2, max_size=4), st.data())
def test_marks_between_numbers_keep_them_apart(numbers: list[int], data: st.DataObject) -> None:
    """The numbers of a text are the numbers of its normal form, whatever marks and spaces stand between them."""
    marks = st.text(alphabet=" 、，,;/／（()）.·-—~&|_", min_size=1, max_size=3)
    text = "大街" + "".join(f"{number}{data.draw(marks)}" for number in numbers) + "号"
    assert [int(found) for found in re.findall("[0-9]+", normalise.normal_form(text))] == numbers


def test_offsets_point_at_the_character_that_each_is_from() -> None:
    #  text     Ａ  座  空格 第 十 二 号
    assert normalise.normal_form_with_offsets("Ａ座 第十二号") == ("a座第12号", [0, 1, 3, 4, 4, 6])
    assert normalise.normal_form_with_offsets("㎡e\u0301x") == ("m2éx", [0, 0, 1, 3])


def chinese(number: int) -> str:
    """Return a number below ten thousand as a Chinese numeral."""
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            out += ("零" if zero and out else "") + "零一二三四五六七八九"[digit] + name
        zero = not digit
    return out.removeprefix("一") if 10 <= number < 20 else out


@pytest.mark.parametrize("numbers", [range(1, 120), range(195, 1250, 7), range(2000, 10_000, 37)])
def test_numerals_of_all_sizes(numbers: range) -> None:
    for number in numbers:
        assert normalise.numeral_value(chinese(number)) == number
        assert normalise.normal_form(f"{chinese(number)}号") == f"{number}号"
