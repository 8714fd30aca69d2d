"""Prove printed sheets: no text on another or on the frame, true numbers, classes that every eye and a copy tell."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pypdfium2 as pdfium
import pytest
import shapely

from geo.catalog.palette import LIGHT
from maps.map_data import MapData
from maps.print.map_body import print_hatch
from maps.print.page_layout import paper_choices
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.sheet_division import divide_sheet
from tests.maps.print.atlas.atlas_data import overlapping_characters, townships_of, zones
from tests.maps.print.sheet_data import MIDDLE, county
from tests.maps.print.text_boxes import characters_out_of_place
from tests.maps.style.colour_sight import VISIONS, apart, channels, seen

EYES = [one for one in VISIONS if one != "grey"]


@pytest.mark.parametrize("vision", EYES)
def test_every_eye_tells_the_classes_apart(vision):
    """Any two of the five classes differ by 15 or more."""
    assert min(apart(a, b, vision) for a, b in combinations(LIGHT.classes, 2)) >= 15
    # Zero and no data are told by hatching and by grey; still they are no class of the ramp.
    for other in (LIGHT.zero, LIGHT.no_data):
        assert min(apart(other, one, vision) for one in LIGHT.classes) >= 10


def test_a_grey_copy_keeps_the_order_of_the_classes():
    lightness = [seen(channels(one))[0] for one in LIGHT.classes]
    assert all(a - b >= 12 for a, b in pairwise(lightness))


@pytest.mark.parametrize("vision", EYES)
def test_seen_ground_is_told_apart_by_every_eye(vision):
    assert min(apart(a, b, vision) for a, b in combinations(LIGHT.seen, 2)) >= 12


# ------------------------------------------------------------------------------------------------ as drawn


@pytest.fixture(scope="module")
def seven() -> tuple[np.ndarray, dict[int, np.ndarray], dict[int, np.ndarray]]:
    """Return patches of a drawn sheet at 200 dpi, by class: on the map, and in the swatch of its legend."""
    shares = {5: 0.9, 4: 0.7, 3: 0.5, 2: 0.3, 1: 0.1, 0: 0.0, -1: np.nan}
    x, y = MIDDLE
    boxes = [shapely.box(x + 9_000 * at, y, x + 9_000 * (at + 1), y + 30_000) for at in range(7)]
    grids = zones([f"620622100200{at:03d}" for at in range(7)], [f"{at}号" for at in range(7)], boxes)
    grids = grids.assign(sure_share=list(shares.values()))
    whole = zones(["all"], ["全域"], [shapely.union_all(boxes)])
    data = replace(townships_of({"镇": whole.geometry.iloc[0]}), zones={"grids": grids, "all": whole})
    out = io.BytesIO()
    write_sheet(data, out, paper="A3")
    content = sheet_content(data)
    frame = divide_sheet(data, content, paper_choices("A3")).frame
    document = pdfium.PdfDocument(out.getvalue())
    image = np.asarray(document[0].render(scale=200 / 72).to_pil().convert("RGB")) / 255
    texts, dots = document[0].get_textpage(), 200 / 25.4

    def patch(x_mm: float, y_mm: float, half: int) -> np.ndarray:
        row, column = image.shape[0] - round(y_mm * dots), round(x_mm * dots)
        return image[row - half : row + half + 1, column - half : column + half + 1]

    on_map = {
        code: patch(*frame.points(np.array([[box.centroid.x - 1_500, box.centroid.y + 9_000]]))[0], 16)
        for code, box in zip(shares, boxes, strict=True)
    }
    swatches = {}
    for one in content.classes:
        found = texts.search(one.label("zh")).get_next()
        left, bottom, _right, top = (side * 25.4 / 72 for side in texts.get_charbox(found[0]))
        swatches[one.code] = patch(left - 4.6, (bottom + top) / 2, 5)
    document.close()
    return on_map, swatches


@pytest.mark.parametrize("vision", VISIONS)
def test_classes_as_drawn_are_told_apart_on_the_map_and_in_the_legend(seven, vision):
    """Patches of the rendered page, anti-aliased as printed: the mean of a class is at least 8 from that of another."""
    for patches in seven:
        means = {code: seen(one, vision).mean(axis=(0, 1)) for code, one in patches.items()}
        for a, b in combinations((1, 2, 3, 4, 5), 2):
            assert np.linalg.norm(means[a] - means[b]) >= 8, (a, b)


@pytest.mark.parametrize("vision", VISIONS)
def test_nothing_seen_is_told_by_its_hatching_and_the_others_by_none(seven, vision):
    """The lightness of a hatched patch varies by 3 and more (deviation), in grey too, that of a fill by none."""
    for patches in seven:
        assert seen(patches[0], vision)[..., 0].std() >= 3
        assert all(seen(patches[code], vision)[..., 0].std() < 0.5 for code in (-1, 1, 2, 3, 4, 5))


def test_the_legend_has_the_colours_of_the_map(seven):
    on_map, swatches = seven
    for code in (-1, 1, 2, 3, 4, 5):
        assert np.abs(np.median(on_map[code], axis=(0, 1)) - np.median(swatches[code], axis=(0, 1))).max() < 0.01


@pytest.mark.parametrize("paper", ["A4", "A3", "A2", "A1", "A0"])
def test_lines_of_a_hatch_are_as_far_apart_on_every_scale_and_never_closer_than_can_be_read(paper):
    """A pitch is a length on paper, of the paper alone: 0.4 mm is what the eye resolves, and 0.1 mm a line."""
    unit = paper_choices(paper)[0].type_factor
    for hatch in (LIGHT.gap_hatch, LIGHT.zero_hatch):
        _colour, pitch, width, _angle = print_hatch(hatch, unit)
        assert pitch >= 0.4
        assert 0.1 <= width <= pitch / 2


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
