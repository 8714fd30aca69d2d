"""Test ground that is possibly but not surely seen, and its overlay with views: areas to count on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.assessment.cells import OverlayCells
from geo.assessment.open_ground import WHOLE, OpenGround, open_domain, open_places, overlay_views, pieces_in_views
from geo.assessment.place_parts import PlaceCells
from tests.geo.assessment.test_claims import box, camera, frame, model


def test_what_is_surely_seen_or_in_no_view_is_not_open() -> None:
    """The camera of unknown azimuth reaches 20 m; the other one surely sees the northern square of 100 m2."""
    cameras = [camera("c", 0, 0, None), camera("d", 0, 0, 0)]
    squares = [box(-5, 8, 5, 18), box(-5, -15, 5, -8), box(60, 60, 70, 70)]
    incidence, _ = model(cameras, zones=frame([{"code": str(i)} for i in range(3)], squares))
    found = open_domain(incidence)
    assert shapely.area(found.shapes).sum() == pytest.approx(70.0, abs=1e-3)
    assert found.targets == [(WHOLE,)]


def test_ground_of_other_weights_is_kept_apart() -> None:
    from geo import domain

    demand = frame([{"weight": 3.0}, {"weight": 1.0}], [box(2, -1, 4, 1), box(2, -1, 6, 1)])
    whole = frame([{"code": "z"}], [box(-50, -50, 50, 50)])
    incidence, _ = model([camera("c", 0, 0, None)], zones=whole, domain=domain("demand", demand=demand, zones=whole))
    found = open_domain(incidence)
    assert sorted(zip(found.density.tolist(), shapely.area(found.shapes).round(6).tolist(), strict=True)) == [
        (1.0, 4.0), (4.0, 4.0),
    ]  # fmt: skip


def test_a_cell_of_two_places_counts_for_both() -> None:
    one, none = np.ones(3), np.empty(0, int)
    cells = OverlayCells(one, one, np.zeros(3, int), none, none, shapes=shapely.points([[0, 0], [5, 0], [9, 0]]))
    seen = PlaceCells(
        cells, np.array([0, 1, 1, 2]), np.array([4, 4, 8, 8]), np.array([True, False, False]), np.array([True] * 3)
    )
    found = open_places(seen, "count")
    assert found.targets == [(4, 8), (8,)]
    assert shapely.get_x(found.shapes).tolist() == [5.0, 9.0]


@pytest.mark.parametrize(
    ("measure", "shape", "expected"),
    [
        ("m2", shapely.box(0, 0, 4, 2), [4.0, 12.0]),
        ("m", shapely.LineString([(0, 1), (10, 1)]), [2.0, 14.0]),
        ("count", shapely.Point(1, 1), [2.0, 2.0]),
    ],
)
def test_each_view_covers_its_part(measure: str, shape: shapely.Geometry, expected: list[float]) -> None:
    ground = OpenGround(measure, np.array([shape]), np.array([2.0]), [(WHOLE,)])
    views = np.array([shapely.box(0, 0, 1, 2), shapely.box(1, 0, 8, 9), shapely.box(50, 50, 60, 60)])
    found = overlay_views(ground, views)
    sums = np.bincount(found.view, found.weight[found.cell], 3)
    if measure == "count":  # on the border of both
        assert sums.tolist() == [2.0, 2.0, 0.0]
    else:
        assert sums.tolist() == pytest.approx([*expected, 0.0])


def test_edges_across_a_tile_border_add_up_to_the_area() -> None:
    """Tiles are 1,000 m wide: the square lies in two."""
    ground = OpenGround("m2", np.array([shapely.box(990, 0, 1010, 10)]), np.ones(1), [(WHOLE,)])
    found = overlay_views(ground, np.array([shapely.box(0, 0, 2000, 2000)]))
    pieces = pieces_in_views(ground, found, np.array([True]))
    cross = pieces.start[:, 0] * pieces.end[:, 1] - pieces.start[:, 1] * pieces.end[:, 0]
    assert (cross / 2).sum() == pytest.approx(200.0)


def test_nothing_near_is_nothing() -> None:
    ground = OpenGround("m2", np.array([shapely.box(0, 0, 1, 1)]), np.ones(1), [(WHOLE,)])
    found = overlay_views(ground, np.array([shapely.box(5, 5, 6, 6)]))
    assert len(found.cell) == 0
    assert len(pieces_in_views(ground, found, np.array([True])).view) == 0
