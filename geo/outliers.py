"""Find rows that lie far from all others, so that one faulty row does not make a county too wide (rule C1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo import crs as systems
from geo.angles import turn
from geo.crs_metric import metric_crs_for
from geo.errors import TooWide, UnknownCrs

#: Passes from coarse to fine, until what is left fits one computing CRS: the side (km) of the cells that rows are
#: sorted into, and how far (km) a single row may extend. Rows in cells that touch belong together, so that rows at most
#: one side apart are never parted, and rows more than two apart always are.
_PASSES = ((440.0, 1_500.0), (220.0, 600.0), (110.0, 600.0), (55.0, 600.0))
#: Rows left out are at most these: a part of the data, and a number. Unset positions are left out however many.
_MAX_SHARE, _MAX_FEW = 0.05, 3
_EARTH_KM, _KM_PER_DEGREE = 6_371.0, 111.32
#: Positions within this many degrees of (0, 0) count as unset.
_ORIGIN_DEG = 0.5
#: Greatest longitude, one turn further than it needs to be, and latitude.
_MAX_DEG = (540.0, 90.0)


@dataclass(frozen=True)
class Outliers:
    """Rows far from all others.

    Attributes
    ----------
    is_far
        Layer -> whether a row is far, by its position in the frame.
    distance_km
        Layer -> great-circle distance in kilometres of each far row from the middle of the others, 0 for others; NaN
        where a row has no place on the Earth.
    lonlat
        Layer -> centre of each far row (n, 2), degrees; NaN for others.
    """

    is_far: Mapping[str, np.ndarray]
    distance_km: Mapping[str, np.ndarray]
    lonlat: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class _Rows:
    """Rows of one layer as boxes, kilometres in a plane.

    Attributes
    ----------
    centre
        (n, 2); not finite where a row has no geometry, or one without a place.
    span
        Length of the diagonal of each box.
    has_shape, is_unset
        Whether a row has a geometry; whether that lies near (0, 0), or has a coordinate of exactly 0.
    """

    centre: np.ndarray
    span: np.ndarray
    has_shape: np.ndarray
    is_unset: np.ndarray


def _is_place(lonlat: np.ndarray) -> np.ndarray:
    """Return which positions (n, 2) can be degrees at all."""
    return np.asarray((np.abs(lonlat) <= _MAX_DEG).all(axis=1))


def at_origin(lonlat: np.ndarray) -> np.ndarray:
    """Return which positions (n, 2), degrees, lie near (0, 0) or have a coordinate of exactly 0, as unset ones do.

    Examples
    --------
    >>> at_origin(np.array([(0.0, 0.0), (102.8, 0.0), (102.8, 37.4)])).tolist()
    [True, True, False]
    """
    return np.asarray(near_null_island(lonlat) | (lonlat == 0).any(axis=1))


def near_null_island(lonlat: np.ndarray) -> np.ndarray:
    """Return which positions (n, 2), degrees, lie near (0, 0), in the sea.

    Examples
    --------
    >>> near_null_island(np.array([(0.0, 0.001), (0.0, 51.5)])).tolist()
    [True, False]
    """
    return np.asarray((np.abs(lonlat) < _ORIGIN_DEG).all(axis=1))


def distance_km(lonlat: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Return great-circle distances in kilometres from one position, degrees (haversine formula); NaN for no position.

    Examples
    --------
    A quarter of the Earth's circumference:

    >>> distance_km(np.array([(90.0, 0.0)]), np.array((0.0, 0.0))).round().tolist()
    [10008.0]
    """
    lon, lat = np.radians(np.where(_is_place(lonlat)[:, None], lonlat, np.nan)).T
    lon0, lat0 = np.radians(origin)
    h = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.asarray(2 * _EARTH_KM * np.arcsin(np.sqrt(np.clip(h, 0.0, 1.0))))


def find_outliers(
    frames: Mapping[str, gpd.GeoDataFrame], firm: Sequence[Sequence[str]], *, choose: bool = False
) -> Outliers:
    """Find the rows to leave out, so that the rest lies together and, where that is possible, fits one computing CRS.

    Parameters
    ----------
    frames
        Layer -> frame, all in one CRS.
    firm
        Groups of layers, the most trusted first: the first group with a row says where the data are. Rows of the first
        group itself and of frames that are not of it are left out only if they are few, rows without a position always;
        rows of other layers that are far from the whole first group always, as they cannot meet it.
    choose
        Whether one place is chosen where there are several: the one of most rows, of equal ones that of the first row.

    Returns
    -------
    Outliers
        Where the data lie in several places of which none is the main one, nothing is far, unless one is chosen.

    Examples
    --------
    >>> points = gpd.GeoSeries([shapely.Point(102.86, 37.47), shapely.Point(0, 0)], crs=4326)
    >>> found = find_outliers({"cameras": gpd.GeoDataFrame(geometry=points)}, [["grids"], ["cameras"]])
    >>> found.is_far["cameras"].tolist(), found.distance_km["cameras"].round(-1).tolist()
    ([False, True], [0.0, 11140.0])
    """
    given = {name: frame for name, frame in frames.items() if len(frame)}
    if not given:
        return Outliers({}, {}, {})
    crs = systems.parse_crs(next(iter(given.values())).crs)
    rows = _rows(given, crs)
    far = {name: np.zeros(len(one.span), dtype=bool) for name, one in rows.items()}
    with np.errstate(over="ignore", invalid="ignore"):  # 1e308 degrees are no place, and left out as such
        for side, span in _PASSES:
            far = _far(rows, firm, side, span, choose=choose)
            if _fits(given, far):
                break
    return _described(given, crs, far)


# --- positions -------------------------------------------------------------------------------------------------------


def _rows(frames: Mapping[str, gpd.GeoDataFrame], crs: pyproj.CRS) -> dict[str, _Rows]:
    boxes = {name: shapely.bounds(frame.geometry.to_numpy()) for name, frame in frames.items()}
    centres = {name: box[:, :2] / 2 + box[:, 2:] / 2 for name, box in boxes.items()}
    if crs.is_projected:
        metre = crs.axis_info[0].unit_conversion_factor or 1.0
        scale, lon0 = np.array([metre / 1e3, metre / 1e3]), 0.0
    else:
        pooled = np.concatenate(list(centres.values()))
        pooled = pooled[np.isfinite(pooled).all(axis=1)]
        pooled = pooled[~at_origin(pooled)] if (~at_origin(pooled)).any() else pooled
        lon0, lat0 = np.quantile(pooled, 0.5, axis=0, method="nearest") if len(pooled) else (0.0, 0.0)
        scale = _KM_PER_DEGREE * np.array([max(np.cos(np.radians(lat0)), 0.01), 1.0])
    found = {}
    for name, box in boxes.items():
        centre = centres[name].copy()
        unset = (centre == 0).all(axis=1) if crs.is_projected else at_origin(centre)
        if not crs.is_projected:
            centre[~_is_place(centre)] = np.nan
            centre[:, 0] = turn(lon0, centre[:, 0])  # the shorter way round the Earth
        with np.errstate(invalid="ignore"):
            span = np.hypot(*((box[:, 2:] - box[:, :2]) * scale).T)
        shapes = frames[name].geometry.to_numpy()
        found[name] = _Rows(centre * scale, span, ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)), unset)
    return found


# --- one pass --------------------------------------------------------------------------------------------------------


def _far(
    rows: Mapping[str, _Rows], firm: Sequence[Sequence[str]], side: float, max_span: float, *, choose: bool
) -> dict[str, np.ndarray]:
    """Return which rows lie apart from the main group, by cells of one side."""
    usable = {
        name: one.has_shape & np.isfinite(one.centre).all(axis=1) & (one.span <= max_span) for name, one in rows.items()
    }
    main = _main_layers(rows, usable, firm)
    if not main:
        return {name: np.zeros(len(one.span), dtype=bool) for name, one in rows.items()}
    groups = _groups(rows, usable, side)
    # 1. The main group: most rows of the trusted layers, unset positions aside.
    trusted = np.concatenate([groups[name][usable[name] & ~rows[name].is_unset] for name in main])
    if len(trusted) == 0:
        trusted = np.concatenate([groups[name][usable[name]] for name in main])
    numbers, first, counts = np.unique(trusted, return_index=True, return_counts=True)
    largest = int(numbers[np.lexsort((first, -counts))[0]])
    apart = {name: one.has_shape & (groups[name] != largest) for name, one in rows.items()}
    # 2. Only few of the trusted rows may be set aside: else the data have several places, none of them the main one.
    is_few = counts.sum() - counts.max() <= max(_MAX_SHARE * counts.sum(), _MAX_FEW) and counts.max() * 2 > counts.sum()
    is_few |= choose
    # 3. Zones say where the county is, however many rows of other layers are elsewhere; other layers say it less.
    far = {}
    for name, one in rows.items():
        others = apart[name] & ~one.is_unset
        few = choose or others.sum() <= max(_MAX_SHARE * len(others), _MAX_FEW)
        allowed = is_few and (few or (name not in main and main == list(firm[0])))
        far[name] = apart[name] if allowed else apart[name] & one.is_unset
        if name == "cameras" and not choose and far[name].sum() == one.has_shape.sum():
            # None would be left: that is no stray row.
            far[name] = np.zeros(len(one.span), dtype=bool)
    return far


def _main_layers(
    rows: Mapping[str, _Rows], usable: Mapping[str, np.ndarray], firm: Sequence[Sequence[str]]
) -> list[str]:
    """Return the layers of the first group that has a row with a position."""
    for group in firm:
        if any(name in rows and (usable[name] & ~rows[name].is_unset).any() for name in group):
            return [name for name in group if name in rows]
    return [name for name in rows if usable[name].any()]


def _groups(rows: Mapping[str, _Rows], usable: Mapping[str, np.ndarray], side: float) -> dict[str, np.ndarray]:
    """Return the number of the group of cells that each row lies in; -1 for rows that are not usable."""
    names = list(rows)
    cells = np.concatenate([np.floor(rows[name].centre[usable[name]] / side) for name in names]).astype(np.int64)
    if len(cells) == 0:
        return {name: np.full(len(rows[name].span), -1) for name in names}
    occupied, cell_of_row = np.unique(cells, axis=0, return_inverse=True)
    group_of_cell = _connected([(int(x), int(y)) for x, y in occupied])
    of_rows = group_of_cell[cell_of_row.ravel()]
    out, start = {}, 0
    for name in names:
        count = int(usable[name].sum())
        out[name] = np.full(len(rows[name].span), -1)
        out[name][usable[name]] = of_rows[start : start + count]
        start += count
    return out


def _connected(cells: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return the number of the connected group of each cell; cells that touch, corners included, are of one group."""
    index = {cell: k for k, cell in enumerate(cells)}
    group = np.full(len(cells), -1)
    for k in range(len(cells)):
        if group[k] >= 0:
            continue
        waiting = [k]
        group[k] = k
        while waiting:
            x, y = cells[waiting.pop()]
            for beside in ((x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)):
                other = index.get(beside)
                if other is not None and group[other] < 0:
                    group[other] = k
                    waiting.append(other)
    return group


# --- results ---------------------------------------------------------------------------------------------------------


def _fits(frames: Mapping[str, gpd.GeoDataFrame], far: Mapping[str, np.ndarray]) -> bool:
    """Return whether one computing CRS serves the rows that are left."""
    try:
        metric_crs_for(*(frame.geometry[~far[name]] for name, frame in frames.items()))
    except (TooWide, UnknownCrs):
        return False
    return True


def _described(frames: Mapping[str, gpd.GeoDataFrame], crs: pyproj.CRS, far: Mapping[str, np.ndarray]) -> Outliers:
    centres = {name: _box_centres(frame) for name, frame in frames.items()}
    left = np.concatenate([centres[name][~far[name]] for name in frames])
    left = left[np.isfinite(left).all(axis=1)]
    middle = _degrees(np.quantile(left, [0.5], axis=0, method="nearest"), crs)[0] if len(left) else None
    distance = {name: np.zeros(len(mask)) for name, mask in far.items()}
    lonlat = {name: np.full((len(mask), 2), np.nan) for name, mask in far.items()}
    for name, mask in far.items():
        lonlat[name][mask] = _degrees(centres[name][mask], crs)
        if middle is not None:
            distance[name][mask] = distance_km(lonlat[name][mask], middle)
    return Outliers(far, distance, lonlat)


def _box_centres(frame: gpd.GeoDataFrame) -> np.ndarray:
    box = shapely.bounds(frame.geometry.to_numpy())
    return np.asarray(box[:, :2] / 2 + box[:, 2:] / 2)


def _degrees(points: np.ndarray, crs: pyproj.CRS) -> np.ndarray:
    return np.column_stack(systems.to_wgs84(points[:, 0], points[:, 1], crs))
