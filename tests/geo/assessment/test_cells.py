"""Overlay cells: faces, pieces of lines and points, on paper and against areas and lengths that shapely computes."""

from __future__ import annotations

import itertools

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.area_of_interest import Domain
from geo.assessment.cells import OverlayCells, area_cells, line_cells, point_cells
from geo.types import no_progress

METRES = pyproj.CRS(4547)


def areas(*shapes: shapely.Geometry, weight: list[float] | None = None) -> Domain:
    return Domain("all", "m2", METRES, np.array(shapes), np.array(weight or [1.0] * len(shapes)))


def of_areas(domain: Domain, zones: list, views: list, workers: int | None = 1) -> OverlayCells:
    polygons = np.array([*zones, *views])
    return area_cells(domain, polygons, len(zones), np.arange(len(polygons)), workers, no_progress)


def per_polygon(cells: OverlayCells, count: int, values: np.ndarray | None = None) -> np.ndarray:
    """Return the total size of the cells of each polygon."""
    return np.bincount(cells.polygon, (cells.size if values is None else values)[cells.cell], count)


def test_area_cells_are_faces_inside_the_domain_and_some_zone() -> None:
    #  zone 0-10, view 5-15, domain 2-12: cells 2-5 (zone) and 5-10 (zone, view); 10-12 is in no zone
    cells = of_areas(areas(shapely.box(2, 0, 12, 1)), [shapely.box(0, 0, 10, 1)], [shapely.box(5, 0, 15, 1)])
    assert sorted(cells.size.tolist()) == [3, 5]
    assert per_polygon(cells, 2).tolist() == [8, 5]
    assert cells.faces is not None
    assert cells.faces.areas()[cells.face].tolist() == cells.size.tolist()


def test_weights_of_overlapping_domain_polygons_add_up() -> None:
    both = areas(shapely.box(0, 0, 10, 1), shapely.box(5, 0, 15, 1), weight=[2.0, 3.0])
    cells = of_areas(both, [shapely.box(0, 0, 20, 1)], [])
    assert sorted(zip(cells.size.tolist(), cells.weight.tolist(), strict=True)) == [(5, 10), (5, 15), (5, 25)]


def test_cells_are_cut_at_tile_borders_and_are_in_tile_order() -> None:
    cells = of_areas(areas(shapely.box(990, 0, 1020, 1)), [shapely.box(990, 0, 1020, 1)], [])
    assert (cells.size.tolist(), cells.tile.tolist()) == ([10, 20], [0, 1])


box = st.builds(
    lambda x, y, w, h: shapely.box(x, y, x + w, y + h),
    st.integers(0, 30), st.integers(0, 30), st.integers(1, 20), st.integers(1, 20),
)  # fmt: skip


@settings(max_examples=30)
@given(st.lists(box, min_size=1, max_size=3), st.lists(box, min_size=1, max_size=3), st.lists(box, max_size=4))
def test_areas_of_polygons_are_those_of_shapely(domain: list, zones: list, views: list) -> None:
    cells = of_areas(areas(*domain), zones, views)
    wanted = shapely.intersection(shapely.union_all(domain), shapely.union_all(zones))
    assert cells.size.sum() == pytest.approx(wanted.area)
    expected = shapely.area(shapely.intersection([*zones, *views], wanted))
    assert per_polygon(cells, len(expected)) == pytest.approx(expected)
    # the weight of a cell is its area times how many polygons of the domain cover it
    twice = sum(shapely.intersection(one, shapely.union_all(zones)).area for one in domain)
    assert cells.weight.sum() == pytest.approx(twice)
    assert (np.diff(cells.tile) >= 0).all()
    assert len(np.unique(cells.cell * 100 + cells.polygon)) == len(cells.cell)


def lines(*shapes: shapely.Geometry, weight: list[float] | None = None) -> Domain:
    return Domain("demand", "m", METRES, np.array(shapes), np.array(weight or [1.0] * len(shapes)))


def test_pieces_of_a_line_end_where_borders_cross_it() -> None:
    """A 3-4-5 line of 25 m: the view takes the first 9 of 15 metres to the east, which is 15 m of it."""
    slope = lines(shapely.LineString([(0, 0), (15, 20)]), weight=[2.0])
    zone, view = shapely.box(0, 0, 15, 20), shapely.box(0, 0, 9, 20)
    cells = line_cells(slope, np.array([zone, view]), [slice(0, 1)], slice(1, 2))
    assert cells.size == pytest.approx([15, 10])
    assert cells.weight == pytest.approx([30, 20])
    assert (cells.cell.tolist(), cells.polygon.tolist(), cells.line.tolist()) == ([0, 0, 1], [0, 1, 0], [0, 0])
    assert cells.shapes[1].coords[1] == (15, 20)  # the vertex itself


def test_a_line_across_tiles_is_cut_at_their_border() -> None:
    across = lines(shapely.LineString([(990, 1), (2010, 1)]))
    cells = line_cells(across, np.array([shapely.box(0, 0, 3000, 5)]), [slice(0, 1)], slice(1, 1))
    assert cells.size == pytest.approx([10, 1000, 10])
    assert cells.tile.tolist() == [0, 1, 2]


def test_a_line_along_the_border_of_two_zones_belongs_to_the_first() -> None:
    border = lines(shapely.LineString([(0, 5), (10, 5)]))
    cells = line_cells(
        border, np.array([shapely.box(0, 0, 10, 5), shapely.box(0, 5, 10, 9)]), [slice(0, 2)], slice(2, 2)
    )
    assert (cells.size.tolist(), cells.polygon.tolist()) == ([10], [0])


coordinate = st.floats(0, 50).map(lambda value: round(value, 3))


polylines = st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=5), min_size=1, max_size=4)


@settings(max_examples=50)
@given(polylines, st.lists(box, max_size=5))
def test_lengths_in_polygons_are_those_of_shapely(xy: list, views: list) -> None:
    """The views are moved off the lattice of the vertices, so that no line runs along a border."""
    shapes = [shapely.LineString(one) for one in xy]
    views = [shapely.affinity.translate(view, 0.0001234, 0.0001357) for view in views]
    zone = shapely.box(-1, -1, 60, 60)
    cells = line_cells(lines(*shapes), np.array([zone, *views]), [slice(0, 1)], slice(1, 1 + len(views)))
    # each segment by itself: where a line crosses itself, shapely counts the parts in common once
    segments = [shapely.LineString(pair) for one in xy for pair in itertools.pairwise(one)]
    expected = [shapely.length(shapely.intersection(segments, view)).sum() for view in views]
    assert per_polygon(cells, len(views) + 1)[1:] == pytest.approx(expected, abs=1e-6)
    assert np.bincount(cells.line, cells.size, len(shapes)) == pytest.approx(shapely.length(shapes), abs=1e-6)


def test_a_point_on_a_border_is_of_the_first_zone_of_each_layer_and_of_every_view() -> None:
    points = Domain("demand", "count", METRES, shapely.points([2, 5, 20], 1), np.array([1.0, 2.0, 4.0]))
    left, right, whole = shapely.box(0, 0, 5, 2), shapely.box(5, 0, 9, 2), shapely.box(0, 0, 9, 2)
    polygons = np.array([left, right, whole, left, right])
    cells = point_cells(points, polygons, [slice(0, 2), slice(2, 3)], slice(3, 5))
    assert (cells.size.tolist(), cells.weight.tolist()) == ([1, 1], [1, 2])
    assert [(int(a), int(b)) for a, b in zip(cells.cell, cells.polygon, strict=True)] == [
        (0, 0), (0, 2), (0, 3), (1, 0), (1, 2), (1, 3), (1, 4),
    ]  # fmt: skip


zones_drawn, views_drawn = st.lists(box, min_size=1, max_size=4), st.lists(box, max_size=4)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=20), zones_drawn, views_drawn)
def test_points_agree_with_a_plain_search(xy: list, zones: list, views: list) -> None:
    points = Domain("demand", "count", METRES, shapely.points(np.array(xy, float).reshape(-1, 2)), np.ones(len(xy)))
    n = len(zones)
    cells = point_cells(points, np.array([*zones, *views]), [slice(0, n)], slice(n, n + len(views)))
    expected = []
    for at in points.shapes:
        inner = [i for i, zone in enumerate(zones) if shapely.contains_properly(zone, at)]
        border = [i for i, zone in enumerate(zones) if shapely.intersects(zone, at)]
        of_zone = inner or border[:1]
        if of_zone:
            seen = [n + i for i, view in enumerate(views) if shapely.intersects(view, at)]
            expected.append((at.x, at.y, sorted([*of_zone, *seen])))
    found = [(shape.x, shape.y, cells.polygon[cells.cell == i].tolist()) for i, shape in enumerate(cells.shapes)]
    assert sorted(found) == sorted(expected)
