"""Print a map sheet: a vector page at a round scale with legend, figures, gaps, notes and metadata.

Colours and class edges are those of the web map (``maps.style.themes``, ``maps.style.coverage_classes``). What is on
the sheet is selected in ``maps.print.sheet_content``; the map is drawn by ``maps.print.map_body``,
``maps.print.labels`` and ``maps.print.map_furniture``, the panel by one module per block; ``maps.print.sheet_page``
puts them together.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from geo.basemaps.opening import BaseMapTiles
from geo.catalog.papers import CLASS_SCHEMES
from geo.files import write_atomically
from maps.map_data import MapData
from maps.print import title_block
from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_base import base_picture
from maps.print.sheet_content import sheet_content
from maps.print.sheet_dates import moment_of
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
) -> SheetReport:
    """Write one sheet as a PDF; the same data give the same bytes.

    Parameters
    ----------
    data
        What to draw, in any one CRS.
    out
        A path (written atomically: a temporary file, then renamed) or a binary file.
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

    Raises
    ------
    NotFound, AmbiguousName
        Where no zone has that code or name, or several have that name.
    UnknownName
        For an unknown paper, orientation, layer or scheme of classes.
    BadValue
        The area does not fit at the scale, or the title has no room.
    UnknownCrs, TooWide
        Where no metric CRS fits the data (rule C1).
    UnreadableFile, SourceBroken, SourceSlow
        The base map cannot be read, or not in time.
    """
    choices, data = options.papers(paper), options.titled(data)
    content = sheet_content(data, zone, classes)
    division = divide_sheet(data, content, choices, options)
    layout, frame = division.layout, division.frame
    canvas = Canvas(layout.paper.width, layout.paper.height, print_font())
    picture = None if base is None else base_picture(base, frame, content.crs)
    sheet = SheetPage(data, content, division, canvas, lang, picture, options=options)
    report = sheet.draw()
    _save(sheet, out)
    return report


def _save(sheet: SheetPage, out: Path | BinaryIO) -> None:
    if not isinstance(out, str | os.PathLike):
        _write(sheet, out)
        return

    def write(path: Path) -> None:
        with path.open("wb") as file:
            _write(sheet, file)

    write_atomically(Path(out), write)


def _write(sheet: SheetPage, out: BinaryIO) -> None:
    meta, scale = sheet.data.meta, f"{sheet.frame.scale:,.0f}"
    titles = title_block.sheet_titles(sheet.data, sheet.content, "zh")
    keywords = [sheet.crs, f"1:{scale}", meta.level, meta.edition, meta.domain, meta.run_id]
    sheet.canvas.write(
        out,
        info={
            "Title": " / ".join(one for one in titles if one),
            "Author": "Gridsight",
            "Subject": sheet.panel.word("sheet_subject", scale=scale, crs=sheet.crs),
            "Keywords": ", ".join(one for one in keywords if one),
            "Creator": "Gridsight",
        },
        made=moment_of(meta.made),
        lang=language_tag(sheet.lang),
        bookmarks=sheet.bookmarks,
    )
