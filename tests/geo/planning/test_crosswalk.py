"""Map codes of one day to those of another: shares that can be counted and sum to 1 over two reforms (rule V6)."""

from __future__ import annotations

from collections import Counter, defaultdict

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadValue
from geo.planning.crosswalk import By, crosswalk

#: A town of 4 by 3 atoms of 100 m.
WIDE, HIGH = 4, 3
X, Y = 500_000.0, 4_000_000.0


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(X + west, Y + south, X + east, Y + north)


def grids(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4547)


def houses(*places: tuple[float, float], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[shapely.Point(X + x, Y + y) for x, y in places], crs=4547)


def rows(found: pd.DataFrame) -> list[tuple[str, str | None, float]]:
    return [(old, new, share) for old, new, share in found[["old", "new", "share"]].itertuples(index=False)]


def town(owner: list[int], name: str) -> gpd.GeoDataFrame:
    """Return the grids of a town of 12 atoms, each owned by a number."""
    corners = [(100 * (k % WIDE), 100 * (k // WIDE)) for k in range(WIDE * HIGH)]
    cells = [box(x, y, x + 100, y + 100) for x, y in corners]
    codes = sorted(set(owner))
    shapes = [shapely.union_all([cells[k] for k in range(12) if owner[k] == one]) for one in codes]
    return grids(shapes, code=[f"{name}{one}" for one in codes])


def test_a_merge_a_split_and_a_name_can_be_counted() -> None:
    before = grids([box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)], code=["a", "b", "c"])
    after = grids([box(0, 0, 200, 100), box(200, 0, 260, 100), box(260, 0, 300, 100)], code=["ab", "c1", "c2"])
    found = crosswalk(before, after)
    assert rows(found) == [("a", "ab", 1.0), ("b", "ab", 1.0), ("c", "c1", 0.6), ("c", "c2", 0.4)]
    assert found["parts"].tolist() == [1, 1, 2, 2]
    assert found["amount"].round(-1).tolist() == [10000.0, 10000.0, 6000.0, 4000.0]


def test_households_count_where_the_houses_are_and_area_where_there_is_none() -> None:
    before = grids([box(0, 0, 200, 100), box(200, 0, 400, 100)], code=["a", "b"], households=[90, 10])
    after = grids([box(0, 0, 50, 100), box(50, 0, 300, 100), box(300, 0, 400, 100)], code=["w", "m", "e"])
    town_houses = houses((25, 50), (75, 50), (150, 50), households=[60, None, None])
    found = crosswalk(before, after, by="households", buildings=town_houses)
    assert rows(found) == [("a", "w", 0.666667), ("a", "m", 0.333333), ("b", "e", 0.5), ("b", "m", 0.5)]
    assert found["by"].tolist() == ["households", "households", "area", "area"]
    assert found["amount"].tolist()[:2] == [60.0, 30.0]
    by_count = crosswalk(before, after, by="buildings", buildings=town_houses)
    assert rows(by_count)[:2] == [("a", "m", 0.666667), ("a", "w", 0.333333)]


def test_ground_without_a_grid_is_told_and_a_hairline_is_no_part() -> None:
    before = grids([box(0, 0, 100, 100), box(100, 0, 200, 100)], code=["a", "b"])
    after = grids([box(0, 0, 75, 100), box(100.2, 0, 200, 100)], code=["a", "b"])
    assert rows(crosswalk(before, after)) == [("a", "a", 0.75), ("a", None, 0.25), ("b", "b", 1.0)]
    assert rows(crosswalk(before, after, least=0.0))[2:] == [("b", "b", 0.998), ("b", None, 0.002)]
    assert rows(crosswalk(before, after.iloc[:0])) == [("a", None, 1.0), ("b", None, 1.0)]
    assert len(crosswalk(before.iloc[:0], after)) == 0


def test_a_dedicated_grid_owns_before_a_general_one_that_lies_under_it() -> None:
    before = grids([box(0, 0, 100, 100)], code=["a"])
    after = grids([box(0, 0, 100, 100), box(0, 0, 30, 100)], code=["a", "school"], kind=["general", "dedicated"])
    assert rows(crosswalk(before, after)) == [("a", "a", 0.7), ("a", "school", 0.3)]
    found = crosswalk(before, after, by="buildings", buildings=houses((10, 10), (50, 50)))
    assert rows(found) == [("a", "a", 0.5), ("a", "school", 0.5)]


def test_grids_go_to_grids_and_microgrids_to_microgrids_first() -> None:
    before = grids([box(0, 0, 100, 100), box(0, 0, 50, 100)], code=["g", "m"], level=[1, 2])
    after = grids([box(0, 0, 100, 100), box(0, 0, 25, 100)], code=["g", "m1"], level=[1, 2])
    for by in ("area", "buildings"):
        found = crosswalk(before, after, by=by, buildings=houses((10, 50), (40, 50), (70, 50), (80, 50)))
        assert rows(found) == [("g", "g", 1.0), ("m", "g", 0.5), ("m", "m1", 0.5)]


def test_thirds_sum_to_one_in_the_table() -> None:
    before = grids([box(0, 0, 300, 100)], code=["a"])
    after = grids([box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)], code=["1", "2", "3"])
    shares = crosswalk(before, after)["share"]
    assert sorted(round(one * 1e6) for one in shares) == [333333, 333333, 333334]


def test_what_cannot_be_shared_by_is_refused() -> None:
    one = grids([box(0, 0, 1, 1)], code=["a"])
    with pytest.raises(BadValue, match="no buildings to share by"):
        crosswalk(one, one, by="households")
    with pytest.raises(BadValue, match="shares are by area"):
        crosswalk(one, one, by="doors")  # type: ignore[arg-type]


owners = st.lists(st.integers(0, 4), min_size=12, max_size=12)


@settings(max_examples=12)
@given(owners, owners, owners, st.sampled_from(["area", "buildings", "households"]))
def test_shares_sum_to_one_over_two_reforms(first: list[int], second: list[int], third: list[int], by: By) -> None:
    """From the first day to the third directly, and by way of the second, every old code is shared out whole."""
    places = [(100 * (k % WIDE) + 50, 100 * (k // WIDE) + 50) for k in range(12)]
    there = houses(*places, households=list(range(1, 13)))
    days = [town(first, "a"), town(second, "b"), town(third, "c")]
    for one, other in ((0, 1), (1, 2), (0, 2)):
        found = crosswalk(days[one], days[other], by=by, buildings=there)
        millionths = found.assign(share=np.round(found["share"] * 1e6).astype(int)).groupby("old")["share"].sum()
        assert set(millionths) == {1_000_000}
        assert set(found["old"]) == set(days[one]["code"])
    chained: dict[str, float] = defaultdict(float)
    later = crosswalk(days[1], days[2], by=by, buildings=there)
    for old, new, share in rows(crosswalk(days[0], days[1], by=by, buildings=there)):
        for _, last, part in rows(later[later["old"] == new]):
            chained[old] += share * part
            assert last is not None
    assert all(one == pytest.approx(1.0, abs=1e-9) for one in chained.values())


@settings(max_examples=12)
@given(owners, owners)
def test_shares_are_the_atoms_that_went_there(first: list[int], second: list[int]) -> None:
    """An oracle: of twelve equal atoms, how many of an old grid's are in a new one."""
    found = crosswalk(town(first, "a"), town(second, "b"))
    together = Counter(zip(first, second, strict=True))
    wanted = {(f"a{one}", f"b{other}"): count / first.count(one) for (one, other), count in together.items()}
    assert {(old, new): share for old, new, share in rows(found)} == pytest.approx(wanted, abs=1e-5)
