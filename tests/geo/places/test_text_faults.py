"""Say of coordinates in a text what they lack, and each doubt in both languages."""

from __future__ import annotations

import pytest

from geo.places.address.address_faults import Fault
from geo.places.address.text_coordinates import points_in_text
from geo.places.text_faults import (
    AXIS_ORDER,
    NO_CRS,
    beside_position,
    fault_of_point,
    no_crossing,
    outside_division,
    unknown_road,
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("WGS84：102.98,37.45", None),
        ("102.98,37.45", "no_crs"),
        ("20.1234,37.4512 WGS84", "axis_order"),
        ("20.1234,37.4512", "axis_order"),
        ("东经20.1234°，北纬37.4512°（WGS84）", None),
    ],
)
def test_coordinates_need_a_system_and_an_order(text: str, code: str | None) -> None:
    (point,) = points_in_text(text)
    fault = fault_of_point(point)
    assert (fault and fault["code"]) == code


@pytest.mark.parametrize(
    ("fault", "zh"),
    [
        (NO_CRS, "坐标没有写明坐标系（WGS-84、CGCS2000、GCJ-02、BD-09），请注明"),
        (AXIS_ORDER, "看不出哪个数是经度、哪个是纬度，请注明"),
        (no_crossing("甲路", "乙路"), "甲路、乙路在图上不相交"),
        (outside_division("土门镇", "甲路"), "甲路不在土门镇之内"),
        (beside_position("对面" * 20), f"所说的是这个位置旁近的地方（{'对面' * 10}）"),
        (unknown_road("甲路"), "道路图层里没有甲路"),
    ],
)
def test_each_doubt_is_said_in_both_languages(fault: Fault, zh: str) -> None:
    said, _, english = fault["text"].partition(" / ")
    assert said == zh
    assert english
    assert " / " not in english
