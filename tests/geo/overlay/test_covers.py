"""Which polygons cover a face, by winding numbers: chains of faces on paper, and intervals of a line by brute force."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from geo.overlay._covers import covering_polygons


def along_a_line(*changes: dict[int, int]) -> list[list[int]]:
    """Return what covers faces 0, 1, ... where edge e is between face e on its right and face e + 1 on its left."""
    n = len(changes)
    face = np.array([side for e in range(n) for side in (e + 1, e)], np.int32)
    pairs = [sorted(change.items()) for change in changes]
    start = np.cumsum([0, *map(len, pairs)])
    flat = list(itertools.chain(*pairs))
    polygon, change = (np.array([pair[k] for pair in flat], t) for k, t in ((0, np.int32), (1, np.int8)))
    cover_start, cover = covering_polygons(face, n + 1, start, polygon, change)
    return [cover[a:b].tolist() for a, b in itertools.pairwise(cover_start)]


def test_a_polygon_begins_and_ends_at_edges() -> None:
    assert along_a_line({7: 1}, {7: -1}) == [[], [7], []]


def test_polygons_are_listed_in_ascending_order() -> None:
    assert along_a_line({9: 1}, {2: 1}, {5: 1}, {9: -1}) == [[], [9], [2, 9], [2, 5, 9], [2, 5]]


def test_a_polygon_that_winds_round_twice_covers_once_until_both_end() -> None:
    assert along_a_line({1: 2}, {1: -1}, {1: -1}) == [[], [1], [1], []]


def test_a_negative_winding_number_covers_nothing() -> None:
    assert along_a_line({1: -1}, {1: 1}, {1: 1}) == [[], [], [], [1]]


def test_faces_of_no_edges_are_covered_by_nothing() -> None:
    start, cover = covering_polygons(
        np.empty(0, np.int32), 1, np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int8)
    )
    assert (start.tolist(), cover.tolist()) == ([0, 0], [])


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40))
def test_intervals_of_a_line_by_brute_force(intervals: list[tuple[int, int]]) -> None:
    """Polygon p covers faces a + 1 to b: it begins at edge a and ends at edge b."""
    ordered = [(min(a, b), max(a, b)) for a, b in intervals]
    changes: list[dict[int, int]] = [{} for _ in range(8)]
    for polygon, (a, b) in enumerate(ordered):
        if a < b:
            changes[a][polygon] = 1
            changes[b][polygon] = -1
    expected = [[p for p, (a, b) in enumerate(ordered) if a < face <= b] for face in range(9)]
    assert along_a_line(*changes) == expected
