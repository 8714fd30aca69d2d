"""Check sizes, round scales and frame arithmetic on numbers that fit on paper."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import UnknownName
from maps.print.page_layout import PAPERS, ROUND_SCALES, Frame, Rect, fit, layout, papers, round_scale


@pytest.mark.parametrize("name", PAPERS)
def test_papers_lie_both_ways(name):
    landscape, portrait = papers(name)
    assert (landscape.width, landscape.height) == (portrait.height, portrait.width) == PAPERS[name][::-1]
    assert [one.orientation for one in (landscape, portrait)] == ["landscape", "portrait"]


@pytest.mark.parametrize(
    ("text", "size"), [("A3-portrait", (297, 420)), (" a4-Landscape ", (297, 210)), ("a0-portrait", (841, 1189))]
)
def test_papers_asked_one_way(text, size):
    (one,) = papers(text)
    assert (one.width, one.height) == size


@pytest.mark.parametrize("text", ["", "A5", "A3-", "A3-sideways", "letter", "A3 portrait"])
def test_papers_unknown(text):
    with pytest.raises(UnknownName, match="A4"):
        papers(text)


def test_type_grows_with_the_root_of_the_sheet():
    assert papers("A3")[0].type_factor == papers("A3")[1].type_factor == 1
    assert papers("A4")[0].type_factor == 0.925
    assert papers("A0")[0].type_factor == pytest.approx((841 / 297) ** 0.5)


@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("name", PAPERS)
def test_parts_of_a_layout_lie_inside_and_apart(name, below):
    for paper in papers(name):
        plan = layout(paper, below=below)
        assert 2 <= len(plan.columns) <= 5 if below else len(plan.columns) == 1
        assert all(one.width >= 80 * plan.unit for one in plan.columns)
        page = shapely.box(0, 0, paper.width, paper.height)
        parts = [plan.title, plan.frame, *plan.columns, plan.footer]
        boxes = [shapely.box(one.x, one.y, one.right, one.top) for one in parts]
        neat = shapely.box(plan.neat.x, plan.neat.y, plan.neat.right, plan.neat.top)
        assert page.contains_properly(neat)
        assert all(neat.contains_properly(box) for box in boxes)
        assert all(a.intersection(b).area < 1e-6 for at, a in enumerate(boxes) for b in boxes[:at])
        assert boxes[1].contains_properly(shapely.box(plan.map.x, plan.map.y, plan.map.right, plan.map.top))


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
    plan, frame = fit(extent, papers(name))
    west, south, east, north = frame.bounds
    assert west < extent[0]
    assert south < extent[1]
    assert east > extent[2]
    assert north > extent[3]
    smaller = [one for one in ROUND_SCALES if one < frame.scale]
    if smaller:  # the next larger scale fits neither way
        for paper in papers(name):
            for below in (False, True):
                room = layout(paper, below=below).map.inset(4 * plan.unit)
                assert max(width / room.width, height / room.height) * 1000 > smaller[-1] * (1 - 1e-9)


def test_fit_lays_a_tall_county_upright():
    assert fit((0, 0, 10_000, 25_000), papers("A3"))[0].paper.orientation == "portrait"
    assert fit((0, 0, 25_000, 10_000), papers("A3"))[0].paper.orientation == "landscape"


def test_fit_puts_the_tables_below_a_wide_county():
    assert len(fit((0, 0, 140_000, 70_000), papers("A3"))[0].columns) > 1
    assert len(fit((0, 0, 100_000, 90_000), papers("A3"))[0].columns) == 1


def test_frame_is_true_to_scale_and_centred():
    plan, frame = fit((0, 0, 3_000, 4_000), papers("A3-landscape"))
    a, b = frame.points(np.array([[0, 0], [3_000, 4_000]]))
    assert np.hypot(*(b - a)) == pytest.approx(5_000 * 1000 / frame.scale, abs=1e-9)
    assert tuple((a + b) / 2) == pytest.approx(plan.map.centre)
    assert frame.millimetres(frame.metres(12.5)) == pytest.approx(12.5)


def test_index_squares():
    frame = Frame(Rect(10, 20, 80, 60), 1_000, 0, 0)
    assert (frame.columns(), frame.rows()) == (8, 6)
    assert frame.square(10, 80) == "A1"
    assert frame.square(10, 20) == "A6"
    assert frame.square(90, 80) == "H1"
    assert frame.square(90, 20) == "H6"
    assert frame.square(35, 55) == "C3"
    assert frame.square(9.9, 50) == frame.square(50, 80.1) == ""
    upright = Frame(Rect(0, 0, 60, 80), 1_000, 0, 0)
    assert upright.square(59, 1) == "F8"
