"""Read the sheets of an OpenDocument spreadsheet (.ods) as a stream of XML, which is checked before."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from geo import bounds
from geo.readers.sheets.sheet_cells import (
    ERROR_CELL,
    MAX_SHEET_COLUMNS,
    MAX_SHEET_ROWS,
    NO_VALUE,
    CellCounter,
    DateText,
    LostCell,
    Merge,
    Row,
    Sheet,
    merges_within,
    number_cell,
)
from geo.readers.sheets.xml_parts import check_parts, opened_workbook, parse
from geo.readers.source import FileLimits, unreadable


def read_ods(path: Path, limits: FileLimits) -> list[Sheet]:
    """Return the sheets of an OpenDocument spreadsheet.

    Raises
    ------
    UnreadableFile
        For one that is damaged or needs a password, and one over a bound of docs/bounds.md.
    """
    name = path.name
    with opened_workbook(path, limits) as archive:
        _refuse_password(name, archive)
        check_parts(name, archive, limits)
        reader = _ContentReader(CellCounter(name, limits), name, limits)
        parse(archive, "content.xml", reader.start, reader.end, reader.text)
    if not reader.sheets:
        raise unreadable(name, "没有工作表", "it has no sheet")
    return reader.sheets


def _refuse_password(name: str, archive: zipfile.ZipFile) -> None:
    if "META-INF/manifest.xml" not in archive.namelist():
        return
    manifest = b"".join(bounds.stream(archive, archive.getinfo("META-INF/manifest.xml")))
    if b"encryption-data" in manifest:
        raise unreadable(
            name, "工作簿有密码；去掉密码后再导入", "it needs a password: save it without one, import again"
        )


class _ContentReader:
    """Handlers that collect the sheets; a repeated empty cell or row costs nothing."""

    def __init__(self, counter: CellCounter, name: str, limits: FileLimits) -> None:
        self.sheets: list[Sheet] = []
        self._counter, self._name, self._limits = counter, name, limits
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._rows: list[Row] = []
        self._merges: list[Merge] = []
        self._depth = 0
        self._number, self._row_repeats, self._is_hidden = 0, 1, False
        self._cells: list[Any] = []
        self._column, self._cell_repeats = 0, 1
        self._attributes: dict[str, str] = {}
        self._pieces: list[str] = []
        self._in_cell, self._in_paragraph, self._aside = False, 0, 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self._style = attributes.get("style:name", "")
        elif tag == "table-properties" and attributes.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif tag == "table":
            self._depth += 1
            if self._depth == 1:
                self._rows, self._merges, self._number = [], [], 0
                hidden = attributes.get("table:style-name") in self._hidden_styles
                self.sheets.append(Sheet(attributes.get("table:name", ""), self._rows, self._merges, hidden))
        elif self._depth != 1:
            return
        elif tag == "table-row":
            self._row_repeats = int(attributes.get("table:number-rows-repeated", "1"))
            self._cells, self._column = [], 0
            self._is_hidden = attributes.get("table:visibility", "visible") != "visible"
        elif tag in ("table-cell", "covered-table-cell"):
            self._attributes, self._in_cell = attributes, True
            self._cell_repeats = int(attributes.get("table:number-columns-repeated", "1"))
            self._pieces = []
        elif self._in_cell:
            self._within_cell(tag, attributes)

    def _within_cell(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("annotation", "ruby-text"):
            self._aside += 1
        elif tag == "p" and not self._aside:
            self._in_paragraph += 1
            self._pieces.append("\n")
        elif tag in ("s", "tab", "line-break") and self._in_paragraph and not self._aside:
            self._pieces.append(" " * min(int(attributes.get("text:c", "1")), 100))

    def text(self, data: str) -> None:
        if self._in_paragraph and not self._aside:
            self._pieces.append(data)

    def end(self, tag: str) -> None:
        if tag == "table":
            self._depth -= 1
            if self._depth == 0:
                merges_within(self._merges, self._name, self._limits)
        elif self._depth != 1:
            return
        elif tag == "p" and self._in_paragraph and not self._aside:
            self._in_paragraph -= 1
        elif tag in ("annotation", "ruby-text") and self._aside:
            self._aside -= 1
        elif tag in ("table-cell", "covered-table-cell"):
            self._end_cell(is_covered=tag != "table-cell")
        elif tag == "table-row":
            self._end_row()

    def _end_cell(self, *, is_covered: bool) -> None:
        self._in_cell, self._in_paragraph, self._aside = False, 0, 0
        value = None if is_covered else self._value()
        down = int(self._attributes.get("table:number-rows-spanned", "1"))
        right = int(self._attributes.get("table:number-columns-spanned", "1"))
        if (down > 1 or right > 1) and not is_covered:
            top = self._number + 1
            self._merges.append(Merge(top, self._column, min(top + down - 1, MAX_SHEET_ROWS), self._column + right - 1))
        if value is not None:
            if self._column + self._cell_repeats > MAX_SHEET_COLUMNS:
                raise ValueError(self._column)
            gap = self._column - len(self._cells)
            self._counter.take((gap + self._cell_repeats) * self._row_repeats)
            if isinstance(value, str):
                self._counter.take_text(value, self._cell_repeats * self._row_repeats)
            self._cells.extend([None] * gap)
            self._cells.extend([value] * self._cell_repeats)
        self._column += self._cell_repeats

    def _end_row(self) -> None:
        if self._cells:
            for number in range(self._number + 1, self._number + 1 + self._row_repeats):
                self._rows.append((number, list(self._cells)))
                if self._is_hidden:
                    self.sheets[-1].hidden_rows.add(number)
        self._number += self._row_repeats
        if self._number > 2 * MAX_SHEET_ROWS:
            raise ValueError(self._number)

    def _value(self) -> Any:
        attributes = self._attributes
        shown = "".join(self._pieces).strip()
        kind = attributes.get("office:value-type")
        if kind is None:
            return LostCell(NO_VALUE) if "table:formula" in attributes else None
        if attributes.get("calcext:value-type") == "error":
            return LostCell(ERROR_CELL, shown)
        if kind == "boolean":
            return attributes.get("office:boolean-value")
        if kind == "date":
            return DateText(attributes.get("office:date-value", "").replace("T", " ").removesuffix(" 00:00:00")) or None
        if kind in ("float", "percentage", "currency"):
            number = float(attributes["office:value"])
            # A code with leading zeros is a number in a format of its own.
            is_padded = shown.isdigit() and shown.startswith("0") and len(shown) > 1
            return shown if is_padded else number_cell(number)
        return shown or attributes.get("office:string-value", "").strip() or None
