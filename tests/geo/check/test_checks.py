"""Checks find what is wrong on drawings small enough to measure by hand, and nothing on a county that is right."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo import crs
from geo.check.checks import check
from geo.check.ranking import UnrankedFinding, ranked
from geo.types import Finding
from tests.geo.ascii_drawing import CRS, at, line, rect
from tests.geo.demo_counties import Frames, small_county


def frame(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    """Return a frame of shapes drawn in metres, in stored degrees."""
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS).to_crs(crs.STORAGE_CRS)


def cameras(places: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    given = {"id": [f"c{k}" for k in range(len(places))], **columns}
    return frame(places, **given)


def grids(shapes: list[Any], **columns: Any) -> gpd.GeoDataFrame:
    given = {"code": [f"99012110020000{k + 1}" for k in range(len(shapes))], "level": 1, "kind": "general", **columns}
    return frame(shapes, **given)


def found(layers: dict[str, gpd.GeoDataFrame], code: str) -> list[Finding]:
    return [one for one in check(layers) if one.code == code]


def codes(layers: dict[str, gpd.GeoDataFrame]) -> set[str]:
    # A handful of cameras can never tell a shift; tests/geo/check/test_datum_shift.py has what is to be said of it.
    return {one.code for one in check(layers)} - {"camera-shift-unknown"}


# --- a county that is right ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_nothing_is_wrong_with_the_demo(seed: int) -> None:
    assert check(small_county(seed)) == []


def test_nothing_is_wrong_at_real_scale(gulang: Frames) -> None:
    assert check(gulang) == []


def test_nothing_is_wrong_with_no_layers() -> None:
    assert check({}) == []
    county = small_county()
    assert check({name: layer.iloc[:0] for name, layer in county.items()}) == []


@pytest.mark.parametrize("absent", ["divisions", "grids", "villages", "cameras", "obstacles", "roads", "addresses"])
def test_any_layer_may_be_absent(absent: str) -> None:
    county = small_county()
    del county[absent]
    assert check(county) == []


def test_real_tiles_neither_overlap_nor_leave_gaps(shared_data: Path) -> None:
    for path in sorted((shared_data / "base_units_tw").glob("*.*json")):
        real = gpd.read_file(path)
        named = real.rename(columns={real.columns[0]: "code"})[["code", "geometry"]]
        told = {one.code for one in check({"grids": named.to_crs(crs.STORAGE_CRS)})}
        assert not told & {"grid-overlap", "grid-sliver", "geometry-invalid"}


# --- cameras in walls (B1-B3) ----------------------------------------------------------------------------------------


def test_camera_in_the_wall_is_moved_out() -> None:
    layers = {
        "cameras": cameras([at(1, 10)]),
        "obstacles": frame([rect(0, 0, 20, 20)], id=["b"], height=[6.0]),
    }
    (one,) = found(layers, "camera-in-wall")
    # 1 m to the wall and 0.05 m beyond (B1).
    assert (one.severity, one.keys, one.layer) == ("warning", ("c0",), "cameras")
    assert one.value == pytest.approx(1.05, abs=0.001)
    assert "1.05 m" in one.text
    assert "B1" in one.text


@pytest.mark.parametrize(
    ("height", "roof", "severity"),
    [(4.0, 6.0, ["error"]), (8.0, 6.0, []), (6.0, 6.0, ["error"]), (80.0, np.nan, ["error"]), (np.nan, 6.0, ["error"])],
)
def test_camera_deep_inside_sees_nothing_unless_on_the_roof(height: float, roof: float, severity: list[str]) -> None:
    layers = {
        "cameras": cameras([at(10, 10)], height=[height]),
        "obstacles": frame([rect(0, 0, 20, 20)], id=["b"], height=[roof]),
    }
    told = found(layers, "camera-in-wall")
    assert [one.severity for one in told] == severity
    assert [one.value for one in told] == [pytest.approx(10.0, abs=0.001)] * len(severity)


@pytest.mark.parametrize(("gap", "severity"), [(0.0, "error"), (0.08, "error"), (0.2, "warning")])
def test_the_wall_between_touching_houses_is_no_way_out(gap: float, severity: str) -> None:
    layers = {
        "cameras": cameras([at(9.9, 5)]),
        "obstacles": frame([rect(0, 0, 10, 10), rect(10 + gap, 0, 20, 10)], id=["a", "b"], height=[6.0, 9.0]),
    }
    # Off the party wall by 0.1 m, but 5 m from the outside of the row.
    (one,) = found(layers, "camera-in-wall")
    assert one.severity == severity


def test_courtyards_are_a_way_out() -> None:
    yard = shapely.difference(rect(0, 0, 40, 40), rect(15, 15, 25, 25))
    layers = {"cameras": cameras([at(13, 20)]), "obstacles": frame([yard], id=["b"], height=[6.0])}
    (one,) = found(layers, "camera-in-wall")
    assert (one.severity, one.value) == ("warning", pytest.approx(2.05, abs=0.001))


@pytest.mark.parametrize("x", [-0.03, 0.03, -1.0])
def test_camera_at_the_wall_is_fine(x: float) -> None:
    layers = {"cameras": cameras([at(x, 10)]), "obstacles": frame([rect(0, 0, 20, 20)], id=["b"], height=[6.0])}
    assert codes(layers) == set()


def test_indoor_cameras_are_told_together() -> None:
    layers = {
        "cameras": cameras([at(1, 10), at(10, 10), at(50, 10)], place_type="indoor"),
        "obstacles": frame([rect(0, 0, 20, 20)], id=["b"], height=[6.0]),
    }
    assert codes(layers) == {"camera-indoor"}
    (one,) = found(layers, "camera-indoor")
    assert (one.keys, one.value) == (("c0", "c1"), 2.0)


# --- places ----------------------------------------------------------------------------------------------------------


def test_camera_outside_every_grid_tells_how_far() -> None:
    layers = {"cameras": cameras([at(50, 50), at(200, 50), at(100, 50)]), "grids": grids([rect(0, 0, 100, 100)])}
    (one,) = found(layers, "camera-outside-grids")
    assert (one.severity, one.keys) == ("error", ("c1",))
    assert one.value == pytest.approx(100.0, abs=0.1)
    assert (one.lon, one.lat) == (layers["cameras"].geometry.x[1], layers["cameras"].geometry.y[1])


def test_camera_at_the_origin_does_not_stop_the_rest() -> None:
    places = cameras([at(50, 50), at(200, 50), at(1, 1)])
    places.loc[2, "geometry"] = shapely.Point(0, 0)
    layers = {"cameras": places, "grids": grids([rect(0, 0, 100, 100)])}
    assert codes(layers) == {"camera-at-origin", "camera-outside-grids"}
    assert found(layers, "camera-at-origin")[0].keys == ("c2",)


def test_camera_far_from_everything() -> None:
    places = cameras([at(50, 50), at(60, 50)])
    places.loc[1, "geometry"] = shapely.Point(100.0, 30.0)
    layers = {"cameras": places, "grids": grids([rect(0, 0, 100, 100)])}
    (one,) = found(layers, "far-away")
    assert one.keys == ("c1",)
    # 6.13 degrees of latitude are 682 km, 14 of longitude at 33 degrees 1,305 km: 1,472 km by Pythagoras.
    assert one.value == pytest.approx(1_472, rel=0.02)


def degrees(*lonlat: tuple[float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Return boxes of a hundredth of a degree."""
    shapes = [shapely.box(x, y, x + 0.01, y + 0.01) for x, y in lonlat]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=crs.STORAGE_CRS)


@pytest.mark.parametrize("other", [(87.0, 43.0), (110.0, 30.0), (0.0, 0.0)], ids=["west", "south", "origin"])
def test_two_rows_far_apart_are_found_and_checked_all_the_same(other: tuple[float, float]) -> None:
    told = check({"grids": degrees((110, 27), other, code=["a", "b"])})
    assert {one.code for one in told} == {"far-away", "code-unreadable"}
    (codes_,) = (one for one in told if one.code == "code-unreadable")
    assert codes_.keys == ("a", "b")
    assert told[0].code == "far-away"


def test_a_stray_row_gets_every_check_without_metres() -> None:
    county = small_county()
    village = county["grids"].iloc[:1].assign(code="990121999999001", geometry=[shapely.box(10, 40, 10.01, 40.01)])
    house = county["obstacles"].iloc[:1].assign(id="odd", height=-2.0, geometry=[shapely.box(10, 40, 10.01, 40.01)])
    county["grids"] = pd.concat([county["grids"], village])
    county["obstacles"] = pd.concat([county["obstacles"], house])
    told = {(one.code, one.keys[0]) for one in check(county)}
    assert {("far-away", "990121999999001"), ("far-away", "odd"), ("obstacle-height-odd", "odd")} <= told
    assert "990121999999001" in {key for code, key in told if code.startswith("code-")}


def test_many_cameras_without_a_position_stop_no_check() -> None:
    county = small_county()
    n = len(county["cameras"]) // 2
    county["cameras"].loc[: n - 1, "geometry"] = shapely.Point(0, 0)
    assert Counter(one.code for one in check(county))["camera-at-origin"] == n


# --- twice -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "severity"),
    [
        ({"azimuth": [90.0, 90.0], "site": ["p", "p"]}, ["warning"]),
        ({"azimuth": [90.0, 90.0], "site": ["p", "q"]}, ["error"]),
        ({"azimuth": [0.0, 360.0], "site": ["p", "q"]}, ["error"]),
        ({"azimuth": [90.0, 120.0], "site": ["p", "q"]}, []),
        ({"azimuth": [np.nan, np.nan], "site": ["p", "p"]}, []),
        ({"azimuth": [np.nan, np.nan]}, ["error"]),
        ({"azimuth": [np.nan, 90.0]}, []),
        ({"azimuth": [90.0, 90.0], "kind": ["fixed", "ptz"]}, []),
        ({"azimuth": [90.0, 90.0], "status": ["online", "planned"]}, []),
    ],
)
def test_same_position_same_azimuth(columns: dict[str, Any], severity: list[str]) -> None:
    given = {"kind": "fixed", "status": "online", **columns}
    told = found({"cameras": cameras([at(0, 0), at(0, 0.05)], **given)}, "camera-duplicate")
    assert [one.severity for one in told] == severity


def test_a_site_name_at_several_places_is_one_finding() -> None:
    """B4: 40 m and 40 m more are one pole; 100 m on there is another, and over a township's border a third."""
    places = [at(0, 0), at(40, 0), at(80, 0), at(200, 0), at(205, 0)]
    spread = cameras(places, site="P1", azimuth=[0.0, 10.0, 20.0, 30.0, 40.0])
    (one,) = found({"cameras": spread}, "camera-site-apart")
    assert (one.severity, one.keys) == ("warning", tuple(spread["id"]))
    assert "2 处" in one.text
    assert "c0, c1, c2 | c3, c4" in one.text
    assert one.value == pytest.approx(205, rel=1e-3)
    towns = frame([rect(-10, -10, 202, 10), rect(202, -10, 300, 10)], code=["a", "b"], level="township")
    (one,) = found({"cameras": spread, "divisions": towns}, "camera-site-apart")
    assert "c0, c1, c2 | c3 | c4" in one.text
    assert found({"cameras": spread[:3], "divisions": towns}, "camera-site-apart") == []


def test_twins_that_nobody_knows_the_azimuth_of_rank_below_what_stops_an_analysis() -> None:
    """Many doubtful pairs come after one row that cannot be analysed, and after pairs that are surely one camera."""
    pairs = [at(20 * k, 50) for k in range(40) for _ in range(2)]
    places = cameras([*pairs, at(5, 5), at(5, 5), at(7, 7)], azimuth=[*[np.nan] * 80, 90.0, 90.0, 10.0])
    places.loc[82, "geometry"] = shapely.Point(0, 0)
    told = [one for one in check({"cameras": places}) if one.severity == "error"]
    assert [one.code for one in told[:2]] == ["camera-at-origin", "camera-duplicate"]
    assert told[1].keys == ("c80", "c81")
    assert len(told) == 42


def test_three_of_a_kind_are_one_finding() -> None:
    (one,) = found({"cameras": cameras([at(0, 0)] * 3, azimuth=[90.0] * 3)}, "camera-duplicate")
    assert (one.keys, one.value) == (("c0", "c1", "c2"), 3.0)


def test_ids_that_differ_by_case_or_space() -> None:
    layers = {"cameras": cameras([at(0, 0), at(50, 0), at(100, 0)], id=["CAM 1", "cam１", "cam2"])}
    (one,) = found(layers, "camera-duplicate-id")
    assert (one.severity, one.keys) == ("warning", ("CAM 1", "cam１"))


# --- optics and numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [("hfov", 0.0), ("hfov", 400.0), ("tilt", 95.0), ("height", -2.0), ("width_px", 0), ("kind", "dome")],
)
def test_impossible_optics_are_errors(field: str, value: Any) -> None:
    layers = {"cameras": cameras([at(0, 0), at(50, 0)], **{field: [value, np.nan if field != "kind" else None]})}
    (one,) = found(layers, "camera-optics-impossible")
    assert (one.severity, one.keys) == ("error", ("c0",))
    assert field in one.text


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        ({"height": 80.0}, 80.0),
        ({"hfov": 90.0, "vfov": 120.0, "width_px": 1920, "height_px": 1080}, 120.0),  # fitting would be 58.7
        ({"kind": "fixed", "hfov": 200.0}, 200.0),
        ({"kind": "ptz", "hfov": 350.0}, 350.0),
        ({"azimuth": -20.0}, -20.0),
        ({"max_range": 5_000.0}, 5_000.0),
        ({"tilt": -45.0}, -45.0),
    ],
)
def test_odd_optics_are_warnings(columns: dict[str, Any], value: float) -> None:
    (one,) = found({"cameras": cameras([at(0, 0)], **columns)}, "camera-optics-odd")
    assert (one.severity, one.value) == ("warning", value)


def test_ordinary_optics_are_no_finding() -> None:
    ordinary = {"height": 4.0, "hfov": 90.0, "vfov": 58.7, "width_px": 1920, "height_px": 1080, "azimuth": 359.0}
    assert codes({"cameras": cameras([at(0, 0)], kind="fixed", tilt=15.0, **ordinary)}) == set()
    assert codes({"cameras": cameras([at(0, 0)], kind="panoramic", hfov=360.0, vfov=90.0)}) == set()


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("99012100001321000001", None),
        ("99012100001321000001#2", None),
        ("99012100001181000001", "NVR"),
        ("62062200001321000001", "620622"),
        ("9901210000132100001", "19"),
        ("cam-1", None),
    ],
)
def test_irregular_device_ids_are_warnings(number: str, told: str | None) -> None:
    layers = {"cameras": cameras([at(50, 50)], id=[number]), "grids": grids([rect(0, 0, 100, 100)])}
    findings = found(layers, "camera-id-odd")
    assert [one.severity for one in findings] == ["warning"] * (told is not None)
    assert all(str(told) in one.text for one in findings)


# --- rows of other layers --------------------------------------------------------------------------------------------


def test_obstacle_heights() -> None:
    shapes = [rect(50 * k, 0, 50 * k + 10, 10) for k in range(6)]
    heights = np.array([12.0, 0.0, -3.0, 400.0, np.nan, "tall"], dtype=object)
    told = found({"obstacles": frame(shapes, id=list("abcdef"), height=heights)}, "obstacle-height-odd")
    assert {one.keys[0] for one in told} == {"b", "c", "d", "f"}
    assert {one.severity for one in told} == {"warning"}


def test_roads() -> None:
    lines = [line((0, 10 * k), (50, 10 * k)) for k in range(5)]
    roads = frame(lines, id=list("abcde"), width=[8.0, -1.0, 400.0, np.nan, np.nan])
    roads["class"] = ["primary", "primary", "primary", "马道", "primary_link"]
    told = [one for one in check({"roads": roads}) if one.code != "roads-in-pieces"]
    assert {(one.code, one.keys) for one in told} == {
        ("road-width-odd", ("b",)),
        ("road-width-odd", ("c",)),
        ("road-class-unknown", ("d",)),
    }


def test_broken_and_missing_shapes() -> None:
    bow = shapely.Polygon([(500_000, 4_000_000), (500_010, 4_000_010), (500_010, 4_000_000), (500_000, 4_000_010)])
    obstacles = frame([bow, rect(50, 0, 60, 10), None], id=["x", "y", "z"], height=6.0)
    told = {(one.code, one.keys) for one in check({"obstacles": obstacles})}
    assert told == {("geometry-invalid", ("x",)), ("geometry-missing", ("z",))}


# --- the report ------------------------------------------------------------------------------------------------------


def test_errors_come_first_then_what_concerns_many_rows() -> None:
    findings = [
        UnrankedFinding("warning", "w", "cameras", ["1", "2", "3", "4"], "w", 9.0),
        UnrankedFinding("error", "few", "cameras", ["1"], "few", 99.0),
        UnrankedFinding("error", "many", "cameras", ["1"], "small", 1.0),
        UnrankedFinding("error", "many", "cameras", ["2"], "big", 2.0),
    ]
    order = [(one.rank, one.text) for one in ranked(findings)]
    assert order == [(1, "big"), (2, "small"), (3, "few"), (4, "w")]


def test_a_long_list_names_everyone_singly() -> None:
    n = 250
    places = [at(200 + k, 50) for k in range(n)]
    told = found({"cameras": cameras(places), "grids": grids([rect(0, 0, 100, 100)])}, "camera-outside-grids")
    assert told[0].value == pytest.approx(100 + n - 1, rel=0.001)
    assert [one.keys for one in told] == [(f"c{k}",) for k in reversed(range(n))]


def test_every_text_is_in_both_languages() -> None:
    county = small_county()
    county["cameras"].loc[:30, "geometry"] = shapely.Point(0, 0)
    county["cameras"].loc[31, "height"] = 99.0
    county["obstacles"].loc[0, "height"] = -1.0
    county["grids"] = county["grids"].iloc[1:]
    told = check(county)
    assert Counter(one.code for one in told)["camera-at-origin"] == 31
    for one in told:
        zh, _, en = one.text.partition(" / ")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
        assert en.strip()
        assert en.isprintable()
