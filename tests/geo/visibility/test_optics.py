"""Optics on paper: defaults, ranges of both editions, blind zone, what is refused."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.catalog import editions
from geo.errors import BadValue, UnknownName
from geo.visibility import optics

CRS = 4547


def frame(**columns):
    count = max(len(values) for values in columns.values())
    points = [shapely.Point(500_000 + 10 * i, 4_000_000) for i in range(count)]
    return gpd.GeoDataFrame(columns, geometry=points, crs=CRS)


def optics_of(**columns):
    return optics.fill_defaults(frame(**columns))[1]


def test_levels_are_the_two_editions_in_rising_order():
    assert list(editions.EDITIONS["iec62676-4:2014"].items()) == [
        ("detect", 25.0), ("observe", 62.5), ("recognise", 125.0), ("identify", 250.0),
    ]  # fmt: skip
    assert list(editions.EDITIONS["iec62676-4:2025"].items()) == [
        ("overview", 20.0), ("outline", 40.0), ("discern", 80.0), ("perceive", 125.0), ("characterise", 250.0),
        ("validate", 500.0), ("scrutinise", 1500.0),
    ]  # fmt: skip
    assert editions.DEFAULT_EDITION == "iec62676-4:2014"
    assert editions.DEFAULT_LEVEL == {"iec62676-4:2014": "detect", "iec62676-4:2025": "outline"}


@pytest.mark.parametrize(
    ("level", "edition"), [("outline", "iec62676-4:2014"), ("detect", "iec62676-4:2025"), ("x", "y")]
)
def test_unknown_levels_and_editions_are_named(level, edition):
    with pytest.raises(UnknownName, match=r"there are: "):
        editions.density(level, edition)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("fixed", {"hfov": 80, "height": 4, "width_px": 1920, "height_px": 1080}),
        ("ptz", {"hfov": 60, "height": 6, "width_px": 1920, "height_px": 1080}),
        ("panoramic", {"hfov": 360, "height": 3.5, "width_px": 3840, "height_px": 1080}),
    ],
)
def test_defaults_by_kind_and_named_one_by_one(kind, expected):
    used, _, assumed = optics.fill_defaults(frame(kind=[kind]))
    for name, value in expected.items():
        assert used[name].iloc[0] == value
        assert f"{name}={value:g}" in assumed[0]
    assert "status=online" in assumed[0]
    assert not any(text.startswith("kind=") for text in assumed[0])


def test_nothing_is_assumed_where_everything_is_given():
    whole = frame(
        kind=["fixed"], hfov=[90.0], vfov=[50.0], height=[5.0], width_px=[2000], height_px=[1000], status=["online"]
    )
    assert optics.fill_defaults(whole)[2] == [[]]


def test_a_frame_of_points_alone_is_a_row_of_fixed_cameras():
    used, used_optics, assumed = optics.fill_defaults(gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)], crs=CRS))
    assert list(used.index) == ["0"]
    assert used.loc["0", "kind"] == "fixed"
    assert used.loc["0", "site"] == "0"
    # vfov = 2 atan(tan(40 deg) 1080 / 1920)
    assert used.loc["0", "vfov"] == pytest.approx(math.degrees(2 * math.atan(math.tan(math.radians(40)) * 1080 / 1920)))
    assert assumed[0] == [
        "kind=fixed", "hfov=80", "height=4", "width_px=1920", "height_px=1080", "vfov=50.53", "status=online",
    ]  # fmt: skip
    assert np.isnan(used_optics.azimuth[0])
    assert used_optics.max_range[0] == np.inf


def test_blank_text_is_missing_and_text_numbers_are_read():
    used, _, assumed = optics.fill_defaults(frame(hfov=["", "90"], height=["4.5", None], azimuth=["-90", " "]))
    assert list(used["hfov"]) == [80, 90]
    assert list(used["height"]) == [4.5, 4]
    assert used["azimuth"].iloc[0] == 270
    assert np.isnan(used["azimuth"].iloc[1])
    assert "hfov=80" in assumed[0]
    assert "height=4" in assumed[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hfov", 0), ("hfov", 360.5), ("hfov", -10), ("vfov", 0), ("vfov", 181), ("tilt", 91), ("tilt", -90.5),
        ("height", 0), ("height", -4), ("width_px", 0), ("height_px", -1), ("max_range", 0), ("max_range", math.inf),
        ("azimuth", "north"), ("height", "4 m"), ("kind", "dome"), ("status", "broken"),
    ],
)  # fmt: skip
def test_impossible_values_name_row_field_and_value(field, value):
    good = {"kind": "fixed", "status": "online"}.get(field, 45.0)
    bad = frame(**{"id": ["a", "b"], field: [good, value]})
    with pytest.raises(BadValue) as caught:
        optics.fill_defaults(bad)
    (row,) = caught.value.rows
    assert (row.row, row.field, row.value) == ("b", field, str(float(value) if isinstance(value, int) else value))
    assert " / " in row.reason


@pytest.mark.parametrize("field", ["hfov", "vfov", "tilt"])
def test_limits_themselves_are_possible(field):
    high = {"hfov": 360.0, "vfov": 180.0, "tilt": 90.0}[field]
    optics.fill_defaults(frame(**{field: [high]}))


def test_ids_twice_are_refused_and_missing_ones_are_positions():
    with pytest.raises(BadValue) as caught:
        optics.fill_defaults(frame(id=["a", "b", "a"]))
    assert [row.row for row in caught.value.rows] == ["a"]
    used, _, _ = optics.fill_defaults(frame(id=["a", None, ""], site=[None, "pole", "pole"]))
    assert list(used.index) == ["a", "1", "2"]
    assert list(used["site"]) == ["a", "pole", "pole"]


@pytest.mark.parametrize(("ppm", "metres"), [(25.0, 40.0), (62.5, 16.0), (125.0, 8.0), (250.0, 4.0)])
def test_range_of_a_right_angle_lens_is_half_its_pixels_per_density(ppm, metres):
    # tan(45 deg) = 1: 2000 px / (2 * 25 px/m) = 40 m
    assert optics.slant_range(optics_of(hfov=[90.0], width_px=[2000]), ppm)[0] == pytest.approx(metres)


def test_panoramic_range_counts_pixels_along_the_arc():
    # 2 pi * 20 m at 25 px/m are 1000 pi pixels
    cameras = optics_of(
        kind=["panoramic", "fixed", "panoramic"], hfov=[360.0, 180.0, np.nan], width_px=[1000 * math.pi] * 3
    )
    assert optics.slant_range(cameras, 25.0) == pytest.approx([20.0, 40.0, 20.0])
    assert list(cameras.pixels_along_arc) == [True, True, True]


def test_fixed_of_half_a_turn_or_more_is_panoramic_with_a_note():
    assert "panoramic for R3" in optics.fill_defaults(frame(kind=["fixed"], hfov=[180.0]))[2][0]
    assert "panoramic for R3" not in optics.fill_defaults(frame(kind=["fixed"], hfov=[179.0]))[2][0]


def test_turning_range_of_a_ptz_is_no_lens():
    used, cameras, assumed = optics.fill_defaults(frame(kind=["ptz"], hfov=[360.0]))
    assert used["hfov"].iloc[0] == 60
    assert "hfov=60" in assumed[0]
    assert not cameras.pixels_along_arc[0]


def test_max_range_caps_every_level():
    cameras = optics_of(hfov=[90.0], width_px=[2000], max_range=[10.0])
    assert [optics.slant_range(cameras, p)[0] for p in (25.0, 125.0)] == pytest.approx([10.0, 8.0])


@pytest.mark.parametrize("missing", ["hfov", "width_px"])
def test_max_range_without_lens_or_sensor_is_the_range_at_25(missing):
    given = {"hfov": [90.0], "width_px": [2000.0], "max_range": [50.0]} | {missing: [np.nan]}
    cameras = optics_of(**given)
    # 20 px/m would reach 62.5 m, but no further than max_range
    assert [optics.slant_range(cameras, p)[0] for p in (25.0, 62.5, 250.0, 20.0)] == pytest.approx([50, 20, 5, 50])


def test_reach_on_the_ground_is_a_3_4_5_triangle():
    assert optics.ground_range(np.array([5.0, 5.0, 2.0]), np.array([4.6, 1.6, 4.6]), 1.6) == pytest.approx(
        [4.0, 5.0, 0.0]
    )


@pytest.mark.parametrize(
    ("height", "tilt", "vfov", "near", "far"),
    [
        (11.6, 45.0, 60.0, 10 / math.tan(math.radians(75)), 10 / math.tan(math.radians(15))),
        (11.6, 45.0, 90.0, 0.0, math.inf),  # from straight down to the horizon
        (11.6, 30.0, 30.0, 10.0, 10 / math.tan(math.radians(15))),  # the upper edge at 45 degrees
        (11.6, 90.0, 90.0, 0.0, 10.0),  # straight down: a disc
        (11.6, 0.0, 30.0, 10 / math.tan(math.radians(15)), math.inf),
        (11.6, -30.0, 30.0, 0.0, 0.0),  # looks above the horizon only
        (11.6, math.nan, 30.0, 0.0, math.inf),  # R2 is not tested
        (1.6, 10.0, 30.0, 0.0, math.inf),  # at eye level: depression 0
        (1.6, 30.0, 30.0, 0.0, 0.0),
        (0.6, -45.0, 60.0, 1 / math.tan(math.radians(75)), 1 / math.tan(math.radians(15))),  # looks up
        (0.6, 20.0, 30.0, 0.0, 0.0),
    ],
)
def test_tilt_bounds_the_ground_distance(height, tilt, vfov, near, far):
    got = optics.tilt_ground_band(optics_of(height=[height], tilt=[tilt], vfov=[vfov]), 1.6)
    assert (got[0][0], got[1][0]) == pytest.approx((near, far))


def test_projection_is_carried_and_said_to_count_as_sector():
    used, _, assumed = optics.fill_defaults(frame(projection=["fisheye", "sector", None]))
    assert used["projection"].iloc[0] == "fisheye"
    assert any("sector" in text for text in assumed[0])
    assert not any("sector" in text for text in assumed[1] + assumed[2])
