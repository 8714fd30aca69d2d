"""Hold an analysis to go on without the rows that would stop it, and to name them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.representations.map_data_of_run import stored_map_data
from api.representations.runs import without_hidden_fields
from geo.catalog.layers import LAYERS
from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.analysis import analyze, analyze_files
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
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
    assert (run.summary["totals"], rejects) == (alone["totals"], [])
    assert len(run.summary["notes"]) == len(alone["notes"]) + 1
    assert "left out: z (at" in run.summary["notes"][0]
    assert run.layers["views"]["id"].tolist() == ["c1", "c2", "c3", "c4"]
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
