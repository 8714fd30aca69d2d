"""The report of a run: each number on its pages is that of its workbook, and those are the answers of the commands."""

from __future__ import annotations

import io
import json
import re
import zipfile
from itertools import combinations
from pathlib import Path

import geopandas as gpd
import openpyxl
import pypdfium2
import pytest
import shapely

from geo.figure_text import percent_text, plain_figure
from geo.storage.geopackage.store import open_store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from tests.api.conftest import CRS, G1, V2

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def county(workspace: Path) -> Path:
    """Analyse the county again with a gate of a claim, a facility in the south, and a camera of unknown azimuth."""
    with open_store(workspace) as store:
        gate = {"code": ["g1"], "name": ["北门"], "kind": ["gate"], "claim": ["校门全覆盖"]}
        facility = {"code": ["f1"], "name": ["南村综治中心"], "kind": ["governance_centre"], "level": ["village"]}
        for layer, rows, at in (("places", gate, 37.0031), ("facilities", facility, 37.0013)):
            point = [shapely.Point(102.003, at)]
            store.write(layer, gpd.GeoDataFrame(rows, geometry=point, crs=CRS), "upsert", actor="test")
        analyze(store, AnalyzeOptions())
    return workspace


def pages_of(data: bytes) -> str:
    return "".join(re.sub(r"\s", "", page.get_textpage().get_text_range()) for page in pypdfium2.PdfDocument(data))


def as_printed(cell: openpyxl.cell.Cell) -> str:
    """Return the text that a cell of the workbook should have on paper."""
    if isinstance(cell.value, str):
        return cell.value
    if cell.number_format == "0.0%":
        return percent_text(cell.value)
    return plain_figure(cell.value, 0 if isinstance(cell.value, int) or cell.value < 1 else 2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_on_paper_is_that_of_the_workbook(run, county: Path, tmp_path: Path, lang: str) -> None:
    out = tmp_path / "report"
    told = json.loads(run("report", "--workspace", county, "--out", out, "--lang", lang, "--json")[0])
    assert told["cut"] == told["missing"] == []
    text = pages_of((out / "report.pdf").read_bytes())
    book = openpyxl.load_workbook(out / "report.xlsx")
    titles = ["全县比率", "各乡镇比率及名次", "覆盖声明", "没有确定覆盖的部位", "盲区清单", "没有设施的单元"]
    if lang == "zh":
        assert book.sheetnames[:6] == titles
    assert list(told["tables"].values()) == [sheet.max_row - 1 for sheet in book]
    rows = [row for sheet in book for row in sheet.iter_rows(min_row=2)]
    assert len(rows) > 60
    for row in rows:
        known = [one for one in row if one.value is not None]
        cells = [re.sub(r"\s", "", as_printed(one)) for one in known]
        # A text that is the same as the one above it, as a rate or a village, may stand there alone.
        words = [k for k, one in enumerate(known) if isinstance(one.value, str)]
        left_out = [(), *combinations(words, 1), *combinations(words, 2)]
        lines = ("".join(one for k, one in enumerate(cells) if k not in some) for some in left_out)
        assert any(line in text for line in lines), cells
        assert all(one in text for one in cells)


def test_its_figures_are_those_that_the_commands_tell(run, county: Path, tmp_path: Path) -> None:
    run("report", "--workspace", county, "--out", tmp_path / "r", "--lang", "zh")
    book = openpyxl.load_workbook(tmp_path / "r" / "report.xlsx")

    def table(title: str) -> list[dict]:
        head, *rows = book[title].iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in rows]

    gaps = json.loads(run("gaps", "--workspace", county, "--json")[0])["gaps"]
    assert [row["序号"] for row in table("盲区清单")] == [gap["rank"] for gap in gaps]
    assert [row["网格"] for row in table("盲区清单")] == [gap["grid"] for gap in gaps]
    assert all("东街" in row["位置描述"] for row in table("盲区清单") if row["网格"].startswith(G1))
    rates = json.loads(run("rates", "--workspace", county, "--json")[0])["rates"]
    whole = [one for one in rates if one["scope"] == "county"]
    assert [row["分子"] for row in table("全县比率")][:2] == [0, 0]
    assert len(table("全县比率")) == sum(one["key"] != "东街" for one in whole)
    assert [(row["声明"], row["结论"], row["有点位"]) for row in table("覆盖声明")] == [("校门全覆盖", "不成立", 0)]
    missed = [(row["名称"], row["结论"], row["有点位"], row["确定覆盖率"]) for row in table("没有确定覆盖的部位")]
    assert missed == [("北门", "未覆盖", "否", 0)]
    assert [(row["单元"], row["代码"]) for row in table("没有设施的单元")] == [
        ("镇街", "990101101"), ("镇街", "990101102"), ("村社区", V2),
    ]  # fmt: skip
    assert [(row["名称"], row["镇街"]) for row in table("设施清单")] == [("南村综治中心", "南镇")]
    directory = table("网格编码目录")
    assert len(directory) == 6
    # 0.002 degrees of latitude and longitude at 37 degrees north: 221.98 m by 178.0 m
    assert directory[-1]["面积（m²）"] == pytest.approx(221.95 * 178.05, rel=2e-3)
    assert all(re.fullmatch("[A-H][1-8]", row["方格"]) for row in directory)
    changes = table("变化的盲区与摄像机")
    assert [row["数量"] for row in changes] == [0, 0, 0, 0, 0], "the two runs have the same cameras"


def test_the_same_run_gives_the_same_bytes_and_a_settings_file_its_titles(run, county: Path, tmp_path: Path) -> None:
    settings = tmp_path / "s.toml"
    settings.write_text('title = "十一月报告"\nunit = "试验县综治中心"\nclassification = "秘密"\n', encoding="utf-8")
    packs = []
    for name in ("a.zip", "b.ZIP"):
        run("report", "--workspace", county, "--out", tmp_path / name, "--settings", settings, "--lang", "zh")
        packs.append((tmp_path / name).read_bytes())
    assert packs[0] == packs[1]
    with zipfile.ZipFile(io.BytesIO(packs[0])) as file:
        assert file.namelist() == ["report.pdf", "report.xlsx"]
        text = pages_of(file.read("report.pdf"))
    for said in ("十一月报告", "填报单位：试验县综治中心", "秘密"):
        assert said in text


def test_what_cannot_be_made_leaves_no_file(run, county: Path, tmp_path: Path) -> None:
    settings = tmp_path / "s.toml"
    settings.write_text(f'title = "{"题" * 300}"', encoding="utf-8")
    for words, said in (
        (("--settings", settings), "300"),
        (("--settings", tmp_path / "none.toml"), "none.toml"),
        (("--run", "nothing"), "nothing"),
        (("--since", "latest"), "itself"),
        (("--limit", "0"), "limit"),
    ):
        _, err = run("report", "--workspace", county, "--out", tmp_path / "r.zip", *words, code=2)
        assert said in err
        assert not (tmp_path / "r.zip").exists()
    run("report", "--workspace", county, "--out", county, code=2)


def test_a_run_without_places_facilities_and_another_run_says_so(run, workspace: Path, tmp_path: Path) -> None:
    run("report", "--workspace", workspace, "--out", tmp_path / "r", "--lang", "zh", "--limit", "2")
    text = pages_of((tmp_path / "r" / "report.pdf").read_bytes())
    for said in ("此批次没有评价重点部位。", "库里没有设施。", "没有更早的批次可比较。", "列出前2行"):
        assert said in text


@pytest.mark.parametrize("name", ["report.pdf", "报告.XLSX"])
def test_a_report_is_no_single_file(run, workspace: Path, tmp_path: Path, name: str) -> None:
    _, said = run("report", "--workspace", workspace, "--out", tmp_path / "o" / name, code=2)
    assert ".zip" in said
    assert not (tmp_path / "o").exists()
