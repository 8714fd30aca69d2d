"""The compiled search, part by part, against rational arithmetic and GEOS (rule L1)."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places import _cell_polylines, _parity
from tests.geo.places.exact import covers, side

number = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
#: Grid of 4 by 3 cells of side 1: origin, cell size, upper corner.
GRID, SHAPE = np.array([0.0, 0.0, 1.0, 1.0, 4.0, 3.0]), (4, 3)


def arrays(shape: shapely.Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the coordinates of one polygon's vertices and the ring of each."""
    xy, ring = shapely.get_coordinates(shapely.get_rings(shape), return_index=True)
    return xy[:, 0].copy(), xy[:, 1].copy(), ring.astype(np.int32)


@given(number, number)
def test_products_and_differences_are_exact_with_their_error(a: float, b: float) -> None:
    product, error = _parity._two_product(a, b)
    assert Fraction(product) + Fraction(error) == Fraction(a) * Fraction(b)
    difference, error = _parity._two_diff(a, b)
    assert Fraction(difference) + Fraction(error) == Fraction(a) - Fraction(b)


@pytest.mark.parametrize(("p", "expected"), [((1, 1), 1), ((1, -1), -1), ((1, 0), 0), ((9, 0), 0), ((0, 0), 0)])
def test_sides_of_the_line_to_the_east(p: tuple[float, float], expected: int) -> None:
    assert _parity.side(0.0, 0.0, 2.0, 0.0, float(p[0]), float(p[1])) == expected
    assert _parity.side(2.0, 0.0, 0.0, 0.0, float(p[0]), float(p[1])) == -expected


@settings(max_examples=300)
@given(st.tuples(number, number), st.tuples(number, number), st.floats(0, 1), st.integers(-2, 2), st.integers(-2, 2))
def test_sides_are_exact_next_to_the_line(
    a: tuple[float, float], b: tuple[float, float], t: float, east: int, north: int
) -> None:
    """Points a few roundings off the line, where the plain cross product has the wrong sign."""
    p = [a[k] + t * (b[k] - a[k]) for k in (0, 1)]
    for k, steps in enumerate((east, north)):
        for _ in range(abs(steps)):
            p[k] = float(np.nextafter(p[k], np.inf if steps > 0 else -np.inf))
        p[k] = 0.0 if abs(p[k]) < 1e-6 else p[k]
    assert _parity.side(*a, *b, *p) == side(a, b, (p[0], p[1]))


def test_rounding_alone_would_take_the_wrong_side() -> None:
    """The classic example of Kettner et al.: 0.5 plus some ulps against the line from (12, 12) to (24, 24)."""
    ulp = 2.0**-53
    for i in range(0, 64, 3):
        for j in range(0, 64, 3):
            p = (0.5 + i * ulp, 0.5 + j * ulp)
            assert _parity.side(12.0, 12.0, 24.0, 24.0, *p) == (p[1] > p[0]) - (p[1] < p[0])


lattice = st.tuples(st.integers(-6, 6), st.integers(-6, 6))
coordinate = st.integers(-13, 13).map(lambda value: value / 2)


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Polygon:
    """Draw a polygon with at most one hole, its vertices on a small lattice."""
    hull = shapely.convex_hull(shapely.multipoints(draw(st.lists(lattice, min_size=3, max_size=8))))
    hole = shapely.convex_hull(shapely.multipoints(draw(st.lists(lattice, min_size=3, max_size=4))))
    parts = [part for part in shapely.get_parts(shapely.difference(hull, hole)) if part.area > 0]
    return parts[0] if parts else shapely.box(0, 0, 1, 1)


@settings(max_examples=200)
@given(polygons(), st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20))
def test_covered_points_are_those_of_rational_arithmetic(shape: shapely.Polygon, points: list) -> None:
    x, y, ring = arrays(shape)
    for px, py in [*points, *zip(x.tolist(), y.tolist(), strict=True)]:
        assert _parity.part_covers(px, py, x, y, ring, 0, len(x)) == covers(shape, px, py)


def test_pairs_are_covered_or_not() -> None:
    two = [shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]
    flat = [arrays(shape) for shape in two]
    x, y = (np.concatenate([one[k] for one in flat]) for k in (0, 1))
    ring = np.repeat(np.arange(2, dtype=np.int32), 5)
    point, part = np.array([0.5, 0.5]), np.array([0, 1])
    inside = _parity.pairs_covered(point, np.full(2, 0.25), part, x, y, ring, np.array([0, 5, 10]))
    assert inside.tolist() == [True, False]


def test_plain_cells_have_an_owner_and_the_others_the_parts_over_their_centre() -> None:
    #  y 3 +---+---+---+---+   a square over the middle of the grid: its edges are in the cells of the frame,
    #      |   | . | . |   |   the two cells inside (columns 1, 2 of row 1) have none
    #    0 +---+---+---+---+
    x, y, ring = arrays(shapely.box(0.4, 0.4, 3.6, 2.6))
    edge_start, _ = _cell_polylines.edges_in_cells(x, y, np.arange(4), GRID, SHAPE)
    owner = np.full(12, -1, np.int32)
    rows, parts = np.array([7], np.int32), np.array([0, 5], np.int64)
    start, listed = _parity.find_plain_cells(x, y, ring, parts, rows, GRID, SHAPE, edge_start, owner)
    assert np.flatnonzero(owner == 7).tolist() == [5, 6]
    assert (owner[[0, 3, 8, 11]] == -1).all()
    assert listed.tolist() == [0] * 10  # the part is over the centre of each cell of the frame
    assert np.diff(start).tolist() == [1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1]
