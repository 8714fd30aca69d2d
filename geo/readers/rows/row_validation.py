"""Convert raw rows to rows of a layer: a row is kept where its place and key are, a cell that cannot be read is lost.

A row is rejected for a key that repeats or cannot be stored, and for a thing that is none; every other cell that is
impossible or not understood becomes missing and is a finding (rule U5).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from geo.catalog.division_codes import level_of_code
from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.readers.columns.profiles import Profile
from geo.readers.rows import camera_optics
from geo.readers.rows.own_tables import is_own_table
from geo.readers.rows.row_builder import RowBuilder
from geo.readers.rows.row_cells import is_rounded, read_column
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.readers.words.bare_numbers import is_number_only
from geo.readers.words.code_texts import FIELDS_OF_CODES, NAME_FOR_CODE, is_code
from geo.readers.words.directions import Direction
from geo.readers.words.loose_numbers import loose_number
from geo.readers.words.units import STOREY_M
from geo.sentences import sentence

_ROUNDED_KEY = (
    "编号被电子表格改成科学计数；在原系统把该列设为文本重新导出"
    " / key rounded by a spreadsheet; make the column text at its source and export it again"
)
_NUMBER_ONLY = (
    "只有号码，没有区划、道路或小区：不是地址；没有合并的空格不照上一行填"
    " / a number without division, road or estate is no address; blanks that are not merged are not filled from above"
)
_NO_KIND = "没有类型 / no kind"
#: Beside rows that have one it was forgotten; where no row has one the file is without, which is a note.
_NO_KEY = (
    "编号空着，用文件名加行号作编号；填上编号再导入会成为另一行"
    " / no key: file name and row number stand for it; once a key is filled in, it is imported as another row"
)


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
        rows.data[one.name] = read_column(rows, one)
    if layer.name == "obstacles":
        _height_from_storeys(rows)
    if layer.name == "divisions":
        _division_levels(rows)
    _check_limits(rows)
    _check_dates(rows)
    _note_names_for_codes(rows)
    _note_missing_kinds(rows)
    directions = camera_optics.read_optics(rows) if layer.name == "cameras" else None
    if layer.name == "addresses":
        _check_texts(rows)
    _fill_and_check_keys(rows)
    return _layer_frame(rows, directions)


# --- layers with special rules -------------------------------------------------------------------------------------


def _height_from_storeys(rows: RowBuilder) -> None:
    raw = rows.raw.get("levels")
    if raw is None:
        return
    levels, bad = cell_values.numbers(raw)
    for row in np.flatnonzero(bad):
        number, why = loose_number(str(raw.iloc[row]))  # 六层, 约6层
        if number is not None and not why:
            levels[row], bad[row] = number, False
    height = rows.data["height"]
    given = rows.raw.get("height")
    blank = np.ones(rows.count, dtype=bool)
    if given is not None:
        blank = np.array([text is None for text in cell_values.texts(given)], dtype=bool)
    derived = blank & (levels > 0)
    rows.data["height"] = np.where(derived, levels * STOREY_M, height)
    rows.note(derived, "高度按每层 3 米由层数得出", "height from storeys, 3 m each")
    unread = blank & (bad | (levels <= 0))
    rows.finding(unread, "levels", "读不出或不大于零，高度未知 / unreadable or not above zero: height unknown")


def _division_levels(rows: RowBuilder) -> None:
    missing = np.array([level is None for level in rows.data["level"]], dtype=bool)
    derived = [
        level_of_code(code) if blank and code is not None else None
        for code, blank in zip(rows.data["code"], missing, strict=True)
    ]
    rows.data["level"] = np.array(
        [new if new is not None else old for new, old in zip(derived, rows.data["level"], strict=True)], dtype=object
    )
    found = np.array([level is not None for level in derived], dtype=bool)
    rows.note(found, "级别由代码位数得出", "level from the length of the code")


def _check_texts(rows: RowBuilder) -> None:
    """Add a fault to addresses without text, and to those of numbers alone: 3号 is at every door of that number.

    Blank cells below the name of a village are not filled where they are not merged: nothing says that they go on.
    """
    found = rows.data["text"]
    rows.fault(np.array([text is None for text in found], dtype=bool), "text", "没有地址文字 / an address without text")
    if is_own_table(rows.source, rows.layer):  # what is stored comes back
        return
    for row, (text, standard) in enumerate(zip(found, rows.data["standard"], strict=True)):
        if text is not None and is_number_only(text) and (standard is None or is_number_only(standard)):
            rows.source.faults.setdefault(row, Fault("text", _NUMBER_ONLY, text))


def _note_names_for_codes(rows: RowBuilder) -> None:
    """Add a finding on names in fields that hold codes: they are kept, and nothing that goes by codes finds them.

    A download of this project holds what is stored, which was told when it came in.
    """
    if is_own_table(rows.source, rows.layer):
        return
    for name in FIELDS_OF_CODES.get(rows.layer.name, ()):
        found = rows.data[name]
        named = np.array([text is not None and not is_code(text) for text in found], dtype=bool)
        rows.finding(named, name, NAME_FOR_CODE, is_word=True)


def _note_missing_kinds(rows: RowBuilder) -> None:
    """Say which places, facilities and own zones have no kind: they are kept, and no claim of a kind counts them."""
    field = next((one for one in rows.layer.fields if one.name == "kind" and one.is_open), None)
    if field is None or is_own_table(rows.source, rows.layer):
        return
    missing = np.array([one is None for one in rows.data["kind"]], dtype=bool)
    if missing.all():
        rows.note(missing, "没有类型", "no kind")
    else:
        rows.finding(missing, "kind", _NO_KIND)


def _check_limits(rows: RowBuilder) -> None:
    """Leave numbers outside the limits of their fields empty (rule U5)."""
    limited = [(one.name, one.limits) for one in rows.layer.fields if one.limits is not None and not one.is_lenient]
    for name, limits in limited:
        read = rows.data[name]
        if np.isfinite(limits.high):
            reason = sentence(f"应在 {limits.low:g} 到 {limits.high:g} 之间，作空", f"outside {limits}: left empty")
        elif limits.has_low:
            reason = "不能为负，作空 / below zero: left empty"
        else:
            reason = "必须大于零，作空 / must be above zero: left empty"
        with np.errstate(invalid="ignore"):
            outside = (read < limits.low if limits.has_low else read <= limits.low) | (read > limits.high)
        rows.finding(outside, name, reason)
        rows.data[name] = np.where(outside, np.nan, read)


def _check_dates(rows: RowBuilder) -> None:
    """Leave the last day of a row empty where it is not after its first one (rule U5): no store takes such a pair."""
    begins, ends = rows.data["valid_from"], rows.data["valid_to"]
    pairs = zip(begins.tolist(), ends.tolist(), strict=True)
    ended = np.array([a is not None and b is not None and a >= b for a, b in pairs], dtype=bool)
    rows.finding(ended, "valid_to", "失效日期不晚于生效日期，作空 / ends on or before the day it begins: left empty")
    ends[ended] = None


# --- keys and rows ---------------------------------------------------------------------------------------------------


def _fill_and_check_keys(rows: RowBuilder) -> None:
    """Fill missing keys with source and row number, and add a fault to every further row of a key."""
    key = rows.layer.key
    found = rows.data[key]
    missing = np.array([text is None for text in found], dtype=bool)
    if missing.any():
        keys = rows.source.all_row_keys()
        found = np.array([own if text is None else text for own, text in zip(keys, found, strict=True)], dtype=object)
        if missing.all():
            zh = rows.layer.field(key).zh
            rows.note(missing, f"没有{zh}，用文件名加行号", f"no {key}: file name and row number used")
        else:
            told = [
                row for fault, told_rows in rows.source.cell_findings.items() if fault.field == key for row in told_rows
            ]
            rows.finding(missing & ~np.isin(np.arange(rows.count), told), key, _NO_KEY)
    rows.data[key] = found
    destroyed = [text for text in set(found) if is_rounded(text)]
    if destroyed:
        rows.fault(np.isin(found, destroyed), key, _ROUNDED_KEY)
    good = rows.good()
    codes, _ = pd.factorize(found[good])
    order = pd.Series(good).groupby(codes).transform("first").to_numpy()
    for row, first in zip(good[order != good], order[order != good], strict=True):
        label = rows.source.label(int(first))
        reason = sentence(f"编号重复，首见于第 {label} 行", f"key already used by row {label}")
        rows.source.faults.setdefault(int(row), Fault(key, reason, str(found[row])))


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
