"""Roads of the layer of roads among suggestions: by name, alias and initials, near the view, none told twice."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely

from geo.places.gazetteer import Gazetteer
from geo.places.road_suggestions import RoadSuggester, with_roads

WEST, EAST = (102.05, 37.0), (102.95, 37.0)


def line(lon: float) -> shapely.LineString:
    """Return a road of a tenth of a degree from a longitude to the east."""
    return shapely.LineString([(lon, 37.0), (lon + 0.1, 37.0)])


ROADS = gpd.GeoDataFrame(
    {
        "name": ["昌灵路", "昌灵路", "幸福路", "G30连霍高速", "西部大道", None, "长林路"],
        "aliases": [None, None, None, "西部大道东段", "老国道", None, None],
    },
    geometry=[line(lon) for lon in (102.0, 102.9, 102.4, 102.5, 102.6, 102.7, 102.8)],
    crs=4326,
)
NOTHING = gpd.GeoDataFrame({"code": [], "name": [], "level": [], "parent": [], "text": []}, geometry=[], crs=4326)


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    box = [shapely.box(102, 36, 103, 38)]
    county = gpd.GeoDataFrame(
        {"code": ["990101"], "name": ["幸福县"], "level": ["county"], "parent": [None]}, geometry=box, crs=4326
    )
    grid = gpd.GeoDataFrame(
        {"code": ["g1"], "name": ["一格"], "kind": ["general"], "level": [1], "parent": [None], "village": [None]},
        geometry=box, crs=4326,
    )  # fmt: skip
    stored = gpd.GeoDataFrame({"text": ["昌盛路1号", "长林路2号"]}, geometry=[shapely.Point(102.5, 37.5)] * 2, crs=4326)
    day = date(2026, 1, 1)
    return Gazetteer(county, grid, NOTHING, lambda: stored, at=day, revision=1, read_roads=lambda: ROADS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昌灵", [("昌灵路", "prefix")]),
        ("昌灵路", [("昌灵路", "prefix")]),
        ("changling", [("昌灵路", "pinyin")]),
        ("clr", []),  # 灵 begins with l, and so does 路
        ("cll", [("昌灵路", "initials")]),  # 长林路 is a stored text already
        ("昌ll", [("昌灵路", "initials")]),
        ("g30", [("G30连霍高速", "prefix")]),
        ("连霍", [("G30连霍高速", "prefix")]),
        ("西部", [("西部大道", "prefix"), ("G30连霍高速", "alias")]),
        ("老国道", [("西部大道", "alias")]),
        ("昌灵路3号", []),
        ("", []),
    ],
)
def test_a_road_is_found_by_its_names(places: Gazetteer, text: str, expected: list[tuple[str, str]]) -> None:
    found = [one for one in places.suggest(text) if one["level"] == "road"]
    assert [(one["text"], one["why"]) for one in found] == expected
    assert all(one["code"] is None for one in found)


def test_places_are_first_and_stored_texts_keep_half_of_the_room(places: Gazetteer) -> None:
    assert [one["level"] for one in places.suggest("幸福")] == ["county", "road"]
    assert [one["text"] for one in places.suggest("xf")] == ["幸福县", "幸福路"]
    address, road = ({"text": f"{k}路", "level": level} for k, level in (("乙", "address"), ("甲", "road")))
    kept = with_roads([address] * 10, [{**road, "text": f"甲{k}路"} for k in range(10)], 10)
    assert [one["level"] for one in kept] == ["road"] * 5 + ["address"] * 5
    assert len(with_roads([address], [{**road, "text": f"甲{k}路"} for k in range(10)], 4)) == 4


def test_a_road_of_a_longer_name_is_not_told_by_a_stored_one() -> None:
    road = {"text": "昌灵路", "level": "road"}
    for text, is_told in (("新昌灵路", False), ("古浪镇昌灵路 (古浪县)", True), ("昌灵路", True)):
        kept = with_roads([{"text": text, "level": "address"}], [road], 10)
        assert (road in kept) != is_told


def test_the_piece_nearest_to_the_view_is_where_a_road_is(places: Gazetteer) -> None:
    for near, lon in ((None, 102.05), (WEST, 102.05), (EAST, 102.95)):
        (found,) = places.suggest("昌灵", near=near)
        assert (found["lon"], found["lat"]) == (lon, 37.0)


def test_without_roads_nothing_is_added() -> None:
    assert RoadSuggester(list).suggest("cll") == []


@pytest.fixture(scope="module")
def county() -> Gazetteer:
    """Give a county of two towns side by side, and 民主街 in the western one; 长街 leads through both."""
    west, east = shapely.box(102, 36, 102.5, 38), shapely.box(102.5, 36, 103, 38)
    divisions = gpd.GeoDataFrame(
        {
            "code": ["620622", "620622100", "620622104"], "name": ["古浪县", "古浪镇", "大靖镇"],
            "level": ["county", "township", "township"], "parent": [None, "620622", "620622"],
        },
        geometry=[shapely.union(west, east), west, east], crs=4326,
    )  # fmt: skip
    grids = gpd.GeoDataFrame(
        {
            "code": ["620622100001001"], "name": ["一格"], "kind": ["general"], "level": [1], "parent": [None],
            "village": ["620622100001"],
        },
        geometry=[west], crs=4326,
    )  # fmt: skip
    roads = gpd.GeoDataFrame(
        {"name": ["民主街", "长街", "东关街"], "aliases": [None] * 3},
        geometry=[line(102.1), shapely.LineString([(102.4, 37), (102.6, 37)]), line(102.8)], crs=4326,
    )  # fmt: skip
    stored = gpd.GeoDataFrame({"text": ["大靖镇东关街1号"]}, geometry=[shapely.Point(102.8, 37.0)], crs=4326)
    day = date(2026, 1, 1)
    return Gazetteer(divisions, grids, NOTHING, lambda: stored, at=day, revision=1, read_roads=lambda: roads)


@pytest.mark.parametrize(
    ("text", "roads"),
    [
        ("古浪镇民主", ["古浪镇民主街 (古浪县)"]),
        ("古浪民主", ["古浪镇民主街 (古浪县)", "民主街 (古浪县)"]),  # the town, and the county
        ("古浪县民主", ["民主街 (古浪县)"]),
        ("古浪县古浪镇民主", ["古浪镇民主街 (古浪县)"]),
        ("古浪镇mzj", ["古浪镇民主街 (古浪县)"]),
        ("大靖镇民主", []),  # it is not there
        ("大靖镇长", ["大靖镇长街 (古浪县)"]),
        ("古浪镇长", ["古浪镇长街 (古浪县)"]),
        ("大靖镇东关", []),  # a stored text says it
        ("古浪镇", []),
        ("民主", ["民主街"]),
    ],
)
def test_behind_a_division_the_roads_that_lead_through_it_are_found(
    county: Gazetteer, text: str, roads: list[str]
) -> None:
    found = county.suggest(text)
    assert [one["text"] for one in found if one["level"] == "road"] == roads
    if text == "大靖镇东关":
        assert [one["text"] for one in found] == ["大靖镇东关街 (古浪县)"]


def test_what_is_suggested_of_a_road_in_a_town_is_understood(county: Gazetteer) -> None:
    (told,) = county.suggest("古浪镇民主")
    found = county.address(str(told["text"]).partition(" (")[0], accuracy=20.0)
    assert [one.grid["code"] for one in found.candidates if one.grid] == ["620622100001001"]
