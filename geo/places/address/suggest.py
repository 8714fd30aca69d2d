"""Suggest places and stored addresses as somebody types: by name, pinyin or initials, the widest places first."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.catalog.suggestion_whys import WHYS
from geo.errors import BadValue
from geo.places.address.division_names import (
    LEVELS,
    RANKS,
    TOWNSHIP_RANK,
    VILLAGE_RANK,
    level_of,
    name_parts,
    suffix_at,
)
from geo.places.address.given_frames import METRES_PER_DEGREE
from geo.places.address.normalise import canonical_tail, normal_form, numeral_value
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.suggest_keys import PINYIN, PREFIX, NameKeys, SortedKeys
from geo.places.address.suggest_targets import TEXT_RANK, Targets, targets_of
from geo.places.hierarchy import Hierarchy

#: Longest text that is looked for, characters; nothing that is suggested is longer than half of it.
MAX_LENGTH = 200
#: Most suggestions of one text.
MAX_SUGGESTIONS = 50
_WHY = tuple(WHYS)  # in the order of the kinds of `suggest_keys`
#: Places of one name within which the rest of a text is looked for.
_HOLDERS = 20
# One for all books: a book that has it could not be kept in a file.
_making = threading.Lock()
# What a door or a group begins with, up to a number that may be unfinished; 三 of 大坪村三 is one too.
_NUMBERED = re.compile(r"[^0-9]{2,}[0-9]|[0-9]")
# A street in letters, and a number.
_SPELT = re.compile(r"([a-z]{2,})([0-9].*)")
_NUMERAL = re.compile("[一二三四五六七八九]?十?[一二三四五六七八九]|[一二三四五六七八九]?十")
#: Stored doors that are looked through, the shortest of all that go on from a text.
_MAX_DOORS = 500
# A code of a grid or division, or the begin of one.
_CODE = re.compile(r"[0-9a-z]{4,}")
_PARTS = re.compile(r"[\s'’·]+")
# A blank inside a number stays: 1 3号 is 13号, or two doors. Of a code alone it parts groups of digits.
_APART = re.compile(r"(?<![\d\s'’·])[\s'’·]++|[\s'’·]++(?!\d)")
_GROUPED_CODE = re.compile(r"[\da-zA-Z\s'’·]+")
#: So many numbers are sorted faster than marked.
_FEW = 1_000
# Farther than anything on the Earth.
_NOWHERE_KM = 30_000.0


@dataclass(frozen=True)
class _Index:
    targets: Targets
    keys: NameKeys
    #: Whole names and short forms of divisions and villages -> places.
    holders: Mapping[str, Sequence[int]]
    #: Codes of places, in normal form.
    codes: SortedKeys


class Suggester:
    """Suggestions of the places and addresses of a book; the index is made when it is first asked, or by `prepare`.

    Parameters
    ----------
    tree, hierarchy, stored
        Places by number, places by code, and the stored addresses.
    grid, grid_codes
        Number of the grid of each row of the addresses, -1 for none, and the codes by number.
    lon, lat
        Position of each row, WGS-84 degrees.
    layers
        Divisions, villages and grids, for the points of places.

    Examples
    --------
    >>> divisions = pd.DataFrame({"code": ["620622"], "name": ["古浪县"], "level": ["county"]})
    >>> tree, none = PlaceTree.of(divisions), np.empty(0)
    >>> stored = StoredAddresses(tree, [])
    >>> known = Suggester(tree, Hierarchy(divisions), stored, grid=none, grid_codes=[], lon=none, lat=none)
    >>> known.suggest("gul")
    [{'text': '古浪县', 'level': 'county', 'code': '620622', 'why': 'pinyin', 'lon': None, 'lat': None}]
    """

    def __init__(
        self,
        tree: PlaceTree,
        hierarchy: Hierarchy,
        stored: StoredAddresses,
        *,
        grid: np.ndarray,
        grid_codes: Sequence[str],
        lon: np.ndarray,
        lat: np.ndarray,
        layers: Sequence[pd.DataFrame | None] = (),
    ) -> None:
        self._tree, self._hierarchy, self._stored = tree, hierarchy, stored
        self._grid, self._grid_codes = grid, grid_codes
        self._lon, self._lat, self._layers = lon, lat, layers
        self._made: _Index | None = None

    def suggest(self, text: str, *, near: tuple[float, float] | None = None, most: int = 10) -> list[dict[str, Any]]:
        """Return what a text may be the beginning of: see `AddressBook.suggest`."""
        if len(text) > MAX_LENGTH:
            raise BadValue(f"超过 {MAX_LENGTH} 个字", f"longer than {MAX_LENGTH} characters")
        if near is not None and not (np.isfinite(near).all() and abs(near[0]) <= 180 and abs(near[1]) <= 90):
            raise BadValue("经纬度不是地球上的一点", "lon and lat are no point of the Earth")
        form = _form(text)
        most = min(most, MAX_SUGGESTIONS)
        if not form or most < 1:
            return []
        index = self.prepare()
        best: dict[int, int] = {}
        for found, numbers in self._found(index, form, most):
            for number in _nearest(index.targets, numbers, near, most).tolist():
                best[number] = min(found, best.get(number, found))
        exact = set(index.keys.equal_to(form).tolist())
        far = _distances(index.targets, np.fromiter(best, np.int64, len(best)), near)
        km = dict(zip(best, far.tolist(), strict=True))
        rank = index.targets.rank
        ordered = sorted(best, key=lambda n: (int(rank[n]), n not in exact, best[n], km[n], n))
        listed = [self._suggestion(index.targets, number, _WHY[best[number]]) for number in ordered[:most]]
        return [*listed, *self._doors(index, form, most - len(listed))]

    def places_before(self, text: str) -> list[tuple[str, str]]:
        """Return the codes of the places whose names a text begins with, the finest first, each with what follows."""
        index, form = self.prepare(), _form(text[:MAX_LENGTH])
        found = sorted(self._insides(index, form), key=lambda one: -int(self._tree.rank[one[0]])) if form else []
        return [(self._tree.codes[place], rest) for place, rest in found if self._tree.codes[place]]

    def _doors(self, index: _Index, form: str, most: int) -> list[dict[str, Any]]:
        """Return stored addresses that go on from a text with a number, 人民路4, the shortest first."""
        entries: dict[tuple[int, str], int] = {}
        ways = [(ROOT, form), *self._insides(index, form), *self._spelt(index, form)] if most > 0 else []
        for place, rest in ways:
            said = str(numeral_value(rest)) if _NUMERAL.fullmatch(rest) else canonical_tail(rest)
            if _NUMBERED.match(said) is None or (place == ROOT and said[0].isdigit()):
                continue
            known = self._stored.beginning_with(said, place)
            shortest = known[np.argsort(self._stored.sizes(known), kind="stable")[:_MAX_DOORS]]
            for entry in shortest.tolist():
                entries.setdefault((int(self._stored.places[entry]), self._stored.tail(entry)), entry)
        ordered = sorted(entries, key=lambda one: (len(one[1]), one[1], one[0]))
        why = _WHY[PINYIN if _SPELT.fullmatch(form) else PREFIX]
        return [self._door(entries[one], why) for one in ordered[:most]]

    def _spelt(self, index: _Index, form: str) -> Iterator[tuple[int, str]]:
        """Yield the divisions of stored streets whose whole names are spelt in letters, with street and number."""
        found = _SPELT.fullmatch(form)
        if found is None:
            return
        texts = [(int(index.targets.place[one]), index.targets.text[one]) for one in index.keys.spelt(found[1])]
        for place, text in [(place, text) for place, text in texts if text is not None][:_HOLDERS]:
            yield place, f"{text}{found[2]}"

    def _door(self, entry: int, why: str) -> dict[str, Any]:
        row, place = int(self._stored.rows[entry]), int(self._stored.places[entry])
        while self._tree.rank[place] > VILLAGE_RANK and place != ROOT:
            place = int(self._tree.parent[place])
        grid = int(self._grid[row])
        return {
            "text": readable(self._stored.tail(entry), self._chain(place) if place != ROOT else ()),
            "level": "address",
            "code": self._grid_codes[grid] if grid >= 0 else self._tree.codes[place] or None,
            "why": why,
            **_point(float(self._lon[row]), float(self._lat[row])),
        }

    def prepare(self) -> _Index:
        """Return the index, made on the first call."""
        with _making:
            if self._made is None:
                targets = targets_of(
                    self._tree, self._stored, grid=self._grid, lon=self._lon, lat=self._lat, layers=self._layers
                )
                names, aliases = _names(self._tree, self._hierarchy, targets)
                self._made = _Index(
                    targets, NameKeys(names, aliases=aliases), _holders(self._tree), _codes(self._tree, targets)
                )
                self._layers = ()
            return self._made

    def _found(self, index: _Index, form: str, most: int) -> Iterator[tuple[int, np.ndarray]]:
        """Yield how names begin with a text, or with what follows the name of a place that holds them."""
        total = 0
        for found, numbers in index.keys.find(form):
            total += len(numbers)
            yield found, numbers
        if _CODE.fullmatch(form):
            yield PREFIX, index.codes.beginning_with(form)
        for place, rest in self._insides(index, form):
            last = int(self._tree.last[place])
            for find in (index.keys.find, index.keys.find_mixed):
                for found, numbers in find(rest):
                    inside = index.targets.inside(numbers, place, last)
                    total += len(inside)
                    yield found, inside
        # Letters alone are found as a whole above: only what is left over may be syllables and initials mixed.
        if total < most or not form.isascii():
            yield from index.keys.find_mixed(form)

    def _insides(self, index: _Index, form: str) -> Iterator[tuple[int, str]]:
        """Yield the places whose names a text begins with, one inside the other, with the rest of the text.

        土门村 is 土门村民委员会 too: behind a short form any suffix of its level may stand.
        """
        waiting = [(ROOT, form)]
        met: set[tuple[int, str]] = set()
        for _ in range(_HOLDERS):
            if not waiting:
                return
            holder, rest = waiting.pop()
            for end in range(len(rest) - 1, 1, -1):
                for place in index.holders.get(rest[:end], ())[:_HOLDERS]:
                    if place == holder or not self._tree.holds(holder, place):
                        continue
                    suffix = suffix_at(rest, end, LEVELS[int(self._tree.rank[place])])
                    for one in ((place, rest[end:]), (place, rest[end + len(suffix) :])):
                        if one[1] and one not in met:
                            met.add(one)
                            waiting.append(one)
                            yield one

    def _suggestion(self, targets: Targets, number: int, why: str) -> dict[str, Any]:
        place, rank = int(targets.place[number]), int(targets.rank[number])
        chain = self._chain(place)
        code, level = self._tree.codes[place] or None, level_of(chain[-1]["level"]) if chain else "address"
        if rank == TEXT_RANK:
            own, level = str(targets.text[number]), "address"
            grid = int(self._grid[targets.row[number]])
            if grid >= 0 and targets.is_in_one_grid[number]:
                code = self._grid_codes[grid]
        else:
            own, chain = _name_of(chain[-1]) if chain else self._tree.names[place][0], chain[:-1]
        lon, lat = float(targets.lon[number]), float(targets.lat[number])
        return {"text": readable(own, chain), "level": level, "code": code, "why": why, **_point(lon, lat)}

    def _chain(self, place: int) -> Sequence[Mapping[str, Any]]:
        code = self._tree.codes[place]
        if self._tree.rank[place] > VILLAGE_RANK and self._tree.find_grid(code) == place:
            return self._hierarchy.chain_of_grid(code)
        return self._hierarchy.chain_of_division(code)


def _form(text: str) -> str:
    blanks = _PARTS if _GROUPED_CODE.fullmatch(text) else _APART
    return normal_form(blanks.sub("", text)).replace("ü", "v")


def _point(lon: float, lat: float) -> dict[str, float | None]:
    is_known = np.isfinite(lon) and np.isfinite(lat)
    return {"lon": round(lon, 6) if is_known else None, "lat": round(lat, 6) if is_known else None}


def readable(name: str, above: Sequence[Mapping[str, Any]]) -> str:
    """Return a name behind those of its township and village, with the places above these in brackets.

    Parameters
    ----------
    name
        The name of a place, or what a stored address says.
    above
        The places that hold it, the widest first, each with `level` and `name`; one that the name says is not repeated.

    Examples
    --------
    >>> above = [{"level": "county", "name": "古浪县"}, {"level": "township", "name": "土门镇"}]
    >>> readable("新胜村", above), readable("土门镇", above[:1]), readable("古浪县", ())
    ('土门镇新胜村 (古浪县)', '土门镇 (古浪县)', '古浪县')
    """
    text, wide = name, ""
    for link in reversed(above):
        upper = link["name"] or ""
        if upper and upper not in text:
            if RANKS.get(level_of(link["level"]), TOWNSHIP_RANK) >= TOWNSHIP_RANK:
                text = upper + text
            else:
                wide = upper + wide
    return f"{text} ({wide})" if wide else text


def _name_of(link: Mapping[str, Any]) -> str:
    return str(link["name"] or link["code"])


def _names(
    tree: PlaceTree, hierarchy: Hierarchy, targets: Targets
) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Return the names and the other names of the targets: what a place is called in full is no other name."""
    names: list[tuple[str, int]] = []
    aliases: list[tuple[str, int]] = []
    for number, (place, text) in enumerate(zip(targets.place.tolist(), targets.text, strict=True)):
        if text is not None:
            names.append((text, number))
            continue
        first, *others = tree.names[place]
        names.append((first, number))
        # 一组 is 1组 in its normal form, and somebody who has typed 一 means it.
        names.extend((written, number) for written in _written(tree, hierarchy, place) if written != first)
        for other in others:
            (names if other.endswith(first) else aliases).append((other, number))
    return names, aliases


def _written(tree: PlaceTree, hierarchy: Hierarchy, place: int) -> Iterable[str]:
    """Return the name as the layers have it, without blanks; none where it says all that its normal form says."""
    code = tree.codes[place]
    if tree.rank[place] > VILLAGE_RANK:
        name = hierarchy.describe_grid(code)["name"]
    else:
        chain = hierarchy.chain_of_division(code)
        name = chain[-1]["name"] if chain else None
    return [written] if isinstance(name, str) and (written := "".join(name.lower().split())) else []


def _codes(tree: PlaceTree, targets: Targets) -> SortedKeys:
    places = enumerate(zip(targets.place.tolist(), targets.text, strict=True))
    return SortedKeys((normal_form(tree.codes[place]), number) for number, (place, text) in places if text is None)


def _holders(tree: PlaceTree) -> dict[str, list[int]]:
    """Return the divisions and villages by whole name and by short form."""
    out: dict[str, list[int]] = {}
    for place in range(1, len(tree)):
        rank = int(tree.rank[place])
        if rank > VILLAGE_RANK:
            continue
        for name in tree.names[place]:
            parts = name_parts(name, LEVELS[rank])
            if parts is not None:
                for one in {name, parts.core}:
                    out.setdefault(one, []).append(place)
    return out


def _nearest(targets: Targets, numbers: np.ndarray, near: tuple[float, float] | None, most: int) -> np.ndarray:
    """Return the distinct targets that come first by level, then by distance, then by number."""
    distinct = _distinct(numbers, len(targets))
    if near is None or len(distinct) <= most:
        return distinct[:most]
    # Numbers grow with the level: all of wider levels are in, and of the last level that is, the nearest ones.
    rank = targets.rank[distinct]
    first, last = np.searchsorted(rank, rank[most - 1], "left"), np.searchsorted(rank, rank[most - 1], "right")
    km, left = _distances(targets, distinct[first:last], near), most - int(first)
    near_enough = first + np.flatnonzero(km <= np.partition(km, left - 1)[left - 1])
    order = np.argsort(km[near_enough - first], kind="stable")[:left]
    return np.concatenate([distinct[:first], distinct[near_enough[order]]])


def _distinct(numbers: np.ndarray, size: int) -> np.ndarray:
    """Return numbers below a size in order, each once; of many without sorting them."""
    if len(numbers) < _FEW:
        return np.unique(numbers)
    is_in = np.zeros(size, bool)
    is_in[numbers] = True
    return np.flatnonzero(is_in)


def _distances(targets: Targets, numbers: np.ndarray, near: tuple[float, float] | None) -> np.ndarray:
    """Return the km of targets from a point, along straight lines of the map; the same for all where none is given."""
    if near is None:
        return np.zeros(len(numbers))
    east, north = np.abs(targets.lon[numbers] - near[0]), targets.lat[numbers] - near[1]
    east = np.minimum(east, 360.0 - east) * np.cos(np.radians(near[1]))  # the shorter way round the Earth
    km = np.sqrt(east * east + north * north) * (METRES_PER_DEGREE / 1000)
    return np.asarray(np.where(np.isnan(km), _NOWHERE_KM, km))
