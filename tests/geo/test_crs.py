"""Test naming, recognising and transforming coordinate systems (rules C1, L3)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from geo import crs
from geo.crs_metric import metric_crs_for
from geo.errors import CrsMismatch, UnknownCrs

# One vector through all three, published by gcoord and given in reference/standards.md section 4.
WGS, GCJ, BD = (116.403988, 39.914266), (116.4102324, 39.9156703), (116.416615601, 39.921965801)


def box(west: float, south: float, east: float, north: float, system: str | int = 4326) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.box(west, south, east, north)], crs=system)


def test_missing_coordinates_stay_missing() -> None:
    for name in ("gcj02", "bd09", "wgs84", "cgcs2000", "EPSG:4547"):
        lon, lat = crs.to_wgs84([np.nan, 116.0], [40.0, 40.0], name)
        assert np.isnan(lon[0])
        assert lon.shape == lat.shape == (2,)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EPSG:4547", 4547),
        ("epsg:4547", 4547),
        ("4547", 4547),
        (4547, 4547),
        ("wgs84", 4326),
        ("WGS-84", 4326),
        ("CGCS2000", 4490),
        ("国家2000", 4490),
        ("urn:ogc:def:crs:EPSG::4547", 4547),
        (pyproj.CRS(4547), 4547),
        (pyproj.CRS(4547).to_wkt("WKT1_ESRI"), 4547),
        ("EPSG:7415", 28992),
    ],
)
def test_parse_crs(text: object, code: int) -> None:
    assert crs.crs_name(text) == f"EPSG:{code}"


@pytest.mark.parametrize(
    "text", [None, "", " ", "gcj02", "EPSG:999999", "hello", "/etc/passwd", "+proj=merc", "EPSG:4978"]
)
def test_unknown_crs_is_refused(text: str | None) -> None:
    with pytest.raises(UnknownCrs):
        crs.parse_crs(text)


def test_no_crs_no_answer() -> None:
    with pytest.raises(UnknownCrs, match="--crs"):
        crs.to_wgs84(116.0, 40.0, "")
    with pytest.raises(UnknownCrs):
        metric_crs_for(gpd.GeoSeries([shapely.Point(0, 0)]))


def test_gauss_krueger_axes_are_east_then_north() -> None:
    # On the central meridian the easting is the false easting and the scale 1.
    lon, lat = crs.to_wgs84(500_000.0, 4_000_000.0, "EPSG:4547")
    assert lon == pytest.approx(114.0, abs=1e-12)
    assert 36.0 < lat < 36.2
    assert crs.to_wgs84(38_500_000.0, 4_000_000.0, "EPSG:4526")[1] == lat


def test_mixed_crs_is_refused() -> None:
    here, there = box(113, 35, 114, 36), box(500_000, 4e6, 510_000, 4.01e6, 4547)
    with pytest.raises(CrsMismatch, match="EPSG:4547"):
        metric_crs_for(here, there)
    with pytest.raises(UnknownCrs):
        crs.require_same_crs(here, gpd.GeoSeries([shapely.Point(0, 0)]))
    assert crs.require_same_crs(here, box(1, 2, 3, 4, "OGC:CRS84")) == here.crs


@pytest.mark.parametrize(
    "shape",
    [
        shapely.Point(*GCJ),
        shapely.LineString([GCJ, GCJ]),
        shapely.box(GCJ[0], GCJ[1], GCJ[0] + 0.01, GCJ[1] + 0.01),
        shapely.MultiPoint([GCJ]),
        shapely.Polygon(),
        None,
    ],
)
def test_frame_to_wgs84_moves_every_kind_and_keeps_the_index(shape: shapely.Geometry | None) -> None:
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], index=[7])
    moved = crs.frame_to_wgs84(frame, "gcj02")
    assert moved.index.tolist() == [7]
    assert crs.crs_name(moved.crs) == "EPSG:4326"
    if shape is not None and not shape.is_empty:
        assert shapely.get_coordinates(moved.geometry.iloc[0])[0] == pytest.approx(WGS, abs=0.011)
    assert frame.crs is None


def test_frame_to_wgs84_from_a_projected_crs() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(500_000, 4e6, 12.0)], crs=4547)
    moved = crs.frame_to_wgs84(frame, "EPSG:4547")
    assert moved.geometry.iloc[0].x == pytest.approx(114.0)
