"""Convert geometries to GeoPackage blobs and back."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.storage.codec.geopackage_header import EMPTY, LITTLE_ENDIAN, SRS_ID, WITH_BOX, body, box

_PLAIN_HEADER = struct.pack("<2sBBi", b"GP", 0, LITTLE_ENDIAN, SRS_ID)
_EMPTY_HEADER = struct.pack("<2sBBi", b"GP", 0, LITTLE_ENDIAN | EMPTY, SRS_ID)
_BOXED = np.dtype([("head", "S8"), ("minx", "<f8"), ("maxx", "<f8"), ("miny", "<f8"), ("maxy", "<f8")])
_BOXED_HEADER = struct.pack("<2sBBi", b"GP", 0, LITTLE_ENDIAN | WITH_BOX, SRS_ID)
# First bytes on disk: header without and with an envelope, little-endian; and the WKB head of a 2D point.
_PLAIN, _BOX, _POINT = _PLAIN_HEADER[:4], _BOXED_HEADER[:4], struct.pack("<BI", 1, 1)
_POINTS = np.dtype([("head", "V4"), ("srs", "<i4"), ("kind", "V5"), ("xy", "<f8", 2)])

_MULTI_OF = {0: shapely.multipoints, 1: shapely.multilinestrings, 3: shapely.multipolygons}
_EMPTY_MULTI = {0: shapely.MultiPoint(), 1: shapely.MultiLineString(), 3: shapely.MultiPolygon()}
_EMPTY_SINGLE = {4: shapely.Point(), 5: shapely.LineString(), 6: shapely.Polygon()}


def single(shapes: np.ndarray) -> np.ndarray:
    """Return the geometries with every multi geometry of one part (or none) as a single geometry."""
    kinds = shapely.get_type_id(shapes)
    parts = shapely.get_num_geometries(shapes)
    out = shapes.copy()
    one = (kinds >= 4) & (kinds <= 6) & (parts == 1)
    out[one] = shapely.get_geometry(shapes[one], 0)
    for kind, empty in _EMPTY_SINGLE.items():
        out[(kinds == kind) & (parts == 0)] = empty
    return out


def multi(shapes: np.ndarray) -> np.ndarray:
    """Return the geometries with every single geometry as a multi geometry of one part, for a MULTI column."""
    kinds = shapely.get_type_id(shapes)
    empty = shapely.is_empty(shapes)
    out = shapes.copy()
    for kind, build in _MULTI_OF.items():
        rows = np.flatnonzero((kinds == kind) & ~empty)
        if rows.size:
            out[rows] = build(shapes[rows], indices=np.arange(rows.size))
        out[(kinds == kind) & empty] = _EMPTY_MULTI[kind]
    return out


def encode(shapes: np.ndarray) -> list[bytes | None]:
    """Return GeoPackage blobs of 2D geometries in EPSG:4326: points without, all others with an envelope."""
    wkb = shapely.to_wkb(shapes, byte_order=1, output_dimension=2)
    if (shapely.get_type_id(shapes) == 0).all() and not shapely.is_empty(shapes).any():
        return [_PLAIN_HEADER + one for one in wkb.tolist()]
    heads = np.empty(len(shapes), _BOXED)
    heads["head"] = _BOXED_HEADER
    for name, values in zip(("minx", "miny", "maxx", "maxy"), shapely.bounds(shapes).reshape(-1, 4).T, strict=True):
        heads[name] = values
    raw, size = heads.tobytes(), _BOXED.itemsize
    plain = (shapely.get_type_id(shapes) == 0).tolist()
    empty = shapely.is_empty(shapes).tolist()
    out: list[bytes | None] = []
    for row, one in enumerate(wkb.tolist()):
        if one is None:
            out.append(None)
        elif empty[row]:
            out.append(_EMPTY_HEADER + one)
        elif plain[row]:
            out.append(_PLAIN_HEADER + one)
        else:
            out.append(raw[row * size : (row + 1) * size] + one)
    return out


def decode(blobs: Sequence[Any]) -> np.ndarray:
    """Return the geometries of GeoPackage blobs, single where of one part; None for null or an invalid blob.

    One unreadable blob, written by another program, must not fail the layer: its row is returned without geometry.
    """
    bodies = [
        blob[8:] if head == _PLAIN else blob[40:] if head == _BOX else body(blob)
        for head, blob in zip(_header_starts(blobs), blobs, strict=True)
    ]
    shapes = shapely.from_wkb(np.array(bodies, dtype=object), on_invalid="ignore")
    return single(np.atleast_1d(shapes))


def ewkb(shapes: np.ndarray) -> list[bytes | None]:
    """Return EWKB of 2D geometries in EPSG:4326, for PostGIS."""
    marked = shapely.set_srid(shapes, SRS_ID)
    return shapely.to_wkb(marked, byte_order=1, output_dimension=2, include_srid=True).tolist()


def wkb(blobs: Sequence[Any]) -> list[bytes | None]:
    """Return the WKB of GeoPackage blobs; None for null or an invalid blob."""
    return [body(blob) for blob in blobs]


def boxes(blobs: Sequence[Any]) -> np.ndarray:
    """Return (n, 4) minx, miny, maxx, maxy of many blobs; NaN where ``box`` returns None."""
    if set(map(type, blobs)) == {bytes} and set(map(len, blobs)) == {_POINTS.itemsize}:
        plain = np.frombuffer(b"".join(blobs), _POINTS)
        if (plain["head"] == np.void(_PLAIN)).all() and (plain["kind"] == np.void(_POINT)).all():
            return np.tile(plain["xy"], 2)
    out = np.full((len(blobs), 4), np.nan)
    heads = _header_starts(blobs)
    boxed = [row for row, head in enumerate(heads) if head == _BOX and len(blobs[row]) >= 45]
    points = [row for row, head in enumerate(heads) if head == _PLAIN and blobs[row][8:13] == _POINT]
    points = [row for row in points if len(blobs[row]) == 29]
    out[boxed] = np.frombuffer(b"".join(blobs[row][8:40] for row in boxed)).reshape(-1, 4)[:, [0, 2, 1, 3]]
    out[points] = np.tile(np.frombuffer(b"".join(blobs[row][13:] for row in points)).reshape(-1, 2), 2)
    rest = np.ones(len(blobs), dtype=bool)
    rest[boxed + points] = False
    for row in np.flatnonzero(rest).tolist():
        found = box(blobs[row])
        if found:
            out[row] = found
    return out


def _header_starts(blobs: Sequence[Any]) -> list[bytes]:
    """Return the first four bytes of each blob, which identify the two headers that this project writes."""
    return [blob[:4] if type(blob) is bytes else b"" for blob in blobs]
