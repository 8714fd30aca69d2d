"""Options of places and of stored addresses: their grids and rows, of very many the first, and the rest by number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.address_options import MAX_OPTIONS, whole
from geo.places.address.grid_options import Weigher
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import normal_form
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.stored_options import in_grids
from tests.geo.places.address.small_places import OTHER_XINSHENG, XINSHENG, divisions
from tests.geo.places.address.small_weigher import CODES, READER, VILLAGE, options, weigher


def test_the_rows_are_those_of_the_grid() -> None:
    (street,) = options("土门镇新胜村昌灵路")
    assert sorted(street.rows.tolist()) == [0, 1]
    assert [one.rows.tolist() for one in options("金强村西街")] == [[2], [3]]


def test_at_most_ten_options() -> None:
    codes = [f"w{k}" for k in range(30)]
    grids = pd.DataFrame({"code": codes, "name": codes, "village": XINSHENG})
    tree = PlaceTree.of(divisions(), None, grids)
    index = StoredAddresses(tree, [("东街1号", tree.place_of[XINSHENG], row) for row in range(30)])
    many = Weigher(tree, index, np.arange(30), GridsOfPlaces(tree, index, np.arange(30), codes))
    for text in ("土门镇新胜村", "土门镇新胜村东街1号", "土门镇新胜村东街3号", "土门镇新胜村东街"):
        assert 1 <= len(many.options(text, AddressReader(tree).read(text)[0])) <= MAX_OPTIONS


def test_grids_beyond_ten_are_known_by_number() -> None:
    codes = [f"w{k}" for k in range(13)]
    grids = pd.DataFrame({"code": codes, "name": codes, "village": XINSHENG})
    tree = PlaceTree.of(divisions(), None, grids)
    index = StoredAddresses(tree, [("东街1号", tree.place_of[XINSHENG], row) for row in range(13)])
    many = Weigher(tree, index, np.arange(13), GridsOfPlaces(tree, index, np.arange(13), codes))
    for text in ("土门镇新胜村", "土门镇新胜村东街1号"):
        found = many.options(text, AddressReader(tree).read(text)[0])
        assert {len({one.grid for one in found} | set(found[0].others.tolist())), len(found) + 3} == {13}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 30)), max_size=20), st.integers(1, 6))
def test_entries_in_grids(known: list[tuple[int, int]], most: int) -> None:
    """Each grid once with all its entries, those with the shortest tail first."""
    grids = np.array([grid for grid, _ in known], np.int64)
    sizes = np.array([size for _, size in known], np.int64)
    found = [(grid, at.tolist()) for grid, at in in_grids(grids, sizes, most)]
    assert len(found) == min(most, len(set(grids.tolist())))
    assert all(at == np.flatnonzero(grids == grid).tolist() for grid, at in found)
    shortest = [int(sizes[at].min()) for _, at in found]
    assert shortest == sorted(shortest)


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("博爱医院住院部", "unstored"),
        ("博爱医院门诊楼3楼", "unstored"),
        ("博爱医院家属楼2号楼", "unstored"),
        ("博爱医院住院部对面", "unstored nearby"),
        ("博爱医院桥墩", "unread"),
    ],
)
def test_a_department_that_is_not_stored_is_answered_by_its_hospital(asked: str, codes: str) -> None:
    """金强村 has two grids: the building may be in the other one. 新胜村 has one, where it is then."""
    for village, place, grid, is_forbidden in (
        ("金强村", VILLAGE, "g1", True),
        ("土门镇新胜村", XINSHENG, XINSHENG, codes != "unstored"),
    ):
        known = weigher([("博爱医院", place, grid)])
        text = normal_form(village + asked)
        (one,) = known.options(text, READER.read(text)[0])
        told = [fault["code"] for fault in one.faults]
        assert (CODES[one.grid], told, one.blocks) == (grid, codes.split(), is_forbidden)
        assert one.reach_m == (300.0 if "unstored" in codes else 0.0)


@pytest.mark.parametrize(
    ("asked", "reach"),
    [("西街8弄", 300.0), ("西街8弄3号", 0.0), ("东巷", 300.0), ("东巷2号", 0.0), ("兴盛商城", 0.0)],
)
def test_a_lane_is_longer_than_the_only_house_that_is_known_of_it(asked: str, reach: float) -> None:
    stored = [(tail, VILLAGE, "g1") for tail in ("西街8弄3号", "东巷2号", "兴盛商城1楼")]
    (found,) = weigher(stored).options(f"金强村{asked}", READER.read(f"金强村{asked}")[0])
    assert (CODES[found.grid], found.faults, found.reach_m) == ("g1", (), reach)


@pytest.mark.parametrize(("asked", "grid", "told"), [
    ("和平路21号", OTHER_XINSHENG, ["grid_elsewhere"]), ("土门镇和平路21号", OTHER_XINSHENG, ["grid_elsewhere"]),
    ("和平路21号", XINSHENG, []),
])  # fmt: skip
def test_a_point_outside_the_town_that_the_stored_text_names_is_told_though_nobody_asks_for_the_town(
    asked: str, grid: str, told: list[str]
) -> None:
    """The address is one of 新胜村 in 土门镇; the other 新胜村 is in another town."""
    text = normal_form(asked)
    (one,) = weigher([("和平路21号", XINSHENG, grid)]).options(text, next(iter(READER.read(text)), whole(text)))
    assert ([fault["code"] for fault in one.faults], one.blocks) == (told, bool(told))
