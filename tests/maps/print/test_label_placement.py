"""Check label placement: nothing overlaps, nothing leaves its place, what does not fit is handed back."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.print.label_placement import Label, OccupancyGrid, label_anchors, place_beside, place_inside, place_near
from maps.print.page_layout import Rect

ROOM = Rect(0, 0, 200, 150)


def measure(text: str) -> tuple[float, float]:
    """Half a mm a character and a whole one high, per point."""
    return 0.5 * len(text), 1.0


def squares(size: float, count: int) -> np.ndarray:
    return np.array([shapely.box(at * size, 0, (at + 1) * size, size) for at in range(count)])


def overlaps(boxes) -> list:
    return [(a, b) for a, b in combinations(boxes, 2) if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]]


def test_pole_of_a_square_and_of_an_l():
    corner = shapely.Polygon([(0, 0), (30, 0), (30, 10), (10, 10), (10, 30), (0, 30)])
    square, bend = label_anchors(np.array([shapely.box(0, 0, 10, 10), corner]))
    assert square == pytest.approx((5, 5), abs=0.3)
    # The inscribed circle touches both axes and the inner corner: r sqrt 2 = (10 - r) sqrt 2 ... r = 10 (2 - sqrt 2)
    assert bend == pytest.approx((10 * (2 - math.sqrt(2)),) * 2, abs=0.4)


def test_largest_size_that_fits_at_the_middle():
    placed, left = place_inside(
        OccupancyGrid(ROOM), [Label("a", "1234", (8, 5, 2))], squares(12, 1), measure, clearance=0
    )
    (one,) = placed
    assert left == []
    assert (one.size, one.whole) == (5, True)  # 8 points are 16 mm wide, 5 are 10 mm
    assert (one.x, one.y) == pytest.approx((6, 6), abs=0.3)
    assert one.box == pytest.approx((one.x - 5, one.y - 2.5, one.x + 5, one.y + 2.5))


def test_second_label_gives_way_and_third_is_left_out():
    shape = shapely.box(0, 0, 12, 12)
    labels = [Label(str(at), "1234", (5,)) for at in range(4)]
    placed, left = place_inside(OccupancyGrid(ROOM), labels, np.array([shape] * 4), measure, clearance=0)
    assert not overlaps([one.box for one in placed])
    assert len(placed) + len(left) == 4
    assert left
    assert [one.key for one in placed] == [label.key for label in labels[: len(placed)]]


def test_too_wide_a_label_reaches_over_its_border_only_in_part():
    placed, left = place_inside(
        OccupancyGrid(ROOM),
        [Label("a", "1234567", (2,)), Label("b", "1234567890", (2,))],
        squares(6, 2),
        measure,
        clearance=0,
    )
    assert [(one.key, one.whole) for one in placed] == [("a", False)]  # 7 mm on 6 mm
    assert [one.key for one in left] == ["b"]  # 10 mm on 6 mm


def test_labels_stay_in_the_room():
    shape = np.array([shapely.box(-20, 10, 4, 30)])
    placed, left = place_inside(OccupancyGrid(ROOM), [Label("a", "1234", (2,))], shape, measure)
    assert not placed
    assert left


def test_empty_shape_is_left_out():
    placed, left = place_inside(OccupancyGrid(ROOM), [Label("a", "1", (5,))], np.array([shapely.Polygon()]), measure)
    assert not placed
    assert [one.key for one in left] == ["a"]
    assert place_inside(OccupancyGrid(ROOM), [], np.array([], dtype=object), measure) == ([], [])


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 60))
def test_no_two_labels_overlap(seed, count):
    random = np.random.default_rng(seed)
    points = random.uniform((2, 2), (198, 148), (count, 2))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(points), extend_to=shapely.box(0, 0, 200, 150))
    )
    cells = shapely.intersection(cells, shapely.box(0, 0, 200, 150))
    occupancy = OccupancyGrid(ROOM)
    ends = random.uniform((10, 10), (190, 140), (8, 2))
    discs, discs_left = place_beside(occupancy, [Label(str(at), str(at), (5,)) for at in range(8)], ends, 4.0)
    labels = [Label(str(at), "9" * random.integers(1, 12), (9, 7, 5)) for at in range(len(cells))]
    placed, left = place_inside(occupancy, labels, cells, measure, clearance=0.2)
    assert len(placed) + len(left) == len(cells)
    assert len(discs) + len(discs_left) == 8
    assert not overlaps([one.box for one in (*discs, *placed)])
    for one in placed:
        cell = cells[int(one.key)]
        assert cell.buffer(1e-6).contains(shapely.Point(one.x, one.y))
        inside = shapely.box(*one.box).intersection(cell).area / shapely.box(*one.box).area
        assert inside > (0.97 if one.whole else 0.4)
        assert ROOM.x <= one.box[0] < one.box[2] <= ROOM.right
    for one in discs:  # a leader crosses no label
        leader = shapely.LineString([(one.x, one.y), one.leader])
        assert all(leader.intersection(shapely.box(*other.box)).length < 1.3 for other in placed)


def test_numbers_stand_beside_their_points():
    placed, left = place_beside(
        OccupancyGrid(ROOM), [Label("1", "1", (5,)), Label("2", "2", (5,))], np.array([[50, 50], [50, 50]]), 4.0
    )
    assert left == []
    for one in placed:
        assert one.leader == (50, 50)
        assert 3.9 <= math.dist((one.x, one.y), one.leader) <= 4 * 8.01
    assert not overlaps([one.box for one in placed])


def test_number_without_room_is_left_out():
    occupancy = OccupancyGrid(ROOM)
    occupancy.occupy((0, 0, 200, 150))
    placed, left = place_beside(occupancy, [Label("1", "1", (5,))], np.array([[50, 50]]), 4.0)
    assert not placed
    assert len(left) == 1


def test_a_number_stands_close_to_its_point_in_the_first_free_direction():
    """Texts 2 mm wide and 1 mm high, 1 mm from their point: to the upper right, else to the right."""
    room = OccupancyGrid(Rect(0, 0, 40, 40))
    labels = [Label("site:1", "1", (1.0,)), Label("site:2", "2", (1.0,))]
    placed, left = place_near(room, labels, np.array([[20, 20], [20, 20]]), lambda _text: (2.0, 1.0), 1.0)
    assert left == []
    assert (placed[0].x, placed[0].y) == pytest.approx((20 + 2 * 0.5**0.5, 20 + 1.5 * 0.5**0.5))
    assert placed[1].box[0] > 20 or placed[1].box[2] < 20 or placed[1].box[1] > 20
    full = OccupancyGrid(Rect(19.5, 19.5, 1, 1))
    assert place_near(full, labels[:1], np.array([[20, 20]]), lambda _text: (2.0, 1.0), 1.0) == ([], labels[:1])
