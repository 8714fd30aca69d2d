"""Tell columns of codes from columns of words and degrees, by their heading and their set of values."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from geo.catalog.yes_no import is_yes
from geo.readers.columns.column_mapping import normalised_column_name
from geo.readers.columns.profiles import PROFILES, YJYD, Profile
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.readers.words.units import DEGREES, heading_unit
from geo.sentences import sentence

#: Why a column of codes stays unread.
CODES = "整列是 1 到 9 的整数，像是代码而不是度数，没有采用；用 --profile 指明（gbt28181、gat1400、yjyd），或写明度数"
CODES += " / whole numbers from 1 to 9 throughout: codes, no degrees, not read; name the --profile, or write degrees"
NO_CODE = "不是这个方案的代码，作空 / no code of this profile: left empty"
NO_STATE = "不是这个方案的代码，作未知 / no code of this profile: unknown"
NO_WORD = "只有数字，像是代码，作空；用 --profile 指明 / digits only, as codes are: left empty; name the --profile"

_CODED_FIELDS = ("azimuth", "kind", "status", "place_type", "class")
# RoomType of GB/T 28181 and 室内外 of 一机一档 sheets agree, so that heading and values are enough.
_INDOORS: Mapping[str, str | None] = {"1": "outdoor", "2": "indoor"}
_INDOOR_HEADINGS = ("室内外", "室内外属性", "安装位置室内外", "roomtype", "indooroutdoor")
_INDOOR_NOTE = "室内外按国标代码读：1 室外，2 室内 / indoors by the code of GB/T 28181: 1 outdoors, 2 indoors"
_IS_INDOOR_HEADINGS = ("是否室内", "是否在室内", "是否室内点位", "isindoor", "indoor")
_PLACE_OF_ANSWER: Mapping[bool | None, str] = {True: "indoor", False: "outdoor"}
_YES_NO_NOTE = "列名问的是是否室内，“是”作室内 / the heading asks for indoors: yes is indoors"
_WHOLE = re.compile(r"\d{1,3}")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
#: A code as spreadsheets and databases write it: 1.0, 01.
_PADDED = re.compile(r"0*(\d{1,3})(?:\.0+)?")
#: What stands for no value among codes.
_NO_VALUE = frozenset({"0", "-1", "99"})
#: Headings that may hold degrees as well as codes: it takes more rows to call their small numbers codes.
_ANGLES = re.compile(r"azimuth|bearing|heading|方位角|角度|角$")
_MIN_ROWS = 2
_MIN_ANGLE_ROWS = 4
#: Headings of columns that hold codes by their standards: one row is enough.
_CODED_HEADINGS = frozenset(
    normalised_column_name(name) for one in PROFILES.values() for name in one.columns.get("azimuth", "").split()
)
# Of the numbers of a column: to be codes without a profile named, and with one.
_SHARE, _SHARE_OF_PROFILE = 0.9, 0.5


def settle_codes(
    source: SourceTable, raw: dict[str, pd.Series], mapping: Mapping[str, str], profile: Profile | None
) -> Profile | None:
    """Return the profile whose codes the columns of cameras hold, each field by its values; None for no codes.

    Cells that are codes of no profile are emptied, with a finding: a code is never read as degrees.

    Parameters
    ----------
    raw
        Field -> raw cells; suspected codes are emptied in place.
    mapping
        Field -> heading.
    profile
        The profile named by the user or recognised by headings of its own; None for neither.
    """
    is_named = profile is not None
    values = {field: _parts(raw[field]) for field in _CODED_FIELDS if field in raw}
    if profile is None and _has_headings_of_yjyd(source, mapping) and _has_codes_of_yjyd(values):
        profile = PROFILES[YJYD]
        note = sentence(
            f"按列名和取值认出来源方案 {YJYD}（一机一档）", f"profile {YJYD} recognised by its headings and codes"
        )
        source.notes[note] += len(source)
    codes: dict[str, Mapping[str, str | None]] = {}
    for field, parts in values.items():
        known = profile.codes.get(field) if profile is not None else None
        if known is not None and _fits(parts, known, _SHARE_OF_PROFILE if is_named else _SHARE):
            codes[field] = known
            is_lost = partial(_is_other_code, known)
            if field == "status":  # a missing one means online (U4)
                _empty(source, raw, field, is_lost, NO_STATE, instead="unknown")
            else:
                _empty(source, raw, field, is_lost, NO_CODE)
        elif known is None or field == "azimuth":
            _empty_suspected(source, raw, field, parts, mapping.get(field, ""))
    return None if profile is None else replace(profile, codes=codes)


def _is_other_code(known: Mapping[str, str | None], part: str) -> bool:
    return _WHOLE.fullmatch(part) is not None and part not in known


def decoded(text: str, codes: Mapping[str, str | None]) -> str | None:
    """Return the words of one code, or of several with ``/``, ``,`` or ``;`` between; None for a missing value.

    Examples
    --------
    >>> decoded("1/3", {"1": "90", "3": "180"}), decoded("9", {"9": None}), decoded("东", {"1": "90"})
    ('90;180', None, '东')
    """
    read = [codes.get(part, part) for part in _split(text)]
    return ";".join(part for part in read if part is not None) or None


def _has_headings_of_yjyd(source: SourceTable, mapping: Mapping[str, str]) -> bool:
    names = {normalised_column_name(str(name)) for name in (*source.columns.columns, *mapping.values())}
    return len(names & PROFILES[YJYD].shared_columns) >= 2


def _has_codes_of_yjyd(values: Mapping[str, Counter[str]]) -> bool:
    # A 1 for online is no sign: many registers have it.
    codes, status = PROFILES[YJYD].codes, values.get("status", Counter())
    return any(_fits(values.get(field, Counter()), codes[field]) for field in ("azimuth", "kind")) or (
        bool({"2", "3"} & set(status)) and _fits(status, codes["status"])
    )


def _split(text: str) -> list[str]:
    """Return the parts of a cell in one width, codes without what spreadsheets add to them."""
    plain = unicodedata.normalize("NFKC", text)
    return [plain_code(part) for part in re.split("[/;,、]", plain) if part.strip()]


def plain_code(text: str) -> str:
    """Return a text without the zeros that spreadsheets and databases put around a code.

    Examples
    --------
    >>> [plain_code(text) for text in ("1.0", "05", " 3 ", "0", "22.5", "东")]
    ['1', '5', '3', '0', '22.5', '东']
    """
    code = _PADDED.fullmatch(text.strip())
    return text.strip() if code is None else code[1]


def _parts(column: pd.Series) -> Counter[str]:
    """Return the parts of all cells that are there, each with how often it is."""
    parts: Counter[str] = Counter()
    for text, count in Counter(text for text in cell_values.texts(column) if text is not None).items():
        for part in _split(text):
            parts[part] += count
    return parts


def _fits(parts: Counter[str], codes: Mapping[str, str | None], share: float = _SHARE) -> bool:
    """Return whether the whole numbers of a column are, but for slips, codes of a table."""
    numbers = {part: n for part, n in parts.items() if _NUMBER.fullmatch(part)}
    known = sum(n for part, n in numbers.items() if part in codes)
    count = known + sum(n for part, n in numbers.items() if part not in codes and part not in _NO_VALUE)
    return count > 0 and known >= share * count


def _empty_suspected(
    source: SourceTable, raw: dict[str, pd.Series], field: str, parts: Counter[str], heading: str
) -> None:
    if field == "place_type" and set(parts) <= set(_INDOORS) and normalised_column_name(heading) in _INDOOR_HEADINGS:
        cells = [None if text is None else decoded(text, _INDOORS) for text in cell_values.texts(raw[field])]
        raw[field] = pd.Series(cells, dtype=object)
        source.notes[_INDOOR_NOTE] += sum(cell is not None for cell in cells)
    elif field == "place_type" and normalised_column_name(heading) in _IS_INDOOR_HEADINGS:
        found = cell_values.texts(raw[field])
        turned = [None if text is None else _PLACE_OF_ANSWER.get(is_yes(text)) for text in found]
        cells = [text if place is None else place for text, place in zip(found, turned, strict=True)]
        raw[field] = pd.Series(cells, dtype=object)
        if any(turned):
            source.notes[_YES_NO_NOTE] += sum(place is not None for place in turned)
    elif field == "place_type":
        _empty(source, raw, field, lambda part: bool(_WHOLE.fullmatch(part)), NO_WORD)
    if field == "azimuth" and _are_codes(parts, heading):
        _empty(source, raw, field, lambda part: _NUMBER.fullmatch(part) is not None, CODES)


def _are_codes(parts: Counter[str], heading: str) -> bool:
    """Return whether the numbers of a column of directions are codes of no known profile, words aside."""
    if heading_unit(heading) in DEGREES and heading_unit(heading):
        return False
    numbers = {part: n for part, n in parts.items() if _NUMBER.fullmatch(part) and part not in _NO_VALUE}
    codes = {part: n for part, n in numbers.items() if re.fullmatch("[1-9]", part)}
    count = sum(codes.values())
    if not codes or count < _SHARE * sum(numbers.values()):
        return False
    name = normalised_column_name(heading)
    if _ANGLES.search(name) is not None:
        return count >= _MIN_ANGLE_ROWS and len(codes) > 1
    return count >= (1 if name in _CODED_HEADINGS else _MIN_ROWS)


def _empty(
    source: SourceTable,
    raw: dict[str, pd.Series],
    field: str,
    is_lost: Callable[[str], bool],
    reason: str,
    *,
    instead: str | None = None,
) -> None:
    """Empty the cells of which a part is lost, or put a word instead, with a finding."""
    cells = raw[field].to_numpy(dtype=object).copy()
    for row, text in enumerate(cell_values.texts(raw[field])):
        if text is not None and any(is_lost(part) for part in _split(text)):
            source.add_finding(row, Fault(field, reason, text, is_word=True))
            cells[row] = instead
    raw[field] = pd.Series(np.asarray(cells, dtype=object), dtype=object)
