"""Borders in words: what each side runs along, countable on paper (rule V13)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import CrsMismatch
from geo.planning.boundary_sides import border_pieces, boundary_sides, boundary_words

X, Y = 500_000.0, 4_000_000.0


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    moved = [shapely.transform(one, lambda xy: xy + np.array([X, Y])) for one in shapes]
    return gpd.GeoDataFrame(columns, geometry=moved, crs=4547)


def told(grids: gpd.GeoDataFrame, code: str = "a", **layers: gpd.GeoDataFrame) -> list[tuple[str, str, object, int]]:
    found = boundary_sides(grids, **layers)
    return list(found[found["code"] == code].drop(columns="code").itertuples(index=False, name=None))


SQUARE = shapely.box(0, 0, 400, 400)


def test_a_road_counts_before_water_and_water_before_the_neighbour() -> None:
    grids = frame([SQUARE, shapely.box(400, 0, 800, 400)], code=["a", "b"])
    river = frame([shapely.LineString([(402, -50), (402, 450)])], name=["古浪河"])
    road = frame([shapely.LineString([(395, -50), (395, 200)])], name=["昌灵路"])
    assert told(grids, roads=road, water=river)[:2] == [
        ("east", "road", "昌灵路", 200), ("east", "water", "古浪河", 200),
    ]  # fmt: skip
    assert told(grids, "b", water=river)[-2] == ("west", "water", "古浪河", 400)


def test_a_road_that_only_crosses_or_is_far_is_not_followed() -> None:
    across = shapely.LineString([(200, -300), (200, 700)])
    far = shapely.LineString([(0, -16), (400, -16)])
    grids = frame([SQUARE], code=["a"])
    roads = frame([across, far], name=["横路", "远路"])
    assert told(grids, roads=roads) == [
        ("east", "outside", None, 400), ("south", "outside", None, 400), ("west", "outside", None, 400),
        ("north", "outside", None, 400),
    ]  # fmt: skip


def test_a_named_road_comes_before_a_nearer_one_without_a_name() -> None:
    roads = frame(
        [shapely.LineString([(0, -2), (400, -2)]), shapely.LineString([(0, -9), (400, -9)])], name=[None, "民主街"]
    )
    assert told(frame([SQUARE], code=["a"]), roads=roads)[1] == ("south", "road", "民主街", 400)


def test_what_is_short_is_left_out_unless_the_side_has_nothing_else() -> None:
    corner = shapely.LineString([(0, -5), (10, -5)])
    grids, roads = frame([SQUARE], code=["a"]), frame([corner], name=["短路"])
    assert [row for row in told(grids, roads=roads) if row[0] == "south"] == [("south", "outside", None, 390)]
    small = frame([shapely.box(0, 0, 12, 12)], code=["a"])
    assert [row[0] for row in told(small)] == ["east", "south", "west", "north"]


def test_holes_and_islands() -> None:
    """A hole has no side; each island is part of the border, on the side where it lies."""
    island = shapely.box(1_000, 150, 1_100, 250)
    ring = shapely.difference(SQUARE, shapely.box(100, 100, 300, 300))
    grids = frame([shapely.MultiPolygon([ring, island])], code=["a"])
    assert sum(row[3] for row in told(grids)) == 4 * 400 + 4 * 100


def test_water_may_be_an_area_and_no_layer_need_be_there() -> None:
    lake = frame([shapely.box(-100, 405, 500, 600)], name=["水库"])
    assert told(frame([SQUARE], code=["a"]), water=lake)[-1] == ("north", "water", "水库", 400)
    assert boundary_sides(frame([], code=[])).empty


def test_the_frames_are_in_one_crs() -> None:
    with pytest.raises(CrsMismatch):
        boundary_sides(frame([SQUARE], code=["a"]), frame([SQUARE.boundary], name=["路"]).to_crs(4326))


def test_words_name_neighbours_by_name_else_by_code() -> None:
    grids = frame([SQUARE, shapely.box(400, 0, 800, 400)], code=["a", "b"])
    sides = boundary_sides(grids)
    said = boundary_words(sides, grids.assign(name=["一", "二"]).set_index("code")["name"])
    assert said["a"].startswith("东邻二（400 m）；南至界外（400 m）")
    assert boundary_words(sides)["b"].split(" / ")[1].split("; ")[2] == "west: grid a (400 m)"


@given(st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_the_pieces_of_neighbours_meet(owner: list[int]) -> None:
    """Of atoms in 4 by 3 each belongs to one of four grids: what a has to b, b has to a, and all have their border."""
    cells = np.array([shapely.box(100 * k, 100 * j, 100 * k + 100, 100 * j + 100) for j in range(3) for k in range(4)])
    of = np.array(owner)
    shapes = [shapely.union_all(cells[of == k]) for k in range(4) if (of == k).any()]
    grids = frame(shapes, code=[str(k) for k in range(4) if (of == k).any()])
    pieces = border_pieces(grids, None, None)
    length = np.hypot(*(pieces.ends[:, 1] - pieces.ends[:, 0]).T)
    outer = [sum(shapely.length(shapely.get_exterior_ring(part)) for part in shapely.get_parts(one)) for one in shapes]
    assert np.bincount(pieces.grid, length, len(shapes)) == pytest.approx(outer)
    if any(shapely.get_num_interior_rings(part) for one in shapes for part in shapely.get_parts(one)):
        return  # a hole is no part of the border, and what lies in it has one all the same
    for i, one in enumerate(grids["code"]):
        for j, other in enumerate(grids["code"]):
            there, back = (pieces.grid == i) & (pieces.name == other), (pieces.grid == j) & (pieces.name == one)
            assert length[there].sum() == pytest.approx(length[back].sum())
