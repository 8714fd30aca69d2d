"""Recognise the CGCS2000 zone that eastings are in."""

from __future__ import annotations

import numpy as np
import pyproj
from numpy.typing import ArrayLike

from geo.crs import parse_crs, shift_name
from geo.errors import UnknownCrs


def cgcs2000_zone_of_eastings(x: ArrayLike, crs: str | pyproj.CRS) -> pyproj.CRS | None:
    """Return the CGCS2000 zone that eastings are in, where the CRS named for them is not right.

    An 8-digit easting begins with its zone: 25 to 45 of 3 degrees, 13 to 23 of 6 degrees.

    Parameters
    ----------
    x
        Eastings of a file, metres.
    crs
        The CRS named for it.

    Returns
    -------
    The CRS of the zone, or None where the named one is right.

    Raises
    ------
    UnknownCrs
        Where metric coordinates have no zone, or several.

    Examples
    --------
    Zone 38 of 3 degrees has its meridian at 38 x 3 = 114 degrees:

    >>> zone = cgcs2000_zone_of_eastings([38_412_000.0], "cgcs2000")
    >>> zone.name, cgcs2000_zone_of_eastings([412_000.0], "EPSG:4547")
    ('CGCS2000 / 3-degree Gauss-Kruger zone 38', None)
    """
    if shift_name(crs) is not None:
        return None
    system = parse_crs(crs)
    if not _is_cgcs2000(system):
        return None
    values = np.asarray(x, dtype=float)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return None
    zones = np.floor(values / 1e6).astype(int)
    prefixed = ((zones >= 25) & (zones <= 45)) | ((zones >= 13) & (zones <= 23))
    if np.count_nonzero(prefixed) * 2 >= len(values):
        return _prefixed_zone(system, np.unique(zones[prefixed]))
    metric = np.abs(values) > 1000
    if system.is_geographic and np.count_nonzero(metric) * 2 > len(values):
        raise UnknownCrs(
            "坐标是米而坐标系没有分带；请用 --crs EPSG:n 指明分带",
            "the coordinates are metres but the CRS names no zone; name it with --crs EPSG:n",
        )
    if _has_prefix(system) and np.count_nonzero((values > 1e5) & (values < 1e6)) * 2 > len(values):
        return _without_prefix(system)
    return None


def _is_cgcs2000(crs: pyproj.CRS) -> bool:
    base = crs.geodetic_crs
    datum = base.datum if base is not None else None
    if datum is None or base is None:
        return False
    words = f"{base.name} {datum.name}".casefold()
    return "cgcs2000" in words or "cgcs_2000" in words or "china 2000" in words or "china_2000" in words


def _prefixed_zone(crs: pyproj.CRS, zones: np.ndarray) -> pyproj.CRS | None:
    if len(zones) > 1:
        found = ", ".join(str(zone) for zone in zones)
        raise UnknownCrs(
            f"横坐标带号不止一个：{found}；请分带导入", f"eastings of several zones: {found}; import zone by zone"
        )
    zone = int(zones[0])
    chosen = parse_crs(f"EPSG:{4488 + zone if zone >= 25 else 4478 + zone}")
    return None if chosen == crs else chosen


def _has_prefix(crs: pyproj.CRS) -> bool:
    return _false_easting(crs) > 1e6


def _false_easting(crs: pyproj.CRS) -> float:
    operation = crs.coordinate_operation
    if operation is None:
        return 0.0
    return next((float(p.value) for p in operation.params if p.name == "False easting"), 0.0)


def _without_prefix(crs: pyproj.CRS) -> pyproj.CRS:
    zone = int(_false_easting(crs) // 1e6)
    return parse_crs(f"EPSG:{4509 + zone if zone >= 25 else 4489 + zone}")
