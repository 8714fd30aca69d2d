"""Names of before in brackets: registered ones say nothing, others are told, those of other places are a doubt."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.places.address.book import AddressBook

DIVISIONS = pd.DataFrame(
    [
        ("990101", "青岚县", 3, None), ("990101001", "雁桥镇", 4, "白桥公社;白桥镇"), ("990101002", "古湾镇", 4, None),
        ("990101001201", "三湾村", 5, None), ("990101001202", "柳沟村", 5, None), ("990101002201", "东岭村", 5, None),
        ("990102", "乙县", 3, None), ("990102001", "黄羊镇", 4, None),
    ],
    columns=["code", "name", "level", "aliases"],
)  # fmt: skip
GRIDS = pd.DataFrame(
    {"code": ["g1", "g2", "g3"], "level": 1, "village": ["990101001201", "990101001202", "990101002201"]}
)
BOOK = AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), DIVISIONS, grids=GRIDS)


@pytest.mark.parametrize(
    ("text", "status", "codes"),
    [
        ("青岚县雁桥镇三湾村3组", "matched", ["unstored"]),
        ("青岚县雁桥镇（原白桥公社）三湾村", "matched", []),
        ("青岚县雁桥镇(原白桥镇)三湾村", "matched", []),
        ("青岚县雁桥镇（原雁桥乡）三湾村", "matched", []),
        ("青岚县雁桥镇（原粮站）三湾村", "matched", []),
        ("青岚县雁桥镇(原古湾镇)三湾村", "partial", ["another_place"]),
        ("青岚县雁桥镇【曾用名：古湾镇】三湾村", "partial", ["another_place"]),
        ("青岚县雁桥镇（原古湾镇东岭村）三湾村", "partial", ["another_place"]),
        ("青岚县雁桥镇（原红旗公社）三湾村", "matched", ["old_name"]),
        ("青岚县雁桥镇（旧称黄羊镇）三湾村", "matched", ["old_name"]),  # that of 乙县 is not meant
        ("青岚县雁桥镇三湾村（原柳沟村）", "partial", ["another_place"]),
        ("青岚县雁桥镇三湾村（原东岭村）", "matched", ["old_name"]),  # one of another town
        ("青岚县雁桥镇三湾村（原幸福小区）", "matched", []),
    ],
)
def test_a_name_of_before(text: str, status: str, codes: list[str]) -> None:
    found = BOOK.match(text)
    assert (found.status, [one["code"] for one in found.candidates[0].faults]) == (status, codes)
    assert [one.grid["code"] for one in found.candidates if one.grid] == ["g1"]


def test_what_is_told_names_both() -> None:
    found = BOOK.match("青岚县雁桥镇(原古湾镇)三湾村")
    zh = found.candidates[0].faults[0]["text"].split(" / ")[0]
    assert zh == "写作旧名的“古湾镇”是今天的另一个地方“古湾镇”"


@pytest.mark.parametrize(
    ("text", "codes"),
    [("白桥公社三湾村", ["old_name"]), ("白桥镇三湾村", ["old_name"]), ("雁桥乡三湾村", ["alias"]), ("雁桥三湾村", [])],
)
def test_a_registered_name_is_told_as_one_and_another_suffix_as_that(text: str, codes: list[str]) -> None:
    found = BOOK.match(text)
    assert (found.status, [one["code"] for one in found.candidates[0].faults]) == ("matched", codes)


def test_a_registered_name_of_the_same_core_is_an_old_name_too() -> None:
    divisions = DIVISIONS.assign(aliases=[None, "雁桥公社;雁桥人民公社"] + [None] * 6)
    book = AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), divisions, grids=GRIDS)
    for text in ("雁桥公社三湾村", "青岚县雁桥人民公社三湾村"):
        found = book.match(text)
        assert (found.status, [one["code"] for one in found.candidates[0].faults]) == ("matched", ["old_name"]), text
