"""Write pages in every format: one page a picture, whole or not at all, bounded, the same bytes again."""

from __future__ import annotations

import io
from pathlib import Path

import pyproj
import pytest
from PIL import Image

from geo.errors import BadValue, UnknownName
from maps.print.drawn_file import DrawnFile, format_of, save_drawn
from maps.print.fonts import print_font
from maps.print.map_reference import MapReference
from maps.print.pdf_canvas import Canvas

CRS = pyproj.CRS(4543)


def drawn(pages: int = 1, maps: int = 1, size: tuple[float, float] = (100.0, 50.0)) -> DrawnFile:
    out = []
    for _ in range(pages):
        canvas = Canvas(*size, print_font())
        canvas.rect(20, 10, 30, 20, fill="#ff0000")
        canvas.text(60, 10, "东门", 12)
        canvas.maps += [MapReference(20, 10, 30, 20, 500_000, 4_000_000, 1_000, CRS)] * maps
        out.append((canvas, [("东门", 20.0, 30.0)]))
    return DrawnFile(out, {"Title": "表 <1>", "Author": "Gridsight"}, None, "zh-CN")


@pytest.mark.parametrize("form", ["pdf", "png", "svg"])
def test_the_same_drawing_gives_the_same_bytes(form: str) -> None:
    assert drawn().content(form) == drawn().content(form)  # type: ignore[arg-type]


def test_a_picture_has_the_pixels_of_its_resolution_and_what_is_drawn() -> None:
    picture = Image.open(io.BytesIO(drawn().content("png", dpi=254)))  # 10 pixels a millimetre
    assert picture.size == (1_000, 500)
    assert picture.getpixel((210, 390)) == (255, 0, 0)  # 21 mm from the left, 11 mm from below
    assert picture.getpixel((190, 390)) == (255, 255, 255)
    assert round(picture.info["dpi"][0]) == 254


def test_files_beside_a_picture_only_where_it_has_one_map(tmp_path: Path) -> None:
    save_drawn(drawn(), tmp_path / "a.png", dpi=100)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.pgw", "a.png", "a.png.aux.xml", "a.prj"]
    assert list(drawn(maps=2).files("png", dpi=100)) == [""]
    assert list(drawn(maps=0).files("png", dpi=100)) == [""]


@pytest.mark.parametrize(
    ("pages", "name", "dpi", "error"),
    [
        (2, "a.png", 100, "PNG 只容一页，此处有 2 页"),
        (2, "a.svg", 100, "SVG 只容一页"),
        (1, "a.jpg", 100, "不能写 .jpg"),
        (1, "a.png", 49, "dpi 须在"),
        (1, "a.png", 601, "dpi 须在"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(tmp_path: Path, pages: int, name: str, dpi: int, error: str) -> None:
    with pytest.raises((BadValue, UnknownName), match=error):
        save_drawn(drawn(pages), tmp_path / name, dpi=dpi)
    assert not list(tmp_path.iterdir())


def test_a_sheet_too_large_for_a_picture_is_refused_before_it_is_drawn() -> None:
    with pytest.raises(BadValue, match="至多 227 dpi"):
        drawn(size=(1_189.0, 841.0)).content("png", dpi=300)


def test_the_format_is_that_of_the_ending() -> None:
    assert [format_of(Path(one)) for one in ("a.pdf", "a.PNG", "a.svg", "a")] == ["pdf", "png", "svg", "pdf"]


def test_a_stream_gets_a_pdf() -> None:
    out = io.BytesIO()
    save_drawn(drawn(2), out)
    assert out.getvalue().startswith(b"%PDF")
