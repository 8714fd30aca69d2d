"""Run every command: exit codes, one JSON object, one sentence for an error, and what is not there yet."""

from __future__ import annotations

import csv
import json
import re
import socket
import time
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from pypdf import PdfReader

from api.cli import COMMANDS, gridsight
from api.commands import demo, import_layer
from api.commands.console import Console, program
from geo.catalog.editions import DOMAINS, EDITIONS
from geo.catalog.layers import LAYERS
from geo.catalog.papers import PAPERS
from geo.catalog.results import ZONE_LAYERS
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import G1, G2, G3, G4, M1, SUMMARY_KEYS, T1, V1, V2, frames
from tests.geo.readers.workbook_files import Tab, write_xls, write_xlsx

pytestmark = pytest.mark.usefixtures("quiet")
ABSENT = [
    ["plan", "--budget", "3"],
    ["exposure"],
    ["analyze", "--terrain", "dem.tif"],
]


@pytest.fixture
def answer(run: object, workspace: Path) -> object:
    def call(*words: object, code: int = 0) -> dict:
        out, _ = run(*words, "--json", "--workspace", workspace, code=code)
        assert out.count("\n") == 1, "one object, nothing else"
        return json.loads(out)

    return call


def test_help_lists_the_commands_there_are_and_no_other(run: object) -> None:
    out, _ = run("--help")
    for name in COMMANDS:
        assert f"  {name} " in out
    for words in ABSENT:
        assert f"  {words[0]} " not in out or words[0] in COMMANDS


def _words() -> list[tuple[str, ...]]:
    """Return every command, those of a group one by one."""
    words: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = gridsight.get_command(None, name)
        inner = getattr(command, "commands", None)
        words += [(name, one) for one in inner] if inner else [(name,)]
    return words


@pytest.mark.parametrize("words", _words(), ids=" ".join)
def test_every_command_has_help_with_an_example_and_json(run: object, words: tuple[str, ...]) -> None:
    out, _ = run(*words, "--help")
    assert f"gridsight {' '.join(words)}" in out.split("Options:")[0].split("\n", 1)[1], "an example"
    assert "--json" in out
    assert "--terrain" not in out


@pytest.mark.parametrize("words", ABSENT, ids=" ".join)
def test_what_comes_later_is_absent(run: object, words: list[str]) -> None:
    out, err = run(*words, code=2)
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [[], ["keys"], ["db"]], ids=" ".join)
def test_without_a_command_the_help_is_shown(run: object, words: list[str]) -> None:
    out, err = run(*words, code=2)
    assert out.startswith(" ".join(["Usage: gridsight", *words]))
    assert err == ""


def test_choices_of_options_are_those_of_the_engine(run: object) -> None:
    shown = {name: run(name, "--help")[0] for name in ("analyze", "import", "print")}
    for name in (*EDITIONS, *(level for levels in EDITIONS.values() for level in levels), *DOMAINS, *ZONE_LAYERS):
        assert name in shown["analyze"], name
    for name in LAYERS:
        assert name in shown["import"], name
    for name in PAPERS:
        assert name in shown["print"], name


def test_import_reads_the_sheets_and_the_heading_row_that_are_named(run: object, tmp_path: Path) -> None:
    table = [["旧表"], ["编号", "经度", "纬度"], ["c1", 102.0, 37.0]]
    write_xlsx(tmp_path / "f.xlsx", Tab("甲", table), Tab("乙", [["c0"], ["编号", "E", "N"], ["c2", 102.0, 37.1]]))
    options = ("--layer", "cameras", "--crs", "wgs84", "--json", "--workspace", "w.gpkg")
    report = json.loads(run("import", "f.xlsx", *options, code=1)[0])  # sheet 乙 is a finding
    assert report["sheets"] == [{"name": "甲", "rows": 1, "imported": 1}, {"name": "乙", "rows": 3, "imported": 0}]
    assert report["findings"][0]["value"] == "乙"
    named = ("--sheet", "乙", "--header-row", "2", "--map", "lon=E", "--map", "lat=N")
    assert json.loads(run("import", "f.xlsx", *options, *named)[0])["imported"] == 1
    write_xls(tmp_path / "f.xls", Tab("甲", table), password=True)
    assert "password" in run("import", "f.xls", *options, code=2)[1]


def test_import_reports_counts_and_lists_rejects(run: object, tmp_path: Path) -> None:
    (tmp_path / "cams.csv").write_text(
        "id,lon,lat,hfov,IP\nk1,102.001,37.001,80,10.0.0.1\nk2,102.002,137.001,50,10.0.0.2\nk1,102.003,37.001,80,\n",
        encoding="utf-8",
    )
    out, _ = run(
        "import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--json", "--workspace", "w.gpkg", code=1
    )
    report = json.loads(out)
    assert set(report) == {
        "layer", "source", "store", "read", "imported", "updated", "rejected", "rows_made", "crs", "mapping", "assumed",
        "dropped_columns", "rejects_file", "removed", "seconds", "unused_columns", "sheets", "findings", "unread",
        "findings_file", "unchanged",
    }  # fmt: skip
    assert (report["read"], report["imported"], report["updated"], report["rejected"]) == (3, 1, 0, 2)
    assert report["dropped_columns"] == ["IP"]
    with (tmp_path / report["rejects_file"]).open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == ["2", "3"]
    assert set(rows[0]) == {"source", "row", "field", "reason", "value"}
    out, _ = run(
        "import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--json", "--workspace", "w.gpkg", code=1
    )
    again = json.loads(out)
    assert (again["imported"], again["updated"], again["rejected"]) == (0, 1, 2)


def test_lists_of_an_earlier_import_do_not_outlive_it(run: object, tmp_path: Path) -> None:
    register, words = (
        tmp_path / "c.csv",
        ["import", "c.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "w.gpkg"],
    )
    register.write_text("编号,经度,纬度,安装高度\nk1,102,37,x\nk2,102,137,5\n", encoding="utf-8")
    listed = [tmp_path / "c.cameras.rejects.csv", tmp_path / "c.cameras.findings.csv"]
    run(*words, code=1)
    assert all(path.is_file() for path in listed)
    register.write_text("编号,经度,纬度,安装高度\nk1,102,37,5\nk2,102,37.1,5\n", encoding="utf-8")
    run(*words, "--dry-run")
    assert all(path.is_file() for path in listed), "a preview changes nothing"
    run(*words)
    assert not any(path.exists() for path in listed)


def test_the_report_of_a_messy_file_is_five_lines(run: object, tmp_path: Path) -> None:
    heading = "序号,编号,监控类别,摄像机类型,安装方位,安装高度(cm),监控距离,设备状态,负责人,IP地址,备注,经度,纬度"
    rows = [
        "1,G1,一类前端视频监控,网络球机,360,450,3-5米,正常（在线）,张三,1.1.1.1,,102.81,37.41",
        "2,G2,二类,红外枪机,西北角,约5米,50,待修,李四,1.1.1.2,x,102.82,37.42",
        "3,G3,四类,奇怪机,东西,三米五,80m,随便,王五,1.1.1.3,,102.83,37.43",
        "4,G4,一类,枪机,60-120,abc,1.5 km,在线,赵六,1.1.1.4,,102.84,37.44",
        "5,G4,一类,枪机,90,450,50,在线,赵六,1.1.1.4,,102.84,37.44",
        "合计,,,,,,,,,,5,,",
    ]
    (tmp_path / "m.csv").write_text("\n".join([heading, *rows]), encoding="utf-8")
    out, _ = run("import", "m.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "w.gpkg", code=1)
    lines = out.splitlines()
    assert len(lines) == 5, lines
    for line, words in zip(lines, ["5", "unused|not used|没有用到", "cm", "四类", "rejects"], strict=True):
        assert re.search(words, line), line


def test_rejects_go_beside_the_workspace(run: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "cams.csv").write_text("id,lon,lat,hfov\nk1,102,37,80\nk2,102,137,50\n", encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    words = ["import", "../in/cams.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "../data/w.gpkg"]
    found = json.loads(run(*words, "--json", code=1)[0])
    assert Path(found["rejects_file"]) == Path("../data/cams.cameras.rejects.csv")
    out, _ = run(*words, code=1)
    assert str(Path("../data/cams.cameras.rejects.csv")) in out
    named = json.loads(run(*words, "--rejects", "mine.csv", "--json", code=1)[0])
    assert named["rejects_file"] == "mine.csv"
    assert sorted(path.name for path in (tmp_path / "here").iterdir()) == ["mine.csv"]
    assert sorted(path.name for path in (tmp_path / "in").iterdir()) == ["cams.csv"]


def test_rejects_of_a_database_go_where_one_works_but_into_no_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(as_json=False, database="postgresql://nobody@127.0.0.1:1/none")
    where = import_layer.listed_beside(console, Path("a/台账.csv"), "cameras", "rejects")
    assert where == Path("台账.cameras.rejects.csv")
    (tmp_path / ".git").mkdir()
    (tmp_path / "samples").mkdir()
    monkeypatch.chdir(tmp_path / "samples")
    assert import_layer.listed_beside(console, Path("a/台账.csv"), "cameras", "rejects") is None


def test_a_camera_of_several_directions_is_one_feature(run: object, tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [102.001, 37.001]}
    tags = {"man_made": "surveillance", "direction": "10;100;200", "@id": "node/1"}
    feature = {"type": "Feature", "id": "node/1", "properties": tags, "geometry": point}
    (tmp_path / "c.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    for imported, updated in ((1, 0), (0, 1)):
        out, _ = run("import", "c.geojson", "--layer", "cameras", "--profile", "osm", "--json", "--workspace", "w.gpkg")
        report = json.loads(out)
        assert (report["read"], report["imported"], report["updated"], report["rows_made"]) == (1, imported, updated, 3)


def test_a_failed_import_leaves_nothing(run: object, tmp_path: Path) -> None:
    (tmp_path / "cams.csv").write_text("id,lon,lat\nk1,1,2\n", encoding="utf-8")
    for words in (
        ["none.csv", "--layer", "cameras"],
        ["cams.csv", "--layer", "cameras"],
        ["cams.csv", "--layer", "moons"],
    ):
        out, err = run("import", *words, "--workspace", "w.gpkg", code=2)
        assert (out, err.count("\n")) == ("", 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cams.csv"]


def test_a_dry_run_writes_nothing_at_all_and_says_what_would_change(
    run: object, workspace: Path, tmp_path: Path
) -> None:
    before = workspace.read_bytes()
    (tmp_path / "cams.csv").write_text("id,lon,lat,phone,note\nc1,102.5,37.5,1390,a\nk9,102,37,,b\n", encoding="utf-8")
    words = ["import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--dry-run", "--workspace"]
    out, _ = run(*words, workspace, "--json")
    report = json.loads(out)
    assert report["dry_run"] is True
    assert (report["imported"], report["updated"], report["rejected"], report["unchanged"]) == (1, 1, 0, 0)
    assert report["changes"]["added"] == {"count": 1, "keys": ["k9"]}
    assert report["changes"]["updated"]["rows"][0]["key"] == "c1"
    assert [one for one in report["columns"] if one["column"] in ("note", "phone")] == [
        {"column": "phone", "fields": [], "dropped": True, "samples": []},
        {"column": "note", "fields": [], "dropped": False, "samples": ["a", "b"]},
    ]
    # Rows that would be rejected are named, and how a file lists them.
    (tmp_path / "bad.csv").write_text("id,lon,lat\nc1,102.5,37.5\nk9,0,0\nk8,0,0\nk7,102,95\n", encoding="utf-8")
    out, _ = run(*[{"cams.csv": "bad.csv"}.get(word, word) for word in words], workspace, code=1)
    assert "0,0 is no place" in out or "坐标是 0,0，不是地点：第 2, 3 行" in out
    assert "--rejects FILE" in out
    assert "source checkout" not in out
    out, _ = run(*[{"cams.csv": "bad.csv"}.get(word, word) for word in words], workspace, "--json", code=1)
    assert [(one["row"], one["value"]) for one in json.loads(out)["rejects"]] == [
        ("2", "0 0"), ("3", "0 0"), ("4", "102 95"),
    ]  # fmt: skip
    (tmp_path / "bad.csv").unlink()
    # Where there is no workspace yet, none is made, nor a file beside it.
    out, _ = run(*words, "none.gpkg", code=0)
    assert "2" in out
    assert "note" in out
    assert "1390" not in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cams.csv", workspace.name]
    assert workspace.read_bytes() == before


def test_a_failed_import_leaves_the_store_as_it_was(run: object, workspace: Path, tmp_path: Path) -> None:
    before = workspace.read_bytes()
    (tmp_path / "cams.csv").write_text("id,lon,lat\nc1,102,37\nk9,102,37\n", encoding="utf-8")
    _, err = run(
        "import",
        "cams.csv",
        "--layer",
        "cameras",
        "--crs",
        "wgs84",
        "--mode",
        "append",
        "--workspace",
        workspace,
        code=2,
    )
    assert "c1" in err
    assert workspace.read_bytes() == before


def test_replace_says_what_it_removes_and_refuses_to_empty_a_layer(
    answer: object, run: object, workspace: Path, tmp_path: Path
) -> None:
    words = ["import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--mode", "replace"]
    (tmp_path / "cams.csv").write_text("id,lon,lat\nc1,37,102\n", encoding="utf-8")
    before = gpd.read_file(workspace, layer="cameras")["id"].tolist()
    _, err = run(*words, "--workspace", workspace, code=2)
    assert "empty the layer cameras" in err
    assert gpd.read_file(workspace, layer="cameras")["id"].tolist() == before
    (tmp_path / "cams.csv").write_text("id,lon,lat\nc1,102,37\n", encoding="utf-8")
    out, _ = run(*words, "--workspace", workspace)
    assert f"{len(before) - 1} rows removed" in out
    assert answer(*words)["removed"] == 0


def test_results_are_not_written_over_their_input(run: object, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,address\n1,x\n", encoding="utf-8")
    _, err = run("locate", "--batch", "rows.csv", "--out", "rows.csv", "--workspace", workspace, code=2)
    assert "written over" in err
    (tmp_path / "rejects.csv").write_text("id,lon,lat\nc1,102,37\n", encoding="utf-8")
    _, err = run("analyze", "--cameras", "rejects.csv", "--crs", "wgs84", "--out", ".", code=2)
    assert "written over" in err
    assert (tmp_path / "rejects.csv").read_text(encoding="utf-8").endswith("c1,102,37\n")


def test_findings_of_one_kind_are_one_line_with_a_count(run: object, tmp_path: Path) -> None:
    rows = [f"c{k},102.00{k},37,{90 + k}" for k in range(1, 9)]
    (tmp_path / "c.csv").write_text("\n".join(["id,lon,lat,height", *rows]) + "\n", encoding="utf-8")
    run("import", "c.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "w.gpkg", code=1)
    out, _ = run("check", "--workspace", "w.gpkg", code=1)
    (line,) = (line for line in out.splitlines() if "camera-optics-odd" in line)
    assert line.split()[4] == "8"
    assert "+5" in line
    found = json.loads(run("check", "--json", "--workspace", "w.gpkg", code=1)[0])["findings"]
    assert sum(one["code"] == "camera-optics-odd" for one in found) == 8


def test_check_is_1_with_findings(answer: object, run: object, workspace: Path) -> None:
    found = answer("check", code=1)
    assert found["errors"] + found["warnings"] == len(found["findings"]) > 0
    assert {"rank", "severity", "code", "layer", "keys", "text", "value", "lon", "lat"} == set(found["findings"][0])
    layer = found["findings"][-1]["layer"]
    mine = answer("check", layer, code=1)["findings"]
    assert {one["layer"] for one in mine} == {layer}
    assert [one["rank"] for one in mine] == list(range(1, len(mine) + 1))
    run("check", "moons", "--workspace", workspace, code=2)
    out, err = run("check", "--workspace", workspace, code=1)
    assert "errors" in out
    assert err == ""


def test_analyze_the_store(answer: object) -> None:
    found = answer(
        "analyze", "--level", "observe", "--zones", "grids,townships", "--domain", "all", "--target-height", "1.5"
    )
    assert (found["level"], found["domain"], found["zones"]) == ("observe", "all", {"grids": 4, "townships": 2})
    assert found["options"]["target_height"] == 1.5
    assert answer("runs")["runs"][0]["id"] == found["id"] == found["run"]


def write_files(folder: Path, crs: str = "EPSG:4543") -> dict[str, Path]:
    """Write the county as files in several formats and CRSs; the cameras in `crs`."""
    layers = frames()
    paths = {
        "cameras": folder / "cameras.gpkg",
        "obstacles": folder / "obstacles.shp",
        "grids": folder / "grids.geojson",
    }
    layers["cameras"].to_crs(crs).to_file(paths["cameras"])
    layers["obstacles"].to_crs("EPSG:32648").to_file(paths["obstacles"])
    layers["grids"].to_file(paths["grids"])
    paths["roads"] = folder / "roads.fgb"
    layers["roads"].to_file(paths["roads"])
    return paths


def test_analyze_files(run: object, tmp_path: Path) -> None:
    paths = write_files(tmp_path)
    words = [word for name, path in paths.items() for word in (f"--{name}", path)]
    out, _ = run("analyze", *words, "--out", "result", "--json")
    found = json.loads(out)
    result = tmp_path / "result"
    assert sorted(path.name for path in result.iterdir()) == ["coverage.gpkg", "map.html", "sheet.pdf", "summary.json"]
    summary = json.loads((result / "summary.json").read_text(encoding="utf-8"))
    assert set(summary) >= SUMMARY_KEYS
    assert (summary["crs"], summary["rejected"], summary["domain"]) == ("EPSG:4543", 0, "streets")
    assert summary["inputs"] == {"cameras": 4, "obstacles": 2, "grids": 6, "roads": 2}
    assert found["totals"] == summary["totals"]
    layers = dict(gpd.list_layers(result / "coverage.gpkg").to_numpy())
    assert set(layers) == {"views", "possible", "coverage", "grids", "microgrids", "all", "gaps"}
    for name in layers:
        assert gpd.read_file(result / "coverage.gpkg", layer=name).crs.to_epsg() == 4543
    views = gpd.read_file(result / "coverage.gpkg", layer="views")
    assert set(views.columns) == {"id", "site", "status", "area_m2", "range_m", "assumed", "geometry"}
    assert views["area_m2"].to_numpy() == pytest.approx(shapely.area(views.geometry.to_numpy()), rel=1e-3)
    grids = gpd.read_file(result / "coverage.gpkg", layer="grids")
    assert {"code", "households", "domain_m2", "sure_m2", "k3_share", "c3_share", "gap_m2", "seeing"} <= set(
        grids.columns
    )
    assert grids["sure_m2"].sum() == pytest.approx(summary["totals"]["sure_m2"], rel=1e-6)


def test_files_and_store_agree(run: object, answer: object, tmp_path: Path) -> None:
    """The county as files in WGS-84 and as a store: the same figures."""
    paths = write_files(tmp_path, "EPSG:4326")
    words = [word for name, path in paths.items() for word in (f"--{name}", path)]
    run("analyze", *words, "--out", "result")
    stored = answer("runs")["runs"][0]["totals"]
    summary = json.loads((tmp_path / "result" / "summary.json").read_text(encoding="utf-8"))
    for name in ("domain_m2", "sure_m2", "possible_m2", "gap_m2"):
        assert summary["totals"][name] == pytest.approx(stored[name], rel=1e-4)


def test_rejected_rows_of_files_are_listed_and_exit_1(run: object, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("id,lon,lat,hfov\nk1,102.001,37.001,80\nk2,102.001,137.001,80\n", encoding="utf-8")
    out, _ = run("analyze", "--cameras", "c.csv", "--crs", "wgs84", "--out", "r", "--json", code=1)
    assert json.loads(out)["rejected"] == 1
    assert "c.csv,2,geometry" in (tmp_path / "r" / "rejects.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "d.csv").write_text("id,lon,lat,azimuth\nk1,102.001,37.001,up\n", encoding="utf-8")
    out, _ = run("analyze", "--cameras", "d.csv", "--crs", "wgs84", "--out", "r3", "--json", code=1)
    (finding,) = json.loads(out)["findings"]
    assert (finding["layer"], finding["field"], finding["value"], finding["rows"]) == (
        "cameras",
        "azimuth",
        "up",
        ["1"],
    )
    _, err = run("analyze", "--cameras", "c.csv", "--out", "r2", code=2)
    assert "CRS" in err
    assert not (tmp_path / "r2").exists()


def test_cameras_of_unknown_status_are_said_and_are_possible_only(run: object, tmp_path: Path) -> None:
    """U1: a word that is not understood, the word for unknown, and none at all, which is online."""
    rows = [("k1", "甲乙丙"), ("k2", "未知"), ("k3", ""), ("k4", "在线")]
    lines = [f"{name},102.0{at},37.001,全景,20,{status}" for at, (name, status) in enumerate(rows, 1)]
    text = "\n".join(["编号,经度,纬度,摄像机类型,最大距离,状态", *lines]) + "\n"
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    words = ("analyze", "--cameras", "c.csv", "--crs", "wgs84", "--out", "r")
    out, _ = run(*words, "--json", code=1)
    summary = json.loads((tmp_path / "r" / "summary.json").read_text(encoding="utf-8"))
    assert summary["cameras"] == {"online": 2, "offline": 0, "planned": 0, "unknown": 2}
    assert [(one["value"], one["rows"]) for one in json.loads(out)["findings"]] == [("甲乙丙", ["1"])]
    views = gpd.read_file(tmp_path / "r" / "coverage.gpkg", layer="views").set_index("id")
    assert views["status"].to_dict() == {"k1": "unknown", "k2": "unknown", "k3": "online", "k4": "online"}
    assert views["area_m2"].min() > 1000
    assert summary["totals"]["cameras"] == 2
    out, _ = run(*words, code=1)
    assert "2 online, 0 offline, 2 of unknown status (possible only)" in out
    assert "状态未知" in (tmp_path / "r" / "map.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ["--cameras", "none.gpkg", "--out", "r"],
        ["--grids", "g.gpkg", "--out", "r"],
        ["--cameras", "c.gpkg"],
        ["--level", "none"],
        ["--edition", "none"],
        ["--zones", "parishes"],
        ["--domain", "moon"],
        ["--at", "soon"],
        ["--target-height", "-1"],
        ["--target-height", "nan"],
        ["--crs", "wgs84"],
    ],
    ids=" ".join,
)
def test_analyze_refuses_and_leaves_the_store(run: object, workspace: Path, words: list[str]) -> None:
    before = workspace.read_bytes()
    out, err = run("analyze", *words, "--workspace", workspace, code=2)
    assert (out, err.count("\n")) == ("", 1)
    assert workspace.read_bytes() == before
    assert not Path("r").exists()


def test_gaps_outage_and_compare(answer: object) -> None:
    gaps = answer("gaps")
    assert gaps["count"] == len(gaps["gaps"]) > 0
    assert {gap["grid"] for gap in answer("gaps", "--zone", G4)["gaps"]} == {G4}
    assert len(answer("gaps", gaps["run"], "--limit", "1")["gaps"]) == 1
    for zone in (T1, f"{T1}000", "南镇", f"townships:{T1}", "南村"):
        own = answer("gaps", "--zone", zone)
        assert {gap["grid"] for gap in own["gaps"]} <= {G1, G2}, zone
        plain = [{name: value for name, value in gap.items() if name != "zone_rank"} for gap in own["gaps"]]
        assert plain == [gap for gap in gaps["gaps"] if gap["grid"] in (G1, G2)] != [], zone
    for zone in ("西镇", "", "99010110"):
        assert answer("gaps", "--zone", zone, code=2)["error"]["code"] == "not-found", zone
    lost = answer("outage", "p1", "p2", "--layer", "townships")
    assert (lost["sites"], lost["totals"]["sure_m2"]) == (["p1", "p2"], 0)
    other = answer("analyze", "--domain", "all")["id"]
    assert (lost["lost"]["zones"], lost["lost"]["blind"]) == (1, 1), "the other township saw nothing before"
    assert lost["text"].count(" / ") == 1
    assert {cause for gap in gaps["gaps"] for cause in gap["causes"]} <= {
        "offline", "unknown", "level", "aim", "tilt", "blocked", "range"
    }  # fmt: skip
    assert all(sum(gap["causes"].values()) == pytest.approx(1) for gap in gaps["gaps"])
    assert all(0 <= gap["possible_share"] <= 1 for gap in gaps["gaps"])
    found = answer("compare", gaps["run"], other)
    assert (found["a"], found["b"]) == (gaps["run"], other)
    assert {row["code"] for row in found["zones"]["grids"]} == {G1, G2, G3, G4}
    assert answer("compare", "latest", "latest")["gaps_only_a"] == []


def test_tables_for_people(run: object, workspace: Path) -> None:
    for words in (["runs"], ["gaps"], ["outage", "p1"], ["compare", "latest", "latest"], ["locate", "老粮站"]):
        out, err = run(*words, "--workspace", workspace)
        assert out
        assert err == "", "no progress where stderr is no terminal"


def test_locate(answer: object, run: object, workspace: Path) -> None:
    found = answer("locate", "南镇南村东街1号")
    assert (found["status"], found["candidates"][0]["grid"]["code"]) == ("matched", M1)
    found = answer(
        "locate", "--lon", "102.003", "--lat", "37.0019", "--crs", "wgs84", "--accuracy", "30", "--at", "2026-01-01"
    )
    assert (found["candidates"][0]["neighbours"], found["at"]) == ([G4], "2026-01-01")
    assert answer("locate", "nowhere")["status"] == "not_found"
    for words in (
        ["--lon", "1", "--lat", "2"],
        ["--lon", "1", "--crs", "wgs84"],
        ["x", "--lon", "1", "--lat", "2", "--crs", "wgs84"],
        ["--lon", "nan", "--lat", "2", "--crs", "wgs84"],
        [],
        ["x", "--out", "o.csv"],
        ["x", "--at", "1"],
    ):
        run("locate", *words, "--workspace", workspace, code=2)


def test_locate_a_batch(answer: object, run: object, workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(
        "\ufeffid,address,lon,lat,crs\n1,老粮站,,,\n2,,102.003,37.001,wgs84\n3,,1,2,\n", encoding="utf-8"
    )
    found = answer("locate", "--batch", "in.csv", code=1)
    assert [one["status"] for one in found["answers"]] == ["matched", "matched", "error"]
    found = answer("locate", "--batch", "in.csv", "--out", "out.csv", code=1)
    assert found["counts"] == {"matched": 2, "error": 1}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["grid"] for row in rows] == [M1, G2, ""]
    (tmp_path / "in.json").write_text(json.dumps([{"id": 1, "address": "老粮站"}]), encoding="utf-8")
    out, _ = run("locate", "--batch", "in.json", "--workspace", workspace)
    assert out.startswith("id,status,grid")
    run("locate", "--batch", "in.json", "--out", "out.json", "--workspace", workspace)
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))[0]["grid"] == M1
    for text in ("{}", "[", ""):
        (tmp_path / "bad.json").write_text(text, encoding="utf-8")
        run("locate", "--batch", "bad.json", "--workspace", workspace, code=2)
    run("locate", "--batch", "none.csv", "--workspace", workspace, code=2)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("gb18030", "id,address\n1,老粮站\n"), ("utf-8", "编号,地址\n1,老粮站\n"), ("utf-8", "id;address\n1;老粮站\n")],
)
def test_locate_lists_as_planners_keep_them(answer: object, tmp_path: Path, encoding: str, text: str) -> None:
    (tmp_path / "list.csv").write_text(text, encoding=encoding)
    found = answer("locate", "--batch", "list.csv")
    assert [(one["id"], one["status"], one["grid"]) for one in found["answers"]] == [("1", "matched", M1)]


def test_locate_a_workbook(answer: object, run: object, workspace: Path, tmp_path: Path) -> None:
    rows = [
        ["来电"],
        ["编号", "地址", "经度", "纬度", "电话"],
        [1, "老粮站", None, None, "139"],
        [2, None, 102.003, 37.001],
    ]
    write_xlsx(tmp_path / "list.xlsx", Tab("甲", rows), Tab("乙", [["编号", "地址"], [3, "老粮站"]]))
    found = answer("locate", "--batch", "list.xlsx", "--sheet", "甲", "--crs", "wgs84")
    assert [one["grid"] for one in found["answers"]] == [M1, G2]
    assert found["dropped_columns"] == ["电话"]
    assert answer("locate", "--batch", "list.xlsx", "--sheet", "甲", "--header-row", "2", code=1)["counts"] == {
        "matched": 1, "error": 1
    }  # fmt: skip
    other = Tab("丙", [["k", "门牌地址"], ["9", "老粮站"]])
    write_xlsx(tmp_path / "two.xlsx", Tab("甲", [["编号", "地址"], ["1", "老粮站"]]), other)
    found = answer("locate", "--batch", "two.xlsx", code=1)
    assert ([one["value"] for one in found["findings"]], found["counts"]) == (["丙"], {"matched": 1})
    for words in (["--batch", "list.xlsx", "--sheet", "丙"], ["x", "--sheet", "甲"], ["x", "--header-row", "2"]):
        run("locate", *words, "--workspace", workspace, code=2)


def test_map_and_print(answer: object, run: object, workspace: Path, tmp_path: Path) -> None:
    found = answer("map", "--out", "map.html")
    assert found["bytes"] == (tmp_path / "map.html").stat().st_size > 10_000
    sheet = answer("print", "--paper", "A4", "--out", "s.pdf", "--zone", G2)
    assert sheet["paper"].startswith("A4")
    assert (tmp_path / "s.pdf").read_bytes().startswith(b"%PDF")
    for words in (
        ["map", "--out", "no/such/dir/m.html"],
        ["print", "--paper", "B5", "--out", "b.pdf"],
        ["print", "--zone", "x", "--out", "b.pdf"],
    ):
        run(*words, "--workspace", workspace, code=2)
    assert not (tmp_path / "b.pdf").exists()


def test_a_name_of_two_zones_lists_both_in_every_command(answer: object, workspace: Path) -> None:
    villages = frames()["villages"].assign(name="同名村")
    store = open_store(workspace)
    import_frames(store, {"villages": villages}, actor="test")
    store.close()
    answer("analyze")
    for words in (("gaps",), ("print", "--out", "s.pdf")):
        error = answer(*words, "--zone", "同名村", code=2)["error"]
        assert error["code"] == "ambiguous-name"
        assert [row["row"] for row in error["errors"]] == [V1, V2]
    assert {gap["grid"] for gap in answer("gaps", "--zone", V2)["gaps"]} <= {G3, G4}


@pytest.mark.parametrize(
    "words",
    [
        ["print", "--zone", G1, "--zone", G2, "--out", "s.pdf"], ["gaps", "--zone", G1, "--zone", G1],
        ["analyze", "--level", "detect", "--level", "identify"], ["outage", "p1", "--run", "latest", "--run", "latest"],
        ["keys", "create", "--role", "viewer", "--role", "admin"], ["gaps", "--workspace", "w.gpkg"],
        ["gaps", "--limit=1", "--limit", "2"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_an_option_given_twice_is_refused_not_overruled(
    run: object, workspace: Path, words: list[str], tmp_path: Path
) -> None:
    before = workspace.read_bytes()
    out, err = run(*words, "--workspace", workspace, code=2)
    assert out == ""
    assert err.count("\n") == 1
    assert "twice" in err
    assert workspace.read_bytes() == before
    assert not (tmp_path / "s.pdf").exists()


def test_an_option_for_several_values_may_be_repeated(run: object, tmp_path: Path) -> None:
    (tmp_path / "cams.csv").write_text("a,b,lon,lat\nk1,80,102.001,37.001\n", encoding="utf-8")
    out, _ = run("import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--map", "id=a", "--map", "hfov=b",
                 "--json", "--workspace", "w.gpkg")  # fmt: skip
    assert json.loads(out)["imported"] == 1


def test_a_field_that_is_given_two_columns_is_refused(run: object, tmp_path: Path) -> None:
    (tmp_path / "cams.csv").write_text("a,b,lon,lat\nk1,80,102.001,37.001\n", encoding="utf-8")
    words = ("import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "w.gpkg", "--map", "id=a")
    _, err = run(*words, "--map", "id=b", code=2)
    assert (err.count("\n"), "id two columns: a, b" in err) == (1, True)
    run(*words, "--map", "id=a")


def test_which_store_is_used(run: object, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert json.loads(run("runs", "--json")[0])["store"] == "workspace.gpkg", "the one in the working directory"
    monkeypatch.setenv("GRIDSIGHT_WORKSPACE", str(workspace))
    assert json.loads(run("runs", "--json")[0])["store"] == str(workspace)
    nowhere = "postgresql://user:secret@127.0.0.1:1/db"
    monkeypatch.setenv("GRIDSIGHT_DATABASE_URL", nowhere)
    for words in (["runs"], ["runs", "--json"], ["runs", "--database", nowhere], ["db", "upgrade", "--json"]):
        out, err = run(*words, code=2)
        assert "postgresql://user@127.0.0.1:1/db" in err, "the database beats the file"
        assert "secret" not in out + err
    run("runs", "--workspace", workspace, "--database", nowhere, code=2)
    assert json.loads(run("runs", "--json", "--workspace", workspace)[0])["store"] == str(workspace)


def test_a_setting_that_cannot_be_used_is_named(run: object, monkeypatch: pytest.MonkeyPatch, workspace: Path) -> None:
    monkeypatch.setenv("GRIDSIGHT_MAX_BODY_BYTES", "many")
    _, err = run("runs", "--workspace", workspace, code=2)
    assert "GRIDSIGHT_MAX_BODY_BYTES" in err


def test_a_store_that_is_none(run: object, tmp_path: Path) -> None:
    (tmp_path / "x.gpkg").write_bytes(b"not a database" * 100)
    _, err = run("runs", "--workspace", "x.gpkg", code=2)
    assert err.count("\n") == 1
    assert (tmp_path / "x.gpkg").read_bytes() == b"not a database" * 100
    run("runs", "--workspace", "absent.gpkg", code=2)
    assert not (tmp_path / "absent.gpkg").exists()


def test_errors_in_json_are_one_object_too(run: object, workspace: Path) -> None:
    out, err = run("gaps", "none", "--json", "--workspace", workspace, code=2)
    assert json.loads(out)["error"]["code"] == "not-found"
    assert err.startswith("error: ")
    out, _ = run("gaps", "--nonsense", "--json", code=2)
    assert json.loads(out)["error"]["code"] == "usage"


def test_chinese_unless_english_is_asked_for(run: object, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDSIGHT_LANG")
    _, err = run("gaps", "none", "--workspace", workspace, code=2)
    assert err.startswith("错误：")


def test_an_unexpected_error_is_one_sentence(run: object, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr("api.representations.runs.run_description", broken)
    _, err = run("runs", "--workspace", workspace, code=2)
    assert "GRIDSIGHT_DEBUG=1" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.org", "::"])
def test_serve_binds_to_this_machine_only(run: object, workspace: Path, host: str) -> None:
    _, err = run("serve", "--host", host, "--workspace", workspace, code=2)
    assert "127.0.0.1" in err


def test_a_busy_port_is_found_before_the_work(run: object, workspace: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        for words in (["demo", "--size", "small", "--dir", "county"], ["serve", "--workspace", workspace]):
            out, err = run(*words, "--port", port, code=2)
            assert out == ""
            assert err.startswith(f"error: port {port} is in use; choose another with --port, for example --port ")
            assert err.count("\n") == 1
            free = int(err.split()[-1])
            assert free != port
            socket.create_server(("127.0.0.1", free)).close()
    assert not (tmp_path / "county").exists()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process can be set on POSIX only")
def test_times_are_of_the_store_in_texts_and_utc_in_json(
    run: object, answer: object, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = answer("runs")["runs"][0]["created"]
    assert created.endswith("Z")
    for machine, zone, offset in (("CST-8", "America/Bogota", "-05:00"), ("EST5", "Asia/Shanghai", "+08:00")):
        run("time-zone", zone, "--workspace", workspace)
        monkeypatch.setenv("TZ", machine)
        time.tzset()
        try:
            out, _ = run("runs", "--workspace", workspace)
        finally:
            monkeypatch.delenv("TZ")
            time.tzset()
        shown = out.splitlines()[1].split("  ")[1]
        assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {re.escape(offset)}", shown)
        moment = datetime.fromisoformat(shown.replace(" ", "T", 1).replace(" ", ""))
        assert moment == datetime.fromisoformat(created).replace(microsecond=0)


def test_demo_does_everything(run: object, tmp_path: Path) -> None:
    out, _ = run("demo", "--size", "small", "--no-serve", "--dir", "county", "--json")
    found = json.loads(out)
    assert found["counts"]["cameras"] > 0
    for path in found["written"]:
        assert (tmp_path / path).stat().st_size > 0
    assert {Path(path).name for path in found["written"]} >= {
        "workspace.gpkg",
        "map.html",
        "sheet.pdf",
        "grids.csv",
        "gaps.xlsx",
    }
    again = json.loads(run("runs", "--json", "--workspace", "county/workspace.gpkg")[0])
    assert again["runs"][0]["id"] == found["run"]
    verdicts = {one["claim"]: one["verdict"] for one in found["claims"]}
    assert (verdicts["学校全覆盖"], verdicts["重点集镇全覆盖"], verdicts["主要路段全覆盖"]) == (
        "holds",
        "may_hold",
        "fails",
    )
    assert "重点集镇全覆盖" in PdfReader(tmp_path / "county" / "sheet.pdf").pages[0].extract_text()
    assert "verdicts" in (tmp_path / "county" / "map.html").read_text(encoding="utf-8")
    # What a demo wrote may be drawn anew; one row of somebody else, and it may not.
    demo.require_own_folder(Console(as_json=True, workspace=Path("county/workspace.gpkg")), Path("county"))
    (tmp_path / "cams.csv").write_text("id,lon,lat\nmine,102,37\n", encoding="utf-8")
    run("import", "cams.csv", "--layer", "cameras", "--crs", "wgs84", "--workspace", "county/workspace.gpkg")
    before = (tmp_path / "county" / "workspace.gpkg").read_bytes()
    _, err = run("demo", "--size", "small", "--no-serve", "--dir", "county", code=2)
    assert "cameras" in err
    assert (tmp_path / "county" / "workspace.gpkg").read_bytes() == before


def test_demo_overwrites_no_file_of_a_folder_that_is_not_its_own(run: object, tmp_path: Path) -> None:
    (tmp_path / "cameras.csv").write_text("id\n", encoding="utf-8")
    _, err = run("demo", "--size", "small", "--no-serve", "--dir", ".", code=2)
    assert "cameras.csv" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cameras.csv"]


def test_demo_says_how_to_open_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    answer = {
        "counts": {},
        "totals": {},
        "claims": [],
        "written": [],
        "timing": {},
        "seconds": 1.0,
        "store": "my county/w.gpkg",
    }
    demo.print_summary(Console(as_json=False), answer)
    assert (
        capsys.readouterr().out.splitlines()[-1]
        == f'to open it again: {program()} serve --workspace "my county/w.gpkg"'
    )
