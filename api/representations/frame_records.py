"""Represent the rows of frames as plain values, for the command line and HTTP."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows without shapes as plain values, None for missing."""
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    table = pd.DataFrame(frame)  # columns of a plain frame are accessed faster
    columns = {str(name): _column(table[name]) for name in table.columns if name != shape}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] if columns else []


def _column(values: pd.Series) -> list[Any]:
    if pd.api.types.is_float_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        array = values.to_numpy()
        return np.where(np.isfinite(array), array.astype(object), np.array(None, dtype=object)).tolist()
    missing = values.isna().to_numpy()
    return [None if is_missing else _scalar(value) for value, is_missing in zip(values.tolist(), missing, strict=True)]


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
