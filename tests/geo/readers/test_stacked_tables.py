"""Tables that stand one below another: every row of a list is read, and rows of a register are read or told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.readers.place_lists import read_places
from geo.readers.reading import read_layer
from geo.readers.sheets.stacked_tables import HEADING_ROW, ROWS_ABOVE
from geo.sentences import both
from tests.geo.readers.workbook_files import Tab, write_xlsx


def _written(folder: Path, rows: list[list[Any]], form: str) -> Path:
    if form == "xlsx":
        return write_xlsx(folder / "f.xlsx", Tab("甲", rows))
    path = folder / "f.csv"
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("count", [1, 4, 45])
def test_rows_above_and_below_a_second_heading_are_read_under_their_own(tmp_path: Path, form: str, count: int) -> None:
    above = [[str(k), f"东街{k}号"] for k in range(count)]
    rows = [["编号", "地址"], *above, ["编号", "纬度", "经度"], ["x", 37.5, 102.9], ["编号", "地址"], ["y", "西街1号"]]
    found = read_places(_written(tmp_path, rows, form), crs="wgs84").rows
    assert [row["id"] for row in found] == [*(row[0] for row in above), "编号", "x", "编号", "y"]
    assert [row["address"] for row in found[:count]] == [row[1] for row in above]
    assert [(row["lon"], row["lat"]) for row in found[count:]] == [
        (None, None),
        (102.9, 37.5),
        (None, None),
        (None, None),
    ]
    assert found[-1]["address"] == "西街1号"
    told = [row["fault"].en for row in found if row["fault"] is not None]
    assert told == [both(HEADING_ROW)[1]] * 2


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_heading_that_only_adds_a_column_loses_no_row_above(tmp_path: Path, form: str) -> None:
    rows = [["编号", "地址"], ["1", "东街1号"], ["2", "东街2号"], ["编号", "地址", "备注"], ["3", "东街3号", "无"]]
    found = read_places(_written(tmp_path, rows, form)).rows
    assert [(row["id"], row["address"]) for row in found if row["fault"] is None] == [
        ("1", "东街1号"), ("2", "东街2号"), ("3", "东街3号"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rows_of_a_register_above_a_better_heading_are_told(tmp_path: Path, form: str) -> None:
    rows = [
        ["编号", "地址"],
        ["1", "东街1号"],
        ["2", "东街2号"],
        ["编号", "地址", "经度", "纬度"],
        ["3", "东街3号", 102.9, 37.5],
    ]
    found = read_layer(_written(tmp_path, rows, form), "addresses", crs="wgs84")
    assert found.frame["id"].tolist() == ["3"]
    (told,) = [one for one in found.findings if one.reason == ROWS_ABOVE]
    assert (told.count, [one.rpartition("!")[2] for one in told.rows]) == (2, ["2", "3"])


TABLES = st.lists(
    st.tuples(st.permutations(["编号", "地址", "备注", "经度"]), st.integers(1, 3)), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(tables=TABLES)
def test_a_cell_stands_under_its_heading_however_the_columns_lie(tables: list[tuple[list[str], int]]) -> None:
    """Each cell says its row and its heading."""
    from geo.catalog.layers import layer
    from geo.readers.sheets.heading_rows import Headings
    from geo.readers.sheets.stacked_tables import stacked_tables

    rows = [cells for names, count in tables for cells in [names, *([names] * count)]]
    begun = [sum(one + 1 for _, one in tables[:k]) for k in range(len(tables))]
    cells = [list(names) if k in begun else [f"{k}第{name}格" for name in names] for k, names in enumerate(rows)]
    first = tables[0][0]
    found = stacked_tables(list(enumerate(cells, 1)), Headings(1, 1, [0, 1, 2, 3], first, first, 4), layer("addresses"))
    assert found.further == {k + 1 for k in begun[1:]}
    assert found.headings.shown == first
    for k, (_, read) in enumerate(found.rows):
        if k not in begun:
            assert read == [f"{k}第{name}格" for name in first]
