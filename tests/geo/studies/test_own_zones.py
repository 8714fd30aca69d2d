"""Analyse own zones whose dates and borders are known: each kind is a zone layer of the day asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from api.representations.map_data_of_run import stored_map_data
from geo.errors import NotFound, UnknownName
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.studies import outages, place_claims, stored_runs
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.run_files import _write_layers
from maps.print.sheet_content import sheet_content

SIDE = 0.002


def square(at: float, width: float = SIDE) -> shapely.Geometry:
    return shapely.box(103.1 + at, 37.6, 103.1 + at + width, 37.6 + SIDE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GeoPackageStore]:
    """Return three grids in a row, a camera in the first; K1 is the first grid from March to August."""
    with open_store(tmp_path / "workspace.gpkg") as opened:
        layers = {
            "grids": ({"code": ["g1", "g2", "g3"], "level": [1, 1, 1]}, [square(SIDE * i) for i in range(3)]),
            "cameras": ({"id": ["c1"], "azimuth": [0.0]}, [shapely.Point(103.101, 37.6005)]),
            "areas": (
                {
                    "code": ["K1", "K2", "R1", "U1"],
                    "name": ["车站片区", None, "东安置区", None],
                    "kind": ["key_area", "key_area", "resettlement", None],
                    "valid_from": ["2026-03-01", None, None, None],
                    "valid_to": ["2026-09-01", None, None, None],
                },
                [square(0), square(SIDE / 2), square(SIDE / 2, 1.5 * SIDE), square(0)],
            ),
        }
        for name, (columns, shapes) in layers.items():
            opened.write(name, gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326"), "upsert", actor="me")
        yield opened


@pytest.mark.parametrize(
    ("day", "listed"),
    [
        ("2026-02-28", ["K2"]),
        ("2026-03-01", ["K1", "K2"]),
        ("2026-08-31", ["K1", "K2"]),
        ("2026-09-01", ["K2"]),
    ],
)
def test_a_zone_is_there_from_the_day_it_is_listed_to_the_day_it_is_struck_off(
    store: GeoPackageStore, day: str, listed: list[str]
) -> None:
    run = analyze(store, AnalyzeOptions(domain="all", at=day))
    own = {name: frame["code"].tolist() for name, frame in run.layers.items() if name.startswith("areas")}
    assert own == {"areas:key_area": listed, "areas:resettlement": ["R1"]}, "without a kind it is in no layer"
    assert run.summary["zones"] == {"grids": 3, "areas:key_area": len(listed), "areas:resettlement": 1}


def test_its_figures_are_those_of_its_ground(store: GeoPackageStore) -> None:
    """K1 is the first grid: every figure is the grid's. All views lie in the first grid and half of K2 does."""
    run = analyze(store, AnalyzeOptions(domain="all", at="2026-05-01"))
    grid, zone = run.layers["grids"].iloc[0], run.layers["areas:key_area"].iloc[0]
    for figure in ("domain_m2", "sure_m2", "possible_m2", "sure_share", "k2_share", "gap_m2", "cameras", "seeing"):
        assert zone[figure] == grid[figure], figure
    assert zone["sure_m2"] > 100
    kept = store.run("latest")
    assert kept.layers["areas:key_area"]["sure_m2"].tolist() == run.layers["areas:key_area"]["sure_m2"].tolist()
    assert kept.layers["areas:key_area"]["kind"].tolist() == ["key_area"] * 2


def test_gaps_of_a_zone_are_those_whose_place_lies_in_it(store: GeoPackageStore) -> None:
    """Grids 2 and 3 are gaps of one piece each, in their middles: R1 reaches over all of grid 2 and half of grid 1."""
    analyze(store, AnalyzeOptions(domain="all", at="2026-05-01"))
    of_all = stored_runs.gaps(store)[1]
    places = shapely.points(of_all["lon"], of_all["lat"])
    inside = sorted(of_all["rank"][shapely.intersects(square(SIDE / 2, 1.5 * SIDE), places)])
    assert 0 < len(inside) < len(of_all)
    for name in ("areas:resettlement:R1", "areas:R1", "R1", "东安置区"):
        assert sorted(stored_runs.gaps(store, zone=name)[1]["rank"]) == inside, name
    with pytest.raises(NotFound, match="its zone layers are grids, areas:key_area, areas:resettlement"):
        stored_runs.gaps(store, zone="areas:K9")
    assert [one["grids"] for one in stored_runs.zones(store)[1] if one["layer"] != "grids"] == [[], [], []]


def test_gaps_of_a_zone_in_a_run_of_own_zones_alone(store: GeoPackageStore) -> None:
    analyze(store, AnalyzeOptions(domain="all", zones=["areas:key_area"], at="2026-05-01"))
    assert list(store.run("latest", layers=[]).summary["zones"]) == ["areas:key_area"]
    run, of_all = stored_runs.gaps(store)
    assert len(of_all)
    for name in ("K1", "areas:K2", "areas:key_area:K2"):
        assert stored_runs.gaps(store, zone=name)[1]["rank"].tolist() == [
            row["rank"] for row in stored_runs.gap_rows(store, zone=name)[1]
        ]
    zones = [one for one in stored_runs.zones(store, run.id)[1] if one["layer"] != "all"]
    assert [(one["code"], one["grids"]) for one in zones] == [("K1", []), ("K2", [])]


def test_outage_files_options_and_sheet_know_it(store: GeoPackageStore, tmp_path: Path) -> None:
    analyze(store, AnalyzeOptions(domain="all", at="2026-05-01"))
    out = outages.outage(store, ["c1"], layer="areas:key_area")
    assert out.frames["areas:key_area"]["sure_share"].tolist() == [0.0, 0.0]
    _write_layers(store.run("latest"), tmp_path / "coverage.gpkg")
    written = pyogrio.list_layers(tmp_path / "coverage.gpkg")[:, 0].tolist()
    assert written == ["views", "possible", "coverage", "grids", "areas:key_area", "areas:resettlement", "all", "gaps"]
    data = stored_map_data(store)
    content = sheet_content(data, "areas:resettlement:R1")
    assert (content.focus.layer, content.focus.code, content.focus.name) == ("areas:resettlement", "R1", "东安置区")
    only = analyze(store, AnalyzeOptions(domain="all", zones=("areas:key_area",)))
    assert [name for name in only.layers if name.startswith("areas")] == ["areas:key_area"]
    with pytest.raises(UnknownName, match="areas:KIND"):
        AnalyzeOptions(zones=("estates",)).checked()


def test_water_is_ground_of_the_map(store: GeoPackageStore) -> None:
    water = gpd.GeoDataFrame({"code": ["W1"], "name": ["青河水库"], "kind": ["water"]}, geometry=[square(0)], crs=4326)
    analyze(store, AnalyzeOptions(domain="all", at="2026-05-01"))
    assert "ground" not in stored_map_data(store).reference
    store.write("areas", water, "upsert", actor="me")
    ground = stored_map_data(store).reference["ground"]
    assert ground[["kind", "name"]].to_numpy().tolist() == [["water", "青河水库"]]


def test_several_counties_are_a_zone_layer_and_one_is_the_whole(store: GeoPackageStore) -> None:
    """The county in the west is the first grid, that in the east the others; all that is seen lies in the west."""
    shapes = [square(0), square(SIDE, 2 * SIDE)]
    columns = {"code": ["990101", "990102"], "name": ["西县", "东县"], "level": ["county", "county"]}
    counties = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    store.write("divisions", counties.iloc[[0]], "upsert", actor="me")
    assert "counties" not in analyze(store, AnalyzeOptions(domain="all")).layers
    store.write("divisions", counties, "upsert", actor="me")
    run = analyze(store, AnalyzeOptions(domain="all"))
    found, whole = run.layers["counties"].set_index("name"), run.layers["all"].iloc[0]
    assert found.loc["西县", "sure_m2"] == run.layers["grids"]["sure_m2"].iloc[0] > 100
    assert found.loc["东县", "sure_m2"] == 0
    # the long edges have fewer vertices than those of the grids, and are straight in degrees: 0.3 of 117,639 m2
    assert found["domain_m2"].sum() == pytest.approx(whole["domain_m2"], rel=1e-5)
    assert run.summary["zones"]["counties"] == 2
    of_all = stored_runs.gaps(store)[1]
    of_each = [len(stored_runs.gaps(store, zone=name)[1]) for name in ("counties:990101", "东县")]
    assert sum(of_each) == len(of_all)
    assert min(of_each) > 0
    content = sheet_content(stored_map_data(store), "东县")
    assert (content.focus.layer, content.focus.code) == ("counties", "990102")


def test_claims_of_a_zone_are_of_the_places_in_it(store: GeoPackageStore) -> None:
    """One gate stands in the first grid, two in the others; K2 reaches from the middle of grid 1 to that of grid 2."""
    points = [shapely.Point(103.1 + at * SIDE, 37.6006) for at in (0.7, 1.2, 2.5)]
    columns = {"code": ["p1", "p2", "p3"], "claim": ["校门", "校门", "桥"], "kind": ["gate", "gate", "bridge"]}
    store.write("places", gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326"), "upsert", actor="me")
    analyze(store, AnalyzeOptions(domain="all", at="2026-05-01"))
    expected = {
        "g1": {"校门": 1}, "areas:key_area:K1": {"校门": 1}, "areas:K2": {"校门": 2}, "东安置区": {"校门": 2},
        "g3": {"桥": 1},
    }  # fmt: skip
    for zone, counts in expected.items():
        _, claims, rows = place_claims.claims(store, zone=zone)
        assert dict(zip(claims["claim"], claims["places"], strict=True)) == counts, zone
        assert len(rows) == sum(counts.values()) == len(place_claims.places(store, zone=zone)[1])
    with pytest.raises(NotFound):
        place_claims.claims(store, zone="K9")
