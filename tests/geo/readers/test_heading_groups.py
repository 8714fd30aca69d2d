"""Test headings of two rows: what a group is of decides whether a heading below it is of the row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from geo.readers.reading import ReadResult, read_layer
from tests.geo.readers.workbook_files import Tab, write_xlsx

PLACE = ("坐标", ("经度", "纬度"), (102.89, 37.45))
SQUARE = "POLYGON((102.8 37.4,102.81 37.4,102.81 37.41,102.8 37.41,102.8 37.4))"
Group = tuple[str, Sequence[str], Sequence[Any]]


def read(tmp_path: Path, of: str, *groups: Group, suffix: str = "xlsx") -> ReadResult:
    """Read a sheet of one row, each group merged over its headings; a text of the table does not tell of merges."""
    above: list[Any] = []
    below: list[Any] = []
    cells: list[Any] = []
    merges: list[str] = []
    for group, headings, values in groups:
        first, last = (chr(ord("A") + place) for place in (len(above), len(above) + max(len(headings), 1) - 1))
        merges += [f"{first}1:{last}1"] if len(headings) > 1 else [] if headings else [f"{first}1:{first}2"]
        above += [group, *[None] * (len(headings) - 1)]
        below += [*headings] if headings else [None]
        cells += values
    rows = [above, below, cells]
    path = tmp_path / f"table.{suffix}"
    if suffix == "xlsx":
        write_xlsx(path, Tab("表", rows, merges))
    else:
        lines = [",".join("" if one is None else f'"{one}"' for one in row) for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_layer(path, of, crs="wgs84")


KEY = ("编号", (), ("k1",))


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
@pytest.mark.parametrize("of", ["旧坐标", "原坐标", "变更前"])
def test_the_place_of_today_is_read(tmp_path: Path, suffix: str, of: str) -> None:
    found = read(
        tmp_path,
        "cameras",
        KEY,
        (of, ("经度", "纬度"), (102.1, 37.1)),
        ("新坐标", ("经度", "纬度"), (102.2, 37.2)),
        suffix=suffix,
    )
    assert (found.frame.geometry.iloc[0].x, found.frame.geometry.iloc[0].y) == (102.2, 37.2)


@pytest.mark.parametrize(
    ("group", "headings", "cells"),
    [
        ("建筑", ("高度", "面积"), (20, 100)),
        ("机箱", ("高度", "类型"), (1.2, "壁挂")),
        ("立杆", ("类型", "状态"), ("L杆", "损坏")),
        ("补光灯", ("状态", "类型"), ("故障", "LED")),
        ("交换机", ("状态", "编号"), ("故障", "x1")),
        ("派出所", ("名称", "编号"), ("城关所", "62")),
        ("施工单位", ("名称", "编码"), ("甲公司", "62")),
    ],
)
def test_what_a_group_says_of_something_else_is_not_read(
    tmp_path: Path, group: str, headings: Sequence[str], cells: Sequence[Any]
) -> None:
    found = read(tmp_path, "cameras", KEY, PLACE, (group, headings, cells))
    read_as = {field: column for field, column in found.mapping.items() if field != "source"}
    assert read_as == {"id": "编号", "lon": "坐标/经度", "lat": "坐标/纬度"}
    assert found.findings == []


def test_of_equal_headings_that_of_the_camera_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "cameras",
        ("派出所", ("名称", "编号"), ("城关所", "62")),
        PLACE,
        ("补光灯", ("状态", "类型"), ("故障", "LED")),
        ("点位", ("编号", "名称"), ("k1", "东门")),
        ("摄像机", ("状态", "类型"), ("正常", "球机")),
        ("机箱", ("编号", "高度"), ("x1", 1.2)),
        ("立杆", ("编号", "高度", "类型", "状态"), ("p1", 6, "L杆", "损坏")),
    )
    row = found.frame.iloc[0]
    assert [row[one] for one in ("id", "name", "status", "kind", "site", "height")] == [
        *("k1", "东门", "online", "ptz", "p1", 6.0)
    ]


def test_a_title_of_two_texts_is_no_group(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["城关派出所点位表", None, None, "2026年10月", None],
        ["编号", "名称", "状态", "经度", "纬度"],
    ]
    path = write_xlsx(
        tmp_path / "table.xlsx", Tab("表", [*rows, ["k1", "东门", "正常", 102.9, 37.4]], ["A1:C1", "D1:E1"])
    )
    assert read_layer(path, "cameras", crs="wgs84").mapping["id"] == "编号"


def test_a_grid_has_not_the_name_of_its_village(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "grids",
        ("所属村", ("名称", "编码"), ("土门村", "620622100201")),
        ("网格", ("名称", "编码"), ("第一网格", "g1")),
        ("WKT", (), (SQUARE,)),
    )
    assert found.frame[["code", "name", "village"]].iloc[0].tolist() == ["g1", "第一网格", "620622100201"]


def test_a_building_has_the_height_of_its_group(tmp_path: Path) -> None:
    found = read(tmp_path, "obstacles", KEY, ("建筑", ("高度", "层数"), (20, 6)), ("WKT", (), (SQUARE,)))
    assert found.frame["height"].tolist() == [20.0]
