"""Read the numbers of an XLSX workbook by the format of their style: dates, and codes with leading zeros."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from geo.readers.sheets.sheet_cells import DateText, padded, padded_width
from geo.readers.sheets.xml_parts import parse

#: Number formats of dates that have no pattern in the file: ECMA-376 part 1, 18.8.30, with the Chinese ones.
_DATE_FORMATS = {*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 59)}
_LITERALS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
#: The days from which the dates of a workbook count.
EPOCH_1900, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001
#: Days from the epoch to the end of 9999.
_MAX_DAY = 2_958_466.0

#: Makes the value of a number of one style.
Formatter = Callable[[float], Any]


def formats_of_styles(archive: zipfile.ZipFile, parts: dict[str, str], epoch: datetime) -> dict[str, Formatter]:
    """Return how numbers of a style are read, for the styles of dates and of codes with leading zeros."""
    patterns: dict[str, str] = {}
    styles: list[str] = []
    is_cell = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal is_cell
        if tag == "numFmt":
            patterns[attributes["numFmtId"]] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            is_cell = True
        elif tag == "xf" and is_cell:
            styles.append(attributes.get("numFmtId", "0"))

    def end(tag: str) -> None:
        nonlocal is_cell
        is_cell = is_cell and tag != "cellXfs"

    part = parts.get("xl/styles.xml")
    if part is not None:
        parse(archive, part, start, end)
    found = {str(number): formatter(patterns.get(one), one, epoch) for number, one in enumerate(styles)}
    return {style: one for style, one in found.items() if one is not None}


def formatter(pattern: str | None, number: str, epoch: datetime = EPOCH_1900) -> Formatter | None:
    """Return what makes a date, or a code with its leading zeros, of a number in that format; None for plain numbers.

    Examples
    --------
    >>> formatter("yyyy/m/d", "164")(43832.0), formatter("000000", "165")(622.0), formatter("0.00", "2")
    ('2020-01-02', '000622', None)
    """
    if pattern is None:
        is_date = number.isdigit() and int(number) in _DATE_FORMATS
    else:
        plain = _LITERALS.sub("", pattern.partition(";")[0]).casefold()
        width = padded_width(plain)
        if width:
            return lambda value: padded(value, width)
        is_date = any(mark in plain for mark in "yd") or any(mark in pattern for mark in "年日")
    return (lambda value: _day(value, epoch)) if is_date else None


@lru_cache(maxsize=8192)
def _day(value: float, epoch: datetime) -> float | str:
    if not 0 <= value < _MAX_DAY:
        return value
    moment = epoch + timedelta(days=value)
    moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    return DateText(moment.date().isoformat() if value.is_integer() else moment.isoformat(sep=" "))
