"""Test the sizes of places by their kind of shape, and which sites stand near (rules P1, P3)."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from geo.assessment.camera_sites import sites_of
from geo.assessment.place_parts import NEAR_M, place_shapes, sites_near

CRS = pyproj.CRS(4547)
SQUARE, LINE, POINT = shapely.box(0, 0, 10, 10), shapely.LineString([(0, 0), (9, 0)]), shapely.Point(5, 5)


@pytest.mark.parametrize(
    ("shape", "dimension"),
    [
        (SQUARE, 2), (LINE, 1), (POINT, 0), (None, -1), (shapely.Polygon(), -1),
        (shapely.MultiPolygon([SQUARE]), 2), (shapely.MultiLineString([LINE]), 1), (shapely.MultiPoint([POINT]), 0),
        (shapely.Point(math.nan, 1), -1), (shapely.Polygon([(0, 0), (5, 5), (0, 0)]), 2),
    ],
)  # fmt: skip
def test_each_kind_of_shape_has_its_dimension(shape: shapely.Geometry | None, dimension: int) -> None:
    found = place_shapes(gpd.GeoSeries([shape], crs=CRS), CRS)
    assert found.dimension.tolist() == [dimension]
    if dimension == 2 and shape.area:
        assert found.shapes[0].area == 100.0


def test_a_mixture_is_there_once_for_each_kind_of_its_parts() -> None:
    """Areas first; ground that two of its areas share is there once."""
    over = shapely.box(5, 0, 15, 10)
    mixed = shapely.GeometryCollection([POINT, LINE, shapely.GeometryCollection([SQUARE, over]), shapely.Point(1, 1)])
    found = place_shapes(gpd.GeoSeries([LINE, mixed, None], crs=CRS), CRS)
    assert (found.place.tolist(), found.dimension.tolist()) == ([0, 1, 1, 1, 2], [1, 2, 1, 0, -1])
    assert (found.shapes[1].area, found.shapes[2].length, len(found.shapes[3].geoms)) == (150.0, 9.0, 2)


def test_a_site_near_two_parts_of_a_place_stands_near_it_once() -> None:
    rows = sites_of(pd.DataFrame({"id": ["a"], "status": ["online"]}))
    mixed = shapely.GeometryCollection([SQUARE, shapely.Point(40, 5), shapely.Point(900, 5)])
    where = place_shapes(gpd.GeoSeries([POINT, mixed], crs=CRS), CRS)
    for x, places in ((38.0, [1]), (25.0, [0, 1]), (900.0, [1]), (500.0, [])):
        assert sites_near(where, rows, np.array([(x, 5.0)]))[0].tolist() == places


def test_a_broken_polygon_is_repaired() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    assert place_shapes(gpd.GeoSeries([bow_tie], crs=CRS), CRS).shapes[0].area == 2.0


@pytest.mark.parametrize(("away", "count"), [(0.0, 1), (NEAR_M, 1), (NEAR_M + 0.01, 0)])
def test_a_site_stands_near_up_to_30_m(away: float, count: int) -> None:
    rows = sites_of(pd.DataFrame({"id": ["a"], "status": ["online"]}))
    where = place_shapes(gpd.GeoSeries([SQUARE], crs=CRS), CRS)
    place, _ = sites_near(where, rows, np.array([(10.0 + away, 5.0)]))
    assert len(place) == count


@pytest.mark.parametrize("status", ["offline", "planned", "unknown"])
def test_a_site_that_is_not_online_stands_nowhere(status: str) -> None:
    rows = sites_of(pd.DataFrame({"id": ["a"], "status": [status]}))
    where = place_shapes(gpd.GeoSeries([SQUARE], crs=CRS), CRS)
    assert len(sites_near(where, rows, np.array([(5.0, 5.0)]))[0]) == 0
