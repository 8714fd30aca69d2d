"""Test which of several sheets is read, and that no other table is passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.readers.place_lists import read_places
from geo.readers.reading import read_layer
from tests.geo.readers.workbook_files import Tab, write_xlsx

SECOND = Tab("第二批", [["编号", "地址"], ["B1", "石门镇政府"], ["B2", "黑沟村一组9号"]])


def test_a_second_sheet_of_words_alone_is_no_sheet_of_notes(tmp_path: Path) -> None:
    rows = [[n, "城关镇", "东街社区", f"人民路{n}号"] for n in (1, 3, 5)]
    first = Tab("Sheet", [["序号", "乡镇", "村社区", "详细地址"], *rows])
    found = read_places(write_xlsx(tmp_path / "a.xlsx", first, SECOND))
    assert [(one.value, one.count) for one in found.findings] == [("第二批", 3)]
    assert not any("说明工作表" in one for one in found.notes)


@pytest.mark.parametrize("is_first", [True, False])
def test_the_long_sheet_is_read_though_a_small_one_has_another_heading(tmp_path: Path, is_first: bool) -> None:
    rows = [[n, "城关镇", "东街社区", f"人民路{n}号"] for n in range(1, 31)]
    long = Tab("Sheet", [["序号", "乡镇", "村社区", "详细地址"], *rows])
    tabs = (long, SECOND) if is_first else (SECOND, long)
    found = read_places(write_xlsx(tmp_path / "c.xlsx", *tabs))
    assert (len(found.rows), [one.value for one in found.findings]) == (30, ["第二批"])


def test_a_sheet_of_points_does_not_take_the_place_of_a_long_one_of_addresses(tmp_path: Path) -> None:
    long = Tab("甲", [["详细地址"], *([f"人民路{n}号"] for n in range(1, 31))])
    points = Tab("乙", [["经度", "纬度"], [102.9, 37.5]])
    found = read_places(write_xlsx(tmp_path / "p.xlsx", long, points))
    assert (len(found.rows), [one.value for one in found.findings]) == (30, ["乙"])


def test_a_sheet_of_explanations_stays_one(tmp_path: Path) -> None:
    notes = [["字段", "含义"], ["地址", "从县到门牌"], ["编号", "本单位的编号"]]
    table = Tab("甲", [["编号", "地址"], ["1", "东街1号"]])
    found = read_places(write_xlsx(tmp_path / "n.xlsx", table, Tab("乙", notes)))
    assert (list(found.findings), len(found.rows)) == ([], 1)


def test_a_small_sheet_with_more_columns_does_not_take_the_place_of_the_register(tmp_path: Path) -> None:
    register = Tab(
        "甲", [["编号", "名称", "经度", "纬度"], *([f"c{n}", "门", 102.91, 37.51 + n / 100] for n in range(1, 31))]
    )
    small = Tab(
        "乙", [["编号", "名称", "东经", "北纬", "安装高度", "立杆编号"], ["c1", "东门", 102.91, 37.51, 3.5, "P1"]]
    )
    reading = read_layer(write_xlsx(tmp_path / "m.xlsx", small, register), "cameras", crs="wgs84")
    assert (len(reading.frame), [one.value for one in reading.findings]) == (30, ["乙"])
