"""Reconcile from the command line: propose, confirm in the table, apply; what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_file
from tests.api.conftest import *  # noqa: F403 (run, quiet)

OURS = "id,name,lon,lat\nA1,北街口东南角球机,103.1,37.6\nA2,北街口西北角球机,103.1,37.6\nA3,车站,103.2,37.6\n"
THEIRS = "编号,名称,经度,纬度,电话\n7,北街口 西北角,103.1001,37.6,1\n8,加油站,103.4,37.6,1\n"


@pytest.fixture(autouse=True)
def chinese(quiet: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDSIGHT_LANG")


@pytest.fixture
def county(tmp_path: Path) -> tuple[Path, Path]:
    """Return a workspace with three cameras, and the list of a township."""
    ours, theirs = tmp_path / "ours.csv", tmp_path / "镇.csv"
    ours.write_text(OURS, encoding="utf-8")
    theirs.write_text(THEIRS, encoding="gb18030")
    with open_store(tmp_path / "county.gpkg") as store:
        import_file(store, ours, "cameras", crs="wgs84")
    return tmp_path / "county.gpkg", theirs


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_propose_confirm_and_apply(run: object, county: tuple[Path, Path], tmp_path: Path, suffix: str) -> None:
    workspace, theirs = county
    table = tmp_path / f"配对{suffix}"
    where = ("--workspace", workspace, "--crs", "wgs84")
    said = json.loads(run("reconcile", theirs, "--out", table, "--json", *where)[0])
    counts = ("read", "stored", "pairs", "ambiguous_groups", "only_file", "only_store", "uses_ids")
    assert [said[name] for name in counts] == [2, 3, 1, 0, 1, 2, False]
    assert Path(said["layers"]).is_file()
    if suffix == ".csv":
        assert table.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel reads it as UTF-8"
        frame = pd.read_csv(table, dtype=str, keep_default_na=False)
        frame.loc[0, "确认"] = "是"
        frame.to_csv(table, index=False, encoding="gb18030")  # as a spreadsheet saves it
    else:
        frame = pyogrio.read_dataframe(table, read_geometry=False, HEADERS="FORCE", FIELD_TYPES="STRING")
        frame.loc[0, "确认"] = "是"
        table.unlink()
        pyogrio.write_dataframe(frame, table, driver="XLSX", layer="pairs")
    said = json.loads(run("reconcile", theirs, "--apply", table, "--json", *where)[0])
    assert [said[name] for name in ("merged", "added", "already", "unconfirmed", "refused")] == [1, 0, 0, 3, []]
    with open_store(workspace) as store:
        assert store.get("cameras", "A2")[0]["properties"]["other_ids"] == "7"
    said = json.loads(run("reconcile", theirs, "--apply", table, "--json", *where)[0])
    assert (said["merged"], said["already"]) == (0, 1)


def test_the_table_lies_beside_the_workspace_and_in_the_language_asked_for(
    run: object, county: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, theirs = county
    monkeypatch.setenv("GRIDSIGHT_LANG", "en")
    out, _ = run("reconcile", theirs, "--workspace", workspace, "--crs", "wgs84")
    assert "1 pairs, 0 ambiguous groups, 1 only in the file, 2 only in the store" in out
    table = pd.read_csv(workspace.parent / "镇.cameras.pairs.csv")
    assert list(table.columns[:2]) == ["confirm", "result"]
    assert table.columns[-1] == "state"


def test_a_list_without_a_pair_hints_at_its_coordinate_system(run: object, county: tuple[Path, Path]) -> None:
    workspace, theirs = county
    out, _ = run("reconcile", theirs, "--workspace", workspace, "--crs", "wgs84", "--within", "1")
    assert "一行也没有配上：多半是坐标系不对" in out
    assert "个人或网络信息列不读：电话" in out


def test_a_refused_row_is_named_and_exit_1(run: object, county: tuple[Path, Path], tmp_path: Path) -> None:
    workspace, theirs = county
    table = tmp_path / "table.csv"
    where = ("--workspace", workspace, "--crs", "wgs84")
    run("reconcile", theirs, "--out", table, *where)
    frame = pd.read_csv(table, dtype=str, keep_default_na=False).assign(确认="大概")
    frame.to_csv(table, index=False)
    out, _ = run("reconcile", theirs, "--apply", table, *where, code=1)
    assert "拒绝 4" in out
    assert "A2 + 7：确认栏看不懂“大概”" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--out", "t.gpkg"], "--out 应为 .csv 或 .xlsx"),
        (["--out", "t.csv", "--apply", "t.csv"], "不能同时给出"),
        (["--apply", "nowhere.csv"], "找不到文件"),
        (["--out", "t.csv", "--within", "0"], "距离应在"),
        (["--out", "t.csv", "--min-score", "1"], "得分应"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    run: object, county: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    workspace, theirs = county
    monkeypatch.chdir(workspace.parent)
    before = workspace.read_bytes()
    _, error = run("reconcile", theirs, *words, "--workspace", workspace, "--crs", "wgs84", code=2)
    assert said in error
    assert error.count("\n") == 1
    assert workspace.read_bytes() == before
    assert not Path("t.csv").exists()


def test_nothing_is_written_over_the_file_or_the_workspace(run: object, county: tuple[Path, Path]) -> None:
    workspace, theirs = county
    where = ("--workspace", workspace, "--crs", "wgs84")
    _, error = run("reconcile", theirs, "--out", theirs, *where, code=2)
    assert "结果会写到输入文件" in error
    _, error = run("reconcile", theirs, "--out", workspace.with_suffix(".csv"), *where, code=2)
    assert "county.gpkg" in error


@pytest.mark.parametrize("name", ["p.csv", "p.gpkg"])
def test_a_table_that_may_be_filled_in_is_never_written_over(
    run: object, county: tuple[Path, Path], tmp_path: Path, name: str
) -> None:
    workspace, theirs = county
    (tmp_path / name).write_text("work of a day")
    where = ("--workspace", workspace, "--crs", "wgs84")
    _, error = run("reconcile", theirs, "--out", tmp_path / "p.csv", *where, code=2)
    assert f"{name} 已经有了" in error
    assert [one.read_text() for one in tmp_path.glob("p.*")] == ["work of a day"]


def test_the_hint_names_the_table_where_it_lies(run: object, county: tuple[Path, Path], tmp_path: Path) -> None:
    workspace, theirs = county
    (tmp_path / "sub").mkdir()
    table = tmp_path / "sub" / "p.csv"
    out, _ = run("reconcile", theirs, "--out", table, "--workspace", workspace, "--crs", "wgs84")
    assert f"--apply {table} " in out
