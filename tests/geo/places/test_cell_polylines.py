"""Polylines of edges in cells: drawings on paper, and any rings on any grid against rational arithmetic (rule L1)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places import _cell_polylines, locator
from geo.places._cell_polylines import CONTINUES, INSIDE, LAST, ROW_BIT, VERTICES_BIT
from geo.places.locator import Locator
from tests.geo.places.exact import lowest_row
from tests.geo.places.test_locator import on_edges

#: Grid of 4 by 3 cells of side 1: origin, cell size, upper corner.
GRID, SHAPE = np.array([0.0, 0.0, 1.0, 1.0, 4.0, 3.0]), (4, 3)


def cells_with_edges(xy: list[tuple[float, float]]) -> set[tuple[int, int]]:
    """Return (column, row) of the cells that the one edge is listed in."""
    x, y = np.array([p[0] for p in xy]), np.array([p[1] for p in xy])
    start, listed = _cell_polylines.edges_in_cells(x, y, np.array([0]), GRID, SHAPE)
    assert not listed.any()
    return {(cell % 4, cell // 4) for cell in np.flatnonzero(np.diff(start)).tolist()}


def test_an_edge_is_in_the_cells_it_crosses() -> None:
    assert cells_with_edges([(0.2, 0.5), (2.4, 0.5)]) == {(0, 0), (1, 0), (2, 0)}
    assert cells_with_edges([(0.5, 2.6), (0.5, 0.6)]) == {(0, 0), (0, 1), (0, 2)}
    assert cells_with_edges([(0.5, 0.75), (1.5, 1.75)]) == {(0, 0), (0, 1), (1, 1)}
    assert cells_with_edges([(1.0, 0.4), (1.0, 0.6)]) == {(0, 0), (1, 0)}  # along a border: both sides


inner_x, inner_y = (st.integers(0, n * 10_000).map(lambda value: value / 10_000) for n in (4, 3))


@settings(max_examples=200)
@given(inner_x, inner_y, inner_x, inner_y)
def test_no_crossed_cell_is_lost_and_few_others_are_listed(ax: float, ay: float, bx: float, by: float) -> None:
    found = cells_with_edges([(ax, ay), (bx, by)])
    edge = shapely.LineString([(ax, ay), (bx, by)])
    for i in range(4):
        for j in range(3):
            cell = shapely.box(i, j, i + 1, j + 1)
            distance = shapely.distance(edge, cell)
            if distance == 0:
                assert (i, j) in found
            elif distance > 1e-4:
                assert (i, j) not in found


def index(shapes: list[shapely.Geometry], shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> Locator:
    """Return a locator whose index grid has so many columns and rows."""

    def chosen(x: np.ndarray, y: np.ndarray, _parts: int, _edges: int) -> tuple[np.ndarray, tuple[int, int]]:
        x0, y0, x1, y1 = x.min(), y.min(), x.max(), y.max()
        return np.array([x0, y0, (x1 - x0) / shape[0], (y1 - y0) / shape[1], x1, y1]), shape

    monkeypatch.setattr(locator, "_choose_index_grid", chosen)
    return Locator(shapes)


def polylines(built: Locator, cell: int) -> list[tuple[int, int, list[tuple[float, float]]]]:
    """Return row, flags and vertices of each polyline of one cell."""
    assert built._cells is not None
    _, owner, words, numbers = built._cells
    at, out = -2 - int(owner[cell]), []
    while not out or not out[-1][1] & LAST:
        heading = int(words[at])
        end = at + 1 + 2 * (heading % 2**ROW_BIT >> VERTICES_BIT)
        out.append((heading >> ROW_BIT, heading % 8, [tuple(p) for p in numbers[at + 1 : end].reshape(-1, 2).tolist()]))
        at = end
    return out


def test_a_ring_is_one_polyline_in_each_cell_also_through_its_first_vertex(monkeypatch: pytest.MonkeyPatch) -> None:
    #  y=1.5 +--^----+-------+   the middle side is in both cells, the western side in the first only;
    #        | / - _ | _     |   the southern side, along both, begins at the first vertex of the ring
    #  y=0   +-------+-----_-+
    built = index([shapely.Polygon([(0, 0), (4, 0), (1, 1.5)])], (2, 1), monkeypatch)
    assert polylines(built, 0) == [(0, LAST, [(0, 0), (4, 0), (1, 1.5), (0, 0)])]
    assert polylines(built, 1) == [(0, LAST, [(0, 0), (4, 0), (1, 1.5)])]
    turned = index([shapely.Polygon([(4, 0), (1, 1.5), (0, 0)])], (2, 1), monkeypatch)
    assert polylines(turned, 1) == [(0, LAST, [(0, 0), (4, 0), (1, 1.5)])]


def test_a_polyline_that_ends_above_its_cell_is_extended_to_the_east(monkeypatch: pytest.MonkeyPatch) -> None:
    #  y=3 +--____--+   two rows of cells; the sides of the trapezoid end above the lower one, at (1, 3) and (3, 3),
    #      | /    \ |   and are extended at that height to three cells of 4 east of its west
    #  y=0 +/------\+
    built = index([shapely.Polygon([(0, 0), (4, 0), (3, 3), (1, 3)])], (1, 2), monkeypatch)
    assert polylines(built, 0) == [(0, LAST, [(12, 3), (1, 3), (0, 0), (4, 0), (3, 3), (12, 3)])]
    # Both ends of the upper polyline are below its cell: nothing is above them.
    assert polylines(built, 1) == [(0, LAST, [(4, 0), (3, 3), (1, 3), (0, 0)])]


def test_the_last_of_parts_that_share_all_edges_of_a_cell_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    halves = [shapely.box(0, 0, 3, 2), shapely.box(3, 0, 6, 2)]
    hole = [(0, 0), (3, 0), (6, 0), (6, 2), (3, 2), (0, 2)]
    around = shapely.Polygon([(-6, -6), (12, -6), (12, 8), (-6, 8)], [hole])
    built = index([*halves, around], (9, 7), monkeypatch)  # cells of 2
    middle = polylines(built, 3 * 9 + 4)  # from (2, 0) to (4, 2)
    assert [(row, len(vertices) > 0) for row, _, vertices in middle] == [(0, True), (1, True), (2, False)]
    assert middle[-1][1] == INSIDE | LAST
    # Where the last part is nowhere in the cell but on its border it is left out: two equal squares.
    assert [row for row, _, _ in polylines(index([halves[0], halves[0]], (1, 1), monkeypatch), 0)] == [0]


def test_no_part_behind_one_that_covers_the_cell_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    big, small = shapely.box(0, 0, 9, 9), shapely.box(4.1, 4.1, 4.2, 4.2)
    assert polylines(index([big, small], (3, 3), monkeypatch), 4) == [(0, INSIDE | LAST, [])]
    first, second = polylines(index([small, big], (3, 3), monkeypatch), 4)
    assert (first[0], len(first[2])) == (0, 5)
    assert second == (1, INSIDE | LAST, [])


def test_holes_are_further_polylines_of_their_part(monkeypatch: pytest.MonkeyPatch) -> None:
    holed = shapely.box(0, 0, 9, 9) - shapely.union_all([shapely.box(4, 4, 4.2, 4.2), shapely.box(5, 5, 5.2, 5.2)])
    first, second = polylines(index([holed], (3, 3), monkeypatch), 4)
    assert (first[1] & CONTINUES, second[1] & CONTINUES) == (CONTINUES, 0)
    assert [len(one[2]) for one in (first, second)] == [5, 5]


point = st.tuples(st.integers(-4, 4), st.integers(-4, 4))
shapes_of_grid = st.sampled_from([(1, 1), (1, 9), (8, 1), (2, 3), (7, 5), (16, 16), (40, 3)])


@st.composite
def rings(draw: st.DrawFn) -> shapely.Polygon:
    """Draw any closed lines on a lattice as shell and hole: crossing themselves, with spikes and repeated vertices."""
    lines = [draw(st.lists(point, min_size=3, max_size=9)) for _ in range(draw(st.integers(1, 2)))]
    return shapely.Polygon(lines[0], lines[1:])


@settings(max_examples=50, deadline=None)
@given(st.lists(rings(), min_size=1, max_size=4), shapes_of_grid, st.booleans(), st.integers(0, 2**32 - 1))
def test_any_rings_on_any_grid_are_those_of_rational_arithmetic(
    shapes: list[shapely.Polygon], shape: tuple[int, int], twice: bool, seed: int
) -> None:
    """Inside is where the edges above are odd, as for valid polygons; drawn twice, the last part keeps no edges."""
    every = np.array([*shapes, *reversed(shapes)] if twice else shapes, dtype=object)
    west, south, east, north = shapely.total_bounds(every)
    if west == east or south == north:
        shape = (1, 1)
    rng = np.random.default_rng(seed)
    lon, lat = on_edges(every, rng)
    some = rng.choice(len(lon), min(len(lon), 15), replace=False)
    columns, rows = np.linspace(west, east, 2 * shape[0] + 1), np.linspace(south, north, 2 * shape[1] + 1)
    lon = np.concatenate([lon[some], rng.choice(columns, 10), rng.uniform(west, east, 5), rng.choice(lon, 10)])
    lat = np.concatenate([lat[some], rng.choice(rows, 10), rng.uniform(south, north, 5), rng.choice(lat, 10)])
    with pytest.MonkeyPatch.context() as patch:
        built = index(list(every), shape, patch) if shape != (1, 1) else Locator(every)
    found = built.locate(lon, lat).tolist()
    assert found == [lowest_row(every, x, y) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
    assert found == [int(built.locate(x, y)) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)]
