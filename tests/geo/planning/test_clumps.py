"""Divide ground without barriers between its buildings (rule V2)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.planning.clumps import clump_lines, lattice_lines

FACE = shapely.box(0, 0, 120, 40)


def test_houses_that_touch_stay_together() -> None:
    row = shapely.box([10, 20, 80], 10, [20, 30, 90], 20)
    lines = clump_lines(FACE, row, np.array([3.0, 3.0, 3.0]), 4.0)
    # The two that touch weigh 6 and are one clump; the line lies midway between 30 and 80.
    assert [round(x) for x in shapely.bounds(shapely.union_all(lines))] == [55, 0, 55, 40]


def test_points_are_divided_too_and_few_are_not() -> None:
    points = shapely.points([[10, 20], [110, 20]])
    assert shapely.bounds(shapely.union_all(clump_lines(FACE, points, np.ones(2), 1.0))).tolist() == [60, 0, 60, 40]
    assert len(clump_lines(FACE, points, np.ones(2), 2.0)) == 0


def test_addresses_at_one_point_are_one_clump() -> None:
    points = shapely.points([[10, 20], [10, 20], [110, 20]])
    assert shapely.bounds(shapely.union_all(clump_lines(FACE, points, np.ones(3), 1.0))).tolist() == [60, 0, 60, 40]


def test_no_line_cuts_a_house() -> None:
    rng = np.random.default_rng(7)
    at = rng.permutation(48)[:20]
    houses = shapely.box(at % 12 * 10 + 1, at // 12 * 10 + 1, at % 12 * 10 + 8, at // 12 * 10 + 9)
    lines = clump_lines(FACE, houses, np.ones(20), 3.0)
    inside = shapely.length(shapely.intersection(shapely.union_all(lines), houses))
    assert inside.max() < 0.05


def test_a_lattice_covers_the_box_of_a_face_evenly() -> None:
    lines = lattice_lines(FACE, 12)
    # 20 m squares: five upright lines of 40 m and one level line of 120 m.
    assert sorted(shapely.length(lines).tolist()) == [40, 40, 40, 40, 40, 120]
    assert len(lattice_lines(FACE, 1)) == 0
