"""Borders in words from the command line: a table, the way round, a file, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.gpkg"
    with open_store(path) as store:
        shapes = shapely.box([103.0, 103.01], 37.0, [103.01, 103.02], 37.01)
        names = {"code": ["a", "b"], "name": ["一", "二"]}
        store.write("grids", gpd.GeoDataFrame(names, geometry=shapes, crs="EPSG:4326"), "upsert", actor="test")
    return path


def test_sides_and_the_way_round_are_listed_and_written(run, county: Path, tmp_path: Path) -> None:
    out, _ = run("boundaries", "--workspace", county, "--grid", "a")
    assert "east: 二 (11" in out
    told = json.loads(run("boundaries", "--workspace", county, "--walk", "--json")[0])
    assert [(one["code"], one["leg"]) for one in told["rows"]] == [(code, leg) for code in "ab" for leg in (1, 2, 3, 4)]
    assert [one["heading"] for one in told["rows"][:4]] == ["east", "south", "west", "north"]
    run("boundaries", "--workspace", county, "--out", tmp_path / "b.xlsx")
    assert pd.read_excel(tmp_path / "b.xlsx", engine="openpyxl")["west"].tolist()[1].startswith("west: 一 (11")


def test_a_grid_that_is_not_there_is_told(run, county: Path) -> None:
    _, err = run("boundaries", "--workspace", county, "--grid", "z", code=2)
    assert "there are no such grids: z" in err
