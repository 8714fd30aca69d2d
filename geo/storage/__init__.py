"""Keep layers, their history and runs."""

from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.storage.protocol import At, Bbox, Mode, Store, Where, WriteCounts

__all__ = ["At", "Bbox", "GeoPackageStore", "Mode", "Store", "Where", "WriteCounts", "open_store"]
