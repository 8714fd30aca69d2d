"""Answer which grid owns a point or an address, from the layers of a store (rules L1-L3)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import numpy as np

from geo.catalog.layers import LOCATING
from geo.crs import to_wgs84
from geo.errors import BadValue, GeoError, UnknownCrs
from geo.places.gazetteer import Gazetteer, GridLevels, areas
from geo.storage.protocol import Store
from geo.types import Candidate, Match

#: Metres within which a point is taken to be known where nobody says (rule L2).
DEFAULT_ACCURACY_M = 20.0
_CHUNK = 2_000
_MOST_SYSTEMS = 20


@dataclass(frozen=True)
class Located:
    """Answer one row of a batch: ``match`` or, where the row is bad, ``error``."""

    id: str
    match: Match | None
    error: GeoError | None


def revision(store: Store) -> int:
    """Return a number that grows with every change that may change an answer."""
    return store.revision(*LOCATING)


def today() -> date:
    """Return today where this machine stands."""
    return datetime.now(tz=UTC).astimezone().date()


def gazetteer_of(store: Store, at: date | None = None) -> Gazetteer:
    """Return the gazetteer of a store on a day (None is today); its addresses are read when one is first matched."""
    day = at or today()
    number = revision(store)  # before the layers: a change in between then leaves an older revision, never a newer one
    divisions, grids = store.read("divisions", at=day), store.read("grids", at=day)
    villages = store.read("villages", at=day)
    return Gazetteer(divisions, grids, villages, lambda: store.read("addresses", at=day), at=day, revision=number)


def grid_of_points(store: Store, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the code of the finest grid that owns each point (WGS-84 degrees) today, None for none."""
    return GridLevels(areas(store.read("grids"))).codes(lon, lat)


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
    places = gazetteer or gazetteer_of(store, at)
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
    return (gazetteer or gazetteer_of(store, at)).address(text, accuracy=accuracy)


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
