"""Test what the terminal says of a file that was read: in one language, counted in rows, by the words of planners."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.commands.reading_report import Say, print_assumed, print_columns, print_findings, print_sheets
from geo.readers.source import SourceTable
from geo.sentences import both, in_language, sentence
from geo.types import SheetRows
from tests.api.conftest import *  # noqa: F403 (run, quiet)

ZONE = "CGCS2000 / 3-degree Gauss-Kruger zone 34"
CAMERAS = "编号,经度,纬度,安装高度,安装方位（Azimuth / deg）\nc1,103.1,37.6,3-5米,90\nc2,0,0,4,90\nc3,103.2,37.6,4,90\n"


def lines(lang: str) -> tuple[list[str], Say]:
    said: list[str] = []
    return said, lambda zh, en: said.append(en if lang == "en" else zh)


def test_a_name_that_holds_the_mark_spoils_neither_language() -> None:
    text = sentence(f"横坐标带号认出分带：{ZONE}", f"zone told from the eastings: {ZONE}")
    name = "CGCS2000/3-degree Gauss-Kruger zone 34"
    assert both(text) == (f"横坐标带号认出分带：{name}", f"zone told from the eastings: {name}")
    assert in_language(sentence("甲  /  乙 /", "/ a"), "en") == "/a"
    assert in_language(sentence("甲  /  乙 /", "/ a"), "zh") == "甲/乙/"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_zone_that_was_told_is_one_language_at_the_terminal(
    run: object, quiet: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setenv("GRIDSIGHT_LANG", lang)
    path = tmp_path / "c.csv"
    path.write_text("编号,X,Y\nc1,34508800,4162000\nc2,34508900,4162100\n", encoding="utf-8")
    out, _ = run("import", path, "--layer", "cameras", "--crs", "cgcs2000", "--workspace", tmp_path / "w.gpkg")
    (line,) = [one for one in out.splitlines() if "zone 34" in one]
    assert ("带号" in line, "told from" in line) == (lang == "zh", lang == "en")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("is_dry", [True, False])
def test_rejects_and_findings_in_the_words_of_planners(
    run: object, quiet: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, is_dry: bool
) -> None:
    monkeypatch.setenv("GRIDSIGHT_LANG", lang)
    path = tmp_path / "c.csv"
    path.write_text(CAMERAS, encoding="utf-8")
    words = ("import", path, "--layer", "cameras", "--crs", "wgs84", "--workspace", tmp_path / "w.gpkg")
    out, _ = run(*words, *(["--dry-run"] if is_dry else []), code=1)
    told = out[out.index("c.csv -> cameras") :]
    if lang == "zh":
        assert ("会接收 2，会拒绝 1" if is_dry else "；写入 2 行") in told
        assert ("写入" in told) != is_dry
        assert "安装高度「3-5米」" in told
        assert "坐标是 0,0，不是地点：第 2 行" in told
        assert ("会被拒的行" in told) == is_dry
    else:
        assert ("would keep 2, reject 1" if is_dry else "2 rows written") in told
        assert "Mounting height “3-5米”" in told
        assert "0,0 is no place" in told
        assert ("would be rejected" in told) == is_dry
    assert ("c.cameras.rejects.csv" in told) != is_dry
    assert ("--rejects" in told and "--findings" in told) == is_dry


def test_a_preview_without_a_workspace_names_the_one_that_was_asked_for(
    run: object, quiet: None, tmp_path: Path
) -> None:
    path, asked = tmp_path / "c.csv", tmp_path / "w.gpkg"
    path.write_text("编号,经度,纬度,方位角\nc1,103.1,37.6,东西\n", encoding="utf-8")
    words = ("import", path, "--layer", "cameras", "--crs", "wgs84", "--workspace", asked, "--dry-run")
    out, _ = run(*words, "--json")
    assert json.loads(out)["store"] == str(asked)
    assert not asked.exists()
    out, _ = run(*words)
    assert "2 rows of the store would be added" in out
    assert "would keep 1 (as 2 rows of the store), reject 0" in out
    for told in ("imported 1, updated 0, rejected 0; 2 rows written (", "2 rows written, 2 of them as they were ("):
        assert told in run(*words[:-1])[0]


def test_sheets_are_named_with_their_rows() -> None:
    said, say = lines("zh")
    print_sheets(say, [SheetRows("土门镇", 24, 18)])
    print_sheets(say, [SheetRows("土门镇", 24, 18), SheetRows("说明", 2, 0)])
    assert said == ["  工作表：土门镇 24 行收下 18 行；说明 2 行收下 0 行"]
    said, say = lines("en")
    print_sheets(say, [SheetRows("土门镇", 24, 18), SheetRows("说明", 1, 0)])
    assert said == ["  sheets: 18 of 24 rows of 土门镇 kept; 0 of 1 row of 说明 kept"]


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "  读法：还有没读的：a；换算（2 行）；补（1 行）"),
        ("en", "  read as: not read: a; scaled (2 rows); filled (1 row)"),
    ],
)
def test_what_is_of_the_file_has_no_rows(lang: str, told: str) -> None:
    said, say = lines(lang)
    print_assumed(say, {"换算 / scaled": 2, "补 / filled": 1, "还有没读的：a / not read: a": 0})
    assert said == [told]


def test_a_finding_on_the_file_has_no_field() -> None:
    said, say = lines("en")
    print_findings(
        say, "addresses", [{"field": "", "reason": "没有读 / not read", "value": "表", "count": 1, "rows": []}]
    )
    assert said == ["  to look at: “表”: not read (1 row)"]


def test_a_preview_holds_no_finding_back() -> None:
    found = [{"field": "height", "reason": "作空 / lost", "value": str(n), "count": 1, "rows": []} for n in range(9)]
    said, say = lines("en")
    print_findings(say, "cameras", found, is_dry_run=True)
    print_findings(say, "cameras", found, "f.csv")
    assert said[0].count("lost") == 9
    assert "--findings FILE" in said[0]
    assert said[1].count("lost") == 4
    assert said[1].endswith("5 kinds more (row by row: f.csv)")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_layers_that_were_not_read_are_no_rows(lang: str) -> None:
    source = SourceTable.empty("c.gpkg")
    source.note_others(["other", "a / b"])
    said, say = lines(lang)
    print_assumed(say, source.notes)
    told = {
        "zh": "  读法：还有没读的：other、a/b；用 --source-layer 选",
        "en": "  read as: not read: other, a/b; choose with --source-layer",
    }
    assert said == [told[lang]]


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("zh", "  要看的：编号：空着：第 东片!4, 东片!6, 东片!9 行…（共 12 行）"),
        ("en", "  to look at: Id: none: rows 东片!4, 东片!6, 东片!9, ... (12 rows)"),
    ],
)
def test_a_finding_on_an_empty_cell_names_its_rows(lang: str, told: str) -> None:
    said, say = lines(lang)
    rows = ["东片!4", "东片!6", "东片!9", "东片!11"]
    found = [{"field": "id", "reason": "空着 / none", "value": "", "count": 12, "rows": rows}]
    print_findings(say, "cameras", found)
    assert said == [told]


def test_a_file_of_another_layer_is_said_to_be_one(run: object, quiet: None, tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("甲,经度,纬度\n1,103.1,37.6\n", encoding="utf-8")
    words = ("import", path, "--layer", "roads", "--crs", "wgs84", "--workspace", tmp_path / "w.gpkg")
    out, _ = run(*words, code=1)
    assert "see first whether --layer roads and --crs" in out
    said, say = lines("zh")
    print_columns(say, {}, ["甲"], [])
    assert said == ["  一列也没有读出；没有用到 1 列：甲"]
