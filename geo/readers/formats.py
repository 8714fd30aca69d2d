"""List the formats that are read, one row each, and open a file by its row.

A format is found by the suffix of the file. Where several share a suffix (GeoJSON, Overpass JSON and CityJSON), the
content decides. Content and suffix have to agree, since GDAL chooses its driver by content, and some drivers follow
references to other files and hosts.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.errors import BadValue, UnknownName, UnreadableFile
from geo.readers import openers
from geo.readers.format_types import Format, OpenedFile, OpenRequest
from geo.readers.geodata import esri_json, gdal, geojson, json_tables, zip_members
from geo.readers.geodata.partial_answers import note_missing_pages
from geo.readers.osm import overpass
from geo.readers.source import unreadable

_UNPACK = ("，请解压后重新压成 .zip", " (unpack it and make a .zip of it)")
_MAIN = ("，请选同名的 .shp", " (choose the .shp of the same name)")
#: What to do with files that are near to those that are read.
_INSTEAD = {
    ".dwg": ("，请在 CAD 里另存为 .dxf", " (save it as .dxf in the CAD program)"),
    ".ovobj": ("，请在奥维里导出为 .ovkml", " (export it as .ovkml from Ovital)"),
    **dict.fromkeys((".rar", ".7z"), _UNPACK),
    **dict.fromkeys((".dbf", ".shx", ".prj", ".cpg"), _MAIN),
}


def open_file(request: OpenRequest) -> OpenedFile:
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
        zh, en = _INSTEAD.get(suffix, ("", ""))
        raise UnreadableFile(
            f"不认识的文件类型：{name}{zh}；可读：{known}", f"unknown format: {name}{en}; read are {known}"
        )
    if candidates[0].recognises is not None:
        request = replace(request, json=geojson.load_json(request.path, request.limits))
        candidates = [row for row in candidates if row.recognises is not None and row.recognises(request.json)]
        if not candidates:
            raise unreadable(
                request.path.name,
                "不是 GeoJSON、Overpass、CityJSON 等认识的 JSON",
                "it is no GeoJSON, Overpass answer, CityJSON or other JSON that is known",
            )
    (found,) = candidates
    _check_magic(request.path, found)
    if (request.options.sheets or request.options.header_row is not None) and not found.has_sheets:
        raise BadValue(
            f"{request.path.name} 不是表格，没有工作表与表头行",
            f"{request.path.name} is no table: it has no sheets and no row of headings",
        )
    opened = found.opener(request, found)
    if request.json is not None:
        note_missing_pages(opened.source, request.json)
    return opened


def _last_suffixes(row: Format) -> set[str]:
    return {f".{suffix.rpartition('.')[2]}" for suffix in (*row.suffixes, *row.more_suffixes)}


def _check_magic(path: Path, row: Format) -> None:
    if path.is_dir() and row.suffixes != (".gdb",):
        raise unreadable(path.name, "是文件夹，不是文件", "it is a folder, not a file")
    if not row.magic:
        return
    with path.open("rb") as file:
        head = file.read(len(row.magic))
    if head != row.magic:
        suffix = row.suffixes[0]
        raise unreadable(path.name, f"内容不是 {suffix} 文件", f"its content is no {suffix} file")


def _open_zip(request: OpenRequest, row: Format) -> OpenedFile:
    within = {suffix for one in FORMAT_TABLE if one is not row for suffix in _last_suffixes(one)}
    with gdal.temporary_folder() as folder:
        taken = zip_members.extract(
            request.path, Path(folder), within, request.options.source_layer, request.plan.layer.name, request.limits
        )
        try:
            opened = open_file(
                replace(request, path=taken.path, options=replace(request.options, source_layer=taken.layer))
            )
        except (UnreadableFile, UnknownName) as error:
            zh, en = (one.replace(taken.path.name, taken.shown, 1) for one in (error.zh, error.en))
            if taken.others and isinstance(error, UnknownName):
                file = taken.shown.partition(":")[2]
                zh, en = f"{zh}（写作 {file}:图层）", f"{en} (as {file}:LAYER)"
            raise type(error)(zh, en, rows=error.rows) from None
    source = opened.source
    source.name = source.name.replace(taken.path.name, taken.shown, 1)
    if source.row_keys is not None:
        source.row_keys = [one.replace(taken.path.name, taken.shown, 1) for one in source.row_keys]
    if request.options.source_layer is None:
        source.note_others(taken.others)
    return opened


# --- JSON files, told apart by their content ------------------------------------------------------------------------


def _is_cityjson(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "CityJSON" and not overpass.is_overpass(value)


def _is_geojson(value: Any) -> bool:
    # An object that is no GeoJSON is refused by the reader, which says what it lacks.
    if isinstance(value, list):
        return geojson.is_features(value)
    others = (_is_cityjson, overpass.is_overpass, esri_json.is_esri, json_tables.is_amap, _is_rows)
    return isinstance(value, dict) and not any(is_other(value) for is_other in others)


def _is_rows(value: Any) -> bool:
    others = (_is_cityjson, overpass.is_overpass, esri_json.is_esri, json_tables.is_amap)
    is_table = isinstance(value, list) or (isinstance(value, dict) and "type" not in value)
    return is_table and not any(is_other(value) for is_other in others) and json_tables.rows_of(value) is not None


# --- the table -------------------------------------------------------------------------------------------------------

FORMAT_TABLE = (
    Format("GeoPackage", (".gpkg",), openers.open_gdal, magic=b"SQLite format 3\0", driver="GPKG", has_layers=True),
    Format(
        "GeoJSON",
        (".geojson", ".json", ".geojsonl"),
        openers.open_geojson,
        more_suffixes=(".geojsons", ".ndjson", ".jsonl"),
        recognises=_is_geojson,
    ),
    Format("Esri JSON", (".json",), openers.open_esri_json, more_suffixes=(".geojson",), recognises=esri_json.is_esri),
    Format("Amap JSON", (".json",), openers.open_amap, recognises=json_tables.is_amap, crs="user"),
    Format(
        "JSON rows",
        (".json",),
        openers.open_json_rows,
        more_suffixes=(".ndjson", ".jsonl"),
        recognises=_is_rows,
        crs="user",
    ),
    Format(
        "Shapefile",
        (".shp",),
        openers.open_gdal,
        magic=b"\x00\x00\x27\x0a",
        driver="ESRI Shapefile",
        has_encodings=True,
    ),
    Format(
        "Zip of any of these",
        (".zip",),
        _open_zip,
        magic=b"PK\x03\x04",
        has_layers=True,
        has_encodings=True,
        has_sheets=True,
    ),
    Format("FlatGeobuf", (".fgb",), openers.open_gdal, magic=b"fgb", driver="FlatGeobuf"),
    Format("File GDB", (".gdb",), openers.open_gdb, driver="OpenFileGDB", has_layers=True),
    Format("MapInfo TAB", (".tab",), openers.open_mapinfo, driver="MapInfo File", has_encodings=True),
    Format("MapInfo MIF", (".mif",), openers.open_mapinfo, driver="MapInfo File", has_encodings=True),
    Format("DXF", (".dxf",), openers.open_dxf, driver="DXF", crs="user", has_layers=True),
    Format("GPX", (".gpx",), openers.open_gpx, crs="standard", has_layers=True),
    Format("GeoParquet", (".parquet", ".geoparquet"), openers.open_parquet, more_suffixes=(".pq",), magic=b"PAR1"),
    Format(
        "CSV",
        (".csv", ".tsv"),
        openers.open_table,
        more_suffixes=(".txt",),
        crs="user",
        has_encodings=True,
        has_sheets=True,
    ),
    Format(
        "XLSX", (".xlsx",), openers.open_table, more_suffixes=(".xlsm",), crs="user", has_layers=True, has_sheets=True
    ),
    Format("XLS", (".xls",), openers.open_table, more_suffixes=(".et",), crs="user", has_layers=True, has_sheets=True),
    Format("ODS", (".ods",), openers.open_table, crs="user", has_layers=True, has_sheets=True),
    Format("OpenStreetMap PBF", (".osm.pbf",), openers.open_osm_pbf, more_suffixes=(".pbf",), crs="wgs84"),
    Format(
        "Overpass JSON",
        (".json",),
        openers.open_overpass,
        more_suffixes=(".geojson",),
        recognises=overpass.is_overpass,
        crs="wgs84",
    ),
    Format("KML", (".kml",), openers.open_kml, crs="standard", has_layers=True),
    Format("KMZ", (".kmz",), openers.open_kml, magic=b"PK\x03\x04", crs="standard", has_layers=True),
    Format("OVKML", (".ovkml",), openers.open_kml, crs="user", has_layers=True),
    Format("OVKMZ", (".ovkmz",), openers.open_kml, magic=b"PK\x03\x04", crs="user", has_layers=True),
    Format("CityJSON", (".json",), openers.open_cityjson, more_suffixes=(".geojson",), recognises=_is_cityjson),
)

#: Suffixes that are read, for messages and file dialogs.
SUFFIXES = tuple(dict.fromkeys(suffix for row in FORMAT_TABLE for suffix in row.suffixes))
