"""Carriageways: widths of rule D2, and polygons against lengths, angles and distances."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.assessment.carriageways import road_polygons, road_widths
from geo.errors import BadGeometry
from tests.geo.ascii_drawing import CRS, at, line, rect


def roads(*lines: shapely.Geometry | None, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(lines), crs=CRS)


def polygons(frame: gpd.GeoDataFrame) -> np.ndarray:
    return road_polygons(frame, frame.crs)


@pytest.mark.parametrize(
    ("kind", "width", "expected"),
    [
        ("primary", None, 15), ("tertiary_link", None, 15), (None, None, 15), ("", 0, 15), ("motorway", -3, 15),
        ("residential", None, 8), ("service", float("nan"), 8), ("living_street", "x", 8),
        ("footway", None, 3), ("cycleway", None, 3), ("track", None, 3), ("Steps", None, 3), ("path", None, 3),
        ("residential", 6.5, 6.5), ("footway", "4", 4),
        ("tunnel", 9, None), ("corridor", None, None), ("elevator", None, None), ("platform", 3, None),
        ("proposed", 9, None), ("construction", 9, None),
    ],
)  # fmt: skip
def test_widths(kind: str | None, width: object, expected: float | None) -> None:
    frame = roads(line((0, 0), (10, 0)), **{"class": [kind], "width": [width]})
    found = road_widths(frame)[0]
    assert np.isnan(found) if expected is None else found == expected
    assert shapely.area(polygons(frame)).sum() == pytest.approx(10 * (expected or 0))


def test_roads_without_columns_are_15_m_wide() -> None:
    assert road_widths(pd.DataFrame(index=range(2))).tolist() == [15, 15]
    found = polygons(roads(line((0, 0), (10, 0)), None, shapely.LineString()))
    assert shapely.area(found) == pytest.approx([150])  # a row without a line makes no polygon


def test_the_polygon_of_a_straight_road_is_a_rectangle_in_any_direction() -> None:
    for angle in np.radians(np.arange(0, 360, 15)):
        (found,) = polygons(roads(line((0, 0), (50 * math.cos(angle), 50 * math.sin(angle))), width=[6.0]))
        assert found.area == pytest.approx(300)
        assert (len(found.exterior.coords), found.length) == (5, pytest.approx(112))


def test_a_point_is_on_the_road_where_it_is_within_half_a_width_of_the_line() -> None:
    """Round joins: every point of a bent road within half a width, but for those beyond the flat ends."""
    bend = line((0, 0), (40, 0), (40, 40))
    (found,) = polygons(roads(bend, width=[10.0]))
    xy = shapely.get_coordinates(at(0, 0)) + np.random.default_rng(3).uniform(-10, 55, (3000, 2))
    points = shapely.points(xy)
    x, y = (xy - shapely.get_coordinates(at(0, 0))).T
    distance = shapely.distance(points, bend)
    certain = abs(distance - 5) > 0.05  # the arc of the join is a polygon of chords
    expected = (distance < 5) & (x >= 0) & (y <= 40)
    assert (shapely.contains_xy(found, xy) == expected)[certain].all()


def test_polygons_are_in_the_order_of_the_ids() -> None:
    """The order of work decides the last bits of an overlay, so it must not depend on the order of rows (C3)."""
    frame = roads(line((0, 0), (1, 0)), line((0, 0), (2, 0)), line((0, 0), (3, 0)), id=["c", "a", "b"], width=1.0)
    assert shapely.area(polygons(frame)) == pytest.approx([2, 3, 1])
    assert shapely.area(polygons(frame.iloc[::-1])) == pytest.approx([2, 3, 1])


def test_no_roads_are_no_polygons_and_degrees_become_metres() -> None:
    street = roads(line((0, 0), (100, 0)), width=[10.0])
    assert len(road_polygons(None, street.crs)) == 0
    assert shapely.area(road_polygons(street.to_crs(4326), street.crs)) == pytest.approx([1000], rel=1e-6)


def test_roads_that_are_no_lines_name_their_rows() -> None:
    with pytest.raises(BadGeometry) as caught:
        polygons(roads(line((0, 0), (1, 0)), rect(0, 0, 1, 1), at(0, 0)))
    assert [fault.row for fault in caught.value.rows] == ["1", "2"]
