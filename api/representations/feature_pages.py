"""Write features as GeoJSON, one page at a time; count matches once per state of a layer."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import shapely
import shapely.geometry
from fastapi import FastAPI

from api import problems
from geo.catalog.layers import Layer
from geo.crs import CRS84, offered_from_wgs84

_MAX_COUNTS = 2_000


class MatchCounts:
    """Cache of how many rows a query matches, so that page 10,000 costs what page 1 does.

    A key contains the revision of the layer, so that no count outlives its state, and the caller's scope, so that
    counts are not shared between scopes.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, count: Callable[[], int]) -> int:
        """Return the count under a key, calling ``count`` where it is not cached."""
        with self._lock:
            found = self._counts.get(key)
            if found is not None:
                self._counts.move_to_end(key)
                return found
        counted = count()
        with self._lock:
            self._counts[key] = counted
            while len(self._counts) > _MAX_COUNTS:
                self._counts.popitem(last=False)
        return counted


def counts_of(app: FastAPI) -> MatchCounts:
    """Return the counts of an application, created on first use."""
    if not hasattr(app.state, "counts"):
        app.state.counts = MatchCounts()
    return app.state.counts


def page(
    geometries: np.ndarray, rows: Sequence[tuple[Any, ...]], layer: Layer, *, crs: str, extra_members: Mapping[str, Any]
) -> bytes:
    """Return a FeatureCollection (RFC 7946; Part 2 in another CRS) as JSON text.

    Parameters
    ----------
    geometries, rows
        As ``protocol.Store.rows`` returns them.
    crs
        URI of the CRS to write coordinates in, in the order of axes of its authority.
    extra_members
        Further members of the collection.
    """
    names, key = layer.names, layer.names.index(layer.key)
    features = [
        {"type": "Feature", "id": row[key], "geometry": shape, "properties": dict(zip(names, row, strict=True))}
        for shape, row in zip(geojson_shapes(geometries, crs), rows, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features, **extra_members})


def geojson_shapes(geometries: np.ndarray, crs: str) -> list[orjson.Fragment | None]:
    """Return shapes in degrees as GeoJSON in a CRS, outer rings anticlockwise."""
    oriented = shapely.orient_polygons(geometries)
    if crs != CRS84:
        oriented = shapely.transform(oriented, lambda points: _in_crs(points, crs))
    return [None if text is None else orjson.Fragment(text) for text in np.atleast_1d(shapely.to_geojson(oriented))]


def _in_crs(points: np.ndarray, crs: str) -> np.ndarray:
    transformed = offered_from_wgs84(points, crs)
    if not np.isfinite(transformed).all():  # a geometry that cannot be transformed is an error
        raise problems.BadQuery("有要素不在 crs 的范围内", "there are features outside the range of crs")
    return transformed


def feature(stored: Mapping[str, Any], *, crs: str, links: list[dict[str, str]]) -> bytes:
    """Return one stored feature with its links as JSON text."""
    geometry = stored["geometry"]
    if geometry is not None:
        geometry = geojson_shapes(np.array([shapely.geometry.shape(geometry)]), crs)[0]
    return orjson.dumps({**stored, "geometry": geometry, "links": links})


def digest(stored: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a feature's content, for the audit."""
    text = orjson.dumps([stored["id"], stored["geometry"], stored["properties"]], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
