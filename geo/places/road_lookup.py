"""Answer texts that say a place by roads: the crossing of two, a kilometre mark, a road whose doors are not stored."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

import numpy as np

from geo.places.address import normalise
from geo.places.address.address_faults import Fault, fault_of_missing, fault_of_tail, fault_of_unread
from geo.places.address.tail_parts import read_tail
from geo.places.address.text_crossings import crossings_in_text, roads_in_text
from geo.places.address.text_marks import marks_in_text
from geo.places.position_answers import FILLER, PositionAnswers, with_fault
from geo.places.road_index import MAY_BE_MARK, RoadIndex, road_key
from geo.places.road_positions import crossing_points, mark_position, middle_of, points_along
from geo.places.text_faults import unknown_road
from geo.sentences import sentence
from geo.types import Candidate, Match

#: A text with none of these names no road.
_ROAD = re.compile(r"[路街道巷线]|高速|胡同|环|[gsxyc][0-9]", re.I)
# Roads whose grids are kept.
_KEPT = 256
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
    ['crossing', 'mark', 'road']
    """

    def __init__(self, answers: PositionAnswers, index: RoadIndex) -> None:
        self._answers = answers
        self._index = index
        # Many doors of a batch are of one road.
        self._along = lru_cache(maxsize=_KEPT)(self._points_of)

    def _points_of(self, road: str) -> tuple[np.ndarray, np.ndarray, list[Candidate]]:
        """Return points along a road, and the grid of each."""
        lon, lat = points_along(self._index.roads[road])
        return lon, lat, self._answers.at_points(lon, lat)

    def _is_road(self, name: str) -> bool:
        return road_key(name) in self._index.roads

    def crossing(self, text: str, found: Match, accuracy: float) -> Match | None:
        """Return the answer to a text that names a crossing; None where it names none, or no roads are known."""
        if _is_stored(found) or not (crossings := crossings_in_text(text, self._is_road)):
            return None
        one = crossings[0]
        unknown = [name for name in (one.first, one.second) if not self._is_road(name)]
        if unknown and not self._index.has_roads:
            return None
        if unknown:
            return with_fault(self.road(text, found, accuracy, is_crossing=True) or found, unknown_road(unknown[0]))
        positions = crossing_points(self._index.roads, road_key(one.first), road_key(one.second))
        if not positions:
            names = f"{one.first}、{one.second}", f"{one.first}, {one.second}"
            said = sentence(f"{names[0]}在图上不相交", f"{names[1]} do not meet on the map")
            return with_fault(
                self.road(text, found, accuracy, is_crossing=True) or found, {"code": "no_crossing", "text": said}
            )
        return self._answers.of_positions(text, (one.start, one.end), positions, accuracy)

    def mark(self, text: str, found: Match, accuracy: float) -> Match | None:
        """Return the answer to a text that names a kilometre mark between two stored ones; None where it does not."""
        if _is_stored(found) or not MAY_BE_MARK.search(unicodedata.normalize("NFKC", text[:2_000])):
            return None
        for one in marks_in_text(text):
            for name in filter(None, (one.ref, one.name)):
                lines = [*self._index.roads.get(road_key(name), ()), *self._index.roads.get(road_key(one.name), ())]
                position = mark_position(self._index.marks.get(road_key(name), ()), one.metre, lines)
                if position is not None:
                    return self._answers.of_positions(text, (one.start, one.end), (position,), accuracy)
            if self._is_road(one.ref) or self._is_road(one.name):
                return self.road(text, None, accuracy)
        return None

    def road(self, text: str, found: Match | None, accuracy: float, *, is_crossing: bool = False) -> Match | None:
        """Return the answer to a text of which no more than a road is known: the grids that it runs through.

        The point is in the middle of the road, inside the division that the text names, and the precision reaches its
        ends. Without `found` stored addresses say nothing; where they or a place say more, or no road of the text is
        known, the answer is None.
        """
        if not self._index.has_roads or not _ROAD.search(text) or (found is not None and _is_settled(found)):
            return None
        spans = roads_in_text(text, self._is_road)
        if not spans:
            return None
        start, end = spans[0 if is_crossing else -1]
        lon, lat, at = self._along(road_key(text[start:end]))
        division, is_understood = self._answers.division_named(text[:start], accuracy)
        faults = [] if is_understood else [fault_of_unread(text[:start])]
        if division is not None:
            inside = np.array([division in self._answers.codes_of(one) for one in at])
            if not inside.any():  # a road of another place is not the one that is meant
                return found and with_fault(found, self._answers.outside(division, text[start:end]))
            lon, lat, at = lon[inside], lat[inside], [one for one, kept in zip(at, inside, strict=True) if kept]
        faults += _faults_of_rest(text[start:end], text[end:])
        middle = middle_of(lon, lat)
        precision = max(accuracy, middle.precision_m)
        answer = self._answers.of_candidates(text, at, [(start, end)])
        kept = tuple(replace(one, precision_m=precision, faults=(*one.faults, *faults)) for one in answer.candidates)
        status = "partial" if faults else answer.status
        return replace(answer, candidates=kept, status=status, point=(middle.lon, middle.lat))


def _faults_of_rest(road: str, rest: str) -> list[Fault]:
    """Return what is said behind a road and is not stored, near it, or not understood."""
    parts = read_tail(normalise.normal_form(road + FILLER.sub(" ", rest)))
    faults: list[Fault] = []
    if marks_in_text(road + rest):
        return [fault_of_missing(f"{road}{rest}".strip(), road)]
    if any(part not in ("street", "near", "word") for part, _, _ in parts.spans) and not parts.rest:
        faults.append(fault_of_missing(f"{road}{rest}".strip(), road))
    if parts.near:
        faults.append(fault_of_tail(parts.form))
    if parts.rest:
        faults.append(fault_of_unread(parts.rest_text))
    return faults


def _is_settled(found: Match) -> bool:
    """Return whether stored addresses, or the one grid of a place, say more than a road."""
    codes = {fault["code"] for one in found.candidates for fault in one.faults}
    if found.status == "matched" or codes & _OTHER_PLACES:
        return True
    return "alike" not in codes and any(one.precision_m is not None for one in found.candidates)


def _is_stored(found: Match) -> bool:
    """Return whether the whole text is that of a stored address."""
    return found.status == "matched" and found.candidates[0].method == "exact"
