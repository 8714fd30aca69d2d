"""Read numbers with units, dates and words out of the text of cells."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache

import numpy as np
import pandas as pd

# The patterns below take quadratic time on hostile texts: they are applied to at most MAX_WORD characters.
from geo.bounds import MAX_WORD
from geo.plain_words import FULL_STOP, folded_word
from geo.readers.words.units import units_of

NOT_A_NUMBER = "不是数字 / text that is no number"
SPREADSHEET_DAMAGE = "坐标或数字被电子表格改坏 / number destroyed by a spreadsheet"

_BLANK_WORDS = "nan <na> null none nil n/a na - -- – — —— − / (empty) #n/a nat 无 暂无"
_BLANK = frozenset({"", *_BLANK_WORDS.split()})
#: What says that nobody knows: a state of its own (rule U1), for every other field the same as an empty cell.
UNKNOWN_WORDS = frozenset({"未知", "不详", "不明", "unknown"})
_MISSING = _BLANK | UNKNOWN_WORDS
_LONGEST_MISSING = max(map(len, _MISSING))
#: Short texts that are remembered of one column.
_MAX_SHORT = 1 << 16
_FLOATS = (float, np.floating)
#: Texts that are looked through in one.
_TOGETHER = 1000

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?"
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*(.*)")
_FEET_INCHES = re.compile(r"(\d+(?:\.\d+)?)\s*(?:'|ft|feet)\s*(\d+(?:\.\d+)?)\s*(?:\"|''|in|inch|inches)?")
COMMA_DECIMAL = re.compile(r"([-+]?\d+),(\d{1,2})(?!\d)")
_COMMA_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?!\d)")
_SPREADSHEET_DAMAGE = re.compile(r"[-+]?\d+(?:\.\d+){2,}")


def is_missing(value: object) -> bool:
    """Return whether a cell is missing: empty, NaN, or a word such as ``null`` or 无; a state ``unknown`` is not."""
    return _text(value, UNKNOWN_WORDS) is None


def is_missing_word(text: str) -> bool:
    """Return whether a text stands for a value that is not there or that nobody knows, in any width and case.

    Examples
    --------
    >>> [is_missing_word(text) for text in ("未知", "无", "Ｎ／Ａ", "－", " NULL ", "", "0", "无线")]
    [True, True, True, True, True, True, False, False]
    """
    return len(text) <= MAX_WORD and folded_word(text) in _MISSING


def together(texts: Sequence[str], mark: str) -> Iterator[str]:
    """Yield many texts in one, with a mark between them: a million take a tenth of the time to look through so.

    Examples
    --------
    >>> list(together(["a", "b"], "|"))
    ['a|b']
    """
    for first in range(0, len(texts), _TOGETHER):
        yield mark.join(texts[first : first + _TOGETHER])


def texts(series: pd.Series, kept: frozenset[str] = frozenset()) -> np.ndarray:
    """Return stripped text per cell, None where it is missing; 620622.0 reads ``620622``.

    Parameters
    ----------
    series
        Raw cells.
    kept
        Words that stand for a missing value elsewhere, and say something here.
    """
    if pd.api.types.is_bool_dtype(series.dtype):
        return series.map({True: "true", False: "false"}).to_numpy(dtype=object)
    read = np.empty(len(series), dtype=object)
    short = _ShortTexts(kept)
    # A long text without spaces at its ends, as keys and addresses are, is told without a call, a short one of those
    # that a column repeats by its first.
    read[:] = [
        _text(value, kept)
        if type(value) is not str
        else short[value]
        if len(value) <= _LONGEST_MISSING
        else value
        if value.strip() is value
        else _text(value, kept)
        for value in series.to_numpy(dtype=object)
    ]
    return read


class _ShortTexts(dict[str, str | None]):
    """What short texts say, each looked at once: names of districts, numbers of rooms, states."""

    def __init__(self, kept: frozenset[str]) -> None:
        super().__init__()
        self._kept = kept

    def __missing__(self, text: str) -> str | None:
        read = _text(text, self._kept)
        if len(self) < _MAX_SHORT:
            self[text] = read
        return read


def _text(value: object, kept: frozenset[str] = frozenset()) -> str | None:
    if isinstance(value, str):
        text = value.strip()
        is_gone = not text or (len(text) <= _LONGEST_MISSING and is_missing_word(text))
        return None if is_gone and unicodedata.normalize("NFKC", text).casefold() not in kept else text
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, _FLOATS):
        number = float(value)
        if math.isnan(number):
            return None
        if number.is_integer() and abs(number) < 2**53:
            return str(int(number))
    return str(value).strip() or None


def numbers(series: pd.Series, unit: str = "", heading: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Read a column of numbers.

    Parameters
    ----------
    series
        Raw cells: numbers, or text with or without a unit.
    unit
        ``m``, ``deg``, ``px``, or empty for counts: the unit of the result.
    heading
        The unit of numbers without one, as the heading of the column names it; empty for that of the result.

    Returns
    -------
    values
        float64, NaN where missing or bad.
    bad
        True where a cell is present but is not a finite number.
    """
    factor = units_of(unit).get(heading, 1.0)
    if pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_bool_dtype(series.dtype):
        values = series.to_numpy(dtype=float, na_value=np.nan)
        bad = np.isinf(values)
        return np.where(bad, np.nan, _scaled(values, factor)), bad
    cells = series.to_numpy(dtype=object)
    values = np.asarray(pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce"), dtype=float).copy()
    bad = np.zeros(len(cells), dtype=bool)
    unread = np.flatnonzero(~np.isfinite(values))
    values = _scaled(values, factor)
    for row in unread:
        text = _text(cells[row])
        number = None if text is None else measure(text, unit, heading)
        values[row] = np.nan if number is None else number
        bad[row] = text is not None and number is None
    return values, bad


def _scaled(values: np.ndarray, factor: float) -> np.ndarray:
    # Twelve digits are more than any unit is good for: 450 cm is 4.5 m and not 4.500000000000001.
    return values if factor == 1.0 else np.array([float(f"{value * factor:.12g}") for value in values], dtype=float)


@lru_cache(maxsize=4096)
def measure(text: str, unit: str = "", heading: str = "") -> float | None:
    """Read one number such as ``12.13 m``, ``2,5 m``, ``45°``, ``12'6"`` or ``１２米``; None where it is not a number.

    Parameters
    ----------
    unit
        ``m``, ``deg``, ``px`` or empty for counts: the unit of the result, and of a number without unit.
    heading
        The unit of a number without one, where the heading of the column names it.
    """
    if len(text) > MAX_WORD:
        return None
    plain = FULL_STOP.sub(".", folded_word(text).replace("′", "'").replace("″", '"'))
    allowed = units_of(unit)
    if unit == "m":
        feet = _FEET_INCHES.fullmatch(plain)
        if feet is not None:
            return (float(feet[1]) + float(feet[2]) / 12.0) * 0.3048
    if unit != "deg" and _COMMA_THOUSANDS.match(plain):
        plain = plain.replace(",", "")
    else:
        plain = COMMA_DECIMAL.sub(r"\1.\2", plain, count=1)
    match = _WITH_UNIT.fullmatch(plain)
    if match is None or match[2].strip(" .") not in allowed:
        return None
    written = match[2].strip(" .")
    factor = allowed[written] if written or heading not in allowed else allowed[heading]
    value = float(match[1]) * factor
    return float(f"{value:.12g}") if np.isfinite(value) else None


def number_fault(value: object) -> str:
    """Return why a cell is not a number; one with several decimal points was damaged by a spreadsheet."""
    return SPREADSHEET_DAMAGE if _SPREADSHEET_DAMAGE.fullmatch(str(value)[:MAX_WORD].strip()) else NOT_A_NUMBER


def is_fractional(values: np.ndarray) -> np.ndarray:
    """Return where a value is present and not a whole number."""
    return np.isfinite(values) & (np.abs(values - np.rint(np.nan_to_num(values))) > 1e-6)


# --- dates -----------------------------------------------------------------------------------------------------------

_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?(?:[ t].*)?")


def dates(series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read a column of dates as ISO text, None where missing; the second array is True where a cell is not a date."""
    found = [_day(value) for value in series]
    read = np.array([day if isinstance(day, str) else None for day in found], dtype=object)
    return read, np.array([day is False for day in found], dtype=bool)


def day_of(value: object) -> str | None:
    """Return the date of a cell as ISO text; None where it is missing or no date.

    Examples
    --------
    >>> day_of("2010年1月1日"), day_of("x")
    ('2010-01-01', None)
    """
    day = _day(value)
    return day if isinstance(day, str) else None


def _day(value: object) -> str | bool | None:
    if _text(value) is None:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    match = _DATE.fullmatch(str(value)[: MAX_WORD + 1].strip().casefold())
    if match is None:
        return False
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return False
