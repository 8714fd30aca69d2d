"""Say which entries, in the order of their tails, lie in a place, or are known only to lie in one that holds it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np

from geo.places.address.packed_texts import starts_of
from geo.places.address.place_tree import ROOT, PlaceTree

#: No entry at all.
NO_ENTRIES = np.empty(0, np.int64)


class EntriesInPlaces:
    """Entries by the place that each lies in; read only.

    Examples
    --------
    >>> import pandas as pd
    >>> divisions = {"code": ["990101", "990101001"], "name": ["甲县", "乙镇"], "level": [3, 4]}
    >>> entries = EntriesInPlaces(PlaceTree.of(pd.DataFrame(divisions)), np.array([2, 1, 2], np.int32))
    >>> [entries.inside(place).tolist() for place in (0, 1, 2)]
    [[1, 0, 2], [1, 0, 2], [0, 2]]
    """

    def __init__(self, tree: PlaceTree, places: np.ndarray) -> None:
        """Take the place of each entry."""
        self._tree = tree
        self._places = places
        self._place_at = places.data  # searched one at a time: bisect reads plain integers faster than NumPy is called
        self._by_place = np.argsort(places, kind="stable").astype(np.int32)
        count = np.bincount(places, minlength=len(tree))
        self._first_of_place = starts_of(count).astype(np.int32).data  # where the entries of each place are in it
        self._places_named = frozenset(np.flatnonzero(count).tolist())
        #: For each place 1 where one that holds it, other than the root, has entries of its own, 0 elsewhere.
        self.is_named_above = _are_named_above(tree, self._places_named)

    def inside(self, place: int) -> np.ndarray:
        """Return the entries inside a place, in the order of places."""
        first = self._first_of_place
        return self._by_place[first[place] : first[self._tree.last[place] + 1]]

    def of_range(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range inside the place; without any, those known only to lie in one that holds it.

        Examples
        --------
        >>> EntriesInPlaces(PlaceTree.of(), np.array([0, 0, 0])).of_range(1, 3, ROOT).tolist()
        [1, 2]
        """
        if place == ROOT or low == high:
            return np.arange(low, high)
        inside = self._inside_of_range(low, high, place)
        return inside if len(inside) else self._holding(low, high, place)

    def of_one_tail(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the same of entries of one tail: they are in the order of places, those inside side by side.

        Examples
        --------
        >>> EntriesInPlaces(PlaceTree.of(), np.array([0, 0, 0])).of_one_tail(1, 3, ROOT).tolist()
        [1, 2]
        """
        if place == ROOT:
            return np.arange(low, high)
        first = bisect_left(self._place_at, place, low, high)
        end = bisect_right(self._place_at, int(self._tree.last[place]), first, high)
        return np.arange(first, end) if first < end else self._holding(low, high, place)

    def _holding(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range that are known only to lie in a place that holds this one."""
        if not self.is_named_above[place]:
            return NO_ENTRIES
        wider = [one for one in self._tree.chain(place)[:-1] if one in self._places_named]
        found = [self._at(one, low, high) for one in wider]
        return np.sort(np.concatenate(found)) if found else NO_ENTRIES

    def _inside_of_range(self, low: int, high: int, place: int) -> np.ndarray:
        """Return the entries of a range inside a place, by whichever of the two has fewer."""
        inside = self.inside(place)
        if len(inside) < high - low:
            return np.sort(inside[(inside >= low) & (inside < high)]).astype(np.int64)
        places = self._places[low:high]
        return low + np.flatnonzero((places >= place) & (places <= self._tree.last[place]))

    def _at(self, place: int, low: int, high: int) -> np.ndarray:
        """Return the entries of a range at a place itself."""
        own = self._by_place[self._first_of_place[place] : self._first_of_place[place + 1]]
        return own[own.searchsorted(low) : own.searchsorted(high)].astype(np.int64)


def _are_named_above(tree: PlaceTree, places: frozenset[int]) -> bytes:
    """Return for each place 1 where one that holds it, other than the root, is among some places, 0 elsewhere."""
    is_named = np.zeros(len(tree), bool)
    is_named[list(places - {ROOT})] = True
    found, above = np.zeros(len(tree), bool), tree.parent
    while above.any():
        found |= is_named[above]
        above = tree.parent[above]
    return found.tobytes()
