"""Keep stored shapes whose rounded copies come back: a download that nobody changed changes nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.layers import layer as layer_of
from geo.crs import is_storage
from geo.row_keys import row_keys
from geo.storage.protocol import Store

#: Decimals of degrees in GeoJSON and in tables by names of fields: about a centimetre.
DECIMALS = 7
_SAME_DEGREES = 1e-9


def with_stored_shapes(store: Store, layer: str, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return rows with the stored shape where theirs is that shape rounded, whatever way round its rings are written.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> gate = gpd.GeoDataFrame({"code": ["p1"]}, geometry=[shapely.Point(103.12345678, 37.6)], crs="EPSG:4326")
    >>> rounded = gate.set_geometry([shapely.Point(103.1234568, 37.6)], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("places", gate, "upsert", actor="li")
    ...     with_stored_shapes(store, "places", rounded).geometry.iloc[0].x
    103.12345678
    >>> folder.cleanup()
    """
    target = layer_of(layer)
    if layer == "addresses" or not target.is_placed or not len(frame) or frame.crs is None or not is_storage(frame.crs):
        return frame
    at = shapely.get_coordinates(frame.geometry.to_numpy())
    if not len(at) or (np.round(at, DECIMALS) != at).any():
        return frame
    stored = store.read(layer)
    row_of = {str(key): row for row, key in enumerate(row_keys(stored, target.key))}
    known = np.array([row_of.get(str(key), -1) for key in row_keys(frame, target.key)], np.int64)
    mine = np.flatnonzero(known >= 0)
    old = stored.geometry.to_numpy()[known[mine]]
    rounded = shapely.transform(old, lambda points: np.round(points, DECIMALS))
    new = frame.geometry.to_numpy()[mine]
    is_same = shapely.equals_exact(shapely.normalize(rounded), shapely.normalize(new), tolerance=_SAME_DEGREES)
    if not is_same.any():
        return frame
    shapes = np.array(frame.geometry.to_numpy(), object)
    shapes[mine[is_same]] = old[is_same]
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs))
