"""Answer a list as the sheet that it came as: its columns in their order, behind them what was found of each row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from api.representations import batch_rows
from api.representations.batch_rows import TODAY, codes_today, people_record, row_record
from api.representations.json_text import dumps
from api.representations.workbook_files import MAX_CELL, write_rows
from geo.catalog.headings import TableLanguage, part_heading
from geo.catalog.match_statuses import SCORE
from geo.errors import BadValue
from geo.readers.columns.column_mapping import is_personal, unique_names
from geo.studies.locate_rows import LocatedRow

#: The columns that are added: heading in Chinese and English. `today` only where the list has codes of grids.
ADDED_COLUMNS = {
    "today": TODAY, "grid": ("所属网格", "Grid"), "chain": ("所属层级", "Chain"),
    "status": ("结果", "Result"), "score": SCORE, "fault": ("存疑代码", "Fault codes"),
    "border_m": ("距边界（米）", "To the border (m)"), "candidates": ("可能的网格", "Possible grids"),
    "error": ("说明", "Reason"),
}  # fmt: skip
#: Columns of a JSON list that come back, at most: each of its rows may have names of its own.
MAX_COLUMNS = 500
#: Numbers of a text that begin with a sign and are no formulas.
NUMBERS = r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?"
_LINK = " > "
#: Whole numbers below this are exact in every reader of JSON and of workbooks.
_EXACT = 2**53


@dataclass(frozen=True)
class Sheet:
    """The columns of a list and its rows of cells, which may be shorter than the columns are many.

    Examples
    --------
    >>> sheet = Sheet(("编号",), [("1",)], has_grid_codes=False)
    >>> sheet.headings("zh")[:3]
    ['编号', '所属网格', '所属层级']
    """

    names: Sequence[str]
    rows: Iterable[Sequence[Any]]
    has_grid_codes: bool

    def added(self) -> list[str]:
        """Return the names of the columns that are added."""
        return [name for name in ADDED_COLUMNS if name != "today" or self.has_grid_codes]

    def headings(self, lang: TableLanguage) -> list[str]:
        """Return the headings of all columns; one that the list has already gets a number."""
        added = self.added()
        if lang != "fields":
            added = [ADDED_COLUMNS[name][lang == "en"] for name in added]
        return unique_names([*self.names, *added])


def sheet_of_table(table: pd.DataFrame, *, has_grid_codes: bool) -> Sheet:
    """Return a table as a sheet of plain cells; a text that no cell of a workbook holds goes on in a further column.

    Examples
    --------
    >>> sheet = sheet_of_table(pd.DataFrame({"a": [1.0, None], "b": ["x", float("nan")]}), has_grid_codes=False)
    >>> list(sheet.rows)
    [(1, 'x'), (None, None)]
    """
    names: list[str] = []
    columns: list[Iterator[Any]] = []
    for place, name in enumerate(table.columns):
        cells = table.iloc[:, place].tolist()
        longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
        for part in range(max(1, -(-longest // MAX_CELL))):
            names.append(part_heading(str(name), part + 1))
            columns.append(_cells(cells, part))
    return Sheet(names, zip(*columns, strict=True) if columns else iter([()] * len(table)), has_grid_codes)


def sheet_of_objects(rows: Sequence[Any], *, has_grid_codes: bool) -> Sheet:
    """Return a JSON array as a sheet: a column for each name, in the order in which they first appear.

    Raises
    ------
    BadValue
        The objects have more than 500 names.

    Examples
    --------
    >>> sheet = sheet_of_objects([{"id": 1, "address": "东街1号"}, {"id": 2, "tel": "139"}, None], has_grid_codes=False)
    >>> sheet.names, list(sheet.rows)
    (['id', 'address'], [(1, '东街1号'), (2, None), (None, None)])
    """
    seen: dict[str, None] = {}
    for row in rows:
        seen.update(dict.fromkeys(row) if isinstance(row, dict) else {})
        if len(seen) > MAX_COLUMNS:
            raise BadValue(f"最多 {MAX_COLUMNS} 列", f"there are more than {MAX_COLUMNS} columns")
    names = [name for name in seen if not is_personal(name)]
    cells = (tuple(_plain(row.get(name)) if isinstance(row, dict) else None for name in names) for row in rows)
    return Sheet(names, cells, has_grid_codes)


def kept_rows(sheet: Sheet, located: Iterable[LocatedRow], lang: TableLanguage, language: str) -> Iterator[list[Any]]:
    """Yield the rows of a sheet with what was found of each, in order.

    Parameters
    ----------
    lang, language
        Of headings and words, and of errors where `lang` is ``fields``.
    """
    names = sheet.added()
    for cells, one in zip(sheet.rows, located, strict=True):
        answer = answer_cells(one, lang, language)
        yield [*cells, *(answer[name] for name in names)]


def answer_cells(one: LocatedRow, lang: TableLanguage, language: str) -> dict[str, Any]:
    """Return the cells that are added to a row, by ADDED_COLUMNS."""
    record = row_record(one, language)
    out: dict[str, Any] = {name: record.get(name) for name in ADDED_COLUMNS}
    out |= {"candidates": ";".join(record["candidates"]), "today": codes_today(one)}
    if lang != "fields":
        said = people_record(one, lang)
        out |= {name: said[name] for name in ("status", "candidates")} | {"error": said["reason"]}
    if one.match is not None:
        found = one.match.candidates
        out["fault"] = ";".join(dict.fromkeys(fault["code"] for each in found for fault in each.faults)) or None
        out["chain"] = _LINK.join(_shared([each.chain for each in found])) or None
    return out


def _shared(chains: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    """Yield the names of the links that all candidates share."""
    for links in zip(*chains, strict=False):
        if len({(link["level"], link["code"]) for link in links}) > 1:
            return
        yield str(links[0]["name"] or links[0]["code"])


class Answers:
    """The answers of a batch, as they come: records of their own, or the columns of a sheet with what was found.

    Parameters
    ----------
    sheet
        The sheet to keep; None for records of their own.
    has_grid_codes
        Whether the list has codes of grids.
    lang
        Of headings and words; ``fields`` has the names of docs/contract.md section 3.
    language
        Of errors where `lang` is ``fields``.
    """

    def __init__(
        self,
        located: Iterable[LocatedRow],
        sheet: Sheet | None,
        lang: TableLanguage,
        language: str,
        *,
        has_grid_codes: bool = False,
    ) -> None:
        self._located = located
        self._sheet = sheet
        self._has_grid_codes = has_grid_codes
        self._lang: TableLanguage = lang
        self._language = language

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a record for each row, in order."""
        if self._sheet is None:
            yield from batch_rows.records(self._located, self._lang, self._language)
            return
        headings = self._sheet.headings(self._lang)
        for row in kept_rows(self._sheet, self._located, self._lang, self._language):
            yield dict(zip(headings, row, strict=True))

    def json(self) -> Iterator[bytes]:
        """Yield a JSON array."""
        return batch_rows.as_json(self.records())

    def csv(self) -> Iterator[bytes]:
        """Yield CSV; numbers of a sheet that is kept stay as they are."""
        return batch_rows.as_csv(*self._table(), harmless="" if self._sheet is None else NUMBERS)

    def write_workbook(self, target: Path | BinaryIO) -> None:
        """Write a workbook of one sheet, row by row."""
        write_rows(target, "归属" if self._lang == "zh" else "locate", *self._table())

    def _table(self) -> tuple[list[str], Iterator[list[Any]]]:
        if self._sheet is not None:
            rows = kept_rows(self._sheet, self._located, self._lang, self._language)
            return self._sheet.headings(self._lang), rows
        return batch_rows.table_of(self.records(), self._lang, has_grid_codes=self._has_grid_codes)


def _cells(cells: Sequence[Any], part: int) -> Iterator[Any]:
    for cell in cells:
        if isinstance(cell, str):
            yield cell[part * MAX_CELL : (part + 1) * MAX_CELL] or None
        else:
            yield _plain(cell) if part == 0 else None


def _plain(cell: Any) -> Any:
    """Return a cell as text, number or None; whole numbers without a decimal point, dates as ISO 8601 writes them."""
    if cell is pd.NaT or cell is pd.NA:
        return None
    plain = cell.item() if isinstance(cell, np.generic) else cell
    if plain is None or isinstance(plain, (str, bool)):
        return plain
    return _number(plain) if isinstance(plain, (int, float)) else _text(plain)


def _number(number: float) -> int | float | str | None:
    if isinstance(number, int):
        return number if abs(number) < _EXACT else str(number)
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ", "seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return dumps(cell).decode() if isinstance(cell, (dict, list)) else str(cell)
