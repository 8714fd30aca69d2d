"""Give buildings their households (rule V2)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.planning.loads import building_loads


def rows(*households: float | None, floors: list[float] | None = None) -> gpd.GeoDataFrame:
    n = len(households)
    shapes = shapely.box(20.0 * np.arange(n), 0, 20.0 * np.arange(n) + 10, 10)
    return gpd.GeoDataFrame({"households": list(households), "floors": floors or [1.0] * n}, geometry=shapes, crs=4547)


def test_the_rest_of_a_unit_is_shared_by_floor_area() -> None:
    found = building_loads(rows(40, None, None, floors=[6, 1, 2]), "households", np.zeros(3, int), np.array([100.0]))
    assert found.weight.tolist() == [40, 20, 40]
    assert (found.told, found.shared, found.counted) == (1, 2, 0)


def test_where_nothing_is_known_each_counts_one() -> None:
    found = building_loads(rows(None, 7, None), "households", np.array([0, 0, -1]), np.array([np.nan]))
    assert found.weight.tolist() == [1, 7, 1]
    # The building outside all units is divided by nobody, and told of nobody.
    assert (found.told, found.shared, found.counted) == (1, 0, 1)


def test_where_the_figure_of_the_unit_is_used_up_the_others_have_none() -> None:
    found = building_loads(rows(60, 60, None), "households", np.zeros(3, int), np.array([100.0]))
    assert found.weight.tolist() == [60, 60, 0]


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=2, max_size=8).filter(lambda one: None in one))
def test_what_is_shared_adds_up_to_the_unit(households: list[int | None]) -> None:
    total = 50.0 * len(households) + 1
    found = building_loads(rows(*households), "households", np.zeros(len(households), int), np.array([total]))
    assert np.isclose(found.weight.sum(), total)
