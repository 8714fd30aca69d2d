"""Weigh the ways to read an address: for each, the grids that it may be in and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from geo.places.address.address_faults import (
    ELSEWHERE,
    NO_GRID,
    PART_OF_A_NAME,
    Fault,
    fault_inside,
    fault_of_elsewhere,
    fault_of_longer,
    fault_of_missing,
    fault_of_neighbours,
    fault_of_stray,
    fault_of_tail,
    fault_of_unknown,
    fault_of_unread,
    fault_of_unstored,
    name_faults,
    office_named,
)
from geo.places.address.address_options import (
    MAX_OPTIONS,
    Option,
    cited_with_gaps,
    is_before_a_name,
    is_inside_only,
    longer_village,
    part_of_tail,
    read_pieces,
)
from geo.places.address.division_names import RANKS, VILLAGE_RANK
from geo.places.address.door_numbers import (
    best_of_spellings,
    doors_beside,
    in_range_of_groups,
    is_between,
    metres_away,
    nearest_doors,
    wanted_number,
    wanted_numbers,
)
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import canonical_tail
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.public_offices import is_public_office, offices_of
from geo.places.address.readings import Reading
from geo.places.address.repair import SURE_COST, Misspelling
from geo.places.address.stored_addresses import MAX_ENTRIES, Found, StoredAddresses, in_grids
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import (
    is_at,
    is_house_of,
    is_inside,
    is_one_door,
    occupant_behind,
    relation,
    second_name,
)
from geo.places.address.tail_types import TailParts

#: A stored address speaks for its reading as much as so many characters.
_STORED_WEIGHT = 0.6
#: A part inside a door that is the same speaks for it as much as so many characters.
_PART_WEIGHT = 0.5
#: Houses of an estate in other grids than its own speak for them so much less.
_PARTS_WEIGHT = 0.05
#: A door that is stored in another place than is named speaks for it so much less than the name does for its own.
_ELSEWHERE_WEIGHT = 0.05
#: Grids of such doors that are listed.
_MAX_ELSEWHERE = 3
#: Stored texts of one grid that are looked at for houses of an estate.
_MAX_PARTS = 5
#: Radius of an estate, or half the length of a street, of which one point is known, metres.
_NAME_M = 300.0
#: Half the size of one house of which a floor or room is asked for, metres.
_HOUSE_M = 50.0
_NUMBER = re.compile(r"[0-9]")
_NOTHING = np.empty(0, np.int64)
# Characters that names of divisions end in, and names so short that one character is half of them.
_LAST_CHARACTERS, _SHORT_NAME = "省市县区州旗镇乡道村", 2


class Weigher:
    """Finder of the grids of readings, over one tree, its stored addresses and the grids of both.

    Examples
    --------
    >>> from geo.places.address.address_options import whole
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
        self._has_outside = bool((grid_of_row < 0).any())

    def of_all(self, form: str, readings: Iterable[Reading]) -> list[Option]:
        """Return the grids of all readings of one text."""
        return [option for reading in readings for option in self.options(form, reading)]

    def options(self, form: str, reading: Reading) -> list[Option]:
        """Return the grids of a reading, those of stored addresses where it names any; of the root those alone."""
        tail = reading.tail
        if tail and reading.place == ROOT and not self._stored.may_begin(tail, canonical_tail(tail)):
            return []
        return self._of_two(form, reading) or self._of_one(form, reading)

    def _of_two(self, form: str, reading: Reading) -> list[Option]:
        """Return the grids of a door and of what is named behind it and stored elsewhere; none matches.

        That is a street or an estate anywhere in the county, or a shop in the place named, which has one of the name.
        """
        parts = read_tail(reading.tail)
        span = second_name(parts)
        shop = occupant_behind(parts) if span is None else None
        if parts.near or (span := span or shop) is None:
            return []
        stored = self._stored.find(canonical_tail(reading.tail), reading.place)
        if stored is not None and stored.how != "shorter":
            return []
        behind = part_of_tail(reading, *span)
        if shop is not None:
            second = self._sole(form, behind)
        else:
            wider = behind._replace(place=self._tree.above(reading.place, RANKS["county"]))
            second = self._standing_on_rows(form, behind) or self._standing_on_rows(form, wider)
        if shop is not None and not second:
            return []
        first = self._standing_on_rows(form, part_of_tail(reading, 0, span[0]))
        known = {one.grid for one in first}
        if not first or all(one.grid in known for one in second):
            return []
        fault = fault_of_stray(behind.tail)
        out = [*first, *(one._replace(weight=first[0].weight) for one in second if one.grid not in known)]
        return [one._replace(faults=(*one.faults, fault), blocks=True) for one in out[:MAX_OPTIONS]]

    def _sole(self, form: str, reading: Reading) -> list[Option]:
        """Return the grid of a tail that is stored as it stands, and in one grid of the place only."""
        found = self._stored.find(canonical_tail(reading.tail), reading.place)
        if found is None or found.how != "exact":
            return []
        out = self._standing_on_rows(form, reading)
        return out if len(out) == 1 else []

    def _standing_on_rows(self, form: str, reading: Reading) -> list[Option]:
        return [one for one in self._of_one(form, reading) if len(one.rows)]

    def _of_one(self, form: str, reading: Reading, said: str = "") -> list[Option]:
        """Return the grids of a reading whose tail, written as `said`, is taken for one place."""
        said = said or reading.tail
        tail = canonical_tail(reading.tail)
        if tail != reading.tail:
            reading = reading._replace(tail=tail)
        names = name_faults(form, reading, self._tree)
        blocks = bool(reading.contradictions) or any(_is_unlike(one) for one in reading.misspelt)
        if not tail:
            return self._of_place(form, reading, names, blocks)
        found = self._stored.find(tail, reading.place) or self._outside(reading)
        if found is None or found.how != "exact":
            tail, found = best_of_spellings(self._stored, tail, reading.place, found)
            if "组" in tail[found.read if found else 0 :] and (several := self._of_several(form, reading, tail, said)):
                return several
            if tail != reading.tail:
                reading = reading._replace(tail=tail)
        if found is not None and is_public_office(tail):
            found, other = self._of_division(found, reading)
            names, blocks = (*names, *other), blocks or bool(other)
        is_whole = found is not None and found.how != "shorter"
        if not is_whole and (beside := self._of_nearby(form, reading, found.read if found is not None else 0)):
            return beside
        if found is None:
            return self._of_unstored(form, reading, said, names, blocks)
        if found.how == "shorter" and (doors := self._of_doors(reading, said, names, blocks, shorter=found)):
            return doors
        if found.how == "shorter":
            found = self._with_parts_inside(reading, found)
        out = self._of_stored(form, reading, found, said, names, blocks)
        if found.how == "exact" and not _NUMBER.search(tail):
            out += self._of_parts(form, reading, {option.grid for option in out}, names, blocks)
        return out

    def _of_division(self, found: Found, reading: Reading) -> tuple[Found, tuple[Fault, ...]]:
        """Return the offices of the division that is named; of places inside it, with a fault, where it has none."""
        own = offices_of(self._stored, self._tree, found.entries, reading.place)
        if len(own):
            return replace(found, entries=own), ()
        first = int(found.entries[0])
        where = self._names_outside(int(self._stored.places[first]), reading.place)
        return found, (fault_of_longer(where + self._stored.tail(first)),)

    def _of_several(self, form: str, reading: Reading, tail: str, said: str) -> list[Option]:
        """Return the grids of several groups that are stored together, where the tail names one of them."""
        together = in_range_of_groups(self._stored, tail, reading.place)
        if together is None:
            return []
        spelt, group, groups = together
        fault = fault_inside(group, groups)
        return [
            one._replace(faults=(fault, *one.faults), method="match")
            for one in self._of_one(form, reading._replace(tail=spelt), said)
            if len(one.rows)
        ]

    def _with_parts_inside(self, reading: Reading, found: Found) -> Found:
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
            first = entries[members[:_MAX_PARTS]]
            if grid not in known and any(is_inside(own, read_tail(self._stored.tail(int(one)))) for one in first):
                kept.append(entries[members])
        return Found(found.how, np.concatenate(kept), found.read)

    def _outside(self, reading: Reading) -> Found | None:
        """Return a stored address of this very tail that is outside all grids, and so in no known place."""
        if reading.place == ROOT or not self._has_outside:
            return None
        found = self._stored.find(reading.tail, ROOT)
        if found is None or found.how != "exact":
            return None
        entries = found.entries
        grids, places = self._grid[self._stored.rows[entries]], self._stored.places[entries]
        kept = entries[(grids < 0) & (places == ROOT)]
        return Found("exact", kept, found.read) if len(kept) else None

    def _of_parts(
        self, form: str, reading: Reading, known: set[int], names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        """Return the other grids in which a stored estate or street has houses: 幸福小区3号楼 of 幸福小区."""
        entries = self._sample(self._stored.going_on(reading.tail, reading.place))
        grids = self._grid[self._stored.rows[entries]]
        asked = read_tail(reading.tail)
        kept: list[np.ndarray] = []
        for grid, members in in_grids(grids, self._stored.sizes(entries), MAX_OPTIONS + len(known)):
            first = entries[members[:_MAX_PARTS]]
            if grid not in known and any(
                relation(read_tail(self._stored.tail(int(entry))), asked) == "whole" for entry in first
            ):
                kept.append(entries[members])
        if not kept:
            return []
        found = Found("longer", np.concatenate(kept), len(reading.tail))
        out = self._of_stored(form, reading, found, reading.tail, names, blocks)
        return [option._replace(weight=option.weight - _PARTS_WEIGHT) for option in out]

    def _of_nearby(self, form: str, reading: Reading, stored: int) -> list[Option]:
        """Return the grids of what a place is beside that is not stored itself: those of the tail up to such words.

        Empty where the stored part of the tail, of so many characters, is all that is before them.
        """
        parts = read_tail(reading.tail)
        if not parts.near or parts.rest or parts.near[0].start <= stored:
            return []
        fault = fault_of_tail(reading.tail)
        beside = self.options(form, reading._replace(tail=reading.tail[: parts.near[0].start]))
        return [
            # What is inside a door says nothing of what is beside it.
            one._replace(faults=(*(() if is_inside_only(one) else one.faults), fault), blocks=True)
            for one in beside
            if len(one.rows)
        ]

    def _of_unstored(
        self, form: str, reading: Reading, said: str, names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        """Return the grids of a tail that is not stored: those of its street, group or estate, else of the place."""
        if doors := self._of_doors(reading, said, names, blocks):
            return doors
        if reading.place == ROOT:
            return []
        parts = read_tail(reading.tail)
        fault, is_understood = self._fault_of_unstored(form, reading, said, parts)
        if is_understood and (elsewhere := self._stored_elsewhere(reading, parts)) is not None:
            return self._of_elsewhere(form, reading, elsewhere, names)
        return self._of_place(
            form, reading, (*names, fault), blocks or not is_understood, read=len(said) if is_understood else 0
        )

    def _fault_of_unstored(self, form: str, reading: Reading, said: str, parts: TailParts) -> tuple[Fault, bool]:
        """Return what a tail that is not stored lacks, and whether it was understood as a part of the place."""
        fault, is_understood = fault_of_unstored(parts, cited=lambda words: cited_with_gaps(reading, words))
        if not is_understood:
            return fault, False
        if name := longer_village(form, reading):
            return fault_of_unknown(name), False
        if is_before_a_name(reading):
            return fault_of_unread(form[reading.pieces[0].start : reading.pieces[0].end]), False
        if reading.strays:
            return fault_of_stray(self._tree.names[reading.strays[0].places[0]][0]), False
        return fault_of_missing(said), True

    def _stored_elsewhere(self, reading: Reading, parts: TailParts) -> Found | None:
        """Return the stored door or name, in the same county, that is not where the text says it is."""
        if not (parts.streets or parts.name) or reading.place == ROOT:
            return None
        found = self._stored.find(reading.tail, self._tree.above(reading.place, RANKS["county"]))
        if found is None or found.how == "longer":
            return None
        if found.how == "shorter":
            own = read_tail(reading.tail[: found.read])
            if not (is_inside(own, parts) or is_house_of(own, parts)):
                return None
        return None if self._tree.holds(reading.place, int(self._stored.places[found.entries[0]])) else found

    def _of_elsewhere(self, form: str, reading: Reading, found: Found, names: tuple[Fault, ...]) -> list[Option]:
        """Return the grids of the place that is named, and of a door that is stored in another one; none is a match."""
        entries = found.entries[:MAX_ENTRIES]
        rows = self._stored.rows[entries]
        doors: list[Option] = []
        for grid, members in in_grids(self._grid[rows], self._stored.sizes(entries), _MAX_ELSEWHERE):
            place = int(self._stored.places[entries[members[0]]])
            fault = fault_of_elsewhere(reading.tail[: found.read], self._names_outside(place, reading.place))
            spans = (*reading.spans, *read_pieces(reading, found.read))
            share = sum(end - start for start, end in spans) / max(len(form), 1)
            doors.append(
                Option(
                    reading, place, grid, rows[members], "match", reading.score - _ELSEWHERE_WEIGHT, share,
                    self._with_no_grid((*names, fault), grid), True, spans,
                )
            )  # fmt: skip
        named = self._of_place(form, reading, (*names, doors[0].faults[len(names)]), True)
        listed = named[: MAX_OPTIONS - len(doors)]
        if more := [option.grid for option in named[len(listed) :]]:
            listed = [one._replace(others=np.append(one.others, more)) for one in listed]
        return [*listed, *doors]

    def _names_outside(self, place: int, other: int) -> str:
        """Return the names of a place down to its village, from the widest that does not hold the other one."""
        chain = [one for one in self._tree.chain(place) if self._tree.rank[one] <= VILLAGE_RANK]
        return "".join(
            self._tree.names[one][0] for one in chain if self._tree.names[one] and not self._tree.holds(one, other)
        )

    def _of_doors(
        self, reading: Reading, said: str, names: tuple[Fault, ...], blocks: bool, *, shorter: Found | None = None
    ) -> list[Option]:
        """Return the grids of the doors nearest to one that is not stored; its place is that of the whole street.

        Empty where the tail goes on from a stored door (`shorter`), which says more than its neighbours.
        """
        parts = read_tail(reading.tail)
        if shorter is not None and is_one_door(read_tail(reading.tail[: shorter.read]), parts):
            return []
        wanted = wanted_number(parts)
        if wanted is None or parts.rest or parts.near or is_before_a_name(reading) or reading.strays:
            return []
        beside = doors_beside(self._stored, parts, reading.place)
        if not len(beside):
            return []
        doors = nearest_doors(self._stored, beside, parts)
        if not doors or self._stored_elsewhere(reading, parts) is not None:
            return []
        tails = [self._stored.tail(door.entry) for door in doors]
        faults = (*names, fault_of_neighbours(said, wanted[1], [*zip(tails, doors, strict=True)], part=wanted[0]))
        is_same = not doors[0].away and parts.several is None and is_inside(read_tail(tails[0]), parts)
        is_one_grid = len(set(self._grid[self._stored.rows[beside]].tolist())) == 1
        is_near = all(is_between(doors, number, wanted[0]) for number in wanted_numbers(parts))
        is_known = is_same or (is_one_grid and (is_near or self._is_one_grid(reading.place)))
        reach = metres_away(wanted[0], doors[0].away)
        spans = (*reading.spans, *read_pieces(reading, len(said)))
        rows = self._stored.rows[[door.entry for door in doors]]
        out: dict[int, Option] = {}
        for door, grid in zip(doors, self._grid[rows].tolist(), strict=True):
            weight = reading.score + _STORED_WEIGHT / 2 + _PART_WEIGHT * door.parts
            if grid not in out:
                out[grid] = Option(
                    reading, reading.place, grid, rows[self._grid[rows] == grid], "match", weight, 1.0,
                    self._with_no_grid(faults, grid), blocks or not is_known, spans, reach,
                )  # fmt: skip
        return list(out.values())[:MAX_OPTIONS]

    def _is_one_grid(self, place: int) -> bool:
        return len(self._grids.of(place)) == 1

    def _with_no_grid(self, faults: tuple[Fault, ...], grid: int) -> tuple[Fault, ...]:
        return (*faults, NO_GRID) if grid < 0 and self._grids.has_any else faults

    def _of_place(
        self, form: str, reading: Reading, faults: tuple[Fault, ...], blocks: bool, read: int = 0
    ) -> list[Option]:
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
            own = (*faults, ELSEWHERE) if is_elsewhere else faults
            out.append(
                Option(
                    reading, reading.guess, grid, _NOTHING, "match", reading.score, share,
                    self._with_no_grid(own, grid), blocks or is_elsewhere, spans, 0.0, others,
                )
            )  # fmt: skip
        return out

    def _of_stored(
        self, form: str, reading: Reading, found: Found, said: str, names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
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
            is_elsewhere = self._grids.is_elsewhere(reading.place, grid)
            if is_elsewhere:
                faults = (*faults, ELSEWHERE)
            is_known = is_known or (reach > 0.0 and self._grids.of(reading.place) == [grid])
            place = max(reading.place, int(self._stored.places[chosen[0]])) if len(chosen) == 1 else reading.place
            out.append(
                Option(
                    reading, place, grid, rows[members], method, reading.score + _STORED_WEIGHT, share,
                    self._with_no_grid((*names, *faults), grid),
                    blocks or is_elsewhere or (bool(faults) and not is_known),
                    spans, reach, others,
                )
            )  # fmt: skip
        return out

    def _tail_faults(
        self, found: Found, tail: str, said: str, entries: np.ndarray
    ) -> tuple[tuple[Fault, ...], bool, float]:
        """Return what of the tail was not understood, whether it is a part of the stored address, and its reach."""
        if found.how == "exact":
            return (), True, 0.0
        asked = read_tail(tail)
        if found.how == "longer":
            if any(is_at(read_tail(self._stored.tail(int(entry))), asked) for entry in entries):
                return (), True, 0.0
            return (fault_of_longer(self._stored.tail(int(entries[0]))),), False, 0.0
        own = read_tail(tail[: found.read])
        if is_house_of(own, asked) and not asked.near:
            reach = _NAME_M if wanted_number(asked) is not None else _HOUSE_M
            return (fault_of_missing(said, tail[: found.read]),), False, reach
        if is_inside(own, asked):
            return (fault_inside(tail[found.read :], tail[: found.read]),), True, 0.0
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


def _is_unlike(one: Misspelling) -> bool:
    """Return whether another place may be meant: one beside it, or half of a short name is another character."""
    return one.is_beside or (one.cost > SURE_COST and len(one.meant.rstrip(_LAST_CHARACTERS)) <= _SHORT_NAME)


def _is_plain(reading: Reading) -> bool:
    return not reading.misspelt and not reading.contradictions
