"""Read the sheets of a BIFF workbook (.xls, .et) with calamine, after a walk over its records."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import python_calamine as calamine

from geo.readers.sheets.biff_records import SheetRecords, check_records
from geo.readers.sheets.sheet_cells import (
    ERROR_CELL,
    DateText,
    LostCell,
    Merge,
    Row,
    Sheet,
    merges_within,
    number_cell,
    padded,
)
from geo.readers.source import FileLimits, check_size, unreadable


def read_biff(path: Path, limits: FileLimits) -> list[Sheet]:
    """Return the sheets of a workbook in the format of Excel 5 to 2003, charts left out.

    Raises
    ------
    UnreadableFile
        For a workbook that is damaged or needs a password, and one over a bound of docs/bounds.md.
    """
    check_size(path.name, path.stat().st_size, limits.xls_bytes)
    data = path.read_bytes()
    records = check_records(path.name, data, limits)
    try:
        with calamine.load_workbook(BytesIO(data)) as workbook:
            found = []
            for number, one in enumerate(workbook.sheets_metadata):
                if one.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                own = records[number] if number < len(records) else SheetRecords()
                sheet = workbook.get_sheet_by_index(number)
                merges = [Merge(a + 1, b, c + 1, d) for (a, b), (c, d) in sheet.merged_cell_ranges or []]
                hidden = one.visible != calamine.SheetVisibleEnum.Visible
                merges = merges_within(merges, path.name, limits)
                found.append(Sheet(one.name, _rows(sheet, own), merges, hidden, own.hidden_rows))
    except BaseException as error:
        # A panic of the parser is no Exception.
        if isinstance(error, calamine.CalamineError | OSError) or type(error).__name__ == "PanicException":
            raise unreadable(path.name, "工作簿损坏", "the workbook is damaged") from None
        raise
    if not found:
        raise unreadable(path.name, "没有工作表", "it has no sheet")
    return found


def _rows(sheet: calamine.CalamineSheet, records: SheetRecords) -> list[Row]:
    rows: dict[int, list[Any]] = {}
    if sheet.start is not None:
        top = sheet.start[0]
        for number, cells in enumerate(sheet.to_python(skip_empty_area=True), top):
            read = [None if cell == "" else _value(cell) for cell in cells]
            if any(cell is not None for cell in read):
                rows[number] = [*[None] * sheet.start[1], *read]
    for (number, column), width in records.widths.items():
        read = rows.get(number, [])
        if column < len(read) and isinstance(read[column], float):
            read[column] = padded(read[column], width)
    for (number, column), shown in records.errors.items():
        row: list[Any] = rows.setdefault(number, [])
        row.extend([None] * (column + 1 - len(row)))
        row[column] = LostCell(ERROR_CELL, shown)
    return [(number + 1, cells) for number, cells in sorted(rows.items())]


def _value(cell: Any) -> Any:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return number_cell(float(cell))
    if isinstance(cell, datetime | date):
        day = cell.isoformat(sep=" ", timespec="seconds") if isinstance(cell, datetime) else cell.isoformat()
        return DateText(day.removesuffix(" 00:00:00"))
    return str(cell) if isinstance(cell, time | timedelta) else cell
