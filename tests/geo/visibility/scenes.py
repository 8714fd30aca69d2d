"""Draw small random scenes of cameras and obstacles for property tests."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from hypothesis import strategies as st

from tests.geo.visibility.oracle_line_of_sight import rectangle

#: 150 km east of the central meridian of EPSG:4547, where grid north is a degree off true north.
EAST, NORTH = 650_000.0, 4_000_000.0
CRS = "EPSG:4547"
TARGET = 1.6

_HEIGHTS = st.sampled_from([math.nan, 1.0, 1.6, 2.5, 3.5, 5.0, 8.0, 20.0])
_LENSES = st.sampled_from([1.0, 1.6, 2.5, 4.0, 6.0, 12.0])
_TURNS = st.sampled_from([0.0, 0.0, 0.0, 17.0, 45.0, 88.8])


@st.composite
def footprints(draw, places):
    """A rectangle, an L, one with a courtyard, one of two parts, or a crossed ring; turned; sides of whole metres."""
    x, y, wide, deep = draw(places), draw(places), draw(st.integers(2, 25)), draw(st.integers(2, 25))
    turn = draw(_TURNS)
    shape = rectangle(x, y, wide, deep, turn)
    form = draw(st.sampled_from(["plain", "plain", "ell", "court", "parts", "crossed"]))
    if form == "ell":
        shape = shape.union(rectangle(x + wide / 2, y, wide, deep / 2, turn))
    elif form == "court":
        shape = shape.difference(rectangle(x, y, wide / 2, deep / 2, turn))
    elif form == "parts":
        shape = shapely.MultiPolygon([shape, rectangle(x + 60, y, wide, deep, turn)])
    elif form == "crossed":
        a, b, c, d = shapely.get_coordinates(shape)[:4]
        shape = shapely.Polygon([a, c, b, d])
    return shapely.transform(shape, lambda points: points + np.array([EAST, NORTH]))


@st.composite
def scenes(draw, *, most=7, unknown=True):
    """Return cameras and obstacles as frames in CRS, within some 45 m of (EAST, NORTH)."""
    # whole multiples of 5 m make walls touch, corners line up and rays pass along walls
    places = draw(st.sampled_from([st.integers(-8, 8).map(lambda n: 5.0 * n), st.floats(-45, 45)]))
    shapes = draw(st.lists(footprints(places), max_size=most))
    heights = [draw(_HEIGHTS if unknown else _HEIGHTS.filter(lambda h: h == h)) for _ in shapes]
    rows = []
    for _ in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from(["fixed", "fixed", "fixed", "ptz", "panoramic"]))
        hfov = st.sampled_from([200.0, 360.0]) if kind == "panoramic" else st.sampled_from(
            [5.0, 30.0, 60.0, 90.0, 120.0, 170.0, 200.0, 350.0, 360.0]
        )  # fmt: skip
        rows.append(
            {
                "kind": kind,
                "azimuth": draw(st.sampled_from([math.nan, 0.0, 45.0, 90.0, 123.4, 350.0, 359.9])),
                "hfov": draw(hfov),
                "vfov": draw(st.sampled_from([math.nan, 30.0, 60.0])),
                "tilt": draw(st.sampled_from([math.nan, math.nan, -10.0, 0.0, 20.0, 45.0])),
                "height": draw(_LENSES),
                "width_px": draw(st.sampled_from([1000.0, 1920.0, 4000.0])),
                "max_range": draw(st.sampled_from([math.nan, 20.0, 60.0])),
                "geometry": shapely.Point(
                    EAST + draw(places) + draw(st.sampled_from([0.0, 0.3])), NORTH + draw(places)
                ),
            }
        )
    cameras = gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)
    obstacles = gpd.GeoDataFrame({"height": np.array(heights, dtype=float)}, geometry=shapes, crs=CRS)
    return cameras, obstacles


def grid_bearing(azimuth, x, y, crs):
    """Return where a true azimuth points on the grid, by walking 10 m along the geodesic and projecting both ends."""
    back = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    lon, lat = back.transform(x, y)
    lon2, lat2, _ = pyproj.Geod(ellps="GRS80").fwd(lon, lat, azimuth, 10.0)
    x2, y2 = back.transform(lon2, lat2, direction="INVERSE")
    return math.degrees(math.atan2(x2 - x, y2 - y))
