"""Find the grid that owns a point or an address, from the layers of a store (rules L1-L3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from geo.catalog.layers import LOCATING
from geo.catalog.options import DEFAULT_ACCURACY_M
from geo.crs import to_wgs84
from geo.crs_datum import datum_doubt_m
from geo.errors import BadValue, GeoError, UnknownCrs
from geo.outliers import distance_km
from geo.places.address.answerer import MAX_CANDIDATES
from geo.places.address.book_file import IndexFolder
from geo.places.gazetteer import Gazetteer, GridLevels, polygon_rows
from geo.places.grid_shares import GridShare
from geo.places.named_places import NAMED_LAYERS, named_places, with_named_places
from geo.places.text_faults import datum_fault
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.types import Candidate, Match

_CHUNK = 2_000
_MAX_CRS = 20
_MAX_KNOWN = 50_000
#: A point this near an address agrees with a text that means a place near it, or that is only understood in part.
_NEARBY_KM = 0.5


@dataclass(frozen=True)
class LocatedRow:
    """Result of one row of a batch: ``match``, or ``error`` where the row is invalid.

    Attributes
    ----------
    today
        Codes of the grids that are today what the code in the row was; None where the row has no code.
    """

    id: str
    match: Match | None
    error: GeoError | None
    today: tuple[str, ...] | None = None


def state(store: Store) -> str:
    """Return a text that names the state of the layers that results depend on: see ``protocol.Store.state``."""
    return store.state(*LOCATING)


def revision(store: Store) -> int:
    """Return a number that grows with every change of a layer that results depend on."""
    return store.revision(*LOCATING)


def gazetteer_of(
    store: Store, at: date | None = None, *, few_points: bool = False, index_folder: Path | None = None
) -> Gazetteer:
    """Return the gazetteer of a store on a day (None for today); addresses are read when one is first matched.

    With `few_points` it is ready sooner and answers one point at a time: see `geo.places.locator.Locator`.
    The index of very many addresses is read from, and kept in, the folder of indexes where one is given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> gazetteer_of(store).revision == revision(store) == 1
    True
    >>> store.close()
    >>> folder.cleanup()
    """
    # Addresses are read later: after a concurrent change the state is older than they are, not newer.
    with store.snapshot():
        day = at or store.today()
        named, number = state(store), revision(store)
        divisions, grids = store.read("divisions", at=day), store.read("grids", at=day)
        villages = store.read("villages", at=day)
    return Gazetteer(
        divisions,
        grids,
        villages,
        lambda: _texts_with_places(store, day),
        read_roads=lambda: store.read("roads", at=day),
        at=day,
        revision=number,
        state=named,
        few_points=few_points,
        kept=IndexFolder(index_folder, f"{named} {day}", lambda: state(store) == named) if index_folder else None,
    )


def _texts_with_places(store: Store, day: date) -> gpd.GeoDataFrame:
    """Return the addresses of a day and what else has a name and a place."""
    with store.snapshot():
        addresses = store.read("addresses", at=day)
        named = named_places({name: store.read(name, at=day) for name in NAMED_LAYERS})
    return with_named_places(addresses, named)


def grid_codes_of_points(store: Store, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the code of the finest grid that owns each point (WGS-84 degrees) today, None where there is none.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> grid_codes_of_points(store, np.array([103.15, 104.0]), np.array([37.65, 37.65])).tolist()
    ['g1', None]
    >>> store.close()
    >>> folder.cleanup()
    """
    return GridLevels(polygon_rows(store.read("grids"))).codes(lon, lat)


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
        wgs84, cgcs2000, gcj02, bd09 or an EPSG code; required (rule L3).
    accuracy
        Accuracy of the point, in metres.
    at
        The day whose grids are used; None for today.
    gazetteer
        The gazetteer of the store on that day, where it exists already.

    Raises
    ------
    UnknownCrs
        No CRS is given, or an unknown one.
    BadValue
        A coordinate or the accuracy is invalid.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> match = locate_point(store, 103.15, 37.65, "wgs84")
    >>> match.status, match.candidates[0].grid["code"]
    ('matched', 'g1')
    >>> locate_point(store, 104.0, 37.65, "wgs84").status
    'not_found'
    >>> store.close()
    >>> folder.cleanup()
    """
    gazetteer = gazetteer or gazetteer_of(store, at, few_points=True)
    x, y = _checked_wgs84(np.array([lon]), np.array([lat]), crs)
    doubt = datum_doubt_m(x, y, str(crs))
    found = gazetteer.points(x, y, accuracy=max(accuracy, float(doubt[0])))[0]
    return _point_match(gazetteer, (lon, lat), crs, (x[0], y[0]), found, float(doubt[0]))


def locate_address(
    store: Store,
    text: str,
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    at: date | None = None,
    gazetteer: Gazetteer | None = None,
) -> Match:
    """Return the candidate grids of an address; raise BadValue where the text is longer than 10 kB.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> values = {"id": ["a1"], "text": ["人民路1号"], "grid": ["g1"]}
    >>> address = gpd.GeoDataFrame(values, geometry=[shapely.Point(103.15, 37.65)], crs="EPSG:4326")
    >>> _ = store.write("addresses", address, "upsert", actor="li")
    >>> match = locate_address(store, "人民路 1 号")
    >>> match.status, match.candidates[0].grid["code"]
    ('matched', 'g1')
    >>> store.close()
    >>> folder.cleanup()
    """
    return (gazetteer or gazetteer_of(store, at)).address(text, accuracy=accuracy)


def locate_rows(
    gazetteer: Gazetteer,
    rows: Iterable[Mapping[str, Any]],
    *,
    accuracy: float = DEFAULT_ACCURACY_M,
    codes_today: Callable[[str], Sequence[GridShare]] | None = None,
) -> Iterator[LocatedRow]:
    """Yield the results of rows of ``id`` and ``address`` or ``lon, lat, crs`` in order, 2,000 rows at a time.

    The ``fault`` of a row, a GeoError, is its result. A row of neither is answered by its ``grid_code``.

    Parameters
    ----------
    codes_today
        Returns the grids of today that own the ground of a code of any day, the largest share first: see
        `geo.studies.today_of_code`. None: the codes of the gazetteer's day are known only.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.2, 37.7)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li")
    >>> row = {"id": "1", "lon": "103.15", "lat": "37.65", "crs": "wgs84"}
    >>> rows = [row, {**row, "id": "2", "crs": ""}]
    >>> for row in locate_rows(gazetteer_of(store), rows):
    ...     print(row.id, row.match.candidates[0].grid["code"] if row.match else row.error.en)
    1 g1
    2 no CRS is named
    >>> store.close()
    >>> folder.cleanup()
    """
    rows_left = iter(rows)
    crs_names: set[str] = set()
    codes = _TodaysCodes(codes_today or gazetteer.current_codes)
    while chunk := list(islice(rows_left, _CHUNK)):
        answers: dict[int, LocatedRow] = {}
        points: dict[str, list[tuple[int, float, float]]] = {}
        for k, row in enumerate(chunk):
            try:
                if row.get("fault") is not None:
                    raise row["fault"]
                point = _point_of(row)
                if point is None and not _cell(row, "address") and _cell(row, "grid_code"):
                    answers[k] = LocatedRow(_id(row), _code_match(gazetteer, _cell(row, "grid_code"), codes), None)
                elif point is None:
                    answers[k] = LocatedRow(_id(row), gazetteer.address(_text(row), accuracy=accuracy), None)
                else:
                    _check_crs_count(crs_names, point[2])
                    points.setdefault(point[2], []).append((k, point[0], point[1]))
            except GeoError as error:
                answers[k] = LocatedRow(_id(row), None, error)
        for crs, members in points.items():
            answers.update(_located_points(gazetteer, chunk, members, crs, accuracy))
        for k, row in enumerate(chunk):
            code = _cell(row, "grid_code")
            yield replace(answers[k], today=tuple(one.code for one in codes.of(code))) if code else answers[k]


class _TodaysCodes:
    """Codes of today by a code of any day: the rows of a list have few codes, many times each."""

    def __init__(self, find: Callable[[str], Sequence[GridShare]]) -> None:
        self._find = find
        self._known: dict[str, tuple[GridShare, ...]] = {}

    def of(self, code: str) -> tuple[GridShare, ...]:
        if code not in self._known:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[code] = tuple(self._find(code))
        return self._known[code]


def _code_match(gazetteer: Gazetteer, code: str, codes: _TodaysCodes) -> Match:
    """Return the grids of today that a code of any day means; raise BadValue where it means none."""
    today = codes.of(code)
    if not today:
        raise BadValue(f"没有编码为 {code[:60]} 的网格", f"there is no grid of the code {code[:60]}")
    return gazetteer.grids_named(code, today)


def _check_crs_count(crs_names: set[str], crs: str) -> None:
    """Raise UnknownCrs beyond the limit of CRS per batch: PROJ takes a tenth of a second to prepare one."""
    if crs not in crs_names and len(crs_names) >= _MAX_CRS:
        raise UnknownCrs(
            f"一批最多 {_MAX_CRS} 个坐标系", f"a batch names at most {_MAX_CRS} coordinate reference systems"
        )
    crs_names.add(crs)


def _located_points(
    gazetteer: Gazetteer,
    chunk: Sequence[Mapping[str, Any]],
    members: Sequence[tuple[int, float, float]],
    crs: str,
    accuracy: float,
) -> dict[int, LocatedRow]:
    at, lon, lat = (np.array(values) for values in zip(*members, strict=True))
    try:
        x, y = to_wgs84(lon, lat, crs)
    except GeoError as error:
        return {int(k): LocatedRow(_id(chunk[k]), None, error) for k in at}
    out: dict[int, LocatedRow] = {}
    doubt = datum_doubt_m(x, y, crs)
    for n, found in enumerate(gazetteer.points(x, y, accuracy=max(accuracy, float(doubt.max())))):
        k = int(at[n])
        try:
            _require_on_earth(x[n : n + 1], y[n : n + 1])
            query = (float(lon[n]), float(lat[n]))
            answer = _point_match(gazetteer, query, crs, (x[n], y[n]), found, float(doubt[n]))
            out[k] = LocatedRow(_id(chunk[k]), _compared(gazetteer, answer, chunk[k], accuracy), None)
        except GeoError as error:
            out[k] = LocatedRow(_id(chunk[k]), None, error)
    return out


def _point_match(
    gazetteer: Gazetteer,
    query: tuple[float, float],
    crs: str | None,
    point: tuple[float, float],
    found: Candidate | None,
    doubt_m: float,
) -> Match:
    if found is not None and doubt_m > 0:
        found = replace(found, faults=(*found.faults, datum_fault(str(crs), doubt_m)))
    return Match(
        status="matched" if found else "not_found",
        query=list(query),
        crs=crs,
        point=(round(float(point[0]), 9), round(float(point[1]), 9)),
        candidates=(found,) if found else (),
        revision=gazetteer.revision,
        at=gazetteer.at.isoformat(),
    )


def _compared(gazetteer: Gazetteer, found: Match, row: Mapping[str, Any], accuracy: float) -> Match:
    """Return the answer of a row's point, with a fault that names both where the row's address is elsewhere."""
    if not _cell(row, "address"):
        return found
    address = gazetteer.address(_text(row), accuracy=accuracy)
    codes = [one.grid["code"] for one in address.candidates if one.grid]
    here = found.candidates[0].grid["code"] if found.candidates and found.candidates[0].grid else None
    if address.status == "not_found" or not codes or len(codes) >= MAX_CANDIDATES or here in codes:
        return found
    if address.status == "partial" and address.point and found.point:
        # 35号对面 may well lie over the border of the grid of 35号, but not a kilometre away.
        apart = distance_km(np.array([found.point]), np.array(address.point))
        if apart[0] < _NEARBY_KM:
            return found
    listed = ", ".join(codes)
    there_zh, there_en = (f"网格 {here}", f"in grid {here}") if here else ("任何网格之外", "outside every grid")
    text = sentence(
        f"地址与坐标不一致：地址在网格 {listed}，坐标在{there_zh}",
        f"address and point disagree: the address is in grid {listed}, the point {there_en}",
    )
    fault = {"code": "address-differs", "text": text}
    first = found.candidates[0] if found.candidates else Candidate(None, (), "point", 0.0, "point", accuracy, None)
    return replace(found, candidates=(replace(first, faults=(*first.faults, fault)), *found.candidates[1:]))


def _checked_wgs84(lon: np.ndarray, lat: np.ndarray, crs: str | None) -> tuple[np.ndarray, np.ndarray]:
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
