"""Test rates (rule P6) on two townships that can be counted on paper."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.rates import COLUMNS, RateInputs, rates
from geo.assessment.road_lengths import road_lengths

CRS = 4547
T1, T2 = "990101101", "990101102"
TOWNSHIPS = gpd.GeoDataFrame(
    {"code": [T1, T2]}, geometry=[shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], crs=CRS
)
Rate = tuple[float, float, float | None, int | None]


def frame(columns: dict[str, Any], shapes: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def found(inputs: RateInputs, rate: str, key: str | None = None) -> dict[str, Rate]:
    rows = rates(inputs)
    mine = rows[(rows["rate"] == rate) & (rows["key"].isna() if key is None else rows["key"] == key)]
    return {
        row["scope"]: (
            row["numerator"],
            row["denominator"],
            None if math.isnan(row["value"]) else row["value"],
            None if row["rank"] is None or pd.isna(row["rank"]) else int(row["rank"]),
        )
        for row in mine.to_dict("records")
    }


def cameras() -> gpd.GeoDataFrame:
    """Four streams in T1, one in T2, one outside every township."""
    columns = {
        "id": ["a", "b", "c", "d", "e", "f"],
        "name": ["甲", "乙", None, "丁", "戊", "己"],
        "class": [1, 1, 2, 3, 3, None],
        "place_type": ["路口"] * 5 + [None],
        "status": ["online", "offline", "unknown", "planned", "online", None],
        "networked": ["yes", "no", "yes", "yes", "yes", "yes"],
        "required": [None, None, None, "yes", "no", None],
        "width_px": [1920, 1280, None, 2560, None, None],
    }
    x = [10, 20, 30, 40, 150, 900]
    return frame(columns, [shapely.Point(one, 10) for one in x])


def test_rates_of_cameras_count_rows() -> None:
    inputs = RateInputs(TOWNSHIPS, cameras=cameras(), misplaced={"f"})
    # Without the planned one: online of T1 a, of b and c; of T2 e; of the county also f, whose status is the default.
    assert found(inputs, "intact") == {
        "county": (3, 5, 0.6, None), T1: (1, 3, 1 / 3, 2), T2: (1, 1, 1.0, 1)
    }  # fmt: skip
    assert found(inputs, "intact", "1") == {"county": (1, 2, 0.5, None), T1: (1, 2, 0.5, 1)}
    # a, b, c and the third-class d that must be networked, whatever its status.
    assert found(inputs, "networked") == {
        "county": (3, 4, 0.75, None), T1: (3, 4, 0.75, 1), T2: (0, 0, None, None)
    }  # fmt: skip
    assert found(inputs, "filed")["county"] == (4, 6, 4 / 6, None)
    assert found(inputs, "placed_right")["county"] == (5, 6, 5 / 6, None)
    assert found(inputs, "high_definition") == {
        "county": (2, 3, 2 / 3, None), T1: (2, 3, 2 / 3, 1), T2: (0, 0, None, None)
    }  # fmt: skip


def test_what_nobody_gave_is_unknown_and_has_no_rank() -> None:
    """Of cameras, links, facilities and staff that no row tells of, no rate is 0, and no township is first of them."""
    silent = cameras()
    silent["networked"] = [None, "unknown", None, None, "yes", None]  # e need not be networked
    assert found(RateInputs(TOWNSHIPS, cameras=silent), "networked") == {
        "county": (0, 4, None, None), T1: (0, 4, None, None), T2: (0, 0, None, None)
    }  # fmt: skip
    villages = frame(
        {"code": [f"{T1}001", f"{T1}002", f"{T2}001"]},
        [shapely.box(0, 0, 50, 50), shapely.box(50, 0, 100, 50), shapely.Point(150, 50)],
    )
    without = RateInputs(TOWNSHIPS, villages=villages)
    for rate in ("villages_facility", "villages_link"):
        assert found(without, rate) == {
            "county": (0, 3, None, None), T1: (0, 2, None, None), T2: (0, 1, None, None)
        }  # fmt: skip
    rows = {"code": ["1", "2"], "kind": ["clinic"] * 2, "serves": [f"{T1}001", f"{T2}001"]}
    points = [shapely.Point(400, 400)] * 2
    for link in ([None, None], ["unknown", None]):
        inputs = RateInputs(TOWNSHIPS, villages=villages, facilities=frame({**rows, "link": link}, points))
        assert found(inputs, "villages_link")["county"] == (0, 3, None, None)
        assert found(inputs, "villages_facility")["county"] == (2, 3, 2 / 3, None)
    # Where one says no, a village without a facility has none; T2's only facility is still silent.
    inputs = RateInputs(TOWNSHIPS, villages=villages, facilities=frame({**rows, "link": ["no", None]}, points))
    assert found(inputs, "villages_link") == {
        "county": (0, 3, 0, None), T1: (0, 2, 0, 1), T2: (0, 1, None, None)
    }  # fmt: skip
    grids = frame({"code": [f"{T1}001001", f"{T2}001001"], "staff": [None, 0]}, [shapely.box(0, 0, 9, 9)] * 2)
    assert found(RateInputs(TOWNSHIPS, grids=grids), "grids_staffed") == {
        "county": (0, 2, 0, None), T1: (0, 1, None, None), T2: (0, 1, 0, 1)
    }  # fmt: skip


def test_rates_of_villages_and_their_facilities() -> None:
    villages = frame(
        {"code": [f"{T1}001", f"{T1}002", f"{T2}001"]},
        [shapely.box(0, 0, 50, 50), shapely.box(50, 0, 100, 50), shapely.Point(150, 50)],
    )
    facilities = frame(
        {
            "code": ["1", "2", "3"],
            "kind": ["governance_centre", "video_link", "governance_centre"],
            "serves": [None, f"{T1}002；{T2}001", None],
            "link": ["no", "yes", "yes"],
        },
        [shapely.Point(10, 10), shapely.Point(500, 500), shapely.Point(400, 400)],
    )
    inputs = RateInputs(TOWNSHIPS, villages=villages, facilities=facilities, village_sites={f"{T1}002": 2})
    assert found(inputs, "villages_site") == {
        "county": (1, 3, 1 / 3, None), T1: (1, 2, 0.5, 1), T2: (0, 1, 0.0, 2)
    }  # fmt: skip
    assert found(inputs, "villages_facility")["county"] == (3, 3, 1.0, None)
    assert found(inputs, "villages_facility", "governance_centre")["county"] == (1, 3, 1 / 3, None)
    assert found(inputs, "villages_link") == {
        "county": (2, 3, 2 / 3, None), T1: (1, 2, 0.5, 2), T2: (1, 1, 1.0, 1)
    }  # fmt: skip


def test_rates_of_grids() -> None:
    grids = frame(
        {
            "code": [f"{T1}001001", f"{T1}001002", f"{T1}001001W1", f"{T2}001001"],
            "level": [1, 1, 2, 1],
            "staff": [1, 0, 2, 1],
            "heads": [1, None, None, 1],
            "households": [300, 200, 300, 400],
        },
        [shapely.box(0, 0, 9, 9)] * 4,
    )
    inputs = RateInputs(TOWNSHIPS, grids=grids)
    assert found(inputs, "grids_staffed")["county"] == (3, 4, 0.75, None)
    assert found(inputs, "heads_per_grid") == {
        "county": (2, 3, 2 / 3, None), T1: (1, 2, 0.5, 2), T2: (1, 1, 1.0, 1)
    }  # fmt: skip
    # Of level 1, so that the microgrid's 300 households are not counted again.
    assert found(inputs, "households_per_staff")[T1] == (500, 3, 500 / 3, 2)


def test_heads_that_nobody_gave_are_unknown_and_not_zero() -> None:
    codes = [f"{T1}001001", f"{T1}001002", f"{T2}001001", f"{T2}001002"]
    shapes = [shapely.box(0, 0, 9, 9)] * 4
    grids = frame(
        {"code": codes, "heads": [None] * 4, "households": [None] * 4, "staff": [2, None, None, None]}, shapes
    )
    for without in ([], ["heads", "households"]):
        inputs = RateInputs(TOWNSHIPS, grids=grids.drop(columns=without))
        assert found(inputs, "heads_per_grid") == {
            "county": (0, 4, None, None), T1: (0, 2, None, None), T2: (0, 2, None, None)
        }  # fmt: skip
        assert found(inputs, "households_per_staff") == {
            "county": (0, 2, None, None), T1: (0, 2, None, None), T2: (0, 0, None, None)
        }  # fmt: skip
    # A zero that somebody gave is one; where one grid of a township tells, its sum is over all its grids of level 1.
    inputs = RateInputs(TOWNSHIPS, grids=grids.assign(heads=[0, None, None, None]))
    assert found(inputs, "heads_per_grid") == {
        "county": (0, 4, 0.0, None), T1: (0, 2, 0.0, 1), T2: (0, 2, None, None)
    }  # fmt: skip


def test_microgrids_alone_have_no_heads_per_grid_of_level_1() -> None:
    columns = {"code": [f"{T1}001001W1", f"{T1}001001W2"], "level": [2, 2], "heads": [1, 1], "households": [30, 50]}
    grids = frame({**columns, "staff": [1, 1]}, [shapely.box(0, 0, 9, 9)] * 2)
    inputs = RateInputs(TOWNSHIPS, grids=grids)
    assert found(inputs, "heads_per_grid")["county"] == (2, 0, None, None)
    assert found(inputs, "households_per_staff")["county"] == (80, 2, 40.0, None)


def test_rates_of_places_leave_derived_ones_to_crossings_and_sections() -> None:
    places = pd.DataFrame(
        {
            "code": ["p", "p", "q", "x", "s"],
            "claim": ["one", "two", "one", None, None],
            "kind": ["school", "school", "estate", "crossing", "section"],
            "verdict": ["covered", "maybe", "covered", "covered", "not_covered"],
            "counted": [True, True, False, False, True],
            "township": [T1, T1, T2, T1, T2],
            "derived": [False, False, False, True, True],
        }
    )
    inputs = RateInputs(TOWNSHIPS, places=places)
    # p is not covered, because one of its two claims asks for more.
    assert found(inputs, "places_covered") == {
        "county": (1, 2, 0.5, None), T1: (0, 1, 0.0, 2), T2: (1, 1, 1.0, 1)
    }  # fmt: skip
    assert found(inputs, "places_counted")["county"] == (1, 2, 0.5, None)
    assert found(inputs, "places_covered", "estate")["county"] == (1, 1, 1.0, None)
    assert found(inputs, "crossings_covered")["county"] == (1, 1, 1.0, None)
    assert found(inputs, "crossings_counted")["county"] == (0, 1, 0.0, None)
    assert found(inputs, "sections_covered")["county"] == (0, 1, 0.0, None)


def test_a_junction_counts_once_in_the_rate_of_crossings() -> None:
    """Two crossings are derived, of which one is seen; three points of the kind were drawn at the same junctions."""
    codes = ["crossing-00001", "crossing-00002", "h1", "h2", "h3", "section-00001", "s1"]
    places = pd.DataFrame({"code": codes, "kind": ["crossing"] * 5 + ["section"] * 2, "counted": True, "township": T1})
    seen = ["covered", "not_covered", "covered", "covered", "covered", "not_covered", "covered"]
    places = places.assign(verdict=seen, derived=[one[:2] in ("cr", "se") for one in codes])
    assert found(RateInputs(TOWNSHIPS, places=places), "crossings_covered")["county"] == (1, 2, 0.5, None)
    assert found(RateInputs(TOWNSHIPS, places=places), "sections_covered")["county"] == (0, 1, 0.0, None)
    assert found(RateInputs(TOWNSHIPS, places=places), "places_covered", "crossing")["county"] == (3, 3, 1.0, None)
    given = places[~places["derived"]]
    assert found(RateInputs(TOWNSHIPS, places=given), "crossings_covered")["county"] == (3, 3, 1.0, None)


def test_sites_of_villages_without_ground_are_not_known() -> None:
    points = frame({"code": [f"{T1}001", f"{T2}001"]}, [shapely.Point(50, 50), shapely.Point(150, 50)])
    assert found(RateInputs(TOWNSHIPS, villages=points), "villages_site") == {
        "county": (0, 2, None, None), T1: (0, 1, None, None), T2: (0, 1, None, None)
    }  # fmt: skip


def test_places_without_a_kind_are_counted_and_have_no_row_of_their_own() -> None:
    places = pd.DataFrame({"code": ["p", "q", "r"], "kind": ["school", None, "estate"], "verdict": "covered"})
    places = places.assign(counted=[True, False, True], township=T1, derived=False)
    rows = rates(RateInputs(TOWNSHIPS, places=places))
    assert found(RateInputs(TOWNSHIPS, places=places), "places_counted")["county"] == (2, 3, 2 / 3, None)
    assert rows.loc[rows["rate"] == "places_covered", "key"].dropna().unique().tolist() == ["estate", "school"]


def test_a_rank_is_a_whole_number() -> None:
    rank = rates(RateInputs(TOWNSHIPS, cameras=cameras()))["rank"]
    assert all(type(one) is int for one in rank.dropna().tolist())


@pytest.mark.parametrize("written", [f"{T1} 001", "９９０１０１１０１001"])
def test_a_facility_serves_a_village_however_its_code_is_written(written: str) -> None:
    villages = frame({"code": [f"{T1}001"]}, [shapely.box(0, 0, 50, 50)])
    facilities = frame({"code": ["1"], "kind": ["video_link"], "serves": [written]}, [shapely.Point(500, 500)])
    inputs = RateInputs(TOWNSHIPS, villages=villages, facilities=facilities)
    assert found(inputs, "villages_facility")["county"] == (1, 1, 1.0, None)


def test_road_length_by_class_and_name() -> None:
    roads = frame(
        {"class": ["primary", "tunnel", "service"], "name": ["人民路", "人民路", None]},
        [
            shapely.LineString([(50, 50), (150, 50)]),
            shapely.LineString([(0, 0), (9, 0)]),
            shapely.LineString([(10, 20), (10, 60)]),
        ],
    )
    seen = gpd.GeoSeries([shapely.box(60, 40, 120, 60), shapely.box(80, 40, 130, 60)], crs=CRS)
    pieces = road_lengths(roads, seen, TOWNSHIPS, roads.crs)
    inputs = RateInputs(TOWNSHIPS, roads=roads, road_pieces=pieces)
    lengths = {scope: row[:2] for scope, row in found(inputs, "roads_covered").items()}
    assert lengths == {"county": pytest.approx((70, 140)), T1: pytest.approx((40, 90)), T2: pytest.approx((30, 50))}
    assert [row[3] for row in found(inputs, "roads_covered").values()] == [None, 2, 1]
    assert found(inputs, "roads_covered", "primary")["county"] == (
        pytest.approx(70),
        pytest.approx(100),
        pytest.approx(0.7),
        None,
    )
    assert found(inputs, "roads_covered", "人民路")["county"] == (
        pytest.approx(70),
        pytest.approx(100),
        pytest.approx(0.7),
        None,
    )
    assert found(inputs, "roads_covered", "service") == {"county": (0, 40, 0.0, None), T1: (0, 40, 0.0, 1)}


def test_nothing_makes_no_rates() -> None:
    assert rates(RateInputs(TOWNSHIPS)).columns.tolist() == list(COLUMNS)
    assert len(rates(RateInputs(TOWNSHIPS))) == 0
    bare = gpd.GeoDataFrame({"code": []}, geometry=[], crs=CRS)
    assert set(rates(RateInputs(bare, cameras=cameras()))["scope"]) == {"county"}


@given(
    st.lists(
        st.tuples(st.integers(0, 199), st.sampled_from(["online", "offline", "planned"]), st.sampled_from([1, 2, 3]))
    )
)
@settings(max_examples=40, deadline=None)
def test_townships_add_up_to_the_county(rows: list[tuple[int, str, int]]) -> None:
    columns = {
        "id": [str(i) for i in range(len(rows))],
        "status": [one for _, one, _ in rows],
        "class": [c for *_, c in rows],
    }
    drawn = frame(columns, [shapely.Point(x, 50) for x, *_ in rows])
    table = rates(RateInputs(TOWNSHIPS, cameras=drawn))
    for _, group in table.groupby(["rate", table["key"].fillna("")]):
        county = group["scope"] == "county"
        for name in ("numerator", "denominator"):
            assert group.loc[county, name].sum() == pytest.approx(group.loc[~county, name].sum())
        assert (group["numerator"] <= group["denominator"]).all()
        assert np.isnan(group.loc[group["denominator"] == 0, "value"]).all()
