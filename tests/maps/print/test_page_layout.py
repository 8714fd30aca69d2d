"""Check sizes, round scales and frame arithmetic on numbers that fit on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnknownName
from maps.print.page_layout import (
    PAPERS,
    ROUND_SCALES,
    MapFrame,
    Rect,
    choose_layout,
    page_layout,
    paper_choices,
    round_scale,
)


@pytest.mark.parametrize("name", PAPERS)
def test_papers_lie_both_ways(name):
    landscape, portrait = paper_choices(name)
    assert (landscape.width, landscape.height) == (portrait.height, portrait.width) == PAPERS[name][::-1]
    assert [one.orientation for one in (landscape, portrait)] == ["landscape", "portrait"]


@pytest.mark.parametrize(
    ("text", "size"), [("A3-portrait", (297, 420)), (" a4-Landscape ", (297, 210)), ("a0-portrait", (841, 1189))]
)
def test_papers_asked_one_way(text, size):
    (one,) = paper_choices(text)
    assert (one.width, one.height) == size


@pytest.mark.parametrize("text", ["", "A5", "A3-", "A3-sideways", "letter", "A3 portrait"])
def test_papers_unknown(text):
    with pytest.raises(UnknownName, match="A4"):
        paper_choices(text)


def test_type_grows_with_the_root_of_the_sheet():
    assert paper_choices("A3")[0].type_factor == paper_choices("A3")[1].type_factor == 1
    assert paper_choices("A4")[0].type_factor == 0.925
    assert paper_choices("A0")[0].type_factor == pytest.approx((841 / 297) ** 0.5)


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("name", PAPERS)
def test_parts_of_a_layout_lie_inside_and_apart(name, below):
    for paper in paper_choices(name):
        layout = page_layout(paper, below=below)
        assert 2 <= len(layout.columns) <= 5 if below else len(layout.columns) == 1
        assert all(one.width >= 80 * layout.unit for one in layout.columns)
        page = shapely.box(0, 0, paper.width, paper.height)
        parts = [layout.title, layout.frame, *layout.columns, layout.footer]
        boxes = [shapely.box(one.x, one.y, one.right, one.top) for one in parts]
        neatline = shapely.box(layout.neatline.x, layout.neatline.y, layout.neatline.right, layout.neatline.top)
        assert page.contains_properly(neatline)
        assert all(neatline.contains_properly(box) for box in boxes)
        assert all(a.intersection(b).area < 1e-6 for at, a in enumerate(boxes) for b in boxes[:at])
        assert boxes[1].contains_properly(shapely.box(layout.map.x, layout.map.y, layout.map.right, layout.map.top))


def test_scales_are_round_and_rise():
    assert ROUND_SCALES[:6] == (1_000, 2_000, 2_500, 5_000, 7_500, 10_000)
    assert list(ROUND_SCALES) == sorted(set(ROUND_SCALES))
    assert {25_000, 50_000, 75_000, 100_000, 200_000, 1_000_000} <= set(ROUND_SCALES)


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [
        (100, 100, 1_000),  # 100 m on 100 mm is 1:1,000 exactly
        (100.1, 50, 2_000),
        (250, 1, 2_500),
        (1, 251, 5_000),
        (1_000, 0, 10_000),
        (25_000, 30_000, 300_000),
        (1, 1, 1_000),  # never larger than 1:1,000
        (12_000_000, 1, 200_000_000),  # wider than the table: still round
    ],
)
def test_round_scale(width, height, scale):
    assert round_scale(width, height, Rect(0, 0, 100, 100)) == scale


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.sampled_from(sorted(PAPERS)))
def test_fit_shows_the_whole_extent_at_the_largest_scale(width, height, name):
    extent = (400_000.0, 3_000_000.0, 400_000.0 + width, 3_000_000.0 + height)
    layout, frame = choose_layout(extent, paper_choices(name))
    west, south, east, north = frame.bounds
    assert west < extent[0]
    assert south < extent[1]
    assert east > extent[2]
    assert north > extent[3]
    smaller = [one for one in ROUND_SCALES if one < frame.scale]
    if smaller:  # the next larger scale fits neither way
        for paper in paper_choices(name):
            for below in (False, True):
                room = page_layout(paper, below=below).map.inset(4 * layout.unit)
                assert max(width / room.width, height / room.height) * 1000 > smaller[-1] * (1 - 1e-9)


def test_fit_lays_a_tall_county_upright():
    assert choose_layout((0, 0, 10_000, 25_000), paper_choices("A3"))[0].paper.orientation == "portrait"
    assert choose_layout((0, 0, 25_000, 10_000), paper_choices("A3"))[0].paper.orientation == "landscape"


def test_fit_puts_the_tables_below_a_wide_county():
    assert len(choose_layout((0, 0, 140_000, 70_000), paper_choices("A3"))[0].columns) > 1
    assert len(choose_layout((0, 0, 100_000, 90_000), paper_choices("A3"))[0].columns) == 1


def test_frame_is_true_to_scale_and_centred():
    layout, frame = choose_layout((0, 0, 3_000, 4_000), paper_choices("A3-landscape"))
    a, b = frame.points(np.array([[0, 0], [3_000, 4_000]]))
    assert np.hypot(*(b - a)) == pytest.approx(5_000 * 1000 / frame.scale, abs=1e-9)
    assert tuple((a + b) / 2) == pytest.approx(layout.map.centre)
    assert frame.millimetres(frame.metres(12.5)) == pytest.approx(12.5)


def test_index_squares():
    frame = MapFrame(Rect(10, 20, 80, 60), 1_000, 0, 0)
    assert (frame.columns(), frame.rows()) == (8, 6)
    assert frame.square(10, 80) == "A1"
    assert frame.square(10, 20) == "A6"
    assert frame.square(90, 80) == "H1"
    assert frame.square(90, 20) == "H6"
    assert frame.square(35, 55) == "C3"
    assert frame.square(9.9, 50) == frame.square(50, 80.1) == ""
    upright = MapFrame(Rect(0, 0, 60, 80), 1_000, 0, 0)
    assert upright.square(59, 1) == "F8"
