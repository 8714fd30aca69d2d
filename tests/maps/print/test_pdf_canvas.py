"""Check what the canvas writes by reading the file with two other programs."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime

import numpy as np
import pypdf
import pypdfium2 as pdfium
import pytest
import shapely

from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_file import write_pages


def written(draw, *, width=100.0, height=50.0, **more) -> bytes:
    canvas = Canvas(width, height, print_font())
    draw(canvas)
    out = io.BytesIO()
    canvas.write(out, **{"info": {"Title": "图"}, "made": None, "lang": "zh-CN", **more})
    return out.getvalue()


def content(data: bytes) -> str:
    return pypdf.PdfReader(io.BytesIO(data)).pages[0].get_contents().get_data().decode("latin-1")


def picture(data: bytes, dots_per_mm: float = 4.0) -> np.ndarray:
    document = pdfium.PdfDocument(data)
    try:
        return document[0].render(scale=dots_per_mm * 25.4 / 72).to_numpy()[::-1].copy()
    finally:
        document.close()


def text_of(data: bytes) -> tuple[str, str]:
    document = pdfium.PdfDocument(data)
    try:
        seen = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    return pypdf.PdfReader(io.BytesIO(data)).pages[0].extract_text(), seen


def test_page_size_and_facts():
    data = written(
        lambda canvas: canvas.text(5, 5, "a", 10),
        width=297,
        height=210,
        made=datetime(2026, 8, 20, 0, 30, tzinfo=UTC),
        bookmarks=[("图例", 10, 200), ("盲区", 10, 100)],
    )
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    box = reader.pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((297 * 72 / 25.4, 210 * 72 / 25.4), abs=1e-3)
    assert reader.metadata.title == "图"
    assert reader.metadata.creation_date == datetime(2026, 8, 20, 0, 30, tzinfo=UTC)
    assert [one.title for one in reader.outline] == ["图例", "盲区"]
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_every_font_used_is_embedded_truetype_with_a_way_back_to_text():
    reader = pypdf.PdfReader(io.BytesIO(written(lambda canvas: canvas.text(5, 5, "古浪", 10))))
    page = reader.pages[0]
    used = set(re.findall(r"/(\S+) [\d.]+ Tf", page.get_contents().get_data().decode("latin-1")))
    fonts = [page["/Resources"]["/Font"][f"/{name}"].get_object() for name in used]
    assert any("古".encode("utf-16-be").hex() in font["/ToUnicode"].get_data().decode().lower() for font in fonts)
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        assert "/FontFile2" in inner["/FontDescriptor"].get_object()
        assert font["/ToUnicode"].get_data()


@pytest.mark.parametrize("text", ["古浪县土门镇 620622101001001", "é Å ° ′ ″ ² — …", "(\\) <&> %"])
def test_text_reads_back_whole(text):
    data = written(lambda canvas: canvas.text(5, 20, text, 8))
    for read in text_of(data):
        assert text in read


def test_halo_and_bold_text_stand_in_the_file_once():
    data = written(lambda canvas: canvas.text(5, 20, "土门镇", 12, halo=("#ffffff", 0.5), bold=True))
    for read in text_of(data):
        assert read.count("土门镇") == 1


def test_invisible_characters_are_found_and_not_drawn():
    with_digits = written(lambda canvas: canvas.text(5, 20, "201001", 8, invisible_prefix="620622101"))
    for read in text_of(with_digits):
        assert "620622101201001" in read
    alone = written(lambda canvas: canvas.text(5, 20, "201001", 8))
    ink, ink_alone = ((picture(one) < 128).sum() for one in (with_digits, alone))
    assert ink == pytest.approx(ink_alone, rel=0.05)


def test_anchor_and_angle():
    def draw(canvas):
        canvas.text(50, 25, "HHHH", 12, anchor="middle")
        canvas.text(90, 25, "HHHH", 12, anchor="middle", angle=90)

    dark = np.argwhere(picture(written(draw)).min(axis=2) < 128) / 4.0
    flat, turned = dark[dark[:, 1] < 70], dark[dark[:, 1] >= 70]
    assert (flat[:, 1].min() + flat[:, 1].max()) / 2 == pytest.approx(50, abs=0.6)
    assert (turned[:, 0].min() + turned[:, 0].max()) / 2 == pytest.approx(25, abs=0.6)
    assert np.ptp(turned[:, 0]) > np.ptp(turned[:, 1])


def test_hole_stays_empty_and_overlaps_stay_filled():
    ring = shapely.Polygon([(10, 10), (40, 10), (40, 40), (10, 40)], [[(20, 20), (30, 20), (30, 30), (20, 30)]])
    other = shapely.box(35, 10, 60, 40).reverse()
    image = picture(written(lambda canvas: canvas.polygons([ring, other], fill="#000000")))
    at = {
        name: image[int(y * 4), int(x * 4), 0]
        for name, (x, y) in {"rim": (15, 15), "hole": (25, 25), "both": (38, 15)}.items()
    }
    assert at == {"rim": 0, "hole": 255, "both": 0}


def test_hatch_draws_lines_at_their_spacing():
    data = written(lambda canvas: canvas.rect(10, 10, 60, 30, hatch=("#000000", 3.0, 0.5, 0.0)))
    column = picture(data, 10.0)[120:380, 400, 0] < 128
    rises = np.flatnonzero(np.diff(column.astype(int)) == 1)
    assert np.diff(rises).mean() == pytest.approx(30, abs=1)


def test_coordinates_are_whole_hundredths_of_a_millimetre():
    data = written(lambda canvas: canvas.polygon([(10.004, 10), (20.006, 10), (20, 30.5)], fill="#102030"))
    assert re.search(r"1000 1000 m\n2001 1000 l\n2000 3050 l\nh", content(data))


@pytest.mark.parametrize(
    "draw",
    [
        lambda canvas: canvas.polygons([]),
        lambda canvas: canvas.polygons([shapely.Polygon(), shapely.Point(1, 1)], fill="#000000"),
        lambda canvas: canvas.lines([], edge="#000000"),
        lambda canvas: canvas.dots(np.empty((0, 2)), diameter=1, colour="#000000"),
        lambda canvas: canvas.symbols(np.empty((0, 2)), np.zeros((3, 2)), fill="#000000"),
        lambda canvas: canvas.text(1, 1, "", 8),
        lambda canvas: canvas.text(1, 1, " \n ", 8),
    ],
)
def test_nothing_to_draw_is_a_valid_page(draw):
    assert picture(written(draw)).min() == 255


def test_dots_and_symbols_are_each_one_operator():
    places = np.random.default_rng(1).uniform(5, 45, (500, 2))

    def draw(canvas):
        canvas.dots(places, diameter=1.0, colour="#ff0000")
        canvas.symbols(places + np.array([50, 0]), np.array([(-1, -1), (1, -1), (0, 1)]) * 0.5, fill="#0000ff")

    text = content(written(draw))
    assert len(re.findall(r"\bS\s+Q\b", text)) == 1
    assert len(re.findall(r"\bf\s+Q\b", text)) == 1


def test_same_drawing_gives_the_same_bytes():
    def draw(canvas):
        canvas.text(5, 5, "古浪", 10, halo=("#ffffff", 0.4))
        canvas.circle(50, 25, 10, fill="#ff0000", edge="#000000")

    assert written(draw) == written(draw)


def test_every_thing_of_one_opacity_has_it():
    """Two squares of half opacity side by side: the second is as light as the first."""

    def draw(canvas: Canvas) -> None:
        canvas.polygons([shapely.box(10, 10, 20, 20)], fill="#000000", alpha=0.5)
        canvas.polygons([shapely.box(30, 10, 40, 20)], fill="#000000", alpha=0.5)
        canvas.polygons([shapely.box(50, 10, 60, 20)], fill="#000000")

    seen = picture(written(draw))
    grey = [int(seen[60, x, 0]) for x in (60, 140, 220)]
    assert abs(grey[0] - 128) <= 2
    assert grey[1] == grey[0]
    assert grey[2] == 0


def test_pages_are_written_in_order_with_their_own_sizes():
    pages = [Canvas(100, 50, print_font()), Canvas(60, 80, print_font())]
    for number, canvas in enumerate(pages, 1):
        canvas.text(5, 5, f"page {number}", 10)
    out = io.BytesIO()
    entries = [(canvas, [(f"entry {at}", 0.0, canvas.height)]) for at, canvas in enumerate(pages, 1)]
    write_pages(out, entries, font=print_font().name, info={"Title": "t"}, made=None, lang="en")
    found = pypdf.PdfReader(io.BytesIO(out.getvalue()))
    assert [page.extract_text().strip() for page in found.pages] == ["page 1", "page 2"]
    assert [round(float(page.mediabox.width) / 72 * 25.4) for page in found.pages] == [100, 60]
    assert [found.get_destination_page_number(one) for one in found.outline] == [0, 1]
