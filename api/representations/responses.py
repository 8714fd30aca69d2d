"""Turn frames and results into responses in the requested format (docs/contract.md section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from fastapi import Request, Response

from api import problems
from api.representations import downloads
from api.representations.frame_records import records
from api.representations.json_text import dumps
from geo.crs import STORAGE_CRS, is_storage

JSON = "application/json"
GEOJSON = "application/geo+json"
#: Format name -> media type, in the order of preference.
MEDIA_TYPES: Mapping[str, str] = {
    "json": JSON,
    "geojson": GEOJSON,
    **{name: form.media_type for name, form in downloads.DOWNLOAD_FORMATS.items() if name != "geojson"},
}


def negotiated_format(
    request: Request, names: Sequence[str] = tuple(MEDIA_TYPES), *, requested: str | None = None
) -> str:
    """Return the format: that of `f`, else of the Accept header, else the first; raise BadQuery for an unknown one."""
    if requested is not None:
        if requested in names:
            return requested
        listed = ", ".join(names)
        raise problems.BadQuery(
            f"没有格式 {requested[:40]}，可用：{listed}", f"no format {requested[:40]}; there are: {listed}"
        )
    accept = request.headers.get("accept", "")
    if not accept.strip():
        return names[0]
    by_media = {MEDIA_TYPES[name].partition(";")[0]: name for name in reversed(names)}
    ranges = sorted(enumerate(accept[:1000].split(",")), key=lambda one: (-_q_value(one[1]), one[0]))
    for _, part in ranges:
        wanted = part.partition(";")[0].strip().lower()
        if _q_value(part) <= 0:
            continue
        if wanted in by_media:
            return by_media[wanted]
        if wanted in ("*/*", "application/*"):
            return names[0]
    listed = ", ".join(MEDIA_TYPES[name] for name in names)
    raise problems.BadQuery("Accept 中没有可提供的格式", f"nothing in Accept can be served; there are: {listed}")


def json_response(
    value: Any, *, status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON response: dataclasses and numpy values are converted, NaN is null."""
    return Response(dumps(value), status, headers=dict(headers or {}), media_type=media)


def frame_response(
    frame: pd.DataFrame, form: str, *, layer: str, name: str, extra_members: Mapping[str, Any]
) -> Response:
    """Return a frame as a response in a format.

    Parameters
    ----------
    frame
        Rows in any known CRS; GeoJSON is transformed to WGS-84.
    form
        A key of MEDIA_TYPES.
    layer
        The layer's name: the key of its rows in JSON, the sheet or layer elsewhere.
    name
        File name of a download, without suffix.
    extra_members
        Further members in JSON and GeoJSON.
    """
    if form == "json":
        return json_response({**extra_members, layer: records(frame)})
    if form == "geojson":
        return json_response(feature_collection(frame, extra_members=extra_members), media=GEOJSON)
    known = downloads.DOWNLOAD_FORMATS[form]
    disposition = f'attachment; filename="{name}{known.suffix}"'
    return Response(
        downloads.encode_frame(frame, form, layer=layer),
        media_type=known.media_type,
        headers={"Content-Disposition": disposition},
    )


def feature_collection(
    frame: gpd.GeoDataFrame, *, key: str | None = None, extra_members: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection (RFC 7946: longitude, latitude, WGS-84, outer rings anticlockwise)."""
    in_degrees = frame.crs is None or is_storage(frame.crs)
    shapes = frame.geometry if in_degrees else frame.geometry.to_crs(STORAGE_CRS)
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
    return {"type": "FeatureCollection", **(extra_members or {}), "features": features}


def _q_value(part: str) -> float:
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
