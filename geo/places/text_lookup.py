"""Answer texts that say a place by other means than its names: a code, coordinates, a crossing, a kilometre mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import geopandas as gpd
import numpy as np

from geo.catalog.division_codes import code_text
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import GeoError
from geo.places.address import normalise
from geo.places.address.address_faults import Fault, once
from geo.places.address.folded_text import MAX_READ
from geo.places.address.match_faults import with_fault
from geo.places.address.tail_parts import read_tail
from geo.places.address.text_codes import codes_in_text, is_meant, spaced_codes, start_of_word
from geo.places.address.text_coordinates import TextPoint, crs_words_in_text, points_in_text
from geo.places.coarse_points import MAX_LOOKED_AT_M, coarse, written_m
from geo.places.former_grids import start_of_grid_word
from geo.places.grid_shares import GridShare
from geo.places.position_answers import Places, PositionAnswers, moved, says_beside
from geo.places.road_index import NamedRoad, RoadIndex
from geo.places.road_lookup import RoadLookup, is_stored
from geo.places.road_namesakes import RoadNamesakes
from geo.places.road_positions import Position
from geo.places.text_evidence import agree, is_nothing, is_understood, together, without
from geo.places.text_faults import datum_fault, fault_of_point, old_code, old_name, unknown_code
from geo.sentences import sentence
from geo.types import Candidate, Match

_LONGEST_CODE = 40
#: What a text has that says a place by such means; most addresses have none of it, and one look says so.
_HINT = re.compile(
    r"网格|grid|[.．][0-9０-９]|[0-9０-９]{2}[,，。][0-9０-９]{2}"
    r"|[°º度]|公里|千米|[kKｋＫ][mM0-9ｍＭ０-９ ]|交[叉汇会界口]|相交|路口|[街道巷]口|[十什]字"
    r"|汇合|红绿灯|信号灯|转盘|环岛"
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
    tokens = _TOKEN.findall(text[:MAX_READ])
    return bool(tokens) and (
        any(is_code(code_text(one).strip("-_./")) for one in tokens) or bool(spaced_codes(text, is_code))
    )


class Said(NamedTuple):
    """What one kind of evidence in a text says: its grids where it has a place, where it stands, and what is doubtful.

    `bare` is where it stands without the words before it, 网格编号. `is_former` is true of a grid that is no more,
    whose ground may be that of several today.

    Examples
    --------
    >>> Said(None, [(0, 9)], []).spans
    [(0, 9)]
    """

    found: Match | None
    spans: Sequence[tuple[int, int]]
    faults: Sequence[Fault]
    bare: Sequence[tuple[int, int]] = ()
    is_former: bool = False


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
        self._index = RoadIndex(read_roads, marks)
        self._roads = RoadLookup(self._answers, self._index)
        self._namesakes = RoadNamesakes(self._answers, self._index)

    @property
    def named_roads(self) -> Sequence[NamedRoad]:
        """Return the roads that have a name."""
        return self._index.named

    def prepare(self) -> None:
        """Read the roads now; without it the first text that names one waits for them."""
        self._roads.prepare()
        self._namesakes.prepare()

    def answer(self, text: str, found: Match, *, accuracy: float) -> Match:
        """Return what a text means beyond its names.

        Parameters
        ----------
        found
            What its names mean.
        accuracy
            Accuracy of points, metres.
        """
        if (division := self._of_division(text, accuracy)) is not None:
            return division
        coded = self._of_codes(text)
        if coded.found is None:
            coded = self._of_former(text, found) or coded
        pointed = self._of_points(without(text, coded.spans), accuracy)
        if not coded.spans and not pointed.spans:
            return self._of_roads(text, found, accuracy) or found
        rest = without(text, [*coded.spans, *pointed.spans])
        if is_nothing(rest) or is_stored(found):
            return self._together(text, (coded, pointed), rest, found if is_stored(found) else None, accuracy)
        named = self._of_words(rest, accuracy)
        # 网格 before a code may be the end of a name: 第一网格620622102207001.
        longer = without(text, [*coded.bare, *pointed.spans])
        if longer != rest and not is_understood(named):
            other = self._of_words(longer, accuracy)
            rest, named = (longer, other) if is_understood(other) else (rest, named)
        return self._together(text, (coded, pointed), rest, named, accuracy)

    def _together(self, text: str, said: tuple[Said, Said], rest: str, named: Match | None, accuracy: float) -> Match:
        """Return what the codes, the coordinates and the rest of a text say together."""
        coded, pointed = said
        is_sure = any(_is_in_grid_of(one, pointed.found) for one in (coded.found, named))
        faults = [*coded.faults, *(one for one in pointed.faults if not (is_sure and one["code"] == "coarse_point"))]
        answer = coded.found or pointed.found
        if answer is None:
            return self._unplaced(text, named, faults, pointed)
        if coded.found is not None and pointed.found is not None:
            answer = together(answer, text, pointed.found, what=("文字里的坐标", "the point in the text"))
        if coded.is_former and named is not None and named.status == "matched" and agree(named, answer):
            answer = named  # the part of the old grid that the address is in
        for fault in faults:
            answer = with_fault(answer, fault, is_doubt=fault["code"] != "old_code")
        if coded.found is None and (named is None or not named.candidates):
            answer = self._beside(answer, rest, accuracy)
        answer = together(answer, rest, named)
        return replace(answer, query=text)

    def _beside(self, answer: Match, rest: str, accuracy: float) -> Match:
        """Return a point moved to where the words beside it say that the place is, 北侧200米."""
        if answer.point is None or not says_beside(rest):
            return answer
        first = answer.candidates[0]
        position = moved(
            Position(*answer.point, first.precision_m or accuracy), read_tail(normalise.normal_form(rest)).near
        )
        if position is None:
            return answer
        there = self._answers.candidate(position, accuracy, first.method)
        kept = replace(there, faults=once((*first.faults, *there.faults)), spans=first.spans)
        return replace(answer, point=(position.lon, position.lat), candidates=(kept,))

    def _of_words(self, text: str, accuracy: float) -> Match:
        """Return what the roads and names in a text mean."""
        found = self._places.stored_address(text, accuracy=accuracy)
        return self._of_roads(text, found, accuracy) or self.by_road(text, found, accuracy=accuracy)

    def _of_roads(self, text: str, found: Match, accuracy: float) -> Match | None:
        return self._roads.crossing(text, found, accuracy) or self._roads.mark(text, found, accuracy)

    def by_road(self, text: str, found: Match, *, accuracy: float) -> Match:
        """Return what a text means of which no more than a road is known, else what its names mean."""
        return self._roads.road(text, found, accuracy) or found

    def beside_namesakes(self, text: str, found: Match, *, accuracy: float) -> Match:
        """Return the answer to a stored door, ambiguous where a road of its name in another town may be meant."""
        if found.status != "matched" or found.point is None or not self._index.has_roads:
            return found
        return self._namesakes.told(text, found, accuracy)

    def _of_codes(self, text: str) -> Said:
        """Return what the codes of grids in a text say."""
        codes = [one for one in codes_in_text(text, self._places.hierarchy.has_grid) if is_meant(text, one)]
        stored = list(dict.fromkeys(one.code for one in codes if one.is_stored))
        spans = [(start_of_word(text, one.start), one.end) for one in codes]
        bare = [(one.start, one.end) for one in codes]
        faults = [unknown_code(one.code) for one in codes if not one.is_stored][:1]
        if not stored:
            return Said(None, spans, faults, bare)
        named = self._places.grids_named(text, [GridShare(code, round(1.0 / len(stored), 4)) for code in stored])
        own = [(one.start, one.end) for one in codes if one.is_stored]
        kept = tuple(replace(one, spans=own) for one in named.candidates)
        return Said(replace(named, candidates=kept), spans, faults, bare)

    def _of_former(self, text: str, found: Match) -> Said | None:
        """Return what the code or the name of one grid that is no more says; None where a text has none or several."""
        former = self._places.former
        codes = [one for one in codes_in_text(text, former.has_code) if one.is_stored and is_meant(text, one)]
        names = () if codes or is_stored(found) else former.names_in(text)
        said = [(one.code, (one.start, one.end)) for one in codes] + [(one.code, (one.start, one.end)) for one in names]
        if len({code for code, _ in said}) != 1:
            return None
        code, whole = said[0][0], [span for _, span in said]
        spans = [(start_of_word(text, start), end) for start, end in whole] if codes else whole
        # 甲村 of 甲村第二网格 is that of the group behind it, too.
        bare = whole if codes else [(start_of_grid_word(text, start, end), end) for start, end in whole]
        today = former.today(code)
        if not today:
            return Said(None, spans, [unknown_code(code)], bare)
        listed = [one.code for one in today]
        fault = old_code(code, listed, day=former.day) if codes else old_name(names[0].name, listed, day=former.day)
        named = self._places.grids_named(text, today)
        kept = tuple(replace(one, spans=whole) for one in named.candidates)
        return Said(replace(named, candidates=kept), spans, [fault], bare, is_former=True)

    def _of_division(self, text: str, accuracy: float) -> Match | None:
        """Return what the names of a division mean, where its code is all that a text says."""
        code = code_text(text) if len(text) <= _LONGEST_CODE else ""
        if not code.isdigit() or self._places.hierarchy.has_grid(code):
            return None
        chain = self._places.hierarchy.chain_of_division(code)
        if not chain:
            return None
        name = "".join(str(link["name"] or "") for link in chain)
        found = self._places.stored_address(name, accuracy=accuracy)
        if not found.candidates or any(
            chain[-1]["code"] not in {step["code"] for step in one.chain} for one in found.candidates
        ):
            return None
        kept = tuple(replace(one, spans=((0, len(text)),)) for one in found.candidates)
        return replace(found, query=text, candidates=kept)

    def _of_points(self, text: str, accuracy: float) -> Said:
        """Return what the coordinates in a text say."""
        points = points_in_text(text)
        if not points:
            return Said(None, [], [])
        spans = [*((one.start, one.end) for one in points), *crs_words_in_text(text)]
        faults = [fault for one in points if (fault := fault_of_point(one)) is not None]
        if faults:
            return Said(None, spans, faults[:1])
        try:
            placed = [self._point(one, accuracy) for one in points]
        except GeoError as error:
            return Said(None, spans, [{"code": "bad_point", "text": sentence(error.zh, error.en)}])
        own = [(one.start, one.end) for one in points]
        answer = self._answers.of_candidates(text, [candidate for candidate, _, _ in placed], own)
        is_one = len({candidate.grid["code"] if candidate.grid else None for candidate, _, _ in placed}) == 1
        few = [fault for _, _, fault in placed if fault is not None]
        return Said(replace(answer, crs=points[0].crs, point=placed[0][1] if is_one else None), spans, few[:1])

    def _point(self, point: TextPoint, accuracy: float) -> tuple[Candidate, tuple[float, float], Fault | None]:
        """Return the candidate and the place of coordinates whose CRS is named, and whether few digits leave it open.

        The place of few digits is anywhere in a circle, which may reach into other grids.
        """
        crs = str(point.crs)
        lon, lat = to_wgs84(np.array([point.lon]), np.array([point.lat]), crs)
        doubt = float(datum_doubt_m(lon, lat, crs)[0])
        metres = written_m(point.unit)
        around = max(accuracy, doubt, min(metres, MAX_LOOKED_AT_M))
        found, fault = coarse(
            self._answers.candidate(Position(float(lon[0]), float(lat[0]), around), accuracy, "point"), metres
        )
        if doubt > 0:
            found = replace(found, faults=(datum_fault(crs, doubt),))
        return found, (round(float(lon[0]), 9), round(float(lat[0]), 9)), fault

    def _unplaced(self, text: str, named: Match | None, faults: Sequence[Fault], pointed: Said) -> Match:
        """Return the answer to codes that no grid has and coordinates without a place: what the rest says, and why."""
        answer = named or self._answers.match("not_found", text, ())
        if not answer.candidates and pointed.spans:
            spans = pointed.spans[:1]
            nothing = Candidate(None, (), "point", 0.0, "point", None, None, faults=tuple(faults), spans=spans)
            return self._answers.match("partial", text, (nothing,))
        for fault in faults:
            answer = with_fault(answer, fault)
        return replace(answer, query=text, status="partial" if pointed.spans else answer.status)

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


def _is_in_grid_of(one: Match | None, other: Match | None) -> bool:
    """Return whether an answer is sure of the grid of another, so that nothing else need be sure of it."""
    if one is None or other is None or one.status != "matched" or not other.candidates:
        return False
    grids = [each.candidates[0].grid for each in (one, other)]
    return grids[0] is not None and grids[0] == grids[1]
