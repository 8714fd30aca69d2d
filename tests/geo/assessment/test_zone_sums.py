"""Sums by zone and tile take the place of one another, and are added up without regard to their order."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.camera_sites import sites_of
from geo.assessment.zone_sums import TileSums, ZoneTotals, tile_numbers, total

NONE = np.empty(0, np.int64)


def sums(groups: dict[tuple[int, int], float], seen: dict[tuple[int, int], list[int]] | None = None) -> TileSums:
    """Groups (zone, tile) with their sum, and the rows that see each."""
    order = sorted(groups)
    pairs = [(order.index(group), row) for group, rows in (seen or {}).items() for row in rows]
    return TileSums(
        np.array([zone for zone, _ in order], np.int64),
        np.array([tile for _, tile in order], np.int64),
        np.array([[groups[one] for one in order]] * 12).reshape(12, -1),
        np.array([group for group, _ in pairs], np.int64),
        np.array([row for _, row in pairs], np.int64),
    )


@given(st.permutations([1e16, 1.0, 3.5, -1e16, 2.0, 1e-9]))
def test_a_sum_is_rounded_once_in_any_order(values: list[float]) -> None:
    assert total(np.array([values])).tolist() == [6.500000001]


def test_a_tile_that_is_taken_anew_may_gain_and_lose_zones() -> None:
    before = sums({(0, 7): 1.0, (0, 8): 2.0, (1, 8): 4.0}, {(0, 7): [3], (0, 8): [3, 4], (1, 8): [4]})
    again = sums({(0, 9): 99.0, (1, 8): 5.0, (2, 8): 6.0}, {(1, 8): [5], (0, 9): [9]})
    found = before.with_tiles(np.array([8]), again)
    assert list(zip(found.zone.tolist(), found.tile.tolist(), found.sums[0].tolist(), strict=True)) == [
        (0, 7, 1.0), (1, 8, 5.0), (2, 8, 6.0),
    ]  # fmt: skip
    assert sorted(zip(found.seen_group.tolist(), found.seen_row.tolist(), strict=True)) == [(0, 3), (1, 5)]
    assert found.by_zone(np.arange(3))[0].tolist() == [1.0, 5.0, 6.0]


def test_no_tile_leaves_all_as_it_is() -> None:
    before = sums({(0, 7): 1.0, (1, 7): 2.0}, {(1, 7): [0]})
    same = before.with_tiles(NONE, sums({}))
    assert same.sums[0].tolist() == [1.0, 2.0]
    assert (same.seen_group.tolist(), same.seen_row.tolist()) == ([1], [0])


def test_a_site_of_two_lenses_sees_a_zone_once() -> None:
    sites = sites_of(pd.DataFrame({"id": ["a", "b", "c"], "site": ["p", "p", "q"], "status": "online"}))
    seen = sums({(0, 7): 1.0, (0, 8): 1.0, (1, 8): 1.0}, {(0, 7): [0, 1], (0, 8): [1, 2], (1, 8): [2]})
    found = ZoneTotals.of(seen, np.arange(2), sites)
    assert found.seeing.tolist() == [2, 1]
    fewer = found.renewed(np.array([0]), sums({(0, 7): 5.0}), sites)
    assert (fewer.seeing.tolist(), fewer.sums[0].tolist()) == ([0, 1], [5.0, 1.0])


def test_every_tile_has_a_number_of_its_own() -> None:
    keys = np.array([(x, y) for x in (-3, -1, 0, 500, 40_000) for y in (-2, 0, 4_000)])
    assert len(set(tile_numbers(keys).tolist())) == len(keys)
