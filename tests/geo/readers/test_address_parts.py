"""Test addresses whose text is in the columns of their parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.columns import address_parts
from geo.readers.columns.address_parts import joined, within_divisions
from geo.readers.columns.part_headings import division_columns, part_columns
from geo.readers.reading import ReadResult, read_layer


def read(folder: Path, header: str, *rows: str) -> ReadResult:
    path = folder / "a.csv"
    lines = [f"{header},lon,lat", *(f"{row},102.{number},37.4" for number, row in enumerate(rows))]
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_layer(path, "addresses", crs="wgs84")


def test_the_text_is_joined_in_order(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        "编号,室,单元,幢,小区,号,路,社区,街道,县,市,省,备注",
        "a,501,2,3,平安小区,12,和平路,东街社区,无,武威市古浪县,武威市,甘肃省,x",
        "b,无,,1号楼,,,,,,古浪县,,,",
        "c,无,,,,,,,,,,,",
    )
    assert result.frame["text"].tolist() == ["甘肃省武威市古浪县东街社区和平路12号平安小区3幢2单元501室", "古浪县1号楼"]
    assert result.mapping["text"] == "省 + 市 + 县 + 街道 + 社区 + 路 + 号 + 小区 + 幢 + 单元 + 室"
    assert result.unused_columns == ["备注"]
    assert [(fault.row, fault.field) for fault in result.rejects] == [("3", "text")]


def test_english_parts(tmp_path: Path) -> None:
    header = "id,province,city,county,town,community,road,number,residential_quarters,building,unit,room"
    result = read(tmp_path, header, "a,Gansu,Wuwei,Gulang,Tumen,,Main Street,12,,3,,501")
    assert result.frame["text"].tolist() == ["Gansu Wuwei Gulang Tumen Main Street 12 3 501"]


def test_a_text_that_is_there_is_kept_and_a_missing_one_is_built(tmp_path: Path) -> None:
    result = read(tmp_path, "编号,地址,村名,门牌号", "a,民主街3号,台子村,9", "b,,台子村,9")
    assert result.frame["text"].tolist() == ["民主街3号", "台子村9号"]
    assert result.mapping["text"] == "地址 | 村名 + 门牌号"
    assert not result.unused_columns


def test_one_part_is_no_address(tmp_path: Path) -> None:
    result = read(tmp_path, "编号,村", "a,台子村")
    assert len(result.frame) == 0
    assert [fault.field for fault in result.rejects] == ["text"]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (["北京市", "北京市", "东城区"], "北京市东城区"),
        (["甘肃省", "甘肃省武威市", "武威市古浪县"], "甘肃省武威市古浪县"),
        (["武威", "武威市古浪县"], "武威市古浪县"),
        (["城关镇", "镇中路"], "城关镇镇中路"),
        (["和平路12号", "12号"], "和平路12号"),
        (["12号", "2号楼"], "12号2号楼"),
        (["和平路112号", "12号"], "和平路112号12号"),
    ],
)
def test_nothing_is_said_twice(parts: list[str], text: str) -> None:
    assert joined(parts) == text


def _joined_one_by_one(parts: list[str]) -> str:
    """Return the text of an address, each part compared with all before it."""
    kept: list[str] = []
    for part in parts:
        rest = part
        for earlier in tuple(kept):
            if len(earlier) < 2 or not rest.startswith(earlier) or rest[0].isdigit():
                continue
            if rest[len(earlier) :][:1] in tuple("省市州县区旗乡镇村"):
                kept.remove(earlier)
            else:
                rest = rest[len(earlier) :]
        text = "".join(kept)
        repeated = text.endswith(rest) and not (rest[:1].isdigit() and text[: -len(rest)][-1:].isdigit())
        if rest and not repeated:
            kept.append(rest)
    text = "".join(kept)
    return text if any("\u4e00" <= letter <= "\u9fff" for letter in text) else " ".join(kept)


@given(st.lists(st.text("武威市古县镇1２a", min_size=1, max_size=5), max_size=8))
def test_the_quick_way_leaves_out_what_the_slow_one_does(parts: list[str]) -> None:
    assert joined(parts) == _joined_one_by_one(parts)


NAMES = ["武威市", "武威", "武威市古浪县", "古浪县", "古浪", "东街", "12号", "2号", "1", "Gulang", "a1"]


@given(st.lists(st.lists(st.none() | st.sampled_from(NAMES), min_size=5, max_size=5), max_size=30), st.integers(0, 9))
def test_addresses_that_begin_alike_are_joined_as_each_alone(rows: list[list[str | None]], remembered: int) -> None:
    joiner = address_parts._Joiner()
    joiner._left = remembered
    for parts in rows:
        given_parts = [part for part in parts if part is not None]
        assert joiner.joined(parts) == (joined(given_parts) if given_parts else None)


def test_a_number_counts_something_in_a_chinese_address_only(tmp_path: Path) -> None:
    result = read(tmp_path, "编号,路,号,幢", "a,和平路,12,", "b,Main Street,12,3", "c,,12,三幢", "d,,12,3")
    assert result.frame["text"].tolist() == ["和平路12号", "Main Street 12 3"]
    assert [one.value for one in result.rejects] == ["12号三幢", "12 3"]  # of what, nobody knows


@given(st.permutations(["省", "市", "县", "乡镇", "街道", "社区", "村", "路", "号", "小区", "幢", "单元", "室"]))
def test_the_order_of_the_columns_does_not_matter(headings: list[str]) -> None:
    found = [name for name, _ in part_columns(headings)]
    assert found == ["省", "市", "县", "乡镇", "街道", "社区", "村", "路", "号", "小区", "幢", "单元", "室"]


def test_a_preview_shows_the_text_and_what_it_is_joined_from(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,路,门牌号,备注,lon,lat\na,和平路,12,x,102.5,37.4\n", encoding="utf-8")
    shown = {one.column: one for one in read_layer(path, "addresses", crs="wgs84", with_samples=True).samples}
    assert shown["路"].fields == shown["门牌号"].fields == shown["路 + 门牌号"].fields == ("text",)
    assert shown["路 + 门牌号"].samples == ("和平路12号",)
    assert shown["备注"].fields == ()


@pytest.mark.parametrize(
    ("text", "divisions", "whole"),
    [
        ("东街1号", ["杏沟镇", "东关社区"], "杏沟镇东关社区东街1号"),
        ("杏沟镇东街1号", ["杏沟镇", "东关社区"], "杏沟镇东关社区东街1号"),
        ("青岚县杏沟东街1号", ["青岚县", "杏沟镇"], "青岚县杏沟东街1号"),  # the short form says it too
        ("东关社区东街1号", ["杏沟镇", "东关社区"], "杏沟镇东关社区东街1号"),
        ("东街1号", [None, "是", "合计", "620622", "Xinggou"], "东街1号"),  # none of a division
        ("别的镇东街1号", ["杏沟镇"], "杏沟镇别的镇东街1号"),  # whoever looks it up tells that both are said
        ("", ["杏沟镇"], "杏沟镇"),
        # A village that has the name of its town, or of a street, is said by neither.
        ("四组12号", ["杏沟镇", "杏沟村"], "杏沟镇杏沟村四组12号"),
        ("杏沟四组12号", ["杏沟镇", "杏沟村"], "杏沟杏沟村四组12号"),
        ("杏沟镇杏沟四组", ["杏沟镇", "杏沟村"], "杏沟镇杏沟四组"),
        ("杏沟镇四组", [None, "杏沟村民委员会"], "杏沟村民委员会杏沟镇四组"),
        ("杏沟社区四组", [None, "杏沟村"], "杏沟社区四组"),
        ("东街1号", ["杏沟镇", "东村"], "杏沟镇东村东街1号"),
        ("民主街3号", ["杏沟镇", "民主村"], "杏沟镇民主村民主街3号"),
        ("杏沟街3号", ["杏沟镇"], "杏沟镇杏沟街3号"),
    ],
)
def test_an_address_is_within_the_divisions_of_its_columns(text: str, divisions: list[str | None], whole: str) -> None:
    assert within_divisions(text, divisions) == whole


def test_a_division_that_is_known_is_put_before_an_address_whatever_it_ends_in() -> None:
    assert within_divisions("三组", ["甲县", "黄羊河农场"]) == "甲县三组"
    assert within_divisions("三组", ["甲县", "黄羊河农场"], known={"黄羊河农场"}) == "甲县黄羊河农场三组"


@given(
    st.text("东关杏沟镇村社区1号", max_size=8), st.lists(st.sampled_from(["杏沟镇", "东关社区", "沟村"]), max_size=3)
)
def test_nothing_of_an_address_is_lost_and_nothing_is_added_twice(text: str, divisions: list[str]) -> None:
    whole = within_divisions(text, divisions)
    assert within_divisions(whole, divisions) == whole
    left = iter(whole)
    assert all(one in left for one in text), "its characters in their order"


def test_columns_of_divisions_are_known_with_where_they_belong() -> None:
    found = division_columns(["编号", "所属村", "所在乡镇名称", "地址", "号"])
    assert list(found.items()) == [("所在乡镇名称", "township"), ("所属村", "village")]
    assert list(division_columns(["地址信息/乡镇", "地址信息/村", "村"])) == ["地址信息/乡镇", "村"]
    assert division_columns(["county", "街道办", "社区"]) == {
        "county": "county", "街道办": "township", "社区": "village",
    }  # fmt: skip
    assert part_columns(["所属路", "所属"]) == [("所属路", "")]
