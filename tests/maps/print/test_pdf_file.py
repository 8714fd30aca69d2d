"""Check what files of several pages have: links that resolve, names of pages, labels, an outline of levels."""

from __future__ import annotations

import io

import pypdf
import pytest

from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_file import OutlineEntry, PdfFile
from maps.print.sheet_dates import made_of


def begun() -> tuple[io.BytesIO, PdfFile]:
    out = io.BytesIO()
    return out, PdfFile(out, size=(100, 50), font=print_font().name, info={"Title": "t"}, made=None, lang="en")


def test_pages_are_named_labelled_and_linked():
    out, file = begun()
    file.count_from_here("ROMAN_LOWER")
    front, sheet = Canvas(100, 50, print_font()), Canvas(80, 60, print_font())
    front.link(10, 20, 30, 5, "one", "to one")
    file.add(front, outline=[OutlineEntry("front")])
    file.count_from_here("ARABIC")
    file.add(sheet, outline=[OutlineEntry("sheets", is_closed=True), OutlineEntry("one", 1)], name="one")
    assert file.pages == 2
    assert out.getvalue() == b"", "nothing is written before the end"
    file.close()
    found = pypdf.PdfReader(io.BytesIO(out.getvalue()), strict=True)
    assert found.page_labels == ["i", "1"]
    link = found.pages[0]["/Annots"][0].get_object()
    assert [round(float(one) / 72 * 25.4, 2) for one in link["/Rect"]] == [10, 20, 40, 25]
    assert link["/Dest"][0].idnum == found.pages[1].indirect_reference.idnum
    first, second, (inner,) = found.outline
    assert (first.title, second.title, inner.title) == ("front", "sheets", "one")
    assert found.get_destination_page_number(inner) == 1


def test_a_link_to_no_page_is_an_error():
    _out, file = begun()
    page = Canvas(100, 50, print_font())
    page.link(0, 0, 10, 10, "nowhere", "")
    file.add(page)
    with pytest.raises(ValueError, match="nowhere"):
        file.close()


@pytest.mark.parametrize(
    ("made", "told"),
    [
        ("2026-11-30", "D:20261130"),  # a day where the map is of: no hour, no time zone
        ("2026-11-30T07:00:00+08:00", "D:20261129230000+00'00'"),
    ],
)
def test_a_day_is_no_moment_in_utc(made: str, told: str) -> None:
    out = io.BytesIO()
    file = PdfFile(out, size=(100, 50), font=print_font().name, info={"Title": "t"}, made=made_of(made), lang="en")
    file.add(Canvas(100, 50, print_font()))
    file.close()
    assert pypdf.PdfReader(out).metadata["/CreationDate"] == told
