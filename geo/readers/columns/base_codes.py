"""Bring codes of base data to those of divisions: 19 digits to 12, 156 before 6, codes within objects, full width."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from geo.catalog.division_codes import code_text
from geo.catalog.layers import Layer
from geo.readers.source import SourceTable
from geo.readers.words import cell_values

_CUT = "19 位单位代码取前 12 位（村级） / codes of units of 19 digits cut to the 12 of the village"
_COUNTRY = "代码前的国家代码 156 去掉 / the country code 156 before the code left out"
_UNIT, _WITH_COUNTRY = re.compile(r"\d{19}"), re.compile(r"156\d{6}")
_WITHIN = re.compile(r"['\"]?(?:adcode|code)['\"]?\s*:\s*['\"]?(\d{6,12})")


def plain_codes(source: SourceTable, layer: Layer, raw: dict[str, pd.Series]) -> None:
    """Replace the raw cells of codes of divisions, in place; the source notes the rows.

    Land registers name the unit that owns or holds a parcel by the 12 digits of the village and 7 of the group
    (QSDWDM, ZLDWDM); the national map service puts 156 before the 6 digits of a county (gb).
    """
    if not layer.is_zones:
        return
    # The codes of what names its village are codes of its own.
    for field in ("village",) if "village" in layer.names else (layer.key, "parent"):
        if field not in raw:
            continue
        cells = raw[field]
        read = [_plain(cell) for cell in cells]
        if not any(sentence or new is not old for (new, sentence), old in zip(read, cells, strict=True)):
            continue
        raw[field] = pd.Series([new for new, _ in read], dtype=object)
        for sentence in (_CUT, _COUNTRY):
            rows = [row for row, (_, found) in enumerate(read) if found == sentence]
            if rows:
                source.row_notes.setdefault(sentence, []).extend(rows)


def _plain(cell: Any) -> tuple[Any, str]:
    """Return the code in a cell, and what was said of it; other cells as they are.

    Examples
    --------
    >>> _plain("6206221002010000000")
    ('620622100201', '19 位单位代码取前 12 位（村级） / codes of units of 19 digits cut to the 12 of the village')
    >>> _plain("156620622")[0], _plain({"adcode": 620600})[0], _plain("620622")[0]
    ('620622', '620600', '620622')
    >>> _plain("６２０６２２ １０２"), _plain("G 1")
    (('620622102', ''), ('G 1', ''))
    """
    if cell_values.is_missing(cell):
        return cell, ""
    text = str(cell).strip()
    if text.startswith("{"):
        # The parent of a DataV division is an object.
        found = _WITHIN.search(text[:200])
        return (found[1], "") if found is not None else (None, "")
    plain = code_text(text)
    if plain.isdigit() and not text.isdigit():
        text = cell = plain
    if _UNIT.fullmatch(text):
        return text[:12], _CUT
    if _WITH_COUNTRY.fullmatch(text):
        return text[3:], _COUNTRY
    return cell, ""
