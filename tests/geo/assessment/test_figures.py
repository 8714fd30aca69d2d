"""Figures of zones, outages, levels and k-coverage, on drawings that can be counted on paper (rules C3, U6, B4)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pandas.testing import assert_frame_equal

from geo.assessment.figures import coverage, level_totals, outage, totals, zone_metrics
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.results import FIGURES
from geo.errors import NotFound, UnknownName
from tests.geo.ascii_drawing import CRS, camera, drawn, rect, zone_frame
from tests.geo.assessment.four_squares import SQUARES, five


@pytest.fixture(scope="module")
def model() -> Incidence:
    return incidence(five(), zone_frame(SQUARES))


# The figures of each square, in the order of docs/rules.md, section Zones. Square A: k >= 2 where b overlaps a (50) or
# e does (25); k >= 3 nowhere, as b and b2 are one pole; class 3 is b2 (50) and e (25). e is outside every square.
# a's middle is (7.5, 5): in A. b's is (10, 5), on the border of A and B: the first row, A, owns it (L1).
EXPECTED = {
    #     domain_m2 weight sure poss s_share p_share k2   k3  c1   c2   c3    gap cameras offline seeing
    "A": (100, 100, 100, 100, 1.0, 1.0, 0.75, 0.0, 1.0, 0.5, 0.75, 0, 2, 0, 3),
    "B": (100, 100, 50, 50, 0.5, 0.5, 0.5, 0.0, 0.5, 0.5, 0.0, 50, 0, 0, 2),
    "C": (100, 100, 50, 100, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 50, 1, 0, 1),
    "D": (100, 100, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 100, 0, 1, 0),
}
ALL = (400, 400, 200, 250, 0.5, 0.625, 0.3125, 0.0, 0.375, 0.25, 0.1875, 200, 3, 1, 4)


@pytest.mark.parametrize("code", EXPECTED)
def test_each_square_has_the_figures_counted_on_paper(model: Incidence, code: str) -> None:
    # the picture lists letters from the bottom row up: A, B, C, D
    row = zone_metrics(model).set_index("code").loc[code, list(FIGURES)]
    np.testing.assert_allclose(row.to_numpy(float), EXPECTED[code], rtol=1e-9, atol=1e-9)


def test_a_class_that_no_camera_has_has_no_share() -> None:
    """Nothing was asked of class 1: that is no 0 %. Class 2 has an offline camera, and 0 % of the square."""
    rows = (
        camera("a", rect(0, 0, 5, 10), **{"class": 3}),
        camera("b", rect(5, 0, 10, 10), status="offline", **{"class": 2}),
    )
    row = zone_metrics(incidence(drawn(*rows), zone_frame({"z": rect(0, 0, 10, 10)}))).iloc[0]
    assert np.isnan(row["c1_share"])
    assert row[["c2_share", "c3_share", "sure_share"]].tolist() == [0.0, 0.5, 0.5]
    assert np.isnan(totals(incidence(drawn(*rows), zone_frame({"z": rect(0, 0, 10, 10)})))["c1_share"])


def test_zone_all_is_one_row_and_the_sum_of_the_squares(model: Incidence) -> None:
    whole, parts = zone_metrics(model, "all"), zone_metrics(model)
    assert whole["code"].tolist() == ["all"]
    np.testing.assert_allclose(whole[list(FIGURES)].iloc[0].to_numpy(float), ALL, rtol=1e-9)
    for name in ("domain_m2", "domain_weight", "sure_m2", "possible_m2", "gap_m2", "cameras", "offline"):
        assert parts[name].sum() == pytest.approx(whole[name].iloc[0], rel=1e-9)
    assert whole.geometry.iloc[0].equals(rect(0, 0, 20, 20))
    assert totals(model)["sure_m2"] == pytest.approx(200)


def test_frames_keep_rows_fields_and_crs(model: Incidence) -> None:
    frame = zone_metrics(model)
    assert list(frame.columns) == ["code", *FIGURES, "geometry"]
    assert frame["code"].tolist() == list(SQUARES)
    assert frame.crs == CRS
    assert frame.geometry.geom_equals(gpd.GeoSeries(list(SQUARES.values()), crs=CRS)).all()


def test_k_never_grows_and_shares_stay_in_order(model: Incidence) -> None:
    frame = zone_metrics(model)
    assert (frame["possible_share"] >= frame["sure_share"]).all()
    assert (frame["sure_share"] >= frame["k2_share"]).all()
    assert (frame["k2_share"] >= frame["k3_share"]).all()
    np.testing.assert_allclose(frame["sure_m2"] + frame["gap_m2"], frame["domain_m2"])


def test_coverage_gives_exact_k_in_three_rows(model: Incidence) -> None:
    frame = coverage(model)
    # k=2: a and the pole (A and B, 50 each), a and e (25); k=1: the rest of A (25), the left half of C (50)
    assert frame["k"].tolist() == [1, 2, 3]
    assert frame["area_m2"].tolist() == pytest.approx([75, 125, 0])
    assert frame.area.tolist() == pytest.approx([75, 125, 0])
    assert frame.geometry.iloc[0].equals(shapely.union(rect(0, 5, 5, 10), rect(0, 10, 5, 20)))


def test_outage_takes_a_site_with_all_its_rows(model: Incidence) -> None:
    frame = outage(model, ["pole"]).set_index("code")
    assert frame.loc["A", "k2_share"] == pytest.approx(0.25)  # a and e
    assert frame.loc["A", "c3_share"] == pytest.approx(0.25)
    assert frame.loc["B", ["sure_m2", "k2_share", "c2_share", "seeing"]].tolist() == pytest.approx([50, 0, 0, 1])
    assert frame.loc["A", "cameras"] == 1
    assert outage(model, "pole", "all")["k2_share"].iloc[0] == pytest.approx(25 / 400)


def test_outage_of_nothing_and_of_everything(model: Incidence) -> None:
    assert_frame_equal(outage(model, []), zone_metrics(model))
    gone = outage(model, ["a", "pole", "c", "d", "e"], "all").iloc[0]
    assert gone[["sure_m2", "possible_m2", "k2_share", "c1_share", "cameras", "offline", "seeing"]].tolist() == [0] * 7
    assert gone["gap_m2"] == pytest.approx(400)


def test_unknown_sites_and_layers_are_refused(model: Incidence) -> None:
    with pytest.raises(NotFound, match="b3"):
        outage(model, ["b3"])
    with pytest.raises(UnknownName, match="villages"):
        zone_metrics(model, "villages")
    with pytest.raises(UnknownName, match="parks"):
        incidence(five(), {"parks": zone_frame(SQUARES)})


def test_level_totals_measure_other_views_in_the_same_domain(model: Incidence) -> None:
    nearer = drawn(camera("a", rect(0, 0, 5, 10)), camera("d", None, rect(0, 10, 5, 20)))
    row = level_totals(model, nearer)
    assert (row["domain_m2"], row["sure_m2"], row["possible_m2"]) == pytest.approx((400, 50, 100))
    assert level_totals(model, five()) == totals(model)
