"""Take the SRIDs off WKT texts as PostGIS writes them: ``SRID=4326;POINT(102.9 37.5)``."""

from __future__ import annotations

import re

import pandas as pd

from geo.readers.source import SourceTable
from geo.readers.words import cell_values
from geo.sentences import sentence

_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,6})\s*;", re.IGNORECASE)
_LOOKED_AT = 20
#: The name of the column of SRIDs, which no heading has.
COLUMN = "SRID=n;"


def take_srids(source: SourceTable) -> str | None:
    """Remove the SRIDs from the texts of the first column that has them, in place; the source names them.

    One SRID throughout is the CRS of the file. Several become a column that names the CRS of each row.

    Returns
    -------
    The name of that column; None where there is none.
    """
    for name in source.columns.columns:
        head = source.columns[name].head(_LOOKED_AT)
        if head.isna().any():
            head = source.columns[name].dropna().head(_LOOKED_AT)
        if any(isinstance(cell, str) and _SRID.match(cell) for cell in head):
            break
    else:
        return None
    texts = cell_values.texts(source.columns[name])
    found = [None if text is None else _SRID.match(text) for text in texts]
    plain = [text if one is None else text[one.end() :] for text, one in zip(texts, found, strict=True)]
    source.columns[name] = pd.Series(plain, dtype=object)
    srids = {one[1] for one in found if one is not None}
    if len(srids) == 1 and all(one is not None or text is None for one, text in zip(found, texts, strict=True)):
        (srid,) = srids
        source.crs = None if int(srid) == 0 else f"EPSG:{srid}"
        return None
    source.columns[COLUMN] = pd.Series([None if one is None else one[1] for one in found], dtype=object)
    return COLUMN


def note_overruled(source: SourceTable, used: str) -> None:
    """Note the SRIDs of rows, which the user overrules by the CRS of the whole."""
    for srid in source.columns[COLUMN].dropna():
        if int(srid) != 0 and f"EPSG:{int(srid)}" != used:
            said = f"SRID={int(srid)}"
            note = sentence(f"WKT 写明 {said}，按指定的 {used} 读", f"the WKT says {said}, read as {used} as told")
            source.notes[note] += 1
