"""Check the scale bar, the graticule, the arrow's text and the inset map on numbers known beforehand."""

from __future__ import annotations

import io

import numpy as np
import pyproj
import pytest

from geo.crs import from_wgs84, to_wgs84
from geo.crs_metric import convergence
from maps.print.fonts import print_font
from maps.print.map_furniture import bar_step, convergence_text, degrees, draw_inset_map, graticule
from maps.print.page_layout import MapFrame, Rect
from maps.print.pdf_canvas import Canvas

#: Central meridian 102 E, false easting 500 km.
GK = pyproj.CRS("EPSG:4543")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0°00′E"), (3_600 * 102 + 45 * 60, "102°45′E"), (-5_400, "1°30′W"), (90, "0°01′30″E"), (3_661, "1°01′01″E")],
)
def test_degrees(seconds, text):
    assert degrees(seconds, "E", "W") == text


@pytest.mark.parametrize(
    ("scale", "room", "step"),
    [
        (250_000, 62, 2_500),
        (500_000, 62, 5_000),
        (1_000, 62, 10),
        (2_000, 62, 25),
        (100_000, 40, 1_000),
        (5_000, 62, 50),
    ],
)
def test_bar_step(scale, room, step):
    assert bar_step(scale, room) == step
    assert 4 * step * 1000 / scale <= room


@pytest.mark.parametrize(("angle", "zh"), [(0.0, "±0°00′"), (0.5, "+0°30′"), (-1.25, "−1°15′"), (0.0049, "±0°00′")])
def test_convergence_text(angle, zh):
    assert convergence_text(angle, "zh") == f"子午线收敛角 {zh}"
    assert convergence_text(angle, "en") == f"Convergence {zh}"


def frame_at(lon: float, lat: float, scale: int) -> MapFrame:
    x, y = (float(value) for value in from_wgs84(lon, lat, GK))
    half_x, half_y = 140 * scale / 1000, 115 * scale / 1000
    return MapFrame(Rect(20, 30, 280, 230), scale, x - half_x, y - half_y)


@pytest.mark.parametrize("scale", [2_000, 25_000, 250_000, 1_000_000])
def test_crossings_lie_on_their_meridians_and_parallels(scale):
    frame = frame_at(102.9, 37.5, scale)
    found = graticule(frame, GK, 1.0)
    assert found.lines
    assert {one.edge for one in found.crossings} == {"top", "bottom", "left", "right"}
    for one in found.crossings:
        metres = np.array([one.x - frame.rect.x, one.y - frame.rect.y]) * scale / 1000 + (frame.left, frame.bottom)
        lon, lat = (float(value) for value in to_wgs84(*metres, GK))
        value = lon if one.label.endswith(("E", "W")) else lat
        numbers = [float(part) for part in one.label[:-1].replace("°", " ").replace("′", " ").replace("″", " ").split()]
        wanted = sum(number / 60**at for at, number in enumerate(numbers))
        assert value == pytest.approx(wanted, abs=2e-6 * scale / 1_000)
        assert (value * 3600 / found.step) == pytest.approx(round(value * 3600 / found.step), abs=0.01)


def test_lines_are_far_enough_apart():
    found = graticule(frame_at(102.9, 37.5, 250_000), GK, 1.0)
    tops = sorted(one.x for one in found.crossings if one.edge == "top")
    assert np.diff(tops).min() >= 42 * 0.95
    assert len(tops) >= 3


def test_meridians_lean_as_the_convergence_says():
    frame = frame_at(103.4, 37.5, 250_000)
    found = graticule(frame, GK, 1.0)
    top = {one.label: one.x for one in found.crossings if one.edge == "top"}
    bottom = {one.label: one.x for one in found.crossings if one.edge == "bottom"}
    for label in top.keys() & bottom.keys():
        lean = np.degrees(np.arctan2(bottom[label] - top[label], frame.rect.height))
        lon = float(label[:3]) + float(label[4:6]) / 60
        assert lean == pytest.approx(float(convergence(lon, 37.5, GK)), abs=0.02)  # true north lies left of grid north


def test_no_graticule_where_the_crs_does_not_reach():
    frame = MapFrame(Rect(0, 0, 280, 230), 10_000_000, 5e8, 9e8)
    assert graticule(frame, GK, 1.0).lines == ()


def test_inset_map_of_nothing_shows_the_sheet():
    canvas = Canvas(100, 100, print_font())
    draw_inset_map(
        canvas, Rect(10, 10, 50, 40), None, np.array([], dtype=object), None, frame_at(102.9, 37.5, 10_000), 1.0
    )
    out = io.BytesIO()
    canvas.write(out, info={}, made=None, lang="en")
    assert out.getvalue().startswith(b"%PDF")
