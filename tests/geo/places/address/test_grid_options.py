"""Options of a reading: the grids that it may be in, what was not understood, and whether that forbids a match."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.places.address.grid_options import MAX_OPTIONS, Option, Weigher, joined, whole
from geo.places.address.grids_of_places import GridsOfPlaces
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
        ("金强村西街7号", [("g2", ["unstored"], True), ("g1", ["unstored"], True)]),  # the nearer one first
        ("洋县", [(None, [], False)]),
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


def test_spans_that_touch_or_overlap_are_one() -> None:
    assert joined([(3, 5), (0, 3), (4, 4), (7, 8)]) == [(0, 5), (7, 8)]
    assert joined([]) == []
