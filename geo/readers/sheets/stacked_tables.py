"""Put the rows of tables that stand one below another in one sheet under the headings of the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any, NamedTuple

from geo.catalog.layers import Layer, layer
from geo.readers.columns.column_mapping import heading_words, map_columns, normalised_column_name
from geo.readers.columns.part_headings import division_columns, part_columns
from geo.readers.sheets.heading_rows import Headings, cell_text, holds_data, is_number_like
from geo.readers.sheets.sheet_cells import Row
from geo.readers.source import check_columns
from geo.types import CellFinding

#: Why a row of a list that keeps all its rows has no place.
HEADING_ROW = "这一行是表头，不是地点 / the row is a heading, and no place"
ROWS_ABOVE = "另一张表的行没有读：在所读的表头上方；请分成两个文件"
ROWS_ABOVE += " / rows of another table, above the heading that is read, were not read: part the file in two"
#: Known headings that a row has at least, and the share of its cells that they are.
_MIN_KNOWN, _SHARE = 2, 0.6
#: First cells of a row that are looked at before all of them are, and the length of a heading.
_LOOKED_AT, _MAX_HEADING = 3, 20


class StackedTables(NamedTuple):
    """The tables of one sheet as one.

    Attributes
    ----------
    rows
        All rows; those below a further heading have their cells in the columns of the first, and new ones behind them.
    headings
        The first headings, with the new columns.
    further
        Numbers of the rows of further headings.
    """

    rows: Sequence[Row]
    headings: Headings
    further: frozenset[int]


def stacked_tables(rows: Sequence[Row], headings: Headings, of: Layer, file: str = "") -> StackedTables:
    """Return the tables of a sheet as one, under the headings of the first.

    Parameters
    ----------
    rows
        The rows that are not empty, with their numbers.
    headings
        Those of the first.
    of
        The layer by whose fields headings are known.
    file
        Its name, for errors.

    Raises
    ------
    UnreadableFile
        The tables have more columns or cells together than are read.

    Examples
    --------
    >>> from geo.catalog.layers import layer
    >>> rows = [(1, ["编号", "地址"]), (2, ["1", "东街1号"]), (3, ["编号", "经度"]), (4, ["2", "102.9"])]
    >>> names = ["编号", "地址"]
    >>> found = stacked_tables(rows, Headings(1, 1, [0, 1], names, names, 2), layer("addresses"))
    >>> found.headings.shown, found.rows[3][1], sorted(found.further)
    (['编号', '地址', '经度'], ['2', None, '102.9'], [3])
    """
    further = frozenset(number for number, cells in rows if number > headings.last and _is_heading(cells, of.name))
    if not further:
        return StackedTables(rows, headings, further)
    width = 1 + max(*headings.columns, *(len(cells) - 1 for number, cells in rows if number <= headings.last))
    own = _by_name(headings)
    added: dict[str, int] = {}
    moved: Mapping[int, int] = {}
    out: list[Row] = []
    for number, cells in rows:
        if number in further:
            moved = _moved(cells, own, added, width)
            check_columns(file or of.name, width + len(added), len(rows))
        out.append((number, _at(cells, moved) if moved else cells))
    names = list(added)
    columns, shown = [*headings.columns, *added.values()], [*headings.shown, *names]
    longer = replace(headings, columns=columns, shown=shown, known_as=[*headings.known_as, *names])
    return StackedTables(out, longer, further)


def texts_above(rows: Sequence[Row], headings: Headings) -> list[str]:
    """Return the texts above the headings of a table, each once.

    Examples
    --------
    >>> texts_above([(1, ["登记表", None]), (2, ["编号", "地址"])], Headings(2, 2, [0, 1], [], [], 2))
    ['登记表']
    """
    above = takewhile(lambda row: row[0] < headings.first, rows)
    return list(dict.fromkeys(text for _, cells in above for text in map(cell_text, cells) if text))


def rows_above_findings(tables: Sequence[tuple[Headings, str]], file: str) -> list[CellFinding]:
    """Return a finding on the rows above the headings of each table that are those of another one.

    Parameters
    ----------
    tables
        The headings of each, and what stands before the number of a row.

    Examples
    --------
    >>> rows_above_findings([(Headings(5, 5, [], [], [], 3, rows_above=(2, 3)), "甲!")], "a.xlsx")[0].rows
    ('甲!2', '甲!3')
    """
    rows = tuple(f"{before}{number}" for one, before in tables for number in one.rows_above)
    return [CellFinding("", ROWS_ABOVE, file, rows, len(rows))] if rows else []


def _is_heading(cells: Sequence[Any], of: str) -> bool:
    """Return whether a row below the first headings is one itself: most of its texts are known headings."""
    first = list(islice((cell for cell in cells if cell is not None and cell != ""), _LOOKED_AT))
    if first and isinstance(first[0], str) and first[0].isdigit():
        return False
    # A list of a million rows is asked: nearly all are told apart by their first cells.
    if not any(isinstance(cell, str) and len(cell) <= _MAX_HEADING and _is_word(cell, of) for cell in first):
        return False
    filled = [cell for cell in cells if cell_text(cell)]
    texts = list(dict.fromkeys(map(cell_text, filled)))
    if len(texts) < _MIN_KNOWN or any(is_number_like(cell) or holds_data(cell) for cell in filled):
        return False
    known = sum(len(text) <= _MAX_HEADING and _is_known(text, of) for text in texts)
    return known >= max(_MIN_KNOWN, _SHARE * len(texts))


def _is_word(text: str, of: str) -> bool:
    return not text.isdigit() and normalised_column_name(text) in _words(of)


@lru_cache(maxsize=32)
def _words(of: str) -> frozenset[str]:
    return heading_words(layer(of))


@lru_cache(maxsize=1024)
def _is_known(text: str, of: str) -> bool:
    if normalised_column_name(text) in _words(of) or map_columns([text], layer(of), coordinates=True).fields:
        return True
    return of == "addresses" and bool(part_columns([text]) or division_columns([text]))


def _by_name(headings: Headings) -> dict[str, int]:
    named = zip(headings.columns, headings.shown, headings.known_as, strict=True)
    places = [(place, name) for place, *names in named for name in names]
    return {normalised_column_name(name): place for place, name in reversed(places)}


def _moved(cells: Sequence[Any], own: Mapping[str, int], added: dict[str, int], width: int) -> Mapping[int, int]:
    """Return where each column below a further heading belongs; a new heading becomes a column of its own."""
    new = {normalised_column_name(name): place for name, place in added.items()}
    moved: dict[int, int] = {}
    for place, cell in enumerate(cells):
        text = cell_text(cell) or f"column {place + 1}"
        plain = normalised_column_name(text)
        target = own.get(plain, new.get(plain))
        if target is None or target in moved.values():
            while text in added:
                text += f" ({place + 1})"
            target = added[text] = width + len(added)
        moved[place] = target
    return moved


def _at(cells: Sequence[Any], moved: Mapping[int, int]) -> list[Any]:
    """Return cells in the columns that they belong to; what lies beyond the heading stays beyond it."""
    behind = max(moved.values()) + 1
    there: list[Any] = [None] * behind
    for place, cell in enumerate(cells):
        if place in moved:
            there[moved[place]] = cell
        else:
            there.append(cell)
    return there
