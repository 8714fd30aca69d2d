"""Change grids that can be counted on paper, and hold what every sequence of changes must keep (rules V8 to V10)."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadGeometry, BadValue, NotFound
from geo.planning.change_checks import check_changes
from geo.planning.grid_changes import GridChanges, GridOperation, changed_grids
from geo.planning.moved_figures import moved_parts, shared_figure

V = "990101101201"
#: The south-west corner, and the side of a cell: about 88 m x 111 m.
WEST, SOUTH, SIDE = 103.0, 37.0, 0.001


def cell(x: float, y: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    return shapely.box(WEST + SIDE * x, SOUTH + SIDE * y, WEST + SIDE * (x + width), SOUTH + SIDE * (y + height))


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(WEST + SIDE * x, SOUTH + SIDE * y) for x, y in points])


def code(number: int) -> str:
    return f"{V}{number:03d}"


def town(columns: int = 2, rows: int = 1, **more: Any) -> gpd.GeoDataFrame:
    """Return cells side by side, numbered from the west, row by row from the south, of 100 households each."""
    places = [(x, y) for y in range(rows) for x in range(columns)]
    count = len(places)
    values = {
        "code": [code(k) for k in range(1, count + 1)], "name": [f"{k}格" for k in range(1, count + 1)],
        "kind": "general", "level": 1, "village": V, "parent": None, "households": 100, "staff": None, **more,
    }  # fmt: skip
    return gpd.GeoDataFrame(values, geometry=[cell(x, y) for x, y in places], crs=4326)


def houses(*places: tuple[float, float]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[cell(x, y, 0.1, 0.1) for x, y in places], crs=4326)


def state_after(grids: gpd.GeoDataFrame, done: GridChanges) -> gpd.GeoDataFrame:
    gone = set(done.before["code"])
    kept = grids[~grids["code"].isin(gone)]
    rows = [
        *kept[["code", "households"]].itertuples(index=False),
        *done.after[["code", "households"]].itertuples(index=False),
    ]
    shapes = [*kept.geometry, *done.after.geometry]
    return gpd.GeoDataFrame([tuple(one) for one in rows], columns=["code", "households"], geometry=shapes, crs=4326)


def test_a_split_shares_households_by_buildings() -> None:
    """Four houses of one size: three west of the line, one east of it, so 75 and 25 households."""
    grids = town()
    done = changed_grids(
        grids, [GridOperation("split", (code(1),), line((0.5, -1), (0.5, 2)), names=("西", "东"))],
        buildings=houses((0.1, 0.1), (0.1, 0.5), (0.3, 0.5), (0.7, 0.5)),
    )  # fmt: skip
    assert done.after[["code", "name", "households", "change"]].to_numpy().tolist() == [
        [code(3), "西", 75, "split"], [code(4), "东", 25, "split"],
    ]  # fmt: skip
    assert done.closed == (code(1),)
    # The house of the south is larger than those of the north by a millionth: a degree of longitude is.
    table = done.succession.round(5)
    assert table[["old", "new", "change", "share", "buildings", "by"]].to_numpy().tolist() == [
        [code(1), code(3), "split", 0.75, 3, "buildings"], [code(1), code(4), "split", 0.25, 1, "buildings"],
    ]  # fmt: skip
    assert done.buildings_moved == 4
    assert [one.code for one in check_changes(done, grids, size=(50, 100))] == ["band"]


def test_without_buildings_it_is_by_area_and_said() -> None:
    grids = town()
    done = changed_grids(grids, [GridOperation("split", (code(1),), line((0.25, -1), (0.25, 2)))])
    assert done.after["households"].tolist() == [25, 75]
    assert [one.code for one in check_changes(done, grids)] == ["by_area"]


def test_a_split_by_areas_leaves_the_rest_as_a_part() -> None:
    done = changed_grids(town(), [GridOperation("split", (code(1),), shapely.MultiPolygon([cell(0.8, 0, 3, 0.5)]))])
    assert done.after["change"].tolist() == ["border", "split", "split"], "the neighbour takes a vertex at half height"
    assert [round(done.area_after[one] / done.area_before[code(1)], 6) for one in (code(3), code(4))] == [0.9, 0.1]


def test_a_piece_handed_over_takes_its_houses_along() -> None:
    """The east half of cell 1 goes to cell 2: two of four houses, 50 of 100 households."""
    grids = town()
    done = changed_grids(
        grids, [GridOperation("hand_over", (code(1), code(2)), cell(0.5, -1, 0.7, 3))],
        buildings=houses((0.1, 0.1), (0.1, 0.5), (0.6, 0.5), (0.7, 0.5), (1.5, 0.5)),
    )  # fmt: skip
    assert done.after[["code", "households"]].to_numpy().tolist() == [[code(1), 50], [code(2), 150]]
    assert (done.closed, done.buildings_moved) == ((), 2)
    assert check_changes(done, grids) == []


def test_a_hand_over_leaves_no_sliver_beside_the_border() -> None:
    """The area was drawn half a metre short of the common border: what lies between goes too."""
    metre = 1e-5 / SIDE
    done = changed_grids(town(), [GridOperation("hand_over", (code(1), code(2)), cell(0.5, -1, 0.5 - metre / 2, 3))])
    shapes = done.after.geometry.to_numpy()
    assert shapely.get_num_geometries(shapes).tolist() == [1, 1]
    assert shapely.coverage_is_valid(shapes)
    assert done.area_after[code(1)] == pytest.approx(done.area_before[code(1)] / 2, rel=1e-6)


def test_a_border_is_redrawn_between_two() -> None:
    """The border moves a quarter of a cell to the east."""
    done = changed_grids(town(), [GridOperation("redraw", (code(1), code(2)), line((1.25, -1), (1.25, 2)))])
    assert done.after[["code", "households", "change"]].to_numpy().tolist() == [
        [code(1), 125, "redraw"], [code(2), 75, "redraw"],
    ]  # fmt: skip


def test_merged_grids_add_up() -> None:
    grids = town(3, staff=[1, 2, None], kind=["general", "dedicated", "general"])
    done = changed_grids(grids, [GridOperation("merge", (code(3), code(1), code(2)), names=("全",))])
    [row] = done.after.to_dict("records")
    assert (row["code"], row["name"], row["households"], row["staff"]) == (code(4), "全", 300, 3)
    assert [one.code for one in check_changes(done, grids)] == ["kind"]


def test_changes_follow_one_another_in_one_draft() -> None:
    """Cell 1 is cut in halves, the eastern half merged with cell 2, the rest renamed: 50 and 150 households."""
    done = changed_grids(
        town(),
        [
            GridOperation("split", (code(1),), line((0.5, -1), (0.5, 2))),
            GridOperation("merge", (code(4), code(2)), names=("大格",)),
            GridOperation("rename", (code(3),), names=("小格",)),
        ],
    )
    assert done.after[["code", "name", "households", "change"]].to_numpy().tolist() == [
        [code(3), "小格", 50, "split"], [code(5), "大格", 150, "merge"],
    ]  # fmt: skip
    assert done.succession[["old", "new", "area_share"]].round(6).to_numpy().tolist() == [
        [code(1), code(3), 0.5], [code(1), code(5), 0.5], [code(2), code(5), 1.0],
    ]  # fmt: skip


def test_codes_are_never_used_again() -> None:
    cut = GridOperation("split", (code(1),), line((0.5, -1), (0.5, 2)))
    done = changed_grids(town(), [cut], used=[code(9)])
    assert done.after["code"].tolist() == [code(10), code(11)]
    own = GridOperation("split", (code(1),), cut.shape, codes=("A1", "A2"))
    assert changed_grids(town(), [own]).after["code"].tolist() == ["A1", "A2"]
    with pytest.raises(BadValue, match="used before"):
        changed_grids(town(), [GridOperation("split", (code(1),), cut.shape, codes=("A1", code(9)))], used=[code(9)])
    with pytest.raises(BadValue, match="gets no code"):
        changed_grids(town(village="X"), [cut])


def test_microgrids_follow_their_grid_or_are_told() -> None:
    """Of two microgrids in cell 1 one lies west of the cut; the other is cut by it."""
    grids = town()
    for number, shape in ((1, cell(0, 0, 0.4)), (2, cell(0.4, 0, 0.6))):
        grids.loc[len(grids)] = [f"{code(1)}{number:02d}", f"微{number}", "general", 2, V, code(1), 50, None, shape]
    cut = GridOperation("split", (code(1),), line((0.5, -1), (0.5, 2)))
    done = changed_grids(grids, [cut])
    rows = {row["code"]: (row["parent"], row["change"]) for row in done.after.to_dict("records")}
    assert rows[f"{code(1)}01"] == (code(3), "parent")
    found = check_changes(done, grids)
    assert [(one.severity, one.code, one.grids) for one in found if one.code == "microgrid"] == [
        ("error", "microgrid", (f"{code(1)}02", code(1)))
    ]
    along = changed_grids(grids, [GridOperation("split", (code(1),), line((0.4, -1), (0.4, 2)))])
    assert [one for one in check_changes(along, grids) if one.code == "microgrid"] == []


def test_a_grid_in_two_villages_is_an_error() -> None:
    grids = town(village=[V, "990101101202"])
    found = check_changes(changed_grids(grids, [GridOperation("merge", (code(1), code(2)))]), grids)
    assert [(one.severity, one.code) for one in found] == [("error", "village")]


def test_what_lies_outside_the_village_is_told() -> None:
    grids, village = town(), gpd.GeoDataFrame({"code": [V]}, geometry=[cell(0, 0, 1.75)], crs=4326)
    found = check_changes(changed_grids(grids, [GridOperation("merge", (code(1), code(2)))]), grids, village)
    assert [(one.code, round(one.value or 0, 6)) for one in found] == [("outside", 0.125)]


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        (GridOperation("split", (code(1),), line((0.5, 0.2), (0.5, 0.8))), "border to border"),
        (GridOperation("split", (code(1),), shapely.Point(WEST, SOUTH)), "by lines or by areas"),
        (GridOperation("split", (code(1),)), "needs what was drawn"),
        (GridOperation("split", (code(1),), line((0.5, -1), (0.5, 2)), names=("a",)), "2 new grids and 1 names"),
        (GridOperation("merge", (code(1), code(3))), "no border in common"),
        (GridOperation("merge", (code(1),)), "takes 2 grids"),
        (GridOperation("merge", (code(1), code(1))), "each once"),
        (GridOperation("hand_over", (code(1), code(2)), cell(5, 5)), "nothing of the grid"),
        (GridOperation("hand_over", (code(1), code(2)), cell(-1, -1, 2, 3)), "merge the two"),
        (GridOperation("hand_over", (code(1), code(2)), cell(-1, -1, 1.5, 3)), "no border in common"),
        (GridOperation("redraw", (code(1), code(2)), line((1.25, 0.2), (1.25, 0.7))), "border to border"),
        (GridOperation("rename", (code(1),)), "needs the new name"),
        (GridOperation("fold", (code(1),)), "no change fold"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_says_why(operation: GridOperation, said: str) -> None:
    with pytest.raises((BadValue, BadGeometry)) as caught:
        changed_grids(town(3), [operation])
    assert said in caught.value.en


def test_an_unknown_grid_is_not_found() -> None:
    with pytest.raises(NotFound, match="no grid nobody"):
        changed_grids(town(), [GridOperation("rename", ("nobody",), names=("x",))])


# --- whatever is done -------------------------------------------------------------------------------------------------

_CUTS = st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["split", "merge", "hand_over", "redraw"]), st.integers(0, 99), _CUTS), max_size=5
    )
)
def test_nothing_is_lost_and_every_point_has_one_owner(steps: list[tuple[str, int, tuple[float, float]]]) -> None:
    """Cut, merge and hand over as it comes: borders fit to the bit, areas and households add up."""
    grids = town(3, 2, households=[7, 100, 31, 55, 0, 912])
    around = shapely.unary_union(grids.geometry.to_numpy())
    now = grids
    for kind, pick, (a, b) in steps:
        codes = sorted(now["code"])
        own = codes[pick % len(codes)]
        shape = now.geometry[now["code"] == own].iloc[0]
        west, south, east, north = shape.bounds
        x = west + a * (east - west), west + b * (east - west)
        across = shapely.LineString([(x[0], south - SIDE), (x[1], north + SIDE)])
        beside = [
            one for one in codes
            if one != own and shape.boundary.intersection(now.geometry[now["code"] == one].iloc[0].boundary).length > 0
        ]  # fmt: skip
        other = beside[pick % len(beside)] if beside else own
        operation = {
            "split": GridOperation("split", (own,), across),
            "merge": GridOperation("merge", (own, other)),
            "redraw": GridOperation("redraw", (own, other), across),
            "hand_over": GridOperation(
                "hand_over", (own, other), shapely.box(west - SIDE, south - SIDE, x[0], north + SIDE)
            ),
        }[kind]
        full = gpd.GeoDataFrame(
            {"code": now["code"], "name": now["code"], "village": V, "level": 1, "households": now["households"]},
            geometry=now.geometry.to_numpy(), crs=4326,
        )  # fmt: skip
        try:
            done = changed_grids(full, [operation])
        except (BadGeometry, BadValue):
            continue
        assert sum(done.area_after.values()) == pytest.approx(sum(done.area_before.values()), rel=1e-9)
        assert np.allclose(done.succession.groupby("old")["area_share"].sum(), 1.0)
        now = state_after(full, done)
    shapes = now.geometry.to_numpy()
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert int(now["households"].sum()) == 1105
    assert shapely.area(shapes).sum() == pytest.approx(around.area, rel=1e-12)
    assert shapely.equals(shapely.coverage_union_all(shapes), around) or (
        shapely.symmetric_difference(shapely.coverage_union_all(shapes), around).area < 1e-15
    )
    rng = np.random.default_rng(0)
    points = shapely.points(WEST + 3 * SIDE * rng.random(200), SOUTH + 2 * SIDE * rng.random(200))
    held = shapely.STRtree(shapes).query(points, predicate="within")[0]
    assert (np.bincount(held, minlength=200) == 1).all()


def test_figures_of_grids_and_microgrids_are_shared_each_among_their_own() -> None:
    """A grid of 100 households and the microgrid of 40 in its west are both cut in the middle of the microgrid."""
    columns = {"level": [1, 2], "households": [100, 40]}
    old = gpd.GeoDataFrame(columns, geometry=[cell(0, 0, 2), cell(0, 0)], crs=4326)
    parts = [cell(0, 0, 0.5), cell(0.5, 0, 1.5), cell(0, 0, 0.5), cell(0.5, 0, 0.5)]
    new = gpd.GeoDataFrame({"level": [1, 1, 2, 2]}, geometry=parts, crs=4326)
    found = moved_parts(old, new)
    assert found.area_share.round(6).tolist() == [[0.25, 0.75, 0, 0], [0, 0, 0.5, 0.5]]
    assert shared_figure(np.array([100.0, 40.0]), found).tolist() == [25, 75, 20, 20]
