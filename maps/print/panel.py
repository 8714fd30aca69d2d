"""Write text into the blocks of a sheet's panel: type sizes, headings, rows of key and value, figures as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo.catalog.palette import LIGHT
from geo.figure_text import plain_figure
from maps.print.page_layout import Rect
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.sheet_words import sheet_word

#: Type sizes in points on A3.
TEXT_PT, SMALL_PT, HEADING_PT = 6.8, 6.5, 8.0
#: Height of a row and of a heading in mm on A3.
ROW_MM, HEADING_MM = 3.45, 5.4
#: An id of a run, and one as wide as any: d is the widest of its digits.
_ID_PATTERN = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WIDEST_ID = "dddddddd-dddd-dddd-dddd-dddddddddddd"


@dataclass(frozen=True)
class PanelContext:
    """What the blocks of a panel are drawn with: the canvas, the type factor of the paper, the language."""

    canvas: Canvas
    unit: float
    lang: str

    def word(self, key: str, **values: object) -> str:
        """Return a word or sentence in the sheet's language."""
        return sheet_word(key, self.lang, **values)

    def width(self, text: str, size: float) -> float:
        """Return the width in mm of a text of ``size`` A3 points."""
        return self.canvas.font.width(text, size * self.unit * MM_PER_POINT)

    def text(self, x: float, y: float, text: str, size: float = TEXT_PT, **look: Any) -> float:
        """Write a line with its baseline at ``y`` and return its width in mm; ``size`` in A3 points."""
        return self.canvas.text(x, y, text, size * self.unit, **{"colour": LIGHT.ink, **look})

    def fit(self, text: str, size: float, available: float) -> str:
        """Return the text, cut with an ellipsis where it is wider than ``available`` mm."""
        return self.canvas.font.shorten(text, size * self.unit * MM_PER_POINT, available)

    def fit_smaller(self, text: str, size: float, available: float) -> tuple[str, float]:
        """Return the text and its size in points where it is wider than ``available`` mm: smaller before it is cut.

        Every id of a run has one size, whatever its digits are: two sheets of a county look alike.
        """
        like = _WIDEST_ID if _ID_PATTERN.fullmatch(text) else text
        size *= max(0.8, min(1.0, available / max(self.width(like, size), 1e-9)))
        return self.fit(text, size, available + 1e-6), size

    def fit_end(self, text: str, size: float, available: float) -> tuple[str, float]:
        """Return a code and its size as ``fit_smaller`` does, but cut at its beginning: codes differ in their ends."""
        told, size = self.fit_smaller(text, size, available)
        if told == text:
            return told, size
        while text and self.width(f"…{text}", size) > available:
            text = text[1:]
        return f"…{text}", size

    def heading(self, rect: Rect, text: str) -> float:
        """Write a block's heading over a rule and return the y below it."""
        unit = self.unit
        told, size = self.fit_smaller(text, HEADING_PT, rect.width)
        self.text(rect.x, rect.top - 3.2 * unit, told, size, bold=True)
        y = rect.top - 4.3 * unit
        self.canvas.polyline([(rect.x, y), (rect.right, y)], edge=LIGHT.ink, width=0.2 * unit)
        return rect.top - HEADING_MM * unit


def draw_key_value_rows(
    panel: PanelContext, rect: Rect, rows: Sequence[tuple[str, str]], *, key_width: float | None = None
) -> None:
    """Write rows of a muted key and its value, from the top of a rectangle down.

    Parameters
    ----------
    key_width
        Where values begin, in mm from the left; None aligns them at the right.
    """
    unit = panel.unit
    for at, (key, value) in enumerate(rows):
        y = rect.top - (at + 0.72) * ROW_MM * unit
        if key_width is None:
            run = panel.width(value, TEXT_PT)
            panel.text(rect.x, y, panel.fit(key, SMALL_PT, rect.width - run - unit), SMALL_PT, colour=LIGHT.quiet)
            panel.text(rect.right, y, value, TEXT_PT, anchor="right")
        else:
            panel.text(rect.x, y, panel.fit(key, SMALL_PT, key_width - unit), SMALL_PT, colour=LIGHT.quiet)
            text, size = panel.fit_smaller(value, TEXT_PT, rect.width - key_width)
            x = rect.x + key_width
            if text != value:  # what is too wide for its column begins after its own key
                x = rect.x + (min(panel.width(key, SMALL_PT) + unit, key_width) if key else 0.0)
                text, size = panel.fit_smaller(value, TEXT_PT, rect.right - x)
            panel.text(x, y, text, size)


def number_or_nan(value: object) -> float:
    """Return a figure as a number, NaN where it is none."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def area_text(value: object) -> str:
    """Return an area in m2 or, from a square kilometre on, in km2; a dash where it is null."""
    number = number_or_nan(value)
    if np.isnan(number):
        return "—"
    return f"{number / 1e6:,.2f} km²" if number >= 1e6 else f"{plain_figure(number)} m²"


def rounded_text(value: object) -> str:
    """Return a number for a table cell, rounded to whole units; a dash where there is none."""
    number = number_or_nan(value)
    return "—" if np.isnan(number) else plain_figure(number)
