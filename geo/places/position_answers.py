"""Answer with positions: the grid and divisions of each, and what else the text says before and behind them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import numpy as np

from geo.places.address import near_words, normalise
from geo.places.address.address_faults import NO_GRID, Fault, fault_of_more, fault_of_unread
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.match_faults import first_with_fault
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_types import Nearby
from geo.places.former_grids import FormerGrids
from geo.places.grid_shares import GridShare
from geo.places.hierarchy import Hierarchy
from geo.places.road_positions import Position, offset_position
from geo.places.text_evidence import FILLER, is_nothing, together, without
from geo.places.text_faults import beside_position, outside_division
from geo.types import Candidate, Match

_DIVISIONS = ("province", "city", "county", "township", "village")
#: A place farther than this beside another is another place, metres.
MAX_BESIDE_M = 20_000.0
# What may be said of the names before a position: all words of them are those of divisions. A word that is only like a
# stored one, and a village, street or door that nobody knows, may turn the position round or be another one.
_OF_DIVISIONS = frozenset(("alias", "old_name", "sound_or_shape", "misspelt", "more", "no_grid"))
# In which group of its village a position is changes nothing of the village.
_GROUP = re.compile(r"(?<=[^0-9])[0-9]{1,3}组$")


class Places(Protocol):
    """What is known of the places of one day: see `geo.places.gazetteer.Gazetteer`.

    Examples
    --------
    >>> sorted(name for name in vars(Places) if name in ("points", "stored_address"))[0]
    'points'
    """

    hierarchy: Hierarchy
    former: FormerGrids
    revision: int
    at: date

    def points(self, lon: np.ndarray, lat: np.ndarray, *, accuracy: float) -> list[Candidate | None]:
        """Return the grid of each point."""

    def division_chain(self, lon: float, lat: float) -> Sequence[Mapping[str, object]]:
        """Return the divisions of a point."""

    def grids_named(self, query: str, grids: Sequence[GridShare]) -> Match:
        """Return the grids of these codes."""

    def stored_address(self, text: str, *, accuracy: float) -> Match:
        """Return what the names in a text mean."""

    def has_doors(self, road: str, division: str) -> bool:
        """Return whether an address on a road is stored in a division."""

    def door_numbers(self, road: str, division: str) -> frozenset[int]:
        """Return the numbers of the stored doors of a road in a division."""


class PositionAnswers:
    """Maker of answers from positions, by the places of one day.

    Examples
    --------
    The gazetteer of a store has one: see `geo.places.text_lookup.TextLookup`.

    >>> sorted(name for name in vars(PositionAnswers) if name.startswith("of_"))
    ['of_candidates', 'of_positions']
    """

    def __init__(self, places: Places) -> None:
        self._places = places

    def of_positions(self, text: str, span: tuple[int, int], positions: Sequence[Position], accuracy: float) -> Match:
        """Return the answer to a text that says these positions, before and behind which it may say more."""
        said = without(text, [span])
        before, behind = said[: span[0]], said[span[1] :]
        positions, faults = self._in_division(before, positions, accuracy)
        rest = behind if faults else f"{before} {behind}"
        if says_beside(behind):
            fault, positions = beside(normalise.normal_form(FILLER.sub("", behind)), positions)
            rest, faults = "" if faults else before, [*faults, fault]
        found = self.candidates(positions, accuracy, "match")
        answer = self.of_candidates(text, [replace(one, faults=(*one.faults, *faults)) for one in found], [span])
        point = (positions[0].lon, positions[0].lat) if len(positions) == 1 else None
        answer = replace(answer, point=point, status="partial" if faults else answer.status)
        return answer if is_nothing(rest) else together(answer, rest, self.named(rest, accuracy))

    def _in_division(
        self, before: str, positions: Sequence[Position], accuracy: float
    ) -> tuple[Sequence[Position], list[Fault]]:
        """Return the positions in the division that stands before them, and why there are none or it is not known."""
        division, is_understood = self.division_named(before, accuracy)
        faults = [] if is_understood else [fault_of_unread(before.strip())]
        inside = positions if division is None else self._inside(positions, division)
        if not inside:
            faults.append(self.outside(str(division)))
        return inside or positions, faults

    def division_named(self, before: str, accuracy: float) -> tuple[str | None, bool]:
        """Return the finest division that all readings of a text share, and whether the text was understood."""
        if is_nothing(before):
            return None, True
        form = normalise.canonical_tail(normalise.normal_form(before))
        named = self.named(_GROUP.sub("", form) if _GROUP.search(form) else before, accuracy)
        chains = [[str(step["code"]) for step in one.chain if step["level"] in _DIVISIONS] for one in named.candidates]
        shared = [links[0] for links in zip(*chains, strict=False) if len(set(links)) == 1]
        is_understood = bool(shared) and {fault["code"] for fault in named.candidates[0].faults} <= _OF_DIVISIONS
        return (shared[-1] if shared else None), is_understood

    def named(self, text: str, accuracy: float) -> Match:
        """Return what the names in a text mean: of places and of stored addresses."""
        return self._places.stored_address(text, accuracy=accuracy)

    def has_doors(self, road: str, division: str) -> bool:
        """Return whether an address on a road is stored in a division."""
        return self._places.has_doors(road, division)

    def door_numbers(self, road: str, division: str) -> frozenset[int]:
        """Return the numbers of the stored doors of a road in a division."""
        return self._places.door_numbers(road, division)

    def _inside(self, positions: Sequence[Position], division: str) -> list[Position]:
        """Return the positions that a division or grid owns."""
        lon, lat, _ = np.array(positions).T
        found = self._places.points(lon, lat, accuracy=0.0)
        return [
            position
            for position, one in zip(positions, found, strict=True)
            if division in (self.codes_of(one) if one is not None else ())
            or division in {str(step["code"]) for step in self._places.division_chain(position.lon, position.lat)}
        ]

    def at_points(self, lon: np.ndarray, lat: np.ndarray) -> list[Candidate]:
        """Return the candidate of each of many points, without the distance to the border."""
        found = self._places.points(lon, lat, accuracy=0.0)
        return [
            self.candidate(Position(float(x), float(y), 0.0), 0.0, "match")
            if one is None
            else replace(one, method="match", border_m=None, neighbours=())
            for x, y, one in zip(lon, lat, found, strict=True)
        ]

    def codes_of(self, found: Candidate) -> set[str]:
        """Return the codes of the chain of a candidate."""
        return {str(step["code"]) for step in found.chain}

    def outside(self, division: str, what: str = "") -> Fault:
        """Return the fault of a position or road that is not in the division that the text names."""
        name = self._places.hierarchy.chain_of_division(division)[-1]["name"] or division
        return outside_division(str(name), what)

    def candidate(self, position: Position, accuracy: float, method: str) -> Candidate:
        """Return the candidate of one position."""
        return self.candidates([position], accuracy, method)[0]

    def candidates(self, positions: Sequence[Position], accuracy: float, method: str) -> list[Candidate]:
        """Return the candidate of each position: those of one precision are looked up together."""
        by_precision: dict[float, list[int]] = defaultdict(list)
        for k, one in enumerate(positions):
            by_precision[max(accuracy, one.precision_m)].append(k)
        out: dict[int, Candidate] = {}
        for precision, own in by_precision.items():
            lon, lat, _ = np.array([positions[k] for k in own]).T
            for k, found in zip(own, self._places.points(lon, lat, accuracy=precision), strict=True):
                out[k] = (
                    replace(found, method=method, precision_m=precision)  # type: ignore[arg-type]
                    if found is not None
                    else self._outside_grids(positions[k], precision, method)
                )
        return [out[k] for k in range(len(positions))]

    def _outside_grids(self, position: Position, precision: float, method: str) -> Candidate:
        chain = tuple(self._places.division_chain(position.lon, position.lat))
        level = str(chain[-1]["level"]) if chain else "point"
        return Candidate(None, chain, level, 1.0, method, precision, None, faults=(NO_GRID,))  # type: ignore[arg-type]

    def of_candidates(self, text: str, found: Sequence[Candidate], spans: Sequence[tuple[int, int]]) -> Match:
        """Return the match of positions that a text may mean, one candidate for each grid."""
        by_grid: dict[str | None, list[Candidate]] = defaultdict(list)
        for one in found:
            by_grid[one.grid["code"] if one.grid else None].append(one)
        groups = sorted(by_grid.values(), key=len, reverse=True)
        kept = tuple(
            replace(own[0], score=round(own[0].score * len(own) / len(found), 4), spans=spans)
            for own in groups[:MAX_CANDIDATES]
        )
        if len(groups) > len(kept):
            kept = first_with_fault(kept, fault_of_more(len(groups) - len(kept)))
        if len(by_grid) - (None in by_grid) > 1:
            return self.match("ambiguous", text, kept)
        return self.match("partial" if None in by_grid else "matched", text, kept)

    def match(self, status: str, text: str, found: tuple[Candidate, ...]) -> Match:
        """Return a match of these candidates."""
        return Match(status, text, None, None, found, self._places.revision, self._places.at.isoformat())  # type: ignore[arg-type]


def says_beside(words: str) -> bool:
    """Return whether words behind a position say that the place is beside it.

    Examples
    --------
    >>> [says_beside(words) for words in ("北侧200米", " 东北角", "农业银行", "")]
    [True, True, False, False]
    """
    return _beside(normalise.normal_form(FILLER.sub("", words))) is not None


def _beside(form: str) -> re.Match[str] | None:
    return near_words.NEARBY.search(form) or re.fullmatch(r"[东南西北]{1,2}[角侧]?", form)


def beside(rest: str, positions: Sequence[Position]) -> tuple[Fault, Sequence[Position]]:
    """Return what a text says behind a position: a place so many metres beside it, near it, or not understood.

    Examples
    --------
    >>> fault, positions = beside("北侧200米", [Position(102.9, 37.45, 0.0)])
    >>> fault["code"], positions[0].lat
    ('nearby', 37.451802027)
    """
    if _beside(rest) is None:
        return fault_of_unread(rest), positions
    words = read_tail(rest).near
    return beside_position(rest), [moved(one, words) or one for one in positions]


def moved(position: Position, words: Sequence[Nearby]) -> Position | None:
    """Return the place beside a position that such words say; None where they say none, or one too far away.

    So many metres on a side are that point; without metres the place is around the position, as far off as the word
    says: next door, across, around.

    Examples
    --------
    >>> here = Position(102.9, 37.45, 20.0)
    >>> [moved(here, read_tail(rest).near) for rest in ("对面", "30公里", "小卖部")]
    [Position(lon=102.9, lat=37.45, precision_m=70.0), None, None]
    >>> moved(here, read_tail("北侧200米").near).lat
    37.451802027
    """
    near = next((one for one in words if one.metres), None)
    if near is not None and near.metres is not None:
        if near.metres > MAX_BESIDE_M:
            return None
        return offset_position(position.lon, position.lat, near.side, near.metres, precision_m=position.precision_m)
    return position._replace(precision_m=position.precision_m + near_words.reach_m(words[0].word)) if words else None
