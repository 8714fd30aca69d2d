"""Draw the legend: coverage classes with their counts, camera sites by class and status, lines and areas."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo.catalog.kinds import GROUND_KINDS
from geo.catalog.palette import GROUND, LIGHT, SHEET, VERDICT_MARKS, WIDTHS
from maps.print.map_body import PLACE_MARKS, MapContents, print_hatch
from maps.print.page_layout import Rect
from maps.print.panel import HEADING_MM, ROW_MM, SMALL_PT, TEXT_PT, PanelContext, area_text
from maps.print.pdf_canvas import MM_PER_POINT, HatchPattern
from maps.print.place_marks import draw_mark
from maps.print.sheet_content import CLASSES, STATUSES
from maps.print.shown_share import Share, part_text
from maps.print.site_symbols import DOTS, draw_dot, draw_sectors, draw_sites, symbol_size
from maps.style.coverage_classes import NO_DATA, ZERO

#: Draws a legend symbol into a rectangle.
LegendSymbol = Callable[[Rect], None]


@dataclass(frozen=True)
class Entry:
    """One row of the legend: how to draw its symbol, what it means, how many there are."""

    symbol: LegendSymbol
    text: str
    count: str = ""


def legend_height(panel: PanelContext, contents: MapContents, layer: str) -> float:
    """Return the height of the legend in mm."""
    left = len(_class_entries(panel, contents))
    left = left + 1 if left else 0
    lines = len(_line_entries(panel, contents, layer))
    sites = len(_site_classes(contents))
    right = sites + 1.6 + bool(contents.dots) + bool(contents.on_insets) if sites else 0
    right += bool(contents.neighbours)
    if not left:
        at_left = _lines_at_left(lines, right)
        rows = max(at_left, right + lines - at_left)
    else:
        rows = max(left, right + lines) if lines <= 3 else max(left, right) + 0.4 + -(-lines // 2)
    return (HEADING_MM + rows * ROW_MM + 0.6) * panel.unit


def _lines_at_left(lines: int, right: float) -> int:
    """Return how many of the lines stand at the left, where ``right`` rows of sites stand at the right already."""
    return min(lines, math.ceil((lines + right) / 2))


def draw_legend(
    panel: PanelContext, rect: Rect, contents: MapContents, layer: str, *, detail: bool, share: Share = "all"
) -> None:
    """Draw the classes at the left, camera sites at the right, lines and areas where they fit.

    ``share`` is how much of the sites and gaps the reader may see: their counts say so.
    """
    unit = panel.unit
    y = panel.heading(rect, panel.word("legend"))
    half = (rect.width - 5 * unit) / 2
    right_x = rect.x + half + 5 * unit
    classes = _class_entries(panel, contents)
    lines = _line_entries(panel, contents, layer, share)
    left_y = right_y = y
    if classes:
        title = panel.word("sheet_zones", layer=panel.word(layer))
        panel.text(rect.x, y - 0.72 * ROW_MM * unit, panel.fit(title, SMALL_PT, half), SMALL_PT, colour=LIGHT.quiet)
        left_y = _draw_entries(panel, Rect(rect.x, rect.y, half, y - ROW_MM * unit - rect.y), classes)
    if contents.sites:
        right_y = _draw_site_table(panel, Rect(right_x, rect.y, half, y - rect.y), contents, detail=detail, share=share)
    if contents.neighbours:
        there: Share = "all" if share == "all" else "part"  # of a zone beyond the scope, too, its neighbours are in it
        entry = Entry(
            lambda box: panel.canvas.dots(np.array([box.centre]), diameter=0.7 * unit, colour=SHEET.neighbour_mark),
            panel.word("sheet_neighbour_site", n=f"{contents.neighbours:,}") + part_text(there, panel.lang),
        )
        right_y = _draw_entries(panel, Rect(right_x, rect.y, half, right_y - rect.y), [entry])
    if not classes:
        cut = _lines_at_left(len(lines), (y - right_y) / (ROW_MM * unit))
        _draw_entries(panel, Rect(rect.x, rect.y, half, y - rect.y), lines[:cut])
        _draw_entries(panel, Rect(right_x, rect.y, half, right_y - rect.y), lines[cut:])
    elif len(lines) <= 3:
        _draw_entries(panel, Rect(right_x, rect.y, half, right_y - rect.y), lines)
    else:
        top = min(left_y, right_y) - 0.4 * ROW_MM * unit
        cut = -(-len(lines) // 2)
        _draw_entries(panel, Rect(rect.x, rect.y, half, top - rect.y), lines[:cut])
        _draw_entries(panel, Rect(right_x, rect.y, half, top - rect.y), lines[cut:])


def _draw_entries(panel: PanelContext, rect: Rect, entries: Sequence[Entry]) -> float:
    """Draw entries downwards from the top of the rectangle and return the y below them."""
    unit = panel.unit
    for at, entry in enumerate(entries):
        y = rect.top - (at + 1) * ROW_MM * unit
        entry.symbol(Rect(rect.x, y + 0.55 * unit, 6 * unit, 2.3 * unit))
        available = rect.width - 8.4 * unit - panel.width(entry.count, TEXT_PT)
        text, size = panel.fit_smaller(entry.text, TEXT_PT, available)
        panel.text(rect.x + 7.6 * unit, y + 0.95 * unit, text, size)
        panel.text(rect.right, y + 0.95 * unit, entry.count, TEXT_PT, anchor="right")
    return rect.top - len(entries) * ROW_MM * unit


# ------------------------------------------------------------------------------------------------- classes, lines


def _class_entries(panel: PanelContext, contents: MapContents) -> list[Entry]:
    entries = []
    for one in contents.coverage:
        count = contents.classes.get(one.code, 0)
        if count:
            entries.append(Entry(_class_symbol(panel, one.code), one.label(panel.lang), f"{count:,}"))
    return entries


def _class_symbol(panel: PanelContext, code: int) -> LegendSymbol:
    def draw(box: Rect) -> None:
        fill = {NO_DATA: LIGHT.no_data, ZERO: LIGHT.zero}.get(code) or LIGHT.classes[code - 1]
        hatch = print_hatch(LIGHT.zero_hatch, panel.unit) if code == ZERO else None
        _draw_swatch(panel, box, fill, hatch)

    return draw


def _draw_swatch(panel: PanelContext, box: Rect, fill: str | None, hatch: HatchPattern | None = None) -> None:
    panel.canvas.rect(
        box.x, box.y, box.width, box.height, fill=fill, hatch=hatch, edge=LIGHT.grid_line, line=0.12 * panel.unit
    )


def _area_symbol(panel: PanelContext, fill: str) -> LegendSymbol:
    return lambda box: _draw_swatch(panel, box, fill)


def _line_symbol(
    panel: PanelContext, colour: str, points: float, casing: str | None = None, wider: float = 1.0
) -> LegendSymbol:
    def draw(box: Rect) -> None:
        ends = [(box.x, box.centre[1]), (box.right, box.centre[1])]
        if casing:
            panel.canvas.polyline(ends, edge=casing, width=(points + wider) * MM_PER_POINT * panel.unit)
        panel.canvas.polyline(ends, edge=colour, width=points * MM_PER_POINT * panel.unit)

    return draw


def _mark_symbol(panel: PanelContext, name: str) -> LegendSymbol:
    return lambda box: panel.canvas.symbols(
        np.array([box.centre]), PLACE_MARKS[name] * panel.unit, fill=LIGHT.layers[name], edge=LIGHT.halo,
        width=0.1 * panel.unit,
    )  # fmt: skip


def _gap_symbol(panel: PanelContext) -> LegendSymbol:
    def draw(box: Rect) -> None:
        hatch = print_hatch(LIGHT.gap_hatch, panel.unit)
        line = WIDTHS["gap"] * 0.55 * MM_PER_POINT * panel.unit
        panel.canvas.rect(box.x, box.y, box.width, box.height, hatch=hatch, edge=LIGHT.gap_line, line=line)

    return draw


def _line_entries(panel: PanelContext, contents: MapContents, layer: str, share: Share = "all") -> list[Entry]:
    """Return the entries of what the map shows besides classes and sites, borders first."""
    entries = []
    for name, colour, word in (
        ("county", LIGHT.county_line, "sheet_county_line"),
        ("township", LIGHT.township_line, "sheet_township_line"),
    ):
        if name in contents.layers:
            entries.append(Entry(_line_symbol(panel, colour, WIDTHS[name]), panel.word(word)))
    if layer and layer != "all":
        text = panel.word("sheet_zone_line", layer=panel.word(layer))
        entries.append(Entry(_line_symbol(panel, LIGHT.grid_line, WIDTHS["grid"]), text))
    if "neighbour" in contents.layers:
        entries.append(Entry(_area_symbol(panel, SHEET.neighbour), panel.word("sheet_neighbour")))
    entries += _ground_entries(panel, contents)
    if "view_sector" in contents.layers:
        entries.append(Entry(_sector_symbol(panel), panel.word("sheet_view_sector")))
    entries += _place_entries(panel, contents)
    for k, area in contents.seen_m2_by_sites.items():
        text = panel.word("sheet_seen", k=panel.word(f"k_{k}")) if k else panel.word("sure")
        colour = LIGHT.seen[max(k - 1, 0)]
        entries.append(Entry(_area_symbol(panel, colour), text, "" if np.isnan(area) else area_text(area)))
    if "possible" in contents.layers:
        entries.append(Entry(_area_symbol(panel, SHEET.possible_swatch), panel.word("sheet_only_possible")))
    if contents.gaps:
        key = "sheet_gap_part" if share == "part" else "sheet_gap"
        entries.append(Entry(_gap_symbol(panel), panel.word(key, n=f"{contents.gaps:,}")))
    return entries


def _ground_entries(panel: PanelContext, contents: MapContents) -> list[Entry]:
    """Return the entries of the ground below the results: roads, water, green, buildings."""
    entries, ground = [], GROUND["light"]
    if "road" in contents.layers:
        entries.append(Entry(_line_symbol(panel, SHEET.road_surface, 2.6, LIGHT.road), panel.word("sheet_road")))
    if "road_class" in contents.layers:
        entries.append(Entry(_line_symbol(panel, ground.roads[1], 1.2, ground.casing, 0.5), panel.word("sheet_road")))
    entries += [
        Entry(_area_symbol(panel, getattr(ground, kind)), panel.word(f"sheet_{kind}"))
        for kind in GROUND_KINDS
        if kind in contents.layers
    ]
    if "obstacle" in contents.layers:
        entries.append(Entry(_area_symbol(panel, LIGHT.obstacle), panel.word("sheet_obstacle")))
    return entries


def _sector_symbol(panel: PanelContext) -> LegendSymbol:
    def draw(box: Rect) -> None:
        middle, turn = np.array([[box.x + 1.4 * panel.unit, box.centre[1]]]), np.array([90.0])
        draw_sectors(panel.canvas, middle, turn, 0.7 * turn, 3.2 * panel.unit, panel.unit)

    return draw


def _verdict_symbol(panel: PanelContext, verdict: str) -> LegendSymbol:
    """Draw the mark on a piece of the border that an area or a line of that verdict has."""
    width = WIDTHS["place"] * 0.7 * MM_PER_POINT * panel.unit
    dash = [one * width for one in VERDICT_MARKS[verdict].dash]

    def draw(box: Rect) -> None:
        ends = shapely.LineString([(box.x, box.centre[1]), (box.right, box.centre[1])])
        panel.canvas.lines([ends], edge=LIGHT.verdict[verdict], width=width, dash=dash, cap=0)
        draw_mark(panel.canvas, np.array([box.centre]), verdict, 1.15 * panel.unit)

    return draw


def _place_entries(panel: PanelContext, contents: MapContents) -> list[Entry]:
    judged = [
        Entry(
            _verdict_symbol(panel, name), panel.word("sheet_place", verdict=panel.word(f"verdict_{name}")), f"{count:,}"
        )
        for name, count in contents.verdicts.items()
    ]
    return [*judged, *_plain_place_entries(panel, contents)]


def _plain_place_entries(panel: PanelContext, contents: MapContents) -> list[Entry]:
    marks = [Entry(_mark_symbol(panel, name), panel.word(name)) for name in PLACE_MARKS if name in contents.layers]
    if "areas" not in contents.layers:
        return marks
    line = _line_symbol(panel, LIGHT.layers["areas"], WIDTHS["township"])
    return [Entry(line, panel.word("sheet_own_zone")), *marks]


# ------------------------------------------------------------------------------------------------- sites


def _site_classes(contents: MapContents) -> list[str]:
    return [
        camera_class
        for camera_class in CLASSES
        if any(contents.sites.get((camera_class, status)) for status in STATUSES)
    ]


def _site_statuses(contents: MapContents) -> list[str]:
    return [
        status for status in STATUSES if any(contents.sites.get((camera_class, status)) for camera_class in CLASSES)
    ]


def _draw_site_table(panel: PanelContext, rect: Rect, contents: MapContents, *, detail: bool, share: Share) -> float:
    """Draw the camera sites: a row per class, a column of symbol and count per status; return the y below."""
    unit = panel.unit
    statuses = _site_statuses(contents)
    classes = [(one, panel.word(f"class_{one}")) for one in _site_classes(contents)]
    reserved = min(12 * unit, max(panel.width(text, TEXT_PT) for _, text in classes) + unit)
    step = min(12 * unit, (rect.width - reserved) / len(statuses))
    widest = max(panel.width(panel.word(status), SMALL_PT) for status in statuses)
    title = panel.word("sheet_sites") + part_text(share, panel.lang)
    heading_pt = SMALL_PT * min(1.0, (step - 0.8 * unit) / widest)
    panel.text(rect.x, rect.top - 0.72 * ROW_MM * unit, title, SMALL_PT, colour=LIGHT.quiet)
    first = rect.right - step * len(statuses)
    y = rect.top - 1.6 * ROW_MM * unit
    for column, status in enumerate(statuses):
        right = first + (column + 1) * step
        panel.text(right, y + 0.95 * unit, panel.word(status), heading_pt, colour=LIGHT.quiet, anchor="right")
    for row, (camera_class, text) in enumerate(classes):
        base = y - (row + 1) * ROW_MM * unit + 0.95 * unit
        panel.text(rect.x, base, panel.fit(text, TEXT_PT, first - rect.x))
        for column, status in enumerate(statuses):
            count = contents.sites.get((camera_class, status), 0)
            if not count:
                continue
            right = first + (column + 1) * step
            run = panel.text(right, base, f"{count:,}", TEXT_PT, anchor="right")
            if contents.dots and (camera_class, status) not in contents.on_insets:
                continue
            point = np.array([[right - run - 1.4 * unit, base + 0.8 * unit]])
            size = symbol_size(camera_class, unit, detail=detail) * (1.25 if not detail else 0.9)
            draw_sites(panel.canvas, point, camera_class, status, size, unit)
    y -= len(classes) * ROW_MM * unit
    if contents.dots:
        _draw_dots(panel, Rect(rect.x, y - ROW_MM * unit, rect.width, ROW_MM * unit))
        y -= ROW_MM * unit
    if contents.on_insets:
        told = panel.fit(panel.word("sheet_symbols_on_insets"), SMALL_PT, rect.width)
        panel.text(rect.x, y - 0.72 * ROW_MM * unit, told, SMALL_PT, colour=LIGHT.quiet)
        y -= ROW_MM * unit
    return y


def _draw_dots(panel: PanelContext, rect: Rect) -> None:
    """Draw a dot of each size with the number of sites that it stands for, side by side."""
    unit, x, y = panel.unit, rect.x, rect.y + 0.95 * panel.unit
    for at, (least, _diameter) in enumerate(DOTS):
        draw_dot(panel.canvas, np.array([[x + 1.2 * unit, y + 0.8 * unit]]), at, unit)
        text = f"{least}–{DOTS[at + 1][0] - 1}" if at + 1 < len(DOTS) else f"≥ {least}"
        told = panel.word("sheet_dot", n=text) if at == 0 else text
        x += 2.9 * unit + panel.text(x + 2.9 * unit, y, told, SMALL_PT) + 2.4 * unit
