"""Sketch a sheet with numbered parts, and say beside it what they are."""

from __future__ import annotations

from collections.abc import Callable

from geo.catalog.palette import LIGHT, SHEET
from maps.print.page_layout import Layout, Paper, Rect, page_layout
from maps.print.panel import HEADING_MM, PanelContext

#: Number -> what the part is.
PARTS = (
    ("标题：县、本图的区域与代码", "Title: county, zone of the sheet and its code"),
    ("页码，点它到图纸索引", "Page, which leads to the index of sheets"),
    ("图格的字母与数字", "Letters and numbers of the squares"),
    ("相邻图纸与它的页，点它翻过去", "Adjoining sheet and its page, a link to it"),
    ("比例尺、线段比例尺、坐标北", "Scale, scale bar, grid north"),
    ("主要指标", "Figures"),
    ("图例：只列本图画了的", "Legend: what this sheet shows and no more"),
    ("声明、主要盲区、点位的表", "Tables: claims, worst gaps, camera sites"),
    ("说明：省略了什么、相邻的方位", "Notes: what is left out, what adjoins and where"),
    ("位置图、日期、坐标系、批次", "Inset map, dates, CRS, run"),
)
#: Radius of a numbered disc, size of its number and of the captions in points, mm from caption to caption, all on A3.
_DISC_MM, _NUMBER_PT, _CAPTION_PT, _STEP_MM = 2.3, 7.0, 9.5, 6.6
#: Heights of the blocks of the panel, as shares: scale, figures, legend, tables, notes, information.
_BLOCKS = (0.1, 0.15, 0.17, 0.3, 0.1, 0.18)


def sketch_height(panel: PanelContext) -> float:
    """Return the least height in mm that a sketch with its captions needs."""
    return (HEADING_MM + len(PARTS) * _STEP_MM + 3) * panel.unit


def draw_sketch(panel: PanelContext, rect: Rect, paper: Paper, heading: str) -> None:
    """Draw the sketch at the left of a rectangle and the captions at its right."""
    unit = panel.unit
    top = panel.heading(rect, heading) - unit
    height = min(top - rect.y, (len(PARTS) * _STEP_MM + 30) * unit)
    layout = page_layout(Paper(paper.name, "landscape", max(paper.width, paper.height), min(paper.width, paper.height)))
    small = min(height / layout.paper.height, 0.58 * rect.width / layout.paper.width)

    def placed(part: Rect) -> Rect:
        x, y = rect.x + part.x * small, top - (layout.paper.height - part.y) * small
        return Rect(x, y, part.width * small, part.height * small)

    marks = _draw_parts(panel, layout, placed)
    left = rect.x + layout.paper.width * small + 8 * unit
    for at, ((x, y), said) in enumerate(zip(marks, PARTS, strict=True), 1):
        base = top - (at - 0.2) * _STEP_MM * unit
        for place in ((x, y), (left + _DISC_MM * unit, base + 0.9 * unit)):
            _draw_disc(panel, *place, at)
        text = said[panel.lang != "zh"]
        start = left + 2.6 * _DISC_MM * unit
        panel.text(start, base, panel.fit(text, _CAPTION_PT, rect.right - start), _CAPTION_PT)


def _draw_parts(panel: PanelContext, layout: Layout, placed: Callable[[Rect], Rect]) -> list[tuple[float, float]]:
    """Draw the outlines of the parts and return where each number stands."""
    unit, canvas = panel.unit, panel.canvas

    def outlined(part: Rect, fill: str | None = None, line: float = 0.15) -> Rect:
        at = placed(part)
        canvas.rect(at.x, at.y, at.width, at.height, fill=fill, edge=LIGHT.quiet, line=line * unit)
        return at

    paper = Rect(0, 0, layout.paper.width, layout.paper.height)
    outlined(paper, SHEET.inset_ground)
    outlined(layout.neatline, LIGHT.paper, 0.3)
    frame, shown, title = outlined(layout.frame), outlined(layout.map, SHEET.neighbour), placed(layout.title)
    own = shown.inset(0.14 * shown.height)
    canvas.rect(own.x, own.y, own.width, own.height, fill=LIGHT.classes[1], edge=LIGHT.county_line, line=0.4 * unit)
    box = Rect(shown.x + 0.4 * shown.width, shown.top - 0.07 * shown.height, 0.2 * shown.width, 0.055 * shown.height)
    canvas.rect(box.x, box.y, box.width, box.height, fill=LIGHT.paper, edge=LIGHT.quiet, line=0.15 * unit)
    middle = title.centre[1]
    marks = [(title.centre[0], middle), (title.right - 2 * _DISC_MM * unit, middle)]
    marks += [(frame.x + (shown.x - frame.x) / 2, frame.centre[1]), box.centre]
    column, above = layout.columns[0], layout.columns[0].top
    for share in _BLOCKS:
        block = Rect(column.x, above - share * column.height, column.width, share * column.height * 0.9)
        marks.append(outlined(block, SHEET.inset_ground).centre)
        above -= share * column.height
    return marks


def _draw_disc(panel: PanelContext, x: float, y: float, number: int) -> None:
    unit = panel.unit
    panel.canvas.circle(x, y, _DISC_MM * unit, fill=LIGHT.gap_line, edge=LIGHT.halo, width=0.3 * unit)
    panel.text(x, y - 0.9 * unit, str(number), _NUMBER_PT, colour=SHEET.gap_number, anchor="middle", bold=True)
