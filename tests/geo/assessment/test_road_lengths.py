"""Test how much of each centre line is surely seen, by township (rule P6)."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.assessment.road_lengths import road_lengths

CRS = 4547
TOWNSHIPS = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], crs=CRS)


def roads(*lines: shapely.Geometry, classes: list[str]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"class": classes}, geometry=list(lines), crs=CRS)


def test_a_road_is_cut_at_borders_and_what_two_cameras_see_counts_once() -> None:
    seen = gpd.GeoSeries([shapely.box(60, 40, 120, 60), shapely.box(80, 40, 130, 60)], crs=CRS)
    given = roads(shapely.LineString([(50, 50), (250, 50)]), classes=["primary"])
    found = road_lengths(given, seen, TOWNSHIPS, given.crs).set_index("township")
    assert found["length_m"].to_dict() == {0: pytest.approx(50), 1: pytest.approx(100), -1: pytest.approx(50)}
    assert found["sure_m"].to_dict() == {0: pytest.approx(40), 1: pytest.approx(30), -1: 0.0}


def test_tunnels_points_and_lines_without_length_are_left_out() -> None:
    given = roads(
        shapely.LineString([(0, 0), (9, 0)]), shapely.Point(1, 1), shapely.LineString([(5, 5), (5, 5)]),
        classes=["tunnel", "primary", "primary"],
    )  # fmt: skip
    assert len(road_lengths(given, gpd.GeoSeries([], crs=CRS), TOWNSHIPS, given.crs)) == 0


def test_without_townships_and_cameras_all_length_is_the_countys() -> None:
    given = roads(shapely.MultiLineString([[(0, 0), (9, 0)], [(20, 0), (21, 0)]]), classes=["primary"])
    found = road_lengths(given, gpd.GeoSeries([], crs=CRS), TOWNSHIPS.iloc[:0], given.crs)
    assert found.values.tolist() == [[0.0, -1.0, 10.0, 0.0]]
