"""Answer texts that say a place by other means than its names: a code, coordinates, a crossing, a kilometre mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np

from geo.catalog.division_codes import code_text
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import GeoError
from geo.places.address import normalise
from geo.places.address.address_faults import Fault, once
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.match_faults import with_fault
from geo.places.address.tail_parts import read_tail
from geo.places.address.text_codes import codes_in_text, is_meant, spaced_codes, start_of_word
from geo.places.address.text_coordinates import TextPoint, crs_words_in_text, points_in_text
from geo.places.grid_shares import GridShare
from geo.places.position_answers import FILLER, Places, PositionAnswers, moved
from geo.places.road_index import RoadIndex
from geo.places.road_lookup import RoadLookup
from geo.places.road_positions import Position
from geo.places.text_faults import datum_fault, fault_of_point, unknown_code
from geo.sentences import sentence
from geo.types import Candidate, Match

_LONGEST_CODE = 40
#: What a text has that says a place by such means; most addresses have none of it, and one look says so.
_HINT = re.compile(
    r"网格|grid|[.．][0-9０-９]|[°º度]|公里|千米|[kKｋＫ][mM0-9ｍＭ０-９ ]|交[叉汇会界口]|相交|路口|[街道巷]口|[十什]字"
    r"|[路街道巷][东西南北]{2}角"
    r"|[路街道巷线环段][ 　]?[/／&＆×@—–~-][ 　]?[\u4e00-\u9fff]"
    r"|corner|junction|intersection|crossing|(?:road|street|avenue|rd|st|ave)\.? ?[&@/]",
    re.I,
)
_TOKEN = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ][-_./0-9A-Za-z０-９Ａ-Ｚａ-ｚ]{3,39}")


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
        self._answers = PositionAnswers(places)
        self._roads = RoadLookup(self._answers, RoadIndex(read_roads, marks))

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
            or self._roads.crossing(text, found, accuracy)
            or self._roads.mark(text, found, accuracy)
            or found
        )

    def by_road(self, text: str, found: Match, *, accuracy: float) -> Match:
        """Return what a text means of which no more than a road is known, else what its names mean."""
        return self._roads.road(text, found, accuracy) or found

    def _of_code(self, text: str, found: Match, accuracy: float) -> Match | None:
        codes = [one for one in codes_in_text(text, self._places.hierarchy.has_grid) if is_meant(text, one)]
        stored = list(dict.fromkeys(one.code for one in codes if one.is_stored))
        if not stored:
            return None if not codes else with_fault(found, unknown_code(codes[0].code))
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
        answer = self._answers.of_candidates(text, [candidate for candidate, _ in placed], spans)
        is_one = len({candidate.grid["code"] if candidate.grid else None for candidate, _ in placed}) == 1
        answer = replace(answer, crs=points[0].crs, point=placed[0][1] if is_one else None)
        return self._compared(answer, rest, accuracy)

    def _point(self, point: TextPoint, accuracy: float) -> tuple[Candidate, tuple[float, float]]:
        """Return the candidate and the place of coordinates whose CRS is named."""
        crs = str(point.crs)
        lon, lat = to_wgs84(np.array([point.lon]), np.array([point.lat]), crs)
        doubt = float(datum_doubt_m(lon, lat, crs)[0])
        found = self._answers.candidate(Position(float(lon[0]), float(lat[0]), max(accuracy, doubt)), accuracy, "point")
        if doubt > 0:
            found = replace(found, faults=(datum_fault(crs, doubt),))
        return found, (round(float(lon[0]), 9), round(float(lat[0]), 9))

    def _unplaced(self, text: str, named: Match | None, fault: Fault, spans: Sequence[tuple[int, int]]) -> Match:
        """Return the answer to coordinates that cannot be placed: what the rest of the text names, and why."""
        if named is None or not named.candidates:
            nothing = Candidate(None, (), "point", 0.0, "point", None, None, faults=(fault,), spans=spans)
            return self._answers.match("partial", text, (nothing,))
        return replace(with_fault(named, fault), query=text, status="partial")

    def _compared(self, found: Match, rest: str, accuracy: float) -> Match:
        """Return a match, partial with a fault where the rest of the text names an address in other grids."""
        named = self._names(rest, accuracy)
        own = {one.grid["code"] for one in found.candidates if one.grid}
        if named is None or named.status not in ("matched", "ambiguous") or not own:
            return found
        others = [one for one in named.candidates if one.grid is not None]
        if not others or len(others) >= MAX_CANDIDATES:
            return found
        if any({str(step["code"]) for step in one.chain} & own for one in others):
            return found
        # 某村 within whose bounds the grid lies says the same, more coarsely.
        listed = ", ".join(str(one.grid["code"]) for one in others if one.grid is not None)
        text = sentence(
            f"文字里的地址在网格 {listed}，与此不一致", f"the address in the text is elsewhere: in grid {listed}"
        )
        return with_fault(found, {"code": "address-differs", "text": text})

    def _names(self, rest: str, accuracy: float) -> Match | None:
        return self._places.stored_address(rest, accuracy=accuracy) if len(FILLER.sub("", rest)) > 1 else None

    def moved(self, found: Match, *, accuracy: float) -> Match:
        """Return a match of a place that is so many metres beside its address, 北侧200米, moved to where that is."""
        first = found.candidates[0] if found.candidates else None
        if first is None or found.point is None or all(one["code"] != "nearby" for one in first.faults):
            return found
        end = max((int(span[1]) for span in first.spans), default=0)
        words = read_tail(normalise.normal_form(found.query[end:])).near
        base = max(first.precision_m or 0.0, accuracy)
        position = moved(Position(*found.point, base), words)
        if position is None:
            return found
        there = self._answers.candidate(position, accuracy, first.method)
        kept = replace(there, score=first.score, faults=once((*first.faults, *there.faults)), spans=first.spans)
        return replace(found, point=(position.lon, position.lat), candidates=(kept, *found.candidates[1:]))


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    out, at = "", 0
    for start, end in sorted(spans):
        out, at = out + text[at:start] + " ", end
    return out + text[at:]
