"""Index the divisions, grids and addresses of one day, and find which grid owns a point or an address (L1, L2)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np

from geo.places.address.address_faults import NO_GRID, Fault, fault_of_marks
from geo.places.address.book import AddressBook
from geo.places.address.book_file import IndexFolder
from geo.places.address.match_faults import with_fault, without_fault
from geo.places.address.similar_characters import prepare_characters
from geo.places.address.suggest import readable
from geo.places.coarse_points import MAX_LOOKED_AT_M
from geo.places.code_answers import grids_named
from geo.places.former_grids import FormerGrids
from geo.places.grid_shares import GridShare
from geo.places.hierarchy import Hierarchy
from geo.places.locator import Locator
from geo.places.named_places import at_all_grids
from geo.places.road_index import stored_marks
from geo.places.road_suggestions import RoadSuggester, untold, with_roads
from geo.places.text_lookup import TextLookup, may_say_a_position
from geo.types import Candidate, Match

_Made = TypeVar("_Made")


class Gazetteer:
    """Gazetteer of one day and revision: divisions, grids and addresses, indexed; read only after construction.

    Parameters
    ----------
    divisions, grids, villages
        Rows valid on that day, in WGS-84 degrees; a zone given as a point owns nothing.
    read_addresses
        Returns the addresses valid on that day; called once, when an address is first matched.
    at
        The day.
    revision
        Of the layers read, for the results.
    read_roads
        Returns the roads valid on that day; called once, when a text first names a crossing or a kilometre mark. None:
        no roads are known.
    read_former
        Returns the last version of each grid of any day until then; called once, when a text first says what may be
        the code or the name of one that is no more. None: none of them is known.
    is_today
        Whether the day is today: of another one answers say which.
    no_grids
        Why there is no grid on that day, though there is one on others; None where there is one, or on no day. Without
        grids a text is matched to the finest division; on a day before them no grid owns what they own later.
    state
        What names the state of the layers read, where two may have the same revision.
    few_points
        For a handful of points: see `Locator`. Addresses are matched too, but more slowly.
    kept
        Where an index of the addresses of this state may be found, and is kept for the next process; None: nowhere.

    Examples
    --------
    >>> from datetime import date
    >>> import geopandas as gpd, numpy as np, shapely
    >>> def layer(**columns):
    ...     return gpd.GeoDataFrame(columns, geometry=[shapely.box(102, 37, 103, 38)], crs=4326)
    >>> county = layer(code=["990101"], name=["甲县"], level=["county"], parent=[None])
    >>> grid = layer(code=["g1"], name=["一"], kind=["general"], level=[1], parent=[None], village=["990101"])
    >>> addresses = gpd.GeoDataFrame({"text": ["人民路1号"]}, geometry=[shapely.Point(102.5, 37.5)], crs=4326)
    >>> places = Gazetteer(county, grid, county[:0], lambda: addresses, at=date(2026, 1, 1), revision=7)
    >>> places.points(np.array([102.5]), np.array([37.5]), accuracy=20.0)[0].grid["code"]
    'g1'
    >>> found = places.address("人民路1号", accuracy=20.0)
    >>> found.status, [link["code"] for link in found.candidates[0].chain]
    ('matched', ['990101', 'g1'])
    """

    def __init__(
        self,
        divisions: gpd.GeoDataFrame,
        grids: gpd.GeoDataFrame,
        villages: gpd.GeoDataFrame,
        read_addresses: Callable[[], gpd.GeoDataFrame],
        *,
        at: date,
        revision: int,
        read_roads: Callable[[], gpd.GeoDataFrame] | None = None,
        read_former: Callable[[], gpd.GeoDataFrame] | None = None,
        is_today: bool = True,
        no_grids: Fault | None = None,
        state: str = "",
        few_points: bool = False,
        kept: IndexFolder | None = None,
    ) -> None:
        self.at = at
        self.revision = revision
        self.state = state
        self.no_grids = no_grids
        self._read_addresses = read_addresses
        self._kept = kept
        self._lock = threading.Lock()
        self._book: AddressBook | None = None
        self._stored_marks: list[tuple[str, float, float]] = []
        self._lookup = TextLookup(self, read_roads, self._marks)
        self._roads = RoadSuggester(lambda: self._lookup.named_roads)
        #: Seconds that reading and indexing the addresses took, here or where they were kept; 0 until the first match.
        self.seconds = 0.0
        self._named = divisions, villages, grids  # for the book, which needs no shapes
        self.hierarchy = Hierarchy(divisions, grids, villages)
        grids, divisions = polygon_rows(grids), polygon_rows(divisions)
        self.former = FormerGrids(read_former, grids, day="" if is_today else at.isoformat())
        self._grids = GridLevels(grids, few_points=few_points)
        rank = divisions["level"].map({"village": 0, "township": 1, "county": 2}).fillna(3)
        self._divisions = divisions.iloc[np.argsort(rank.to_numpy(), kind="stable")]
        self._areas = dict(zip(divisions["code"].astype(str), divisions.geometry, strict=True))
        self._division_locator = Locator(self._divisions, few_points=few_points)

    @property
    def book(self) -> AddressBook:
        """Return the addresses, read and indexed on first use; grids are computed, the stored column is ignored."""
        with self._lock:
            if self._book is None:
                self._book = self._kept_book() or self._built_book()
            return self._book

    def prepare(self) -> None:
        """Make now what is otherwise made on first use: addresses, suggestions, roads, and tables of characters."""
        prepare_characters()
        self.book.prepare_suggestions()
        self._lookup.prepare()
        self._roads.prepare()

    def suggest(self, text: str, *, near: tuple[float, float] | None = None, most: int = 10) -> list[Mapping[str, Any]]:
        """Return what a text may be the beginning of: see `AddressBook.suggest`, and roads of the layer of roads.

        Behind the name of a division the roads that lead through it, as 古浪镇民主街.
        """
        listed = self.book.suggest(text, near=near, most=most)
        roads: list[Mapping[str, Any]] = [*self._roads.suggest(text, near=near, most=most)]
        for code, rest in self.book.places_before(text):
            if (area := self._areas.get(code)) is not None:
                chain = self.hierarchy.chain_of_division(code)
                own = untold(listed, self._roads.suggest(rest, near=near, most=most, area=area))
                roads += [{**one, "text": readable(str(one["text"]), chain)} for one in own]
        return with_roads(listed, roads, most)

    def _with_layers(self, make: Callable[..., _Made]) -> _Made:
        divisions, villages, grids = self._named
        return make(
            divisions=divisions, grids=grids, villages=villages, hierarchy=self.hierarchy,
            revision=self.revision, at=self.at.isoformat(),
        )  # fmt: skip

    def _kept_book(self) -> AddressBook | None:
        found = self._with_layers(self._kept.load) if self._kept is not None else None
        if found is None:
            return None
        self._stored_marks = [(str(text), float(lon), float(lat)) for text, lon, lat in found.notes]
        self.seconds = found.seconds
        return found.book

    def _built_book(self) -> AddressBook:
        begun = time.perf_counter()
        frame = self._read_addresses()
        frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()]
        frame = at_all_grids(frame, polygon_rows(self._named[2]))
        codes = self._grids.codes(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
        self._stored_marks = stored_marks(frame)
        book = self._with_layers(partial(AddressBook, frame.assign(grid=codes)))
        del frame, codes
        self.seconds = time.perf_counter() - begun
        if self._kept is not None:
            self._kept.keep(book, self.seconds, self._stored_marks)
        return book

    def points(self, lon: np.ndarray, lat: np.ndarray, *, accuracy: float) -> list[Candidate | None]:
        """Return the finest grid that owns each point (WGS-84 degrees), None where no grid does."""
        owner = self._grids.owners(lon, lat)
        border, neighbours = self._grids.borders(lon, lat, owner, accuracy)
        out: list[Candidate | None] = []
        for k, row in enumerate(owner):
            if row < 0:
                out.append(None)
                continue
            code = self._grids.code[row]
            chain = self.hierarchy.chain_of_grid(code)
            level = str(chain[-1]["level"])
            measured = round(float(border[k]), 2)
            out.append(
                Candidate(
                    self.hierarchy.describe_grid(code),
                    chain,
                    level,
                    1.0,
                    "point",
                    accuracy,
                    measured,
                    tuple(neighbours[k]),
                )
            )
        return out

    def current_codes(self, code: str) -> tuple[GridShare, ...]:
        """Return the code where a grid of the day has it, else nothing."""
        return (GridShare(code, 1.0),) if self.hierarchy.has_grid(code) else ()

    def grids_named(self, query: str, grids: Sequence[GridShare]) -> Match:
        """Return the grids of these codes as the answer to a query that names them: matched where it is one.

        The share of each is its score; one grid that owns only a part of the old ground is a partial answer.
        """
        return grids_named(self.hierarchy, query, grids, revision=self.revision, at=self.at.isoformat())

    def address(self, text: str, *, accuracy: float) -> Match:
        """Return the grids that an address may be in; where it is one only, with the distance to its border.

        A code of a grid in the text, coordinates whose CRS it names, crossings and kilometre marks of roads are read
        too, and a road answers for doors that are not stored: see `geo.places.text_lookup`.
        """
        found = self._answer(text, accuracy)
        if (marks := fault_of_marks(text)) is not None:
            found = with_fault(found, marks)
        return found if self.no_grids is None else with_fault(without_fault(found, NO_GRID["code"]), self.no_grids)

    def without_grid(self, lon: float, lat: float) -> Candidate:
        """Return the divisions of a point (WGS-84 degrees) that no grid of the day owns, and why none does."""
        chain = self.division_chain(lon, lat)
        level = str(chain[-1]["level"]) if chain else "point"
        return Candidate(None, chain, level, 0.0, "point", None, None, faults=(self.no_grids or NO_GRID,))

    def _answer(self, text: str, accuracy: float) -> Match:
        found = self.stored_address(text, accuracy=accuracy)
        if may_say_a_position(text, lambda code: self.hierarchy.has_code(code) or self.former.has_code(code)):
            answer = self._lookup.answer(text, found, accuracy=accuracy)
            if answer is not found:
                return answer
        found = self._lookup.by_road(text, found, accuracy=accuracy)
        found = self._lookup.beside_namesakes(text, found, accuracy=accuracy)
        return self._lookup.moved(found, accuracy=accuracy)

    def division_chain(self, lon: float, lat: float) -> tuple[Mapping[str, Any], ...]:
        """Return the divisions that own a point (WGS-84 degrees), county first; empty where none does."""
        row = int(self._division_locator.locate(np.array([lon]), np.array([lat]))[0])
        return self.hierarchy.chain_of_division(str(self._divisions["code"].iloc[row])) if row >= 0 else ()

    def _marks(self) -> list[tuple[str, float, float]]:
        self.book  # noqa: B018 (its addresses are read once, and their marks with them)
        return self._stored_marks

    def has_doors(self, road: str, division: str) -> bool:
        """Return whether an address on a road is stored in a division: a text that begins with the name."""
        return self.book.has_beginning(road, division)

    def door_numbers(self, road: str, division: str) -> frozenset[int]:
        """Return the numbers of the stored doors of a road in a division."""
        return self.book.door_numbers(road, division)

    def stored_address(self, text: str, *, accuracy: float) -> Match:
        """Return the grids that the names in a text may mean: of places and of stored addresses."""
        found = self.book.match_names(text)
        if found.point is None or not found.candidates:
            return found
        first = found.candidates[0]
        lon, lat = np.array([found.point[0]]), np.array([found.point[1]])
        precision = max(accuracy, first.precision_m or 0.0)
        if first.grid is None:
            chain = self.division_chain(*found.point)
            first = replace(first, chain=chain, level=str(chain[-1]["level"]) if chain else "address")
        else:
            around = max(accuracy, min(precision, MAX_LOOKED_AT_M))
            border, neighbours = self._grids.borders(lon, lat, self._grids.owners(lon, lat), around)
            first = replace(first, border_m=round(float(border[0]), 2), neighbours=tuple(neighbours[0]))
        return replace(found, candidates=(replace(first, precision_m=precision), *found.candidates[1:]))


class GridLevels:
    """Index of grids by level: a level 2 grid inside its level 1, dedicated before general, then by code.

    Examples
    --------
    A microgrid inside the western half of its grid:

    >>> import geopandas as gpd, numpy as np, shapely
    >>> rows = {"code": ["1", "1W01"], "kind": ["general", "general"], "level": [1, 2], "parent": [None, "1"]}
    >>> squares = [shapely.box(0, 0, 2, 1), shapely.box(0, 0, 1, 1)]
    >>> GridLevels(gpd.GeoDataFrame(rows, geometry=squares)).codes(np.array([0.5, 1.5, 9.0]), np.full(3, 0.5)).tolist()
    ['1W01', '1', None]
    """

    def __init__(self, grids: gpd.GeoDataFrame, *, few_points: bool = False) -> None:
        kind = grids["kind"].eq("dedicated").fillna(False).to_numpy(bool)
        fine = grids["level"].eq(2).fillna(False).to_numpy(bool)
        order = np.lexsort((grids["code"].astype(str).to_numpy(), ~kind, fine))
        grids = grids.iloc[order]
        self.code = grids["code"].astype(str).to_numpy(object)
        self._parent = grids["parent"].astype(object).where(grids["parent"].notna(), None).to_numpy()
        self._coarse = int((~fine).sum())
        self._first = Locator(grids.iloc[: self._coarse], few_points=few_points)
        self._second = Locator(grids.iloc[self._coarse :], few_points=few_points)
        self._codes = set(self.code[: self._coarse])

    def owners(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return the row of the finest grid that owns each point, -1 for none (rule L1)."""
        first = self._first.locate(lon, lat)
        if self._coarse == len(self.code):
            return first
        second = self._second.locate(lon, lat)
        out = np.where(second >= 0, second + self._coarse, first)
        # On a border, or where microgrids overlap, the first row may belong to another grid than the owner.
        for k in np.flatnonzero((second >= 0) & (first >= 0)):
            if not self._inside(int(out[k]), int(first[k])):
                _, rows = self._second.covering(lon[k], lat[k])
                mine = [int(row) + self._coarse for row in rows if self._inside(int(row) + self._coarse, int(first[k]))]
                out[k] = mine[0] if mine else first[k]
        return out

    def borders(
        self, lon: np.ndarray, lat: np.ndarray, owner: np.ndarray, accuracy: float
    ) -> tuple[np.ndarray, list[list[str]]]:
        """Return metres to the border of each owner, and the codes of the grids of its level within the accuracy."""
        fine = owner >= self._coarse
        border = np.full(len(owner), np.nan)
        codes: list[list[str]] = [[] for _ in owner]
        for locator, mine, offset in ((self._first, ~fine & (owner >= 0), 0), (self._second, fine, self._coarse)):
            rows = np.flatnonzero(mine)
            if len(rows):
                found = locator.borders(lon[rows], lat[rows], owner[rows] - offset, accuracy=accuracy)
                border[rows] = found.border_m
                for k, near in zip(rows, found.neighbours, strict=True):
                    codes[k] = [str(self.code[row + offset]) for row in near]
        return border, codes

    def codes(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return the code of the finest grid that owns each point, None for none."""
        owner = self.owners(lon, lat)
        out = np.full(len(owner), None, dtype=object)
        out[owner >= 0] = self.code[owner[owner >= 0]]
        return out

    def _inside(self, fine: int, coarse: int) -> bool:
        parent = self._parent[fine]
        return parent is None or parent not in self._codes or parent == self.code[coarse]


def polygon_rows(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that are polygons: a village given as a point owns nothing.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> mixed = gpd.GeoDataFrame({"code": ["a", "b"]}, geometry=[shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    >>> polygon_rows(mixed)["code"].tolist()
    ['b']
    """
    kinds = frame.geom_type
    return frame[kinds.isin(["Polygon", "MultiPolygon"]).to_numpy(bool)]
