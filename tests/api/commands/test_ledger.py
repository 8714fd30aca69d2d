"""`gridsight ledger`: the same figures on the terminal, as JSON, as tables and on a page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pypdf
import pytest
import shapely

from api.cli import main
from geo.storage.geopackage.store import open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions

SQUARE = shapely.box(103.1, 37.6, 103.102, 37.602)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a county of one grid, a key area from March to August, and a run of each phase."""
    layers: dict[str, dict[str, Any]] = {
        "grids": {"code": ["g1"], "level": [1]},
        "areas": {"code": ["K1"], "name": ["车站片区"], "kind": ["key_area"], "valid_from": ["2026-03-01"],
                  "valid_to": ["2026-09-01"]},
    }  # fmt: skip
    with open_store(tmp_path / "workspace.gpkg") as store:
        for name, columns in layers.items():
            store.write(name, gpd.GeoDataFrame(columns, geometry=[SQUARE], crs="EPSG:4326"), "upsert", actor="me")
        columns = {"id": ["c1", "c2"], "azimuth": [0.0, 0.0], "valid_from": ["2026-01-01", "2026-05-01"]}
        points = shapely.points([103.1005, 103.1015], 37.6005)
        store.write("cameras", gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326"), "upsert", actor="me")
        for day in ("2026-02-01", "2026-06-01", "2026-10-01"):
            analyze(store, AnalyzeOptions(domain="all", at=day))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(["ledger", *words, "--workspace", "workspace.gpkg"]) == code
    return capsys.readouterr().out


def test_json_tables_and_the_page_have_the_same_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(ask(capsys, "areas:K1", "--json"))
    rows = found["rows"]
    assert (found["listed"], found["struck"]) == ("2026-03-01", "2026-09-01")
    assert [row["phase"] for row in rows] == ["before", "listed", "after"]
    assert 0 < rows[0]["sure_m2"] < rows[1]["sure_m2"]
    assert rows[2]["sure_m2"] == pytest.approx(rows[1]["sure_m2"], abs=2.0)
    for form in ("csv", "xlsx"):
        ask(capsys, "K1", "--out", f"k1.{form}")
        table = pd.read_csv("k1.csv") if form == "csv" else pd.read_excel("k1.xlsx", engine="openpyxl")
        assert table.iloc[:, 0].tolist() == ["列入之前", "列入期间", "撤销之后"]
        assert table["数据日期"].astype(str).str[:10].tolist() == ["2026-02-01", "2026-06-01", "2026-10-01"]
    for lang in ("zh", "en"):
        ask(capsys, "车站片区", "--out", f"{lang}.pdf", "--lang", lang)
        page = pypdf.PdfReader(f"{lang}.pdf").pages[0].extract_text()
        for text in ("车站片区", "K1", "2026-03-01", "2026-09-01", "2026-02-01", f"{rows[1]['sure_m2']:,.0f}"):
            assert text in page
        assert f"+{rows[1]['sure_m2'] - rows[0]['sure_m2']:,.0f}" in page
        assert len(pypdf.PdfReader(f"{lang}.pdf").pages) == 1
    first = Path("zh.pdf").read_bytes()
    ask(capsys, "K1", "--out", "zh.pdf", "--lang", "zh")
    assert Path("zh.pdf").read_bytes() == first, "the same ledger gives the same bytes"


def test_a_phase_without_a_run_is_said_and_another_file_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(folder / "workspace.gpkg") as store:
        for run in list(store.runs())[:2]:
            store.delete_run(run.id)
    said = ask(capsys, "K1", "--out", "k1.pdf", "--lang", "en")
    assert "列入期间没有批次" in said
    assert "no run" in pypdf.PdfReader("k1.pdf").pages[0].extract_text()
    ask(capsys, "K1", "--out", "k1.html", code=2)
    ask(capsys, "K7", code=2)
    assert not Path("k1.html").exists()


def test_differences_stand_in_the_terminal_and_in_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(ask(capsys, "K1", "--json"))["rows"]
    more = rows[1]["sure_m2"] - rows[0]["sure_m2"]
    assert rows[0]["sure_m2_change"] is None
    assert rows[1]["sure_m2_change"] == pytest.approx(more, abs=1)
    said = ask(capsys, "K1", "--out", "k1.xlsx")
    (line,) = (one for one in said.splitlines() if one.startswith("  列入期间与前一时段相比"))
    assert f"+{more:,.0f} m²" in line
    assert "撤销之后与前一时段相比：没有变化" in said
    assert pd.read_excel("k1.xlsx", engine="openpyxl")["已覆盖部位之变化"].isna().all(), "there are no places"


def test_a_zone_struck_off_or_never_says_so_in_whole_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(folder / "workspace.gpkg") as store:
        columns = {"code": ["K2"], "kind": ["key_area"]}
        store.write("areas", gpd.GeoDataFrame(columns, geometry=[SQUARE], crs="EPSG:4326"), "upsert", actor="me")
    assert "尚未撤销" in ask(capsys, "K2")
    assert main(["gaps", "--zone", "K1", "--workspace", "workspace.gpkg"]) == 2
    assert "自有区域 K1 已于 2026-09-01 撤销" in capsys.readouterr().err
