"""Draw the lines that a page is signed on and the place of its seal; nothing but the office is filled in."""

from __future__ import annotations

from typing import Any

from geo.catalog.palette import LIGHT
from maps.print.page_layout import Rect
from maps.print.pdf_canvas import MM_PER_POINT, Canvas

#: Height of the block, mm; the space above it is part of it.
SIGNED_MM = 21.0
_TEXT_PT, _SMALL_PT, _LEAST_PT = 9.0, 7.5, 8.0
#: Sizes in points of a text in several lines, the first that has room is taken; from one line to the next, of a size.
_WRAPPED_PT, _LINE_STEP = (8.0, 7.0, 6.0, 5.0), 1.17
_SEAL_MM = 32.0

_WORDS = {
    "signed": (("填表人", "审核人", "批准人"), ("Filled in by", "Checked by", "Approved by")),
    "unit": (("填报单位",), ("Office",)),
    "date": (("日期",), ("Date",)),
    "seal": (("盖章处",), ("Seal",)),
}


def draw_signed_lines(canvas: Canvas, box: Rect, lang: str, unit: str = "") -> None:
    """Draw the block into a box of height ``SIGNED_MM``.

    Parameters
    ----------
    box
        Where, in mm.
    lang
        ``zh`` or ``en``.
    unit
        The office that the page is of; empty for a line to write it on.
    """
    en, base, right = int(lang == "en"), box.y, box.right
    words = {name: both[en] for name, both in _WORDS.items()}
    canvas.rect(right - _SEAL_MM, base, _SEAL_MM, SIGNED_MM - 4.0, edge=LIGHT.grid_line, line=0.2)
    middle = right - _SEAL_MM / 2
    canvas.text(middle, base + 1.5, words["seal"][0], _SMALL_PT, colour=LIGHT.quiet, anchor="middle")
    step = (right - _SEAL_MM - 6.0 - box.x) / 3
    above, below = base + 10.5, base + 2.0
    _draw_blank(canvas, words["unit"][0], en, box.x, above, 2 * step - 4.0, unit)
    _draw_blank(canvas, words["date"][0], en, box.x + 2 * step, above, step - 4.0)
    for k, name in enumerate(words["signed"]):
        _draw_blank(canvas, name, en, box.x + k * step, below, step - 4.0)


def _draw_blank(canvas: Canvas, name: str, en: int, x: float, y: float, width: float, filled: str = "") -> None:
    """Draw a name with what it is, or a line to write it on."""
    run = canvas.text(x, y, f"{name}{': ' if en else '：'}", _TEXT_PT, colour=LIGHT.ink) + 1.0
    if filled:
        lines, size = in_lines(canvas, filled, _TEXT_PT, width - run)
        draw_lines(canvas, x + run, y + 0.5 * (len(lines) - 1) * line_step(size), lines, size, colour=LIGHT.ink)
    else:
        canvas.polyline([(x + run, y - 0.8), (x + width, y - 0.8)], edge=LIGHT.ink, width=0.2)


def fitted(canvas: Canvas, text: str, size: float, width: float, least: float = _LEAST_PT) -> tuple[str, float]:
    """Return a text and its size in points, smaller and then cut where it has no room in ``width`` mm."""
    smaller = size * min(1.0, width / max(canvas.font.width(text, size * MM_PER_POINT), 1e-9))
    smaller = max(smaller, min(size, least))
    return canvas.font.shorten(text, smaller * MM_PER_POINT, width + 1e-6), smaller


def in_lines(canvas: Canvas, text: str, size: float, width: float, most: int = 2) -> tuple[list[str], float]:
    """Return the lines of a text in ``width`` mm and their size in points: smaller, then in several lines, then cut."""
    whole, smaller = fitted(canvas, text, size, width)
    if whole == text:
        return [text], smaller
    font = canvas.font
    for points in _WRAPPED_PT:
        lines = font.wrap_within(text, points * MM_PER_POINT, width)
        if len(lines) <= most:
            return lines, points
    return [*lines[: most - 1], font.shorten("".join(lines[most - 1 :]), points * MM_PER_POINT, width)], points


def line_step(size: float) -> float:
    """Return the mm from one line to the next at a size in points."""
    return _LINE_STEP * size * MM_PER_POINT


def draw_lines(canvas: Canvas, x: float, y: float, lines: list[str], size: float, **look: Any) -> float:
    """Draw lines one below another, the first on y; return the width of the widest in mm."""
    return max(canvas.text(x, y - at * line_step(size), line, size, **look) for at, line in enumerate(lines))
