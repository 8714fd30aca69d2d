"""Choose the computing CRS, and compute its grid convergence (rule C1).

Scale error is the largest deviation from 1 of the axes of Tissot's indicatrix (Snyder 1987, Map projections: a working
manual, doi:10.3133/pp1395), as PROJ computes them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike
from pyproj.exceptions import ProjError

from geo.crs import crs_name, local_transverse_mercator, parse_crs, require_same_crs, to_wgs84
from geo.errors import TooWide, UnknownCrs

Bounds = tuple[float, float, float, float]

#: Rule C1: maximum scale error of a computing CRS.
MAX_SCALE_ERROR = 0.001

_WEB_METHOD = "Popular Visualisation Pseudo Mercator"

# The outline of China, up to half a degree too wide: near the border either choice keeps rule C1.
_CHINA = shapely.Polygon(
    [
        (73.0, 39.5), (74.5, 41.0), (80.0, 42.5), (80.0, 45.2), (82.5, 45.7), (83.0, 47.5), (85.5, 47.5), (85.7, 48.8),
        (87.5, 49.5), (91.5, 47.0), (91.5, 45.5), (96.0, 43.2), (101.0, 42.9), (105.0, 42.0), (109.5, 42.8),
        (111.5, 44.2), (111.5, 45.3), (114.0, 45.2), (119.5, 47.2), (115.5, 47.7), (117.0, 50.0), (119.5, 50.6),
        (119.5, 53.0), (123.0, 53.9), (126.5, 53.4), (128.0, 50.0), (131.2, 49.2), (135.3, 48.8), (133.5, 45.0),
        (131.3, 44.5), (131.0, 42.4), (128.2, 41.6), (126.5, 41.4), (124.5, 39.8), (123.0, 37.5), (123.5, 30.0),
        (122.8, 25.5), (122.0, 22.0), (120.5, 21.0), (118.0, 14.0), (112.5, 3.0), (108.5, 6.0), (109.5, 17.0),
        (107.5, 18.0), (108.2, 21.3), (106.3, 22.3), (105.2, 23.1), (102.3, 22.1), (101.5, 20.9), (99.0, 21.8),
        (97.3, 23.8), (98.3, 27.3), (95.5, 28.9), (91.8, 27.3), (89.0, 27.0), (86.0, 27.7), (81.5, 29.8), (78.3, 32.0),
        (78.0, 35.2), (75.5, 36.5),
    ]
)  # fmt: skip


def metric_crs_for(*frames: gpd.GeoDataFrame | gpd.GeoSeries | None, at_least: float | None = None) -> pyproj.CRS:
    """Choose the computing CRS (rule C1).

    The CRS of the data where it is projected in metres and its scale error over the bounds is less than 0.1 %; else a
    CGCS2000 3-degree Gauss-Kruger zone inside China and a UTM zone elsewhere; where the data are so wide that no zone
    will do, a transverse Mercator on the middle meridian of the data.

    Parameters
    ----------
    frames
        Frames or series in one CRS; only their total bounds are used. None is skipped.
    at_least
        Margin round the bounds, metres, for computations beyond the data.

    Raises
    ------
    UnknownCrs, CrsMismatch
        Where a frame has no CRS, or they differ.
    TooWide
        Where the data are too wide for any one CRS, about 570 km.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> county = gpd.GeoSeries([shapely.box(102.5, 37.0, 103.8, 38.0)], crs=4326)
    >>> metric_crs_for(county).name
    'CGCS2000 / 3-degree Gauss-Kruger CM 102E'
    """
    present = [frame for frame in frames if frame is not None]
    crs = require_same_crs(*present)
    bounds = _total_bounds(present)
    return _choose_metric_crs(parse_crs(crs), bounds, float(at_least or 0.0))


def convergence(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> np.ndarray:
    """Return the grid convergence in degrees: grid azimuth = true azimuth - convergence.

    Parameters
    ----------
    lon, lat
        WGS-84 degrees.
    crs
        The CRS of the grid; the convergence of a geographic one is 0.

    Examples
    --------
    One degree east of the central meridian, at 35 degrees north: about sin 35 x 1 degree.

    >>> convergence([115.0], [35.0], "EPSG:4547").round(4).tolist()
    [0.5736]
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    system = parse_crs(crs)
    if not system.is_projected:
        return np.zeros_like(x)
    return np.asarray(_proj(system).get_factors(x, y).meridian_convergence, dtype=float)


def _total_bounds(frames: Sequence[gpd.GeoDataFrame | gpd.GeoSeries]) -> Bounds | None:
    boxes = np.array([frame.total_bounds for frame in frames if len(frame)])
    boxes = boxes[np.isfinite(boxes).all(axis=1)] if len(boxes) else boxes
    if len(boxes) == 0:
        return None
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


@lru_cache(maxsize=256)
def _choose_metric_crs(own: pyproj.CRS, bounds: Bounds | None, margin: float) -> pyproj.CRS:
    if bounds is None:
        # Empty data: any metric CRS will do; prefer that of the data.
        return own if _is_metric(own) else _zone_at(105.0, 35.0)
    lon, lat = _sampled(own, bounds, margin)
    if _is_metric(own) and _qualifies(own, lon, lat):
        return own
    middle_lon = (float(lon.min()) + float(lon.max())) / 2
    for candidate in (_zone_at(middle_lon, float(lat.mean())), local_transverse_mercator(middle_lon)):
        if _qualifies(candidate, lon, lat):
            return candidate
    width = _width_km(lon, lat)
    raise TooWide(
        f"数据东西宽 {width:,.0f} 公里，超过一个计算坐标系的上限（约 570 公里）；请分片",
        f"the data are {width:,.0f} km wide, more than one computing CRS allows (about 570 km); split them",
    )


def _sampled(
    crs: pyproj.CRS, bounds: tuple[float, float, float, float], margin: float
) -> tuple[np.ndarray, np.ndarray]:
    # 9 x 9 points in the CRS of the data: scale is smooth, so these find its extremes to well below 0.1 %.
    west, south, east, north = bounds
    if crs.is_projected:
        metre = crs.axis_info[0].unit_conversion_factor or 1.0
        pad_x = pad_y = margin / metre
    else:
        pad_y = margin / 111_000.0
        pad_x = pad_y / max(np.cos(np.radians((south + north) / 2)), 0.01)
    x, y = np.meshgrid(np.linspace(west - pad_x, east + pad_x, 9), np.linspace(south - pad_y, north + pad_y, 9))
    lon, lat = to_wgs84(x.ravel(), y.ravel(), crs)
    fits = np.isfinite(lon) & np.isfinite(lat)
    if not fits.any():
        raise UnknownCrs(f"坐标不在坐标系 {crs_name(crs)} 之内", f"the coordinates lie outside {crs_name(crs)}")
    return lon[fits], lat[fits]


def _is_metric(crs: pyproj.CRS) -> bool:
    if not crs.is_projected or crs.coordinate_operation is None:
        return False
    # Rule C1: pseudo-Mercator never qualifies, not even on the equator where its scale is 1.
    if crs.coordinate_operation.method_name == _WEB_METHOD:
        return False
    return all(axis.unit_conversion_factor == 1.0 for axis in crs.axis_info[:2])


def _qualifies(crs: pyproj.CRS, lon: np.ndarray, lat: np.ndarray) -> bool:
    try:
        factors = _proj(crs).get_factors(lon, lat)
    except ProjError:
        return False
    scales = np.concatenate([np.ravel(factors.tissot_semimajor), np.ravel(factors.tissot_semiminor)])
    return bool(np.isfinite(scales).all() and np.abs(scales - 1.0).max() < MAX_SCALE_ERROR)


def _zone_at(lon: float, lat: float) -> pyproj.CRS:
    if shapely.contains_xy(_CHINA, lon, lat):
        zone = int(min(max(round(lon / 3), 25), 45))
        return parse_crs(f"EPSG:{4509 + zone}")
    zone = int(np.floor((lon + 180) / 6)) % 60 + 1
    return parse_crs(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}")


def _width_km(lon: np.ndarray, lat: np.ndarray) -> float:
    # Along the parallel nearest the equator, where a degree is widest.
    widest = float(np.clip(0.0, lat.min(), lat.max()))
    return float(np.ptp(lon) * 111.32 * np.cos(np.radians(widest)))


def _proj(crs: pyproj.CRS) -> pyproj.Proj:
    # Created per call: unlike a Transformer, a Proj object is bound to its thread.
    with warnings.catch_warnings():
        # pyproj warns that PROJ strings lose metadata; the projection itself is kept.
        warnings.simplefilter("ignore")
        return pyproj.Proj(crs)
