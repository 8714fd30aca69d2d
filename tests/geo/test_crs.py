"""Test naming, recognising and choosing coordinate systems (rules C1, L3)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import crs
from geo.errors import CrsMismatch, TooWide, UnknownCrs

# One vector through all three, published by gcoord and given in reference/standards.md section 4.
WGS, GCJ, BD = (116.403988, 39.914266), (116.4102324, 39.9156703), (116.416615601, 39.921965801)


def box(west: float, south: float, east: float, north: float, system: str | int = 4326) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.box(west, south, east, north)], crs=system)


@pytest.mark.parametrize(("name", "shifted", "tolerance"), [("gcj02", GCJ, 5e-8), ("bd09", BD, 5e-10)])
def test_published_vectors_both_ways(name: str, shifted: tuple[float, float], tolerance: float) -> None:
    lon, lat = crs.from_wgs84(*WGS, name)
    assert abs(lon - shifted[0]) < tolerance
    assert abs(lat - shifted[1]) < tolerance
    back = crs.to_wgs84(*shifted, name)
    assert np.hypot(back[0] - WGS[0], back[1] - WGS[1]) < 2 * tolerance


@pytest.mark.parametrize("name", ["gcj02", "bd09", "GCJ-02", "BD_09"])
@given(lon=st.floats(74, 134), lat=st.floats(18, 53))
def test_inverse_meets_the_formula_below_a_micrometre(name: str, lon: float, lat: float) -> None:
    there = crs.from_wgs84(lon, lat, name)
    back_lon, back_lat = crs.to_wgs84(*there, name)
    again = crs.from_wgs84(back_lon, back_lat, name)
    metres = 111_320 * max(abs(back_lon - lon), abs(back_lat - lat), abs(again[0] - there[0]), abs(again[1] - there[1]))
    assert metres < 1e-6
    assert 10 < 111_320 * np.hypot(there[0] - lon, there[1] - lat) < 2_500


@pytest.mark.parametrize("name", ["gcj02", "bd09"])
@given(lon=st.floats(-179, 70), lat=st.floats(-89, 89))
def test_outside_the_rough_box_nothing_is_shifted(name: str, lon: float, lat: float) -> None:
    assert crs.from_wgs84(lon, lat, name) == (lon, lat)
    assert crs.to_wgs84(lon, lat, name) == (lon, lat)


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
        crs.metric_crs_for(gpd.GeoSeries([shapely.Point(0, 0)]))


def test_gauss_krueger_axes_are_east_then_north() -> None:
    # On the central meridian the easting is the false easting and the scale 1.
    lon, lat = crs.to_wgs84(500_000.0, 4_000_000.0, "EPSG:4547")
    assert lon == pytest.approx(114.0, abs=1e-12)
    assert 36.0 < lat < 36.2
    assert crs.to_wgs84(38_500_000.0, 4_000_000.0, "EPSG:4526")[1] == lat


@pytest.mark.parametrize(
    ("bounds", "name"),
    [
        ((102.5, 37.0, 103.8, 38.0), "EPSG:4543"),  # 古浪, CM 102E
        ((107.2, 33.0, 107.9, 33.7), "EPSG:4545"),  # 洋县, CM 108E
        ((121.4, 24.9, 121.6, 25.1), "EPSG:4549"),
        ((24.9, 60.1, 25.0, 60.2), "EPSG:32635"),
        ((6.0, 46.1, 6.2, 46.3), "EPSG:32632"),
        ((-73.0, -40.0, -72.0, -39.0), "EPSG:32718"),
        ((-84.5, 33.6, -84.2, 34.0), "EPSG:32616"),
    ],
)
def test_c1_picks_gauss_krueger_in_china_and_utm_elsewhere(bounds: tuple[float, ...], name: str) -> None:
    assert crs.crs_name(crs.metric_crs_for(box(*bounds))) == name


@pytest.mark.parametrize("system", ["EPSG:4547", "EPSG:4526", "EPSG:3067", "EPSG:2056"])
def test_c1_keeps_the_data_own_crs_where_it_qualifies(system: str) -> None:
    middle = {"EPSG:4547": (114, 36), "EPSG:4526": (114, 36), "EPSG:3067": (25, 60), "EPSG:2056": (7.4, 47)}[system]
    x, y = crs.from_wgs84(*middle, system)
    here = box(x - 5000, y - 5000, x + 5000, y + 5000, system)
    assert crs.metric_crs_for(here) == here.crs


@pytest.mark.parametrize("lat", [0.0, 37.0, 60.17])
def test_c1_never_takes_pseudo_mercator(lat: float) -> None:
    x, y = crs.from_wgs84(104.0, lat, "EPSG:3857")
    chosen = crs.metric_crs_for(box(x - 500, y - 500, x + 500, y + 500, 3857))
    assert crs.crs_name(chosen) != "EPSG:3857"


def test_c1_leaves_feet_and_far_zones() -> None:
    x, y = crs.from_wgs84(122.0, 36.0, "EPSG:4547")  # 8 degrees off its meridian
    assert crs.crs_name(crs.metric_crs_for(box(x, y, x + 100, y + 100, 4547))) == "EPSG:4550"
    feet = box(980_000, 200_000, 990_000, 210_000, 2263)
    assert crs.crs_name(crs.metric_crs_for(feet)) == "EPSG:32618"


@given(lon=st.floats(-170, 165), lat=st.floats(-70, 70), width=st.floats(0.01, 5.0), height=st.floats(0.01, 5.0))
def test_c1_scale_error_is_below_a_thousandth(lon: float, lat: float, width: float, height: float) -> None:
    chosen = crs.metric_crs_for(box(lon, lat, lon + width, lat + height))
    factors = pyproj.Proj(chosen).get_factors(
        *np.random.default_rng(1).uniform((lon, lat), (lon + width, lat + height), (99, 2)).T
    )
    assert np.abs(np.asarray(factors.meridional_scale) - 1).max() < 0.001
    assert np.abs(np.asarray(factors.parallel_scale) - 1).max() < 0.001


def test_between_zones_a_meridian_of_its_own_serves_and_can_be_named_again() -> None:
    chosen = crs.metric_crs_for(box(104.0, 30.0, 109.0, 31.0))
    assert crs.crs_name(chosen) == "WGS 84 / Transverse Mercator 106.5"
    assert crs.parse_crs(crs.crs_name(chosen)) == chosen


def test_too_wide_names_its_width() -> None:
    with pytest.raises(TooWide, match=r"964 km wide"):
        crs.metric_crs_for(box(100.0, 30.0, 110.0, 31.0))


def test_margin_counts() -> None:
    wide = box(104.0, 30.0, 109.5, 30.1)
    crs.metric_crs_for(wide)
    with pytest.raises(TooWide):
        crs.metric_crs_for(wide, at_least=50_000.0)


def test_mixed_crs_is_refused() -> None:
    here, there = box(113, 35, 114, 36), box(500_000, 4e6, 510_000, 4.01e6, 4547)
    with pytest.raises(CrsMismatch, match="EPSG:4547"):
        crs.metric_crs_for(here, there)
    with pytest.raises(UnknownCrs):
        crs.require_same_crs(here, gpd.GeoSeries([shapely.Point(0, 0)]))
    assert crs.require_same_crs(here, box(1, 2, 3, 4, "OGC:CRS84")) == here.crs


def test_empty_frames_still_get_a_metric_crs() -> None:
    empty = gpd.GeoSeries([], crs=4326)
    assert crs.metric_crs_for(empty).is_projected
    assert crs.crs_name(crs.metric_crs_for(empty, box(24.9, 60.1, 25, 60.2), None)) == "EPSG:32635"


@given(lon=st.floats(111.0, 117.0), lat=st.floats(-60, 60))
def test_grid_azimuth_is_true_azimuth_less_convergence(lon: float, lat: float) -> None:
    x, y = crs.from_wgs84([lon, lon], [lat, lat + 1e-5], "EPSG:4547")
    grid_azimuth_of_north = np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0]))
    assert crs.convergence(lon, lat, "EPSG:4547") == pytest.approx(-grid_azimuth_of_north, abs=1e-4)


def test_convergence_has_the_sign_of_the_hemisphere_and_side() -> None:
    # sin(35) x 1 degree = 0.5736, positive east of the meridian in the north.
    assert crs.convergence([115.0, 113.0], [35.0, 35.0], "EPSG:4547") == pytest.approx([0.5736, -0.5736], abs=1e-4)
    assert crs.convergence([115.0], [35.0], "wgs84") == pytest.approx([0.0])


@pytest.mark.parametrize(
    ("eastings", "named", "found"),
    [
        ([38_412_000.0, 38_600_123.4], "cgcs2000", "EPSG:4526"),
        ([34_500_000.0], "EPSG:4490", "EPSG:4522"),
        ([20_500_000.0], "cgcs2000", "EPSG:4498"),
        ([38_412_000.0], "EPSG:4547", "EPSG:4526"),
        ([38_412_000.0, np.nan, 461.9, 38_412_001.0], "EPSG:4547", "EPSG:4526"),
        ([412_000.0], "EPSG:4526", "EPSG:4547"),
        ([20_412_000.0], "EPSG:4509", "EPSG:4498"),
    ],
)
def test_zone_prefixed_eastings_are_recognised(eastings: list[float], named: str, found: str) -> None:
    zone = crs.zone_of_eastings(eastings, named)
    assert zone is not None
    assert crs.crs_name(zone) == found


@pytest.mark.parametrize(
    ("eastings", "named"),
    [
        ([38_412_000.0], "EPSG:4526"),
        ([412_000.0], "EPSG:4547"),
        ([116.3], "cgcs2000"),
        ([38_412_000.0], "EPSG:3857"),
        ([116.3], "gcj02"),
        ([], "cgcs2000"),
    ],
)
def test_a_crs_that_holds_is_left_alone(eastings: list[float], named: str) -> None:
    assert crs.zone_of_eastings(eastings, named) is None


@pytest.mark.parametrize("eastings", [[412_000.0], [38_412_000.0, 39_412_000.0]])
def test_no_zone_or_several_are_refused(eastings: list[float]) -> None:
    with pytest.raises(UnknownCrs):
        crs.zone_of_eastings(eastings, "cgcs2000")


def test_every_zone_has_its_meridian() -> None:
    for zone in [*range(13, 24), *range(25, 46)]:
        system = crs.zone_of_eastings([zone * 1e6 + 5e5], "cgcs2000")
        assert system is not None
        values = {one.name: one.value for one in system.coordinate_operation.params}
        assert values["Longitude of natural origin"] == (3 * zone if zone >= 25 else 6 * zone - 3)
        assert values["False easting"] == zone * 1e6 + 5e5
    assert crs.to_wgs84(38.5e6, 4e6, crs.zone_of_eastings([38.5e6], "cgcs2000"))[0] == pytest.approx(114, abs=1e-9)


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
