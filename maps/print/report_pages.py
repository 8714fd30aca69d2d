"""Print tables as pages of a report: each with its office, lines to sign on, the run, the rules and page x of y."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Literal

import numpy as np

from geo.catalog.palette import LIGHT, SHEET
from maps.print.fonts import Font, print_font
from maps.print.page_layout import Rect
from maps.print.pdf_canvas import MM_PER_POINT, Canvas
from maps.print.pdf_file import write_pages
from maps.print.report_columns import HEADING_LINES, column_widths
from maps.print.signed_lines import SIGNED_MM, draw_lines, draw_signed_lines, fitted, in_lines, line_step
from maps.style.words import language_tag

_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 14.0  # mm: A4 upright
#: Height of the head of a page and of its foot, mm.
_HEAD_MM, _FOOT_MM = 16.0, 6.0
#: Of a table: its title, a line of its notes, a line of a cell, the space round a row and between columns, mm.
_TITLE_MM, _NOTE_MM, _LINE_MM, _PAD_MM, _GAP_MM = 8.0, 3.8, 3.7, 1.5, 2.6
_TITLE_PT, _HEADING_PT, _CELL_PT, _SMALL_PT = 14.0, 11.0, 8.0, 7.5
#: Unit and classification, and the least of a title in one line; the width that a classification may take, mm.
_HEAD_PT, _LEAST_TITLE_PT, _CLASSIFICATION_MM = 9.0, 5.0, 60.0
#: A cell has at most so many lines; what is longer ends with an ellipsis and is listed on the last pages.
MOST_LINES = 3
#: A logo is at most so wide and high, mm.
_LOGO_MM = (36.0, 12.0)
#: Characters of a row of the texts in full: fewer lines than a page has.
_FULL_ROW = 1_000
#: A table begins on a page only with room for its head and so many rows.
_LEAST_ROWS = 3

_WORDS = {
    "none": ("无", "none"),
    "more": ("{title}（续）", "{title} (continued)"),
    "foot": ("数据日期 {day} · 批次 {run} · {rules}", "data of {day} · run {run} · {rules}"),
    "rules": ("规则 {rules}", "rules {rules}"),
    "page": ("第 {n} 页，共 {of} 页", "page {n} of {of}"),
    "cut": ("截断的文字全文", "Texts that were cut, in full"),
    "cut_columns": (("表", "行", "全文"), ("Table", "Row", "Full text")),
}  # fmt: skip


@dataclass(frozen=True)
class ReportColumn:
    """A column: its heading, the side its cells stand on, and whether a text is left out below the same text."""

    title: str
    anchor: Literal["left", "right"] = "left"
    once: bool = False


@dataclass(frozen=True)
class ReportTable:
    """A table as text.

    Attributes
    ----------
    section
        Tables of one section follow one another on a page; another section begins a page.
    title, notes
        Above the table.
    columns, rows
        Headings and cells.
    rules
        Numbers of the rules that its figures follow, for the foot of its pages.
    most_lines
        Lines of a cell.
    """

    section: str
    title: str
    columns: tuple[ReportColumn, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()
    rules: str = ""
    most_lines: int = MOST_LINES


@dataclass(frozen=True)
class ReportHead:
    """What stands on every page.

    Attributes
    ----------
    title, unit, classification
        Empty for none; a unit that is none is a line to write on.
    logo
        A PNG or JPEG picture; None for none.
    logo_size
        Its width and height in pixels.
    day, run
        Day of the data, and id of the run.
    made
        When the run was made, the date of the file.
    lang
        ``zh`` or ``en``.
    """

    title: str
    unit: str
    classification: str
    logo: bytes | None
    logo_size: tuple[int, int]
    day: str
    run: str
    made: datetime | None
    lang: str


@dataclass(frozen=True)
class PrintedReport:
    """What was printed: how many pages, the texts that were cut, and the characters that no font has."""

    pages: int
    cut: tuple[tuple[str, int, str], ...]
    missing: tuple[str, ...]


@dataclass
class _Part:
    """Rows of a table on one page, with their lines; ``first`` is whether the table begins here."""

    table: ReportTable
    widths: np.ndarray
    head: list[list[str]]
    rows: list[list[list[str]]] = field(default_factory=list)
    first: bool = True


def write_report(head: ReportHead, tables: Sequence[ReportTable], out: BinaryIO) -> PrintedReport:
    """Write tables as a PDF, A4 upright; the same tables give the same bytes.

    Every page has the title, the unit, lines to sign on and a place for a seal that are left empty, the day of the
    data, the run, the rules and its number among all pages. A text without room goes on in further lines, at most
    three; a longer one ends with an ellipsis, and stands in full on the last pages.

    Parameters
    ----------
    head
        What stands on every page.
    tables
        At least one.
    out
        A binary file open for writing.
    """
    font, en = print_font(), int(head.lang == "en")
    cut: list[tuple[str, int, str]] = []
    pages = list(_pages(font, tables, cut))
    if cut:
        names = _WORDS["cut_columns"][en]
        columns = (ReportColumn(names[0], once=True), ReportColumn(names[1], "right"), ReportColumn(names[2]))
        rows = [
            (title, str(row), text[at : at + _FULL_ROW])
            for title, row, text in cut
            for at in range(0, len(text), _FULL_ROW)
        ]
        title = str(_WORDS["cut"][en])
        pages += _pages(font, [ReportTable(title, title, columns, rows, most_lines=10_000)], [])
    drawn = [_Page(head, font, page, n, len(pages)) for n, page in enumerate(pages, 1)]
    info = {"Title": head.title, "Author": head.unit or "Gridsight", "Subject": head.run, "Creator": "Gridsight"}
    pages_drawn = [(one.canvas, one.bookmarks) for one in drawn]
    write_pages(out, pages_drawn, font=font.name, info=info, made=head.made, lang=language_tag(head.lang))
    texts = [head.title, head.unit, head.classification]
    texts += [cell for table in tables for row in table.rows for cell in row]
    return PrintedReport(len(pages), tuple(cut), tuple(font.missing(texts)))


# --- layout -----------------------------------------------------------------------------------------------------------


def _room() -> float:
    return _HEIGHT - 2 * _MARGIN - _HEAD_MM - SIGNED_MM - _FOOT_MM


def _pages(font: Font, tables: Sequence[ReportTable], cut: list[tuple[str, int, str]]) -> Iterator[list[_Part]]:
    """Yield the parts of each page; texts that are cut are added to a list with table and row."""
    page: list[_Part] = []
    left, section = _room(), None
    for table in tables:
        widths = _column_widths(font, table)
        head = [
            _lines(font, one.title, width, HEADING_LINES)[0] for one, width in zip(table.columns, widths, strict=True)
        ]
        above = _above(font, table) + _row_height(head)
        rows = list(_laid_out(font, table, widths, cut))
        first_rows = sum(_row_height(row) for row in rows[:_LEAST_ROWS]) or _LINE_MM + _PAD_MM
        if page and (table.section != section or above + first_rows > left):
            yield page
            page, left = [], _room()
        section = table.section
        part = _Part(table, widths, head)
        page.append(part)
        left -= above
        before: list[list[str]] | None = None
        for row in rows:
            shown = _without_repeats(table, row, before)
            if _row_height(shown) > left and part.rows:
                yield page
                part, shown = _Part(table, widths, head, first=False), row
                page, left = [part], _room() - _TITLE_MM - _row_height(head)
            part.rows.append(shown)
            before, left = row, left - _row_height(shown)
        left -= _GAP_MM + (0 if rows else _LINE_MM + _PAD_MM)
    if page:
        yield page


def _without_repeats(table: ReportTable, row: list[list[str]], before: list[list[str]] | None) -> list[list[str]]:
    """Return the cells of a row, those that stand above it already left empty; the first row of a page has them all."""
    if before is None:
        return row
    pairs = zip(table.columns, row, before, strict=True)
    return [[""] if column.once and cell == above else cell for column, cell, above in pairs]


def _above(font: Font, table: ReportTable) -> float:
    """Return the height of a table's title and notes."""
    return _TITLE_MM + _NOTE_MM * len(_note_lines(font, table))


def _note_lines(font: Font, table: ReportTable) -> list[str]:
    em, width = _SMALL_PT * MM_PER_POINT, _WIDTH - 2 * _MARGIN
    return [line for note in table.notes for line in font.wrap(note, em, width)]


def _laid_out(
    font: Font, table: ReportTable, widths: np.ndarray, cut: list[tuple[str, int, str]]
) -> Iterator[list[list[str]]]:
    for number, row in enumerate(table.rows, 1):
        cells = []
        for text, width in zip(row, widths, strict=True):
            lines, is_cut = _lines(font, text, float(width), table.most_lines)
            cells.append(lines)
            if is_cut:
                cut.append((table.title, number, text))
        yield cells


def _lines(font: Font, text: str, width: float, most: int) -> tuple[list[str], bool]:
    """Return the lines of a text, a word wider than its column broken where the column ends, and whether it is cut."""
    em = _CELL_PT * MM_PER_POINT
    lines = font.wrap_within(" ".join(text.split()), em, width)
    if len(lines) <= most:
        return lines or [""], False
    return [*lines[: most - 1], font.shorten(f"{lines[most - 1]}{lines[most]}", em, width)], True


def _column_widths(font: Font, table: ReportTable) -> np.ndarray:
    columns = [(one.title, [row[k] for row in table.rows]) for k, one in enumerate(table.columns)]
    numbers = [one.anchor == "right" for one in table.columns]
    available = _WIDTH - 2 * _MARGIN - _GAP_MM * (len(columns) - 1)
    return column_widths(font, _CELL_PT * MM_PER_POINT, columns, numbers, available, min(table.most_lines, MOST_LINES))


def _row_height(cells: Sequence[Sequence[str]]) -> float:
    return _PAD_MM + _LINE_MM * max(len(lines) for lines in cells)


# --- drawing ----------------------------------------------------------------------------------------------------------


class _Page:
    """Draw one page."""

    def __init__(self, head: ReportHead, font: Font, parts: Sequence[_Part], number: int, of: int) -> None:
        self.head, self.font, self.en = head, font, int(head.lang == "en")
        self.canvas = Canvas(_WIDTH, _HEIGHT, font)
        self.bookmarks: list[tuple[str, float, float]] = []
        self._draw_head()
        y = _HEIGHT - _MARGIN - _HEAD_MM
        for part in parts:
            y = self._draw_part(part, y) - _GAP_MM
        self._draw_signed()
        rules = " ".join(dict.fromkeys(rule for part in parts for rule in part.table.rules.split()))
        self._draw_foot(rules, number, of)

    def _word(self, key: str, **values: object) -> str:
        return str(_WORDS[key][self.en]).format(**values)

    def _text(self, x: float, y: float, text: str, size: float, *, quiet: bool = False, **look: object) -> float:
        return self.canvas.text(x, y, text, size, colour=LIGHT.quiet if quiet else LIGHT.ink, **look)  # type: ignore[arg-type]

    def _fitted(self, text: str, size: float, width: float) -> tuple[str, float]:
        return fitted(self.canvas, text, size, width)

    def _in_lines(self, x: float, y: float, text: str, width: float, *, quiet: bool = False, **look: object) -> float:
        """Write a text of the head about the baseline of a single line, and return its width in mm."""
        lines, size = in_lines(self.canvas, text, _HEAD_PT, width)
        first = y + 0.5 * (len(lines) - 1) * line_step(size)
        return draw_lines(self.canvas, x, first, lines, size, colour=LIGHT.quiet if quiet else LIGHT.ink, **look)

    def _draw_head(self) -> None:
        top, x, right = _HEIGHT - _MARGIN, _MARGIN, _WIDTH - _MARGIN
        if self.head.logo is not None:
            scale = min(limit / max(side, 1) for limit, side in zip(_LOGO_MM, self.head.logo_size, strict=True))
            width, height = (side * scale for side in self.head.logo_size)
            self.canvas.picture(x, top - height, width, height, self.head.logo)
            x += width + 4.0
        taken = 0.0
        if self.head.classification:
            taken = self._in_lines(right, top - 4.0, self.head.classification, _CLASSIFICATION_MM, anchor="right") + 6.0
        title, size = fitted(self.canvas, self.head.title, _TITLE_PT, right - x - taken, _LEAST_TITLE_PT)
        self._text(x, top - 5.0, title, size, bold=True)
        self._in_lines(x, top - 11.0, self.head.unit, right - x, quiet=True)
        y = top - _HEAD_MM + 2.5
        self.canvas.polyline([(_MARGIN, y), (right, y)], edge=LIGHT.ink, width=0.3)

    def _draw_part(self, part: _Part, top: float) -> float:
        """Draw rows under a heading from a y down; return their lower edge."""
        table = part.table
        title = table.title if part.first else self._word("more", title=table.title)
        text, size = self._fitted(title, _HEADING_PT, _WIDTH - 2 * _MARGIN)
        self._text(_MARGIN, top - 4.5, text, size, bold=True)
        if part.first:
            self.bookmarks.append((table.title, _MARGIN, top + 2.0))
        y = top - _TITLE_MM
        for line in _note_lines(self.font, table) if part.first else ():
            self._text(_MARGIN, y - 1.2, line, _SMALL_PT, quiet=True)
            y -= _NOTE_MM
        y = self._draw_row(part, part.head, y, bold=True)
        self._rule(y, LIGHT.ink)
        for cells in part.rows:
            y = self._draw_row(part, cells, y)
            self._rule(y, SHEET.table_rule)
        if not part.rows:
            self._text(_MARGIN, y - _LINE_MM, self._word("none"), _CELL_PT, quiet=True)
            y -= _LINE_MM + _PAD_MM
        return y

    def _rule(self, y: float, colour: str) -> None:
        self.canvas.polyline([(_MARGIN, y), (_WIDTH - _MARGIN, y)], edge=colour, width=0.15)

    def _draw_row(self, part: _Part, cells: Sequence[Sequence[str]], top: float, *, bold: bool = False) -> float:
        x = _MARGIN
        for column, lines, width in zip(part.table.columns, cells, part.widths, strict=True):
            spot = x + width if column.anchor == "right" else x
            for at, line in enumerate(lines):
                y = top - _LINE_MM * (at + 1) + 0.2
                self._text(spot, y, line, _CELL_PT, bold=bold, anchor=column.anchor)
            x += width + _GAP_MM
        return top - _row_height(cells)

    def _draw_signed(self) -> None:
        box = Rect(_MARGIN, _MARGIN + _FOOT_MM, _WIDTH - 2 * _MARGIN, SIGNED_MM)
        draw_signed_lines(self.canvas, box, self.head.lang, self.head.unit)

    def _draw_foot(self, rules: str, number: int, of: int) -> None:
        told = self._word("rules", rules=rules) if rules else ""
        foot = self._word("foot", day=self.head.day, run=self.head.run, rules=told).removesuffix(" · ")
        page = self._word("page", n=number, of=of)
        self._text(_MARGIN, _MARGIN - 1.0, foot, _SMALL_PT, quiet=True)
        self._text(_WIDTH - _MARGIN, _MARGIN - 1.0, page, _SMALL_PT, quiet=True, anchor="right")
