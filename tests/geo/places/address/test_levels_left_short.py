"""Levels written short: a township before a street, a grid in words, a group of several that are stored together.

Every village is one grid but 三元村, which has two: groups 1 to 3, and 4 to 6 with 8 and 10.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.places.address.book import AddressBook
from geo.types import Match

CODES = {
    "990101": "青岚县", "990101001": "城关街道", "990101001001": "东街社区", "990101001201": "三元村",
    "990101002": "双桥镇", "990101002201": "桥头村", "990101002202": "大靖村",
    "990101003": "河口乡", "990101003201": "三元村", "990101004": "河口镇", "990101004201": "石堰村",
}  # fmt: skip
DIVISIONS = pd.DataFrame(
    {"code": list(CODES), "name": list(CODES.values()), "level": [{6: 3, 9: 4, 12: 5}[len(code)] for code in CODES]}
)
GRIDS = pd.DataFrame(
    {
        "code": ["东街", "三元1", "三元2", "桥头", "大靖", "河口三元", "石堰"],
        "name": [
            "东街社区", "三元村第一网格", "三元村第二网格", "一网格", "第2网格", "河口三元网格", "石堰村3号微网格",
        ],
        "level": 1,
        "village": [
            "990101001001", "990101001201", "990101001201", "990101002201", "990101002202", "990101003201",
            "990101004201",
        ],
    }
)  # fmt: skip
STORED = {
    "城关街道东街社区人民路1号": "东街", "城关街道东街社区人民路3号": "东街", "双桥镇桥头村东大街5号": "桥头",
    "城关街道三元村1-3组": "三元1", "城关街道三元村4-6组": "三元2", "城关街道三元村8、10社": "三元2",
    "河口乡三元村西街1号": "河口三元", "河口镇石堰村西街3号": "石堰",
}  # fmt: skip
BOOK = AddressBook(
    gpd.GeoDataFrame(
        {"text": list(STORED), "grid": list(STORED.values())},
        geometry=gpd.points_from_xy([103.0] * len(STORED), [37.5] * len(STORED), crs="EPSG:4326"),
    ),
    DIVISIONS,
    grids=GRIDS,
)


def answer(text: str) -> tuple[str, list[str]]:
    """Return the status of a text, and the grids of its candidates."""
    found = BOOK.match(text)
    return found.status, [str(one.grid["code"]) for one in found.candidates if one.grid]


def said(found: Match) -> list[str]:
    """Return what is said of the first candidate, in Chinese."""
    return [fault["text"].split(" / ")[0] for fault in found.candidates[0].faults]


@pytest.mark.parametrize(
    ("text", "grid"),
    [
        ("城关人民路1号", "东街"),
        ("青岚县城关人民路1号", "东街"),
        ("青岚城关人民路1号2单元", "东街"),
        ("城关办人民路1号", "东街"),
        ("青岚县城关办东街社区", "东街"),
        ("城关镇人民路1号", "东街"),
        ("双桥东大街5号", "桥头"),
        ("双桥东大街", "桥头"),
        ("双桥乡东大街5号", "桥头"),
        ("桥头东大街5号", "桥头"),
        ("青岚县桥头东大街5号", "桥头"),
    ],
)
def test_a_township_or_village_may_stand_short_before_a_stored_street(text: str, grid: str) -> None:
    assert answer(text) == ("matched", [grid])


@pytest.mark.parametrize("text", ["城关解放路1号", "双桥北大街5号", "双桥路5号", "城关办公楼", "青岚东大街5号"])
def test_without_a_stored_door_it_is_a_part_of_another_name(text: str) -> None:
    assert answer(text)[0] != "matched"


def test_a_short_name_of_two_townships_is_not_unique_though_the_door_is_stored_in_one() -> None:
    assert answer("河口西街1号") == ("ambiguous", ["河口三元", "石堰"])


@pytest.mark.parametrize("grid", ["二网格", "2网格", "第二网格", "第2网格", "2号网格", "第二号网格", "网格2", "网格二"])
def test_a_grid_is_found_by_its_number_however_it_is_counted(grid: str) -> None:
    for text in (f"城关街道三元村{grid}", f"城关街道三元{grid}", f"青岚县城关街道三元村{grid}"):
        assert answer(text) == ("matched", ["三元2"]), text
    assert answer(f"双桥镇大靖村{grid}") == ("matched", ["大靖"])


def test_a_grid_of_another_number_or_without_its_village_is_not_that_one() -> None:
    for text in ("城关街道三元村三网格", "城关街道三元村12网格", "城关街道第一网格", "双桥镇大靖村12网格"):
        assert answer(text)[0] != "matched", text
    assert answer("河口镇石堰村第三微网格") == ("matched", ["石堰"])


@pytest.mark.parametrize(
    ("group", "stored"),
    [
        ("1组", "1-3组"),
        ("2社", "1-3组"),
        ("第三村民小组", "1-3组"),
        ("5组", "4-6组"),
        ("六组", "4-6组"),
        ("10组", "8,10组"),
    ],
)
def test_a_group_is_in_those_that_are_stored_together(group: str, stored: str) -> None:
    found = BOOK.match(f"城关街道三元村{group}")
    grid = "三元1" if stored == "1-3组" else "三元2"
    assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", [grid])
    assert list(found.candidates[0].spans) == [(0, 7 + len(group))]
    assert said(found)[0].endswith(f"它在“{stored}”之内")


@pytest.mark.parametrize("group", ["7组", "9组", "11组", "2-5组"])
def test_a_group_beyond_them_is_in_any_grid_of_the_village(group: str) -> None:
    assert answer(f"城关街道三元村{group}") == ("ambiguous", ["三元1", "三元2"])


def test_a_door_of_such_a_group_is_cited_as_it_is_written() -> None:
    found = BOOK.match("城关街道三元村5组3号")
    assert found.status == "partial"  # where in the groups the door is nobody knows
    assert said(found) == ["库里没有“5组”，它在“4-6组”之内", "库里没有“5组3号”，按“4-6组”回答"]
    assert list(found.candidates[0].spans) == [(0, 9)]
