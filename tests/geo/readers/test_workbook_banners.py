"""Test that titles, notes and signatures merged across a table never decide what its columns are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, product
from pathlib import Path
from typing import Any

import pytest

from geo.errors import UnreadableFile
from geo.readers.reading import ReadResult, read_layer
from tests.geo.readers.workbook_files import Tab, write_ods, write_xls, write_xlsx

WIDTH = 6
TITLE = "黄羊镇视频监控登记表"
ONE_ROW = [["序号", "编号", "名称", "经度", "纬度", "安装高度"]]
TWO_ROWS = [["序号", "编号", "名称", "位置", None, "安装"], [None, None, None, "经度", "纬度", "高度"]]
#: What stands below a table, with the words by which it is said to be skipped.
FEET = {
    "备注：坐标由手机采集": "注释行",
    "说明：经度、纬度为高德坐标，安装高度为立杆高度": "注释行",
    "注：编号、名称由综治中心填写": "注释行",
    "填报人：张三  审核人：李四  填报日期：2026年11月20日": "签名行",
    "填表单位（盖章）：综治中心  联系人：张三": "签名行",
    "制表：张三": "签名行",
    "审核：李四": "签名行",
    "联系电话：0935-1234567": "签名行",
    "2026年11月20日": "签名行",
    "合计：2处": "合计行",
}
STATES = ("none", "merged", "unmerged")
WRITERS = {"xlsx": write_xlsx, "xls": write_xls, "ods": write_ods}


def _read(path: Path, **options: Any) -> ReadResult:
    return read_layer(path, "cameras", crs="wgs84", **options)


def _tab(name: str, title: str, headings: Sequence[Sequence[Any]], foot: str, text: str) -> tuple[Tab, int]:
    """Return a sheet of two cameras, and the row of its foot; titles and feet are none, merged or unmerged."""
    rows: list[list[Any]] = [] if title == "none" else [[TITLE]]
    merges = ["A1:F1"] if title == "merged" else []
    if len(headings) > 1:
        merges.append(f"D{len(rows) + 1}:E{len(rows) + 1}")
        merges += [f"{column}{len(rows) + 1}:{column}{len(rows) + 2}" for column in "ABC"]
    rows += [list(one) for one in headings]
    rows += [[1, f"{name}1", "东门", 102.91, 37.51, 3.5], [2, f"{name}2", "西门", 102.92, 37.52, 4]]
    if foot != "none":
        rows.append([text])
        if foot == "merged":
            merges.append(f"A{len(rows)}:F{len(rows)}")
    return Tab(name, rows, merges), len(rows)


def _spans(tab: Tab) -> dict[tuple[int, int], tuple[int, int]]:
    found = {}
    for one in tab.merges:
        first, last = one.split(":")
        left, top, right, bottom = ord(first[0]) - 65, int(first[1:]), ord(last[0]) - 65, int(last[1:])
        found[top - 1, left] = (bottom - top + 1, right - left + 1)
    return found


def _write(folder: Path, form: str, tabs: Sequence[Tab]) -> Path:
    path = folder / f"台账.{form}"
    return write_ods(path, *tabs, spans=_spans(tabs[0])) if form == "ods" else WRITERS[form](path, *tabs)


def _shapes(turn: int) -> Iterator[tuple[str, Sequence[Sequence[Any]], str, str]]:
    """Return every shape of a sheet, each with a foot of its own; after all feet below a merged title, the worst."""
    feet = cycle([*list(FEET)[turn:], *list(FEET)[:turn]])
    for title, headings, foot in product(("none", "merged", "unmerged"), (ONE_ROW, TWO_ROWS), STATES):
        yield title, headings, foot, "" if foot == "none" else next(feet)
    if turn == 0:
        yield from (("merged", ONE_ROW, "merged", text) for text in FEET)


@pytest.mark.parametrize(
    ("turn", "form", "sheets"), [(turn, *one) for turn, one in enumerate(product(WRITERS, (1, 3)))]
)
def test_the_same_rows_are_read_whatever_stands_above_and_below(
    tmp_path: Path, turn: int, form: str, sheets: int
) -> None:
    names = ["甲", "乙", "丙"][:sheets]
    for title, headings, foot, text in _shapes(turn):
        tabs = [_tab(name, title, headings, foot, text) for name in names]
        result = _read(_write(tmp_path, form, [tab for tab, _ in tabs]))
        what = (title, len(headings), foot, text)
        assert result.frame["id"].tolist() == [f"{name}{number}" for name in names for number in (1, 2)], what
        assert result.frame["name"].tolist() == ["东门", "西门"] * sheets, what
        assert result.frame["height"].tolist() == [3.5, 4.0] * sheets, what
        assert (result.rejects, result.findings, result.dropped_columns) == ([], [], []), what
        upper = "" if len(headings) == 1 else "位置/"
        assert (result.mapping["lon"], result.mapping["id"]) == (f"{upper}经度", "编号"), what
        skipped = (
            [] if foot == "none" else [f"跳过{FEET[text]}：" + ", ".join(f"{tab.name}!{row}" for tab, row in tabs)]
        )
        assert [one.split(" / ")[0] for one in result.assumed if one.startswith("跳过")] == skipped, what


@pytest.mark.parametrize(
    ("row", "merges"),
    [
        (["填报人：张三", None, None, "审核人：李四"], ["A{0}:C{0}", "D{0}:F{0}"]),
        (["填报单位：综治中心", None, "填报人：张三", None, "联系电话：0935-1"], []),
        (["填报人：", "张三", "审核人：", "李四"], []),
        (["填报单位：综治中心", None, None, "2026年11月20日"], ["A{0}:C{0}"]),
    ],
)
@pytest.mark.parametrize("where", ["above", "below"])
def test_forms_filled_in_above_and_below_are_no_headings(
    tmp_path: Path, where: str, row: list[Any], merges: list[str]
) -> None:
    headings = ["编号", "名称", "经度", "纬度", "状态", "朝向"]
    camera = ["c1", "东门", 102.91, 37.51, "正常", "南"]
    rows = [[TITLE], row, headings, camera] if where == "above" else [[TITLE], headings, camera, row]
    number = rows.index(row) + 1
    tab = Tab("甲", rows, ["A1:F1", *(one.format(number) for one in merges)])
    result = _read(write_xlsx(tmp_path / "f.xlsx", tab))
    assert (result.frame["id"].tolist(), result.rejects, result.dropped_columns) == (["c1"], [], [])
    assert {result.mapping[one] for one in ("id", "name", "lon", "lat")} == {"编号", "名称", "经度", "纬度"}


@pytest.mark.parametrize("foot", ["填报人：张三  审核人：李四", "备注：坐标由张三采集"])
def test_what_has_no_coordinates_names_its_columns_and_its_heading_but_no_person(tmp_path: Path, foot: str) -> None:
    rows = [[TITLE], ["编号", "名称", "村"], ["c1", "东门", "头坝村"], [foot]]
    with pytest.raises(UnreadableFile) as caught:
        _read(write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows, ["A1:C1", "A4:C4"])))
    assert "作表头的行：甲!2；有这些列：编号、名称、村" in caught.value.zh
    assert "the heading is row 甲!2; the columns seen: 编号, 名称, 村" in caught.value.en
    assert "张三" not in str(caught.value)


@pytest.mark.parametrize("suffix", ["xlsx", "xlsm", "xls", "et", "ods"])
def test_a_text_of_one_column_under_the_suffix_of_a_workbook_is_none(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"f.{suffix}"
    for text in ("not a zip", "坐标\n102.9\n"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableFile, match="its content is no workbook"):
            _read(path)
    path.write_text("编号,经度,纬度\nc1,102.9,37.5\n", encoding="utf-8")
    assert _read(path).frame["id"].tolist() == ["c1"]
