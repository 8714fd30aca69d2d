"""A store that begins with its county: the province before it is known by the code, the city is taken as written."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from geo.places.address.book import AddressBook
from geo.places.address.names_above import PROVINCES, NamesAbove
from geo.places.address.place_tree import PlaceTree

ROWS = [("620622", "古浪县", 3), ("620622102", "土门镇", 4), ("620622102201", "新胜村", 5)]
FULL, SHORT = "甘肃省武威市古浪县土门镇人民路1号", "土门镇人民路1号"


def book(stored: str, rows: list[tuple[str, str, int]]) -> AddressBook:
    frame = gpd.GeoDataFrame({"text": [stored], "grid": ["g1"]}, geometry=gpd.points_from_xy([102.0], [37.0]))
    grids = pd.DataFrame({"code": ["g1"], "level": 1, "village": [rows[-1][0]]})
    return AddressBook(frame, pd.DataFrame(rows, columns=["code", "name", "level"]), grids=grids)


@pytest.mark.parametrize("stored", [FULL, SHORT])
@pytest.mark.parametrize(
    ("text", "status"),
    [
        (FULL, "matched"), (SHORT, "matched"), ("甘肃省古浪县土门镇人民路1号", "matched"),
        ("甘肃武威古浪土门镇人民路1号", "matched"), ("武威市古浪县人民路1号", "matched"),
        ("中国甘肃省武威市古浪县人民路1号", "matched"), ("甘肃省土门镇人民路1号", "matched"),
        ("陕西省古浪县土门镇人民路1号", "partial"), ("陕西省土门镇人民路1号", "partial"),
        ("兰州市土门镇人民路1号", "partial"), ("甘肃省兰州市土门镇人民路1号", "partial"),  # another county may have one
        ("不在古浪县土门镇人民路1号", "partial"), ("甘肃省不在古浪县土门镇人民路1号", "partial"),
    ],
)  # fmt: skip
def test_province_and_city_before_the_county(stored: str, text: str, status: str) -> None:
    found = book(stored, ROWS).match(text)
    assert (found.status == "matched") is (status == "matched")
    if status == "matched":
        assert (found.candidates[0].faults, found.candidates[0].grid["code"]) == ((), "g1")  # type: ignore[index]


def test_a_district_is_that_of_its_city_only() -> None:
    """城关区 is in 兰州 and in 拉萨."""
    rows = [("620102", "城关区", 3), ("620102102", "土门镇", 4), ("620102102201", "新胜村", 5)]
    known = book(SHORT, rows)
    assert known.match("城关区土门镇人民路1号").status == "matched"
    assert known.match("甘肃省城关区土门镇人民路1号").status == "matched"
    assert known.match("拉萨市城关区土门镇人民路1号").status != "matched"


def test_where_provinces_or_cities_are_known_nothing_is_taken_as_written() -> None:
    known = book(SHORT, [("62", "甘肃省", 1), ("6206", "武威市", 2), *ROWS])
    assert known.match(FULL).status == "matched"
    assert known.match("兰州市古浪县土门镇人民路1号").status != "matched"
    assert NamesAbove(PlaceTree.of(pd.DataFrame({"code": ["62"], "name": ["甘肃省"], "level": [1]}))).are_known


def test_there_are_34_provinces() -> None:
    assert len(PROVINCES) == len(set(PROVINCES.values())) == 34
