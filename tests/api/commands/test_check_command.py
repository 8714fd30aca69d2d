"""Check the grids of a workspace by their principles, mend slivers, and take that back, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")
V1 = "990101101201"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Return a workspace of two grids with half a metre between them."""
    path = tmp_path / "workspace.gpkg"
    shapes = shapely.box([103.0, 103.01 + 0.5 / 88_900], 37.0, [103.01, 103.02], 37.01)
    rows = {"code": [f"{V1}001", f"{V1}002"], "name": ["西", "东"], "village": V1, "households": [600, 400]}
    with open_store(path) as store:
        store.write("grids", gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326"), "upsert", actor="test")
    return path


def shapes_of(county: Path) -> list[bytes]:
    with open_store(county) as store:
        return [shapely.to_wkb(one) for one in store.read("grids").geometry]


def test_a_band_is_held_against_grids_where_it_is_given(run, county: Path) -> None:
    found = json.loads(run("check", "grids", "--workspace", county, "--size", "300:500", "--json", code=1)[0])
    assert sorted(one["code"] for one in found["findings"]) == ["grid-outside-band", "grid-sliver"]
    found = json.loads(run("check", "grids", "--workspace", county, "--json", code=1)[0])
    assert [one["code"] for one in found["findings"]] == ["grid-sliver"]


def test_a_fix_is_shown_written_and_taken_back(run, county: Path, tmp_path: Path) -> None:
    before = shapes_of(county)
    out, _ = run("check", "grids", "--workspace", county, "--fix", "--dry-run")
    assert "the borders of 1 grids would be mended; the most that one moves is 0.5" in out
    assert shapes_of(county) == before
    out, _ = run("check", "grids", "--workspace", county, "--fix", "--out", tmp_path / "fix.gpkg")
    assert "the borders of 1 grids were mended" in out
    assert "to take it back: gridsight check grids --undo" in out
    both = gpd.read_file(tmp_path / "fix.gpkg")
    assert both[["code", "state"]].to_numpy().tolist() == [[f"{V1}002", "before"], [f"{V1}002", "after"]]
    run("check", "grids", "--workspace", county)
    out, _ = run("check", "--workspace", county, "--undo")
    assert "1 grids have their borders of before again" in out
    assert shapes_of(county) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cameras", "--fix"), "--fix and --undo are for grids"),
        (("--fix", "--undo"), "not for both at once"),
        (("--fix", "--size", "1:2"), "not with --size"),
        (("--dry-run",), "are for --fix and --undo only"),
        (("--undo", "--dry-run"), "--dry-run is for --fix only"),
        (("--undo",), "there is no --fix to take back"),
        (("--rural", "1:2"), "--rural goes with --size"),
        (("--size", "many"), "--size is written as 300:500"),
        (("--fix", "--out", "x.csv"), ".gpkg"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, county: Path, words: tuple[str, ...], said: str) -> None:
    _, err = run("check", "--workspace", county, *words, code=2)
    assert said in err
