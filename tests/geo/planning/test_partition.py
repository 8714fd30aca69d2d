"""Partition atoms: towns counted on paper, every partition compared, and what always holds (rules V3 and V4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadValue
from geo.planning import partition as subject
from geo.planning.partition import Partition, Rates, partition

SIDE = 100.0  # m, of the square atoms


def lattice(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of neighbours of square atoms, row by row, and the metres of border on none."""
    number = np.arange(rows * columns).reshape(rows, columns)
    across = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    down = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    ends = np.concatenate([across, down])
    degree = np.bincount(ends.ravel(), minlength=rows * columns)
    return ends, (4 - degree) * SIDE


def solve(
    households: list[float], rows: int, columns: int, barrier: list[float] | None = None, **options: object
) -> Partition:
    ends, rim = lattice(rows, columns)
    n = rows * columns
    return partition(
        households, np.full(n, SIDE**2), rim, ends, np.full(len(ends), SIDE),
        np.zeros(len(ends)) if barrier is None else barrier, **{"low": 300, "high": 500, **options},
    )  # fmt: skip


def every_partition(n: int) -> Iterator[list[int]]:
    """Give every labelling of n atoms, grids numbered by their first atoms."""

    def go(label: list[int], used: int) -> Iterator[list[int]]:
        if len(label) == n:
            yield label
            return
        for one in range(used + 1):
            yield from go([*label, one], max(used, one + 1))

    return go([], 0)


def is_whole(label: list[int], ends: np.ndarray) -> bool:
    for one in set(label):
        atoms = [v for v, g in enumerate(label) if g == one]
        found, grown = {atoms[0]}, set()
        while grown != found:
            grown = set(found)
            for a, b in ends.tolist():
                if label[a] == label[b] == one and (a in found or b in found):
                    found |= {a, b}
        if len(found) != len(atoms):
            return False
    return True


def price(
    label: list[int],
    households: list[float],
    ends: np.ndarray,
    barrier: np.ndarray,
    rates: Rates,
    low: float,
    high: float,
) -> float:
    """Return what a labelling of square atoms costs, straight from the words of rule V3."""
    total = 0.0
    for one in set(label):
        atoms = [v for v, g in enumerate(label) if g == one]
        size = sum(households[v] for v in atoms)
        within = [k for k, (a, b) in enumerate(ends.tolist()) if label[a] == label[b] == one]
        border = 4 * SIDE * len(atoms) - 2 * SIDE * len(within)
        total += rates.band * max(0, low - size, size - high) / high
        total += rates.barrier * sum(barrier[k] for k in within) / 1000
        total += rates.shape * (border**2 / (4 * np.pi * len(atoms) * SIDE**2) - 1)
    return total


def test_blocks_on_both_sides_of_a_road_are_two_grids() -> None:
    # 2 rows of 4 blocks of 100 households; the main road runs between the rows.
    ends, _ = lattice(2, 4)
    barrier = [100.0 if b - a == 4 else 0.0 for a, b in ends.tolist()]
    found = solve([100.0] * 8, 2, 4, barrier)
    assert found.label.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert found.terms["band"] == found.terms["barrier"] == 0.0
    # Without the road two squares are more compact than two rows.
    assert solve([100.0] * 8, 2, 4).label.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]


def test_a_square_costs_what_its_border_tells() -> None:
    found = solve([100.0] * 4, 2, 2)
    # One square of 200 m: 800 m of border; 800 * 800 / (4 pi 40,000) - 1 = 4 / pi - 1.
    assert found.value == pytest.approx(0.05 * (4 / np.pi - 1))


def test_the_number_of_grids_may_be_given() -> None:
    assert len(set(solve([100.0] * 12, 3, 4, count=4).label.tolist())) == 4
    assert len(set(solve([10.0] * 36, 6, 6, count=5).label.tolist())) == 5


@given(
    st.lists(st.integers(0, 300), min_size=9, max_size=9),
    st.lists(st.sampled_from([0.0, 100.0, 300.0]), min_size=12, max_size=12),
)
@settings(max_examples=8, deadline=None)
def test_the_cheapest_of_all_partitions_of_nine_atoms_is_found(households: list[int], barrier: list[float]) -> None:
    ends, _ = lattice(3, 3)
    found = solve([float(one) for one in households], 3, 3, barrier)
    best = min(
        price(label, households, ends, np.array(barrier), Rates(), 300, 500)
        for label in every_partition(9)
        if is_whole(label, ends)
    )
    assert found.value == pytest.approx(best)
    assert found.is_exact


@given(
    st.lists(st.integers(0, 200), min_size=12, max_size=12),
    st.lists(st.sampled_from([0.0, 100.0]), min_size=17, max_size=17),
)
@settings(max_examples=10, deadline=None)
def test_the_search_comes_within_a_hundredth_of_the_optimum_of_towns_of_twelve_atoms(
    households: list[int], barrier: list[float]
) -> None:
    size = [float(one) for one in households]
    exact = solve(size, 3, 4, barrier)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "FEW", 0)
        found = solve(size, 3, 4, barrier)
    assert not found.is_exact
    assert exact.value - 1e-9 <= found.value <= exact.value + max(0.1, 0.01 * exact.value)
    assert found.bound <= exact.value + 1e-9


@given(st.integers(2, 7), st.integers(2, 7), st.randoms(use_true_random=False))
@settings(max_examples=8, deadline=None)
def test_every_grid_is_in_one_piece_and_costs_what_it_says(rows: int, columns: int, random) -> None:
    ends, _ = lattice(rows, columns)
    households = [float(random.randrange(120)) for _ in range(rows * columns)]
    barrier = np.array([random.choice([0.0, 50.0, 300.0]) for _ in ends])
    found = solve(households, rows, columns, list(barrier))
    label = found.label.tolist()
    assert is_whole(label, ends)
    assert found.value == pytest.approx(price(label, households, ends, barrier, Rates(), 300, 500))
    assert found.bound <= found.value + 1e-9
    assert np.array_equal(solve(households, rows, columns, list(barrier)).label, found.label)


def test_grids_of_today_stay_but_for_what_must_go() -> None:
    # Four grids of 2 x 2 blocks with 80 households; the north-west has 150 a block, 600 of at most 500.
    today = np.array([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3])
    size = np.where(today == 0, 150.0, 80.0)
    found = solve(size.tolist(), 4, 4, present=today)
    moved = found.label != today
    assert found.terms["band"] == 0.0
    assert moved.sum() == 1
    assert today[moved].tolist() == [0]


def test_locked_grids_lose_and_gain_nothing() -> None:
    today = np.array([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3])
    size = np.where(today == 0, 150.0, 100.0)
    found = solve(size.tolist(), 4, 4, present=today, locked=today != 0)
    # None may take a block of it, so the grid itself is cut in two: 300 each.
    assert set(found.label[today != 0]) == {1, 2, 3}
    assert np.array_equal(found.label[today != 0], today[today != 0])
    assert np.bincount(found.label, size).tolist() == [300, 400, 400, 400, 300]


def test_atoms_that_do_not_meet_are_never_one_grid() -> None:
    found = partition([200, 200, 100], [1.0] * 3, [4.0, 4.0, 4.0], [[0, 1]], [1.0], [0.0], low=300, high=500)
    assert found.label.tolist() == [0, 0, 1]


@pytest.mark.parametrize(("low", "high"), [(500, 300), (-1, 5), (0, 0)])
def test_an_empty_band_is_refused(low: float, high: float) -> None:
    with pytest.raises(BadValue, match="band of households"):
        solve([1.0], 1, 1, low=low, high=high)
