"""Tell which rows of a table are of one sheet, source or contractor: such rows share the mistakes of who made them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.readers.columns.column_mapping import is_personal, normalised_column_name
from geo.readers.rows import row_crs
from geo.readers.source import SourceTable
from geo.readers.words import cell_values

#: What the groups of sheets are headed by.
SHEETS = "工作表"
#: Columns that are looked at, and the rows that a name needs to make a group of which anything can be said.
_MAX_COLUMNS, MIN_ROWS = 8, 20

# Who built, delivered, runs or listed something, or the lot that it came with.
_HEADING = re.compile(
    r"来源|承建|承包|施工|建设(?:单位|方|公司|商|年度|批次|期)|集成商|集成单位|厂家|厂商|供应商|供货|运营商|运营单位|运维|维保|维护单位|标段|包号"
    r"|项目|工程|批次|期次|期别|填报单位|上报单位|采集单位|采集方式|测绘单位|提供单位"
    r"|source|provider|contractor|subcontractor|vendor|supplier|integrator|installer|installedby|builder|builtby"
    r"|maintainedby|surveyor|surveyedby|surveyedwith|batch|project|phase$|tender"
)


@dataclass(frozen=True)
class RowGroups:
    """What one column, or the sheets, say of who the rows are from.

    Attributes
    ----------
    heading
        The column; ``SHEETS`` for sheets.
    names
        Of each row; None where it names none.
    """

    heading: str
    names: np.ndarray


def row_groups(source: SourceTable, source_column: str | None, *, least: int = MIN_ROWS) -> list[RowGroups]:
    """Return the groups of a table by its sheets and by its columns of sources and contractors.

    Parameters
    ----------
    source_column
        The column that is read as the source of the rows, whatever its heading; None for none.
    least
        Rows that one of the names of a column needs: of a column in which each occurs seldom nothing can be said.
    """
    found = []
    if source.sheet_of_row is not None and len(source.sheets) > (least > 1):
        found.append(RowGroups(SHEETS, np.array(source.sheets, dtype=object)[source.sheet_of_row]))
    crs_column = row_crs.crs_column(source.columns)
    for name in _columns(source, [one for one in (source_column, crs_column) if one is not None]):
        names = _texts(source, name)
        known = names[names != None].astype(str)  # noqa: E711  elementwise
        _, count = np.unique(known, return_counts=True)
        if (count >= least).any():
            found.append(RowGroups(name, names))
    return found


def _columns(source: SourceTable, first: Sequence[str]) -> list[str]:
    names = [str(name) for name in source.columns.columns if not is_personal(str(name))]
    others = [name for name in names if _HEADING.search(normalised_column_name(name))]
    return [name for name in dict.fromkeys([*first, *others]) if name in names][:_MAX_COLUMNS]


def _texts(source: SourceTable, name: str) -> np.ndarray:
    out = np.empty(len(source), dtype=object)
    texts = cell_values.texts(source.columns[name])
    out[:] = [None if text is None else text.strip()[:60] or None for text in texts]
    return out
