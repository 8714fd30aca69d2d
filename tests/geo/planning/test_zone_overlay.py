"""Zones of two offices: sums, same ones, misfits and moves that can be counted on paper (rule V14)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import BadValue, CrsMismatch
from geo.planning.zone_overlay import overlay_zones

X, Y = 500_000.0, 4_000_000.0
WIDE, HIGH = 4, 3
CELLS = np.array(
    [shapely.box(X + 100 * k, Y + 100 * j, X + 100 * k + 100, Y + 100 * j + 100)
     for j in range(HIGH) for k in range(WIDE)]
)  # fmt: skip


def zones(owner: list[int], **columns: object) -> gpd.GeoDataFrame:
    """Return the zones of a town of 4 by 3 atoms of 100 m, by the owner of each; -1 is of none."""
    of = np.array(owner)
    known = sorted(set(of.tolist()) - {-1})
    shapes = [shapely.union_all(CELLS[of == one]) for one in known]
    return gpd.GeoDataFrame({"code": [str(one) for one in known], **columns}, geometry=shapes, crs=4547)


HALVES = [0, 0, 1, 1] * 3


def test_the_same_zones_are_found_whatever_they_are_called() -> None:
    other = zones([7, 7, 3, 3] * 3)
    found = overlay_zones(zones(HALVES), other)
    assert found.pairs[["a", "b", "is_same"]].to_numpy().tolist() == [["0", "7", True], ["1", "3", True]]
    assert (len(found.misfits), len(found.moves), found.outside) == (0, 0, (0.0, 0.0))


def test_misfits_are_ranked_and_pieces_change_hands() -> None:
    """Of b the west has one atom column more in the lowest row: 7 atoms to 5."""
    found = overlay_zones(zones(HALVES), zones([0, 0, 0, 1, *[0, 0, 1, 1] * 2]))
    assert found.misfits[["layer", "code", "best", "fit"]].to_numpy().tolist() == [
        ["a", "1", "1", round(5 / 6, 6)], ["b", "1", "1", round(5 / 6, 6)], ["a", "0", "0", round(6 / 7, 6)],
        ["b", "0", "0", round(6 / 7, 6)],
    ]  # fmt: skip
    (move,) = found.moves.itertuples(index=False)
    assert (move.a, move.from_b, move.to_b, move.area_m2) == ("1", "0", "1", 10_000.0)
    assert shapely.equals(move.geometry, CELLS[2])


def test_buildings_and_their_households_are_counted_where_they_are() -> None:
    houses = gpd.GeoDataFrame(
        {"households": [5, 7, None]}, geometry=shapely.points([[X + 50, Y + 50], [X + 250, Y + 50], [X + 350, Y + 50]]),
        crs=4547,
    )  # fmt: skip
    a = zones(HALVES, households=[5, 10])
    found = overlay_zones(a, zones([0, 0, 0, 1, *[0, 0, 1, 1] * 2]), houses)
    told = found.pairs.set_index(["a", "b"])[["buildings", "households"]]
    assert told.loc[("1", "0")].tolist() == [1, 7]
    assert told.loc[("1", "1")].tolist() == [1, 3]
    assert found.misfits.set_index(["layer", "code"]).loc[("b", "0"), "moved_households"] == 7


def test_a_zone_of_a_without_a_pair_leaves_open_to_whom_its_ground_goes() -> None:
    """Zone 2 of a has a quarter of zone 1 of b, which is the pair of zone 1 of a."""
    found = overlay_zones(zones([0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 2]), zones(HALVES))
    (move,) = found.moves.itertuples(index=False)
    assert (move.a, move.from_b, move.to_b) == ("2", "1", None)


def test_ground_outside_the_other_layer_is_told() -> None:
    assert overlay_zones(zones(HALVES), zones([0, 0, -1, -1] * 3)).outside == (60_000.0, 0.0)


def test_of_zones_that_overlap_the_first_by_code_has_the_ground() -> None:
    both = gpd.GeoDataFrame({"code": ["b", "a"]}, geometry=[shapely.union_all(CELLS[:4]), CELLS[0]], crs=4547)
    found = overlay_zones(both, zones([0] * 12))
    assert found.pairs[["a", "area_m2"]].to_numpy().tolist() == [["b", 30_000.0], ["a", 10_000.0]]


def test_what_cannot_be_laid_over_is_refused() -> None:
    with pytest.raises(BadValue, match="no polygon"):
        overlay_zones(zones([-1] * 12), zones(HALVES))
    with pytest.raises(BadValue, match="two zones of code 0"):
        overlay_zones(pd.concat([zones(HALVES), zones(HALVES)]), zones(HALVES))
    with pytest.raises(CrsMismatch):
        overlay_zones(zones(HALVES), zones(HALVES).to_crs(4326))


@given(*[st.lists(st.integers(-1, 3), min_size=12, max_size=12).filter(lambda one: max(one) >= 0)] * 2)
def test_areas_and_shares_are_those_of_the_atoms_and_moves_make_b_follow_a(one: list[int], other: list[int]) -> None:
    found = overlay_zones(zones(one), zones(other))
    counted: dict[tuple[str, str], int] = {}
    for a, b in zip(one, other, strict=True):
        if a >= 0 and b >= 0:
            counted[str(a), str(b)] = counted.get((str(a), str(b)), 0) + 1
    told = {(row.a, row.b): row for row in found.pairs.itertuples(index=False)}
    assert {pair: row.area_m2 for pair, row in told.items()} == {pair: 10_000.0 * n for pair, n in counted.items()}
    for (a, b), row in told.items():
        n = counted[a, b]
        shares = n / one.count(int(a)), n / other.count(int(b))
        assert (row.share_a, row.share_b) == pytest.approx(shares, abs=1e-6)
        assert row.is_same == (shares == (1.0, 1.0))
    # After the moves no zone of a is in two zones of b, but for what has no pair.
    after = list(other)
    for move in found.moves.itertuples(index=False):
        for k in np.flatnonzero(shapely.covers(move.geometry, shapely.centroid(CELLS))):
            after[k] = -2 if move.to_b is None else int(move.to_b)
    of_a: dict[int, set[int]] = {}
    for a, b in zip(one, after, strict=True):
        if a >= 0 and b not in (-1, -2):
            of_a.setdefault(a, set()).add(b)
    assert all(len(owners) == 1 for owners in of_a.values())
