"""Snap rounding: drawings on paper, and properties decided by brute force in exact integers."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.overlay._noding import node_segments

Point = tuple[int, int]


def noded(*segments: tuple[int, int, int, int]) -> list[list[Point]]:
    """Return the points along each segment, which may run either way."""
    ordered = [min((a, b, c, d), (c, d, a, b)) for a, b, c, d in segments]
    xy, start, items = node_segments(np.array(ordered, np.int64).reshape(-1, 4))
    points = [(int(x), int(y)) for x, y in xy]
    assert len(set(points)) == len(points)
    return [[points[k] for k in items[a:b]] for a, b in itertools.pairwise(start)]


def test_a_crossing_becomes_a_node_of_both() -> None:
    assert noded((0, 0, 10, 10), (0, 10, 10, 0)) == [[(0, 0), (5, 5), (10, 10)], [(0, 10), (5, 5), (10, 0)]]


def test_a_crossing_is_rounded_to_the_lattice() -> None:
    # y = x / 3 meets x = 10 at y = 10/3
    assert noded((0, 0, 30, 10), (10, 0, 10, 9)) == [[(0, 0), (10, 3), (30, 10)], [(10, 0), (10, 3), (10, 9)]]


def test_an_end_on_a_segment_is_a_node_of_it() -> None:
    assert noded((0, 0, 8, 4), (4, 2, 4, 9))[0] == [(0, 0), (4, 2), (8, 4)]


def test_a_segment_is_bent_through_a_point_whose_pixel_it_passes_and_not_through_others() -> None:
    # at x = 5 the segment is at 0.45: within half a unit of (5, 0), not of (5, 1)
    assert noded((0, 0, 100, 9), (5, 0, 90, 0))[0] == [(0, 0), (5, 0), (100, 9)]
    assert noded((0, 0, 100, 9), (5, 1, 5, 7)) == [[(0, 0), (100, 9)], [(5, 1), (5, 7)]]


def test_overlapping_segments_share_their_nodes() -> None:
    assert noded((0, 0, 9, 0), (3, 0, 20, 0)) == [[(0, 0), (3, 0), (9, 0)], [(3, 0), (9, 0), (20, 0)]]


def test_three_segments_that_cross_in_a_triangle_below_the_lattice_meet_in_one_node() -> None:
    lines = noded((0, 0, 10, 10), (0, 10, 10, 0), (0, 5, 11, 5))
    assert all((5, 5) in line for line in lines)


def test_segments_that_only_touch_no_pixel_of_each_other_stay_whole() -> None:
    assert noded((0, 0, 10, 0), (0, 2, 10, 2)) == [[(0, 0), (10, 0)], [(0, 2), (10, 2)]]
    assert noded() == []


def turn(a: Point, b: Point, c: Point) -> int:
    value = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (value > 0) - (value < 0)


def cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether two segments cross in the inside of both."""
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def is_inside(a: Point, b: Point, p: Point) -> bool:
    """Return whether a point is on a segment and is not one of its ends."""
    if p in (a, b) or turn(a, b, p) != 0:
        return False
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


def largest_offset(a: Point, b: Point, p: Point) -> Fraction:
    """Return the distance of a point from a line along the axis that the line runs less along."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    return Fraction(abs(dx * (p[1] - a[1]) - dy * (p[0] - a[0])), max(abs(dx), abs(dy)))


def check(segments: list[tuple[int, int, int, int]]) -> None:
    lines = noded(*segments)
    pieces = {tuple(sorted(piece)) for line in lines for piece in itertools.pairwise(line)}
    points = {point for line in lines for point in line}
    for (a, b), (c, d) in itertools.combinations(pieces, 2):
        assert not cross(a, b, c, d)
    for a, b in pieces:
        assert a != b
        assert not any(is_inside(a, b, point) for point in points)
    for (ax, ay, bx, by), line in zip(segments, lines, strict=True):
        assert sorted([line[0], line[-1]]) == sorted([(ax, ay), (bx, by)])
        # a hot pixel is passed within half a unit along either axis, and a thousandth
        assert all(largest_offset((ax, ay), (bx, by), p) <= Fraction(1001, 1000) for p in line)


small = st.integers(0, 12)
large = st.integers(0, 1000 << 20)


def some(coordinate: st.SearchStrategy[int]) -> st.SearchStrategy[list[tuple[int, int, int, int]]]:
    ends = st.tuples(coordinate, coordinate, coordinate, coordinate).filter(lambda s: s[:2] != s[2:])
    return st.lists(ends, min_size=1, max_size=9)


@settings(max_examples=200)
@given(some(small))
def test_pieces_meet_in_nodes_only_where_everything_is_near(segments: list[tuple[int, int, int, int]]) -> None:
    check(segments)


@settings(max_examples=60)
@given(some(large))
def test_pieces_meet_in_nodes_only_across_a_tile(segments: list[tuple[int, int, int, int]]) -> None:
    check(segments)


@settings(max_examples=60)
@given(st.lists(st.tuples(small, small, small, small), min_size=2, max_size=6))
def test_nearly_parallel_segments_of_a_kilometre(jitters: list[tuple[int, int, int, int]]) -> None:
    """Micrometres apart over a whole tile, where floating-point overlays fail."""
    check([(a, b, (1000 << 20) - c, (700 << 20) + d) for a, b, c, d in jitters])
