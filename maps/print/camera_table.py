"""Draw the table of the camera sites of one sheet of an atlas: site, class, status and square."""

from __future__ import annotations

import pandas as pd

from geo.catalog.palette import LIGHT, SHEET
from maps.print.page_layout import MapFrame, Rect
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, PanelContext
from maps.print.sheet_content import CLASSES, STATUSES
from maps.print.shown_share import Share, part_text

#: Size of cells in A3 points, space between columns, least width of a block of rows and space between blocks, in mm.
_CELL_PT, _GAP_MM, _BLOCK_MM, _GUTTER_MM = 6.3, 1.7, 42.0, 4.0
#: What the cameras may take of the room that gaps would fill, and the least number of rows worth a table.
_MOST_SHARE, _LEAST_ROWS = 0.42, 2


def shared_room(panel: PanelContext, rect: Rect, wanted: float, sites: int) -> tuple[Rect, Rect]:
    """Divide a rectangle between the gaps and, right below them, the sites; that of the latter may have no height.

    Parameters
    ----------
    wanted
        Height in mm that the rest of the gaps would fill.
    sites
        How many sites there are.
    """
    gutter = 2.6 * panel.unit
    rows = -(-sites // _blocks(panel, rect.width))
    needed = _table_height(panel, rows)
    height = min(needed, max(rect.height * _MOST_SHARE, rect.height - wanted - gutter))
    if height < _table_height(panel, min(rows, _LEAST_ROWS)):
        return rect, Rect(rect.x, rect.y, rect.width, 0.0)
    above = min(wanted, rect.height - height - gutter)
    foot = rect.top - above
    return Rect(rect.x, foot, rect.width, above), Rect(rect.x, foot - gutter - height, rect.width, height)


def listed_sites(panel: PanelContext, rect: Rect, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the sites that a table of that size has room for, class 1 first, in the order of its rows."""
    keys = sites.assign(
        kind=sites["class"].map({one: at for at, one in enumerate(CLASSES)}),
        state=sites["status"].map({one: at for at, one in enumerate(STATUSES)}),
    )
    return keys.sort_values(["kind", "state", "label"], kind="stable").iloc[
        : _rows(panel, rect) * _blocks(panel, rect.width)
    ]


def _rows(panel: PanelContext, rect: Rect) -> int:
    return max(0, int((rect.height / panel.unit - HEADING_MM - ROW_MM - 0.4) / (ROW_MM * 0.94) + 1e-6))


def draw_camera_table(
    panel: PanelContext,
    rect: Rect,
    sites: pd.DataFrame,
    frame: MapFrame,
    *,
    is_numbered: bool = False,
    share: Share = "all",
) -> int:
    """Draw as many sites as there is room for, class 1 first, and return how many; nothing without room.

    Parameters
    ----------
    sites
        The sheet's own sites.
    is_numbered
        Whether each has the number that it has on the map.
    share
        How much of the sites the reader may see.
    """
    unit, blocks = panel.unit, _blocks(panel, rect.width)
    listed = listed_sites(panel, rect, sites)
    count = len(listed)
    if not count:
        return 0
    rows = min(_rows(panel, rect), -(-count // blocks))
    title = "sheet_cameras" if count < len(sites) else "sheet_cameras_all"
    told = panel.word(title, n=f"{count:,}", total=f"{len(sites):,}") + part_text(share, panel.lang)
    y = panel.heading(rect, told)
    cells = _cells(panel, listed, frame, is_numbered=is_numbered)
    gutter = _GUTTER_MM * unit
    width = (rect.width - gutter * (blocks - 1)) / blocks
    heads = [panel.word(f"sheet_camera_{name}") for name in ("site", "class", "status")] + [panel.word("sheet_square")]
    widths = _widths(panel, heads, cells, width)
    for block in range(blocks):
        part = cells[block * rows : (block + 1) * rows]
        if part:
            _draw_block(panel, Rect(rect.x + block * (width + gutter), rect.y, width, y - rect.y), heads, part, widths)
    return count


def _blocks(panel: PanelContext, width: float) -> int:
    gutter = _GUTTER_MM * panel.unit
    return max(1, int((width + gutter) / (_BLOCK_MM * panel.unit + gutter)))


def _table_height(panel: PanelContext, rows: int) -> float:
    return (HEADING_MM + ROW_MM + 0.5 + rows * ROW_MM * 0.94) * panel.unit


def _cells(panel: PanelContext, listed: pd.DataFrame, frame: MapFrame, *, is_numbered: bool) -> list[tuple[str, ...]]:
    points = frame.points(listed[["x", "y"]].to_numpy(dtype=float))
    return [
        (
            f"{number}　{row['label']}" if is_numbered else row["label"],
            "—" if row["class"] == "none" else row["class"],
            panel.word(row["status"]),
            frame.square(x, y),
        )
        for number, (row, (x, y)) in enumerate(zip(listed.to_dict("records"), points.tolist(), strict=True), 1)
    ]


def _widths(panel: PanelContext, heads: list[str], cells: list[tuple[str, ...]], width: float) -> list[float]:
    """Return the widths of columns in mm: as wide as their longest cell, the sites take the rest."""
    gap = _GAP_MM * panel.unit
    others = [
        max(panel.width(heads[at], SMALL_PT), *(panel.width(row[at], _CELL_PT) for row in cells)) + gap
        for at in range(1, len(heads))
    ]
    return [width - sum(others), *others]


def _draw_block(
    panel: PanelContext, rect: Rect, heads: list[str], cells: list[tuple[str, ...]], widths: list[float]
) -> None:
    unit, gap = panel.unit, _GAP_MM * panel.unit
    step, top = ROW_MM * 0.94 * unit, rect.top - ROW_MM * unit
    _draw_row(panel, rect.x, rect.top - 0.72 * ROW_MM * unit, heads, widths, SMALL_PT, LIGHT.quiet)
    panel.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * unit)
    for at, row in enumerate(cells):
        _draw_row(panel, rect.x, top - (at + 0.74) * step, row, widths, _CELL_PT, LIGHT.ink, gap)
        if at + 1 < len(cells):
            line = top - (at + 1) * step
            panel.canvas.polyline([(rect.x, line), (rect.right, line)], edge=SHEET.table_rule, width=0.06 * unit)


def _draw_row(
    panel: PanelContext, x: float, y: float, cells: list[str] | tuple[str, ...], widths: list[float], size: float,
    colour: str, gap: float = 0.0,
) -> None:  # fmt: skip
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        text, fitted = panel.fit_end(cell, size, width - gap) if at == 0 else (cell, size)
        panel.text(x if at == 0 else x + _GAP_MM * panel.unit, y, text, fitted, colour=colour)
        x += width
