"""Relate the geometry of a row to a box or to that of a filter, as functions for SQLite, which has none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geo.storage.codec import geopackage_header

_MAX_PREPARED = 32
#: Predicate of CQL2 -> its converse in shapely, for the prepared geometry of the filter and that of the row.
_CONVERSE = {
    "s_intersects": "intersects",
    "s_disjoint": "disjoint",
    "s_equals": "equals",
    "s_touches": "touches",
    "s_crosses": "crosses",
    "s_overlaps": "overlaps",
    "s_within": "contains",
    "s_contains": "within",
}


def meets(blob: Any, west: float, south: float, east: float, north: float) -> int:
    """Return 1 where the geometry of a blob intersects a box (degrees), else 0."""
    found = geopackage_header.box(blob)
    if found is None or found[0] > east or found[2] < west or found[1] > north or found[3] < south:
        return 0
    if found[0] >= west and found[2] <= east and found[1] >= south and found[3] <= north:
        return 1
    import shapely

    from geo.storage.codec.geopackage_blobs import decode

    shape = decode([blob])[0]
    return int(shape is not None and bool(shapely.intersects(shape, shapely.box(west, south, east, north))))


def relate_function() -> Callable[[str, Any, bytes], int | None]:
    """Return ``gridsight_relates(predicate, blob, wkb)`` for one connection.

    The geometries of filters are cached as prepared geometries. GEOS builds their indexes at the first use, so threads
    must not share them; a connection is used by one thread at a time.
    """
    prepared: dict[bytes, Any] = {}

    def relate(predicate: str, blob: Any, wkb: bytes) -> int | None:
        import shapely

        from geo.storage.codec.geopackage_blobs import decode

        wanted = prepared.get(wkb)
        if wanted is None:
            if len(prepared) >= _MAX_PREPARED:
                prepared.clear()
            wanted = prepared[wkb] = shapely.from_wkb(wkb)
            shapely.prepare(wanted)
        box, (west, south, east, north) = geopackage_header.box(blob), wanted.bounds
        if box is None:
            return None
        if box[0] > east or box[2] < west or box[1] > north or box[3] < south:
            return int(predicate == "s_disjoint")
        shape = decode([blob])[0]
        if shape is None:
            return None
        if predicate not in ("s_intersects", "s_disjoint") and not shapely.is_valid(shape):
            return 0  # as in the SQL for PostGIS: GEOS does not relate invalid geometries
        return int(bool(getattr(shapely, _CONVERSE[predicate])(wanted, shape)))

    return relate
