"""Words of free texts in Chinese count like those in English."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.assessment.carriageways import road_widths
from geo.catalog.free_words import place_type, place_word, road_class
from geo.check.checks import check
from geo.readers.reading import read_layer
from geo.visibility.views import views

INDOOR = [
    "室内",
    " 室 内 ",
    "屋内",
    "楼内",
    "派出所（室内）",
    "室内-大厅",
    "电梯轿厢",
    "楼道",
    "屋里",
    "室內",
    "商场内",
    "大厅",
    "教室",
    "地下",
    "lobby",
    "indoor",
    "Indoors",
    "INSIDE",
]
OTHER = [
    "室外",
    "室内外",
    "非室内",
    "半室内",
    "户外",
    "院内",
    "不在室内",
    "地下通道",
    "仓库",
    "outdoor",
    "indoor/outdoor",
    "车站",
    "内蒙古",
    "外环路",
    "",
    None,
]


@pytest.mark.parametrize("text", INDOOR)
def test_a_camera_indoors_sees_nothing_in_any_language(text: str) -> None:
    """It stands one metre behind the wall of a building of 10 m: outdoors it would be moved to the wall (B1)."""
    camera = gpd.GeoDataFrame(
        {"id": ["c"], "azimuth": [90.0], "place_type": [text]}, geometry=[shapely.Point(9, 5)], crs=4547
    )
    house = gpd.GeoDataFrame({"id": ["h"], "height": [9.0]}, geometry=[shapely.box(0, 0, 10, 10)], crs=4547)
    found = views(camera, house)
    assert found.possible.iloc[0].is_empty
    assert not views(camera.assign(place_type="室外"), house).sure.iloc[0].is_empty
    codes = {one.code for one in check({"cameras": camera.to_crs(4326), "obstacles": house.to_crs(4326)})}
    assert ("camera-indoor" in codes, "camera-in-wall" in codes) == (True, False)


@pytest.mark.parametrize("text", OTHER)
def test_what_is_not_said_to_be_indoors_is_not(text: str | None) -> None:
    assert place_type(text) != "indoor"


def test_a_file_is_read_in_the_words_of_the_store(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    words = ["室内", "室外", "电梯轿厢", "车站"]
    path.write_text(
        "设备编码,经度,纬度,室内外\n" + "".join(f"c{k},102.8,37.4{k},{one}\n" for k, one in enumerate(words))
    )
    frame = read_layer(path, "cameras", crs="wgs84").frame
    assert frame["place_type"].tolist() == ["indoor", "outdoor", "电梯轿厢", "车站"]


@pytest.mark.parametrize(
    ("text", "width"),
    [("国道", 15), ("主干路", 15), ("乡道", 15), ("支路", 8), ("巷", 8), ("人行道", 3), ("机耕路", 3), ("台阶", 3),
     ("隧道", np.nan), ("在建", np.nan), ("", 15), (None, 15), ("primary_link", 15), ("Rue", 8)],
)  # fmt: skip
def test_classes_of_roads_in_chinese_have_the_widths_of_those_in_english(text: str | None, width: float) -> None:
    roads = gpd.GeoDataFrame({"class": [text]}, geometry=[shapely.LineString([(0, 0), (1, 0)])], crs=4547)
    np.testing.assert_equal(road_widths(roads), [width])


def test_every_word_is_that_of_a_class_by_rule() -> None:
    assert road_class("隧道") == "tunnel"
    assert road_class("隧道口") == "隧道口"


def test_a_word_for_a_place_that_an_import_takes_means_the_same_to_the_rules() -> None:
    """Importing writes the one word for the other: what a rule makes of the row does not change."""
    words = ("室内", "户外", "楼内", "馆外", "Indoors", "outside", "interior", "内", "外", "露天")
    assert {word: place_word(word) for word in words} == {word: place_type(word) for word in words}
    kept = ("电梯", "楼道", "派出所（室内）", "室内外", "地下车库", "车站", "street")
    assert {word: place_word(word) for word in kept} == dict.fromkeys(kept)
