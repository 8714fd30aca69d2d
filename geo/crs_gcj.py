"""Shift WGS-84 to the GCJ-02 and BD-09 of Chinese web maps, and back by iteration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Lonlat = tuple[np.ndarray, np.ndarray]
_Shift = Callable[[np.ndarray, np.ndarray], Lonlat]

# Constants as published with the reverse-engineered formula (reference: gcoord src/crs/GCJ02.ts and BD09.ts).
_A = 6378245.0
_EE = 0.00669342162296594323
_BOX = (72.004, 0.8293, 137.8347, 55.8271)
_BD_K = 3000.0 * np.pi / 180.0
_BD_LON, _BD_LAT = 0.0065, 0.006

# The shift changes by less than 1e-3 per degree of position, so each round wins three digits.
_ROUNDS = 30
_STOP_DEG = 2e-14


def in_box(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return whether each point, in degrees, lies in the rough box where the shift applies."""
    west, south, east, north = _BOX
    return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def gcj02_from_wgs84(lon: np.ndarray, lat: np.ndarray) -> Lonlat:
    """Shift WGS-84 degrees to GCJ-02 degrees; points outside the rough box stay as they are."""
    return _where_in_box(lon, lat, _gcj02)


def bd09_from_wgs84(lon: np.ndarray, lat: np.ndarray) -> Lonlat:
    """Shift WGS-84 degrees to BD-09 degrees; points outside the rough box stay as they are."""
    return _where_in_box(lon, lat, _bd09)


def wgs84_from_gcj02(lon: np.ndarray, lat: np.ndarray) -> Lonlat:
    """Undo the GCJ-02 shift, to below 1e-6 m against the formula."""
    return _inverse(lon, lat, _gcj02)


def wgs84_from_bd09(lon: np.ndarray, lat: np.ndarray) -> Lonlat:
    """Undo the BD-09 shift, to below 1e-6 m against the formula."""
    return _inverse(lon, lat, _bd09)


def _where_in_box(lon: np.ndarray, lat: np.ndarray, shift: _Shift) -> Lonlat:
    inside = in_box(lon, lat)
    shifted_lon, shifted_lat = shift(np.where(inside, lon, 105.0), np.where(inside, lat, 35.0))
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def _inverse(lon: np.ndarray, lat: np.ndarray, shift: _Shift) -> Lonlat:
    inside = in_box(lon, lat)
    goal_lon, goal_lat = np.where(inside, lon, 105.0), np.where(inside, lat, 35.0)
    at_lon, at_lat = goal_lon, goal_lat
    for _ in range(_ROUNDS):
        got_lon, got_lat = shift(at_lon, at_lat)
        off_lon, off_lat = got_lon - goal_lon, got_lat - goal_lat
        at_lon, at_lat = at_lon - off_lon, at_lat - off_lat
        if max(_largest(off_lon), _largest(off_lat)) < _STOP_DEG:
            break
    # A point whose origin lies outside the box was never shifted.
    shifted = inside & in_box(at_lon, at_lat)
    return np.where(shifted, at_lon, lon), np.where(shifted, at_lat, lat)


def _largest(values: np.ndarray) -> float:
    return float(np.max(np.abs(values), initial=0.0))


def _gcj02(lon: np.ndarray, lat: np.ndarray) -> Lonlat:
    x, y = lon - 105.0, lat - 35.0
    d_lat = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + _waves(x, 6, 2)
    d_lat += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    d_lat += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    d_lon = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + _waves(x, 6, 2)
    d_lon += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    d_lon += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    m = 1 - _EE * np.sin(phi) ** 2
    root = np.sqrt(m)
    north = d_lat * 180 / (_A * (1 - _EE) / (m * root) * np.pi)
    east = d_lon * 180 / (_A / root * np.cos(phi) * np.pi)
    return lon + east, lat + north


def _waves(x: np.ndarray, fast: int, slow: int) -> np.ndarray:
    return (20 * np.sin(fast * np.pi * x) + 20 * np.sin(slow * np.pi * x)) * 2 / 3


def _bd09(lon: np.ndarray, lat: np.ndarray) -> Lonlat:
    x, y = _gcj02(lon, lat)
    z = np.sqrt(x * x + y * y) + 2e-5 * np.sin(y * _BD_K)
    theta = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_K)
    return z * np.cos(theta) + _BD_LON, z * np.sin(theta) + _BD_LAT
