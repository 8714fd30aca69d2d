"""Draw what pages of forms have in common: head, headings, rows of facts, tables, place for writing, foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from geo.catalog.palette import LIGHT, SHEET
from geo.crs import crs_name
from maps.map_data import MapData
from maps.print.drawn_file import DrawnFile
from maps.print.fonts import Font
from maps.print.forms.form_words import form_word
from maps.print.page_layout import Rect
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.pdf_file import Bookmarks
from maps.print.sheet_content import SheetContent
from maps.print.sheet_dates import day_text, made_of
from maps.print.sheet_words import security_text
from maps.print.signed_lines import SIGNED_MM, draw_signed_lines, fitted
from maps.style.words import language_tag

#: Margin, height of the head and of the foot, mm.
MARGIN_MM, HEAD_MM, FOOT_MM = 13.0, 17.0, 5.0
#: Height of a heading, of a row of facts and of a table, mm.
HEADING_MM, ROW_MM = 6.6, 4.9
TITLE_PT, HEADING_PT, TEXT_PT, SMALL_PT = 14.0, 9.5, 8.0, 7.0
#: Least type that a text shrinks to before it is cut.
_LEAST_PT = 6.0


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, its share of the width, and the side its cells stand on."""

    title: str
    share: float
    anchor: Literal["left", "right"] = "left"


class FormPage:
    """One page in mm, drawn from above; ``y`` is the lower edge of what has been drawn.

    Parameters
    ----------
    size
        Width and height of the paper.
    font
        Of all text.
    lang
        ``zh`` or ``en``.
    """

    def __init__(self, size: tuple[float, float], font: Font, lang: str) -> None:
        self.lang = lang
        self.canvas = Canvas(*size, font)
        self.inner = Rect(MARGIN_MM, MARGIN_MM + FOOT_MM, size[0] - 2 * MARGIN_MM, size[1] - 2 * MARGIN_MM - FOOT_MM)
        self.y = self.inner.top

    def word(self, key: str, **values: object) -> str:
        """Return a word or sentence in the language of the page."""
        return form_word(key, self.lang, **values)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = TEXT_PT,
        *,
        width: float = 1e9,
        quiet: bool = False,
        **look: object,
    ) -> float:
        """Write a line, smaller and then cut where it is wider than ``width`` mm, and return its width."""
        told, size = fitted(self.canvas, text, size, width, _LEAST_PT)
        return self.canvas.text(x, y, told, size, colour=LIGHT.quiet if quiet else LIGHT.ink, **look)  # type: ignore[arg-type]

    def head(self, title: str, subject: str, data: MapData) -> None:
        """Draw the title, below it what the page is of, at the right the classification, and a rule below."""
        box, top = self.inner, self.inner.top
        side = 60.0
        self.text(box.x, top - 5.0, title, TITLE_PT, width=box.width - side - 4.0, bold=True)
        self.text(box.x, top - 11.4, subject, 10.0, width=box.width - side - 4.0)
        self.text(box.right, top - 4.6, security_text(data.meta.security, self.lang), 9.0, width=side, anchor="right")
        county = data.meta.title_zh if self.lang == "zh" else data.meta.title_en
        self.text(box.right, top - 11.2, county, SMALL_PT, width=side, quiet=True, anchor="right")
        self.y = top - HEAD_MM + 2.6
        self.canvas.polyline([(box.x, self.y), (box.right, self.y)], edge=LIGHT.ink, width=0.35)
        self.y -= 2.0

    def foot(self, data: MapData, content: SheetContent, number: int, of: int) -> None:
        """Draw day of the data, run, CRS and the number of the page."""
        box, y = self.inner, MARGIN_MM
        day, crs = day_text(data.meta.data_date or data.meta.made), crs_name(content.crs)
        page = self.text(box.right, y, self.word("page", n=number, of=of), SMALL_PT, quiet=True, anchor="right")
        told = " · ".join([self.word("foot", day=day, run=data.meta.run_id, crs=crs), self.word("no_personal_data")])
        self.text(box.x, y, told, SMALL_PT, width=box.width - page - 4.0, quiet=True)

    def signed(self) -> None:
        """Draw the lines to sign on and the place of the seal at the lower end of the page."""
        draw_signed_lines(self.canvas, Rect(self.inner.x, self.inner.y, self.inner.width, SIGNED_MM), self.lang)

    @property
    def above_signed(self) -> float:
        """Return the y above the lines to sign on."""
        return self.inner.y + SIGNED_MM

    def heading(self, rect: Rect, title: str, note: str = "") -> float:
        """Write a heading at the top of a rectangle with a rule below, a quiet note beside it; return the y below."""
        run = self.text(rect.x, rect.top - 4.0, title, HEADING_PT, width=rect.width, bold=True)
        if note:
            self.text(
                rect.right, rect.top - 4.0, note, SMALL_PT, width=rect.width - run - 3.0, quiet=True, anchor="right"
            )
        y = rect.top - HEADING_MM + 1.2
        self.canvas.polyline([(rect.x, y), (rect.right, y)], edge=LIGHT.ink, width=0.2)
        return rect.top - HEADING_MM

    def facts(self, rect: Rect, rows: Sequence[Sequence[tuple[str, str]]], key_mm: float = 19.0) -> float:
        """Write rows of facts, each of one or several pairs of a quiet key and its value side by side."""
        y = rect.top
        for row in rows:
            width = rect.width / len(row)
            for at, (key, value) in enumerate(row):
                x = rect.x + at * width
                self.text(x, y - 3.5, key, TEXT_PT, width=key_mm - 1.5, quiet=True)
                self.text(x + key_mm, y - 3.5, value, TEXT_PT, width=width - key_mm - 2.5)
            y -= ROW_MM
            self.canvas.polyline([(rect.x, y), (rect.right, y)], edge=SHEET.table_rule, width=0.12)
        return y

    def needed_mm(self, title: str, cells: Sequence[str]) -> float:
        """Return the width of a column that cuts nothing: that of its widest cell or heading, and what stays free."""
        font = self.canvas.font
        widest = max((font.width(one, TEXT_PT * MM_PER_POINT) for one in cells), default=0.0)
        return max(widest, font.width(title, SMALL_PT * MM_PER_POINT)) + 2.5

    def table(self, rect: Rect, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> float:
        """Draw a table from the top of a rectangle down and return its lower edge; the caller counts the rows."""
        whole = sum(one.share for one in columns)
        widths = [one.share / whole * rect.width for one in columns]
        lefts = rect.x + np.cumsum([0.0, *widths[:-1]])
        y = rect.top
        heads = [one.title for one in columns]
        rules = []
        for at, row in enumerate([heads, *rows]):
            for column, x, width, cell in zip(columns, lefts.tolist(), widths, row, strict=True):
                is_right = column.anchor == "right"
                spot = x + width - 2.0 if is_right else x
                size = SMALL_PT if at == 0 else TEXT_PT
                self.text(spot, y - 3.5, cell, size, width=width - 2.0, quiet=at == 0, anchor=column.anchor)
            y -= ROW_MM
            rules.append(shapely.LineString([(rect.x, y), (rect.right, y)]))
        self.canvas.lines(rules[:1], edge=LIGHT.quiet, width=0.15, cap=0)
        self.canvas.lines(rules[1:], edge=SHEET.table_rule, width=0.12, cap=0)
        return y


def drawn_form(data: MapData, pages: Sequence[FormPage], bookmarks: Sequence[Bookmarks], title: str) -> DrawnFile:
    """Return pages with what their file says of itself."""
    zh = pages[0].lang == "zh"
    return DrawnFile(
        [(page.canvas, marks) for page, marks in zip(pages, bookmarks, strict=True)],
        {
            "Title": title,
            "Author": "Gridsight",
            "Subject": data.meta.title_zh if zh else data.meta.title_en,
            "Keywords": data.meta.run_id,
            "Creator": "Gridsight",
        },
        made_of(data.meta.made),
        language_tag(pages[0].lang),
    )
