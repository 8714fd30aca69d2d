"""Find town centres and put insets of them into empty ground: on squares, and on a printed wall map."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations

import numpy as np
import pypdfium2 as pdfium
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.map_data import MapData
from maps.print.fonts import print_font
from maps.print.legend import legend_height
from maps.print.map_body import MapContents
from maps.print.page_layout import MapFrame, Rect, paper_choices
from maps.print.panel import ROW_MM, PanelContext
from maps.print.pdf_canvas import Canvas
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.sheet_division import SMALLEST_ON_WALL_PT, divide_sheet
from maps.print.sheet_page import SheetReport
from maps.print.site_symbols import count_sites
from maps.print.town_insets import EmptyGround, TownCentre, place_insets, town_centres
from tests.maps.print.sheet_data import county


def squares(*rows: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sides, middles and boxes of squares given by their lower left corner and side, in metres."""
    given = np.array(rows)
    low, side = given[:, :2], given[:, 2]
    return side, low + side[:, None] / 2, np.hstack([low, low + side[:, None]])


#: Four grids of 200 m round a cross roads, and two of 4 km beside it.
TOWN = [(0, 0, 200), (200, 0, 200), (0, 200, 200), (200, 200, 200), (400, 0, 4_000), (-4_000, 0, 4_000)]


def test_a_centre_is_where_most_codes_become_legible():
    """A code is 10 mm wide: at 1:100,000 a grid of 4 km has room for it, one of 200 m only from 1:15,000 on."""
    (found,) = town_centres(
        *squares(*TOWN), ["甲镇"] * 6, scale=100_000, needed_mm=10, most_mm=60
    )  # fmt: skip
    assert found.name == "甲镇"
    assert found.rows == (0, 1, 2, 3)
    assert found.scale == 7_500, "of the scales that show all four in 60 mm the largest"
    assert found.bounds == pytest.approx((-16, -16, 416, 416))
    assert found.size() == pytest.approx((57.6, 57.6))


def test_no_centre_where_every_code_has_room_or_one_grid_is_small():
    sides, middles, boxes = squares(*TOWN)
    assert town_centres(sides, middles, boxes, ["甲镇"] * 6, scale=10_000, needed_mm=10, most_mm=60) == []
    alone = squares(TOWN[0], *TOWN[4:])
    assert town_centres(*alone, ["甲镇"] * 3, scale=100_000, needed_mm=10, most_mm=60) == []


def test_a_centre_has_the_smallest_grids_however_many_others_a_window_holds():
    """At 1:100,000 squares of 1 km have no room for codes either, and eight of them weigh more than two of 100 m."""
    fields = [(20_000 + 1_000 * at, 1_000 * up, 1_000) for at in range(4) for up in range(2)]
    dense = [(0, 0, 100), (300, 0, 100)]
    sizes = {"scale": 100_000, "needed_mm": 10}
    (found,) = town_centres(*squares(*dense, *fields), ["甲镇"] * 10, most_mm=80, **sizes)
    assert (found.rows, found.scale) == ((0, 1), 6_000)
    # Both of 100 m are legible from 1:7,500 on, where they are 53 mm apart: a smaller window has no centre at all.
    assert town_centres(*squares(*dense, *fields), ["甲镇"] * 10, most_mm=50, **sizes) == []
    # One alone is none, and does not make the others too large for one.
    (found,) = town_centres(*squares(dense[0], *fields), ["甲镇"] * 9, most_mm=80, **sizes)
    assert 0 not in found.rows


def test_each_town_has_its_own_centre_that_of_most_grids_first():
    far = [(x + 50_000, y, side) for x, y, side in TOWN[:2]]
    found = town_centres(*squares(*TOWN, *far), ["甲镇"] * 6 + ["乙镇"] * 2, scale=100_000, needed_mm=10, most_mm=60)
    assert [(one.name, len(one.rows)) for one in found] == [("甲镇", 4), ("乙镇", 2)]
    assert found[1].size()[0] <= 60


def test_a_narrow_inset_has_room_for_its_title():
    (found,) = town_centres(
        *squares((0, 0, 200), (0, 200, 200)), ["甲镇"] * 2, scale=100_000, needed_mm=10, most_mm=60, least_mm=50
    )
    assert found.size()[0] == pytest.approx(50)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 14))
def test_insets_stay_on_empty_ground_and_apart(seed, count):
    random = np.random.default_rng(seed)
    frame = MapFrame(Rect(20, 30, 300, 200), 100_000, 0, 0)
    taken = shapely.Point(*random.uniform((20, 30), (320, 230))).buffer(random.uniform(20, 120))
    towns = []
    for at in range(count):
        x, y = random.uniform((0, 0), (29_000, 19_000))
        side = random.uniform(200, 800)
        towns.append(TownCentre(f"{at}镇", (x, y, x + side, y + side), 10_000, (at,)))
    insets, left = place_insets(EmptyGround(frame, taken, 1.0), towns, frame, 1.0)
    assert len(insets) + len(left) == count
    assert [one.number for one in insets] == list(range(1, len(insets) + 1))
    rooms = [shapely.box(one.room.x, one.room.y, one.room.right, one.room.top) for one in insets]
    whole = shapely.box(20, 30, 320, 230)
    assert all(whole.contains_properly(one) and not one.intersects(taken) for one in rooms)
    assert all(a.distance(b) > 1 for a, b in combinations(rooms, 2))
    for one in insets:
        assert one.frame.bounds == pytest.approx(one.town.bounds)
        assert one.room.y == one.frame.rect.y


def test_what_has_no_room_is_left():
    frame = MapFrame(Rect(0, 0, 100, 100), 100_000, 0, 0)
    town = TownCentre("甲镇", (0, 0, 500, 500), 10_000, (0,))
    assert place_insets(EmptyGround(frame, shapely.box(0, 0, 100, 100), 1.0), [town], frame, 1.0) == ([], [town])
    assert len(place_insets(EmptyGround(frame, shapely.box(0, 0, 40, 100), 1.0), [town], frame, 1.0)[0]) == 1


# ------------------------------------------------------------------------------------------------ a printed wall map


@pytest.fixture(scope="module")
def wall() -> tuple[MapData, bytes, SheetReport]:
    """Return a wall map of a county of crowded grids."""
    data, out = county(240, 8, 1_200, 800, 22_000.0), io.BytesIO()
    report = write_sheet(data, out, paper="A0")
    return data, out.getvalue(), report


def test_a_wall_map_shows_its_towns_larger_on_empty_ground(wall):
    data, pdf, report = wall
    assert len(report.insets) >= 4
    assert {one.town.name for one in report.insets} | set(report.insets_left) <= set(data.zones["townships"].name)
    division = divide_sheet(data, sheet_content(data), paper_choices("A0"))
    outline = division.frame.shapes(np.array([data.zones["all"].geometry.iloc[0]], object))[0]
    document = pdfium.PdfDocument(pdf)
    said = document[0].get_textpage().get_text_range()
    document.close()
    for one in report.insets:
        assert not shapely.box(one.room.x, one.room.y, one.room.right, one.room.top).intersects(outline)
        assert one.town.scale * 2 <= report.scale
        assert one.town.name in said
        assert f"1:{one.town.scale:,}" in said


def test_a_box_on_the_map_is_the_ground_of_its_inset(wall):
    data, _pdf, report = wall
    frame = divide_sheet(data, sheet_content(data), paper_choices("A0")).frame
    for one in report.insets:
        box = one.box_on(frame)
        assert box.width / one.frame.rect.width == pytest.approx(one.town.scale / report.scale)
        own = data.zones["grids"].iloc[list(one.town.rows)].total_bounds
        corners = frame.points(own.reshape(2, 2))
        assert (corners[0] >= (box.x, box.y)).all()
        assert (corners[1] <= (box.right, box.top)).all()


def test_no_text_of_a_wall_map_is_too_small_for_two_metres(wall):
    """The smallest size is that of codes; every code stands once, on the map or on an inset, or is counted."""
    _data, _pdf, report = wall
    assert min(one.size for one in report.labels) >= SMALLEST_ON_WALL_PT
    codes = [one.key for one in report.labels if one.key.startswith("code:")]
    assert len(codes) == len(set(codes))
    assert len(codes) + report.left_out_by_layer["grids"] == 240


def test_labels_of_map_and_insets_are_apart(wall):
    _data, _pdf, report = wall
    tree = shapely.STRtree([shapely.box(*one.box) for one in report.labels])
    first, second = tree.query(tree.geometries, predicate="overlaps")
    assert not len(first), [(report.labels[a].text, report.labels[b].text) for a, b in zip(first, second, strict=True)]
    for label in report.labels:
        if label.key.startswith("name:"):
            for one in report.insets:
                assert not shapely.box(*label.box).intersects(
                    shapely.box(one.room.x, one.room.y, one.room.right, one.room.top)
                )


def test_the_legend_has_the_symbols_of_the_insets(wall):
    """The map has dots, its insets symbols: the legend has both, and as many kinds of symbols as the insets."""
    data, _pdf, report = wall
    content = sheet_content(data)
    frames = [one.frame for one in report.insets]
    contents = [MapContents({}, *count_sites(one, content), 0, {}, frozenset({"road"})) for one in frames]
    alone = MapContents(
        {}, *count_sites(divide_sheet(data, content, paper_choices("A0")).frame, content), 0, {}, frozenset()
    )
    both = replace(alone, dots=True).with_insets(contents)
    assert both.on_insets == {key for one in contents for key in one.sites} <= set(both.sites)
    assert ("1", "online") in both.on_insets
    assert both.layers == {"road"}
    panel = PanelContext(Canvas(100, 100, print_font()), 1.0, "zh")
    rows = legend_height(panel, both, "grids") - legend_height(panel, replace(both, on_insets=frozenset()), "grids")
    assert rows == pytest.approx(ROW_MM)
    # A map at the scale of symbols has them in its legend already, and insets with dots have none.
    assert alone.with_insets(contents).on_insets == frozenset()
    assert replace(alone, dots=True).with_insets([replace(one, dots=True) for one in contents]).on_insets == frozenset()


def test_towns_without_room_are_named():
    data = county(240, 8, 1_200, 800, 22_000.0)
    for paper in ("A1", "A0"):
        report = write_sheet(data, io.BytesIO(), paper=paper)
        if report.insets_left:
            assert any("放大图放不下" in note for note in report.notes)
    assert write_sheet(data, io.BytesIO(), paper="A3").insets == ()
