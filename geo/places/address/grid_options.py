"""Weigh the ways to read an address: for each, the grids that it may be in and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.places.address import tails
from geo.places.address.division_names import LEVELS, RANKS, VILLAGE_RANK, name_parts
from geo.places.address.door_numbers import Door, doors_beside, nearest_doors
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.name_hits import Hit
from geo.places.address.normalise import canonical_tail
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.readings import Piece, Reading
from geo.places.address.repair import SURE_COST, Misspelling
from geo.places.address.stored_addresses import MAX_ENTRIES, Found, StoredAddresses, in_grids
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import TailParts
from geo.sentences import sentence

Fault = Mapping[str, str]

MAX_OPTIONS = 10
#: A stored address speaks for its reading as much as so many characters.
_STORED_WEIGHT = 0.6
# Words of a way or of a sentence, which no name of a street or shop has.
_NO_NAME = re.compile(r"^[到往去至从离搬在是非不与和]|的|搬到|[民人]在|以及")
#: A part inside a door that is the same speaks for it as much as so many characters.
_PART_WEIGHT = 0.5
_NOTHING = np.empty(0, np.int64)
_UNREAD = {"code": "unread", "text": sentence("地址有一部分没有读懂", "a part of the address was not understood")}
_UNSTORED = {
    "code": "unstored",
    "text": sentence("库里没有这个门牌或名称，按所在的地方回答", "not stored: answered by the place it is in"),
}
# Characters that names of divisions end in, and names so short that one character is half of them.
_LAST_CHARACTERS, _SHORT_NAME = "省市县区州旗镇乡道村", 2
_ELSEWHERE = {
    "code": "grid_elsewhere",
    "text": sentence(
        "这个地址的点在所写的地方之外的网格里", "the point of this address is in a grid outside the place named"
    ),
}
_PART_OF_A_NAME = {
    "code": "part_of_a_name",
    "text": sentence("只凭一个村名是别的名称的一部分", "only because a name begins with that of a village"),
}
# A name that ends as those of divisions do, where no such division is known.
_OTHER_PLACE = re.compile(
    r"(?:[^小校厂社园]区|[村镇乡县]|街道|[村居]委会|委员会|社区|(?<![城夜菜超])市)(?:$|[^\W0-9]{0,8}(?:[村居]委会|社区|村)$)"
)
# What parts a village from another one of its name: 上新胜村 is not 新胜村.
_OTHER_VILLAGE = re.compile(r"[大小上下前后东西南北中新老旧]")


@dataclass(frozen=True)
class Option:
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

    def options(self, form: str, reading: Reading) -> list[Option]:
        """Return the grids of a reading, those of stored addresses where it names any."""
        tail = canonical_tail(reading.tail)
        if tail != reading.tail:
            reading = replace(reading, tail=tail)
        names = _name_faults(form, reading, self._tree)
        blocks = bool(reading.contradictions) or any(_is_unlike(one) for one in reading.misspelt)
        if not reading.tail:
            return self._of_place(form, reading, names, blocks)
        found = self._stored.find(reading.tail, reading.place)
        if found is not None:
            return self._of_stored(form, reading, found, names, blocks)
        return self._of_unstored(form, reading, names, blocks)

    def _of_unstored(self, form: str, reading: Reading, names: tuple[Fault, ...], blocks: bool) -> list[Option]:
        """Return the grids of a tail that is not stored: those of its street or group, else those of the place."""
        parts = read_tail(reading.tail)
        fault, is_understood = _fault_of_unstored(parts)
        if is_understood and (name := _longer_village(form, reading)):
            fault, is_understood = _fault_of_unknown(name), False
        if is_understood and is_before_a_name(reading):
            fault, is_understood = _UNREAD, False
        if is_understood and reading.strays:
            fault, is_understood = _fault_of_stray(self._tree.names[reading.strays[0].places[0]][0]), False
        if is_understood and (other := self._stored_elsewhere(reading, parts)) is not None:
            fault, is_understood = _fault_of_stray(other), False
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
        if found.how == "shorter" and not tails.is_inside(reading.tail[: found.read], reading.tail[found.read :]):
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
            faults, blocks = (*faults, _PART_OF_A_NAME), True
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
        rest = reading.tail[found.read :]
        read = reading.tail[: found.read]
        out: list[Option] = []
        for grid, members in in_grids(self._grid[rows], sizes, MAX_OPTIONS):
            chosen = entries[members]
            shortest = self._stored.tail(int(chosen[np.argmin(sizes[members])]))
            faults, is_inside = self._tail_faults(found, read, rest, chosen)
            share = (len(form) - len(rest)) / max(len(form), 1)
            if found.how == "longer":
                share *= len(form) / max(len(form) + len(shortest) - len(reading.tail), 1)
            method = "exact" if found.how == "exact" and _is_plain(reading) else "match" if reading.hits else "prefix"
            is_elsewhere = self._is_elsewhere(reading.place, grid)
            if is_elsewhere:
                faults = (*faults, _ELSEWHERE)
            place = max(reading.place, int(self._stored.places[chosen].max())) if len(chosen) == 1 else reading.place
            out.append(
                Option(
                    reading, place, grid, rows[members], method, reading.score + _STORED_WEIGHT, share,
                    (*names, *faults), blocks or is_elsewhere or (bool(faults) and not is_inside),
                    (*reading.spans, *_read_pieces(reading, found.read)),
                )
            )  # fmt: skip
        return out

    def _is_elsewhere(self, place: int, grid: int) -> bool:
        """Return whether a grid is known to lie in another place than the text names."""
        node = self._grids.place_of.get(grid)
        return node is not None and not (self._tree.holds(place, node) or self._tree.holds(node, place))

    def _tail_faults(self, found: Found, read: str, rest: str, entries: np.ndarray) -> tuple[tuple[Fault, ...], bool]:
        """Return what of the tail was not understood, and whether the rest is a part of the stored address."""
        if found.how == "shorter":
            return (fault_of_tail(rest),), tails.is_inside(read, rest)
        if found.how == "exact":
            return (), True
        for entry in entries:
            longer = self._stored.tail(int(entry))[len(read) :]
            if not longer or not (tails.is_near_a_door(read, longer) or tails.is_another_number(read, longer)):
                return (), True
        return (_fault_of_longer(self._stored.tail(int(entries[0]))),), False

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
    """Return whether another place may be meant: one beside it, or half of a short name is another character."""
    return one.is_beside or (one.cost > SURE_COST and len(one.meant.rstrip(_LAST_CHARACTERS)) <= _SHORT_NAME)


def _fault_of_stray(name: str) -> Fault:
    text = sentence(f"后面还写了另一个地方“{name}”", f"another place, “{name}”, is named behind it")
    return {"code": "another_place", "text": text}


def _fault_of_unstored(parts: TailParts) -> tuple[Fault, bool]:
    """Return what a tail that is not stored lacks, and whether it was understood as a part of the place."""
    if parts.near:
        return fault_of_tail(parts.form), False
    if parts.rest or _NO_NAME.search(parts.name) or _NO_NAME.search(parts.street):
        return _UNREAD, False
    if _OTHER_PLACE.search(parts.name + parts.street):
        return _fault_of_unknown(parts.name), False
    return _UNSTORED, True


def _fault_of_unknown(name: str) -> Fault:
    text = sentence(f"所写的地方里没有“{name}”", f"no “{name}” is known in the place named before it")
    return {"code": "unknown_place", "text": text}


def _longer_village(form: str, reading: Reading) -> str:
    """Return the name of another village that that of the reading is the end of; empty where it stands alone."""
    ends = {piece.end for piece in reading.pieces}
    for _, hit in reading.hits:
        if hit.rank == VILLAGE_RANK and hit.start in ends and _OTHER_VILLAGE.match(form, hit.start - 1):
            return form[hit.start - 1 : hit.end]
    return ""


def fault_of_tail(tail: str) -> Fault:
    """Return the fault of a text that goes on after what was read, by what follows it in normal form.

    Examples
    --------
    >>> fault_of_tail("对面")["code"], fault_of_tail("小卖部")["code"]
    ('nearby', 'unread')
    """
    nearby = tails.place_nearby(tail)
    if nearby is None:
        return _UNREAD
    text = sentence(f"所说的是这个地址旁近的地方（{nearby}）", f"the text means a place near this address ({nearby})")
    return {"code": "nearby", "text": text}


def _fault_of_longer(stored: str) -> Fault:
    """Return the fault of a text where every stored address that begins with it is of another place."""
    return {
        "code": "longer",
        "text": sentence(f"只有更长的地址：{stored}", f"only a longer address is known: {stored}"),
    }


def _name_faults(form: str, reading: Reading, tree: PlaceTree) -> tuple[Fault, ...]:
    """Return what is wrong with the names of places: misspelt, or outside each other."""
    return (
        *(_fault_of_misspelt(one) for one in reading.misspelt),
        *_faults_of_other_names(form, reading, tree),
        *(_fault_of_contradiction(hit, tree) for hit in reading.contradictions),
    )  # fmt: skip


def _faults_of_other_names(form: str, reading: Reading, tree: PlaceTree) -> Iterator[Fault]:
    """Yield what differs from the registered names: the suffix, or all of an old or another name."""
    misspelt = {one.start for one in reading.misspelt}
    for place, hit in reading.hits:
        if hit.kind == "official" or hit.start in misspelt:
            continue
        name, written = tree.names[place][0], form[hit.start : hit.end]
        if not name.startswith(written) and not _has_core(written, name, hit.rank):
            yield _fault_of_old_name(name)
        elif hit.kind == "alias":
            yield _fault_of_alias(name)


def _fault_of_misspelt(one: Misspelling) -> Fault:
    if one.is_beside:
        text = sentence(f"可能是“{one.meant}”旁边的另一个地方", f"maybe another place, beside “{one.meant}”")
        return {"code": "unknown_place", "text": text}
    code = "sound_or_shape" if one.cost <= SURE_COST else "misspelt"
    return {"code": code, "text": sentence(f"可能写错了字，应为“{one.meant}”", f"probably misspelt for “{one.meant}”")}


def _fault_of_alias(name: str) -> Fault:
    return {"code": "alias", "text": sentence(f"通名与登记的“{name}”不同", f"registered with another suffix: “{name}”")}


def _has_core(written: str, name: str, rank: int) -> bool:
    """Return whether the registered name is written, whatever it ends in."""
    parts = name_parts(name, LEVELS[rank])
    return parts is None or parts.core in written


def _fault_of_old_name(name: str) -> Fault:
    text = sentence(f"写的是旧名或别名，登记的是“{name}”", f"an old or another name, registered as “{name}”")
    return {"code": "old_name", "text": text}


def _fault_of_contradiction(hit: Hit, tree: PlaceTree) -> Fault:
    name = tree.names[hit.places[0]][0]
    level = LEVELS[hit.rank]
    text = sentence(f"“{name}”不在所写的上级之内", f"“{name}” ({level}) is not in what the text names above it")
    return {"code": "contradiction", "text": text}


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
