"""The address of a row is looked up in the divisions that its other columns name, and what these do not say is told."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.places.gazetteer import Gazetteer
from geo.readers.columns.part_headings import DivisionOfRow, division_columns, divisions_of_row
from geo.studies.row_divisions import address_in_divisions
from geo.types import Match

DIVISIONS = [
    ("620622", "古浪县", "county"), ("620622100", "古浪镇", "township"), ("620622104", "大靖镇", "township"),
    ("620622100001", "昌松社区居民委员会", "village"), ("620622104001", "三元社区居民委员会", "village"),
    ("620622104201", "三元村村民委员会", "village"),
]  # fmt: skip
#: A grid of each village, side by side; 民主街3号 is in the first only, 东关街10号 in the community 三元.
VILLAGES = ["620622100001", "620622104001", "620622104201"]
ADDRESSES = {"古浪县古浪镇民主街3号": 0, "古浪县大靖镇三元社区东关街10号": 1, "古浪县大靖镇三元村1组": 2}


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    divisions = gpd.GeoDataFrame(
        pd.DataFrame(DIVISIONS, columns=["code", "name", "level"]).assign(parent=None), geometry=[None] * 6, crs=4326
    )
    boxes = [shapely.box(102 + k / 10, 37, 102.1 + k / 10, 37.1) for k in range(3)]
    columns = {"code": [f"{one}001" for one in VILLAGES], "name": ["一", "二", "三"], "village": VILLAGES}
    grids = gpd.GeoDataFrame({**columns, "kind": "general", "level": 1, "parent": None}, geometry=boxes, crs=4326)
    points = [boxes[k].centroid for k in ADDRESSES.values()]
    addresses = gpd.GeoDataFrame({"text": list(ADDRESSES)}, geometry=points, crs=4326)
    return Gazetteer(divisions, grids, divisions[:0], lambda: addresses, at=date(2026, 1, 1), revision=1)


def asked(places: Gazetteer, address: str, **cells: str) -> Match:
    columns = division_columns(list(cells))
    return address_in_divisions(
        places, address, divisions_of_row(columns, [cells[name] for name in columns]), accuracy=20.0
    )


def codes(found: Match) -> list[str]:
    return [fault["code"] for one in found.candidates for fault in one.faults]


@pytest.mark.parametrize(
    "text", ["古浪", "古浪镇", "古浪鎮", "1.古浪镇", "620622100", "620622100000", "古浪镇人民政府", "gulang"]
)
def test_an_address_is_in_its_town_however_the_town_is_written(places: Gazetteer, text: str) -> None:
    found = asked(places, "民主街3号", 乡镇=text)
    assert (found.status, found.candidates[0].grid["code"]) == ("matched", "620622100001001")  # type: ignore[index]


@pytest.mark.parametrize(
    "text", ["大靖", "大靖镇", "大靖鎮", "大 靖 镇", "（大靖镇）", "大靖镇派出所", "620622104", "dajing", "Dajing Town"]
)
def test_an_address_of_another_town_is_not_matched(places: Gazetteer, text: str) -> None:
    found = asked(places, "民主街3号", 乡镇=text)
    assert found.status == "partial"
    assert "another_place" in codes(found)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"乡镇": "DJ镇"}, "没有读懂“乡镇”一列的“DJ镇” / “DJ镇” of the column 乡镇 was not understood"),
        ({"村": "是"}, "没有读懂“村”一列的“是” / “是” of the column 村 was not understood"),
        ({"乡镇": "620622999"}, "没有读懂“乡镇”一列的“620622999” / “620622999” of the column 乡镇 was not understood"),
        ({"县": "天祝"}, "没有读懂“县”一列的“天祝” / “天祝” of the column 县 was not understood"),
        (
            {"乡镇": "大靖镇/古浪镇"},
            "“乡镇”一列写了不止一处：大靖镇/古浪镇 / the column 乡镇 names several places: 大靖镇/古浪镇",
        ),
    ],
)
def test_what_is_not_read_is_told_once_and_never_left_out(places: Gazetteer, cells: dict[str, str], told: str) -> None:
    found = asked(places, "民主街3号", **cells)
    assert found.status == "partial"
    assert [one["text"] for one in found.candidates[0].faults if one["code"] == "unread"] == [told]


def test_a_short_name_of_two_villages_is_the_one_that_has_the_door(places: Gazetteer) -> None:
    found = asked(places, "东关街10号", 乡镇="大靖", 村="三元")
    assert (found.status, found.candidates[0].grid["code"]) == ("matched", "620622104001001")  # type: ignore[index]
    assert asked(places, "东关街10号", 村="三元村").status == "partial"


def test_columns_that_contradict_each_other_or_the_address_are_no_match(places: Gazetteer) -> None:
    assert asked(places, "大靖镇东关街10号", 乡镇="古浪").status != "matched"
    assert asked(places, "民主街3号", 乡镇="大靖", 村="昌松").status != "matched"


def test_what_the_address_says_itself_is_judged_there(places: Gazetteer) -> None:
    """红旗村 is unknown in the text as well: it is told once."""
    found = asked(places, "红旗村3组", 村="红旗村")
    assert sum("红旗村" in fault["text"] for one in found.candidates for fault in one.faults) <= 1


def test_without_cells_it_is_the_address(places: Gazetteer) -> None:
    assert address_in_divisions(places, "民主街3号", (), accuracy=20.0).query == "民主街3号"
    cells = [DivisionOfRow("乡镇", "township", "古浪")]
    assert address_in_divisions(places, "民主街3号", cells, accuracy=20.0).query == "古浪镇民主街3号"
