"""Draw the table of the worst gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo.catalog.palette import LIGHT, SHEET
from maps.print.page_layout import Rect
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, PanelContext
from maps.print.shown_share import Share, part_text

#: Size of table cells in A3 points; places of the numbers among the cells of a row.
_CELL_PT, _GRID, _AREA, _WEIGHT = 6.3, 1, 3, 4
#: What a table without rows says.
_NO_ROWS: Mapping[Share, str] = {"all": "sheet_no_gaps", "part": "sheet_no_own_gaps", "none": "sheet_gaps_hidden"}


@dataclass(frozen=True)
class GapRow:
    """One row of the table, as text; ``number`` has the rank in the whole run in brackets, where that is another.

    ``where`` is a second line: where the gap is in words.
    """

    number: str
    grid: str
    square: str
    area: str
    weight: str
    cause: str
    device: str
    where: str = ""


def table_rows(panel: PanelContext, height: float, *, lines: int = 1) -> int:
    """Return how many gaps a table of that height in mm holds, of one line each or of two."""
    return max(0, int((height / panel.unit - HEADING_MM - ROW_MM - 0.4) / (ROW_MM * 0.94 * lines)))


def gap_table_height(panel: PanelContext, rows: int) -> float:
    """Return the height in mm of a table of that many gaps; without any it says so in one row."""
    return (HEADING_MM + ROW_MM + 0.5 + max(rows, 1) * ROW_MM * 0.94) * panel.unit


def draw_gap_table(
    panel: PanelContext,
    rect: Rect,
    rows: Sequence[GapRow],
    listed: int,
    total: int,
    *,
    first: bool = True,
    share: Share = "all",
) -> None:
    """Draw rows under a header, a hairline below every row; ``first`` is false where the table is continued.

    Where any row says where it is, every row has two lines. ``share`` is how much of the gaps the reader may see: no
    rows are no sign that there is no gap where that is not all.
    """
    unit = panel.unit
    title = panel.word("sheet_table", n=listed, total=f"{total:,}") if first else panel.word("sheet_table_more")
    title = panel.word("sheet_table_hidden") if share == "none" else title + part_text(share, panel.lang)
    y = panel.heading(rect, title)
    if not rows:
        if not total:
            panel.text(rect.x, y - 0.72 * ROW_MM * unit, panel.word(_NO_ROWS[share]), colour=LIGHT.quiet)
        return
    heads: tuple[str, ...] = (
        f"# ({panel.word('run')})" if any("(" in row.number for row in rows) else "#",
        panel.word("col_grid"),
        panel.word("sheet_square"),
        f"{panel.word('col_area_m2')} m²",
        panel.word("col_weight"),
        panel.word("col_cause"),
        panel.word("sheet_device"),
    )
    cells: list[tuple[str, ...]] = [
        (row.number, row.grid, row.square, row.area, row.weight, row.cause, row.device) for row in rows
    ]
    numbers: tuple[int, ...] = (_AREA, _WEIGHT)
    if not any(row.grid for row in rows):  # a run without grids
        heads, cells, numbers = _without(_GRID, heads, cells, numbers)
    columns = _columns(panel, rect, heads, cells, numbers)
    if max(panel.width(row.device, _CELL_PT) for row in rows) > columns[-1][1] and all(
        row.weight == row.area for row in rows
    ):
        # Where each square metre weighs 1 the weights say nothing new, and ids of cameras need their room.
        heads, cells, numbers = _without(numbers[1], heads, cells, numbers)
        columns = _columns(panel, rect, heads, cells, numbers)
    _draw_row(panel, columns, y - 0.72 * ROW_MM * unit, heads, SMALL_PT, LIGHT.quiet)
    line = ROW_MM * 0.94 * unit
    lines = 2 if any(row.where for row in rows) else 1
    step, top = line * lines, y - ROW_MM * unit
    indent = columns[1][0]
    panel.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * unit)
    for at, row in enumerate(cells):
        _draw_row(panel, columns, top - at * step - 0.74 * line, row, _CELL_PT, LIGHT.ink)
        if rows[at].where:
            told, size = panel.fit_smaller(rows[at].where, _CELL_PT, rect.right - indent)
            panel.text(indent, top - at * step - 1.7 * line, told, size, colour=LIGHT.quiet)
        if at + 1 < len(cells):
            edge = top - (at + 1) * step
            panel.canvas.polyline([(rect.x, edge), (rect.right, edge)], edge=SHEET.table_rule, width=0.06 * unit)


def _without(
    column: int, heads: tuple[str, ...], cells: list[tuple[str, ...]], numbers: tuple[int, ...]
) -> tuple[tuple[str, ...], list[tuple[str, ...]], tuple[int, ...]]:
    """Return heads, cells and places of the numbers without one of the columns."""
    left = tuple(one - (one > column) for one in numbers if one != column)
    return heads[:column] + heads[column + 1 :], [row[:column] + row[column + 1 :] for row in cells], left


def _columns(
    panel: PanelContext, rect: Rect, heads: Sequence[str], cells: Sequence[Sequence[str]], numbers: Sequence[int]
) -> list[tuple[float, float, bool]]:
    """Return left edge, width and alignment of each column: as wide as its longest cell, the last takes the rest."""
    gap = 1.7 * panel.unit
    most = 0.3 * rect.width
    widths = [
        min(most, max(panel.width(heads[at], SMALL_PT), *(panel.width(row[at], _CELL_PT) for row in cells))) + gap
        for at in range(len(heads) - 1)
    ]
    lefts = np.cumsum([0.0, *widths])
    columns = [
        (rect.x + left, width - gap, at in numbers) for at, (left, width) in enumerate(zip(lefts, widths, strict=False))
    ]
    return [*columns, (rect.x + float(lefts[-1]), rect.width - float(lefts[-1]), False)]


def _draw_row(
    panel: PanelContext,
    columns: Sequence[tuple[float, float, bool]],
    y: float,
    cells: Sequence[str],
    size: float,
    colour: str,
) -> None:
    for cell, (x, width, right) in zip(cells, columns, strict=True):
        fit = panel.fit_end if (x, width, right) == columns[-1] and size == _CELL_PT else panel.fit_smaller
        text, fitted = fit(cell, size, width)
        place = x + width if right else x
        panel.text(place, y, text, fitted, colour=colour, anchor="right" if right else "left")
