"""Test columns that are known by their words: one whose heading agrees is read, another is offered, none is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.readers.columns.second_columns import CONTRADICTED
from geo.readers.reading import ReadResult, read_layer


def cameras(tmp_path: Path, headings: str, *cells: str) -> ReadResult:
    path = tmp_path / "table.csv"
    rows = [f"K{number},102.9,37.4{number},{text}" for number, text in enumerate(cells, 1)]
    path.write_text("\n".join([f"编号,经度,纬度,{headings}", *rows]) + "\n", encoding="utf-8")
    return read_layer(path, "cameras", crs="wgs84")


@pytest.mark.parametrize(
    ("heading", "cells", "field", "read"),
    [
        ("装备", ("球机", "红外枪机"), "kind", ["ptz", "fixed"]),
        ("管控分级", ("一类", "Ⅲ类点"), "class", [1, 3]),
        ("监看面", ("朝东", "由北向南"), "azimuth", [90, 180]),
        ("设备运行", ("在线（正常）", "掉线"), "status", ["online", "offline"]),
        ("所处环境", ("室内", "室外"), "place_type", ["indoor", "outdoor"]),
    ],
)
def test_words_and_heading_that_agree_are_read(
    tmp_path: Path, heading: str, cells: tuple[str, ...], field: str, read: list[object]
) -> None:
    found = cameras(tmp_path, heading, *cells)
    assert found.frame[field].tolist() == read
    assert (found.mapping[field], found.unused_columns, found.findings) == (heading, [], [])
    assert any(note.startswith(f"{heading} 按内容读作") for note in found.assumed)


@pytest.mark.parametrize(
    ("heading", "cells", "field"),
    [
        ("备注", ("已拆除", "停机"), "status"),
        ("甲", ("球机", "枪机"), "kind"),
        ("乙", ("朝东", "朝西"), "azimuth"),
        # These agree with the field, and are of something else.
        ("派出所等级", ("一级", "二级"), "class"),
        ("防水级别", ("一级", "二级"), "class"),
        ("原机型", ("球机", "枪机"), "kind"),
        ("拟更换机型", ("球机", "枪机"), "kind"),
        ("小区方位", ("东", "西"), "azimuth"),
        ("NVR状态描述", ("在线", "离线"), "status"),
        ("机房位置", ("室内", "室外"), "place_type"),
    ],
)
def test_words_under_a_heading_that_says_nothing_are_offered(
    tmp_path: Path, heading: str, cells: tuple[str, ...], field: str
) -> None:
    found = cameras(tmp_path, heading, *cells)
    assert field not in found.mapping
    assert found.frame[field].isna().all()
    (finding,) = found.findings
    assert (finding.field, finding.value, finding.count) == (field, f"{heading}: {cells[0]}, {cells[1]}", 2)
    assert f"--map {field}=列名" in finding.reason


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("补光灯状态", ("正常", "故障")),
        ("历史状态", ("正常", "故障")),
        ("电源状况", ("正常", "断电")),
        ("图像质量", ("良好", "异常")),
        ("道路等级", ("一级", "二级")),
        ("安装点地址", ("东街口球机", "西街口枪机")),
        ("车流流向", ("由北向南", "由南向北")),
        ("备注", ("停机", "等待供电，下月安装电表")),
        ("等次", ("1", "2")),
    ],
)
def test_what_is_of_something_else_is_neither_read_nor_offered(
    tmp_path: Path, heading: str, cells: tuple[str, ...]
) -> None:
    found = cameras(tmp_path, heading, *cells)
    assert set(found.mapping) <= {"id", "lon", "lat", "name"}
    assert found.findings == []


def test_of_two_columns_that_agree_none_is_chosen(tmp_path: Path) -> None:
    found = cameras(tmp_path, "朝向1,朝向2", "东,西", "南,北")
    assert found.frame["azimuth"].isna().all()
    assert [(one.field, one.value) for one in found.findings] == [
        ("azimuth", "朝向1: 东, 南"),
        ("azimuth", "朝向2: 西, 北"),
    ]


def test_a_blank_column_stands_in_no_ones_way(tmp_path: Path) -> None:
    found = cameras(tmp_path, "类型,装备", ",球机", ",枪机")
    assert found.frame["kind"].tolist() == ["ptz", "fixed"]
    assert (found.mapping["kind"], found.unused_columns, found.findings) == ("装备", ["类型"], [])


def test_two_columns_of_states_that_differ_are_a_finding(tmp_path: Path) -> None:
    found = cameras(tmp_path, "在线状态,建设状态", "在线,已建", "在线,已拆除", "离线,故障")
    assert found.frame["status"].tolist() == ["online", "online", "offline"]
    assert [(one.reason, one.value, one.rows) for one in found.findings] == [(CONTRADICTED, "在线 | 已拆除", ("2",))]
