"""Each file of an analysis says in which CRS it was read and on whose word; inputs that do not fit are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from geo import crs
from geo.errors import UnknownCrs, UnknownName
from geo.studies.analysis import analyze_files
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.input_crs import InputCrs, crs_lines
from tests.geo.demo_counties import small_county

INPUTS = ("cameras", "grids", "roads", "obstacles")
OPTIONS = AnalyzeOptions(domain="all")


@pytest.fixture(scope="module")
def county_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Cameras as a table in GCJ-02, grids and roads as shapes of CGCS2000 without their .prj."""
    folder, county = tmp_path_factory.mktemp("county"), small_county(0)
    lonlat = shapely.get_coordinates(county["cameras"].geometry.to_numpy())
    lon, lat = crs.from_wgs84(lonlat[:, 0], lonlat[:, 1], crs.GCJ02)
    columns = {"id": county["cameras"]["id"], "lon": lon, "lat": lat, "azimuth": county["cameras"]["azimuth"]}
    pd.DataFrame(columns).to_csv(folder / "cameras.csv", index=False)
    for name, fields in (("grids", ["code"]), ("roads", ["class"]), ("obstacles", ["height"])):
        county[name][[*fields, "geometry"]].to_file(folder / f"{name}.shp")
        (folder / f"{name}.prj").unlink()
    return {name: folder / f"{name}.{'csv' if name == 'cameras' else 'shp'}" for name in INPUTS}


def test_each_input_can_be_given_its_own_crs(county_files: dict[str, Path]) -> None:
    own = {"cameras": "gcj02", "grids": "cgcs2000", "roads": "cgcs2000", "obstacles": "cgcs2000"}
    run, frames, _ = analyze_files(county_files, OPTIONS, crs_of=own)
    told = run.summary["inputs_crs"]
    assert {name: (one["crs"], one["from"]) for name, one in told.items()} == {
        "cameras": ("gcj02", "option"), "grids": ("EPSG:4490", "option"), "roads": ("EPSG:4490", "option"),
        "obstacles": ("EPSG:4490", "option"),
    }  # fmt: skip
    assert not [note for note in run.summary["notes"] if "by a shift of" in note or "assumed from" in note]
    true = small_county(0)["cameras"].geometry
    away = np.abs(shapely.get_coordinates(frames["cameras"].geometry) - shapely.get_coordinates(true))
    assert away.max() < 1e-6


def test_one_crs_for_inputs_of_two_is_a_note_that_names_them(county_files: dict[str, Path]) -> None:
    """What a newcomer did: the one `--crs gcj02` moved grids and roads by half a kilometre, without a word."""
    run, _, _ = analyze_files(county_files, OPTIONS, crs="gcj02")
    notes = [note for note in run.summary["notes"] if "by a shift of" in note or "assumed from --crs" in note]
    assert len(notes) == 2
    assert "grids (grids.shp, gcj02)" in notes[1]
    assert set(notes) <= set(run.summary["scoped_notes"])


def test_an_input_without_a_crs_stays_refused_by_name(county_files: dict[str, Path]) -> None:
    with pytest.raises(UnknownCrs, match=r"grids\.shp names no CRS"):
        analyze_files(county_files, OPTIONS, crs_of={"cameras": "gcj02", "obstacles": "cgcs2000"})


@pytest.mark.parametrize("layer", ["moons", "demand"])
def test_a_crs_for_an_input_that_is_not_there_is_refused(county_files: dict[str, Path], layer: str) -> None:
    with pytest.raises(UnknownName, match=layer):
        analyze_files(county_files, OPTIONS, crs="gcj02", crs_of={layer: "gcj02"})


def test_nothing_to_compare_with_is_said_where_a_crs_was_assumed(county_files: dict[str, Path]) -> None:
    two = {name: county_files[name] for name in ("cameras", "grids")}
    run, _, _ = analyze_files(two, OPTIONS, crs="gcj02")
    assert [note for note in run.summary["notes"] if "too little to tell" in note]
    assert [note for note in run.summary["notes"] if "--crs grids=cgcs2000" in note]


def test_a_file_that_names_another_crs_than_told_says_both(tmp_path: Path) -> None:
    small = small_county(0)["cameras"].iloc[:3][["id", "azimuth", "geometry"]]
    small.to_crs("EPSG:4490").to_file(tmp_path / "c.gpkg")
    files = {"cameras": tmp_path / "c.gpkg"}
    plain, _, _ = analyze_files(files, OPTIONS, crs="gcj02")
    assert plain.summary["inputs_crs"]["cameras"]["from"] == "file"
    run, _, _ = analyze_files(files, OPTIONS, crs_of={"cameras": "gcj02"})
    assert crs_lines(run.summary["inputs_crs"]) == [
        InputCrs("cameras", "c.gpkg", "gcj02", "EPSG:4490", is_assumed=True).text
    ]
    assert "gcj02, assumed from --crs, though the file says EPSG:4490" in crs_lines(run.summary["inputs_crs"])[0]
