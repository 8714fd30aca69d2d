"""Keep drawn pages with their titles, and write them as PDF, or one page as PNG or SVG, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Literal
from xml.sax.saxutils import escape

from geo.errors import BadValue, UnknownName
from geo.files import write_atomically
from maps.print.page_picture import DEFAULT_DPI, MOST_PIXELS, page_picture, require_dpi
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_file import Bookmarks, write_pages
from maps.print.svg_file import svg_text

PageFormat = Literal["pdf", "png", "svg"]
FORMATS: tuple[PageFormat, ...] = ("pdf", "png", "svg")
MEDIA_TYPES: Mapping[PageFormat, str] = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}


@dataclass(frozen=True)
class DrawnFile:
    """Pages, at least one, with what their file says of itself.

    Attributes
    ----------
    pages
        Each with its entries in the outline.
    info
        Title, Author, Subject, Keywords, Creator.
    made
        The date of the file in UTC; None for a fixed one.
    lang
        BCP 47 language.
    """

    pages: Sequence[tuple[Canvas, Bookmarks]]
    info: Mapping[str, str]
    made: date | None
    lang: str

    def content(self, form: PageFormat = "pdf", *, dpi: int = DEFAULT_DPI, most_pixels: int = MOST_PIXELS) -> bytes:
        """Return the file in a format; the same drawing gives the same bytes.

        Parameters
        ----------
        form
            ``pdf`` for all pages; ``png`` and ``svg`` hold one.
        dpi, most_pixels
            Dots per inch of a PNG, and the pixels that it may have.

        Raises
        ------
        BadValue
            There are several pages and the format holds one, or the picture would be too large.
        """
        return self.files(form, dpi=dpi, most_pixels=most_pixels)[""]

    def files(self, form: PageFormat, *, dpi: int = DEFAULT_DPI, most_pixels: int = MOST_PIXELS) -> dict[str, bytes]:
        """Return the file under ``""``, and files beside it by their endings: where a picture lies on the ground.

        Raises
        ------
        BadValue
            As ``content``.
        """
        if form == "pdf":
            return {"": self._pdf()}
        if len(self.pages) > 1:
            raise BadValue(
                f"{form.upper()} 只容一页，此处有 {len(self.pages)} 页：请写 PDF",
                f"{form.upper()} holds one page, there are {len(self.pages)}: write a PDF",
            )
        canvas = self.pages[0][0]
        if form == "svg":
            return {"": svg_text(canvas, title=self.info["Title"], lang=self.lang).encode("utf-8")}
        require_dpi(dpi, (canvas.width, canvas.height), most_pixels)
        picture = page_picture(self._pdf(), dpi)
        return {"": picture.png, **_beside(canvas, picture.pixels)}

    def _pdf(self) -> bytes:
        out = BytesIO()
        font = self.pages[0][0].font.name
        write_pages(out, self.pages, font=font, info=self.info, made=self.made, lang=self.lang)
        return out.getvalue()


def _beside(canvas: Canvas, pixels: tuple[int, int]) -> dict[str, bytes]:
    """Return world file, .prj and what GDAL reads beside a picture of a page with one map; of others nothing is so."""
    if len(canvas.maps) != 1:
        return {}
    [reference] = canvas.maps
    world = reference.world_file((canvas.width, canvas.height), pixels)
    wkt = reference.projection_file()
    # GDAL and QGIS take the place from the world file, and the CRS from no .prj beside a PNG but from this.
    aux = f"<PAMDataset>\n  <SRS>{escape(wkt.strip())}</SRS>\n</PAMDataset>\n"
    return {".pgw": world.encode("ascii"), ".prj": wkt.encode("utf-8"), ".png.aux.xml": aux.encode("utf-8")}


def format_of(out: Path) -> PageFormat:
    """Return the format that the ending of a file asks for, PDF where it has none.

    Raises
    ------
    UnknownName
        For any other ending.

    Examples
    --------
    >>> format_of(Path("a.PNG")), format_of(Path("sheet"))
    ('png', 'pdf')
    """
    ending = out.suffix.lower().removeprefix(".") or "pdf"
    for form in FORMATS:
        if form == ending:
            return form
    known = "、".join(FORMATS)
    raise UnknownName(
        f"不能写 .{ending[:20]}，可写：{known}", f"cannot write .{ending[:20]}; there are {', '.join(FORMATS)}"
    )


def save_drawn(drawn: DrawnFile, out: Path | BinaryIO, *, dpi: int = DEFAULT_DPI) -> None:
    """Write pages to a path in the format of its ending, each file whole or not at all, or as PDF to an open file.

    Raises
    ------
    UnknownName, BadValue
        As ``format_of`` and ``DrawnFile.content``; nothing is written then.
    """
    if not isinstance(out, str | os.PathLike):
        out.write(drawn.content())
        return
    path = Path(out)
    for ending, content in drawn.files(format_of(path), dpi=dpi).items():
        write_atomically(path.with_suffix(ending) if ending else path, partial(_write, content))


def _write(content: bytes, path: Path) -> None:
    path.write_bytes(content)
