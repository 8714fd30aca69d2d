"""Find roads and kilometre marks by the names and numbers that texts give them."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.places.road_index import RoadIndex, stored_marks

LINES = [shapely.LineString([(102.0, 37.0), (102.1, 37.0)]), shapely.LineString([(102.1, 37.0), (102.2, 37.0)])]


def test_pieces_of_a_road_are_found_by_its_name_and_its_number() -> None:
    names = {"name": ["G30连霍高速", "Ｇ30连霍高速", None, "民主街"]}
    frame = gpd.GeoDataFrame(names, geometry=[*LINES, LINES[0], None], crs=4326)
    index = RoadIndex(lambda: frame, list)
    assert {name: len(lines) for name, lines in index.roads.items()} == {"g30": 2, "g30连霍高速": 2, "连霍高速": 2}
    assert not RoadIndex(None, list).roads


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("G30连霍高速K12+300", ["g30", "连霍高速"]),
        ("甘武公路12公里处", ["甘武公路"]),
        ("甘武公路12公里处北侧200米", []),
        ("甘武公路12公里", ["甘武公路"]),
        ("距县城12公里", []),
    ],
)
def test_a_stored_text_is_a_mark_where_it_ends_in_one(text: str, keys: list[str]) -> None:
    marks = RoadIndex(None, lambda: [(text, 102.0, 37.0)]).marks
    assert sorted(marks) == keys


def test_texts_that_may_be_marks_are_kept() -> None:
    texts = {"text": ["民主街3号", "甘武公路12km", None], "standard": ["甘武公路K5", None, None]}
    frame = gpd.GeoDataFrame(texts, geometry=shapely.points([1.0, 2.0, 3.0], 37.0), crs=4326)
    assert stored_marks(frame) == [("甘武公路12km", 2.0, 37.0), ("甘武公路K5", 1.0, 37.0)]


def test_spellings_of_one_number_are_one_road() -> None:
    names = {"name": ["G312", "国道312线", "　Ｇ312线 ", "312国道", "X005"]}
    index = RoadIndex(lambda: gpd.GeoDataFrame(names, geometry=[LINES[0]] * 5, crs=4326), list)
    assert {name: len(lines) for name, lines in index.roads.items()} == {"g312": 4, "x5": 1}
    marks = RoadIndex(None, lambda: [(f"{name} K12", 102.0, 37.0) for name in names["name"]]).marks
    assert {name: len(own) for name, own in marks.items()} == {"g312": 4, "x5": 1}


def test_a_road_has_its_other_names_too() -> None:
    names = {"name": ["G30连霍高速公路", "国道312线", None], "aliases": [None, "兰新公路；机场路", "环城路"]}
    index = RoadIndex(lambda: gpd.GeoDataFrame(names, geometry=[LINES[0]] * 3, crs=4326), list)
    assert set(index.roads) == {"g30", "g30连霍高速", "连霍高速", "g312", "兰新公路", "机场路", "环城路"}
    assert index.names_of("兰新公路") == index.names_of("Ｇ312") == {"g312", "兰新公路", "机场路"}
    assert index.names_of("连霍高速公路") == {"g30", "g30连霍高速", "连霍高速"}
    assert index.names_of("解放路") == {"解放路"}
