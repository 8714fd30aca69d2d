"""Say which grids a place has: those in it, else those of the addresses stored in it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from geo.places.address.address_faults import ELSEWHERE, NO_GRID, Fault
from geo.places.address.division_names import RANKS
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.stored_addresses import StoredAddresses

_GRID, _MICROGRID = RANKS["grid"], RANKS["microgrid"]


class GridsOfPlaces:
    """Grids of places by number in one list of codes, which grows by grids that no address lies in.

    Examples
    --------
    >>> import pandas as pd
    >>> villages = pd.DataFrame({"code": ["990101001201"], "name": ["甲村"]})
    >>> grids = pd.DataFrame({"code": ["g1", "g2"], "level": [1, 1], "village": ["990101001201", "990101001201"]})
    >>> tree = PlaceTree.of(None, villages, grids)
    >>> found = GridsOfPlaces(tree, StoredAddresses(tree, []), np.empty(0, np.int32), [])
    >>> [found.codes[grid] for grid in found.of(tree.find("990101001201"))], found.of(0)
    (['g1', 'g2'], [])
    """

    def __init__(self, tree: PlaceTree, stored: StoredAddresses, grid_of_row: np.ndarray, codes: Sequence[str]) -> None:
        self.codes = list(codes)
        self._tree = tree
        self._stored = stored
        self._grid = grid_of_row
        number = {code: k for k, code in enumerate(self.codes)}
        # A microgrid counts only where its grid is not known: an address in the grid lies in one of several.
        is_grid = (tree.rank == _GRID) | ((tree.rank == _MICROGRID) & (tree.rank[tree.parent] != _GRID))
        self._nodes = np.flatnonzero(is_grid).tolist()
        self._number_of: dict[int, int] = {}
        for node in np.flatnonzero((tree.rank == _GRID) | (tree.rank == _MICROGRID)).tolist():
            code = tree.codes[node]
            if code not in number:
                number[code] = len(self.codes)
                self.codes.append(code)
            self._number_of[node] = number[code]
        self._numbers = [self._number_of[node] for node in self._nodes]
        #: Number of a grid -> its place.
        self.place_of = {number: node for node, number in self._number_of.items()}

    @property
    def has_any(self) -> bool:
        """Whether any grid is known; without one the finest division is what a text is matched to."""
        return bool(self.codes)

    def is_grid(self, place: int) -> bool:
        """Return whether a place is a grid or a microgrid.

        Examples
        --------
        >>> tree = PlaceTree.of()
        >>> GridsOfPlaces(tree, StoredAddresses(tree, []), np.empty(0, np.int32), ["g1"]).is_grid(ROOT)
        False
        """
        return place in self._number_of

    def of(self, place: int) -> list[int]:
        """Return the numbers of the grids that lie in a place or that it is; none for the root."""
        if place == ROOT:
            return []
        own = self._number_of.get(place)
        if own is not None:
            return [own]
        low = bisect_left(self._nodes, place)
        high = bisect_right(self._nodes, int(self._tree.last[place]), low)
        if low < high:
            return self._numbers[low:high]
        grids = np.unique(self._grid[self._stored.rows[self._stored.inside(place)]])
        return [int(grid) for grid in grids if grid >= 0]

    def doubts(self, grid: int, *, is_elsewhere: bool = False) -> tuple[Fault, ...]:
        """Return the faults of a grid as an answer: it lies elsewhere, or there is none where one could be known.

        Examples
        --------
        >>> grids = GridsOfPlaces(PlaceTree.of(), StoredAddresses(PlaceTree.of(), []), np.empty(0, np.int32), ["g1"])
        >>> [one["code"] for grid in (0, -1) for one in grids.doubts(grid)]
        ['no_grid']
        """
        if is_elsewhere:
            return (ELSEWHERE,)
        return (NO_GRID,) if grid < 0 and self.has_any else ()

    def is_elsewhere(self, place: int, grid: int) -> bool:
        """Return whether a grid is known to lie outside a place.

        Examples
        --------
        >>> tree = PlaceTree.of()
        >>> GridsOfPlaces(tree, StoredAddresses(tree, []), np.empty(0, np.int32), ["g1"]).is_elsewhere(ROOT, 0)
        False
        """
        node = self.place_of.get(grid)
        return node is not None and not (self._tree.holds(place, node) or self._tree.holds(node, place))

    def is_wider(self, grid: int, place: int) -> bool:
        """Return whether a grid is one of a place that holds another one: of the county of a town.

        Examples
        --------
        >>> tree = PlaceTree.of()
        >>> GridsOfPlaces(tree, StoredAddresses(tree, []), np.empty(0, np.int32), ["g1"]).is_wider(0, ROOT)
        False
        """
        node = self.place_of.get(grid)
        return node is not None and self._tree.holds(int(self._tree.parent[node]), place)
