"""Write workbooks that people open: widths, frozen head, filter, codes as text, numbers with all their digits."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import xlsxwriter

from api.representations.tables import number_text
from geo.catalog.headings import part_heading
from geo.catalog.palette import TABLE_HEAD
from geo.errors import BadValue
from geo.files import marked_text

#: Characters that one cell holds, and rows of one sheet with its head.
MAX_CELL, MAX_ROWS = 32_767, 1_048_576
_MIN_WIDTH, _MAX_WIDTH, _MEASURED_ROWS = 6, 42, 200
_FORMULA_STARTS = ("=", "+", "-", "@")
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_HEAD = {"bold": True, "bg_color": TABLE_HEAD, "bottom": 1, "valign": "vcenter"}


class ExactNumber(float):
    """A number that is written with as many digits as it takes to read the same number; the library writes 16."""

    def __format__(self, spec: str) -> str:
        return number_text(float(self))


def workbook_bytes(fill: Callable[[xlsxwriter.Workbook], None], *, made: datetime | None = None) -> bytes:
    """Return the bytes of a workbook that a function fills row by row; ``made`` is its date, None for now."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        if made is not None:
            book.set_properties({"created": made})
        fill(book)
    return buffer.getvalue()


@dataclass(frozen=True)
class SheetOfTable:
    """A table on a sheet of a workbook.

    Attributes
    ----------
    title
        Name of the sheet.
    table
        Its rows.
    shares
        Columns whose numbers are shown as percentages.
    """

    title: str
    table: pd.DataFrame
    shares: tuple[str, ...] = ()


def table_workbook(table: pd.DataFrame, sheet: str) -> bytes:
    """Return a table as a workbook of one sheet.

    Raises
    ------
    BadValue
        It has more rows than a sheet holds, or a text longer than a cell that is no shape.
    """
    return tables_workbook([SheetOfTable(sheet, table)])


def tables_workbook(sheets: Sequence[SheetOfTable], *, made: datetime | None = None) -> bytes:
    """Return tables as a workbook, each on a sheet of its own; raise BadValue as ``table_workbook`` does.

    With a date of its making the same tables give the same bytes.
    """
    for one in sheets:
        require_sheet_rows(len(one.table))
    cells = [(one.title, *_within_cells(one.table), one.shares) for one in sheets]

    def fill(book: xlsxwriter.Workbook) -> None:
        for title, names, columns, shares in cells:
            _fill(book, title, names, columns, shares)

    return workbook_bytes(fill, made=made)


def write_rows(target: Path | BinaryIO, sheet: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of plain cells as a workbook of one sheet as they come: none but the first 200 are held in memory.

    A text that is longer than a cell ends with `…`. The widths of columns are those of the first 200 rows.
    """
    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        waiting = iter(rows)
        first = list(islice(waiting, _MEASURED_ROWS))
        columns = list(zip_longest(*first)) or [()] * len(names)
        widths = [width_of([f"{name}  ", *map(_shown, cells)]) for name, cells in zip(names, columns, strict=True)]
        page = book.add_worksheet(sheet[:31])
        add_head(book, page, names, widths)
        formats = _Formats(book)
        count = 0
        for count, cells in enumerate(chain(first, waiting), 1):
            _write_row(page, count, cells, formats)
        if names:
            page.autofilter(0, 0, max(count, 1), len(names) - 1)
            page.ignore_errors({"number_stored_as_text": _area(max(count, 1), len(names))})


def require_sheet_rows(count: int) -> None:
    """Raise BadValue where there are more rows than a sheet holds."""
    if count >= MAX_ROWS:
        raise BadValue(
            f"有 {count:,} 行，一张工作表放不下；请用 csv 或 gpkg",
            f"{count:,} rows are more than a sheet holds: use csv or gpkg",
        )


def add_head(book: xlsxwriter.Workbook, sheet: Any, names: Sequence[str], widths: Sequence[float]) -> None:
    """Write the head of a sheet, freeze it and set the widths of its columns."""
    head = book.add_format(_HEAD)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 20)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, head)


def width_of(texts: Sequence[str]) -> float:
    """Return the width of a column, in characters, that shows these texts; a Chinese character counts as two."""
    widest = max((_cells_wide(text[:80]) for text in texts), default=0)
    return float(min(max(widest + 2, _MIN_WIDTH), _MAX_WIDTH))


def _cells_wide(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _fill(
    book: xlsxwriter.Workbook,
    name: str,
    names: Sequence[str],
    columns: Sequence[np.ndarray],
    shares: Collection[str] = (),
) -> None:
    sheet = book.add_worksheet(name[:31])
    rows = len(columns[0]) if columns else 0
    shown = [[_shown(cell) for cell in column[:_MEASURED_ROWS]] for column in columns]
    # The filter's arrow takes two characters.
    add_head(book, sheet, names, [width_of([f"{one}  ", *texts]) for one, texts in zip(names, shown, strict=True)])
    formats = _Formats(book)
    percent = book.add_format({"num_format": "0.0%"}) if shares else None
    numbers = [percent if one in shares else None for one in names]
    for row in range(rows):
        _write_row(sheet, row + 1, [column[row] for column in columns], formats, numbers)
    if columns:
        sheet.autofilter(0, 0, max(rows, 1), len(columns) - 1)
        sheet.ignore_errors({"number_stored_as_text": _area(max(rows, 1), len(columns))})


class _Formats:
    """The formats of texts in one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.text = book.add_format({"num_format": "@"})
        # A text that begins like a formula stays a text when somebody edits its cell.
        self.quoted = book.add_format({"num_format": "@", "quote_prefix": True})


def _write_row(
    sheet: Any, row: int, cells: Sequence[Any], formats: _Formats, numbers: Sequence[Any] | None = None
) -> None:
    """Write the cells of a row; numbers in the format of their column, where one is given."""
    for place, cell in enumerate(cells):
        if isinstance(cell, str):
            text = marked_text(cell)
            if len(text) > MAX_CELL:
                text = f"{text[: MAX_CELL - 1]}…"
            sheet.write_string(row, place, text, formats.quoted if cell.startswith(_FORMULA_STARTS) else formats.text)
        elif isinstance(cell, (bool, np.bool_)):
            sheet.write_boolean(row, place, bool(cell))
        elif cell is not None:
            sheet.write_number(row, place, ExactNumber(cell), numbers[place] if numbers else None)


def _area(rows: int, columns: int) -> str:
    return xlsxwriter.utility.xl_range(0, 0, rows, columns - 1)


def _shown(cell: object) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else number_text(float(cell))  # type: ignore[arg-type]


def _within_cells(table: pd.DataFrame) -> tuple[list[str], list[np.ndarray]]:
    """Return names and cells of the columns, a text that is too long for a cell in several columns."""
    names: list[str] = []
    columns: list[np.ndarray] = []
    for name in table.columns:
        cells = _values(table[name])
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
        parts = max(1, -(-longest // MAX_CELL))
        for part in range(parts):
            names.append(part_heading(str(name), part + 1))
            columns.append(cells if parts == 1 else _part(cells, part))
    return names, columns


def _part(cells: np.ndarray, part: int) -> np.ndarray:
    cut = np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        if isinstance(cell, str):
            cut[place] = cell[part * MAX_CELL : (part + 1) * MAX_CELL] or None
        elif part == 0:
            cut[place] = cell
    return cut


def _values(column: pd.Series) -> np.ndarray:
    """Return plain cells: texts, numbers, None where missing; other things as text."""
    cells = np.empty(len(column), dtype=object)
    cells[:] = column.astype(object).where(column.notna().to_numpy(), None).tolist()
    for place, cell in enumerate(cells):
        if cell is None or isinstance(cell, (str, bool, np.bool_)):
            continue
        if isinstance(cell, (int, float, np.number)):
            cells[place] = cell if math.isfinite(cell) else None
        else:
            cells[place] = str(cell)
    return cells
