"""Rank unknown values at the command line, take the form along, fill it in and import it: filled cells change alone."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pypdf
import pytest
import shapely

from api.cli import main
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions

CRS = "EPSG:4326"
#: One degree of latitude, and of longitude at 37.6 north, in metres.
NORTH_M, EAST_M = 110_990.0, 88_290.0


def at(x: float, y: float) -> tuple[float, float]:
    return 103.1 + x / EAST_M, 37.6 + y / NORTH_M


def write(store: GeoPackageStore, layer: str, columns: dict[str, list[Any]], shapes: list[Any]) -> None:
    store.write(layer, gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS), "upsert", actor="me")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two squares, 20 m and 10 m wide, each with a camera of unknown azimuth in its corner; one of unknown status."""
    path = tmp_path / "workspace.gpkg"
    with open_store(path) as store:
        cameras: dict[str, list[Any]] = {
            "id": ["large", "small", "status", "known"],
            "site": ["p1", "p2", "p2", "p3"],
            "name": ["大", "小", None, "定"],
            "azimuth": [None, None, 225.0, 0.0],
            "status": ["online", "online", "unknown", "online"],
            "height": [1.6, 1.6, 1.6, 1.6],
            "hfov": [90.0] * 4,
            "width_px": [2000] * 4,
            "owner": ["甲局", "乙局", "乙局", "丙局"],
        }
        spots = [(0, 0), (200, 0), (200, 0), (400, 0)]
        write(store, "cameras", cameras, [shapely.Point(at(*spot)) for spot in spots])
        squares = [(0, 0, 20, 20), (200, 0, 210, 10), (195, -5, 200, 0)]
        shapes = [shapely.box(*at(x, y), *at(x2, y2)) for x, y, x2, y2 in squares]
        write(store, "grids", {"code": ["g1", "g2", "g3"], "level": [1] * 3}, shapes)
        claim: dict[str, list[Any]] = {"code": ["p"], "claim": ["小区全覆盖"], "share": [0.9]}
        write(store, "places", claim, [shapely.box(*at(1, 1), *at(19, 19))])
        analyze(store, AnalyzeOptions(domain="all"))
    return path


def asked(workspace: Path, capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code = main([*words, "--workspace", str(workspace), "--json"])
    out = capsys.readouterr()
    assert code == 0, out.err
    return json.loads(out.out)


def test_values_are_ranked_by_what_they_turn(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = asked(workspace, capsys, "unknowns")
    rows = told["unknowns"]
    assert [(row["rank"], row["layer"], row["id"], row["field"]) for row in rows] == [
        (1, "cameras", "large", "azimuth"), (2, "cameras", "small", "azimuth"), (3, "cameras", "status", "status"),
    ]  # fmt: skip
    assert [row["weight"] for row in rows] == pytest.approx([400, 100, 25], rel=0.01)
    assert [(row["claims"], row["places"]) for row in rows] == [(["小区全覆盖"], ["p"]), ([], []), ([], [])]
    assert told["notes"] == []


def test_people_read_words(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["unknowns", "--workspace", str(workspace), "--limit", "1"]) == 0
    out = capsys.readouterr().out
    assert "未知的值 3 个，列出 1 个" in out
    assert "方位角" in out
    assert "小区全覆盖" in out


def test_layers_changed_since_the_run_are_told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_store(workspace) as store:
        frame = store.read("cameras")
        store.write("cameras", frame.assign(azimuth=frame["azimuth"].fillna(45.0)), "upsert", actor="me")
    told = asked(workspace, capsys, "unknowns")
    assert [row["id"] for row in told["unknowns"]] == ["status"]
    assert "analyse again" in told["notes"][0]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_table_is_written(workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"未知量.{suffix}"
    asked(workspace, capsys, "unknowns", "--out", str(path))
    table = pd.read_csv(path) if suffix == "csv" else pd.read_excel(path, engine="openpyxl")
    assert table["编号"].tolist() == ["large", "small", "status"]
    assert table["待核实"].tolist() == ["方位角", "方位角", "状态"]
    assert table["可使成立的声明"].iloc[0] == "小区全覆盖"


def form(workspace: Path, capsys: pytest.CaptureFixture[str], path: Path, *more: str) -> dict[str, Any]:
    return asked(workspace, capsys, "unknowns", "--form", str(path), *more)["files"]["form"]


def filled(path: Path, cells: dict[str, dict[str, Any]], **more: Any) -> Path:
    """Write cells into the form, by id and heading, as a spreadsheet program does."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    head = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for heading, value in cells.get(str(row[head.index("编号")].value), {}).items():
            row[head.index(heading)].value = value
    for name, value in more.items():
        sheet[name].value = value
    out = path.with_name(f"填好{path.name}")
    book.save(out)
    return out


def stored(workspace: Path) -> gpd.GeoDataFrame:
    with open_store(workspace) as store:
        return store.read("cameras").set_index("id")


def test_a_filled_form_changes_the_filled_cells_alone(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = form(workspace, capsys, tmp_path / "f.xlsx")
    assert (told["sites"], told["rows"]) == (2, 3)
    before = stored(workspace)
    path = filled(tmp_path / "f.xlsx", {"large": {"方位角（度）": "东北"}, "status": {"状态": "离线"}})
    # Meanwhile somebody else has measured the small one: its empty cell must not take that back.
    with open_store(workspace) as store:
        frame = store.read("cameras")
        frame.loc[frame["id"] == "small", "azimuth"] = 30.0
        store.write("cameras", frame, "upsert", actor="other")
    done = asked(workspace, capsys, "import", str(path), "--layer", "cameras")
    assert (done["read"], done["updated"], done["rejected"], done["unused_columns"]) == (3, 3, 0, [])
    after = stored(workspace)
    assert after["azimuth"].to_dict() == {"known": 0.0, "large": 45.0, "small": 30.0, "status": 225.0}
    assert after["status"].to_dict() == {"known": "online", "large": "online", "small": "online", "status": "offline"}
    same = [name for name in before.columns if name not in ("azimuth", "status", "valid_from", "geometry")]
    pd.testing.assert_frame_equal(pd.DataFrame(after[same]), pd.DataFrame(before[same]))
    assert (after.geometry == before.geometry).all()


def test_an_empty_form_changes_nothing(workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    form(workspace, capsys, tmp_path / "f.xlsx")
    with open_store(workspace) as store:
        state = store.state("cameras")
    done = asked(workspace, capsys, "import", str(tmp_path / "f.xlsx"), "--layer", "cameras")
    assert (done["updated"], done["findings"]) == (3, [])
    with open_store(workspace) as store:
        assert store.state("cameras") == state


def test_several_directions_are_several_rows_of_the_same_camera(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    form(workspace, capsys, tmp_path / "f.xlsx")
    path = filled(tmp_path / "f.xlsx", {"large": {"方位角（度）": "东,西"}})
    asked(workspace, capsys, "import", str(path), "--layer", "cameras")
    after = stored(workspace)
    assert after.loc[["large#1", "large#2"], ["azimuth", "owner", "site"]].values.tolist() == [
        [90.0, "甲局", "p1"], [270.0, "甲局", "p1"],
    ]  # fmt: skip
    assert "large" not in after.index


def test_a_form_moves_nothing_and_adds_nothing(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    form(workspace, capsys, tmp_path / "f.xlsx")
    path = filled(tmp_path / "f.xlsx", {"large": {"经度（度）": 103.2}, "small": {"编号": "nobody"}})
    before = stored(workspace)
    assert main(["import", str(path), "--layer", "cameras", "--workspace", str(workspace), "--json"]) == 1
    done = json.loads(capsys.readouterr().out)
    assert done["rejected"] == 1
    assert [one["field"] for one in done["findings"]] == ["geometry"]
    after = stored(workspace)
    assert after.geometry.equals(before.geometry)
    assert sorted(after.index) == sorted(before.index)


@pytest.mark.parametrize("mode", ["replace", "append"])
def test_a_form_never_replaces_a_layer(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, mode: str
) -> None:
    form(workspace, capsys, tmp_path / "f.xlsx")
    words = ["import", str(tmp_path / "f.xlsx"), "--layer", "cameras", "--mode", mode]
    assert main([*words, "--workspace", str(workspace)]) == 2
    assert "upsert" in capsys.readouterr().err
    assert len(stored(workspace)) == 4


def test_the_form_says_what_to_measure_with_words_to_choose(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    form(workspace, capsys, tmp_path / "f.xlsx", "--limit", "1")
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    row = dict(zip(rows[0], rows[1], strict=True))
    assert len(rows) == 2
    assert (row["编号"], row["点位"], row["所在"], row["核实表：只读填写的格"]) == ("large", "p1", "g1", "方位角")
    assert row["方位角（度）"] is None
    column = openpyxl.utils.get_column_letter(rows[0].index("状态") + 1)
    choices = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    assert "离线" in choices[f"{column}2"]
    assert len(book.worksheets) == 2


def test_heights_of_buildings_have_a_form_too(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    wall = shapely.box(*at(395, 5), *at(405, 6))
    with open_store(workspace) as store:
        frame = store.read("cameras")
        store.write(
            "cameras", frame.assign(height=frame["height"].where(frame["id"] != "known", 6.0)), "upsert", actor="me"
        )
        write(
            store,
            "obstacles",
            {"id": ["w1", "w2"], "height": [None, 9.0]},
            [wall, shapely.box(*at(60, 60), *at(61, 61))],
        )
        write(store, "grids", {"code": ["g4"], "level": [1]}, [shapely.box(*at(399, 10), *at(401, 30))])
        analyze(store, AnalyzeOptions(domain="all"))
    told = form(workspace, capsys, tmp_path / "b.xlsx", "--layer", "obstacles")
    assert told["rows"] == 1
    path = filled(tmp_path / "b.xlsx", {"w1": {"高度（米）": 7.5}})
    asked(workspace, capsys, "import", str(path), "--layer", "obstacles")
    with open_store(workspace) as store:
        after = store.read("obstacles").set_index("id")
    assert after["height"].to_dict() == {"w1": 7.5, "w2": 9.0}
    assert after.geometry["w1"].equals(wall)


def test_paper_has_a_block_for_each_site_with_room_to_write(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = form(workspace, capsys, tmp_path / "f.pdf")
    assert (told["sites"], told["rows"], told["pages"]) == (2, 3, 1)
    first = (tmp_path / "f.pdf").read_bytes()
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(first)).pages)
    for wanted in ("现场核实表", "large", "small", "方位角（度）", "状态", "1:2000", "小区全覆盖", "核实单位"):
        assert wanted in text
    form(workspace, capsys, tmp_path / "f.pdf")
    assert (tmp_path / "f.pdf").read_bytes() == first


def test_a_form_of_another_suffix_is_refused(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["unknowns", "--form", str(tmp_path / "f.docx"), "--workspace", str(workspace)]) == 2
    assert ".xlsx" in capsys.readouterr().err


def test_the_notes_of_a_form_are_about_its_own_cells(
    workspace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    form(workspace, capsys, tmp_path / "c.xlsx")
    notes = [str(row[0].value) for row in openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[1].iter_rows()]
    assert any("空着的格导入时什么也不改" in line for line in notes)
    assert not any("留空" in line for line in notes), "an empty cell means no value of its own"
    assert any(line.startswith("状态（") for line in notes)


def test_no_form_sends_anybody_to_a_hair_of_ground(workspace: Path) -> None:
    from geo.studies.run_unknowns import unknowns
    from geo.studies.survey_rows import survey_rows

    with open_store(workspace) as store:
        wall = shapely.box(*at(395, 5), *at(405, 6))
        write(store, "obstacles", {"id": ["w1"], "height": [None]}, [wall])
        analyze(store, AnalyzeOptions(domain="all"))
        found = unknowns(store)
        row = found.rows.iloc[[0]].assign(layer="obstacles", id="w1", field="height")
        for weight, sites in ((1.7e-6, 0), (0.5, 1)):
            told = replace(found, rows=row.assign(weight=weight))
            assert len(survey_rows(store, told, "obstacles")) == sites
