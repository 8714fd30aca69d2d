"""Draw the panel of a sheet: scale, figures, legend, worst gaps, notes, locator and the facts of the sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from maps.map_data import Meta
from maps.print.map_body import Shown, draw_sites, hatch_of, symbol_size
from maps.print.page_layout import Rect
from maps.print.pdf_canvas import PT, Canvas
from maps.print.sheet_content import CLASSES, STATUSES
from maps.print.sheet_words import say
from maps.style.coverage_classes import CLASSES as COVERAGE_CLASSES
from maps.style.coverage_classes import NO_DATA, ZERO
from maps.style.themes import LIGHT, WIDTHS
from maps.style.words import WORDS

#: Type sizes in points on A3.
TEXT, SMALL, HEAD = 6.8, 6.5, 8.0
#: Height of a row and of a heading in mm on A3.
ROW, HEADING = 3.45, 5.4


@dataclass(frozen=True)
class Pen:
    """Draw the blocks of a panel: the canvas, the type factor, the language."""

    canvas: Canvas
    unit: float
    lang: str

    def say(self, key: str, **values: object) -> str:
        """Return a word in the sheet's language."""
        return say(key, self.lang, **values)

    def width(self, text: str, size: float) -> float:
        """Return how far a text of ``size`` A3 points runs, in mm."""
        return self.canvas.font.width(text, size * self.unit * PT)

    def text(self, x: float, y: float, text: str, size: float = TEXT, **look: object) -> float:
        """Write a line with its baseline at ``y``; ``size`` in A3 points."""
        return self.canvas.text(x, y, text, size * self.unit, **{"colour": LIGHT.ink, **look})  # type: ignore[arg-type]

    def fit(self, text: str, size: float, room: float) -> str:
        """Return the text, cut with an ellipsis where it is wider than ``room`` mm."""
        return self.canvas.font.shorten(text, size * self.unit * PT, room)

    def heading(self, rect: Rect, text: str) -> float:
        """Write a block's heading over a rule and return the y below it."""
        unit = self.unit
        self.text(rect.x, rect.top - 3.2 * unit, self.fit(text, HEAD, rect.width), HEAD, bold=True)
        y = rect.top - 4.3 * unit
        self.canvas.polyline([(rect.x, y), (rect.right, y)], edge=LIGHT.ink, width=0.2 * unit)
        return rect.top - HEADING * unit


def share_text(value: object) -> str:
    """Return a share as a percentage, a dash where it is null."""
    number = _number(value)
    return "—" if np.isnan(number) else f"{number * 100:.1f} %"


def area_text(value: object) -> str:
    """Return an area in m2 or, from a square kilometre on, in km2; a dash where it is null."""
    number = _number(value)
    if np.isnan(number):
        return "—"
    return f"{number / 1e6:,.2f} km²" if number >= 1e6 else f"{number:,.0f} m²"


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


# ------------------------------------------------------------------------------------------------- figures


def figures_height(pen: Pen) -> float:
    """Return the height of the figures in mm."""
    return (HEADING + 7.6 + 5 * ROW) * pen.unit


def draw_figures(
    pen: Pen,
    rect: Rect,
    figures: Mapping[str, object],
    gaps: int | None,
    status: Mapping[str, int | None],
    domain: str,
) -> None:
    """Draw a bar of sure, only possible and unseen, and the figures below it in two columns; None is not shown."""
    unit = pen.unit
    y = pen.heading(rect, pen.say("sheet_figures"))
    sure, possible = _number(figures.get("sure_share")), _number(figures.get("possible_share"))
    bar = Rect(rect.x, y - 3 * unit, rect.width, 3 * unit)
    _share_bar(pen, bar, sure, possible)
    left = [
        (pen.say("domain"), domain),
        (pen.say("kpi_domain"), area_text(figures.get("domain_m2"))),
        (pen.say("col_gap_m2"), area_text(figures.get("gap_m2"))),
        (pen.say("sheet_gap_count"), _count(gaps)),
        (pen.say("kpi_cameras"), _count(status.get("online", 0))),
    ]
    right = [
        (pen.say("col_k2_share"), share_text(figures.get("k2_share"))),
        (pen.say("class_1"), share_text(figures.get("c1_share"))),
        (pen.say("class_2"), share_text(figures.get("c2_share"))),
        (pen.say("class_3"), share_text(figures.get("c3_share"))),
        (
            f"{pen.say('offline')} / {pen.say('planned')}",
            f"{_count(status.get('offline', 0))} / {_count(status.get('planned', 0))}",
        ),
    ]
    top = bar.y - 4.6 * unit
    half = (rect.width - 5 * unit) / 2
    pairs(pen, Rect(rect.x, rect.y, half, top - rect.y), left)
    pairs(pen, Rect(rect.x + half + 5 * unit, rect.y, half, top - rect.y), right)


def _count(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _share_bar(pen: Pen, bar: Rect, sure: float, possible: float) -> None:
    unit = pen.unit
    if np.isnan(sure):
        pen.canvas.rect(bar.x, bar.y, bar.width, bar.height, fill=LIGHT.no_data)
        pen.text(bar.x, bar.y - 2.7 * unit, pen.say("no_data"), SMALL, colour=LIGHT.quiet)
        return
    possible = sure if np.isnan(possible) else max(possible, sure)
    parts = [
        (pen.say("sure"), sure, LIGHT.seen[2], None),
        (pen.say("sheet_only_possible"), possible - sure, "#d9d9f1", (LIGHT.possible, 0.9 * unit, 0.18 * unit, 0.0)),
        (pen.say("sheet_unseen"), 1 - possible, "#fbe5d8", None),
    ]
    x = bar.x
    for _label, part, colour, hatch in parts:
        pen.canvas.rect(x, bar.y, bar.width * part, bar.height, fill=colour, hatch=hatch)
        x += bar.width * part
    pen.canvas.rect(bar.x, bar.y, bar.width, bar.height, edge=LIGHT.ink, line=0.12 * unit)
    anchors = (("left", bar.x), ("middle", bar.x + bar.width / 2), ("right", bar.right))
    for (label, part, colour, hatch), (anchor, at) in zip(parts, anchors, strict=True):
        text = f"{label} {share_text(part)}"
        chip = 2.2 * unit
        run = pen.width(text, SMALL) + chip + 0.8 * unit
        start = at - {"left": 0.0, "middle": run / 2, "right": run}[anchor]
        y = bar.y - 2.9 * unit
        pen.canvas.rect(
            start, y - 0.1 * unit, chip, 1.7 * unit, fill=colour, hatch=hatch, edge=LIGHT.ink, line=0.08 * unit
        )
        pen.text(start + chip + 0.8 * unit, y, text, SMALL)


def pairs(pen: Pen, rect: Rect, rows: Sequence[tuple[str, str]], *, key_width: float | None = None) -> None:
    """Write rows of a quiet key and its value from the top of a rectangle; values stand right or at ``key_width``."""
    unit = pen.unit
    for at, (key, value) in enumerate(rows):
        y = rect.top - (at + 0.72) * ROW * unit
        if key_width is None:
            run = pen.width(value, TEXT)
            pen.text(rect.x, y, pen.fit(key, SMALL, rect.width - run - unit), SMALL, colour=LIGHT.quiet)
            pen.text(rect.right, y, value, TEXT, anchor="right")
        else:
            pen.text(rect.x, y, pen.fit(key, SMALL, key_width - unit), SMALL, colour=LIGHT.quiet)
            room = rect.width - key_width
            smaller = max(0.8, min(1.0, room / max(pen.width(value, TEXT), 1e-9)))
            pen.text(rect.x + key_width, y, pen.fit(value, TEXT * smaller, room + 1e-6), TEXT * smaller)


# ------------------------------------------------------------------------------------------------- legend

#: Draws a legend sign into a rectangle.
Sign = Callable[[Rect], None]


@dataclass(frozen=True)
class Entry:
    """One row of the legend: how to draw its sign, what it means, how many there are."""

    sign: Sign
    text: str
    count: str = ""


def _class_entries(pen: Pen, shown: Shown) -> list[Entry]:
    entries = []
    for one in COVERAGE_CLASSES:
        count = shown.classes.get(one.code, 0)
        if count:
            entries.append(Entry(_class_sign(pen, one.code), one.label(pen.lang), f"{count:,}"))
    return entries


def _class_sign(pen: Pen, code: int) -> Sign:
    def draw(box: Rect) -> None:
        fill = {NO_DATA: LIGHT.no_data, ZERO: LIGHT.zero}.get(code) or LIGHT.classes[code - 1]
        hatch = hatch_of(LIGHT.zero_hatch, pen.unit) if code == ZERO else None
        _swatch(pen, box, fill, hatch)

    return draw


def _swatch(pen: Pen, box: Rect, fill: str | None, hatch: tuple[str, float, float, float] | None = None) -> None:
    pen.canvas.rect(
        box.x, box.y, box.width, box.height, fill=fill, hatch=hatch, edge=LIGHT.grid_line, line=0.12 * pen.unit
    )


def _area_sign(pen: Pen, fill: str) -> Sign:
    return lambda box: _swatch(pen, box, fill)


def _line_sign(pen: Pen, colour: str, points: float, casing: str | None = None) -> Sign:
    def draw(box: Rect) -> None:
        ends = [(box.x, box.centre[1]), (box.right, box.centre[1])]
        if casing:
            pen.canvas.polyline(ends, edge=casing, width=(points + 1.0) * PT * pen.unit)
        pen.canvas.polyline(ends, edge=colour, width=points * PT * pen.unit)

    return draw


def _line_entries(pen: Pen, shown: Shown, layer: str) -> list[Entry]:
    unit, entries = pen.unit, []
    if "county" in shown.layers:
        entries.append(Entry(_line_sign(pen, LIGHT.county_line, WIDTHS["county"]), pen.say("sheet_county_line")))
    if "township" in shown.layers:
        entries.append(Entry(_line_sign(pen, LIGHT.township_line, WIDTHS["township"]), pen.say("sheet_township_line")))
    if layer and layer != "all":
        word = pen.say("sheet_zone_line", layer=pen.say(layer))
        entries.append(Entry(_line_sign(pen, LIGHT.grid_line, WIDTHS["grid"]), word))
    if "neighbour" in shown.layers:
        entries.append(Entry(_area_sign(pen, "#eceff2"), pen.say("sheet_neighbour")))
    if "road" in shown.layers:
        entries.append(Entry(_line_sign(pen, "#f6f1ea", 2.6, LIGHT.road), pen.say("sheet_road")))
    if "obstacle" in shown.layers:
        entries.append(Entry(_area_sign(pen, LIGHT.obstacle), pen.say("sheet_obstacle")))
    for k, area in shown.seen.items():
        text = pen.say("sheet_seen", k=pen.say(f"k_{k}")) if k else pen.say("sure")
        colour = LIGHT.seen[max(k - 1, 0)]
        entries.append(Entry(_area_sign(pen, colour), text, "" if np.isnan(area) else area_text(area)))
    if "possible" in shown.layers:
        entries.append(Entry(_area_sign(pen, "#e0e0f4"), pen.say("possible")))
    if shown.gaps:
        entries.append(
            Entry(
                lambda box: pen.canvas.rect(
                    box.x,
                    box.y,
                    box.width,
                    box.height,
                    hatch=hatch_of(LIGHT.gap_hatch, unit),
                    edge=LIGHT.gap_line,
                    line=WIDTHS["gap"] * 0.55 * PT * unit,
                ),
                pen.say("sheet_gap", n=f"{shown.gaps:,}"),
            )
        )
    return entries


def _site_classes(shown: Shown) -> list[str]:
    return [kind for kind in CLASSES if any(shown.sites.get((kind, status)) for status in STATUSES)]


def _site_statuses(shown: Shown) -> list[str]:
    return [status for status in STATUSES if any(shown.sites.get((kind, status)) for kind in CLASSES)]


def legend_height(pen: Pen, shown: Shown, layer: str) -> float:
    """Return the height of the legend in mm."""
    left = len(_class_entries(pen, shown))
    left = left + 1 if left else 0
    lines = len(_line_entries(pen, shown, layer))
    sites = len(_site_classes(shown))
    right = (sites + 1.6 if sites else 0) + (1 if shown.neighbours else 0)
    if not left:
        rows = max(lines, right)
    else:
        rows = max(left, right + lines) if lines <= 3 else max(left, right) + 0.4 + -(-lines // 2)
    return (HEADING + rows * ROW + 0.6) * pen.unit


def draw_legend(pen: Pen, rect: Rect, shown: Shown, layer: str, *, detail: bool) -> None:
    """Draw the classes at the left, camera sites at the right, lines and areas where they fit."""
    unit = pen.unit
    y = pen.heading(rect, pen.say("legend"))
    half = (rect.width - 5 * unit) / 2
    right_x = rect.x + half + 5 * unit
    classes = _class_entries(pen, shown)
    lines = _line_entries(pen, shown, layer)
    left_y = right_y = y
    if classes:
        title = pen.say("sheet_zones", layer=pen.say(layer))
        pen.text(rect.x, y - 0.72 * ROW * unit, pen.fit(title, SMALL, half), SMALL, colour=LIGHT.quiet)
        left_y = _entries(pen, Rect(rect.x, rect.y, half, y - ROW * unit - rect.y), classes)
    if shown.sites:
        right_y = _site_table(pen, Rect(right_x, rect.y, half, y - rect.y), shown, detail=detail)
    if shown.neighbours:
        text = pen.say("sheet_neighbour_site", n=f"{shown.neighbours:,}")
        entry = Entry(lambda box: pen.canvas.dots(np.array([box.centre]), diameter=0.7 * unit, colour="#a9b3bd"), text)
        right_y = _entries(pen, Rect(right_x, rect.y, half, right_y - rect.y), [entry])
    if not classes:
        _entries(pen, Rect(rect.x, rect.y, half, y - rect.y), lines)
    elif len(lines) <= 3:
        _entries(pen, Rect(right_x, rect.y, half, right_y - rect.y), lines)
    else:
        top = min(left_y, right_y) - 0.4 * ROW * unit
        cut = -(-len(lines) // 2)
        _entries(pen, Rect(rect.x, rect.y, half, top - rect.y), lines[:cut])
        _entries(pen, Rect(right_x, rect.y, half, top - rect.y), lines[cut:])


def _entries(pen: Pen, rect: Rect, entries: Sequence[Entry]) -> float:
    """Draw entries downwards from the top of the rectangle and return the y below them."""
    unit = pen.unit
    for at, entry in enumerate(entries):
        y = rect.top - (at + 1) * ROW * unit
        entry.sign(Rect(rect.x, y + 0.55 * unit, 6 * unit, 2.3 * unit))
        count = pen.width(entry.count, TEXT)
        pen.text(rect.x + 7.6 * unit, y + 0.95 * unit, pen.fit(entry.text, TEXT, rect.width - 8.4 * unit - count))
        pen.text(rect.right, y + 0.95 * unit, entry.count, TEXT, anchor="right")
    return rect.top - len(entries) * ROW * unit


def _site_table(pen: Pen, rect: Rect, shown: Shown, *, detail: bool) -> float:
    """Draw the camera sites: a row per class, a column of symbol and count per status; return the y below."""
    unit = pen.unit
    statuses = _site_statuses(shown)
    step = min(12 * unit, (rect.width - 12 * unit) / len(statuses))
    pen.text(rect.x, rect.top - 0.72 * ROW * unit, pen.say("sheet_sites"), SMALL, colour=LIGHT.quiet)
    first = rect.right - step * len(statuses)
    y = rect.top - 1.6 * ROW * unit
    for column, status in enumerate(statuses):
        right = first + (column + 1) * step
        pen.text(right, y + 0.95 * unit, pen.say(status), SMALL, colour=LIGHT.quiet, anchor="right")
    for row, kind in enumerate(_site_classes(shown)):
        base = y - (row + 1) * ROW * unit + 0.95 * unit
        pen.text(rect.x, base, pen.fit(pen.say(f"class_{kind}"), TEXT, first - rect.x))
        for column, status in enumerate(statuses):
            count = shown.sites.get((kind, status), 0)
            if not count:
                continue
            right = first + (column + 1) * step
            run = pen.text(right, base, f"{count:,}", TEXT, anchor="right")
            place = np.array([[right - run - 1.4 * unit, base + 0.8 * unit]])
            draw_sites(
                pen.canvas,
                place,
                kind,
                status,
                symbol_size(kind, unit, detail=detail) * (1.25 if not detail else 0.9),
                unit,
            )
    return y - len(_site_classes(shown)) * ROW * unit


# ------------------------------------------------------------------------------------------------- gaps


@dataclass(frozen=True)
class GapRow:
    """One row of the table of worst gaps, as text."""

    number: str
    grid: str
    square: str
    area: str
    weight: str
    cause: str
    device: str


def table_rows(pen: Pen, height: float) -> int:
    """Return how many gaps a table of that height in mm holds."""
    return max(0, int((height / pen.unit - HEADING - ROW - 0.4) / (ROW * 0.94)))


def draw_gap_table(
    pen: Pen, rect: Rect, rows: Sequence[GapRow], listed: int, total: int, *, first: bool = True
) -> None:
    """Draw the worst gaps with a header, a hairline below every row; ``first`` is false where it goes on."""
    unit = pen.unit
    title = pen.say("sheet_table", n=listed, total=f"{total:,}") if first else pen.say("sheet_table_more")
    y = pen.heading(rect, title)
    if not rows:
        pen.text(rect.x, y - 0.72 * ROW * unit, pen.say("sheet_no_gaps"), colour=LIGHT.quiet)
        return
    heads = (
        "#",
        pen.say("col_grid"),
        pen.say("sheet_square"),
        f"{pen.say('col_area_m2')} m²",
        pen.say("col_weight"),
        pen.say("col_cause"),
        pen.say("sheet_device"),
    )
    cells = [(row.number, row.grid, row.square, row.area, row.weight, row.cause, row.device) for row in rows]
    columns = _columns(pen, rect, heads, cells)
    _table_line(pen, columns, y - 0.72 * ROW * unit, heads, SMALL, LIGHT.quiet)
    step = ROW * 0.94 * unit
    top = y - ROW * unit
    pen.canvas.polyline([(rect.x, top), (rect.right, top)], edge=LIGHT.quiet, width=0.1 * unit)
    for at, row in enumerate(cells):
        _table_line(pen, columns, top - (at + 0.74) * step, row, _CELL, LIGHT.ink)
        if at + 1 < len(cells):
            line = top - (at + 1) * step
            pen.canvas.polyline([(rect.x, line), (rect.right, line)], edge="#d8dee4", width=0.06 * unit)


#: Size of table cells in A3 points; columns whose numbers stand right.
_CELL, _RIGHT = 6.3, (3, 4)


def _columns(
    pen: Pen, rect: Rect, heads: Sequence[str], cells: Sequence[Sequence[str]]
) -> list[tuple[float, float, bool]]:
    """Return left edge, width and alignment of each column: as wide as its longest cell, the last takes the rest."""
    gap = 1.7 * pen.unit
    most = 0.3 * rect.width
    widths = [
        min(most, max(pen.width(heads[at], SMALL), *(pen.width(row[at], _CELL) for row in cells))) + gap
        for at in range(len(heads) - 1)
    ]
    lefts = np.cumsum([0.0, *widths])
    columns = [
        (rect.x + left, width - gap, at in _RIGHT) for at, (left, width) in enumerate(zip(lefts, widths, strict=False))
    ]
    return [*columns, (rect.x + float(lefts[-1]), rect.width - float(lefts[-1]), False)]


def _table_line(
    pen: Pen,
    columns: Sequence[tuple[float, float, bool]],
    y: float,
    cells: Sequence[str],
    size: float,
    colour: str,
) -> None:
    for cell, (x, width, right) in zip(cells, columns, strict=True):
        # A long code is set smaller before it is cut.
        smaller = max(0.8, min(1.0, width / max(pen.width(cell, size), 1e-9)))
        text = pen.fit(cell, size * smaller, width + 1e-6)
        place = x + width if right else x
        pen.text(place, y, text, size * smaller, colour=colour, anchor="right" if right else "left")


# ------------------------------------------------------------------------------------------------- notes and facts


def note_lines(pen: Pen, notes: Sequence[str], width: float) -> list[str]:
    """Break the notes into lines of the panel's width."""
    return [line for note in notes for line in pen.canvas.font.wrap(note, SMALL * pen.unit * PT, width)]


#: Height of a line of the notes in mm on A3.
_LINE = 2.8


def notes_height(pen: Pen, lines: int) -> float:
    """Return the height in mm of notes of that many lines."""
    return (HEADING + _LINE * lines + 0.4) * pen.unit


def lines_that_fit(pen: Pen, height: float) -> int:
    """Return how many lines of notes fit that height in mm."""
    return max(0, int((height / pen.unit - HEADING - 0.4) / _LINE))


def draw_notes(pen: Pen, rect: Rect, lines: Sequence[str]) -> None:
    """Write the notes."""
    y = pen.heading(rect, pen.say("sheet_notes"))
    for at, line in enumerate(lines):
        pen.text(rect.x, y - (at + 0.75) * _LINE * pen.unit, line, SMALL)


def fact_rows(
    pen: Pen, meta: Meta, *, made: str, crs: tuple[str, str], target_height: float | None
) -> list[tuple[str, str]]:
    """Return the facts of the sheet as rows of key and value; a field to fill in by hand shows a rule.

    Parameters
    ----------
    made
        The day the sheet was made.
    crs
        Code and name of the sheet's CRS.
    target_height
        In metres above ground; None leaves the row out.
    """
    level = pen.say(f"level_{meta.level}") if f"level_{meta.level}" in WORDS else meta.level
    if target_height is not None:
        level += f"　{pen.say('sheet_target')} {target_height:g} m"
    code, name = crs
    return [
        (pen.say("security"), meta.security),
        (pen.say("review_number"), meta.review_number or "＿＿＿＿＿＿＿＿"),
        (pen.say("made"), made),
        (pen.say("data_date"), meta.data_date),
        (pen.say("crs"), code),
        ("", "" if name == code else name),
        (pen.say("level"), level),
        (pen.say("edition"), meta.edition),
        (pen.say("run"), meta.run_id),
    ]
