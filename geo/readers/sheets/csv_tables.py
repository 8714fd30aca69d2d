"""Read CSV tables whose rows carry coordinates or WKT."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import islice, takewhile
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
import pandas as pd

from geo.readers.columns.column_mapping import COORDINATES, unique_names
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.sheets.heading_rows import Headings, find_headings
from geo.readers.sheets.sheet_cells import Row
from geo.readers.sheets.sheet_table import MARKS, lose_cells, plain_cells
from geo.readers.sheets.stacked_tables import HEADING_ROW, rows_above_findings, stacked_tables, texts_above
from geo.readers.sheets.table_rows import rows_below, skipped_sentences
from geo.readers.source import (
    Fault,
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    check_size,
    no_share,
    shapes_array,
    unreadable,
)

_UNPAIRED = "引号没有配对的行：按单独一行读 / lines with an unpaired quotation mark: each is read as a line of its own"
_TOO_LONG = "这一行的列数多于表头 / more cells than the header"
_CELL_CHARS = 64 << 20
_SEPARATORS = ",;\t|"
#: Records read between two reports of progress, and cells looked at to see whether a column repeats its texts.
_BLOCK_ROWS, _LOOKED_AT = 50_000, 2_000
_HEAD_CHARS, _HEAD_LINES = 1 << 16, 40


def read_csv(
    path: Path,
    encoding: str | None,
    plan: ColumnPlan,
    limits: FileLimits,
    *,
    header_row: int | None = None,
    progress: Callable[[float], None] = no_share,
) -> tuple[SourceTable, ChosenColumns]:
    """Return the rows of a CSV file as text, without geometry, and the columns that the plan chose.

    The separator is the most frequent one of the first line, or of the line that the user names. The encoding is the
    one given, else that of the byte order mark, else UTF-8, else GB 18030. The heading is found below title rows, and
    totals, notes and signatures are skipped, as in a workbook.

    Parameters
    ----------
    progress
        Called with the share of the file that is read.

    Raises
    ------
    UnreadableFile
        Where the text does not decode, or a quotation mark is left open; of a plan that keeps all rows only the line
        with the mark is read as it stands.
    """
    size = path.stat().st_size
    check_size(path.name, size, limits.json_bytes)
    text = _opened(path, encoding, header_row)
    # Cells with the WKT of large polygons exceed the csv module's bound of 128 KB.
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_CHARS))
    reader = csv.reader(text.lines, delimiter=text.separator, strict=True)
    records: list[list[str]] = []
    unpaired = 0
    shared: dict[str, str] = {}
    try:
        while block := list(islice(reader, min(_BLOCK_ROWS, limits.features + 2 - len(records)))):
            records += _with_shared_texts(block, shared)
            progress(text.content.tell() / size)
    except csv.Error as error:
        if not plan.keeps_rows:
            raise unreadable(path.name, f"第 {reader.line_num} 行有误", f"line {reader.line_num}: {error}") from None
        records, unpaired = _in_spite_of_quotes(_opened(path, encoding, header_row), limits.features + 2)
    check_features(path.name, len(records) - 1, limits)
    rows: Sequence[Row] = [
        (number, record)
        for number, record in enumerate(records, 1)
        if any(map(str.strip, record)) or (plan.keeps_rows and record)
    ]
    del records, shared
    if not rows:
        return SourceTable.empty(path.name), plan.choose([], with_coordinates=True)
    headings = find_headings(rows, [], plan, header_row)
    further: Collection[int] = ()
    if plan.keeps_rows:
        rows, headings, further = stacked_tables(rows, headings, plan.layer, path.name)
    width = _width(rows, headings)
    by_place = dict(zip(headings.columns, zip(headings.shown, headings.known_as, strict=True), strict=True))
    check_columns(path.name, width, len(rows))
    pairs = [by_place.get(place, ("", "")) for place in range(width)]
    shown, known = unique_names([one for one, _ in pairs]), unique_names([one for _, one in pairs])
    chosen = plan.choose(shown, known, with_coordinates=True)
    places = [shown.index(column) for field, column in chosen.fields.items() if field in COORDINATES]
    table = rows_below(rows, headings, [], places, keeps_rows=plan.keeps_rows)
    faults = {
        row: Fault("", _TOO_LONG, f"{len(record)} > {width}")
        for row, record in enumerate(table.cells)
        if len(record) > width and any(map(str.strip, record[width:]))
    }
    faults |= {row: Fault("text", HEADING_ROW) for row, number in enumerate(table.numbers) if number in further}
    even = [record if len(record) == width else (record + [""] * width)[:width] for record in table.cells]
    cells = {name: _column(even, shown.index(name), may_have_marks=text.may_have_marks) for name in chosen.read}
    frame = pd.DataFrame({name: pd.Series(one, dtype=object) for name, one in cells.items()}, index=range(len(even)))
    numbers = np.array(table.numbers, dtype=int) - headings.last
    source = SourceTable(path.name, frame, shapes_array([None] * len(even)), faults=faults, numbers=numbers)
    source.heading = str(headings.first)
    source.above = texts_above(rows, headings)
    source.file_findings += rows_above_findings([(headings, "")], path.name)
    if text.may_have_marks:
        lose_cells(source, path.name, cells, {column: field for field, column in chosen.fields.items()})
    skipped = {what: [str(number - headings.last) for number in found] for what, found in table.skipped.items()}
    source.notes.update(skipped_sentences(skipped))
    if unpaired:
        source.notes[_UNPAIRED] += unpaired
    return source, chosen


def _in_spite_of_quotes(text: _Text, most: int) -> tuple[list[list[str]], int]:
    """Return the records of a text with unpaired quotation marks, and how many lines have one.

    A record that is none is read as the line that it begins with, so that the lines behind it are not lost in a cell.
    """
    lines = list(text.lines)
    records: list[list[str]] = []
    unpaired = first = 0
    while first < len(lines) and len(records) < most:
        reader = csv.reader(map(lines.__getitem__, range(first, len(lines))), delimiter=text.separator, strict=True)
        begun = first
        try:
            for record in islice(reader, most - len(records)):
                records.append(record)
                begun = first + reader.line_num
            break
        except csv.Error:
            records.append([cell.strip().strip('"') for cell in lines[begun].split(text.separator)])
            unpaired, first = unpaired + 1, begun + 1
    return records, unpaired


def _with_shared_texts(block: list[list[str]], shared: dict[str, str]) -> list[list[str]]:
    """Return the records with one text for all cells that say the same, in columns that repeat what they say.

    A million addresses name the same province, county and town: they take half of the memory so.
    """
    if len(set(map(len, block))) != 1:
        return block
    columns = [
        list(map(shared.setdefault, column, column))
        if 2 * len(set(column[:_LOOKED_AT])) < len(column[:_LOOKED_AT])
        else column
        for column in zip(*block, strict=True)
    ]
    return list(map(list, zip(*columns, strict=True)))


def _column(records: Sequence[Sequence[str]], place: int, *, may_have_marks: bool) -> Sequence[str]:
    """Return the cells of a column."""
    cells = list(map(itemgetter(place), records))
    return plain_cells(cells) if may_have_marks else cells


def _width(rows: Sequence[Row], headings: Headings) -> int:
    """Return the number of columns: those with a heading, and those that the heading's row has without, if filled."""
    named = headings.columns[-1] + 1 if headings.columns else 0
    above = takewhile(lambda row: row[0] <= headings.last, rows)
    heading = max((len(record) for number, record in above if number >= headings.first), default=0)
    filled = (
        place + 1
        for _, record in rows
        for place in range(min(len(record), heading) - 1, named - 1, -1)
        if record[place].strip()
    )
    return max(filled, default=named) if heading > named else named


class _Text(NamedTuple):
    """A file as text: its lines after the byte order mark, the bytes that these come from, the separator of cells."""

    lines: TextIO
    content: io.BytesIO
    separator: str
    may_have_marks: bool


def _opened(path: Path, encoding: str | None, header_row: int | None) -> _Text:
    """Return the text of a file in the encoding that it is in."""
    raw = path.read_bytes()
    if encoding is not None:
        tried = [encoding]
    elif raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ["utf-16"]
    else:
        tried = ["utf-8", "gb18030"]
    for name in tried:
        try:
            text = raw.decode(name)
        except (UnicodeError, LookupError):
            continue
        # A StringIO of the text would hold it a second time, at four bytes per character.
        content = io.BytesIO(raw)
        lines = io.TextIOWrapper(content, name, newline="")
        if text.startswith("\ufeff"):
            lines.read(1)
        has_marks = any(mark.encode() in raw for mark in MARKS)
        return _Text(lines, content, _separator(text[:_HEAD_CHARS].splitlines(), header_row), has_marks)
    raise unreadable(
        path.name,
        f"不是 {'/'.join(tried)} 编码；请用 --encoding 指明",
        f"it is not {'/'.join(tried)} text; name its encoding with --encoding",
    )


def _separator(lines: Sequence[str], header_row: int | None) -> str:
    """Return the separator of the line that the user named, else the one that most of the first lines share.

    A title may hold any of them; the lines of the table hold theirs equally often.
    """
    named = lines[header_row - 1 : header_row] if header_row is not None else []
    for line in named:
        if any(one in line for one in _SEPARATORS):
            return max(_SEPARATORS, key=line.count)
    read = [line for line in lines[:_HEAD_LINES] if any(one in line for one in _SEPARATORS)]
    counts = Counter((one, count) for line in read for one in _SEPARATORS if (count := line.count(one)))
    # Of the lines that tell equally much, the first decides, as in a file of a heading and one row.
    best = max(counts.items(), key=lambda pair: (pair[1], pair[0][1]), default=((_SEPARATORS[0], 0), 0))
    return best[0][0]
