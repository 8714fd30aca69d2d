"""Test that every piece is walked, each road is in one sector, and the rounds are drawn closed (rule P8)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network.patrol import patrol
from tests.geo.network.drawn_roads import lattice_roads, lines, roads

_BOXES = st.lists(st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 12)] * 2), max_size=5)


def boxes(drawn) -> np.ndarray:
    return np.array([shapely.box(10 * x + 3, 10 * y + 3, 10 * (x + w), 10 * (y + h)) for x, y, w, h in drawn], object)


@settings(max_examples=30)
@given(lattice_roads(4, 24), _BOXES, st.integers(1, 5))
def test_every_piece_is_walked_and_each_road_is_in_one_sector(drawn, views, count) -> None:
    seen, frame = boxes(views), roads(drawn)
    found = patrol(frame, seen, count)
    left = shapely.union_all(shapely.difference(lines(drawn).shape, shapely.union_all(seen)))
    pieces = shapely.union_all([one.pieces for one in found.sectors])
    walked = shapely.union_all([one.round for one in found.sectors])
    assert shapely.length(left) == pytest.approx(sum(one.pieces_m for one in found.sectors) + found.left_out_m)
    assert shapely.length(shapely.difference(pieces, shapely.buffer(walked, 1e-6))) == pytest.approx(0, abs=1e-6)
    named = [road for one in found.sectors for road in one.roads]
    assert len(named) == len(set(named))
    assert not set(named) & set(found.left_out)
    for one in found.sectors:
        mine = frame[frame["id"].isin(one.roads)].geometry.to_numpy()
        assert one.round.is_closed
        assert one.round.length == pytest.approx(one.length_m)
        assert one.length_m >= one.bound_m - 1e-6
        assert (one.why is not None) == (one.length_m > 1.5 * one.bound_m + 1e-6)
        assert len(shapely.get_parts(shapely.union_all(shapely.buffer(mine, 0.01)))) == 1  # connected
    if not len(seen):
        assert found.left_out or len(found.sectors) == min(count, len(drawn))


@settings(max_examples=30)
@given(lattice_roads(4, 16), _BOXES, st.randoms())
def test_the_order_of_rows_changes_nothing(drawn, views, chance) -> None:
    frame = roads(drawn)
    order = list(range(len(frame)))
    chance.shuffle(order)
    assert patrol(frame, boxes(views), 3) == patrol(frame.iloc[order], boxes(views)[::-1], 3)


def test_a_road_seen_all_along_needs_no_patrol_and_a_camera_less_makes_it_one() -> None:
    frame, views = roads([[(0, 0), (100, 0)]]), np.array([shapely.box(-1, -1, 60, 1), shapely.box(50, -1, 101, 1)])
    nothing = patrol(frame, views, 2)
    assert nothing.sectors == []
    assert "nothing to patrol" in nothing.notes[0]
    (one,) = patrol(frame, views[:1], 1).sectors
    assert (one.pieces_m, one.length_m, one.bound_m) == (40.0, 80.0, 80.0)


def test_what_no_sector_is_connected_with_is_named() -> None:
    found = patrol(roads([[(0, 0), (100, 0)], [(0, 50), (60, 50)]]), np.empty(0, object), 1)
    assert (found.left_out, found.left_out_m) == (["r01"], 60.0)
    assert "60 m" in " ".join(found.notes)


def test_a_round_much_longer_than_its_bound_says_why() -> None:
    # two squares of 40 m round, seen between them for 400 m
    square = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
    far = [(x + 410, y) for x, y in square]
    frame = roads([square, [(10, 0), (410, 0)], far])
    (one,) = patrol(frame, np.array([shapely.box(10.0, -1, 410.0, 0.0)]), 1).sectors
    assert (one.pieces_m, one.bound_m, one.length_m) == (80.0, 80.0, 880.0)
    assert "2 parts" in one.why
