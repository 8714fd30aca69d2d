"""Draw the table of claims: verdict, places, how many are seen, and how many a camera stands at (rule P4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from geo.assessment.claims import claim_rows
from geo.catalog.claims import CLAIMS_OF_RUN
from geo.catalog.headings import words
from geo.catalog.palette import LIGHT, SHEET
from maps.map_data import MapData
from maps.print.page_layout import Rect
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, PanelContext
from maps.print.sheet_content import SheetContent, in_focus, text_of

#: Claims that a sheet lists, and size of their cells in A3 points.
MOST_ROWS, _CELL_PT = 12, 6.3
#: Space between columns, and least width of the names, in mm on A3.
_GAP_MM, _NAME_MM = 1.7, 16.0
_COUNTS = ("places", "covered", "maybe", "not_covered", "nothing", "counted")


def claims_of_sheet(data: MapData, content: SheetContent) -> pd.DataFrame | None:
    """Return the claims as the sheet tells them: of one zone, those of the places whose inner point it has."""
    if data.claims is None or not len(data.claims):
        return None
    if content.focus is None or data.verdicts is None:
        return data.claims
    found = claim_rows(in_focus(data.verdicts, content), [])
    return found if len(found) else None


def claim_table_height(panel: PanelContext, rows: int) -> float:
    """Return the height in mm of a table of that many claims, 0 for none."""
    return (HEADING_MM + (rows + _head_rows(panel)) * ROW_MM + 0.4) * panel.unit if rows else 0.0


def draw_claim_table(panel: PanelContext, rect: Rect, claims: pd.DataFrame, count: int) -> None:
    """Draw the first claims under a header; the heading says how many there are."""
    unit, shown = panel.unit, claims.iloc[:count]
    title = "sheet_claims" if len(shown) < len(claims) else "sheet_claims_all"
    y = panel.heading(rect, panel.word(title, n=len(shown), total=len(claims)))
    # A column of noughts only would take the room of the names.
    counts = [name for name in _COUNTS if name in claims and (name != "nothing" or claims[name].any())]
    said = words(CLAIMS_OF_RUN.field("verdict"), "zh" if panel.lang == "zh" else "en")
    told = []
    for row in shown.to_dict("records"):
        cells = {name: text_of(row.get(name)) for name in ("claim", "verdict", *counts)}
        told.append({**cells, "verdict": said.get(cells["verdict"], cells["verdict"])})
    columns = _columns(panel, rect, counts, told)
    heads = {name: _head_lines(panel, name) for name in columns}
    lines = _head_rows(panel)
    step = ROW_MM * unit
    for head in range(lines):
        # The last line of each head stands on the rule.
        part = {name: ("", *one)[max(0, head + 1 + len(one) - lines)] for name, one in heads.items()}
        _row(panel, columns, y - (head + 0.72) * step, part, SMALL_PT)
    top = y - lines * step
    panel.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * unit)
    for at, (cells, row) in enumerate(zip(told, shown.to_dict("records"), strict=True)):
        _row(panel, columns, top - (at + 0.74) * step, cells, _CELL_PT, bold=row["verdict"] == "fails")
        if at + 1 < count:
            line = top - (at + 1) * step
            panel.canvas.polyline([(rect.x, line), (rect.right, line)], edge=SHEET.table_rule, width=0.06 * unit)


def _head_lines(panel: PanelContext, name: str) -> tuple[str, ...]:
    """Return the lines of a head: its words one below another where it has several."""
    text = panel.word(f"claim_{name}")
    first, _, rest = text.partition(" ")
    return (first, rest) if rest else (text,)


def _head_rows(panel: PanelContext) -> int:
    return max(len(_head_lines(panel, name)) for name in ("claim", "verdict", *_COUNTS))


def _columns(
    panel: PanelContext, rect: Rect, counts: Sequence[str], told: Sequence[Mapping[str, str]]
) -> dict[str, tuple[float, float, bool]]:
    """Return column -> its left edge, width and whether it is aligned at the right; the name takes what is left.

    Each is as wide as its widest head or cell; where the names are left too little, all others shrink alike.
    """
    gap = _GAP_MM * panel.unit
    widths = {
        name: gap
        + max(
            *(panel.width(line, SMALL_PT) for line in _head_lines(panel, name)),
            *(panel.width(row[name], _CELL_PT) for row in told),
        )
        for name in ("verdict", *counts)
    }
    shrunk = min(1.0, (rect.width - _NAME_MM * panel.unit) / sum(widths.values()))
    widths = {name: width * shrunk for name, width in widths.items()}
    x = rect.right - sum(widths.values())
    out = {"claim": (rect.x, x - rect.x, False)}
    for name, width in widths.items():
        out[name] = (x + gap, width - gap, name != "verdict")
        x += width
    return out


def _row(
    panel: PanelContext, columns: dict[str, tuple[float, float, bool]], y: float, cells: dict[str, str], size: float,
    *, bold: bool = False,
) -> None:  # fmt: skip
    head = size == SMALL_PT
    for name, (x, width, right) in columns.items():
        text, fitted = panel.fit_smaller(cells[name], size, width)
        look = {"colour": LIGHT.quiet if head else LIGHT.ink, "bold": bold and name == "verdict"}
        panel.text(x + width if right else x, y, text, fitted, anchor="right" if right else "left", **look)
