"""Keep the stored addresses sorted by what follows their chain of divisions, each with the place that it lies in."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.places.address.entries_in_places import NO_ENTRIES, EntriesInPlaces
from geo.places.address.entry_arrays import begins_of, checked_entries, hash_of, sorted_entries
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.sorted_tails import SortedTails, TailsOfPlace, common_prefix

# UTF-8 never contains this byte: a key followed by it sorts after everything that begins with the key.
_AFTER_UTF8 = b"\xff"
# What parts a tail at its first number, and what sorts after all that continue a head with a number.
_DIGITS = re.compile(rb"[0-9]")
_AFTER_DIGITS = b":"
# Places of at most so many entries are searched alone, and what was made of the last of them is kept.
_FEW_INSIDE, _KEPT_PLACES = 1_000, 2_000
# Tails of one head walked through before their end is searched for.
_FEW = 4


@dataclass(frozen=True)
class Found:
    """Stored addresses that a tail names.

    Attributes
    ----------
    how
        ``exact``; ``longer`` where the stored tails begin with this one; ``shorter`` where this one begins with them.
    entries
        Positions in the index.
    read
        Length of the part of the tail that they cover, in characters.

    Examples
    --------
    >>> Found("exact", np.array([3]), 5).how
    'exact'
    """

    how: Literal["exact", "longer", "shorter"]
    entries: np.ndarray
    read: int


class StoredAddresses:
    """Index of stored addresses by tail and place; read only after construction.

    Examples
    --------
    >>> import pandas as pd
    >>> tree = PlaceTree.of(pd.DataFrame({"code": ["990101", "990102"], "name": ["甲县", "乙县"], "level": [3, 3]}))
    >>> stored = StoredAddresses(tree, [("东街1号", 1, 0), ("东街1号", 2, 1), ("东街2号", 1, 2)])
    >>> [stored.rows[stored.find("东街1号", place).entries].tolist() for place in (0, 1, 2)]
    [[0, 1], [0], [1]]
    >>> stored.find("东街", 1).how, stored.find("东街2号楼上", 1).read, stored.find("西街", 1)
    ('longer', 4, None)
    """

    def __init__(self, tree: PlaceTree, entries: Iterable[tuple[str, int, int]]) -> None:
        """Sort entries of (tail in normal form, place, row); a row may have several."""
        self._take(tree, sorted_entries(entries))

    @classmethod
    def of_arrays(cls, tree: PlaceTree, arrays: Mapping[str, np.ndarray], rows: int) -> StoredAddresses:
        """Return the index of arrays from a file; raise ValueError where they are not of this tree and so many rows."""
        made = cls.__new__(cls)
        made._take(tree, checked_entries(arrays, len(tree), rows))
        return made

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all that `of_arrays` needs."""
        return dict(self._arrays)

    def _take(self, tree: PlaceTree, arrays: Mapping[str, np.ndarray]) -> None:
        self._arrays = arrays
        #: Place and row of each entry, in the order of the tails, then of the places, and the tails.
        self.places, self.rows = arrays["places"], arrays["rows"]
        self._start = arrays["tails.start"]
        self.tails = SortedTails(arrays["tails.block"].tobytes(), self._start)
        # What no tail begins with is not searched for.
        self._begins = begins_of(arrays)
        self._first_characters = frozenset(begin[:1] for begin in self._begins)
        #: Whether any tail may begin with several numbers: 4-6组.
        self.has_several = any(one[0].isdigit() and one[1:] in ("-", ",") for one in self._begins if one)
        # Whole tails are found by a hash, for a search by bisection reads some twenty of them.
        self._hashes, self._by_hash = arrays["hashes"], arrays["by_hash"]
        self._hash_at = self._hashes.data  # bisect reads plain integers faster than NumPy is called
        self._in_places = EntriesInPlaces(tree, self.places)
        self._kept: OrderedDict[int, TailsOfPlace] = OrderedDict()

    def __len__(self) -> int:
        return len(self.rows)

    def tail(self, entry: int) -> str:
        """Return the tail of an entry."""
        return str(self.tails[int(entry)].decode("utf-8", "replace"))

    def sizes(self, entries: np.ndarray) -> np.ndarray:
        """Return the length of the tails of entries, in bytes."""
        return self._start[entries + 1] - self._start[entries]

    def inside(self, place: int) -> np.ndarray:
        """Return the entries inside a place."""
        return self._in_places.inside(place)

    def find(self, tail: str, place: int) -> Found | None:
        """Return the stored addresses, inside a place or of one that holds it, that a tail names or begins."""
        key = tail.encode("utf-8", "replace")
        known = self._searched(key, place) if len(tail) == 1 or tail[:2] in self._begins else None
        if not key or known is None:
            return None
        exact, low = known.exact(key)
        if len(exact):
            return Found("exact", exact, len(tail))
        if len(longer := _longer(known, key, low)):
            return Found("longer", longer, len(tail))
        return _shorter(known, key, low)

    def may_begin(self, *texts: str) -> bool:
        """Return whether a stored tail begins with the first character of a text: else it names nothing, nor a part.

        Examples
        --------
        >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号", ROOT, 0)])
        >>> stored.may_begin("东风路"), stored.may_begin("西街1号", "")
        (True, False)
        """
        return any(text[:1] in self._first_characters for text in texts if text)

    def has_beginning(self, text: str, place: int) -> bool:
        """Return whether a stored tail begins with a text, inside a place or anywhere where very many are in it.

        Examples
        --------
        >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号", ROOT, 0)])
        >>> stored.has_beginning("东街", ROOT), stored.has_beginning("西街", ROOT)
        (True, False)
        """
        key = text.encode("utf-8", "replace")
        known = self._searched(key, place)
        if known is None or (len(text) > 1 and text[:2] not in self._begins):
            return False
        at = known.before(key)
        return at < len(known) and known[at].startswith(key)

    def beginning_with(self, tail: str, place: int) -> np.ndarray:
        """Return the entries inside a place whose tails begin with a text."""
        key = tail.encode("utf-8", "replace")
        known = self._searched(key, place)
        if known is None or (len(tail) > 1 and tail[:2] not in self._begins):
            return NO_ENTRIES
        return known.entries(known.before(key), known.before(key + _AFTER_UTF8))

    def places_beginning_with(self, tail: str, place: int) -> frozenset[int] | None:
        """Return the places, inside one or it, that have tails which begin with a text.

        None where such a tail may also be known only to lie in one that holds it, and so be in it.

        Examples
        --------
        >>> stored = StoredAddresses(PlaceTree.of(), [("3组1号", ROOT, 0)])
        >>> stored.places_beginning_with("3", ROOT), stored.places_beginning_with("4", ROOT)
        (frozenset({0}), frozenset())
        """
        if self._in_places.is_named_above[place]:
            return None
        return frozenset(self.places[self.beginning_with(tail, place)].tolist())

    def going_on(self, tail: str, place: int) -> np.ndarray:
        """Return the entries inside a place whose tails begin with a text and go on."""
        key = tail.encode("utf-8", "replace")
        known = self._searched(key, place)
        return NO_ENTRIES if known is None else _longer(known, key, known.after(key))

    def of_tail(self, key: bytes, place: int) -> np.ndarray:
        """Return the entries of a tail inside a place; without any, those known only to lie in one that holds it.

        Examples
        --------
        >>> StoredAddresses(PlaceTree.of(), [("东街1号", ROOT, 0)]).of_tail("东街1号".encode(), ROOT).tolist()
        [0]
        """
        number = hash_of(key)
        first = bisect_left(self._hash_at, number)
        if first == len(self._hash_at) or self._hash_at[first] != number:
            return NO_ENTRIES
        low = int(self._by_hash[first])  # the first of its tail: entries are in the order of tails, and the sort stable
        high = low + bisect_right(self._hash_at, number, first) - first
        return self._in_places.of_one_tail(low, high, place) if self.tails[low] == key else NO_ENTRIES

    def _searched(self, key: bytes, place: int) -> TailsOfPlace | _AllTails | None:
        """Return the tails to search in for a key and a place: its own where they are few, else all.

        None where no tail may begin with the key, nor the key with a tail.
        """
        if place == ROOT or self._in_places.is_named_above[place]:
            return _AllTails(self, place)
        known = self._kept.get(place)
        if known is None:
            inside = self.inside(place)
            if len(inside) > _FEW_INSIDE:
                return _AllTails(self, place)
            if not len(inside):
                return None
            known = self._kept[place] = TailsOfPlace(self.tails, np.sort(inside))
            if len(self._kept) > _KEPT_PLACES:
                self._kept.popitem(last=False)
        return known if known.may_hold(key) else None

    def heads(self) -> Iterator[tuple[int, int, int]]:
        """Yield the range of the entries that begin alike before their first number, and how long that is, in bytes.

        Tails that begin with a number are left out.
        """
        at = self.tails.after(b"")
        while at < len(self.places):
            head = _DIGITS.split(self.tails[at], 1)[0]
            if not head:
                at = self.tails.before(_AFTER_DIGITS)
                continue
            first, after = at, head + _AFTER_DIGITS
            at += 1
            while at < len(self.places) and self.tails[at] < after:
                at = at + 1 if at - first < _FEW else self.tails.before(after)
            yield first, at, len(head)

    def consistent(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range inside the place; without any, those known only to lie in one that holds it.

        Examples
        --------
        >>> StoredAddresses(PlaceTree.of(), [("东街1号", ROOT, 0)]).consistent(0, 1, ROOT).tolist()
        [0]
        """
        is_one_tail = low < high and self.tails[low] == self.tails[high - 1]
        in_places = self._in_places
        return in_places.of_one_tail(low, high, place) if is_one_tail else in_places.of_range(low, high, place)


class _AllTails:
    """All tails, of which those count that may be in a place."""

    def __init__(self, stored: StoredAddresses, place: int) -> None:
        self._stored, self._place = stored, place
        self._tails = stored.tails
        self.before, self.after = stored.tails.before, stored.tails.after

    def __len__(self) -> int:
        return len(self._tails)

    def __getitem__(self, at: int) -> bytes:
        found: bytes = self._tails[at]
        return found

    def exact(self, key: bytes) -> tuple[np.ndarray, int]:
        """Return the entries of a tail; without any, also how many tails sort before it."""
        found = self._stored.of_tail(key, self._place)
        return found, 0 if len(found) else self.after(key)

    def entries(self, low: int, high: int) -> np.ndarray:
        return self._stored.consistent(low, high, self._place)


def _longer(known: TailsOfPlace | _AllTails, key: bytes, low: int) -> np.ndarray:
    """Return the entries that begin with the key; where it ends in a digit, not those that continue with one.

    They are searched for from `low`, where tails begin that sort after the key.
    """
    if low == len(known) or not known[low].startswith(key):
        return NO_ENTRIES
    high = known.before(key + _AFTER_UTF8)
    if key[-1:].isdigit():
        first, last = known.before(key + b"0"), known.before(key + b":")
        return np.concatenate([known.entries(low, first), known.entries(last, high)])
    return known.entries(low, high)


def _shorter(known: TailsOfPlace | _AllTails, key: bytes, after: int) -> Found | None:
    """Return the entries with the longest tail that begins the key, at least two characters long.

    So many tails, `after`, sort before the key or are the same.
    """
    rest = key
    while rest:
        at = after - 1
        if at < 0:
            return None
        found = known[at]
        shared = common_prefix(found, rest)
        if shared < len(found):
            rest = rest[:shared]
        elif found[-1:].isdigit() and key[len(found) : len(found) + 1].isdigit():
            rest = rest[: len(found) - 1]  # 1 is not a prefix of 12: numbers are read whole
        else:
            read = len(found.decode("utf-8", "replace"))
            if read < 2:
                return None
            entries = known.entries(known.before(found), at + 1)
            if len(entries):
                return Found("shorter", entries, read)
            rest = found[:-1]
        after = known.after(rest)
    return None
