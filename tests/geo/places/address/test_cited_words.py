"""Words that are cited in faults: none that name a person, and all that name a place."""

from __future__ import annotations

import pytest

from geo.places.address.address_faults import PERSON, fault_of_unread
from geo.places.address.cited_words import MAX_CITED, shortened, without_persons


@pytest.mark.parametrize(
    ("words", "cited"),
    [
        ("张三", "…"),
        ("王小明 13800000000", "…"),
        ("李四女士，138-0000-0000", "…"),
        ("欧阳修", "…"),
        ("桥墩+86 13800000000", "桥墩…"),
        ("0935-5121234 桥墩", "… 桥墩"),
        ("11010519491231002X", "…"),
        ("620622100001001", "620622100001001"),  # the code of a grid
        ("张湾", "张湾"),
        ("李家祠堂", "李家祠堂"),
        ("刘备村口", "刘备村口"),
        ("高层", "高层"),
        ("1号楼138", "1号楼138"),
        ("", ""),
    ],
)
def test_persons_are_left_out_and_places_stay(words: str, cited: str) -> None:
    assert without_persons(words) == cited


def test_a_fault_of_a_person_cites_nothing() -> None:
    assert fault_of_unread("张三 13800000000") == fault_of_unread("(张三)") == PERSON
    assert "桥墩" in fault_of_unread("桥墩张三")["text"], "one word, of which the name is not known"
    assert PERSON["code"] == fault_of_unread("桥墩")["code"] == "unread"


def test_many_words_are_cited_in_part() -> None:
    assert shortened("桥" * MAX_CITED) == "桥" * MAX_CITED
    assert shortened("桥" * (MAX_CITED + 1)) == "桥" * MAX_CITED + "…"
