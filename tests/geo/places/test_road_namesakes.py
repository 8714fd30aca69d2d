"""A stored door and a road of its name in another town: either may be meant, unless the doors there are known.

::

    38 +----+----+----+      甲镇, 乙镇 and 丙镇, one degree and one grid each, of one county. 建设路 is in 甲镇 and
       | A  | B  | C  |      in 乙镇; 长安路 runs through 甲镇 and 乙镇; 西街 is in 甲镇 and in 丙镇, where the doors of
    37 +----+----+----+      all nineteen other roads are stored.
      102  103  104  105
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import geopandas as gpd
import pytest
import shapely

from geo.places.gazetteer import Gazetteer
from geo.types import Match

CRS = "EPSG:4326"
BOXES = [shapely.box(102 + k, 37, 103 + k, 38) for k in range(3)]
NAMES = ["甲镇", "乙镇", "丙镇"]
CODES = [f"99010100{k}" for k in (1, 2, 3)]
DIVISIONS = gpd.GeoDataFrame(
    {"code": ["990101", *CODES], "name": ["青岚县", *NAMES], "level": ["county"] + ["township"] * 3,
     "parent": [None] + ["990101"] * 3},
    geometry=[shapely.box(102, 37, 105, 38), *BOXES], crs=CRS,
)  # fmt: skip
GRIDS = gpd.GeoDataFrame(
    {"code": [*"ABC"], "name": ["一", "二", "三"], "kind": ["general"] * 3, "level": [1] * 3, "village": CODES,
     "parent": [None] * 3},
    geometry=BOXES, crs=CRS,
)  # fmt: skip
OTHERS = [f"{one}路" for one in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申"]
LINES = {
    "建设路": [(102.2, 102.3), (103.2, 103.3)], "长安路": [(102.9, 103.1)], "西街": [(102.5, 102.6), (104.5, 104.6)],
    "环城路": [(102.7, 102.8), (102.81, 102.9)], **{name: [(104.7, 104.8)] for name in OTHERS},
}  # fmt: skip
ROADS = gpd.GeoDataFrame(
    {"name": [name for name, lines in LINES.items() for _ in lines]},
    geometry=[shapely.LineString([(a, 37.5), (b, 37.5)]) for lines in LINES.values() for a, b in lines], crs=CRS,
)  # fmt: skip
DOORS = {
    "甲镇建设路1号": 102.25, "甲镇长安路1号": 102.95, "西街1号": 102.55, "甲镇环城路1号": 102.75,
    "甲镇建设路2号百货大楼": 102.25, **{f"丙镇{name}1号": 104.75 for name in OTHERS},
}  # fmt: skip


def _places(doors: dict[str, float], roads: gpd.GeoDataFrame = ROADS) -> Gazetteer:
    frame = gpd.GeoDataFrame({"text": [*doors]}, geometry=[shapely.Point(x, 37.5) for x in doors.values()], crs=CRS)
    none = DIVISIONS.iloc[:0]
    return Gazetteer(DIVISIONS, GRIDS, none, lambda: frame, at=date(2026, 1, 2), revision=3, read_roads=lambda: roads)


PLACES = _places(DOORS)


def grids(found: Match) -> list[str | None]:
    return [one.grid["code"] if one.grid else None for one in found.candidates]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("建设路1号", "建设路1号"),
        ("青岚县建设路1号", "建设路1号"),
        ("建設路一號", "建设路1号"),
        ("家住建设路1号", "建设路1号"),
        ("安装地址：建设路 1 号", "建设路1号"),
        ("建设路1号3单元502室", "建设路1号"),
        ("建设路1号小卖部", "建设路1号"),
    ],
)
def test_a_door_may_be_of_a_road_of_its_name_whose_doors_are_not_stored(text: str, said: str) -> None:
    """Of 乙镇 no other road is known, for the middle of 长安路 is on the border: (0 - 0 + 1) / (0 + 2) is a half."""
    found = PLACES.address(text, accuracy=20.0)
    assert (found.status, grids(found), found.point) == ("ambiguous", ["A", "B"], None)
    assert found.candidates[1].score / found.candidates[0].score == pytest.approx(1 / 2, abs=0.01)
    assert found.candidates[1].faults[0]["text"].startswith(f"库里没有“{said}”，按“乙镇建设路”回答")


@pytest.mark.parametrize("text", ["甲镇建设路1号", "青岚县甲镇建设路1号", "建设路1号（甲镇）", "建设路2号百货大楼"])
def test_the_town_or_who_is_there_says_which_road_is_meant(text: str) -> None:
    found = PLACES.address(text, accuracy=20.0)
    assert (found.status, grids(found)) == ("matched", ["A"])


def test_a_road_that_runs_on_in_the_next_town_and_pieces_of_one_road_are_one() -> None:
    for text in ("长安路1号", "环城路1号"):
        found = PLACES.address(text, accuracy=20.0)
        assert (found.status, grids(found)) == ("matched", ["A"]), text


def test_a_road_without_doors_has_none_in_use_where_those_of_all_others_are_stored() -> None:
    """Nineteen of nineteen: (19 - 19 + 1) / (19 + 2) is 0.048. Of nine it would be 0.524."""
    found = PLACES.address("西街1号", accuracy=20.0)
    assert (found.status, grids(found)) == ("matched", ["A"])
    some = {text: x for text, x in DOORS.items() if not text.startswith("丙镇") or text[2:-2] in OTHERS[:9]}
    found = _places(some).address("西街1号", accuracy=20.0)
    assert (found.status, grids(found)) == ("ambiguous", ["A", "C"])


@pytest.mark.parametrize(
    ("stored", "status"),
    [([3], "ambiguous"), ([5], "ambiguous"), ([2, 4], "ambiguous"), ([1], "ambiguous"), (range(3, 66, 2), "matched")],
)
def test_where_doors_of_the_other_road_are_stored_they_tell_whether_the_number_may_be_one(
    stored: Sequence[int], status: str
) -> None:
    """Of the side up to 65 all 32 others are stored: (1 + 1) / (33 + 2) is 0.057."""
    others = {f"乙镇建设路{number}号": 103.25 for number in stored}
    found = _places({**DOORS, **others}).address("建设路1号", accuracy=20.0)
    assert (found.status, grids(found)[0]) == (status, "A")


def test_behind_the_last_door_of_the_other_road_there_is_none() -> None:
    found = _places({**DOORS, "甲镇建设路9号": 102.25, "乙镇建设路5号": 103.25}).address("建设路9号", accuracy=20.0)
    assert (found.status, grids(found)) == ("matched", ["A"])


def test_a_road_that_counts_anew_in_the_next_town_is_another_there() -> None:
    """Both towns have 3 of 长安路; without, the road goes on, and 1 is one door."""
    both = {**DOORS, "甲镇长安路3号": 102.95, "乙镇长安路3号": 103.05}
    found = _places(both).address("长安路1号", accuracy=20.0)
    assert (found.status, grids(found)) == ("ambiguous", ["A", "B"])


def test_a_road_elsewhere_in_the_same_grid_changes_nothing() -> None:
    grid = GRIDS.iloc[:1].assign(geometry=[shapely.box(102, 37, 105, 38)], village=["990101"])
    frame = gpd.GeoDataFrame({"text": ["甲镇建设路1号"]}, geometry=[shapely.Point(102.25, 37.5)], crs=CRS)
    places = Gazetteer(
        DIVISIONS, grid, DIVISIONS.iloc[:0], lambda: frame, at=date(2026, 1, 2), revision=3, read_roads=lambda: ROADS
    )
    assert places.address("建设路1号", accuracy=20.0).status == "matched"
