"""Say where another column of the same field holds what the one that is read lacks, or looks elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from geo.angles import angle_between
from geo.catalog.layers import Layer
from geo.readers.columns.column_mapping import fields_of_heading
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.readers.words.directions import directions_of
from geo.sentences import sentence

BLANK = "该字段读的列为空，另一列有值而没有读；用 --map 指明读哪一列"
BLANK += " / the column that is read is blank, another of this field is not: name one with --map"
ELSEWHERE = "两列方向不一致，读的是前者，请核对 / two columns of directions differ, the first is read: please check"
#: Degrees that a word may be off from a number: half of the step between two of the eight points, and some more.
_MOST_DEGREES = 30.0
_CODE = re.compile(r"\d(?:\.0)?")
_TOGETHER = 1000


def read_filled_columns(
    source: SourceTable,
    layer: Layer,
    raw: dict[str, pd.Series],
    mapping: dict[str, str],
    unused: Sequence[str],
    extra: Mapping[str, str],
    explicit: Mapping[str, str],
) -> list[str]:
    """Read another column of a field where the one chosen is blank throughout; return the columns that nobody reads.

    Parameters
    ----------
    raw, mapping
        Field -> cells that are read, and -> column; both are changed in place.
    unused
        Columns that nobody reads.
    extra
        Field -> further headings, those of a profile.
    explicit
        Field -> column as the user gave them: these stay.
    """
    left = list(unused)
    for column in unused:
        if column not in source.columns or not _is_filled(source.columns[column]):
            continue
        for field in fields_of_heading(column, layer, extra):
            if field not in raw or field in explicit or _is_filled(raw[field]):
                continue
            blank = mapping[field]
            raw[field], mapping[field] = source.columns[column].reset_index(drop=True), column
            left[left.index(column)] = blank
            source.notes[sentence(f"{blank} 整列为空，改读 {column}", f"{blank} is blank, {column} is read")] += len(
                source
            )
            break
    return left


def _is_filled(cells: pd.Series) -> bool:
    # Nearly always the first cells tell; a million need not be read for it.
    return any(
        text is not None
        for first in range(0, len(cells), _TOGETHER)
        for text in cell_values.texts(cells.iloc[first : first + _TOGETHER])
    )


def note_second_columns(
    source: SourceTable,
    layer: Layer,
    raw: Mapping[str, pd.Series],
    mapping: Mapping[str, str],
    unused: Sequence[str],
    extra: Mapping[str, str],
) -> None:
    """Add a finding on every row in which a column that nobody reads tells more of a field than the one that is read.

    Parameters
    ----------
    raw, mapping
        Field -> cells that are read, and -> column.
    unused
        Columns that nobody reads.
    extra
        Field -> further headings, those of a profile.
    """
    for column in unused:
        if column not in source.columns:
            continue
        for field in fields_of_heading(column, layer, extra):
            if field not in mapping or field not in raw:
                continue
            read, other = cell_values.texts(raw[field]), cell_values.texts(source.columns[column])
            for row, (text, second) in enumerate(zip(read, other, strict=True)):
                if second is None:
                    continue
                if text is None:
                    source.add_finding(row, Fault(field, BLANK, f"{column}: {second}"))
                elif field == "azimuth" and _look_elsewhere(text, second):
                    source.add_finding(row, Fault(field, ELSEWHERE, f"{text} | {second}"))


def _look_elsewhere(text: str, second: str) -> bool:
    if _CODE.fullmatch(text) or _CODE.fullmatch(second):
        return False
    try:
        here, there = directions_of(text), directions_of(second)
    except ValueError:
        return False
    if len(here) != 1 or len(there) != 1:
        return False
    return bool(angle_between(here[0][0], there[0][0]) > _MOST_DEGREES)
