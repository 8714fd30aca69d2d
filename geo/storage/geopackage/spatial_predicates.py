"""Relate the geometry of a row to that of a filter, as a function for SQLite, which has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import shapely

from geo.storage.codec import geopackage_blobs

_MAX_PREPARED = 32
#: Predicate of CQL2 -> its converse, for the prepared geometry of the filter and that of the row.
_CONVERSE: dict[str, Callable[[Any, Any], Any]] = {
    "s_intersects": shapely.intersects,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_touches": shapely.touches,
    "s_crosses": shapely.crosses,
    "s_overlaps": shapely.overlaps,
    "s_within": shapely.contains,
    "s_contains": shapely.within,
}


def relate_function() -> Callable[[str, Any, bytes], int | None]:
    """Return ``gridsight_relates(predicate, blob, wkb)`` for one connection.

    The geometries of filters are cached as prepared geometries. GEOS builds their indexes at the first use, so threads
    must not share them; a connection is used by one thread at a time.
    """
    prepared: dict[bytes, Any] = {}

    def relate(predicate: str, blob: Any, wkb: bytes) -> int | None:
        wanted = prepared.get(wkb)
        if wanted is None:
            if len(prepared) >= _MAX_PREPARED:
                prepared.clear()
            wanted = prepared[wkb] = shapely.from_wkb(wkb)
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
            return 0  # as in the SQL for PostGIS: GEOS does not relate invalid geometries
        return int(bool(_CONVERSE[predicate](wanted, shape)))

    return relate
