"""Coordinates of few digits are a place as wide as one of their last digit, and no match where that leaves the grid."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.places.coarse_points import MAX_LOOKED_AT_M, coarse, written_in_cells_m, written_m
from geo.places.gazetteer import Gazetteer
from geo.types import Candidate


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    """Give two grids side by side, a tenth of a degree wide: with a border at 102.1; an address in the west."""
    boxes = [shapely.box(102, 37, 102.1, 37.1), shapely.box(102.1, 37, 102.2, 37.1)]
    columns = {
        "code": ["GL-W1", "GL-E1"],
        "name": ["西", "东"],
        "kind": "general",
        "level": 1,
        "parent": None,
        "village": None,
    }
    grids = gpd.GeoDataFrame(columns, geometry=boxes, crs=4326)
    address = gpd.GeoDataFrame({"text": ["民主街3号"]}, geometry=[shapely.Point(102.05, 37.05)], crs=4326)
    return Gazetteer(grids[:0], grids, grids[:0], lambda: address, at=date(2026, 1, 1), revision=1)


@pytest.mark.parametrize(
    ("text", "status", "precision_m"),
    [
        # 0.05 degrees of latitude are 5.5 km to the border, 0.01 are 1.1 km.
        ("102.05,37.05", "matched", 1112.0),
        ("102.0500,37.0500", "matched", 20.0),
        ("102.09,37.05", "partial", 1112.0),
        ("102.0900,37.0500", "matched", 20.0),
        ("102.1,37.1", "partial", 11119.5),
        ("102.099,37.050", "partial", 111.2),  # 0.001 degrees of longitude are 89 m to the border
        ("102.098,37.050", "matched", 111.2),  # 178 m
        ("102.0995,37.05", "matched", 20.0),
        ("102°05′ 37°03′", "partial", 1853.2),  # 1.5 km to the border
        ("102°05′00″E 37°03′00″N", "matched", 30.9),
    ],
)
def test_few_digits_are_a_wide_place(places: Gazetteer, text: str, status: str, precision_m: float) -> None:
    found = places.address(f"{text} wgs84", accuracy=20.0)
    assert found.status == status
    (first,) = found.candidates
    assert first.precision_m == pytest.approx(precision_m, abs=0.1)
    assert [one["code"] for one in first.faults] == (["coarse_point"] if status == "partial" else [])


def test_the_grids_around_are_named_and_where_the_address_says_which_it_is_one(places: Gazetteer) -> None:
    found = places.address("102.09,37.05 wgs84", accuracy=20.0).candidates[0]
    assert tuple(found.neighbours) == ("GL-E1",)
    assert "约 1100 米" in found.faults[0]["text"]
    agreed = places.address("民主街3号 102.09,37.05 wgs84", accuracy=20.0)
    assert (agreed.status, agreed.candidates[0].faults) == ("matched", ())
    # A code of the grid says it too.
    assert places.address("网格编码：GL-W1 102.09,37.05 wgs84", accuracy=20.0).status == "matched"


@given(st.floats(1e-9, 1.0), st.floats(1e-9, 1.0))
def test_a_coarser_digit_is_a_wider_place(one: float, other: float) -> None:
    fine, wide = sorted((one, other))
    assert written_m(fine) <= written_m(wide)
    assert written_m(fine) == 0.0 or written_m(fine) > 20.0


@given(st.integers(-18000, 18000), st.integers(-9000, 9000))
def test_numbers_of_two_decimals_are_coarse_and_of_three_are_not(lon: int, lat: int) -> None:
    assert written_in_cells_m(lon / 100, lat / 100) >= 1112.0
    assert written_in_cells_m(lon / 100, lat / 100 + 0.001) == 0.0


def test_a_candidate_stays_as_it_is_where_the_digits_are_enough() -> None:
    one = Candidate({"code": "g1"}, (), "grid", 1.0, "point", 20.0, 5.0)
    assert coarse(one, 0.0) == (one, None)
    assert coarse(one, MAX_LOOKED_AT_M)[1] is not None
