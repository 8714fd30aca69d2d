"""Kinds of evidence in one text: a match only where all of them may be in its grid, whatever their order.

The county is that of `tests.geo.places.test_text_lookup`: 甲镇 is the west and one grid, 乙镇 the east and the other.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from geo.places.gazetteer import Gazetteer
from geo.places.text_evidence import is_nothing, without
from tests.geo.places.test_road_lookup import answer
from tests.geo.places.test_text_lookup import EAST, WEST, drawn, faults, grids

__all__ = ["drawn"]

#: What a text may say -> the grids where that is.
EVIDENCE = {
    WEST: {WEST},
    f"网格编号：{EAST}": {EAST},
    "WGS84：102.4,37.55": {WEST},
    "103.6,37.55（WGS84）": {EAST},
    "昌灵路与民主街交叉口": {WEST},
    "乙镇昌灵路与和平路交叉口": {EAST},
    "甘武公路15公里处": {WEST},
    "甲镇民主街3号": {WEST},
    "乙镇民主街9号": {EAST},
    "甲镇": {WEST},
    "青岚县乙镇": {EAST},
    "青岚县": {WEST, EAST},
    "环城路": {WEST, EAST},
}
#: Words that turn a place round, or say that it is another one.
TURNED = ["不在", "不属于", "不是", "已撤销", "订单号", "原", "（错误）", "以外", "附近", "北侧200米", "对面"]
#: What is answered by the kinds of evidence together.
PLACED = ("WGS84", WEST, EAST, "交叉口", "公里")


@pytest.mark.parametrize(("one", "other"), list(permutations(EVIDENCE, 2)))
def test_two_kinds_are_a_match_only_in_a_grid_of_both(drawn: Gazetteer, one: str, other: str) -> None:
    both = EVIDENCE[one] & EVIDENCE[other]
    status, found = grids(drawn, f"{one}，{other}")
    if status == "matched":
        assert set(found) <= both
    if len(both) == 1 and sum(any(word in said for word in PLACED[:3]) for said in (one, other)) == 1:
        assert (status, set(found)) == ("matched", both), "all agree, and one of them is a code or a point"


@pytest.mark.parametrize("address", ["甲镇民主街3号", "乙镇民主街9号"])
@pytest.mark.parametrize("point", ["WGS84：102.4,37.55", "WGS84：103.6,37.55"])
@pytest.mark.parametrize("code", [WEST, EAST])
def test_three_kinds_agree_or_name_the_others(drawn: Gazetteer, address: str, point: str, code: str) -> None:
    said = [EVIDENCE[address], {WEST} if "102" in point else {EAST}, {code}]
    text = f"{address}，{point}，网格{code}"
    is_one = said[0] == said[1] == said[2]
    assert grids(drawn, text) == ("matched" if is_one else "partial", [code])
    assert set(faults(drawn, text)) == (set() if is_one else {"address_differs"})


@pytest.mark.parametrize("words", TURNED)
@pytest.mark.parametrize("place", [name for name in EVIDENCE if any(word in name for word in PLACED)])
def test_words_that_turn_a_place_round_are_never_matched(drawn: Gazetteer, words: str, place: str) -> None:
    for text in (f"{words}{place}", f"{place}{words}", f"{place} {words}"):
        if text.startswith(("北侧200米", "对面")):
            continue  # of what stands before it, which is nothing
        assert grids(drawn, text)[0] != "matched", text
        assert set(faults(drawn, text)) & {"unread", "nearby", "no_crs"}, text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"不属于{WEST}", "unread"), (f"除{WEST}外", "unread"), (f"{WEST}北侧200米", "nearby"),
        ("不在WGS84：102.4,37.55", "unread"), ("102.4,37.55 WGS84 附近", "nearby"),
        ("102.4,37.55 WGS84 外省外县", "unread"), ("102.4~102.6,37.55 WGS84", "unread"),
        (f"{WEST} 103.6,37.55", "no_crs"), (f"{WEST} 网格编号990101009009", "unknown_code"),
        ("网格编号990101009009 WGS84：102.4,37.55", "unknown_code"),
        ("甲镇民主街3号对面 102.4,37.55 WGS84", "nearby"),
    ],
)  # fmt: skip
def test_each_fault_has_its_code(drawn: Gazetteer, text: str, code: str) -> None:
    status, found = grids(drawn, text)
    assert (status, found, faults(drawn, text)) == ("partial", [WEST], [code])


@pytest.mark.parametrize(
    "text",
    [
        "我的位置是102.4,37.55 WGS84", "GPS定位：102.4,37.55", "经度102.4，纬度37.55，WGS84坐标系，海拔1520米",
        f"所属网格：{WEST}", f"网格{WEST}内", "my location is 102.4,37.55 WGS84", "[102.4,37.55] WGS84",
        "甲镇民主街3号的坐标是102.4,37.55（WGS84）", "在昌灵路与民主街交叉口处", f"甲镇西格网格{WEST}",
    ],
)  # fmt: skip
def test_words_that_only_say_that_there_is_the_place_change_nothing(drawn: Gazetteer, text: str) -> None:
    assert grids(drawn, text) == ("matched", [WEST])


def test_a_point_beside_coordinates_is_moved(drawn: Gazetteer) -> None:
    """200 m of the 110,991 m of a degree at 37.5."""
    found = drawn.address("102.4000,37.5000 WGS84 北侧200米", accuracy=20.0)
    assert found.point == pytest.approx((102.4, 37.5 + 200 / 110_991), abs=1e-6)
    assert found.candidates[0].precision_m == pytest.approx(20.0 + 153.1, abs=0.1)


def test_a_road_that_leaves_the_grids_agrees_inside_them_only() -> None:
    """东关路 runs from the easternmost grid out of all grids, and 102.2 is in the westernmost."""
    assert [answer(f"东关路 WGS84：{lon},37.3").status for lon in (103.95, 102.2)] == ["matched", "partial"]


@pytest.mark.parametrize("text", [f"甲{WEST}乙", f"{WEST}", f"我在{WEST}内", ""])
def test_a_text_without_its_parts_keeps_its_length(text: str) -> None:
    start = text.find(WEST)
    spans = [(start, start + len(WEST))] if start >= 0 else []
    rest = without(text, spans)
    assert len(rest) == len(text)
    assert is_nothing(rest) == (text != f"甲{WEST}乙")
