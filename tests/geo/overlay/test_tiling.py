"""The overlay of a tile: exact areas, tile borders, the same bits for any number of workers (rule C3)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.overlay.tiling import FacesByTile, overlay, polygon_rings
from tests.geo.ascii_drawing import ORIGIN, at, rect, shift


def count(tiles: FacesByTile) -> np.ndarray:
    """Return how many polygons cover each face."""
    return np.bincount(tiles.covers()[0], minlength=len(tiles.areas()))


def covered(tiles: FacesByTile, n: int) -> np.ndarray:
    """Return the area that each polygon covers (m2)."""
    face, owner = tiles.covers()
    return np.bincount(owner, tiles.areas()[face], n)


def by_cover(tiles: FacesByTile) -> dict[tuple[int, ...], float]:
    """Return the area (m2) of each set of polygons."""
    face, owner = tiles.covers()
    sets: dict[int, list[int]] = {}
    for f, o in zip(face, owner, strict=True):
        sets.setdefault(int(f), []).append(int(o))
    parts: dict[tuple[int, ...], list[float]] = {}
    for f, owners in sets.items():
        parts.setdefault(tuple(owners), []).append(tiles.areas()[f])
    return {owners: math.fsum(areas) for owners, areas in parts.items()}


def test_two_squares_make_three_faces() -> None:
    tiles = overlay(polygon_rings([rect(0, 0, 10, 10), rect(5, 5, 15, 15)]))
    assert by_cover(tiles) == {(0,): 75, (0, 1): 25, (1,): 75}


def test_touching_nested_and_equal_polygons() -> None:
    shapes = [
        rect(0, 0, 10, 10),
        rect(10, 0, 20, 10),  # shares a side
        rect(20, 10, 30, 20),  # shares a corner
        rect(2, 2, 4, 4),  # lies inside
        rect(0, 0, 10, 10),  # is the same again
        rect(0, 0, 30, 30).difference(rect(1, 1, 29, 29)),  # goes round everything
    ]
    assert covered(overlay(polygon_rings(shapes)), 6) == pytest.approx([s.area for s in shapes], abs=1e-12)


def test_empty_missing_and_collections() -> None:
    mixed = shapely.GeometryCollection([rect(0, 0, 1, 1), at(5, 5), shapely.MultiPolygon([rect(2, 0, 3, 1)])])
    shapes = [None, shapely.Polygon(), mixed, shapely.LineString([(0, 0), (1, 1)])]
    assert covered(overlay(polygon_rings(shapes)), 4).tolist() == [0, 0, 2, 0]
    assert overlay(polygon_rings([None])).faces == []


@pytest.mark.parametrize("dx", [0, 500, 997.3, -1000, 123456])
def test_a_polygon_across_borders_keeps_its_area(dx: float) -> None:
    star = shapely.Polygon([at(0, 0), at(2600, 300), at(900, 700), at(2500, 2500), at(700, 1500), at(-300, 1800)])
    shape = shift(star.difference(rect(300, 300, 420, 380)), dx, dx / 2)
    tiles = overlay(polygon_rings([shape]))
    assert covered(tiles, 1)[0] == pytest.approx(shape.area, rel=1e-9)
    pieces = tiles.dissolve(np.where(count(tiles) > 0, 0, -1))
    assert len(pieces.shapes) == 1
    assert pieces.shapes[0].is_valid
    assert shapely.symmetric_difference(pieces.shapes[0], shape).area < 1e-2  # perimeter x 1e-6 m


def test_corner_contact_does_not_connect() -> None:
    # two squares that meet in the very corner of four tiles, and two that meet along a border of tiles
    shapes = [rect(990, 990, 1000, 1000), rect(1000, 1000, 1010, 1010), rect(990, 0, 1000, 10), rect(1000, 5, 1010, 15)]
    tiles = overlay(polygon_rings(shapes))
    pieces = tiles.dissolve(np.where(tiles.areas() > 0, 0, -1))
    assert sorted(shapely.area(pieces.shapes)) == pytest.approx([100, 100, 200])
    assert len(tiles.dissolve(np.where(tiles.areas() > 0, 0, -1), join=False).shapes) == 4


def test_a_hole_that_touches_its_shell_stays_valid() -> None:
    ring = rect(0, 0, 30, 30).difference(shapely.Polygon([at(0, 15), at(15, 5), at(25, 15), at(15, 25)]))
    tiles = overlay(polygon_rings([ring, rect(10, 0, 20, 30)]))
    kind = np.where(count(tiles) == 1, 0, -1)
    pieces = tiles.dissolve(kind)
    assert shapely.is_valid(pieces.shapes).all()
    wanted = shapely.symmetric_difference(ring, rect(10, 0, 20, 30))
    assert shapely.symmetric_difference(shapely.union_all(pieces.shapes), wanted).area < 1e-4


corner = st.integers(0, 24).map(float)
sides = st.tuples(corner, corner, corner, corner).filter(lambda s: s[0] != s[2] and s[1] != s[3])


@settings(max_examples=60)
@given(st.lists(sides, min_size=1, max_size=8))
def test_rectangles_against_a_raster(rectangles: list[tuple[float, float, float, float]]) -> None:
    """Unit squares are all in or all out, so a raster of their middles is the exact answer."""
    boxes = [(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in rectangles]
    # across the border of four tiles
    tiles = overlay(polygon_rings([rect(a + 988, b + 988, c + 988, d + 988) for a, b, c, d in boxes]))
    x, y = np.meshgrid(np.arange(24) + 0.5, np.arange(24) + 0.5)
    inside = np.array([(x > a) & (x < c) & (y > b) & (y < d) for a, b, c, d in boxes])
    expected: dict[tuple[int, ...], int] = {}
    for cell in inside.reshape(len(boxes), -1).T:
        if cell.any():
            owners = tuple(np.flatnonzero(cell).tolist())
            expected[owners] = expected.get(owners, 0) + 1
    assert by_cover(tiles) == expected


place = st.floats(0, 60, allow_nan=False).map(lambda v: round(v, 3))


@settings(max_examples=60)
@given(st.lists(st.lists(st.tuples(place, place), min_size=3, max_size=7), min_size=1, max_size=5))
def test_any_polygons_against_geos(rings: list[list[tuple[float, float]]]) -> None:
    shapes = np.array([shapely.convex_hull(shapely.MultiPoint([at(x + 970, y + 970) for x, y in xy])) for xy in rings])
    shapes = np.array([s if s.geom_type == "Polygon" else shapely.Polygon() for s in shapes])
    tiles = overlay(polygon_rings(shapes))
    areas = tiles.areas()
    face, owner = tiles.covers()
    # the lattice moves borders by a micrometre
    assert covered(tiles, len(shapes)) == pytest.approx(shapely.area(shapes), abs=1e-3)
    k = np.bincount(face, minlength=len(areas))
    assert math.fsum(areas[k > 0]) == pytest.approx(shapely.union_all(shapes).area, abs=1e-3)
    for i in range(len(shapes)):
        for j in range(i):
            both = np.intersect1d(face[owner == i], face[owner == j])
            assert math.fsum(areas[both]) == pytest.approx(shapely.intersection(shapes[i], shapes[j]).area, abs=1e-3)
    pieces = tiles.dissolve(np.where(k > 0, k, -1))
    assert shapely.is_valid(pieces.shapes).all()
    assert shapely.get_type_id(pieces.shapes).tolist() == [3] * len(pieces.shapes)
    for number in range(1, len(shapes) + 1):
        merged = math.fsum(shapely.area(pieces.shapes[pieces.kind == number]))
        assert merged == pytest.approx(math.fsum(areas[k == number]), abs=1e-6)


def test_slivers_and_near_parallel_edges_never_break() -> None:
    """Edges a few micrometres apart, where floating-point overlays fail."""
    rng = np.random.default_rng(1)
    shapes, up = [], np.array([0.5, 20])
    for _ in range(60):
        a, b = rng.uniform(0, 900, 2), rng.uniform(0, 900, 2)
        for _ in range(3):
            wobble = rng.uniform(-3e-6, 3e-6, (4, 2))
            quad = np.array([a, b, b + up, a + up]) + wobble + ORIGIN
            shapes.append(shapely.convex_hull(shapely.MultiPoint(quad)))
    tiles = overlay(polygon_rings(shapes))
    assert covered(tiles, len(shapes)) == pytest.approx(shapely.area(np.array(shapes)), abs=2e-2)
    pieces = tiles.dissolve(np.where(count(tiles) > 0, 0, -1))
    assert shapely.is_valid(pieces.shapes).all()


def test_any_number_of_workers_gives_the_same_bits() -> None:
    rng = np.random.default_rng(2)
    shapes = [at(*rng.uniform(0, 3000, 2)).buffer(rng.uniform(20, 300)) for _ in range(80)]
    one, two = (overlay(polygon_rings(shapes), workers=workers) for workers in (1, 2))
    assert one.keys == two.keys
    for a, b in zip(one.faces, two.faces, strict=True):
        assert all((p == q).all() for p, q in zip(a, b, strict=True))


def test_tiles_that_no_frame_touches_are_skipped() -> None:
    shapes = [rect(10, 10, 20, 20), rect(5, 5, 4000, 15)]
    assert overlay(polygon_rings(shapes), within=slice(0, 1)).keys == [(500, 4000)]
    assert len(overlay(polygon_rings(shapes)).keys) == 4
