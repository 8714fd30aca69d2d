"""The polygon that owns a point, exactly: paper drawings, and GEOS as the oracle (rules L1, L2)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import BadGeometry, BadValue
from geo.places.locator import Locator
from tests.geo.places.exact import lowest_row

#  y=2 +---+---+
#      | 2 | 3 |
#  y=1 +---+---+
#      | 0 | 1 |
#  y=0 +---+---+
SQUARES = shapely.box([0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 1, 2], [1, 1, 2, 2])


def oracle(shapes: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the lowest row that covers each point, by GEOS alone."""
    out = np.full(len(lon), len(shapes))
    points, rows = shapely.STRtree(shapes).query(shapely.points(lon, lat), "covered_by")
    np.minimum.at(out, points, rows)
    return np.where(out == len(shapes), -1, out)


def on_edges(shapes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return all vertices, the middles of all edges and points near them, some a rounding error off."""
    rings = shapely.get_rings(shapely.get_parts(shapes))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    edge = np.flatnonzero(ring[:-1] == ring[1:])
    t = rng.uniform(0, 1, len(edge))[:, None]
    cut = xy[edge] + t * (xy[edge + 1] - xy[edge])
    middle = (xy[edge] + xy[edge + 1]) / 2
    beside = np.nextafter(middle, middle + rng.choice([-1, 1], middle.shape))
    every = np.concatenate([xy, cut, middle, beside])
    every[np.abs(every) < 1e-300] = 0.0  # no degree is that small, and its products would underflow
    return every[:, 0].copy(), every[:, 1].copy()


def test_a_point_inside_belongs_to_its_square() -> None:
    assert Locator(SQUARES).locate([0.5, 1.5, 0.5, 1.5], [0.5, 0.5, 1.5, 1.5]).tolist() == [0, 1, 2, 3]


def test_a_border_belongs_to_the_lowest_row() -> None:
    """L1: the corner shared by four, the four inner borders, and the outer rim."""
    lon = [1, 1, 1, 0.5, 1.5, 0, 2, 2, 0]
    lat = [1, 0.5, 1.5, 1, 1, 0, 2, 0, 2]
    assert Locator(SQUARES).locate(lon, lat).tolist() == [0, 0, 2, 0, 1, 0, 3, 1, 2]


def test_outside_and_nan_are_nowhere() -> None:
    lon = [-1e-12, 2.1, np.nan, 1, np.inf, -np.inf]
    lat = [0.5, 0.5, 0.5, np.nan, 0.5, np.inf]
    assert Locator(SQUARES).locate(lon, lat).tolist() == [-1] * 6


def test_shapes_of_arguments_are_kept() -> None:
    locator = Locator(SQUARES)
    assert locator.locate(0.5, 0.5).shape == ()
    assert int(locator.locate(1.5, 0.5)) == 1
    assert locator.locate(np.full((2, 3), 0.5), 1.5).tolist() == [[2, 2, 2], [2, 2, 2]]
    assert locator.locate([], []).tolist() == []


@pytest.mark.parametrize("few_points", [False, True])
def test_one_point_is_answered_as_among_many(few_points: bool) -> None:
    locator = Locator(SQUARES, few_points=few_points)
    lon, lat = [0.5, 1.5, 1.0, 2.0, 2.1, np.nan, np.inf], [0.5, 1.5, 1.0, 2.0, 0.5, 0.5, 0.5]
    for x, y, expected in zip(lon, lat, [0, 3, 0, 3, -1, -1, -1], strict=True):
        for one in (locator.locate(x, y), locator.locate(np.float64(x), np.float64(y)), locator.locate(np.array(x), y)):
            assert (one.shape, one.dtype, int(one)) == ((), np.int64, expected)
    assert int(locator.locate(1, 2)) == 2


def test_holes_parts_and_overlaps() -> None:
    ring = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])
    two = shapely.MultiPolygon([shapely.box(10, 0, 11, 1), shapely.box(12, 0, 13, 1)])
    over = shapely.box(3.5, 3.5, 10.5, 5)
    locator = Locator([ring, two, None, shapely.Polygon(), over])
    lon = [0.5, 2, 1, 10.5, 11.5, 12.5, 3.7, 5]
    lat = [0.5, 2, 2, 0.5, 0.5, 0.5, 3.7, 4.5]
    assert locator.locate(lon, lat).tolist() == [0, -1, 0, 1, -1, 1, 0, 4]


def test_a_polygon_that_covers_cells_without_an_edge_is_found() -> None:
    """A sliver is in a cell that a big polygon of a later row covers whole."""
    sliver = shapely.Polygon([(50, 50), (50.001, 50), (50, 50.001)])
    big = shapely.box(0, 0, 100, 100)
    assert Locator([sliver, big]).locate([50.0001, 50.01], [50.0001, 50.0]).tolist() == [0, 1]
    assert Locator([big, sliver]).locate([50.0001, 50.01], [50.0001, 50.0]).tolist() == [0, 0]


def test_no_polygons_own_nothing() -> None:
    assert Locator([]).locate([1.0], [1.0]).tolist() == [-1]
    assert Locator([shapely.Polygon()]).locate([1.0], [1.0]).tolist() == [-1]


def test_frames_and_series_are_accepted() -> None:
    frame = gpd.GeoDataFrame({"code": list("abcd")}, geometry=SQUARES, crs="EPSG:4326", index=list("wxyz"))
    assert Locator(frame).locate([1.5], [1.5]).tolist() == [3]
    assert Locator(frame.geometry).locate([1.5], [1.5]).tolist() == [3]


def test_what_is_no_polygon_is_refused() -> None:
    with pytest.raises(BadGeometry) as raised:
        Locator([shapely.box(0, 0, 1, 1), shapely.Point(0, 0)])
    assert raised.value.rows[0].row == "1"
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(0, 0), (1, np.nan), (1, 1), (0, 0)])
    with pytest.raises(BadGeometry):
        Locator([broken])


@pytest.mark.parametrize("cells", [5, 40])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_tessellation_agrees_with_geos_everywhere(cells: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = shapely.box(102, 37, 103, 38)
    seeds = shapely.multipoints(rng.uniform((102, 37), (103, 38), (cells, 2)))
    shapes = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box)), box)
    shapes = shapely.segmentize(shapes, 0.02)
    lon, lat = on_edges(shapes, rng)
    lon = np.concatenate([lon, rng.uniform(101.9, 103.1, 20_000)])
    lat = np.concatenate([lat, rng.uniform(36.9, 38.1, 20_000)])
    assert (Locator(shapes).locate(lon, lat) == oracle(shapes, lon, lat)).all()


def fractal(shapes: np.ndarray, times: int) -> np.ndarray:
    """Return polygons with each edge bent at its middle, again and again, the same for both neighbours."""
    out = []
    for shape in shapes:
        xy = shapely.get_coordinates(shape)
        for _ in range(times):
            along = xy[1:] - xy[:-1]
            along[along[:, 0] < 0] *= -1  # one direction for both neighbours
            middle = (xy[1:] + xy[:-1]) / 2
            bend = 0.2 * np.sin(1e6 * middle.sum(axis=1, keepdims=True))
            bent = np.empty((2 * len(xy) - 1, 2))
            bent[::2], bent[1::2] = xy, middle + bend * np.column_stack([-along[:, 1], along[:, 0]])
            xy = bent
        out.append(shapely.Polygon(xy))
    return np.array(out, dtype=object)


@pytest.mark.parametrize(("wide", "high"), [(1.0, 1.0), (3.0, 0.01), (0.002, 1.5)])
def test_fractal_borders_agree_with_geos(wide: float, high: float) -> None:
    """Borders of a hundred bends and more, in square, wide and high counties, so that cells are of any proportion."""
    rng = np.random.default_rng(3)
    seeds = shapely.multipoints(rng.uniform((102, 37), (102 + wide, 37 + high), (60, 2)))
    box = shapely.box(102, 37, 102 + wide, 37 + high)
    shapes = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box)), box)
    shapes = fractal(shapes, 5)
    valid = np.where(shapely.is_valid(shapes), shapes, shapely.buffer(shapes, 0))
    lon, lat = on_edges(valid, rng)
    lon = np.concatenate([lon, rng.uniform(102, 102 + wide, 20_000)])
    lat = np.concatenate([lat, rng.uniform(37, 37 + high, 20_000)])
    found, expected = Locator(valid).locate(lon, lat), oracle(valid, lon, lat)
    differing = np.flatnonzero(found != expected)
    assert len(differing) < 50  # a rounding error off an edge, where GEOS may differ between the two sides
    for k in differing:
        assert found[k] == lowest_row(valid, lon[k], lat[k])


lattice = st.tuples(st.integers(-6, 6), st.integers(-6, 6))


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Geometry:
    """Draw a valid polygon on a small lattice, so that borders, vertices and collinear edges meet often."""
    hull = shapely.convex_hull(shapely.multipoints(draw(st.lists(lattice, min_size=3, max_size=7))))
    cut = shapely.convex_hull(shapely.multipoints(draw(st.lists(lattice, min_size=3, max_size=4))))
    shape = shapely.difference(hull, cut)
    keep = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.multipolygons(keep) if keep else shapely.box(0, 0, 1, 1)


@settings(max_examples=150)
@given(st.lists(polygons(), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_any_polygons_agree_with_geos(shapes: list[shapely.Geometry], seed: int) -> None:
    """L1 on touching, overlapping, holed and multi-part shapes, with points on every vertex and edge."""
    every = np.array(shapes, dtype=object)
    rng = np.random.default_rng(seed)
    half = np.arange(-13, 14) / 2
    lon, lat = (a.ravel() for a in np.meshgrid(half, half))
    ex, ey = on_edges(every, rng)
    lon, lat = np.concatenate([lon, ex, rng.uniform(-7, 7, 50)]), np.concatenate([lat, ey, rng.uniform(-7, 7, 50)])
    found, expected = Locator(every).locate(lon, lat), oracle(every, lon, lat)
    for k in np.flatnonzero(found != expected):
        # GEOS itself answers differently for the two directions of a ring a rounding error away: fractions decide.
        assert found[k] == lowest_row(every, lon[k], lat[k])


def test_every_row_that_covers_a_point_is_listed() -> None:
    points, rows = Locator(SQUARES).covering([1, 0.5, 9], [1, 0.5, 9])
    assert list(zip(points.tolist(), rows.tolist(), strict=True)) == [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0)]


def test_border_distance_is_in_metres() -> None:
    """L2: against the geodesic, 100 m inside the western border of a square at 37 north."""
    geod = Geod(ellps="WGS84")
    lon, lat, _ = geod.fwd(102.0, 37.05, 90.0, 100.0)
    locator = Locator([shapely.box(102, 37, 102.1, 37.1)])
    assert locator.borders([lon], [lat], [0]).border_m[0] == pytest.approx(100.0, abs=0.01)


def test_neighbours_within_the_accuracy_nearest_first() -> None:
    near = 10 / 111_320  # ten metres in degrees at the equator
    locator = Locator(shapely.box([0, 1, 0], [0, 0, 1], [1, 2, 1], [1, 1, 2]))
    found = locator.borders([1 - near, 1 - near, 0.5], [0.5, 1 - near / 2, 0.5], [0, 0, 0], accuracy=20)
    assert found.neighbours == [[1], [2, 1], []]
    assert found.border_m[:2] == pytest.approx([10, 5], rel=0.01)
    assert locator.borders([1 - near], [0.5], [0], accuracy=5).neighbours == [[]]


def test_a_point_without_an_owner_has_no_border() -> None:
    found = Locator(SQUARES).borders([9.0, np.nan], [9.0, 0.0], [-1, -1])
    assert np.isnan(found.border_m).all()
    assert found.neighbours == [[], []]


def test_the_border_of_a_hole_counts_and_the_parts_of_one_owner_are_no_neighbours() -> None:
    ring = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]])
    two = shapely.MultiPolygon([shapely.box(0, 5, 1, 6), shapely.box(1.0001, 5, 2, 6)])
    locator = Locator([ring, two])
    found = locator.borders([0.9999, 0.99995], [2, 5.5], [0, 1], accuracy=30)
    assert found.border_m == pytest.approx([11.13, 5.57], rel=0.01)
    assert found.neighbours == [[], []]


def test_an_impossible_accuracy_is_refused() -> None:
    with pytest.raises(BadValue):
        Locator(SQUARES).borders([0.5], [0.5], [0], accuracy=-1)
    with pytest.raises(BadValue):
        Locator(SQUARES).borders([0.5], [0.5], [0], accuracy=float("nan"))
