"""Find the seat of a village or township, its committee or office, where it is stored under whatever of its names.

三元村村委会, 三元村委会 and 土门镇三元村村民委员会 are one place. All of such a text is the name of the division, so
that no tail is left by which one could be found from another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.places.address.address_faults import Fault, fault_inside, name_faults, office_named
from geo.places.address.address_options import MAX_OPTIONS, Option, read_pieces
from geo.places.address.free_text import TextIndex
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.readings import AddressReader, Reading
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.stored_options import STORED_WEIGHT, in_grids
from geo.places.address.tail_parts import read_tail

# More texts without a tail than so many are not read again: a province is no place with one seat.
_MAX_READ = 2_000
_INSIDE = frozenset(("unit", "floor", "room", "within", "word"))


class Seats:
    """Finder of stored seats, over the stored addresses of a book; read only after construction.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.places.address.free_text import TextCollector
    >>> from geo.places.address.place_tree import PlaceTree
    >>> tree = PlaceTree.of(pd.DataFrame({"code": ["990101001201"], "name": ["三元村"], "level": [5]}))
    >>> stored, texts = StoredAddresses(tree, [("", 1, 0)]), TextCollector()
    >>> texts.add("三元村村民委员会", 0)
    >>> grid = np.array([0], np.int32)
    >>> reader, grids = AddressReader(tree), GridsOfPlaces(tree, stored, grid, ["g1"])
    >>> seats = Seats(reader, stored, TextIndex(texts), grid, grids)
    >>> [one.rows.tolist() for one in seats.options("三元村委会", *reader.read("三元村委会"))]
    [[0]]
    """

    def __init__(
        self,
        reader: AddressReader,
        stored: StoredAddresses,
        texts: TextIndex,
        grid_of_row: np.ndarray,
        grids: GridsOfPlaces,
    ) -> None:
        self._reader, self._tree = reader, reader.tree
        self._stored, self._texts = stored, texts
        self._grid, self._grids = grid_of_row, grids

    def instead(self, form: str, found: Sequence[Option]) -> list[Option]:
        """Return options of a text, for each reading that names a stored seat those of that seat instead.

        Examples
        --------
        Of a text that names no place nothing changes: see the class for one that does.

        >>> from geo.places.address.place_tree import PlaceTree
        >>> from geo.places.address.free_text import TextCollector
        >>> tree = PlaceTree.of()
        >>> stored, grid = StoredAddresses(tree, []), np.empty(0, np.int32)
        >>> texts, grids = TextIndex(TextCollector()), GridsOfPlaces(tree, stored, grid, [])
        >>> Seats(AddressReader(tree), stored, texts, grid, grids).instead("东街1号", [])
        []
        """
        seats: dict[int, list[Option]] = {}
        for one in found:
            if one.reading is not None and not len(one.rows) and id(one.reading) not in seats:
                seats[id(one.reading)] = self.options(form, one.reading)
        if not any(seats.values()):
            return list(found)
        kept = [one for one in found if one.reading is None or not seats.get(id(one.reading))]
        return [*kept, *(one for own in seats.values() for one in own)]

    def options(self, form: str, reading: Reading) -> list[Option]:
        """Return the grids of the stored seat that a reading names, or a part inside it; empty without one."""
        is_sure = not (reading.misspelt or reading.contradictions or reading.strays)
        if not is_sure or not (office := office_named(form, reading, self._tree)) or not _is_inside(reading.tail):
            return []
        rows = self._rows(reading.place)
        faults: tuple[Fault, ...] = name_faults(form, reading, self._tree)
        if reading.tail:
            faults = (*faults, fault_inside(reading.tail, office))
        spans = (*reading.spans, *read_pieces(reading, len(reading.tail)))
        out: list[Option] = []
        for grid, members in in_grids(self._grid[rows], np.ones(len(rows), np.int64), MAX_OPTIONS):
            is_elsewhere = self._grids.is_elsewhere(reading.place, grid)
            own = (*faults, *self._grids.doubts(grid, is_elsewhere=is_elsewhere))
            out.append(
                Option(
                    reading, reading.place, grid, rows[members], "match", reading.score + STORED_WEIGHT, 1.0,
                    own, is_elsewhere, spans,
                )
            )  # fmt: skip
        return out

    def _rows(self, place: int) -> np.ndarray:
        """Return the rows whose texts are the seat of a place and nothing else."""
        rows = np.unique(self._stored.rows[self._stored.of_tail(b"", place)])
        if not 0 < len(rows) <= _MAX_READ:
            return rows[:0]
        texts = self._texts.plain_texts(rows)
        return rows[[self._is_seat(text, place) for text in texts]]

    def _is_seat(self, text: str, place: int) -> bool:
        readings = self._reader.read_as_written(text)
        return any(one.place == place and not one.tail and office_named(text, one, self._tree) for one in readings)


def _is_inside(tail: str) -> bool:
    parts = read_tail(tail)
    return not parts.rest and not parts.near and all(part in _INSIDE for part, _, _ in parts.spans)
