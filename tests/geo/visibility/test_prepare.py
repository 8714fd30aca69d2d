"""What is prepared for any level: CRS, positions, heights and azimuths, on frames that can be checked on paper."""

from __future__ import annotations

import math
import re

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.catalog.headings import assumed_text
from geo.crs import from_wgs84
from geo.errors import BadGeometry, CrsMismatch
from geo.visibility._prepare import PreparedScene, grid_azimuths, prepare_scene, transformer_between
from tests.geo.visibility.scenes import grid_bearing

X, Y, CRS = 500_000.0, 4_000_000.0, "EPSG:4547"


def cameras(*xy: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(X + x, Y + y) for x, y in xy], crs=CRS)


def houses(*boxes: tuple[float, ...], **columns: object) -> gpd.GeoDataFrame:
    shapes = [shapely.box(X + a, Y + b, X + c, Y + d) for a, b, c, d in boxes]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def prepared(frame: gpd.GeoDataFrame, obstacles: gpd.GeoDataFrame | None = None) -> PreparedScene:
    return prepare_scene(frame, obstacles, "iec62676-4:2014", 1.6)


def test_metric_data_are_computed_in_their_own_crs_and_degrees_in_another() -> None:
    one = cameras((0, 0))
    assert prepared(one).computing_crs == prepared(one).crs == one.crs
    degrees = prepared(one.to_crs(4326))
    assert degrees.crs == "EPSG:4326"
    assert degrees.computing_crs.is_projected
    x, y = from_wgs84(*degrees.frame.geometry.iloc[0].coords[0], degrees.computing_crs)
    assert (degrees.x[0], degrees.y[0]) == pytest.approx((float(x), float(y)))


def test_all_that_is_assumed_has_chinese_words() -> None:
    """Two cameras in a house, 5 m and 0.37 m from its wall; one indoors, one of half a circle, one of another lens."""
    frame = cameras(
        (0, 0), (0, 4.63), (50, 0), (60, 0), (70, 0),
        kind=[None, None, "ptz", "fixed", "panoramic"], hfov=[None, None, None, 180.0, None],
        place_type=[None, None, "indoor", None, None], projection=[None, None, None, None, "fisheye"],
    )  # fmt: skip
    told = [text for texts in prepared(frame, houses((-5, -5, 5, 5), height=[9.0])).assumed for text in texts]
    assert {text.partition("=")[0] for text in told} >= {
        "kind", "status", "hfov", "vfov", "height", "width_px", "height_px", "indoor: sees nothing",
        "inside an obstacle: sees nothing", "moved 0.42 m to the wall", "panoramic for R3",
        "projection fisheye computed as sector",
    }  # fmt: skip
    for text in told:
        zh = assumed_text(text, "zh").replace("fisheye", "")
        assert re.search("[a-z]", zh) is None, zh


def test_no_transformer_between_equal_systems() -> None:
    one = cameras((0, 0))
    assert transformer_between(one.crs, one.crs) is None
    there = transformer_between(one.crs, one.to_crs(4326).crs)
    assert there.transform(X, Y)[0] == pytest.approx(114.0)


@pytest.mark.parametrize(
    ("height", "expected"),
    [(6.0, 6.0), ("7.5", 7.5), (0.0, math.nan), (-3.0, math.nan), ("high", math.nan), (None, math.nan)],
)
def test_heights_are_numbers_above_zero_or_unknown(height: object, expected: float) -> None:
    found = prepared(cameras((0, 0)), houses((5, 5, 9, 9), height=[height])).obstacle_index.height
    assert found.tolist() == pytest.approx([expected], nan_ok=True)
    assert math.isnan(prepared(cameras((0, 0)), houses((5, 5, 9, 9))).obstacle_index.height[0])


def test_a_camera_just_inside_a_wall_is_moved_in_the_arrays_and_in_the_frame() -> None:
    frame = cameras((0, -0.37), (50, 50), id=["in", "out"])
    scene = prepared(frame, houses((-10, -10, 10, 0), height=[9.0]))
    assert scene.y.tolist() == pytest.approx([Y + 0.05, Y + 50], abs=1e-4)
    assert scene.frame.geometry.y.tolist() == scene.y.tolist()
    assert "moved 0.42 m to the wall" in scene.assumed["in"]
    assert not any("moved" in text for text in scene.assumed["out"])
    assert frame.geometry.iloc[0].y == Y - 0.37  # the frame given is left alone


def test_indoor_cameras_see_nothing_by_their_record() -> None:
    scene = prepared(cameras((0, 0), (9, 0), place_type=[" Indoor ", "outdoor"]))
    assert scene.sees_nothing.tolist() == [True, False]


@pytest.mark.parametrize("azimuth", [0.0, 90.0, 359.0])
@pytest.mark.parametrize("east", [0.0, 150_000.0, -80_000.0])
def test_grid_azimuths_are_where_the_geodesic_goes(azimuth: float, east: float) -> None:
    crs = cameras((0, 0)).crs
    found = grid_azimuths(np.array([azimuth]), np.array([X + east]), np.array([Y]), crs)[0]
    expected = grid_bearing(azimuth, X + east, Y, CRS)
    assert math.remainder(found - expected, 360.0) == pytest.approx(0.0, abs=1e-4)


def test_unknown_azimuths_stay_unknown() -> None:
    assert np.isnan(grid_azimuths(np.array([np.nan]), np.array([X]), np.array([Y]), cameras((0, 0)).crs)).all()


def test_frames_of_two_systems_and_cameras_without_a_point_are_refused() -> None:
    with pytest.raises(CrsMismatch):
        prepared(cameras((0, 0)), houses((5, 5, 9, 9)).to_crs(4326))
    with pytest.raises(BadGeometry) as caught:
        prepared(gpd.GeoDataFrame(geometry=[shapely.Point(X, Y), None, shapely.Point()], crs=CRS))
    assert [fault.row for fault in caught.value.rows] == ["2", "3"]


def test_no_cameras_are_prepared_too() -> None:
    scene = prepared(gpd.GeoDataFrame(geometry=[], crs=CRS), houses((5, 5, 9, 9)))
    assert (len(scene.x), len(scene.frame), len(scene.obstacle_index.height)) == (0, 0, 1)
