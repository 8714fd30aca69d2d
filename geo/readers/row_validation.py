"""Convert raw rows to rows of a layer: a row is kept where its place and key are, a cell that cannot be read is lost.

A row is rejected for a key that repeats or cannot be stored, and for a thing that is none; every other cell that is
impossible or not understood becomes missing and is a finding (rule U5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.bounds import MAX_KEY, MAX_TEXT, is_storable
from geo.catalog.division_codes import DIVISION_LEVELS
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.readers import camera_optics, cell_values, value_words
from geo.readers.code_columns import decoded
from geo.readers.directions import Direction
from geo.readers.loose_numbers import MIDDLE, loose_number
from geo.readers.profiles import Profile
from geo.readers.row_builder import RowBuilder
from geo.readers.source import Fault, SourceTable
from geo.readers.units import heading_unit, units_of

_STOREY_M = 3.0
_NOT_UNDERSTOOD = "不认识，作空 / not understood: left empty"
_OTHER_WORD = "不是已知的类型，按原文保留 / no kind that is known: kept as it is written"
_AS_UNKNOWN = "不认识，作未知 / not understood: unknown"
_ROUNDED_KEY = (
    "编号被电子表格改成科学计数；在原系统把该列设为文本重新导出"
    " / key rounded by a spreadsheet; make the column text at its source and export it again"
)
_ROUNDED = (
    "编号被电子表格改成科学计数，作空；在原系统把该列设为文本重新导出"
    " / a code rounded by a spreadsheet: left empty; make the column text at its source and export it again"
)
_SPOILED = re.compile(r"\.0$|[eE]\+")
#: A code that a program wrote as a decimal number.
_DECIMAL_CODE = re.compile(r"(\d{3,})\.0")
_PERCENTAGE = re.compile(r"\s*(\d{1,3}(?:\.\d{1,12})?)\s*[%％]\s*")
_LEVEL_OF_CODE = {digits: level for level, digits in DIVISION_LEVELS.items()}


def validated_rows(
    source: SourceTable,
    layer: Layer,
    raw: Mapping[str, pd.Series],
    profile: Profile | None,
    headings: Mapping[str, str] | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Read the fields of a layer.

    Parameters
    ----------
    source
        The source of the rows; faults and notes are added to it.
    raw
        Field -> raw cells, one per feature.
    profile
        The profile whose codes are used; None for no codes.
    headings
        Field -> the heading of its column, which may name the unit of its numbers.

    Returns
    -------
    frame
        Every field of the layer, valid rows only, in the file's order; texts and dates ``str``, numbers ``float64``,
        integers ``Int64``.
    positions
        Feature position from 0 of each row; a camera of several directions has several rows.
    """
    rows = RowBuilder(source, layer, raw, profile, headings)
    for one in layer.all_fields:
        rows.data[one.name] = _column(rows, one)
    if layer.name == "obstacles":
        _height_from_storeys(rows)
    if layer.name == "divisions":
        _division_levels(rows)
    _check_limits(rows)
    directions = camera_optics.read_optics(rows) if layer.name == "cameras" else None
    if layer.name == "addresses":
        nothing = np.array([text is None for text in rows.data["text"]], dtype=bool)
        rows.fault(nothing, "text", "没有地址文字 / an address without text")
    _fill_and_check_keys(rows)
    return _layer_frame(rows, directions)


# --- single columns --------------------------------------------------------------------------------------------------


def _column(rows: RowBuilder, field: Field) -> np.ndarray:
    raw = rows.raw.get(field.name)
    if raw is None:
        if field.kind in ("number", "integer") and field.name != "azimuth":
            return np.full(rows.count, np.nan)
        return np.full(rows.count, None, dtype=object)
    raw = _decoded(rows, field.name, _within_text_limits(rows, field, raw))
    if field.kind == "integer" and field.values:
        return _read_number_words(rows, field, raw)
    if field.name == "azimuth":
        return cell_values.texts(raw)  # read with its lists and ranges in _optics
    return _plain_column(rows, field, raw)


def _within_text_limits(rows: RowBuilder, field: Field, raw: pd.Series) -> pd.Series:
    """Return the cells without those that are too long or cannot be stored; without its key a row is rejected."""
    if raw.dtype != object and not pd.api.types.is_string_dtype(raw.dtype):
        return raw
    cells = raw.to_numpy(dtype=object)
    max_length = MAX_KEY if field.name == rows.layer.key else MAX_TEXT
    texts = np.array([isinstance(cell, str) for cell in cells], dtype=bool)
    long = np.array([text and len(cell) > max_length for cell, text in zip(cells, texts, strict=True)], dtype=bool)
    odd = np.array([text and not is_storable(cell) for cell, text in zip(cells, texts, strict=True)], dtype=bool)
    if not (long | odd).any():
        return raw
    is_key = field.name == rows.layer.key
    lose = rows.fault if is_key else rows.lose
    lose(odd, field.name, "含不能存储的字符 / holds a character that cannot be stored")
    lose(long, field.name, f"超过 {max_length:,} 个字符 / more than {max_length:,} characters")
    return pd.Series(np.where(long | odd, None, cells), dtype=object)


def _plain_column(rows: RowBuilder, field: Field, raw: pd.Series) -> np.ndarray:
    if field.kind in ("number", "integer"):
        return _numeric(rows, field, raw)
    if field.kind == "date":
        days, bad = cell_values.dates(raw)
        rows.lose(bad, field.name, "不是日期，作空 / no date: left empty")
        return days
    return _read_words(rows, field, _codes(rows, field, cell_values.texts(raw)))


def _codes(rows: RowBuilder, field: Field, found: np.ndarray) -> np.ndarray:
    """Return texts without the ``.0`` of a code, and without what a spreadsheet has rounded; keys are checked later."""
    if field.values or not any(text is not None and _SPOILED.search(text) for text in found):
        return found
    read = np.array([_without_decimal(text) for text in found], dtype=object)
    if field.name == rows.layer.key:
        return read
    for row, text in enumerate(read):
        if text is not None and _is_rounded(text):
            rows.source.lose(row, Fault(field.name, _ROUNDED, text))
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
    found = [decoded(text, codes) if text is not None else None for text in cell_values.texts(raw)]
    return pd.Series(found, dtype=object)


def _numeric(rows: RowBuilder, field: Field, raw: pd.Series) -> np.ndarray:
    read, bad = _numbers(rows, field, raw)
    if field.is_lenient:
        unknown = bad | (read <= 0)
        rows.lose(unknown, field.name, "读不出或不大于零，作未知 / unreadable or not above zero: unknown")
        return np.where(unknown, np.nan, read)
    for row in np.flatnonzero(bad):
        fault = Fault(field.name, cell_values.number_fault(raw.iloc[row]), str(raw.iloc[row]))
        rows.source.lose(int(row), fault)
    if field.kind == "integer":
        fractional, large = cell_values.is_fractional(read), np.abs(read) >= 2**53
        rows.lose(fractional & ~large, field.name, "不是整数，作空 / no whole number: left empty")
        rows.lose(large, field.name, "数字过大，作空 / number too large: left empty")
        read = np.where(fractional | large, np.nan, read)
    return read


def _numbers(rows: RowBuilder, field: Field, raw: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Read numbers in the unit of the field, those of the heading's unit converted, loose ones with a finding."""
    unit = field.unit if field.unit in ("m", "deg", "px") else ""
    heading = heading_unit(rows.headings.get(field.name, ""))
    heading = heading if heading in units_of(unit) else ""
    read, bad = cell_values.numbers(raw, unit, heading)
    about = np.zeros(rows.count, dtype=bool)
    middle = np.zeros(rows.count, dtype=bool)
    cells = raw.to_numpy(dtype=object)
    for row in np.flatnonzero(bad):
        number, why = loose_number(str(cells[row]), unit, heading)
        if number is not None:
            read[row], bad[row] = number, False
            about[row], middle[row] = not why, bool(why)
    if field.unit == "share":
        _read_percentages(rows, field, read, bad, cells)
    if heading and units_of(unit)[heading] != 1.0:
        zh = f"{field.zh}的列名写明单位 {heading}，已换算"
        rows.note(np.isfinite(read), zh, f"{field.name}: converted from {heading}, the unit that its heading names")
    rows.lose(middle, field.name, MIDDLE)
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
    found = cell_values.texts(raw)
    read = [reader(text) if text is not None else None for text in found]
    unknown = [number is None and text is not None for number, text in zip(read, found, strict=True)]
    rows.lose(np.array(unknown, dtype=bool), field.name, _NOT_UNDERSTOOD, is_word=True)
    _note_doubts(rows, field, found)
    return np.array([np.nan if number is None else number for number in read], dtype=float)


def _read_words(rows: RowBuilder, field: Field, found: np.ndarray) -> np.ndarray:
    choose = value_words.value_reader(rows.layer.name, field.name)
    if choose is None:
        return found
    known = {text: choose(text) for text in {text for text in found if text is not None}}
    read = np.array([None if text is None else known[text] for text in found], dtype=object)
    unknown = np.array([text is not None and known[text] is None for text in found], dtype=bool)
    if field.is_open:
        rows.lose(unknown, field.name, _OTHER_WORD, is_word=True)
        read[unknown] = found[unknown]
    elif field.not_understood is not None:
        # A missing status means online (U4); a word that is not understood must not (U1).
        rows.lose(unknown, field.name, _AS_UNKNOWN, is_word=True)
        read[unknown] = field.not_understood
    else:
        rows.lose(unknown, field.name, _NOT_UNDERSTOOD, is_word=True)
    for one in field.values:
        if not one.is_stored:
            rows.fault(read == one.name, field.name, f"{one.zh} / {one.en}")
    _note_doubts(rows, field, found)
    return read


def _note_doubts(rows: RowBuilder, field: Field, found: np.ndarray) -> None:
    """Add a finding on every word that was read and should be looked at."""
    for text in dict.fromkeys(text for text in found if text is not None):
        why = value_words.doubt(rows.layer.name, field.name, text)
        if why:
            rows.lose(found == text, field.name, why)


# --- layers with special rules -------------------------------------------------------------------------------------


def _height_from_storeys(rows: RowBuilder) -> None:
    raw = rows.raw.get("levels")
    if raw is None:
        return
    levels, bad = cell_values.numbers(raw)
    height = rows.data["height"]
    given = rows.raw.get("height")
    blank = np.ones(rows.count, dtype=bool)
    if given is not None:
        blank = np.array([text is None for text in cell_values.texts(given)], dtype=bool)
    derived = blank & (levels > 0)
    rows.data["height"] = np.where(derived, levels * _STOREY_M, height)
    rows.note(derived, "高度按每层 3 米由层数得出", "height from storeys, 3 m each")
    unread = blank & (bad | (levels <= 0))
    rows.lose(unread, "levels", "读不出或不大于零，高度未知 / unreadable or not above zero: height unknown")


def _division_levels(rows: RowBuilder) -> None:
    missing = np.array([level is None for level in rows.data["level"]], dtype=bool)
    derived = [
        _LEVEL_OF_CODE.get(len(code)) if blank and code is not None and code.isdigit() else None
        for code, blank in zip(rows.data["code"], missing, strict=True)
    ]
    rows.data["level"] = np.array(
        [new if new is not None else old for new, old in zip(derived, rows.data["level"], strict=True)], dtype=object
    )
    found = np.array([level is not None for level in derived], dtype=bool)
    rows.note(found, "级别由代码位数得出", "level from the length of the code")


def _check_limits(rows: RowBuilder) -> None:
    """Leave numbers outside the limits of their fields empty (rule U5)."""
    limited = [(one.name, one.limits) for one in rows.layer.fields if one.limits is not None and not one.is_lenient]
    for name, limits in limited:
        read = rows.data[name]
        if np.isfinite(limits.high):
            reason = f"应在 {limits.low:g} 到 {limits.high:g} 之间，作空 / outside {limits}: left empty"
        elif limits.has_low:
            reason = "不能为负，作空 / below zero: left empty"
        else:
            reason = "必须大于零，作空 / must be above zero: left empty"
        with np.errstate(invalid="ignore"):
            outside = (read < limits.low if limits.has_low else read <= limits.low) | (read > limits.high)
        rows.lose(outside, name, reason)
        rows.data[name] = np.where(outside, np.nan, read)


# --- keys and rows ---------------------------------------------------------------------------------------------------


def _fill_and_check_keys(rows: RowBuilder) -> None:
    """Fill missing keys with source and row number, and add a fault to every further row of a key."""
    key = rows.layer.key
    found = rows.data[key]
    missing = np.array([text is None for text in found], dtype=bool)
    if missing.any():
        found = np.array(
            [rows.source.row_key(row) if text is None else text for row, text in enumerate(found)], dtype=object
        )
        rows.note(missing, f"没有{key}，用文件名加行号", f"no {key}: file name and row number used")
    rows.data[key] = found
    destroyed = [text for text in set(found) if _is_rounded(text)]
    if destroyed:
        rows.fault(np.isin(found, destroyed), key, _ROUNDED_KEY)
    good = rows.good()
    codes, _ = pd.factorize(found[good])
    order = pd.Series(good).groupby(codes).transform("first").to_numpy()
    for row, first in zip(good[order != good], order[order != good], strict=True):
        label = rows.source.label(int(first))
        reason = f"编号重复，首见于 {label} / key already used by row {label}"
        rows.source.faults.setdefault(int(row), Fault(key, reason, str(found[row])))


def _is_rounded(text: str) -> bool:
    if "E+" not in text and "e+" not in text:
        return False
    mantissa, _, exponent = text.casefold().partition("e+")
    return exponent.isdigit() and mantissa.replace(".", "", 1).isdigit()


def _layer_frame(rows: RowBuilder, directions: list[list[Direction]] | None) -> tuple[pd.DataFrame, np.ndarray]:
    positions = rows.good()
    data = {name: column[positions] for name, column in rows.data.items()}
    if directions is not None:
        data, positions = camera_optics.one_row_per_direction(rows, directions, positions)
    rows.count_notes()
    return pd.DataFrame({f.name: _typed(f, data[f.name]) for f in rows.layer.all_fields}), positions


def _typed(field: Field, column: np.ndarray) -> pd.Series:
    if field.kind == "number":
        return pd.Series(column.astype(float), dtype="float64")
    if field.kind == "integer":
        return pd.Series(np.rint(column.astype(float))).astype("Int64")
    if all(value is None for value in column):
        return pd.Series(index=range(len(column)), dtype="str")
    return pd.Series(column, dtype="str")
