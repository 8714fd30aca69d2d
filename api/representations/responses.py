"""Turn frames and results into answers in the format the caller asks for (CONTRACT section 3)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from fastapi import Request, Response

from api import problems
from api.representations import tables
from api.representations.json_text import dumps
from geo.crs import STORAGE_CRS, is_storage

JSON = "application/json"
GEOJSON = "application/geo+json"
#: Format name -> media type, in the order of preference where the caller has none.
MEDIA: Mapping[str, str] = {
    "json": JSON,
    "geojson": GEOJSON,
    **{name: form.media_type for name, form in tables.FORMATS.items() if name != "geojson"},
}


def format_of(request: Request, names: Sequence[str] = tuple(MEDIA), *, asked: str | None = None) -> str:
    """Return the format: what `f` asked, else the Accept header, else the first; raise BadQuery for an unknown one."""
    if asked is not None:
        if asked in names:
            return asked
        listed = ", ".join(names)
        raise problems.BadQuery(
            f"没有格式 {asked[:40]}，可用：{listed}", f"no format {asked[:40]}; there are: {listed}"
        )
    accept = request.headers.get("accept", "")
    if not accept.strip():
        return names[0]
    by_media = {MEDIA[name].partition(";")[0]: name for name in reversed(names)}
    ranges = sorted(enumerate(accept[:1000].split(",")), key=lambda one: (-_quality(one[1]), one[0]))
    for _, part in ranges:
        wanted = part.partition(";")[0].strip().lower()
        if _quality(part) <= 0:
            continue
        if wanted in by_media:
            return by_media[wanted]
        if wanted in ("*/*", "application/*"):
            return names[0]
    listed = ", ".join(MEDIA[name] for name in names)
    raise problems.BadQuery("Accept 中没有可提供的格式", f"nothing in Accept can be served; there are: {listed}")


def json_answer(
    value: Any, *, status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON: dataclasses and numpy values are understood, NaN is null."""
    return Response(dumps(value), status, headers=dict(headers or {}), media_type=media)


def frame_answer(frame: pd.DataFrame, form: str, *, layer: str, name: str, around: Mapping[str, Any]) -> Response:
    """Return a frame in a format.

    Parameters
    ----------
    frame
        Rows in any known CRS; GeoJSON is brought to WGS-84.
    form
        A key of MEDIA.
    layer
        The layer's name: the key of its rows in JSON, the sheet or layer elsewhere.
    name
        File name of a download, without suffix.
    around
        What stands beside the rows in JSON.
    """
    if form == "json":
        return json_answer({**around, layer: records(frame)})
    if form == "geojson":
        return json_answer(feature_collection(frame, around=around), media=GEOJSON)
    known = tables.FORMATS[form]
    disposition = f'attachment; filename="{name}{known.suffix}"'
    return Response(
        tables.dump(frame, form, layer=layer), media_type=known.media_type, headers={"Content-Disposition": disposition}
    )


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows without shapes as plain values, None for missing."""
    shape = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    table = pd.DataFrame(frame)  # a plain frame hands its columns out faster
    columns = {str(name): _column(table[name]) for name in table.columns if name != shape}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)] if columns else []


def feature_collection(
    frame: gpd.GeoDataFrame, *, key: str | None = None, around: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection (RFC 7946: longitude, latitude, WGS-84, outer rings anticlockwise)."""
    stored = frame.crs is None or is_storage(frame.crs)
    shapes = frame.geometry if stored else frame.geometry.to_crs(STORAGE_CRS)
    oriented = shapely.orient_polygons(np.asarray(shapes))
    texts = shapely.to_geojson(oriented)
    rows = records(frame)
    features = []
    for row, text in zip(rows, texts, strict=True):
        feature: dict[str, Any] = {"type": "Feature"}
        if key is not None:
            feature["id"] = row[key]
        geometry = orjson.Fragment(text) if text is not None else None
        features.append({**feature, "geometry": geometry, "properties": row})
    return {"type": "FeatureCollection", **(around or {}), "features": features}


def _column(values: pd.Series) -> list[Any]:
    if pd.api.types.is_float_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        array = values.to_numpy()
        return np.where(np.isfinite(array), array.astype(object), None).tolist()
    missing = values.isna().to_numpy()
    return [None if gone else _scalar(value) for value, gone in zip(values.tolist(), missing, strict=True)]


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value


def _quality(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
