"""Print sheets of counties of every shape and size, and hold each to the same proofs: text, frame, scale, glyphs."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import cache

import numpy as np
import pypdf
import pypdfium2 as pdfium
import pyproj
import pytest
import shapely

from geo.catalog.palette import LIGHT, SHEET
from maps.map_data import MapData
from maps.print.page_layout import paper_choices
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.sheet_division import divide_sheet
from tests.maps.print.atlas.atlas_data import overlapping_characters, townships_of, zones
from tests.maps.print.sheet_data import CRS, MIDDLE, county
from tests.maps.print.text_boxes import characters_out_of_place

#: A round scale: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5 or 8 and noughts.
ROUND = (1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8)


def _box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
    """Return a rectangle, kilometres from the middle of the paper county."""
    (x, y), km = MIDDLE, 1_000.0
    return shapely.box(x + west * km, y + south * km, x + east * km, y + north * km)


def _lattice(columns: int, count: int, side_km: float) -> MapData:
    """Return square grids in rows, a township to each ten rows."""
    x, y = MIDDLE
    at = np.arange(count)
    west, south = x + 1_000 * side_km * (at % columns), y + 1_000 * side_km * (at // columns)
    shapes = shapely.box(west, south, west + 1_000 * side_km, south + 1_000 * side_km)
    township = at // columns // 10
    codes = [f"620622{100 + t}{200 + k // 900:03d}{k % 900 + 1:03d}" for k, t in zip(at, township, strict=True)]
    whole = shapely.box(west.min(), south.min(), west.max() + 1_000 * side_km, south.max() + 1_000 * side_km)
    bands = [
        shapely.box(x, y + 10_000 * side_km * t, whole.bounds[2], min(y + 10_000 * side_km * (t + 1), whole.bounds[3]))
        for t in range(township.max() + 1)
    ]
    names = [f"{'东西南北中'[t % 5]}{t + 1}镇" for t in range(len(bands))]
    data = townships_of({"镇": whole})
    return replace(
        data,
        zones={
            "grids": zones(codes, [f"{k}号网格" for k in at], list(shapes)),
            "townships": zones([f"620622{100 + t}" for t in range(len(bands))], names, bands),
            "all": zones(["all"], ["全域"], [whole]),
        },
    )


def _county_of(*shapes: shapely.Geometry) -> MapData:
    """Return a county of one township, a grid as well, of these parts, nine tenths of it seen."""
    data = townships_of({"镇": shapely.union_all(shapes)})
    return replace(data, zones={name: frame.assign(sure_share=0.9) for name, frame in data.zones.items()})


def _nothing() -> MapData:
    data = townships_of({"镇": _box(0, 0, 1, 1)})
    return replace(data, zones={})


COUNTIES = {
    "one grid": lambda: _lattice(1, 1, 1.0),
    "690 grids": county,
    "11,683 grids": lambda: _lattice(108, 11_683, 0.5),
    "200 km wide": lambda: _lattice(40, 200, 5.0),
    "30 m": lambda: _lattice(1, 1, 0.03),
    "an L": lambda: _county_of(_box(0, 0, 10, 30), _box(10, 0, 30, 10)),
    "a hole": lambda: _county_of(_box(0, 0, 30, 10), _box(0, 20, 30, 30), _box(0, 0, 10, 30), _box(20, 0, 30, 30)),
    "islands": lambda: _county_of(_box(0, 0, 10, 10), _box(20, 20, 25, 30), _box(30, 0, 31, 1)),
    "no grids": _nothing,
}


@cache
def printed(name: str) -> tuple[MapData, bytes, object]:
    data, out = COUNTIES[name](), io.BytesIO()
    report = write_sheet(data, out, paper="A3")
    return data, out.getvalue(), report


@pytest.mark.parametrize("name", COUNTIES)
def test_no_text_lies_on_another_or_leaves_its_place(name):
    data, pdf, _report = printed(name)
    assert overlapping_characters(pdf, 0) == []
    assert characters_out_of_place(pdf, divide_sheet(data, sheet_content(data), paper_choices("A3")).layout) == []


@pytest.mark.parametrize("name", [one for one in COUNTIES if one != "no grids"])
def test_the_scale_is_round_and_true_on_the_paper(name):
    """The viewport of the PDF tells where the corners of the map are; a GIS reads it so."""
    _data, pdf, report = printed(name)
    digits = report.scale / 10 ** np.floor(np.log10(report.scale))
    assert np.isclose(digits, ROUND).any(), report.scale
    (view,) = pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages[0]["/VP"]
    left, bottom, right, top = (float(one) * 25.4 / 72 for one in view["/BBox"])
    places = np.array([float(one) for one in view["/Measure"]["/GPTS"]]).reshape(-1, 2)
    x, y = pyproj.Transformer.from_crs(4326, CRS, always_xy=True).transform(places[:, 1], places[:, 0])
    wide, high = abs(right - left), abs(top - bottom)
    assert np.ptp(x) * 1000 / wide == pytest.approx(report.scale, rel=2e-4)
    assert np.ptp(y) * 1000 / high == pytest.approx(report.scale, rel=2e-4)


@pytest.mark.parametrize("name", COUNTIES)
def test_every_character_has_a_glyph_and_what_is_left_out_is_counted(name):
    _data, _pdf, report = printed(name)
    assert report.missing == ()
    codes = [one for one in report.labels if one.key.startswith("code:")]
    grids = sum(count for key, count in report.legend.items() if key.startswith("class:"))
    if grids:
        left = report.left_out_by_layer.get("grids", 0)
        assert len(codes) + left == grids
        assert any(str(left) in note for note in report.notes)


def test_a_map_of_nothing_says_so_and_has_no_figures():
    _data, pdf, report = printed("no grids")
    assert not any(key.startswith("class:") for key in report.legend)
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "古浪县" in text


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [("a hole", (5, 5), (15, 15)), ("islands", (5, 5), (15, 15)), ("an L", (25, 5), (20, 20))],
)
def test_holes_and_the_ground_between_islands_are_not_filled(name, inside, outside):
    """The colour of a class is seen where the county is, that of the map's ground where it is not."""
    data, pdf, _report = printed(name)
    frame = divide_sheet(data, sheet_content(data), paper_choices("A3")).frame
    document = pdfium.PdfDocument(pdf)
    image = document[0].render(scale=2).to_pil().convert("RGB")
    document.close()
    # beside the middle, where no letter stands
    spots = frame.points(np.array([MIDDLE + np.array(one) * 1_000 + (-3_300, 3_300) for one in (inside, outside)]))
    dots = (spots * 2 * 72 / 25.4).round().astype(int)
    found = [image.getpixel((int(x), image.height - 1 - int(y))) for x, y in dots]
    assert found == [rgb_of(LIGHT.classes[4]), rgb_of(SHEET.map_ground)]


def rgb_of(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
