"""Test that the sheet of a workbook is the source of its cameras where no column names one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.catalog.layers import layer
from geo.readers.columns.column_plan import ColumnPlan
from geo.readers.rows.raw_fields import raw_fields
from geo.readers.source import SourceTable


@pytest.mark.parametrize(
    ("header", "sheets", "sources"),
    [
        ("编号", ("土门镇", "大靖镇"), ["土门镇", "大靖镇", "大靖镇"]),
        ("编号", ("土门镇",), None),
        ("承建单位", ("土门镇", "大靖镇"), ["a", "b", "c"]),
    ],
)
def test_sheets_are_sources(header: str, sheets: tuple[str, ...], sources: list[str] | None) -> None:
    columns = pd.DataFrame({header: ["a", "b", "c"]}, dtype=object)
    table = SourceTable("w.xlsx", columns, np.array([shapely.Point(102, 37)] * 3, dtype=object), notes=Counter())
    table.sheets, table.sheet_of_row = sheets, np.array([0, len(sheets) - 1, len(sheets) - 1])
    chosen = ColumnPlan(layer("cameras"), {}, None).choose(list(columns.columns))
    read = raw_fields(table, chosen).cells
    assert (read["source"].tolist() if "source" in read else None) == sources
    assert any("工作表名" in sentence for sentence in table.notes) == (sources == ["土门镇", "大靖镇", "大靖镇"])
