"""Write drawn pages into one PDF, page after page: outline, names that links lead to, page labels, document facts.

ReportLab keeps the file. It is told each page at a time and keeps it compressed, so that an atlas of hundreds of pages
needs the memory of its file and not that of its drawing operators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO, Literal, Protocol

from reportlab import rl_config
from reportlab.pdfbase import pdfdoc
from reportlab.pdfgen.canvas import Canvas as Pdf

from maps.print.map_reference import MapReference

#: Points per millimetre.
POINTS_PER_MM = 72 / 25.4

#: Title, left and top in mm of the entries of a page in the outline of its file.
Bookmarks = Sequence[tuple[str, float, float]]
#: How the pages of a part of a file are counted: 1, 2, 3 or i, ii, iii.
Numerals = Literal["ARABIC", "ROMAN_LOWER"]


class DrawnPage(Protocol):
    """A page that can be drawn on a file; a ``Canvas`` is one."""

    width: float
    height: float
    maps: list[MapReference]

    def draw_on(self, pdf: Pdf) -> None: ...  # noqa: D102 (as in the canvas)


@dataclass(frozen=True)
class OutlineEntry:
    """An entry of the outline: its title, how deep it stands, whether what is below it is folded away."""

    title: str
    level: int = 0
    is_closed: bool = False


class PdfFile:
    """A PDF that takes one page after another; the same pages give the same bytes.

    Parameters
    ----------
    out
        A binary file open for writing; written to by ``close`` only.
    size
        Width and height of the first page in mm.
    font
        What the PDF library calls the font of the pages.
    info
        Title, Author, Subject, Keywords, Creator.
    made
        When it was made, a moment in UTC or a day alone; None for the library's fixed one.
    lang
        BCP 47 language of the text.
    """

    def __init__(
        self,
        out: BinaryIO,
        *,
        size: tuple[float, float],
        font: str,
        info: Mapping[str, str],
        made: date | None,
        lang: str,
    ) -> None:
        rl_config.useA85 = 0  # ReportLab's switch for binary streams: 20 % smaller files and faster
        self._pdf = Pdf(out, pagesize=_points(size), invariant=1, pageCompression=1, lang=lang, initialFontName=font)
        for name, value in info.items():
            getattr(self._pdf, f"set{name}")(value)
        self._pdf.setProducer("Gridsight")
        if made is not None:
            # Of a day alone neither hour nor time zone is known: a date of PDF may end with its day.
            form = "D:%Y%m%d%H%M%S+00'00'" if isinstance(made, datetime) else "D:%Y%m%d"
            self._pdf.setDateFormatter(lambda *_now: made.strftime(form))
        self._pdf.setViewerPreference("DisplayDocTitle", "true")
        self._marks = 0
        self.pages = 0

    def add(
        self,
        page: DrawnPage,
        *,
        bookmarks: Bookmarks = (),
        outline: Sequence[OutlineEntry] = (),
        name: str = "",
    ) -> None:
        """Draw the next page.

        Parameters
        ----------
        bookmarks
            Entries of the outline that lead to places of the page.
        outline
            Entries that lead to the whole page.
        name
            What links of this or other pages call it; empty for a page that none leads to.
        """
        pdf = self._pdf
        pdf.setPageSize(_points((page.width, page.height)))
        if name:
            pdf.bookmarkPage(name, fit="Fit")
        for entry in outline:
            pdf.bookmarkPage(self._next_mark(), fit="Fit")
            pdf.addOutlineEntry(entry.title, str(self._marks - 1), entry.level, entry.is_closed)
        for title, left, top in bookmarks:
            key = self._next_mark()
            pdf.bookmarkPage(key, fit="XYZ", left=left * POINTS_PER_MM, top=top * POINTS_PER_MM)
            pdf.addOutlineEntry(title, key)
        page.draw_on(pdf)
        pdf.showPage()
        _pack(pdf)
        _place(pdf, page.maps)
        self.pages += 1

    def count_from_here(self, numerals: Numerals) -> None:
        """Label the next page and those after it 1, 2, 3 or i, ii, iii, as a reader shows and finds them."""
        self._pdf.addPageLabel(self.pages, numerals, 1)

    def close(self) -> None:
        """Write the file; raise ValueError where a link leads to a page that has not been added."""
        self._pdf.save()

    def _next_mark(self) -> str:
        self._marks += 1
        return str(self._marks - 1)


def write_pages(
    out: BinaryIO,
    pages: Sequence[tuple[DrawnPage, Bookmarks]],
    *,
    font: str,
    info: Mapping[str, str],
    made: date | None,
    lang: str,
) -> None:
    """Write pages, at least one, as one PDF; parameters as those of ``PdfFile``."""
    first = pages[0][0]
    file = PdfFile(out, size=(first.width, first.height), font=font, info=info, made=made, lang=lang)
    for page, bookmarks in pages:
        file.add(page, bookmarks=bookmarks)
    file.close()


def _pack(pdf: Pdf) -> None:
    """Compress the page just shown: the library would keep the text of every page until it writes the file."""
    page = pdf._doc.Pages.pages[-1]  # the library has no other way to its pages
    stream = pdfdoc.PDFStream(content=pdfdoc.PDFZCompress.encode(page.stream))
    stream.dictionary["Filter"] = pdfdoc.PDFArray([pdfdoc.PDFName(pdfdoc.PDFZCompress.pdfname)])
    page.Contents, page.stream = stream, None


def _place(pdf: Pdf, maps: Sequence[MapReference]) -> None:
    """Give the page just shown a viewport for each of its maps, by which a GIS places it."""
    if maps:
        page = pdf._doc.Pages.pages[-1]
        page.__NoDefault__ = [*page.__NoDefault__, "VP"]  # the library writes these of its attributes only
        page.VP = f"[ {' '.join(one.viewport() for one in maps)} ]".encode("latin-1")


def _points(size: tuple[float, float]) -> tuple[float, float]:
    return size[0] * POINTS_PER_MM, size[1] * POINTS_PER_MM
