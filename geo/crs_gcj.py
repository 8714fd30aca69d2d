"""Shift WGS-84 to the GCJ-02 and BD-09 of Chinese web maps, and back by fixed-point iteration (rule L3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

LonLat = tuple[np.ndarray, np.ndarray]
_Shift = Callable[[np.ndarray, np.ndarray], LonLat]

# Constants as published with the reverse-engineered formula (reference: github.com/hujiulong/gcoord, src/crs/GCJ02.ts
# and BD09.ts; github.com/googollee/eviltransform).
_A = 6378245.0
_EE = 0.00669342162296594323
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_BD_K = 3000.0 * np.pi / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006

# The shift changes by less than 1e-3 per degree, so each iteration of a fixed point gains three digits.
_MAX_ITERATIONS = 30
_TOLERANCE_DEG = 2e-14


def in_box(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return whether each point, in degrees, is in the rough box of China, where the shift applies.

    Examples
    --------
    >>> import numpy as np
    >>> in_box(np.array([103.0, 0.0]), np.array([37.0, 0.0])).tolist()
    [True, False]
    """
    west, south, east, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def gcj02_from_wgs84(lon: np.ndarray, lat: np.ndarray) -> LonLat:
    """Return GCJ-02 degrees of WGS-84 degrees; unchanged outside the rough box.

    Examples
    --------
    The vector that gcoord publishes:

    >>> import numpy as np
    >>> lon, lat = gcj02_from_wgs84(np.array([116.403988]), np.array([39.914266]))
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([116.410232], [39.91567])
    """
    return _shift_in_box(lon, lat, _gcj02)


def bd09_from_wgs84(lon: np.ndarray, lat: np.ndarray) -> LonLat:
    """Return BD-09 degrees of WGS-84 degrees; unchanged outside the rough box.

    Examples
    --------
    >>> import numpy as np
    >>> lon, lat = bd09_from_wgs84(np.array([116.403988]), np.array([39.914266]))
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([116.416616], [39.921966])
    """
    return _shift_in_box(lon, lat, _bd09)


def wgs84_from_gcj02(lon: np.ndarray, lat: np.ndarray) -> LonLat:
    """Return WGS-84 degrees of GCJ-02 degrees, to below 1e-6 m of the formula.

    Examples
    --------
    >>> import numpy as np
    >>> lon, lat = wgs84_from_gcj02(np.array([116.4102324]), np.array([39.9156703]))
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([116.403988], [39.914266])
    """
    return _inverse(lon, lat, _gcj02)


def wgs84_from_bd09(lon: np.ndarray, lat: np.ndarray) -> LonLat:
    """Return WGS-84 degrees of BD-09 degrees, to below 1e-6 m of the formula.

    Examples
    --------
    >>> import numpy as np
    >>> lon, lat = wgs84_from_bd09(np.array([116.416615601]), np.array([39.921965801]))
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([116.403988], [39.914266])
    """
    return _inverse(lon, lat, _bd09)


def _shift_in_box(lon: np.ndarray, lat: np.ndarray, shift: _Shift) -> LonLat:
    inside = in_box(lon, lat)
    shifted_lon, shifted_lat = shift(np.where(inside, lon, 105.0), np.where(inside, lat, 35.0))
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def _inverse(lon: np.ndarray, lat: np.ndarray, shift: _Shift) -> LonLat:
    inside = in_box(lon, lat)
    target_lon, target_lat = np.where(inside, lon, 105.0), np.where(inside, lat, 35.0)
    source_lon, source_lat = target_lon, target_lat
    for _ in range(_MAX_ITERATIONS):
        image_lon, image_lat = shift(source_lon, source_lat)
        off_lon, off_lat = image_lon - target_lon, image_lat - target_lat
        source_lon, source_lat = source_lon - off_lon, source_lat - off_lat
        if max(_max_abs(off_lon), _max_abs(off_lat)) < _TOLERANCE_DEG:
            break
    # A point with its preimage outside the box was not shifted.
    shifted = inside & in_box(source_lon, source_lat)
    return np.where(shifted, source_lon, lon), np.where(shifted, source_lat, lat)


def _max_abs(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _gcj02(lon: np.ndarray, lat: np.ndarray) -> LonLat:
    x, y = lon - 105.0, lat - 35.0
    waves, root = _sine_terms(x, 6, 2), np.sqrt(np.abs(x))
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    d_lat += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    d_lat += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    d_lon += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    d_lon += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    m = 1 - _EE * np.sin(phi) ** 2
    sqrt_m = np.sqrt(m)
    north = d_lat * 180 / (_A * (1 - _EE) / (m * sqrt_m) * np.pi)
    east = d_lon * 180 / (_A / sqrt_m * np.cos(phi) * np.pi)
    return lon + east, lat + north


def _sine_terms(x: np.ndarray, fast: int, slow: int) -> np.ndarray:
    return (20 * np.sin(fast * np.pi * x) + 20 * np.sin(slow * np.pi * x)) * 2 / 3


def _bd09(lon: np.ndarray, lat: np.ndarray) -> LonLat:
    x, y = _gcj02(lon, lat)
    z = np.sqrt(x * x + y * y) + 2e-5 * np.sin(y * _BD_K)
    theta = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_K)
    return z * np.cos(theta) + _BD_LON, z * np.sin(theta) + _BD_LAT
