"""Answer texts that say a place by other means than its names: a code, coordinates, a crossing, a kilometre mark."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import geopandas as gpd
import numpy as np

from geo.catalog.division_codes import code_text
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import GeoError
from geo.places.address import near_words, normalise
from geo.places.address.tail_parts import read_tail
from geo.places.address.text_codes import codes_in_text, is_meant, spaced_codes, start_of_word
from geo.places.address.text_coordinates import TextPoint, crs_words_in_text, points_in_text
from geo.places.address.text_roads import crossings_in_text, marks_in_text
from geo.places.grid_shares import GridShare
from geo.places.hierarchy import Hierarchy
from geo.places.road_index import MAY_BE_MARK, RoadIndex, road_key
from geo.places.road_positions import Position, crossing_points, mark_position, offset_position
from geo.places.text_faults import (
    UNREAD_AFTER,
    UNREAD_BEFORE,
    Fault,
    datum_fault,
    fault_of_point,
    unknown_code,
    unknown_road,
)
from geo.sentences import sentence
from geo.types import Candidate, Match

_MAX_CANDIDATES = 10
_LONGEST_CODE = 40
#: What a text has that says a place by such means; most addresses have none of it, and one look says so.
_HINT = re.compile(
    r"网格|grid|[.．][0-9０-９]|[°º度]|公里|千米|[kKｋＫ][mM0-9ｍＭ０-９ ]|交[叉汇会界口]|相交|路口|[街道巷]口|字路口"
    r"|corner|junction|intersection|crossing|(?:road|street|avenue|rd|st|ave)\.? ?[&@/]",
    re.I,
)
_TOKEN = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ][-_./0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{3,39}")
_FILLER = re.compile(r"[\s,，。:：;；、（）()]|位于|地址|坐落|处")
_DIVISIONS = ("province", "city", "county", "township", "village")


class Places(Protocol):
    """What is known of the places of one day: see `geo.places.gazetteer.Gazetteer`.

    Examples
    --------
    >>> sorted(name for name in vars(Places) if name in ("points", "stored_address"))[0]
    'points'
    """

    hierarchy: Hierarchy
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


def may_say_a_position(text: str, is_code: Callable[[str], bool]) -> bool:
    """Return whether a text may hold a code of a grid, coordinates, a crossing or a kilometre mark.

    Examples
    --------
    >>> [may_say_a_position(one, {"GL-012"}.__contains__) for one in ("民主街3号", "GL-012", "A路与B路交叉口")]
    [False, True, True]
    """
    if _HINT.search(text) or is_code(text.strip()):
        return True
    tokens = _TOKEN.findall(text[:2_000])
    return bool(tokens) and (
        any(is_code(code_text(one).strip("-_./")) for one in tokens) or bool(spaced_codes(text, is_code))
    )


class TextLookup:
    """Finder of places that a text says by codes, coordinates or roads.

    Parameters
    ----------
    places
        The places of the day.
    read_roads
        Returns the roads of that day, lines in WGS-84 degrees; called once, when a text first names a road.
    marks
        Texts of stored addresses that may be kilometre marks, with longitude and latitude.

    Examples
    --------
    The gazetteer of a store has one, and asks it first:

    >>> from datetime import date
    >>> import shapely
    >>> from geo.places.gazetteer import Gazetteer
    >>> columns = {"code": ["GL-1"], "name": ["一"], "kind": ["general"], "level": [1], "parent": [None]}
    >>> grid = gpd.GeoDataFrame(columns, geometry=[shapely.box(102, 37, 103, 38)], crs=4326)
    >>> none = gpd.GeoDataFrame({"code": [], "level": [], "text": []}, geometry=[], crs=4326)
    >>> places = Gazetteer(none, grid, none, lambda: none, at=date(2026, 1, 1), revision=1)
    >>> places.address("网格 GL-1", accuracy=20.0).candidates[0].grid["code"]
    'GL-1'
    """

    def __init__(
        self,
        places: Places,
        read_roads: Callable[[], gpd.GeoDataFrame] | None,
        marks: Callable[[], Iterable[tuple[str, float, float]]],
    ) -> None:
        self._places = places
        self._index = RoadIndex(read_roads, marks)

    def answer(self, text: str, found: Match, *, accuracy: float) -> Match:
        """Return what a text means beyond its names.

        Parameters
        ----------
        found
            What its names mean.
        accuracy
            Accuracy of points, metres.
        """
        return (
            self._of_division(text, accuracy)
            or self._of_code(text, found, accuracy)
            or self._of_points(text, accuracy)
            or self._of_crossing(text, found, accuracy)
            or self._of_mark(text, found, accuracy)
            or found
        )

    # --- codes and coordinates ---

    def _of_code(self, text: str, found: Match, accuracy: float) -> Match | None:
        codes = [one for one in codes_in_text(text, self._places.hierarchy.has_grid) if is_meant(text, one)]
        stored = list(dict.fromkeys(one.code for one in codes if one.is_stored))
        if not stored:
            return None if not codes else _with_fault(found, unknown_code(codes[0].code))
        named = self._places.grids_named(text, [GridShare(code, round(1.0 / len(stored), 4)) for code in stored])
        spans = [(one.start, one.end) for one in codes if one.is_stored]
        named = replace(named, candidates=tuple(replace(one, spans=spans) for one in named.candidates))
        if len(stored) > 1:
            return named
        rest = _without(text, [(start_of_word(text, start), end) for start, end in spans])
        return self._compared(named, rest, accuracy)

    def _of_division(self, text: str, accuracy: float) -> Match | None:
        """Return what the names of a division mean, where its code is all that a text says."""
        code = code_text(text) if len(text) <= _LONGEST_CODE else ""
        if not code.isdigit() or self._places.hierarchy.has_grid(code):
            return None
        chain = self._places.hierarchy.chain_of_division(code)
        found = self._names("".join(str(link["name"] or "") for link in chain), accuracy) if chain else None
        if found is None or any(
            chain[-1]["code"] not in {step["code"] for step in one.chain} for one in found.candidates
        ):
            return None
        kept = tuple(replace(one, spans=((0, len(text)),)) for one in found.candidates)
        return replace(found, query=text, candidates=kept)

    def _of_points(self, text: str, accuracy: float) -> Match | None:
        points = points_in_text(text)
        if not points:
            return None
        spans = [(one.start, one.end) for one in points]
        rest = _without(text, [*spans, *crs_words_in_text(text)])
        faults = [fault for one in points if (fault := fault_of_point(one)) is not None]
        if faults:
            return self._unplaced(text, self._names(rest, accuracy), faults[0], spans)
        try:
            placed = [self._point(one, accuracy) for one in points]
        except GeoError as error:
            fault = {"code": "bad_point", "text": sentence(error.zh, error.en)}
            return self._unplaced(text, self._names(rest, accuracy), fault, spans)
        answer = self._of_candidates(text, [candidate for candidate, _ in placed], spans)
        is_one = len({candidate.grid["code"] if candidate.grid else None for candidate, _ in placed}) == 1
        answer = replace(answer, crs=points[0].crs, point=placed[0][1] if is_one else None)
        return self._compared(answer, rest, accuracy)

    def _point(self, point: TextPoint, accuracy: float) -> tuple[Candidate, tuple[float, float]]:
        """Return the candidate and the place of coordinates whose CRS is named."""
        crs = str(point.crs)
        lon, lat = to_wgs84(np.array([point.lon]), np.array([point.lat]), crs)
        doubt = float(datum_doubt_m(lon, lat, crs)[0])
        found = self._candidate(Position(float(lon[0]), float(lat[0]), max(accuracy, doubt)), accuracy, "point")
        if doubt > 0:
            found = replace(found, faults=(datum_fault(crs, doubt),))
        return found, (round(float(lon[0]), 9), round(float(lat[0]), 9))

    def _unplaced(self, text: str, named: Match | None, fault: Fault, spans: Sequence[tuple[int, int]]) -> Match:
        """Return the answer to coordinates that cannot be placed: what the rest of the text names, and why."""
        if named is None or not named.candidates:
            nothing = Candidate(None, (), "point", 0.0, "point", None, None, faults=(fault,), spans=spans)
            return self._match("partial", text, (nothing,))
        return replace(_with_fault(named, fault), query=text, status="partial")

    def _compared(self, found: Match, rest: str, accuracy: float) -> Match:
        """Return a match, partial with a fault where the rest of the text names an address in other grids."""
        named = self._names(rest, accuracy)
        own = {one.grid["code"] for one in found.candidates if one.grid}
        if named is None or named.status not in ("matched", "ambiguous") or not own:
            return found
        others = [one for one in named.candidates if one.grid is not None]
        if not others or len(others) >= _MAX_CANDIDATES:
            return found
        if any({str(step["code"]) for step in one.chain} & own for one in others):
            return found
        # 某村 within whose bounds the grid lies says the same, more coarsely.
        listed = ", ".join(str(one.grid["code"]) for one in others if one.grid is not None)
        text = sentence(
            f"文字里的地址在网格 {listed}，与此不一致", f"the address in the text is elsewhere: in grid {listed}"
        )
        answer = _with_fault(found, {"code": "address-differs", "text": text})
        return replace(answer, status="partial" if answer.status == "matched" else answer.status)

    def _names(self, rest: str, accuracy: float) -> Match | None:
        return self._places.stored_address(rest, accuracy=accuracy) if len(_FILLER.sub("", rest)) > 1 else None

    # --- roads ---

    def _of_crossing(self, text: str, found: Match, accuracy: float) -> Match | None:
        if _is_stored(found) or not (
            crossings := crossings_in_text(text, lambda name: road_key(name) in self._index.roads)
        ):
            return None
        one = crossings[0]
        unknown = [name for name in (one.first, one.second) if road_key(name) not in self._index.roads]
        if unknown:
            return None if not self._index.has_roads else _with_fault(found, unknown_road(unknown[0]))
        positions = crossing_points(self._index.roads, road_key(one.first), road_key(one.second))
        if not positions:
            names = f"{one.first}、{one.second}", f"{one.first}, {one.second}"
            said = sentence(f"{names[0]}在图上不相交", f"{names[1]} do not meet on the map")
            return _with_fault(found, {"code": "no_crossing", "text": said})
        return self._of_positions(text, (one.start, one.end), positions, accuracy)

    def _of_mark(self, text: str, found: Match, accuracy: float) -> Match | None:
        if _is_stored(found) or not MAY_BE_MARK.search(unicodedata.normalize("NFKC", text[:2_000])):
            return None
        for one in marks_in_text(text):
            for name in filter(None, (one.ref, one.name)):
                lines = [*self._index.roads.get(road_key(name), ()), *self._index.roads.get(road_key(one.name), ())]
                position = mark_position(self._index.marks.get(road_key(name), ()), one.metre, lines)
                if position is not None:
                    return self._of_positions(text, (one.start, one.end), (position,), accuracy)
        return None

    def _of_positions(self, text: str, span: tuple[int, int], positions: Sequence[Position], accuracy: float) -> Match:
        """Return the answer to a text that says these positions, before and behind which it may say more."""
        faults: list[Fault] = []
        division, is_understood = self._division_named(text[: span[0]], accuracy)
        if not is_understood:
            faults.append(UNREAD_BEFORE)
        if division is not None:
            inside = [one for one in positions if division in self._divisions_at(one)]
            if not inside:
                faults.append(self._outside(division))
            positions = inside or positions
        rest = normalise.normal_form(_FILLER.sub("", text[span[1] :]))
        if rest:
            fault, positions = _beside(rest, positions)
            faults.append(fault)
        found = [self._candidate(one, accuracy, "match") for one in positions]
        answer = self._of_candidates(text, [replace(one, faults=(*one.faults, *faults)) for one in found], [span])
        is_one = len(positions) == 1
        point = (positions[0].lon, positions[0].lat) if is_one else None
        return replace(answer, point=point, status="partial" if faults else answer.status)

    def _division_named(self, before: str, accuracy: float) -> tuple[str | None, bool]:
        """Return the finest division that all readings of a text share, and whether the text was understood."""
        if not _FILLER.sub("", before):
            return None, True
        named = self._places.stored_address(before, accuracy=accuracy)
        chains = [[str(step["code"]) for step in one.chain if step["level"] in _DIVISIONS] for one in named.candidates]
        shared = [links[0] for links in zip(*chains, strict=False) if len(set(links)) == 1]
        is_understood = bool(shared) and not any(
            fault["code"] in ("unread", "unknown_place", "contradiction") for fault in named.candidates[0].faults
        )
        return (shared[-1] if shared else None), is_understood

    def _divisions_at(self, position: Position) -> set[str]:
        found = self._places.points(np.array([position.lon]), np.array([position.lat]), accuracy=0.0)[0]
        chain = found.chain if found is not None else ()
        return {str(step["code"]) for step in (*chain, *self._places.division_chain(position.lon, position.lat))}

    def _outside(self, division: str) -> Fault:
        name = self._places.hierarchy.chain_of_division(division)[-1]["name"] or division
        return {"code": "outside", "text": sentence(f"这个位置不在{name}之内", f"the position is outside {name}")}

    # --- shared ---

    def _candidate(self, position: Position, accuracy: float, method: str) -> Candidate:
        lon, lat = np.array([position.lon]), np.array([position.lat])
        precision = max(accuracy, position.precision_m)
        found = self._places.points(lon, lat, accuracy=precision)[0]
        if found is not None:
            return replace(found, method=method, precision_m=precision)  # type: ignore[arg-type]
        chain = tuple(self._places.division_chain(position.lon, position.lat))
        level = str(chain[-1]["level"]) if chain else "point"
        return Candidate(None, chain, level, 1.0, method, precision, None)  # type: ignore[arg-type]

    def _of_candidates(self, text: str, found: Sequence[Candidate], spans: Sequence[tuple[int, int]]) -> Match:
        """Return the match of positions that a text may mean, one candidate for each grid."""
        by_grid: dict[str | None, list[Candidate]] = defaultdict(list)
        for one in found:
            by_grid[one.grid["code"] if one.grid else None].append(one)
        groups = sorted(by_grid.values(), key=len, reverse=True)[:_MAX_CANDIDATES]
        kept = tuple(
            replace(own[0], score=round(own[0].score * len(own) / len(found), 4), spans=spans) for own in groups
        )
        if len(by_grid) > 1:
            return self._match("ambiguous", text, kept)
        return self._match("partial" if None in by_grid else "matched", text, kept)

    def _match(self, status: str, text: str, found: tuple[Candidate, ...]) -> Match:
        return Match(status, text, None, None, found, self._places.revision, self._places.at.isoformat())  # type: ignore[arg-type]

    def moved(self, found: Match, *, accuracy: float) -> Match:
        """Return a match of a place that is so many metres beside its address, 北侧200米, moved to where that is."""
        first = found.candidates[0] if found.candidates else None
        if first is None or found.point is None or all(one["code"] != "nearby" for one in first.faults):
            return found
        end = max((int(span[1]) for span in first.spans), default=0)
        near = next((one for one in read_tail(normalise.normal_form(found.query[end:])).near if one.metres), None)
        if near is None or near.metres is None or near.metres > _MAX_BESIDE_M:
            return found
        base = max(first.precision_m or 0.0, accuracy)
        position = offset_position(*found.point, near.side, near.metres, precision_m=base)
        there = self._candidate(position, accuracy, first.method)
        kept = replace(there, score=first.score, faults=first.faults, spans=first.spans)
        return replace(found, point=(position.lon, position.lat), candidates=(kept, *found.candidates[1:]))


_MAX_BESIDE_M = 20_000.0


def _beside(rest: str, positions: Sequence[Position]) -> tuple[Fault, Sequence[Position]]:
    """Return what a text says behind a position: a place so many metres beside it, near it, or not understood."""
    nearby = near_words.NEARBY.search(rest) or re.fullmatch(r"[东南西北]{1,2}[角侧]?", rest)
    if nearby is None:
        return UNREAD_AFTER, positions
    text = sentence(
        f"所说的是这个位置旁近的地方（{rest[:20]}）", f"the text means a place near this position ({rest[:20]})"
    )
    near = next((one for one in read_tail(rest).near if one.metres), None)
    if near is not None and near.metres is not None and near.metres <= _MAX_BESIDE_M:
        metres, side = near.metres, near.side
        positions = [offset_position(p.lon, p.lat, side, metres, precision_m=p.precision_m) for p in positions]
    return {"code": "nearby", "text": text}, positions


def _with_fault(found: Match, fault: Fault) -> Match:
    """Return a match whose first candidate has one more fault, no longer matched."""
    if not found.candidates:
        return found
    first = replace(found.candidates[0], faults=(*found.candidates[0].faults, fault))
    status = "partial" if found.status == "matched" else found.status
    return replace(found, status=status, candidates=(first, *found.candidates[1:]))


def _is_stored(found: Match) -> bool:
    """Return whether the whole text is that of a stored address."""
    return found.status == "matched" and found.candidates[0].method == "exact"


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    out, at = "", 0
    for start, end in sorted(spans):
        out, at = out + text[at:start] + " ", end
    return out + text[at:]
