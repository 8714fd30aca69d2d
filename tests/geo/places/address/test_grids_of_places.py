"""Grids of a place: those that lie in it, microgrids through their grid; without any, those of its addresses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import DAJING, NAMES, OTHER_XINSHENG, TUMEN, XINSHENG, divisions

#: 新胜村 of 土门镇 has two grids, one with a microgrid; 大湾村 has one of its own name; a microgrid has no grid.
GRIDS = pd.DataFrame(
    {
        "code": ["g1", "g2", "g2W1", "620622102202", "lone"],
        "name": ["一网格", "二网格", "一组", "大湾村", "独组"],
        "level": [1, 1, 2, 1, 2],
        "village": [XINSHENG, XINSHENG, None, "620622102202", "620622102203"],
        "parent": [None, None, "g2", None, None],
    }
)


def grids(
    of_row: tuple[tuple[str, int], ...] = (), layer: pd.DataFrame | None = GRIDS
) -> tuple[PlaceTree, GridsOfPlaces]:
    """Return the tree and the grids; a stored address is the code of its place and the number of its grid."""
    known = PlaceTree.of(divisions(), None, layer)
    stored = StoredAddresses(known, [("东街", known.place_of[code], row) for row, (code, _) in enumerate(of_row)])
    return known, GridsOfPlaces(known, stored, np.array([grid for _, grid in of_row], np.int64), ["a0", "a1"])


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (XINSHENG, ["g1", "g2"]),
        ("620622102202", ["620622102202"]),
        ("620622102203", ["lone"]),
        (TUMEN, ["620622102202", "g1", "g2", "lone"]),
        ("620622", ["620622102202", "g1", "g2", "lone"]),
        ("610723", []),
    ],
)
def test_of_a_division(code: str, expected: list[str]) -> None:
    known, found = grids()
    assert sorted(found.codes[number] for number in found.of(known.place_of[code])) == expected


@pytest.mark.parametrize(("code", "expected"), [("g1", ["g1"]), ("g2W1", ["g2W1"]), ("lone", ["lone"])])
def test_of_a_grid_and_of_a_microgrid_itself(code: str, expected: list[str]) -> None:
    known, found = grids()
    assert [found.codes[number] for number in found.of(known.grid_of[code])] == expected


def test_addresses_tell_the_grid_only_where_the_place_has_none() -> None:
    known, found = grids(((OTHER_XINSHENG, 1), (OTHER_XINSHENG, 1), (XINSHENG, 0), (OTHER_XINSHENG, -1)))
    assert [found.codes[number] for number in found.of(known.place_of[OTHER_XINSHENG])] == ["a1"]
    assert [found.codes[number] for number in found.of(known.place_of[DAJING])] == ["a1"]
    assert [found.codes[number] for number in found.of(known.place_of[XINSHENG])] == ["g1", "g2"]


def test_the_root_has_none_for_it_says_nothing() -> None:
    assert grids()[1].of(ROOT) == []


def test_no_grids_at_all() -> None:
    known = PlaceTree.of(divisions())
    found = GridsOfPlaces(known, StoredAddresses(known, []), np.empty(0, np.int64), [])
    assert not found.has_any
    assert all(found.of(known.place_of[code]) == [] for code in NAMES)


def test_every_grid_is_in_the_list_of_each_place_that_holds_it() -> None:
    """A microgrid of a known grid is not: an address in the grid lies in one of several."""
    known, found = grids()
    for place in range(1, len(known)):
        if known.rank[place] < known.rank[known.grid_of["g1"]]:
            inside = {n for n, node in found.place_of.items() if known.holds(place, node) and found.codes[n] != "g2W1"}
            assert set(found.of(place)) == inside


def test_a_grid_is_elsewhere_where_it_is_known_to_lie_outside() -> None:
    known, found = grids()
    g1 = found.codes.index("g1")  # of 新胜村 in 土门镇
    outside = {code for code in (XINSHENG, OTHER_XINSHENG, DAJING) if found.is_elsewhere(known.place_of[code], g1)}
    assert outside == {OTHER_XINSHENG, DAJING}


def test_a_grid_of_a_county_is_wider_than_its_towns_and_one_of_a_village_is_not() -> None:
    of_county = pd.DataFrame(
        {"code": ["w1"], "name": ["县网格"], "level": [1], "village": ["620622"], "parent": [None]}
    )
    known, found = grids(layer=pd.concat([GRIDS, of_county]))
    town = known.place_of[TUMEN]
    assert [found.is_wider(found.codes.index(code), town) for code in ("w1", "g1")] == [True, False]
