"""Read CSV tables whose rows carry coordinates or WKT."""

from __future__ import annotations

import csv
import io
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd

from geo.readers.heading_rows import column_names
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

_TOO_LONG = "这一行的列数多于表头 / more cells than the header"
_CELL_CHARS = 64 << 20


def read_csv(path: Path, encoding: str | None, limits: FileLimits) -> SourceTable:
    """Return the rows of a CSV file as text, without geometry.

    The separator is the most frequent one of the header. The encoding is the one given, else that of the byte order
    mark, else UTF-8, else GB 18030.

    Raises
    ------
    UnreadableFile
        Where the text does not decode, or a quotation mark is left open.
    """
    check_size(path.name, path.stat().st_size, limits.json_bytes)
    lines, separator = _lines(path, encoding)
    # Cells with the WKT of large polygons exceed the csv module's bound of 128 KB.
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_CHARS))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        records = list(islice(reader, limits.features + 1))
    except csv.Error as error:
        raise unreadable(path.name, f"第 {reader.line_num} 行有误", f"line {reader.line_num}: {error}") from None
    check_features(path.name, len(records), limits)
    check_columns(path.name, len(header), len(records))
    names = column_names(header)
    numbers = np.array([number for number, record in enumerate(records, 1) if any(map(str.strip, record))], dtype=int)
    records = [records[number - 1] for number in numbers]
    width = len(names)
    faults = {
        row: Fault("", _TOO_LONG, f"{len(record)} > {width}")
        for row, record in enumerate(records)
        if len(record) > width and any(map(str.strip, record[width:]))
    }
    even = [record if len(record) == width else (record + [""] * width)[:width] for record in records]
    columns = dict(zip(names, zip(*even, strict=True), strict=True)) if even else dict.fromkeys(names, ())
    frame = pd.DataFrame(
        {name: pd.Series(cells, dtype=object) for name, cells in columns.items()}, index=range(len(even))
    )
    return SourceTable(path.name, frame, shapes_array([None] * len(even)), faults=faults, numbers=numbers)


def _lines(path: Path, encoding: str | None) -> tuple[TextIO, str]:
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
        first = text[: text.find("\n")] if "\n" in text else text
        return lines, max(",;\t|", key=first.count)
    raise unreadable(
        path.name,
        f"不是 {'/'.join(tried)} 编码；请用 --encoding 指明",
        f"it is not {'/'.join(tried)} text; pass --encoding",
    )
