"""Draw what every sheet along the roads has: ground, roads, borders, title, scale, information, a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import shapely

from geo.assessment.carriageways import road_widths
from geo.catalog.palette import LIGHT, SHEET, WIDTHS
from geo.crs import to_wgs84
from geo.crs_metric import convergence
from maps.map_data import MapData
from maps.print import map_body, map_furniture, road_lines, sheet_information, title_block
from maps.print.drawn_file import DrawnFile, save_drawn
from maps.print.fonts import print_font
from maps.print.page_layout import Bounds, Paper, Rect, choose_layout
from maps.print.page_projection import PageTransform
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, TEXT_PT, PanelContext, draw_key_value_rows
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_content import SheetContent
from maps.print.sheet_dates import made_of
from maps.style.words import language_tag

#: Size of table cells in A3 points; height of a line of notes, and space between columns, in mm on A3.
_CELL_PT, _LINE_MM, _GAP_MM = 6.3, 2.8, 2.0
#: Rows that a table has at least where it stands in what other blocks leave of a column.
_LEAST_ROWS = 4


def save_pages(pages: Sequence[RoadPage], out: Path | BinaryIO, subject: str) -> None:
    """Write pages as one PDF with an entry in its outline for each; a path is written whole or not at all."""
    first = pages[0]
    meta, lang = first.data.meta, first.panel.lang
    info = {
        "Title": meta.title_zh if lang == "zh" else meta.title_en,
        "Author": "Gridsight",
        "Subject": subject,
        "Keywords": meta.run_id,
        "Creator": "Gridsight",
    }
    drawn = [(page.canvas, [(page.title, page.layout.frame.x, page.layout.frame.top)]) for page in pages]
    save_drawn(DrawnFile(drawn, info, made_of(meta.made), language_tag(lang)), out)


class RoadPage:
    """One page: made with its extent, drawn by whoever knows what is on it, closed by ``finish``."""

    def __init__(
        self,
        data: MapData,
        content: SheetContent,
        extent: Bounds,
        papers: list[Paper],
        lang: str,
        title: tuple[str, str],
        *,
        corner: bool = True,
    ) -> None:
        zh, en = title
        titles = {"title_zh": f"{data.meta.title_zh} · {zh}", "title_en": f"{data.meta.title_en} – {en}"}
        self.data = replace(data, meta=replace(data.meta, **titles))
        self.content = content
        self.layout, self.frame = choose_layout(extent, papers, corner=corner)
        self.canvas = Canvas(self.layout.paper.width, self.layout.paper.height, print_font())
        self.canvas.maps.append(self.frame.reference(content.crs))
        self.unit = self.layout.unit
        self.panel = PanelContext(self.canvas, self.unit, lang)
        self.title = zh if lang == "zh" else en
        self.detail = map_body.is_detail(self.frame)
        self._top = self.layout.columns[0].top

    def draw_ground(self) -> None:
        """Draw paper, roads, buildings where the scale shows them, and borders."""
        canvas, frame, content, unit = self.canvas, self.frame, self.content, self.unit
        rect, drawn = frame.rect, set[str]()
        canvas.rect(rect.x, rect.y, rect.width, rect.height, fill=SHEET.map_ground)
        if self.detail:
            road_lines.draw_roads(canvas, frame, content, self.data, unit, drawn)
            map_body.draw_obstacles(canvas, frame, content, self.data, unit, drawn)
        else:
            self._thin_roads()
        map_body.draw_zone_lines(canvas, frame, content, self.data, unit, drawn)

    def _thin_roads(self) -> None:
        roads = self.data.reference.get("roads")
        if roads is None or not len(roads):
            return
        shapes = roads.geometry.to_numpy()[np.isfinite(road_widths(roads))]
        lines = PageTransform(roads.crs, self.content.crs, self.frame).lines(shapes)
        self.canvas.lines(lines, edge=LIGHT.road, width=WIDTHS["road"] * MM_PER_POINT * self.unit)

    def draw_furniture(self) -> None:
        """Draw graticule, border, title, footer, scale and north; blocks of the panel follow below the scale."""
        canvas, frame, unit, panel = self.canvas, self.frame, self.unit, self.panel
        lines = map_furniture.graticule(frame, self.content.crs, unit)
        map_furniture.draw_graticule(canvas, lines, frame, unit)
        map_furniture.draw_border(canvas, self.layout, frame, lines)
        title_block.draw_title(panel, self.layout, self.data, self.content)
        title_block.draw_footer(panel, self.layout, frame, self.data, self.content)
        column = self.layout.columns[0]
        rect = Rect(column.x, column.top - 17.5 * unit, column.width, 17.5 * unit)
        y = rect.top - 5.2 * unit
        run = panel.text(rect.x, y, f"1:{frame.scale:,.0f}", 14, bold=True)
        original = panel.word("sheet_original", paper=self.layout.paper.name)
        panel.text(rect.x + run + 2.2 * unit, y, original, TEXT_PT, colour=LIGHT.quiet)
        room = rect.width - 34 * unit
        bar = rect.top - 11.8 * unit
        map_furniture.draw_scale_bar(canvas, rect.x + unit, bar, room, int(frame.scale), unit, panel.lang)
        west, south, east, north = frame.bounds
        lon, lat = to_wgs84((west + east) / 2, (south + north) / 2, self.content.crs)
        angle = float(convergence(lon, lat, self.content.crs))
        north_at = (rect.right - 10 * unit, rect.y + 5.6 * unit)
        map_furniture.draw_north(canvas, *north_at, 12.5 * unit, angle, unit, panel.lang)
        height = sheet_information.information_height(panel, self.data, self.content)
        last = self.layout.columns[-1]
        box = Rect(last.x, last.y, last.width, height)
        sheet_information.draw_information(panel, box, self.data, self.content, frame)
        self._foot = box.top + 2.6 * unit
        self._top = rect.y - 2.6 * unit

    def _column(self) -> Rect:
        """Return what is left of the first column."""
        first = self.layout.columns[0]
        foot = self._foot if len(self.layout.columns) == 1 else first.y
        return Rect(first.x, foot, first.width, self._top - foot)

    def draw_rows(self, heading: str, rows: Sequence[tuple[str, str]]) -> None:
        """Write rows of key and value below what stands in the first column."""
        rect = self._column()
        y = self.panel.heading(rect, heading)
        draw_key_value_rows(self.panel, Rect(rect.x, rect.y, rect.width, y - rect.y), rows)
        self._top = y - (len(rows) * ROW_MM + 2.6) * self.unit

    def draw_legend(self, entries: Sequence[tuple[object, str]]) -> None:
        """Draw symbols with their meaning; each is a function of the rectangle that it is drawn in."""
        rect, unit = self._column(), self.unit
        y = self.panel.heading(rect, self.panel.word("legend"))
        for at, (symbol, text) in enumerate(entries):
            base = y - (at + 1) * ROW_MM * unit
            symbol(Rect(rect.x, base + 0.55 * unit, 8 * unit, 2.3 * unit))  # type: ignore[operator]
            self.panel.text(
                rect.x + 9.6 * unit, base + 0.95 * unit, self.panel.fit(text, TEXT_PT, rect.width - 9.6 * unit)
            )
        self._top = y - (len(entries) * ROW_MM + 2.6) * unit

    def draw_notes(self, notes: Sequence[str]) -> None:
        """Write notes as far as there is room in the first column."""
        if not notes:
            return
        rect, unit = self._column(), self.unit
        size = SMALL_PT * unit * MM_PER_POINT
        lines = [line for note in notes for line in self.canvas.font.wrap(note, size, rect.width)]
        most = int((rect.height / unit - HEADING_MM - 0.4) / _LINE_MM)
        if most < 1:
            return
        if len(lines) > most:
            lines = [*lines[: most - 1], self.panel.word("sheet_more_lines", n=len(lines) - most + 1)]
        y = self.panel.heading(rect, self.panel.word("sheet_notes"))
        for at, line in enumerate(lines):
            self.panel.text(rect.x, y - (at + 0.75) * _LINE_MM * unit, line, SMALL_PT)
        self._top = y - (len(lines) * _LINE_MM + 2.6) * unit

    def tables(self) -> list[Rect]:
        """Return where a table may stand: below the rest in a single column, else in the other columns."""
        columns = self.layout.columns
        if len(columns) == 1:
            return [self._column()]
        last, rest = columns[-1], self._column()
        before = [rest] if self._rows_in(rest) >= _LEAST_ROWS else []
        return [*before, *columns[1:-1], Rect(last.x, self._foot, last.width, last.top - self._foot)]

    def room_for_rows(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
        """Return for how many of these rows ``draw_table`` has room."""
        return min(len(rows), sum(self._rows_in(rect) for rect in self._places(self._widths(heads, rows))))

    def _rows_in(self, rect: Rect) -> int:
        return max(0, int((rect.height / self.unit - HEADING_MM - ROW_MM - 0.4) / ROW_MM))

    def _widths(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[float]:
        """Return the widths of columns in mm: as wide as their longest cell."""
        width = self.panel.width
        longest = [max((row[at] for row in rows), key=lambda text: width(text, _CELL_PT)) for at in range(len(heads))]
        gap = _GAP_MM * self.unit
        return [
            max(width(head, SMALL_PT), width(text, _CELL_PT)) + gap for head, text in zip(heads, longest, strict=True)
        ]

    def _places(self, widths: Sequence[float]) -> list[Rect]:
        """Return where parts of a table stand: of a narrow one several side by side."""
        gutter = 5 * self.unit
        out = []
        for rect in self.tables():
            count = max(1, int((rect.width + gutter) / (sum(widths) + gutter)))
            width = (rect.width - gutter * (count - 1)) / count
            out += [Rect(rect.x + at * (width + gutter), rect.y, width, rect.height) for at in range(count)]
        return out

    def draw_table(
        self,
        title: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        right: Sequence[int],
        links: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Draw as many rows as there is room for.

        Parameters
        ----------
        right
            The columns of numbers.
        links
            For each row what it leads to, and how that is told; none without.
        """
        if not rows:
            return
        done, widths = 0, self._widths(heads, rows)
        for rect in self._places(widths):
            part = rows[done : done + self._rows_in(rect)]
            if part:
                self._table(rect, title if not done else "", heads, part, right, widths)
                self._link_rows(rect, links[done : done + len(part)])
                done += len(part)

    def _link_rows(self, rect: Rect, links: Sequence[tuple[str, str]]) -> None:
        """Let each row of a table that begins at the top of a rectangle lead to its page."""
        step = ROW_MM * self.unit
        top = rect.top - HEADING_MM * self.unit - step
        for at, (name, told) in enumerate(links):
            self.canvas.link(rect.x, top - (at + 1) * step, rect.width, step, name, told)

    def _table(
        self,
        rect: Rect,
        title: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        right: Sequence[int],
        widths: Sequence[float],
    ) -> None:
        panel, unit = self.panel, self.unit
        y = panel.heading(rect, title or panel.word("sheet_table_next"))
        gap, widths = _GAP_MM * unit, list(widths)
        # What is too wide takes from the widest column, which holds names.
        over = sum(widths) - gap - rect.width
        widest = int(np.argmax(widths))
        if over > 0:
            widths[widest] = max(12 * unit, widths[widest] - over)
        lefts = rect.x + np.cumsum([0.0, *widths[:-1]])
        top = y - ROW_MM * unit
        for row, base, size, colour in (
            (heads, y - 0.72 * ROW_MM * unit, SMALL_PT, LIGHT.quiet),
            *((row, top - (at + 0.74) * ROW_MM * unit, _CELL_PT, LIGHT.ink) for at, row in enumerate(rows)),
        ):
            for at, cell in enumerate(row):
                text = panel.fit(cell, size, widths[at] - gap + 1e-6)
                x = lefts[at] + (widths[at] - gap if at in right else 0.0)
                panel.text(x, base, text, size, colour=colour, anchor="right" if at in right else "left")
        panel.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * unit)
        rules = [
            shapely.LineString([(rect.x, top - at * ROW_MM * unit), (rect.right, top - at * ROW_MM * unit)])
            for at in range(1, len(rows))
        ]
        if rules:
            panel.canvas.lines(rules, edge=SHEET.table_rule, width=0.06 * unit, cap=0)
