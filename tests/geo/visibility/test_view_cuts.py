"""Check what cuts a view on scenes measured by hand: a wall before the camera, a house beside it, none at all."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.visibility.view_cuts import cut_shares, obstacles_at_edge
from geo.visibility.views import views

CRS, X, Y = 4547, 500_000.0, 4_000_000.0
EDITION = "iec62676-4:2014"


def cameras(**values: object) -> gpd.GeoDataFrame:
    record = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6], **values}
    return gpd.GeoDataFrame(record, geometry=[shapely.Point(X, Y)], crs=CRS)


def house(west: float, south: float, east: float, north: float) -> gpd.GeoDataFrame:
    shape = shapely.box(X + west, Y + south, X + east, Y + north)
    return gpd.GeoDataFrame({"height": [9.0]}, geometry=[shape], crs=CRS)


def test_only_what_a_view_ends_at_cuts_it() -> None:
    walls = pd.concat([house(-2, 5, 2, 6), house(-40, -9, -30, -5), house(-1, 8, 1, 9)], ignore_index=True)
    seen = views(cameras(), walls, edition=EDITION)
    # The first stands in the way, the second is behind the camera, the third hides in the shadow of the first.
    assert obstacles_at_edge(seen.sure.iloc[0], walls.geometry).tolist() == [True, False, False]
    assert obstacles_at_edge(seen.sure.iloc[0], walls.geometry.iloc[:0]).tolist() == []
    degrees = walls.to_crs(4326)
    shape = seen.sure.to_crs(4326).iloc[0]
    assert obstacles_at_edge(shape, degrees.geometry).tolist() == [True, False, False]


def test_the_share_that_a_wall_takes() -> None:
    # A wall 5 m ahead, 4 m wide, hides the angle of 2 atan(2 / 5) = 43.6 of 90 degrees from 5 m on, up to the range.
    wall = house(-2, 5, 2, 5.1)
    seen = views(cameras(), wall, edition=EDITION)
    shares = cut_shares(cameras(), pd.Series(shapely.area(seen.sure_metric), index=["a"]), edition=EDITION)
    free = views(cameras(), None, edition=EDITION)
    reach = float(free.range_m["a"])
    half = np.arctan2(2.0, 5.0)
    hidden = half * reach**2 - 2.0 * 5.0  # the sector behind, less the triangle before the wall
    assert shares["a"] == pytest.approx(hidden / float(free.sure_metric[0].area), rel=0.02)


def test_nothing_is_cut_in_the_open_and_nothing_is_known_of_a_camera_without_a_view() -> None:
    free = views(cameras(), None, edition=EDITION)
    assert cut_shares(cameras(), pd.Series(shapely.area(free.sure_metric), index=["a"]), edition=EDITION)["a"] == 0
    assert np.isnan(cut_shares(cameras(), pd.Series(dtype=float), edition=EDITION)["a"])


def test_of_an_unknown_azimuth_it_is_the_share_of_the_possible_view() -> None:
    unknown = cameras(azimuth=[None])
    free = views(unknown, None, edition=EDITION)
    assert free.sure_metric[0].is_empty
    half = pd.Series(shapely.area(free.possible_metric) / 2, index=["a"])
    assert cut_shares(unknown, half, edition=EDITION)["a"] == pytest.approx(0.5)
