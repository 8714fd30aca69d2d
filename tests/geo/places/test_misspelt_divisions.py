"""A misspelt town or village is told, and its roads and doors are found as if it were written right.

One county: 土门镇 in the south and 大靖镇 in the north, two grids each; 民主街 runs through both grids of 土门镇, and
both towns have a door 98号 of a street of its name.
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.places.address.book import AddressBook
from geo.places.gazetteer import Gazetteer
from geo.types import Match

CRS = "EPSG:4326"
SOUTH, NORTH = shapely.box(102, 37, 103, 38), shapely.box(102, 38, 103, 39)
DIVISIONS = gpd.GeoDataFrame(
    {
        "code": ["62", "6206", "620622", "620622102", "620622103", "620622102201", "620622103201", "620622103202"],
        "name": ["甘肃省", "武威市", "古浪县", "土门镇", "大靖镇", "柳树村", "青滩湾村", "青滩口村"],
        "level": ["province", "city", "county", "township", "township", "village", "village", "village"],
        "parent": [None, "62", "6206", "620622", "620622", "620622102", "620622103", "620622103"],
    },
    geometry=[None, None, SOUTH | NORTH, SOUTH, NORTH, SOUTH, None, None], crs=CRS,
)  # fmt: skip
GRIDS = gpd.GeoDataFrame(
    {
        "code": ["SW", "SE", "NW", "NE"], "name": ["一", "二", "三", "四"], "kind": ["general"] * 4, "level": [1] * 4,
        "village": ["620622102201", "620622102201", "620622103201", "620622103202"], "parent": [None] * 4,
    },
    geometry=[shapely.box(x, y, x + 0.5, y + 1) for y in (37, 38) for x in (102, 102.5)], crs=CRS,
)  # fmt: skip
ADDRESSES = gpd.GeoDataFrame(
    {"text": ["土门镇民主街98号", "大靖镇民主街98号", "土门镇柳树村三组12号", "土门镇文化广场"]},
    geometry=gpd.points_from_xy([102.6, 102.1, 102.2, 102.3], [37.5, 38.5, 37.2, 37.7]), crs=CRS,
)  # fmt: skip
ROADS = gpd.GeoDataFrame(
    {"id": ["1", "2"], "class": ["primary"] * 2, "name": ["民主街", "滨江大道"]},
    geometry=[shapely.LineString([(102.4, y), (102.6, y)]) for y in (37.5, 37.6)], crs=CRS,
)  # fmt: skip


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    """Return the places of the county."""
    return Gazetteer(
        DIVISIONS, GRIDS, DIVISIONS.iloc[:0], lambda: ADDRESSES, at=date(2026, 1, 2), revision=3,
        read_roads=lambda: ROADS,
    )  # fmt: skip


def said(found: Match) -> tuple[str, set[str], list[str]]:
    """Return status, grids and the faults of the first candidate."""
    codes = {str(one.grid["code"]) for one in found.candidates if one.grid}
    return found.status, codes, [fault["code"] for one in found.candidates[:1] for fault in one.faults]


@pytest.mark.parametrize("before", ["", "古浪县", "武威市", "甘肃省武威市古浪县"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("土们镇民主街", ("ambiguous", {"SW", "SE"}, ["sound_or_shape"])),
        ("土们镇滨江大道", ("ambiguous", {"SW", "SE"}, ["sound_or_shape"])),
        ("土们镇滨江大道12号", ("partial", {"SW", "SE"}, ["sound_or_shape", "unstored"])),
        ("土们镇民主街98号", ("matched", {"SE"}, ["sound_or_shape"])),
        ("士门镇民主街98号", ("matched", {"SE"}, ["sound_or_shape"])),
        ("大静镇民主街98号", ("matched", {"NW"}, ["sound_or_shape"])),
        ("土们镇", ("ambiguous", {"SW", "SE"}, ["sound_or_shape"])),
        ("柳数村", ("ambiguous", {"SW", "SE"}, ["sound_or_shape"])),
        ("柳数村三组12号", ("matched", {"SW"}, ["sound_or_shape"])),
        ("土门乡民主街", ("ambiguous", {"SW", "SE"}, ["alias"])),
        ("土门乡滨江大道", ("ambiguous", {"SW", "SE"}, ["alias"])),
    ],
)
def test_the_name_is_told_and_what_is_in_it_is_found(
    places: Gazetteer, before: str, text: str, expected: tuple[str, set[str], list[str]]
) -> None:
    assert said(places.address(before + text, accuracy=20.0)) == expected


def test_without_a_place_before_it_a_character_that_is_not_alike_makes_another_village(places: Gazetteer) -> None:
    assert said(places.address("青滩村", accuracy=20.0)) == ("ambiguous", {"NW", "NE"}, ["unknown_place"])
    assert places.address("石滩村", accuracy=20.0).status != "matched"


def test_a_town_that_is_not_known_at_all_is_not_understood(places: Gazetteer) -> None:
    assert said(places.address("某某镇滨江大道", accuracy=20.0)) == ("partial", {"SW", "SE"}, ["unread"])


@pytest.mark.parametrize("text", ["永丰县柳树村", "土门县柳数村", "北京市土们镇民主街98号", "洋县大静镇民主街98号"])
def test_a_name_of_another_county_or_city_is_no_slip(places: Gazetteer, text: str) -> None:
    found = places.address(text, accuracy=20.0)
    assert found.status != "matched"


def test_the_stored_text_that_answers_by_likeness_is_told(places: Gazetteer) -> None:
    (found,) = places.address("文化大广场", accuracy=20.0).candidates
    assert [fault["text"].split(" / ")[0] for fault in found.faults] == [
        "没有完全一样的，按字面最接近的“土门镇文化广场”回答"
    ]


@pytest.mark.parametrize("before", ["北京", "新疆", "兰州市", "陕西省", "北京市"])
def test_nothing_is_like_a_text_of_another_province_or_city(places: Gazetteer, before: str) -> None:
    for tail in ("文化大广场", "土门镇文化大广场"):
        found = places.address(before + tail, accuracy=20.0)
        assert found.status != "matched"
        assert "alike" not in [fault["code"] for one in found.candidates for fault in one.faults]
        assert all(one.score < 0.1 for one in found.candidates)


def test_a_number_of_a_telephone_is_no_number_of_a_door(places: Gazetteer) -> None:
    found = places.address("土门镇民主街5121234", accuracy=20.0)
    assert found.status != "matched"
    assert all((one.precision_m or 0.0) < 20_000.0 for one in found.candidates)


@pytest.mark.parametrize(
    ("village", "status"),
    [
        ("柳沟", "matched"), ("柳钩", "matched"), ("沟柳", "matched"), ("柳柳沟", "matched"),
        ("柳家沟", "partial"), ("柳海", "partial"), ("胡湾", "partial"), ("胡家", "partial"), ("家湾", "partial"),
        ("胡家海湾", "matched"), ("胡贾湾", "matched"), ("胡海湾", "matched"),
        ("石板水磨", "matched"), ("石板磨沟", "matched"),
    ],
)  # fmt: skip
def test_a_missing_character_is_no_surer_than_one_put_in(village: str, status: str) -> None:
    """Of 柳沟 and 柳家沟, of 胡湾 and 胡家湾, and of two that differ by half of both, either may be a village."""
    names = {"990101001201": "柳沟村", "990101001202": "胡家湾村", "990101001203": "石板水磨沟村"}
    divisions = pd.DataFrame({"code": ["990101001", *names], "name": ["甲镇", *names.values()], "level": [4, 5, 5, 5]})
    grids = pd.DataFrame({"code": ["g1", "g2", "g3"], "level": 1, "village": [*names]})
    book = AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), divisions, grids=grids)
    found = book.match(f"甲镇{village}村")
    assert found.status == status, found.candidates
