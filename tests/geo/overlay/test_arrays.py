"""Array helpers of the overlay: growing, offsets and union-find, against numpy and plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.overlay._arrays import grown, grown_rows, offsets_of, root


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.float64])
def test_a_grown_array_begins_with_the_old_values_and_has_their_type(dtype: type) -> None:
    longer = grown(np.array([3, 1, 2], dtype), 7)
    assert (len(longer), longer.dtype, longer[:3].tolist()) == (7, dtype, [3, 1, 2])
    rows = grown_rows(np.array([[1, 2], [3, 4]], dtype), 5)
    assert (rows.shape, rows.dtype, rows[:2].tolist()) == ((5, 2), dtype, [[1, 2], [3, 4]])


@given(st.lists(st.integers(0, 5), max_size=20))
def test_offsets_are_the_sums_so_far(counts: list[int]) -> None:
    assert offsets_of(np.array(counts, np.int64)).tolist() == [sum(counts[:i]) for i in range(len(counts) + 1)]


@given(st.data(), st.integers(1, 12))
def test_roots_are_those_of_walking_up_and_stay_so(data: st.DataObject, n: int) -> None:
    """A forest in which each item has itself or an earlier one as parent."""
    parents = [data.draw(st.integers(0, i)) for i in range(n)]
    forest = np.array(parents, np.int64)

    def walk(i: int) -> int:
        return i if parents[i] == i else walk(parents[i])

    for i in data.draw(st.permutations(range(n))):
        assert root(forest, i) == walk(i)
    assert [root(forest, i) for i in range(n)] == [walk(i) for i in range(n)]
