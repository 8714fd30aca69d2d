"""Reject input that exceeds a bound before it reaches a parser, GEOS or memory; docs/bounds.md lists every number.

Each check takes untrusted bytes, text or values, needs time in proportion to their size, never recurses, and raises
nothing but a GeoError. CLI, HTTP and readers share them, so that a bound is the same for every way in.
"""

from __future__ import annotations

from geo.bounds.archives import (
    MAX_ZIP_BYTES,
    MAX_ZIP_ENTRIES,
    MAX_ZIP_RATIO,
    check_xml,
    check_zip,
    open_zip,
    stream,
)
from geo.bounds.geometry import (
    MAX_COLLECTIONS,
    MAX_MEMBERS,
    MAX_UNCHECKED_VERTICES,
    MAX_VERTICES,
    MAX_WKT,
    check_geometry,
    check_segment_crossings,
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
    check_members,
    check_text,
    is_storable,
)

__all__ = [
    "MAX_CELLS",
    "MAX_COLLECTIONS",
    "MAX_COLUMNS",
    "MAX_JSON_DEPTH",
    "MAX_JSON_VALUES",
    "MAX_KEY",
    "MAX_MEMBERS",
    "MAX_NAME",
    "MAX_TEXT",
    "MAX_UNCHECKED_VERTICES",
    "MAX_VERTICES",
    "MAX_WKT",
    "MAX_WORD",
    "MAX_ZIP_BYTES",
    "MAX_ZIP_ENTRIES",
    "MAX_ZIP_RATIO",
    "check_geometry",
    "check_json_depth",
    "check_json_values",
    "check_members",
    "check_segment_crossings",
    "check_text",
    "check_wkb",
    "check_wkt",
    "check_xml",
    "check_zip",
    "is_storable",
    "open_zip",
    "stream",
]
