"""Cut units into faces: squares counted on paper, and a coverage without gap whatever the lines (rules V1 and V2)."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.planning.faces import cut_faces, joined

NOTHING = np.empty(0, object)


def polygons(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, object)


def line(*xy: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(xy)


def test_two_roads_cut_a_square_in_four_with_their_grades_between() -> None:
    roads = polygons(line((40, -10), (40, 110)), line((-10, 50), (110, 50)))
    found = cut_faces(polygons(shapely.box(0, 0, 100, 100)), roads, np.array([2.0, 1.0]), NOTHING)
    # By their south-western corners: 40 x 50, 40 x 50, 60 x 50, 60 x 50.
    assert shapely.area(found.shape).tolist() == [2000, 2000, 3000, 3000]
    assert found.ends.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert found.border.tolist() == [40, 50, 50, 60]
    assert found.barrier.tolist() == [40, 100, 100, 60]
    assert found.rim.tolist() == [90, 90, 110, 110]


def test_a_road_that_ends_inside_cuts_nothing() -> None:
    found = cut_faces(polygons(shapely.box(0, 0, 100, 100)), polygons(line((50, -10), (50, 60))), np.ones(1), NOTHING)
    assert len(found.shape) == 1


def test_faces_of_two_villages_have_one_border_and_are_no_neighbours() -> None:
    villages = polygons(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100))
    found = cut_faces(villages, polygons(line((-10, 50), (210, 50))), np.ones(1), NOTHING)
    assert found.unit.tolist() == [0, 0, 1, 1]
    assert found.ends.tolist() == [[0, 1], [2, 3]]
    # The vertex at which the road meets the border stands in all four faces: a valid coverage.
    assert all((100.0, 50.0) in one.exterior.coords for one in found.shape)
    assert shapely.coverage_is_valid(found.shape)


def test_a_house_on_the_border_of_villages_is_cut_there_alone() -> None:
    villages = polygons(shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100))
    house = shapely.box(95, 45, 105, 55)
    found = cut_faces(villages, polygons(line((-10, 50), (210, 50))), np.ones(1), polygons(house))
    assert found.unit.tolist() == [0, 0, 1, 1]
    parts = [shapely.area(shapely.intersection(one, house)) for one in found.shape]
    assert sorted(parts) == [0, 0, 50, 50]


def test_a_village_of_two_parts_and_one_with_a_hole() -> None:
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    island = shapely.union(shapely.box(40, 40, 60, 60), shapely.box(200, 0, 210, 10))
    found = cut_faces(polygons(ring, island), NOTHING, np.empty(0), NOTHING)
    assert found.unit.tolist() == [0, 1, 1]
    assert shapely.area(found.shape).tolist() == [9600, 400, 100]
    assert found.rim.tolist() == [480, 80, 40]


coordinate = st.integers(-20, 120)


@given(
    st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), max_size=12),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(2, 15), st.integers(2, 15)), max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_faces_cover_their_units_once_and_cut_no_house(
    roads: list[tuple[int, int, int, int]], houses: list[tuple[int, int, int, int]]
) -> None:
    lines = [line((a, b), (c, d)) for a, b, c, d in roads if (a, b) != (c, d)]
    boxes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in houses]
    free = [one for k, one in enumerate(boxes) if not any(one.intersects(other) for other in boxes[:k])]
    units = polygons(shapely.box(0, 0, 50, 100), shapely.box(50, 0, 100, 100))
    free = [one for one in free if any(unit.contains(one) for unit in units)]
    found = cut_faces(units, np.array(lines, object), np.ones(len(lines)), np.array(free, object))
    assert shapely.coverage_is_valid(found.shape)
    for number, unit in enumerate(units):
        whole = joined(found.shape[found.unit == number])
        assert shapely.hausdorff_distance(whole, unit) < 0.002
    for house in free:
        shares = shapely.area(shapely.intersection(found.shape, house))
        assert shares.max() > house.area - 0.1
    assert np.isclose(found.rim.sum() + 2 * found.border.sum(), shapely.length(found.shape).sum())
    assert (shapely.get_type_id(found.shape) == 3).all()
