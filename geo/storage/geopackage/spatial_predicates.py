"""Answer how the stored shape of a row and the shape of a filter relate, for SQLite, which has no such function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely

from geo.storage.codec import geopackage_blobs

_KEPT = 32
#: Predicate of CQL2 -> the one to ask the filter's prepared shape about the row's.
_TURNED: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_within": shapely.contains,
    "s_contains": shapely.within,
}


def relates() -> Callable[[str, Any, bytes], int | None]:
    """Return ``gridsight_relates(predicate, blob, wkb)`` for one connection.

    The shapes of filters are kept prepared; as GEOS builds their indexes when first asked, no two threads may share
    them, and a connection serves one thread at a time.
    """
    kept: dict[bytes, Any] = {}

    def answer(predicate: str, blob: Any, wkb: bytes) -> int | None:
        wanted = kept.get(wkb)
        if wanted is None:
            if len(kept) >= _KEPT:
                kept.clear()
            wanted = kept[wkb] = shapely.from_wkb(wkb)
            shapely.prepare(wanted)
        box, (west, south, east, north) = geopackage_blobs.box(blob), wanted.bounds
        if box is None:
            return None
        if box[0] > east or box[2] < west or box[1] > north or box[3] < south:
            return int(predicate == "s_disjoint")
        shape = geopackage_blobs.decode([blob])[0]
        if shape is None:
            return None
        if predicate not in ("s_intersects", "s_disjoint") and not shapely.is_valid(shape):
            return 0  # as PostGIS is asked: a shape that crosses itself cannot be related further
        return int(bool(_TURNED[predicate](wanted, shape)))

    return answer
