"""Test that rounds are closed, walk every piece, and lie between their bound and 1.5 times the shortest (rule P8)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.network import rounds
from geo.network.rounds import closed_round
from tests.geo.network.drawn_roads import dijkstra, shortest_round


@st.composite
def sectors(draw, most_nodes: int, most_extra: int):
    count = draw(st.integers(2, most_nodes))
    metres = st.integers(1, 9).map(float)
    edges = [(draw(st.integers(0, k - 1)), k, draw(metres)) for k in range(1, count)]
    node = st.integers(0, count - 1)
    edges += draw(st.lists(st.tuples(node, node, metres), max_size=most_extra))
    required = draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges)))
    required[draw(st.integers(0, len(edges) - 1))] = True
    return edges, required


def walked(edges, required):
    start, end, length = zip(*edges, strict=True)
    found = closed_round(start, end, length, required)
    ends = [
        (start[k], end[k]) if forward else (end[k], start[k])
        for k, forward in zip(found.edges, found.forward, strict=True)
    ]
    assert all(a[1] == b[0] for a, b in zip(ends, [*ends[1:], ends[0]], strict=True))  # closed, no jump
    assert {k for k, one in enumerate(required) if one} <= set(found.edges)
    assert sum(length[k] for k in found.edges) == pytest.approx(found.length_m)
    return found


@given(sectors(5, 3))
def test_rounds_lie_between_their_bound_and_what_the_method_promises(sector) -> None:
    edges, required = sector
    found, best = walked(edges, required), shortest_round(*sector)
    assert found.bound_m <= best + 1e-6
    assert best <= found.length_m + 1e-6 <= 1.5 * best + 1e-5
    if found.parts == 1:
        assert found.length_m == pytest.approx(best)
        assert found.bound_m == pytest.approx(best)
    else:
        assert found.joining_m > 0


@given(sectors(30, 40))
def test_rounds_of_larger_sectors_are_closed_and_walk_every_piece(sector) -> None:
    found = walked(*sector)
    assert found.length_m >= found.bound_m - 1e-6


@given(sectors(25, 25))
def test_beyond_the_exact_pairing_the_bound_stays_below_and_the_round_above(sector) -> None:
    exact = walked(*sector)
    before, rounds.MOST_ODD = rounds.MOST_ODD, 0
    try:
        rough = walked(*sector)
    finally:
        rounds.MOST_ODD = before
    assert rough.bound_m <= exact.bound_m + 1e-6
    if exact.parts == 1:
        assert rough.length_m >= exact.length_m - 1e-6


def test_rounds_counted_on_paper() -> None:
    # a block of 4 sides of 1 m with a spur of 2 m: 4 + twice the spur
    block = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0), (0, 4, 2.0)]
    found = walked(block, [True] * 5)
    assert (found.length_m, found.bound_m, found.is_long) == (8.0, 8.0, False)
    # two blocks 10 m apart: the bound does not know the way between them, and the round says so
    far = [(k + 5 * n, (k + 1) % 4 + 5 * n, 1.0) for n in (0, 1) for k in range(4)] + [(0, 5, 10.0)]
    found = walked(far, [True] * 8 + [False])
    assert (found.length_m, found.bound_m, found.parts, found.joining_m) == (28.0, 8.0, 2, 10.0)
    assert found.is_long
    assert dijkstra(far, 0)[5] == 10.0
