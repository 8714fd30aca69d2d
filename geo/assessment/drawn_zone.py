"""Read the zone that somebody drew: a polygon, written as a text that links and queries carry."""

from __future__ import annotations

import re

import numpy as np
import pyproj
import shapely

from geo.errors import BadValue

#: What such a text begins with: ``drawn:lon_lat~lon_lat~lon_lat``, in degrees.
DRAWN = "drawn:"
#: More corners are no hand's; a larger area is a zone of the data.
MOST_CORNERS = 100
MOST_KM2 = 100.0
#: The longest text, each corner with six decimals.
MOST_LETTERS = len(DRAWN) + MOST_CORNERS * len("-179.123456_-89.123456~")
_NUMBER = re.compile(r"-?\d{1,3}(\.\d{1,7})?")
_GEOD = pyproj.Geod(ellps="WGS84")


def drawn_zone(text: str) -> shapely.Polygon | None:
    """Return the polygon (WGS-84 degrees) of a drawn zone, None where the text names another zone.

    Raises
    ------
    BadValue
        It is no polygon: unreadable, fewer than 3 corners or more than 100, outside the world, crossing itself,
        without an area, or larger than 100 km2.

    Examples
    --------
    >>> drawn_zone("drawn:103.1_37.6~103.11_37.6~103.11_37.61").wkt
    'POLYGON ((103.1 37.6, 103.11 37.6, 103.11 37.61, 103.1 37.6))'
    >>> drawn_zone("townships:990101101") is None
    True
    >>> drawn_zone("drawn:103.1_37.6~103.11_37.61~103.11_37.6~103.1_37.61")
    Traceback (most recent call last):
    geo.errors.BadValue: 画出的范围边线自相交 / the borders of the drawn zone cross
    """
    if not text.startswith(DRAWN):
        return None
    corners = [_corner(one) for one in text[: MOST_LETTERS + 1].removeprefix(DRAWN).split("~")]
    if not 3 <= len(corners) <= MOST_CORNERS or len(text) > MOST_LETTERS:
        raise BadValue(f"画出的范围须有 3 到 {MOST_CORNERS} 个顶点", f"a drawn zone has 3 to {MOST_CORNERS} corners")
    polygon = shapely.Polygon(corners)
    if not polygon.is_valid or not polygon.area:
        raise BadValue("画出的范围边线自相交", "the borders of the drawn zone cross")
    km2 = abs(_GEOD.geometry_area_perimeter(polygon)[0]) / 1e6
    if km2 > MOST_KM2:
        raise BadValue(
            f"画出的范围有 {km2:.0f} km²，最多 {MOST_KM2:.0f} km²",
            f"the drawn zone has {km2:.0f} km2, {MOST_KM2:.0f} km2 at most",
        )
    return polygon


def drawn_text(polygon: shapely.Polygon) -> str:
    """Return the text of a drawn zone, its corners rounded to five decimals, a metre.

    Examples
    --------
    >>> drawn_text(shapely.box(103.1, 37.6, 103.1234567, 37.7))
    'drawn:103.12346_37.6~103.12346_37.7~103.1_37.7~103.1_37.6'
    """
    corners = shapely.get_coordinates(polygon.exterior)[:-1].round(5).tolist()
    return DRAWN + "~".join(f"{lon:.10g}_{lat:.10g}" for lon, lat in corners)


def rows_in(polygon: shapely.Polygon, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return which places lie in a polygon, its border included.

    Examples
    --------
    >>> rows_in(shapely.box(0, 0, 1, 1), np.array([0.5, 1.0, 2.0]), np.array([0.5, 0.5, 0.5])).tolist()
    [True, True, False]
    """
    shapely.prepare(polygon)
    return np.asarray(shapely.intersects_xy(polygon, lon, lat), bool)


def _corner(text: str) -> tuple[float, float]:
    parts = text.split("_")
    if len(parts) == 2 and all(_NUMBER.fullmatch(one) for one in parts):
        lon, lat = map(float, parts)
        if abs(lon) <= 180 and abs(lat) <= 90:
            return lon, lat
    raise BadValue(
        f"画出的范围的顶点 {text[:40]} 不是 经度_纬度（度）",
        f"the corner {text[:40]} of the drawn zone is not longitude_latitude in degrees",
    )
