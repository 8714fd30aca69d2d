"""Give the grids of a workspace codes from the command line: dry run, table, own profiles, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")
V1 = "990101101201"
OWN = '[ours]\nsegments = [{ of = "village", digits = 12 }, { of = "number", digits = 1 }]\n'


@pytest.fixture
def county(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.gpkg"
    shapes = shapely.box([103.01, 103.0, 103.02], 37.0, [103.02, 103.01, 103.03], 37.01)
    rows = {"code": ["G1", "G2", f"{V1}007"], "name": ["东", "西", "旧"], "village": [V1, V1, V1]}
    with open_store(path) as store:
        store.write("grids", gpd.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326"), "upsert", actor="test")
    return path


def stored(county: Path) -> list[str]:
    with open_store(county) as store:
        return store.read("grids")["code"].tolist()


def test_a_dry_run_lists_old_and_new_and_writes_nothing(run, county: Path) -> None:
    out, _ = run("code", "--workspace", county, "--dry-run")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0][:4] == ["old", "code", "new", "code"]
    assert lines[1] == ["G1", f"{V1}009", "东", V1]
    assert lines[2] == ["G2", f"{V1}008", "西", V1]
    assert "2 grids would get a new code, 1 keep theirs, 0 could not be coded" in out
    assert stored(county) == [f"{V1}007", "G1", "G2"]


def test_codes_are_written_and_the_table_with_them(run, county: Path, tmp_path: Path) -> None:
    out, _ = run("code", "--workspace", county, "--out", tmp_path / "codes.xlsx")
    assert "2 grids got a new code, 1 keep theirs" in out
    assert stored(county) == [f"{V1}007", f"{V1}008", f"{V1}009"]
    table = pd.read_csv(_csv(run, county, tmp_path), dtype=str)
    assert table["result"].tolist() == ["kept"] * 3
    assert (tmp_path / "codes.xlsx").stat().st_size > 1000
    told = json.loads(run("code", "--workspace", county, "--json")[0])
    assert (told["kept"], told["new"], told["none"], told["dry_run"]) == (3, 0, 0, False)


def _csv(run, county: Path, tmp_path: Path) -> Path:
    run("code", "--workspace", county, "--dry-run", "--out", tmp_path / "codes.csv")
    return tmp_path / "codes.csv"


def test_a_profile_that_runs_out_says_which_village_and_how_many(run, county: Path, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(OWN + "numbers = { general = [1, 2], dedicated = [1, 2] }\n", encoding="utf-8")
    words = ("code", "--workspace", county, "--profile", "ours", "--profiles", tmp_path / "ours.toml")
    out, _ = run(*words, code=1)
    assert f"all 2 numbers of {V1} from 1 to 2 were used (general)" in out
    assert "2 grids got a new code, 0 keep theirs, 1 could not be coded" in out
    assert stored(county) == [f"{V1}007", f"{V1}1", f"{V1}2"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--profile", "x"), "no profile x; there are: 12+3"),
        (("--profile", "cj349"), "takes a prefix of 6 digits"),
        (("--profile", "15+2"), "no grids of level 2 to code"),
        (("--profiles", "none.toml"), "none.toml"),
        (("--out", "g.gpkg"), ".csv"),
        (("--zone", "5"), "no grid belongs to 5"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, county: Path, words: tuple[str, ...], said: str) -> None:
    _, err = run("code", "--workspace", county, *words, code=2)
    assert said in err
    assert stored(county) == [f"{V1}007", "G1", "G2"]


def test_a_malformed_file_of_profiles_is_named_with_key_and_reason(run, county: Path, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(OWN + "order = 'south'\n", encoding="utf-8")
    _, err = run("code", "--workspace", county, "--profiles", tmp_path / "ours.toml", code=2)
    assert "ours.toml, ours.order: it is west-north or north-west" in err


def test_divide_takes_a_profile_of_an_office(run, county: Path, tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text(OWN, encoding="utf-8")
    village = gpd.GeoDataFrame(
        {"code": [V1], "name": ["村"], "households": [400]},
        geometry=[shapely.box(103.0, 37.0, 103.03, 37.01)],
        crs="EPSG:4326",
    )
    with open_store(county) as store:
        store.write("villages", village, "upsert", actor="test")
    words = ("--profile", "ours", "--profiles", tmp_path / "ours.toml", "--out", tmp_path / "g.gpkg")
    run("divide", "--workspace", county, *words)
    assert gpd.read_file(tmp_path / "g.gpkg")["code"].tolist() == [f"{V1}1"]
