"""Arrays of the stored entries: each entry once, in order, and what of a file is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address.entry_arrays import begins_of, checked_entries, hash_of, sorted_entries
from geo.places.address.packed_texts import PackedTexts

ENTRIES = st.lists(st.tuples(st.text("东街12号a", max_size=4), st.integers(0, 3), st.integers(0, 5)), max_size=12)
PLACES, ROWS = 4, 6


@given(ENTRIES)
def test_each_entry_is_there_once_in_order(known: list[tuple[str, int, int]]) -> None:
    found = sorted_entries(known)
    tails = list(PackedTexts.of_arrays(found, "tails"))
    entries = [*zip(tails, found["places"].tolist(), found["rows"].tolist(), strict=True)]
    assert entries == sorted(set(known), key=lambda one: (one[0].encode(), *one[1:]))
    assert begins_of(found) - {""} == {tail[:2] for tail in tails} - {""}


@given(ENTRIES)
def test_the_hashes_are_in_order_each_with_its_entry(known: list[tuple[str, int, int]]) -> None:
    found = sorted_entries(known)
    tails = list(PackedTexts.of_arrays(found, "tails"))
    hashes = found["hashes"].tolist()
    assert hashes == sorted(hashes)
    assert [hash_of(tails[entry].encode()) for entry in found["by_hash"]] == hashes
    assert sorted(found["by_hash"].tolist()) == [*range(len(tails))]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("places", np.array([0, PLACES], np.int32)),
        ("places", np.array([0, -1], np.int32)),
        ("places", np.array([0, 1], np.int64)),
        ("rows", np.array([0, ROWS], np.int32)),
        ("rows", np.array([0], np.int32)),
        ("hashes", np.array([1], np.uint64)),
        ("by_hash", np.array([0, 2], np.int32)),
        ("tails.start", np.array([0, 10])),
    ],
)
def test_arrays_of_other_places_or_rows_are_refused(name: str, value: np.ndarray) -> None:
    good = sorted_entries([("东街1号", 0, 0), ("东街2号", 1, 5)])
    assert checked_entries(good, PLACES, ROWS) is good
    with pytest.raises(ValueError, match=r"array|values|tails|texts"):
        checked_entries({**good, name: value}, PLACES, ROWS)


def test_a_hash_is_the_same_in_every_process() -> None:
    """BLAKE2b of no bytes, eight of them: RFC 7693 fixes it."""
    assert hash_of(b"") == int.from_bytes(bytes.fromhex("e4a6a0577479b2b4"), "little")
