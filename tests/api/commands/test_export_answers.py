"""Write what a run says of places, claims and rates as files: rows and headings, shapes where there are any."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest

from geo.storage.geopackage.store import open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from tests.api.conftest import CRS, T1

pytestmark = pytest.mark.usefixtures("quiet")
ESTATES, GATES = "小区全覆盖", "校门全覆盖"


@pytest.fixture
def county(workspace: Path) -> Path:
    """Analyse an estate about c1 for two claims and a gate at the offline c4 for one."""
    store = open_store(workspace)
    points = store.read("cameras").set_index("id").geometry
    rows = {
        "code": ["e1", "g1"],
        "name": ["东苑", "北门"],
        "kind": ["estate", "gate"],
        "claim": [f"{ESTATES};{GATES}", GATES],
    }
    shapes = [points["c1"].buffer(0.0002), points["c4"]]
    store.write("places", gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS), "upsert", actor="test")
    analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    return workspace


def test_places_have_a_row_for_each_claim_and_their_own_shapes(run, county: Path, tmp_path: Path) -> None:
    run("export", "places", "--run", "latest", "--out", tmp_path / "p.gpkg", "--workspace", county)
    found = pyogrio.read_dataframe(tmp_path / "p.gpkg")
    rows = list(zip(found["claim"], found["code"], found["verdict"], found.geometry.geom_type, strict=True))
    assert rows == [
        (ESTATES, "e1", "covered", "Polygon"),
        (GATES, "e1", "covered", "Polygon"),
        (GATES, "g1", "not_covered", "Point"),
    ]
    assert "derived" not in found
    run("export", "places", "--run", "latest", "--lang", "zh", "--out", tmp_path / "p.csv", "--workspace", county)
    with (tmp_path / "p.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [one["结论"] for one in table] == ["已覆盖", "已覆盖", "未覆盖"]
    assert [one["有点位"] for one in table] == ["是", "是", "否"]
    assert all(len(one["评价部分"].partition(".")[2]) <= 2 for one in table)


def test_claims_of_a_run_are_its_verdicts_and_without_a_run_the_stored_table(run, county: Path, tmp_path: Path) -> None:
    run("export", "claims", "--run", "latest", "--lang", "zh", "--out", tmp_path / "c.xlsx", "--workspace", county)
    sheet = openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0]
    cells = [row for row in sheet.iter_rows(values_only=True) if row[0] in (ESTATES, GATES)]
    assert [row[:2] for row in cells] == [(ESTATES, "成立"), (GATES, "不成立")]
    out, _ = run("export", "claims", "--out", tmp_path / "c.csv", "--workspace", county)
    assert "0" in out
    _, err = run("export", "claims", "--run", "latest", "--out", tmp_path / "c.gpkg", "--workspace", county, code=2)
    assert "no shapes" in err
    assert not (tmp_path / "c.gpkg").exists()


def test_rates_are_those_of_the_latest_run(run, county: Path, tmp_path: Path) -> None:
    run("export", "rates", "--lang", "fields", "--out", tmp_path / "r.csv", "--workspace", county)
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        table = [one for one in csv.DictReader(file) if one["scope"] == "county"]
    seen = {one["rate"]: (float(one["numerator"]), float(one["denominator"])) for one in table if not one["key"]}
    assert seen["places_covered"] == (1.0, 2.0)
    assert seen["places_counted"] == (1.0, 2.0)


def test_rates_are_told_in_words_and_a_township_is_found_by_its_name(run, county: Path, monkeypatch) -> None:
    with open_store(county) as store:
        classes = store.read("cameras").assign(**{"class": 1})
        store.write("cameras", classes, "replace", actor="test")
    monkeypatch.setenv("GRIDSIGHT_LANG", "zh")
    out, _ = run("rates", "--workspace", county)
    rows = [line.split() for line in out.splitlines()]
    assert ["完好率（路）", "一类点"] in [row[:2] for row in rows]
    networked = next(row for row in rows if row[0] == "联网率（路）")
    assert networked[-2:] == ["未填", "-"]
    assert "未填：" in out
    assert "图层 cameras 的“联网”（networked）" in out
    out, _ = run("rates", "--scope", "南镇", "--workspace", county)
    assert {line.split()[3] for line in out.splitlines()[1:] if "P6" in line} == {"南镇"}
    by_code = json.loads(run("rates", "--scope", T1, "--workspace", county, "--json")[0])["rates"]
    assert json.loads(run("rates", "--scope", "南镇", "--workspace", county, "--json")[0])["rates"] == by_code
    _, err = run("rates", "--scope", "东镇", "--workspace", county, code=2)
    assert f"南镇 {T1}" in err


def test_a_run_that_does_not_exist_says_where_runs_are_listed(run, county: Path) -> None:
    for command in ("claims", "rates", "gaps", "unknowns"):
        _, err = run(command, 99, "--workspace", county, code=2)
        assert "there is no run 99: gridsight runs lists them" in err


def test_without_a_run_the_next_step_is_named(run, tmp_path: Path) -> None:
    open_store(tmp_path / "empty.gpkg").close()
    for command in ("claims", "rates", "gaps"):
        _, err = run(command, "--workspace", tmp_path / "empty.gpkg", code=2)
        assert "make one with gridsight analyze" in err
