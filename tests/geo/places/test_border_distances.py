"""Distances to borders, against those of shapely in a plane and of the geodesic (rule L2)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.places import _border_distances
from geo.places.locator import _metres_per_degree
from tests.geo.places.test_parity import arrays, coordinate, polygons


@settings(max_examples=100)
@given(polygons(), st.tuples(coordinate, coordinate))
def test_distances_to_borders_are_those_of_shapely(shape: shapely.Polygon, point: tuple[float, float]) -> None:
    """In millionths of a degree at the equator, where the cosine is one and the degrees are a plane."""
    x, y, ring = arrays(shape)
    unit, per_degree = 1e-6, np.full(2, 1e6)
    found = _border_distances.border_distance(
        point[0] * unit, point[1] * unit, x * unit, y * unit, ring, 0, len(x), per_degree
    )
    assert found == pytest.approx(shapely.distance(shape.boundary, shapely.Point(point)), abs=1e-6)


@pytest.mark.parametrize("azimuth", range(0, 360, 45))
@pytest.mark.parametrize("latitude", [0.0, 37.0, -60.0])
def test_distances_are_metres_of_the_geodesic(azimuth: int, latitude: float) -> None:
    """A tiny square 3 km from the point in every direction."""
    geod = Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(102.0, latitude, azimuth, 3000.0)
    x, y, ring = arrays(shapely.box(lon, lat, lon + 1e-9, lat + 1e-9))
    metres = _metres_per_degree(np.array([latitude]))[0]
    found = _border_distances.border_distance(102.0, latitude, x, y, ring, 0, len(x), metres)
    assert found == pytest.approx(3000.0, rel=1e-5)


def test_pairs_have_distances() -> None:
    two = [shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]
    flat = [arrays(shape) for shape in two]
    x, y = (np.concatenate([one[k] for one in flat]) for k in (0, 1))
    ring = np.repeat(np.arange(2, dtype=np.int32), 5)
    point, part = np.array([0.5, 0.5]), np.array([0, 1])
    distance = _border_distances.pair_distances(
        point, np.full(2, 0.25), part, x, y, ring, np.array([0, 5, 10]), np.ones((2, 2))
    )
    assert distance == pytest.approx([0.25, 1.5], rel=1e-4)
