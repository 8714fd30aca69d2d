"""Say of coordinates in a text what they lack."""

from __future__ import annotations

import pytest

from geo.places.address.text_coordinates import points_in_text
from geo.places.text_faults import fault_of_point


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
