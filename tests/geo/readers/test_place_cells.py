"""Columns of a list that say more of a place than its address: other addresses, its parts, names of grids."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.readers.columns.place_cells import NOTHING, CellsBeside, columns_beside
from geo.readers.place_lists import PlaceList, read_places


def read(folder: Path, *lines: str) -> PlaceList:
    path = folder / "f.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_places(path)


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("标准地址", "addresses"),
        ("详细地址", "addresses"),
        ("房屋坐落", "addresses"),
        ("地址 (3)", "addresses"),
        ("网格名称", "grids"),
        ("所属网格", "grids"),
        ("微网格名称", "grids"),
        ("grid_name", "grids"),
        ("门牌号", "parts"),
        ("道路名称", "parts"),
        ("楼号", "parts"),
        ("乡镇", None),  # a division: see address_parts
        ("网格员", None),
        ("网格编码", None),
        ("地址类型", None),
        ("备注", None),
    ],
)
def test_headings_tell_what_a_column_says_of_the_place(heading: str, kind: str | None) -> None:
    found = columns_beside(["编号", "地址", heading], "地址")
    assert [name for name in found._fields if getattr(found, name)] == ([] if kind is None else [kind])
    assert found.names() == ([] if kind is None else [heading])


def test_parts_without_an_address_are_the_address_itself(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "道路,门牌号,网格名称", "民主街,3,一格").rows
    assert (row["address"], row["beside"]) == ("民主街3号", CellsBeside(grids=(("网格名称", "一格"),)))
    first, second = read(tmp_path, "标准地址,道路,门牌号", "古浪镇民主街3号,民主街,3", ",民主街,3").rows
    assert (first["address"], second["address"]) == ("古浪镇民主街3号", "民主街3号")
    assert (len(first["beside"].parts), second["beside"]) == (2, NOTHING)


def test_each_row_has_its_cells_and_no_column_is_idle(tmp_path: Path) -> None:
    found = read(
        tmp_path, "编号,地址,地址,门牌号,网格名称,备注", "1,民主街3号,东关街10号,3,一格,x", "2,民主街4号,,无,,",
    )  # fmt: skip
    first, second = (row["beside"] for row in found.rows)
    assert first == CellsBeside((("地址 (3)", "东关街10号"),), (("网格名称", "一格"),), (("门牌号", "3", "号"),))
    assert second == NOTHING
    assert list(found.unused_columns) == ["备注"]
    assert [row["address"] for row in found.rows] == ["民主街3号", "民主街4号"]


def test_the_order_of_two_addresses_is_the_same_to_both(tmp_path: Path) -> None:
    for names in ("地址,详细地址", "详细地址,地址"):
        (row,) = read(tmp_path, f"编号,{names}", "1,民主街3号,东关街10号").rows
        assert {row["address"], *(text for _, text in row["beside"].addresses)} == {"民主街3号", "东关街10号"}


def test_personal_columns_and_codes_are_not_among_them(tmp_path: Path) -> None:
    found = read(tmp_path, "地址,身份证地址,网格编码,联系电话", "民主街3号,x路1号,G1,13800000000")
    assert [row["beside"] for row in found.rows] == [NOTHING]
