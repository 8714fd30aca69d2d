"""Convert stored past versions of a layer to a frame; both stores use it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.catalog.layers import Layer
from geo.errors import Conflict
from geo.storage.codec.frames import frame_from_rows
from geo.storage.stored_tables import HISTORY_COLUMNS


def frame_from_history_rows(rows: Sequence[Sequence[Any]], layer: Layer, *, wkb: bool = False) -> gpd.GeoDataFrame:
    """Return stored past versions (geometry, *fields, *HISTORY_COLUMNS) as a frame."""
    width = 1 + len(layer.names)
    frame = frame_from_rows([row[:width] for row in rows], layer, wkb=wkb)
    for index, name in enumerate(HISTORY_COLUMNS):
        dtype = "int64" if name == "version" else "str"
        frame[name] = pd.Series([row[width + index] for row in rows], index=frame.index, dtype=dtype)
    return frame[[*layer.names, *HISTORY_COLUMNS, "geometry"]]


def not_empty_error(layer: Layer) -> Conflict:
    """Return the error for a layer that has to be empty and is not."""
    return Conflict(f"图层 {layer.name} 不是空的", f"layer {layer.name} is not empty")
