"""Tell a stored door from the roads of its name elsewhere of which that door is not stored: either may be meant.

建设路1号 is one door where 甲镇 alone has a 建设路. Where 乙镇 has one too on the layer of roads, the text may mean
that, unless it names the town. How likely that is follows from how well the doors of the other town are known: where
nearly all of its roads have stored doors, one that has none has none in use; and where nearly all numbers of a side
are stored up to its last, one that is not is not in use.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from geo.places.address.address_faults import fault_of_missing
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.normalise import canonical_tail, normal_form
from geo.places.address.road_names import road_key
from geo.places.address.scores import LEAST_SHARE
from geo.places.address.tail_parts import read_tail
from geo.places.position_answers import PositionAnswers
from geo.places.road_index import RoadIndex
from geo.places.road_positions import line_groups, points_along
from geo.types import Candidate, Match

#: Pieces of one name that are nearer to each other than this are one road, metres.
APART_M = 1_000.0
_KEPT = 512
_LONGEST_NAME = 12
_NUMBER = re.compile("[0-9]{1,5}")


class RoadNamesakes:
    """Finder of the roads that have the name of the one of a stored door, and are elsewhere.

    Parameters
    ----------
    answers
        Maker of answers from positions.
    index
        The roads of the day.

    Examples
    --------
    See `geo.places.text_lookup.TextLookup`, which asks it last.

    >>> sorted(name for name in vars(RoadNamesakes) if not name.startswith("_"))
    ['prepare', 'told']
    """

    def __init__(self, answers: PositionAnswers, index: RoadIndex) -> None:
        self._answers = answers
        self._index = index
        self._roads = lru_cache(maxsize=_KEPT)(self._roads_of)
        self._numbers = lru_cache(maxsize=16 * _KEPT)(answers.door_numbers)
        self._unlisted = lru_cache(maxsize=_KEPT)(self._share_unlisted)

    def prepare(self) -> None:
        """Find the township of each road now; without it the first door of a road with a namesake waits for that."""
        if self._index.has_roads:
            _ = self._names, self._names_by_township

    def told(self, text: str, found: Match, accuracy: float) -> Match:
        """Return the answer to a stored door, ambiguous where a road of its name elsewhere is as well meant."""
        if not self._names:
            return found
        own = found.candidates[0]
        form = normal_form("".join(text[start:end] for start, end in own.spans))
        begin = self._start_of_road(form)
        if begin is None:
            return found
        name = form[begin : _NUMBER.search(form, begin).start()]  # type: ignore[union-attr]
        others = self._others(name, _township(own))
        # Few roads have a namesake: what is said of the door is read for those alone.
        if not others or not _is_door_alone(form[begin:], own):
            return found
        division, _ = self._answers.division_named(form[:begin], accuracy)
        weights: list[tuple[float, Sequence[Candidate]]] = []
        for at in others:
            inside = [one for one in at if division is None or division in self._answers.codes_of(one)]
            if not inside or {_grid(one) for one in inside} == {_grid(own)}:
                continue
            weight = self._share_unknown(_township(inside[0]), name, form[begin + len(name) :])
            if weight >= LEAST_SHARE:
                weights.append((weight, inside))
        return self._with_namesakes(form[begin:], name, found, weights) if weights else found

    def _others(self, name: str, township: str) -> list[Sequence[Candidate]]:
        """Return the grids along each other road of a name; one that goes on in the next town is no other.

        Unless both towns have doors of one number on it: then each counts its own.
        """
        out: list[Sequence[Candidate]] = []
        for townships, at in self._roads(road_key(name)):
            if township not in townships:
                out.append(at)
                continue
            own = self._numbers(name, township) if len(townships) > 1 else frozenset()
            apart = [one for one in townships - {township} if own & self._numbers(name, one)]
            out += [[one for one in at if _township(one) == other] for other in sorted(apart)]
        return out

    def _start_of_road(self, form: str) -> int | None:
        """Return where the longest known road begins that the first number stands behind."""
        number = _NUMBER.search(form)
        end = number.start() if number is not None else 0
        starts = range(max(0, end - _LONGEST_NAME), end - 1)
        return next((start for start in starts if form[start:end] in self._names), None)

    def _with_namesakes(
        self, asked: str, name: str, found: Match, others: Sequence[tuple[float, Sequence[Candidate]]]
    ) -> Match:
        own = found.candidates[0]
        spans = [(int(start), int(end)) for start, end in own.spans]
        total = 1.0 + sum(weight for weight, _ in others)
        kept = [replace(own, score=round(own.score / total, 4))]
        for weight, at in others:
            where = next((str(step["name"] or "") for step in at[0].chain if step["level"] == "township"), "")
            fault = fault_of_missing(asked, f"{where}{name}")
            listed = self._answers.of_candidates(str(found.query), at, spans).candidates
            kept += [
                replace(one, score=round(one.score * own.score * weight / total, 4), faults=(*one.faults, fault))
                for one in listed
            ]
        first, *rest = kept
        rest.sort(key=lambda one: -one.score)
        return replace(found, status="ambiguous", point=None, candidates=(first, *rest)[:MAX_CANDIDATES])

    def _roads_of(self, key: str) -> tuple[tuple[frozenset[str], Sequence[Candidate]], ...]:
        """Return the townships of each road of a name, and the grids along it; one that goes on in the next is one."""
        groups = line_groups(self._index.roads.get(key, ()), APART_M)
        found = [self._answers.at_points(*points_along(lines)) for lines in groups]
        return tuple([(frozenset(map(_township, at)), at) for at in found])

    def _share_unknown(self, township: str, name: str, door: str) -> float:
        """Return how likely a road of a township has a door that is not stored: by its other doors, or other roads."""
        number = _NUMBER.match(door)
        if number is None or not self._answers.has_doors(name, township):
            return self._unlisted(township, name)
        return share_missing(self._numbers(name, township), int(number[0]))

    def _share_unlisted(self, township: str, name: str) -> float:
        """Return how likely a road of a township without stored doors has doors all the same.

        That is the share of its other roads without any, by the rule of succession (Laplace 1774).
        """
        names = self._names_by_township.get(township, frozenset()) - {name}
        listed = sum(self._answers.has_doors(one, township) for one in names)
        return (len(names) - listed + 1) / (len(names) + 2)

    @cached_property
    def _names(self) -> frozenset[str]:
        """Return the names of all roads in normal form."""
        return frozenset(normal_form(name) for one in self._index.named for name in (one.name, *one.others))

    @cached_property
    def _names_by_township(self) -> Mapping[str, frozenset[str]]:
        """Return the names of the roads of each township, of each road where its middle is."""
        roads = self._index.named
        found: dict[str, set[str]] = defaultdict(set)
        if roads:
            middles = shapely.line_interpolate_point([_longest(one.line) for one in roads], 0.5, normalized=True)
            for one, at in zip(roads, self._answers.at_points(*shapely.get_coordinates(middles).T), strict=True):
                found[_township(at)].add(one.name)
        return {township: frozenset(names) for township, names in found.items()}


def share_missing(stored: Collection[int], asked: int) -> float:
    """Return how likely a road has a door that is not stored, by the doors of its side that are: rule of succession.

    Behind the last stored door of the road there is none.

    Examples
    --------
    Odd numbers 1 to 11 are stored: of the other side nothing is known, 9 would be one of six, and 13 is behind the end.

    >>> odd = {1, 3, 5, 7, 11}
    >>> share_missing(odd, 8), share_missing(odd, 9), share_missing(odd, 13), share_missing(odd, 7)
    (0.5, 0.25, 0.0, 0.0)
    """
    if asked in stored or asked > max(stored, default=0):
        return 0.0
    side = {one for one in stored if one % 2 == asked % 2}
    possible = (max(side, default=0) + 1) // 2
    missing = possible - len(side) if asked <= max(side, default=0) else 0
    return (missing + 1) / (possible + 2)


def _longest(line: BaseGeometry) -> BaseGeometry:
    return max(shapely.get_parts(line), key=shapely.length)


def _is_door_alone(said: str, found: Candidate) -> bool:
    """Return whether a text is a door of a street, and nobody stored there says which of two streets it is."""
    parts = read_tail(canonical_tail(said))
    is_told = bool(parts.name or parts.occupant) and all(one["code"] != "unread" for one in found.faults)
    return bool(parts.streets) and parts.number is not None and not (is_told or parts.rest or parts.near)


def _township(found: Candidate) -> str:
    return next((str(step["code"]) for step in found.chain if step["level"] == "township"), "")


def _grid(found: Candidate) -> str | None:
    return str(found.grid["code"]) if found.grid else None
