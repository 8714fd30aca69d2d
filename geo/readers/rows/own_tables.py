"""Take back the tables that this project hands out: parts of a long shape, columns of names, the example row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.catalog.examples import EXAMPLE_KEYS, example_row
from geo.catalog.fields import Field
from geo.catalog.headings import FIELDS, LAYER_NAMES, TABLE_LANGUAGES, heading, part_heading, shape_field
from geo.catalog.layers import Layer
from geo.readers.columns.column_plan import ChosenColumns
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.sentences import sentence
from geo.types import NamedCode

#: Columns that one shape may be spread over.
_MAX_PARTS = 4096
_ONLY_EXAMPLE = "示例行，没有导入 / the example row, not imported"
_NAME_ALONE = "只有名称，没有代码；名称没有读，请填代码 / a name without its code, and not read: fill in the code"
_KEY_OF_EXAMPLE = "编号还是示例行的：请改写编号 / its key is still that of the example row: overwrite it"


def with_whole_texts(source: SourceTable, chosen: ChosenColumns) -> ChosenColumns:
    """Join the parts of shapes that are longer than a cell, in place; return the columns that there are then."""
    columns = source.columns
    for lang in TABLE_LANGUAGES:
        first = heading(shape_field("wkt"), lang)
        parts = [first]
        while len(parts) < _MAX_PARTS and part_heading(first, len(parts) + 1) in columns:
            parts.append(part_heading(first, len(parts) + 1))
        if len(parts) > 1 and first in columns:
            whole = columns[parts].fillna("").astype(str).agg("".join, axis=1)
            source.columns = columns = columns.drop(columns=parts[1:]).assign(**{first: whole.astype(object)})
            chosen = replace(chosen, names=tuple(name for name in chosen.names if name not in parts[1:]))
    return chosen


def without_examples(source: SourceTable, chosen: ChosenColumns) -> None:
    """Leave out the example row of a template, and note it and columns of names, once the columns are chosen.

    The example row is left out where nothing in it was changed; one that was changed and kept its key is rejected.
    """
    _note_names(source, chosen)
    key = chosen.fields.get(chosen.layer.key)
    if key is None or not len(source):
        return
    marked = np.flatnonzero(source.columns[key].isin(EXAMPLE_KEYS).to_numpy(dtype=bool))
    if not len(marked):
        return
    untouched = [int(row) for row in marked if _is_example(source.columns.iloc[row], chosen)]
    for row in marked:
        if int(row) not in untouched:
            source.faults.setdefault(
                int(row), Fault(chosen.layer.key, _KEY_OF_EXAMPLE, str(source.columns[key].iloc[row]))
            )
    if untouched:
        source.notes[_ONLY_EXAMPLE] += len(untouched)
        source.remove(untouched)


def _is_example(row: pd.Series, chosen: ChosenColumns) -> bool:
    examples = [example_row(chosen.layer.name, lang) for lang in TABLE_LANGUAGES]
    fields = chosen.fields
    return any(all(_same(row[column], one.get(name)) for name, column in fields.items()) for one in examples)


def _same(cell: object, example: object) -> bool:
    if cell_values.is_missing(cell) or example is None:
        return cell_values.is_missing(cell) and example is None
    if isinstance(example, str):
        return str(cell).strip() == example
    try:
        return float(str(cell)) == float(str(example))
    except ValueError:
        return False


def _note_names(source: SourceTable, chosen: ChosenColumns) -> None:
    for column in names_beside_codes(chosen.layer, chosen.names, chosen.fields):
        zh, en = f"{column} 列是代码的名称，没有读", f"{column} holds names of codes that are read, and was not read"
        source.notes[sentence(zh, en)] += len(source)


def named_codes(source: SourceTable, chosen: ChosenColumns) -> list[NamedCode]:
    """Return the names that columns beside codes give them; a name without its code is a finding.

    Nobody reads them, so an import compares them with the names that are known: who edits the name alone is told.
    """
    fields = chosen.fields
    found: dict[tuple[str, str, str], list[str]] = {}
    for column in names_beside_codes(chosen.layer, chosen.names, fields):
        field = next(one.field for one in LAYER_NAMES[chosen.layer.name] if column in (one.name, one.zh, one.en))
        codes, names = (cell_values.texts(source.columns[one]) for one in (fields[field], column))
        for row in np.flatnonzero([name is not None for name in names]).tolist():
            if row in source.faults:
                continue
            if codes[row] is None:
                source.add_finding(row, Fault(field, _NAME_ALONE, names[row]))
            else:
                found.setdefault((field, codes[row], names[row]), []).append(source.label(row))
    return [NamedCode(*one, tuple(rows)) for one, rows in found.items()]


def is_own_table(source: SourceTable, layer: Layer) -> bool:
    """Return whether a table has every column of a download of this project, in one of its languages."""
    there = set(map(str, source.columns.columns))
    return any({heading(one, lang) for one in layer.all_fields} <= there for lang in TABLE_LANGUAGES)


def is_own_download(source: SourceTable, layer: Layer) -> bool:
    """Return whether a table has every heading in words of a download of this project, whose places are in WGS-84."""
    there = set(map(str, source.columns.columns))
    return any({heading(one, lang) for one in layer.all_fields} <= there for lang in TABLE_LANGUAGES if lang != FIELDS)


def is_own_heading(name: str | None, field: Field) -> bool:
    """Return whether a column is that of a download or a template of this project, whose values mean what they say."""
    return name in {heading(field, lang) for lang in TABLE_LANGUAGES}


def names_beside_codes(layer: Layer, columns: Iterable[str], fields: Mapping[str, str]) -> list[str]:
    """Return the columns of names that were derived from codes, where the codes themselves are read."""
    beside = [one for one in LAYER_NAMES.get(layer.name, ()) if one.field in fields]
    known = {text for one in beside for text in (one.name, one.zh, one.en)} - set(fields.values())
    return [name for name in columns if name in known]
