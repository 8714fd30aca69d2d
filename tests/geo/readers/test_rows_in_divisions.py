"""What a list says outside its rows: titles of the rows below, names of sheets, what stands above the heading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geo.readers.place_lists import read_places
from geo.readers.rows_in_divisions import BAND_ROW
from geo.sentences import both
from tests.geo.readers.workbook_files import Tab, write_xlsx


def _rows(folder: Path, *tabs: Tab) -> list[Any]:
    return list(read_places(write_xlsx(folder / "f.xlsx", *tabs), crs="wgs84").rows)


def _divisions(row: Any) -> list[str]:
    return [one.text for one in row["divisions"]]


def test_rows_are_in_the_division_that_the_row_above_them_names(tmp_path: Path) -> None:
    cells = [
        ["编号", "地址"], ["1", "东街1号"], ["一、土门镇", None], ["2", "东街1号"], ["新胜村", None], ["3", "东街1号"],
        ["大靖镇", None], ["4", "东街1号"], ["备注见后", None], ["5", "东街1号"],
    ]  # fmt: skip
    rows = _rows(tmp_path, Tab("甲", cells))
    said = {row["id"]: _divisions(row) for row in rows if row["address"] is not None}
    assert said == {"1": [], "2": ["土门镇"], "3": ["土门镇", "新胜村"], "4": ["大靖镇"], "5": ["大靖镇"]}
    told = [row["id"] for row in rows if row["fault"] is not None and row["fault"].en == both(BAND_ROW)[1]]
    assert told == ["一、土门镇", "新胜村", "大靖镇"]


def test_a_column_of_a_row_comes_before_the_row_above_it(tmp_path: Path) -> None:
    cells = [["编号", "乡镇", "地址"], ["土门镇", None, None], ["1", "大靖镇", "东街1号"], ["2", None, "东街1号"]]
    _, first, second = _rows(tmp_path, Tab("甲", cells))
    assert (_divisions(first), _divisions(second)) == (["大靖镇"], ["土门镇"])


@pytest.mark.parametrize(("name", "said"), [("土门镇", ["土门镇"]), ("各乡镇", []), ("Sheet1", [])])
def test_rows_are_in_the_division_that_their_sheet_is_called_by(tmp_path: Path, name: str, said: list[str]) -> None:
    (row,) = _rows(tmp_path, Tab(name, [["编号", "地址"], ["1", "东街1号"]]))
    assert _divisions(row) == said


def test_a_list_of_addresses_alone_has_no_titles(tmp_path: Path) -> None:
    rows = _rows(tmp_path, Tab("甲", [["地址"], ["土门镇"], ["东街1号"]]))
    assert [(row["address"], _divisions(row)) for row in rows] == [("土门镇", []), ("东街1号", [])]


@pytest.mark.parametrize(
    ("title", "sheet", "told"),
    [
        ("事件表（坐标系：GCJ02）", "甲", [("表头以上", "事件表（坐标系：GCJ02）")]),
        ("土门镇登记表", "甲", [("表头以上", "土门镇登记表")]),
        ("登记表", "GCJ02坐标", [("工作表名", "GCJ02坐标")]),
        ("登记表", "甲", []),
    ],
)
def test_a_crs_or_a_town_above_the_heading_is_told_in_each_row(
    tmp_path: Path, title: str, sheet: str, told: list[tuple[str, str]]
) -> None:
    cells = [[title, None, None, None], ["编号", "地址", "经度", "纬度"], ["1", "东街1号", 102.9, 37.5]]
    (row,) = _rows(tmp_path, Tab(sheet, cells))
    assert list(row["unused"]) == told


def test_a_title_that_the_address_says_too_is_not_told(tmp_path: Path) -> None:
    cells = [["土门镇登记表", None], ["编号", "地址"], ["1", "土门镇东街1号"]]
    (row,) = _rows(tmp_path, Tab("甲", cells))
    assert list(row["unused"]) == []
