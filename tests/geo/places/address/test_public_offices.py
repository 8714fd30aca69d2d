"""The hospital of a town is not that of its county, and a name of its own is told from a word for a kind."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.places.address.book import AddressBook
from geo.places.address.public_offices import is_office_of_village, is_public_office

CODES = ["62", "6206", "620622", "620622102", "620622102201"]
NAMES = ["甘肃省", "武威市", "古浪县", "土门镇", "新胜村"]
DIVISIONS = pd.DataFrame({"code": CODES, "name": NAMES, "level": [1, 2, 3, 4, 5]})
GRIDS = pd.DataFrame({"code": ["g1"], "name": ["一格"], "level": 1, "village": [CODES[4]]})


def of(text: str, *stored: str) -> tuple[str, list[str]]:
    """Return status and faults of a text where some are stored, all in the grid of 新胜村."""
    frame = gpd.GeoDataFrame(
        {"text": list(stored), "grid": "g1"}, geometry=gpd.points_from_xy([103.0] * len(stored), [37.5] * len(stored))
    )
    found = AddressBook(frame.set_crs(4326), DIVISIONS, grids=GRIDS).match(text)
    return found.status, [fault["code"] for one in found.candidates[:1] for fault in one.faults]


@pytest.mark.parametrize("name", ["人民医院", "第一中学", "派出所", "体育馆", "人民医院3号楼"])
@pytest.mark.parametrize("division", ["甘肃省", "武威市", "古浪县", "武威市古浪县"])
def test_that_of_a_town_does_not_answer_for_a_wider_division(name: str, division: str) -> None:
    assert of(division + name, "土门镇" + name) == ("partial", ["longer"])
    assert of(division + "土门镇" + name, "土门镇" + name)[0] == "matched"


def test_the_office_that_is_stored_is_told() -> None:
    frame = gpd.GeoDataFrame({"text": ["土门镇人民医院"], "grid": "g1"}, geometry=gpd.points_from_xy([103.0], [37.5]))
    (found,) = AddressBook(frame.set_crs(4326), DIVISIONS, grids=GRIDS).match("古浪县人民医院").candidates
    assert [fault["text"].split(" / ")[0] for fault in found.faults] == ["只有更长的地址：土门镇人民医院"]


def test_each_division_has_its_own() -> None:
    stored = ("土门镇人民医院", "古浪县人民医院")
    assert [of(text, *stored)[0] for text in (*stored, "甘肃省人民医院")] == ["matched", "matched", "partial"]


def test_one_that_names_no_division_may_be_that_of_the_county_it_is_in() -> None:
    found = [of(f"{division}人民医院", "人民医院") for division in ("", "古浪县", "武威市", "土门镇")]
    assert [status for status, _ in found] == ["matched", "matched", "partial", "partial"]


def test_that_of_a_town_is_not_meant_by_its_word_alone() -> None:
    """中心小学 says no more than 古浪县中心小学 where 古浪县 is the only county."""
    for text in ("中心小学", "古浪县中心小学"):
        assert of(text, "土门镇中心小学") == ("partial", ["longer"])
    assert of("中心小学", "古浪县中心小学")[0] == of("土门镇中心小学", "土门镇中心小学")[0] == "matched"


def test_a_name_of_its_own_needs_no_division() -> None:
    assert of("古浪县博爱医院", "土门镇博爱医院")[0] == "matched"
    assert not is_public_office("永辉超市")


COUNTY = pd.DataFrame(
    {
        "code": ["990101", "990101001", "990101001201", "990101001202"],
        "name": ["青岚县", "甲镇", "南门村", "北园村"], "level": [3, 4, 5, 5],
    }
)  # fmt: skip
ZONES = pd.DataFrame({"code": ["g1", "g2"], "level": 1, "village": COUNTY["code"][2:].tolist()})
STORED = ["青岚县人民医院", "南门村加油站", "北园村红旗超市", "甲镇派出所"]
OF_GRIDS = {"text": STORED, "grid": ["g1", "g1", "g2", "g2"]}
BOOK = AddressBook(gpd.GeoDataFrame(OF_GRIDS, geometry=gpd.points_from_xy([1, 2, 3, 4], [1] * 4)), COUNTY, grids=ZONES)


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("县人民医院", "matched", ""),
        ("青岚县人民医院", "matched", ""),
        ("县派出所", "partial", "longer"),  # that of a town
        ("区人民医院", "partial", "alike"),  # no district is known
        ("加油站", "partial", "longer"),
        ("甲镇加油站", "partial", "longer"),
        ("南门村加油站", "matched", ""),
        ("红旗超市", "matched", ""),
        ("红旗村超市", "partial", "alike"),
    ],
)
def test_what_every_place_has_is_that_of_the_place_named(text: str, status: str, code: str) -> None:
    found = BOOK.match(text)
    first = found.candidates[0]
    assert (found.status, [one["code"] for one in first.faults][:1]) == (status, [code] if code else [])


@pytest.mark.parametrize("digits", ["1" * 100, "一" * 100, "第1" * 50])
def test_a_long_run_of_digits_is_read_in_one_way(digits: str) -> None:
    """With words of one to three digits, thirty digits could be split in millions of ways: a text took minutes."""
    assert [is_office_of_village(digits + end) for end in ("小学", "小学号", "号")] == [True, False, False]
    assert not is_public_office(digits + "号")
    assert of("新胜村" + digits + "号", "新胜村1号")[0] != "matched"
