"""Keep the rows of a table that a sheet's filters ask for: texts, values and ranges by column; and rows of cameras."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import shapely

from api.problems import BadQuery
from maps.tiles.drawn_tiles import DrawnLayer
from maps.tiles.tile_grids import WEB_MERCATOR

#: Most columns that are filtered at once.
_MAX_FILTERS = 30


def read_filters(text: str) -> dict[str, Any]:
    """Return the filters of a JSON object: column -> a text it contains, ``{"is": value}``, or ``[low, high]``.

    Raises
    ------
    BadQuery
        It is no such object.

    Examples
    --------
    >>> read_filters('{"name": "东", "sure_share": [0.2, null], "status": {"is": "online"}}')
    {'name': '东', 'sure_share': [0.2, None], 'status': {'is': 'online'}}
    """
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or len(found) > _MAX_FILTERS or not all(_is_filter(one) for one in found.values()):
        raise BadQuery("where 须是按列过滤的 JSON", "where must be a JSON object of filters by column")
    return found


def _is_filter(value: Any) -> bool:
    if isinstance(value, list):
        return len(value) == 2 and all(one is None or _is_number(one) for one in value)
    if isinstance(value, dict):
        return set(value) == {"is"} and isinstance(value["is"], str | int | float)
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    """Return whether a value is a number that a double can hold: JSON has longer ones, and NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def kept_rows(frame: pd.DataFrame, filters: Mapping[str, Any], hidden: Collection[str] = ()) -> np.ndarray:
    """Return which rows meet all filters; nothing meets a filter of a column that there is not, or that is hidden.

    Examples
    --------
    >>> frame = pd.DataFrame({"name": ["东街", "西街", None], "height": [4.0, float("nan"), 9.0]})
    >>> kept_rows(frame, {"name": "街", "height": [3, None]}).tolist()
    [True, False, False]
    >>> kept_rows(frame, {"height": [None, None]}).tolist(), kept_rows(frame, {"secret": ""}).tolist()
    ([True, True, True], [False, False, False])
    """
    kept = np.ones(len(frame), bool)
    for name, wanted in filters.items():
        if name not in frame or name in hidden:
            return np.zeros(len(frame), bool)
        kept &= _meets(frame[name], wanted)
    return kept


def _meets(column: pd.Series, wanted: Any) -> np.ndarray:
    if isinstance(wanted, list):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
        low, high = (one if one is None else float(one) for one in wanted)
        kept = np.ones(len(column), bool)
        with np.errstate(invalid="ignore"):  # what has no number is in no range
            kept &= True if low is None else numbers >= low
            kept &= True if high is None else numbers <= high
        return kept
    texts = column.astype(object).where(column.notna(), "").map(_text)
    if isinstance(wanted, dict):
        return (texts == _text(wanted["is"])).to_numpy(bool)
    return texts.str.casefold().str.contains(wanted.strip().casefold(), regex=False).to_numpy(bool)


def _text(value: Any) -> str:
    is_whole = isinstance(value, float | np.floating) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)


def placed(layer: DrawnLayer, zone: shapely.Geometry | None) -> pd.DataFrame:
    """Return the rows of a layer of points with their degrees; of a zone in the layer's units those in it."""
    at = shapely.get_coordinates(layer.shapes)
    degrees = np.array([WEB_MERCATOR.corner(0, x, y) for x, y in at]).reshape(-1, 2).round(7)
    frame = layer.frame.assign(lon=degrees[:, 0], lat=degrees[:, 1])
    return frame if zone is None else frame[shapely.intersects_xy(zone, at[:, 0], at[:, 1])]
