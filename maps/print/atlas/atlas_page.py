"""Draw what every page of an atlas beside its sheets has: neatline, title, heading, footer, number of the page."""

from __future__ import annotations

from dataclasses import dataclass

from geo.catalog.palette import LIGHT
from geo.crs import crs_name
from maps.map_data import MapData
from maps.print import title_block
from maps.print.fonts import print_font
from maps.print.page_layout import Paper, Rect, page_layout
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_content import SheetContent
from maps.print.sheet_dates import day_text

#: What links call the page with the map of all sheets, and the first page of the contents.
INDEX, CONTENTS = "index", "contents"
_HEADING_PT, _HEADING_MM = 12.0, 9.0


@dataclass(frozen=True)
class AtlasContext:
    """What all pages of an atlas are drawn with: the map in metres, the content of the whole, paper and language."""

    data: MapData
    content: SheetContent
    paper: Paper
    lang: str


class AtlasPage:
    """One page: made with its number as printed, drawn into ``body`` by whoever knows what is on it."""

    def __init__(self, atlas: AtlasContext, number: str, heading: str = "", *, is_cover: bool = False) -> None:
        self.atlas = atlas
        self.layout = page_layout(atlas.paper)
        self.canvas = Canvas(atlas.paper.width, atlas.paper.height, print_font())
        self.unit = self.layout.unit
        self.panel = PanelContext(self.canvas, self.unit, atlas.lang)
        neat = self.layout.neatline
        self.canvas.rect(neat.x, neat.y, neat.width, neat.height, edge=LIGHT.ink, line=0.5 * self.unit)
        if not is_cover:
            title_block.draw_title(self.panel, self.layout, atlas.data, atlas.content)
        title_block.draw_page_number(self.panel, self.layout, number, INDEX)
        self._draw_footer()
        self.body = body_of(atlas.paper)
        if heading:
            y = self.body.top - _HEADING_MM * self.unit
            self.panel.text(self.body.x, y + 3.2 * self.unit, heading, _HEADING_PT, bold=True)
            line = [(self.body.x, y + 1.2 * self.unit), (self.body.right, y + 1.2 * self.unit)]
            self.canvas.polyline(line, edge=LIGHT.ink, width=0.2 * self.unit)
            self.body = headed(self.body, self.unit)

    def _draw_footer(self) -> None:
        rect, meta, panel = self.layout.footer, self.atlas.data.meta, self.panel
        parts = [
            (panel.word("source"), meta.source), (panel.word("made"), day_text(meta.made)),
            (panel.word("run"), meta.run_id),
        ]  # fmt: skip
        right = f"{self.atlas.paper.name} · {crs_name(self.atlas.content.crs)}"
        left = "　".join(f"{key}: {value}" for key, value in parts if value)
        y = rect.y + 0.2 * panel.unit
        available = rect.width - panel.width(right, 6.3) - 4 * panel.unit
        panel.text(rect.x, y, panel.fit(left, 6.3, available), 6.3, colour=LIGHT.quiet)
        panel.text(rect.right, y, right, 6.3, colour=LIGHT.quiet, anchor="right")


def body_of(paper: Paper) -> Rect:
    """Return what is left of a page between title and footer, in mm."""
    layout = page_layout(paper)
    title, foot = layout.title, layout.footer
    gap = 2 * layout.unit
    return Rect(title.x, foot.top + gap, title.width, title.y - foot.top - 2 * gap)


def headed(body: Rect, unit: float) -> Rect:
    """Return what is left of a body below its heading."""
    return Rect(body.x, body.y, body.width, body.height - _HEADING_MM * unit)


def roman(number: int) -> str:
    """Return a number below 4000 in small Roman numerals, as the pages before the sheets have.

    Examples
    --------
    >>> [roman(one) for one in (1, 4, 9, 14)]
    ['i', 'iv', 'ix', 'xiv']
    """
    steps = (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")
    out = ""
    for value, letters in (*steps, (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        out += letters * (number // value)
        number %= value
    return out
