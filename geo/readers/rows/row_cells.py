"""Read the cells of one field: a cell that is impossible or not understood is lost, and is a finding (rule U5)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from geo.bounds import MAX_KEY, MAX_TEXT, MAX_WORD, is_storable
from geo.catalog.fields import Field
from geo.readers.columns import state_columns
from geo.readers.columns.code_columns import decoded, plain_code
from geo.readers.rows.row_builder import RowBuilder
from geo.readers.sheets.sheet_cells import DateText
from geo.readers.source import Fault
from geo.readers.words import camera_words, cell_values, value_words
from geo.readers.words.directions import plain_direction
from geo.readers.words.loose_numbers import loose_number
from geo.readers.words.softeners import without_softener
from geo.readers.words.units import heading_unit, names_strange_unit, units_of
from geo.sentences import both, sentence

_NOT_UNDERSTOOD = "不认识，作空 / not understood: left empty"
_OTHER_WORD = "不是已知的类型，按原文保留 / no kind that is known: kept as it is written"
_AS_UNKNOWN = "不认识，作未知 / not understood: unknown"
_ROUNDED = (
    "编号被电子表格改成科学计数，作空；在原系统把该列设为文本重新导出"
    " / a code rounded by a spreadsheet: left empty; make the column text at its source and export it again"
)
_STRANGE_UNIT = (
    "列名写的单位读不懂，数字没有采用；请在列名或单元格里写明米、厘米、度等"
    " / the heading names a unit that is not understood, the number was not read: name m, cm, degrees"
)
_DATE_KEY = (
    "编号被电子表格改成日期；在原系统把该列设为文本重新导出"
    " / key made a date by a spreadsheet; make the column text at its source and export it again"
)
_DATE = (
    "文字被电子表格改成日期，作空；在原系统把该列设为文本重新导出"
    " / text made a date by a spreadsheet: left empty; make the column text at its source and export it again"
)
#: What a spreadsheet saves as text where it made a date of a code such as 1-12.
_DAY_OF_YEAR = re.compile(
    r"\d{1,2}月\d{1,2}日|\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{2}",
    re.IGNORECASE,
)
#: In one text or in several lines of them.
_SPOILED = re.compile(r"\.0$|[eE]\+", re.MULTILINE)
_SPOILED_MARKS = (".0", "e+", "E+")
_BARE_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
#: A code that a program wrote as a decimal number.
_DECIMAL_CODE = re.compile(r"(\d{3,})\.0")
_PERCENTAGE = re.compile(r"\s*(\d{1,3}(?:\.\d{1,12})?)\s*[%％]\s*")


def read_column(rows: RowBuilder, field: Field) -> np.ndarray:
    """Return the values of a field, one per row: texts and dates, or numbers; None or NaN where there is none.

    Directions are returned as texts: one cell may hold several.
    """
    raw = rows.raw.get(field.name)
    if raw is None:
        if field.kind in ("number", "integer") and field.name != "azimuth":
            return np.full(rows.count, np.nan)
        return np.full(rows.count, None, dtype=object)
    raw = _decoded(rows, field.name, _within_text_limits(rows, field, raw))
    if field.kind == "integer" and field.values:
        return _read_number_words(rows, field, raw)
    if field.name == "azimuth":
        return _azimuth_texts(rows, field, raw)  # read with its lists and ranges in camera_optics
    return _plain_column(rows, field, raw)


def _within_text_limits(rows: RowBuilder, field: Field, raw: pd.Series) -> pd.Series:
    """Return the cells without those that are too long or cannot be stored; without its key a row is rejected."""
    if raw.dtype != object and not pd.api.types.is_string_dtype(raw.dtype):
        return raw
    cells = raw.to_numpy(dtype=object)
    max_length = MAX_KEY if field.name == rows.layer.key else MAX_TEXT
    written = [cell for cell in cells if isinstance(cell, str)]
    if max(map(len, written), default=0) <= max_length and all(map(is_storable, cell_values.together(written, ""))):
        return raw
    texts = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    long = np.array([text and len(cell) > max_length for cell, text in zip(cells, texts, strict=True)], dtype=bool)
    odd = np.array([text and not is_storable(cell) for cell, text in zip(cells, texts, strict=True)], dtype=bool)
    if not (long | odd).any():
        return raw
    is_key = field.name == rows.layer.key
    tell = rows.fault if is_key else rows.finding
    odd_reason = "含不能存储的字符 / holds a character that cannot be stored"
    long_reason = sentence(f"超过 {max_length:,} 个字符", f"more than {max_length:,} characters")
    tell(odd, field.name, odd_reason if is_key else _left_empty(odd_reason))
    tell(long, field.name, long_reason if is_key else _left_empty(long_reason))
    return pd.Series(np.where(long | odd, None, cells), dtype=object)


def _left_empty(reason: str) -> str:
    """Return a reason for a cell that is lost while its row is kept."""
    zh, en = both(reason)
    return sentence(f"{zh}，作空", f"{en}: left empty")


def _plain_column(rows: RowBuilder, field: Field, raw: pd.Series) -> np.ndarray:
    if field.kind in ("number", "integer"):
        return _numeric(rows, field, raw)
    if field.kind == "date":
        days, bad = cell_values.dates(raw)
        rows.finding(bad, field.name, "不是日期，作空 / no date: left empty")
        return days
    texts = cell_values.texts(_without_dates(rows, field, raw), _words_that_count(rows, field))
    return _read_words(rows, field, _codes(rows, field, texts))


def _words_that_count(rows: RowBuilder, field: Field) -> frozenset[str]:
    """Return the words that stand for a missing value elsewhere, and are a state (U1) or its answer in this field."""
    if field.not_understood is None:
        return frozenset()
    answers = {"无"} if state_columns.asks_for_fault(rows.headings.get(field.name, "")) else set()
    return cell_values.UNKNOWN_WORDS | answers


def _without_dates(rows: RowBuilder, field: Field, raw: pd.Series) -> pd.Series:
    """Leave texts empty that a spreadsheet holds as dates: what was written there is gone. A key is rejected."""
    is_key = field.name == rows.layer.key
    if not (is_key or rows.source.sheets):
        return raw
    cells = raw.to_numpy(dtype=object)
    made = np.array([isinstance(cell, DateText) or (is_key and _is_day_of_year(cell)) for cell in cells], dtype=bool)
    if not made.any():
        return raw
    if is_key:
        rows.fault(made, field.name, _DATE_KEY)
        return raw
    rows.finding(made, field.name, _DATE)
    return pd.Series(np.where(made, None, cells), dtype=object)


def _is_day_of_year(cell: object) -> bool:
    if not isinstance(cell, str) or len(cell) > 12 or not ("-" in cell or "日" in cell):
        return False
    return _DAY_OF_YEAR.fullmatch(cell.strip()) is not None


def _codes(rows: RowBuilder, field: Field, found: np.ndarray) -> np.ndarray:
    """Return texts without the ``.0`` of a code, and without what a spreadsheet has rounded; keys are checked later."""
    written = [text for text in found if text is not None]
    # The marks are looked for before the pattern, which takes ten times as long.
    many = cell_values.together(written, "\n")
    if not any(any(mark in texts for mark in _SPOILED_MARKS) and _SPOILED.search(texts) for texts in many):
        return found
    if field.values:  # 1.0 is class 1
        return np.array([text if text is None else plain_code(text) for text in found], dtype=object)
    read = np.array([_without_decimal(text) for text in found], dtype=object)
    if field.name == rows.layer.key:
        return read
    for row, text in enumerate(read):
        if text is not None and is_rounded(text):
            rows.source.add_finding(row, Fault(field.name, _ROUNDED, text))
            read[row] = None
    return read


def _without_decimal(text: str | None) -> str | None:
    if text is None or not text.endswith(".0"):
        return text
    code = _DECIMAL_CODE.fullmatch(text)
    return text if code is None else code[1]


def _decoded(rows: RowBuilder, field: str, raw: pd.Series) -> pd.Series:
    codes = rows.profile.codes.get(field) if rows.profile is not None else None
    if codes is None:
        return raw
    texts = cell_values.texts(raw, _words_that_count(rows, rows.layer.field(field)))
    found = [decoded(text, codes) if text is not None else None for text in texts]
    return pd.Series(found, dtype=object)


def _numeric(rows: RowBuilder, field: Field, raw: pd.Series) -> np.ndarray:
    read, bad = _numbers(rows, field, raw)
    if field.is_lenient:
        unknown = bad | (read <= 0)
        rows.finding(unknown, field.name, "读不出或不大于零，作未知 / unreadable or not above zero: unknown")
        return np.where(unknown, np.nan, read)
    for row in np.flatnonzero(bad):
        reason = _left_empty(cell_values.number_fault(raw.iloc[row]))
        fault = Fault(field.name, reason, str(raw.iloc[row]))
        rows.source.add_finding(int(row), fault)
    if field.kind == "integer":
        fractional, large = cell_values.is_fractional(read), np.abs(read) >= 2**53
        rows.finding(fractional & ~large, field.name, "不是整数，作空 / no whole number: left empty")
        rows.finding(large, field.name, "数字过大，作空 / number too large: left empty")
        read = np.where(fractional | large, np.nan, read)
    return read


def _azimuth_texts(rows: RowBuilder, field: Field, raw: pd.Series) -> np.ndarray:
    """Return the texts of directions, bare numbers in degrees where the heading names another unit of angles."""
    found = cell_values.texts(raw)
    heading, is_strange = _unit_of_heading(rows, field)
    factor = units_of("deg").get(heading, 1.0)
    if factor == 1.0 and not is_strange:
        return found
    numbers = ["" if text is None else without_softener(plain_direction(text[:MAX_WORD])) for text in found]
    bare = np.array([_BARE_NUMBER.fullmatch(text) is not None for text in numbers], dtype=bool)
    if is_strange:
        rows.finding(bare, field.name, _STRANGE_UNIT)
        found[bare] = None
        return found
    _note_converted(rows, field, heading, bare)
    return np.array(
        [
            f"{float(number) * factor:.12g}" if one else text
            for text, number, one in zip(found, numbers, bare, strict=True)
        ],
        dtype=object,
    )


def _unit_of_heading(rows: RowBuilder, field: Field) -> tuple[str, bool]:
    """Return the unit that the heading of a field names, and whether it names one that its numbers cannot have."""
    name, unit = rows.headings.get(field.name, ""), field.unit
    heading = heading_unit(name)
    if heading and heading in units_of(unit):
        return heading, False
    return "", unit in ("m", "deg") and (bool(heading) or names_strange_unit(name))


def _note_converted(rows: RowBuilder, field: Field, heading: str, mask: np.ndarray) -> None:
    zh, en = f"{field.zh}的列名写明单位 {heading}，已换算", f"{field.name}: converted from {heading}"
    rows.note(mask, zh, f"{en}, the unit that its heading names")


def _numbers(rows: RowBuilder, field: Field, raw: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read numbers in the unit of the field, those of the heading's unit converted, loose ones with a finding."""
    unit = field.unit if field.unit in ("m", "deg", "px") else ""
    heading, is_strange = _unit_of_heading(rows, field)
    read, bad = cell_values.numbers(raw, unit, heading)
    about = np.zeros(rows.count, dtype=bool)
    doubts: dict[str, list[int]] = {}
    cells = raw.to_numpy(dtype=object)
    for row in np.flatnonzero(bad):
        number, why = loose_number(str(cells[row]), unit, heading)
        if number is not None:
            read[row], bad[row] = number, False
            about[row] = not why
            if why:
                doubts.setdefault(why, []).append(int(row))
    if is_strange:  # a number with a unit of its own is as good as ever
        other, _ = cell_values.numbers(raw, unit, {"m": "km", "deg": "rad"}[unit])
        bare = np.isfinite(read) & (read != other)
        rows.finding(bare, field.name, _STRANGE_UNIT)
        read = np.where(bare, np.nan, read)
    if field.unit == "share":
        _read_percentages(rows, field, read, bad, cells)
    if heading and units_of(unit)[heading] != 1.0:
        _note_converted(rows, field, heading, np.isfinite(read))
    for why, positions in doubts.items():
        rows.finding(np.isin(np.arange(rows.count), positions), field.name, why)
    rows.note(
        about, f"{field.zh}是约数或汉字数，按所写的数读", f"{field.name}: numbers written loosely are taken as written"
    )
    return read, bad


def _read_percentages(rows: RowBuilder, field: Field, read: np.ndarray, bad: np.ndarray, cells: np.ndarray) -> None:
    """Take 90% and 90 as 0.9, in place: a share is 1 at the most, and lists are written in hundredths."""
    hundredths = (read > 1) & (read <= 100)
    for row in np.flatnonzero(bad):
        found = _PERCENTAGE.fullmatch(str(cells[row]))
        if found is not None:
            read[row], bad[row], hundredths[row] = float(found[1]), False, True
    # Twelve digits are more than any share is good for: 7 hundredths are 0.07 and not 0.07000000000000001.
    read[hundredths] = [float(f"{value / 100:.12g}") for value in read[hundredths]]
    rows.note(hundredths, f"{field.zh}按百分数读", f"{field.name}: read as percentages")


def _read_number_words(rows: RowBuilder, field: Field, raw: pd.Series) -> np.ndarray:
    reader = value_words.number_reader(rows.layer.name, field.name)
    found = _codes(rows, field, cell_values.texts(raw))
    read = [reader(text) if text is not None else None for text in found]
    unknown = [number is None and text is not None for number, text in zip(read, found, strict=True)]
    rows.finding(np.array(unknown, dtype=bool), field.name, _NOT_UNDERSTOOD, is_word=True)
    _note_doubts(rows, field, found)
    return np.array([np.nan if number is None else number for number in read], dtype=float)


def _read_words(rows: RowBuilder, field: Field, found: np.ndarray) -> np.ndarray:
    choose = value_words.value_reader(rows.layer.name, field.name)
    if (rows.layer.name, field.name) == ("cameras", "status"):
        found = _states(rows, found)
    if choose is None:
        return found
    known = {text: choose(text) for text in {text for text in found if text is not None}}
    read = np.array([None if text is None else known[text] for text in found], dtype=object)
    none = {text for text in known if value_words.is_none_of_layer(rows.layer.name, field.name, text)}
    rows.fault(np.array([text in none for text in found], dtype=bool), field.name, camera_words.NO_CAMERA)
    unknown = np.array([text not in none and text is not None and known[text] is None for text in found], dtype=bool)
    if field.is_open:
        rows.finding(unknown, field.name, _OTHER_WORD, is_word=True)
        read[unknown] = found[unknown]
    elif field.not_understood is not None:
        # A missing status means online (U4); a word that is not understood must not (U1).
        rows.finding(unknown, field.name, _AS_UNKNOWN, is_word=True)
        read[unknown] = field.not_understood
    else:
        rows.finding(unknown, field.name, _NOT_UNDERSTOOD, is_word=True)
    _note_doubts(rows, field, found)
    return read


def _states(rows: RowBuilder, found: np.ndarray) -> np.ndarray:
    """Return the texts of states, yes and no turned round where the heading asks for faults."""
    heading = rows.headings.get("status", "")
    if state_columns.asks_for_fault(heading):
        found, turned = state_columns.turned_round(found)
        rows.note(turned, *both(state_columns.TURNED_ROUND))
    elif (finding := state_columns.mostly_zero(found.tolist(), heading)) is not None:
        rows.source.file_findings.append(finding)
    return found


def _note_doubts(rows: RowBuilder, field: Field, found: np.ndarray) -> None:
    """Add a finding on every word that was read and should be looked at."""
    for text in dict.fromkeys(text for text in found if text is not None):
        why = value_words.doubt(rows.layer.name, field.name, text)
        if why:
            rows.finding(found == text, field.name, why)


def is_rounded(text: str) -> bool:
    """Return whether a text is a long number as a spreadsheet shows it: 6.2E+19, its last digits gone."""
    if "E+" not in text and "e+" not in text:
        return False
    mantissa, _, exponent = text.casefold().partition("e+")
    return exponent.isdigit() and mantissa.replace(".", "", 1).isdigit()
