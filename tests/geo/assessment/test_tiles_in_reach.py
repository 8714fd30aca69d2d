"""A box meets the tiles that an overlay would give it, and a tile the boxes that meet it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment._tiles_in_reach import corners, near_tiles, tiles_of

edge = st.integers(-3000, 3000)


def test_a_box_that_ends_on_a_border_has_nothing_beyond_it() -> None:
    box = np.array([[0.0, 500.0, 1000.0, 1500.0]])
    assert tiles_of(box, 0.0).tolist() == [[0, 0], [0, 1]]
    assert tiles_of(box, 1.0).tolist() == [[x, y] for x in (-1, 0, 1) for y in (0, 1)]


def test_what_sees_nothing_meets_no_tile() -> None:
    none = np.full((2, 4), np.nan)
    assert tiles_of(none, 0.0).shape == (0, 2)
    assert near_tiles(none, np.array([[0, 0]]), 0.0).tolist() == [False, False]


@given(
    st.lists(st.tuples(edge, edge, st.integers(1, 2500), st.integers(1, 2500)), min_size=1, max_size=6),
    st.sets(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=5),
    st.sampled_from([0.0, 1.0]),
)
def test_near_means_that_a_tile_is_among_those_of_the_box(
    given_boxes: list[tuple[int, int, int, int]], keys: set[tuple[int, int]], margin: float
) -> None:
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in given_boxes], float)
    found = near_tiles(boxes, np.array(sorted(keys)), margin)
    assert found.tolist() == [bool({*map(tuple, tiles_of(box[None], margin).tolist())} & keys) for box in boxes]


def test_corners_of_positions() -> None:
    assert corners(np.array([(1.0, 5.0), (3.0, 2.0)])).tolist() == [[1.0, 2.0], [3.0, 5.0]]
    assert corners(np.empty((0, 2))).shape == (0, 2)
