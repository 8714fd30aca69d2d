"""Write frames as zipped Shapefiles in UTF-8 or GBK, one for each kind of shape there is."""

from __future__ import annotations

import io
import tempfile
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
from pandas.api import types

from geo.errors import BadValue
from geo.mixed_shapes import parts_by_dimension

#: Encodings of the texts, by the name that a caller gives.
ENCODINGS = {"utf-8": "UTF-8", "gbk": "GBK"}
#: Bytes of a text, and of a column's name, in the format.
_MAX_TEXT, _MAX_NAME = 254, 10
#: Numbers are texts of 24 characters with 15 decimals: GDAL cuts the exponent of what does not fit.
_TOO_LARGE = 1e18
_KINDS = {"Point": "point", "MultiPoint": "multipoint", "LineString": "line", "MultiLineString": "line"}
_KINDS |= {"Polygon": "polygon", "MultiPolygon": "polygon"}


def shapefile_bytes(frame: gpd.GeoDataFrame, table: pd.DataFrame, stem: str, encoding: str) -> bytes:
    """Return a zip file with .shp, .shx, .dbf, .prj and .cpg.

    A Shapefile holds one kind of shape: where there are several, each has a file of its own, named after its kind, and
    a row of several kinds is in each of them.

    Parameters
    ----------
    frame
        The shapes, written in the frame's own CRS.
    table
        The values, columns by the names of the fields; names are cut to 10 bytes, each to a name of its own.
    stem
        Name of the files.
    encoding
        ``utf-8`` or ``gbk``.

    Raises
    ------
    BadValue
        A text is longer than 254 bytes, or has a character that the encoding lacks, or a number is too large: nothing
        is cut in silence.
    """
    frame, table = _by_kind(frame, table)
    columns = {name: _column(table[old], str(old), encoding) for old, name in short_names(list(table.columns)).items()}
    kinds = np.array([_KINDS.get(one, "") if one else "" for one in frame.geom_type], dtype=object)
    if "" in kinds and set(kinds) != {""}:
        # Rows without a shape go with those that have one.
        kinds[kinds == ""] = next(kind for kind in kinds if kind)
    there = sorted(set(kinds)) or ["polygon"]
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in there:
            rows = kinds == kind
            name = stem if len(there) == 1 else f"{stem}_{kind}"
            part = gpd.GeoDataFrame(
                {column: cells[rows] for column, cells in columns.items()},
                geometry=np.asarray(frame.geometry)[rows],
                crs=frame.crs,
            )
            _write(part, Path(folder) / f"{name}.shp", kind, encoding)
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)
    return buffer.getvalue()


def _by_kind(frame: gpd.GeoDataFrame, table: pd.DataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the rows, one that is made of several kinds of shape once for each: its values stand in each file."""
    parts, row = parts_by_dimension(np.asarray(frame.geometry))
    if len(parts) == len(frame):
        return frame, table
    return gpd.GeoDataFrame(geometry=parts, crs=frame.crs), table.iloc[row].reset_index(drop=True)


def short_names(names: list[str]) -> dict[str, str]:
    """Return name -> name of at most 10 bytes, no two alike.

    Examples
    --------
    >>> short_names(["code", "possible_m2", "possible_share"])
    {'code': 'code', 'possible_m2': 'possible_m', 'possible_share': 'possible_s'}
    >>> short_names(["township_name", "township_names"])
    {'township_name': 'township_n', 'township_names': 'township_1'}
    """
    taken: set[str] = set()
    short: dict[str, str] = {}
    for name in names:
        cut, number = _cut(name, _MAX_NAME), 0
        while cut.casefold() in taken:
            number += 1
            cut = f"{_cut(name, _MAX_NAME - len(str(number)))}{number}"
        taken.add(cut.casefold())
        short[name] = cut
    return short


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode(errors="ignore")


def _column(cells: pd.Series, name: str, encoding: str) -> pd.Series:
    if types.is_bool_dtype(cells.dtype) or not types.is_numeric_dtype(cells.dtype):
        missing = cells.isna().to_numpy()
        texts = [None if nothing else str(cell) for cell, nothing in zip(cells, missing, strict=True)]
        for text in texts:
            if text is not None:
                _check(text, name, encoding)
        return pd.Series(texts, dtype=object)
    if types.is_integer_dtype(cells.dtype) and not cells.isna().any():
        return cells.astype("int64").reset_index(drop=True)
    numbers = cells.to_numpy(dtype=float, na_value=np.nan)
    with np.errstate(invalid="ignore"):
        large = np.flatnonzero(np.abs(numbers) >= _TOO_LARGE)
    if len(large):
        shown = f"{numbers[large[0]]:g}"
        raise BadValue(
            f"字段 {name} 的 {shown} 大得 Shapefile 放不下；请用 gpkg 或 geojson",
            f"field {name}: {shown} is larger than a Shapefile holds: use gpkg or geojson",
        )
    return pd.Series(numbers)


def _check(text: str, name: str, encoding: str) -> None:
    shown = text[:40]
    try:
        size = len(text.encode(ENCODINGS[encoding]))
    except UnicodeEncodeError as error:
        missing = text[error.start]
        raise BadValue(
            f"字段 {name} 的“{shown}”含 {encoding} 没有的字 {missing}；请用 encoding=utf-8",
            f"field {name}: “{shown}” has {missing}, which {encoding} lacks: use encoding=utf-8",
        ) from None
    if size > _MAX_TEXT:
        raise BadValue(
            f"字段 {name} 的“{shown}…”超过 Shapefile 的 {_MAX_TEXT} 字节；请用 gpkg 或 geojson",
            f"field {name}: “{shown}…” is longer than the {_MAX_TEXT} bytes of a Shapefile: use gpkg or geojson",
        )


def _write(part: gpd.GeoDataFrame, path: Path, kind: str, encoding: str) -> None:
    geometry_type = {"point": "Point", "multipoint": "MultiPoint", "line": "LineString"}.get(kind, "Polygon")
    with warnings.catch_warnings():
        # GDAL says that it makes one kind of the single and multi forms, and of empty columns.
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(
            part, path, driver="ESRI Shapefile", encoding=ENCODINGS[encoding], geometry_type=geometry_type
        )
