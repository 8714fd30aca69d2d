"""Match an address text to the places and stored addresses that it names, and return their grids."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from geo.errors import BadValue
from geo.places.address.answerer import Answerer
from geo.places.address.division_cells import DivisionCell, DivisionCells
from geo.places.address.division_names import split_aliases
from geo.places.address.free_text import TextCollector, TextIndex
from geo.places.address.given_frames import given_addresses, given_zones
from geo.places.address.latin_names import LatinReader
from geo.places.address.normalise import canonical_tail, normal_form
from geo.places.address.packed_texts import PackedTexts, checked
from geo.places.address.place_tree import ROOT, PlaceTree
from geo.places.address.public_offices import is_of_any_place
from geo.places.address.readings import AddressReader
from geo.places.address.stored_addresses import StoredAddresses
from geo.places.address.suggest import Suggester
from geo.places.code_answers import with_codes
from geo.places.hierarchy import Hierarchy
from geo.types import Match

#: Maximum length of a text, bytes of UTF-8.
MAX_TEXT_BYTES = 10_240
#: Doors of one road whose numbers are read, and the number behind the name of the road.
_MAX_DOORS = 2_000
_DOOR = re.compile("([0-9]{1,5})(?![0-9])")


class AddressBook:
    """Places and stored addresses, indexed in memory; read only after construction.

    The grid of an address is its column `grid`, which the store derives from the point (rule L1).

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> addresses = {"text": ["人民路1号", "人民路2号"], "grid": ["g1", "g2"]}
    >>> book = AddressBook(gpd.GeoDataFrame(addresses, geometry=shapely.points([102.0, 102.1], 37.0), crs=4326))
    >>> found = book.match("人民路 １ 号")
    >>> found.status, found.point, [candidate.grid["code"] for candidate in found.candidates]
    ('matched', (102.0, 37.0), ['g1'])
    >>> book.match("人民路").status, book.match("解放路").status
    ('ambiguous', 'not_found')
    """

    def __init__(
        self,
        addresses: pd.DataFrame,
        divisions: pd.DataFrame | None = None,
        *,
        grids: pd.DataFrame | None = None,
        villages: pd.DataFrame | None = None,
        hierarchy: Hierarchy | None = None,
        revision: int = 0,
        at: str = "",
    ) -> None:
        """Build the index.

        Parameters
        ----------
        addresses
            The layer `addresses`, points in a known CRS, in WGS-84 degrees where the frame names none, or a table
            without points; `aliases` separated by ``;`` or ``|``.
        divisions
            The layer `divisions`, from the province to the village; a table without shapes will do.
        grids
            The layer `grids`, for names, kinds, levels and chains.
        villages
            The layer `villages`.
        hierarchy
            The hierarchy of divisions and grids, where it exists already.
        revision, at
            Revision of the data, and the date they are valid on (ISO), for the results.

        Raises
        ------
        BadValue, BadGeometry, UnknownCrs
            Where a frame cannot be read: see `geo.places.address.given_frames`; names the row.
        """
        addresses, lon, lat = given_addresses(addresses)
        if hierarchy is None:  # else they are layers of a store
            divisions, villages, grids = _given_layers(divisions, villages, grids)
        codes, names = pd.factorize(_column(addresses, "grid"), use_na_sentinel=True)
        self._grid = codes.astype(np.int32)  # -1: no grid
        columns = {name: _column(addresses, name) for name in ("text", "standard", "aliases")}
        del addresses, codes  # of a million the texts take more memory than the index
        with _no_collection():
            self._tree = PlaceTree.of(divisions, villages, grids)
            self._reader = AddressReader(self._tree)
            place_of_grid = [self._tree.find_grid(str(name)) or ROOT for name in names]
            collected = TextCollector()
            stored = StoredAddresses(self._tree, self._entries(columns, [*place_of_grid, ROOT], collected))
            place = np.full(len(self._grid), ROOT, np.int32)
            place[stored.rows] = stored.places
            texts = TextIndex(collected)
            del collected
        own = {"lon": lon, "lat": lat, "grid": self._grid, "place": place}
        self._hierarchy = hierarchy or Hierarchy(divisions, grids, villages)
        self._take(own, stored, texts, [str(name) for name in names], (divisions, villages, grids), revision, at)

    @classmethod
    def of_arrays(
        cls,
        arrays: Mapping[str, np.ndarray],
        divisions: pd.DataFrame | None = None,
        *,
        grids: pd.DataFrame | None = None,
        villages: pd.DataFrame | None = None,
        hierarchy: Hierarchy | None = None,
        revision: int = 0,
        at: str = "",
    ) -> AddressBook:
        """Return the book that `arrays` was called of, given the layers it was built with.

        Raises
        ------
        ValueError
            Where the arrays are not of a book of these layers.
        """
        made = cls.__new__(cls)
        if hierarchy is None:
            divisions, villages, grids = _given_layers(divisions, villages, grids)
        with _no_collection():
            tree = made._tree = PlaceTree.of(divisions, villages, grids)
            if arrays["tree"].tobytes() != tree.digest():
                raise ValueError("an index of other places")
            names = list(PackedTexts.of_arrays(dict(arrays), "names"))
            size = len(checked(arrays["lon"], np.float64))
            checked(arrays["lat"], np.float64, size=size)
            made._grid = checked(arrays["grid"], np.int32, size=size, least=-1, below=len(names))
            checked(arrays["place"], np.int32, size=size, least=0, below=len(tree))
            stored = StoredAddresses.of_arrays(tree, _under(arrays, "stored/"), size)
            texts = TextIndex.of_arrays(_under(arrays, "texts/"), size)
            made._reader = AddressReader(tree)
        made._hierarchy = hierarchy or Hierarchy(divisions, grids, villages)
        made._take(arrays, stored, texts, names, (divisions, villages, grids), revision, at)
        return made

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the index of the addresses as arrays, from which `of_arrays` makes it again in a moment."""
        return {
            "tree": np.frombuffer(self._tree.digest(), np.uint8),
            "lon": self._lon,
            "lat": self._lat,
            "grid": self._grid,
            "place": self._place,
            **PackedTexts.of(self._names).arrays("names"),
            **{f"stored/{name}": values for name, values in self._stored.arrays().items()},
            **{f"texts/{name}": values for name, values in self._texts.arrays().items()},
        }

    def _take(
        self, arrays: Mapping[str, np.ndarray], stored: StoredAddresses, texts: TextIndex, names: list[str],
        layers: Sequence[pd.DataFrame | None], revision: int, at: str,
    ) -> None:  # fmt: skip
        self._lon, self._lat, self._place = arrays["lon"], arrays["lat"], arrays["place"]
        self._stored, self._texts, self._names = stored, texts, names
        self._answerer = Answerer(
            self._reader,
            stored,
            texts,
            {**arrays, "grid": self._grid},
            names,
            self._hierarchy,
            revision=revision,
            at=at,
        )
        self._cells = DivisionCells(self._reader, LatinReader(self._tree, stored))
        self._suggester = Suggester(
            self._tree, self._hierarchy, stored, grid=self._grid, grid_codes=self._answerer.grids.codes,
            lon=self._lon, lat=self._lat, layers=layers,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self._stored)

    def match(self, text: str) -> Match:
        """Return the grids that the address may be in.

        Parameters
        ----------
        text
            An address, in any spelling that the normal form unifies, or the code of a grid.

        Returns
        -------
        Match
            `matched` where all that the text may mean is in one grid and was understood; `ambiguous` where it is in
            several; `partial` where a part of the text is not understood, contradicts another one, or names a place
            nearby, or where no grid owns the place; `not_found` otherwise, empty text included. Of a book without
            grids the place is the finest division. The code of a grid in the text is held against the words beside it.

        Raises
        ------
        BadValue
            Where it is no text, or one longer than 10 kB.

        Examples
        --------
        A room in a known building is in the grid of the building:

        >>> import geopandas as gpd, shapely
        >>> addresses = {"text": ["人民路1号"], "grid": ["g1"]}
        >>> book = AddressBook(gpd.GeoDataFrame(addresses, geometry=[shapely.Point(102, 37)], crs=4326))
        >>> found = book.match("人民路1号3单元501室").candidates[0]
        >>> found.grid["code"], found.method, found.faults[0]["code"]
        ('g1', 'prefix', 'unread')
        """
        return with_codes(text, self.match_names(text), self.match_names, self._hierarchy)

    def match_names(self, text: str) -> Match:
        """Return what the names of places and stored addresses in a text mean; codes of grids are no names.

        Examples
        --------
        >>> import geopandas as gpd
        >>> AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326)).match_names("人民路1号").status
        'not_found'
        """
        if not isinstance(text, str):
            raise BadValue("地址须是文字", "an address is a text")
        if len(text) > MAX_TEXT_BYTES or len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
            raise BadValue("地址超过 10 kB", "the address is longer than 10 kB")
        return self._answerer.answer(text)

    def has_beginning(self, text: str, division: str) -> bool:
        """Return whether a stored address in a division begins, behind the names of places, with a text.

        Examples
        --------
        >>> import geopandas as gpd, pandas as pd
        >>> towns = pd.DataFrame({"code": ["620622102", "620622103"], "name": ["土门镇", "大靖镇"], "level": [4, 4]})
        >>> book = AddressBook(gpd.GeoDataFrame({"text": ["土门镇西街1号"]}, geometry=[None], crs=4326), towns)
        >>> [book.has_beginning("西街", code) for code in ("620622102", "620622103")]
        [True, False]
        """
        place = self._tree.find(division) or ROOT
        return len(self._stored.beginning_with(canonical_tail(normal_form(text)), place)) > 0

    def door_numbers(self, road: str, division: str) -> frozenset[int]:
        """Return the numbers of the stored doors of a road in a division, of very many some.

        Examples
        --------
        >>> import geopandas as gpd, pandas as pd
        >>> towns = pd.DataFrame({"code": ["620622102"], "name": ["土门镇"], "level": [4]})
        >>> texts = ["土门镇西街1号", "土门镇西街3号2楼", "土门镇西街市场"]
        >>> book = AddressBook(gpd.GeoDataFrame({"text": texts}, geometry=[None] * 3, crs=4326), towns)
        >>> sorted(book.door_numbers("西街", "620622102"))
        [1, 3]
        """
        key = canonical_tail(normal_form(road))
        entries = self._stored.beginning_with(key, self._tree.find(division) or ROOT)[:_MAX_DOORS]
        found = (_DOOR.match(self._stored.tail(int(entry)), len(key)) for entry in entries)
        return frozenset(int(one[1]) for one in found if one is not None)

    def match_many(self, texts: Iterable[str]) -> list[Match]:
        """Return `match` of each text, in the order given."""
        return [self.match(text) for text in texts]

    def read_divisions(self, cells: Sequence[tuple[str, str]]) -> list[DivisionCell]:
        """Return what cells beside an address name, each with the level of its column, the widest level first.

        Examples
        --------
        >>> import geopandas as gpd, pandas as pd
        >>> divisions = {"code": ["620622", "620622102"], "name": ["古浪县", "土门镇"], "level": [3, 4]}
        >>> book = AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326), pd.DataFrame(divisions))
        >>> [one.ways for one in book.read_divisions([("county", "古浪"), ("township", "土门镇人民政府")])]
        [(('古浪县',),), (('土门镇',),)]
        """
        return self._cells.read(cells)

    def prepare_suggestions(self) -> None:
        """Make the index of `suggest` now; without it the first call makes it, and is slow in a book of a million.

        Examples
        --------
        >>> import geopandas as gpd
        >>> AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326)).prepare_suggestions()
        """
        self._suggester.prepare()

    def suggest(self, text: str, *, near: tuple[float, float] | None = None, most: int = 10) -> list[dict[str, Any]]:
        """Return what a text may be the beginning of: divisions, villages, grids and stored addresses.

        Addresses are suggested without their numbers until one is typed, as in 人民路4 and 大坪村三, then door by door.

        Parameters
        ----------
        text
            The beginning of a code, or of a name in characters, pinyin, initials, or these mixed; the names of places
            that hold it may stand before it. At most 200 characters.
        near
            Longitude and latitude, WGS-84 degrees, of what the reader looks at: of one level, what is nearer is first.
        most
            At most so many; never more than 50.

        Returns
        -------
        list
            Counties before townships, villages, grids and stored texts; of one level whole names first, then names
            that begin with the text, other names, pinyin, initials. Each `{text, level, code, why, lon, lat}`: the
            name with the places above it; `address` for the level of a stored text, and for its code that of the grid
            that has all of it, else of its place; `why` a key of `geo.catalog.suggestion_whys.WHYS`; a point, None
            where neither the place nor an address in it has one.

        Raises
        ------
        BadValue
            Where the text is too long, or `near` is no point of the Earth.

        Examples
        --------
        >>> import geopandas as gpd, pandas as pd
        >>> divisions = {"code": ["620622", "620622102"], "name": ["古浪县", "土门镇"], "level": [3, 4]}
        >>> none = gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326)
        >>> book = AddressBook(none, pd.DataFrame(divisions))
        >>> [(one["text"], one["why"]) for text in ("古l", "tmz", "土") for one in book.suggest(text)]
        [('古浪县', 'initials'), ('土门镇 (古浪县)', 'initials'), ('土门镇 (古浪县)', 'prefix')]
        """
        return self._suggester.suggest(text, near=near, most=most)

    def places_before(self, text: str) -> list[tuple[str, str]]:
        """Return the codes of the places whose names a text begins with, the finest first, each with what follows.

        Examples
        --------
        >>> import geopandas as gpd
        >>> AddressBook(gpd.GeoDataFrame({"text": []}, geometry=[], crs=4326)).places_before("土门镇民主")
        []
        """
        return self._suggester.places_before(text)

    def _entries(
        self, columns: dict[str, np.ndarray], place_of_grid: Sequence[int], collected: TextCollector
    ) -> Iterator[tuple[str, int, int]]:
        """Yield tail, place and row of every text of the columns, emptying them, and collect the texts on the way."""
        heads = _Heads(self._reader)
        for row, form in _forms(columns):
            collected.add(form, row)
            head = form[: self._reader.first_number(form)]
            own = place_of_grid[self._grid[row]]
            place, tail = heads.place_and_tail(head, own)
            tail = canonical_tail(tail + form[len(head) :])
            is_named = place != ROOT and is_of_any_place(tail)  # the division is a part of its name
            if own != ROOT and not is_named and self._tree.holds(place, own):
                place = own
            yield tail, place, row


class _Heads:
    """Places and tails of what stands before the first number of stored addresses: a head that many share is read once.

    Where the place of the grid is known and the head names it, no other places of its names are looked at: of the
    villages of a nation thousands may have one.
    """

    def __init__(self, reader: AddressReader) -> None:
        self._reader = reader
        self._sure: dict[str, list[tuple[int, str]]] = {}
        self._all: dict[str, list[tuple[int, str]]] = {}

    def place_and_tail(self, head: str, own: int) -> tuple[int, str]:
        """Return place and tail of a head: of the places that it may name one that holds its own, if any does."""
        if own == ROOT:
            return self._read(head)[0]
        sure = self._sure.setdefault(head, [])
        found = self._holding(sure, own)
        if found is None and head not in self._all and (reading := self._reader.read_in(head, own)):
            found = reading.place, reading.tail
            sure.append(found)
        if found is None:
            readings = self._read(head)
            found = self._holding(readings, own) or readings[0]
        return found

    def _holding(self, readings: Iterable[tuple[int, str]], own: int) -> tuple[int, str] | None:
        return next((one for one in readings if self._reader.tree.holds(one[0], own)), None)

    def _read(self, head: str) -> list[tuple[int, str]]:
        if head not in self._all:
            readings = self._reader.read_as_written(head)
            self._all[head] = [(one.place, one.tail) for one in readings if not one.contradictions] or [(ROOT, head)]
        return self._all[head]


def _given_layers(
    divisions: pd.DataFrame | None, villages: pd.DataFrame | None, grids: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, ...]:
    return given_zones(divisions, "divisions"), given_zones(villages, "villages"), given_zones(grids, "grids")


def _forms(columns: dict[str, np.ndarray]) -> Iterator[tuple[int, str]]:
    """Yield row and normal form of each text, standard form and alias; a column that is done is given up."""
    for name in list(columns):
        for row, cell in enumerate(columns.pop(name)):
            if isinstance(cell, str):
                for text in split_aliases(cell) if name == "aliases" else (cell,):
                    if form := normal_form(text):
                        yield row, form


def _under(arrays: Mapping[str, np.ndarray], name: str) -> dict[str, np.ndarray]:
    return {key.removeprefix(name): values for key, values in arrays.items() if key.startswith(name)}


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    if name not in frame.columns:
        return np.full(len(frame), None, dtype=object)
    column = frame[name].astype(object)
    return column.where(column.notna() & (column != ""), None).to_numpy()


class _no_collection:  # noqa: N801 (a context manager reads as a phrase)
    """Hold garbage collection: a million small objects that all stay would be walked again and again."""

    def __enter__(self) -> None:
        self._was_on = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: Any) -> None:
        if self._was_on:
            gc.enable()
