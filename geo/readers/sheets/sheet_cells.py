"""Hold the cells of a sheet as a reader found them, whatever the format of its workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from geo.readers.source import FileLimits, unreadable

NO_VALUE = (
    "公式没有保存结果；在 WPS 或 Excel 里打开、保存后再导入"
    " / a formula without a saved value: open and save the workbook, import again"
)
ERROR_CELL = "公式出错的单元格，作空 / a cell in error: left empty"
#: What a spreadsheet shows of a cell in error, as texts and pages that it saved hold it; ### is a cell too narrow.
_ERROR_WORDS = re.compile(
    r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA|#{2,})", re.IGNORECASE
)
#: Numbers of more digits have been rounded by every spreadsheet.
MAX_DIGITS = 15
#: Columns that a spreadsheet has at most, XFD being the last.
MAX_SHEET_COLUMNS = 16_384
MAX_SHEET_ROWS = 1 << 20
#: Bytes of texts that all cells of a workbook may hold together: a text that many share counts for each of them.
MAX_TEXT_BYTES = 1 << 30
#: Characters of a text from which it is counted.
LONG_TEXT = 1000


class LostCell(NamedTuple):
    """A cell that holds no value: why, as ``中文 / English``, and what the program shows there."""

    reason: str
    shown: str = ""


class DateText(str):
    """Text of a cell that a spreadsheet holds as a date: a code such as 1-12 was made one by it."""

    __slots__ = ()


class Merge(NamedTuple):
    """A merged region: rows from 1 as a spreadsheet numbers them, columns from 0, ends included."""

    top: int
    left: int
    bottom: int
    right: int


#: Row number from 1 as a spreadsheet shows it, and the cells: text, float, LostCell, or None where empty.
Row = tuple[int, list[Any]]


@dataclass
class Sheet:
    """One sheet: its rows that are not empty, and its merged regions.

    Attributes
    ----------
    name
        As on its tab.
    rows
        Row number from 1 and cells of each row that is not empty, in order.
    merges
        Merged regions; empty where the format tells of none.
    is_hidden
        Whether a spreadsheet program does not show it.
    hidden_rows
        Numbers from 1 of the rows that it does not show, as a filter leaves them.
    """

    name: str
    rows: list[Row]
    merges: list[Merge] = field(default_factory=list)
    is_hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)


class CellCounter:
    """Count of the cells held of one workbook, and of their texts; refuses it beyond the limits.

    Attributes
    ----------
    text_left
        Bytes of long texts that may follow; set back where cells are read again.
    """

    def __init__(self, name: str, limits: FileLimits) -> None:
        self._name, self._limit, self._left = name, limits.xlsx_cells, limits.xlsx_cells
        self.text_left = MAX_TEXT_BYTES

    def take(self, cells: int) -> None:
        """Count further cells, empty ones before the last of a row included."""
        self._left -= cells
        if self._left < 0:
            limit = f"{self._limit:,}"
            raise unreadable(self._name, f"单元格超过 {limit}", f"it has more than {limit} cells")

    def take_text(self, text: str, cells: int = 1) -> None:
        """Count the text of cells where it is long: what reads them later goes through each of them."""
        if len(text) > LONG_TEXT:
            self.text_left -= 3 * len(text) * cells
            if self.text_left < 0:
                raise unreadable(self._name, "单元格的文字过多", "its cells have too much text")


def error_cell(text: str) -> LostCell | None:
    """Return the lost cell of a text that shows an error, None for another text.

    Examples
    --------
    >>> error_cell("#REF!").shown, error_cell("#3 building")
    ('#REF!', None)
    """
    return LostCell(ERROR_CELL, text.strip()) if _ERROR_WORDS.fullmatch(text.strip()) else None


def padded_width(pattern: str) -> int:
    """Return to how many digits a number format fills with zeros in front, 0 for another format.

    Examples
    --------
    >>> padded_width("000000"), padded_width("0.00"), padded_width("0")
    (6, 0, 0)
    """
    first = pattern.partition(";")[0]
    return len(first) if len(first) > 1 and set(first) == {"0"} else 0


def padded(value: float, width: int) -> float | str:
    """Return a code with the zeros in front that its format shows; another number as it is."""
    return f"{value:0{width}.0f}" if value >= 0 and value.is_integer() else value


def put_cell(cells: list[Any], column: int, value: Any) -> None:
    """Put a value into the cells of a row, which end with the last value."""
    missing = column - len(cells)
    if missing < 0:
        cells[column] = value
        return
    if missing:
        cells.extend([None] * missing)
    cells.append(value)


def number_cell(value: float) -> float | str:
    """Return a number, or the text of one with more digits than a spreadsheet keeps, by which it is known as rounded.

    Examples
    --------
    >>> number_cell(3.5), number_cell(62062200001320000001.0)
    (3.5, '6.20622000013200E+19')
    """
    return value if abs(value) < 10.0**MAX_DIGITS else f"{value:.{MAX_DIGITS - 1}E}"


def fill_merged_down(sheet: Sheet, first: int) -> None:
    """Give every row of a merged region the value of its first one, from that row number on, in place.

    Only the left column is filled: a value merged over several columns belongs to the first of them.
    """
    merges = [one for one in sheet.merges if one.top >= first and one.bottom > one.top]
    if not merges:
        return
    by_number = dict(sheet.rows)
    last = sheet.rows[-1][0] if sheet.rows else 0
    for one in merges:
        above = by_number.get(one.top, [])
        value = above[one.left] if one.left < len(above) else None
        if value is None:
            continue
        for number in range(one.top + 1, min(one.bottom, last) + 1):
            cells = by_number.get(number)
            if cells is None:
                continue  # nothing else is in that row: it is empty
            if one.left >= len(cells):
                cells.extend([None] * (one.left + 1 - len(cells)))
            if cells[one.left] is None:
                cells[one.left] = value


def merges_within(found: Iterable[Merge], name: str, limits: FileLimits) -> list[Merge]:
    """Return the merged regions; refuse more of them than a sheet may have cells."""
    merges = list(found)
    if sum(one.bottom - one.top + 1 for one in merges) > limits.xlsx_cells:
        raise unreadable(name, "合并的单元格过多", "too many of its cells are merged")
    return merges
