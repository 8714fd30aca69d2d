"""Hold an analysis to go on without the rows that would stop it, and to name them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.representations.map_data_of_run import stored_map_data
from api.representations.runs import without_hidden_fields
from geo.catalog.layers import LAYERS
from geo.errors import TooWide
from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.analysis import analyze, analyze_files, compute_run
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from geo.studies.usable_rows import usable_rows
from maps.print.sheet import write_sheet

OPTIONS = AnalyzeOptions(domain="all")
HEAD = "id,lon,lat,azimuth,hfov,height,max_range,status"
GOOD = "c1,102.86,37.47,0,360,6,100,online"
STRAYS = {"origin": "z,0,0,0,90,4,50,online", "elsewhere": "z,12.5,41.9,0,90,4,50,online"}


def town(*lonlat: tuple[float, float]) -> dict[str, gpd.GeoDataFrame]:
    """Return a grid of 0.004 degrees round the first camera, and cameras that look all round."""
    grid = shapely.box(102.858, 37.468, 102.862, 37.472)
    ids = [f"c{k}" for k in range(len(lonlat))]
    return {
        "grids": gpd.GeoDataFrame({"code": ["g1"], "level": [1]}, geometry=[grid], crs=4326),
        "cameras": gpd.GeoDataFrame(
            {"id": ids, "kind": "panoramic", "max_range": 50.0, "status": "online"},
            geometry=shapely.points(list(lonlat)),
            crs=4326,
        ),
    }


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "w.gpkg")
    yield opened
    opened.close()


@pytest.mark.parametrize("stray", STRAYS)
def test_files_with_a_camera_elsewhere_are_analysed_without_it(tmp_path: Path, stray: str) -> None:
    path = tmp_path / "cameras.csv"
    more = [f"c{k},102.86{k},37.47,0,360,6,100,online" for k in range(2, 5)]
    path.write_text("\n".join([HEAD, GOOD, *more]) + "\n", encoding="utf-8")
    alone = analyze_files({"cameras": path}, OPTIONS, crs="wgs84")[0].summary
    path.write_text("\n".join([HEAD, GOOD, *more, STRAYS[stray]]) + "\n", encoding="utf-8")
    run, frames, rejects = analyze_files({"cameras": path}, OPTIONS, crs="wgs84")
    assert run.summary["totals"] == alone["totals"]
    assert run.layers["views"]["id"].tolist() == ["c1", "c2", "c3", "c4"]
    if stray == "origin":  # a place of exactly 0,0 is none, so that the row is not read at all
        assert [(fault.row, fault.value) for fault in rejects] == [("5", "0 0")]
        assert (len(run.summary["notes"]), len(frames["cameras"])) == (len(alone["notes"]), 4)
        return
    assert rejects == []
    assert len(run.summary["notes"]) == len(alone["notes"]) + 1
    assert "left out: z (at" in run.summary["notes"][0]
    assert len(frames["cameras"]) == 5


@pytest.mark.parametrize("layer", ["grids", "obstacles", "roads", "divisions"])
def test_a_row_of_another_layer_elsewhere_is_left_out(store: Store, layer: str) -> None:
    frames = town((102.86, 37.47))
    shape = shapely.LineString([(0, 0), (0.01, 0)]) if layer == "roads" else shapely.box(0, 0, 0.01, 0.01)
    key = LAYERS[layer].key
    stray = gpd.GeoDataFrame({key: ["stray"]}, geometry=[shape], crs=4326)
    frames[layer] = pd.concat([frames[layer], stray]) if layer in frames else stray
    import_frames(store, frames)
    run = analyze(store, OPTIONS)
    assert "stray (at" in run.summary["notes"][0]
    assert run.summary["totals"]["cameras"] == 1
    assert list(run.summary["left_out"]) == [layer]


@pytest.mark.filterwarnings("error")
def test_positions_that_are_none_give_no_warning_and_cameras_all_at_the_origin_are_told() -> None:
    camera = town((102.86, 37.47), (1e308, 37.47))["cameras"]
    (note,) = usable_rows({"cameras": camera}).notes
    assert "c1 (no place on the Earth)" in note
    found = usable_rows({"cameras": town((0.0, 0.0), (0.0, 0.001))["cameras"]})
    assert len(found.frames["cameras"]) == 2
    assert found.notes[-1].endswith("no position was set, no figure is of a real place: c0, c1")
    assert usable_rows({"cameras": town((0.0, 51.5))["cameras"]}).notes == ()


def test_rows_that_another_program_spoiled_are_left_out_or_read_as_missing(store: Store, tmp_path: Path) -> None:
    import_frames(store, town((102.86, 37.47), (102.8605, 37.47), (102.8610, 37.47), (102.8615, 37.47)))
    with sqlite3.connect(tmp_path / "w.gpkg") as conn:
        configure_connection(conn)
        conn.execute("UPDATE cameras SET geom = NULL WHERE id = 'c1'")
        conn.execute("UPDATE cameras SET height = -5 WHERE id = 'c2'")
        conn.execute("UPDATE cameras SET status = 'maybe' WHERE id = 'c3'")
    run = analyze(store, OPTIONS)
    assert run.layers["views"][["id", "status"]].to_numpy().tolist() == [
        ["c0", "online"], ["c2", "online"], ["c3", "unknown"],
    ]  # fmt: skip
    assert run.summary["cameras"] == {"online": 2, "offline": 0, "planned": 0, "unknown": 1}
    told = " ".join(run.summary["notes"])
    assert "without a point left out: c1" in told
    assert "height impossible, taken as missing: c2 (-5.0)" in told
    assert "status not understood, taken as unknown: c3 (maybe)" in told


def test_demand_of_one_planner_stops_nobodys_analysis(store: Store) -> None:
    """A row of another kind is left out, a weight that cannot be added up is missing: 1 per m2."""
    square = shapely.box(102.8590, 37.4690, 102.8591, 37.4691)
    shapes = [square, shapely.box(102.8600, 37.4690, 102.8601, 37.4691), shapely.Point(102.86, 37.47)]
    demand = gpd.GeoDataFrame({"id": ["d1", "d2", "d3"], "weight": [2.0, -1.0, 5.0]}, geometry=shapes, crs=4326)
    heavy = gpd.GeoDataFrame(
        {"id": ["d4"], "weight": [1e308]}, geometry=[shapely.box(102.861, 37.469, 102.8611, 37.4691)], crs=4326
    )
    store.write("demand", pd.concat([demand, heavy]), "upsert", actor="test")
    import_frames(store, town((102.86, 37.47)))
    run = analyze(store, AnalyzeOptions())
    told = " ".join(run.summary["notes"])
    assert "analysed as polygons: 1 row left out: d3" in told
    assert "weight impossible, taken as missing: d2 (-1.0), d4 (1e+308)" in told
    totals = run.summary["totals"]
    assert totals["domain_weight"] == pytest.approx(totals["domain_m2"] * 4 / 3, rel=1e-6)  # 2 + 1 + 1 of three squares


@pytest.mark.parametrize(
    "odd", [{"hfov": 1e-300}, {"hfov": 1e-6}, {"width_px": 2**31 - 1}, {"width_px": 2**62}, {"max_range": 1e308}]
)
def test_optics_beyond_the_horizon_stop_nothing(store: Store, odd: dict[str, float]) -> None:
    """A range without end leaves every computing CRS; views end at 50 km."""
    import_frames(store, town((102.86, 37.47), (102.8605, 37.47)))
    cameras = store.read("cameras").set_index("id", drop=False)
    cameras.loc["c1", ["kind", "max_range"]] = ["fixed", None]
    cameras.loc["c1", ["azimuth", *odd]] = [90.0, *odd.values()]
    store.write("cameras", cameras.reset_index(drop=True), "upsert", actor="test")
    run = analyze(store, OPTIONS)
    assert run.layers["views"].set_index("id").loc["c1", "range_m"] <= 50_000
    assert run.summary["totals"]["seeing"] >= 1


def test_a_road_wider_than_any_counts_as_one_without_a_width(store: Store) -> None:
    import_frames(store, town((102.86, 37.47)))
    line = shapely.LineString([(102.8590, 37.47), (102.8610, 37.47)])
    found = []
    for width in (None, 1e6, 1e308):
        road = gpd.GeoDataFrame({"id": ["r"], "width": [width]}, geometry=[line], crs=4326)
        store.write("roads", road, "upsert", actor="test")
        found.append(analyze(store, AnalyzeOptions()).summary["totals"]["domain_m2"])
    assert found[1:] == found[:1] * 2


def test_maps_are_not_stretched_to_a_camera_elsewhere(store: Store, tmp_path: Path) -> None:
    import_frames(store, town((102.86, 37.47)))
    run = analyze(store, OPTIONS)
    import_frames(store, {"cameras": town((102.86, 37.47), (0.0, 0.0))["cameras"]})  # newer than the run
    data = stored_map_data(store, run.id)
    assert data.cameras["id"].tolist() == ["c0"]
    write_sheet(data, tmp_path / "sheet.pdf", lang="en")
    assert (tmp_path / "sheet.pdf").stat().st_size > 0


def test_who_may_not_read_all_cameras_is_not_told_which_are_left_out(store: Store) -> None:
    import_frames(store, town((102.86, 37.47), (0.0, 0.0)))
    run = analyze(store, OPTIONS)
    assert "c1 (at 0, 0" in str(without_hidden_fields(run.summary, Caller("li", "admin")))
    for caller in (Caller("", "public"), Caller("li", "viewer"), Caller("li", "planner", ("990121100",))):
        assert "(at 0, 0" not in str(without_hidden_fields(run.summary, caller))


def test_a_stored_run_is_drawn_with_the_cameras_of_its_own_day(store: Store) -> None:
    """The camera went offline after the run: the map of the run has it online, as history keeps it."""
    frames = town((102.86, 37.47))
    frames["cameras"] = frames["cameras"].assign(status="online", valid_from=date(2020, 1, 1))
    import_frames(store, frames)
    run = compute_run(store, OPTIONS)
    assert run.summary["data_date"] == store.today().isoformat()
    before = {name: value for name, value in run.summary.items() if name != "data_date"}  # as an older version wrote it
    run = replace(run, created="2021-03-01T20:00:00.000Z", summary=before)
    store.save_run(run)
    import_frames(store, {"cameras": frames["cameras"].drop(columns="valid_from").assign(status="offline")})
    data = stored_map_data(store, run.id)
    assert data.cameras["status"].tolist() == ["online"]
    assert data.meta.data_date == "2021-03-02", "the day of the store, not of UTC"
    assert not [note for note in data.summary.get("notes", ()) if "cameras drawn" in note]


def test_a_map_says_where_the_cameras_of_its_day_are_no_longer_known(store: Store) -> None:
    frames = town((102.86, 37.47), (102.8605, 37.47))
    import_frames(store, frames)
    run = analyze(store, OPTIONS)
    import_frames(store, {"cameras": frames["cameras"].iloc[:1].assign(status="offline")})  # the other one goes
    told = [note for note in stored_map_data(store, run.id).summary["notes"] if "cameras drawn" in note]
    assert len(told) == 1
    assert "1 gone, 0 new, 1 of another status" in told[0]


def test_villages_given_as_points_are_noted_once(store: Store) -> None:
    frames = town((102.86, 37.47))
    frames["villages"] = gpd.GeoDataFrame({"code": ["v"]}, geometry=shapely.points([(102.86, 37.47)]), crs=4326)
    frames["grids"] = frames["grids"].iloc[:0]
    import_frames(store, {name: frame for name, frame in frames.items() if len(frame)})
    notes = analyze(store, OPTIONS).summary["notes"]
    assert len([note for note in notes if "hence no zones" in note]) == 1
    assert len(notes) == len(set(notes))


def test_two_equal_halves_far_apart_are_refused_naming_both(store: Store) -> None:
    """No rule says which of the two is the county, so neither is left out in silence."""
    import_frames(
        store, {"cameras": town((102.86, 37.47), (102.87, 37.47), (121.47, 31.23), (121.48, 31.23))["cameras"]}
    )
    with pytest.raises(TooWide, match=r"2 rows about 102\.8[67], 37\.47 and 2 about 121\.4[78], 31\.23") as caught:
        analyze(store, OPTIONS)
    assert "analyse them apart" in caught.value.en
    assert store.runs() == []
