"""Test wide tables of divisions: code and name of a row are of one level, and those above are rows too."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.readers.reading import ReadResult, read_layer
from geo.readers.rows.division_rows import levels_of_columns

TOWN, EAST, WEST = "990301101", "990301101001", "990301101002"


def read(folder: Path, text: str, **options: object) -> ReadResult:
    path = folder / "x.csv"
    path.write_text(text, encoding="utf-8")
    return read_layer(path, "divisions", **options)  # type: ignore[arg-type]


def rows(reading: ReadResult) -> list[list[object]]:
    frame = reading.frame[["code", "name", "level"]].astype(object)
    return frame.where(frame.notna(), None).values.tolist()


def test_a_village_has_its_own_name_and_its_town_is_a_row_once(tmp_path: Path) -> None:
    table = f"序号,县,乡镇名称,乡镇代码,村（社区）名称,村代码\n1,青禾县,城关镇,{TOWN},东街社区,{EAST}\n"
    reading = read(tmp_path, f"{table}2,青禾县,城关镇,{TOWN},西关社区,{WEST}\n")
    assert rows(reading) == [[EAST, "东街社区", "village"], [WEST, "西关社区", "village"], [TOWN, "城关镇", "township"]]
    assert reading.mapping == {"code": "村代码 | 乡镇代码", "name": "村（社区）名称 | 乡镇名称"}
    assert reading.unused_columns == ["序号", "县"]
    assert (reading.read, reading.rejects, reading.features.tolist()) == (2, [], [1, 2, 1])
    assert any(
        "each division of 乡镇代码 is made a row" in one and count == 1 for one, count in reading.assumed.items()
    )


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
@pytest.mark.parametrize(
    "names",
    ["乡镇名称 乡镇代码 村名称 村代码", "所属乡镇 乡镇编码 社区 社区代码", "街道名 街道区划代码 村居名称 村居编码"],
)
def test_the_order_and_the_words_of_columns_change_nothing(tmp_path: Path, names: str, order: tuple[int, ...]) -> None:
    cells = [names.split(), ["城关镇", TOWN, "东街社区", EAST]]
    reading = read(tmp_path, "\n".join(",".join(line[place] for place in order) for line in cells))
    assert rows(reading) == [[EAST, "东街社区", "village"], [TOWN, "城关镇", "township"]]


def test_a_row_without_a_village_is_its_town(tmp_path: Path) -> None:
    reading = read(tmp_path, f"乡镇名称,乡镇代码,村名称,村代码\n城关镇,{TOWN},,\n城关镇,{TOWN},东街社区,{EAST}\n")
    assert rows(reading) == [[TOWN, "城关镇", "township"], [EAST, "东街社区", "village"]]


def test_a_village_without_a_name_does_not_take_that_of_its_town(tmp_path: Path) -> None:
    reading = read(tmp_path, f"乡镇名称,乡镇代码,村名称,村代码\n城关镇,{TOWN},,{EAST}\n")
    assert rows(reading) == [[EAST, None, "village"], [TOWN, "城关镇", "township"]]
    assert [(one.field, one.value, one.rows) for one in reading.findings] == [("name", EAST, ("1",))]


def test_one_code_with_two_names_is_said(tmp_path: Path) -> None:
    table = f"乡镇名称,乡镇代码,村名称,村代码\n城关镇,{TOWN},东街社区,{EAST}\n大滩镇,{TOWN},西关社区,{WEST}\n"
    reading = read(tmp_path, table)
    assert rows(reading)[2:] == [[TOWN, "城关镇", "township"]]
    assert [(one.value, one.rows) for one in reading.findings] == [(f"{TOWN}: 大滩镇 | 城关镇", ("2",))]


def test_villages_without_codes_are_said_and_do_not_name_the_town(tmp_path: Path) -> None:
    reading = read(tmp_path, f"乡镇名称,乡镇代码,村名称\n城关镇,{TOWN},东街社区\n城关镇,{TOWN},西关社区\n")
    assert rows(reading) == [[TOWN, "城关镇", "township"]]
    assert [one.row for one in reading.rejects] == ["2"]
    assert [(one.value, one.rows) for one in reading.findings] == [("村名称: 东街社区", ("1",))]


def test_one_column_of_codes_takes_the_name_of_the_level_of_each(tmp_path: Path) -> None:
    table = f"县,乡镇,村,区划代码\n青禾县,,,990301\n青禾县,城关镇,,{TOWN}000\n青禾县,城关镇,东街社区,{EAST}\n"
    assert [name for _, name, _ in rows(read(tmp_path, table))] == ["青禾县", "城关镇", "东街社区"]


def test_one_column_of_names_takes_the_finest_code_of_each_row(tmp_path: Path) -> None:
    table = f"县代码,乡镇代码,村代码,名称\n990301,,,青禾县\n990301,{TOWN},,城关镇\n990301,{TOWN},{EAST},东街社区\n"
    assert [row[:2] for row in rows(read(tmp_path, table))] == [
        ["990301", "青禾县"], [TOWN, "城关镇"], [EAST, "东街社区"],
    ]  # fmt: skip


def test_the_shape_of_a_village_is_not_that_of_its_town(tmp_path: Path) -> None:
    shape = '"POLYGON((103 37,103.1 37,103.1 37.1,103 37))"'
    reading = read(
        tmp_path, f"乡镇名称,乡镇代码,村名称,村代码,wkt\n城关镇,{TOWN},东街社区,{EAST},{shape}\n", crs="wgs84"
    )
    assert rows(reading) == [[EAST, "东街社区", "village"]]
    assert [(one.field, one.value) for one in reading.findings] == [("code", "乡镇代码")]


def test_levels_are_known_by_their_headings() -> None:
    assert levels_of_columns(["代码", "名称", "级别", "上级代码", "曾用名"]) == []
    assert levels_of_columns(["省", "省代码", "市州", "旗县区", "苏木乡镇"]) == [
        ("township", None, "苏木乡镇"),
        ("county", None, "旗县区"),
        ("city", None, "市州"),
        ("province", "省代码", "省"),
    ]
