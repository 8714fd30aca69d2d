"""Answer which grid owns a point or an address, from the layers of a store (rules L1-L3)."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import geopandas as gpd
import numpy as np

from geo.crs import to_wgs84
from geo.errors import BadValue, GeoError, UnknownCrs
from geo.places.address.book import AddressBook
from geo.places.hierarchy import Chains
from geo.places.locator import Locator
from geo.storage.protocol import Store
from geo.types import Candidate, Match

#: Metres within which a point is taken to be known where nobody says (rule L2).
DEFAULT_ACCURACY_M = 20.0
#: Layers whose changes change an answer.
_LAYERS = ("divisions", "grids", "villages", "addresses")
_CHUNK = 2_000
_MOST_SYSTEMS = 20


class Gazetteer:
    """Hold the places of one store on one day, indexed: built once for a revision, then read only."""

    def __init__(self, store: Store, at: date | None = None) -> None:
        """Read divisions, villages and grids valid on a day (None is today); addresses follow when first asked for."""
        self.at = at or self.today()
        self.revision = revision(store)
        self._store = store
        self._lock = threading.Lock()
        self._book: AddressBook | None = None
        #: How long reading and indexing the addresses took; 0 until they are asked for.
        self.seconds = 0.0
        grids = _areas(store.read("grids", at=self.at))
        divisions = _areas(store.read("divisions", at=self.at))
        self.chains = Chains(divisions, grids, store.read("villages", at=self.at))
        self._grids = _Grids(grids)
        rank = divisions["level"].map({"village": 0, "township": 1, "county": 2}).fillna(3)
        self._divisions = divisions.iloc[np.argsort(rank.to_numpy(), kind="stable")]
        self._division_locator = Locator(self._divisions)

    @staticmethod
    def today() -> date:
        """Return today where this machine stands."""
        return datetime.now(tz=UTC).astimezone().date()

    @property
    def book(self) -> AddressBook:
        """Return the addresses, read and indexed on first use; their grids are derived, never trusted."""
        with self._lock:
            if self._book is None:
                begun = time.perf_counter()
                frame = self._store.read("addresses", at=self.at)
                frame = frame[~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy()]
                codes = self._grids.codes(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
                self._book = AddressBook(
                    frame.assign(grid=codes), chains=self.chains, revision=self.revision, at=self.at.isoformat()
                )
                self.seconds = time.perf_counter() - begun
            return self._book

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
            chain = self.chains.of_grid(code)
            level = str(chain[-1]["level"])
            measured = round(float(border[k]), 2)
            out.append(
                Candidate(self.chains.grid(code), chain, level, 1.0, "point", accuracy, measured, tuple(neighbours[k]))
            )
        return out

    def address(self, text: str, *, accuracy: float) -> Match:
        """Return the grids an address may lie in, with the border of the only one measured."""
        found = self.book.match(text)
        if found.point is None or not found.candidates:
            return found
        first = found.candidates[0]
        lon, lat = np.array([found.point[0]]), np.array([found.point[1]])
        if first.grid is None:
            row = int(self._division_locator.locate(lon, lat)[0])
            chain = self.chains.of_division(str(self._divisions["code"].iloc[row])) if row >= 0 else ()
            first = replace(first, chain=chain)
        else:
            border, neighbours = self._grids.borders(lon, lat, self._grids.owners(lon, lat), accuracy)
            first = replace(first, border_m=round(float(border[0]), 2), neighbours=tuple(neighbours[0]))
        precision = max(accuracy, first.precision_m or 0.0)
        return replace(found, candidates=(replace(first, precision_m=precision), *found.candidates[1:]))


class _Grids:
    """Look the two levels of grids up apart: level 2 inside its level 1, dedicated before general, then by code."""

    def __init__(self, grids: gpd.GeoDataFrame) -> None:
        kind = grids["kind"].eq("dedicated").fillna(False).to_numpy(bool)
        fine = grids["level"].eq(2).fillna(False).to_numpy(bool)
        order = np.lexsort((grids["code"].astype(str).to_numpy(), ~kind, fine))
        grids = grids.iloc[order]
        self.code = grids["code"].astype(str).to_numpy(object)
        self._parent = grids["parent"].astype(object).where(grids["parent"].notna(), None).to_numpy()
        self._coarse = int((~fine).sum())
        self._first = Locator(grids.iloc[: self._coarse])
        self._second = Locator(grids.iloc[self._coarse :])
        self._codes = set(self.code[: self._coarse])

    def owners(self, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
        """Return the row of the finest grid that owns each point, -1 for none (rule L1)."""
        first = self._first.locate(lon, lat)
        if self._coarse == len(self.code):
            return first
        second = self._second.locate(lon, lat)
        out = np.where(second >= 0, second + self._coarse, first)
        # On a border, or where micro-grids overlap, the first row may belong to another grid than the one that won.
        for k in np.flatnonzero((second >= 0) & (first >= 0)):
            if not self._inside(int(out[k]), int(first[k])):
                _, rows = self._second.covering(lon[k], lat[k])
                mine = [int(row) + self._coarse for row in rows if self._inside(int(row) + self._coarse, int(first[k]))]
                out[k] = mine[0] if mine else first[k]
        return out

    def borders(
        self, lon: np.ndarray, lat: np.ndarray, owner: np.ndarray, accuracy: float
    ) -> tuple[np.ndarray, list[list[str]]]:
        """Return metres to the border of each owner, and codes of the grids of its level within the accuracy."""
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


@dataclass(frozen=True)
class Located:
    """Answer one row of a batch: ``match`` or, where the row is bad, ``error``."""

    id: str
    match: Match | None
    error: GeoError | None


def revision(store: Store) -> int:
    """Return a number that grows with every change that may change an answer."""
    return store.revision(*_LAYERS)


def grid_of_points(store: Store, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the code of the finest grid that owns each point (WGS-84 degrees) today, None for none."""
    return _Grids(_areas(store.read("grids"))).codes(lon, lat)


def locate_point(
    store: Store,
    lon: float,
    lat: float,
    crs: str | None,
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    at: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> Match:
    """Return the grid that owns a point.

    Parameters
    ----------
    lon, lat
        Coordinates in `crs`: degrees, or x and y of a projected one.
    crs
        wgs84, cgcs2000, gcj02, bd09 or an EPSG code; without it there is no answer (rule L3).
    accuracy
        How well the point is known, in metres.
    at
        The day whose grids count; None is today.
    gazetteer
        The places of the store on that day, where they are indexed already.

    Raises
    ------
    UnknownCrs
        No CRS is named, or no known one.
    BadValue
        A coordinate or the accuracy is impossible.
    """
    places = gazetteer or Gazetteer(store, at)
    x, y = _wgs84(np.array([lon]), np.array([lat]), crs)
    return _point_match(places, (lon, lat), crs, (x[0], y[0]), places.points(x, y, accuracy=accuracy)[0])


def locate_address(
    store: Store,
    text: str,
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    at: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> Match:
    """Return the grids an address may lie in; raise BadValue where the text is longer than 10 kB."""
    return (gazetteer or Gazetteer(store, at)).address(text, accuracy=accuracy)


def locate_rows(
    places: Gazetteer, rows: Iterable[Mapping[str, Any]], *, accuracy: float = DEFAULT_ACCURACY_M
) -> Iterator[Located]:
    """Answer rows of ``id`` and ``address`` or ``lon, lat, crs`` in order, a few thousand at a time."""
    waiting = iter(rows)
    systems: set[str] = set()
    while chunk := list(islice(waiting, _CHUNK)):
        answers: dict[int, Located] = {}
        points: dict[str, list[tuple[int, float, float]]] = {}
        for k, row in enumerate(chunk):
            try:
                point = _point_of(row)
                if point is None:
                    answers[k] = Located(_id(row), places.address(_text(row), accuracy=accuracy), None)
                else:
                    _count_system(systems, point[2])
                    points.setdefault(point[2], []).append((k, point[0], point[1]))
            except GeoError as error:
                answers[k] = Located(_id(row), None, error)
        for crs, members in points.items():
            answers.update(_located(places, chunk, members, crs, accuracy))
        yield from (answers[k] for k in range(len(chunk)))


def _count_system(systems: set[str], crs: str) -> None:
    """Raise UnknownCrs beyond the CRS that one batch may name: making one ready takes PROJ a tenth of a second."""
    if crs not in systems and len(systems) >= _MOST_SYSTEMS:
        raise UnknownCrs(
            f"一批最多 {_MOST_SYSTEMS} 个坐标系", f"a batch names at most {_MOST_SYSTEMS} coordinate reference systems"
        )
    systems.add(crs)


def _located(
    places: Gazetteer,
    chunk: Sequence[Mapping[str, Any]],
    members: Sequence[tuple[int, float, float]],
    crs: str,
    accuracy: float,
) -> dict[int, Located]:
    at, lon, lat = (np.array(values) for values in zip(*members, strict=True))
    try:
        x, y = to_wgs84(lon, lat, crs)
    except GeoError as error:
        return {int(k): Located(_id(chunk[k]), None, error) for k in at}
    out: dict[int, Located] = {}
    for n, found in enumerate(places.points(x, y, accuracy=accuracy)):
        k = int(at[n])
        try:
            _require_on_earth(x[n : n + 1], y[n : n + 1])
            answer = _point_match(places, (float(lon[n]), float(lat[n])), crs, (x[n], y[n]), found)
            out[k] = Located(_id(chunk[k]), answer, None)
        except GeoError as error:
            out[k] = Located(_id(chunk[k]), None, error)
    return out


def _point_match(
    places: Gazetteer, query: tuple[float, float], crs: str | None, point: tuple[float, float], found: Candidate | None
) -> Match:
    return Match(
        status="matched" if found else "not_found",
        query=list(query),
        crs=crs,
        point=(round(float(point[0]), 9), round(float(point[1]), 9)),
        candidates=(found,) if found else (),
        revision=places.revision,
        at=places.at.isoformat(),
    )


def _wgs84(lon: np.ndarray, lat: np.ndarray, crs: str | None) -> tuple[np.ndarray, np.ndarray]:
    if not crs or not crs.strip():
        raise UnknownCrs(
            "没有写明坐标系（wgs84、cgcs2000、gcj02、bd09 或 EPSG 编号）",
            "no CRS is named (wgs84, cgcs2000, gcj02, bd09 or an EPSG code)",
        )
    if not (np.isfinite(lon).all() and np.isfinite(lat).all()):
        raise BadValue("坐标必须是有限的数", "coordinates must be finite numbers")
    x, y = to_wgs84(lon, lat, crs)
    _require_on_earth(x, y)
    return np.asarray(x, float), np.asarray(y, float)


def _require_on_earth(x: np.ndarray, y: np.ndarray) -> None:
    if not ((np.abs(x) <= 180.0) & (np.abs(y) <= 90.0)).all():
        raise BadValue(
            "坐标超出经纬度范围或坐标系不对", "the coordinates are outside the earth, or of another CRS than named"
        )


def _point_of(row: Mapping[str, Any]) -> tuple[float, float, str] | None:
    lon, lat = _cell(row, "lon"), _cell(row, "lat")
    if not lon and not lat:
        return None
    try:
        x, y = float(lon), float(lat)
    except ValueError:
        raise BadValue("经纬度不是数", "lon or lat is no number") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise BadValue("坐标必须是有限的数", "coordinates must be finite numbers")
    crs = _cell(row, "crs")
    if not crs:
        raise UnknownCrs("没有写明坐标系", "no CRS is named")
    return x, y, crs


def _text(row: Mapping[str, Any]) -> str:
    text = _cell(row, "address")
    if not text:
        raise BadValue("既没有地址也没有坐标", "neither an address nor coordinates")
    return text


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _id(row: Mapping[str, Any]) -> str:
    return _cell(row, "id")


def _areas(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that are polygons: a village given as a point owns nothing."""
    kinds = frame.geom_type
    return frame[kinds.isin(["Polygon", "MultiPolygon"]).to_numpy(bool)]
