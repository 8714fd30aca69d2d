"""Poles of inaccessibility against paper and against GEOS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.overlay.inaccessibility import TOLERANCE_M, poles_of_inaccessibility


def one(shape: shapely.Polygon) -> tuple[float, float, float]:
    xy, radius = poles_of_inaccessibility(np.array([shape]))
    return float(xy[0, 0]), float(xy[0, 1]), float(radius[0])


def test_square_triangle_and_ring() -> None:
    x, y, r = one(shapely.box(10, 10, 20, 20))
    assert (x, y, r) == (15, 15, 5)
    # 3-4-5 triangle: the inscribed circle has radius (3 + 4 - 5) / 2 = 1, its middle 1 m from both legs
    x, y, r = one(shapely.Polygon([(0, 0), (4, 0), (0, 3)]))
    assert r == pytest.approx(1, abs=TOLERANCE_M)
    assert (x, y) == pytest.approx((1, 1), abs=0.1)
    # round a hole: the widest part is left of it, 8 m across
    x, y, r = one(shapely.box(0, 0, 20, 10).difference(shapely.box(8, 1, 19, 9)))
    assert r == pytest.approx(4, abs=TOLERANCE_M)
    assert x == pytest.approx(4, abs=0.1)


def test_far_from_the_origin_and_very_thin() -> None:
    far = shapely.transform(shapely.box(0, 0, 4, 2), lambda xy: xy + np.array([500_000, 4_000_000]))
    assert one(far)[2] == pytest.approx(1, abs=TOLERANCE_M)
    needle = shapely.Polygon([(0, 0), (1000, 0.001), (1000, 0.003), (0, 0.002)])
    x, y, r = one(needle)
    assert needle.covers(shapely.Point(x, y))
    assert 0 <= r <= 0.001
    assert len(poles_of_inaccessibility(np.empty(0, object))[0]) == 0


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0.5, 50), st.floats(0, 0.9)), min_size=5, max_size=14),
    st.floats(0.01, 0.4),
)
def test_the_depth_agrees_with_geos(spokes: list[tuple[float, float]], hole: float) -> None:
    turn = (np.arange(len(spokes)) + [jitter for _, jitter in spokes]) * 2 * np.pi / len(spokes)
    radius = np.array([length for length, _ in spokes])
    star = shapely.Polygon(np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]))
    star = shapely.difference(star, shapely.box(-hole, -hole, hole, hole))
    for part in shapely.get_parts(star):
        if part.area < 1:
            continue
        x, y, r = one(part)
        assert part.contains(shapely.Point(x, y))
        assert r == pytest.approx(part.boundary.distance(shapely.Point(x, y)), abs=1e-9)
        deepest = shapely.length(shapely.maximum_inscribed_circle(part, tolerance=1e-3))
        assert deepest - TOLERANCE_M - 1e-3 <= r <= deepest + 1e-3 + 1e-9


def test_many_at_once_are_the_same_as_alone() -> None:
    shapes = np.array([shapely.Point(i, 0).buffer(i + 1) for i in range(20)])
    together = poles_of_inaccessibility(shapes)[0]
    alone = np.vstack([poles_of_inaccessibility(shapes[i : i + 1])[0] for i in range(20)])
    assert (together == alone).all()
