"""Parts of an address in columns of their own: said by it too, said otherwise, or lacking in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.places.row_parts import PartOfRow, with_parts

GROUP, ROAD, DOOR, ESTATE, BLOCK, UNIT, ROOM = (
    ("组", "组"), ("道路", ""), ("门牌号", "号"), ("小区", ""), ("楼号", "号楼"), ("单元", "单元"), ("室", "室"),
)  # fmt: skip


def part(column: tuple[str, str], text: str) -> PartOfRow:
    return PartOfRow(column[0], text, column[1])


@pytest.mark.parametrize(
    ("address", "column", "text"),
    [
        ("民主街3号", DOOR, "3号"),
        ("民主街3号", DOOR, "3"),
        ("民主街3号", DOOR, "民主街3号"),
        ("民主街３号", DOOR, "3"),
        ("民主街3-5号", DOOR, "3-5"),
        ("民主街3、5号", DOOR, "5"),
        ("古浪县古浪镇民主街3号", ROAD, "民主街"),
        ("昌灵路与民主街交叉口", ROAD, "昌灵路"),
        ("昌松小区3号楼", BLOCK, "3"),
        ("昌松小区3号楼", DOOR, "3"),
        ("昌松小区3号", BLOCK, "3"),
        ("昌松小区3号楼2单元501", UNIT, "2"),
        ("土门村三组12号", GROUP, "3"),
        ("12 Main Street", DOOR, "12"),
        ("民主街3号", DOOR, "3.0"),
    ],
)
def test_what_the_address_says_too_changes_nothing(address: str, column: tuple[str, str], text: str) -> None:
    assert with_parts(address, [part(column, text)]) == (address, [], [], [])


@pytest.mark.parametrize(
    ("address", "column", "text"),
    [
        ("民主街3号", DOOR, "9号"),
        ("民主街13号", DOOR, "3"),
        ("民主街3号", DOOR, "民主街9号"),
        ("民主街3号", DOOR, "3-1"),
        ("民主街3、5号", DOOR, "4"),
        ("昌松小区3号楼", BLOCK, "4"),
        ("民主街3号2单元", UNIT, "3"),
        ("民主街3号501室", ROOM, "502"),
        ("土门村三组12号", GROUP, "4"),
    ],
)
def test_another_number_is_told(address: str, column: tuple[str, str], text: str) -> None:
    found = with_parts(address, [part(column, text)])
    assert (found.text, found.asides, found.roads) == (address, [], [])
    (fault,) = found.faults
    assert fault["code"] == "address_differs"
    assert (column[0] in fault["text"], text in fault["text"]) == (True, True)


@pytest.mark.parametrize("text", ["见附件", "对面", "无名", "九号附近"])
def test_what_is_not_understood_is_told(text: str) -> None:
    (fault,) = with_parts("民主街3号", [part(DOOR, text)]).faults
    assert (fault["code"], text in fault["text"]) == ("unread", True)


def test_a_person_in_a_cell_is_not_cited() -> None:
    (fault,) = with_parts("民主街3号", [part(DOOR, "张三 13812345678")]).faults
    assert (fault["code"], "张三" in fault["text"], "1381" in fault["text"]) == ("unread", False, False)


@pytest.mark.parametrize(
    ("address", "parts", "text"),
    [
        ("民主街", [(DOOR, "3")], "民主街3号"),
        ("3号", [(ROAD, "民主街")], "民主街3号"),
        ("古浪镇3号", [(ROAD, "民主街")], "古浪镇民主街3号"),
        ("古浪县古浪镇", [(ROAD, "民主街"), (DOOR, "3")], "古浪县古浪镇民主街3号"),
        ("民主街2单元", [(DOOR, "3")], "民主街3号2单元"),
        ("昌松小区", [(BLOCK, "3")], "昌松小区3幢"),
        ("昌松小区", [(BLOCK, "3.0")], "昌松小区3幢"),
        ("红旗街道", [(ESTATE, "昌松小区"), (BLOCK, "3"), (UNIT, "2"), (ROOM, "501")], "红旗街道昌松小区3幢2单元501室"),
        ("红旗村", [(GROUP, "3")], "红旗村3组"),
        ("古浪镇昌松小区", [(ESTATE, "昌松小区二期"), (BLOCK, "3")], "古浪镇昌松小区2期3幢"),
        ("古浪镇昌松小区3号楼", [(ESTATE, "昌松小区二期")], "古浪镇昌松小区2期3幢"),
        ("昌松小区3号楼", [(UNIT, "2"), (ROOM, "501")], "昌松小区3幢2单元501室"),
        ("3号楼", [(ESTATE, "昌松小区")], "昌松小区3幢"),
        ("土门村12号", [(GROUP, "3")], "土门村3组12号"),
        ("土门镇土门村", [(GROUP, "3"), (DOOR, "12")], "土门镇土门村3组12号"),
    ],
)
def test_what_the_address_lacks_is_put_where_it_belongs(
    address: str, parts: list[tuple[tuple[str, str], str]], text: str
) -> None:
    assert with_parts(address, [part(column, cell) for column, cell in parts]) == (text, [], [], [])


def test_a_road_and_a_door_beside_a_name_are_one_place_of_their_own() -> None:
    parts = [part(ROAD, "民主街"), part(DOOR, "15")]
    assert with_parts("昌松小区3号楼", parts).asides == [("道路", "民主街15号")]
    assert with_parts("民主街3号", [part(ROAD, "古浪镇民主街")]).asides == [("道路", "古浪镇民主街")]
    assert with_parts("民主街3号", [part(ESTATE, "昌松小区")]).asides == [("小区", "昌松小区")]
    (fault,) = with_parts("第一中学", parts[1:]).faults
    assert fault["code"] == "unread", "a number without a road is nowhere"


@pytest.mark.parametrize(
    ("address", "parts", "aside"),
    [
        ("民主街3号", [(ESTATE, "昌松小区"), (BLOCK, "5")], ("小区", "昌松小区5幢")),
        ("民主街3号2单元", [(ESTATE, "昌松小区"), (BLOCK, "5")], ("小区", "昌松小区5幢")),
        ("民主街3号", [(ESTATE, "昌松小区"), (BLOCK, "5"), (ROOM, "101")], ("小区", "昌松小区5幢101室")),
        ("昌松小区3幢", [(ROAD, "民主街"), (DOOR, "3")], ("道路", "民主街3号")),
        ("土门村1组", [(ROAD, "民主街"), (DOOR, "3")], ("道路", "民主街3号")),
    ],
)
def test_a_number_is_of_the_road_or_estate_that_is_written_with_it(
    address: str, parts: list[tuple[tuple[str, str], str]], aside: tuple[str, str]
) -> None:
    """Block 5 of 昌松小区 is no house of 民主街3号, and door 3 of 民主街 not house 3 of an estate."""
    found = with_parts(address, [part(*one) for one in parts])
    assert (found.text, found.asides, found.faults) == (address, [aside], [])


def test_two_names_of_roads_may_be_those_of_one() -> None:
    ((first, second, fault),) = with_parts("昌灵路3号", [part(ROAD, "幸福路")]).roads
    assert (first, second, fault["code"]) == ("昌灵路", "幸福路", "address_differs")


@given(
    st.integers(1, 99), st.integers(1, 99), st.sampled_from(["民主街", "古浪镇民主街", "昌灵路"]),
    st.sampled_from(["{}", "{}号", " {} 号"]),
)  # fmt: skip
def test_a_door_agrees_with_its_own_number_only(here: int, there: int, street: str, form: str) -> None:
    found = with_parts(f"{street}{here}号", [part(DOOR, form.format(there))])
    assert (found.faults == []) == (here == there)
    assert found.text == f"{street}{here}号"
