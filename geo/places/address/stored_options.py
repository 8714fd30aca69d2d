"""Give the grids of a place, and of the stored addresses that a tail names, with what was not understood of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from geo.places.address.address_faults import (
    PART_OF_A_NAME,
    Fault,
    fault_inside,
    fault_of_longer,
    fault_of_missing,
    fault_of_tail,
    office_named,
)
from geo.places.address.address_options import MAX_OPTIONS, Option, read_pieces
from geo.places.address.division_names import RANKS
from geo.places.address.door_numbers import wanted_number
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.place_tree import PlaceTree
from geo.places.address.readings import Reading
from geo.places.address.stored_addresses import Found, StoredAddresses
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import is_at, is_house_of, is_inside, is_lane_of, relation

#: A stored address speaks for its reading as much as so many characters.
STORED_WEIGHT = 0.6
#: Houses of an estate in other grids than its own speak for them so much less.
_HOUSES_WEIGHT = 0.05
#: Entries looked at of a tail that very many addresses begin with.
MAX_ENTRIES = 10_000
#: Stored texts of one grid whose towns are looked at: one that the grid is in says enough.
_MAX_TOWNS = 50
#: Stored texts of one grid that are looked at for houses of an estate.
_MAX_HOUSES = 5
#: Radius of an estate, or half the length of a street or lane, of which one point is known, metres.
_NAME_M = 300.0
#: Half the size of one house of which a floor or room is asked for, metres.
_HOUSE_M = 50.0
_NOTHING = np.empty(0, np.int64)
_TOWNSHIP = RANKS["township"]
# A building or department that a hospital, a school or an office has, with numbers inside it: it may stand apart.
_DEPARTMENT = re.compile(
    "(?:(?:门诊|急诊|住院|医技|体检)(?:[部处]|大?楼|中心)|(?:教学|实验|办公|综合|行政|宿舍|家属)大?楼|家属院)"
    "(?:-?[0-9]+(?:[号幢楼层室]|单元)?)*"
)


class StoredOptions:
    """Maker of the options of a place and of stored addresses, over one tree and the grids of both.

    Examples
    --------
    >>> from geo.places.address.address_options import whole
    >>> tree = PlaceTree.of()
    >>> stored = StoredAddresses(tree, [("东街1号", 0, 0)])
    >>> grid_of_row = np.array([0], np.int32)
    >>> options = StoredOptions(tree, stored, grid_of_row, GridsOfPlaces(tree, stored, grid_of_row, ["g1"]))
    >>> found = options.of_stored("东街1号", whole("东街1号"), stored.find("东街1号", 0), "东街1号", (), False)
    >>> [(option.grid, option.method) for option in found]
    [(0, 'exact')]
    """

    def __init__(self, tree: PlaceTree, stored: StoredAddresses, grid_of_row: np.ndarray, grids: GridsOfPlaces) -> None:
        self._tree = tree
        self._stored = stored
        self._grid = grid_of_row
        self._grids = grids

    def of_place(
        self, form: str, reading: Reading, faults: tuple[Fault, ...], blocks: bool, read: int = 0
    ) -> list[Option]:
        """Return the grids of a place, of which so many characters of the tail were read as well; none has rows."""
        grids = self._grids.of(reading.guess)
        if len(grids) > 1 and not reading.tail and (office := office_named(form, reading, self._tree)):
            faults = (*faults, fault_of_missing(office))
        if reading.guess != reading.place:
            faults, blocks = (*faults, PART_OF_A_NAME), True
        spans = (*reading.spans, *read_pieces(reading, read))
        share = sum([end - start for start, end in spans]) / max(len(form), 1)
        others = np.array(grids[MAX_OPTIONS:], np.int64) if len(grids) > MAX_OPTIONS else _NOTHING
        out: list[Option] = []
        for grid in grids[:MAX_OPTIONS] or [-1]:
            # Of a place without a grid of its own: an address in it may have its point in the grid of another place.
            is_elsewhere = self._grids.is_elsewhere(reading.guess, grid)
            own = (*faults, *self._grids.doubts(grid, is_elsewhere=is_elsewhere))
            out.append(
                Option(
                    reading, reading.guess, grid, _NOTHING, "match", reading.score, share,
                    own, blocks or is_elsewhere, spans, 0.0, others,
                )
            )  # fmt: skip
        return out

    def of_stored(
        self, form: str, reading: Reading, found: Found, said: str, names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        """Return the grids of the stored addresses that the tail of a reading, written as `said`, names."""
        entries = self._sample(found.entries)
        rows = self._stored.rows[entries]
        sizes = self._stored.sizes(entries)
        rest = reading.tail[found.read :]
        groups = [*in_grids(self._grid[rows], sizes, MAX_OPTIONS)]
        others = _NOTHING
        if len(groups) == MAX_OPTIONS:
            others = np.setdiff1d(self._grid[self._stored.rows[found.entries]], [-1, *(grid for grid, _ in groups)])
        size = max(len(form), 1)
        read = (len(form) - len(rest)) / size
        method = "exact" if found.how == "exact" and _is_plain(reading) else "match" if reading.hits else "prefix"
        read_said = len(said) - len(rest) if said.endswith(rest) else found.read
        spans = (*reading.spans, *read_pieces(reading, read_said))
        out: list[Option] = []
        for grid, members in groups:
            chosen = entries[members]
            faults, is_known, reach = self._tail_faults(found, reading.tail, said, chosen)
            share = read
            if found.how == "longer":
                shortest = self._stored.tail(int(chosen[sizes[members].argmin()]))
                share *= len(form) / max(len(form) + len(shortest) - len(reading.tail), 1)
            is_elsewhere = self._is_elsewhere(reading.place, grid, chosen)
            is_known = is_known or (reach > 0.0 and self._grids.of(reading.place) == [grid])
            place = max(reading.place, int(self._stored.places[chosen[0]])) if len(chosen) == 1 else reading.place
            out.append(
                Option(
                    reading, place, grid, rows[members], method, reading.score + STORED_WEIGHT, share,
                    (*names, *faults, *self._grids.doubts(grid, is_elsewhere=is_elsewhere)),
                    blocks or is_elsewhere or (bool(faults) and not is_known),
                    spans, reach, others,
                )
            )  # fmt: skip
        return out

    def _is_elsewhere(self, place: int, grid: int, entries: np.ndarray) -> bool:
        """Return whether a grid lies outside the place that is read, or the towns that the stored texts name."""
        if self._grids.is_elsewhere(place, grid):
            return True
        if self._tree.rank[place] >= _TOWNSHIP:  # what is inside it is of its town
            return False
        for one in self._stored.places[entries[:_MAX_TOWNS]].tolist():
            town = self._tree.above(one, _TOWNSHIP)
            # A grid of a whole county is in none of its towns, and not outside them.
            if not self._grids.is_elsewhere(town, grid) or self._grids.is_wider(grid, town):
                return False
        return True

    def of_houses(
        self, form: str, reading: Reading, known: set[int], names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        """Return the other grids in which a stored estate or street has houses: 幸福小区3号楼 of 幸福小区."""
        entries = self._sample(self._stored.going_on(reading.tail, reading.place))
        grids = self._grid[self._stored.rows[entries]]
        asked = read_tail(reading.tail)
        kept: list[np.ndarray] = []
        for grid, members in in_grids(grids, self._stored.sizes(entries), MAX_OPTIONS + len(known)):
            first = entries[members[:_MAX_HOUSES]]
            if grid not in known and any(
                relation(read_tail(self._stored.tail(int(entry))), asked) == "whole" for entry in first
            ):
                kept.append(entries[members])
        if not kept:
            return []
        found = Found("longer", np.concatenate(kept), len(reading.tail))
        out = self.of_stored(form, reading, found, reading.tail, names, blocks)
        return [option._replace(weight=option.weight - _HOUSES_WEIGHT) for option in out]

    def with_parts_inside(self, reading: Reading, found: Found) -> Found:
        """Return a stored door with what is inside it in other grids, where a part that is not stored may be."""
        own, asked = read_tail(reading.tail[: found.read]), read_tail(reading.tail)
        if asked.near or not is_inside(own, asked):
            return found
        entries = self._sample(self._stored.going_on(own.form, reading.place))
        if not len(entries):
            return found
        known = set(self._grid[self._stored.rows[found.entries]].tolist())
        kept = [found.entries]
        grids, sizes = self._grid[self._stored.rows[entries]], self._stored.sizes(entries)
        for grid, members in in_grids(grids, sizes, MAX_OPTIONS):
            first = entries[members[:_MAX_HOUSES]]
            if grid not in known and any(is_inside(own, read_tail(self._stored.tail(int(one)))) for one in first):
                kept.append(entries[members])
        return Found(found.how, np.concatenate(kept), found.read)

    def _tail_faults(
        self, found: Found, tail: str, said: str, entries: np.ndarray
    ) -> tuple[tuple[Fault, ...], bool, float]:
        """Return what of the tail was not understood, whether it is a part of the stored address, and its reach."""
        if found.how == "exact":
            return (), True, 0.0
        asked = read_tail(tail)
        if found.how == "longer":
            longer = [read_tail(self._stored.tail(int(entry))) for entry in entries]
            if any(is_at(one, asked) for one in longer):
                return (), True, _NAME_M if any(is_lane_of(asked, one) for one in longer) else 0.0
            return (fault_of_longer(self._stored.tail(int(entries[0]))),), False, 0.0
        own = read_tail(tail[: found.read])
        is_named = bool(own.name or own.occupant) and not (own.rest or own.near)
        is_department = is_named and _DEPARTMENT.fullmatch(tail, found.read) is not None
        if not is_department and is_inside(own, asked):
            return (fault_inside(tail[found.read :], tail[: found.read]),), True, 0.0
        if is_department or (is_house_of(own, asked) and not asked.near):
            reach = _NAME_M if is_department or wanted_number(asked) is not None else _HOUSE_M
            return (fault_of_missing(said, tail[: found.read]),), False, reach
        return (fault_of_tail(tail[found.read :]),), False, 0.0

    def _sample(self, entries: np.ndarray) -> np.ndarray:
        """Return the shortest of very many entries, and one in another grid where one exists: still ambiguous."""
        if len(entries) <= MAX_ENTRIES:
            return entries
        sizes = self._stored.sizes(entries)
        short = entries[np.argpartition(sizes, MAX_ENTRIES)[:MAX_ENTRIES]]
        grids = self._grid[self._stored.rows[entries]]
        other = np.flatnonzero(grids != self._grid[self._stored.rows[short[0]]])[:1]
        return np.unique(np.append(short, entries[other]))


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


def _is_plain(reading: Reading) -> bool:
    return not reading.misspelt and not reading.contradictions
