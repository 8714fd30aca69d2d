"""Test that sectors are connected and as even as a cut allows (rule P8)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.network.sectors import TOLERANCE, sectors


def is_connected(roads, neighbours) -> bool:
    roads, reached = set(roads), {min(roads)}
    while grown := {b for e in neighbours for a, b in (e, e[::-1]) if a in reached and b in roads} - reached:
        reached |= grown
    return reached == roads


def parts_of(count, neighbours) -> list[list[int]]:
    left, out = set(range(count)), []
    while left:
        reached = {min(left)}
        while grown := {b for e in neighbours for a, b in (e, e[::-1]) if a in reached} - reached:
            reached |= grown
        out.append(sorted(reached))
        left -= reached
    return out


@st.composite
def networks(draw, most: int):
    count = draw(st.integers(2, most))
    weight = draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))
    pairs = list(itertools.combinations(range(count), 2))
    return np.array(weight, float), draw(st.lists(st.sampled_from(pairs), max_size=2 * count, unique=True))


@given(networks(25), st.integers(1, 6))
def test_sectors_are_connected_and_hold_every_road_that_is_connected_with_one(network, count) -> None:
    weight, neighbours = network
    found = sectors(weight, neighbours, count)
    numbers = sorted(set(found.tolist()) - {-1})
    assert numbers == list(range(len(numbers)))
    assert len(numbers) <= count
    for number in numbers:
        assert is_connected(np.flatnonzero(found == number).tolist(), neighbours)
    for part in parts_of(len(weight), neighbours):
        assert len({bool(found[k] < 0) for k in part}) == 1  # a part is taken whole or not at all
    if weight.sum():
        able = sum(len(part) for part in parts_of(len(weight), neighbours) if weight[part].sum())
        assert len(numbers) == min(count, able)


@given(networks(9))
def test_two_sectors_are_balanced_where_any_cut_is(network) -> None:
    weight, neighbours = network
    if len(parts_of(len(weight), neighbours)) > 1 or not weight.sum():
        return
    off = min(
        abs(weight[list(one)].sum() - weight.sum() / 2)
        for size in range(1, len(weight))
        for one in itertools.combinations(range(len(weight)), size)
        if is_connected(one, neighbours) and is_connected(set(range(len(weight))) - set(one), neighbours)
    )
    found = sectors(weight, neighbours, 2)
    assert abs(weight[found == 0].sum() - weight.sum() / 2) == pytest.approx(off)


@pytest.mark.parametrize("count", [2, 3, 5, 8, 12])
def test_sectors_of_a_town_of_equal_blocks_are_within_a_tenth(count) -> None:
    side = 20
    neighbours = [(k, k + 1) for k in range(side * side) if k % side < side - 1]
    neighbours += [(k, k + side) for k in range(side * (side - 1))]
    weight = np.random.default_rng(3).uniform(0.5, 1.5, side * side)
    total = np.bincount(sectors(weight, neighbours, count), weight)
    assert len(total) == count
    assert np.abs(total - total.mean()).max() <= TOLERANCE * total.mean()


def test_parts_get_sectors_by_their_weight_and_the_lightest_none() -> None:
    # three parts of weight 6, 3 and 1
    weight, neighbours = np.array([2.0, 2, 2, 3, 1]), [(0, 1), (1, 2)]
    assert sectors(weight, neighbours, 2).tolist() == [0, 0, 0, 1, -1]
    assert sectors(weight, neighbours, 1).tolist() == [0, 0, 0, -1, -1]
    assert sectors(np.zeros(3), [(0, 1)], 2).tolist() == [-1, -1, -1]
