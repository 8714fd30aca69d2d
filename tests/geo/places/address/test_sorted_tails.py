"""Sorted tails: searched in all of them, and in those of one place, as in a plain list."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.address import sorted_tails
from geo.places.address.packed_texts import starts_of
from geo.places.address.sorted_tails import SortedTails, TailsOfPlace, common_prefix

KEYS = st.text("东街12号", max_size=4).map(str.encode)


def packed(tails: list[bytes]) -> SortedTails:
    return SortedTails(b"".join(tails), starts_of(np.array([len(tail) for tail in tails], np.int64)))


@given(st.lists(KEYS, max_size=30).map(sorted), KEYS, st.sampled_from([2, 65_536]))
def test_as_in_a_plain_list(tails: list[bytes], key: bytes, samples: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_tails, "_SAMPLES", samples)
        found = packed(tails)
    assert [*found] == tails
    assert (found.before(key), found.after(key)) == (bisect_left(tails, key), bisect_right(tails, key))


@given(st.data(), st.lists(KEYS, min_size=1, max_size=30).map(sorted), KEYS)
def test_those_of_one_place(data: st.DataObject, tails: list[bytes], key: bytes) -> None:
    chosen = sorted(data.draw(st.sets(st.integers(0, len(tails) - 1), min_size=1)))
    own = [tails[at] for at in chosen]
    found = TailsOfPlace(packed(tails), np.array(chosen, np.int32))
    assert [*found] == own
    assert (found.before(key), found.after(key)) == (bisect_left(own, key), bisect_right(own, key))
    exact, before = found.exact(key)
    assert exact.tolist() == [at for at in chosen if tails[at] == key]
    assert before == found.before(key)
    assert found.entries(0, 2).tolist() == chosen[:2]
    if any(tail.startswith(key) or key.startswith(tail) for tail in own):
        assert found.may_hold(key)


def test_a_place_says_by_what_all_begin_with_that_it_holds_none() -> None:
    own = ["3组1号", "3组2号"]
    found = TailsOfPlace(packed([tail.encode() for tail in own]), np.array([0, 1]))
    assert [found.may_hold(key.encode()) for key in ("3组9号", "3", "4组1号", "3号")] == [True, True, False, False]


@given(KEYS, KEYS)
def test_what_two_keys_begin_with(one: bytes, other: bytes) -> None:
    size = common_prefix(one, other)
    assert one[:size] == other[:size]
    shared = next((k for k, (a, b) in enumerate(zip(one.decode(), other.decode(), strict=False)) if a != b), None)
    whole = min(one, other, key=len) if shared is None else one.decode()[:shared].encode()
    assert size == len(whole)
