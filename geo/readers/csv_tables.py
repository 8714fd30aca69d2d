"""Read CSV tables whose rows carry coordinates or WKT."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from geo.readers.column_mapping import COORDINATES, unique_names
from geo.readers.column_plan import ColumnPlan
from geo.readers.heading_rows import Headings, find_headings
from geo.readers.sheet_table import lose_cells, plain_cells
from geo.readers.source import (
    Fault,
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    check_size,
    shapes_array,
    unreadable,
)
from geo.readers.table_rows import rows_below, skipped_sentences

_TOO_LONG = "这一行的列数多于表头 / more cells than the header"
_CELL_CHARS = 64 << 20
_SEPARATORS = ",;\t|"
_HEAD_CHARS, _HEAD_LINES = 1 << 16, 40


def read_csv(
    path: Path, encoding: str | None, plan: ColumnPlan, limits: FileLimits, *, header_row: int | None = None
) -> SourceTable:
    """Return the rows of a CSV file as text, without geometry; the plan knows its columns afterwards.

    The separator is the most frequent one of the first line, or of the line that the user names. The encoding is the
    one given, else that of the byte order mark, else UTF-8, else GB 18030. The heading is found below title rows, and
    totals, notes and signatures are skipped, as in a workbook.

    Raises
    ------
    UnreadableFile
        Where the text does not decode, or a quotation mark is left open.
    """
    check_size(path.name, path.stat().st_size, limits.json_bytes)
    lines, separator = _lines(path, encoding, header_row)
    # Cells with the WKT of large polygons exceed the csv module's bound of 128 KB.
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_CHARS))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        records = list(islice(reader, limits.features + 2))
    except csv.Error as error:
        raise unreadable(path.name, f"第 {reader.line_num} 行有误", f"line {reader.line_num}: {error}") from None
    check_features(path.name, len(records) - 1, limits)
    rows = [
        (number, record)
        for number, record in enumerate(records, 1)
        if any(map(str.strip, record)) or (plan.keeps_rows and record)
    ]
    del records
    plan.with_coordinates = True
    if not rows:
        plan.choose([])
        return SourceTable.empty(path.name)
    headings = find_headings(rows, [], plan, header_row)
    width = _width(rows, headings)
    by_place = dict(zip(headings.columns, zip(headings.shown, headings.known_as, strict=True), strict=True))
    check_columns(path.name, width, len(rows))
    pairs = [by_place.get(place, ("", "")) for place in range(width)]
    shown, known = unique_names([one for one, _ in pairs]), unique_names([one for _, one in pairs])
    chosen = plan.choose(shown, known)
    places = [shown.index(column) for field, column in plan.columns.fields.items() if field in COORDINATES]
    table = rows_below(rows, headings, [], places, keeps_rows=plan.keeps_rows)
    faults = {
        row: Fault("", _TOO_LONG, f"{len(record)} > {width}")
        for row, record in enumerate(table.cells)
        if len(record) > width and any(map(str.strip, record[width:]))
    }
    even = [record if len(record) == width else (record + [""] * width)[:width] for record in table.cells]
    columns = dict(zip(shown, zip(*even, strict=True), strict=True)) if even else dict.fromkeys(shown, ())
    cells = {name: plain_cells(columns[name]) for name in chosen}
    frame = pd.DataFrame({name: pd.Series(one, dtype=object) for name, one in cells.items()}, index=range(len(even)))
    numbers = np.array(table.numbers, dtype=int) - headings.last
    source = SourceTable(path.name, frame, shapes_array([None] * len(even)), faults=faults, numbers=numbers)
    lose_cells(source, path.name, cells, {column: field for field, column in plan.columns.fields.items()})
    skipped = {what: [str(number - headings.last) for number in found] for what, found in table.skipped.items()}
    source.notes.update(skipped_sentences(skipped))
    return source


def _width(rows: Sequence[tuple[int, list[str]]], headings: Headings) -> int:
    """Return the number of columns: those with a heading, and those that the heading's row has without, if filled."""
    named = headings.columns[-1] + 1 if headings.columns else 0
    heading = max((len(record) for number, record in rows if headings.first <= number <= headings.last), default=0)
    filled = (
        place + 1
        for _, record in rows
        for place in range(min(len(record), heading) - 1, named - 1, -1)
        if record[place].strip()
    )
    return max(filled, default=named) if heading > named else named


def _lines(path: Path, encoding: str | None, header_row: int | None) -> tuple[TextIO, str]:
    """Return a text stream after the byte order mark, and the separator of cells."""
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
        lines = io.TextIOWrapper(io.BytesIO(raw), name, newline="")
        if text.startswith("\ufeff"):
            lines.read(1)
        return lines, _separator(text[:_HEAD_CHARS].splitlines(), header_row)
    raise unreadable(
        path.name,
        f"不是 {'/'.join(tried)} 编码；请用 --encoding 指明",
        f"it is not {'/'.join(tried)} text; pass --encoding",
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
