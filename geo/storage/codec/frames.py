"""Convert stored rows to frames, plain values and GeoJSON features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
import shapely.geometry

from geo.catalog.fields import Field
from geo.catalog.layers import Layer
from geo.crs_stored import STORAGE_CRS
from geo.storage.codec import geopackage_blobs
from geo.storage.stored_tables import HISTORY_COLUMNS

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd


def frame_from_rows(rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False) -> gpd.GeoDataFrame:
    """Return stored rows (geometry, *fields) as a frame: see ``protocol.Store.read`` for its columns.

    Geometries are GeoPackage blobs, or plain WKB.
    """
    import geopandas as gpd

    columns = list(zip(*rows, strict=True)) if rows else [()] * (1 + len(layer.names))
    data = {field.name: _series(values, field) for field, values in zip(layer.all_fields, columns[1:], strict=True)}
    return gpd.GeoDataFrame(data, geometry=_decoded(columns[0], wkb=wkb), crs=STORAGE_CRS)


def frame_from_history_rows(rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False) -> gpd.GeoDataFrame:
    """Return stored past versions (geometry, *fields, *HISTORY_COLUMNS) as a frame."""
    import pandas as pd

    width = 1 + len(layer.names)
    frame = frame_from_rows([row[:width] for row in rows], layer, wkb=wkb)
    for index, name in enumerate(HISTORY_COLUMNS):
        dtype = "int64" if name == "version" else "str"
        frame[name] = pd.Series([row[width + index] for row in rows], index=frame.index, dtype=dtype)
    return frame[[*layer.names, *HISTORY_COLUMNS, "geometry"]]


def values_from_rows(
    rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False
) -> tuple[np.ndarray, list[tuple[Any, ...]]]:
    """Return stored rows (geometry, *fields) as geometries and plain values: see ``protocol.Store.rows``."""
    if not rows:
        return np.empty(0, dtype=object), []
    shapes, *stored = zip(*rows, strict=True)
    fields = [_plain(values, field) for values, field in zip(stored, layer.all_fields, strict=True)]
    return _decoded(shapes, wkb=wkb), list(zip(*fields, strict=True))


def feature_from_row(row: Sequence[Any], layer: Layer, *, wkb: bool = False) -> dict[str, Any]:
    """Return one stored row (geometry, *fields) as a GeoJSON feature."""
    shape = _decoded([row[0]], wkb=wkb)[0]
    properties = dict(zip(layer.names, row[1:], strict=True))
    geometry = None if shape is None else _lists(shapely.geometry.mapping(shape))
    return {"type": "Feature", "id": properties[layer.key], "geometry": geometry, "properties": properties}


def _decoded(shapes: Sequence[Any], *, wkb: bool) -> np.ndarray:
    return (
        geopackage_blobs.single(np.atleast_1d(shapely.from_wkb(np.array(shapes, dtype=object))))
        if wkb
        else geopackage_blobs.decode(shapes)
    )


def _series(values: Sequence[Any], field: Field) -> pd.Series:
    """Return stored values with the dtype of their field; values of another type, from other programs, are missing."""
    import pandas as pd

    plain = _plain(values, field)
    if field.kind == "number":
        return pd.Series(plain, dtype="float64")
    if field.kind == "integer":
        return pd.Series(pd.array(plain, dtype="Int64"))
    return pd.Series(plain, dtype="str")


def _plain(values: Sequence[Any], field: Field) -> list[Any]:
    if field.kind == "number":
        return [_as_number(float, value) for value in values]
    if field.kind == "integer":
        return [_as_number(int, value) for value in values]
    return [value if value is None or isinstance(value, str) else str(value) for value in values]


def _as_number(kind: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, float) and kind is int and not value.is_integer():
        return None
    return kind(value) if isinstance(value, int | float) else None


def _lists(node: Any) -> Any:
    """Return nested tuples as lists, as in JSON."""
    if isinstance(node, Mapping):
        return {name: _lists(value) for name, value in node.items()}
    return [_lists(item) for item in node] if isinstance(node, tuple | list) else node
