"""The tables of a report say what they leave out: rows that rights do not include, columns that nothing fills."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.representations.report_tables import Table, printed_table, report_tables
from geo.storage.geopackage.store import open_store
from geo.studies.report_contents import report_contents


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "没有一行填写而未印的列：声明、备注。"),
        ("en", "Columns not printed, since no row listed fills them: 声明, 备注."),
    ],
)
def test_columns_that_no_row_fills_are_named(lang: str, said: str) -> None:
    columns = {"序号": "count", "声明": "text", "备注": "text"}
    printed = printed_table(Table("未知量", "未知量", columns, [(1, "", None), (2, None, "")]), lang)
    assert [one.title for one in printed.columns] == ["序号"]
    assert printed.notes == (said,)
    filled = printed_table(Table("未知量", "未知量", columns, [(1, "校门全覆盖", "无")]), lang)
    assert len(filled.columns) == 3
    assert filled.notes == ()
    assert len(printed_table(Table("未知量", "未知量", columns, []), lang).columns) == 3


def test_lists_of_some_townships_say_so(workspace: Path) -> None:
    with open_store(workspace) as store:
        found = report_contents(store)
    said = "只列您有权查看的镇街的，其他镇街的未列出。"
    whole = report_tables(found, "zh", {})
    assert not any(said in one.notes for one in whole)
    part = report_tables(found, "zh", {}, is_part=True)
    assert {one.title for one in part if said in one.notes} >= {"盲区清单", "未知量"}
    assert {one.section for one in part if said in one.notes} <= {"盲区清单", "未知量", "变化"}
