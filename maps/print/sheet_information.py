"""Draw the block of information about a sheet: an inset map, classification, dates, CRS, level and run."""

from __future__ import annotations

import numpy as np

from geo.crs import crs_name
from maps.map_data import MapData
from maps.print import map_furniture
from maps.print.page_layout import MapFrame, Rect
from maps.print.page_projection import projected
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, PanelContext, draw_key_value_rows
from maps.print.sheet_content import SheetContent, township_frame
from maps.print.sheet_dates import day_text
from maps.print.sheet_words import security_text
from maps.style.words import WORDS


def information_rows(panel: PanelContext, data: MapData, content: SheetContent) -> list[tuple[str, str]]:
    """Return the rows of key and value; a field to be filled in by hand shows a rule."""
    meta = data.meta
    level = panel.word(f"level_{meta.level}") if f"level_{meta.level}" in WORDS else meta.level
    height = data.summary.get("target_height")
    if isinstance(height, int | float):
        level += f"　{panel.word('sheet_target')} {height:g} m"
    code, name = crs_name(content.crs), content.crs.name
    return [
        (panel.word("security"), security_text(meta.security, panel.lang)),
        (panel.word("review_number"), meta.review_number or "＿＿＿＿＿＿＿＿"),
        (panel.word("made"), day_text(meta.made)),
        (panel.word("data_date"), meta.data_date),
        (panel.word("crs"), code),
        ("", "" if name == code else name),
        (panel.word("level"), level),
        (panel.word("edition"), meta.edition),
        (panel.word("run"), meta.run_id),
        *_base_rows(panel, data),
    ]


def _base_rows(panel: PanelContext, data: MapData) -> list[tuple[str, str]]:
    """Return whose the base map is, its own review number and the date of its data: none of them is the sheet's."""
    base = data.base
    if base is None:
        return []
    rows = [(panel.word("base_map"), base.attribution or base.name)]
    told = (("base_review", base.review_number), ("base_date", base.data_date), ("base_secret", base.secret_class))
    return rows + [(panel.word(key), value) for key, value in told if value]


def information_height(panel: PanelContext, data: MapData, content: SheetContent) -> float:
    """Return the height of the block in mm."""
    return (HEADING_MM + len(information_rows(panel, data, content)) * ROW_MM + 0.3) * panel.unit


def draw_information(panel: PanelContext, rect: Rect, data: MapData, content: SheetContent, frame: MapFrame) -> None:
    """Draw the inset map at the left and the rows at the right."""
    unit = panel.unit
    y = panel.heading(rect, panel.word("sheet_facts"))
    width = 32 * unit
    inset = Rect(rect.x, rect.y, width, y - rect.y - 0.6 * unit)
    townships = township_frame(data)
    parts = np.array([], dtype=object)
    if townships is not None:
        parts = projected(townships, content.crs).geometry.to_numpy()
    focus = content.focus.shape if content.focus else None
    map_furniture.draw_inset_map(panel.canvas, inset, content.outline, parts, focus, frame, unit)
    rows = information_rows(panel, data, content)
    box = Rect(rect.x + width + 2.5 * unit, rect.y, rect.width - width - 2.5 * unit, y - rect.y)
    keys = max(panel.width(key, SMALL_PT) for key, _value in rows)
    draw_key_value_rows(panel, box, rows, key_width=keys + 2 * unit)
