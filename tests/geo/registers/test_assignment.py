"""Hold the assignment, and what it says of ties, to trying everything."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.registers.assignment import ALONE, assign

MARGIN = 1.5


def best(count: int, others: int, gains: dict[tuple[int, int], float], forced: tuple[int, int] | None = None) -> float:
    """Return the greatest total gain by trying every assignment."""
    totals = []
    for pick in itertools.product([*range(others), ALONE], repeat=count):
        edges = [(row, column) for row, column in enumerate(pick) if column != ALONE]
        columns = [column for _, column in edges]
        allowed = len(set(columns)) == len(columns) and all(edge in gains for edge in edges)
        if allowed and (forced is None or forced in edges):
            totals.append(sum(gains[edge] for edge in edges))
    return max(totals)


@given(
    st.integers(1, 4),
    st.integers(1, 4),
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 3)),
        st.one_of(st.sampled_from([1.0, 2.0, 3.0]), st.floats(0.01, 5.0)),
        max_size=12,
    ),
)
def test_it_is_the_best_and_names_what_would_nearly_do(
    count: int, others: int, any_gains: dict[tuple[int, int], float]
) -> None:
    gains = {(row, column): gain for (row, column), gain in any_gains.items() if row < count and column < others}
    rows, columns = [row for row, _ in gains], [column for _, column in gains]
    found = assign(count, others, rows, columns, list(gains.values()))
    taken = [(row, column) for row, column in enumerate(found.column_of) if column != ALONE]
    greatest = best(count, others, gains)
    assert sum(gains[edge] for edge in taken) == pytest.approx(greatest)
    assert all(found.row_of[column] == row for row, column in taken)
    near = {(row, column): loss for row, column, loss in found.alternatives(MARGIN)}
    for edge in gains.keys() - set(taken):
        loss = greatest - best(count, others, gains, edge)
        if abs(loss - MARGIN) > 1e-6:
            assert (edge in near) == (loss < MARGIN)
        if edge in near:
            assert near[edge] == pytest.approx(loss, abs=1e-9)


def test_a_row_that_is_displaced_may_be_left_alone() -> None:
    found = assign(2, 1, [0, 1], [0, 0], [1.0, 2.0])
    assert (found.column_of, found.row_of) == ([ALONE, 0], [1])


def test_edges_without_gain_are_never_taken() -> None:
    assert assign(1, 2, [0, 0], [0, 1], [0.0, -1.0]).column_of == [ALONE]
