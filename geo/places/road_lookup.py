"""Answer texts that say a place by roads: the crossing of two, a kilometre mark, a road whose doors are not stored."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo.places.address import normalise
from geo.places.address.address_faults import Fault, fault_of_missing, fault_of_tail, fault_of_unread, once
from geo.places.address.folded_text import MAX_READ
from geo.places.address.match_faults import with_fault
from geo.places.address.remarks import without_remarks
from geo.places.address.road_names import road_key
from geo.places.address.scores import is_turned, trust_behind
from geo.places.address.tail_parts import read_tail
from geo.places.address.text_crossings import crossings_in_text, roads_in_text
from geo.places.address.text_marks import TextMark, marks_in_text
from geo.places.position_answers import PositionAnswers
from geo.places.road_index import MAY_BE_MARK, RoadIndex
from geo.places.road_positions import (
    MEETING_M,
    Position,
    crossing_points,
    joined_lines,
    mark_position,
    middle_of,
    points_along,
    stretch_points,
)
from geo.places.text_evidence import FILLER, is_nothing, without
from geo.places.text_faults import no_crossing, unknown_road
from geo.types import Candidate, Match

#: A text with none of these names no road.
_ROAD = re.compile(r"[路街道巷线]|高速|胡同|环|[gsxyc][0-9]", re.I)
# A road from one crossing to another: 青年路（农贸路至昌盛路段） is 青年路, and which part of it is not known.
_SECTION = re.compile(
    r" ?[（(]?[^（()）至到]{1,12}[路街巷道](?:交叉口|口)?[至到—~-][^（()）至到]{1,12}[路街巷道口]段?[)）]?"
)
# What stands apart behind a road may be the place that it is in.
_APART = re.compile(r"\s*[（(，,\s]")
# Roads whose grids are kept.
_KEPT = 256
# What speaks for no more than a part of the text.
_NOT_UNDERSTOOD = frozenset(("unread", "unstored", "alike", "longer", "nearby", "part_of_a_name"))
# What is said of the names of places, whatever else a text names.
_OF_NAMES = frozenset(("alias", "old_name", "sound_or_shape", "misspelt"))
# Of a place that is not the one meant a road inside it says nothing.
_OTHER_PLACES = frozenset(("contradiction", "another_place", "unknown_place"))


class RoadLookup:
    """Finder of what a text says by roads.

    Parameters
    ----------
    answers
        Maker of answers from positions.
    index
        The roads and kilometre marks of the day.

    Examples
    --------
    See `geo.places.text_lookup.TextLookup`, which asks it behind codes and coordinates.

    >>> sorted(name for name in vars(RoadLookup) if not name.startswith("_"))
    ['crossing', 'mark', 'prepare', 'road']
    """

    def __init__(self, answers: PositionAnswers, index: RoadIndex) -> None:
        self._answers = answers
        self._index = index
        # Many doors of a batch are of one road.
        self._along = lru_cache(maxsize=_KEPT)(self._points_of)
        self._lines = lru_cache(maxsize=_KEPT)(self._lines_of)
        self._meetings = lru_cache(maxsize=_KEPT)(self._meetings_of)

    def prepare(self) -> None:
        """Read the roads and kilometre marks now; without it the first text that names one waits for them."""
        self._index.prepare()

    def _points_of(self, road: str) -> tuple[np.ndarray, np.ndarray, list[Candidate]]:
        """Return points along a road, and the grid of each."""
        lon, lat = points_along(self._index.roads[road])
        return lon, lat, self._answers.at_points(lon, lat)

    def _lines_of(self, road: str) -> Sequence[BaseGeometry]:
        """Return the lines of a road, its pieces joined."""
        return joined_lines(self._index.roads[road])

    def _meetings_of(self, first: str, second: str) -> tuple[Position, ...]:
        """Return where two roads meet."""
        return crossing_points({one: self._lines(one) for one in (first, second)}, first, second)

    def _is_road(self, name: str) -> bool:
        return road_key(name) in self._index.roads

    def crossing(self, text: str, found: Match, accuracy: float) -> Match | None:
        """Return the answer to a text that names a crossing; None where it names none, or no roads are known."""
        if is_stored(found) or not (crossings := crossings_in_text(text, self._is_road)):
            return None
        one = crossings[0]
        unknown = [name for name in (one.first, one.second) if not self._is_road(name)]
        if unknown and not self._index.has_roads:
            return None
        if unknown:
            return with_fault(self.road(text, found, accuracy, is_crossing=True) or found, unknown_road(unknown[0]))
        positions = self._meetings(road_key(one.first), road_key(one.second))
        if not positions:
            fault = no_crossing(one.first, one.second)
            return with_fault(self.road(text, found, accuracy, is_crossing=True) or found, fault)
        lines = self._lines(road_key(one.first)), self._lines(road_key(one.second))
        places = [each for position in positions for each in self._in_each_grid(position, *lines)]
        return _with_told(self._answers.of_positions(text, (one.start, one.end), places, accuracy), found)

    def _in_each_grid(
        self, position: Position, lines: Sequence[BaseGeometry], others: Sequence[BaseGeometry] = ()
    ) -> Sequence[Position]:
        """Return a position on a road, or one in each grid where it is longer than a crossing and in several grids."""
        if position.precision_m <= MEETING_M:
            return (position,)
        lon, lat = stretch_points(position, lines, others)
        rows: dict[str, list[int]] = {}
        for k, one in enumerate(self._answers.at_points(lon, lat)):
            rows.setdefault(str(one.grid["code"]) if one.grid else "", []).append(k)
        if len(rows) < 2:
            return (position,)
        parts = sorted(rows.values(), key=len, reverse=True)
        return [middle_of(lon[part], lat[part]) for part in parts]

    def mark(self, text: str, found: Match, accuracy: float) -> Match | None:
        """Return the answer to a text that names a kilometre mark between two stored ones; None where it does not."""
        if is_stored(found) or not MAY_BE_MARK.search(unicodedata.normalize("NFKC", text[:MAX_READ])):
            return None
        for one in marks_in_text(text):
            start, name = self._name_within(one)
            keys = set[str]().union(*(self._index.names_of(said) for said in (one.ref, name) if said))
            lines = [line for key in sorted(keys) for line in self._index.roads.get(key, ())]
            marks = {mark for key in keys for mark in self._index.marks.get(key, ())}
            position = mark_position([*marks], one.metre, lines)
            if position is not None:
                positions = self._in_each_grid(position, lines)
                return self._answers.of_positions(text, (start, one.end), positions, accuracy)
            if self._is_road(one.ref) or self._is_road(name):
                return self.road(text, None, accuracy)
        return None

    def _name_within(self, one: TextMark) -> tuple[int, str]:
        """Return the name of the road of a mark, without what stands before it, and where the mark then begins."""
        if one.ref or not one.name:
            return one.start, one.name
        for first in range(len(one.name) - 1):
            key = road_key(one.name[first:])
            if key in self._index.roads or key in self._index.marks:
                return one.start + first, one.name[first:]
        return one.start, one.name

    def road(self, text: str, found: Match | None, accuracy: float, *, is_crossing: bool = False) -> Match | None:
        """Return the answer to a text of which no more than a road is known: the grids that it runs through.

        The point is in the middle of the road, inside the division that the text names, and the precision reaches its
        ends. A road without a number is also the grids of its stored doors. Without `found` stored addresses say
        nothing; where they or a place say more, or no road of the text is known, the answer is None.
        """
        span = self._road_meant(text, found, is_first=is_crossing)
        if span is None:
            return None
        start, end = span
        said = without_remarks(text)
        before = without(said, [span])[:start]
        division, is_understood = self._answers.division_named(before, accuracy)
        faults = [] if is_understood else [fault_of_unread(said[:start].strip())]
        rest = text[end:]
        if is_nothing(before) and _APART.match(rest):
            named, is_division = self._answers.division_named(rest, accuracy)
            division, rest = (named, "") if is_division else (division, rest)  # 西湖路（土门镇）
        trust = 1.0 if is_understood else trust_behind(normalise.normal_form(before))
        doors = found.candidates if found is not None and _is_settled(found) else ()
        is_door = found is not None and not is_crossing and not is_nothing(rest)
        door = self._door(text, start, division, accuracy) if is_door and (faults or not division) else None
        if door is not None or (doors and faults):
            return _in_doubt(door, faults, trust) if door is not None and faults else door
        answer = self._of_line(text, span, division, doors)
        if answer is None:  # a road of another place is not the one that is meant
            outside = self._answers.outside(str(division), text[start:end])
            return with_fault(found, outside) if found is not None and not doors else None
        if doors and len(answer.candidates) == 1:
            return None  # in that grid doors say more exactly where
        behind = _faults_of_rest(text[start:end], rest)
        if any(fault["code"] == "unread" for fault in behind) and is_turned(rest):
            trust = min(trust, trust_behind(rest))
        kept = tuple(replace(one, precision_m=max(accuracy, one.precision_m or 0.0)) for one in answer.candidates)
        answer = replace(answer, candidates=kept)
        faults += behind
        return _with_told(_in_doubt(answer, faults, trust) if faults else answer, found)

    def _road_meant(self, text: str, found: Match | None, *, is_first: bool) -> tuple[int, int] | None:
        """Return where the road is that may say more than `found`: the first or last of a text, and None without."""
        if not self._index.has_roads or not _ROAD.search(text):
            return None
        is_settled = found is not None and _is_settled(found)
        if is_settled and found is not None and not _is_of_doors(found):
            return None
        spans = roads_in_text(text, self._is_road)
        if not spans:
            return None
        is_section = _SECTION.fullmatch(text[spans[0][1] :]) is not None
        span = spans[0 if is_first or is_section else -1]
        return None if is_settled and not is_nothing(text[span[1] :]) else span

    def _of_line(
        self, text: str, span: tuple[int, int], division: str | None, doors: Sequence[Candidate]
    ) -> Match | None:
        """Return the grids of a road and of its doors, its middle and precision; None where it is not in a division."""
        lon, lat, at = self._along(road_key(text[span[0] : span[1]]))
        if division is not None:
            inside = np.array([division in self._answers.codes_of(one) for one in at])
            if not inside.any():
                return None
            lon, lat, at = lon[inside], lat[inside], [one for one, kept in zip(at, inside, strict=True) if kept]
        middle = middle_of(lon, lat)
        answer = self._answers.of_candidates(text, [*at, *_of_other_grids(doors, at)], [span])
        kept = tuple(replace(one, precision_m=middle.precision_m) for one in answer.candidates)
        return replace(answer, candidates=kept, point=(middle.lon, middle.lat))

    def _door(self, text: str, start: int, division: str | None, accuracy: float) -> Match | None:
        """Return what stored addresses say of a text from the name of its road on; None where that is no door."""
        if is_nothing(text[:start]):
            return None
        found = self._answers.named(text[start:], accuracy)
        if not _is_settled(found) or not _is_of_doors(found):
            return None
        if division is not None and any(division not in self._answers.codes_of(one) for one in found.candidates):
            return None
        spans = [tuple((int(a) + start, int(b) + start) for a, b in one.spans) for one in found.candidates]
        kept = tuple(replace(one, spans=own) for one, own in zip(found.candidates, spans, strict=True))
        return replace(found, query=text, candidates=kept)


def _of_other_grids(doors: Sequence[Candidate], at: Sequence[Candidate]) -> list[Candidate]:
    """Return the doors of a road that are in grids which its line does not run through."""
    known = {one.grid["code"] for one in at if one.grid}
    return [
        replace(one, method="match", neighbours=(), border_m=None)
        for one in doors
        if one.grid and one.grid["code"] not in known
    ]


def _faults_of_rest(road: str, rest: str) -> list[Fault]:
    """Return what is said behind a road and is not stored, near it, or not understood."""
    said = normalise.normal_form(FILLER.sub(" ", rest))
    if not said:
        return []  # 老街路 is no 路 of 老街
    if _SECTION.fullmatch(rest):
        return [fault_of_unread(rest.strip(" （()）"))]
    whole = normalise.normal_form(road)
    parts = read_tail(whole + said)
    faults: list[Fault] = []
    if marks_in_text(road + rest):
        return [fault_of_missing(f"{road}{rest}".strip(), road)]
    if any(part == "street" and end > len(whole) for part, _, end in parts.spans) and not parts.rest and not parts.near:
        return [
            fault_of_missing(f"{road}{rest}".strip(), road)
        ]  # 支路, 二路 and 巷 of it are other roads, and 北段 is a part
    if any(part not in ("street", "near", "word") for part, _, _ in parts.spans) and not parts.rest:
        faults.append(fault_of_missing(f"{road}{rest}".strip(), road))
    if parts.near:
        faults.append(fault_of_tail(parts.form))
    if parts.rest:
        faults.append(fault_of_unread(parts.rest_text))
    return faults


def _in_doubt(answer: Match, faults: Sequence[Fault], trust: float) -> Match:
    """Return an answer of which each candidate has some faults of the text more, and is trusted so much less."""
    kept = tuple(
        replace(one, score=round(one.score * trust, 4), faults=once((*one.faults, *faults)))
        for one in answer.candidates
    )
    return replace(answer, candidates=kept, status="partial")


def _with_told(answer: Match, found: Match | None) -> Match:
    """Return an answer with what stored names say of those that the text has: that one is misspelt, or an old one."""
    said = found.candidates if found is not None else ()
    told = once([fault for one in said for fault in one.faults if fault["code"] in _OF_NAMES])
    if not told:
        return answer
    return replace(
        answer, candidates=tuple(replace(one, faults=once((*told, *one.faults))) for one in answer.candidates)
    )


def _is_settled(found: Match) -> bool:
    """Return whether stored addresses, or the places that a text names, say more than a road."""
    codes = {fault["code"] for one in found.candidates for fault in one.faults}
    if found.status == "matched" or codes & _OTHER_PLACES:
        return True
    if found.candidates and not codes & _NOT_UNDERSTOOD:
        return True  # 东街社区3组 is in the grids of that community, whatever road it is named after
    return "alike" not in codes and _is_of_doors(found)


def _is_of_doors(found: Match) -> bool:
    """Return whether an answer is that of stored addresses, which have points."""
    return any(one.precision_m is not None for one in found.candidates)


def is_stored(found: Match) -> bool:
    """Return whether the whole text is that of a stored address.

    Examples
    --------
    >>> is_stored(Match("not_found", "", None, None, (), 1, ""))
    False
    """
    return found.status == "matched" and found.candidates[0].method == "exact"
