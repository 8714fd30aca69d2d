"""Keep the stored addresses sorted by what follows their chain of divisions, each with the place that it lies in."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import numpy as np

from geo.places.address.packed_texts import PackedTexts, checked, starts_of
from geo.places.address.place_tree import ROOT, PlaceTree

# UTF-8 never contains this byte: a key followed by it sorts after everything that begins with the key.
_AFTER_UTF8 = b"\xff"
# What parts a tail at its first number, and what sorts after all that continue a head with a number.
_DIGITS = re.compile(rb"[0-9]")
_AFTER_DIGITS = b":"
#: Entries looked at of a key that very many addresses begin with.
MAX_ENTRIES = 10_000
_NO_ENTRIES = np.empty(0, np.int64)
# Tails of the list that is searched first: a Python list of them all would take the memory of the index once more.
_SAMPLES = 65_536
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
        self._take(tree, _sorted_arrays(entries))

    @classmethod
    def of_arrays(cls, tree: PlaceTree, arrays: Mapping[str, np.ndarray], rows: int) -> StoredAddresses:
        """Return the index of arrays from a file; raise ValueError where they are not of this tree and so many rows."""
        size = len(arrays["places"])
        checked(arrays["places"], np.int32, least=0, below=len(tree))
        checked(arrays["rows"], np.int32, size=size, least=0, below=rows)
        checked(arrays["hashes"], np.uint64, size=size)
        checked(arrays["by_hash"], np.int32, size=size, least=0, below=size)
        if len(PackedTexts.of_arrays(dict(arrays), "tails")) != size:
            raise ValueError("tails and their places are not the same in number")
        made = cls.__new__(cls)
        made._take(tree, arrays)
        return made

    def arrays(self) -> dict[str, np.ndarray]:
        """Return all that `of_arrays` needs."""
        return dict(self._arrays)

    def _take(self, tree: PlaceTree, arrays: Mapping[str, np.ndarray]) -> None:
        self._tree = tree
        self._arrays = arrays
        #: Place and row of each entry, in the order of the tails, then of the places.
        self.places, self.rows = arrays["places"], arrays["rows"]
        self._start = arrays["tails.start"]
        self._tails = _SortedTails(arrays["tails.block"].tobytes(), self._start)
        # What no tail begins with is not searched for.
        self._begins = set(arrays["begins"].tobytes().decode("utf-8", "replace").split("\n"))
        #: Whether any tail may begin with several numbers: 4-6组.
        self.has_several = any(one[0].isdigit() and one[1:] in ("-", ",") for one in self._begins if one)
        # Whole tails are found by a hash, for a search by bisection reads some twenty of them.
        self._hashes, self._by_hash = arrays["hashes"], arrays["by_hash"]
        order = np.argsort(self.places, kind="stable")
        self._by_place = order.astype(np.int32)
        # Searched one at a time: bisect reads plain integers faster than NumPy is called.
        self._place_at, self._sorted_places = self.places.data, self.places[order].data
        self._hash_at = self._hashes.data
        self._places_named = frozenset(np.unique(self.places).tolist())

    def __len__(self) -> int:
        return len(self.rows)

    def tail(self, entry: int) -> str:
        """Return the tail of an entry."""
        return str(self._tails[int(entry)].decode("utf-8", "replace"))

    def sizes(self, entries: np.ndarray) -> np.ndarray:
        """Return the length of the tails of entries, in bytes."""
        return self._start[entries + 1] - self._start[entries]

    def inside(self, place: int) -> np.ndarray:
        """Return the entries inside a place."""
        first = bisect_left(self._sorted_places, place)
        return self._by_place[first : bisect_right(self._sorted_places, int(self._tree.last[place]), first)]

    def find(self, tail: str, place: int) -> Found | None:
        """Return the stored addresses, inside a place or of one that holds it, that a tail names or begins."""
        key = tail.encode("utf-8", "replace")
        if not key:
            return None
        if len(exact := self._exact(key, place)):
            return Found("exact", exact, len(tail))
        if len(tail) > 1 and tail[:2] not in self._begins:
            return None
        low = self._tails.after(key)
        if len(longer := self._longer(key, low, place)):
            return Found("longer", longer, len(tail))
        return self._shorter(key, place)

    def _exact(self, key: bytes, place: int) -> np.ndarray:
        number = hash_of(key)
        first = bisect_left(self._hash_at, number)
        if first == len(self._hash_at) or self._hash_at[first] != number:
            return _NO_ENTRIES
        low = int(self._by_hash[first])  # the first of its tail: entries are in the order of tails, and the sort stable
        high = low + bisect_right(self._hash_at, number, first) - first
        return self._of_one_tail(low, high, place) if self._tails[low] == key else _NO_ENTRIES

    def beginning_with(self, tail: str, place: int) -> np.ndarray:
        """Return the entries inside a place whose tails begin with a text."""
        if len(tail) > 1 and tail[:2] not in self._begins:
            return _NO_ENTRIES
        key = tail.encode("utf-8", "replace")
        return self._consistent(self._tails.before(key), self._tails.before(key + _AFTER_UTF8), place)

    def going_on(self, tail: str, place: int) -> np.ndarray:
        """Return the entries inside a place whose tails begin with a text and go on."""
        key = tail.encode("utf-8", "replace")
        return self._longer(key, bisect_right(self._tails, key), place)

    def heads(self) -> Iterator[tuple[int, int, int]]:
        """Yield the range of the entries that begin alike before their first number, and how long that is, in bytes.

        Tails that begin with a number are left out.
        """
        at = self._tails.after(b"")
        while at < len(self.places):
            head = _DIGITS.split(self._tails[at], 1)[0]
            if not head:
                at = self._tails.before(_AFTER_DIGITS)
                continue
            first, after = at, head + _AFTER_DIGITS
            at += 1
            while at < len(self.places) and self._tails[at] < after:
                at = at + 1 if at - first < _FEW else self._tails.before(after)
            yield first, at, len(head)

    def _consistent(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range inside the place; without any, those known only to lie in one that holds it."""
        if place == ROOT or low == high:
            return np.arange(low, high)
        if self._tails[low] == self._tails[high - 1]:
            return self._of_one_tail(low, high, place)
        inside = self._inside_of_range(low, high, place)
        return inside if len(inside) else self._holding(low, high, place)

    def _of_one_tail(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the same of entries of one tail: they are in the order of places, those inside side by side."""
        if place == ROOT:
            return np.arange(low, high)
        first = bisect_left(self._place_at, place, low, high)
        end = bisect_right(self._place_at, int(self._tree.last[place]), first, high)
        return np.arange(first, end) if first < end else self._holding(low, high, place)

    def _holding(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range that are known only to lie in a place that holds this one."""
        wider = [one for one in self._tree.chain(place)[:-1] if one in self._places_named]
        found = [self._at(one, low, high) for one in wider]
        return np.sort(np.concatenate(found)) if found else _NO_ENTRIES

    def _inside_of_range(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range inside a place, by whichever of the two has fewer."""
        inside = self.inside(place)
        if len(inside) < high - low:
            return np.sort(inside[(inside >= low) & (inside < high)]).astype(np.int64)
        places = self.places[low:high]
        return low + np.flatnonzero((places >= place) & (places <= self._tree.last[place]))

    def _at(self, place: int, low: int, high: int) -> np.ndarray:
        """Return the entries of a range at a place itself."""
        first = bisect_left(self._sorted_places, place)
        own = self._by_place[first : bisect_right(self._sorted_places, place, first)]
        return own[own.searchsorted(low) : own.searchsorted(high)].astype(np.int64)

    def _longer(self, key: bytes, low: int, place: int) -> np.ndarray:
        """Return the entries that begin with the key; where it ends in a digit, not those that continue with one."""
        if low == len(self._tails) or not self._tails[low].startswith(key):
            return _NO_ENTRIES
        high = self._tails.before(key + _AFTER_UTF8)
        if key[-1:].isdigit():
            first, last = self._tails.before(key + b"0"), self._tails.before(key + b":")
            return np.concatenate([self._consistent(low, first, place), self._consistent(last, high, place)])
        return self._consistent(low, high, place)

    def _shorter(self, key: bytes, place: int) -> Found | None:
        """Return the entries with the longest tail that begins the key, at least two characters long."""
        rest = key
        while rest:
            at = self._tails.after(rest) - 1
            if at < 0:
                return None
            found = self._tails[at]
            shared = _common_prefix(found, rest)
            if shared < len(found):
                rest = rest[:shared]
                continue
            if found[-1:].isdigit() and key[len(found) : len(found) + 1].isdigit():
                rest = rest[: len(found) - 1]  # 1 is not a prefix of 12: numbers are read whole
                continue
            read = len(found.decode("utf-8", "replace"))
            if read < 2:
                return None
            entries = self._consistent(self._tails.before(found), at + 1, place)
            if len(entries):
                return Found("shorter", entries, read)
            rest = found[:-1]
        return None


class _SortedTails(Sequence[bytes]):
    """Sorted tails, read one at a time from their block, with a list of some of them to search in first."""

    def __init__(self, block: bytes, start: np.ndarray) -> None:
        self._block = block
        self._start = start.data  # its items are plain integers, which slice faster than those of NumPy
        self._step = len(start) // _SAMPLES + 1
        self._sample = [self[at] for at in range(0, len(self), self._step)]

    def __len__(self) -> int:
        return len(self._start) - 1

    def __getitem__(self, at: Any) -> Any:
        return self._block[self._start[at] : self._start[at + 1]]

    def before(self, key: bytes) -> int:
        """Return how many tails sort before a key."""
        part = bisect_left(self._sample, key) * self._step
        return bisect_left(self, key, max(part - self._step, 0), min(part, len(self)))

    def after(self, key: bytes) -> int:
        """Return how many tails sort before a key or are the same."""
        part = bisect_right(self._sample, key) * self._step
        return bisect_right(self, key, max(part - self._step, 0), min(part, len(self)))


def _sorted_arrays(entries: Iterable[tuple[str, int, int]]) -> dict[str, np.ndarray]:
    """Return entries in the order of their tails, places and rows, each once, as arrays: many have one tail."""
    number: dict[bytes, int] = {}
    which, place_of, row_of = array("i"), array("i"), array("i")
    for tail, place, row in entries:
        which.append(number.setdefault(tail.encode("utf-8", "replace"), len(number)))
        place_of.append(place)
        row_of.append(row)
    tails = sorted(number)
    rank = np.empty(len(tails), np.int32)
    rank[np.fromiter((number[tail] for tail in tails), np.int64, len(tails))] = np.arange(len(tails), dtype=np.int32)
    keys = np.stack([rank[np.array(which, np.int32)], np.array(place_of, np.int32), np.array(row_of, np.int32)])
    keys = keys[:, np.lexsort(keys[::-1])]
    keys = keys[:, np.append(True, (np.diff(keys) != 0).any(axis=0))[: keys.shape[1]]]
    at = keys[0]
    hashes = np.fromiter(map(hash_of, tails), np.uint64, len(tails))[at]
    by_hash = np.argsort(hashes, kind="stable")
    begins = {tail.decode("utf-8", "replace")[:2] for tail in tails}
    return {
        "places": np.ascontiguousarray(keys[1]),
        "rows": np.ascontiguousarray(keys[2]),
        "tails.block": np.frombuffer(b"".join(map(tails.__getitem__, at.tolist())), np.uint8),
        "tails.start": starts_of(np.fromiter(map(len, tails), np.int64, len(tails))[at]),
        "begins": np.frombuffer("\n".join(sorted(begins)).encode("utf-8", "replace"), np.uint8),
        "hashes": hashes[by_hash],
        "by_hash": by_hash.astype(np.int32),
    }


def hash_of(key: bytes) -> int:
    """Return a hash of a text that is the same in every process, so that an index may be kept in a file.

    Examples
    --------
    >>> hash_of("东街1号".encode()) == hash_of("东街2号".encode())
    False
    """
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "little")


def in_grids(grids: np.ndarray, size: np.ndarray, most: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield at most so many grids with the positions of their entries, those of the shortest tails first.

    Examples
    --------
    >>> [(grid, at.tolist()) for grid, at in in_grids(np.array([5, 7, 5]), np.array([9, 3, 8]), 2)]
    [(7, [1]), (5, [0, 2])]
    """
    left = np.arange(len(grids))
    if len(grids) == 1:
        yield int(grids[0]), left
        return
    for _ in range(most):
        if not len(left):
            return
        grid = grids[left[size[left].argmin()]]
        mine = grids[left] == grid
        yield int(grid), left[mine]
        left = left[~mine]


def _common_prefix(a: bytes, b: bytes) -> int:
    """Return the number of leading bytes that two keys share, without a cut character."""
    n = min(len(a), len(b))
    if a[:n] == b[:n]:
        return n
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    while low and low < len(b) and b[low] & 0xC0 == 0x80:
        low -= 1
    return low
