"""Write a table that runs over columns and pages: rows under a heading, each with the page that it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.catalog.palette import LIGHT, SHEET
from maps.print.page_layout import Rect
from maps.print.panel import ROW_MM, SMALL_PT, TEXT_PT, PanelContext

#: Space between columns of cells and between blocks of rows in mm on A3; height of a row in rows of a panel.
_GAP_MM, _GUTTER_MM, _ROW = 2.2, 7.0, 1.12


@dataclass(frozen=True)
class TableRow:
    """One row: its cells, what links call the page that it leads to, and whether it heads the rows below it."""

    cells: tuple[str, ...]
    link: str = ""
    is_heading: bool = False


class RunningTable:
    """A table whose columns are as wide as their widest cell, on every page alike.

    Parameters
    ----------
    panel
        Measures the text; the pages that the rows are drawn on have panels of the same type.
    heads
        Words over the columns; empty ones for a table without a header.
    right
        Columns of numbers, which are aligned at the right.
    flexible
        The column of names, which is cut where a block would be wider than the page.
    size
        Of the type, in points on A3.
    """

    def __init__(
        self,
        panel: PanelContext,
        heads: Sequence[str],
        rows: Sequence[TableRow],
        right: Sequence[int],
        flexible: int,
        size: float = TEXT_PT,
    ) -> None:
        self._panel, self._heads, self._rows = panel, tuple(heads), list(rows)
        self._right, self._flexible = set(right), flexible
        self._size, self._head_pt = size, SMALL_PT * size / TEXT_PT
        self._is_begun = False
        self._gap = _GAP_MM * panel.unit * size / TEXT_PT
        told = [row.cells for row in rows if not row.is_heading]
        self._widths = [
            max([panel.width(head, self._head_pt), *(panel.width(cells[at], size) for cells in told)]) + self._gap
            for at, head in enumerate(self._heads)
        ]

    @property
    def left(self) -> int:
        """Return how many rows have not been drawn yet."""
        return len(self._rows)

    def blocks(self, rect: Rect) -> int:
        """Return how many blocks of rows stand side by side in a rectangle."""
        gutter = _GUTTER_MM * self._panel.unit
        return max(1, int((rect.width + gutter) / (sum(self._widths) + gutter)))

    def room(self, rect: Rect) -> int:
        """Return how many rows a rectangle holds."""
        return self.blocks(rect) * self._rows_of_block(rect)

    def pages(self, first: Rect, others: Rect) -> int:
        """Return how many pages the rows take, the first of them of another size."""
        more = len(self._rows) - self.room(first)
        return 1 if more <= 0 else 1 + -(-more // max(1, self.room(others)))

    def _step(self) -> float:
        return ROW_MM * _ROW * self._panel.unit * self._size / TEXT_PT

    def _rows_of_block(self, rect: Rect) -> int:
        head = self._step() if any(self._heads) else 0.0
        return max(0, int((rect.height - head) / self._step() + 1e-6))

    def draw(self, panel: PanelContext, rect: Rect) -> int:
        """Draw the next rows on a page, as many as fit, and return how many are left."""
        each = self._rows_of_block(rect)
        # Fewer blocks, with wider columns of names, where these hold all rows of the table; later pages are alike.
        blocks = self.blocks(rect)
        if not self._is_begun:
            blocks = min(blocks, max(1, -(-len(self._rows) // max(1, each))))
        self._is_begun = True
        gutter = _GUTTER_MM * self._panel.unit
        width = (rect.width - gutter * (blocks - 1)) / blocks
        for block in range(blocks):
            part, self._rows = self._rows[:each], self._rows[each:]
            if part:
                place = Rect(rect.x + block * (width + gutter), rect.y, width, rect.height)
                self._draw_block(panel, place, part)
        return len(self._rows)

    def _draw_block(self, panel: PanelContext, rect: Rect, rows: Sequence[TableRow]) -> None:
        step, top = self._step(), rect.top
        widths = list(self._widths)
        # What is left over goes to the names, and what is too wide is taken from them.
        widths[self._flexible] = max(4 * self._gap, widths[self._flexible] + rect.width - sum(widths))
        if any(self._heads):
            self._draw_cells(panel, rect.x, top - 0.72 * step, self._heads, widths, self._head_pt, LIGHT.quiet)
            top -= step
            panel.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * panel.unit)
        for at, row in enumerate(rows):
            y = top - (at + 1) * step
            self._draw_row(panel, Rect(rect.x, y, rect.width, step), row, widths)
            panel.canvas.polyline([(rect.x, y), (rect.right, y)], edge=SHEET.table_rule, width=0.06 * panel.unit)

    def _draw_row(self, panel: PanelContext, rect: Rect, row: TableRow, widths: Sequence[float]) -> None:
        base = rect.y + 0.28 * rect.height
        if row.is_heading:
            text = panel.fit(" ".join(one for one in row.cells if one), self._size, rect.width)
            panel.text(rect.x, base, text, self._size, bold=True)
        else:
            self._draw_cells(panel, rect.x, base, row.cells, widths, self._size, LIGHT.ink)
        if row.link:
            told = next(one for one in row.cells if one)
            panel.canvas.link(rect.x, rect.y, rect.width, rect.height, row.link, told)

    def _draw_cells(
        self,
        panel: PanelContext,
        x: float,
        y: float,
        cells: Sequence[str],
        widths: Sequence[float],
        size: float,
        colour: str,
    ) -> None:
        for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            room = width - self._gap if at + 1 < len(cells) else width
            text = panel.fit(cell, size, room + 1e-6)
            place = x + room if at in self._right else x
            panel.text(place, y, text, size, colour=colour, anchor="right" if at in self._right else "left")
            x += width
