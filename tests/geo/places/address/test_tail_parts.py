"""Tails of addresses read into parts: real spellings, what is not understood, and hostile texts."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.normalise import normal_form
from geo.places.address.tail_parts import MAX_TAIL, read_tail
from geo.places.address.tail_types import Nearby, Numbered, Several, TailParts

_EMPTY: tuple[object, ...] = ((), "", None, False)


def _parts(text: str) -> dict[str, Any]:
    """Return the parts that a text has, and its rest as text."""
    parts = read_tail(normal_form(text))
    names = set(TailParts.__slots__) - {"form", "spans", "rest"}
    found = {name: getattr(parts, name) for name in names if getattr(parts, name) not in _EMPTY}
    return found | ({"rest": parts.rest_text} if parts.rest else {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昌灵路12-3号2单元501室", {"streets": ("昌灵路",), "number": 12, "sub_numbers": (3,), "unit": 2, "room": 501}),
        ("三组12号", {"group": 3, "group_word": "组", "number": 12}),
        ("第三村民小组12号", {"group": 3, "group_word": "组", "number": 12}),
        ("东三组", {"group": Numbered(3, "东"), "group_word": "组"}),
        ("李家社5号", {"group": Numbered(None, "李家"), "group_word": "组", "number": 5}),
        ("五队", {"group": 5, "group_word": "队"}),
        ("文一西路969号3幢5楼", {"streets": ("文一西路",), "number": 969, "building": 3, "floor": 5}),
        ("和平里4弄", {"streets": ("和平里",), "lane": 4}),
        ("民主街和平巷12号", {"streets": ("民主街", "和平巷"), "number": 12}),
        ("东三巷5号", {"lane": Numbered(3, "东"), "number": 5}),
        ("人民南路四段12号", {"streets": ("人民南路4段",), "number": 12}),
        ("人民医院路5号", {"streets": ("人民医院路",), "number": 5}),
        ("环城北路8号", {"streets": ("环城北路",), "number": 8}),
        ("阳光花园解放路12号", {"name": "阳光花园", "streets": ("解放路",), "number": 12}),
        ("经五路12号", {"streets": ("经五路",), "number": 12}),
        ("1号路5号", {"streets": ("1号路",), "number": 5}),
        ("312国道", {"streets": ("g312",)}),
        ("G30连霍高速", {"streets": ("g30连霍高速",)}),
        ("S308", {"streets": ("s308",)}),
        ("省道308线", {"streets": ("s308",)}),
        ("解放东路北段12号", {"streets": ("解放东路北段",), "number": 12}),
        ("东大街24号付1号", {"streets": ("东大街",), "number": 24, "sub_numbers": (1,), "is_annex": True}),
        ("铁路新村18栋", {"name": "铁路新村", "building": 18}),
        ("万达广场1F-032", {"name": "万达广场", "floor": 1, "room": 32}),
        (
            "云南中路171弄15支弄2号甲",
            {"streets": ("云南中路",), "lane": 171, "sections": ("15支弄",), "number": Numbered(2, "甲")},
        ),
        ("金沙江路1678号2号门203", {"streets": ("金沙江路",), "number": 1678, "unit": 2, "room": 203}),
        ("后海北沿12号", {"streets": ("后海北沿",), "number": 12}),
        ("东四十条甲22号", {"streets": ("东四十条",), "number": Numbered(22, "甲")}),
        ("西直门外大街135号院内3号", {"streets": ("西直门外大街",), "number": 135, "within": ("院内",), "room": 3}),
        ("朝阳门内大街81号", {"streets": ("朝阳门内大街",), "number": 81}),
        (
            "凤凰城二期A3-2-1202",
            {"name": "凤凰城", "sections": ("2期",), "building": Numbered(3, "a"), "unit": 2, "room": 1202},
        ),
        ("长流村五组", {"name": "长流村", "group": 5, "group_word": "组"}),
        ("12号附5号", {"number": 12, "sub_numbers": (5,), "is_annex": True}),
        ("5号之一", {"number": 5, "sub_numbers": (1,), "is_annex": True}),
        ("昌灵路5号楼上", {"streets": ("昌灵路",), "number": 5, "within": ("楼上",)}),
        ("第三村民小组十二号", {"group": 3, "group_word": "组", "number": 12}),
        ("12之3号", {"number": 12, "sub_numbers": (3,)}),
        ("12（3）号", {"number": 12, "sub_numbers": (3,)}),
        ("甲12号", {"number": Numbered(12, "甲")}),
        ("12a", {"number": Numbered(12, "", "a")}),
        ("阳光花园5栋2单元501", {"name": "阳光花园", "building": 5, "unit": 2, "room": 501}),
        ("阳光花园5-3-501", {"name": "阳光花园", "building": 5, "unit": 3, "room": 501}),
        ("阳光花园5-501", {"name": "阳光花园", "building": 5, "room": 501}),
        ("东方花园东区二期3号楼", {"name": "东方花园", "sections": ("东区", "2期"), "building": 3}),
        ("3号楼东单元501", {"building": 3, "unit": Numbered(None, "东"), "room": 501}),
        ("5号院3号楼2单元", {"number": 5, "building": 3, "unit": 2}),
        ("a座1201", {"building": Numbered(None, "a"), "room": 1201}),
        ("5栋3门501", {"building": 5, "unit": 3, "room": 501}),
        ("负一楼", {"floor": -1}),
        ("b1层", {"floor": -1}),
        ("12号永辉超市", {"number": 12, "occupant": "永辉超市"}),
        ("永辉超市", {"name": "永辉超市"}),
        ("12号院内", {"number": 12, "within": ("院内",)}),
        ("12号底商", {"number": 12, "within": ("底商",)}),
        ("路口村3号", {"name": "路口村", "number": 3}),
        ("河西路12号", {"streets": ("河西路",), "number": 12}),
        ("三里屯路12号", {"streets": ("三里屯路",), "number": 12}),
        ("大同社区3号", {"name": "大同社区", "number": 3}),
        ("No. 12 Renmin Road", {"number": 12, "streets": ("renminroad",)}),
        ("Flat 3, 12 Main Street", {"within": ("flat3",), "number": 12, "streets": ("mainstreet",)}),
    ],
)
def test_real_spellings(text: str, expected: dict[str, Any]) -> None:
    numbers = {
        name: Numbered(value) if isinstance(value, int) and value is not True else value
        for name, value in expected.items()
    }
    assert _parts(text) == numbers


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("1-10幢", Several("building", (1, 10), is_range=True)),
        ("1至10幢", None),
        ("3、5、7号", Several("number", (3, 5, 7), is_range=False)),
        ("3、5栋", Several("building", (3, 5), is_range=False)),
        ("3号、5号", Several("number", (3, 5), is_range=False)),
        ("3号及5号", Several("number", (3, 5), is_range=False)),
        ("3号至37号", Several("number", (3, 37), is_range=True)),
        ("3号-37号", Several("number", (3, 37), is_range=True)),
        ("1栋-5栋", Several("building", (1, 5), is_range=True)),
        ("3号楼—5号楼", Several("building", (3, 5), is_range=True)),
        ("一幢～五幢", Several("building", (1, 5), is_range=True)),
        ("3#-37#", Several("number", (3, 37), is_range=True)),
        ("1#楼-5号楼", Several("building", (1, 5), is_range=True)),
        ("东街3号 — 东街37号", Several("number", (3, 37), is_range=True)),
        ("花园小区1栋-花园小区5栋", Several("building", (1, 5), is_range=True)),
        ("1座至5座", Several("building", (1, 5), is_range=True)),
        ("1栋、3栋和5栋", Several("building", (1, 3, 5), is_range=False)),
        ("5栋-1栋", Several("building", (5, 1), is_range=False)),
        ("3-7号", Several("number", (3, 7), is_range=True)),
        ("12-3号", None),
    ],
)
def test_several_numbers(text: str, several: Several | None) -> None:
    parts = read_tail(normal_form(text))
    assert parts.several == several
    if several is None:
        assert parts.number is not None


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("3号北侧200米", [("北侧", "北", 200.0)]),
        ("3号以东二百米处", [("以东", "东", 200.0)]),
        ("3号东200米", [("东", "东", 200.0)]),
        ("3号西北约1.5公里", [("西北", "西北", 1500.0)]),
        ("3号200米以东", [("以东", "东", 200.0)]),
        ("3号斜对面", [("斜对面", "", None)]),
        ("民主街与和平路交叉口", [("交叉口", "", None)]),
        ("3号200米处", [("200米处", "", 200.0)]),
        ("3号旁", [("旁", "", None)]),
        ("民主街北侧200米", [("北侧", "北", 200.0)]),
        ("3号向南50米路东", [("向南", "南", 50.0), ("路东", "东", None)]),
        ("建设路十字", [("十字", "", None)]),
    ],
)
def test_words_for_places_nearby_come_with_side_and_metres(
    text: str, near: list[tuple[str, str, float | None]]
) -> None:
    assert [(one.word, one.side, one.metres) for one in read_tail(normal_form(text)).near] == near


def test_both_streets_of_a_crossing_are_read() -> None:
    assert read_tail("民主街与和平路交叉口").streets == ("民主街", "和平路"), "和平路 keeps its 和"
    assert read_tail("民主街与西街交叉口").streets == ("民主街", "西街")
    assert read_tail("民主街和光明路路口").streets == ("民主街", "光明路")


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("12号桥墩", "桥墩"),
        ("3号停车场", "停车场"),
        ("杨柳3组", "杨柳"),
        ("99999999999号", "99999999999号"),
        ("3组4组", "4组"),
        ("桥头3号", "桥头"),
        ("到昌灵路3号", "到"),
        ("我常去的昌灵路", "我常去的"),
        ("朋友的超市", "朋友的"),
        ("和平路3号", ""),
        ("", ""),
    ],
)
def test_what_is_not_understood_is_in_the_rest(text: str, rest: str) -> None:
    assert read_tail(normal_form(text)).rest_text == rest


_WORDS = (
    "路 街 大道 巷 里 弄 号 号楼 号院 栋 幢 座 单元 室 楼 层 组 社 队 村民小组 区 期 附 之 甲 东 北侧 对面 附近 路口 "
    "以东 米 公里 与 和 至 阳光 花园 超市 村 g30 a 12 3 501 99999999999 - ( / . , 二百 flat no 处 内 河 桥"
)
_PIECES = st.lists(st.one_of(st.sampled_from(_WORDS.split()), st.text(max_size=3)), max_size=12)


@given(_PIECES)
def test_every_character_is_in_one_part_or_in_the_rest(pieces: list[str]) -> None:
    form = normal_form("".join(pieces))
    parts = read_tail(form)
    covered = sorted([(start, end) for _, start, end in parts.spans] + list(parts.rest))
    assert "".join(form[start:end] for start, end in covered) == form
    assert all(one[1] == other[0] for one, other in pairwise(covered))


def test_a_long_text_is_read_to_its_bound_and_the_rest_is_told() -> None:
    form = "昌灵路12号" + "阳" * 10_000
    parts = read_tail(form)
    assert (parts.street, parts.number, parts.rest) == ("昌灵路", Numbered(12), ((6, len(form)),))
    digits = "号" * (MAX_TAIL - 2) + "1234567"
    assert "123" not in [form[start:end] for _, start, end in read_tail(digits).spans], "no number is cut in two"


@pytest.mark.parametrize("unit", ["路", "1", "号", "阳光", "a", "1-", "东", "3号", "一", "组", "3号东北一百"])
def test_ten_kilobytes_take_at_most_some_milliseconds(unit: str) -> None:
    form = (unit * 10_000)[:10_000]
    best = 1.0
    for _ in range(3):
        begin = time.process_time()
        read_tail.__wrapped__(form)  # not what is kept of the reading before
        best = min(best, time.process_time() - begin)
    assert best < 0.005


def test_the_word_nearby_has_its_place_in_the_text() -> None:
    assert read_tail("3号北侧200米").near == (Nearby("北侧", "北", 200.0, 2, 8),)


def test_letters_of_a_sub_number_are_kept() -> None:
    parts = read_tail("12-3a号")
    assert (parts.number, parts.sub_numbers) == (Numbered(12, "", "a"), (3,))
    assert read_tail("12-3号").number == Numbered(12)


def test_two_numbers_of_an_estate_are_a_room_only_where_the_second_can_be_one() -> None:
    assert _parts("阳光花园5-3") == {"name": "阳光花园", "number": Numbered(5), "sub_numbers": (3,)}


@pytest.mark.parametrize(
    ("form", "streets", "number", "subs"),
    [
        ("西街巷5号", ("西街巷",), 5, ()),
        ("西街巷5-1号", ("西街巷",), 5, (1,)),
        ("老街路12号", ("老街路",), 12, ()),
        ("西街路口", ("西街",), None, ()),
    ],
)
def test_a_lane_named_after_a_street_is_one_name(
    form: str, streets: tuple[str, ...], number: int | None, subs: tuple[int, ...]
) -> None:
    parts = read_tail(form)
    assert (parts.streets, parts.sub_numbers) == (streets, subs)
    assert (parts.number.number if parts.number else None) == number
