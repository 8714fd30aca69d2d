"""Read any table that has codes of grids: the column, its cells, what a spreadsheet lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from geo.errors import BadValue
from geo.readers.code_lists import read_code_list

CODE = "990101101201001"


def test_the_column_is_known_by_its_heading_or_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"序号,网格编码,旧码\n1,{CODE},{CODE[:-1]}2\n", encoding="gb18030")
    assert read_code_list(path).codes == [CODE]
    assert read_code_list(path, "旧码").codes == [f"{CODE[:-1]}2"]
    with pytest.raises(BadValue, match=r"a\.csv: there is no column 代号; there are: 序号, 网格编码, 旧码"):
        read_code_list(path, "代号")


def test_a_table_without_a_column_of_codes_says_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(BadValue, match="Name it by --code-column; there are: 甲, 乙"):
        read_code_list(path)


def test_numbers_of_a_workbook_are_codes_as_long_as_they_are_exact(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    pd.DataFrame({"网格编码": [int(CODE), int(CODE) * 100 + 1], "件数": [3, 4]}).to_excel(path, index=False)
    found = read_code_list(path)
    assert found.codes[0] == CODE
    assert found.lost == {1: found.codes[1]}


def test_personal_columns_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text(f"网格编码,网格员姓名,联系电话\n{CODE},某,139\n", encoding="utf-8")
    assert list(read_code_list(path).table.columns) == ["网格编码"]
