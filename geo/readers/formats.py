"""List the formats that are read, one row each, and open a file by its row.

A format is found by the suffix of the file. Where several share a suffix (GeoJSON, Overpass JSON and CityJSON), the
content decides. Content and suffix have to agree, since GDAL chooses its driver by content, and some drivers follow
references to other files and hosts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from geo.errors import UnreadableFile
from geo.readers import cityjson, csv_xlsx, gdal, geojson, geoparquet, osm_pbf, overpass, own_tables
from geo.readers.column_plan import ColumnPlan
from geo.readers.source import FileLimits, SourceTable, unreadable

#: Where the CRS of the coordinates comes from: the file may name it, the standard fixes it, or the user has to name it.
CrsSource = Literal["file", "wgs84", "user"]


@dataclass(frozen=True)
class OpenRequest:
    """What an opener is given.

    Attributes
    ----------
    path
        The file.
    plan
        The columns to read.
    limits
        Bounds on size.
    source_layer
        The layer or sheet to read; None for the only one, or the one named like the layer of the plan.
    encoding
        Of the texts; None to detect it.
    json
        The parsed content of a JSON file; None for other files.
    """

    path: Path
    plan: ColumnPlan
    limits: FileLimits
    source_layer: str | None = None
    encoding: str | None = None
    json: Any = None


@dataclass(frozen=True)
class Format:
    """One row of the table.

    Attributes
    ----------
    name
        As docs/import.md names it.
    suffixes, more_suffixes
        Suffixes for messages and file dialogs, and others that are read too.
    opener
        Reads the file.
    magic
        The first bytes; empty for texts and for what its reader recognises itself.
    driver
        The GDAL driver that reads it; empty for a reader of this package.
    recognises
        Returns whether the parsed content of a JSON file is of this format; None for other files.
    crs
        Where the CRS comes from.
    has_layers, has_encodings
        Whether ``source_layer`` and ``encoding`` apply.
    """

    name: str
    suffixes: tuple[str, ...]
    opener: Callable[[OpenRequest, Format], SourceTable]
    more_suffixes: tuple[str, ...] = ()
    magic: bytes = b""
    driver: str = ""
    recognises: Callable[[Any], bool] | None = None
    crs: CrsSource = "file"
    has_layers: bool = False
    has_encodings: bool = False


def open_file(request: OpenRequest) -> SourceTable:
    """Return the content of a file, read by the row of its format.

    Raises
    ------
    UnreadableFile
        Where the suffix is unknown, or the content is of another format.
    """
    suffix = request.path.suffix.lower()
    candidates = [row for row in FORMAT_TABLE if suffix in _last_suffixes(row)]
    if not candidates:
        name, known = request.path.name, " ".join(SUFFIXES)
        raise UnreadableFile(
            f"不认识的文件类型：{name}；可读：{known}", f"unknown kind of file: {name}; read are {known}"
        )
    if candidates[0].recognises is not None:
        request = replace(request, json=geojson.load_json(request.path, request.limits))
        candidates = [row for row in candidates if row.recognises is not None and row.recognises(request.json)]
        if not candidates:
            raise unreadable(
                request.path.name, "不是 GeoJSON、Overpass 或 CityJSON", "it is no GeoJSON, Overpass answer or CityJSON"
            )
    (found,) = candidates
    _check_magic(request.path, found)
    return found.opener(request, found)


def _last_suffixes(row: Format) -> set[str]:
    return {f".{suffix.rpartition('.')[2]}" for suffix in (*row.suffixes, *row.more_suffixes)}


def _check_magic(path: Path, row: Format) -> None:
    with path.open("rb") as file:
        head = file.read(len(row.magic))
    if head != row.magic:
        suffix = row.suffixes[0]
        raise unreadable(path.name, f"内容不是 {suffix} 文件", f"its content is no {suffix} file")


# --- openers ---------------------------------------------------------------------------------------------------------


def _open_gdal(request: OpenRequest, row: Format) -> SourceTable:
    return gdal.read_gdal(
        request.path,
        request.path.name,
        request.plan.choose,
        request.limits,
        driver=row.driver,
        source_layer=request.source_layer,
        layer=request.plan.layer.name,
        encoding=request.encoding,
    )


def _open_zip(request: OpenRequest, row: Format) -> SourceTable:
    with gdal.temporary_folder() as folder:
        return gdal.read_gdal(
            gdal.extract_shapefile(request.path, Path(folder), request.limits),
            request.path.name,
            request.plan.choose,
            request.limits,
            driver=row.driver,
            source_layer=None,
            layer=request.plan.layer.name,
            encoding=request.encoding,
        )


def _open_parquet(request: OpenRequest, _row: Format) -> SourceTable:
    found = geoparquet.read_parquet(request.path, request.plan.choose, request.limits)
    if isinstance(found, SourceTable):
        return found
    return _with_columns_chosen(csv_xlsx.source_of_frame(request.path.name, found), request.plan)


def _open_csv(request: OpenRequest, _row: Format) -> SourceTable:
    found = csv_xlsx.read_csv(request.path, request.encoding, request.limits)
    return _with_columns_chosen(own_tables.with_whole_texts(found, is_csv=True), request.plan)


def _open_xlsx(request: OpenRequest, _row: Format) -> SourceTable:
    found = csv_xlsx.read_xlsx(request.path, request.source_layer, request.limits)
    return _with_columns_chosen(own_tables.with_whole_texts(found, is_csv=False), request.plan)


def _with_columns_chosen(source: SourceTable, plan: ColumnPlan) -> SourceTable:
    plan.with_coordinates = True
    plan.choose([str(name) for name in source.columns.columns])
    own_tables.without_examples(source, plan)
    return source


def _open_geojson(request: OpenRequest, _row: Format) -> SourceTable:
    source = geojson.read(request.path.name, request.json, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_cityjson(request: OpenRequest, _row: Format) -> SourceTable:
    source = cityjson.read(request.path.name, request.json, request.plan.layer.name, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_overpass(request: OpenRequest, _row: Format) -> SourceTable:
    return overpass.read(request.path.name, request.json, request.plan.layer.name, request.limits)


def _open_osm_pbf(request: OpenRequest, _row: Format) -> SourceTable:
    return osm_pbf.read(request.path, request.plan.layer.name, request.limits)


def _is_cityjson(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "CityJSON" and not overpass.is_overpass(value)


def _is_other_object(value: Any) -> bool:
    # An object that is no GeoJSON is refused by the reader, which says what it lacks.
    return isinstance(value, dict) and not _is_cityjson(value) and not overpass.is_overpass(value)


# --- the table -------------------------------------------------------------------------------------------------------

FORMAT_TABLE = (
    Format("GeoPackage", (".gpkg",), _open_gdal, magic=b"SQLite format 3\0", driver="GPKG", has_layers=True),
    Format("GeoJSON", (".geojson", ".json"), _open_geojson, recognises=_is_other_object),
    Format("Shapefile", (".shp",), _open_gdal, magic=b"\x00\x00\x27\x0a", driver="ESRI Shapefile", has_encodings=True),
    Format("Shapefile (zip)", (".zip",), _open_zip, magic=b"PK\x03\x04", driver="ESRI Shapefile", has_encodings=True),
    Format("FlatGeobuf", (".fgb",), _open_gdal, magic=b"fgb", driver="FlatGeobuf"),
    Format("GeoParquet", (".parquet", ".geoparquet"), _open_parquet, more_suffixes=(".pq",), magic=b"PAR1"),
    Format("CSV", (".csv", ".tsv"), _open_csv, more_suffixes=(".txt",), crs="user", has_encodings=True),
    Format("XLSX", (".xlsx",), _open_xlsx, magic=b"PK\x03\x04", driver="XLSX", crs="user", has_layers=True),
    Format("OpenStreetMap PBF", (".osm.pbf",), _open_osm_pbf, more_suffixes=(".pbf",), crs="wgs84"),
    Format(
        "Overpass JSON",
        (".json",),
        _open_overpass,
        more_suffixes=(".geojson",),
        recognises=overpass.is_overpass,
        crs="wgs84",
    ),
    Format("CityJSON", (".json",), _open_cityjson, more_suffixes=(".geojson",), recognises=_is_cityjson),
)

#: Suffixes that are read, for messages and file dialogs.
SUFFIXES = tuple(dict.fromkeys(suffix for row in FORMAT_TABLE for suffix in row.suffixes))
