"""Divide the villages of a workspace from the command line: table, JSON, file, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")
CRS = "EPSG:4326"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.gpkg"
    store = open_store(path)
    shapes = [shapely.box(103.0, 37.0, 103.01, 37.01), shapely.box(103.01, 37.0, 103.02, 37.01)]
    villages = gpd.GeoDataFrame(
        {"code": ["990101101201", "990101101202"], "name": ["东村", "西村"], "households": [800, 250]},
        geometry=shapes,
        crs=CRS,
    )
    store.write("villages", villages, "upsert", actor="test")
    store.close()
    return path


def test_grids_are_listed_and_written(run, county: Path, tmp_path: Path) -> None:
    out, _ = run("divide", "--workspace", county, "--out", tmp_path / "g.gpkg", code=1)
    assert "2 units divided into 3 grids of 250 to 400 households; 1 outside their band" in out
    assert "no number of grids fits the figure of the unit" in out
    written = gpd.read_file(tmp_path / "g.gpkg")
    assert written["households"].tolist() == [400, 400, 250]
    assert shapely.coverage_is_valid(shapely.get_parts(written.geometry.to_numpy()))
    found = json.loads(run("divide", "--workspace", county, "--json", "--rural", "100:300", "--size", "200:500")[0])
    assert (found["units"], found["grids"], found["unmet"]) == (2, 3, [])
    assert found["bound"] <= found["value"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--size", "many"), "--size is written as 300:500"),
        (("--size", "500:300"), "--size is no band: 500:300"),
        (("--within", "grids"), "within grids are microgrids: add --level 2"),
        (("--level", "2", "--within", "villages"), "microgrids are drawn within grids only"),
        (("--out", "g.pdf"), ".gpkg"),
        (("--zone", "5"), "no unit belongs to 5"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, county: Path, words: tuple[str, ...], said: str) -> None:
    _, err = run("divide", "--workspace", county, *words, code=2)
    assert said in err
