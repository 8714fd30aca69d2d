"""The obstacle index: arrays and cells on paper, and every box in every cell it meets by brute force."""

from __future__ import annotations

import itertools
import math

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadGeometry
from geo.visibility.scene import ObstacleIndex, build_obstacle_index
from geo.visibility.views import views


def index_of(*shapes: shapely.Geometry | None) -> ObstacleIndex:
    return build_obstacle_index(np.array(shapes, dtype=object), np.full(len(shapes), 9.0))


def cells_of(index: ObstacleIndex) -> list[list[int]]:
    """Return the obstacles of each cell, row by row from the south."""
    return [sorted(index.cell_item[a:b].tolist()) for a, b in itertools.pairwise(index.cell_start)]


def test_holes_and_parts_are_rings_of_their_obstacle() -> None:
    court = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 6, 6))
    two = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(22, 0, 23, 1)])
    index = index_of(court, two)
    assert index.obstacle_start.tolist() == [0, 2, 4]
    assert index.ring_start.tolist() == [0, 5, 10, 15, 20]
    assert index.box.tolist() == [[0, 0, 9, 9], [20, 0, 23, 1]]


def test_cells_are_about_twice_a_typical_obstacle() -> None:
    index = index_of(*(shapely.box(30 * i, 0, 30 * i + 10, 10) for i in range(4)))
    # 100 m by 10 m in cells of 20 m
    assert (index.west, index.south, index.cell_m, index.columns, index.rows) == (0, 0, 20, 6, 1)
    assert cells_of(index) == [[0], [1], [1], [2], [3], [3]]


def test_missing_and_empty_rows_keep_their_number_and_are_in_no_cell() -> None:
    index = index_of(None, shapely.Polygon(), shapely.box(0, 0, 1, 1))
    assert index.obstacle_start.tolist() == [0, 0, 0, 1]
    assert index.cell_item.tolist() == [2]
    assert (index.box[:2, 0] > index.box[:2, 2]).all()


def test_no_obstacles_are_one_empty_cell() -> None:
    for index in (index_of(), index_of(None)):
        assert (index.columns, index.rows, index.cell_start.tolist(), len(index.cell_item)) == (1, 1, [0, 0], 0)


def test_scattered_obstacles_do_not_make_more_than_eight_cells_each() -> None:
    index = index_of(shapely.box(0, 0, 1, 1), shapely.box(100_000, 100_000, 100_001, 100_001))
    assert index.columns * index.rows <= 2 * 8 + 2 * 4 + 1  # the last column and row may be begun


def test_obstacles_are_transformed_to_the_metric_crs() -> None:
    to_metres = pyproj.Transformer.from_crs(4326, 4547, always_xy=True)
    square = shapely.box(114.0, 36.0, 114.001, 36.001)
    index = build_obstacle_index(np.array([square]), np.array([3.0]), to_metres)
    assert index.box[0] == pytest.approx([500_000, 3_985_543, 500_090, 3_985_654], abs=1)
    assert math.isclose(index.x[0], to_metres.transform(114.001, 36.0)[0])


def test_what_is_no_polygon_names_its_row() -> None:
    with pytest.raises(BadGeometry) as caught:
        index_of(shapely.box(0, 0, 1, 1), shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]))
    assert [fault.row for fault in caught.value.rows] == ["2", "3"]


def test_obstacles_outside_their_crs_name_their_rows() -> None:
    far = np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 95, 1, 96)])
    to_metres = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    with pytest.raises(BadGeometry) as caught:
        build_obstacle_index(far, np.array([1.0, 1.0]), to_metres)
    assert [fault.row for fault in caught.value.rows] == ["2"]


coordinate, side = st.floats(-500, 500), st.floats(0.5, 80)


@settings(max_examples=100)
@given(st.lists(st.tuples(coordinate, coordinate, side, side), min_size=1, max_size=25))
def test_each_obstacle_is_in_each_cell_that_its_box_meets(boxes: list[tuple[float, ...]]) -> None:
    index = index_of(*(shapely.box(x, y, x + w, y + d) for x, y, w, d in boxes))
    for cell, found in enumerate(cells_of(index)):
        row, column = divmod(cell, index.columns)
        west, south = index.west + column * index.cell_m, index.south + row * index.cell_m
        expected = {
            i
            for i, (w, s, e, n) in enumerate(index.box)
            if w < west + index.cell_m and e >= west and s < south + index.cell_m and n >= south
        }
        # boxes that end on a border of cells may be rounded to either side of it
        near = {
            i
            for i, (w, s, e, n) in enumerate(index.box)
            if min(abs(w - west - index.cell_m), abs(e - west), abs(s - south - index.cell_m), abs(n - south)) < 1e-9
        }
        assert expected - near <= set(found) <= expected | near
    assert set(index.cell_item.tolist()) == set(range(len(boxes)))


def test_a_scene_has_the_cameras_in_row_order() -> None:
    rows = {
        "id": ["b", "a", "c", "d"],
        "status": ["online", "offline", "planned", "unknown"],
        "azimuth": [0.0, None, 90.0, 90.0],
        "hfov": 90.0,
    }
    points = [shapely.Point(500_000 + i, 4_000_000) for i in range(4)]
    scene = views(gpd.GeoDataFrame(rows, geometry=points, crs=4547)).scene
    assert scene.x.tolist() == [500_000.0, 500_001.0, 500_002.0, 500_003.0]
    assert np.flatnonzero(scene.online).tolist() == [0]
    assert np.flatnonzero(scene.offline).tolist() == [1]
    assert np.flatnonzero(scene.status_unknown).tolist() == [3]
    assert np.flatnonzero(scene.maybe_online).tolist() == [0, 3]
    assert scene.azimuth_known.tolist() == [True, False, True, True]
    assert not scene.sees_nothing.any()


def test_ground_ranges_follow_the_level() -> None:
    """The 3-4-5 triangle at detect; at a level of 2.5 times the density the slant of 2 m does not reach the ground."""
    camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [250], "height": [4.6]}
    scene = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)).scene
    assert scene.ground_range_m() == pytest.approx([4.0])
    assert scene.ground_range_m("observe") == pytest.approx([0.0])
