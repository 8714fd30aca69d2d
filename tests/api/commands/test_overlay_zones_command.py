"""Lay zones of two offices over each other from the command line: stored and from a file, tables, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")


def halves(at: float) -> gpd.GeoDataFrame:
    shapes = shapely.box([103.0, at], 37.0, [at, 103.02], 37.01)
    return gpd.GeoDataFrame({"code": ["w", "e"]}, geometry=shapes, crs="EPSG:4326")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.gpkg"
    with open_store(path) as store:
        store.write("grids", halves(103.01), "upsert", actor="test")
    halves(103.011).to_file(tmp_path / "police.geojson")
    return path


def test_a_file_of_another_office_is_laid_over_the_grids(run, county: Path, tmp_path: Path) -> None:
    words = ("overlay-zones", "grids", tmp_path / "police.geojson", "--workspace", county)
    out, _ = run(*words)
    assert "0 pairs are the same" in out
    told = json.loads(run(*words, "--json")[0])
    assert sorted((one["a"], one["b"]) for one in told["pairs"]) == [("e", "e"), ("e", "w"), ("w", "w")]
    run(*words, "--table", "moves", "--out", tmp_path / "moves.geojson")
    moves = gpd.read_file(tmp_path / "moves.geojson")
    assert moves[["from_b", "to_b"]].to_numpy().tolist() == [["w", "e"]]
    assert moves.total_bounds == pytest.approx([103.01, 37.0, 103.011, 37.01], abs=1e-6)
    run(*words, "--out", tmp_path / "pairs.csv")
    assert len(pd.read_csv(tmp_path / "pairs.csv")) == 3


def test_what_is_not_there_and_shapes_of_a_plain_table_are_refused(run, county: Path, tmp_path: Path) -> None:
    _, err = run("overlay-zones", "grids", "nowhere.geojson", "--workspace", county, code=2)
    assert "nowhere.geojson is no file" in err
    _, err = run("overlay-zones", "grids", "villages", "--workspace", county, code=2)
    assert "no polygons of villages" in err
    _, err = run("overlay-zones", "grids", "grids", "--workspace", county, "--out", tmp_path / "x.geojson", code=2)
    assert "only --table moves has shapes" in err
