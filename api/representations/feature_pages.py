"""Write features as GeoJSON, a page at once, and count what pages are of once per state of a layer."""

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

_MOST_COUNTS = 2_000


class Counts:
    """Keep how many rows a question matches, so that page 10,000 costs what page 1 does.

    A key holds the revision of the layer, so that no answer outlives the state it was counted in, and the caller's
    scope, so that nobody is told another's count.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, count: Callable[[], int]) -> int:
        """Return the count under a key, counting where there is none yet."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        made = count()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _MOST_COUNTS:
                self._kept.popitem(last=False)
        return made


def counts_of(app: FastAPI) -> Counts:
    """Return the counts of an application, made when first asked for."""
    if not hasattr(app.state, "counts"):
        app.state.counts = Counts()
    return app.state.counts


def page(
    given: np.ndarray, rows: Sequence[tuple[Any, ...]], layer: Layer, *, crs: str, around: Mapping[str, Any]
) -> bytes:
    """Return a FeatureCollection (RFC 7946; Part 2 where another CRS is asked) as JSON text.

    Parameters
    ----------
    given, rows
        As ``protocol.Store.rows`` returns them.
    crs
        URI of the CRS to write coordinates in, in the order of axes of its authority.
    around
        What stands beside the features.
    """
    names, key = layer.names, layer.names.index(layer.key)
    features = [
        {"type": "Feature", "id": row[key], "geometry": shape, "properties": dict(zip(names, row, strict=True))}
        for shape, row in zip(shapes(given, crs), rows, strict=True)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features, **around})


def shapes(given: np.ndarray, crs: str) -> list[orjson.Fragment | None]:
    """Return shapes in degrees as GeoJSON in a CRS, outer rings anticlockwise."""
    oriented = shapely.orient_polygons(given)
    if crs != CRS84:
        oriented = shapely.transform(oriented, lambda points: _moved(points, crs))
    return [None if text is None else orjson.Fragment(text) for text in np.atleast_1d(shapely.to_geojson(oriented))]


def _moved(points: np.ndarray, crs: str) -> np.ndarray:
    there = offered_from_wgs84(points, crs)
    if not np.isfinite(there).all():  # a shape is never handed out without its place
        raise problems.BadQuery("有要素不在 crs 的范围内", "there are features outside the range of crs")
    return there


def feature(stored: Mapping[str, Any], *, crs: str, links: list[dict[str, str]]) -> bytes:
    """Return one stored feature with its links as JSON text."""
    geometry = stored["geometry"]
    if geometry is not None:
        geometry = shapes(np.array([shapely.geometry.shape(geometry)]), crs)[0]
    return orjson.dumps({**stored, "geometry": geometry, "links": links})


def digest(stored: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a feature holds, for the audit."""
    text = orjson.dumps([stored["id"], stored["geometry"], stored["properties"]], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
