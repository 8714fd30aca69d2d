"""Stored addresses by tail and place: what a search through all of them finds, numbers read whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.address import stored_addresses
from geo.places.address.place_tree import ROOT
from geo.places.address.stored_addresses import StoredAddresses
from tests.geo.places.address.small_places import DAJING, TUMEN, XINSHENG, tree

TREE = tree()
COUNTY, TOWN, OTHER, VILLAGE = (TREE.place_of[code] for code in ("620622", TUMEN, DAJING, XINSHENG))
TAILS = st.text("东街12号a", min_size=1, max_size=5)
Entry = tuple[str, int, int]


def rows(stored: StoredAddresses, tail: str, place: int) -> tuple[str, list[int], int] | None:
    """Return how a tail was found, the rows in order, and how much of it was read."""
    found = stored.find(tail, place)
    return None if found is None else (found.how, sorted(set(stored.rows[found.entries].tolist())), found.read)


def test_the_place_tells_addresses_of_one_tail_apart() -> None:
    stored = StoredAddresses(TREE, [("东街1号", TOWN, 0), ("东街1号", OTHER, 1)])
    assert rows(stored, "东街1号", TOWN) == ("exact", [0], 4)
    assert rows(stored, "东街1号", OTHER) == ("exact", [1], 4)
    assert rows(stored, "东街1号", COUNTY) == rows(stored, "东街1号", ROOT) == ("exact", [0, 1], 4)
    assert rows(stored, "东街1号", TREE.place_of["610723"]) is None


def test_an_address_known_in_the_township_only_may_be_in_each_of_its_villages() -> None:
    stored = StoredAddresses(TREE, [("东街1号", TOWN, 0), ("东街2号", VILLAGE, 1)])
    assert rows(stored, "东街1号", VILLAGE) == ("exact", [0], 4)
    assert rows(stored, "东街2号", TOWN) == ("exact", [1], 4)
    assert rows(stored, "东街1号", OTHER) is None


def test_one_is_no_beginning_of_twelve() -> None:
    stored = StoredAddresses(TREE, [("东街1号", ROOT, 0), ("东街12号", ROOT, 1), ("东街12", ROOT, 2)])
    assert rows(stored, "东街1", ROOT) == ("longer", [0], 3)
    assert rows(stored, "东街12", ROOT) == ("exact", [2], 4)
    assert rows(stored, "东街12号楼上", ROOT) == ("shorter", [1], 5)
    assert rows(stored, "东街123号", ROOT) is None
    assert rows(stored, "东街", ROOT) == ("longer", [0, 1, 2], 2)


def test_an_empty_tail_names_nothing() -> None:
    stored = StoredAddresses(TREE, [("", TOWN, 0), ("东街", TOWN, 1)])
    assert stored.find("", TOWN) is None
    assert StoredAddresses(TREE, []).find("东街", ROOT) is None
    assert len(StoredAddresses(TREE, [])) == 0


def test_the_same_entry_twice_is_one() -> None:
    assert len(StoredAddresses(TREE, [("东街", TOWN, 0), ("东街", TOWN, 0), ("东街", TOWN, 1)])) == 2


def _whole(short: str, long: str) -> bool:
    """Return whether a text begins another one, and no number of it is cut."""
    cut = len(short)
    return long.startswith(short) and not (cut < len(long) and short[-1:].isdigit() and long[cut].isdigit())


def _plain(entries: list[Entry], tail: str, place: int) -> tuple[str, list[int], int] | None:
    """Return what is found by looking at every entry: the same tail, then longer ones, then the longest shorter one."""

    def consistent(chosen: list[Entry]) -> list[Entry]:
        if place == ROOT:
            return chosen
        inside = [entry for entry in chosen if TREE.holds(place, entry[1])]
        return inside or [entry for entry in chosen if entry[1] != ROOT and TREE.holds(entry[1], place)]

    def answer(how: str, chosen: list[Entry], read: int) -> tuple[str, list[int], int]:
        return how, sorted({row for _, _, row in chosen}), read

    if not tail:
        return None
    if same := consistent([entry for entry in entries if entry[0] == tail]):
        return answer("exact", same, len(tail))
    longer = [entry for entry in entries if entry[0] != tail and _whole(tail, entry[0])]
    if tail[-1].isdigit() and consistent(longer):
        # Those that go on with something less than a digit and with something greater are looked at apart.
        before = consistent([entry for entry in longer if entry[0][len(tail)] < "0"])
        return answer("longer", before + consistent([e for e in longer if e[0][len(tail)] > "9"]), len(tail))
    if longer := consistent(longer):
        return answer("longer", longer, len(tail))
    for size in range(len(tail), 1, -1):
        short = [entry for entry in entries if entry[0] == tail[:size] and _whole(entry[0], tail)]
        if short := consistent(short):
            return answer("shorter", short, size)
    return None


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(TAILS, st.sampled_from([ROOT, COUNTY, TOWN, OTHER, VILLAGE])), max_size=12),
    TAILS,
    st.sampled_from([ROOT, COUNTY, TOWN, OTHER, VILLAGE]),
)
def test_what_is_found_is_what_a_plain_search_finds(known: list[tuple[str, int]], tail: str, place: int) -> None:
    entries = [(text, where, row) for row, (text, where) in enumerate(known)]
    stored = StoredAddresses(TREE, entries)
    assert rows(stored, tail, place) == _plain(entries, tail, place)
    inside = sorted(row for _, where, row in entries if TREE.holds(place, where))
    assert sorted(set(stored.rows[stored.inside(place)].tolist())) == inside


PLACES = st.sampled_from([ROOT, COUNTY, TOWN, OTHER, VILLAGE])


@given(st.lists(st.tuples(TAILS, PLACES), max_size=12), TAILS, PLACES)
def test_a_place_is_searched_alone_as_all_are(known: list[tuple[str, int]], tail: str, place: int) -> None:
    """Whether a place has few entries or many, what is found in it is the same."""

    def answers() -> list[object]:
        stored = StoredAddresses(TREE, [(text, where, row) for row, (text, where) in enumerate(known)])
        begun, longer = stored.beginning_with(tail, place), stored.going_on(tail, place)
        if len(begun):
            assert stored.has_beginning(tail, place)
            assert stored.may_begin("", tail)
        return [rows(stored, tail, place), *(sorted(stored.rows[found].tolist()) for found in (begun, longer))]

    few = answers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored_addresses, "_FEW_INSIDE", -1)
        assert answers() == few


@given(st.lists(st.tuples(TAILS, st.sampled_from([TOWN, OTHER])), max_size=12))
def test_heads_are_what_stands_before_the_first_number(known: list[tuple[str, int]]) -> None:
    stored = StoredAddresses(TREE, [(text, where, row) for row, (text, where) in enumerate(known)])
    found = {}
    for first, end, size in stored.heads():
        (head,) = {stored.tail(entry).encode()[:size].decode() for entry in range(first, end)}
        assert head not in found
        found[head] = end - first
    plain: dict[str, int] = {}
    for entry in range(len(stored)):
        head = stored.tail(entry).partition("1")[0].partition("2")[0]
        if head:
            plain[head] = plain.get(head, 0) + 1
    assert found == plain


def test_lone_surrogates_and_rare_characters_are_kept_apart() -> None:
    stored = StoredAddresses(TREE, [("𠮷街1号", ROOT, 0), ("吉街1号", ROOT, 1)])
    assert rows(stored, "𠮷街1号", ROOT) == ("exact", [0], 4)
    assert stored.find("\ud800\ud800", ROOT) is None


@pytest.mark.parametrize("tail", ["东街1号", "东街", "西街"])
def test_beginning_with(tail: str) -> None:
    stored = StoredAddresses(TREE, [("东街1号", TOWN, 0), ("东街12号", TOWN, 1), ("东街1号", OTHER, 2)])
    expected = [row for row, text in ((0, "东街1号"), (1, "东街12号")) if text.startswith(tail)]
    assert sorted(stored.rows[stored.beginning_with(tail, TOWN)].tolist()) == expected
