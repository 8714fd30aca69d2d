"""Test which parts of centre lines no camera surely sees (rule P8)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.network.unseen_pieces import LEAST_PIECE_M, unseen_pieces
from tests.geo.network.drawn_roads import lattice_roads, lines


def pieces(found):
    return [(int(k), float(a), float(b)) for k, a, b in zip(*found, strict=True)]


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        ([], [(0, 0, 10)]),
        ([shapely.box(-1, -1, 11, 1)], []),
        ([shapely.box(2, -1, 3, 1), shapely.box(2.5, -1, 6, 1)], [(0, 0, 2), (0, 6, 10)]),  # views overlap
        ([shapely.box(2, 0, 3, 1)], [(0, 0, 2), (0, 3, 10)]),  # along the border of a view
        ([shapely.box(10, -1, 12, 1)], [(0, 0, 10)]),  # a touch
        ([shapely.box(0, -1, 4, 1), shapely.box(4.1, -1, 9, 1)], [(0, 9, 10)]),  # a gap below 0.2 m is none
        ([None, shapely.Polygon()], [(0, 0, 10)]),
    ],
)
def test_pieces_are_what_is_left_of_the_road(seen, left) -> None:
    assert pieces(unseen_pieces(lines([[(0, 0), (5, 0), (10, 0)]]), np.array([*seen, None], object))) == left


@given(
    lattice_roads(3, 8),
    st.lists(st.tuples(*[st.integers(-1, 20)] * 4), max_size=5),
)
def test_pieces_and_what_is_seen_are_the_roads(drawn, boxes) -> None:
    seen = np.array([shapely.box(x * 10 + 3, y * 10 + 3, x * 10 + w * 10 + 5, y * 10 + h * 10 + 5)
                     for x, y, w, h in boxes if w > 0 < h] + [None], object)  # fmt: skip
    road = lines(drawn)
    of, begin, end = unseen_pieces(road, seen)
    union = shapely.union_all(seen)
    left = shapely.length(shapely.difference(road.shape, union))
    assert np.allclose(np.bincount(of, end - begin, len(road.shape)), left)
    assert ((end - begin) >= LEAST_PIECE_M).all()
