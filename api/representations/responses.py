"""Turn frames and results into responses in the requested format (docs/contract.md section 3)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO
from urllib.parse import quote

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from api import problems
from api.representations import downloads
from api.representations.frame_records import records
from api.representations.json_text import dumps
from api.representations.tables import PROGRAMS, TableOptions
from geo.catalog import headings
from geo.crs import STORAGE_CRS, is_storage
from geo.errors import GeoError

JSON = "application/json"
GEOJSON = "application/geo+json"
#: The name of a page in `?f=`, for routes that have one.
HTML = "html"
#: Format name -> media type, in the order of preference.
MEDIA_TYPES: Mapping[str, str] = {
    "json": JSON,
    "geojson": GEOJSON,
    **{name: form.media_type for name, form in downloads.DOWNLOAD_FORMATS.items() if name != "geojson"},
}


#: How much of a file is in memory while it is sent.
_PART_BYTES = 65_536


def negotiated_format(
    request: Request, names: Sequence[str] = tuple(MEDIA_TYPES), *, requested: str | None = None
) -> str:
    """Return the format: that of `f`, else of the Accept header, else the first.

    Raises
    ------
    BadQuery
        There is no format of that name (400).
    NotAcceptable
        There is one, or a media type, that this route does not serve (406).
    """
    if requested is not None:
        if requested in names:
            return requested
        raise unserved_format(requested, names)
    accept = request.headers.get("accept", "")
    if not accept.strip():
        return names[0]
    by_media = {MEDIA_TYPES[name].partition(";")[0]: name for name in reversed(names)}
    for wanted in _accepted(accept):
        if wanted in by_media:
            return by_media[wanted]
        if wanted in ("*/*", "application/*"):
            return names[0]
    listed = ", ".join(MEDIA_TYPES[name] for name in names)
    raise problems.NotAcceptable(
        f"Accept 中没有可提供的格式，可用：{listed}", f"nothing in Accept can be served; there are: {listed}"
    )


def unserved_format(requested: str, names: Sequence[str]) -> GeoError:
    """Return the error for a format that a route does not serve: unknown, or known elsewhere."""
    listed, shown = ", ".join(names), requested[:40]
    if requested in {*MEDIA_TYPES, HTML}:
        return problems.NotAcceptable(
            f"这里不提供格式 {shown}，可用：{listed}", f"format {shown} is not served here; there are: {listed}"
        )
    return problems.BadQuery(f"没有格式 {shown}，可用：{listed}", f"no format {shown}; there are: {listed}")


def wants_page(request: Request) -> bool:
    """Return whether a caller prefers a page to JSON: by `f`, else by the first that it can have in Accept."""
    given = request.query_params.get("f")
    if given is not None:
        return given == HTML
    for wanted in _accepted(request.headers.get("accept", "")):
        if wanted == "text/html":
            return True
        if wanted in ("*/*", "application/*") or wanted.endswith("json"):
            return False
    return False


def _accepted(header: str) -> list[str]:
    """Return the media ranges of an Accept header, the most wanted first."""
    parts = [(part.partition(";")[0].strip().lower(), _q_value(part)) for part in header[:1000].split(",")]
    return [wanted for wanted, quality in sorted(parts, key=lambda one: -one[1]) if quality > 0]


def json_response(
    value: Any, *, status: int = 200, media: str = JSON, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON response: dataclasses and numpy values are converted, NaN is null."""
    return Response(dumps(value), status, headers=dict(headers or {}), media_type=media)


def file_response(file: BinaryIO, media: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return an opened file as a response that is sent as it is read, however large it is; closed when it is over."""

    def parts() -> Iterator[bytes]:
        with file:
            while part := file.read(_PART_BYTES):
                yield part

    length = {"Content-Length": str(os.fstat(file.fileno()).st_size)}
    return StreamingResponse(parts(), media_type=media, headers={**(headers or {}), **length})


def frame_response(
    frame: pd.DataFrame,
    form: str,
    *,
    layer: str,
    name: str,
    extra_members: Mapping[str, Any],
    options: TableOptions = PROGRAMS,
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
    options
        How a download is written; with headings for people its file is named in their language too.
    """
    if form == "json":
        return json_response({**extra_members, layer: records(frame)})
    if form == "geojson":
        return json_response(feature_collection(frame, extra_members=extra_members), media=GEOJSON)
    known = downloads.DOWNLOAD_FORMATS[form]
    disposition = f'attachment; filename="{name}{known.suffix}"'
    title = headings.title(layer, options.lang, of_run=options.of_run)
    if title != layer:
        # Programs that know no other names take the plain one (RFC 6266).
        disposition += f"; filename*=UTF-8''{quote(name.replace(layer, title, 1) + known.suffix)}"
    return Response(
        downloads.encode_frame(frame, form, layer=layer, options=options),
        media_type=known.media_type.replace("utf-8", options.encoding),
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
