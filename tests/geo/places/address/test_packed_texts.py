"""Texts in one block come back as they were; arrays that are not theirs are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.packed_texts import PackedTexts, checked, starts_of

_PLAIN = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(st.lists(_PLAIN, max_size=12))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    packed = PackedTexts.of(texts)
    assert list(packed) == texts
    assert list(PackedTexts.of_arrays(packed.arrays("names"), "names")) == texts


@pytest.mark.parametrize("start", [[], [0, 3], [1, 6], [0, 6, 3, 6], [0, 9, 6]])
def test_begins_outside_the_block_are_refused(start: list[int]) -> None:
    block = np.frombuffer("东街".encode(), np.uint8)
    with pytest.raises(ValueError, match="block"):
        PackedTexts.of_arrays({"names.block": block, "names.start": np.array(start, np.int64)}, "names")


def test_parts_stand_one_after_the_other() -> None:
    assert starts_of(np.array([], np.int64)).tolist() == [0]
    assert starts_of(np.array([2, 0, 1])).tolist() == [0, 2, 2, 3]


@pytest.mark.parametrize(
    "array",
    [np.array([0, 1], np.int64), np.array([[0, 1]], np.int32), np.array([0], np.int32),
     np.array([-1, 0], np.int32), np.array([0, 2], np.int32)],
)  # fmt: skip
def test_an_array_of_another_kind_size_or_range_is_refused(array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not"):
        checked(array, np.int32, size=2, least=0, below=2)
    assert checked(np.array([0, 1], np.int32), np.int32, size=2, least=0, below=2).tolist() == [0, 1]
