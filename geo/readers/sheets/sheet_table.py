"""Make one table of the rows of all sheets that are read; cells without a value become findings."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from geo.files import unescaped_formula
from geo.readers.columns.column_mapping import COORDINATES, unique_names
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.sheets.heading_rows import Headings
from geo.readers.sheets.sheet_cells import NO_VALUE, LostCell, Sheet, error_cell, fill_merged_down
from geo.readers.sheets.stacked_tables import HEADING_ROW, rows_above_findings, stacked_tables, texts_above
from geo.readers.sheets.table_rows import TableRows, listed, rows_below, skipped_sentences
from geo.readers.source import (
    Fault,
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    shapes_array,
    unreadable,
)
from geo.readers.words import cell_values
from geo.sentences import within
from geo.types import CellFinding

#: Columns with cells but without a heading that are named; a stray cell far out costs nothing.
_MAX_UNNAMED = 50
#: First characters of texts that are no part of what the cell says, or of one that shows an error.
MARKS = ("=", "'", "#")
_MARKS_IN_FRONT = tuple(f"\n{mark}" for mark in MARKS)
_HIDDEN = "隐藏的行照样读了：{0} / rows that the sheet hides were read all the same: {0}"
_REPEATED = (
    "同名的坐标列只读了第一列，并排的另一张表没有读；请分成两个表"
    " / only the first of coordinate columns with the same name is read, not a table beside it: part the two"
)
_FORMULA_TEXT = re.compile(r'="((?:[^"]|"")*)"')


@dataclass
class SheetTable:
    """A sheet and its headings."""

    sheet: Sheet
    headings: Headings


def plain_text(text: str) -> str:
    """Return what a cell says without the marks that keep a code from being a number: ``="0622"``, ``'0622``.

    Examples
    --------
    >>> plain_text('="0622"'), plain_text("'0622"), plain_text("'s-Hertogenbosch")
    ('0622', '0622', "'s-Hertogenbosch")
    """
    if text.startswith("="):
        within = _FORMULA_TEXT.fullmatch(text.strip())
        return text if within is None else within[1].replace('""', '"')
    return unescaped_formula(text)


def source_of_tables(
    file: str, name: str, tables: Sequence[SheetTable], plan: ColumnPlan, limits: FileLimits
) -> tuple[SourceTable, ChosenColumns]:
    """Return the rows of sheets of one shape, joined by their headings, and the columns that the plan chose.

    Parameters
    ----------
    file
        Name of the file.
    name
        Name of the source for reports: with the sheet where a workbook has others.
    """
    check_features(file, sum(len(one.sheet.rows) for one in tables), limits)
    further = [_stacked(one, plan) if plan.keeps_rows else () for one in tables]
    headings = [_with_unnamed(one) for one in tables]
    known_as: dict[str, str] = {}
    for one in headings:
        for shown, known in zip(one.shown, one.known_as, strict=True):
            known_as.setdefault(shown, known)
    chosen = plan.choose(list(known_as), list(known_as.values()), with_coordinates=True)
    fields = {column: field for field, column in chosen.fields.items()}
    places = {fields_column for field, fields_column in chosen.fields.items() if field in COORDINATES}
    parts = []
    for table, one in zip(tables, headings, strict=True):
        if not plan.keeps_rows:
            fill_merged_down(table.sheet, one.last + 1)
        where = [column for column, shown in zip(one.columns, one.shown, strict=True) if shown in places]
        parts.append(rows_below(table.sheet.rows, one, table.sheet.merges, where, keeps_rows=plan.keeps_rows))
    count = sum(len(part.cells) for part in parts)
    check_columns(file, len(known_as), count)
    cells = {column: _column(column, headings, parts) for column in chosen.read}
    frame = pd.DataFrame({column: pd.Series(one, dtype=object) for column, one in cells.items()}, index=range(count))
    source = SourceTable(name, frame, shapes_array([None] * count))
    source.heading = listed([f"{table.sheet.name}!{one.first}" for table, one in zip(tables, headings, strict=True)])
    numbers = [number in rows for rows, part in zip(further, parts, strict=True) for number in part.numbers]
    source.faults |= {row: Fault("text", HEADING_ROW) for row, is_heading in enumerate(numbers) if is_heading}
    source.above = [text for table in tables for text in texts_above(table.sheet.rows, table.headings)]
    prefixes = [f"{table.sheet.name}!" for table in tables]
    source.file_findings += rows_above_findings(
        [(one.headings, prefix) for one, prefix in zip(tables, prefixes, strict=True)], file
    )
    lose_cells(source, file, cells, fields)
    _number_rows(source, file, tables, headings, parts)
    _note_skipped(source, tables, parts)
    _find_tables_beside(source, headings, parts, places)
    return source, chosen


def _stacked(table: SheetTable, plan: ColumnPlan) -> Collection[int]:
    """Put the tables of a sheet under the headings of the first, and return the rows of further headings."""
    fill_merged_down(table.sheet, table.headings.last + 1)
    rows, table.headings, further = stacked_tables(table.sheet.rows, table.headings, plan.layer)
    table.sheet.rows = list(rows)
    return further


def _with_unnamed(table: SheetTable) -> Headings:
    """Return the headings, equal ones told apart, with the columns that have cells but no heading."""
    found = table.headings
    named = set(found.columns)
    extra: dict[int, None] = {}
    for number, cells in table.sheet.rows:
        if number > found.last and len(cells) > len(named):
            extra.update((place, None) for place, cell in enumerate(cells) if cell is not None and place not in named)
        if len(extra) > _MAX_UNNAMED:
            break
    columns = [*found.columns, *sorted(extra)[:_MAX_UNNAMED]]
    titles = [f"column {place + 1}" for place in columns[len(found.columns) :]]
    shown, known = unique_names([*found.shown, *titles]), unique_names([*found.known_as, *titles])
    return Headings(found.first, found.last, columns, shown, known, found.known)


def _column(column: str, headings: Sequence[Headings], parts: Sequence[TableRows]) -> Sequence[Any]:
    cells: list[Any] = []
    for one, part in zip(headings, parts, strict=True):
        if column not in one.shown:
            cells.extend([None] * len(part.cells))
            continue
        place = one.columns[one.shown.index(column)]
        cells.extend(row[place] if place < len(row) else None for row in part.cells)
    return plain_cells(cells)


def plain_cells(cells: Sequence[Any]) -> Sequence[Any]:
    """Return cells with `plain_text` in place of each text that begins with a mark; what shows an error is lost."""
    if not _may_have_marks(cells):
        return cells
    return [_plain_cell(cell) if type(cell) is str else cell for cell in cells]


def _may_have_marks(cells: Sequence[Any]) -> bool:
    """Return quickly whether a text may begin with a mark: one within a text of several lines may be in front too."""
    if str not in set(map(type, cells)):
        return False
    texts = [cell for cell in cells if type(cell) is str]
    many = (f"\n{lines}" for lines in cell_values.together(texts, "\n"))
    return any(mark in lines for lines in many for mark in _MARKS_IN_FRONT)


def _plain_cell(cell: str) -> Any:
    return (error_cell(cell) if cell.startswith("#") else None) or plain_text(cell)


def lose_cells(source: SourceTable, file: str, cells: Mapping[str, Sequence[Any]], fields: Mapping[str, str]) -> None:
    """Leave cells without a value empty: without its place a row is rejected, else it is a finding (rule U5)."""
    for column, values in cells.items():
        if LostCell not in set(map(type, values)):
            continue
        lost = [(row, cell) for row, cell in enumerate(values) if isinstance(cell, LostCell)]
        field = fields.get(column, column)
        unsaved = sum(cell.reason == NO_VALUE for _, cell in lost)
        if field in COORDINATES and unsaved == sum(not cell_values.is_missing(cell) for cell in values):
            raise unreadable(
                file, f"列「{column}」的公式没有保存结果；在 WPS 或 Excel 里打开、保存后再导入",
                f"the formulas of column {column} have no saved values: open and save the workbook, import again",
            )  # fmt: skip
        for row, cell in lost:
            fault = Fault(field, cell.reason, cell.shown)
            if field in COORDINATES:
                source.faults.setdefault(row, fault)
            else:
                source.add_finding(row, fault)
        source.columns[column] = pd.Series(
            [None if isinstance(cell, LostCell) else cell for cell in values], dtype=object
        )


def _number_rows(
    source: SourceTable,
    file: str,
    tables: Sequence[SheetTable],
    headings: Sequence[Headings],
    parts: Sequence[TableRows],
) -> None:
    """Count the rows from 1 below their heading, through all sheets, and label them as a planner sees them."""
    numbers: list[int] = []
    labels: list[str] = []
    keys: list[str] = []
    before = 0
    for table, one, part in zip(tables, headings, parts, strict=True):
        title = table.sheet.name
        prefix = source.name if len(tables) == 1 else f"{file}:{title}"
        below = [number - one.last for number in part.numbers]
        numbers += [before + number for number in below]
        labels += [f"{title}!{number}" for number in part.numbers]
        keys += [f"{prefix}:{number}" for number in part.numbers]
        before = numbers[-1] if numbers else before
    source.numbers, source.labels, source.row_keys = np.array(numbers, dtype=int), labels, keys
    source.sheets = tuple(table.sheet.name for table in tables)
    source.sheet_of_row = np.repeat(np.arange(len(parts)), [len(part.cells) for part in parts])


def _note_skipped(source: SourceTable, tables: Sequence[SheetTable], parts: Sequence[TableRows]) -> None:
    skipped: dict[tuple[str, str], list[str]] = {}
    for table, part in zip(tables, parts, strict=True):
        for what, numbers in part.skipped.items():
            skipped.setdefault(what, []).extend(f"{table.sheet.name}!{number}" for number in numbers)
    source.notes.update(skipped_sentences(skipped))
    hidden = [
        f"{table.sheet.name}!{number}"
        for table, part in zip(tables, parts, strict=True)
        if table.sheet.hidden_rows
        for number in part.numbers
        if number in table.sheet.hidden_rows
    ]
    if hidden:
        source.notes[_HIDDEN.format(within(listed(hidden)))] += len(hidden)


def _find_tables_beside(
    source: SourceTable, headings: Sequence[Headings], parts: Sequence[TableRows], places: Collection[str]
) -> None:
    """Add a finding where a heading of coordinates is there twice, as in two tables side by side."""
    for one, part in zip(headings, parts, strict=True):
        for place, shown in zip(one.columns, one.shown, strict=True):
            first, mark, _ = shown.rpartition(" (")
            if mark and first in places and shown not in places:
                count = sum(place < len(row) and row[place] is not None for row in part.cells)
                if count:
                    source.file_findings.append(CellFinding("", _REPEATED, first, (), count))
