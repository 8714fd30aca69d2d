"""Say how far positions may be off because the shift of their datum to WGS-84 is not known (rule L3).

PROJ takes coordinates over unchanged where it has no parameters between two datums. For datums with their origin at the
Earth's centre, as CGCS2000, that is right to a metre or two; for classical ones, as Xian 1980 and Beijing 1954, whose
parameters are not published, it is not.
"""

from __future__ import annotations

import warnings
from functools import lru_cache

import numpy as np
import pyproj
from numpy.typing import ArrayLike
from pyproj.transformer import TransformerGroup

from geo.crs import STORAGE_CRS, parse_crs, shift_name

#: Semi-major axis of GRS 80 and WGS 84, metres: datums of our time have one of these ellipsoids, classical ones others.
_MODERN_AXIS_M = 6_378_137.0
#: Doubt (m) of a datum without parameters: that of China's classical datums against WGS-84, and of any other one.
UNKNOWN_SHIFT_M, _OTHER_DOUBT_M = 100.0, 500.0
_CHINESE = ("xian 1980", "xian_1980", "beijing 1954", "beijing_1954", "new beijing", "new_beijing")
#: Parameters that are good to this (m) leave no doubt worth saying.
_GOOD_M = 5.0


def datum_doubt_m(lon: ArrayLike, lat: ArrayLike, crs: str | pyproj.CRS) -> np.ndarray:
    """Return by how many metres positions may be off for want of parameters of their datum; 0 where they are known.

    Parameters
    ----------
    lon, lat
        The positions after the transformation, WGS-84 degrees.
    crs
        The CRS that they were given in.

    Examples
    --------
    PROJ has parameters for Beijing 1954 in the Ordos basin, but none in Gansu, and none for Xian 1980 at all:

    >>> datum_doubt_m([108.5, 102.8], [37.4, 37.4], "EPSG:4214").tolist()
    [0.0, 100.0]
    >>> datum_doubt_m([102.8], [37.4], "EPSG:4610").tolist(), datum_doubt_m([102.8], [37.4], "cgcs2000").tolist()
    ([100.0], [0.0])
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    out = np.zeros(x.shape)
    if shift_name(crs) is not None:
        return out
    system = parse_crs(crs)
    if system.ellipsoid is None or system.ellipsoid.semi_major_metre == _MODERN_AXIS_M:
        return out
    name = f"{system.name} {system.geodetic_crs.name if system.geodetic_crs is not None else ''}".casefold()
    out[:] = UNKNOWN_SHIFT_M if any(one in name for one in _CHINESE) else _OTHER_DOUBT_M
    open_ = np.isfinite(x) & np.isfinite(y)
    out[~open_] = 0.0
    for accuracy, (west, south, east, north) in _parameters(system):
        inside = open_ & (x >= west) & (x <= east) & (y >= south) & (y <= north)
        out[inside] = accuracy if accuracy > _GOOD_M else 0.0
        open_ &= ~inside
    return out


def datum_name(crs: str | pyproj.CRS) -> str:
    """Return the name of the geographic CRS that a CRS is of.

    Examples
    --------
    >>> datum_name("EPSG:2379")
    'Xian 1980'
    """
    system = parse_crs(crs)
    return str(system.geodetic_crs.name if system.geodetic_crs is not None else system.name)


def frame_name(crs: str | pyproj.CRS) -> str:
    """Return the frame of positions: ``gcj02``, ``bd09``, ``modern`` of WGS-84 and what is one with it, else a datum.

    Examples
    --------
    >>> [frame_name(crs) for crs in ("wgs84", "cgcs2000", "gcj02", "EPSG:2379")]
    ['modern', 'modern', 'gcj02', 'Xian 1980']
    """
    shift = shift_name(crs)
    if shift is not None:
        return shift
    system = parse_crs(crs)
    is_modern = system.ellipsoid is not None and system.ellipsoid.semi_major_metre == _MODERN_AXIS_M
    return "modern" if is_modern else datum_name(system)


@lru_cache(maxsize=64)
def _parameters(crs: pyproj.CRS) -> tuple[tuple[float, tuple[float, float, float, float]], ...]:
    """Return accuracy (m) and area (degrees) of every published transformation to WGS-84, in PROJ's order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of grids that are not installed: those transformations are not used
        group = TransformerGroup(crs, parse_crs(STORAGE_CRS), always_xy=True)
    return tuple(
        (float(one.accuracy), one.area_of_use.bounds)
        for one in group.transformers
        if one.accuracy >= 0 and one.area_of_use is not None
    )
