"""Entries by place: what looking at every one of them finds."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.entries_in_places import EntriesInPlaces
from geo.places.address.place_tree import ROOT
from tests.geo.places.address.small_places import DAJING, TUMEN, XINSHENG, tree

TREE = tree()
COUNTY, TOWN, OTHER, VILLAGE = (TREE.place_of[code] for code in ("620622", TUMEN, DAJING, XINSHENG))
SOME = [ROOT, COUNTY, TOWN, OTHER, VILLAGE]
PLACES = st.sampled_from(SOME)


def consistent(places: list[int], low: int, high: int, place: int) -> list[int]:
    """Return the entries of a range in a place, else those at a place that holds it; the root says nothing."""
    entries = range(low, high)
    if place == ROOT:
        return [*entries]
    inside = [entry for entry in entries if TREE.holds(place, places[entry])]
    return inside or [entry for entry in entries if places[entry] != ROOT and TREE.holds(places[entry], place)]


@given(st.lists(PLACES, max_size=10), st.integers(0, 10), st.integers(0, 10), PLACES)
def test_what_is_in_a_place_is_what_a_plain_search_finds(places: list[int], low: int, high: int, place: int) -> None:
    low, high = min(low, len(places)), min(max(low, high), len(places))
    found = EntriesInPlaces(TREE, np.array(places, np.int32))
    assert sorted(found.inside(place).tolist()) == [k for k, one in enumerate(places) if TREE.holds(place, one)]
    assert found.of_range(low, high, place).tolist() == consistent(places, low, high, place)
    ordered = sorted(places)  # as those of one tail are
    found = EntriesInPlaces(TREE, np.array(ordered, np.int32))
    assert found.of_one_tail(low, high, place).tolist() == consistent(ordered, low, high, place)


@given(st.lists(PLACES, max_size=10))
def test_a_place_is_named_above_where_one_that_holds_it_has_entries(places: list[int]) -> None:
    found = EntriesInPlaces(TREE, np.array(places, np.int32))
    for place in range(len(TREE)):
        above = TREE.chain(place)[:-1]
        assert bool(found.is_named_above[place]) == any(one in places for one in above)
