"""Names of divisions part into core and suffix: one core for every spelling, and none for what is no name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.division_names import (
    LEVELS,
    NameParts,
    has_short_form,
    level_of,
    name_parts,
    split_aliases,
    suffix_at,
    suffix_class,
)

_SUFFIXES = ["县", "区", "市", "旗", "镇", "乡", "街道", "街道办事处", "村", "村委会", "社区", "社区居委会", "自治县"]


@pytest.mark.parametrize(
    ("name", "level", "core", "suffix"),
    [
        ("陕西省", "province", "陕西", "省"),
        ("宁夏回族自治区", "province", "宁夏", "区"),
        ("新疆维吾尔自治区", "province", "新疆", "区"),
        ("甘孜藏族自治州", "city", "甘孜", "州"),
        ("黔东南苗族侗族自治州", "city", "黔东南", "州"),
        ("阿拉善盟", "city", "阿拉善", "盟"),
        ("古浪县", "county", "古浪", "县"),
        ("天祝藏族自治县", "county", "天祝", "县"),
        ("长白朝鲜族自治县", "county", "长白", "县"),
        ("莫力达瓦达斡尔族自治旗", "county", "莫力达瓦", "旗"),
        ("洋县", "county", "洋县", ""),
        ("土门镇", "township", "土门", "镇"),
        ("张掖路街道", "township", "张掖路", "街道"),
        ("五常街道办事处", "township", "五常", "街道"),
        ("王坪民族乡", "township", "王坪", "乡"),
        ("三元村镇", "township", "三元村", "镇"),
        ("新胜村", "village", "新胜", "村"),
        ("新胜村委会", "village", "新胜", "村"),
        ("新胜村民委员会", "village", "新胜", "村"),
        ("新胜村村民委员会", "village", "新胜", "村"),
        ("大湾社区居委会", "village", "大湾", "社区"),
        ("大湾社区居民委员会", "village", "大湾", "社区"),
        ("大湾居委会", "village", "大湾", "社区"),
        ("巴音嘎查", "village", "巴音", "嘎查"),
        ("宋村", "village", "宋村", ""),
        ("宋村委会", "village", "宋村", ""),
        ("宋村村委会", "village", "宋村", ""),
        ("宋村村民委员会", "village", "宋村", ""),
        ("第一网格", "grid", "第一网格", ""),
    ],
)
def test_core_and_suffix(name: str, level: str, core: str, suffix: str) -> None:
    assert name_parts(name, level) == NameParts(core, suffix)


@pytest.mark.parametrize("level", ["city", "county"])
@pytest.mark.parametrize("name", ["市辖区", "省直辖县级行政区划", "自治区直辖县级行政区划", "县", ""])
def test_rows_of_the_code_list_that_are_no_places_have_no_name(name: str, level: str) -> None:
    assert name_parts(name, level) is None


@given(st.sampled_from(LEVELS), st.text("古浪天祝藏族土门新胜大湾洋", max_size=6), st.sampled_from(["", *_SUFFIXES]))
def test_a_core_begins_the_name_and_has_two_characters_where_a_suffix_was_cut(
    level: str, core: str, suffix: str
) -> None:
    parts = name_parts(core + suffix, level)
    if not core + suffix:
        assert parts is None
    elif parts is not None:
        assert (core + suffix).startswith(parts.core)
        assert parts.core == core + suffix or len(parts.core) >= 2
        assert bool(parts.suffix) <= (parts.core != core + suffix)


@pytest.mark.parametrize("suffix", _SUFFIXES)
def test_the_class_of_a_class_is_itself(suffix: str) -> None:
    assert suffix_class(suffix_class(suffix)) == suffix_class(suffix)


def test_a_suffix_is_read_whole_and_of_its_own_level_only() -> None:
    assert suffix_at("土门镇人民政府", 2, "township") == "镇人民政府"
    assert suffix_at("新胜村民委员会3组", 2, "village") == "村民委员会"
    assert [suffix_at("土门镇", 2, level) for level in LEVELS] == ["", "", "", "镇", "", "", ""]
    assert suffix_at("土门", 2, "township") == ""


def test_the_core_alone_is_a_place_unless_it_is_a_road_or_the_whole_name() -> None:
    short = {name: has_short_form(NameParts(*name), "township") for name in [("土门", "镇"), ("张掖路", "街道")]}
    assert list(short.values()) == [True, False]
    assert not has_short_form(NameParts("洋县", ""), "county")
    assert has_short_form(NameParts("张掖路", "县"), "county")  # of no county is the core a road


@pytest.mark.parametrize(("number", "level"), [*enumerate(LEVELS[:5], start=1)])
def test_a_level_is_a_word_or_a_number(number: int, level: str) -> None:
    assert {level_of(value) for value in (number, str(number), f"{number}.0", f" {number} ", level)} == {level}


def test_aliases_are_parted_by_either_mark_and_empty_ones_left_out() -> None:
    assert list(split_aliases("a;b；c|d｜e")) == ["a", "b", "c", "d", "e"]
    assert [list(split_aliases(cell)) for cell in ("", " ; ", None, float("nan"))] == [[], [], [], []]
