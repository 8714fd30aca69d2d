"""Test the shifts GCJ-02 and BD-09 against a published vector and their own inverse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo import crs

# One vector through all three, published in the README of gcoord (github.com/hujiulong/gcoord).
WGS, GCJ, BD = (116.403988, 39.914266), (116.4102324, 39.9156703), (116.416615601, 39.921965801)


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
