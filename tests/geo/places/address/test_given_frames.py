"""Frames as callers have them: codes out of spreadsheets, columns of any type, any index; errors name the row."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import BadGeometry, BadValue, GeoError, UnknownCrs
from geo.places.address.book import AddressBook
from geo.places.address.given_frames import given_addresses, given_zones

POINTS = [shapely.Point(102, 37), shapely.Point(102.1, 37)]


def divisions(**columns: Any) -> pd.DataFrame:
    given = {"code": ["620622", "620622100"], "name": ["古浪县", "古浪镇"], "level": ["county", "township"]}
    return pd.DataFrame({**given, **columns})


def addresses(shapes: list | None = None, crs: Any = 4326, **columns: Any) -> gpd.GeoDataFrame:
    given = {"text": ["古浪镇人民路1号", "古浪镇人民路3号"], "grid": ["g1", "g2"]}
    return gpd.GeoDataFrame({**given, **columns}, geometry=shapes or POINTS, crs=crs)


def found(book: AddressBook, text: str = "古浪县古浪镇人民路1号") -> tuple[str, str | None, list]:
    (first,) = book.match(text).candidates
    return book.match(text).status, (first.grid or {}).get("code"), [link["name"] for link in first.chain[:2]]


RIGHT = ("matched", "g1", ["古浪县", "古浪镇"])
GRIDS = pd.DataFrame({"code": ["g1", "g2"], "name": ["一", "二"], "level": [1, 1], "village": ["620622100"] * 2})


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"code": [620622, 620622100]},
        {"code": [620622.0, 620622100.0]},
        {"code": ["620622.0", "620622100.0"]},
        {"code": [" ６２０６２２", "620622 100"]},
        {"code": ["620622000000", "620622100000"]},
        {"code": pd.Categorical(["620622", "620622100"]), "name": pd.Categorical(["古浪县", "古浪镇"])},
        {"name": pd.array(["古浪县", "古浪镇"], dtype="string")},
        {"level": [3, 4]},
        {"level": [3.0, 4.0]},
        {"level": ["县", "乡镇"]},
        {"level": [None, np.nan]},
        {"level": ["?", "?"]},
        {"parent": [np.nan, 620622.0]},
    ],
)
def test_codes_names_and_levels_are_read_in_any_form(columns: dict) -> None:
    assert found(AddressBook(addresses(), divisions(**columns), grids=GRIDS)) == RIGHT


@pytest.mark.parametrize("index", [[7, 7], ["a", "b"], [1, 0]])
def test_any_index_will_do(index: list) -> None:
    given = addresses().set_axis(index), divisions().set_axis(index), GRIDS.set_axis(index)
    assert found(AddressBook(given[0], given[1], grids=given[2])) == RIGHT


def test_missing_names_texts_and_points_leave_the_other_rows_as_they_are() -> None:
    book = AddressBook(addresses([None, POINTS[1]], text=[np.nan, "古浪镇人民路3号"]), divisions(name=[None, "古浪镇"]))
    assert found(book, "古浪镇人民路3号")[:2] == ("matched", "g2")
    nowhere = AddressBook(addresses().drop(columns="geometry"), divisions(), grids=GRIDS)
    assert found(nowhere) == RIGHT
    assert nowhere.match("古浪镇人民路1号").point is None
    assert nowhere.match("古浪镇人民路1号").candidates[0].precision_m is None


def test_points_are_brought_to_degrees_from_the_crs_of_the_frame() -> None:
    for crs in ("EPSG:3857", "EPSG:4490", "EPSG:32648"):
        point = AddressBook(addresses().to_crs(crs), divisions()).match("古浪镇人民路1号").point
        assert point == pytest.approx((102.0, 37.0), abs=1e-6)
    one = [shapely.MultiPoint([POINTS[0]]), POINTS[1]]
    assert AddressBook(addresses(one), divisions()).match("古浪镇人民路1号").point == (102.0, 37.0)


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (addresses([shapely.box(102, 37, 103, 38), POINTS[1]]), BadGeometry, "row 1, geometry: no point: Polygon"),
        (addresses([POINTS[0], shapely.Point(np.inf, 37)]), BadGeometry, "row 2"),
        (addresses([POINTS[0], shapely.Point(102, 137)]), BadGeometry, "row 2"),
        (addresses([shapely.Point(5e5, 4e6), POINTS[1]], crs=None), UnknownCrs, "row 1"),
        (addresses(text=["人民路1号", b"x"]), BadValue, "addresses row 2, text: must be a text: b'x'"),
        (addresses().drop(columns="text"), BadValue, "no column text"),
        (["人民路1号"], BadValue, "must be a DataFrame"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_named(given: Any, error: type[GeoError], said: str) -> None:
    with pytest.raises(error, match=said):
        AddressBook(given, divisions())


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (divisions(code=["620622", None]), "divisions row 2, code: no code: 古浪镇"),
        (divisions(name=["古浪县", ["古浪镇"]]), "divisions row 2, name: must be a text"),
        (divisions().drop(columns="code"), "no column code"),
        (pd.concat([divisions(), divisions()[["name"]]], axis=1), "the column name twice"),
        ({"code": ["620622"]}, "must be a DataFrame"),
    ],
)
def test_a_division_that_cannot_be_read_is_named(given: Any, said: str) -> None:
    with pytest.raises(BadValue, match=said) as caught:
        given_zones(given, "divisions")
    assert all(fault.where == "divisions" for fault in caught.value.rows)


def test_an_index_that_is_read_from_arrays_takes_the_same_frames() -> None:
    given = divisions(code=[620622.0, 620622100.0])
    made = AddressBook(addresses(), given, grids=GRIDS)
    assert found(AddressBook.of_arrays(made.arrays(), given, grids=GRIDS)) == RIGHT


def test_a_grid_keeps_its_code_as_it_is_written() -> None:
    rows, _, _ = given_addresses(addresses(grid=["GL 01", "620622100001.0"]))
    assert rows["grid"].tolist() == ["GL 01", "620622100001"]
