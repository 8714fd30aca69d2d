"""Weigh the ways to read an address: for each, the grids that it may be in and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from geo.places.address.address_faults import (
    ELSEWHERE,
    PART_OF_A_NAME,
    UNREAD,
    Fault,
    fault_of_longer,
    fault_of_stray,
    fault_of_tail,
    fault_of_unknown,
    fault_of_unstored,
    name_faults,
)
from geo.places.address.division_names import RANKS, VILLAGE_RANK
from geo.places.address.door_numbers import Door, doors_beside, nearest_doors
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import canonical_tail
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.readings import Piece, Reading
from geo.places.address.repair import SURE_COST, Misspelling
from geo.places.address.stored_addresses import MAX_ENTRIES, Found, StoredAddresses, in_grids
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import is_at, is_inside
from geo.places.address.tail_types import TailParts

MAX_OPTIONS = 10
#: A stored address speaks for its reading as much as so many characters.
_STORED_WEIGHT = 0.6
#: A part inside a door that is the same speaks for it as much as so many characters.
_PART_WEIGHT = 0.5
_NOTHING = np.empty(0, np.int64)
# Characters that names of divisions end in, and names so short that one character is half of them.
_LAST_CHARACTERS, _SHORT_NAME = "省市县区州旗镇乡道村", 2
# What parts a village from another one of its name: 上新胜村 is not 新胜村.
_OTHER_VILLAGE = re.compile(r"[大小上下前后东西南北中新老旧]")


class Option(NamedTuple):
    """One grid that one reading of a text may mean.

    Attributes
    ----------
    reading
        The reading; None for a text taken whole.
    place
        The finest place known of it.
    grid
        Number of the grid, -1 for none.
    rows
        Rows of the stored addresses that it stands on; empty where it stands on the place alone.
    method
        ``exact``, ``prefix`` or ``match``.
    weight
        Characters that speak for it.
    share
        Share of the text that was read.
    faults
        What was not understood or contradicts itself.
    blocks
        Whether a fault forbids a match.
    spans
        Begin and end of what was read, in the normal form.

    Examples
    --------
    >>> Option(None, 0, 3, np.array([0]), "match", 2.0, 0.8, (), True, ()).grid
    3
    """

    reading: Reading | None
    place: int
    grid: int
    rows: np.ndarray
    method: str
    weight: float
    share: float
    faults: tuple[Fault, ...]
    blocks: bool
    spans: tuple[tuple[int, int], ...]


class Weigher:
    """Finder of the grids of readings, over one tree, its stored addresses and the grids of both.

    Examples
    --------
    >>> tree = PlaceTree.of()
    >>> stored = StoredAddresses(tree, [("东街1号", ROOT, 0)])
    >>> grid_of_row = np.array([0], np.int32)
    >>> weigher = Weigher(tree, stored, grid_of_row, GridsOfPlaces(tree, stored, grid_of_row, ["g1"]))
    >>> [option.grid for option in weigher.options("东街1号", whole("东街1号"))]
    [0]
    """

    def __init__(self, tree: PlaceTree, stored: StoredAddresses, grid_of_row: np.ndarray, grids: GridsOfPlaces) -> None:
        self._tree = tree
        self._stored = stored
        self._grid = grid_of_row
        self._grids = grids

    def of_all(self, form: str, readings: Iterable[Reading]) -> list[Option]:
        """Return the grids of readings of one text; a tail that several have is read once."""
        read: dict[str, TailParts] = {}
        return [option for reading in readings for option in self.options(form, reading, read)]

    def options(self, form: str, reading: Reading, read: dict[str, TailParts] | None = None) -> list[Option]:
        """Return the grids of a reading, those of stored addresses where it names any; `read` keeps the tails read."""
        tail = canonical_tail(reading.tail)
        if tail != reading.tail:
            reading = reading._replace(tail=tail)
        names = name_faults(reading, self._tree)
        blocks = bool(reading.contradictions) or any(_is_unlike(one) for one in reading.misspelt)
        if not reading.tail:
            return self._of_place(form, reading, names, blocks)
        found = self._stored.find(reading.tail, reading.place)
        if found is not None:
            return self._of_stored(form, reading, found, names, blocks)
        parts = None if read is None else read.get(reading.tail)
        if parts is None:
            parts = read_tail(reading.tail)
            if read is not None:
                read[reading.tail] = parts
        return self._of_unstored(form, reading, parts, names, blocks)

    def _of_unstored(
        self, form: str, reading: Reading, parts: TailParts, names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        """Return the grids of a tail that is not stored: those of its street or group, else those of the place."""
        fault, is_understood = fault_of_unstored(parts)
        if is_understood and (name := _longer_village(form, reading)):
            fault, is_understood = fault_of_unknown(name), False
        if is_understood and is_before_a_name(reading):
            fault, is_understood = UNREAD, False
        if is_understood and reading.strays:
            fault, is_understood = fault_of_stray(self._tree.names[reading.strays[0].places[0]][0]), False
        if is_understood and (other := self._stored_elsewhere(reading, parts)) is not None:
            fault, is_understood = fault_of_stray(other), False
        faults, blocks = (*names, fault), blocks or not is_understood
        entries = doors_beside(self._stored, parts, reading.place) if is_understood else _NOTHING
        if doors := nearest_doors(self._stored, entries, parts):
            return self._of_doors(reading, doors, entries, faults, blocks, is_several=parts.several is not None)
        return self._of_place(form, reading, faults, blocks, read=len(reading.tail) if is_understood else 0)

    def _stored_elsewhere(self, reading: Reading, parts: TailParts) -> str | None:
        """Return the place in the same county where a door or name is stored that is not where the text says it is."""
        if not (parts.streets or parts.name) or reading.place == ROOT:
            return None
        found = self._stored.find(reading.tail, self._tree.above(reading.place, RANKS["county"]))
        if found is None or found.how == "longer":
            return None
        if found.how == "shorter" and not is_inside(read_tail(reading.tail[: found.read]), parts):
            return None
        place = int(self._stored.places[found.entries[0]])
        while place != ROOT and not self._tree.names[place]:
            place = int(self._tree.parent[place])
        return self._tree.names[place][0] if place != ROOT else self._stored.tail(int(found.entries[0]))

    def _of_doors(
        self,
        reading: Reading,
        doors: Sequence[Door],
        beside: np.ndarray,
        faults: tuple[Fault, ...],
        blocks: bool,
        *,
        is_several: bool,
    ) -> list[Option]:
        """Return the grids of the doors nearest to one that is not stored; its place is that of the whole street."""
        spans = (*reading.spans, *_read_pieces(reading, len(reading.tail)))
        is_known = (doors[0].away == 0 and not is_several) or len(np.unique(self._grid[self._stored.rows[beside]])) == 1
        out: dict[int, Option] = {}
        for door in doors:
            row = int(self._stored.rows[door.entry])
            grid = int(self._grid[row])
            weight = reading.score + _STORED_WEIGHT / 2 + _PART_WEIGHT * door.parts
            if grid not in out:
                out[grid] = Option(
                    reading, reading.place, grid, np.array([row]), "match", weight, 1.0, faults,
                    blocks or not is_known, spans,
                )  # fmt: skip
        return list(out.values())[:MAX_OPTIONS]

    def _of_place(
        self, form: str, reading: Reading, faults: tuple[Fault, ...], blocks: bool, read: int = 0
    ) -> list[Option]:
        grids = self._grids.of(reading.guess)
        if reading.guess != reading.place:
            faults, blocks = (*faults, PART_OF_A_NAME), True
        spans = (*reading.spans, *_read_pieces(reading, read))
        share = sum(end - start for start, end in spans) / max(len(form), 1)
        return [
            Option(reading, reading.guess, grid, _NOTHING, "match", reading.score, share, faults, blocks, spans)
            for grid in (grids[:MAX_OPTIONS] or [-1])
        ]

    def _of_stored(
        self, form: str, reading: Reading, found: Found, names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        entries = self._sample(found.entries)
        rows = self._stored.rows[entries]
        sizes = self._stored.sizes(entries)
        size = max(len(form), 1)
        read = (len(form) - (len(reading.tail) - found.read)) / size
        method = "exact" if found.how == "exact" and _is_plain(reading) else "match" if reading.hits else "prefix"
        spans = (*reading.spans, *_read_pieces(reading, found.read))
        out: list[Option] = []
        for grid, members in in_grids(self._grid[rows], sizes, MAX_OPTIONS):
            chosen = entries[members]
            faults, is_known = self._tail_faults(found, reading.tail, chosen)
            share = read
            if found.how == "longer":
                shortest = self._stored.tail(int(chosen[sizes[members].argmin()]))
                share *= len(form) / max(len(form) + len(shortest) - len(reading.tail), 1)
            is_elsewhere = self._is_elsewhere(reading.place, grid)
            if is_elsewhere:
                faults = (*faults, ELSEWHERE)
            place = max(reading.place, int(self._stored.places[chosen[0]])) if len(chosen) == 1 else reading.place
            out.append(
                Option(
                    reading, place, grid, rows[members], method, reading.score + _STORED_WEIGHT, share,
                    (*names, *faults), blocks or is_elsewhere or (bool(faults) and not is_known), spans,
                )
            )  # fmt: skip
        return out

    def _is_elsewhere(self, place: int, grid: int) -> bool:
        """Return whether a grid is known to lie in another place than the text names."""
        node = self._grids.place_of.get(grid)
        return node is not None and not (self._tree.holds(place, node) or self._tree.holds(node, place))

    def _tail_faults(self, found: Found, tail: str, entries: np.ndarray) -> tuple[tuple[Fault, ...], bool]:
        """Return what of the tail was not understood, and whether it is a part of the stored address."""
        if found.how == "exact":
            return (), True
        asked = read_tail(tail)
        if found.how == "shorter":
            return (fault_of_tail(tail[found.read :]),), is_inside(read_tail(tail[: found.read]), asked)
        if any(is_at(read_tail(self._stored.tail(int(entry))), asked) for entry in entries):
            return (), True
        return (fault_of_longer(self._stored.tail(int(entries[0]))),), False

    def _sample(self, entries: np.ndarray) -> np.ndarray:
        """Return the shortest of very many entries, and one in another grid where one exists: still ambiguous."""
        if len(entries) <= MAX_ENTRIES:
            return entries
        sizes = self._stored.sizes(entries)
        short = entries[np.argpartition(sizes, MAX_ENTRIES)[:MAX_ENTRIES]]
        grids = self._grid[self._stored.rows[entries]]
        other = np.flatnonzero(grids != self._grid[self._stored.rows[short[0]]])[:1]
        return np.unique(np.append(short, entries[other]))


def whole(form: str) -> Reading:
    """Return the reading of a text that names no place: all of it is the tail.

    Examples
    --------
    >>> whole("东街1号").tail
    '东街1号'
    """
    return Reading(ROOT, ROOT, 0.0, (), (), (), (Piece(0, len(form)),), form)


def is_before_a_name(reading: Reading) -> bool:
    """Return whether words stand before or between the names of places: they may be other places.

    Examples
    --------
    >>> is_before_a_name(whole("东街1号"))
    False
    """
    return bool(reading.hits and reading.pieces) and reading.pieces[0].start < max(hit.start for _, hit in reading.hits)


def _is_unlike(one: Misspelling) -> bool:
    """Return whether half of a short name is another character, of no like sound or shape."""
    return one.cost > SURE_COST and len(one.meant.rstrip(_LAST_CHARACTERS)) <= _SHORT_NAME


def _longer_village(form: str, reading: Reading) -> str:
    """Return the name of another village that that of the reading is the end of; empty where it stands alone."""
    ends = {piece.end for piece in reading.pieces}
    for _, hit in reading.hits:
        if hit.rank == VILLAGE_RANK and hit.start in ends and _OTHER_VILLAGE.match(form, hit.start - 1):
            return form[hit.start - 1 : hit.end]
    return ""


def _is_plain(reading: Reading) -> bool:
    return not reading.misspelt and not reading.contradictions


def _read_pieces(reading: Reading, read: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of the normal form that the first characters of the tail are from."""
    for start, end in reading.pieces:
        size = min(end - start, read)
        if size:
            yield (start, start + size)
        read -= size


def joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that touch as one.

    Examples
    --------
    >>> joined([(3, 5), (0, 3), (7, 8)])
    [(0, 5), (7, 8)]
    """
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
