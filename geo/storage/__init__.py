"""Keep layers, their history and runs."""

from geo.storage.base import At, Bbox, Mode, Store, Where, WriteCounts
from geo.storage.geopackage import GeoPackageStore, open_store

__all__ = ["At", "Bbox", "GeoPackageStore", "Mode", "Store", "Where", "WriteCounts", "open_store"]
