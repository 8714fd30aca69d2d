"""Read pages written as SVG: size, paths where they are drawn, text in attributes, clips that end, no script."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import numpy as np
import shapely
from PIL import Image

from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from maps.print.svg_file import svg_text
from tests.maps.print.forms.scene import scene

NS = {"s": "http://www.w3.org/2000/svg"}


def read(canvas: Canvas) -> ET.Element:
    return ET.fromstring(svg_text(canvas, title="表 <1>", lang="zh-CN"))


def canvas() -> Canvas:
    return Canvas(100, 50, print_font())


def test_size_title_and_language() -> None:
    root = read(canvas())
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("100mm", "50mm", "0 0 10000 5000")
    assert root.find("s:title", NS).text == "表 <1>"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "zh-CN"


def test_a_rectangle_a_line_and_a_polygon_are_where_they_are_drawn() -> None:
    page = canvas()
    page.rect(20, 10, 30, 5, fill="#ff0000")
    page.polyline([(1, 2), (3, 4)], edge="#00ff00", width=0.5)
    page.polygons([shapely.box(0, 0, 1, 1)], fill="#0000ff", alpha=0.5)
    page.lines([shapely.LineString([(0, 0), (9, 0)])], edge="#000000", width=0.2, dash=(1.0, 0.5))
    rect, line, polygon, dashed = read(page).findall(".//s:g/s:path", NS)
    assert (rect.get("d"), rect.get("fill")) == ("M2000 1000h3000v500h-3000z", "#ff0000")
    assert (line.get("d"), line.get("stroke"), line.get("stroke-width")) == ("M100 200L300 400", "#00ff00", "50")
    assert (polygon.get("fill"), polygon.get("opacity")) == ("#0000ff", "0.5")
    assert (dashed.get("stroke-dasharray"), dashed.get("opacity")) == ("100 50", None)


def test_text_is_outlines_once_a_glyph_and_is_told() -> None:
    page = canvas()
    page.text(10, 10, "东门东", 12, bold=True)
    root = read(page)
    [group] = root.findall(".//s:g[@role='img']", NS)
    assert group.get("aria-label") == "东门东"
    uses = [one.get("href") for one in group.findall("s:use", NS)]
    assert len(uses) == 3
    assert uses[0] == uses[2] != uses[1]
    names = [one.get("id") for one in root.findall("s:defs/s:path", NS)]
    assert sorted(names) == sorted({one.removeprefix("#") for one in uses})
    em = print_font().width("东") * 1_000
    assert float(group.findall("s:use", NS)[1].get("x")) == round(em, 1)


def test_clips_hatches_and_pictures_close_what_they_open() -> None:
    page = canvas()
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "JPEG")
    with page.clipped(10, 10, 20, 20):
        page.rect(0, 0, 50, 50, hatch=("#ff0000", 2.0, 0.2, 45.0))
        page.picture(0, 0, 10, 10, out.getvalue())
    page.rect(60, 10, 5, 5, fill="#00ff00")
    root = read(page)
    whole = root.find("s:g", NS)
    assert len(root.findall(".//s:clipPath", NS)) == 2
    assert whole.findall("s:path", NS)[0].get("fill") == "#00ff00"  # outside of every clip
    [image] = root.findall(".//s:image", NS)
    assert image.get("href").startswith("data:image/jpeg;base64,")


def test_names_with_markup_are_text(monkeypatch) -> None:
    page = canvas()
    page.text(10, 10, '"><script>x</script>', 9)
    text = svg_text(page, title="</title><script>", lang="en")
    assert "<script" not in text
    assert ET.fromstring(text).find(".//s:g[@role='img']", NS).get("aria-label") == '"><script>x</script>'


def test_a_whole_form_is_well_formed() -> None:
    from maps.print.forms.site_form import camera_forms

    root = ET.fromstring(camera_forms(scene(), ["P1"]).content("svg"))
    told = [one.get("aria-label") for one in root.findall(".//s:g[@role='img']", NS)]
    assert "民主街" in told
    numbers = np.array([len(one.get("d")) for one in root.findall(".//s:path", NS)])
    assert (numbers > 0).all()
