"""Feed tables with any headings: every column is mapped, unused or dropped, and every row kept, rejected or skipped."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.catalog.layers import LAYERS
from geo.errors import GeoError
from geo.readers.columns import second_columns
from geo.readers.reading import ReadResult, read_layer

KNOWN = sorted({word for one in LAYERS.values() for field in one.all_fields for word in (field.zh, field.en)})
KNOWN += sorted({word for one in LAYERS.values() for field in one.all_fields for word in field.columns.split()})
KNOWN += [
    "省",
    "市",
    "县",
    "乡镇",
    "村",
    "路",
    "号",
    "小区",
    "幢",
    "单元",
    "室",
    "监控方位",
    "摄像机类型",
    "室内外",
    "设备状态",
    "坐标系",
    "一类/二类/三类",
    "点位状态",
]
PERSONAL = ["联系电话", "IP地址", "网格员姓名", "密码", "户主", "email", "MAC"]
ODD = [
    "",
    " ",
    "\u3000",
    "x" * 90,
    "长" * 300,
    "\x01",
    "a\tb",
    "a\nb",
    "备注",
    "column 2",
    "编号 (2)",
    "1",
    "102.8",
    "()",
]


def near(word: str) -> st.SearchStrategy[str]:
    """Return what people make of a heading: marks, units, width, case, a letter more or less."""
    wide = word.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    return st.sampled_from(
        [word, f" {word} ", f"{word}*", f"{word}（必填）", f"{word}(cm)", f"{word}/厘米", f"{word}2", f"新{word}",
         word[:-1], word[1:], wide, word.upper(), word.title(), f"*{word}", f"{word}：", f"{word}_ft", "　".join(word)]
    )  # fmt: skip


HEADING = st.one_of(
    st.sampled_from(KNOWN).flatmap(near), st.sampled_from(PERSONAL), st.sampled_from(ODD), st.text(max_size=12)
)
CELL = st.sampled_from(
    ["", "1", "3", "东", "90", "球机", "0", "正常", "3-5米", "是", "合计", "一类", "x", "无", "2024-01-01", "=1"]
)
LAYER = st.sampled_from(["cameras", "grids", "villages", "addresses", "demand", "roads"])
COUNTED = re.compile(r"^跳过")


def parts_of(mapped: str, names: list[str]) -> list[str]:
    """Return the columns that one entry of the mapping names: an address is joined of several."""
    if mapped in names:
        return [mapped]
    return [part for piece in mapped.split(" | ") for part in ([piece] if piece in names else piece.split(" + "))]


def written(folder: Path, headings: list[str], rows: list[list[str]]) -> Path:
    path = folder / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([headings, *rows])
    return path


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(headings=st.lists(HEADING, max_size=9), data=st.data(), layer=LAYER)
def test_every_column_and_row_is_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, headings: list[str], data: st.DataObject, layer: str
) -> None:
    headings = [re.sub("[\ud800-\udfff\0\r]", "", heading) for heading in headings]
    cells = st.lists(CELL, min_size=len(headings), max_size=len(headings))
    given_rows = data.draw(st.lists(cells, min_size=1, max_size=6))
    rows = [[*row, f"{102.8 + number / 100:.2f}", "37.4"] for number, row in enumerate(given_rows)]
    path = written(tmp_path_factory.getbasetemp(), [*headings, "lon", "lat"], rows)
    try:
        found = read_layer(path, layer, crs="wgs84", header_row=1, with_samples=True)
    except GeoError:
        return
    columns = [one.column for one in found.samples]
    assert len(columns) == len(headings) + 2
    assert len(set(columns)) == len(columns)
    for column in columns:
        homes = [
            any(column in parts_of(one, columns) for one in found.mapping.values()),
            column in found.unused_columns,
            column in found.dropped_columns,
        ]
        assert sum(homes) == 1, (column, found.mapping, found.unused_columns, found.dropped_columns)
    skipped = sum(count for sentence, count in found.assumed.items() if COUNTED.match(sentence))
    kept = len(set(found.features.tolist()))
    assert found.read == kept + len(found.rejects)
    assert found.read + skipped == len(rows)


def read(folder: Path, text: str) -> ReadResult:
    path = folder / "c.csv"
    path.write_text(text, encoding="utf-8")
    return read_layer(path, "cameras", crs="wgs84")


def test_a_column_without_a_heading_loses_no_row(tmp_path: Path) -> None:
    found = read(tmp_path, "id,lon,lat,,\na,102.8,37.4,备注,\nb,102.8,37.5,,\n")
    assert found.frame["id"].tolist() == ["a", "b"]
    assert found.unused_columns == ["column 4"]  # the fifth is blank throughout
    assert [fault.row for fault in read(tmp_path, "id,lon,lat\na,102.8,37.4,x\n").rejects] == ["1"]


@pytest.mark.parametrize(
    ("heading", "row"),
    [("编号,经度,纬度,备注", "C1,东经102°53′,北纬37°20′,高度"), ("编号,坐标,备注", 'C1,"102.88,37.33",安装高度')],
)
def test_a_row_whose_words_are_headings_is_a_row(tmp_path: Path, heading: str, row: str) -> None:
    found = read(tmp_path, f"{heading}\n{row}\n{row.replace('C1', 'C2')}\n")
    assert found.frame["id"].tolist() == ["C1", "C2"]


def test_a_second_table_below_takes_no_row_from_the_first(tmp_path: Path) -> None:
    second = "编号,名称,经度,纬度,方位角\nB,x,102.9,37.5,90\n"
    found = read(tmp_path, f"编号,经度,纬度\nA1,102.8,37.4\nA2,102.8,37.5\n{second}")
    assert found.frame["id"].tolist() == ["A1", "A2"]
    assert [fault.row for fault in found.rejects] == ["3", "4"]
    titled = read(tmp_path, f"负责人：张三,联系电话：1\n2024,1\n{second}")
    assert titled.frame["id"].tolist() == ["B"]


@pytest.mark.parametrize("total", ["共3台", "以上合计", "总计：3", "小计（土门镇）"])
def test_totals_are_skipped_and_said(tmp_path: Path, total: str) -> None:
    found = read(tmp_path, f"编号,经度,纬度,方位角\nA,102.8,37.4,90\n{total},,,90\n")
    assert (found.read, found.rejects) == (1, [])
    assert any(COUNTED.match(sentence) for sentence in found.assumed)


def test_two_columns_of_one_field_are_compared(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "编号,经度,纬度,安装方位,方位角\na,102.8,37.4,东,\nb,102.8,37.5,东,85\nc,102.8,37.6,东,270\nd,102.8,37.7,,270\n",
    )
    assert found.frame["azimuth"].fillna(-1).tolist() == [-1, 85, 270, 270]
    assert {(one.value, one.reason, one.rows) for one in found.findings} == {
        ("安装方位: 东", second_columns.BLANK, ("1",)),
        ("270 | 东", second_columns.ELSEWHERE, ("3",)),
    }


def test_of_two_columns_of_one_field_a_blank_one_is_not_read(tmp_path: Path) -> None:
    text = "编号,设备编码,经度,纬度,安装方位,方位角\n,a,102.8,37.4,东,\n,b,102.8,37.5,西,无\n"
    found = read(tmp_path, text)
    assert found.frame["azimuth"].tolist() == [90, 270]
    assert found.frame["id"].tolist() == ["a", "b"]
    assert found.mapping == {"id": "设备编码", "azimuth": "安装方位", "lon": "经度", "lat": "纬度"}
    assert set(found.unused_columns) == {"编号", "方位角"}
    assert not found.findings
    named = read_layer(tmp_path / "c.csv", "cameras", crs="wgs84", mapping={"azimuth": "方位角"})
    assert named.frame["azimuth"].isna().all()
    assert [one.reason for one in named.findings] == [second_columns.BLANK] * 2


def test_guards_and_fakes_are_no_cameras(tmp_path: Path) -> None:
    words = ["保安", "仿真摄像机", "假探头", "Dummy Camera", "模拟枪机", "球机"]
    lines = [f"c{number},102.8{number},37.4,{word}" for number, word in enumerate(words)]
    found = read(tmp_path, "\n".join(["编号,经度,纬度,类型", *lines]))
    assert [fault.value for fault in found.rejects] == words[:4]
    assert found.frame["kind"].tolist() == ["fixed", "ptz"]


def test_days_in_the_wrong_order_cost_the_last_one_not_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [
        "a,102.8,37.4,2026-03-01,2026-09-01",
        "b,102.9,37.4,2026-09-01,2026-03-01",
        "c,102.7,37.4,2026-03-01,2026-03-01",
    ]
    path.write_text("\n".join(["编号,经度,纬度,生效日期,失效日期", *rows]), encoding="utf-8")
    result = read_layer(path, "cameras", crs="wgs84")
    assert result.frame["valid_to"].fillna("").tolist() == ["2026-09-01", "", ""]
    assert [(one.field, one.rows) for one in result.findings] == [("valid_to", ("2", "3"))]


@pytest.mark.parametrize(("heading", "cell", "height"), [("安装高度(cm)", "5", 0.05), ("安装高度", "0.6", 0.6)])
def test_a_height_below_one_metre_is_kept_and_said(tmp_path: Path, heading: str, cell: str, height: float) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"编号,经度,纬度,{heading}\na,102.8,37.4,{cell}\n", encoding="utf-8")
    result = read_layer(path, "cameras", crs="wgs84")
    assert result.frame["height"].tolist() == [height]
    assert [(one.field, one.value) for one in result.findings] == [("height", cell)]


def test_a_number_that_cannot_be_read_is_said_to_be_left_empty(tmp_path: Path) -> None:
    path = tmp_path / "n.csv"
    path.write_text(f"编号,经度,纬度,安装高度,名称\na,102.8,37.4,高,x\nb,102.9,37.4,46.99.88,{'长' * 70000}\n", "utf-8")
    result = read_layer(path, "cameras", crs="wgs84")
    assert len(result.frame) == 2
    assert {one.field for one in result.findings} == {"height", "name"}
    assert all("，作空 / " in one.reason and one.reason.endswith(": left empty") for one in result.findings)


def test_a_missing_key_is_named_as_planners_name_it(tmp_path: Path) -> None:
    path = tmp_path / "k.csv"
    path.write_text("经度,纬度\n102.8,37.4\n", "utf-8")
    assert any(sentence.startswith("没有编号，") for sentence in read_layer(path, "cameras", crs="wgs84").assumed)
