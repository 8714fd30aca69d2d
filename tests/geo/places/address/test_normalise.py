"""Normal forms of addresses: spellings of one address, offsets into the text, and Chinese numerals."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address import normalise
from geo.places.address.character_forms import plain_characters

DIGITS = "0123456789"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("青石镇 杨柳沟村 三组 １２号", "青石镇杨柳沟村3组12号"),
        ("三元村十二组", "三元村12组"),
        ("五一社区三社", "五一社区3社"),
        ("金零社区", "金零社区"),
        ("五里铺村二〇三室", "五里铺村203室"),
        ("一百零五号", "105号"),
        ("叁号", "3号"),
        ("第三村民小组", "第3村民小组"),
        ("五生产队", "5生产队"),
        ("壹佰贰拾叁號", "123号"),
        ("柒佰零叁室", "703室"),
        ("玖栋肆单元", "9栋4单元"),
        ("陆号", "6号"),
        ("陆拾陆号", "66号"),
        ("大陆号", "大陆号"),
        ("大陆社区", "大陆社区"),
        ("陆巷村", "陆巷村"),
        ("队伍组", "队伍组"),
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
        # Traditional characters, radicals of PDFs, variants.
        ("甘肅省武威市古浪縣土門鎮三組１２號", "甘肃省武威市古浪县土门镇3组12号"),
        ("⻄⻔镇⻓⽲村", "西门镇长禾村"),
        ("高峯邨", "高峰村"),
        ("乾縣於潛鎮", "乾县於潜镇"),
        # Zeros and dashes as people type them.
        ("二○三室、二◯三室、二Ｏ三室", "203室203室203室"),
        ("1o1号", "101号"),
        ("12一3号", "12-3号"),
        ("12〜3号", "12-3号"),
        # Names that hold numerals.
        ("七里河区三元村五里铺", "七里河区三元村五里铺"),
        ("三号桥村四组团", "三号桥村四组团"),
        ("五社村", "5社村"),
        # What is invisible is not there, what is a control character or a space is a mark.
        ("1\u200b2\u202e号", "12号"),
        ("1\x002号", "1,2号"),
        ("1\t\u3000 2号", "1,2号"),
        # Said twice.
        ("甘肃省武威市古浪县甘肃省武威市古浪县土门镇", "甘肃省武威市古浪县土门镇"),
        ("甘肃省武威市古浪县 古浪县土门镇", "甘肃省武威市古浪县土门镇"),
        ("荆州市松滋市荆州市松滋市", "荆州市松滋市"),
        ("古浪县古浪镇", "古浪县古浪镇"),
        ("西市西市场", "西市西市场"),
        ("城关区城关区路", "城关区城关区路"),
        # Remarks.
        ("东街3号（原供销社）", "东街3号"),
        ("东街3号（原供销社", "东街3号"),
        ("12（原粮站）3号", "12,3号"),
        ("固原市（原州区）东街", "固原市原州区东街"),
        ("东街（原种场）3号（手机市场）", "东街原种场3号手机市场"),
        ("东街3号（电话：0935-5121234）", "东街3号"),
        ("东街3号 联系电话0935-5121234", "东街3号"),
        ("13800000000 东街3号", "东街3号"),
        ("620622102207 东街3号", "620622102207东街3号"),
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


@settings(max_examples=300)
@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from("一二十〇两号组社省市县镇路012９-之#（原 )e\u0301㎡①門縣⻄\u200bo"), st.characters()
        ),
        max_size=30,
    )
)
def test_each_character_of_the_form_is_from_a_part_of_the_text_that_says_it(text: str) -> None:
    """The parts are in the order of the text, and each has the form it was read as; a mark put between is from none."""
    found = normalise.normal_text(text)
    spans = list(zip(found.starts, found.ends, strict=True))
    assert len(spans) == len(found.form)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    marks = normalise.SEPARATORS
    assert all(start < end or char in marks for char, (start, end) in zip(found.form, spans, strict=True))
    assert all(one == other or one[1] <= other[0] for one, other in pairwise(spans))
    said = {
        span: "".join(char for char, other in zip(found.form, spans, strict=True) if other == span) for span in spans
    }
    plain, plain_starts, _ = plain_characters(text)
    for (start, end), form in said.items():
        if form.isalnum() and not form.isnumeric():
            part = [char for char, at in zip(plain, plain_starts, strict=True) if start <= at < end]
            assert form == ("".join(filter(str.isalnum, part)) or "号")  # of a #


def test_offsets_of_a_numeral_are_those_of_all_of_it() -> None:
    #  text            东 街 空格 十 二 号
    found = normalise.normal_text("东街 十二号")
    assert (found.form, list(found.starts), list(found.ends)) == ("东街12号", [0, 1, 3, 3, 5], [1, 2, 5, 5, 6])
    assert (found.span(2, 5), found.span(2, 2)) == ((3, 6), (3, 3))


def test_what_is_said_twice_is_read_where_it_is_said_last() -> None:
    found = normalise.normal_text("古浪县，古浪县土门镇")
    assert (found.form, found.span(0, 3)) == ("古浪县土门镇", (4, 7))


def test_remarks_are_left_out() -> None:
    found = normalise.normal_text("东街3号（原粮站）甲座 电话 5121234")
    assert found.form == "东街3号甲座"
    assert found.span(4, 6) == (9, 11)  # behind the bracket


@pytest.mark.parametrize(
    ("forms", "canonical"),
    [
        (("12号楼", "12栋", "12座", "12幢"), "12幢"),
        (("a号楼", "a栋", "a座", "a幢"), "a幢"),
        (("3组", "3社", "3队", "3小组", "3村民小组", "第3村民小组", "3生产队"), "3组"),
        (("203室", "二03室", "2〇3室", "二零3室"), "203室"),
        (("3社区",), "3社区"),
        (("3组团",), "3组团"),
        (("12号院",), "12号院"),
        (("阳光花园二期1栋", "阳光花园2期1幢", "阳光花园第二期1座"), "阳光花园2期1幢"),
        (("东三区十二排", "东3区十二排"), "东3区十二排"),
        (("南路四段5号", "南路4段5号"), "南路4段5号"),
        (("三区域",), "三区域"),
        (
            ("国道312线5号", "312国道5号", "g312国道5号", "g312线5号", "g312,5号", "国道312,5号", "国道g312线5号"),
            "g312线5号",
        ),
        (("312国道", "国道312", "g312国道"), "g312线"),
        (("村道5号",), "村道5号"),
        (("c12,5号",), "c12,5号"),
        (("东街5号", "东街no5号", "东街门牌5号", "东街门牌号5号", "东街第5号"), "东街5号"),
        (("casino5号",), "casino5号"),
        (("20组", "廿组", "第20小组"), "20组"),
        (("21组", "廿1组"), "21组"),
        (("廿里铺",), "廿里铺"),
    ],
)
def test_one_word_for_each_kind_of_number(forms: tuple[str, ...], canonical: str) -> None:
    assert {normalise.canonical_tail(form) for form in forms} == {canonical}


@pytest.mark.parametrize(
    ("texts", "canonical"),
    [
        (("100号", "一00号", "一百号", "1〇〇号", "一〇0号", "一0〇号"), "100号"),
        (("300号", "三00号", "三0〇号", "叁佰号"), "300号"),
        (("2003号", "二〇03号", "二003号", "二〇〇3号"), "2003号"),
        (("205室", "二05室", "二零5室", "二〇五室"), "205室"),
        (("30号", "三0号", "030号"), "30号"),
        (("五一5号", "五一05号"), "五一5号"),
        (("12一号",), "12一号"),
        (("1百号",), "1百号"),
    ],
)
def test_a_number_half_in_chinese_keeps_its_zeros(texts: tuple[str, ...], canonical: str) -> None:
    """A numeral directly behind digits is no number that can be read: 12一号 is not 121号."""
    assert {normalise.canonical_tail(normalise.normal_form(text)) for text in texts} == {canonical}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "一",
            " ",
            "0",
            "1 ",
            "县",
            "甘肃省",
            "（原",
            "㎡",
            "\u200b",
            "(1)",
            "土門鎮",
            "電话1",
            "o1",
            "(",
            "1一",
            "ﾊﾞ",
            "e\u0301",
        ),
        *("电话1 -", "12345678901", "1[3", "一号百"),
    ],
)
def test_a_text_of_ten_kilobytes_takes_a_time_in_its_length(text: str) -> None:
    """Four times the text takes less than eight times as long: no rule reads it again from each of its characters."""
    short = text * (2_560 // len(text.encode()))
    seconds = {}
    for times in (1, 4):
        normalise.normal_form(short * times)
        begun = [time.process_time()]
        for _ in range(5):
            normalise.normal_form(short * times)
            begun.append(time.process_time())
        seconds[times] = min(b - a for a, b in pairwise(begun))
    assert seconds[4] < 8 * seconds[1] + 0.002


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


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("大寨村三 组 十二 号", "大寨村3组12号"),
        ("大寨村 第三\u3000组", "大寨村第3组"),
        ("花园小区三 栋 一 单元", "花园小区3栋1单元"),
        ("花园小区三 社区", "花园小区三社区"),  # a name, with or without the blank
        ("五一 社区", "五一社区"),
    ],
)
def test_a_blank_before_a_counting_word_changes_no_number(text: str, form: str) -> None:
    """Columns of a form are set apart by blanks: 三 组 is 三组, as 3 组 is 3组."""
    assert normalise.normal_form(text) == normalise.normal_form(text.replace(" ", "").replace("\u3000", "")) == form
