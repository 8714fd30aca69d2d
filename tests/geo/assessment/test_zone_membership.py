"""Zone membership: which cells and sites belong to which zones, and sums per zone, on paper and by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.cells import OverlayCells
from geo.assessment.zone_membership import ZoneMembership, sort_cells_by_zone, unique_pairs

NONE = np.empty(0, np.int64)


def cells_of(tile: list[int], pairs: list[tuple[int, int]]) -> OverlayCells:
    """Return cells of size 1 in those tiles, covered by the polygons of (cell, polygon) pairs."""
    ordered = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    size = np.ones(len(tile))
    return OverlayCells(size, size, np.array(tile, np.int64), ordered[:, 0], ordered[:, 1])


def members(cells: OverlayCells, zones: int, sites: tuple = (NONE, NONE), **options: bool) -> ZoneMembership:
    keys = np.array([str(i) for i in range(1 if options else zones)], object)
    return sort_cells_by_zone(cells, slice(0, zones), NONE, keys, sites, **options)


def test_cells_are_sorted_by_zone_and_tile() -> None:
    #  zone 0 has cells 2 (tile 0) and 1 (tile 1), zone 1 has cell 1
    zones = members(cells_of([1, 1, 0], [(1, 0), (2, 0), (1, 1)]), 2)
    assert (zones.element.tolist(), zones.group.tolist(), zones.zone.tolist()) == ([2, 1, 1], [0, 1, 2], [0, 2, 3])


def test_polygons_outside_the_span_are_no_zones() -> None:
    cells = cells_of([0, 0], [(0, 0), (0, 1), (1, 2)])
    zones = sort_cells_by_zone(cells, slice(1, 2), NONE, np.array(["z"], object), (NONE, NONE))
    assert (zones.element.tolist(), zones.zone.tolist()) == ([0], [0, 1])


def test_the_union_of_a_layer_counts_each_cell_once() -> None:
    zones = members(cells_of([0, 0, 1], [(0, 0), (0, 1), (1, 1), (2, 0)]), 2, as_one_zone=True)
    assert zones.element.tolist() == [0, 1, 2]
    assert zones.sums(np.array([1.0, 2.0, 4.0])).tolist() == [7]


def test_a_site_sees_the_zones_of_the_cells_it_sees() -> None:
    cells = cells_of([0, 0, 0], [(0, 0), (1, 0), (1, 1), (2, 1)])
    zones = members(cells, 2, (np.array([0, 1, 2, 2]), np.array([7, 7, 7, 9])))
    assert list(zip(zones.seeing_zone.tolist(), zones.seeing_site.tolist(), strict=True)) == [(0, 7), (1, 7), (1, 9)]


def test_sums_are_rounded_per_tile_and_then_once() -> None:
    """The addends 1e16, 1, 1, -1e16: added up one by one the ones are lost, by fsum over tiles they are not."""
    cells = cells_of([0, 1, 2, 3], [(i, 0) for i in range(4)])
    assert members(cells, 1).sums(np.array([1e16, 1.0, 1.0, -1e16])).tolist() == [2]


def test_zones_without_cells_are_zero() -> None:
    assert members(cells_of([], []), 3).sums(np.empty(0)).tolist() == [0, 0, 0]
    assert members(cells_of([0, 0], [(0, 0), (1, 2)]), 4).sums(np.array([1.0, 2.0])).tolist() == [1, 0, 2, 0]


pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), unique=True, max_size=40)
tiles = st.lists(st.integers(0, 5), min_size=10, max_size=10)


@given(pairs, tiles, st.lists(st.floats(-1e9, 1e9), min_size=10, max_size=10))
def test_sums_agree_with_a_plain_loop(drawn: list, tile: list[int], values: list[float]) -> None:
    found = members(cells_of(tile, drawn), 5).sums(np.array(values))
    for zone in range(5):
        expected = [values[cell] for cell, polygon in drawn if polygon == zone]
        scale = sum(abs(value) for value in expected)
        assert found[zone] == pytest.approx(math.fsum(expected), rel=0, abs=1e-15 * max(scale, 1.0) * 16)


@given(pairs, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), unique=True, max_size=20))
def test_seen_zones_agree_with_a_plain_loop(drawn: list, seen: list) -> None:
    ordered = np.array(sorted(seen), np.int64).reshape(-1, 2)
    zones = members(cells_of([0] * 10, drawn), 5, (ordered[:, 0], ordered[:, 1]))
    expected = {(zone, site) for cell, zone in drawn for at, site in seen if at == cell}
    assert list(zip(zones.seeing_zone.tolist(), zones.seeing_site.tolist(), strict=True)) == sorted(expected)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 6)), max_size=30))
def test_unique_pairs_are_a_sorted_set(drawn: list[tuple[int, int]]) -> None:
    array = np.array(drawn, np.int64).reshape(-1, 2)
    a, b = unique_pairs(array[:, 0], array[:, 1], 7)
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == sorted(set(drawn))
