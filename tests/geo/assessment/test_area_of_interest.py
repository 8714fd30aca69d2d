"""Where coverage is wanted: kinds, widths, weights, footprints (rules D1-D5)."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.assessment.area_of_interest import Domain, domain
from geo.assessment.figures import level_totals, totals, zone_metrics
from geo.assessment.incidence import incidence
from geo.catalog.editions import EDITIONS, levels, lowest_level
from geo.errors import BadGeometry, BadValue, CrsMismatch, UnknownCrs, UnknownName
from geo.visibility.views import views
from tests.geo.ascii_drawing import CRS, at, camera, drawn, line, rect, zone_frame

ZONES = zone_frame({"z": rect(0, 0, 100, 100)})
HOUSE = gpd.GeoDataFrame({"height": [5.0]}, geometry=[rect(40, 40, 60, 60)], crs=CRS)


def roads(*lines: shapely.LineString, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(lines), crs=CRS)


def demand(*shapes: object, **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def area(one: Domain) -> float:
    assert shapely.is_valid(one.shapes).all()
    assert shapely.union_all(one.shapes).area == pytest.approx(one.area_m2, rel=1e-9)  # nothing twice
    return one.area_m2


def test_auto_takes_the_first_that_exists() -> None:
    street = roads(line((0, 50), (100, 50)), width=[10.0])
    wanted = demand(rect(0, 0, 5, 5))
    assert domain(zones=ZONES, roads=street, demand=wanted, obstacles=HOUSE).kind == "demand"
    assert domain(zones=ZONES, roads=street, obstacles=HOUSE).kind == "streets"
    assert domain(zones=ZONES, obstacles=HOUSE).kind == "buildings"
    assert domain(zones=ZONES).kind == "all"
    assert domain(zones=ZONES, roads=street.iloc[:0], demand=wanted.iloc[:0]).kind == "all"
    assert domain("all", zones=ZONES, roads=street, demand=wanted).kind == "all"


def test_footprints_are_left_out_of_every_kind() -> None:
    street = roads(line((0, 50), (100, 50)), width=[10.0])
    assert area(domain(zones=ZONES, roads=street, obstacles=HOUSE)) == pytest.approx(1000 - 200)
    assert area(domain("all", zones=ZONES, obstacles=HOUSE)) == pytest.approx(10_000 - 400)
    # a band of 30 m round a square of 20: four sides and four quarter circles
    band = area(domain("buildings", obstacles=HOUSE))
    assert band == pytest.approx(4 * 20 * 30 + math.pi * 900, rel=0.002)
    views = drawn(camera("a", rect(0, 0, 10, 10)), obstacles=HOUSE)
    assert area(domain("all", zones=ZONES, views=views)) == pytest.approx(10_000 - 400)
    assert totals(incidence(views, ZONES))["domain_m2"] == pytest.approx(10_000 - 400)


def test_streets_have_flat_ends_and_count_crossings_once() -> None:
    street = roads(line((0, 50), (100, 50)), line((50, 0), (50, 100)), width=[10.0, 20.0])
    assert area(domain(roads=street)) == pytest.approx(1000 + 2000 - 200)
    bend = roads(line((0, 0), (100, 0), (100, 100)), width=[10.0])
    # two bars of 10 m that share a 5 x 5 square, and a quarter circle of 5 m outside the bend
    assert area(domain(roads=bend)) == pytest.approx(2000 - 25 + math.pi * 25 / 4, abs=0.5)


def test_weights_of_polygons_add_up_and_footprints_are_reported() -> None:
    one = domain(demand=demand(rect(0, 0, 10, 10), rect(5, 0, 15, 10), weight=[2, None]))
    assert area(one) == pytest.approx(150)
    assert one.total_weight == pytest.approx(300)
    assert sorted(zip(one.weight, shapely.area(one.shapes), strict=True)) == [(1, 50), (2, 50), (3, 50)]
    inside = domain(demand=demand(rect(50, 50, 70, 60), weight=[3.0]), obstacles=HOUSE)
    assert area(inside) == pytest.approx(100)
    assert inside.left_out_weight == pytest.approx(300)


def test_lines_and_points_outside_footprints() -> None:
    one = domain(demand=demand(line((0, 50), (100, 50)), weight=[2.0]), obstacles=HOUSE)
    assert (one.measure, one.total_weight, one.left_out_weight) == ("m", pytest.approx(160), pytest.approx(40))
    assert len(one.shapes) == 2
    # on the wall is not inside (R5)
    one = domain(
        demand=demand(at(50, 50), at(40, 50), shapely.MultiPoint([at(1, 1), at(2, 2)]), weight=[5, 1, 2]),
        obstacles=HOUSE,
    )
    assert (one.measure, one.total_weight, one.left_out_weight) == ("count", 5, 5)
    assert one.area_m2 == 0


def test_empty_rows_are_skipped_and_mixtures_refused() -> None:
    one = domain(demand=demand(None, shapely.Polygon(), rect(0, 0, 10, 10), id=["a", "b", "c"]))
    assert area(one) == 100
    for mixture in ([at(0, 0), rect(0, 0, 1, 1)], [shapely.GeometryCollection([at(0, 0)])]):
        with pytest.raises(BadGeometry):
            domain(demand=demand(*mixture))


@pytest.mark.parametrize("weight", [-1, "heavy", float("inf")])
def test_bad_weights_name_their_rows(weight: object) -> None:
    with pytest.raises(BadValue) as caught:
        domain(demand=demand(rect(0, 0, 1, 1), rect(1, 0, 2, 1), weight=gpd.pd.Series([1, weight], dtype=object)))
    assert [fault.row for fault in caught.value.rows] == ["1"]


def test_invalid_shapes_are_repaired_and_reported() -> None:
    bowtie = shapely.Polygon([at(0, 0), at(10, 10), at(10, 0), at(0, 10)])
    one = domain(demand=demand(bowtie))
    assert area(one) == pytest.approx(50)
    assert len(one.notes) == 1
    broken = gpd.GeoDataFrame(geometry=[bowtie], crs=CRS)
    one = domain("all", zones=ZONES, obstacles=broken)
    assert area(one) == pytest.approx(10_000 - 50)
    assert len(one.notes) == 1


def test_discs_of_online_cameras_where_there_are_no_zones() -> None:
    optics = {"height": 5.6, "max_range": 5.0, "hfov": 20.0}  # 5 m of slant, 4 m above the target: 3 m of ground
    views = drawn(
        camera("a", None, place=at(0, 0), **optics),
        camera("b", None, place=at(100, 0), **optics),
        camera("off", None, place=at(200, 0), status="offline", **optics),
    )
    one = domain(views=views)
    assert one.kind == "all"
    assert area(one) == pytest.approx(2 * math.pi * 9, rel=0.02)


@pytest.mark.parametrize("edition", EDITIONS)
def test_all_levels_of_a_run_have_the_discs_of_the_lowest_one(edition: str) -> None:
    """One domain for all levels (D4), on paper: shares of a sector fall with the square of its ground range."""
    place = gpd.GeoDataFrame({"id": ["a"], "azimuth": [90.0]}, geometry=[shapely.Point(103.0, 37.5)], crs=4326)
    # U4: hfov 80 degrees, 1920 pixels, a lens 4 m up and so 2.4 m above the target
    ground2 = {name: (960 / (ppm * math.tan(math.radians(40)))) ** 2 - 2.4**2 for name, ppm in levels(edition).items()}
    largest = ground2[lowest_level(edition)]
    by_level = views(place, level=list(levels(edition)), edition=edition)
    for level, seen in by_level.items():
        model = incidence(seen)
        assert totals(model)["domain_m2"] == pytest.approx(math.pi * largest, rel=0.003)
        assert zone_metrics(model, "all").to_crs(model.views.computing_crs).area.iloc[0] == pytest.approx(
            math.pi * largest, rel=0.003
        )
        for other, views_of_other in by_level.items():
            share = level_totals(model, views_of_other)["sure_share"]
            expected = 80 / 360 * max(ground2[other], 0) / largest
            assert share == pytest.approx(expected, rel=0.02), (level, other)


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(UnknownName):
        domain("parks", zones=ZONES)
    for kind in ("demand", "streets", "buildings"):
        with pytest.raises(BadValue):
            domain(kind, zones=ZONES)
    with pytest.raises(BadValue):
        domain()
    with pytest.raises(BadValue):
        domain("all", obstacles=HOUSE)
    with pytest.raises(CrsMismatch):
        domain(zones=ZONES, roads=roads(line((0, 0), (1, 1))).to_crs(4326))
    with pytest.raises(UnknownCrs):
        domain(zones=ZONES.set_crs(None, allow_override=True))


def test_degrees_are_computed_in_metres_and_brought_to_the_views() -> None:
    street = roads(line((900, 50), (1100, 50)), width=[10.0])  # across a tile border
    degrees = domain(roads=street.to_crs(4326))
    assert degrees.crs.is_projected
    assert area(degrees) == pytest.approx(2000, rel=1e-4)
    views = drawn(camera("a", rect(900, 0, 1000, 100)))
    other = domain(roads=street).to(gpd.GeoSeries([], crs=32648).crs)
    model = incidence(views, zone_frame({"z": rect(0, 0, 2000, 100)}), other)
    assert totals(model)["domain_m2"] == pytest.approx(2000, rel=1e-6)
    assert totals(model)["sure_m2"] == pytest.approx(1000, rel=1e-6)


def test_workers_give_the_same_bits() -> None:
    rng = np.random.default_rng(5)
    streets = roads(*(line(*rng.uniform(0, 3000, (2, 2))) for _ in range(60)))
    one, two = (domain(roads=streets, workers=workers) for workers in (1, 2))
    assert shapely.equals_identical(one.shapes, two.shapes).all()
    assert (one.weight == two.weight).all()
