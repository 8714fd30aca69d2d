"""Give the grids of a tail that is not stored: of the doors nearest to it, of its place, and of where it is stored."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.places.address.address_faults import (
    ELSEWHERE,
    NO_GRID,
    Fault,
    fault_of_elsewhere,
    fault_of_missing,
    fault_of_neighbours,
    fault_of_stray,
    fault_of_unknown,
    fault_of_unread,
    fault_of_unstored,
    name_faults,
)
from geo.places.address.address_options import (
    MAX_OPTIONS,
    Option,
    cited_with_gaps,
    is_before_a_name,
    longer_village,
    part_of_tail,
    read_pieces,
)
from geo.places.address.division_names import RANKS, VILLAGE_RANK
from geo.places.address.door_numbers import (
    Door,
    doors_beside,
    is_between,
    last_of_list,
    metres_away,
    nearest_doors,
    of_one_part,
    wanted_number,
    wanted_numbers,
)
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.readings import Reading
from geo.places.address.stored_addresses import Found, StoredAddresses
from geo.places.address.stored_options import MAX_ENTRIES, STORED_WEIGHT, StoredOptions, in_grids
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import is_estate, is_house_of, is_inside, is_one_door, relation
from geo.places.address.tail_types import TailParts

#: A part inside a door that is the same speaks for it as much as so many characters.
_PART_WEIGHT = 0.5
#: A door that is stored in another place than is named speaks for it so much less than the name does for its own.
_ELSEWHERE_WEIGHT = 0.05
#: Grids of such doors that are listed.
_MAX_ELSEWHERE = 3


class UnstoredOptions:
    """Maker of the options of tails that are not stored, from those of what is.

    Examples
    --------
    >>> from geo.places.address.address_options import whole
    >>> tree = PlaceTree.of()
    >>> stored = StoredAddresses(tree, [("东街1号", 0, 0), ("东街5号", 0, 1)])
    >>> grid_of_row = np.array([0, 1], np.int32)
    >>> grids = GridsOfPlaces(tree, stored, grid_of_row, ["g1", "g2"])
    >>> options = UnstoredOptions(tree, stored, grid_of_row, grids, StoredOptions(tree, stored, grid_of_row, grids))
    >>> [option.grid for option in options.of_unstored("东街3号", whole("东街3号"), "东街3号", (), False)]
    [0, 1]
    """

    def __init__(
        self,
        tree: PlaceTree,
        stored: StoredAddresses,
        grid_of_row: np.ndarray,
        grids: GridsOfPlaces,
        options: StoredOptions,
    ) -> None:
        self._tree = tree
        self._stored = stored
        self._grid = grid_of_row
        self._grids = grids
        self._options = options

    def of_unstored(
        self, form: str, reading: Reading, said: str, names: tuple[Fault, ...], blocks: bool
    ) -> list[Option]:
        """Return the grids of a tail that is not stored: those of its street, group or estate, else of the place."""
        if doors := self.of_doors(form, reading, said, names, blocks):
            return doors
        parts = read_tail(reading.tail)
        if held := self._of_holder(form, reading, said, parts):
            return held
        if reading.place == ROOT:
            return []
        fault, is_understood = self._fault_of_unstored(form, reading, said, parts)
        if is_understood and (elsewhere := self._stored_elsewhere(reading, parts)) is not None:
            return self._of_elsewhere(form, reading, elsewhere, names)
        return self._options.of_place(
            form, reading, (*names, fault), blocks or not is_understood, read=len(said) if is_understood else 0
        )

    def of_doors(
        self,
        form: str,
        reading: Reading,
        said: str,
        names: tuple[Fault, ...],
        blocks: bool,
        *,
        shorter: Found | None = None,
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
        is_in_village = self._is_in_village(reading.place)
        # A street goes through several grids of a village, whichever of them is named.
        street = self._tree.above(reading.place, VILLAGE_RANK) if is_in_village else reading.place
        beside = doors_beside(self._stored, parts, street)
        if not len(beside):
            return []
        doors = nearest_doors(self._stored, beside, parts)
        if not doors or self._is_meant_elsewhere(reading, parts, is_here=not doors[0].away):
            return []
        if not doors[0].away and parts.several is None:
            doors = of_one_part(self._stored, doors, parts)
        tails = [self._stored.tail(door.entry) for door in doors]
        faults = names
        if doors[0].away or parts.several or any(relation(read_tail(one), parts) != "same" for one in tails):
            faults = (*names, fault_of_neighbours(said, wanted[1], [*zip(tails, doors, strict=True)], part=wanted[0]))
        is_same = not doors[0].away and parts.several is None and is_inside(read_tail(tails[0]), parts)
        if _are_all(doors, parts) and len({int(self._grid[self._stored.rows[door.entry]]) for door in doors}) == 1:
            is_same, faults = True, names
        is_known = self._is_known(reading, parts, doors, beside, is_same) and not self._may_be_a_list(
            parts, street, doors
        )
        reach = metres_away(wanted[0], doors[0].away)
        spans = (*reading.spans, *read_pieces(reading, len(said)))
        rows = self._stored.rows[[door.entry for door in doors]]
        out: dict[int, Option] = {}
        for door, grid in zip(doors, self._grid[rows].tolist(), strict=True):
            weight = reading.score + STORED_WEIGHT / 2 + _PART_WEIGHT * door.parts
            if grid not in out:
                out[grid] = Option(
                    reading, reading.place, grid, rows[self._grid[rows] == grid], "match", weight, 1.0,
                    (*faults, *self._grids.doubts(grid)), blocks or not is_known, spans, reach,
                )  # fmt: skip
        if is_in_village and not is_known:
            return self._beside_named(form, reading, faults, list(out.values()))
        return list(out.values())[:MAX_OPTIONS]

    def _is_known(
        self, reading: Reading, parts: TailParts, doors: list[Door], beside: np.ndarray, is_same: bool
    ) -> bool:
        """Return whether nothing but the grid of these doors can be that of a tail: in it, or between them."""
        if self._is_in_village(reading.place):
            return all(self._tree.holds(reading.place, int(self._stored.places[door.entry])) for door in doors)
        if is_same:
            return True
        wanted = wanted_number(parts)
        is_near = wanted is not None and all(is_between(doors, one, wanted[0]) for one in wanted_numbers(parts))
        return (is_near or self._is_one_grid(reading.place)) and self._are_in_one_grid(beside)

    def _may_be_a_list(self, parts: TailParts, street: int, doors: Sequence[Door]) -> bool:
        """Return whether a bare number behind a door is that of a stored door in another grid: 1号-7 may be 1 to 7."""
        found = self._stored.find(last_of_list(parts), street)
        if found is None or found.how == "shorter":
            return False
        own = {int(self._grid[self._stored.rows[door.entry]]) for door in doors}
        return not own.issuperset(self._grid[self._stored.rows[found.entries]].tolist())

    def _beside_named(
        self, form: str, reading: Reading, faults: tuple[Fault, ...], doors: Sequence[Option]
    ) -> list[Option]:
        """Return the grid that is named beside those of the doors: either may be meant."""
        known = {one.grid for one in doors}
        weight = max(one.weight for one in doors)
        named = [one for one in self._options.of_place(form, reading, faults, True) if one.grid not in known]
        return [*doors, *(one._replace(weight=weight) for one in named)][:MAX_OPTIONS]

    def _of_holder(self, form: str, reading: Reading, said: str, parts: TailParts) -> list[Option]:
        """Return the grids of what a room, floor or unit that is not stored is in, with others of it that are.

        兴盛商城1楼13号 is where 兴盛商城1楼12号 is, for all that is known. Empty where a number along the street says
        more.
        """
        if building := self._of_building(form, reading, said, parts):
            return building
        is_named = bool(parts.name or parts.streets) and wanted_number(parts) is None
        if not is_named or parts.rest or parts.near or reading.strays or is_before_a_name(reading):
            return []
        starts = sorted({start for part, start, _ in parts.spans if part in ("unit", "floor", "room")}, reverse=True)
        for start in starts:
            head = part_of_tail(reading, 0, start)
            found = self._stored.find(head.tail, reading.place)
            if found is None or found.how == "shorter":
                continue
            return self._instead(form, reading, head, found, said)
        return []

    def _of_building(self, form: str, reading: Reading, said: str, parts: TailParts) -> list[Option]:
        """Return the grids of a building of an estate whose number is written as that of a door: 花园小区3#."""
        number = parts.number
        if number is None or number != (number.number, "", "") or parts.streets or not is_estate(parts.name):
            return []
        spans = [(start, end) for part, start, end in parts.spans if part == "number"]
        if parts.sub_numbers or parts.several or parts.rest or parts.near or len(spans) != 1:
            return []
        head = reading._replace(tail=f"{reading.tail[: spans[0][0]]}{number.number}幢")
        found = self._stored.find(head.tail, reading.place)
        is_known = found is not None and found.how != "shorter"
        return self._instead(form, reading, head, found, said) if found is not None and is_known else []

    def _instead(self, form: str, reading: Reading, head: Reading, found: Found, said: str) -> list[Option]:
        """Return the grids of what is stored instead of what a reading says; none is a match."""
        told = (*name_faults(form, reading, self._tree), fault_of_missing(said, head.tail))
        return [
            one._replace(faults=(*told, *(own for own in one.faults if own in (ELSEWHERE, NO_GRID))))
            for one in self._options.of_stored(form, head, found, head.tail, (), True)
        ]

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
        if reading.place == ROOT:
            return None
        is_named = bool(parts.streets or parts.name)
        if not is_named and not self._is_in_village(reading.place):
            return None  # any village has a group of the number
        wider = RANKS["county"] if is_named else VILLAGE_RANK
        found = self._stored.find(reading.tail, self._tree.above(reading.place, wider))
        if found is None or (found.how == "longer" and is_named):
            return None
        if found.how == "shorter":
            own = read_tail(reading.tail[: found.read])
            if not (is_inside(own, parts) or is_house_of(own, parts)):
                return None
        return None if self._tree.holds(reading.place, int(self._stored.places[found.entries[0]])) else found

    def _is_meant_elsewhere(self, reading: Reading, parts: TailParts, *, is_here: bool) -> bool:
        """Return whether a tail is stored in another place: all of it, where its door is stored here too.

        大靖镇农贸路101号 says nothing of 土门镇农贸路101号7幢 where 土门镇 has an 101号 of its own, 101号6幢.
        """
        elsewhere = self._stored_elsewhere(reading, parts)
        return elsewhere is not None and not (is_here and elsewhere.how == "shorter")

    def _of_elsewhere(self, form: str, reading: Reading, found: Found, names: tuple[Fault, ...]) -> list[Option]:
        """Return the grids of the place that is named, and of a door that is stored in another one; none is a match."""
        entries = found.entries[:MAX_ENTRIES]
        rows = self._stored.rows[entries]
        doors: list[Option] = []
        for grid, members in in_grids(self._grid[rows], self._stored.sizes(entries), _MAX_ELSEWHERE):
            place = int(self._stored.places[entries[members[0]]])
            fault = fault_of_elsewhere(reading.tail[: found.read], self._tree.names_outside(place, reading.place))
            spans = (*reading.spans, *read_pieces(reading, found.read))
            share = sum(end - start for start, end in spans) / max(len(form), 1)
            doors.append(
                Option(
                    reading, place, grid, rows[members], "match", reading.score - _ELSEWHERE_WEIGHT, share,
                    (*names, fault, *self._grids.doubts(grid)), True, spans,
                )
            )  # fmt: skip
        named = self._options.of_place(form, reading, (*names, doors[0].faults[len(names)]), True)
        listed = named[: MAX_OPTIONS - len(doors)]
        if more := [option.grid for option in named[len(listed) :]]:
            listed = [one._replace(others=np.append(one.others, more)) for one in listed]
        return [*listed, *doors]

    def _is_in_village(self, place: int) -> bool:
        """Return whether a place is a grid of a village, of a name of its own: by that of the village none is named."""
        if self._tree.rank[place] <= VILLAGE_RANK:
            return False
        village = self._tree.above(place, VILLAGE_RANK)
        return village != ROOT and not set(self._tree.names[place]) & set(self._tree.names[village])

    def _are_in_one_grid(self, entries: np.ndarray) -> bool:
        grids = self._grid[self._stored.rows[entries]]
        return bool((grids == grids[0]).all())

    def _is_one_grid(self, place: int) -> bool:
        return len(self._grids.of(place)) == 1


def _are_all(doors: Sequence[Door], parts: TailParts) -> bool:
    """Return whether each number of a list is one of these doors, and no other door is of them: 12号、14号."""
    several = parts.several
    if several is None or several.is_range or any(door.away for door in doors):
        return False
    return {door.number for door in doors} == set(several.values)
