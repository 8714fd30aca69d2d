"""Test the nearest facility by road against Dijkstra by hand (rule P7)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.network.nearest_facility import SNAP_M, nearest_facility
from tests.geo.network.drawn_roads import Edge, dijkstra, lattice_roads, lines

#: Places off every tie of two roads: they snap to one.
_PLACES = st.tuples(st.integers(-3, 33), st.integers(-3, 33)).map(lambda at: (at[0] * 10 + 3.0, at[1] * 10 + 1.0))


def by_hand(drawn: list[Edge], unit, facilities, codes):
    """Return (facility, metres, air) by one search for each facility over edges cut at the snapped points."""
    points = [*facilities, unit]
    snaps = []
    for at in points:
        offs = []
        for k, edge in enumerate(drawn):
            a, b = np.array(edge, float)
            t = np.clip(np.dot(np.array(at) - a, b - a) / np.dot(b - a, b - a), 0, 1)
            offs.append((np.hypot(*(a + t * (b - a) - at)), k, float(t * np.hypot(*(b - a)))))
        best = min(offs)
        snaps.append(best if best[0] <= SNAP_M else None)
    edges = []
    for k, (a, b) in enumerate(drawn):
        cuts = sorted((snap[2], f"p{i}") for i, snap in enumerate(snaps) if snap is not None and snap[1] == k)
        stops = [(0.0, a), *cuts, (100.0, b)]
        edges += [(one[1], two[1], two[0] - one[0]) for one, two in pairwise(stops)]
    found = []
    if snaps[-1] is not None:
        distance = dijkstra(edges, f"p{len(facilities)}")
        for i, snap in enumerate(snaps[:-1]):
            if snap is not None and f"p{i}" in distance:
                found.append((round(distance[f"p{i}"] + snap[0] + snaps[-1][0], 5), codes[i], i))
    if found:
        metres, _, which = min(found)
        return which, metres, False
    metres, _, which = min(
        (round(float(np.hypot(*np.subtract(at, unit))), 5), codes[i], i) for i, at in enumerate(facilities)
    )
    return which, metres, True


@given(
    lattice_roads(4, 14),
    st.lists(_PLACES, min_size=1, max_size=4),
    st.lists(_PLACES, min_size=1, max_size=3),
    st.permutations("abcd"),
)
def test_the_nearest_facility_is_that_of_dijkstra_by_hand(drawn, units, facilities, codes) -> None:
    codes = codes[: len(facilities)]
    found = nearest_facility(lines(drawn), np.array(units), np.array(facilities), codes)
    for k, unit in enumerate(units):
        which, metres, air = by_hand(drawn, unit, facilities, codes)
        assert found.distance_m[k] == pytest.approx(metres, abs=1e-4)
        assert (found.facility[k], bool(found.air[k])) == (which, air)


@pytest.mark.parametrize(("codes", "nearest"), [("ab", 0), ("ba", 1)])
def test_of_two_at_one_distance_the_lower_code_is_nearest(codes, nearest) -> None:
    found = nearest_facility(lines([[(0, 0), (100, 0)]]), np.array([[50.0, 0]]), np.array([[0.0, 0], [100, 0]]), codes)
    assert found.facility.tolist() == [nearest]
    assert found.distance_m.tolist() == [50.0]


def test_ties_are_decided_by_code_far_beyond_the_place_where_ways_meet() -> None:
    # two facilities at equal distances from a crossing; the unit is 300 m on, behind two more crossings
    star = [[(0, 0), (0, 100)], [(0, 0), (100, 0)], [(0, 0), (-100, -100), (-300, -100)], [(-300, -100), (-300, -200)]]
    found = nearest_facility(lines(star), np.array([[-300.0, -200]]), np.array([[0.0, 100], [100, 0]]), "zy")
    assert found.facility.tolist() == [1]


def test_snaps_are_added_and_beyond_500_m_it_is_straight() -> None:
    road = lines([[(0, 0), (2000, 0)]])
    units = np.array([[1000.0, 400], [1000, 501], [1000, -500]])
    found = nearest_facility(road, units, np.array([[0.0, 30], [900, 600]]), "ab")
    assert found.distance_m.round(6).tolist() == [1430.0, round(float(np.hypot(100, 99)), 6), 1530.0]
    assert found.air.tolist() == [False, True, False]
    assert found.facility.tolist() == [0, 1, 0]


def test_a_network_in_pieces_and_no_network_are_straight() -> None:
    apart = lines([[(0, 0), (100, 0)], [(0, 50), (100, 50)]])
    unit, facility = np.array([[100.0, 0]]), np.array([[100.0, 50]])
    assert nearest_facility(apart, unit, facility, "a").distance_m.tolist() == [50.0]
    assert nearest_facility(apart, unit, facility, "a").air.tolist() == [True]
    assert nearest_facility(lines([[(0, 0), (0, 0)]]), unit, facility, "a").air.tolist() == [True]
