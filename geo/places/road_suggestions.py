"""Suggest roads of the layer of roads as somebody types, among the places and stored addresses of a book."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely

from geo.catalog.suggestion_whys import WHYS
from geo.places.address.given_frames import METRES_PER_DEGREE
from geo.places.address.normalise import normal_form
from geo.places.address.road_names import road_keys
from geo.places.address.suggest_keys import NameKeys
from geo.places.road_index import NamedRoad

_WHY = tuple(WHYS)
#: Share of an answer that roads may fill before stored addresses.
_SHARE = 2
_KM_PER_DEGREE = METRES_PER_DEGREE / 1000
_ENDS_OF_DIVISIONS = "省市州盟县区旗镇乡村道会社场组格"


class _Index(NamedTuple):
    """Roads by number: their names as they are written, their keys, and a point, line and the number of each piece."""

    names: Sequence[str]
    keys: NameKeys
    points: np.ndarray
    lines: np.ndarray
    owner: np.ndarray


class RoadSuggester:
    """Suggestions of the roads of a day, one for each name; the index is made when it is first asked, or by `prepare`.

    Parameters
    ----------
    read
        Returns the roads; called once.

    Examples
    --------
    >>> line = shapely.LineString([(102.0, 37.0), (102.2, 37.0)])
    >>> roads = [NamedRoad("昌灵路", frozenset(["昌灵路"]), (), line)]
    >>> RoadSuggester(lambda: roads).suggest("cll")
    [{'text': '昌灵路', 'level': 'road', 'code': None, 'why': 'initials', 'lon': 102.1, 'lat': 37.0}]
    """

    def __init__(self, read: Callable[[], Sequence[NamedRoad]]) -> None:
        self._read = read
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the index now."""
        with self._lock:
            _ = self._index

    def suggest(
        self,
        text: str,
        *,
        near: tuple[float, float] | None = None,
        most: int = 10,
        area: shapely.Geometry | None = None,
    ) -> list[dict[str, Any]]:
        """Return the roads whose names a text may be the beginning of: whole names first, then those near a point.

        With an area only those that lead through it.
        """
        form = normal_form("".join(text.split())).replace("ü", "v")
        if not form or most < 1:
            return []
        self.prepare()
        index = self._index
        best = np.full(len(index.names), len(_WHY), np.int8)
        for why, numbers in _found(index.keys, form, most):
            best[numbers] = np.minimum(best[numbers], why)
        pieces = np.flatnonzero((best < len(_WHY))[index.owner])
        if area is not None:
            shapely.prepare(area)
            pieces = pieces[shapely.intersects(area, index.lines[pieces])]
        found = np.unique(index.owner[pieces])
        if not len(found):
            return []
        km, at = _nearest(index, pieces, near)
        is_other = ~np.isin(found, index.keys.equal_to(form))
        first = np.lexsort((found, km, best[found], is_other))[:most]
        return [
            _suggestion(index.names[found[one]], _WHY[best[found[one]]], *index.points[at[one]])
            for one in first.tolist()
        ]

    @cached_property
    def _index(self) -> _Index:
        pieces: dict[str, list[NamedRoad]] = {}
        for one in sorted(self._read(), key=lambda road: road.name):
            pieces.setdefault(normal_form(one.name), []).append(one)
        names: set[tuple[str, int]] = set()
        aliases: set[tuple[str, int]] = set()
        for number, roads in enumerate(pieces.values()):
            own = {normal_form(each) for one in roads for each in (one.name, *road_keys(one.name))}
            names |= {(key, number) for key in own}
            others = {normal_form(name) for one in roads for name in one.others}
            aliases |= {(key, number) for key in others - own}
        lines = np.array([one.line for roads in pieces.values() for one in roads], dtype=object)
        points = [_middle(line) for line in lines]
        counts = [len(roads) for roads in pieces.values()]
        return _Index(
            [roads[0].name for roads in pieces.values()], NameKeys(names, aliases=aliases),
            np.array(points).reshape(-1, 2), lines, np.repeat(np.arange(len(pieces)), counts),
        )  # fmt: skip


def with_roads(
    listed: Sequence[Mapping[str, Any]], roads: Sequence[Mapping[str, Any]], most: int
) -> list[Mapping[str, Any]]:
    """Return suggestions with roads behind the places and before the stored addresses, which keep half of the room.

    A road that a stored address says already, 土门镇昌灵路, is not told twice.

    Examples
    --------
    >>> one = lambda text, level: {"text": text, "level": level}
    >>> listed, roads = [one("昌灵镇", "township"), one("土门镇昌灵路 (古浪县)", "address")], [one("昌灵路", "road")]
    >>> [each["level"] for each in with_roads(listed, roads, 10)]
    ['township', 'address']
    >>> [each["text"] for each in with_roads(listed, [one("昌灵大道", "road")], 10)]
    ['昌灵镇', '昌灵大道', '土门镇昌灵路 (古浪县)']
    """
    places = [one for one in listed if one["level"] != "address"]
    texts = [one for one in listed if one["level"] == "address"]
    new = untold(listed, roads)
    room = max(most - len(places), 0)
    kept = new[: max(room - len(texts), -(-room // _SHARE))]
    return [*places, *kept, *texts][:most]


def untold(listed: Sequence[Mapping[str, Any]], roads: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the roads that no stored address among suggestions says already.

    Examples
    --------
    >>> one = lambda text, level: {"text": text, "level": level}
    >>> untold([one("土门镇昌灵路 (古浪县)", "address")], [one("昌灵路", "road"), one("民主街", "road")])
    [{'text': '民主街', 'level': 'road'}]
    """
    texts = [str(one["text"]).partition(" (")[0] for one in listed if one["level"] == "address"]
    said = [normal_form(text) for text in texts]
    return [one for one in roads if not any(_is_of(text, normal_form(str(one["text"]))) for text in said)]


def _is_of(text: str, name: str) -> bool:
    """Return whether a stored text is a road, perhaps behind its division: 新昌灵路 is no 昌灵路."""
    return text.endswith(name) and (text == name or text[-len(name) - 1] in _ENDS_OF_DIVISIONS)


def _middle(line: shapely.Geometry) -> tuple[float, float]:
    """Return a point in the middle of a road, of its longest part where it has several."""
    parts = shapely.get_parts(line)
    point = shapely.line_interpolate_point(parts[np.argmax(shapely.length(parts))], 0.5, normalized=True)
    return float(point.x), float(point.y)


def _found(keys: NameKeys, form: str, most: int) -> Iterator[tuple[int, np.ndarray]]:
    """Yield how names begin with a text; letters alone are syllables and initials mixed where that finds few."""
    total = 0
    for why, numbers in keys.find(form):
        total += len(numbers)
        yield why, numbers
    if total < most or not form.isascii():
        yield from keys.find_mixed(form)


def _nearest(index: _Index, rows: np.ndarray, near: tuple[float, float] | None) -> tuple[np.ndarray, np.ndarray]:
    """Return how many km each road of some pieces is from a point, 0 where none is given, and its nearest piece."""
    begins = np.flatnonzero(np.diff(index.owner[rows], prepend=-1))
    if near is None:
        return np.zeros(len(begins)), rows[begins]
    east, north = np.abs(index.points[rows, 0] - near[0]), index.points[rows, 1] - near[1]
    east = np.minimum(east, 360.0 - east) * np.cos(np.radians(near[1]))  # the shorter way round the Earth
    km = np.hypot(east, north) * _KM_PER_DEGREE
    order = np.lexsort((km, index.owner[rows]))  # of each road the nearest piece comes first
    return km[order][begins], rows[order][begins]


def _suggestion(name: str, why: str, lon: float, lat: float) -> dict[str, Any]:
    return {
        "text": name,
        "level": "road",
        "code": None,
        "why": why,
        "lon": round(float(lon), 6),
        "lat": round(float(lat), 6),
    }
