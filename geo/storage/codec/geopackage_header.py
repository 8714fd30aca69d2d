"""Read the header of a GeoPackage blob, its bounding box among it, in plain Python (OGC 12-128r18, 2.1.3)."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

from geo.crs_stored import STORAGE_CRS

#: The spatial reference system of every stored geometry, by its number in GeoPackage.
SRS_ID = int(STORAGE_CRS.rpartition(":")[2])

#: Bytes of the envelope that follows the 8 bytes of the header, by its code (table 6).
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
#: Bits of the flags in the fourth byte.
LITTLE_ENDIAN, WITH_BOX, EMPTY = 0x01, 0x02, 0x10


def box(blob: Any) -> tuple[float, float, float, float] | None:
    """Return (minx, miny, maxx, maxy) of a blob in the units of its CRS; None where null, empty or unreadable."""
    start = body_start(blob)
    if not start or blob[3] & EMPTY:
        return None
    if start > 8:
        minx, maxx, miny, maxy = struct.unpack_from("<4d" if blob[3] & LITTLE_ENDIAN else ">4d", blob, 8)
    else:
        order = "<" if blob[start] else ">"
        if len(blob) >= start + 21 and struct.unpack_from(order + "I", blob, start + 1)[0] % 1000 == 1:
            minx, miny = struct.unpack_from(order + "2d", blob, start + 5)
            maxx, maxy = minx, miny
        else:
            minx, miny, maxx, maxy = _bounds_of_wkb(blob[start:])
    return None if math.isnan(minx) or math.isnan(miny) else (float(minx), float(miny), float(maxx), float(maxy))


def is_empty(blob: Any) -> int | None:
    """Return ST_IsEmpty of a blob: 1 where it has no point, else 0; null for null."""
    if blob is None:
        return None
    return 0 if box(blob) else 1


def box_side(index: int) -> Callable[[Any], float | None]:
    """Return ST_MinX (0), ST_MinY (1), ST_MaxX (2) or ST_MaxY (3) of a blob; null where it has no box."""

    def value_of_side(blob: Any) -> float | None:
        found = box(blob)
        return found[index] if found else None

    return value_of_side


def body(blob: Any) -> bytes | None:
    """Return the WKB of a blob; None for null or an invalid blob."""
    start = body_start(blob)
    return blob[start:] if start else None


def body_start(blob: Any) -> int:
    """Return the offset of the WKB, 0 where this is not a standard GeoPackage blob."""
    if not isinstance(blob, bytes) or len(blob) < 13 or blob[:2] != b"GP" or blob[3] & 0x20:
        return 0
    code = (blob[3] >> 1) & 7
    start = 8 + _ENVELOPE_BYTES[code] if code < len(_ENVELOPE_BYTES) else 0
    return start if len(blob) >= start + 5 else 0


def _bounds_of_wkb(wkb: bytes) -> tuple[float, float, float, float]:
    """Return the box of a geometry that another program wrote without an envelope; NaN where it is unreadable."""
    import shapely

    shape = shapely.from_wkb(wkb, on_invalid="ignore")
    return shapely.bounds(shape) if shape is not None else (math.nan,) * 4
