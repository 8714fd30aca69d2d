"""Tails of addresses: inside, near, or not understood."""

from __future__ import annotations

import pytest

from geo.places.address.tails import is_another_number, is_inside, is_near_a_door, place_nearby


@pytest.mark.parametrize(
    "tail", ["3单元501室", "附5号", "二楼", "b座", "东单元", "501", "永辉超市", "底商", "flat3", "3栋2单元5号"]
)
def test_rooms_parts_and_occupants_are_inside(tail: str) -> None:
    assert is_inside("民主街3号", tail)
    assert place_nearby(tail) is None


@pytest.mark.parametrize(
    "tail", ["斜对面", "以北200米", "西邻", "二百米处", "拐弯处", "nr", "rearof", "200mn", "northernside"]
)
def test_words_for_places_nearby_are_never_inside(tail: str) -> None:
    assert place_nearby(tail) is not None
    assert not is_inside("民主街3号", tail)
    assert not is_inside("民主街3号", "附5号" + tail), "inside first, and beside it after all"


@pytest.mark.parametrize("tail", ["停车场", "5号", "及5号", "至37号", "桥头"])
def test_what_is_not_understood_is_not_inside(tail: str) -> None:
    assert not is_inside("民主街3号", tail)


def test_a_second_number_is_a_room_only_of_a_house() -> None:
    assert (is_inside("幸福小区5号楼", "3号"), is_inside("幸福街5号", "3号")) == (True, False)
    assert not is_inside("杨柳沟村3组", "3单元"), "not a door"


def test_a_number_that_goes_on_is_another_one() -> None:
    assert [is_another_number("大街12", tail) for tail in ("-3号", "/3", "a", "flat3", "号")] == [
        *(True, True, True),
        *(False, False),
    ]


def test_words_for_places_nearby_in_a_name_say_nothing_without_a_door() -> None:
    assert not is_near_a_door("青石镇", "路口村3号")
    assert is_near_a_door("青石镇", "3号对面")
