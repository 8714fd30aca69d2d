"""Tell a stored door from the roads of its name elsewhere of which no door is stored: either may be meant.

建设路1号 is one door where 甲镇 alone has a 建设路. Where 乙镇 has one too on the layer of roads, the text may mean
that, unless it names the town. How likely that is follows from how well the doors of the other town are known: where
nearly all of its roads have stored doors, one that has none has none in use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
from geo.places.text_evidence import is_nothing
from geo.types import Candidate, Match

#: Pieces of one name that are nearer to each other than this are one road, metres.
APART_M = 1_000.0
_KEPT = 512


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
        self._unlisted = lru_cache(maxsize=_KEPT)(self._share_unlisted)

    def prepare(self) -> None:
        """Find the township of each road now; without it the first door of a road with a namesake waits for that."""
        if self._index.has_roads:
            _ = self._names_by_township

    def told(self, text: str, span: tuple[int, int], found: Match, accuracy: float) -> Match:
        """Return the answer to a door of a road, ambiguous where a road of its name elsewhere is as well meant.

        Parameters
        ----------
        span
            Where the name of the road stands in the text.
        found
            The answer: the stored door.
        """
        start, end = span
        name = text[start:end]
        own = found.candidates[0]
        others = [at for at in self._roads(road_key(name)) if _township(own) not in {_township(one) for one in at}]
        if not others or not _is_plain_door(text[start:]):
            return found
        division, is_understood = self._answers.division_named(text[:start], accuracy)
        if not is_understood and not is_nothing(text[:start]):
            return found
        weights: list[tuple[float, Sequence[Candidate]]] = []
        for at in others:
            inside = [one for one in at if division is None or division in self._answers.codes_of(one)]
            if not inside or {_grid(one) for one in inside} == {_grid(own)}:
                continue
            weight = self._unlisted(_township(inside[0]), name)
            if weight >= LEAST_SHARE:
                weights.append((weight, inside))
        return self._with_namesakes(text, name, found, weights) if weights else found

    def _with_namesakes(
        self, text: str, name: str, found: Match, others: Sequence[tuple[float, Sequence[Candidate]]]
    ) -> Match:
        own = found.candidates[0]
        total = 1.0 + sum(weight for weight, _ in others)
        kept = [replace(own, score=round(own.score / total, 4))]
        for weight, at in others:
            where = next((str(step["name"] or "") for step in at[0].chain if step["level"] == "township"), "")
            fault = fault_of_missing(text.strip(), f"{where}{name}")
            listed = self._answers.of_candidates(text, at, own.spans).candidates
            kept += [
                replace(one, score=round(one.score * own.score * weight / total, 4), faults=(*one.faults, fault))
                for one in listed
            ]
        first, *rest = kept
        rest.sort(key=lambda one: -one.score)
        return replace(found, status="ambiguous", point=None, candidates=(first, *rest)[:MAX_CANDIDATES])

    def _roads_of(self, key: str) -> tuple[Sequence[Candidate], ...]:
        """Return the roads of a name, with the grids along each; one that goes on in the next township is one."""
        groups = line_groups(self._index.roads.get(key, ()), APART_M)
        if len(groups) == 0:
            return ()
        return tuple([self._answers.at_points(*points_along(lines)) for lines in groups])

    def _share_unlisted(self, township: str, name: str) -> float:
        """Return how likely a road of a township without stored doors has doors all the same.

        That is the share of its other roads without any, by the rule of succession (Laplace 1774).
        """
        if self._answers.has_doors(name, township):
            return 0.0  # its doors are known, and the one that is asked for is not of them
        names = self._names_by_township.get(township, frozenset()) - {name}
        listed = sum(self._answers.has_doors(one, township) for one in names)
        return (len(names) - listed + 1) / (len(names) + 2)

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


def _longest(line: BaseGeometry) -> BaseGeometry:
    return max(shapely.get_parts(line), key=shapely.length)


def _is_plain_door(said: str) -> bool:
    """Return whether a text is a door of a street and no more: who is there may say which of two it is."""
    parts = read_tail(canonical_tail(normal_form(said)))
    is_more = parts.name or parts.occupant or parts.rest or parts.near
    return bool(parts.streets) and parts.number is not None and not is_more


def _township(found: Candidate) -> str:
    return next((str(step["code"]) for step in found.chain if step["level"] == "township"), "")


def _grid(found: Candidate) -> str | None:
    return str(found.grid["code"]) if found.grid else None
