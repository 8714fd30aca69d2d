"""Find the stored doors of a street or group by number: the same one, else the nearest on the same side."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import TailParts, side

#: Doors of one street looked through, and doors of one number compared part by part.
_MAX_DOORS, _MAX_COMPARED = 2_000, 30
_NUMBER = re.compile(r"[0-9]+")
_LEAST_NAME = 2


class Door(NamedTuple):
    """A stored door: its entry, how many numbers it is away, and how many parts inside it has of those asked for.

    Examples
    --------
    >>> Door(7, 0, 1).away
    0
    """

    entry: int
    away: int
    parts: int


def doors_beside(stored: StoredAddresses, parts: TailParts, place: int) -> np.ndarray:
    """Return the entries inside a place with the same words before the door number; none where there are no words.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号", 0, 0), ("东街9号", 0, 1), ("西街1号", 0, 2)])
    >>> stored.rows[doors_beside(stored, read_tail("东街5号"), 0)].tolist()
    [0, 1]
    """
    start = next((start for part, start, _ in parts.spans if part == "number"), 0)
    return stored.beginning_with(parts.form[:start], place) if start >= _LEAST_NAME else np.empty(0, np.int64)


def nearest_doors(stored: StoredAddresses, entries: np.ndarray, parts: TailParts) -> list[Door]:
    """Return the doors of the number asked for, most parts first; else those next to it on its side, nearest first.

    Examples
    --------
    >>> from geo.places.address.place_tree import PlaceTree
    >>> stored = StoredAddresses(PlaceTree.of(), [("东街1号", 0, 0), ("东街8号", 0, 1), ("东街9号", 0, 2)])
    >>> parts = read_tail("东街5号")
    >>> [(stored.tail(door.entry), door.away) for door in nearest_doors(stored, doors_beside(stored, parts, 0), parts)]
    [('东街1号', 4), ('东街9号', 4)]
    """
    wanted = parts.number.number if parts.number is not None else None
    if wanted is None:
        return []
    size = next(start for part, start, _ in parts.spans if part == "number")
    same: list[int] = []
    below: tuple[int, int] | None = None
    above: tuple[int, int] | None = None
    for entry in entries[:_MAX_DOORS].tolist():
        found = _NUMBER.match(stored.tail(entry), size)
        if found is None:
            continue
        number = int(found[0])
        if number == wanted:
            same.append(entry)
        elif side(number) != side(wanted):
            continue
        elif number < wanted and (below is None or number > below[0]):
            below = number, entry
        elif number > wanted and (above is None or number < above[0]):
            above = number, entry
    if same:
        doors = [Door(entry, 0, _equal_parts(stored.tail(entry), parts)) for entry in same[:_MAX_COMPARED]]
        return sorted(doors, key=lambda door: -door.parts)
    beside = [Door(one[1], abs(one[0] - wanted), 0) for one in (below, above) if one is not None]
    return sorted(beside, key=lambda door: door.away)


def _equal_parts(tail: str, parts: TailParts) -> int:
    """Return how many of building, unit, floor and room are asked for and the same in a stored tail."""
    stored = read_tail(tail)
    return sum(
        asked is not None and asked == own
        for asked, own in (
            (parts.building, stored.building), (parts.unit, stored.unit), (parts.floor, stored.floor),
            (parts.room, stored.room),
        )
    )  # fmt: skip
