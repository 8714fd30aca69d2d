"""Test workbooks as planners keep them: titles, joined headings, merged cells, totals, notes, several sheets."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadValue, UnknownName, UnreadableFile
from geo.readers.reading import ReadResult, read_layer
from geo.readers.sheets import sheet_table
from geo.readers.sheets.sheet_cells import NO_VALUE, DateText, LostCell
from geo.readers.sheets.sheet_table import plain_cells, plain_text
from geo.readers.words import cell_values
from tests.geo.readers.workbook_files import (
    Error,
    Formula,
    Styled,
    Tab,
    compound,
    write_html,
    write_ods,
    write_xls,
    write_xlsx,
)

HEADINGS = ["编号", "名称", "经度", "纬度", "安装高度", "立杆编号"]
ROW_1 = ["c1", "东门", 102.91, 37.51, 3.5, "P1"]
ROW_2 = ["c2", "西门", 102.92, 37.52, 4.0, "P2"]


def _read(path: Path, layer: str = "cameras", **options: Any) -> ReadResult:
    return read_layer(path, layer, crs="wgs84", **options)


def _ids(result: ReadResult) -> list[str]:
    return result.frame["id"].tolist()


def _csv(path: Path, tab: Tab) -> Path:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([["" if cell is None else cell for cell in row] for row in tab.rows])
    return path


def _tsv_named_xls(path: Path, tab: Tab) -> Path:
    path = path.with_suffix(".xls")
    path.write_text("\n".join("\t".join("" if c is None else str(c) for c in row) for row in tab.rows), "gb18030")
    return path


#: Every form in which one table comes: name -> writes it.
FORMS: dict[str, Callable[[Path, Tab], Path]] = {
    "xlsx": write_xlsx,
    "xls": write_xls,
    "et": write_xls,
    "ods": write_ods,
    "html.xls": write_html,
    "tsv.xls": _tsv_named_xls,
    "csv": _csv,
}
every_form = pytest.mark.parametrize("form", list(FORMS))


def _write(folder: Path, form: str, rows: Sequence[Sequence[Any]], **more: Any) -> Path:
    return FORMS[form](folder / f"点位.{form.rpartition('.')[2]}", Tab("土门镇", rows, **more))


# --- the heading -----------------------------------------------------------------------------------------------------


@every_form
@pytest.mark.parametrize(
    "above",
    [
        [],
        [["古浪县公共区域视频监控一机一档表"]],
        [["古浪县点位表"], ["填报单位：综治中心", None, None, "2026年11月", None, None]],
        [["附件3"], [None], ["点位（含名称、经度、纬度）登记表"], ["单位：米"]],
    ],
)
def test_the_heading_is_found_under_titles(tmp_path: Path, form: str, above: list[list[Any]]) -> None:
    result = _read(_write(tmp_path, form, [*above, HEADINGS, ROW_1, ROW_2]))
    assert _ids(result) == ["c1", "c2"]
    assert result.mapping == {
        "id": "编号", "name": "名称", "lon": "经度", "lat": "纬度", "height": "安装高度", "site": "立杆编号"
    }  # fmt: skip
    assert (result.unused_columns, result.rejects, result.findings) == ([], [], [])


@every_form
@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        # Merged upper headings: the cell counts for the columns it covers.
        (["编号", "名称", "位置", None, "安装", "立杆"], [None, None, "经度", "纬度", "高度", "编号"]),
        (["设备信息", None, "坐标", None, "其他", None], HEADINGS),
        # A row of units.
        (HEADINGS, [None, None, "度", "度", "米", None]),
        (HEADINGS, ["", "", "(°)", "(°)", "（m）", ""]),
        # The names of the fields in English as well.
        (HEADINGS, ["id", "name", "lon", "lat", "height", "site"]),
        # What a template says of each column.
        (HEADINGS, ["必填", "选填", "小数", "小数", "米", "文本"]),
    ],
)
def test_headings_of_two_rows_are_joined(tmp_path: Path, form: str, upper: list[Any], lower: list[Any]) -> None:
    merges = ["A1:B1", "C1:D1", "E1:F1"] if upper[0] == "设备信息" else ["C1:D1"] if upper[2] == "位置" else []
    result = _read(_write(tmp_path, form, [["标题"], upper, lower, ROW_1, ROW_2], merges=[_down(m) for m in merges]))
    assert _ids(result) == ["c1", "c2"]
    assert set(result.mapping) >= {"id", "name", "lon", "lat", "height"}
    assert result.frame["height"].tolist() == [3.5, 4.0]
    assert result.rejects == []


def _down(reference: str) -> str:
    return reference.replace("1", "2")


def test_a_joined_heading_is_named_with_both_rows(tmp_path: Path) -> None:
    rows = [["编号", "位置", None, "高度"], [None, "经度", "纬度", "米"], ["c1", 102.9, 37.5, 4]]
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows, ["B1:C1", "A1:A2"]))
    assert _read(path).mapping == {"id": "编号", "lon": "位置/经度", "lat": "位置/纬度", "height": "高度(米)"}
    mapping = {"lon": "位置/经度", "lat": "位置/纬度", "name": "高度(米)"}
    assert _read(path, mapping=mapping).frame["name"].tolist() == ["4"]


def test_the_user_names_the_heading_row(tmp_path: Path) -> None:
    rows = [["a", "经度", "纬度"], ["旧表"], ["序列", "E", "N"], ["k", 102.9, 37.5], ["l", 102.8, 37.4]]
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows))
    mapping = {"id": "序列", "lon": "E", "lat": "N"}
    assert _ids(_read(path, header_row=3, mapping=mapping)) == ["k", "l"]
    assert _ids(_read(_csv(tmp_path / "f.csv", Tab("", rows)), header_row=3, mapping=mapping)) == ["k", "l"]
    for one in (path, tmp_path / "f.csv"):
        with pytest.raises(BadValue, match="没有第 9 行：最后一行是第 5 行 / there is no row 9: the last is 5"):
            _read(one, header_row=9)


def test_an_empty_row_is_no_heading(tmp_path: Path) -> None:
    rows = [["编号", "经度", "纬度"], [], ["k", 102.9, 37.5]]
    with pytest.raises(BadValue, match="row 2 is empty"):
        _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)), header_row=2)


def test_a_file_without_coordinates_names_the_columns_seen(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="the columns seen: 编号, 名称, 村") as caught:
        _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", [["编号", "名称", "村"], ["c1", "a", "b"]])))
    assert "--header-row" in str(caught.value)


# --- rows ------------------------------------------------------------------------------------------------------------

_SKIPPED = {
    "合计行": [["合计", None, None, None, 7.5], ["合 计：", None, None, None, 9], [None, "总计", None, None, 4],
             ["土门镇小计", None, None, None, 5], ["Total", None, None, None, 7.5], ["共计35个点位"],
             ["合计", None, 205.83, 75.03, 7.5]],
    "注释行": [["注：坐标为 WGS-84"], ["备注：一类点见附表"], ["说明：1、按要求填写"],
             ["※ 仅供内部使用"], ["第 1 页 共 3 页"]],
    "签名行": [["填表人：张三", None, "审核：李四", None, "2026年11月1日"], ["审核人（签字）：", None, None],
             ["制表日期：2026-11-01"], ["填报单位（盖章）：综治中心"], ["2026年11月28日"], ["2026.11.28"]],
    "重复的表头行": [HEADINGS],
}  # fmt: skip


@every_form
@pytest.mark.parametrize(("what", "row"), [(what, row) for what, rows in _SKIPPED.items() for row in rows])
def test_rows_that_are_none_are_skipped_and_named(tmp_path: Path, form: str, what: str, row: list[Any]) -> None:
    result = _read(_write(tmp_path, form, [HEADINGS, ROW_1, row, ROW_2]))
    assert (_ids(result), result.read, result.rejects, result.findings) == (["c1", "c2"], 2, [], [])
    (sentence,) = result.assumed
    assert sentence.startswith(f"跳过{what}：")
    assert result.assumed[sentence] == 1
    shown = {"csv": "2", "tsv.xls": "2", "html.xls": "点位!3"}.get(form, "土门镇!3")
    assert sentence.split(" / ")[0].endswith(shown)


@pytest.mark.parametrize(
    "row",
    [
        ["c3", "合计路口", 102.93, 37.53, 3, None],
        ["c3", "注：东门", 102.93, 37.53, 3, None],
        ["审核楼", "审核人：", 102.93, 37.53, 3, None],
        ["小计巷", None, 102.93, 37.53, None, None],
    ],
)
def test_a_row_with_a_place_is_kept_whatever_its_words(tmp_path: Path, row: list[Any]) -> None:
    assert _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1, row]))).read == 2


def test_a_row_without_a_place_that_is_no_total_is_rejected_with_its_sheet_and_row(tmp_path: Path) -> None:
    rows = [
        ["标题"],
        HEADINGS,
        ROW_1,
        ["c8", "小计村", None, None, 3, None],
        ["c9", "西关小计", None, None, "2026年1月2日"],
    ]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("土门镇", rows)))
    assert [(one.row, one.field) for one in result.rejects] == [("土门镇!4", "lon"), ("土门镇!5", "lon")]


def test_lines_after_a_note_and_titles_of_sections_and_bare_serial_numbers(tmp_path: Path) -> None:
    rows = [
        ["序号", *HEADINGS],
        ["土门镇"],
        [1, *ROW_1],
        ["大靖镇"],
        [2, *ROW_2],
        [3],
        [4],
        ["注：", None],
        ["1、甲"],
        ["2、乙"],
    ]
    merges = ["A2:G2", "A4:G4"]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows, merges)))
    assert _ids(result) == ["c1", "c2"]
    assert {key.split("：")[0]: count for key, count in result.assumed.items()} == {
        "跳过分组标题行": 2, "跳过只有次序数字的行": 2, "跳过注释行": 3
    }  # fmt: skip


# --- cells -----------------------------------------------------------------------------------------------------------


def test_a_value_merged_down_keeps_the_pole(tmp_path: Path) -> None:
    rows = [
        HEADINGS,
        ["c1", "a", 102.9, 37.5, 3, "P1"],
        ["c2", "b", None, None, 3, None],
        ["c3", "c", 102.8, 37.4, 3, None],
    ]
    merges = ["C2:C3", "D2:D3", "F2:F3"]
    for path in (
        write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows, merges)),
        write_xls(tmp_path / "f.xls", Tab("甲", rows, merges)),
        write_ods(tmp_path / "f.ods", Tab("甲", rows), spans={(1, 2): (2, 1), (1, 3): (2, 1), (1, 5): (2, 1)}),
    ):
        result = _read(path)
        assert result.frame["site"].tolist()[:2] == ["P1", "P1"], path.name
        assert result.frame.geometry.x.tolist() == [102.9, 102.9, 102.8]
    table = (
        "<table><tr><th>编号<th>经度<th>纬度<th>立杆编号<tr><td>c1<td rowspan=2>102.9<td rowspan=2>37.5<td rowspan=2>P1"
    )
    table += "<tr><td>c2</table>"
    (tmp_path / "h.xls").write_text(table, encoding="utf-8")
    assert _read(tmp_path / "h.xls").frame["site"].tolist() == ["P1", "P1"]


@pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])
def test_cells_in_error_are_missing_and_named(tmp_path: Path, write: Callable[[Path, Tab], Path]) -> None:
    rows = [HEADINGS, [*ROW_1[:4], Error("#N/A"), "P1"], ["c2", "b", Error("#N/A"), 37.5, 3, None]]
    result = _read(write(tmp_path / f"f.{write.__name__.removeprefix('write_')}", Tab("甲", rows)))
    assert [(one.field, one.value, one.rows) for one in result.findings] == [("height", "#N/A", ("甲!2",))]
    assert [(one.row, one.field, one.value) for one in result.rejects] == [("甲!3", "lon", "#N/A")]


@pytest.mark.parametrize("write", [write_xlsx, write_ods])
def test_formulas_without_a_saved_value(tmp_path: Path, write: Callable[[Path, Tab], Path]) -> None:
    path = tmp_path / f"f.{write.__name__.removeprefix('write_')}"
    rows = [HEADINGS, [*ROW_1[:4], Formula(), "P1"], [*ROW_2[:4], Formula(4.5), None]]
    result = _read(write(path, Tab("甲", rows)))
    assert result.frame["height"].fillna(-1).tolist() == [-1, 4.5]
    ((field, rows_of),) = [(one.field, one.rows) for one in result.findings]
    assert (field, rows_of) == ("height", ("甲!2",))
    assert "open and save the workbook" in result.findings[0].reason
    write(path, Tab("甲", [HEADINGS, ["c1", "a", Formula(), Formula(), 3, None]]))
    with pytest.raises(UnreadableFile, match="open and save the workbook"):
        _read(path)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [('="62062200001320000001"', "62062200001320000001"), ("'62062200001320000001", "62062200001320000001"),
     ("1001.0", "1001"), (1001, "1001"), (1001.0, "1001"), ("0012", "0012"), (True, "true")],
)  # fmt: skip
@every_form
def test_keys_are_read_as_text(tmp_path: Path, form: str, cell: Any, expected: str) -> None:
    if cell is True and form not in ("xlsx", "xls", "et"):
        return
    result = _read(_write(tmp_path, form, [HEADINGS, [cell, *ROW_1[1:]]]))
    assert _ids(result) == [expected]


@every_form
@pytest.mark.parametrize("cell", ["6.2E+19", "6.20622E+19", 62062200001320000001, 6206220000132000])
def test_a_rounded_key_is_rejected_with_the_way_to_mend_it(tmp_path: Path, form: str, cell: Any) -> None:
    if form in ("html.xls", "tsv.xls", "csv") and not isinstance(cell, str):
        return  # as text the digits are all there
    result = _read(_write(tmp_path, form, [HEADINGS, [cell, *ROW_1[1:]], ROW_2]))
    assert _ids(result) == ["c2"]
    (fault,) = result.rejects
    assert fault.field == "id"
    assert "export it again" in fault.reason
    lost = _read(_write(tmp_path, form, [HEADINGS, [*ROW_1[:5], cell], ROW_2]))
    assert [(one.field, one.count) for one in lost.findings] == [("site", 1)]


def test_dates_and_codes_with_leading_zeros_by_their_format(tmp_path: Path) -> None:
    rows = [["编号", "经度", "纬度", "valid_from"], [Styled(622, 2), 102.9, 37.5, Styled(43832, 1)]]
    result = _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows)))
    assert result.frame[["id", "valid_from"]].iloc[0].tolist() == ["000622", "2020-01-02"]
    rows = [["编号", "经度", "纬度", "valid_from"], ["c", 102.9, 37.5, Styled(43832, 1)]]
    assert _read(write_xls(tmp_path / "f.xls", Tab("甲", rows))).frame["valid_from"].tolist() == ["2020-01-02"]


@pytest.mark.parametrize("text", ["'s-Hertogenbosch", "=A1", "a'1", "", "'", "'东门'"])
def test_marks_that_belong_to_a_text_stay(text: str) -> None:
    assert plain_text(text) == text


# --- sheets ----------------------------------------------------------------------------------------------------------


def _several(path: Path) -> Path:
    return FORMS[path.suffix[1:]](
        path,
        Tab("填表说明", [["请按要求填写"], ["1、坐标为十进制度"]]),
        Tab("土门镇", [["标题"], HEADINGS, ROW_1, ["合计", None, None, None, 3.5]]),
        Tab("大靖镇", [HEADINGS[::-1], ROW_2[::-1]]),
        Tab("汇总", [["乡镇", "数量"], ["土门镇", 1], ["大靖镇", 1]]),
        Tab("旧", [["id", "lng", "lat"], ["x", 102.5, 37.5]]),
        Tab("Sheet6", []),
    )  # type: ignore[call-arg]


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_all_sheets_of_one_shape_are_read_and_the_others_named(tmp_path: Path, suffix: str) -> None:
    path = _several(tmp_path / f"f.{suffix}")
    result = _read(path)
    assert _ids(result) == ["c1", "c2"]
    assert result.source == path.name
    assert [(one.name, one.rows, one.imported) for one in result.sheets] == [
        ("填表说明", 2, 0), ("土门镇", 1, 1), ("大靖镇", 1, 1), ("汇总", 3, 0), ("旧", 2, 0), ("Sheet6", 0, 0)
    ]  # fmt: skip
    assert [(one.value, one.count) for one in result.findings] == [("汇总", 3), ("旧", 2)]
    assert result.features.tolist() == [1, 2]


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_the_user_names_the_sheets(tmp_path: Path, suffix: str) -> None:
    path = _several(tmp_path / f"f.{suffix}")
    assert _ids(_read(path, sheets=["旧"])) == ["x"]
    assert _ids(_read(path, sheets=["大靖镇", "土门镇"])) == ["c1", "c2"]
    assert _read(path, sheets=["旧"]).findings == []
    assert _ids(_read(path, source_layer="大靖镇")) == ["c2"]
    with pytest.raises(UnknownName, match="土门镇"):
        _read(path, sheets=["没有"])


def test_hidden_sheets_are_named_and_not_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1]), Tab("藏", [HEADINGS, ROW_2], hidden=True))
    result = _read(path)
    assert _ids(result) == ["c1"]
    assert [(one.name, one.rows, one.imported) for one in result.sheets] == [("甲", 1, 1), ("藏", 2, 0)]
    assert _ids(_read(path, sheets=["藏"])) == ["c2"]


def test_rows_without_a_key_are_named_by_sheet_and_row_of_the_sheet(tmp_path: Path) -> None:
    plain = [["名称", "经度", "纬度"], ["a", 102.9, 37.5]]
    one = write_xlsx(tmp_path / "f.xlsx", Tab("甲", plain))
    assert _ids(_read(one)) == ["f.xlsx:2"]
    two = write_xlsx(tmp_path / "f.xlsx", Tab("甲", plain), Tab("乙", [["标题"], *plain]))
    assert _ids(_read(two)) == ["f.xlsx:甲:2", "f.xlsx:乙:3"]
    # The same rows have the same keys when one sheet is read alone, and each is labelled as its key says.
    alone = _read(two, sheets=["乙"])
    assert _ids(alone) == ["f.xlsx:乙:3"]


# --- bad input -------------------------------------------------------------------------------------------------------


def test_content_decides_not_the_suffix(tmp_path: Path) -> None:
    tab = Tab("甲", [HEADINGS, ROW_1])
    for suffix in ("xls", "et", "xlsx", "ods", "csv"):
        for write in (write_xlsx, write_xls, write_ods):
            assert _ids(_read(write(tmp_path / f"f.{suffix}", tab))) == ["c1"], (suffix, write.__name__)


def test_a_password_is_named(tmp_path: Path) -> None:
    write_xls(tmp_path / "biff.xls", Tab("甲", [HEADINGS, ROW_1]), password=True)
    (tmp_path / "ooxml.xlsx").write_bytes(compound({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"y" * 200}))
    path = write_ods(tmp_path / "odf.ods", Tab("甲", [HEADINGS, ROW_1]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("META-INF/manifest.xml", "<manifest><encryption-data/></manifest>")
    for name in ("biff.xls", "ooxml.xlsx", "odf.ods"):
        with pytest.raises(UnreadableFile, match="password"):
            _read(tmp_path / name)


def test_a_million_empty_rows_cost_nothing(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1, [None, "注：末行"]], numbers=[1, 2, 1_048_576]))
    assert (_ids(_read(path)), _read(path).read) == (["c1"], 1)


def test_texts_beyond_what_a_cell_holds_and_bombs_are_refused(tmp_path: Path) -> None:
    bomb = {"xl/sharedStrings.xml": "<sst><si><t>" + "a" * (200 << 20) + "</t></si></sst>"}
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [HEADINGS, ROW_1]), extra=bomb)
    with pytest.raises(UnreadableFile, match="times its size"):
        _read(path)


@pytest.mark.parametrize("form", ["xlsx", "xls", "ods"])
def test_a_cut_or_damaged_file_is_refused_or_read_but_never_fails(tmp_path: Path, form: str) -> None:
    path = _write(tmp_path, form, [HEADINGS, ROW_1, ROW_2])
    whole = path.read_bytes()
    cut = tmp_path / f"cut.{form}"

    @settings(max_examples=60, deadline=None)
    @given(st.integers(1, len(whole) - 1), st.integers(0, len(whole) - 1), st.integers(0, 255))
    def check(length: int, place: int, byte: int) -> None:
        for content in (whole[:length], whole[:place] + bytes([byte]) + whole[place + 1 :]):
            cut.write_bytes(content)
            with suppress(UnreadableFile):
                _read(cut)

    check()


def test_texts_that_a_biff_workbook_repeats_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_xls(tmp_path / "f.xls", Tab("甲", [HEADINGS, ROW_1]))
    monkeypatch.setattr("geo.readers.sheets.biff_records.MAX_TEXT_BYTES", 60)
    with pytest.raises(UnreadableFile, match="too much text"):
        _read(path)


MARKED = ['="0622"', "'0622", "'s-Hertogenbosch", "#REF!", "#3 楼", "=1+1", "a=b", "a\n='1'", "东门", "", None, 3.5]


@given(st.lists(st.sampled_from([*MARKED, DateText("2024-01-12"), LostCell(NO_VALUE)]), max_size=12), st.integers(1, 4))
def test_a_column_loses_the_marks_that_each_of_its_cells_loses(cells: list[Any], together: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cell_values, "_TOGETHER", together)
        read = plain_cells(cells)
    assert list(read) == [sheet_table._plain_cell(cell) if type(cell) is str else cell for cell in cells]
