"""Lattices in gaps: how many points, where, and which is deepest (rule G2), counted on paper and by brute force."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.assessment.gap_lattice import deepest_points, line_lattices, polygon_lattices
from geo.assessment.gaps import gaps
from geo.assessment.incidence import incidence
from tests.geo.ascii_drawing import camera, drawn, line, rect, zone_frame


@pytest.mark.parametrize(
    ("side", "points"), [(10.0, 1), (10.2, 25), (38.0, 361), (40.0, 400), (41.0, 400), (333.0, 400)]
)
def test_lattices_have_at_most_400_points_and_steps_of_at_least_2_m(side: float, points: int) -> None:
    square = np.array([rect(0, 0, side, side)])
    found, count = polygon_lattices(square)
    assert count.tolist() == [points if side > 10 else 25]
    assert shapely.contains_xy(square[0], found).all()
    step = np.diff(np.unique(found[:, 0].round(6)))
    assert step.min() >= 2 - 1e-6
    # at 100 m2 and below one position decides
    frame = gaps(
        incidence(drawn(camera("off", rect(0, 0, side * 0.3, side), status="offline")), zone_frame(list(square)))
    )
    assert len(frame["causes"].iloc[0]) == (1 if side <= 10 else 2)


def ring(x: float, y: float, side: float) -> shapely.Polygon:
    """Return a square with a square hole of half its side in the middle."""
    return shapely.difference(
        rect(x, y, x + side, y + side), rect(x + side / 4, y + side / 4, x + side * 0.75, y + side * 0.75)
    )


def test_points_and_depth_by_brute_force() -> None:
    """Squares with holes and turned stars of 7 to 300 m, in any number of threads."""
    rng = np.random.default_rng(3)
    shapes = [ring(x, y, side) for x, y, side in rng.uniform([0, 0, 12], [5000, 5000, 300], (70, 3))]
    for x, y, size in rng.uniform([0, 0, 10], [5000, 5000, 150], (70, 3)):
        turn = np.sort(rng.uniform(0, 2 * np.pi, 9))
        reach = size * rng.uniform(0.2, 1, 9)
        corners = np.column_stack([x + 5e5 + reach * np.cos(turn), y + 4e6 + reach * np.sin(turn)])
        shapes.append(shapely.Polygon(corners))
    polygons = np.array([shape for shape in shapes if shape.is_valid], object)
    points, count = polygon_lattices(polygons, workers=2)
    alone, count_alone = polygon_lattices(polygons, workers=1)
    assert (points == alone).all()
    assert (count == count_alone).all()
    assert count.max() <= 400
    begin = np.cumsum(count) - count
    deepest = deepest_points(polygons, points, count, workers=2)
    for k, shape in enumerate(polygons):
        mine = points[begin[k] : begin[k] + count[k]]
        assert shapely.contains_xy(shape, mine).all()
        if len(mine) > 1:
            step = np.diff(np.unique(mine[:, 0].round(6))).min()
            west, south, east, north = shape.bounds
            x, y = np.meshgrid(np.arange(west + step / 2, east, step), np.arange(south + step / 2, north, step))
            assert abs(int(shapely.contains_xy(shape, x, y).sum()) - len(mine)) <= 2, "steps are rounded"
        if len(mine):
            depth = shapely.distance(shape.boundary, shapely.points(mine))
            best = sorted(mine[depth >= depth.max() - 1e-6].tolist())[0]
            assert points[deepest[k]].tolist() == best
        else:
            assert deepest[k] == -1


def test_a_sliver_between_two_rows_has_no_point() -> None:
    thin = np.array([shapely.union(rect(0, 0, 0.5, 0.5), rect(0.25, 0.25, 200, 0.75))])
    points, count = polygon_lattices(thin)
    assert (len(points), count.tolist(), deepest_points(thin, points, count).tolist()) == (0, [0], [-1])


def test_lines_have_points_of_at_least_2_m_and_at_most_400() -> None:
    for length, expected in ((1.0, 1), (5.9, 2), (30.0, 15), (2_000.0, 400)):
        points, count, depth = line_lattices(np.array([line((0, 0), (length, 0))]))
        assert count.tolist() == [expected]
        assert np.diff(points[:, 0]) == pytest.approx(length / expected)
        assert depth.max() <= length / 2
