"""Draw the block of figures: a bar of sure, possible and unseen shares, and the main figures in two columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from geo.catalog.palette import LIGHT, SHEET
from geo.figure_text import share_text
from maps.print.page_layout import Rect
from maps.print.panel import (
    HEADING_MM,
    ROW_MM,
    SMALL_PT,
    PanelContext,
    area_text,
    draw_key_value_rows,
    number_or_nan,
)
from maps.print.shown_share import Share, count_text


def figures_height(panel: PanelContext, status: Mapping[str, int | None]) -> float:
    """Return the height of the block in mm; ``status`` are the sites by status."""
    rows = 6 if status.get("unknown") else 5
    return (HEADING_MM + 7.6 + rows * ROW_MM) * panel.unit


def draw_figures(
    panel: PanelContext,
    rect: Rect,
    figures: Mapping[str, object],
    gaps: int | None,
    status: Mapping[str, int | None],
    domain: str,
    seen: Share = "all",
) -> None:
    """Draw the bar and, below it, the figures.

    Parameters
    ----------
    figures
        Zone figures of what the sheet shows (docs/rules.md "Zones").
    gaps, status
        Number of gaps, and of sites by status; None for a number that the reader may not see.
    domain
        The area of interest in the sheet's language.
    seen
        How much of gaps and sites the reader may see: the other figures are those of the whole.
    """

    def share(name: str) -> str:
        return share_text(number_or_nan(figures.get(name)))

    def count(number: int | None) -> str:
        return count_text(number, panel.lang, seen)

    unit = panel.unit
    y = panel.heading(rect, panel.word("sheet_figures"))
    sure, possible = number_or_nan(figures.get("sure_share")), number_or_nan(figures.get("possible_share"))
    bar = Rect(rect.x, y - 3 * unit, rect.width, 3 * unit)
    _draw_share_bar(panel, bar, sure, possible)
    left = [
        (panel.word("domain"), domain),
        (panel.word("kpi_domain"), area_text(figures.get("domain_m2"))),
        (panel.word("col_gap_m2"), area_text(figures.get("gap_m2"))),
        (panel.word("sheet_gap_count"), count(gaps)),
        (panel.word("kpi_cameras"), count(status.get("online", 0))),
    ]
    if status.get("unknown"):  # named wherever there is one (rule U1)
        left.append((panel.word("status_unknown"), count(status["unknown"])))
    right = [
        (panel.word("col_k2_share"), share("k2_share")),
        (panel.word("class_1"), share("c1_share")),
        (panel.word("class_2"), share("c2_share")),
        (panel.word("class_3"), share("c3_share")),
        (
            f"{panel.word('offline')} / {panel.word('planned')}",
            f"{count_text(status.get('offline', 0), panel.lang)} / {count(status.get('planned', 0))}",
        ),
    ]
    top = bar.y - 4.6 * unit
    half = (rect.width - 5 * unit) / 2
    draw_key_value_rows(panel, Rect(rect.x, rect.y, half, top - rect.y), left)
    draw_key_value_rows(panel, Rect(rect.x + half + 5 * unit, rect.y, half, top - rect.y), right)


def _draw_share_bar(panel: PanelContext, bar: Rect, sure: float, possible: float) -> None:
    unit = panel.unit
    if np.isnan(sure):
        panel.canvas.rect(bar.x, bar.y, bar.width, bar.height, fill=LIGHT.no_data)
        panel.text(bar.x, bar.y - 2.7 * unit, panel.word("no_data"), SMALL_PT, colour=LIGHT.quiet)
        return
    possible = sure if np.isnan(possible) else max(possible, sure)
    hatch = (LIGHT.possible, 0.9 * unit, 0.18 * unit, 0.0)
    parts = [
        (panel.word("sure"), sure, LIGHT.seen[2], None),
        (panel.word("sheet_only_possible"), possible - sure, SHEET.possible_share, hatch),
        (panel.word("sheet_unseen"), 1 - possible, SHEET.unseen_share, None),
    ]
    x = bar.x
    for _label, part, colour, pattern in parts:
        panel.canvas.rect(x, bar.y, bar.width * part, bar.height, fill=colour, hatch=pattern)
        x += bar.width * part
    panel.canvas.rect(bar.x, bar.y, bar.width, bar.height, edge=LIGHT.ink, line=0.12 * unit)
    # A chip of its colour and the share of each part: at the left, in the middle and at the right below the bar.
    anchors = (("left", bar.x), ("middle", bar.x + bar.width / 2), ("right", bar.right))
    for (label, part, colour, pattern), (anchor, at) in zip(parts, anchors, strict=True):
        text = f"{label} {share_text(part)}"
        chip = 2.2 * unit
        run = panel.width(text, SMALL_PT) + chip + 0.8 * unit
        start = at - {"left": 0.0, "middle": run / 2, "right": run}[anchor]
        y = bar.y - 2.9 * unit
        panel.canvas.rect(
            start, y - 0.1 * unit, chip, 1.7 * unit, fill=colour, hatch=pattern, edge=LIGHT.ink, line=0.08 * unit
        )
        panel.text(start + chip + 0.8 * unit, y, text, SMALL_PT)
