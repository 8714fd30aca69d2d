"""Read wide tables of divisions: a row names a village, and its town and county in columns of their own.

Code and name of a row are of one level, the finest that has both. The towns and counties of a list without shapes
become rows too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from geo.catalog.division_codes import DIVISION_LEVELS, compared_code, level_of_code
from geo.readers.columns.column_mapping import COORDINATES
from geo.readers.columns.column_plan import ChosenColumns
from geo.readers.columns.part_headings import division_columns
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.sentences import sentence

_FINEST_FIRST = tuple(DIVISION_LEVELS)[::-1]
#: What a heading says of a code; what is left of it names the level.
_CODE = re.compile(r"(?:所属|所在)?(.+?)(?:行政)?(?:区划)?(?:代码|编码|编号|代号|code)", re.IGNORECASE)
_BRACKETS = re.compile(r"[()\[\]【】〔〕/、\s]")
_OTHER_NAME = (
    "同一代码在别的行有另一个名称，用先出现的 / another row has another name for this code: the first is taken"
)
_NO_NAME = "这一级的名称空着，没有用别的级的名称 / the name of this level is blank: that of another level is not taken"
_NO_CODE = "这一列没有对应的代码列，没有成为区划 / no column of codes goes with this one: no divisions were made of it"
_NOT_A_ROW = (
    "这一级没有成为区划：表里有形状或坐标，属于行本身的级别；请另外导入"
    " / no divisions of this level were made: shapes or coordinates are those of the row's own; import them apart"
)


class _Level(NamedTuple):
    """The columns of code and name of one level; None where there is none."""

    level: str
    code: str | None
    name: str | None


def levels_of_columns(names: Sequence[str]) -> list[tuple[str, str | None, str | None]]:
    """Return the levels that columns name, the finest first, each with its columns of code and name.

    Examples
    --------
    >>> levels_of_columns(["县", "乡镇名称", "乡镇代码", "村（社区）名称", "村代码", "上级代码"])
    [('village', '村代码', '村（社区）名称'), ('township', '乡镇代码', '乡镇名称'), ('county', None, '县')]
    """
    plain: dict[str, str] = {}
    stems: dict[str, str] = {}
    for name in names:
        text = _BRACKETS.sub("", unicodedata.normalize("NFKC", name))
        code = _CODE.fullmatch(text)
        (plain if code is None else stems).setdefault(text if code is None else code[1], name)
    named = _by_level(plain)
    coded = _by_level(stems)
    return [(level, coded.get(level), named.get(level)) for level in _FINEST_FIRST if level in coded or level in named]


def _by_level(headings: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for heading, level in division_columns(list(headings)).items():
        if not re.search("行政区[划域]|区划|政区", heading):  # of any level
            found.setdefault(level, headings[heading])
    return found


def read_levels(
    source: SourceTable, chosen: ChosenColumns, raw: dict[str, pd.Series], mapping: dict[str, str]
) -> list[str]:
    """Read code and name of divisions from the columns of one level, and add the divisions above; return the columns.

    Parameters
    ----------
    raw, mapping
        Field -> cells that are read, and -> column; both are changed in place.

    Returns
    -------
    The columns that are read; none where the table has its codes and names in one column each.
    """
    if {"code", "name"} & chosen.plan.explicit.keys():
        return []
    taken = {column for field, column in chosen.fields.items() if field not in ("code", "name")}
    names = [one for one in chosen.names if one not in taken and one not in chosen.dropped and one in source.columns]
    levels = [_Level(*one) for one in levels_of_columns(names)]
    code, name = chosen.fields.get("code"), chosen.fields.get("name")
    coded, named = [one for one in levels if one.code], [one for one in levels if one.name]
    if code in [one.code for one in coded]:
        both = [one for one in coded if one.name]
        if not both and name not in [one.name for one in named]:
            return _finest_codes(source, coded, raw, mapping)  # one column of names for the codes of all levels
        finer = next((one for one in named if one.code is None), None)
        used = _wide(source, chosen, both or coded[:1], raw, mapping)
        if finer is not None and finer.name is not None and levels.index(finer) < levels.index((both or coded)[0]):
            _tell_uncoded(source, finer.name)
        return used
    if code is not None and len(named) > 1 and name in [one.name for one in named]:
        return _names_by_code(source, named, raw, mapping)
    return []


def _texts(source: SourceTable, column: str | None) -> list[str | None]:
    return [None] * len(source) if column is None else cell_values.texts(source.columns[column]).tolist()


def _finest_codes(
    source: SourceTable, levels: Sequence[_Level], raw: dict[str, pd.Series], mapping: dict[str, str]
) -> list[str]:
    columns = [one.code for one in levels if one.code is not None]
    if len(columns) < 2:
        return []
    cells = zip(*(_texts(source, column) for column in columns), strict=True)
    raw["code"] = pd.Series(
        [next((text for text in of_row if text is not None), None) for of_row in cells], dtype=object
    )
    mapping["code"] = " | ".join(columns)
    return columns


def _names_by_code(
    source: SourceTable, levels: Sequence[_Level], raw: dict[str, pd.Series], mapping: dict[str, str]
) -> list[str]:
    """Take the name of the level that the digits of the code tell; of no level they tell, that of the finest."""
    texts = {one.level: _texts(source, one.name) for one in levels}
    codes = cell_values.texts(raw["code"])
    finest = [next((text for text in of_row if text is not None), None) for of_row in zip(*texts.values(), strict=True)]
    found = []
    for row, code in enumerate(codes):
        level = None if code is None else level_of_code(compared_code(code))
        found.append(texts[level][row] if level in texts else finest[row])
        if level in texts and found[-1] is None and finest[row] is not None:
            source.add_finding(row, Fault("name", _NO_NAME, f"{code}: {finest[row]}"))
    raw["name"] = pd.Series(found, dtype=object)
    columns = [one.name for one in levels if one.name is not None]
    mapping["name"] = " | ".join(columns)
    return columns


def _wide(
    source: SourceTable,
    chosen: ChosenColumns,
    levels: Sequence[_Level],
    raw: dict[str, pd.Series],
    mapping: dict[str, str],
) -> list[str]:
    """Read each row as the division of the finest level that it fills, and the others as rows of their own."""
    codes = [_texts(source, one.code) for one in levels]
    names = [_texts(source, one.name) for one in levels]
    count = len(source)
    own = [_finest(codes, names, row) for row in range(count)]
    raw["code"] = pd.Series([codes[place][row] for row, place in enumerate(own)], dtype=object)
    raw["name"] = pd.Series([names[place][row] for row, place in enumerate(own)], dtype=object)
    for row, place in enumerate(own):
        if names[place][row] is None and codes[place][row] is not None:
            source.add_finding(row, Fault("name", _NO_NAME, codes[place][row] or ""))
    columns = [column for one in levels for column in (one.code, one.name) if column is not None]
    for field, read in (("code", [one.code for one in levels]), ("name", [one.name for one in levels])):
        if any(column is not None for column in read):
            mapping[field] = " | ".join(column for column in read if column is not None)
        else:
            mapping.pop(field, None)
    _add_rows_above(source, chosen, levels, raw, own, codes, names)
    return columns


def _tell_uncoded(source: SourceTable, column: str) -> None:
    for row, text in enumerate(_texts(source, column)):
        if text is not None:
            source.add_finding(row, Fault("code", _NO_CODE, f"{column}: {text}"))


def _finest(codes: Sequence[Sequence[str | None]], names: Sequence[Sequence[str | None]], row: int) -> int:
    """Return the place of the finest level that a row fills, the first where it fills none."""
    filled = (place for place in range(len(codes)) if codes[place][row] is not None or names[place][row] is not None)
    return next(filled, 0)


def _add_rows_above(
    source: SourceTable,
    chosen: ChosenColumns,
    levels: Sequence[_Level],
    raw: dict[str, pd.Series],
    own: Sequence[int],
    codes: Sequence[Sequence[str | None]],
    names: Sequence[Sequence[str | None]],
) -> None:
    """Add a row for each division above those of the rows, in place, once for its code."""
    known = {compared_code(code): name for code, name in zip(raw["code"], raw["name"], strict=True) if code is not None}
    listed: dict[str, tuple[int, int]] = {}
    for row, place in enumerate(own):
        for above in range(place + 1, len(levels)):
            code, name = codes[above][row], names[above][row]
            if code is None:
                continue
            plain = compared_code(code)
            if plain not in known:
                listed[plain], known[plain] = (row, above), name
            elif name is not None and known[plain] is not None and known[plain] != name:
                source.add_finding(row, Fault("name", _OTHER_NAME, f"{code}: {name} | {known[plain]}"))
    if not listed:
        return
    if not chosen.fields.keys().isdisjoint(COORDINATES) or any(shape is not None for shape in source.shapes):
        for above in sorted({place for _, place in listed.values()}):
            rows = [row for row, place in listed.values() if place == above]
            source.cell_findings.setdefault(Fault("code", _NOT_A_ROW, levels[above].code or ""), []).extend(rows)
        return
    rows = [row for row, _ in listed.values()]
    source.repeat(rows)
    for field, cells in raw.items():
        raw[field] = pd.concat([cells, pd.Series([None] * len(rows), dtype=object)], ignore_index=True)
    raw["code"].iloc[-len(rows) :] = [codes[above][row] for row, above in listed.values()]
    raw["name"].iloc[-len(rows) :] = [names[above][row] for row, above in listed.values()]
    for place in sorted({place for _, place in listed.values()}):
        made = sum(above == place for _, above in listed.values())
        source.notes[
            sentence(f"{levels[place].code} 的区划各成一行", f"each division of {levels[place].code} is made a row")
        ] += made
