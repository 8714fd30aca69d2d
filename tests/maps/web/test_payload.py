"""Hold the budget of a one-file map and tell what is left out; give figures as they are."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.style.coverage_classes import coverage_class
from maps.web import payload
from tests.maps.county_data import county


@pytest.mark.parametrize("budget", [2_600_000, 1_500_000, 700_000])
def test_a_smaller_budget_is_held_and_told(budget: int) -> None:
    data = county()
    value = payload.payload(data, budget=budget)
    assert len(payload.dumps(value).encode("utf-8")) <= budget
    assert value["layers"]["grids"]["columns"]["code"]
    notes = {one["key"]: one["values"] for one in value["notes"]}
    missing = {"views", "possible", "coverage", "cameras"} - set(value["layers"])
    assert {f"layer_{one}" for one in missing} <= set(notes["note_left_out"]["layers"])
    gaps = value["layers"]["gaps"]
    assert len(gaps["shapes"]) == len(gaps["columns"]["rank"])
    assert ("note_gap_rows" in notes) == (len(gaps["shapes"]) < 9_000)
    if not all(gaps["shapes"]):
        drawn = notes["note_gap_shapes"]["n"]
        assert all(gaps["shapes"][:drawn])
        assert not any(gaps["shapes"][drawn:])


def test_figures_are_plain_and_null_stays_null() -> None:
    data = county(gaps=30, cameras=40)
    table = payload.payload(data, budget=3_000_000)["layers"]["grids"]["columns"]
    shares = data.zones["grids"].sure_share.to_numpy()
    assert [one is None for one in table["sure_share"]] == np.isnan(shares).tolist()
    given_ = np.array([np.nan if one is None else one for one in table["sure_share"]], dtype=float)
    assert np.allclose(given_, shares, atol=6e-6, equal_nan=True)
    assert all(isinstance(one, int) for one in table["cameras"])


@given(st.lists(st.floats(0, 1) | st.sampled_from([4e-6, 0.2, 0.200004, 0.3999999, 0.999999, None]), min_size=1))
def test_a_share_keeps_its_class_through_rounding(shares: list[float | None]) -> None:
    column = payload.columns(pd.DataFrame({"sure_share": shares}, dtype=float), ["sure_share"])["sure_share"]
    assert coverage_class(column).tolist() == coverage_class(shares).tolist()
    assert [one == 1 for one in column] == [share == 1 for share in shares]
    assert all(one is None or abs(one - share) <= 5e-6 for one, share in zip(column, shares, strict=True))


def test_totals_are_the_runs_own_else_the_row_of_all() -> None:
    data = county(gaps=30, cameras=40)
    assert payload.totals(data)["cameras"] == 6_120
    bare = dataclasses.replace(data, summary={})
    assert payload.totals(bare)["sure_share"] == pytest.approx(data.zones["all"].sure_share.iloc[0])
    assert payload.totals(dataclasses.replace(bare, zones={})) == {}


def test_keys_may_stand_in_the_index(tmp_path: Path) -> None:
    data = county(gaps=30, cameras=40)
    indexed = dataclasses.replace(
        data,
        cameras=data.cameras.set_index("id"),
        views=data.views.set_index("id"),
        zones={"grids": data.zones["grids"].set_index("code")},
    )
    value = payload.payload(indexed, budget=3_000_000)["layers"]
    assert value["cameras"]["columns"]["id"][0] == "GL00001"
    assert value["views"]["columns"]["id"][0] == "GL00001"
    assert value["grids"]["columns"]["code"][0] == data.zones["grids"].code[0]
    assert isinstance(indexed.cameras, gpd.GeoDataFrame)
