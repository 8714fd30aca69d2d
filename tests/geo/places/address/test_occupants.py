"""A school of which a county has one is not behind a door in another grid than it is stored in."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.places.address.book import AddressBook
from geo.types import Match

CODES = ["620622", "620622102", "620622102207", "620622103", "620622103201"]
DIVISIONS = pd.DataFrame(
    {"code": CODES, "name": ["古浪县", "土门镇", "新胜村", "大靖镇", "上庄村"], "level": [3, 4, 5, 4, 5]}
)
GRIDS = pd.DataFrame(
    {
        "code": ["t1", "t2", "d1", "d2"],
        "name": ["一格", "二格", "三格", "四格"],
        "level": 1,
        "village": [CODES[2], CODES[2], CODES[4], CODES[4]],
    }
)
STORED = {
    "古浪县土门镇昌灵路1号": "t1",
    "古浪县土门镇昌灵路2号": "t2",
    "古浪县上庄小学": "d1",
    "古浪县红旗小学": "t2",
    "古浪县大靖镇红旗小学": "d1",
    "古浪县大靖镇永辉超市": "d2",
    "古浪县大靖镇卫生院": "d2",
}


@pytest.fixture(scope="module")
def known() -> AddressBook:
    points = gpd.points_from_xy([103.0 + k / 100 for k in range(len(STORED))], [37.5] * len(STORED))
    columns = {"text": list(STORED), "grid": list(STORED.values())}
    return AddressBook(gpd.GeoDataFrame(columns, geometry=points, crs=4326), DIVISIONS, grids=GRIDS)


def told(found: Match) -> tuple[str, list[str], set[str]]:
    """Return status, grids, and the codes of all faults."""
    grids = [str(one.grid["code"]) for one in found.candidates if one.grid]
    return found.status, grids, {fault["code"] for one in found.candidates for fault in one.faults}


@pytest.mark.parametrize(
    ("text", "elsewhere", "status"),
    [
        ("土门镇昌灵路1号上庄小学", "d1", "partial"),  # 上庄 is the name of a village
        ("昌灵路1号上庄小学", "d1", "ambiguous"),  # no place is named
        ("古浪县土门镇昌灵路1号古浪县红旗小学", "t2", "partial"),  # the county is named twice
        ("土门镇昌灵路1号大靖镇永辉超市", "d2", "partial"),  # its own township is named
    ],
)
def test_the_only_one_of_a_name_is_not_behind_a_door_elsewhere(
    known: AddressBook, text: str, elsewhere: str, status: str
) -> None:
    found = known.match(text)
    assert told(found) == (status, ["t1", elsewhere], {"another_place"})
    assert not any("库里没有" in fault["text"] for one in found.candidates for fault in one.faults)


@pytest.mark.parametrize(
    "text",
    [
        "土门镇昌灵路1号永辉超市",  # that of 大靖镇 is another one
        "土门镇昌灵路1号卫生院",
        "土门镇昌灵路1号土门镇红旗小学",
        "土门镇昌灵路1号新星小学",  # none of the name is stored
    ],
)
def test_one_of_another_township_says_nothing_of_a_door(known: AddressBook, text: str) -> None:
    assert told(known.match(text)) == ("matched", ["t1"], {"unread"})


def test_one_in_the_grid_of_the_door_is_no_contradiction(known: AddressBook) -> None:
    """古浪县红旗小学 is in t2, as 昌灵路2号 is."""
    assert told(known.match("土门镇昌灵路2号古浪县红旗小学"))[:2] == ("matched", ["t2"])
