"""Weigh the ways to read an address: for each, the grids that it may be in and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from geo.places.address.address_faults import (
    Fault,
    fault_inside,
    fault_of_longer,
    fault_of_stray,
    fault_of_tail,
    name_faults,
    once,
)
from geo.places.address.address_options import (
    MAX_OPTIONS,
    Option,
    is_inside_only,
    joined,
    part_of_tail,
)
from geo.places.address.division_names import LEVELS, RANKS, VILLAGE_RANK, name_parts
from geo.places.address.door_numbers import (
    best_of_spellings,
    in_range_of_groups,
)
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import canonical_tail
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.public_offices import is_of_any_place, is_office_of_village, offices_of
from geo.places.address.readings import Reading
from geo.places.address.repair import SURE_COST, Misspelling
from geo.places.address.stored_addresses import Found, StoredAddresses
from geo.places.address.stored_options import StoredOptions
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import (
    is_without_name,
    occupant_behind,
    second_name,
)
from geo.places.address.unstored_options import UnstoredOptions

_NUMBER = re.compile(r"[0-9]")
_NUMBER_AT_BEGIN = re.compile(r"[0-9]+")
# A village and two of its grids that have its name.
_LEAST_TOGETHER = 3
# Characters that names of divisions end in, and names so short that one character is half of them.
_LAST_CHARACTERS, _SHORT_NAME = "省市县区州旗镇乡道村", 2
# A name that is stored in so many grids may be meant; one of more may be at any door, as a shop of a chain.
_FEW = 3


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
        self._options = StoredOptions(tree, stored, grid_of_row, grids)
        self._unstored = UnstoredOptions(tree, stored, grid_of_row, grids, self._options)
        self._has_outside = bool((grid_of_row < 0).any())

    def of_all(self, form: str, readings: Sequence[Reading]) -> list[Option]:
        """Return the grids of all readings of one text."""
        if len(readings) < _LEAST_TOGETHER:
            return [option for reading in readings for option in self.options(form, reading)]
        return [option for together in self._grids_together(readings) for option in self._of_grids(form, together)]

    def _grids_together(self, readings: Iterable[Reading]) -> Iterator[list[Reading]]:
        """Yield readings in their order, those side by side that differ only by a grid of one place together."""
        together: list[Reading] = []
        for reading in readings:
            if together and not (self._is_grid(reading) and self._differs_by_grid(together[-1], reading)):
                yield together
                together = []
            together.append(reading)
        yield together

    def _is_grid(self, reading: Reading) -> bool:
        return reading.place == reading.guess and self._grids.is_grid(reading.place)

    def _differs_by_grid(self, one: Reading, other: Reading) -> bool:
        tree = self._tree
        return bool(
            self._is_grid(one)
            and tree.parent[one.place] == tree.parent[other.place]
            and tree.names[one.place] == tree.names[other.place]
            and one.hits[-1][1] == other.hits[-1][1]
            and one.hits[:-1] == other.hits[:-1]
            and (one.tail, one.pieces, one.score) == (other.tail, other.pieces, other.score)
            and (one.misspelt, one.contradictions, one.strays) == (other.misspelt, other.contradictions, other.strays)
        )

    def _of_grids(self, form: str, readings: Sequence[Reading]) -> list[Option]:
        """Return the options of readings that differ only by a grid: of all with nothing stored for it, made once."""
        if len(readings) == 1:
            return self.options(form, readings[0])
        speaking = self._places_that_speak(readings[0])
        out: list[Option] = []
        silent: Option | None = None
        for reading in readings:
            if speaking is None or any(self._tree.holds(reading.place, place) for place in speaking):
                out.extend(self.options(form, reading))
            elif silent is None or silent.reading is None:
                found = self.options(form, reading)
                # What is stored outside all grids is found from each of them, and has rows.
                silent = found[0] if len(found) == 1 and not len(found[0].rows) else None
                out.extend(found)
            else:
                own = reading._replace(tail=silent.reading.tail)
                (grid,) = self._grids.of(reading.place)
                out.append(silent._replace(reading=own, place=reading.place, grid=grid))
        return out

    def _places_that_speak(self, reading: Reading) -> frozenset[int] | None:
        """Return the places beside that of a reading in which a tail is stored that it may name or be named after.

        None where each has to be looked at: a name may be stored in other words, and groups several together.
        """
        tail = canonical_tail(reading.tail)
        if not tail:
            return frozenset()
        number, parts = _NUMBER_AT_BEGIN.match(tail), read_tail(tail)
        if number is None or not is_without_name(parts) or (parts.group is not None and self._stored.has_several):
            return None
        around = int(self._tree.parent[reading.place])
        found = self._stored.places_beginning_with(number[0], around)
        return None if found is None or around in found else found

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
            second = self._few(form, behind)
        else:
            wider = behind._replace(place=self._tree.above(reading.place, RANKS["county"]))
            second = self._standing_on_rows(form, behind) or self._standing_on_rows(form, wider)
        first = self._standing_on_rows(form, part_of_tail(reading, 0, span[0]))
        if not first or not second:
            return []
        if both := _in_grids_of_both(first, second):
            return both
        known = {one.grid for one in first}
        fault = fault_of_stray(behind.tail)
        out = [*first, *(one._replace(weight=first[0].weight) for one in second if one.grid not in known)]
        return [one._replace(faults=(*one.faults, fault), blocks=True) for one in out[:MAX_OPTIONS]]

    def _few(self, form: str, reading: Reading) -> list[Option]:
        """Return the grids of a tail that is stored as it stands, in few grids of the place: more have a common name.

        Of an office that each village may have, 卫生室, it is that of the place itself.
        """
        own = reading._replace(tail=canonical_tail(reading.tail))
        found = self._stored.find(own.tail, reading.place)
        if found is None or found.how != "exact":
            return []
        if reading.place != ROOT and is_of_any_place(reading.tail) and self._of_division(found, reading)[1]:
            return []
        out = self._options.of_stored(form, own, found, reading.tail, (), False)
        return out if len(out) <= _FEW else []

    def _standing_on_rows(self, form: str, reading: Reading) -> list[Option]:
        return [one for one in self._of_one(form, reading) if len(one.rows)]

    def _of_one(self, form: str, reading: Reading, said: str = "") -> list[Option]:
        """Return the grids of a reading whose tail, written as `said`, is taken for one place."""
        said = said or reading.tail
        tail = canonical_tail(reading.tail)
        if tail != reading.tail:
            reading = reading._replace(tail=tail)
        names = name_faults(form, reading, self._tree)
        blocks = bool(reading.contradictions) or any(self._is_unlike(form, one) for one in reading.misspelt)
        if not tail:
            return self._options.of_place(form, reading, names, blocks)
        found = self._stored.find(tail, reading.place) or self._outside(reading)
        if found is None or found.how != "exact":
            tail, found = best_of_spellings(self._stored, tail, reading.place, found)
            if "组" in tail[found.read if found else 0 :] and (several := self._of_several(form, reading, tail, said)):
                return several
            if tail != reading.tail:
                reading = reading._replace(tail=tail)
        named_after = self._named_after(reading) if found is None else None
        found = found or named_after
        if found is not None and named_after is None and is_of_any_place(tail):
            found, other = self._of_division(found, reading)
            names, blocks = (*names, *other), blocks or bool(other)
        is_whole = found is not None and found.how != "shorter"
        if not is_whole and (beside := self._of_nearby(form, reading, found.read if found is not None else 0)):
            return beside
        if found is None:
            return self._unstored.of_unstored(form, reading, said, names, blocks)
        if found.how == "shorter" and (
            doors := self._unstored.of_doors(form, reading, said, names, blocks, shorter=found)
        ):
            return doors
        if found.how == "shorter":
            found = self._options.with_parts_inside(reading, found)
        out = self._options.of_stored(form, reading, found, said, names, blocks)
        if found.how == "exact" and not _NUMBER.search(tail):
            out += self._options.of_houses(form, reading, {option.grid for option in out}, names, blocks)
        return out if found.how != "longer" else [*out, *self._of_namesake(form, reading, out)]

    def _of_namesake(self, form: str, reading: Reading, known: Sequence[Option]) -> list[Option]:
        """Return the other grids of a village whose name is the whole tail, where only longer names are stored.

        石桥镇老街 may be all of 老街社区, though 老街菜市场 is stored as if on a street of the name.
        """
        if reading.guess == reading.place or not known:
            return []
        parts = name_parts(self._tree.names[reading.guess][0], LEVELS[self._tree.rank[reading.guess]])
        if parts is None or parts.core != reading.tail:
            return []
        whole = self._options.of_place(form, reading._replace(place=reading.guess), (), False, len(reading.tail))
        grids = {option.grid for option in known}
        return [one._replace(weight=known[0].weight) for one in whole if one.grid not in grids]

    def _is_unlike(self, form: str, one: Misspelling) -> bool:
        """Return whether another place may be meant: one beside it, or half of a short name is another character.

        胡家 and 胡湾 may be villages beside 胡家湾, whether or not they are known, as 柳家沟 may be one beside 柳沟: a
        character that is missing is no surer than one that is put in.
        """
        if one.is_beside or one.cost <= SURE_COST:
            return one.is_beside
        parts = name_parts(form[one.start : one.end], LEVELS[self._tree.rank[one.place]])
        names = [one.meant.rstrip(_LAST_CHARACTERS), *([parts.core] if parts is not None else [])]
        return min(map(len, names)) <= _SHORT_NAME

    def _of_division(self, found: Found, reading: Reading) -> tuple[Found, tuple[Fault, ...]]:
        """Return the offices of the division that is named; of places inside it, with a fault, where it has none."""
        own = offices_of(self._stored, self._tree, found.entries, reading.place)
        if len(own):
            return replace(found, entries=own), ()
        first = int(found.entries[0])
        around = reading.place or self._tree.only_county
        where = self._tree.names_outside(int(self._stored.places[first]), around)
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

    def _named_after(self, reading: Reading) -> Found | None:
        """Return the office of a village that is stored under a name of its own: 五里铺小学 of 五里铺村小学."""
        if self._tree.rank[reading.place] != VILLAGE_RANK or not is_office_of_village(reading.tail):
            return None
        parts = name_parts(self._tree.names[reading.place][0], LEVELS[VILLAGE_RANK])
        found = self._stored.find(parts.core + reading.tail, reading.place) if parts is not None else None
        is_all = found is not None and found.how == "exact"
        return replace(found, read=len(reading.tail)) if found is not None and is_all else None

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


def _in_grids_of_both(first: Sequence[Option], second: Sequence[Option]) -> list[Option]:
    """Return the grids in which two places of one text are both stored, with what is told of either."""
    beside = {one.grid: one for one in second}
    return [
        one._replace(
            faults=once((*one.faults, *other.faults)), blocks=one.blocks or other.blocks, method="match",
            spans=tuple(joined((*one.spans, *other.spans))), share=1.0,
        )
        for one in first if (other := beside.get(one.grid)) is not None
    ]  # fmt: skip
