"""Answer a text by what it may mean: the grids that are likely, what speaks for each, and whether it is one only."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import numpy as np

from geo.places.address import scores
from geo.places.address.address_faults import (
    SEAT,
    fault_of_alike,
    fault_of_blank,
    fault_of_longer,
    fault_of_marks,
    fault_of_more,
)
from geo.places.address.address_options import MAX_OPTIONS, Option, is_before_a_name, joined, whole
from geo.places.address.character_forms import plain_characters
from geo.places.address.division_names import TOWNSHIP_RANK, VILLAGE_RANK
from geo.places.address.foreign_divisions import division_at_head, province_at_head
from geo.places.address.former_names import FormerNames
from geo.places.address.free_text import TextIndex
from geo.places.address.given_frames import METRES_PER_DEGREE
from geo.places.address.grid_options import Weigher
from geo.places.address.grids_of_places import GridsOfPlaces
from geo.places.address.latin_names import LatinReader
from geo.places.address.match_faults import with_fault, without_fault
from geo.places.address.normalise import canonical_tail, normal_form, normal_form_with_offsets, normal_text
from geo.places.address.occupants import Occupants
from geo.places.address.place_tree import ROOT
from geo.places.address.public_offices import ends_in_office, is_of_any_place
from geo.places.address.readings import AddressReader, Piece, Reading
from geo.places.address.remarks import without_remarks
from geo.places.address.seats import Seats
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import is_without_name
from geo.places.hierarchy import Hierarchy
from geo.types import Candidate, Match

#: How much of the normal form of a text is read, characters.
MAX_FORM = 300
MAX_CANDIDATES = MAX_OPTIONS
#: A stored text that is all like the text speaks for its grid as much as so many characters.
_LIKENESS_WEIGHT = 8.0
#: So much alike is worth as much as the place that the text names; a text of another place is worth less.
_EVEN_LIKENESS, _ELSEWHERE = 0.4, 3.0
#: A stored address that is so much of the text is what is meant, whatever else it says.
_MOST = 0.5
# A name of two characters or more that is no word for a door.
_NAME = re.compile(r"[^\W0-9组社队号栋幢座单元室弄楼层排附]{2}")
# Before these a township may stand without its suffix: 城关人民路1号.
_STREET = re.compile(r"(?:[路街巷道弄]|小区|花园)(?:[0-9]|$)")
_DIGITS = re.compile("[0-9]+")
# So many characters of the begin of a name are its short form.
_LEAST_WRITTEN = 2
# What is like a text in these alone has no name in common with it.
_NO_NAMES = frozenset("0123456789,-/(.镇乡街道村社区居委会民路巷号组")
# So many letters may be a name in pinyin; KTV is none.
_LATIN = re.compile(r"(?:[a-z][^a-z]*){4}")

#: Grid, chain and level of a candidate.
_Described = tuple[Mapping[str, Any] | None, Sequence[Mapping[str, Any]], str]


class Answerer:
    """Answerer of texts, over the places and the stored addresses of a book; read only after construction.

    Parameters
    ----------
    reader
        Reader over the tree of places.
    stored, texts
        Indexes of the stored addresses.
    arrays
        ``lon``, ``lat``, ``grid`` and ``place`` of each stored address.
    names
        Codes of the grids.
    hierarchy
        Chains and names for the answers.

    Examples
    --------
    >>> from geo.places.address.free_text import TextCollector
    >>> from geo.places.address.place_tree import PlaceTree
    >>> tree = PlaceTree.of()
    >>> stored = StoredAddresses(tree, [("东街1号", ROOT, 0)])
    >>> own = {"lon": np.array([102.0]), "lat": np.array([37.0]), "grid": np.zeros(1, int), "place": np.zeros(1, int)}
    >>> answerer = Answerer(AddressReader(tree), stored, TextIndex(TextCollector()), own, ["g1"], Hierarchy())
    >>> found = answerer.answer("东街1号")
    >>> found.status, found.point
    ('matched', (102.0, 37.0))
    """

    def __init__(
        self,
        reader: AddressReader,
        stored: StoredAddresses,
        texts: TextIndex,
        arrays: Mapping[str, np.ndarray],
        names: list[str],
        hierarchy: Hierarchy,
        *,
        revision: int = 0,
        at: str = "",
    ) -> None:
        self._reader, self._tree = reader, reader.tree
        self._stored, self._texts, self._hierarchy = stored, texts, hierarchy
        self._lon, self._lat, self._grid, self._place = (arrays[name] for name in ("lon", "lat", "grid", "place"))
        self.grids = GridsOfPlaces(self._tree, stored, self._grid, names)
        self._weigher = Weigher(self._tree, stored, self._grid, self.grids)
        self._seats = Seats(reader, stored, texts, self._grid, self.grids)
        self._occupants = Occupants(self._tree, texts, self._grid, self.grids)
        self._former = FormerNames(reader)
        self._latin = LatinReader(self._tree, stored)
        self._revision, self._at = revision, at
        self._described: dict[int, _Described] = {}  # at most one of each grid

    def answer(self, text: str) -> Match:
        """Return the grids that a text may be in; none for sure where the text is struck out or in doubt."""
        found = self._answer(text)
        if not found.candidates:
            return found
        # What is stored with a blank in it means itself.
        is_stored = found.candidates[0].method == "exact"
        if not is_stored and (parted := fault_of_blank(text)):
            found = with_fault(without_fault(found, "unstored"), parted)  # of no number is known that it is not stored
        if (fault := fault_of_marks(text)) is not None:
            found = with_fault(found, fault)
        for fault, is_doubt in self._former.told(text, [str(step["code"]) for step in found.candidates[0].chain]):
            found = with_fault(found, fault, is_doubt=is_doubt)
        return found

    def _answer(self, text: str) -> Match:
        said = without_remarks(text)
        if said != text and self._has_with_remarks(text, said):
            said = text
        form, offsets = normal_form_with_offsets(said)
        form = form[:MAX_FORM]
        found = self._answer_of(text, self._options(form), [*offsets, len(said.rstrip())])
        if found.status == "matched" or not _LATIN.search(form):
            return found
        options = self._latin_options(text)
        return self._answer_of(text, options, range(len(text) + 1)) if options else found

    def _has_with_remarks(self, text: str, said: str) -> bool:
        """Return whether a text is stored with remarks that it has beside what it says."""
        form = normal_form(text)
        return len(form) > len(normal_form(said)) and bool(len(self._texts.rows_of(form)))

    def _answer_of(self, text: str, options: Sequence[Option], ends: Sequence[int]) -> Match:
        """Return the answer of options whose spans are positions in `ends`, which says where these are in the text."""
        if not options:
            return Match("not_found", text, None, None, (), self._revision, self._at)
        likely = scores.probabilities(options)
        kept = _one_per_grid(options, likely)
        spans = {  # all grids of a place have the same
            parts: tuple([(ends[start], ends[end]) for start, end in joined(parts)])
            for parts in {option.spans for option, _ in kept}
        }
        status = self._status(kept)
        point = self._point(kept[0][0]) if status != "ambiguous" else None
        is_unsaid = status == "partial" and not kept[0][0].faults
        if more := _unlisted(options, likely, kept) or (_unlikely(options, kept) if is_unsaid else 0):
            first, score = kept[0]
            kept[0] = (first._replace(faults=(*first.faults, fault_of_more(more))), score)
        candidates = tuple([self._candidate(option, score, spans[option.spans]) for option, score in kept])
        return Match(status, text, None, point, candidates, self._revision, self._at)  # type: ignore[arg-type]

    def _latin_options(self, text: str) -> list[Option]:
        """Return what a text in Latin letters may mean, with spans in the text itself."""
        plain, starts, ends = plain_characters(text[: 2 * MAX_FORM])
        found: list[Option] = []
        for way in self._latin.ways(plain):
            normal = normal_text(way.form)
            options = self._options(normal.form[:MAX_FORM])
            # Names of one pinyin are as likely, however many characters they have.
            least = max((option.reading.score for option in options if option.reading is not None), default=0.0)
            for option in options:
                letters = [k for a, b in option.spans for k in range(*normal.span(a, b))]
                spans = {(starts[way.starts[k]], ends[way.ends[k] - 1]) for k in letters}
                found.append(option._replace(weight=option.weight - least, spans=tuple(sorted(spans))))
        return sorted(found, key=lambda option: -option.weight)

    def _options(self, form: str) -> list[Option]:
        """Return what a text may mean: by the places that it names, else as a stored address that names none."""
        if not form:
            return []
        found = self._weigher.of_all(form, self._reader.read_numbered(form))
        if not any(len(option.rows) for option in found):
            found.extend(self._weigher.options(form, whole(form)))
        is_short = _STREET.search(form) or ends_in_office(form)  # 五里铺小学 is 小学 of 五里铺村, where that is stored
        if is_short and not any(len(one.rows) or self._is_of_village(one) for one in found):
            shortly = self._weigher.of_all(form, self._reader.read_shortly(form))
            found = shortly if any(len(one.rows) for one in shortly) else found
        if not any(len(one.rows) for one in found) and (of_county := self._of_county(form)):
            found = of_county
        if not found:
            found.extend(self._weigher.of_all(form, self._reader.read_misspelt(form)))
        found = self._occupants.told(self._without_bare_numbers(self._seats.instead(form, found)))
        if verbatim := self._verbatim(form, found):
            return verbatim
        if _is_unclear(form, found):
            found.extend(self._alike(form, found))
        return sorted(found, key=lambda option: -option.weight)

    def _of_county(self, form: str) -> list[Option]:
        """Return the stored office of the only county that a text means by its kind alone: 县人民医院."""
        county = self._tree.only_county
        if county == ROOT or not self._tree.names[county][0].endswith(form[:1]) or not is_of_any_place(form[1:]):
            return []
        reading = whole(form)._replace(place=county, guess=county, tail=form[1:], pieces=(Piece(1, len(form)),))
        return [one for one in self._weigher.of_all(form, [reading]) if len(one.rows)]

    def _is_of_village(self, option: Option) -> bool:
        """Return whether a village is named for sure, so that nothing finer can be named before a street."""
        return option.reading is not None and bool(self._tree.rank[option.reading.place] >= VILLAGE_RANK)

    def _without_bare_numbers(self, found: Sequence[Option]) -> list[Option]:
        """Return options of which none matches by a group or number alone: any village has one.

        A text that is stored so, behind the names of the places that hold it or without them, means itself.
        """
        out: list[Option] = []
        for one in found:
            if len(one.rows) and one.reading is not None and self._is_bare_number(one.reading, int(one.rows[0])):
                fault = fault_of_longer(self._stored_text(int(one.rows[0])))
                out.append(one._replace(faults=(fault, *one.faults), blocks=True))
            else:
                out.append(one)
        return out

    def _is_bare_number(self, reading: Reading, row: int) -> bool:
        """Return whether a text names no village, and a number that is stored with one only."""
        if self._tree.rank[reading.place] >= VILLAGE_RANK or not reading.tail[:1].isdigit():
            return False
        tail = canonical_tail(reading.tail)
        if not is_without_name(read_tail(tail)):
            return False
        names = [(self._tree.names[one] or ("",))[0] for one in self._tree.chain(reading.place)]
        heads = ["".join(names[k:]) for k in range(len(names) + 1)]
        tails = (reading.tail, self._stored.tail(self._entry_of(row)))
        return not any(len(self._texts.rows_of(head + one)) for head in heads for one in tails)

    def _entry_of(self, row: int) -> int:
        return int(np.flatnonzero(self._stored.rows == row)[0])

    def _verbatim(self, form: str, found: Sequence[Option]) -> list[Option]:
        """Return the grids in which a text is stored as it stands, where its names were read as something else.

        A text that only names a division means all of it, also where an address has the same text; its office is at
        one point.
        """
        if any(option.method == "exact" for option in found) or not len(rows := self._texts.rows_of(form)):
            return []
        readings = [option.reading for option in found if option.reading is not None]
        if any(not reading.tail for reading in readings) and not SEAT.search(form):
            return []
        named = {one.place for one in readings if not (one.contradictions or one.misspelt)} - {ROOT}
        grids = self._grid[rows]
        out: list[Option] = []
        for grid in np.unique(grids)[:MAX_OPTIONS].tolist():
            is_elsewhere = bool(named) and all(self.grids.is_elsewhere(place, grid) for place in named)
            faults = self.grids.doubts(grid, is_elsewhere=is_elsewhere)
            mine = rows[grids == grid]
            place = int(self._place[mine[0]])
            out.append(
                Option(whole(form), place, grid, mine, "exact", 1.0, 1.0, faults, is_elsewhere, ((0, len(form)),))
            )
        return out

    def _alike(self, form: str, found: Sequence[Option]) -> list[Option]:
        """Return the stored addresses that are like a text of which a part was not understood; none is a match."""
        known = max(found, key=lambda option: option.weight, default=None)
        weight, place = (0.0, ROOT) if known is None or known.reading is None else (known.weight, known.reading.place)
        named = {option.grid for option in found if len(option.rows)}
        out: list[Option] = []
        # Of a county that nobody here knows nothing is stored, but what names it too.
        is_read = known is not None and known.reading is not None and not is_before_a_name(known.reading)
        foreign = None if is_read and place != ROOT else division_at_head(form) or province_at_head(form)
        unread = frozenset() if known is None or known.reading is None else frozenset(known.reading.tail) - _NO_NAMES
        for row, likeness, plain in self._texts.search(form, MAX_CANDIDATES, naming=foreign or ""):
            if int(self._grid[row]) in named or (unread and unread.isdisjoint(self._tree.without_names(plain, place))):
                continue
            is_inside = place == ROOT or self._tree.holds(place, int(self._place[row]))
            own = weight + (likeness - _EVEN_LIKENESS) * _LIKENESS_WEIGHT - (0.0 if is_inside else _ELSEWHERE)
            stored = self._stored_text(row, plain)
            share = 0.0 if scores.is_turned(form, stored) else likeness
            faults = (fault_of_alike(stored),)
            out.append(Option(None, ROOT, int(self._grid[row]), np.array([row]), "match", own, share, faults, True, ()))
        return out

    def _stored_text(self, row: int, plain: str | None = None) -> str:
        """Return the text of a stored address, with its township and village before it.

        With its text without numbers only those that it names.
        """
        entry = self._entry_of(row)
        holders = self._tree.chain(int(self._stored.places[entry]))
        names = [self._tree.names[one][0] for one in holders if self._tree.rank[one] in (TOWNSHIP_RANK, VILLAGE_RANK)]
        if plain is not None:
            names = [_written_in(one, plain) for one in names]
        return "".join(names) + self._stored.tail(entry)

    def _status(self, kept: Sequence[tuple[Option, float]]) -> str:
        first, score = kept[0]
        if first.reading is not None and (first.reading.contradictions or _is_stored_elsewhere(kept)):
            return "partial"
        grids = {option.grid for option, _ in kept if option.grid >= 0}
        if len(grids) > 1 or (len(kept) > 1 and not grids):
            return "ambiguous"
        if len(kept) > 1 or first.blocks or (first.grid < 0 and (self.grids.has_any or first.place == ROOT)):
            return "partial"
        return "matched" if score >= scores.ENOUGH else "partial"

    def _candidate(self, option: Option, score: float, spans: tuple[tuple[int, int], ...]) -> Candidate:
        grid, chain, level = self._described.get(option.grid) or self._describe(option)
        return Candidate(
            grid,
            chain,
            level,
            round(min(score, 1.0), 4),
            option.method,  # type: ignore[arg-type]
            self._precision_m(option),
            None,
            faults=option.faults,
            spans=spans,
        )

    def _describe(self, option: Option) -> _Described:
        """Return grid, chain and level of an option; kept where the chain is that of the grid, wherever it is asked."""
        code = self.grids.codes[option.grid] if option.grid >= 0 else None
        chain = self._hierarchy.chain_of_grid(code) if code else ()
        is_of_grid = len(chain) > 1
        if not is_of_grid:
            chain = (*self._hierarchy.chain_of_division(self._tree.codes[option.place]), *chain)
        grid = self._hierarchy.describe_grid(code) if code else None
        found = grid, chain, str(chain[-1]["level"]) if chain else "address"
        if is_of_grid:
            self._described[option.grid] = found
        return found

    def _point(self, option: Option) -> tuple[float, float] | None:
        if not len(option.rows):
            return None
        row = int(option.rows[0])
        lon, lat = float(self._lon[row]), float(self._lat[row])
        return None if isnan(lon) else (lon, lat)

    def _precision_m(self, option: Option) -> float | None:
        """Return how far off the addresses of an option may be, in metres; None where these have no points.

        That is half the diagonal of the box round them, and what the text leaves open beside them.
        """
        if len(option.rows) <= 1:
            return None if self._point(option) is None else option.reach_m
        rows = option.rows[~np.isnan(self._lon[option.rows])]
        if not len(rows):
            return None
        if len(rows) == 1:
            return option.reach_m
        lon, lat = self._lon[rows], self._lat[rows]
        high = float(np.ptp(lat)) * METRES_PER_DEGREE
        wide = float(np.ptp(lon)) * METRES_PER_DEGREE * float(np.cos(np.radians(lat[0])))
        return max(round(float(np.hypot(wide, high)) / 2, 1), option.reach_m)


def _one_per_grid(options: Sequence[Option], likely: Sequence[float]) -> list[tuple[Option, float]]:
    """Return the best option of each grid, or of each place where no grid is known, and the sum of their scores."""
    if len(options) == 1:
        return [(options[0], likely[0])]
    best: dict[tuple[int, int], Option] = {}
    total: dict[tuple[int, int], float] = {}
    for option, score in zip(options, likely, strict=True):
        key = (option.grid, -1) if option.grid >= 0 else (-1, option.place)
        if key in best:
            total[key] += score
        else:
            best[key], total[key] = option, score
    ranked = sorted(best, key=total.__getitem__, reverse=True)[:MAX_CANDIDATES]
    enough = scores.LEAST_SHARE * total[ranked[0]]
    return [(best[key], total[key]) for key in ranked if total[key] >= enough]


def _unlisted(options: Sequence[Option], likely: Sequence[float], kept: Sequence[tuple[Option, float]]) -> int:
    """Return how many grids the text may mean as likely as those that are listed, which are at most ten."""
    if len(kept) < MAX_CANDIDATES:
        return 0
    least = scores.LEAST_SHARE * max(likely)
    meant = [option for option, score in zip(options, likely, strict=True) if score >= least]
    grids = {option.grid for option in meant if option.grid >= 0}.union(*(one.others.tolist() for one in meant))
    return len(grids - {option.grid for option, _ in kept})


def _unlikely(options: Sequence[Option], kept: Sequence[tuple[Option, float]]) -> int:
    """Return how many grids are each too unlikely to be listed; together they are why the first is not sure."""
    return len({option.grid for option in options if option.grid >= 0} - {option.grid for option, _ in kept})


def _written_in(name: str, plain: str) -> str:
    """Return how a text without numbers writes a name, 柳树村 of 柳树村村委会; empty where it does not have it."""
    sizes = range(len(name), _LEAST_WRITTEN - 1, -1)
    return next((name[:size] for size in sizes if _DIGITS.sub("", name[:size]) in plain), "")


def _is_stored_elsewhere(kept: Sequence[tuple[Option, float]]) -> bool:
    """Return whether one reading is all that is likely, and contradicts what is stored: a door of another township."""
    first, _ = kept[0]
    return all(
        option.reading is first.reading and any(fault["code"] == "another_place" for fault in option.faults)
        for option, _ in kept
    ) and any(len(option.rows) for option, _ in kept)


def _is_unread(option: Option) -> bool:
    return any(fault["code"] == "unread" for fault in option.faults) and option.blocks


def _is_unclear(form: str, options: Sequence[Option]) -> bool:
    """Return whether a name in the text was not understood and what was understood is in several grids or in none."""
    if any(len(option.rows) and option.share >= _MOST and not _is_unread(option) for option in options):
        return False
    grids = {option.grid for option in options}
    if len(grids) == 1 and -1 not in grids:
        return False
    readings = [option.reading for option in options if option.reading is not None]
    if any(reading.contradictions or not _NAME.search(reading.tail) for reading in readings):
        return False
    return bool(_NAME.search(form))
