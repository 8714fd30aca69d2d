"""Stage 3 of the sweep: ring pieces drawn by hand become polygons."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.visibility._rings import MIN_RING_M2, assemble_polygons, repaired
from geo.visibility._sweep_data import NODE, PIECE

Ring = list[tuple[float, float]]
SQUARE: Ring = [(0, 0), (4, 0), (4, 4), (0, 4)]
HOLE: Ring = [(1, 1), (1, 2), (2, 2), (2, 1)]  # clockwise


def pieces_of(*rings: Ring) -> tuple[np.ndarray, np.ndarray]:
    """Return the pieces and nodes of rings; equal points are one node."""
    points = list(dict.fromkeys(point for ring in rings for point in ring))
    pieces = np.zeros(sum(map(len, rings)), PIECE)
    first = 0
    for ring in rings:
        for i, point in enumerate(ring):
            pieces[first + i] = (points.index(point), first + (i + 1) % len(ring))
        first += len(ring)
    return pieces, np.array(points, NODE)


def assembled(*cameras: list[Ring], x: float = 0.0, y: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return the polygons of cameras given by their rings, all at one position."""
    parts = [pieces_of(*rings) for rings in cameras]
    pieces, nodes = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    first_piece, first_node = (np.cumsum([0, *(len(part[k]) for part in parts)]) for k in (0, 1))
    n = len(cameras)
    return assemble_polygons((pieces, nodes, first_piece, first_node), np.full(n, x), np.full(n, y))


def test_a_ring_becomes_a_polygon_at_the_position_of_its_camera() -> None:
    shapes, broken = assembled([SQUARE], x=100.0, y=50.0)
    assert shapes[0].equals(shapely.box(100, 50, 104, 54))
    assert not broken.any()


def test_a_clockwise_ring_is_a_hole_of_the_smallest_shell_round_it() -> None:
    around = [(x * 10 - 20, y * 10 - 20) for x, y in SQUARE]
    outer_hole = [(-15, -15), (-15, 10), (10, 10), (10, -15)]
    (shape,), _ = assembled([around, outer_hole, SQUARE, HOLE])
    assert shapely.get_num_geometries(shape) == 2
    assert sorted(part.area for part in shape.geoms) == [16 - 1, 1600 - 625]


def test_several_shells_are_one_multipolygon_and_no_ring_an_empty_polygon() -> None:
    shapes, _ = assembled([SQUARE, [(x + 9, y) for x, y in SQUARE]], [], [SQUARE])
    assert shapes[0].area == 32
    assert (shapes[0].geom_type, shapes[1].is_empty, shapes[2].area) == ("MultiPolygon", True, 16)


def test_a_walk_that_meets_a_node_again_makes_two_rings() -> None:
    """An eight: two triangles that share the node (2, 2)."""
    eight: Ring = [(0, 0), (4, 0), (2, 2), (4, 4), (0, 4), (2, 2)]
    (shape,), _ = assembled([eight])
    assert shape.is_valid
    assert sorted(part.area for part in shape.geoms) == [4, 4]


def test_spurs_and_rings_below_the_bound_vanish() -> None:
    side = MIN_RING_M2**0.5 / 2
    tiny: Ring = [(9, 9), (9 + side, 9), (9 + side, 9 + side), (9, 9 + side)]
    spur: Ring = [(0, 0), (4, 0), (8, 0), (4, 0), (4, 4), (0, 4)]
    (shape,), _ = assembled([spur, tiny])
    assert shape.equals(shapely.box(0, 0, 4, 4))


@pytest.mark.parametrize("field", ["node", "next"])
def test_a_piece_without_node_or_follower_is_reported_and_spoils_no_other_camera(field: str) -> None:
    pieces, nodes = pieces_of(SQUARE)
    torn = pieces.copy()
    torn[field][2] = -1
    both = (np.concatenate([torn, pieces]), np.concatenate([nodes, nodes]), np.array([0, 4, 8]), np.array([0, 4, 8]))
    shapes, broken = assemble_polygons(both, np.zeros(2), np.zeros(2))
    assert broken.tolist() == [True, False]
    assert (shapes[0].is_empty, shapes[1].area) == (True, 16)


def test_repair_keeps_the_areas_only() -> None:
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    spiked = shapely.Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)])
    fine = shapely.box(0, 0, 1, 1)
    shapes = repaired(np.array([bow_tie, spiked, fine]))
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).tolist() == [2, 16, 1]
    assert {shape.geom_type for shape in shapes} <= {"Polygon", "MultiPolygon"}
