"""Encode frames as downloads: CSV, XLSX, GeoJSON, GeoPackage, KML and Shapefile.

Columns have the names of docs/contract.md section 1 in every format, unless headings in a language are asked for.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
from pandas.api import types

from api.representations.kml_files import kml_bytes
from api.representations.rate_tables import rate_list, rate_workbook
from api.representations.shapefiles import ENCODINGS, shapefile_bytes
from api.representations.tables import PROGRAMS, TableOptions, field_table, flat_frame, number_text, table_of
from api.representations.workbook_files import table_workbook
from geo.catalog import headings
from geo.catalog.headings import FIELDS
from geo.catalog.layers import LAYERS
from geo.crs import STORAGE_CRS
from geo.errors import BadValue, UnknownName
from geo.files import escaped_formula


@dataclass(frozen=True)
class DownloadFormat:
    """One download format.

    Attributes
    ----------
    name
        In ``?f=``.
    media_type, suffix
        Of the file.
    geometry
        Whether it has shapes.
    title
        What people call it.
    """

    name: str
    media_type: str
    suffix: str
    geometry: bool
    title: str


_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = (
    DownloadFormat("csv", "text/csv; charset=utf-8", ".csv", geometry=False, title="CSV"),
    DownloadFormat("xlsx", _SHEET, ".xlsx", geometry=False, title="XLSX"),
    DownloadFormat("geojson", "application/geo+json", ".geojson", geometry=True, title="GeoJSON"),
    DownloadFormat("gpkg", "application/geopackage+sqlite3", ".gpkg", geometry=True, title="GeoPackage"),
    DownloadFormat("kml", "application/vnd.google-earth.kml+xml", ".kml", geometry=True, title="KML"),
    DownloadFormat("shp", "application/zip", ".zip", geometry=True, title="Shapefile (zip)"),
)

#: Download formats by the name in ``?f=``.
DOWNLOAD_FORMATS: Mapping[str, DownloadFormat] = {one.name: one for one in _FORMATS}

#: A plain signed number is no formula.
_SIGNED_NUMBER = r"[+-]\d+(\.\d+)?\n?"


def encode_frame(frame: pd.DataFrame, form: str, *, layer: str, options: TableOptions = PROGRAMS) -> bytes:
    """Return a frame as the bytes of one file.

    Parameters
    ----------
    frame
        A layer of a run, a stored layer, or a plain table; shapes in any known CRS.
    form
        A key of DOWNLOAD_FORMATS.
    layer
        The name of the layer: the sheet's name in XLSX, the layer's in GeoJSON and GeoPackage.
    options
        Language of headings and words, encoding, names beside codes.

    Returns
    -------
    bytes
        CSV is UTF-8 with a byte-order mark and CRLF, as Excel expects, or GBK. GeoJSON and KML are in longitude and
        latitude (GeoJSON with the 7 decimals of RFC 7946), GeoPackage and Shapefile in the frame's own CRS. Points get
        ``lon`` and ``lat`` (WGS-84 degrees) in CSV and XLSX.

    Raises
    ------
    UnknownName
        The format is unknown, or it needs shapes and the frame has none.
    BadValue
        The format cannot hold a value: a text too long, a character that the encoding lacks.
    """
    if form not in DOWNLOAD_FORMATS:
        known = "、".join(DOWNLOAD_FORMATS)
        names = ", ".join(DOWNLOAD_FORMATS)
        raise UnknownName(f"没有下载格式 {form}，可用：{known}", f"no format {form}; there are: {names}")
    title = headings.title(layer, options.lang, of_run=options.of_run)
    if not DOWNLOAD_FORMATS[form].geometry:
        if layer == "rates" and options.of_run and options.lang != FIELDS:
            return _csv(rate_list(frame, options), options) if form == "csv" else rate_workbook(frame, options)
        table = table_of(frame, layer, options)
        return _csv(table, options) if form == "csv" else table_workbook(table, title)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise UnknownName(f"此表没有图形，不能写成 {form}", f"this table has no shapes and cannot be written as {form}")
    if form == "geojson":
        return _geojson(frame, layer)
    if form == "gpkg":
        return _gpkg(frame, layer)
    values = field_table(frame, layer, options)
    if form == "kml":
        return kml_bytes(frame, values, title, _titles(layer, options))
    return shapefile_bytes(frame, values, layer, options.encoding)


def _titles(layer: str, options: TableOptions) -> dict[str, str]:
    fields = headings.run_fields(layer) if options.of_run else None
    if fields is None:
        fields = headings.layer_fields(LAYERS[layer]) if layer in LAYERS else {}
    return {name: headings.heading(field, options.lang) for name, field in fields.items()}


def _csv(table: pd.DataFrame, options: TableOptions) -> bytes:
    encoding = options.encoding
    is_for_programs = options.lang == FIELDS
    cell_of = _csv_cell if is_for_programs else _csv_cell_of_people
    cells = {
        name: table[name].map(cell_of)
        for name in table.columns
        if not (types.is_integer_dtype(table[name]) or types.is_datetime64_any_dtype(table[name]))
        and not (is_for_programs and types.is_numeric_dtype(table[name]))
    }
    text = table.assign(**cells).to_csv(index=False, lineterminator="\r\n")
    if encoding == "utf-8":
        return text.encode("utf-8-sig")
    try:
        return text.encode(ENCODINGS[encoding])
    except UnicodeEncodeError as error:
        missing = text[error.start]
        raise BadValue(
            f"表中有 {encoding} 没有的字 {missing}；请用 encoding=utf-8",
            f"the table has {missing}, which {encoding} lacks: use encoding=utf-8",
        ) from None


def _csv_cell(cell: object) -> object:
    if isinstance(cell, str):
        return escaped_formula(cell, harmless=_SIGNED_NUMBER)
    return cell


def _csv_cell_of_people(cell: object) -> object:
    return number_text(cell) if isinstance(cell, float) and math.isfinite(cell) else _csv_cell(cell)


def _geojson(frame: gpd.GeoDataFrame, layer: str) -> bytes:
    # GDAL orients rings as RFC 7946 requires, and takes a tenth of the time of to_json for 9,000 shapes.
    degrees = _flat_shapes(frame).to_crs(STORAGE_CRS)
    buffer = BytesIO()
    pyogrio.write_dataframe(degrees, buffer, driver="GeoJSON", layer=layer, RFC7946="YES", COORDINATE_PRECISION="7")
    return buffer.getvalue()


def _gpkg(frame: gpd.GeoDataFrame, layer: str) -> bytes:
    # SQLite needs a file.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{layer}.gpkg"
        pyogrio.write_dataframe(_flat_shapes(frame), path, driver="GPKG", layer=layer)
        return path.read_bytes()


def _flat_shapes(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    flat = flat_frame(pd.DataFrame(frame))
    return gpd.GeoDataFrame(flat, geometry=frame.geometry.name, crs=frame.crs)
