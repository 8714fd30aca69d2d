"""Refuse hostile input before a parser, GEOS or the memory meets it; every number stands in docs/bounds.md.

Each check takes untrusted bytes, text or values, needs time in proportion to their size, never recurses, and raises
nothing but a GeoError. Doors and readers share them, so that a bound is the same whichever way a thing comes in.
"""

from __future__ import annotations

from geo.bounds.archives import (
    ZIP_BYTES,
    ZIP_ENTRIES,
    ZIP_RATIO,
    check_xml,
    check_zip,
    open_zip,
    stream,
)
from geo.bounds.geometry import (
    FEW_VERTICES,
    MAX_COLLECTIONS,
    MAX_MEMBERS,
    MAX_VERTICES,
    MAX_WKT,
    check_geometry,
    check_tangle,
    check_wkb,
    check_wkt,
)
from geo.bounds.text import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_JSON_DEPTH,
    MAX_JSON_VALUES,
    MAX_KEY,
    MAX_NAME,
    MAX_TEXT,
    MAX_WORD,
    check_json_depth,
    check_json_values,
    check_text,
    is_storable,
)

__all__ = [
    "FEW_VERTICES",
    "MAX_CELLS",
    "MAX_COLLECTIONS",
    "MAX_COLUMNS",
    "MAX_JSON_DEPTH",
    "MAX_JSON_VALUES",
    "MAX_KEY",
    "MAX_MEMBERS",
    "MAX_NAME",
    "MAX_TEXT",
    "MAX_VERTICES",
    "MAX_WKT",
    "MAX_WORD",
    "ZIP_BYTES",
    "ZIP_ENTRIES",
    "ZIP_RATIO",
    "check_geometry",
    "check_json_depth",
    "check_json_values",
    "check_tangle",
    "check_text",
    "check_wkb",
    "check_wkt",
    "check_xml",
    "check_zip",
    "is_storable",
    "open_zip",
    "stream",
]
