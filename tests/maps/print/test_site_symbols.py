"""Draw sites as the scale allows: dots with their counts, symbols, sectors; thin what would overlap."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pypdfium2 as pdfium
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.print import site_symbols
from maps.print.page_layout import MapFrame, Rect, choose_layout, paper_choices
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.site_symbols import DOTS, SYMBOL_SCALE, dots_of, shows_dots
from maps.print.symbol_spacing import apart, merged
from tests.maps.print.sheet_data import county, small

points = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=40)


@given(points, st.integers(1, 12))
def test_what_stays_is_apart_and_what_goes_is_near_it(found, distance):
    places = np.array(found, dtype=float).reshape(-1, 2)
    kept, sums = merged(places, np.ones(len(places)), distance)
    assert kept.tolist() == apart(places, distance).tolist()
    assert sums.sum() == len(places)
    assert (sums[~kept] == 0).all()
    away = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) if len(places) else np.empty((0, 0))
    for at in np.flatnonzero(kept):
        assert not (away[at, kept & (np.arange(len(places)) != at)] < distance).any()
    for at in np.flatnonzero(~kept):
        assert away[at, kept].min() < distance


def test_dots_count_the_sites_of_each_grid():
    """At a scale at which no dot meets another there is a dot for each grid with sites, and it has their number."""
    content = sheet_content(county(24, 3, 60, 40, 30_000.0))
    frame = MapFrame(Rect(0, 0, 3_000, 3_000), 30_000, *(content.zones.total_bounds[:2]))
    _places, counts = dots_of(frame, content, 1.0)
    sites = shapely.points(content.sites[["x", "y"]].to_numpy())
    expected = [int(shapely.intersects(zone, sites).sum()) for zone in content.zones.geometry]
    assert sorted(counts.tolist()) == sorted(count for count in expected if count)
    assert counts.sum() == len(content.sites)


def test_dots_that_would_meet_are_one():
    content = sheet_content(county(24, 3, 60, 40, 30_000.0))
    frame = MapFrame(Rect(0, 0, 1, 1), 60_000_000, *(content.zones.total_bounds[:2]))
    places, counts = dots_of(frame, content, 1.0)
    assert len(places) == 1
    assert counts.tolist() == [len(content.sites)]


@pytest.mark.parametrize(("scale", "layer", "dots"), [(60_001, "grids", True), (60_000, "grids", False)])
def test_dots_give_way_to_symbols(scale, layer, dots):
    content = sheet_content(small())
    assert content.layer == layer
    assert shows_dots(MapFrame(Rect(0, 0, 9, 9), scale, 0, 0), content) is dots
    assert not shows_dots(MapFrame(Rect(0, 0, 9, 9), scale, 0, 0), replace(content, layer="all"))


def test_no_code_stands_on_a_dot(monkeypatch):
    """On the sheet of a county each dot is apart from all codes and numbers of gaps."""
    drawn = []
    draw = site_symbols.draw_dot

    def recorded(*given):
        drawn.append(draw(*given))
        return drawn[-1]

    monkeypatch.setattr(site_symbols, "draw_dot", recorded)
    report = write_sheet(county(120, 6, 900, 600, 9_000.0), io.BytesIO(), paper="A4")
    assert report.scale > SYMBOL_SCALE
    assert 1 <= len(drawn) <= len(DOTS)
    labels = [shapely.box(*one.box) for one in report.labels if not one.key.startswith("name:")]
    dots = [shapely.Point(x, y).buffer(marks.width / 2 - 0.01) for marks in drawn for x, y in marks.points.tolist()]
    first, _second = shapely.STRtree(dots).query(labels, predicate="intersects")
    assert [report.labels[at].text for at in first] == []


def test_a_sector_opens_by_the_angle_of_view_about_its_bearing():
    """90 degrees about east, 2 mm long: from north-east to south-east."""
    (found,) = site_symbols._sectors(np.array([[10.0, 10.0]]), np.array([90.0]), np.array([90.0]), 2.0)
    assert found[0] == pytest.approx([10, 10])
    assert found[1] == pytest.approx([10 + 2**0.5, 10 + 2**0.5])
    assert found[5] == pytest.approx([12, 10])
    assert found[9] == pytest.approx([10 + 2**0.5, 10 - 2**0.5])


def test_numbers_on_the_map_are_those_of_the_table():
    """The sheet of a grid numbers its sites by class, status and name, and writes each number beside its site."""
    data = county(24, 3, 60, 40, 500.0)
    whole = sheet_content(data)
    points = shapely.points(whole.sites[["x", "y"]].to_numpy())
    counts = [int(shapely.intersects(zone, points).sum()) for zone in whole.zones.geometry]
    zone = f"grids:{whole.zones.code.iloc[int(np.argmax(counts))]}"
    out = io.BytesIO()
    report = write_sheet(data, out, paper="A3", zone=zone)
    assert report.scale <= site_symbols.SECTOR_SCALE
    content = sheet_content(data, zone)
    frame = choose_layout(content.extent, paper_choices("A3"))[1]
    numbers = {int(one.text): one for one in report.labels if one.key.startswith("site:")}
    assert len(numbers) == max(counts) - report.left_out_by_layer.get("cameras", 0) >= 2
    document = pdfium.PdfDocument(out.getvalue())
    said = document[0].get_textpage().get_text_range()
    document.close()
    for row in content.sites[content.sites.own].to_dict("records"):
        (number,) = (one for one in range(1, max(counts) + 1) if f"{one} {row['label']}" in said)
        if number in numbers:
            (at,) = frame.points(np.array([[row["x"], row["y"]]]))
            assert np.hypot(*(at - (numbers[number].x, numbers[number].y))) < 4
