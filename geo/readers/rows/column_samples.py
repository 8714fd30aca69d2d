"""Show the first values of the columns of a file, never of personal ones: a person sees what was taken for what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pandas as pd

from geo.bounds import is_storable
from geo.readers.columns.column_mapping import is_personal
from geo.types import ColumnSample

#: Values shown of a column, their characters, and the rows in which they are looked for.
_VALUES, _CHARACTERS, _ROWS = 3, 80, 5_000

#: From here on a fraction no longer holds every whole number.
_EXACT = 2**53


def column_samples(
    columns: pd.DataFrame,
    tags: Sequence[Mapping[str, Any]] | None,
    *,
    names: Sequence[str],
    mapping: Mapping[str, str],
    dropped: Sequence[str],
    joined: Mapping[str, tuple[Sequence[str], Iterable[Any]]] | None = None,
) -> list[ColumnSample]:
    """Return the columns of a source, in its order, each with its fields and its first values.

    Parameters
    ----------
    columns
        The cells that were read.
    tags
        OpenStreetMap tags per feature, which stand for columns; None for other formats.
    names
        All columns, or all tags, of the source.
    mapping
        Field -> column.
    dropped
        Personal and network columns: named, without values.
    joined
        Field that was joined from several columns -> these columns, and what came of them: each of the columns was
        read for the field, and the values shown of it are those that came of them.

    Examples
    --------
    >>> cells = pd.DataFrame({"编号": ["c1", "c2"], "备注": ["", "坏"], "电话": ["1", "2"]})
    >>> fields = {"id": "编号"}
    >>> for one in column_samples(cells, None, names=list(cells), mapping=fields, dropped=["电话"]):
    ...     print(one.column, list(one.fields), list(one.samples), one.is_dropped)
    编号 ['id'] ['c1', 'c2'] False
    备注 [] ['坏'] False
    电话 [] [] True
    """
    fields: dict[str, list[str]] = {}
    made: dict[str, Iterable[Any]] = {}
    for field, column in mapping.items():
        parts, cells = (joined or {}).get(field, ((), ()))
        for name in dict.fromkeys([column, *parts]):
            fields.setdefault(name, []).append(field)
        if parts:
            made[column] = islice(cells, _ROWS)
    hidden = set(dropped)
    found = []
    for name in dict.fromkeys([*names, *fields, *dropped]):
        is_dropped = name in hidden or is_personal(name)
        values = () if is_dropped else tuple(_first_values(made.get(name) or _cells(columns, tags, name)))
        found.append(ColumnSample(name, tuple(fields.get(name, ())), values, is_dropped))
    return found


def _cells(columns: pd.DataFrame, tags: Sequence[Mapping[str, Any]] | None, name: str) -> Iterable[Any]:
    if tags is not None:
        return (row.get(name) for row in tags[:_ROWS])
    if name not in columns.columns:
        return ()
    found = columns[name]
    # Of two columns with one name the first is read.
    return (found if isinstance(found, pd.Series) else found.iloc[:, 0]).head(_ROWS)


def _first_values(cells: Iterable[Any]) -> Iterator[str]:
    """Yield the first different values that are not empty, as texts."""
    shown: set[str] = set()
    for cell in cells:
        if cell is None or (isinstance(cell, float) and math.isnan(cell)):
            continue
        # A workbook has its whole numbers as fractions.
        text = (
            str(int(cell))
            if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT
            else str(cell).strip()
        )
        if len(text) > _CHARACTERS:
            text = f"{text[:_CHARACTERS]}…"
        if text and text not in ("NaT", "<NA>") and text not in shown and is_storable(text):
            shown.add(text)
            yield text
            if len(shown) == _VALUES:
                return
