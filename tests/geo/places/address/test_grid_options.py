"""Options of a reading: the grids that it may be in, what was not understood, and whether that forbids a match."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address.address_options import Option, joined, whole
from geo.places.address.book import AddressBook
from geo.places.address.grid_options import Weigher
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import canonical_tail, normal_form
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import DAJING, OTHER_XINSHENG, XINSHENG, divisions
from tests.geo.places.address.small_weigher import (
    CODES,
    READER,
    TREE,
    VILLAGE,
    WEIGHER,
    answers,
    options,
    said,
    weigher,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("土门镇新胜村", [(XINSHENG, [], False)]),
        ("土门镇新胜村昌灵路1号", [(XINSHENG, [], False)]),
        ("土门镇新胜村昌灵路1号2单元", [(XINSHENG, ["unread"], False)]),
        ("土门镇新胜村昌灵路1号对面", [(XINSHENG, ["nearby"], True)]),
        ("土门镇新胜村对面", [(XINSHENG, ["nearby"], True)]),
        ("土门镇粮库", [(XINSHENG, [], False)]),
        ("土门镇新盛村", [(XINSHENG, ["sound_or_shape"], False)]),
        ("土门乡新胜村", [(XINSHENG, ["alias"], False)]),
        ("大靖镇新胜村", [(OTHER_XINSHENG, [], False)]),
        ("大靖镇红旗村", [(OTHER_XINSHENG, ["unknown_place"], True)]),
        ("土门镇上新胜村3组", [(XINSHENG, ["unknown_place"], True)]),  # another village than 新胜村
        ("金强村", [("g1", [], False), ("g2", [], False)]),
        ("金强村西街1号", [("g1", [], False)]),
        ("金强村幸福小区", [("g1", [], False), ("g2", [], False)]),  # its third building is in another grid
        ("金强村安居小区", [("g1", [], False)]),
        ("金强村西街路口", [("g1", ["nearby"], True), ("g2", ["nearby"], True)]),  # of a street with two doors
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


def test_an_address_outside_all_grids_is_its_own_place_not_that_of_the_rest() -> None:
    index = StoredAddresses(TREE, [("孤店", 0, 0), ("西街1号", TREE.place_of["620623100201"], 1)])
    grid = np.array([-1, CODES.index("g1")], np.int64)
    outside = Weigher(TREE, index, grid, GridsOfPlaces(TREE, index, grid, CODES))
    (found,) = outside.options("金强村孤店", READER.read("金强村孤店")[0])
    assert (found.grid, [fault["code"] for fault in found.faults], found.rows.tolist()) == (-1, ["no_grid"], [0])


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


# Four grids have the name of their village, 金强村, where a number is that of any of them.
GRIDS_OF_ONE_NAME = pd.DataFrame(
    {"code": ["g1", "g2", "g3", "g4"], "name": ["金强村"] * 4, "village": [VILLAGE] * 4, "level": [1] * 4}
)
ONE_NAME = PlaceTree.of(divisions(), None, GRIDS_OF_ONE_NAME)
ONE_NAME_READER = AddressReader(ONE_NAME)
HOLDERS = ["g1", "g2", "g3", "g4", VILLAGE, "620623100", ""]


def weigher_of_one_name(stored: Sequence[tuple[str, str]]) -> Weigher:
    """Return a weigher of tails that are stored in grids, or known only to be in the village, its town or anywhere."""
    places = [ONE_NAME.find_grid(code) or ONE_NAME.find(code) or 0 for _, code in stored]
    index = StoredAddresses(
        ONE_NAME, [(tail, place, row) for row, ((tail, _), place) in enumerate(zip(stored, places, strict=True))]
    )
    grid = np.array([HOLDERS.index(code) if code[:1] == "g" else -1 for _, code in stored], np.int64)
    return Weigher(ONE_NAME, index, grid, GridsOfPlaces(ONE_NAME, index, grid, HOLDERS[:4]))


TOWN_AND_VILLAGE = pd.DataFrame(
    {"code": ["990101", "990101100", "990101100201"], "name": ["青岚县", "甲镇", "老街社区"], "level": [3, 4, 5]}
)
TWO_GRIDS = pd.DataFrame({"code": ["g1", "g2"], "village": ["990101100201"] * 2, "level": [1, 1]})
MARKET = gpd.GeoDataFrame(
    {"text": ["甲镇老街社区老街菜市场"], "grid": ["g1"]}, geometry=gpd.points_from_xy([103], [37])
)


@pytest.mark.parametrize(
    ("text", "status", "grids"),
    [
        ("甲镇老街", "ambiguous", ["g1", "g2"]),
        ("甲镇老街社区", "ambiguous", ["g1", "g2"]),
        ("甲镇老街菜市场", "matched", ["g1"]),
        ("甲镇老街社区老街菜市场", "matched", ["g1"]),
    ],
)
def test_a_village_named_like_a_street_is_meant_as_well_where_only_a_longer_name_is_stored(
    text: str, status: str, grids: list[str]
) -> None:
    """老街社区 has two grids; its market, in the first, does not make 老街 a street of one grid."""
    found = AddressBook(MARKET, TOWN_AND_VILLAGE, grids=TWO_GRIDS).match(text)
    assert (found.status, sorted(one.grid["code"] for one in found.candidates if one.grid)) == (status, grids)


def told(found: Sequence[Option]) -> list[object]:
    """Return options so that they can be compared: arrays are not."""
    return [[one.tolist() if isinstance(one, np.ndarray) else one for one in option] for option in found]


def test_a_door_in_one_of_the_grids_of_one_name_leaves_the_others_with_a_fault() -> None:
    known = weigher_of_one_name([("1组7号", "g1"), ("2组7号", "g2")])
    found = known.of_all("金强村2组7号", ONE_NAME_READER.read("金强村2组7号"))
    # The village has the door in g2, and so has the second of its grids; the others have their place alone.
    assert [(HOLDERS[one.grid], one.rows.tolist()) for one in found] == [
        ("g2", [1]), ("g1", []), ("g2", [1]), ("g3", []), ("g4", []),
    ]  # fmt: skip
    assert [one["code"] for option in found for one in option.faults] == ["unstored"] * 3
    assert [option.reading.place for option in found[1:] if option.reading] == [option.place for option in found[1:]]


@given(
    stored=st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "",
                    "1",
                    "2",
                    "2组",
                    "2组7号",
                    "2组9号",
                    "12组7号",
                    "1-3组",
                    "7号院3幢",
                    "7号3幢",
                    "2组7号1单元",
                    "东街2组7号",
                    "卫生室",
                ]
            ),
            st.sampled_from(HOLDERS),
        ),
        min_size=1,
        max_size=6,
    ),
    tail=st.sampled_from(
        [
            "",
            "2",
            "2组",
            "2组7号",
            "2社7号",
            "2组8号",
            "2组7号2单元",
            "7号3幢",
            "7号",
            "3组",
            "东街2组7号",
            "2组对面",
            "卫生室",
            "桥墩",
        ]
    ),
)
@settings(max_examples=200, deadline=None)
def test_grids_of_one_name_are_answered_together_as_each_alone(stored: list[tuple[str, str]], tail: str) -> None:
    text, known = normal_form(f"金强村{tail}"), weigher_of_one_name(stored)
    readings = ONE_NAME_READER.read_numbered(text)
    assert len(readings) >= 5
    alone = [option for reading in readings for option in known.options(text, reading)]
    assert told(known.of_all(text, readings)) == told(alone)
