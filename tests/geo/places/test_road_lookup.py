"""Roads in texts: crossings in every spelling, and roads that answer for doors that are not stored.

::

    38 +----+----+----+----+      甲镇 is the west, 乙镇 the east, of one degree and two grids each. 昌灵路 runs along
       | W0 | W  | E  | E0 |      37.5 from 102.9 to 103.1, half of it in either; 民主街 crosses it at 102.95; 西街
    37 +----+----+----+----+      is in W0 alone; at 104 the grids end, and 东关路 runs on to 104.1.
      102       103       104
"""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely

from geo.places.gazetteer import Gazetteer
from geo.types import Match

CRS = "EPSG:4326"
BOXES = [shapely.box(102, 37, 104, 38), shapely.box(102, 37, 103, 38), shapely.box(103, 37, 104, 38)]
DIVISIONS = gpd.GeoDataFrame(
    {
        "code": ["990101", "990101001", "990101002"], "name": ["青岚县", "甲镇", "乙镇"],
        "level": ["county", "township", "township"], "parent": [None, "990101", "990101"],
    },
    geometry=BOXES, crs=CRS,
)  # fmt: skip
GRIDS = gpd.GeoDataFrame(
    {
        "code": ["W0", "W", "E", "E0"], "name": ["西一", "西二", "东一", "东二"], "kind": ["general"] * 4,
        "level": [1] * 4, "village": ["990101001", "990101001", "990101002", "990101002"], "parent": [None] * 4,
    },
    geometry=[shapely.box(102 + k / 2, 37, 102.5 + k / 2, 38) for k in range(4)], crs=CRS,
)  # fmt: skip
FAR_WEST, WEST, EAST, FAR_EAST = GRIDS["code"]
ADDRESSES = gpd.GeoDataFrame({"text": ["民主街1号"]}, geometry=[shapely.Point(102.95, 37.51)], crs=CRS)
ROADS = gpd.GeoDataFrame(
    {"id": [*"12345"], "class": ["primary"] * 5, "name": ["昌灵路", "民主街", "西街", "东关路", "甘武公路"]},
    geometry=[
        shapely.LineString(line)
        for line in (
            [(102.9, 37.5), (103.1, 37.5)], [(102.95, 37.4), (102.95, 37.6)], [(102.2, 37.2), (102.3, 37.2)],
            [(103.9, 37.3), (104.1, 37.3)], [(102.9, 37.8), (103.1, 37.8)],
        )
    ],
    crs=CRS,
)  # fmt: skip
#: A degree of the parallel at 37.5 degrees north, metres on the ellipsoid.
DEGREE_M = 88_430.0


def _places(roads: gpd.GeoDataFrame | None) -> Gazetteer:
    return Gazetteer(
        DIVISIONS, GRIDS, DIVISIONS.iloc[:0], lambda: ADDRESSES, at=date(2026, 1, 2), revision=3,
        read_roads=None if roads is None else lambda: roads,
    )  # fmt: skip


PLACES = _places(ROADS)


def answer(text: str) -> Match:
    return PLACES.address(text, accuracy=20.0)


def grids(found: Match) -> list[str | None]:
    return [one.grid["code"] if one.grid else None for one in found.candidates]


def faults(found: Match) -> list[str]:
    return [one["code"] for one in found.candidates[0].faults]


@pytest.mark.parametrize(
    "text",
    [
        "昌灵路与民主街交叉口", "昌灵路民主街十字", "昌灵路/民主街", "昌灵路-民主街", "昌灵路与民主街路口",
        "昌灵路和民主街交汇处", "甲镇昌灵路/民主街", "民主街昌灵路什字",
    ],
)  # fmt: skip
def test_a_crossing_in_every_spelling(text: str) -> None:
    found = answer(text)
    assert (found.status, found.point, grids(found)) == ("matched", (102.95, 37.5), [WEST])


def test_a_road_answers_for_a_door_that_is_not_stored() -> None:
    found = answer("昌灵路202号")
    assert (found.status, sorted(map(str, grids(found)))) == ("partial", [EAST, WEST])
    assert found.point == pytest.approx((103.0, 37.5), abs=1e-3)
    first = found.candidates[0]
    assert first.precision_m == pytest.approx(0.1 * DEGREE_M, rel=0.01), "half its length"
    assert first.faults[0]["text"].split(" / ")[0] == "库里没有“昌灵路202号”，按“昌灵路”回答"
    assert [one.score for one in found.candidates] == pytest.approx([0.5, 0.5], abs=0.01)


def test_of_a_road_only_the_part_in_the_place_named_is_meant() -> None:
    found = answer("青岚县甲镇昌灵路202号")
    assert (found.status, grids(found), faults(found)) == ("partial", [WEST], ["unstored"])
    assert found.point == pytest.approx((102.95, 37.5), abs=1e-3)
    assert found.candidates[0].precision_m == pytest.approx(0.05 * DEGREE_M, rel=0.02)


def test_a_road_of_another_place_is_not_the_one_that_is_meant() -> None:
    found = answer("乙镇西街5号")
    assert (found.status, grids(found)) == ("ambiguous", [EAST, FAR_EAST])
    assert faults(found) == ["unstored", "outside"]


def test_a_road_alone_is_the_grids_that_it_runs_through() -> None:
    assert (answer("昌灵路").status, answer("西街").status, grids(answer("西街"))) == (
        "ambiguous",
        "matched",
        [FAR_WEST],
    )


def test_a_road_that_leaves_all_grids_is_partial_and_says_so() -> None:
    found = answer("东关路5号")
    assert (found.status, set(grids(found))) == ("partial", {FAR_EAST, None})
    assert {fault["code"] for one in found.candidates if one.grid is None for fault in one.faults} == {
        "no_grid", "unstored"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("西街路口往东50米", ["nearby"]),
        ("西街5号对面", ["unstored", "nearby"]),
        ("西街桥墩", ["unread"]),
        ("昌灵路民主街东北角", ["nearby"]),
        ("昌灵路与火星路交叉口", ["nearby", "unknown_road"]),
        ("昌灵路与西街交叉口", ["nearby", "no_crossing"]),
    ],
)
def test_what_is_said_behind_a_road_is_told(text: str, codes: list[str]) -> None:
    found = answer(text)
    assert found.status == "partial"
    assert faults(found) == codes


def test_a_mark_that_is_beyond_all_stored_ones_is_its_road() -> None:
    for text in ("甘武公路12公里", "甘武公路K12+300"):
        found = answer(text)
        said = found.candidates[0].faults[0]["text"].split(" / ")[0]
        assert (found.status, said) == ("partial", f"库里没有“{text}”，按“甘武公路”回答")


def test_stored_addresses_say_more_than_roads() -> None:
    assert answer("民主街1号").point == (102.95, 37.51)
    assert answer("民主街9号").candidates[0].faults[0]["text"].startswith("库里没有“民主街9号”，同侧小号一边")


def test_without_roads_nothing_is_made_up() -> None:
    assert _places(None).address("昌灵路202号", accuracy=20.0).status == "not_found"
    assert answer("火星路202号").status == "not_found"


#: 昌灵路社区 is the whole of E0, and 昌灵路 runs through W and E; 昌灵路9号 is in W0, where it does not run.
COMMUNITY = gpd.GeoDataFrame(
    {
        "code": [*DIVISIONS["code"], "990101002001"], "name": [*DIVISIONS["name"], "昌灵路社区居委会"],
        "level": [*DIVISIONS["level"], "village"], "parent": [*DIVISIONS["parent"], "990101002"],
    },
    geometry=[*BOXES, shapely.box(103.5, 37, 104, 38)], crs=CRS,
)  # fmt: skip
DOORS = gpd.GeoDataFrame(
    {"text": ["民主街1号", "昌灵路9号", "西街2号"]},
    geometry=[shapely.Point(102.95, 37.51), shapely.Point(102.2, 37.5), shapely.Point(102.25, 37.2)], crs=CRS,
)  # fmt: skip
NAMED = Gazetteer(
    COMMUNITY, GRIDS.assign(village=[*GRIDS["village"][:3], "990101002001"]), DIVISIONS.iloc[:0], lambda: DOORS,
    at=date(2026, 1, 2), revision=3, read_roads=lambda: ROADS,
)  # fmt: skip


def named(text: str) -> Match:
    return NAMED.address(text, accuracy=20.0)


@pytest.mark.parametrize(
    "text", ["昌灵路社区", "昌灵路社区居委会", "乙镇昌灵路社区居委会", "昌灵路社区3组", "昌灵路社区5号"]
)
def test_a_community_named_after_a_road_is_not_the_road(text: str) -> None:
    assert grids(named(text)) == [FAR_EAST]
    assert NAMED.stored_address(text, accuracy=20.0) == named(text)


@pytest.mark.parametrize("text", ["昌灵路小区", "昌灵路新村5号", "昌灵路村", "西街街坊"])
def test_a_name_that_is_longer_than_that_of_a_road_is_not_the_road(text: str) -> None:
    assert answer(text).status == "not_found"


def test_a_road_without_a_number_is_the_grids_of_its_line_and_of_its_doors() -> None:
    found = named("昌灵路")
    assert (found.status, sorted(map(str, grids(found)))) == ("ambiguous", sorted([FAR_WEST, WEST, EAST]))
    assert not faults(found)
    assert grids(named("昌灵路9号")) == [FAR_WEST]


def test_a_road_in_one_grid_with_its_doors_is_matched_by_a_door() -> None:
    found = named("西街")
    assert (found.status, grids(found), found.point) == ("matched", [FAR_WEST], (102.25, 37.2))


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("高层 昌灵路9号", "高层"),
        ("王家小卖部昌灵路9号", "王家小卖部"),
        ("幸福小区昌灵路9号", "幸福小区"),
        ("高层昌灵路9号3单元501", "高层"),
    ],
)
def test_a_stored_door_behind_words_that_are_not_understood_is_found(text: str, unread: str) -> None:
    found = named(text)
    assert (found.status, grids(found), found.point) == ("partial", [FAR_WEST], (102.2, 37.5))
    first = found.candidates[0]
    assert first.faults[-1]["text"].split(" / ")[0] == f"没有读懂“{unread}”"
    start, end = first.spans[0]
    assert text[start:end].startswith("昌灵路9号")


def test_a_door_in_another_place_than_the_one_named_is_not_meant() -> None:
    found = named("乙镇李四昌灵路9号")
    assert (found.status, grids(found)) == ("partial", [EAST])


def test_a_road_is_cited_without_the_blank_before_it() -> None:
    found = answer("高层 昌灵路9号")
    assert list(found.candidates[0].spans) == [(3, 6)]
    assert [one["text"].split(" / ")[0] for one in found.candidates[0].faults] == [
        "没有读懂“高层”",
        "库里没有“昌灵路9号”，按“昌灵路”回答",
    ]


#: Of 312国道 two marks are stored, 8,843 m apart as a tenth of a degree is, and a door; of the motorway two marks.
NUMBERED = Gazetteer(
    DIVISIONS, GRIDS, DIVISIONS.iloc[:0],
    lambda: gpd.GeoDataFrame(
        {"text": ["国道312线K10", "国道312线K18+843", "国道312线5号", "G30连霍高速K10", "G30连霍高速K18+843"]},
        geometry=shapely.points([102.3, 102.4, 103.7, 102.3, 102.4], [37.3, 37.3, 37.3, 37.8, 37.8]), crs=CRS,
    ),
    at=date(2026, 1, 2), revision=3,
    read_roads=lambda: gpd.GeoDataFrame(
        {"name": ["国道312线", "G30连霍高速"], "aliases": ["兰新公路;西部大道", None]},
        geometry=shapely.linestrings([[[102.1, 37.3], [103.9, 37.3]], [[102.1, 37.8], [103.9, 37.8]]]), crs=CRS,
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "G312K12", "G312 K12", "312国道K12公里处", "国道312线K12", "兰新公路12公里处", "西部大道K12", "甲镇兰新公路K12",
        "G30K12", "连霍高速K12", "连霍高速公路12公里", "G30连霍高速公路K12", "甲镇连霍高速K12",
    ],
)  # fmt: skip
def test_a_mark_is_found_by_every_name_of_its_road(text: str) -> None:
    """2,000 m of 8,843 m from 102.3 towards 102.4."""
    found = NUMBERED.address(text, accuracy=20.0)
    assert (found.status, grids(found)) == ("matched", [FAR_WEST])
    assert found.point is not None
    assert found.point[0] == pytest.approx(102.3 + 0.1 * 2_000 / 8_843, abs=1e-4)


@pytest.mark.parametrize(
    "text", ["国道312线5号", "312国道5号", "G312国道5号", "G312线5号", "G312 5号", "Ｇ３１２线５号"]
)
def test_a_door_of_a_numbered_road_is_found_in_every_spelling(text: str) -> None:
    found = NUMBERED.address(text, accuracy=20.0)
    assert (found.status, grids(found), found.point) == ("matched", [FAR_EAST], (103.7, 37.3))


def test_a_mark_of_a_road_of_another_town_is_no_mark_of_this_one() -> None:
    assert NUMBERED.address("乙镇连霍高速K12", accuracy=20.0).status != "matched"


#: 共路 runs along 昌灵路 from 102.95 to 103.05, half of it in either town; 短路 for 20 m on either side of 103. Of
#: 昌灵路 two marks are stored, a tenth of a degree apart, 8,843 m, that say 8,000 m.
TOGETHER = Gazetteer(
    DIVISIONS, GRIDS, DIVISIONS.iloc[:0],
    lambda: gpd.GeoDataFrame(
        {"text": ["昌灵路K10", "昌灵路K18"]}, geometry=shapely.points([102.95, 103.05], [37.5, 37.5]), crs=CRS
    ),
    at=date(2026, 1, 2), revision=3,
    read_roads=lambda: gpd.GeoDataFrame(
        {"name": ["昌灵路", "共路", "短路", "西并路"]},
        geometry=[
            shapely.LineString([(102.9, 37.5), (103.1, 37.5)]), shapely.LineString([(102.95, 37.5), (103.05, 37.5)]),
            shapely.LineString([(103 - 20 / DEGREE_M, 37.5), (103 + 20 / DEGREE_M, 37.5)]),
            shapely.LineString([(102.92, 37.5), (102.98, 37.5)]),
        ],
        crs=CRS,
    ),
)  # fmt: skip


def test_roads_that_run_together_through_several_grids_meet_in_each() -> None:
    found = TOGETHER.address("昌灵路与共路交叉口", accuracy=20.0)
    assert (found.status, sorted(map(str, grids(found))), found.point) == ("ambiguous", [EAST, WEST], None)
    assert [one.score for one in found.candidates] == [0.5, 0.5]
    west = next(one for one in found.candidates if one.grid and one.grid["code"] == WEST)
    assert west.precision_m == pytest.approx(0.025 * DEGREE_M, rel=0.02), "half of the part in this grid"


def test_of_roads_that_run_together_only_the_part_in_the_place_named_is_meant() -> None:
    found = TOGETHER.address("甲镇昌灵路与共路交叉口", accuracy=20.0)
    assert (found.status, grids(found)) == ("matched", [WEST])
    assert found.point == pytest.approx((102.975, 37.5), abs=1e-3)


def test_roads_that_run_together_in_one_grid_and_crossings_within_the_margin_are_one_place() -> None:
    assert [TOGETHER.address(f"昌灵路与{road}交叉口", accuracy=20.0).status for road in ("西并路", "短路")] == [
        "matched",
        "matched",
    ]


@pytest.mark.parametrize(("mark", "codes"), [("K14", {WEST, EAST}), ("K11", {WEST}), ("K17", {EAST})])
def test_a_mark_that_may_be_in_two_grids_is_in_both(mark: str, codes: set[str]) -> None:
    """K14 is half way, at 103, and 843 m of doubt are half of them before it or all behind."""
    found = TOGETHER.address(f"昌灵路{mark}", accuracy=20.0)
    assert (found.status, set(grids(found))) == ("matched" if len(codes) == 1 else "ambiguous", codes)


@pytest.mark.parametrize("text", ["西街×", "~~西街~~", "西街?", "昌灵路与民主街交叉口×", "✗民主街1号", "民主街1号？"])
def test_a_text_that_is_struck_out_or_in_doubt_is_never_matched(text: str) -> None:
    found = answer(text)
    assert (found.status, faults(found)[-1]) == ("partial", "unread")
    assert answer("昌灵路×民主街").status == "matched", "a mark between two roads says that they cross"


@pytest.mark.parametrize("branch", ["支路", "一支路", "第二支路", "辅路", "二路", "长安街"])
def test_a_branch_of_a_road_is_another_road(branch: str) -> None:
    found = answer("西街" + branch)
    assert (found.status, grids(found), faults(found)) == ("partial", [FAR_WEST], ["unstored"])


def test_a_name_of_a_road_is_read_whole() -> None:
    roads = ROADS.assign(aliases=["老街路", "东街路", None, None, None])
    places = _places(roads)
    found = places.address("老街路", accuracy=20.0)
    assert (found.status, faults(found)) == ("ambiguous", [])
    assert places.address("老街路与东街路交叉口", accuracy=20.0).point == (102.95, 37.5)


@pytest.mark.parametrize("section", ["（昌灵路至民主街段）", "昌灵路至民主街段", "昌灵路到民主街"])
def test_a_section_of_a_road_is_of_that_road_and_told(section: str) -> None:
    found = answer("西街" + section)
    assert (found.status, grids(found), faults(found)) == ("partial", [FAR_WEST], ["unread"])


@pytest.mark.parametrize(
    "before",
    [
        "甲镇不是", "甲镇没有", "甲镇（不是）", "甲镇离开", "甲镇第二", "甲镇王庄", "甲镇长安街3号",
        "甲镇昌灵路与", "甲镇昌灵路、", "甲镇昌灵路至",
    ],
)  # fmt: skip
def test_words_between_a_town_and_a_road_are_told(before: str) -> None:
    """西街 lies in one grid of 甲镇: alone behind its town it is matched, behind other words nobody knows which."""
    found = answer(before + "西街")
    assert (found.status, faults(found)) == ("partial", ["unread"])


@pytest.mark.parametrize("before", ["甲镇", "青岚县甲镇", "甲镇的", "地址：甲镇，", "位于甲镇"])
def test_a_road_behind_its_town_alone_is_matched(before: str) -> None:
    found = answer(before + "西街")
    assert (found.status, grids(found)) == ("matched", [FAR_WEST])


@pytest.mark.parametrize(
    "word",
    [
        "红绿灯",
        "T字路口",
        "Ｙ字路口",
        "转盘",
        "环岛",
        "汇合处",
        "信号灯路口",
        "路口红绿灯",
        "路口摄像头",
        "十字治安监控",
        "路口监控杆",
    ],
)
def test_a_crossing_as_registers_of_cameras_write_it(word: str) -> None:
    found = answer("昌灵路与民主街" + word)
    assert (found.status, grids(found), faults(found), found.point) == ("matched", [WEST], [], (102.95, 37.5))


@pytest.mark.parametrize("word", ["交叉口监控室", "转盘网吧", "路口摄像头专卖店", "红绿灯对面"])
def test_what_is_beside_a_crossing_is_told(word: str) -> None:
    assert answer("昌灵路与民主街" + word).status == "partial"


@pytest.mark.parametrize("text", ["昌灵路红绿灯", "昌灵路转盘"])
def test_a_crossing_of_one_road_alone_is_not_known(text: str) -> None:
    assert answer(text).status in ("partial", "ambiguous")
    assert "unread" in faults(answer(text))


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("不是民主街1号", 0.03),
        ("北京市民主街1号", 0.03),
        ("离开民主街", 0.03),
        ("杭州市昌灵路", 0.03),
        ("民主街不是9号", 0.03),
        ("王庄民主街1号", 0.3),
    ],
)
def test_what_is_denied_or_elsewhere_is_not_trusted(text: str, most: float) -> None:
    found = answer(text)
    assert found.status == "partial"
    assert sum(one.score for one in found.candidates) <= most
    assert all("unread" in [fault["code"] for fault in one.faults] for one in found.candidates)


@pytest.mark.parametrize("label", ["家住", "1、", "安装地址：", "序号3："])
def test_a_label_before_a_road_is_no_part_of_the_place(label: str) -> None:
    assert (answer(label + "西街").status, grids(answer(label + "西街"))) == ("matched", [FAR_WEST])


@pytest.mark.parametrize("section", ["北段", "中段", "南段", "北段5号"])
def test_a_part_of_a_road_is_on_it_and_told(section: str) -> None:
    found = answer(f"西街{section}")
    assert (found.status, grids(found), faults(found)) == ("partial", [FAR_WEST], ["unstored"])


@pytest.mark.parametrize("text", ["西街巷", "西街巷5号", "昌灵路巷3-1号"])
def test_a_lane_named_after_a_road_is_another_one(text: str) -> None:
    assert answer(text).status == "partial"
    assert "unstored" in faults(answer(text))


@pytest.mark.parametrize("place", ["（甲镇）", "，甲镇", " 青岚县甲镇"])
def test_the_place_of_a_road_may_stand_behind_it(place: str) -> None:
    assert (answer(f"西街{place}").status, grids(answer(f"西街{place}"))) == ("matched", [FAR_WEST])


@pytest.mark.parametrize("place", ["（乙镇）", "（王庄）", "（不是甲镇）"])
def test_another_place_behind_a_road_is_told(place: str) -> None:
    assert answer(f"西街{place}").status != "matched"
    assert faults(answer(f"西街{place}"))


def test_the_roads_are_read_once_when_all_is_prepared() -> None:
    read: list[int] = []

    def roads() -> gpd.GeoDataFrame:
        read.append(1)
        return ROADS

    places = Gazetteer(
        DIVISIONS, GRIDS, DIVISIONS.iloc[:0], lambda: ADDRESSES, at=date(2026, 1, 2), revision=3, read_roads=roads
    )
    places.prepare()
    assert len(read) == 1
    assert places.address("西街", accuracy=20.0).status == "matched"
    assert len(read) == 1
