"""Map old codes to today's from the command line: two days, a workbook in and out, refusals."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def county(tmp_path: Path) -> Path:
    """Return a workspace of which grid a was divided into b and c in April 2026."""
    path, day = tmp_path / "workspace.gpkg", [date(2026, 3, 1)]
    with open_store(path, today=lambda: day[0]) as store:
        whole = gpd.GeoDataFrame({"code": ["a"]}, geometry=[shapely.box(103.0, 37.0, 103.04, 37.01)], crs="EPSG:4326")
        store.write("grids", whole, "upsert", actor="test")
        day[0] = date(2026, 4, 1)
        halves = shapely.box([103.0, 103.01], 37.0, [103.01, 103.04], 37.01)
        parts = gpd.GeoDataFrame({"code": ["b", "c"], "name": ["西", "东"]}, geometry=halves, crs="EPSG:4326")
        store.write("grids", parts, "replace", actor="test")
    return path


def test_two_days_are_listed_and_written(run, county: Path, tmp_path: Path) -> None:
    words = ("crosswalk", "--workspace", county, "--from", "2026-03-01")
    out, _ = run(*words, "--out", tmp_path / "x.csv")
    assert "of 1 grids of 2026-03-01, 0 are the same on" in out
    assert "0 have another code only, 1 were changed" in out
    written = pd.read_csv(tmp_path / "x.csv")
    assert written["new"].tolist() == ["c", "b"]
    assert written["share"].sum() == pytest.approx(1.0, abs=1e-12)
    told = json.loads(run(*words, "--json")[0])
    assert [(one["old"], one["new"], one["new_name"]) for one in told["rows"]] == [("a", "c", "东"), ("a", "b", "西")]


def test_a_workbook_of_old_codes_comes_back_with_todays(run, county: Path, tmp_path: Path) -> None:
    given = tmp_path / "list.xlsx"
    pd.DataFrame({"代号": ["a", "b", "z"], "件数": [8, 3, 1]}).to_excel(given, index=False)
    out, _ = run(
        "crosswalk", "--workspace", county, "--table", given, "--code-column", "代号", "--share", "件数",
        "--out", tmp_path / "now.xlsx", code=1,
    )  # fmt: skip
    assert "3 rows: the codes of 1 were split, those of 1 answer to no grid; 4 rows written" in out
    written = pd.read_excel(tmp_path / "now.xlsx", engine="openpyxl")
    assert written.columns.tolist() == ["代号", "件数", "Code now", "Name now", "Share", "Parts", "Note"]
    assert written["代号"].tolist() == ["a", "a", "b", "z"]
    assert written["Code now"].fillna("").tolist() == ["c", "b", "b", ""]
    assert written["件数"].sum() == pytest.approx(12.0)
    assert written["Note"].fillna("").tolist() == ["split into 2", "split into 2", "", "no grid had this code"]


def test_a_csv_keeps_a_column_that_has_the_name_of_one_that_is_added(run, county: Path, tmp_path: Path) -> None:
    given = tmp_path / "list.csv"
    given.write_text("网格编码,Share\nb,7\n", encoding="utf-8")
    run("crosswalk", "--workspace", county, "--table", given, "--out", tmp_path / "now.csv")
    written = pd.read_csv(tmp_path / "now.csv")
    assert written["Share"].tolist() == [7]
    assert len(written.columns) == len({*written.columns}) == 7
    assert given.read_text(encoding="utf-8").startswith("网格编码,Share")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give a day by --from, or a file by --table"),
        (("--from", "yesterday"), "yesterday"),
        (("--from", "2030-01-01", "--to", "2029-01-01"), "2030-01-01 is after 2029-01-01"),
        (("--from", "2026-03-01", "--by", "households"), "no buildings to share by"),
        (("--from", "2026-03-01", "--code-column", "x"), "are for --table only"),
        (("--table", "none.csv"), "say by --out where the answer goes"),
        (("--table", "none.csv", "--out", "x.csv"), "none.csv"),
        (("--from", "2026-03-01", "--out", "x.pdf"), ".csv"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run, county: Path, words: tuple[str, ...], said: str) -> None:
    _, err = run("crosswalk", "--workspace", county, *words, code=2)
    assert said in err
