"""Name the coordinate reference system of every store, without loading a library of projections."""

from __future__ import annotations

#: Every store and every GeoJSON answer: WGS-84, longitude before latitude.
STORAGE_CRS = "EPSG:4326"
