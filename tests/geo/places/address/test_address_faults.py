"""Faults of addresses: the code of each kind, and that each is said in both languages."""

from __future__ import annotations

import pytest

from geo.places.address.address_faults import fault_of_tail, fault_of_unstored, name_faults
from geo.places.address.normalise import normal_form
from geo.places.address.readings import AddressReader
from geo.places.address.tail_parts import read_tail
from tests.geo.places.address.small_places import tree


@pytest.mark.parametrize(("tail", "code"), [("对面", "nearby"), ("北侧200米", "nearby"), ("小卖部", "unread")])
def test_what_follows_what_was_read(tail: str, code: str) -> None:
    assert fault_of_tail(tail)["code"] == code


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ("昌灵路5号", "unstored"),
        ("3组", "unstored"),
        ("红旗村", "unknown_place"),
        ("桥墩", "unread"),
        ("往昌灵路", "unread"),
        ("朋友的超市", "unread"),
        ("5号旁", "nearby"),
    ],
)
def test_what_is_not_stored_is_understood_or_not(tail: str, code: str) -> None:
    fault, is_understood = fault_of_unstored(read_tail(normal_form(tail)))
    assert (fault["code"], is_understood) == (code, code == "unstored")
    assert " / " in fault["text"]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("土门镇新胜村", []),
        ("土门镇新盛村", ["sound_or_shape"]),
        ("土门乡新胜村", ["alias"]),
        ("洋县土门镇新胜村", ["contradiction"]),
    ],
)
def test_names_that_are_wrong(text: str, codes: list[str]) -> None:
    places = tree()
    faults = name_faults(AddressReader(places).read(text)[0], places)
    assert [fault["code"] for fault in faults] == codes
