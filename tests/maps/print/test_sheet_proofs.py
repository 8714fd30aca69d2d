"""Prove printed sheets: no text on another or on the frame, true numbers, classes told apart by every eye and in grey.

Colour vision is simulated by the matrices of Machado, Oliveira and Fernandes (2009), "A physiologically-based model for
simulation of color vision deficiency", doi:10.1109/TVCG.2009.113, of full severity, on linear RGB.
"""

from __future__ import annotations

import io
from itertools import combinations, pairwise

import numpy as np
import pypdfium2 as pdfium
import pytest

from geo.catalog.palette import LIGHT
from maps.map_data import MapData
from maps.print.page_layout import paper_choices
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.sheet_division import divide_sheet
from tests.maps.print.atlas.atlas_data import overlapping_characters
from tests.maps.print.sheet_data import county
from tests.maps.print.text_boxes import characters_out_of_place

DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
#: sRGB to XYZ (IEC 61966-2-1), and its white.
_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _XYZ @ np.ones(3)


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* of a linear colour."""
    share = (_XYZ @ rgb.clip(0, 1)) / _WHITE
    root = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


def test_lab_of_white_black_and_red():
    assert lab(linear("#ffffff")) == pytest.approx([100, 0, 0], abs=0.01)
    assert lab(linear("#000000")) == pytest.approx([0, 0, 0], abs=0.01)
    assert lab(linear("#ff0000")) == pytest.approx([53.2, 80.1, 67.2], abs=0.2)


@pytest.mark.parametrize("name", DEFICIENCIES)
def test_every_eye_tells_the_classes_apart(name):
    """Any two of the five classes differ by 15 or more (CIE 1976): 2.3 is what an eye just sees side by side."""
    seen = [lab(DEFICIENCIES[name] @ linear(one)) for one in LIGHT.classes]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= 15
    # Zero and no data are told by hatching and by grey; still they are no class of the ramp.
    for other in (LIGHT.zero, LIGHT.no_data):
        assert min(float(np.linalg.norm(lab(DEFICIENCIES[name] @ linear(other)) - one)) for one in seen) >= 10


def test_a_grey_copy_keeps_the_order_of_the_classes():
    lightness = [lab(linear(one))[0] for one in LIGHT.classes]
    assert all(a - b >= 12 for a, b in pairwise(lightness))


def test_seen_ground_is_told_apart_by_every_eye():
    for matrix in DEFICIENCIES.values():
        seen = [lab(matrix @ linear(one)) for one in LIGHT.seen]
        assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= 12


# ------------------------------------------------------------------------------------------------ text


@pytest.fixture(scope="module")
def crowded() -> MapData:
    """Return a county of crowded grids."""
    return county(120, 6, 900, 600, 22_000.0)


@pytest.mark.parametrize("paper", ["A4-portrait", "A4-landscape", "A3", "A1", "A0"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_lies_on_another_or_leaves_the_neatline(crowded, paper, lang):
    out = io.BytesIO()
    write_sheet(crowded, out, paper=paper, lang=lang)
    assert overlapping_characters(out.getvalue(), 0) == []
    layout = divide_sheet(crowded, sheet_content(crowded), paper_choices(paper)).layout
    assert characters_out_of_place(out.getvalue(), layout) == []


def test_numbers_on_paper_are_those_of_the_tables(crowded):
    out = io.BytesIO()
    report = write_sheet(crowded, out, paper="A3")
    document = pdfium.PdfDocument(out.getvalue())
    words = document[0].get_textpage().get_text_range().split()
    document.close()
    listed = crowded.gaps.iloc[: report.gaps_listed]
    for row in listed.itertuples():
        at = words.index(row.grid)
        assert f"{round(row.area_m2):,}" in words[at:] or f"{row.area_m2:.1f}" in words[at:]
    content = sheet_content(crowded)
    for code in (1, 2, 3, 4, 5, 0, -1):
        count = int((content.zones["class"] == code).sum())
        if count:
            assert report.legend[f"class:{code}"] == count
            assert f"{count:,}" in words
    sites = content.sites.groupby(["class", "status"]).size()
    assert sum(report.legend.get(f"site:{kind}:{status}", 0) for kind, status in sites.index) == len(content.sites)
