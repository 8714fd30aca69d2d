"""Say where another column of the same field holds what the one that is read lacks, or looks elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from geo.angles import angle_between
from geo.catalog.heading_patterns import field_by_pattern
from geo.catalog.layers import Layer
from geo.readers.columns.column_mapping import fields_of_heading, normalised_column_name
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.readers.words.code_texts import FIELDS_OF_CODES, is_code
from geo.readers.words.directions import directions_of
from geo.readers.words.value_words import value_reader
from geo.sentences import both, sentence

BLANK = "该字段读的列为空，另一列有值而没有读；用 --map 指明读哪一列"
BLANK += " / the column that is read is blank, another of this field is not: name one with --map"
ELSEWHERE = "两列方向不一致，读的是前者，请核对 / two columns of directions differ, the first is read: please check"
CONTRADICTED = "同一字段的两列不一致，读的是前者，请核对"
CONTRADICTED += " / two columns of one field differ, the first is read: please check"
_OF_WORDS = ("status", "kind")
#: Degrees that a word may be off from a number: half of the step between two of the eight points, and some more.
_MOST_DEGREES = 30.0
_CODE = re.compile(r"\d(?:\.0)?")
#: Cells that are looked at before the next ones.
_TOGETHER = 1000


def read_better_columns(
    source: SourceTable,
    layer: Layer,
    raw: dict[str, pd.Series],
    mapping: dict[str, str],
    unused: Sequence[str],
    extra: Mapping[str, str],
    explicit: Mapping[str, str],
) -> list[str]:
    """Read another column of a field where the one chosen is blank, or holds names for codes; return those left over.

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
        for field in _fields(column, layer, extra):
            if field not in raw or field in explicit:
                continue
            why = _why_other(layer, field, raw[field], source.columns[column])
            if not why:
                continue
            other = mapping[field]
            raw[field], mapping[field] = source.columns[column].reset_index(drop=True), column
            left[left.index(column)] = other
            zh, en = both(why)
            source.notes[sentence(f"{other} {zh}，改读 {column}", f"{other} {en}, {column} is read")] += len(source)
            break
    return left


def _fields(column: str, layer: Layer, extra: Mapping[str, str]) -> list[str]:
    named = fields_of_heading(column, layer, extra)
    plain = normalised_column_name(column)
    return list(
        dict.fromkeys([*named, *(field for field, _ in field_by_pattern(layer.name, [plain], with_weak=False))])
    )


def _why_other(layer: Layer, field: str, read: pd.Series, other: pd.Series) -> str:
    """Return why another column is read for a field; empty where it is not."""
    if not _is_filled(read):
        return "整列为空 / is blank"
    if field in FIELDS_OF_CODES.get(layer.name, ()) and not _is_filled(read, is_code) and _is_filled(other, is_code):
        return "写的是名称 / holds names"
    return ""


def _is_filled(cells: pd.Series, test: Callable[[str], bool] = bool) -> bool:
    # Nearly always the first cells tell; a million need not be read for it.
    return any(
        text is not None and test(text)
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
                elif field in _OF_WORDS and _say_other(layer, field, text, second):
                    source.add_finding(row, Fault(field, CONTRADICTED, f"{text} | {second}"))


def _say_other(layer: Layer, field: str, text: str, second: str) -> bool:
    """Return whether both words are understood and mean different things; codes and numbers are not compared."""
    reader = value_reader(layer.name, field)
    if reader is None or layer.name != "cameras" or _CODE.fullmatch(text) or _CODE.fullmatch(second):
        return False
    here, there = reader(text), reader(second)
    return here is not None and there is not None and here != there


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
