"""Addresses in Latin letters are read as the Chinese ones; what several names are written like means all of them."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.book import AddressBook
from geo.places.address.latin_names import MAX_WAYS, LatinReader, Written
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import NAMES, OTHER_XINSHENG, XINSHENG, divisions, tree

#: 新生村 sounds like 新胜村; 大靖镇 has both.
MORE = NAMES | {"620622103203": "新生村"}
TREE = tree(MORE)
STORED = ("人民路12号", "幸福小区2幢301室", "建设北路10号", "人民广场", "实验小学", "人民公园")
STREETS = [(tail, TREE.place_of["620622"], row) for row, tail in enumerate(STORED)]
READER = LatinReader(TREE, StoredAddresses(TREE, STREETS))


def ways(text: str) -> list[str]:
    """Return the ways to write a text in Chinese."""
    return [way.form for way in READER.ways(text)]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("no. 12 renmin road, gulang county, wuwei, gansu", "甘肃省武威市古浪县人民路12号"),
        ("gulang xian tumen zhen xinsheng cun", "古浪县土门镇新胜村"),
        ("gulangxian tumenzhen xinshengcun 3 zu", "古浪县土门镇新胜村3组"),
        ("group 3, xinsheng village, tumen town", "土门镇新胜村3组"),
        ("gansu wuwei gulang county", "甘肃省武威市古浪县"),
        ("room 301, building 2, xingfu xiaoqu", "幸福小区2幢301室"),
        ("yang county", "洋县"),
        ("yangxian", "洋县"),
        ("tianzhu tibetan autonomous county", "天祝藏族自治县"),
        ("dawan community, tumen town", "土门镇大湾社区居委会"),
        ("dawan cun, tumen zhen", "土门镇大湾村"),
        ("古浪县 tumen zhen 新胜村", "古浪县土门镇新胜村"),
        ("tumen town, foobar road 5", "土门镇foobar路5号"),
        ("no.10 north jianshe road", "建设北路10号"),
        ("10 jianshe north road", "建设北路10号"),
        ("renmin square", "人民广场"),
        ("people's park, gulang county", "古浪县人民公园"),
        ("shiyan primary school", "实验小学"),
        ("shiyan xiao xue", "实验小学"),
        ("building 2, xingfu community", "幸福小区2幢"),
        ("tumenzhenfoo", "土门镇foo"),
        ("tumenzhenxinshengcun", "土门镇新胜村"),
        ("gulangxiantumenzhenxinshengcun3zu", "古浪县土门镇新胜村3组"),
    ],
)
def test_one_way(text: str, form: str) -> None:
    assert ways(text) == [form]


def test_names_of_one_sound_are_all_meant() -> None:
    assert sorted(ways("xinsheng village, dajing town")) == ["大靖镇新生村", "大靖镇新胜村村委会"]
    assert sorted(ways("xinsheng cun")) == ["新生村", "新胜村", "新胜村村委会"]


@pytest.mark.parametrize(
    "text",
    ["", "foo bar", "12 smith street", "ktv", "a座", "3单元", "xyz town", "south jianshe road 10"],
)
def test_what_names_nothing_known_is_not_written(text: str) -> None:
    assert ways(text) == []


def test_what_is_elsewhere_is_written_too() -> None:
    """洋县 does not hold 土门镇: the reader of Chinese addresses says so."""
    assert ways("tumen town, yang county") == ["洋县土门镇"]


def test_each_character_knows_where_it_is_from() -> None:
    (way,) = READER.ways("tumen town, gulang county")
    assert way == Written("古浪县土门镇", (12, 12, 12, 0, 0, 0), (25, 25, 25, 10, 10, 10))


def _book() -> AddressBook:
    grids = {"code": [XINSHENG, OTHER_XINSHENG, "620622103203"], "name": "格", "kind": "general", "level": 1}
    villages = pd.DataFrame({**grids, "village": grids["code"]})
    texts = {"text": ["土门镇新胜村人民路12号", "土门镇新胜村12 Smith Street"], "grid": [XINSHENG, XINSHENG]}
    points = shapely.points([102.0, 102.1], 37.0)
    return AddressBook(gpd.GeoDataFrame(texts, geometry=points, crs=4326), divisions(MORE), grids=villages)


BOOK = _book()


@pytest.mark.parametrize(
    ("text", "status", "grids"),
    [
        ("No. 12 Renmin Road, Xinsheng Village, Tumen Town, Gulang County, Gansu", "matched", [XINSHENG]),
        ("Gulang Xian Tumen Zhen Xinsheng Cun", "matched", [XINSHENG]),
        ("ＧＵＬＡＮＧ　ＸＩＡＮ　Ｔｕｍｅｎ Zhen Xinsheng Cun", "matched", [XINSHENG]),
        ("古浪县 Tumen Zhen 新胜村", "matched", [XINSHENG]),
        ("Dajing Town, Xinsheng Village", "ambiguous", [OTHER_XINSHENG, "620622103203"]),
        ("Tumen Town, Xinsheng Village, Yang County", "partial", [XINSHENG]),
        ("土门镇新胜村KTV", "partial", [XINSHENG]),
        ("foo bar", "not_found", []),
    ],
)
def test_answers(text: str, status: str, grids: list[str]) -> None:
    found = BOOK.match(text)
    assert (found.status, found.query) == (status, text)
    assert sorted(str(one.grid["code"]) for one in found.candidates if one.grid) == grids


def test_spans_are_those_of_the_text_as_written() -> None:
    text = "Xinsheng Village, Tumen Town"
    (one,) = BOOK.match(text).candidates
    assert [text[start:end] for start, end in one.spans] == ["Xinsheng Village", "Tumen Town"]


WORDS = ["gulang", "xian", "tumen", "zhen", "xinsheng", "cun", "no.", "12", "renmin", "road", ",", "city", "新胜村"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_any_words_have_an_answer(text: str) -> None:
    assert len(READER.ways(text)) <= MAX_WAYS
    found = BOOK.match(text)
    for one in found.candidates:
        assert all(0 <= start < end <= len(text) for start, end in one.spans)
