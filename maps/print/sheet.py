"""Print a map sheet: a vector page at a round scale with legend, figures, gaps, notes and metadata.

Colours and class edges are those of the web map (``maps.style.themes``, ``maps.style.coverage_classes``). What is on
the sheet is selected in ``maps.print.sheet_content``; the map is drawn by ``maps.print.map_body``,
``maps.print.labels`` and ``maps.print.map_furniture``, the panel by one module per block; ``maps.print.sheet_page``
puts them together.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from geo.basemaps.opening import BaseMapTiles
from geo.catalog.papers import CLASS_SCHEMES
from maps.map_data import MapData
from maps.print import title_block
from maps.print.drawn_file import DrawnFile, save_drawn
from maps.print.fonts import print_font
from maps.print.page_picture import DEFAULT_DPI
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_base import base_picture
from maps.print.sheet_content import sheet_content
from maps.print.sheet_dates import made_of
from maps.print.sheet_division import divide_sheet
from maps.print.sheet_options import AS_SUITS, SheetOptions
from maps.print.sheet_page import SheetPage, SheetReport
from maps.style.words import language_tag


def write_sheet(
    data: MapData,
    out: Path | BinaryIO,
    *,
    paper: str = "A3",
    zone: str | None = None,
    lang: str = "zh",
    base: BaseMapTiles | None = None,
    options: SheetOptions = AS_SUITS,
    classes: str = CLASS_SCHEMES[0],
    dpi: int = DEFAULT_DPI,
) -> SheetReport:
    """Write one sheet as PDF, PNG or SVG; the same data give the same bytes.

    Parameters
    ----------
    data
        What to draw, in any one CRS.
    out
        A path (written atomically: a temporary file, then renamed), whose ending says the format, or a binary file,
        which gets a PDF. A PNG has a world file, a .prj and what GDAL reads of its CRS beside it.
    paper
        ``A4`` to ``A0``, in the orientation that suits the area, or with ``-portrait`` or ``-landscape``.
    zone
        Code or name of a grid, microgrid, village or township to show alone, its neighbours greyed; None shows
        everything.
    lang
        ``zh`` or ``en``; the title is in both.
    base
        The opened base map below everything, lightened; ``data.base`` are its facts, which the sheet prints. None for
        none.
    options
        Orientation, scale, title and what the map draws; as suits where not given.
    classes
        One of ``geo.catalog.papers.CLASS_SCHEMES``: how the zones are sorted into classes.
    dpi
        Dots per inch of a PNG.

    Raises
    ------
    NotFound, AmbiguousName
        Where no zone has that code or name, or several have that name.
    UnknownName
        For an unknown paper, orientation, layer, scheme of classes or format.
    BadValue
        The area does not fit at the scale, the title has no room, or the picture would be too large.
    UnknownCrs, TooWide
        Where no metric CRS fits the data (rule C1).
    UnreadableFile, SourceBroken, SourceSlow
        The base map cannot be read, or not in time.
    """
    drawn, report = drawn_sheet(data, paper=paper, zone=zone, lang=lang, base=base, options=options, classes=classes)
    save_drawn(drawn, out, dpi=dpi)
    return report


def drawn_sheet(
    data: MapData,
    *,
    paper: str = "A3",
    zone: str | None = None,
    lang: str = "zh",
    base: BaseMapTiles | None = None,
    options: SheetOptions = AS_SUITS,
    classes: str = CLASS_SCHEMES[0],
) -> tuple[DrawnFile, SheetReport]:
    """Return one sheet, not yet written, with what is on it; parameters and errors as of ``write_sheet``."""
    choices, data = options.papers(paper), options.titled(data)
    content = sheet_content(data, zone, classes)
    division = divide_sheet(data, content, choices, options)
    layout, frame = division.layout, division.frame
    canvas = Canvas(layout.paper.width, layout.paper.height, print_font())
    picture = None if base is None else base_picture(base, frame, content.crs)
    sheet = SheetPage(data, content, division, canvas, lang, picture, options=options)
    canvas.maps.append(frame.reference(content.crs))
    report = sheet.draw()
    return _drawn(sheet), report


def _drawn(sheet: SheetPage) -> DrawnFile:
    meta, scale = sheet.data.meta, f"{sheet.frame.scale:,.0f}"
    titles = title_block.sheet_titles(sheet.data, sheet.content, "zh")
    keywords = [sheet.crs, f"1:{scale}", meta.level, meta.edition, meta.domain, meta.run_id]
    info = {
        "Title": " / ".join(one for one in titles if one),
        "Author": "Gridsight",
        "Subject": sheet.panel.word("sheet_subject", scale=scale, crs=sheet.crs),
        "Keywords": ", ".join(one for one in keywords if one),
        "Creator": "Gridsight",
    }
    return DrawnFile([(sheet.canvas, sheet.bookmarks)], info, made_of(meta.made), language_tag(sheet.lang))
