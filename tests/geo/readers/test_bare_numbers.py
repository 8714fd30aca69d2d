"""Test that blank cells below a village make no addresses of numbers alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.reading import read_layer
from geo.readers.words.bare_numbers import is_number_only
from tests.geo.readers.workbook_files import Tab, write_xlsx

ROWS = [
    ["编号", "乡镇", "村", "组", "门牌号", "经度", "纬度"],
    ["Z0", "大滩镇", "新民村", "一组", "1号", 103.04, 37.0],
    ["Z1", None, None, None, "3号", 103.04, 37.0],
    ["Z2", None, None, "二组", "1号", 103.04, 37.0],
]


def test_numbers_below_blank_cells_are_rejected_with_their_rows(tmp_path: Path) -> None:
    reading = read_layer(write_xlsx(tmp_path / "x.xlsx", Tab("甲", ROWS)), "addresses", crs="wgs84")
    assert reading.frame["text"].tolist() == ["大滩镇新民村一组1号"]
    assert [(one.row, one.field, one.value) for one in reading.rejects] == [
        ("甲!3", "text", "3号"), ("甲!4", "text", "二组1号"),
    ]  # fmt: skip


def test_merged_cells_go_on(tmp_path: Path) -> None:
    tab = Tab("甲", ROWS, merges=("B2:B4", "C2:C4"))
    reading = read_layer(write_xlsx(tmp_path / "x.xlsx", tab), "addresses", crs="wgs84")
    assert reading.frame["text"].tolist() == ["大滩镇新民村一组1号", "大滩镇新民村3号", "大滩镇新民村二组1号"]


@pytest.mark.parametrize("text", ["3号", "35-2", "甲3号"])
def test_a_standard_address_beside_a_number_is_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(
        f"编号,地址,标准地址,经度,纬度\n1,{text},大滩镇民主街{text},103,37\n2,{text},,103,37\n", encoding="utf-8"
    )
    reading = read_layer(path, "addresses", crs="wgs84")
    assert (reading.frame["id"].tolist(), [one.row for one in reading.rejects]) == (["1"], ["2"])


@pytest.mark.parametrize("name", ["新民村", "民主街", "阳光花园", "八一路", "县医院", "一中", "G30", "1号路", "甲子村"])
@given(st.from_regex(r"[1-9]\d{0,3}(-\d{1,2})?(号|组|栋|室)", fullmatch=True))
def test_a_name_before_a_number_makes_it_an_address(name: str, number: str) -> None:
    assert is_number_only(number)
    assert not is_number_only(name + number)
