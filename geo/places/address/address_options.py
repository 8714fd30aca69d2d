"""Hold what one reading of an address may mean: a grid, what it stands on, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from geo.places.address.address_faults import Fault
from geo.places.address.division_names import VILLAGE_RANK
from geo.places.address.place_tree import ROOT
from geo.places.address.readings import Piece, Reading

#: At most so many of one reading.
MAX_OPTIONS = 10
_NOTHING = np.empty(0, np.int64)
# What parts a village from another one of its name: 上新胜村 is not 新胜村.
_BEFORE_A_VILLAGE = re.compile(r"[大小上下前后东西南北中新老旧]")


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
    reach_m
        How far the place may be from the rows, metres: that of the next door, or that of a house from its estate.
    others
        Numbers of grids that the reading may mean as well, beyond the ten that it has options for.

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
    reach_m: float = 0.0
    others: np.ndarray = _NOTHING


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
    if not reading.hits or not reading.pieces:
        return False
    return reading.pieces[0].start < max([hit.start for _, hit in reading.hits])


def words_before(reading: Reading) -> str:
    """Return the first words of the tail, which stand before or between the names where `is_before_a_name` says so.

    Examples
    --------
    >>> words_before(whole("东街1号"))
    '东街1号'
    """
    start, end = reading.pieces[0]
    return reading.tail[: end - start]


def read_pieces(reading: Reading, read: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of the normal form that the first characters of the tail are from.

    Examples
    --------
    >>> list(read_pieces(whole("东街1号"), 2))
    [(0, 2)]
    """
    for start, end in reading.pieces:
        size = min(end - start, read)
        if size:
            yield (start, start + size)
        read -= size


def cited_with_gaps(reading: Reading, words: str) -> str:
    """Return words of the tail with a mark where a name of a place stands between them in the text.

    Examples
    --------
    >>> split = whole("大敬镇大靖村")._replace(pieces=(Piece(0, 3), Piece(5, 6)), tail="大敬镇村")
    >>> cited_with_gaps(split, "大敬镇村"), cited_with_gaps(split, "大敬镇")
    ('大敬镇…村', '大敬镇')
    """
    start = reading.tail.find(words)
    ends = [*accumulate(piece.end - piece.start for piece in reading.pieces)]
    if start < 0 or len(ends) < 2 or ends[-1] != len(reading.tail):
        return words
    cuts = [0, *(end - start for end in ends if 0 < end - start < len(words)), len(words)]
    return "…".join(words[a:b] for a, b in pairwise(cuts))


def is_inside_only(option: Option) -> bool:
    """Return whether all that was not understood is inside a door that is known.

    Examples
    --------
    >>> is_inside_only(Option(None, 0, 3, np.array([0]), "match", 2.0, 0.8, (), False, ()))
    True
    """
    return not option.blocks and all(fault["code"] == "unread" for fault in option.faults)


def longer_village(form: str, reading: Reading) -> str:
    """Return the name of another village that that of the reading is the end of; empty where it stands alone.

    Examples
    --------
    >>> longer_village("东街1号", whole("东街1号"))
    ''
    """
    ends = {piece.end for piece in reading.pieces}
    for _, hit in reading.hits:
        if hit.rank == VILLAGE_RANK and hit.start in ends and _BEFORE_A_VILLAGE.match(form, hit.start - 1):
            return form[hit.start - 1 : hit.end]
    return ""


def part_of_tail(reading: Reading, start: int, end: int) -> Reading:
    """Return a reading with so much of its tail alone.

    Examples
    --------
    >>> part = part_of_tail(whole("东街1号幸福小区"), 4, 8)
    >>> part.tail, part.pieces
    ('幸福小区', (Piece(start=4, end=8),))
    """
    pieces: list[Piece] = []
    at = 0
    for first, last in reading.pieces:
        low, high = max(start - at, 0), min(end - at, last - first)
        if low < high:
            pieces.append(Piece(first + low, first + high))
        at += last - first
    return reading._replace(pieces=tuple(pieces), tail=reading.tail[start:end])


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
