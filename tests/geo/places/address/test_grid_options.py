"""Options of a reading: the grids that it may be in, what was not understood, and whether that forbids a match."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.places.address.address_options import MAX_OPTIONS, Option, joined, whole
from geo.places.address.grid_options import Weigher
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import canonical_tail, normal_form
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import DAJING, OTHER_XINSHENG, TUMEN, XINSHENG, divisions

#: Each 新胜村 is one grid; 金强村 has two.
GRIDS = pd.DataFrame(
    {
        "code": [XINSHENG, OTHER_XINSHENG, "g1", "g2"],
        "name": ["新胜村", "新胜村", "一网格", "二网格"],
        "village": [XINSHENG, OTHER_XINSHENG, "620623100201", "620623100201"],
    }
)
CODES = [*GRIDS["code"]]
STORED = [
    ("昌灵路1号", XINSHENG, XINSHENG),
    ("昌灵路9号", XINSHENG, XINSHENG),
    ("西街1号", "620623100201", "g1"),
    ("西街9号", "620623100201", "g2"),
    ("粮库", TUMEN, XINSHENG),
    ("惠民小区1幢", XINSHENG, XINSHENG),
    ("惠民小区3幢", XINSHENG, XINSHENG),
    ("幸福小区", "620623100201", "g1"),
    ("幸福小区3幢", "620623100201", "g2"),
    ("幸福小区停车场", "620623100201", "g2"),
    ("安居小区", "620623100201", "g1"),
    ("康乐小区", XINSHENG, XINSHENG),
    ("新华超市", DAJING, OTHER_XINSHENG),
]
TREE = PlaceTree.of(divisions(), None, GRIDS)
READER = AddressReader(TREE)


def weigher(stored: list[tuple[str, str, str]]) -> Weigher:
    """Return a weigher of stored addresses: tail, code of the place, code of the grid."""
    index = StoredAddresses(TREE, [(tail, TREE.place_of[place], row) for row, (tail, place, _) in enumerate(stored)])
    grid = np.array([CODES.index(code) for _, _, code in stored], np.int64)
    return Weigher(TREE, index, grid, GridsOfPlaces(TREE, index, grid, CODES))


WEIGHER = weigher(STORED)


def options(text: str) -> list[Option]:
    """Return the options of the best reading of a text."""
    return WEIGHER.options(text, READER.read(text)[0])


def said(text: str) -> list[tuple[str | None, list[str], bool]]:
    """Return grid, faults and whether a match is forbidden, of each option."""
    return [
        (CODES[one.grid] if one.grid >= 0 else None, [fault["code"] for fault in one.faults], one.blocks)
        for one in options(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("土门镇新胜村", [(XINSHENG, [], False)]),
        ("土门镇新胜村昌灵路1号", [(XINSHENG, [], False)]),
        ("土门镇新胜村昌灵路1号2单元", [(XINSHENG, ["unread"], False)]),
        ("土门镇新胜村昌灵路1号对面", [(XINSHENG, ["nearby"], True)]),
        ("土门镇新胜村昌灵路5号", [(XINSHENG, ["unstored"], False)]),  # the street is all in one grid
        ("土门镇新胜村3组", [(XINSHENG, ["unstored"], False)]),
        ("土门镇新胜村对面", [(XINSHENG, ["nearby"], True)]),
        ("土门镇粮库", [(XINSHENG, [], False)]),
        ("土门镇新盛村", [(XINSHENG, ["sound_or_shape"], False)]),
        ("土门乡新胜村", [(XINSHENG, ["alias"], False)]),
        ("大靖镇新胜村", [(OTHER_XINSHENG, [], False)]),
        ("大靖镇红旗村", [(OTHER_XINSHENG, ["unknown_place"], True)]),
        ("土门镇上新胜村3组", [(XINSHENG, ["unknown_place"], True)]),  # another village than 新胜村
        ("金强村", [("g1", [], False), ("g2", [], False)]),
        ("金强村3组", [("g1", ["unstored"], False), ("g2", ["unstored"], False)]),
        ("金强村西街1号", [("g1", [], False)]),
        ("金强村西街3号", [("g1", ["unstored"], True), ("g2", ["unstored"], True)]),  # between two grids
        ("金强村西街99号", [("g2", ["unstored"], True)]),
        ("土门镇惠民小区2号楼", [(XINSHENG, ["unstored"], False)]),  # between two buildings
        ("土门镇新胜村惠民小区9号楼", [(XINSHENG, ["unstored"], False)]),  # the village is one grid
        ("金强村幸福小区", [("g1", [], False), ("g2", [], False)]),  # its third building is in another grid
        ("金强村幸福小区5号楼", [("g2", ["unstored"], True)]),
        ("金强村安居小区5号楼", [("g1", ["unstored"], True)]),  # of which one point is known
        ("金强村安居小区", [("g1", [], False)]),
        # 康乐小区 is stored in 新胜村 only, whose grid is listed behind the place that is named.
        (
            "土门镇西沟村康乐小区2号楼",
            [(None, ["another_place", "no_grid"], True), (XINSHENG, ["another_place"], True)],
        ),
        ("金强村西街7号对面", [("g2", ["unstored", "nearby"], True), ("g1", ["unstored", "nearby"], True)]),
        ("金强村西街路口", [("g1", ["nearby"], True), ("g2", ["nearby"], True)]),  # of a street with two doors
        ("金强村安居小区5号楼旁", [("g1", ["unstored", "nearby"], True)]),
        ("金强村西街7号", [("g2", ["unstored"], True), ("g1", ["unstored"], True)]),  # the nearer one first
        ("洋县", [(None, ["no_grid"], False)]),
    ],
)
def test_grids_and_faults(text: str, expected: list[tuple[str | None, list[str], bool]]) -> None:
    assert said(text) == expected


def test_a_contradiction_is_said_and_forbids_a_match() -> None:
    (one,) = options("洋县土门镇新胜村")
    assert (CODES[one.grid], one.blocks) == (XINSHENG, True)
    (fault,) = (fault for fault in one.faults if fault["code"] == "contradiction")
    assert "洋县" in fault["text"]


def test_each_fault_is_said_in_both_languages() -> None:
    for text in ("土门镇新胜村昌灵路1号对面", "土门镇新盛村", "土门乡新胜村", "大靖镇红旗村", "洋县土门镇新胜村3组"):
        for one in options(text):
            assert one.faults
            assert all(" / " in fault["text"] for fault in one.faults)


def test_a_stored_address_says_more_than_its_place_and_a_neighbour_less() -> None:
    exact, beside, place = (options(f"土门镇新胜村{tail}")[0] for tail in ("昌灵路1号", "昌灵路5号", "3组"))
    assert exact.weight > beside.weight > place.weight
    assert (exact.method, beside.method, place.method) == ("exact", "match", "match")
    assert (exact.rows.tolist(), place.rows.tolist()) == ([0], [])


def test_the_rows_are_those_of_the_grid() -> None:
    (street,) = options("土门镇新胜村昌灵路")
    assert sorted(street.rows.tolist()) == [0, 1]
    assert [one.rows.tolist() for one in options("金强村西街")] == [[2], [3]]


def test_all_of_a_known_text_is_read() -> None:
    text = "土门镇新胜村昌灵路1号"
    (one,) = options(text)
    assert joined(one.spans) == [(0, len(text))]
    assert one.share == 1.0
    (near,) = options(f"{text}对面")
    assert joined(near.spans) == [(0, len(text))]
    assert near.share == pytest.approx(len(text) / (len(text) + 2))


def test_a_text_without_a_place_is_taken_whole() -> None:
    (one,) = WEIGHER.options("粮库", whole("粮库"))
    assert (CODES[one.grid], one.method, one.faults) == (XINSHENG, "exact", ())


def test_at_most_ten_options() -> None:
    codes = [f"w{k}" for k in range(30)]
    grids = pd.DataFrame({"code": codes, "name": codes, "village": XINSHENG})
    tree = PlaceTree.of(divisions(), None, grids)
    index = StoredAddresses(tree, [("东街1号", tree.place_of[XINSHENG], row) for row in range(30)])
    many = Weigher(tree, index, np.arange(30), GridsOfPlaces(tree, index, np.arange(30), codes))
    for text in ("土门镇新胜村", "土门镇新胜村东街1号", "土门镇新胜村东街3号", "土门镇新胜村东街"):
        assert 1 <= len(many.options(text, AddressReader(tree).read(text)[0])) <= MAX_OPTIONS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("土门镇新胜村昌灵路5号", "库里没有“昌灵路5号”，同侧小号一边最近的是“昌灵路1号”，大号一边最近的是“昌灵路9号”"),
        ("金强村西街4号", "库里没有“西街4号”，对侧小号一边最近的是“西街1号”，大号一边最近的是“西街9号”"),
        ("金强村安居小区5号楼", "库里没有“安居小区5号楼”，按“安居小区”回答"),
        ("土门镇新胜村3组", "库里没有“3组”，按所在的地方回答"),
        ("土门镇新胜村昌灵路1号桥墩", "没有读懂“桥墩”"),
        ("土门镇新胜村桥墩", "没有读懂“桥墩”"),
    ],
)
def test_faults_name_what_was_not_read_and_the_nearest_numbers(text: str, said: str) -> None:
    assert [fault["text"].split(" / ")[0] for fault in options(text)[0].faults] == [said]


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


def test_grids_beyond_ten_are_known_by_number() -> None:
    codes = [f"w{k}" for k in range(13)]
    grids = pd.DataFrame({"code": codes, "name": codes, "village": XINSHENG})
    tree = PlaceTree.of(divisions(), None, grids)
    index = StoredAddresses(tree, [("东街1号", tree.place_of[XINSHENG], row) for row in range(13)])
    many = Weigher(tree, index, np.arange(13), GridsOfPlaces(tree, index, np.arange(13), codes))
    for text in ("土门镇新胜村", "土门镇新胜村东街1号"):
        found = many.options(text, AddressReader(tree).read(text)[0])
        assert {len({one.grid for one in found} | set(found[0].others.tolist())), len(found) + 3} == {13}


def test_an_address_outside_all_grids_is_its_own_place_not_that_of_the_rest() -> None:
    index = StoredAddresses(TREE, [("孤店", 0, 0), ("西街1号", TREE.place_of["620623100201"], 1)])
    grid = np.array([-1, CODES.index("g1")], np.int64)
    outside = Weigher(TREE, index, grid, GridsOfPlaces(TREE, index, grid, CODES))
    (found,) = outside.options("金强村孤店", READER.read("金强村孤店")[0])
    assert (found.grid, [fault["code"] for fault in found.faults], found.rows.tolist()) == (-1, ["no_grid"], [0])


VILLAGE = "620623100201"


def answers(stored: list[tuple[str, str]], text: str) -> tuple[set[str], bool]:
    """Return the grids of a text in 金强村, where tails are stored in grids, and whether all forbid a match."""
    found = weigher([(tail, VILLAGE, grid) for tail, grid in stored]).options(text, READER.read(text)[0])
    return {CODES[one.grid] for one in found}, all(one.blocks for one in found)


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


@pytest.mark.parametrize(
    ("stored", "asked", "grids", "is_forbidden"),
    [
        (["人民路2号 g1", "幸福小区1幢 g2"], "人民路2号幸福小区1幢", "g1 g2", True),
        (["人民路2号 g1", "幸福小区1幢 g2"], "幸福小区1幢人民路15号", "g1 g2", True),
        (["人民路2号 g1", "锦绣花园 g2"], "人民路5号锦绣花园", "g1 g2", True),
        (["人民路2号 g1", "锦绣花园 g2"], "锦绣花园3幢人民路5号", "g1 g2", True),
        (["人民路2号 g1", "幸福小区1幢 g1"], "人民路2号幸福小区1幢", "g1", False),  # both are in one grid
        (["人民路2号 g1", "幸福小区1幢 g2"], "人民路2号2单元301室", "g1", False),  # no other name
        (["人民路2号 g1", "幸福小区1幢 g2"], "人民路2号1幢", "g1", False),
        (["人民路2号 g1", "幸福小区1幢 g2", "人民路2号幸福小区1幢 g1"], "人民路2号幸福小区1幢", "g1", False),
        (["人民路1号 g1", "人民路1号院3号楼 g2"], "人民路1号3号楼", "g2", False),
        (["人民路1号 g1", "人民路1号院3号楼 g2"], "人民路1号3栋", "g2", False),
        (["人民路1号 g1", "人民路1号院3号楼 g2"], "人民路1号大院3号楼", "g2", False),
        (["人民路1号 g1", "人民路1号院3号楼 g2"], "人民路1号3号楼2单元", "g2", False),
        (["人民路1号 g1", "人民路1号院3号楼 g2"], "人民路1号院4号楼", "g1 g2", False),  # ambiguous, for two grids
        (["人民路1号 g1", "人民路1号院3号楼 g2"], "人民路1号院", "g1", False),
        (["人民路1号 g1", "人民路1号院3号楼 g1"], "人民路1号院4号楼", "g1", False),
    ],
)
def test_another_name_behind_a_door_and_a_part_inside_it_may_be_elsewhere(
    stored: list[str], asked: str, grids: str, is_forbidden: bool
) -> None:
    pairs = [(canonical_tail(tail), grid) for tail, grid in (one.split() for one in stored)]
    assert answers(pairs, normal_form(f"金强村{asked}")) == (set(grids.split()), is_forbidden)


def test_a_name_stored_elsewhere_in_the_county_is_found_behind_a_door() -> None:
    both = weigher([("昌灵路1号", XINSHENG, XINSHENG), ("幸福小区", DAJING, OTHER_XINSHENG)])
    text = "土门镇新胜村昌灵路1号幸福小区"
    found = both.options(text, READER.read(text)[0])
    assert [CODES[one.grid] for one in found] == [XINSHENG, OTHER_XINSHENG]
    assert all("幸福小区" in one.faults[-1]["text"] and one.blocks for one in found)
