"""Test the choice of the computing CRS and its grid north (rule C1)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo import crs
from geo.crs_metric import convergence, metric_crs_for
from geo.errors import TooWide


def box(west: float, south: float, east: float, north: float, system: str | int = 4326) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.box(west, south, east, north)], crs=system)


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
    assert crs.crs_name(metric_crs_for(box(*bounds))) == name


@pytest.mark.parametrize("system", ["EPSG:4547", "EPSG:4526", "EPSG:3067", "EPSG:2056"])
def test_c1_keeps_the_data_own_crs_where_it_qualifies(system: str) -> None:
    middle = {"EPSG:4547": (114, 36), "EPSG:4526": (114, 36), "EPSG:3067": (25, 60), "EPSG:2056": (7.4, 47)}[system]
    x, y = crs.from_wgs84(*middle, system)
    here = box(x - 5000, y - 5000, x + 5000, y + 5000, system)
    assert metric_crs_for(here) == here.crs


@pytest.mark.parametrize("lat", [0.0, 37.0, 60.17])
def test_c1_never_takes_pseudo_mercator(lat: float) -> None:
    x, y = crs.from_wgs84(104.0, lat, "EPSG:3857")
    chosen = metric_crs_for(box(x - 500, y - 500, x + 500, y + 500, 3857))
    assert crs.crs_name(chosen) != "EPSG:3857"


def test_c1_leaves_feet_and_far_zones() -> None:
    x, y = crs.from_wgs84(122.0, 36.0, "EPSG:4547")  # 8 degrees off its meridian
    assert crs.crs_name(metric_crs_for(box(x, y, x + 100, y + 100, 4547))) == "EPSG:4550"
    feet = box(980_000, 200_000, 990_000, 210_000, 2263)
    assert crs.crs_name(metric_crs_for(feet)) == "EPSG:32618"


@given(lon=st.floats(-170, 165), lat=st.floats(-70, 70), width=st.floats(0.01, 5.0), height=st.floats(0.01, 5.0))
def test_c1_scale_error_is_below_a_thousandth(lon: float, lat: float, width: float, height: float) -> None:
    chosen = metric_crs_for(box(lon, lat, lon + width, lat + height))
    factors = pyproj.Proj(chosen).get_factors(
        *np.random.default_rng(1).uniform((lon, lat), (lon + width, lat + height), (99, 2)).T
    )
    assert np.abs(np.asarray(factors.meridional_scale) - 1).max() < 0.001
    assert np.abs(np.asarray(factors.parallel_scale) - 1).max() < 0.001


def test_between_zones_a_meridian_of_its_own_serves_and_can_be_named_again() -> None:
    chosen = metric_crs_for(box(104.0, 30.0, 109.0, 31.0))
    assert crs.crs_name(chosen) == "WGS 84 / Transverse Mercator 106.5"
    assert crs.parse_crs(crs.crs_name(chosen)) == chosen


def test_too_wide_names_its_width() -> None:
    with pytest.raises(TooWide, match=r"964 km wide"):
        metric_crs_for(box(100.0, 30.0, 110.0, 31.0))


def test_margin_counts() -> None:
    wide = box(104.0, 30.0, 109.5, 30.1)
    metric_crs_for(wide)
    with pytest.raises(TooWide):
        metric_crs_for(wide, at_least=50_000.0)


def test_empty_frames_still_get_a_metric_crs() -> None:
    empty = gpd.GeoSeries([], crs=4326)
    assert metric_crs_for(empty).is_projected
    assert crs.crs_name(metric_crs_for(empty, box(24.9, 60.1, 25, 60.2), None)) == "EPSG:32635"


@given(lon=st.floats(111.0, 117.0), lat=st.floats(-60, 60))
def test_grid_azimuth_is_true_azimuth_less_convergence(lon: float, lat: float) -> None:
    x, y = crs.from_wgs84([lon, lon], [lat, lat + 1e-5], "EPSG:4547")
    grid_azimuth_of_north = np.degrees(np.arctan2(x[1] - x[0], y[1] - y[0]))
    assert convergence(lon, lat, "EPSG:4547") == pytest.approx(-grid_azimuth_of_north, abs=1e-4)


def test_convergence_has_the_sign_of_the_hemisphere_and_side() -> None:
    # sin(35) x 1 degree = 0.5736, positive east of the meridian in the north.
    assert convergence([115.0, 113.0], [35.0, 35.0], "EPSG:4547") == pytest.approx([0.5736, -0.5736], abs=1e-4)
    assert convergence([115.0], [35.0], "wgs84") == pytest.approx([0.0])
