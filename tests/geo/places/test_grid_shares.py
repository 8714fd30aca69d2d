"""Shares of an old grid by drawings: each letter is a grid, shares are squares counted on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.places.grid_shares import grid_shares
from tests.geo.ascii_drawing import picture, zone_frame

OLD = picture("""
    ....
    .OO.
    .OO.
    ....
""")["O"]  # fmt: skip


def shares(drawing: str, *, dedicated: str = "", fine: str = "", is_fine: bool = False) -> dict[str, float]:
    shapes = picture(drawing)
    kinds = ["dedicated" if code in dedicated else "general" for code in shapes]
    grids = zone_frame(shapes, kind=kinds, level=[2 if code in fine else 1 for code in shapes])
    return dict(grid_shares(OLD, grids, is_fine=is_fine))


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        ("....\n.AA.\n.AA.\n....", {"A": 1.0}),  # renamed
        ("AAAA\nAAAA\nAAAA\nAAAA", {"A": 1.0}),  # merged into a larger one
        ("....\n.AB.\n.AB.\n....", {"A": 0.5, "B": 0.5}),  # split
        ("....\n.AA.\n.AB.\n..B.", {"A": 0.75, "B": 0.25}),  # a part went to a neighbour
        ("....\n.AA.\n....\n....", {"A": 0.5}),  # half of the ground has no grid now
        ("BBBB\nB..B\nB..B\nBBBB", {}),  # only its neighbour is left
        ("....\n....\n....\n...A", {}),
    ],
)
def test_the_ground_is_divided_as_drawn(drawing: str, expected: dict[str, float]) -> None:
    assert shares(drawing) == expected


def test_dedicated_grids_come_before_general_ones() -> None:
    general = picture("....\n.GG.\n.GG.\n....") | picture("....\n.S..\n....\n....")
    grids = zone_frame(general, kind=["general", "dedicated"], level=[1, 1])
    assert dict(grid_shares(OLD, grids)) == {"G": 0.75, "S": 0.25}


def test_microgrids_answer_for_microgrids_only() -> None:
    both = picture("....\n.GG.\n.GG.\n....") | picture("....\n.MM.\n....\n....")
    grids = zone_frame(both, kind="general", level=[1, 2])
    assert dict(grid_shares(OLD, grids)) == {"G": 1.0}
    assert dict(grid_shares(OLD, grids, is_fine=True)) == {"G": 0.5, "M": 0.5}, "the rest is the grid's"


def test_a_border_drawn_anew_is_no_part_that_went_elsewhere() -> None:
    moved = {"A": shapely.transform(OLD, lambda xy: xy - np.array([0.005, 0.0]))}
    moved["B"] = shapely.transform(moved["A"], lambda xy: xy + np.array([2.0, 0.0]))
    assert dict(grid_shares(OLD, zone_frame(moved, kind="general", level=1))) == {"A": 0.9975}


def test_no_ground_no_share() -> None:
    grids = zone_frame({"A": OLD}, kind="general", level=1)
    assert grid_shares(shapely.Polygon(), grids) == []
    assert grid_shares(OLD, grids.iloc[:0]) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 3), st.booleans()), max_size=6))
def test_shares_are_those_of_points(boxes: list[tuple[int, int, int, bool]]) -> None:
    """Brute force: the middle of each square of the old grid goes to the first grid that has it."""
    x0, y0 = shapely.bounds(OLD)[:2] - 1.0
    shapes = {f"g{k}": shapely.box(x0 + x, y0 + y, x0 + x + s, y0 + y + s) for k, (x, y, s, _) in enumerate(boxes)}
    kinds = ["dedicated" if one[3] else "general" for one in boxes]
    found = dict(grid_shares(OLD, zone_frame(shapes, kind=kinds, level=[1] * len(boxes))))
    order = sorted(range(len(boxes)), key=lambda k: (kinds[k] == "general", f"g{k}"))
    expected: dict[str, float] = {}
    for x in (1.5, 2.5):
        for y in (1.5, 2.5):
            owner = next((k for k in order if shapes[f"g{k}"].contains(shapely.Point(x0 + x, y0 + y))), None)
            if owner is not None:
                expected[f"g{owner}"] = expected.get(f"g{owner}", 0.0) + 0.25
    assert found == pytest.approx(expected)
