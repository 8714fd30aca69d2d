"""Hold what a page draws beside paths: text, pictures, links, opacity; each can draw itself on a PDF.

Paths are operators as text (``maps.print.pdf_paths``); a writer of another format reads both (``maps.print.svg_file``).
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas as Pdf

from maps.print.fonts import Font
from maps.print.pdf_file import POINTS_PER_MM
from maps.print.pdf_paths import FILE_UNITS_PER_MM


@dataclass(frozen=True)
class Opacity:
    """The opacity of what follows, until the state is taken back."""

    alpha: float

    def __call__(self, pdf: Pdf) -> None:
        """Set it."""
        pdf.setFillAlpha(self.alpha)
        pdf.setStrokeAlpha(self.alpha)


@dataclass(frozen=True)
class SaveState:
    """Keep the state; the library writes an opacity only where it is another than before, and must know of it."""

    def __call__(self, pdf: Pdf) -> None:
        """Keep it."""
        pdf.saveState()


@dataclass(frozen=True)
class RestoreState:
    """Take back what ``SaveState`` kept."""

    def __call__(self, pdf: Pdf) -> None:
        """Take it back."""
        pdf.restoreState()


@dataclass(frozen=True)
class NextPage:
    """End a page and begin another."""

    def __call__(self, pdf: Pdf) -> None:
        """End it."""
        pdf.showPage()


@dataclass(frozen=True)
class Picture:
    """A JPEG in a rectangle by its lower left corner, mm."""

    x: float
    y: float
    width: float
    height: float
    jpeg: bytes

    def __call__(self, pdf: Pdf) -> None:
        """Draw it; the file has its JPEG as it is."""
        box = [one * FILE_UNITS_PER_MM for one in (self.x, self.y, self.width, self.height)]
        pdf.drawImage(ImageReader(BytesIO(self.jpeg)), *box)


@dataclass(frozen=True)
class Link:
    """A rectangle by its lower left corner, mm, that leads to the page of a name; ``told`` says where to."""

    x: float
    y: float
    width: float
    height: float
    name: str
    told: str

    def __call__(self, pdf: Pdf) -> None:
        """Lay it over the page."""
        corners = [one * POINTS_PER_MM for one in (self.x, self.y, self.x + self.width, self.y + self.height)]
        pdf.linkRect(self.told, self.name, corners, relative=0, thickness=0)


@dataclass(frozen=True)
class TextLine:
    """One line of text; only the library knows which font subset has a character.

    Attributes
    ----------
    font
        Its fonts.
    text, logical
        In the order it is drawn in, and in the order it is read in.
    em
        Size in mm.
    origin
        The text matrix in file units.
    spacing
        Extra distance between characters in mm.
    prefix
        Characters before the text that are not drawn but found by a search.
    """

    font: Font
    text: str
    logical: str
    em: float
    origin: tuple[float, ...]
    spacing: float = 0.0
    prefix: str = ""

    def __call__(self, pdf: Pdf) -> None:
        """Write it; a text that is drawn in another order than it is read in carries the latter for search and copy."""
        line = pdf.beginText()
        *matrix, x, y = self.origin
        font, em = self.font, self.em
        line.setFont(font.name, em * FILE_UNITS_PER_MM)
        if self.prefix:
            # In the same text object and ending where the text begins: PDF readers treat it as a separate word
            # otherwise. A fifth as wide and no less: they drop a digit as the shadow of an equal one otherwise.
            before = font.width(self.prefix, em) * 0.2 * FILE_UNITS_PER_MM
            line.setTextTransform(*matrix, x - before * matrix[0], y - before * matrix[1])
            line.setTextRenderMode(3)
            line.setHorizScale(20)
            line.textOut(self.prefix)
            line.setTextRenderMode(0)
            line.setHorizScale(100)
        else:
            line.setTextTransform(*self.origin)
        for name, run in font.runs(self.text):
            line.setFont(name, em * FILE_UNITS_PER_MM)
            line.textOut(run)
        if self.text != self.logical:
            pdf.addLiteral(f"/Span <</ActualText <FEFF{self.logical.encode('utf-16-be').hex().upper()}>>> BDC")
        pdf.drawText(line)
        if self.text != self.logical:
            pdf.addLiteral("EMC")
