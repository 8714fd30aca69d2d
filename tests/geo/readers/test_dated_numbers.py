"""Test numbers of doors, buildings and groups that a spreadsheet made dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.place_lists import read_places
from geo.readers.reading import ReadResult, read_layer
from geo.readers.rows.dated_numbers import NOT_READ_BACK, READ_BACK, number_of_date
from tests.geo.readers.workbook_files import Styled, Tab, write_xls, write_xlsx

#: Days from the epoch of spreadsheets to 2026-03-01, and to 1945-03-01.
MARCH_2026, MARCH_1945 = (
    float((date(2026, 3, 1) - date(1899, 12, 30)).days),
    float((date(1945, 3, 1) - date(1899, 12, 30)).days),
)
HEADINGS = ["编号", "乡镇", "路", "门牌号", "楼号", "单元号", "室号", "经度", "纬度"]


def _row(key: str, door: Any, *others: Any) -> list[Any]:
    return [key, "城关镇", "解放路", door, *(others or (None, None, None)), 103.01, 37.01]


def _read(path: Path) -> ReadResult:
    return read_layer(path, "addresses", crs="wgs84")


@pytest.mark.parametrize(("write", "suffix"), [(write_xlsx, ".xlsx"), (write_xls, ".xls")])
def test_a_door_that_was_made_a_date_is_read_back(tmp_path: Path, write: Callable[..., Path], suffix: str) -> None:
    table = [HEADINGS, _row("1", "3-1"), _row("2", Styled(MARCH_2026, 1)), _row("3", 3.0)]
    reading = _read(write(tmp_path / f"x{suffix}", Tab("甲", table)))
    assert reading.frame["text"].tolist() == ["城关镇解放路3-1号", "城关镇解放路3-1号", "城关镇解放路3号"]
    assert [(one.reason, one.value, one.count) for one in reading.findings] == [
        (READ_BACK, "门牌号: 2026-03-01 -> 3-1", 1)
    ]


def test_so_are_numbers_of_buildings_units_and_rooms(tmp_path: Path) -> None:
    day = Styled(MARCH_2026, 1)
    reading = _read(write_xlsx(tmp_path / "x.xlsx", Tab("甲", [HEADINGS, _row("1", "2号", day, day, day)])))
    assert reading.frame["text"].tolist() == ["城关镇解放路2号3-1号楼3-1单元3-1室"]
    assert sum(one.count for one in reading.findings) == 3


@pytest.mark.parametrize("door", [Styled(MARCH_1945, 1), Styled(MARCH_2026 + 0.25, 1)])
def test_what_may_have_been_month_and_year_or_is_a_time_is_rejected(tmp_path: Path, door: Styled) -> None:
    reading = _read(write_xlsx(tmp_path / "x.xlsx", Tab("甲", [HEADINGS, _row("1", "2号"), _row("2", door)])))
    assert (reading.frame["id"].tolist(), [(one.row, one.reason) for one in reading.rejects]) == (
        ["1"], [("甲!3", NOT_READ_BACK)],
    )  # fmt: skip


def test_an_address_that_was_made_a_date_is_rejected(tmp_path: Path) -> None:
    table = [
        ["编号", "详细地址", "经度", "纬度"],
        ["1", Styled(MARCH_2026, 1), 103.01, 37.01],
        ["2", "东街1号", 103.01, 37.01],
    ]
    reading = _read(write_xlsx(tmp_path / "x.xlsx", Tab("甲", table)))
    assert (reading.frame["id"].tolist(), [one.reason for one in reading.rejects]) == (["2"], [NOT_READ_BACK])


def test_a_list_that_is_looked_up_reads_them_alike_and_keeps_its_cells(tmp_path: Path) -> None:
    table = [HEADINGS[:4], _row("1", Styled(MARCH_2026, 1))[:4], _row("2", Styled(MARCH_1945, 1))[:4]]
    found = read_places(write_xlsx(tmp_path / "x.xlsx", Tab("甲", table)))
    assert found.rows[0]["address"] == "城关镇解放路3-1号"
    assert "made a date" in found.rows[1]["fault"].en
    assert found.sheet["门牌号"].tolist() == ["2026-03-01", "1945-03-01"]


def test_days_that_a_text_holds_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = "\n".join(
        f"{n},城关镇,解放路,{door},103.01,37.01" for n, door in enumerate(("3月1日", "1-Mar", "2026/3/1", "3-1"))
    )
    path.write_text(f"编号,乡镇,路,门牌号,经度,纬度\n{rows}\n", encoding="utf-8")
    assert _read(path).frame["text"].tolist() == ["城关镇解放路3-1号"] * 4


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_month_and_day_are_those_of_the_date(day: date) -> None:
    assert number_of_date(day.isoformat()) == f"{day.month}-{day.day}"


@given(st.from_regex(r"\d{1,4}([-之]\d{1,4}){0,2}[号室A-Z]?", fullmatch=True))
def test_numbers_stay_as_they_are(text: str) -> None:
    if text.count("-") < 2:  # 2026-3-1 is taken for a date
        assert number_of_date(text) is None
