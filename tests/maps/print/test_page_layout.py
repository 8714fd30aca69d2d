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
    assert paper_choices("A2")[0].type_factor == pytest.approx((420 / 297) ** 0.5)


@pytest.mark.parametrize("name", ["A1", "A0"])
def test_type_of_a_wall_map_is_read_from_two_metres(name):
    """The smallest text of a panel, 6.3 points on A3: capitals, 0.72 of it, under five minutes of arc at 2 m."""
    (paper, _) = paper_choices(name)
    assert paper.is_for_walls
    assert not paper_choices("A3")[0].is_for_walls
    capitals_mm = 6.3 * paper.type_factor * 25.4 / 72 * 0.72
    assert np.degrees(np.arctan(capitals_mm / 2_000)) * 60 > 5


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
    assert ROUND_SCALES[:9] == (200, 250, 300, 400, 500, 600, 750, 1_000, 1_250)
    assert list(ROUND_SCALES) == sorted(set(ROUND_SCALES))
    assert {25_000, 50_000, 75_000, 100_000, 200_000, 1_000_000} <= set(ROUND_SCALES)


@pytest.mark.parametrize(
    ("width", "height", "scale"),
    [
        (100, 100, 1_000),  # 100 m on 100 mm is 1:1,000 exactly
        (100.1, 50, 1_250),
        (250, 1, 2_500),
        (1, 251, 3_000),
        (1_000, 0, 10_000),
        (25_000, 30_000, 300_000),
        (30, 30, 300),
        (1, 1, 200),  # never larger than 1:200
        (12_000_000, 1, 200_000_000),  # wider than the table: still round
    ],
)
def test_round_scale(width, height, scale):
    assert round_scale(width, height, Rect(0, 0, 100, 100)) == scale


def room_for(layout, width, height):
    """Return the largest round scale at which an extent in metres fits the map of a layout with its margin."""
    return round_scale(width, height, layout.map.inset(4 * layout.unit))


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.sampled_from(sorted(PAPERS)))
def test_fit_shows_the_whole_extent_at_the_largest_scale(width, height, name):
    extent = (400_000.0, 3_000_000.0, 400_000.0 + width, 3_000_000.0 + height)
    _layout, frame = choose_layout(extent, paper_choices(name))
    west, south, east, north = frame.bounds
    assert west < extent[0]
    assert south < extent[1]
    assert east > extent[2]
    assert north > extent[3]
    for paper in paper_choices(name):  # the next larger scale fits neither way
        for below in (False, True):
            assert room_for(page_layout(paper, below=below), width, height) >= frame.scale


#: A county 200 km wide, a tall one, a usual one, a township in L shape (its box), a grid of 30 m, a flat box.
EXTENTS = [(200_000, 20_000), (40_000, 130_000), (121_000, 64_000), (9_000, 8_000), (30, 30), (5_000, 50)]


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize("name", PAPERS)
def test_the_subject_fills_the_map_or_the_panel_has_the_rest(extent, name):
    """Three quarters of the map are the subject's, unless it is as small as a map may be: the panel has the rest."""
    width, height = extent
    layout, frame = choose_layout((0.0, 0.0, width, height), paper_choices(name))
    used = frame.millimetres(width) * frame.millimetres(height) / (layout.map.width * layout.map.height)
    whole = page_layout(layout.paper, below=True)
    body = whole.frame.width, whole.frame.top - whole.columns[0].y
    least = layout.frame.width < 0.301 * body[0] or layout.frame.height < 0.251 * body[1]
    assert used >= 0.75 or least


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize("name", PAPERS)
def test_columns_of_a_fitted_layout_lie_inside_and_apart(extent, name):
    layout, _frame = choose_layout((0.0, 0.0, *extent), paper_choices(name))
    parts = [layout.title, layout.frame, *layout.columns, layout.footer]
    boxes = [shapely.box(one.x, one.y, one.right, one.top) for one in parts]
    neat = layout.neatline
    assert all(shapely.box(neat.x, neat.y, neat.right, neat.top).contains_properly(box) for box in boxes)
    assert all(a.intersection(b).area < 1e-6 for at, a in enumerate(boxes) for b in boxes[:at])
    assert all(one.width >= 82 * layout.unit for one in layout.columns)
    assert layout.columns[0].height >= 99 * layout.unit - 1e-6
    assert layout.columns[-1].height >= 62 * layout.unit - 1e-6


def test_fit_lays_a_tall_county_upright():
    assert choose_layout((0, 0, 10_000, 25_000), paper_choices("A3"))[0].paper.orientation == "portrait"
    assert choose_layout((0, 0, 25_000, 10_000), paper_choices("A3"))[0].paper.orientation == "landscape"


def test_tables_stand_beside_below_or_round_the_map():
    wide, square, between = (
        choose_layout((0, 0, *size), paper_choices("A3-landscape"))[0]
        for size in ((150_000, 55_000), (100_000, 90_000), (121_000, 64_000))
    )
    assert all(one.top < wide.frame.y for one in wide.columns)
    assert all(one.x > square.frame.right for one in square.columns)
    assert between.columns[0].x > between.frame.right
    assert between.columns[-1].top < between.frame.y


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
