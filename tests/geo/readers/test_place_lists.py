"""Test lists of addresses and points to be looked up: the tables of an import, but each row has its answer."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.catalog.layers import LAYERS
from geo.errors import UnknownCrs, UnreadableFile
from geo.readers.place_lists import read_places
from geo.readers.words.value_words import value_reader
from tests.geo.readers.workbook_files import Error, Tab, write_ods, write_xls, write_xlsx

ROWS = [["编号", "详细地址", "经度", "纬度"], ["1", "民主街35号", None, None], ["2", None, 102.9, 37.5]]
READ = [("1", "民主街35号", None, None, None), ("2", None, 102.9, 37.5, "gcj02")]


def _rows(path: Path, **options: Any) -> list[tuple[Any, ...]]:
    return [
        (one["id"], one["address"], one["lon"], one["lat"], one["crs"]) for one in read_places(path, **options).rows
    ]


def _faults(path: Path, **options: Any) -> list[str]:
    return [one["fault"].en if one["fault"] else "" for one in read_places(path, **options).rows]


def _text(path: Path, rows: list[list[Any]], encoding: str, separator: str) -> Path:
    lines = [separator.join("" if cell is None else str(cell) for cell in row) for row in rows]
    path.write_text("\n".join(lines), encoding=encoding)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_texts_in_every_encoding_and_with_every_separator(tmp_path: Path, encoding: str, separator: str) -> None:
    assert _rows(_text(tmp_path / "f.csv", ROWS, encoding, separator), crs="gcj02") == READ


@pytest.mark.parametrize("write", [write_xlsx, write_xls, write_ods])
def test_workbooks_below_a_title(tmp_path: Path, write: Any) -> None:
    path = tmp_path / f"f.{write.__name__.removeprefix('write_')}"
    assert _rows(write(path, Tab("名单", [["来电地址"], *ROWS])), crs="gcj02") == READ


def test_every_row_has_its_answer_totals_and_blank_ones_too(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("id,address,lon,lat,crs\n1,a,,,\n合计,,,,\n,,,,\n2,,abc,2,wgs84\n3,,1,,wgs84\n4,,1,2,moon\n")
    assert [one["id"] for one in read_places(path).rows] == ["1", "合计", None, "2", "3", "4"]
    nothing = "neither an address nor coordinates"
    assert _faults(path) == ["", nothing, nothing, "text that is no number: abc", "longitude without latitude", ""]
    assert _rows(path)[-1] == ("4", None, 1.0, 2.0, "moon")  # who looks it up says that this is no CRS


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",a路1号,102.9,", "longitude without latitude"),
        (",a路1号,,37.5", "latitude without longitude"),
        (",a路1号,x,37.5", "text that is no number: x"),
        ("G1,,102.9,", "longitude without latitude"),
    ],
)
def test_a_point_that_is_none_is_no_fault_of_the_address_or_code(tmp_path: Path, cells: str, said: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"网格编码,地址,经度,纬度\n{cells}\n,b路1号,102.9,37.5\n", encoding="utf-8")
    first, second = read_places(path, crs="wgs84").rows
    assert (first["fault"], first["point_fault"].en, first["lon"], first["lat"]) == (None, said, None, None)
    assert (second["fault"], second["point_fault"], second["lon"]) == (None, None, 102.9)


def test_one_column_of_a_pair_leaves_the_addresses(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("编号,地址,经度\n1,a路1号,102.9\n", encoding="utf-8")
    assert _rows(path, crs="wgs84") == [("1", "a路1号", None, None, None)]
    found = read_places(path)
    assert list(found.unused_columns) == ["经度"]
    assert found.rows[0]["point_fault"].en == "longitude without latitude"


@pytest.mark.parametrize("heading", ["坐标", "经纬度", "位置"])
def test_a_pair_in_one_column_is_the_point_of_an_address_too(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f'编号,地址,{heading}\n1,a路1号,"102.905,37.415"\n2,,"102.9,37.5"\n', encoding="utf-8")
    read = [("1", "a路1号", 102.905, 37.415, "wgs84"), ("2", None, 102.9, 37.5, "wgs84")]
    assert _rows(path, crs="wgs84") == read
    assert list(read_places(path).unused_columns) == []


def test_cells_that_hold_no_pair_and_pairs_of_unknown_order_leave_the_addresses(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('地址,坐标\na路1号,"102.905,37.415"\nb路1号,见图\nc路1号,\n', encoding="utf-8")
    first, second, third = read_places(path, crs="wgs84").rows
    assert (first["lon"], first["fault"], second["fault"], third["point_fault"]) == (102.905, None, None, None)
    assert second["point_fault"].en == "no pair of coordinates: 见图"
    path.write_text('地址,lonely coordinates\na路1号,"38.5,39.7"\n', encoding="utf-8")
    row = read_places(path, crs="wgs84").rows[0]
    assert (row["address"], row["lon"], row["fault"]) == ("a路1号", None, None)
    assert row["point_fault"].en.startswith("nothing tells whether longitude or latitude comes first")


def test_an_address_that_is_a_pair_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text('地址\n"102.905,37.415"\n', encoding="utf-8")
    assert _rows(path) == [("1", "102.905,37.415", None, None, None)]


def test_cells_in_error_say_so(tmp_path: Path) -> None:
    rows = [["编号", "地址", "经度", "纬度"], ["1", Error("#REF!"), None, None], ["2", None, Error("#N/A"), 37.5]]
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", rows))
    first, second = read_places(path).rows
    assert [(name, why.en.rpartition(": ")[2]) for name, why in first["unread"]] == [("地址", "#REF!")]
    assert second["fault"].en.rpartition(": ")[2] == "#N/A"


def test_a_column_names_the_crs_and_the_county_the_order_of_a_pair(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("编号,经度,纬度,坐标系\n1,102.9,37.5,高德\n2,102.9,37.5,\n", encoding="utf-8")
    assert [row[-1] for row in _rows(path, crs="wgs84")] == ["gcj02", "wgs84"]
    assert [row[-1] for row in _rows(path)] == ["gcj02", None]
    path.write_text('编号,坐标\n1,"60.2,24.9"\n', encoding="utf-8")
    assert _rows(path, near=(24.0, 60.0, 26.0, 61.0), crs="wgs84")[0][2:4] == (24.9, 60.2)
    with pytest.raises(UnknownCrs):
        read_places(path, crs="moon")


def test_serial_numbers_parts_of_addresses_and_personal_columns(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("序号,乡镇,村,门牌号,电话,备注\n7,土门镇,甲村,3号,1390,x\n", encoding="utf-8")
    assert _rows(path)[0][:2] == ("7", "土门镇甲村3号")
    found = read_places(path)
    assert (list(found.unused_columns), list(found.dropped_columns)) == (["备注"], ["电话"])


def test_columns_of_divisions_beside_that_of_addresses_are_read(tmp_path: Path) -> None:
    """东街1号 of one town is not 东街1号 of another: whoever looks it up does so in the town. A town is no address."""
    path = tmp_path / "f.csv"
    lines = ["编号,所属乡镇,详细地址", "1,杏沟镇,东街1号", "2,杏沟镇,杏沟镇东街1号", "3,杏沟镇,", "4,,东街1号"]
    path.write_text("\n".join(lines), "utf-8")
    found = read_places(path)
    assert [row["address"] for row in found.rows] == ["东街1号", "杏沟镇东街1号", None, "东街1号"]
    town = ("所属乡镇", "township", "杏沟镇")
    assert [row["divisions"] for row in found.rows] == [(town,), (town,), (town,), ()]
    assert list(found.unused_columns) == []
    assert sum(found.notes.values()) == 2
    assert found.sheet["详细地址"].tolist() == ["东街1号", "杏沟镇东街1号", "", "东街1号"], "as it came"


def test_a_column_of_divisions_of_any_level_is_read_beside_the_address(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("编号,安装地址,行政区域,县\n1,东街1号,杏沟镇,甲县\n2,东街1号,甲县,\n", "utf-8")
    found = read_places(path)
    assert [[(one.column, one.text) for one in row["divisions"]] for row in found.rows] == [
        [("县", "甲县"), ("行政区域", "杏沟镇")], [("行政区域", "甲县")],
    ]  # fmt: skip
    assert list(found.unused_columns) == []


def test_a_second_address_is_read_where_the_first_is_blank_whatever_parts_say(tmp_path: Path) -> None:
    """Town and village place a row worse than the second address, which stands in them."""
    path = tmp_path / "f.csv"
    path.write_text("地址,标准地址,乡镇,村\n,乙路2号,甲镇,丙村\n,,甲镇,丙村\n,,,\n", "utf-8")
    assert [row["address"] for row in read_places(path).rows] == ["乙路2号", "甲镇丙村", None]


def test_one_column_of_divisions_beside_points_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("编号,乡镇,经度,纬度\n1,甲镇,103.0,37.5\n", "utf-8")
    found = read_places(path, crs="wgs84")
    (row,) = found.rows
    assert (row["address"], row["divisions"]) == (None, (("乡镇", "township", "甲镇"),))
    assert (list(found.unused_columns), sum(found.notes.values())) == ([], 0)


def test_two_columns_of_one_heading_are_both_kept_and_the_first_that_is_filled_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("编号,地址,地址,备注,备注,, \n1,甲路1号,乙路1号,一,二,三,\n2,,乙路2号,一,二,三,四\n", "utf-8")
    found = read_places(path)
    assert [row["address"] for row in found.rows] == ["甲路1号", "乙路2号"]
    assert [row["fault"] for row in found.rows] == [None, None]
    assert [len(found.sheet.columns), found.sheet.iloc[1].tolist()[-1]] == [7, "四"]


@pytest.mark.parametrize("heading", ["安装地址", "家庭住址", "现住址", "事发地点", "巡查地点", "小区地址", "所在地址"])
def test_headings_of_registers_of_cameras_households_and_patrols(tmp_path: Path, heading: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(f"编号,{heading},所属乡镇\n1,甲路1号,杏沟镇\n", "utf-8")
    (row,) = read_places(path).rows
    assert (row["address"], row["divisions"]) == ("甲路1号", (("所属乡镇", "township", "杏沟镇"),))


def test_where_the_address_is_blank_another_column_has_it_with_the_divisions_of_the_row(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    rows = "1,,甲路1号,杏沟镇,,\n2,,,杏沟镇,,\n3,,甲路3号,,102.9,\n"
    path.write_text(f"编号,地址,标准地址,乡镇,经度,纬度\n{rows}", "utf-8")
    first, second, third = read_places(path, crs="wgs84").rows
    assert (first["address"], first["fault"], len(first["divisions"])) == ("甲路1号", None, 1)
    assert (second["address"], second["fault"].en) == (None, "neither an address nor coordinates")
    assert (third["address"], third["fault"]) == ("甲路3号", None)
    assert third["point_fault"].en == "longitude without latitude"


def test_sheets_are_named_and_those_left_out_are_said(tmp_path: Path) -> None:
    other = Tab("乙", [["k", "门牌地址"], ["9", "c路1号"]])
    path = write_xlsx(tmp_path / "f.xlsx", Tab("甲", [["编号", "地址"], ["1", "a路1号"]]), other)
    assert [row[0] for row in _rows(path)] == ["1"]
    assert [(one.value, one.count) for one in read_places(path).findings] == [("乙", 2)]
    assert [row[1] for row in _rows(path, sheets=["乙"])] == ["c路1号"]


@pytest.mark.parametrize(
    ("text", "said"), [("a,b\n1,2\n", "no column of addresses"), ("\n\n", "no row"), ("", "empty")]
)
def test_what_is_no_list_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text)
    with pytest.raises(UnreadableFile, match=said):
        read_places(path)


def test_every_value_of_every_field_is_read_as_itself_by_each_of_its_names() -> None:
    for layer in LAYERS.values():
        for field in layer.fields:
            read = value_reader(layer.name, field.name) if field.kind == "text" and field.values else None
            for one in field.values if read is not None else ():
                assert read(one.name) == read(one.zh) == read(one.en) == one.name, (layer.name, field.name, one.name)


@pytest.mark.parametrize(
    ("lines", "addresses", "unpaired"),
    [
        (['1,"甲路1号', "2,乙路2号", "3,丙路3号"], ["甲路1号", "乙路2号", "丙路3号"], 1),
        (["1,甲路1号", '2,"乙路2号', '3,"丙路3号"'], ["甲路1号", "乙路2号", "丙路3号"], 1),
        (['1,"甲路1号', '2,"乙路2号'], ["甲路1号", "乙路2号"], 2),
        (['1,"甲路1号', '2,"乙路', '2号"'], ["甲路1号", "乙路\n2号"], 1),  # a cell of two lines stays one
        (['1,"甲路1号"', '2,"乙路2号"'], ["甲路1号", "乙路2号"], 0),
    ],
)
def test_a_quotation_mark_left_open_loses_no_other_row(
    tmp_path: Path, lines: list[str], addresses: list[str], unpaired: int
) -> None:
    path = tmp_path / "f.csv"
    path.write_text("\n".join(["编号,地址", *lines]), "utf-8")
    found = read_places(path)
    assert [row["address"] for row in found.rows] == addresses
    assert [row["id"] for row in found.rows] == [str(n) for n in range(1, len(addresses) + 1)]
    assert list(found.notes.values()) == ([unpaired] if unpaired else [])


@given(st.lists(st.text('a"1,\n', max_size=6), max_size=8))
def test_whatever_the_quotation_marks_every_line_without_one_is_a_row(cells: list[str]) -> None:
    plain = [f"n{k}" for k in range(3)]
    lines = ["编号,地址", *cells, '"x', *(f"9,{one}" for one in plain)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "f.csv"
        path.write_text("\n".join(lines), "utf-8")
        assert [row["address"] for row in read_places(path).rows][-3:] == plain
