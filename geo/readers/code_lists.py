"""Read any table that has a column of codes of grids, with all its rows as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from geo.catalog.division_codes import code_text
from geo.catalog.layers import layer as layer_named
from geo.errors import BadValue
from geo.readers.columns.column_mapping import is_personal
from geo.readers.columns.column_plan import ColumnPlan
from geo.readers.format_types import OpenRequest
from geo.readers.formats import open_file
from geo.readers.read_options import ReadOptions
from geo.readers.source import FileLimits, plain_file
from geo.readers.words.cell_values import is_missing

#: A number of more digits than a spreadsheet holds, as it then writes it: the last ones are lost.
_LOST = re.compile(r"\d(\.\d+)?[eE]\+?\d+")


@dataclass(frozen=True)
class CodeList:
    """A table with a column of codes.

    Attributes
    ----------
    table
        The columns in their order, but those with personal or network data; every row below the heading.
    column
        The column of codes.
    codes
        The code of each row; None where there is none.
    lost
        Place of a row -> the number that a spreadsheet made of its code, whose last digits are lost.
    dropped
        Columns with personal or network data.
    """

    table: pd.DataFrame
    column: str
    codes: Sequence[str | None]
    lost: Mapping[int, str]
    dropped: Sequence[str]


def read_code_list(
    path: str | Path,
    column: str | None = None,
    *,
    encoding: str | None = None,
    sheets: Sequence[str] = (),
    header_row: int | None = None,
) -> CodeList:
    r"""Return a table and its column of codes.

    Parameters
    ----------
    column
        Its heading; None for the one that is known as the code of a grid.
    encoding, sheets, header_row
        As of `geo.readers.read_options.ReadOptions`.

    Raises
    ------
    UnreadableFile
        The file cannot be read.
    BadValue
        It has no such column: the columns that it has are named.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "list.csv"
    >>> _ = path.write_text("网格编码,件数\n990101101201001,3\n,4\n合计,7\n", encoding="utf-8")
    >>> found = read_code_list(path)
    >>> found.column, found.codes
    ('网格编码', ['990101101201001', None, '合计'])
    >>> folder.cleanup()
    """
    plan = ColumnPlan(layer_named("grids"), {}, None, with_samples=True, keeps_rows=True)
    file = plain_file(path, FileLimits())
    options = ReadOptions(encoding=encoding, sheets=sheets, header_row=header_row)
    opened = open_file(OpenRequest(file, plan, FileLimits(), options))
    source, chosen = opened.source, opened.columns
    names = [name for name in chosen.names if name in source.columns.columns and not is_personal(name)]
    table = source.columns[names].reset_index(drop=True)
    found = column if column is not None else chosen.fields.get("code")
    if found is None or found not in names:
        listed = names[:20]
        zh = f"没有 {column} 这一列" if column else "看不出哪一列是网格代码，请用 --code-column 指明"
        en = f"there is no column {column}" if column else "which column holds codes? Name it by --code-column"
        raise BadValue(
            f"{file.name}：{zh}；有：{'、'.join(listed)}", f"{file.name}: {en}; there are: {', '.join(listed)}"
        )
    codes = [None if is_missing(one) else code_text(one) or None for one in table[found].tolist()]
    lost = {row: code for row, code in enumerate(codes) if code is not None and _LOST.fullmatch(code)}
    return CodeList(table, found, codes, lost, chosen.dropped)
