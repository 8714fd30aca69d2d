"""Grids that are no more, by code and by name, in the county of `tests.geo.places.test_text_lookup`.

The old grid 990101009001, 老街第二网格, reached from 102.4 to 103.6, half in the grid of today of either town; the old
grid 990101009002, 老街第三网格, was the south of 甲镇.
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.places.former_grids import FormerGrids
from geo.places.gazetteer import Gazetteer
from geo.places.grid_shares import GridShare
from tests.geo.places.test_text_lookup import ADDRESSES, CRS, DIVISIONS, EAST, GRIDS, ROADS, WEST, faults, grids

NAMES = ["老街第二网格", "老街第三网格"]
HALF, PART = "990101009001", "990101009002"
OLD = gpd.GeoDataFrame(
    {
        "code": [HALF, PART, "990101009003", "990101009004"], "name": [*NAMES, "老街第九网格", "西格"],
        "kind": ["general"] * 4, "level": [1] * 4, "village": [None] * 4, "parent": [None] * 4,
    },
    geometry=[
        shapely.box(102.4, 37, 103.6, 38), shapely.box(102, 37, 103, 37.5), shapely.box(110, 37, 111, 38),
        shapely.box(103, 37, 104, 38),
    ],
    crs=CRS,
)  # fmt: skip
LAST = gpd.GeoDataFrame(pd.concat([GRIDS, OLD], ignore_index=True), crs=CRS)


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    return Gazetteer(
        DIVISIONS, GRIDS, DIVISIONS.iloc[:0], lambda: ADDRESSES, read_roads=lambda: ROADS, read_former=lambda: LAST,
        at=date(2026, 1, 2), revision=3,
    )  # fmt: skip


def test_the_ground_of_a_former_grid_is_that_of_the_grids_of_today(places: Gazetteer) -> None:
    assert places.former.today(HALF) == (GridShare(WEST, 0.5), GridShare(EAST, 0.5))
    assert places.former.today(PART) == (GridShare(WEST, 1.0),)
    assert places.former.today("990101009003") == places.former.today(WEST) == places.former.today("x1") == ()


@pytest.mark.parametrize("said", [PART, f"网格编号：{PART}", f"{PART}.0", "老街第三网格"])
def test_alone_it_is_the_grid_of_today(places: Gazetteer, said: str) -> None:
    assert grids(places, said) == ("matched", [WEST])
    assert faults(places, said) == ["old_code"]


@pytest.mark.parametrize("said", [HALF, "老街第二网格"])
def test_an_address_tells_in_which_part_of_a_split_grid_it_is(places: Gazetteer, said: str) -> None:
    assert grids(places, said) == ("ambiguous", [WEST, EAST])
    assert grids(places, f"{said} 甲镇民主街3号") == ("matched", [WEST])
    assert grids(places, f"乙镇民主街9号（{said}）") == ("matched", [EAST])
    assert faults(places, f"{said} 甲镇民主街3号") == ["old_code"]


@pytest.mark.parametrize("said", [PART, "老街第三网格"])
@pytest.mark.parametrize("rest", ["乙镇民主街9号", "不在", "甲镇天祝街9号停用"])
def test_what_contradicts_it_is_told(places: Gazetteer, said: str, rest: str) -> None:
    text = f"{said} {rest}"
    assert grids(places, text) == ("partial", [WEST])
    assert faults(places, text)[0] == "old_code"
    assert len(faults(places, text)) > 1


def test_a_name_of_today_is_that_of_today_and_two_former_ones_are_none(places: Gazetteer) -> None:
    assert grids(places, "西格") == ("matched", [WEST])
    assert [one.name for one in places.former.names_in("、".join(NAMES))] == NAMES
    assert grids(places, "老街第二网格、老街第三网格")[0] != "matched"
    assert grids(places, f"{HALF} {PART}")[0] != "matched"


def test_a_group_behind_the_name_of_a_former_grid_is_of_its_village() -> None:
    """甲村第二网格 was merged into 甲村第一网格; 3组 is stored in two villages, and here is that of 甲村."""
    villages = {"990101101001": "甲村民委员会", "990101101002": "乙村民委员会"}
    divisions = gpd.GeoDataFrame(
        {"code": ["990101", "990101101", *villages], "name": ["试验县", "丙镇", *villages.values()],
         "level": ["county", "township", "village", "village"], "parent": [None, "990101", *["990101101"] * 2]},
        geometry=[shapely.box(102, 37, 104, 38)] * 4, crs=CRS,
    )  # fmt: skip
    today = gpd.GeoDataFrame(
        {"code": ["A1", "B1"], "name": ["甲村第一网格", "乙村第一网格"], "kind": "general", "level": 1, "parent": None,
         "village": list(villages)},
        geometry=[shapely.box(102, 37, 103, 38), shapely.box(103, 37, 104, 38)], crs=CRS,
    )  # fmt: skip
    old = today.iloc[:1].assign(code="A2", name="甲村第二网格", geometry=[shapely.box(102, 37, 102.5, 38)])
    last = gpd.GeoDataFrame(pd.concat([today, old], ignore_index=True), crs=CRS)
    texts = ["试验县丙镇甲村3组", "试验县丙镇乙村3组"]
    stored = gpd.GeoDataFrame({"text": texts}, geometry=gpd.points_from_xy([102.2, 103.5], [37.5, 37.5]), crs=CRS)
    places = Gazetteer(
        divisions, today, divisions.iloc[:0], lambda: stored, read_former=lambda: last, at=date(2026, 1, 2), revision=3
    )
    assert (grids(places, "甲村第二网格3组"), faults(places, "甲村第二网格3组")) == (("matched", ["A1"]), ["old_code"])
    assert grids(places, "甲村第二网格 乙村3组")[0] == "partial"


@pytest.mark.parametrize("said", [PART, "老街第三网格", f"{PART} 甲镇民主街3号"])
def test_of_another_day_than_today_the_day_is_told(said: str) -> None:
    places = Gazetteer(
        DIVISIONS, GRIDS, DIVISIONS.iloc[:0], lambda: ADDRESSES, read_roads=lambda: ROADS, read_former=lambda: LAST,
        at=date(2025, 3, 1), revision=3, is_today=False,
    )  # fmt: skip
    assert grids(places, said) == ("matched", [WEST])
    (fault,) = places.address(said, accuracy=20.0).candidates[0].faults
    assert (f"2025-03-01 是 {WEST}" in fault["text"], f"on 2025-03-01 it is {WEST}" in fault["text"]) == (True, True)


def test_a_code_without_ground_today_is_no_grid(places: Gazetteer) -> None:
    text = "甲镇民主街3号 网格编号990101009003"
    assert (grids(places, text)[0], faults(places, text)) == ("partial", ["unknown_code"])


def test_they_are_read_once_and_only_where_a_text_may_say_one() -> None:
    reads = []

    def read() -> gpd.GeoDataFrame:
        reads.append(1)
        return LAST

    former = FormerGrids(read, GRIDS)
    assert [former.has_code("民主街3号"), former.has_code("abc")] == [False, False]
    assert former.names_in("民主街3号") == ()
    assert not reads
    assert former.has_code(HALF)
    assert not former.has_code(WEST)
    assert (former.names_in("老街第三网格")[0].code, len(reads)) == (PART, 1)
    assert FormerGrids(None, GRIDS).today(HALF) == ()
