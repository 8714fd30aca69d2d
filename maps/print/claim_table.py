"""Draw the table of claims: verdict, places, how many are seen, and how many a camera stands at (rule P4)."""

from __future__ import annotations

from collections.abc import Sequence

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
MOST_ROWS, _CELL_PT = 8, 6.3
#: Width of a column of numbers, in mm on A3.
_NUMBER_MM = 9.6
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
    return (HEADING_MM + (rows + 1) * ROW_MM + 0.4) * panel.unit if rows else 0.0


def draw_claim_table(panel: PanelContext, rect: Rect, claims: pd.DataFrame, count: int) -> None:
    """Draw the first claims under a header; the heading says how many there are."""
    unit, shown = panel.unit, claims.iloc[:count]
    y = panel.heading(rect, panel.word("sheet_claims", n=len(shown), total=len(claims)))
    # A column of noughts only would take the room of the names.
    counts = [name for name in _COUNTS if name in claims and (name != "nothing" or claims[name].any())]
    columns = _columns(panel, rect, counts)
    _row(panel, columns, y - 0.72 * ROW_MM * unit, {name: panel.word(f"claim_{name}") for name in columns}, SMALL_PT)
    step, top = ROW_MM * unit, y - ROW_MM * unit
    panel.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * unit)
    said = words(CLAIMS_OF_RUN.field("verdict"), "zh" if panel.lang == "zh" else "en")
    for at, row in enumerate(shown.to_dict("records")):
        cells = {name: text_of(row.get(name)) for name in columns}
        cells["verdict"] = said.get(cells["verdict"], cells["verdict"])
        _row(panel, columns, top - (at + 0.74) * step, cells, _CELL_PT, bold=row["verdict"] == "fails")
        if at + 1 < count:
            line = top - (at + 1) * step
            panel.canvas.polyline([(rect.x, line), (rect.right, line)], edge=SHEET.table_rule, width=0.06 * unit)


def _columns(panel: PanelContext, rect: Rect, counts: Sequence[str]) -> dict[str, tuple[float, float, bool]]:
    """Return column -> its left edge, width and whether it is aligned at the right; the name takes what is left."""
    width = _NUMBER_MM * panel.unit
    verdict = 12 * panel.unit
    name = rect.width - width * len(counts) - verdict
    out = {"claim": (rect.x, name - panel.unit, False), "verdict": (rect.x + name, verdict - panel.unit, False)}
    first = rect.x + name + verdict
    return {**out, **{one: (first + at * width, width - 0.6 * panel.unit, True) for at, one in enumerate(counts)}}


def _row(
    panel: PanelContext, columns: dict[str, tuple[float, float, bool]], y: float, cells: dict[str, str], size: float,
    *, bold: bool = False,
) -> None:  # fmt: skip
    head = size == SMALL_PT
    for name, (x, width, right) in columns.items():
        text, fitted = panel.fit_smaller(cells[name], size, width)
        look = {"colour": LIGHT.quiet if head else LIGHT.ink, "bold": bold and name == "verdict"}
        panel.text(x + width if right else x, y, text, fitted, anchor="right" if right else "left", **look)
