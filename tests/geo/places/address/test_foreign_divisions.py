"""Divisions of elsewhere are told by their suffixes, and what is like a stored text there has no grid here."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.places.address.book import AddressBook
from geo.places.address.foreign_divisions import division_at_head


@pytest.mark.parametrize(
    ("form", "division"),
    [
        ("北京市朝阳区建国路88号", "朝阳区"),
        ("上海市南京东路", "上海市"),
        ("内蒙古自治区阿拉善左旗汽车站", "阿拉善左旗"),
        ("新疆维吾尔自治区乌鲁木齐市天山区解放路1号", "天山区"),
        ("湖南省驻马店市道县", "道县"),
        ("云南省路南彝族自治县", "路南彝族自治县"),
        ("天祝县人民医院", "天祝县"),
        ("本县人民医院", None),
        ("甘肃省临夏回族自治州临夏县", "临夏县"),
        ("中国香港特别行政区中西区", "中西区"),
        ("镇安县永乐街道", "镇安县"),
        ("湖北省仙桃市", "仙桃市"),
        ("超市", None),
        ("夜市街口", None),
        ("市民广场", None),
        ("古浪镇文化广场", None),
        ("县城关小学", None),
        ("经济开发区管委会", None),
        ("门市部", None),
        ("", None),
    ],
)
def test_the_finest_division_at_the_head_of_a_text(form: str, division: str | None) -> None:
    assert division_at_head(form) == division


@pytest.fixture(scope="module")
def book() -> AddressBook:
    """Return a book of one county that knows no other division."""
    texts = ["古浪县人民医院", "古浪县第一中学", "昌灵路12号粮油店", "古浪镇文化广场", "中心市场永丰商店"]
    county = pd.DataFrame(
        {"code": ["620622", "620622100"], "name": ["古浪县", "古浪镇"], "level": ["county", "township"]}
    )
    points = [shapely.Point(102.9 + k / 100, 37.5) for k in range(len(texts))]
    columns = {"text": texts, "grid": [f"G{k}" for k in range(len(texts))]}
    return AddressBook(gpd.GeoDataFrame(columns, geometry=points, crs=4326), county)


@pytest.mark.parametrize(
    "text",
    [
        "陕西省西安市人民医院",
        "天祝县人民医院",
        "西安市第一中学",
        "陕西省洋县永丰商店",
        "青海省文化广场",
        "北京市昌灵路粮油店",
    ],
)
def test_an_address_of_another_county_has_no_grid(book: AddressBook, text: str) -> None:
    found = book.match(text)
    assert found.status in ("not_found", "partial")
    assert all(one.grid is None for one in found.candidates)


@pytest.mark.parametrize(("text", "grid"), [("昌灵路粮油店", "G2"), ("中心市场永丰超市", "G4")])
def test_a_text_of_this_county_is_answered_by_the_most_similar_as_before(
    book: AddressBook, text: str, grid: str
) -> None:
    found = book.match(text)
    assert [one.grid["code"] for one in found.candidates if one.grid] == [grid]
    assert found.status == "partial"


def test_a_stored_text_that_names_the_division_too_is_like_the_text() -> None:
    stored = gpd.GeoDataFrame(
        {"text": ["凉州区客运汽车站"], "grid": ["G1"]}, geometry=[shapely.Point(102, 37)], crs=4326
    )
    (found,) = AddressBook(stored).match("武威市凉州区汽车站").candidates
    assert (found.grid or {})["code"] == "G1"


def test_the_province_and_city_of_this_county_are_no_foreign_ones(book: AddressBook) -> None:
    found = book.match("甘肃省武威市古浪县人民医院")
    assert (found.status, [one.grid["code"] for one in found.candidates if one.grid]) == ("matched", ["G0"])
