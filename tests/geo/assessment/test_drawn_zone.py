"""Drawn zones: their text and back, and every text that is none, in words."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.assessment.drawn_zone import MOST_CORNERS, MOST_LETTERS, drawn_text, drawn_zone, rows_in
from geo.errors import BadValue

BAD = {
    "drawn:": "经度_纬度",
    "drawn:103_37~103.1_37": "3 到 100",
    "drawn:103_37~103.001_37~103.002_37": "自相交",
    "drawn:103_37~103.001_37.001~103.001_37~103_37.001": "自相交",
    "drawn:181_37~103.001_37~103_37.001": "经度_纬度",
    "drawn:103_91~103.001_37~103_37.001": "经度_纬度",
    "drawn:nan_37~103.001_37~103_37.001": "经度_纬度",
    "drawn:1e2_37~103.001_37~103_37.001": "经度_纬度",
    "drawn:103_37_1~103.001_37~103_37.001": "经度_纬度",
    "drawn:103_37~104_37~104_38~103_38": "最多 100 km²",
}


@pytest.mark.parametrize("text", BAD)
def test_a_text_that_is_no_polygon_says_why(text: str) -> None:
    with pytest.raises(BadValue) as found:
        drawn_zone(text)
    assert BAD[text] in found.value.zh


@pytest.mark.parametrize("text", ["", "grids:g1", "drawn", "东街"])
def test_other_texts_name_other_zones(text: str) -> None:
    assert drawn_zone(text) is None


def test_corners_and_letters_are_bounded() -> None:
    turn = np.linspace(0, 2 * np.pi, MOST_CORNERS + 1, endpoint=False)

    def ring(count: int) -> str:
        corners = zip(103 + 0.01 * np.cos(turn[:count]), 37 + 0.01 * np.sin(turn[:count]), strict=True)
        return "drawn:" + "~".join(f"{lon:.6f}_{lat:.6f}" for lon, lat in corners)

    assert len(drawn_zone(ring(MOST_CORNERS)).exterior.coords) == MOST_CORNERS + 1
    with pytest.raises(BadValue, match="100"):
        drawn_zone(ring(MOST_CORNERS + 1))
    with pytest.raises(BadValue):
        drawn_zone("drawn:" + "9" * 2 * MOST_LETTERS)


@given(st.lists(st.tuples(st.integers(-900, 900), st.integers(-900, 900)), min_size=3, max_size=8, unique=True))
def test_a_hull_comes_back_from_its_text(corners: list[tuple[int, int]]) -> None:
    """Corners of whole steps of 1e-5 degrees are not moved by the rounding of the text."""
    hull = shapely.convex_hull(shapely.MultiPoint([(103 + x / 1e5, 37 + y / 1e5) for x, y in corners]))
    if hull.geom_type != "Polygon":
        return
    back = drawn_zone(drawn_text(hull))
    assert back is not None
    assert back.symmetric_difference(hull).area < 1e-15
    lon, lat = np.array([[103 + x / 1e5, 37 + y / 1e5] for x, y in corners]).T
    assert rows_in(back.buffer(1e-9), lon, lat).all()
