"""A county shifted on purpose is recognised, with the conversion that undoes it; an unshifted one never is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo import crs
from geo.check import datum_shift
from geo.check.checks import check
from geo.check.metric_frames import prepare_frames
from geo.readers.reading import read_layer
from tests.geo.check.test_checks import cameras
from tests.geo.demo_counties import Frames, small_county

#: What was done to the cameras -> what undoes it.
MIX_UPS: dict[str, Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "gcj02->wgs84": lambda x, y: crs.from_wgs84(x, y, "gcj02"),
    "bd09->wgs84": lambda x, y: crs.from_wgs84(x, y, "bd09"),
    "wgs84->gcj02": lambda x, y: crs.to_wgs84(x, y, "gcj02"),
    "wgs84->bd09": lambda x, y: crs.to_wgs84(x, y, "bd09"),
    "bd09->gcj02": lambda x, y: crs.to_wgs84(*crs.from_wgs84(x, y, "bd09"), "gcj02"),
    "gcj02->bd09": lambda x, y: crs.to_wgs84(*crs.from_wgs84(x, y, "gcj02"), "bd09"),
}


def shift_cameras(frame: gpd.GeoDataFrame, undone_by: str) -> gpd.GeoDataFrame:
    """Return the cameras as a mix-up leaves them."""
    x, y = MIX_UPS[undone_by](frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    return frame.set_geometry(gpd.GeoSeries(shapely.points(x, y), index=frame.index, crs=frame.crs))


def strewn(frame: gpd.GeoDataFrame, metres: float, seed: int = 0) -> gpd.GeoDataFrame:
    """Return the cameras entered carelessly: off by so many metres (standard deviation) each way."""
    off = np.random.default_rng(seed).normal(0, metres / 111_320, (len(frame), 2)) / [np.cos(np.radians(37.6)), 1.0]
    xy = shapely.get_coordinates(frame.geometry.to_numpy()) + off
    return frame.set_geometry(gpd.GeoSeries(shapely.points(xy), index=frame.index, crs=frame.crs))


def told(frames: Frames) -> list[str]:
    return [one.code for one in check(frames) if one.code.startswith("camera-shift")]


@pytest.fixture(scope="module")
def counties() -> list[Frames]:
    return [small_county(seed) for seed in range(5)]


@pytest.fixture(scope="module")
def as_drawn(counties: list[Frames]) -> list[float]:
    """Return how well the cameras of each county stand before anybody mixes them up."""
    return [datum_shift.evidence(prepare_frames(county)).share_unconverted for county in counties]


@pytest.mark.parametrize("conversion", list(MIX_UPS))
def test_every_mix_up_is_recognised(counties: list[Frames], as_drawn: list[float], conversion: str) -> None:
    for county, before in zip(counties, as_drawn, strict=True):
        shifted = county | {"cameras": shift_cameras(county["cameras"], conversion)}
        found = datum_shift.evidence(prepare_frames(shifted))
        assert (found.verdict, found.conversion) == ("shifted", conversion)
        # Undone, the cameras are where they were.
        assert found.share_converted == pytest.approx(before, abs=0.02)


def test_the_finding_names_everyone_and_comes_first(counties: list[Frames]) -> None:
    county = counties[0]
    shifted = county | {"cameras": shift_cameras(county["cameras"], "gcj02->wgs84")}
    first = check(shifted)[0]
    assert (first.severity, first.code) == ("error", "camera-shifted")
    assert len(first.keys) == len(county["cameras"])
    moved = shapely.distance(
        county["cameras"].to_crs(4543).geometry.to_numpy(), shifted["cameras"].to_crs(4543).geometry.to_numpy()
    )
    assert first.value == pytest.approx(moved.mean(), rel=0.05)
    assert "GCJ-02" in first.text


def test_unshifted_counties_never_fire(counties: list[Frames]) -> None:
    for county in counties:
        assert datum_shift.evidence(prepare_frames(county)).verdict == "unshifted"
        assert told(county) == []


@pytest.mark.parametrize("metres", [3.0, 8.0])
def test_careless_entry_is_no_shift_but_hides_none(counties: list[Frames], metres: float) -> None:
    for county in counties[:3]:
        loose = county | {"cameras": strewn(county["cameras"], metres)}
        assert datum_shift.evidence(prepare_frames(loose)).verdict == "unshifted"
        shifted = county | {"cameras": shift_cameras(loose["cameras"], "gcj02->wgs84")}
        assert datum_shift.evidence(prepare_frames(shifted)).conversion == "gcj02->wgs84"


@pytest.mark.parametrize("n", [30, 60])
def test_small_sets(counties: list[Frames], n: int) -> None:
    for k, county in enumerate(counties):
        few = county["cameras"].sample(n, random_state=k)
        assert datum_shift.evidence(prepare_frames(county | {"cameras": few})).verdict == "unshifted"
        shifted = datum_shift.evidence(prepare_frames(county | {"cameras": shift_cameras(few, "bd09->wgs84")}))
        assert shifted.conversion in ("bd09->wgs84", "")


def test_roads_or_obstacles_alone_are_enough(counties: list[Frames]) -> None:
    county = counties[1]
    shifted = shift_cameras(county["cameras"], "wgs84->gcj02")
    for layer in ("roads", "obstacles"):
        alone = {"cameras": county["cameras"], layer: county[layer]}
        assert told(alone) == []
        assert told(alone | {"cameras": shifted}) == ["camera-shifted"]


def test_too_little_is_said_to_be_too_little(counties: list[Frames]) -> None:
    county = counties[0]
    few = county | {"cameras": county["cameras"].iloc[: datum_shift.MIN_POSITIONS - 1]}
    (one,) = [one for one in check(few) if one.code.startswith("camera-shift")]
    assert (one.severity, one.code) == ("warning", "camera-shift-unknown")
    assert told({"cameras": county["cameras"], "grids": county["grids"]}) == ["camera-shift-unknown"]


def test_cameras_anywhere_are_no_evidence_of_a_shift(counties: list[Frames]) -> None:
    for k, county in enumerate(counties):
        west, south, east, north = county["divisions"].total_bounds
        rng = np.random.default_rng(k)
        n = len(county["cameras"])
        anywhere = shapely.points(rng.uniform(west, east, n), rng.uniform(south, north, n))
        lost = county["cameras"].set_geometry(gpd.GeoSeries(anywhere, crs=crs.STORAGE_CRS))
        assert datum_shift.evidence(prepare_frames(county | {"cameras": lost})).verdict == "unknown"


def test_buildings_shifted_instead_are_told_from_the_cameras_side(counties: list[Frames]) -> None:
    county = counties[2]
    moved = {name: crs.frame_to_wgs84(county[name], "gcj02") for name in ("roads", "obstacles")}
    found = datum_shift.evidence(prepare_frames(county | moved))
    assert (found.verdict, found.conversion) == ("shifted", "gcj02->wgs84")
    # Positions do not tell which of the two moved: the sentence names both.
    (one,) = [one for one in check(county | moved) if one.code == "camera-shifted"]
    assert "摄像机坐标是 GCJ-02，被当作 WGS-84，或道路建筑多纠偏了一次" in one.text
    assert "the cameras are GCJ-02 taken for WGS-84, or roads and buildings were corrected once too often" in one.text


def test_one_source_of_several(counties: list[Frames]) -> None:
    county = counties[3]
    cameras_ = county["cameras"].assign(source=np.where(np.arange(300) % 3 == 0, "police.shp", "shops.csv"))
    assert told(county | {"cameras": cameras_}) == []
    police = cameras_["source"] == "police.shp"
    mixed = cameras_.copy()
    mixed.loc[police, "geometry"] = shift_cameras(cameras_[police], "gcj02->wgs84").geometry
    (one,) = [one for one in check(county | {"cameras": mixed}) if one.code.startswith("camera-shift")]
    assert one.code == "camera-shifted"
    assert set(one.keys) == set(cameras_.loc[police, "id"])
    assert "police.shp" in one.text
    assert "or roads and buildings" not in one.text, "the other source fits them"
    # All shifted alike are one finding, whatever their sources.
    assert told(county | {"cameras": shift_cameras(cameras_, "bd09->wgs84")}) == ["camera-shifted"]


def test_one_source_among_cameras_without_one(counties: list[Frames]) -> None:
    county = counties[3]
    named = np.where(np.arange(300) % 3 == 0, "police.shp", None).astype(object)
    mixed = county["cameras"].assign(source=named)
    police = mixed["source"] == "police.shp"
    mixed.loc[police, "geometry"] = shift_cameras(mixed[police], "gcj02->wgs84").geometry
    (one,) = [one for one in check(county | {"cameras": mixed}) if one.code.startswith("camera-shift")]
    assert "police.shp" in one.text
    assert set(one.keys) == set(mixed.loc[police, "id"])


def test_real_cameras_shifted_on_purpose(shared_data: Path) -> None:
    """Central Helsinki, carried to where the shifts apply: 221 real places, as carelessly drawn as real ones are."""
    path = shared_data / "helsinki" / "Helsinki.osm.pbf"
    town = {layer: _carried(read_layer(path, layer).frame) for layer in ("cameras", "obstacles", "roads")}
    assert datum_shift.evidence(prepare_frames(town)).verdict == "unshifted"
    for conversion in MIX_UPS:
        found = datum_shift.evidence(prepare_frames(town | {"cameras": shift_cameras(town["cameras"], conversion)}))
        assert (found.verdict, found.conversion) == ("shifted", conversion)


def _carried(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    # East-west lengths keep their metres.
    narrower = np.cos(np.radians(60.17)) / np.cos(np.radians(37.6))
    move = [103.1, 37.6] - np.array([24.94, 60.17]) * [narrower, 1.0]
    shapes = shapely.transform(frame.geometry.to_numpy(), lambda xy: xy * [narrower, 1.0] + move)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=crs.STORAGE_CRS))


def test_no_shift_is_looked_for_where_none_applies() -> None:
    helsinki = cameras([shapely.Point(385_000 + 10 * k, 6_672_000) for k in range(30)])
    helsinki = helsinki.set_geometry(
        gpd.GeoSeries(shapely.points(24.9 + np.arange(30) / 1e3, 60.2), crs=crs.STORAGE_CRS)
    )
    assert told({"cameras": helsinki}) == []
