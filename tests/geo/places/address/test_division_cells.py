"""Cells that name divisions are read as names of the level of their column, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.division_cells import MAX_WAYS, DivisionCells
from geo.places.address.latin_names import LatinReader
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address import small_places

#: Two towns and a village of one core, and names that are words elsewhere.
MORE = {
    "620622104": "城关镇",
    "620622104001": "民主社区居民委员会",
    "620622102205": "土门村民委员会",
    "620622105": "黄羊河农场",
    "620623101": "大靖乡",
}
TREE = small_places.tree({**small_places.NAMES, **MORE})
CELLS = DivisionCells(AddressReader(TREE), LatinReader(TREE, StoredAddresses(TREE, [])))


def ways(level: str, text: str) -> tuple[tuple[str, ...], ...]:
    return CELLS.read([(level, text)])[0].ways


@pytest.mark.parametrize(
    ("level", "text", "name"),
    [
        ("township", "土门镇", "土门镇"),
        ("township", "土门", "土门镇"),  # of the level of the column, not the village
        ("village", "土门", "土门村"),
        ("township", "土門鎮", "土门镇"),
        ("township", " 土　门 镇 ", "土门镇"),
        ("township", "（土门镇）", "土门镇"),
        ("township", "【土门镇】", "土门镇"),
        ("township", "3.土门镇", "土门镇"),
        ("township", "①土门镇", "土门镇"),
        ("township", "土门镇人民政府", "土门镇"),
        ("township", "土门镇政府", "土门镇"),
        ("township", "土门镇派出所", "土门镇"),
        ("township", "土门镇党群服务中心", "土门镇"),
        ("county", "洋县人民政府", "洋县"),  # of one character and a suffix
        ("township", "城关", "城关镇"),  # no name in an address
        ("village", "民主", "民主社区"),
        ("village", "民主社区居委会", "民主社区"),
        ("village", "宋村", "宋村"),
        ("township", "黄羊河农场", "黄羊河农场"),
        ("county", "天祝", "天祝藏族自治县"),
        ("county", "天祝县", "天祝藏族自治县"),
        ("county", "洋县", "洋县"),
        ("province", "甘肃", "甘肃省"),
        ("city", "武威", "武威市"),
        ("township", "tumen", "土门镇"),
        ("township", "Tumen Town", "土门镇"),
        ("village", "Xigou Village", "西沟村"),
        ("county", "Gulang County", "古浪县"),
    ],
)
def test_a_name_is_read_however_it_is_written(level: str, text: str, name: str) -> None:
    assert ways(level, text) == ((name,),)


@pytest.mark.parametrize("text", ["620622102", "620622102000", "620622102.0", " ６２０６２２102 "])
def test_a_code_is_its_division_with_the_county_that_holds_it(text: str) -> None:
    assert ways("township", text) == (("古浪县", "土门镇"),)


@pytest.mark.parametrize(
    "text", ["DJ镇", "是", "620622999", "合计", "兰州市", "土门镇小卖部", "3", "x" * 99, "土门镇/x", "…", "/"]
)
def test_what_names_no_division_is_not_read(text: str) -> None:
    assert CELLS.read([("township", text)]) == [((), (), False)]


def test_several_divisions_in_a_cell_are_none_unless_one_holds_the_others() -> None:
    for text in ("大靖镇/土门镇", "城关镇、土门镇", "土门；城关"):
        assert CELLS.read([("township", text)]) == [((), (), True)]
    assert ways("village", "古浪县/土门镇/西沟村") == (("西沟村",),)
    assert ways("village", "古浪县土门镇西沟村") == (("古浪县", "土门镇", "西沟村"),)
    assert ways("township", "土门镇、土门") == (("土门镇",),)


def test_of_the_places_of_one_name_those_are_meant_that_the_cells_before_hold() -> None:
    assert ways("township", "大靖") == (("大靖镇",), ("大靖乡",))
    for county, township in (("古浪", "大靖镇"), ("天祝", "大靖乡")):
        assert [one.ways for one in CELLS.read([("county", county), ("township", "大靖")])][1] == ((township,),)
    # They contradict each other: whoever reads the address tells so.
    assert [one.ways for one in CELLS.read([("county", "天祝"), ("township", "土门")])][1] == (("土门镇",),)


def test_another_suffix_is_told() -> None:
    (found,) = CELLS.read([("township", "土门乡")])
    assert found.ways == (("土门镇",),)
    assert [one["code"] for one in found.faults] == ["alias"]


@given(
    st.sampled_from(["county", "township", "village"]),
    st.text("古浪县土门镇大靖西沟村社区/、（）1. a派出所", max_size=12),
)
def test_whatever_stands_in_a_cell_has_few_ways_each_of_names(level: str, text: str) -> None:
    (found,) = CELLS.read([(level, text)])
    names = {name for of in TREE.names for name in of} | {
        "民主社区",
        "土门村",
        "大湾社区",
        "文化社区",
        "新胜村",
        "宋村",
    }
    assert len(found.ways) <= MAX_WAYS
    assert all(way and set(way) <= names for way in found.ways)
    assert not (found.ways and found.is_several)
