"""Read back numbers of doors, buildings and groups that a spreadsheet made dates: 2026-03-01 was written 3-1.

A program that takes 3-1 for the first of March adds the year of that day. What it may have taken for a month and a year
is not read back, and the row is not stored without its number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

import pandas as pd

from geo.readers.columns.column_mapping import COORDINATES
from geo.readers.columns.part_headings import part_columns
from geo.readers.sheets.sheet_cells import DateText
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values

READ_BACK = "号码被电子表格改成日期，读回月与日，请核对"
READ_BACK += " / a number that a spreadsheet made a date: read back as month and day, please check"
NOT_READ_BACK = "号码被电子表格改成日期，读不回原来的；把该列设为文本，按原样填写"
NOT_READ_BACK += " / a number that a spreadsheet made a date, and is lost: make the column text and write it anew"
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ t]00:00(?::00)?)?")
_TIME = re.compile(r"\d{4}-\d{1,2}-\d{1,2}[ t].*|\d{1,2}:\d{2}(?::\d{2})?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = "|".join(_MONTHS)
#: As a program saves a day without its year in a text: 3月1日, 1-Mar, Mar-1.
_DAY_OF_YEAR = re.compile(rf"(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日|(?P<day>\d{{1,2}})-(?P<month>{_MONTH})")
_MONTH_OF_YEAR = re.compile(rf"(?:{_MONTH})-\d{{2}}|\d{{4}}年\d{{1,2}}月")
#: Programs take two digits from 30 on for a year before this one, and days for those of the year that is.
_FIRST_YEAR = 2000


def number_of_date(text: str) -> str | None:
    """Return the number that a text was before it was made a date; empty where that cannot be told, None for no date.

    Examples
    --------
    >>> [number_of_date(text) for text in ("2026-03-01", "2026/1/2", "3月1日", "1-Mar")]
    ['3-1', '1-2', '3-1', '3-1']
    >>> [number_of_date(text) for text in ("1945-03-01", "2026-03-01 08:30:00", "Mar-45")], number_of_date("3-1")
    (['', '', ''], None)
    """
    plain = unicodedata.normalize("NFKC", text[:40]).strip().casefold()
    if not plain[:1].isdigit() and not plain.startswith(_MONTHS):
        return None
    whole = _DAY.fullmatch(plain)
    if whole is not None:
        year, month, day = map(int, whole.groups())
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        return "" if year < _FIRST_YEAR and day == 1 else f"{month}-{day}"
    short = _DAY_OF_YEAR.fullmatch(plain)
    if short is not None and short["m"] is not None:
        return f"{int(short['m'])}-{int(short['d'])}"
    if short is not None:
        return f"{_MONTHS.index(short['month']) + 1}-{int(short['day'])}"
    return "" if _TIME.fullmatch(plain) or _MONTH_OF_YEAR.fullmatch(plain) else None


def read_back_numbers(source: SourceTable, fields: dict[str, str], dropped: Collection[str]) -> None:
    """Read back dates in the columns of numbers of addresses, in place; a row whose number is lost is rejected.

    Parameters
    ----------
    fields
        Field -> column that is read for it.
    dropped
        Columns that are not read.
    """
    others = {column for field, column in fields.items() if field in COORDINATES or field in ("valid_from", "valid_to")}
    names = [name for name in source.columns.columns if name not in dropped and name not in others]
    counted = [name for name, suffix in part_columns(names) if suffix]
    for name in dict.fromkeys([*counted, *(fields[one] for one in ("building",) if one in fields)]):
        _read_back(source, name)
    for field in ("text", "standard"):  # of a whole address nothing is left
        if field in fields and fields[field] not in counted:
            _lose(source, fields[field])


def _read_back(source: SourceTable, name: str) -> None:
    cells = source.columns[name].to_numpy(dtype=object)
    texts = cell_values.texts(source.columns[name])
    known = {text: number_of_date(text) for text in set(texts) if text is not None}
    if not any(number is not None for number in known.values()):
        return
    out = cells.copy()
    for row, text in enumerate(texts):
        number = None if text is None else known[text]
        if number is None:
            continue
        out[row] = number or None
        if number:
            source.add_finding(row, Fault("text", READ_BACK, f"{name}: {text} -> {number}"))
        else:
            source.faults.setdefault(row, Fault("text", NOT_READ_BACK, f"{name}: {text}"))
    source.columns[name] = pd.Series(out, dtype=object)


def _lose(source: SourceTable, name: str) -> None:
    for row, cell in enumerate(source.columns[name]):
        if isinstance(cell, DateText):
            source.faults.setdefault(row, Fault("text", NOT_READ_BACK, f"{name}: {cell}"))
