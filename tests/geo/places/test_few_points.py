"""Few points without kernels: on paper, by rational arithmetic, and the same as the compiled search (rules L1, L2)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.places import _border_distances, _few_points, _parity
from geo.places.locator import Locator
from tests.geo.places.exact import covers, lowest_row, side
from tests.geo.places.test_locator import on_edges, polygons
from tests.geo.places.test_parity import arrays


def edges(shape: shapely.Geometry) -> tuple[np.ndarray, ...]:
    """Return the ends of a polygon's edges: ax, ay, bx, by."""
    x, y, ring = arrays(shape)
    first = np.flatnonzero(ring[:-1] == ring[1:])
    return x[first], y[first], x[first + 1], y[first + 1]


#  y=3 +-------+
#      | +---+ |      a square of side 3 with a hole from 1 to 2
#      | +---+ |
#  y=0 +-------+
SQUARE = shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [[(1, 1), (1, 2), (2, 2), (2, 1)]])


@pytest.mark.parametrize(
    ("point", "inside"),
    [((0.5, 0.5), True), ((1.5, 1.5), False), ((1, 1.5), True), ((0, 0), True), ((3, 1.7), True), ((3.1, 1), False)],
)
def test_holes_are_outside_and_borders_inside(point: tuple[float, float], inside: bool) -> None:
    assert _few_points._covers(*point, *edges(SQUARE)) is inside


def test_a_sign_that_rounding_takes_is_exact() -> None:
    """The points of Kettner et al. next to the line from (12, 12) to (24, 24), where floats alone are wrong."""
    ends = [np.array([value]) for value in (12.0, 12.0, 24.0, 24.0)]
    ulp = 2.0**-53
    for i in range(0, 64, 7):
        for j in range(0, 64, 7):
            p = (0.5 + i * ulp, 0.5 + j * ulp)
            assert _few_points._sides(*ends, *p)[0] == side((12, 12), (24, 24), p)


@given(polygons(), st.integers(0, 2**32 - 1))
def test_a_part_covers_what_it_covers_in_rational_arithmetic(shape: shapely.Geometry, seed: int) -> None:
    part = shapely.get_parts(shape)[0]
    lon, lat = on_edges(np.array([part], dtype=object), np.random.default_rng(seed))
    for px, py in zip(lon.tolist(), lat.tolist(), strict=True):
        assert _few_points._covers(px, py, *edges(part)) == covers(part, px, py)


@given(st.lists(polygons(), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_few_points_and_many_have_the_same_owners_and_borders(shapes: list[shapely.Geometry], seed: int) -> None:
    every = np.array(shapes, dtype=object)
    rng = np.random.default_rng(seed)
    lon, lat = (np.append(values[:40], rng.uniform(-7, 7, 20)) for values in on_edges(every, rng))
    few, many = Locator(every, few_points=True), Locator(every)
    rows = few.locate(lon, lat)
    assert rows.tolist() == many.locate(lon, lat).tolist()
    assert rows[0] == lowest_row(every, lon[0], lat[0])
    for mine, theirs in zip(few.covering(lon, lat), many.covering(lon, lat), strict=True):
        assert mine.tolist() == theirs.tolist()
    near, far = few.borders(lon, lat, rows, accuracy=2e5), many.borders(lon, lat, rows, accuracy=2e5)
    np.testing.assert_allclose(near.border_m, far.border_m, rtol=1e-12, atol=1e-6)
    assert [set(one) for one in near.neighbours] == [set(one) for one in far.neighbours]


def test_pairs_have_the_distances_and_insides_of_the_kernels() -> None:
    x, y, ring = arrays(SQUARE)
    points = np.array([0.5, 1.5, 9.0]), np.array([0.25, 1.5, 9.0])
    pairs, metres = (np.zeros(3, np.int64), x, y, ring, np.array([0, len(x)])), np.full((3, 2), 111_000.0)
    mine = _few_points.pair_distances(*points, *pairs, metres)
    np.testing.assert_allclose(mine[0], _border_distances.pair_distances(*points, *pairs, metres), rtol=1e-12)
    assert mine[0][0] == pytest.approx(0.25 * 111_000.0)
    assert mine[1].tolist() == _parity.pairs_covered(*points, *pairs).tolist() == [True, False, False]


def test_nowhere_and_nothing() -> None:
    few = Locator(shapely.box([0, 1], [0, 0], [1, 2], [1, 1]), few_points=True)
    assert few.locate([np.nan, np.inf, 5.0, 1.0], [0.5, 0.5, 0.5, 0.5]).tolist() == [-1, -1, -1, 0]
    assert int(few.locate(1.5, 0.5)) == 1
    assert Locator([], few_points=True).locate([1.0], [1.0]).tolist() == [-1]
