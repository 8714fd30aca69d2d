"""Test what a workbook does to a register in silence: dates of codes, hidden rows, errors as text, second headings."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from geo.catalog.examples import EXAMPLE_KEYS
from geo.errors import BadValue, UnknownName, UnreadableFile
from geo.readers.reading import ReadResult, read_layer
from tests.geo.readers.workbook_files import (
    MAIN,
    Error,
    Formula,
    Styled,
    Tab,
    write_html,
    write_ods,
    write_xls,
    write_xlsx,
)

HEADINGS = ["编号", "名称", "经度", "纬度", "安装高度", "立杆编号"]
ROW_1 = ["c1", "东门", 102.91, 37.51, 3.5, "P1"]
ROW_2 = ["c2", "西门", 102.92, 37.52, 4.0, "P2"]

Writer = Callable[[Path, Tab], Path]
every_writer = pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])


def _read(path: Path, layer: str = "cameras", **options: Any) -> ReadResult:
    return read_layer(path, layer, crs="wgs84", **options)


def _ids(result: ReadResult) -> list[str]:
    return result.frame["id"].tolist()


def _path(folder: Path, write: Writer) -> Path:
    return folder / f"f.{write.__name__.removeprefix('write_')}"


def _notes(result: ReadResult) -> dict[str, int]:
    return {sentence.split(" / ")[0]: count for sentence, count in result.assumed.items()}


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_codes_that_a_spreadsheet_made_dates_are_named(tmp_path: Path, write: Writer) -> None:
    # 1-12 typed into a sheet becomes the 12th of January.
    rows = [HEADINGS, [Styled(46034, 1), *ROW_1[1:]], [*ROW_2[:5], Styled(46034, 1)], ["1-40", *ROW_1[1:]]]
    result = _read(write(_path(tmp_path, write), Tab("甲", rows)))
    assert _ids(result) == ["c2", "1-40"]
    assert [(one.row, one.field, one.value) for one in result.rejects] == [("甲!2", "id", "2026-01-12")]
    assert "日期" in result.rejects[0].reason
    assert [(one.field, one.value, one.rows) for one in result.findings] == [("site", "2026-01-12", ("甲!3",))]
    assert result.frame["site"].tolist() == ["c2", "P1"]  # a camera without a site is one of its own


@pytest.mark.parametrize("key", ["1月12日", "12-Jan", "Jan-12"])
def test_keys_that_were_saved_as_days_are_named_in_texts_too(tmp_path: Path, key: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"编号,经度,纬度\n{key},102.9,37.5\n1-40,102.8,37.4\n", encoding="utf-8")
    result = _read(path)
    assert _ids(result) == ["1-40"]
    assert [(one.row, one.value) for one in result.rejects] == [("1", key)]


@every_writer
def test_texts_that_show_an_error_are_lost_cells(tmp_path: Path, write: Writer) -> None:
    rows = [HEADINGS, ["c1", "#REF!", 102.9, 37.5, "#N/A", "#1"], ["c2", "b", "#VALUE!", 37.5, 3, "####"]]
    expected = ([("name", "#REF!"), ("height", "#N/A")], [("lon", "#VALUE!")])
    text = tmp_path / "f.csv"
    text.write_text("\n".join(",".join(map(str, row)) for row in rows), encoding="gb18030")
    for path in (write(_path(tmp_path, write), Tab("甲", rows)), text):
        result = _read(path)
        assert ([(one.field, one.value) for one in result.findings], _faults(result)) == expected
        assert result.frame["site"].tolist() == ["#1"]
        assert result.frame["name"].isna().all()


@every_writer
def test_a_row_of_nothing_but_lost_cells_is_rejected(tmp_path: Path, write: Writer) -> None:
    rows = [HEADINGS, ROW_1, [Error("#N/A")] * 6, ["#REF!", None, "#REF!"]]
    result = _read(write(_path(tmp_path, write), Tab("甲", rows)))
    assert (_ids(result), [one.row for one in result.rejects]) == (["c1"], ["甲!3", "甲!4"])


def _faults(result: ReadResult) -> list[tuple[str, str]]:
    return [(one.field, one.value) for one in result.rejects]


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_codes_keep_the_zeros_that_their_format_shows(tmp_path: Path, write: Writer) -> None:
    rows = [["编号", "经度", "纬度"], [Styled(622, 2), 102.9, 37.5], [622, 102.8, 37.4]]
    assert _ids(_read(write(_path(tmp_path, write), Tab("甲", rows)))) == ["000622", "622"]


def test_line_breaks_that_xml_cannot_hold(tmp_path: Path) -> None:
    rows = [["编号", "名称", "经度_x000D_\n(度)", "纬度_x000D_\n(度)"], ["c_x005F_1", "东_x000D_\n门", 102.9, 37.5]]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert result.frame[["id", "name"]].iloc[0].tolist() == ["c_1", "东\r\n门"]


@every_writer
def test_rows_that_a_filter_hides_are_read_and_said(tmp_path: Path, write: Writer) -> None:
    tab = Tab("甲", [HEADINGS, ROW_1, ROW_2], hidden_rows=[3])
    result = _read(write(_path(tmp_path, write), tab))
    assert _ids(result) == ["c1", "c2"]
    assert _notes(result) == {"隐藏的行照样读了：甲!3": 1}


def test_one_long_text_in_many_cells_is_bounded(tmp_path: Path) -> None:
    """60,000 characters times 20,000 cells are 3.6 GB for who reads them, and 200 kB in the file."""
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [["编号", "经度", "纬度", "名称"]]))
    cells = "".join(
        f'<row r="{row}"><c r="B{row}"><v>102.9</v></c><c r="C{row}"><v>37.5</v></c>'
        f'<c r="D{row}" t="s"><v>0</v></c></row>'
        for row in range(2, 20_000)
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        "</sheetData>", cells + "</sheetData>"
    )
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><si><t>{"东" * 60_000}</t></si></sst>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    started = time.monotonic()
    with pytest.raises(UnreadableFile, match="too much text"):
        _read(path)
    assert time.monotonic() - started < 5


def test_a_million_rows_with_a_style_only_cost_little(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1]))
    cells = "".join(f'<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="1"></c></row>' for row in range(3, 200_000))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    last = '<row r="200000"><c r="A200000" s="0"/><c r="C200000"><v>102.8</v></c><c r="D200000"><v>37.4</v></c></row>'
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        "</sheetData>", f"{cells}{last}</sheetData>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    result = _read(path)
    assert _ids(result) == ["c1", "f.xlsx:200000"]
    assert result.frame.geometry.x.tolist() == [102.91, 102.8]


def test_formulas_that_a_library_wrote_as_zeros_have_no_value(tmp_path: Path) -> None:
    """It tells programs to compute them when they open the workbook, and so does the reader."""
    path = tmp_path / "f.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet("甲")
    for row, cells in enumerate([HEADINGS, ROW_1, ROW_2]):
        sheet.write_row(row, 0, cells)
    sheet.write_formula(2, 0, '="c"&2')
    sheet.write_formula(2, 4, "=E2*2")
    workbook.close()
    result = _read(path)
    assert [(one.field, one.rows) for one in result.findings] == [("id", ("甲!3",)), ("height", ("甲!3",))]
    assert all("open and save the workbook" in one.reason for one in result.findings)


# --- rows ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        [1, 2, 3, 4, 5, 6],
        ["（1）", "（2）", "（3）", "（4）", "（5）", "（6）"],
        ["甲", "乙", 1, 2, 3, 4],
        ["①", "②", "③", "④", "⑤", "⑥"],
    ],
)
def test_a_row_that_numbers_the_columns_is_no_camera(tmp_path: Path, row: list[Any]) -> None:
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, row, ROW_1])))
    assert (_ids(result), result.rejects, _notes(result)) == (["c1"], [], {"跳过列次行：甲!2": 1})


def test_only_the_row_below_the_heading_numbers_columns(tmp_path: Path) -> None:
    rows = [["编号", "x", "y"], ["7", 500_000, 4_150_000], [1, 2, 3]]
    assert read_layer(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)), "cameras", crs="EPSG:4544").read == 2


def test_a_second_heading_in_another_order_moves_the_columns(tmp_path: Path) -> None:
    rows = [
        ["编号", "名称", "经度", "纬度", "安装高度"],
        ["c1", "东门", 102.9, 37.5, 3],
        [],
        ["编号", "安装高度", "纬度", "经度", "名称"],
        ["c2", 4, 37.4, 102.8, "西门"],
    ]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert result.frame[["id", "name", "height"]].to_numpy().tolist() == [["c1", "东门", 3.0], ["c2", "西门", 4.0]]
    assert result.frame.geometry.x.tolist() == [102.9, 102.8]
    assert result.rejects == []


def test_a_table_beside_the_table_is_a_finding(tmp_path: Path) -> None:
    rows = [["编号", "经度", "纬度", None, "编号", "经度", "纬度"], ["c1", 102.9, 37.5, None, "c2", 102.8, 37.4]]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert _ids(result) == ["c1"]
    assert [(one.value, one.count) for one in result.findings] == [("经度", 1), ("纬度", 1)]


def test_the_title_repeated_on_each_page_and_averages_are_skipped(tmp_path: Path) -> None:
    page = [["古浪县监控台账"], HEADINGS]
    rows = [*page, ROW_1, *page, ROW_2, ["平均值", None, None, None, 3.75, None]]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert (_ids(result), result.rejects) == (["c1", "c2"], [])
    assert _notes(result) == {"跳过重复的表头行：甲!4, 甲!5": 2, "跳过合计行：甲!7": 1}


def test_examples_and_titles_of_sections_that_say_so(tmp_path: Path) -> None:
    """A row that shows how to fill in the form has a place; 例如路 and 一号桥 are names like others."""
    rows = [
        HEADINGS,
        ["例：c0", "某路口", 102.5, 37.5, 3, "P0"],
        ["一、土门镇"],
        ROW_1,
        ["二", "大靖镇", None, None, None, None],
        ROW_2,
        ["c3", "例如路", 102.93, 37.53, 3, None],
        ["一号桥", "例", 102.94, 37.54, 3, None],
        ["共4个点位"],
    ]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert (_ids(result), result.rejects) == (["c1", "c2", "c3", "一号桥"], [])
    assert _notes(result) == {"跳过示例行：甲!2": 1, "跳过分组标题行：甲!3, 甲!5": 2, "跳过合计行：甲!9": 1}


def test_the_example_row_of_a_template_that_was_changed_is_not_lost(tmp_path: Path) -> None:
    rows = [HEADINGS, [EXAMPLE_KEYS[0], *ROW_1[1:]], ROW_2]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert _ids(result) == ["c2"]
    assert [(one.row, one.field) for one in result.rejects] == [("甲!2", "id")]


def test_headings_of_four_rows(tmp_path: Path) -> None:
    rows = [
        ["基本信息", None, "位置", None, "安装", None],
        ["编号", "名称", "坐标", None, "立杆", None],
        [None, None, "经度", "纬度", "安装高度", "立杆编号"],
        [None, None, "度", "度", "厘米", None],
        ["c1", "东门", 102.9, 37.5, 350, "P1"],
    ]
    merges = ["A1:B1", "C1:D1", "E1:F1", "C2:D2", "E2:F2", "A2:A3", "B2:B3"]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows, merges)))
    assert result.frame[["id", "height", "site"]].iloc[0].tolist() == ["c1", 3.5, "P1"]
    assert result.rejects == []


@pytest.mark.parametrize("title", ["监控点位表(A,B类)", "古浪县|监控;一览", "a,b,c,d,e,f,g,h"])
def test_marks_in_a_title_do_not_part_the_table(tmp_path: Path, title: str) -> None:
    path = tmp_path / "f.xls"
    lines = ["\t".join(map(str, row)) for row in (HEADINGS, ROW_1, ROW_2)]
    path.write_text("\n".join([title, *lines]), encoding="gb18030")
    assert _ids(_read(path)) == ["c1", "c2"]


# --- sheets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [write_xlsx, write_xls])
def test_a_hidden_sheet_with_such_a_table_is_a_finding(tmp_path: Path, write: Callable[..., Path]) -> None:
    words = Tab("词表", [["机型"], ["枪机"], ["球机"]], hidden=True)
    path = _path(tmp_path, write)
    write(path, Tab("甲", [HEADINGS, ROW_1]), Tab("旧台账", [HEADINGS, ROW_2], hidden=True), words)
    result = _read(path)
    assert [(one.value, one.count) for one in result.findings] == [("旧台账", 2)]
    assert _notes(result)["没有读的隐藏工作表：词表"] == 3


def test_a_sheet_that_was_named_and_not_read_is_a_finding(tmp_path: Path) -> None:
    other = Tab("乙", [["id", "lng", "lat"], ["x", 102.5, 37.5]])
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1]), other)
    result = _read(path, sheets=["甲", "乙"])
    assert _ids(result) == ["c1"]
    assert [(one.value, one.count) for one in result.findings] == [("乙", 2)]


@pytest.mark.parametrize("name", ["土门镇", " 土门镇", "土门镇　"])
def test_names_of_sheets_without_what_nobody_sees(tmp_path: Path, name: str) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("土门镇 ", [HEADINGS, ROW_1]), Tab("Sheet2", [HEADINGS, ROW_2]))
    assert _ids(_read(path, sheets=[name])) == ["c1"]
    assert _ids(_read(path, sheets=["sheet2"])) == ["c2"]


def test_the_heading_row_named_is_that_of_the_tables(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("说明", [["请填写"]]), Tab("甲", [["a"], ["b"], HEADINGS, ROW_1]))
    assert _ids(_read(path, header_row=3)) == ["c1"]
    with pytest.raises(BadValue, match="no row 9: the last is 4"):
        _read(path, header_row=9)


@pytest.mark.parametrize("tabs", [[Tab("图", [])], [Tab("图", []), Tab("藏", [HEADINGS, ROW_1], hidden=True)]])
def test_a_workbook_of_pictures_only_is_refused(tmp_path: Path, tabs: list[Tab]) -> None:
    with pytest.raises(UnreadableFile, match="no text or number"):
        _read(write_xlsx(tmp_path / "f.xlsx", *tabs))


def test_sheets_and_heading_rows_of_what_is_no_table_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "点位.csv"
    text.write_text("编号,经度,纬度\nc1,102.9,37.5\n", encoding="utf-8")
    assert _ids(_read(text, sheets=["点位"])) == ["c1"]
    with pytest.raises(UnknownName, match="no sheet 甲"):
        _read(text, sheets=["甲"])
    points = tmp_path / "f.geojson"
    points.write_text('{"type": "Point", "coordinates": [102.9, 37.5]}', encoding="utf-8")
    for options in ({"sheets": ["甲"]}, {"header_row": 2}):
        with pytest.raises(BadValue, match="is no table"):
            read_layer(points, "cameras", **options)


# --- what is no workbook ---------------------------------------------------------------------------------------------


def test_the_package_says_which_part_lists_the_sheets(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1]))
    with zipfile.ZipFile(path) as archive:
        parts = {name.replace("workbook.xml", "workbook2.xml"): archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(b"workbook.xml", b"workbook2.xml"))
    assert _ids(_read(path)) == ["c1"]


def test_an_xml_spreadsheet_is_named(tmp_path: Path) -> None:
    (tmp_path / "f.xls").write_text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        "<Row><Cell><Data>a</Data></Cell></Row></Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    with pytest.raises(UnreadableFile, match="an XML spreadsheet"):
        _read(tmp_path / "f.xls")
    assert _ids(_read(write_html(tmp_path / "f.xls", Tab("甲", [HEADINGS, ROW_1])))) == ["c1"]


def test_strict_workbooks_count_days_as_they_say(tmp_path: Path) -> None:
    cell = '<c r="D2" t="d"><v>2020-01-02T00:00:00Z</v></c>'
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [["编号", "经度", "纬度", "valid_from"], ["c1", 102.9, 37.5]]))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    strict = {
        MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
            "http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
    }
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        "</row></sheetData>", cell + "</row></sheetData>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, reduce(lambda whole, pair: whole.replace(*pair), strict.items(), text))
    result = _read(path)
    assert result.frame[["id", "valid_from"]].iloc[0].tolist() == ["c1", "2020-01-02"]


def test_every_formula_without_a_value_in_the_key_is_a_finding(tmp_path: Path) -> None:
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, [Formula(), *ROW_1[1:]]])))
    assert [(one.field, one.rows) for one in result.findings] == [("id", ("甲!2",))]


@every_writer
def test_a_subtotal_below_the_merged_name_of_its_township_is_skipped(tmp_path: Path, write: Writer) -> None:
    rows: list[list[Any]] = [
        ["乡镇", "序号", "编号", "经度", "纬度"],
        ["城关镇", 1, "c1", 102.91, 37.51],
        [None, "小计", 1, None, None],
        ["土门镇", 1, "c2", 102.92, 37.52],
        [None, "小 计", 1, None, None],
        ["总计", None, 2, None, None],
    ]
    path = tmp_path / f"table.{write.__name__.removeprefix('write_')}"
    found = _read(write(path, Tab("甲", rows, merges=["A2:A3", "A4:A5"])))
    assert (found.frame["id"].tolist(), found.rejects) == (["c1", "c2"], [])
    assert found.assumed["跳过合计行：甲!3, 甲!5, 甲!6 / total rows skipped: 甲!3, 甲!5, 甲!6"] == 3
