"""Tell a door from who is named behind it, where the only one of that name in the county is stored elsewhere.

民主街12号第一中学 is at 12号 where no 第一中学 is stored. Where 古浪县第一中学 is stored in another grid, either the
number or the name is wrong, and none is a match. 大靖镇红旗小学 says nothing of it: its township may have its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.places.address.address_faults import Fault, fault_of_stray
from geo.places.address.address_options import MAX_OPTIONS, Option
from geo.places.address.division_names import RANKS
from geo.places.address.free_text import TextIndex
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.normalise import canonical_tail
from geo.places.address.place_tree import PlaceTree
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import occupant_behind

#: A name that is stored in more grids is a common one, and may be at any door.
_FEW = 3


class Occupants:
    """Finder of who is named behind a door, in the texts that are stored for the county and not for a township.

    Examples
    --------
    >>> from geo.places.address.address_options import whole
    >>> from geo.places.address.free_text import TextCollector
    >>> from geo.places.address.stored_addresses import StoredAddresses
    >>> tree, collected = PlaceTree.of(), TextCollector()
    >>> collected.add("东街1号", 0)
    >>> collected.add("第一中学", 1)
    >>> grid_of_row = np.array([0, 1], np.int32)
    >>> grids = GridsOfPlaces(tree, StoredAddresses(tree, []), grid_of_row, ["g1", "g2"])
    >>> reading = whole("东街1号第一中学")
    >>> door = Option(reading, 0, 0, np.array([0]), "match", 1.0, 0.5, ({"code": "unread", "text": ""},), False, ())
    >>> found = Occupants(tree, TextIndex(collected), grid_of_row, grids).told([door])
    >>> [(one.grid, one.faults[0]["code"], one.blocks) for one in found]
    [(0, 'another_place', True), (1, 'another_place', True)]
    """

    def __init__(self, tree: PlaceTree, texts: TextIndex, grid_of_row: np.ndarray, grids: GridsOfPlaces) -> None:
        self._tree = tree
        self._texts = texts
        self._grid = grid_of_row
        self._grids = grids

    def told(self, options: Sequence[Option]) -> list[Option]:
        """Return options of which none matches where who is behind its door is stored in other grids only."""
        out: list[Option] = []
        beside: dict[int, Option] = {}
        for one in options:
            name = self._unstored_name(one)
            rows = self._rows_of(one.place, name) if name else ()
            grids = dict.fromkeys(self._grid[rows].tolist()) if len(rows) else {}
            if not grids or len(grids) > _FEW or one.grid in grids:
                out.append(one)
                continue
            fault = fault_of_stray(name)
            out.append(one._replace(faults=(*_but_unread(one.faults), fault), blocks=True))
            for grid in grids:
                mine = np.asarray(rows)[self._grid[rows] == grid]
                beside.setdefault(grid, self._of_occupant(one, grid, mine, fault))
        return [*out, *beside.values()][: max(MAX_OPTIONS, len(out))]

    def _of_occupant(self, door: Option, grid: int, rows: np.ndarray, fault: Fault) -> Option:
        """Return the option of an occupant, as likely as its door."""
        faults = (fault, *self._grids.doubts(grid))
        return door._replace(grid=grid, rows=rows, faults=faults, blocks=True, reach_m=0.0)

    def _unstored_name(self, option: Option) -> str:
        """Return who is named behind the stored door of an option and is not stored there."""
        if option.reading is None or not len(option.rows) or len(_but_unread(option.faults)) == len(option.faults):
            return ""
        parts = read_tail(canonical_tail(option.reading.tail))
        span = occupant_behind(parts)
        return "" if span is None or parts.near else parts.form[slice(*span)]

    def _rows_of(self, door: int, name: str) -> np.ndarray:
        """Return the rows of a name that are stored for the county of a door, or for none."""
        place = self._tree.above(door, RANKS["county"]) or self._tree.only_county
        names = [self._tree.names[one] for one in self._tree.chain(place)]
        county = names[-1] if names else ()
        name = next((name[len(one) :] for one in county if name.startswith(one) and name != one), name)
        above = [each[0] for each in names[:-1] if each]
        heads = ["", *("".join(above[k:]) + one for one in county for k in range(len(above) + 1))]
        found = [self._texts.rows_of(head + name) for head in heads]
        return np.unique(np.concatenate(found))


def _but_unread(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    return tuple([fault for fault in faults if fault["code"] != "unread"])
