"""Options of what is not stored: the doors beside it, its place, and where the same text is stored instead."""

from __future__ import annotations

import pytest

from geo.places.address.normalise import normal_form
from tests.geo.places.address.small_places import OTHER_XINSHENG, XINSHENG
from tests.geo.places.address.small_weigher import READER, answers, options, said, weigher


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("土门镇新胜村昌灵路5号", [(XINSHENG, ["unstored"], False)]),  # the street is all in one grid
        ("土门镇新胜村3组", [(XINSHENG, ["unstored"], False)]),
        ("金强村3组", [("g1", ["unstored"], False), ("g2", ["unstored"], False)]),
        ("金强村西街3号", [("g1", ["unstored"], True), ("g2", ["unstored"], True)]),  # between two grids
        ("金强村西街99号", [("g2", ["unstored"], True)]),
        ("土门镇惠民小区2号楼", [(XINSHENG, ["unstored"], False)]),  # between two buildings
        ("土门镇新胜村惠民小区9号楼", [(XINSHENG, ["unstored"], False)]),  # the village is one grid
        ("金强村幸福小区5号楼", [("g2", ["unstored"], True)]),
        ("金强村安居小区5号楼", [("g1", ["unstored"], True)]),  # of which one point is known
        # 康乐小区 is stored in 新胜村 only, whose grid is listed behind the place that is named.
        (
            "土门镇西沟村康乐小区2号楼",
            [(None, ["another_place", "no_grid"], True), (XINSHENG, ["another_place"], True)],
        ),
        ("金强村西街7号对面", [("g2", ["unstored", "nearby"], True), ("g1", ["unstored", "nearby"], True)]),
        ("金强村安居小区5号楼旁", [("g1", ["unstored", "nearby"], True)]),
        ("金强村西街7号", [("g2", ["unstored"], True), ("g1", ["unstored"], True)]),  # the nearer one first
    ],
)
def test_what_is_not_stored_is_answered_by_what_is(
    text: str, expected: list[tuple[str | None, list[str], bool]]
) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("土门镇新胜村昌灵路5号", "库里没有“昌灵路5号”，同侧小号一边最近的是“昌灵路1号”，大号一边最近的是“昌灵路9号”"),
        ("金强村西街4号", "库里没有“西街4号”，对侧小号一边最近的是“西街1号”，大号一边最近的是“西街9号”"),
        ("金强村安居小区5号楼", "库里没有“安居小区5号楼”，按“安居小区”回答"),
        ("土门镇新胜村3组", "库里没有“3组”，按所在的地方回答"),
        ("土门镇新胜村昌灵路1号桥墩", "没有读懂“桥墩”"),
        ("土门镇新胜村桥墩", "没有读懂“桥墩”"),
    ],
)
def test_faults_name_what_was_not_read_and_the_nearest_numbers(text: str, fault: str) -> None:
    assert [one["text"].split(" / ")[0] for one in options(text)[0].faults] == [fault]


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("土门镇新胜村昌灵路1号", 0.0),
        ("土门镇新胜村昌灵路5号", 40.0),  # four numbers
        ("土门镇惠民小区2号楼", 40.0),  # one building
        ("金强村安居小区5号楼", 300.0),  # an estate
    ],
)
def test_how_far_the_place_may_be_is_said_by_what_it_stands_on(text: str, reach: float) -> None:
    assert options(text)[0].reach_m == reach


def test_a_stored_address_says_more_than_its_place_and_a_neighbour_less() -> None:
    exact, beside, place = (options(f"土门镇新胜村{tail}")[0] for tail in ("昌灵路1号", "昌灵路5号", "3组"))
    assert exact.weight > beside.weight > place.weight
    assert (exact.method, beside.method, place.method) == ("exact", "match", "match")
    assert (exact.rows.tolist(), place.rows.tolist()) == ([0], [])


@pytest.mark.parametrize(
    ("stored", "asked", "grids", "is_forbidden"),
    [
        (["滨河路1号 g1", "滨河路9号 g1"], "滨河路5号", "g1", False),
        (["滨河路1号 g1", "滨河路9号 g1"], "滨河路4号", "g1", True),  # nothing is stored on its side
        (["东大街1号 g1", "东大街999号 g1"], "东大街501号", "g1", True),  # far from both
        (["西大街7号 g1", "西大街7号 g2"], "西大街8号", "g1 g2", True),  # both are as near
        (["人民路9号 g1", "人民路15号 g2"], "人民路9-15号", "g1 g2", True),
        (["人民路3号 g1", "人民路5号 g1", "人民路15号 g2"], "人民路3、5、15号", "g1 g2", True),
        (["人民路3号 g1", "人民路15号 g2"], "人民路3号", "g1", False),
    ],
)
def test_a_door_that_is_not_stored_is_where_all_the_nearest_ones_are(
    stored: list[str], asked: str, grids: str, is_forbidden: bool
) -> None:
    pairs = [(tail, grid) for tail, grid in (one.split() for one in stored)]
    assert answers(pairs, normal_form(f"金强村{asked}")) == (set(grids.split()), is_forbidden)


HERE, THERE = ("昌灵路101号6幢1单元", XINSHENG, XINSHENG), ("昌灵路101号", OTHER_XINSHENG, OTHER_XINSHENG)


@pytest.mark.parametrize("text", ["昌灵路101号7号楼", "昌灵路101号6号楼2单元"])
def test_a_door_that_is_stored_here_too_is_not_that_of_another_town(text: str) -> None:
    text = f"土门镇{text}"
    (found,) = weigher([HERE, THERE]).options(text, READER.read(text)[0])
    assert (found.grid, [fault["code"] for fault in found.faults]) == (0, ["unstored"])


def test_a_door_that_is_stored_in_another_town_only_is_told() -> None:
    text = "土门镇昌灵路101号7号楼"
    found = weigher([THERE]).options(text, READER.read(text)[0])
    assert all(fault["code"] == "another_place" for one in found for fault in one.faults if fault["code"] != "no_grid")


def test_a_building_that_is_stored_as_it_stands_in_another_town_is_told() -> None:
    text = "土门镇昌灵路101号7号楼"
    found = weigher([HERE, ("昌灵路101号7幢", OTHER_XINSHENG, OTHER_XINSHENG)]).options(text, READER.read(text)[0])
    assert "another_place" in [fault["code"] for fault in found[0].faults]


FLATS = [("幸福小区1幢1单元101室", "g1"), ("幸福小区1幢2单元102室", "g2")]


@pytest.mark.parametrize(
    ("asked", "grids", "is_forbidden"),
    [
        ("1号楼1单元102室", {"g1"}, True),  # in that unit, but not stored
        ("1号楼2单元101室", {"g2"}, True),
        ("1-1-101", {"g1"}, False),  # stored, in another spelling
        ("1-2-102", {"g2"}, False),
        ("1号楼3单元101室", {"g1", "g2"}, True),  # of a unit that nobody knows
    ],
)
def test_a_flat_is_where_the_others_of_its_unit_are(asked: str, grids: set[str], is_forbidden: bool) -> None:
    assert answers(FLATS, f"金强村幸福小区{asked}") == (grids, is_forbidden)


def test_a_flat_that_is_stored_in_another_spelling_lacks_nothing() -> None:
    stored = [(tail, "620623100201", grid) for tail, grid in FLATS]
    (found,) = weigher(stored).options("金强村幸福小区1-1-101", READER.read("金强村幸福小区1-1-101")[0])
    assert found.faults == ()


FLOORS = [("兴盛商城1楼12号", "g1"), ("兴盛商城2楼12号", "g2")]


@pytest.mark.parametrize(
    ("asked", "grids", "is_forbidden"),
    [("1楼13号", {"g1"}, True), ("2楼13号", {"g2"}, True), ("3楼12号", {"g1", "g2"}, True), ("1楼12号", {"g1"}, False)],
)
def test_a_room_is_on_its_floor_with_the_others(asked: str, grids: set[str], is_forbidden: bool) -> None:
    assert answers(FLOORS, f"金强村兴盛商城{asked}") == (grids, is_forbidden)


@pytest.mark.parametrize(
    ("stored", "asked", "grids", "is_forbidden"),
    [
        (["花园小区3幢 g1", "花园小区1期3幢 g2"], "花园小区3#", {"g1"}, True),  # 3号楼, maybe
        (["花园小区3幢 g1", "花园小区3号 g2"], "花园小区3#", {"g2"}, False),
        (["西街12号 g1", "西街14号 g1", "西街16号 g2"], "西街12号、14号", {"g1"}, False),
        (["西街12号 g1", "西街14号 g1", "西街16号 g2"], "西街12号、16号", {"g1", "g2"}, True),
        (["西街12号 g1", "西街14号 g1", "西街16号 g2"], "西街12号、18号", {"g1", "g2"}, True),
        (["西街12号 g1", "西街16号 g1", "西街14号 g2"], "西街12号至16号", {"g1", "g2"}, True),
    ],
)
def test_a_number_and_a_list_of_numbers(stored: list[str], asked: str, grids: set[str], is_forbidden: bool) -> None:
    pairs = [(tail, grid) for tail, grid in (one.split() for one in stored)]
    assert answers(pairs, normal_form(f"金强村{asked}")) == (grids, is_forbidden)


@pytest.mark.parametrize(
    ("asked", "is_forbidden"),
    [
        ("1号-7", True),  # an annex of 1号, in g1, or doors 1 to 7, of which 7号 is in g2
        ("1号7", True),
        ("1号（7）", True),
        ("1号-3", False),  # both are in g1
        ("1号-5", False),  # no 5号 is stored
        ("7号-1", False),  # doors of a list go up
        ("1号附7", False),
        ("1号7室", False),
    ],
)
def test_a_bare_number_behind_a_door_may_be_that_of_another_door(asked: str, is_forbidden: bool) -> None:
    stored = [("西街1号", "g1"), ("西街3号", "g1"), ("西街7号", "g2")]
    assert answers(stored, normal_form(f"金强村西街{asked}"))[1] == is_forbidden
