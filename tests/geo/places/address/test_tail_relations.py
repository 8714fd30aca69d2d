"""How what is asked lies to what is stored: the same, a part, the whole, near, or another place."""

from __future__ import annotations

import pytest

from geo.places.address.normalise import normal_form
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import Relation, is_at, is_inside, relation, second_name


def _relation(stored: str, asked: str) -> Relation:
    return relation(read_tail(normal_form(stored)), read_tail(normal_form(asked)))


@pytest.mark.parametrize(
    ("stored", "asked", "expected"),
    [
        ("民主街3号", "民主街３＃", "same"),
        ("民主街3号", "民主街3号2单元501", "part"),
        ("民主街3号", "民主街3号附1", "part"),
        ("民主街3号附1", "民主街3号", "whole"),
        ("民主街3号", "民主街", "whole"),
        ("民主街3号桥墩", "民主街", "whole"),
        ("民主街", "民主街3号", "other"),
        ("民主街3号", "民主街3-1号", "other"),
        ("民主街12号", "民主街12a", "other"),
        ("民主街3号", "民主路3号", "other"),
        ("民主街3号", "民主街3号对面", "near"),
        ("民主街3号对面", "民主街3号", "near"),
        ("民主街3号对面", "民主街3号对面", "same"),
        ("民主街3号", "民主街5号对面", "other"),
        ("民主街3-7号", "民主街5号", "part"),
        ("民主街3-7号", "民主街4号", "other"),
        ("民主街3、5号", "民主街5号", "part"),
        ("民主街5号", "民主街3、5号", "whole"),
        ("和平里4弄1-10幢", "和平里4弄5栋501", "part"),
        ("和平里4弄5幢", "和平里4弄1-10幢", "whole"),
        ("和平里4弄1-10幢", "和平里4弄", "whole"),
        ("和平里4弄1-10幢", "和平里4弄12幢", "other"),
        ("3组12号", "3社", "whole"),
        ("3组", "3组12号", "other"),
        ("阳光花园5栋", "昌灵路88号阳光花园5号楼", "same"),
        ("阳光花园5栋", "阳光花园5栋2单元501", "part"),
        ("阳光花园5栋2单元501", "阳光花园5栋", "whole"),
        ("民主街12号501", "民主街12号5楼501", "same"),
        ("民主街12号5楼", "民主街12号6楼", "other"),
        ("张家庄12号", "李家庄12号", "other"),
        ("昌灵路3组12号", "12号", "other"),
        ("民主街3号", "民主街3号停车场", "other"),
        ("桥3号头", "桥头", "other"),  # 桥 and 头 beside a number are not 桥头
        ("桥3号头", "桥头3号", "other"),
        ("桥墩3号", "桥墩", "whole"),
        ("永辉超市", "永辉超市二楼", "part"),
        ("幸福小区", "幸福小区2楼", "other"),
        ("王朝大酒店", "王朝大酒店3号楼", "other"),
        *(
            ("民主街1号", f"民主街1号{word}", "part")
            for word in ("门店", "民房", "平房", "自建房", "房屋", "大门", "院子")
        ),
    ],
)
def test_relations(stored: str, asked: str, expected: Relation) -> None:
    assert _relation(stored, asked) == expected


@pytest.mark.parametrize(
    ("stored", "tail", "expected"),
    [
        *(
            ("民主街3号", tail, True)
            for tail in (
                "3单元501室",
                "附5号",
                "二楼",
                "b座",
                "东单元",
                "501",
                "永辉超市",
                "底商",
                "flat3",
                "3栋2单元5号",
            )
        ),
        *(
            ("民主街3号", tail, False)
            for tail in ("斜对面", "以北200米", "西邻", "二百米处", "拐弯处", "nr", "rearof", "200mn", "northernside")
        ),
        ("民主街3号", "3栋2单元5号", True),
        ("民主街3号", "附5号斜对面", False),  # inside first, and beside it after all
        *(("民主街3号", tail, False) for tail in ("停车场", "5号", "及5号", "至37号", "桥头", "甲", "的超市")),
        ("幸福小区5号楼", "3号", True),  # a second number is a room only of a house
        ("幸福街5号", "3号", False),
        ("幸福小区5号楼", "停车场", False),
        ("杨柳沟村3组", "3单元", False),  # no door
    ],
)
def test_what_is_inside_a_stored_place(stored: str, tail: str, expected: bool) -> None:
    assert is_inside(read_tail(normal_form(stored)), read_tail(normal_form(stored + tail))) == expected


@pytest.mark.parametrize(
    ("asked", "rest", "expected"),
    [
        *(("大街12", rest, False) for rest in ("-3号", "/3", "a", "号对面")),
        *(("大街12", rest, True) for rest in ("flat3", "号", "、14号")),
        *(("大街3号", rest, True) for rest in ("附5号", "停车场", "2单元501")),
        ("大街3号", "北侧200米", False),
        ("大街3号7", "-2", False),
        ("阳光花园", "对面", False),
        ("阳光花园", "3栋", True),
        ("阳光", "花园3栋", True),  # half a name is where the name is
        ("青石镇", "路口村3号", True),
    ],
)
def test_what_is_at_a_place_whose_text_goes_on(asked: str, rest: str, expected: bool) -> None:
    assert is_at(read_tail(normal_form(asked + rest)), read_tail(normal_form(asked))) == expected


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("民主街2号幸福小区1幢", "幸福小区1幢"),
        ("幸福小区1幢民主街15号", "民主街15号"),
        ("民主街2号幸福小区1幢和平巷3号", "幸福小区1幢"),  # up to a third
        ("民主街2号1幢301室", None),
        ("民主街2号永辉超市", None),
        ("民主街幸福小区1幢", None),  # no door before it
    ],
)
def test_a_name_behind_a_door_is_a_second_one(text: str, second: str | None) -> None:
    span = second_name(read_tail(text))
    assert (text[slice(*span)] if span else None) == second


@pytest.mark.parametrize(
    "spellings",
    [
        ("阳光花园5栋", "阳光花园5幢", "阳光花园5号楼", "阳光花园五座"),
        ("三组", "3组", "3社", "第3村民小组", "第三村民小组", "3小组"),
        ("12号", "12#", "１２号", "12", "十二号", "012号"),
        ("12-3号", "12号附3", "12之3号", "12号附3号", "12-3"),
        ("甲12号", "12甲号"),
        ("3号2单元501室", "3号2单元501", "3号2-501"),
        ("人民南路四段12号", "人民南路4段12号"),
        ("阳光花园二期5栋", "阳光花园2期5栋"),
        ("阳光花园5-3-501", "阳光花园5栋3单元501室", "阳光花园5号楼3-501"),
    ],
)
def test_spellings_of_one_place_are_the_same(spellings: tuple[str, ...]) -> None:
    assert {_relation(one, other) for one in spellings for other in spellings} == {"same"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12号", "12a"),
        ("12号", "12-3号"),
        ("12号", "甲12号"),
        ("3组", "3队"),
        ("3组", "东三组"),
        ("3、5号", "3号"),
        ("3、5号", "35号"),
        ("1-10幢", "1幢"),
        ("张家庄12号", "李家庄12号"),
        ("12号", "12号桥墩"),
        ("12号", "12号对面"),
        ("12号北侧20米", "12号北侧200米"),
        ("3号楼", "3号"),
        ("1楼", "负1楼"),
        ("2单元", "2室"),
        ("a12栋", "12a栋"),
        ("桥3号头", "桥头3号"),
    ],
)
def test_other_places_are_not_the_same(one: str, other: str) -> None:
    assert "same" not in (_relation(one, other), _relation(other, one))
