"""The incidence: storage, zones of several layers, and domains of polygons, lines and points (rules C3, D, L1)."""

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
from geo.errors import BadValue, CrsMismatch, UnknownCrs
from geo.visibility.views import Views
from tests.geo.ascii_drawing import CRS, at, camera, drawn, line, rect, zone_frame
from tests.geo.assessment.four_squares import SQUARES, five


@pytest.fixture(scope="module")
def model() -> Incidence:
    return incidence(five(), zone_frame(SQUARES))


def test_pairs_give_the_area_that_each_site_sees(model: Incidence) -> None:
    """Site c is offline and sees nothing; the two rows of the pole together see what the wider one does."""
    assert model.sites.names.tolist() == ["a", "pole", "c", "d", "e"]
    assert model.size.sum() == pytest.approx(400)
    sure = np.bincount(model.site, model.size[model.site_element], model.sites.count)
    possible = np.bincount(model.possible_site, model.size[model.possible_element], model.sites.count)
    assert sure == pytest.approx([150, 100, 0, 50, 25])
    assert possible == pytest.approx([150, 100, 0, 100, 25])
    by_class = np.bincount(model.class_of, model.size[model.class_element], 4)
    assert by_class == pytest.approx([0, 150, 100, 75])


def test_bytes_bring_back_figures_and_outages(model: Incidence) -> None:
    stored = zone_metrics(model).iloc[::-1]  # a store may give rows in another order, figures included
    again = Incidence.from_bytes(model.to_bytes(), {"grids": stored, "all": zone_metrics(model, "all")})
    for layer in ("grids", "all"):
        assert_frame_equal(zone_metrics(again, layer), zone_metrics(model, layer))
        assert_frame_equal(outage(again, ["a"], layer), outage(model, ["a"], layer))
        assert_frame_equal(outage(again, ["b"], layer), outage(model, ["b"], layer))
    assert again.layers == model.layers
    with pytest.raises(BadValue):
        coverage(again)
    with pytest.raises(BadValue):
        level_totals(again, five())


# --- sites (B4) ----------------------------------------------------------------------------------------------------


def far_apart(gap: float, **fields: list) -> Views:
    """Two lenses of one name, ``gap`` metres apart, that see the same square of 100 m2."""
    seen = rect(0, 0, 10, 10)
    return drawn(
        *(
            camera(f"c{i}", seen, place=at(gap * i, 5), site="P1", **{k: v[i] for k, v in fields.items()})
            for i in (0, 1)
        )
    )


def test_one_name_at_two_places_is_two_sites() -> None:
    zones = zone_frame({"z": rect(0, 0, 100, 10)})
    near, far = incidence(far_apart(50.0), zones), incidence(far_apart(50.5), zones)
    figures = ["sure_m2", "k2_share", "cameras", "seeing"]
    assert zone_metrics(near)[figures].iloc[0].tolist() == pytest.approx([100, 0.0, 1, 1])
    assert zone_metrics(far)[figures].iloc[0].tolist() == pytest.approx([100, 0.1, 2, 2])
    assert near.notes == ()
    assert len(far.notes) == 1
    assert "P1" in far.notes[0]
    assert level_totals(far, far_apart(50.5)) == pytest.approx(totals(far), nan_ok=True), "levels count the same sites"


def test_a_pole_of_another_township_is_another_site() -> None:
    """Two townships of 5 m; the same name on both sides of their border, 2 m apart."""
    towns = {"a": rect(0, 0, 5, 10), "b": rect(5, 0, 10, 10)}
    zones = {"grids": zone_frame({"g": rect(0, 0, 10, 10)}), "divisions": zone_frame(towns, level=["township"] * 2)}
    rows = [camera(name, rect(0, 0, 10, 10), place=at(x, 5), site="P1") for name, x in (("c0", 4), ("c1", 6))]
    whole = zone_metrics(incidence(drawn(*rows), zones))
    assert whole[["k2_share", "cameras"]].iloc[0].tolist() == [1.0, 2]
    alone = zone_metrics(incidence(drawn(*rows), {"grids": zones["grids"]}))
    assert alone[["k2_share", "cameras"]].iloc[0].tolist() == [0.0, 1], "without divisions one pole"


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
