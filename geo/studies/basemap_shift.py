"""Measure how far a base map is off our roads, and say whether it looks like GCJ-02 or BD-09."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely

from geo.basemaps.matrices import TILE, mercator_from_degrees, mercator_matrix
from geo.basemaps.opening import BaseMapTiles
from geo.basemaps.pictures import decoded, lines_drawn
from geo.basemaps.road_shift import MIN_PEAK, Shift, shift_of
from geo.crs_gcj import bd09_from_wgs84, gcj02_from_wgs84
from geo.errors import NotFound, UnreadableFile
from geo.storage.protocol import Store
from geo.types import Progress, no_progress

#: Tiles of the picture that is compared, along each side; the zoom that they are of; how many places are tried.
_TILES, _ZOOM, _PLACES = 6, 15, 3
#: Longest shift in metres that is looked for: that of BD-09 is up to some 1,200.
_REACH_M = 1_300.0
#: Width of a road in the picture, in pixels.
_ROAD = 3
#: A shift below this is none to speak of: a pixel or two, and as much as roads are off by themselves.
NEAR_M = 20.0
#: Metres, and share of the shift itself, within which a measured shift is that of a formula.
_ALIKE_M, _ALIKE_SHARE = 30.0, 0.15


@dataclass(frozen=True)
class BaseMapShift:
    """Where a base map shows our roads.

    Attributes
    ----------
    shift_m, bearing
        How many metres the base map is off our roads, and in which direction from them, in degrees from north; None
        where nothing could be measured.
    east_m, north_m
        The same as two distances.
    looks_like
        ``gcj02`` or ``bd09`` where the shift is that of the formula; ``wgs84`` where a base map said to be GCJ-02
        would fit without being moved; None otherwise.
    peak, least_peak
        How far the shift stands out of all others, in standard deviations, and how far it must.
    lon, lat
        The middle of the area compared, in degrees; None where no tile was read.
    zoom, metres_per_pixel
        Of the tiles compared.
    tiles, absent
        How many tiles were read, and how many there were none of.
    seconds
        How long it took.
    """

    shift_m: float | None
    bearing: float | None
    east_m: float | None
    north_m: float | None
    looks_like: str | None
    peak: float
    least_peak: float
    lon: float | None
    lat: float | None
    zoom: int
    metres_per_pixel: float | None
    tiles: int
    absent: int
    seconds: float

    @property
    def is_near(self) -> bool:
        """Return whether the base map lies on our roads."""
        return self.shift_m is not None and self.shift_m <= NEAR_M


class _Measured(NamedTuple):
    """One place compared: first column and row of its tiles, the shift, how many tiles there were."""

    column: int
    row: int
    shift: Shift
    tiles: int


def basemap_shift(store: Store, tiles: BaseMapTiles, *, progress: Progress = no_progress) -> BaseMapShift:
    """Return how far a base map is off the roads of a store, where there are most of them.

    Parameters
    ----------
    store
        Its layer ``roads`` is read.
    tiles
        The base map, moved as its settings say.

    Raises
    ------
    NotFound
        There are no roads.
    SourceBroken, SourceSlow
        The host of the base map does not answer.
    """
    began = time.monotonic()
    roads = store.read("roads").geometry.to_numpy()
    lines = [shapely.get_coordinates(one) for one in shapely.get_parts(roads[~shapely.is_missing(roads)])]
    lines = [line for line in lines if len(line) > 1]
    if not lines:
        raise NotFound("没有道路可比；请先导入图层 roads", "there are no roads to compare with; import the layer roads")
    zoom = _zoom(tiles)
    drawn = [_in_pixels(line, zoom) for line in lines]
    best: _Measured | None = None
    read = absent = 0
    for number, (column, row) in enumerate(_places(drawn)):
        progress("比较底图与道路 / comparing base map and roads", number / _PLACES)
        found = _compared(tiles, drawn, zoom, column, row)
        read, absent = read + found.tiles, absent + _TILES**2 - found.tiles
        if found.tiles and (best is None or found.shift.peak > best.shift.peak):
            best = found
        if best is not None and best.shift.peak >= 2 * MIN_PEAK:
            break
    return _told(tiles, best, zoom, read=read, absent=absent, seconds=time.monotonic() - began)


def _zoom(tiles: BaseMapTiles) -> int:
    """Return the zoom that is compared: fine enough for roads, and not far beyond what the base map has."""
    levels = tiles.base.levels
    return _ZOOM if levels is None else max(min(_ZOOM, levels[1] + 1), min(levels[0], _ZOOM))


def _in_pixels(line: np.ndarray, zoom: int) -> np.ndarray:
    """Return a line in degrees as pixels of Web Mercator at a zoom, from the north-west of the world."""
    web = mercator_matrix(zoom)
    x, y = mercator_from_degrees(line[:, 0], line[:, 1])
    return np.column_stack([(x - web.left) / web.pixel, (web.top - y) / web.pixel])


def _places(lines: list[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Yield the first column and row of squares of tiles, those with the longest roads first."""
    starts, ends = np.vstack([line[:-1] for line in lines]), np.vstack([line[1:] for line in lines])
    lengths, middles = np.hypot(*(ends - starts).T), (starts + ends) / 2
    inside = np.isfinite(lengths) & np.isfinite(middles).all(axis=1)
    squares, which = np.unique(np.floor(middles[inside] / (_TILES * TILE)).astype(int), axis=0, return_inverse=True)
    totals = np.bincount(which.ravel(), weights=lengths[inside])
    for at in np.argsort(-totals, kind="stable")[:_PLACES]:
        yield int(squares[at, 0]) * _TILES, int(squares[at, 1]) * _TILES


def _compared(tiles: BaseMapTiles, lines: list[np.ndarray], zoom: int, column: int, row: int) -> _Measured:
    side = _TILES * TILE
    picture = np.zeros((side, side, 4), dtype=np.uint8)
    count = 0
    for down in range(_TILES):
        for right in range(_TILES):
            data = _tile(lambda x=column + right, y=row + down: tiles.tile(zoom, x, y)[0])  # type: ignore[misc]
            if data is not None:
                count += 1
                picture[down * TILE : (down + 1) * TILE, right * TILE : (right + 1) * TILE] = data
    if not count:
        return _Measured(column, row, Shift(0.0, 0.0, 0.0), 0)
    moved = [line - (column * TILE, row * TILE) for line in lines]
    near = [line for line in moved if (line.max(axis=0) > 0).all() and (line.min(axis=0) < side).all()]
    _, latitude = _middle(zoom, column, row)
    reach = min(side // 2, math.ceil(_REACH_M / _metres_per_pixel(zoom, latitude)))
    return _Measured(column, row, shift_of(picture, lines_drawn(near, side, side, _ROAD), reach), count)


def _tile(read: Callable[[], bytes]) -> np.ndarray | None:
    """Return a tile as an array, None where there is none or it is damaged."""
    try:
        pixels = decoded(read())
    except (NotFound, UnreadableFile):
        return None
    return pixels if pixels.shape[:2] == (TILE, TILE) else None


def _middle(zoom: int, column: int, row: int) -> tuple[float, float]:
    """Return longitude and latitude of the middle of a square of tiles."""
    half = _TILES / 2
    lon = (column + half) / 2**zoom * 360.0 - 180.0
    return lon, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (row + half) / 2**zoom))))


def _metres_per_pixel(zoom: int, latitude: float) -> float:
    return mercator_matrix(zoom).pixel * math.cos(math.radians(latitude))


def _told(
    tiles: BaseMapTiles, best: _Measured | None, zoom: int, *, read: int, absent: int, seconds: float
) -> BaseMapShift:
    if best is None:
        return BaseMapShift(
            None, None, None, None, None, 0.0, MIN_PEAK, None, None, zoom, None, read, absent, round(seconds, 2)
        )  # fmt: skip
    lon, lat = _middle(zoom, best.column, best.row)
    size = _metres_per_pixel(zoom, lat)
    east, north = best.shift.right * size, -best.shift.down * size
    is_sure = best.shift.is_sure
    return BaseMapShift(
        shift_m=round(math.hypot(east, north), 1) if is_sure else None,
        bearing=round(math.degrees(math.atan2(east, north)) % 360, 1) if is_sure else None,
        east_m=round(east, 1) if is_sure else None,
        north_m=round(north, 1) if is_sure else None,
        looks_like=_looks_like((east, north), lon, lat, is_shifted=tiles.base.is_shifted) if is_sure else None,
        peak=round(best.shift.peak, 1),
        least_peak=MIN_PEAK,
        lon=round(lon, 5),
        lat=round(lat, 5),
        zoom=zoom,
        metres_per_pixel=round(size, 3),
        tiles=read,
        absent=absent,
        seconds=round(seconds, 2),
    )


def _looks_like(measured: tuple[float, float], lon: float, lat: float, *, is_shifted: bool) -> str | None:
    """Return which formula has the shift that was measured; of a base map that was moved, whether it was in vain."""
    gcj, bd = (_shift_by(formula, lon, lat) for formula in (gcj02_from_wgs84, bd09_from_wgs84))
    if is_shifted:
        back, further = (-gcj[0], -gcj[1]), (bd[0] - gcj[0], bd[1] - gcj[1])
        return "wgs84" if _alike(measured, back) else "bd09" if _alike(measured, further) else None
    return "gcj02" if _alike(measured, gcj) else "bd09" if _alike(measured, bd) else None


def _shift_by(
    formula: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]], lon: float, lat: float
) -> tuple[float, float]:
    """Return by how many metres to the east and north a formula moves a point."""
    x, y = formula(np.array([lon]), np.array([lat]))
    metres = math.pi * 6_371_000 / 180
    return float(x[0] - lon) * metres * math.cos(math.radians(lat)), float(y[0] - lat) * metres


def _alike(measured: tuple[float, float], formula: tuple[float, float]) -> bool:
    length = math.hypot(*formula)
    off = math.hypot(measured[0] - formula[0], measured[1] - formula[1])
    return length > NEAR_M and off <= max(_ALIKE_M, _ALIKE_SHARE * length)
