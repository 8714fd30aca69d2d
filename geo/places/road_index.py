"""Index the roads of a store and its kilometre marks by the names and numbers that texts give them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import geopandas as gpd
from shapely.geometry.base import BaseGeometry

from geo.places.address.division_names import split_aliases
from geo.places.address.road_names import road_key, road_keys
from geo.places.address.text_marks import TextMark, marks_in_text
from geo.places.road_positions import Mark

MAY_BE_MARK = re.compile(r"公里|千米|[kK] ?[0-9mM]")
_NO_NAME = re.compile(r"[\s,，。:：;；、（）()]|处")


class NamedRoad(NamedTuple):
    """A road that has a line: its name, all that it is looked up by, its other names, and the line.

    Examples
    --------
    >>> import shapely
    >>> NamedRoad("G30连霍高速", frozenset(["g30"]), (), shapely.LineString([(102, 37), (102.1, 37)])).name
    'G30连霍高速'
    """

    name: str
    keys: frozenset[str]
    others: Sequence[str]
    line: BaseGeometry


class RoadIndex:
    """Roads and kilometre marks, read and indexed on first use.

    Parameters
    ----------
    read_roads
        Returns the roads, lines in WGS-84 degrees; None: no roads are known.
    read_marks
        Returns texts of stored addresses that may be kilometre marks, with longitude and latitude.

    Examples
    --------
    >>> import shapely
    >>> line = [shapely.LineString([(102.0, 37.0), (102.1, 37.0)])]
    >>> roads = gpd.GeoDataFrame({"name": ["G30连霍高速"]}, geometry=line, crs=4326)
    >>> index = RoadIndex(lambda: roads, lambda: [("G30连霍高速K12", 102.0, 37.0)])
    >>> sorted(index.roads), index.marks["g30"]
    (['g30', 'g30连霍高速', '连霍高速'], [Mark(metre=12000.0, lon=102.0, lat=37.0)])
    """

    def __init__(
        self,
        read_roads: Callable[[], gpd.GeoDataFrame] | None,
        read_marks: Callable[[], Iterable[tuple[str, float, float]]],
    ) -> None:
        self._read_roads = read_roads
        self._read_marks = read_marks

    @property
    def has_roads(self) -> bool:
        """Return whether roads can be read."""
        return self._read_roads is not None

    def prepare(self) -> None:
        """Read and index all now.

        Examples
        --------
        >>> RoadIndex(None, lambda: []).prepare()
        """
        _ = self.roads, self.marks, self._same

    @cached_property
    def named(self) -> Sequence[NamedRoad]:
        """Return each road that has a name and a line."""
        frame = self._read_roads() if self._read_roads is not None else None
        if frame is None or "name" not in frame.columns:
            return []
        others = frame["aliases"].tolist() if "aliases" in frame.columns else [None] * len(frame)
        out: list[NamedRoad] = []
        for name, aliases, shape in zip(frame["name"].tolist(), others, frame.geometry.tolist(), strict=True):
            names = [*([name] if isinstance(name, str) else []), *split_aliases(aliases)]
            keys = frozenset(key for one in names for key in road_keys(one))
            if keys and shape is not None and not shape.is_empty:
                out.append(NamedRoad(names[0].strip(), keys, tuple(names[1:]), shape))
        return out

    def names_of(self, name: str) -> set[str]:
        """Return all that the roads of a name are looked up by, the name itself too.

        Examples
        --------
        >>> import shapely
        >>> line = [shapely.LineString([(102.0, 37.0), (102.1, 37.0)])]
        >>> roads = gpd.GeoDataFrame({"name": ["G30连霍高速"], "aliases": ["西部大道"]}, geometry=line, crs=4326)
        >>> sorted(RoadIndex(lambda: roads, lambda: []).names_of("西部大道"))
        ['g30', 'g30连霍高速', '西部大道', '连霍高速']
        """
        key = road_key(name)
        return {key}.union(*self._same.get(key, ()))

    @cached_property
    def _same(self) -> Mapping[str, set[frozenset[str]]]:
        out: dict[str, set[frozenset[str]]] = defaultdict(set)
        for one in self.named:
            for key in one.keys:
                out[key].add(one.keys)
        return out

    @cached_property
    def roads(self) -> Mapping[str, Sequence[BaseGeometry]]:
        """Return the lines of the roads by name, alias and number, and by the name beside a number: G30连霍高速."""
        out: dict[str, list[BaseGeometry]] = defaultdict(list)
        for one in self.named:
            for key in one.keys:
                out[key].append(one.line)
        return out

    @cached_property
    def marks(self) -> Mapping[str, Sequence[Mark]]:
        """Return the stored kilometre marks by number and by name of their road."""
        out: dict[str, list[Mark]] = defaultdict(list)
        for text, lon, lat in self._read_marks():
            for one in _sole_mark(text):
                for name in filter(None, (one.ref, one.name)):
                    out[road_key(name)].append(Mark(one.metre, lon, lat))
        return out


def stored_marks(addresses: gpd.GeoDataFrame) -> list[tuple[str, float, float]]:
    """Return the texts of addresses that may be kilometre marks, with longitude and latitude.

    Examples
    --------
    >>> import shapely
    >>> texts = {"text": ["G30连霍高速K2314", "民主街3号"]}
    >>> stored_marks(gpd.GeoDataFrame(texts, geometry=[shapely.Point(102.5, 37.5)] * 2, crs=4326))
    [('G30连霍高速K2314', 102.5, 37.5)]
    """
    out = []
    for name in ("text", "standard"):
        cells = addresses[name].tolist() if name in addresses.columns else []
        rows = [row for row, cell in enumerate(cells) if isinstance(cell, str) and MAY_BE_MARK.search(cell)]
        shapes = addresses.geometry.iloc[rows]
        out += [(cells[row], float(one.x), float(one.y)) for row, one in zip(rows, shapes, strict=True)]
    return out


def _sole_mark(text: str) -> Sequence[TextMark]:
    """Return the mark that a stored text ends in: a place 200 m from one is another place."""
    found = marks_in_text(text)
    return found if len(found) == 1 and not _NO_NAME.sub("", text[found[0].end :]) else ()
