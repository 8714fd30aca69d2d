"""How what is asked lies to what is stored: the same, a part, the whole, near, or another place."""

from __future__ import annotations

import pytest

from geo.places.address import tails
from geo.places.address.normalise import normal_form
from geo.places.address.tail_parts import read_tail
from geo.places.address.tail_relations import Relation, relation


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
    ],
)
def test_relations(stored: str, asked: str, expected: Relation) -> None:
    assert _relation(stored, asked) == expected


@pytest.mark.parametrize(
    "tail",
    [
        *("3单元501室", "附5号", "二楼", "b座", "东单元", "501", "永辉超市", "底商", "flat3", "3栋2单元5号"),
        *("斜对面", "以北200米", "西邻", "二百米处", "拐弯处", "nr", "rearof", "200mn", "northernside"),
        *("停车场", "5号", "及5号", "至37号", "桥头", "-3号", "a", "号"),
    ],
)
def test_what_tails_judge_inside_is_a_part_and_nothing_else(tail: str) -> None:
    form = normal_form("民主街3" + ("" if tail[0] in "-a号" else "号") + tail)
    read = "民主街3" if tail[0] in "-a号" else "民主街3号"
    found = relation(read_tail("民主街3号"), read_tail(form))
    if tail == "号":
        assert found == "same"
    elif tails.place_nearby(form[len(read) :]) is not None:
        assert found == "near"
    else:
        assert (found == "part") == tails.is_inside(read, form[len(read) :])
