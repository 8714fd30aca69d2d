"""Figures of the one incidence model, on drawings that can be counted on paper (rules C3, D, U6, B4, Zones)."""

from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pandas.testing import assert_frame_equal

from geo.assessment.area_of_interest import domain
from geo.assessment.figures import coverage, level_totals, outage, totals, zone_metrics
from geo.assessment.incidence import Incidence, incidence
from geo.catalog.results import FIGURES
from geo.errors import BadValue, CrsMismatch, NotFound, UnknownCrs, UnknownName
from tests.geo.ascii_drawing import CRS, at, camera, drawn, line, picture, rect, zone_frame

# Four squares of 10 m:  C D
#                        A B
SQUARES = picture("CD\nAB", 10)


def five() -> tuple:
    """Five cameras on the four squares.

    a  class 1, sees x 0-15, y 0-10: all of A (100), the left half of B (50)
    b  class 2, sees x 5-15, y 0-10: half of A, half of B, both seen by a too
    b2 class 3, the same pole as b, sees x 5-10, y 0-10: half of A, a third lens but no third site
    c  offline, sees all of D: counts for nothing
    d  no class, surely the left half of C (50), possibly all of C
    e  class 3, sees x 0-5, y 0-5 and is not on any zone's ground but a pole outside them
    """
    return drawn(
        camera("a", rect(0, 0, 15, 10), **{"class": 1}),
        camera("b", rect(5, 0, 15, 10), site="pole", **{"class": 2}),
        camera("b2", rect(5, 0, 10, 10), site="pole", **{"class": 3}),
        camera("c", rect(10, 10, 20, 20), status="offline"),
        camera("d", rect(0, 10, 5, 20), rect(0, 10, 10, 20)),
        camera("e", rect(0, 0, 5, 5), place=at(-3, 0), **{"class": 3}),
    )


@pytest.fixture(scope="module")
def model() -> Incidence:
    return incidence(five(), zone_frame(SQUARES))


# What each square should say, in the order of RULES "Zones". Square A: k >= 2 where b overlaps a (50) or e does (25);
# k >= 3 nowhere, as b and b2 are one pole; class 3 is b2 (50) and e (25). e stands outside every square.
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
def test_each_square_says_what_paper_says(model: Incidence, code: str) -> None:
    # the picture lists letters from the bottom row up: A, B, C, D
    row = zone_metrics(model).set_index("code").loc[code, list(FIGURES)]
    np.testing.assert_allclose(row.to_numpy(float), EXPECTED[code], rtol=1e-9, atol=1e-9)


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
    with pytest.raises(NotFound, match="b2"):
        outage(model, ["b2"])  # a row of the pole, not a site
    with pytest.raises(UnknownName, match="villages"):
        zone_metrics(model, "villages")
    with pytest.raises(UnknownName, match="parks"):
        incidence(five(), {"parks": zone_frame(SQUARES)})


def test_bytes_bring_back_figures_and_outages(model: Incidence) -> None:
    stored = zone_metrics(model).iloc[::-1]  # a store may give rows in another order, figures included
    again = Incidence.from_bytes(model.to_bytes(), {"grids": stored, "all": zone_metrics(model, "all")})
    for layer in ("grids", "all"):
        assert_frame_equal(zone_metrics(again, layer), zone_metrics(model, layer))
        assert_frame_equal(outage(again, ["a"], layer), outage(model, ["a"], layer))
    assert again.layers == model.layers
    with pytest.raises(BadValue):
        coverage(again)
    with pytest.raises(BadValue):
        level_totals(again, five())


def test_level_totals_measure_other_views_in_the_same_domain(model: Incidence) -> None:
    nearer = drawn(camera("a", rect(0, 0, 5, 10)), camera("d", None, rect(0, 10, 5, 20)))
    row = level_totals(model, nearer)
    assert (row["domain_m2"], row["sure_m2"], row["possible_m2"]) == pytest.approx((400, 50, 100))
    assert level_totals(model, five()) == totals(model)


# --- zones ---------------------------------------------------------------------------------------------------------


def test_overlapping_zones_each_count_their_own() -> None:
    zones = zone_frame({"left": rect(0, 0, 15, 10), "right": rect(10, 0, 20, 10)})
    model = incidence(drawn(camera("a", rect(10, 0, 15, 10))), zones)
    assert zone_metrics(model)["sure_m2"].tolist() == pytest.approx([50, 50])
    assert totals(model)["domain_m2"] == pytest.approx(200)
    assert totals(model)["sure_m2"] == pytest.approx(50)


def test_odd_zones_are_kept_and_count_what_they_can() -> None:
    bowtie = shapely.Polygon([(p.x, p.y) for p in (at(40, 0), at(50, 10), at(50, 0), at(40, 10))])
    holed = rect(60, 0, 70, 10).difference(rect(62, 2, 68, 8))
    zones = zone_frame(
        {
            "null": None,
            "empty": shapely.Polygon(),
            "two": shapely.union(rect(0, 0, 10, 10), rect(20, 0, 30, 10)),
            "bowtie": bowtie,
            "holed": holed,
            "far": rect(5000, 5000, 5010, 5010),
        }
    )
    model = incidence(drawn(camera("a", rect(0, 0, 100, 5))), zones)
    frame = zone_metrics(model).set_index("code")
    assert frame["domain_m2"].tolist() == pytest.approx([0, 0, 200, 50, 64, 100])
    assert frame["sure_m2"].tolist() == pytest.approx([0, 0, 100, 25, 32, 0])
    assert frame.loc[["null", "empty"], "sure_share"].isna().all()
    assert frame.loc["null"].geometry is None
    assert any("无效" in note for note in model.notes)


def test_levels_of_grids_are_two_layers_and_all_is_of_the_first() -> None:
    frame = zone_frame(
        {"g": rect(0, 0, 20, 10), "m1": rect(0, 0, 10, 10), "m2": rect(10, 0, 20, 10)}, level=[None, 2, 2]
    )
    model = incidence(drawn(camera("a", rect(0, 0, 10, 10))), frame)
    assert model.layers == ("grids", "microgrids", "all")
    assert zone_metrics(model)["code"].tolist() == ["g"]
    assert zone_metrics(model, "microgrids")["sure_share"].tolist() == pytest.approx([1, 0])
    assert totals(model)["domain_m2"] == pytest.approx(200)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({"villages", "divisions", "grids"}, 100), ({"villages", "divisions"}, 400), ({"villages"}, 200), (set(), None)],
)
def test_all_is_the_first_layer_there_is(given: set[str], expected: float | None) -> None:
    frames = {
        "grids": zone_frame({"g": rect(0, 0, 10, 10)}),
        "villages": zone_frame({"v": rect(0, 0, 10, 20), "dot": at(1, 1)}),
        "divisions": zone_frame({"c": rect(0, 0, 90, 90), "t": rect(0, 0, 20, 20)}, level=["county", "township"]),
    }
    # without zones: the disc of the camera, 30 m of slant range from a lens 1.6 m up is 30 m of ground
    one = drawn(camera("a", rect(0, 0, 5, 5), place=at(0, 0), max_range=30.0, height=1.6, hfov=20.0))
    model = incidence(one, {name: frame for name, frame in frames.items() if name in given})
    if expected is None:
        assert totals(model)["domain_m2"] == pytest.approx(np.pi * 900, rel=0.004)
        assert zone_metrics(model, "all").geometry.iloc[0].area == pytest.approx(totals(model)["domain_m2"])
    else:
        assert totals(model)["domain_m2"] == pytest.approx(expected)
    if "villages" in given:
        assert zone_metrics(model, "villages")["code"].tolist() == ["v"]
        assert any("villages" in note for note in model.notes)
    if "divisions" in given:
        assert zone_metrics(model, "townships")["code"].tolist() == ["t"]


def test_zones_in_another_crs_or_none_are_refused() -> None:
    zones = zone_frame(SQUARES)
    with pytest.raises(CrsMismatch):
        incidence(five(), zones.to_crs(4326))
    with pytest.raises(UnknownCrs):
        incidence(five(), zones.set_crs(None, allow_override=True))


def test_figures_of_degrees_are_those_of_metres() -> None:
    metres = five()
    degrees = dataclasses.replace(metres, crs=gpd.GeoSeries([], crs=4326).crs, cameras=metres.cameras.to_crs(4326))
    zones = zone_frame(SQUARES).to_crs(4326)
    model = incidence(degrees, zones)
    np.testing.assert_allclose(totals(model)["sure_m2"], 200, rtol=1e-7)
    assert zone_metrics(model).crs == "EPSG:4326"
    assert coverage(model).crs == "EPSG:4326"


def test_no_cameras_and_no_zones() -> None:
    none = incidence(drawn(), zone_frame(SQUARES))
    assert totals(none)["gap_m2"] == pytest.approx(400)
    assert totals(none)["cameras"] == 0
    nothing = incidence(drawn())
    assert totals(nothing)["domain_m2"] == 0
    assert np.isnan(totals(nothing)["sure_share"])


# --- domains other than areas --------------------------------------------------------------------------------------


def demand_frame(shapes: list, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": [f"d{i}" for i in range(len(shapes))], **columns}, geometry=shapes, crs=CRS)


def test_polygon_weights_add_up_where_they_overlap() -> None:
    # 100 m2 of weight 2 and 100 m2 of weight 3 share 50 m2: weight 500, plain area 150
    demand = demand_frame([rect(0, 0, 10, 10), rect(5, 0, 15, 10)], weight=[2.0, 3.0])
    views = drawn(camera("a", rect(5, 0, 10, 10)))
    model = incidence(views, zone_frame({"z": rect(0, 0, 20, 10)}), domain(demand=demand))
    row = zone_metrics(model).iloc[0]
    assert row[["domain_m2", "domain_weight", "sure_m2"]].tolist() == pytest.approx([150, 500, 50])
    assert row["sure_share"] == pytest.approx(250 / 500)
    assert row["gap_m2"] == pytest.approx(100)


def test_lines_weigh_per_metre() -> None:
    # a 3-4-5 triangle's long side: 50 m of weight 2; the view takes the first 3/5 of it, 30 m
    demand = demand_frame([line((0, 0), (30, 40))], weight=[2.0])
    model = incidence(
        drawn(camera("a", rect(0, 0, 18, 40))), zone_frame({"z": rect(0, 0, 30, 40)}), domain(demand=demand)
    )
    row = zone_metrics(model).iloc[0]
    assert row["domain_weight"] == pytest.approx(100)
    assert row["sure_share"] == pytest.approx(0.6)
    assert row[["domain_m2", "sure_m2", "possible_m2", "gap_m2"]].isna().all()
    assert coverage(model).geometry.length.tolist() == pytest.approx([30, 0, 0])


def test_lines_along_borders_and_across_tiles_count_once() -> None:
    # along the border of two zones, and across the tile border at x = 1000
    demand = demand_frame([line((980, 10), (1020, 10)), line((990, 0), (990, 5), (1010, 5))])
    zones = zone_frame({"low": rect(900, 0, 1100, 10), "high": rect(900, 10, 1100, 20)})
    model = incidence(drawn(camera("a", rect(990, 0, 1010, 20))), zones, domain(demand=demand))
    assert zone_metrics(model)["domain_weight"].tolist() == pytest.approx([65, 0])
    assert totals(model)["domain_weight"] == pytest.approx(65)
    assert totals(model)["sure_share"] == pytest.approx(45 / 65)


def test_points_weigh_each_and_belong_to_one_zone() -> None:
    demand = demand_frame([at(5, 5), at(10, 5), at(15, 5), at(90, 90)], weight=[1, None, 4, 7])
    views = drawn(camera("a", rect(12, 0, 20, 10), **{"class": 2}), camera("b", rect(14, 0, 16, 10)))
    model = incidence(views, zone_frame({"l": rect(0, 0, 10, 10), "r": rect(10, 0, 20, 10)}), domain(demand=demand))
    frame = zone_metrics(model)
    # the point on the border is of the first row (L1); the one outside every zone counts nowhere
    assert frame["domain_weight"].tolist() == [2, 4]
    assert frame["sure_share"].tolist() == [0, 1]
    assert frame[["k2_share", "c2_share", "seeing"]].iloc[1].tolist() == [1, 1, 2]
    assert frame["domain_m2"].isna().all()
    assert coverage(model)["area_m2"].isna().all()
    assert shapely.get_num_geometries(coverage(model).geometry.to_numpy()).tolist() == [0, 1, 0]


def test_zero_weight_has_no_share() -> None:
    demand = demand_frame([rect(0, 0, 10, 10)], weight=[0.0])
    model = incidence(
        drawn(camera("a", rect(0, 0, 5, 10))), zone_frame({"z": rect(0, 0, 10, 10)}), domain(demand=demand)
    )
    row = zone_metrics(model).iloc[0]
    assert row["domain_m2"] == pytest.approx(100)
    assert np.isnan(row["sure_share"])
