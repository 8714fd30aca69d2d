"""The way round a grid: legs in order, as long as the border, from the north-west (rule V13)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.planning.border_walk import border_walk

X, Y = 500_000.0, 4_000_000.0


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.transform(one, lambda xy: xy + np.array([X, Y])) for one in shapes], crs=4547
    )


def test_the_walk_begins_in_the_north_west_and_goes_round_along_what_is_there() -> None:
    grids = frame([shapely.box(0, 0, 400, 300), shapely.box(400, 0, 800, 300)], code=["a", "b"])
    road = frame([shapely.LineString([(0, -5), (800, -5)])], name=["民主街"])
    walk = border_walk(grids, road)
    mine = walk[walk["code"] == "a"]
    assert mine[["leg", "kind", "name", "azimuth", "length_m"]].to_numpy().tolist() == [
        [1, "outside", None, 90, 400], [2, "grid", "b", 180, 300], [3, "road", "民主街", 270, 400],
        [4, "outside", None, 0, 300],
    ]  # fmt: skip
    start = gpd.GeoSeries([shapely.Point(X, Y + 300)], crs=4547).to_crs(4326).iloc[0]
    assert (mine["lon"].iloc[0], mine["lat"].iloc[0]) == pytest.approx((start.x, start.y), abs=1e-6)


def test_a_short_stretch_is_walked_with_the_one_before_it_and_nothing_is_lost() -> None:
    notch = shapely.Polygon([(0, 0), (400, 0), (400, 300), (210, 300), (210, 310), (190, 310), (190, 300), (0, 300)])
    walk = border_walk(frame([notch], code=["a"]))
    assert walk["length_m"].sum() == pytest.approx(notch.length, abs=2)
    assert (walk["length_m"] >= 25).all()


def test_each_island_is_a_walk_of_its_own_and_no_grid_is_none() -> None:
    islands = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(500, 0, 600, 100)])
    walk = border_walk(frame([islands], code=["a"]))
    assert walk["leg"].tolist() == [1, 2, 3, 4] * 2
    assert border_walk(frame([], code=[])).empty
