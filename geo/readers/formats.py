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

from geo.errors import BadValue, UnknownName, UnreadableFile
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_plan import ColumnPlan
from geo.readers.geodata import (
    cityjson,
    drawn_shapes,
    dxf,
    esri_json,
    gdal,
    gdal_guards,
    geojson,
    geoparquet,
    gpx,
    json_tables,
    kml,
    zip_members,
)
from geo.readers.geodata.partial_answers import note_missing_pages
from geo.readers.osm import osm_pbf, overpass
from geo.readers.rows import own_tables
from geo.readers.sheets import csv_tables, workbooks
from geo.readers.source import FileLimits, SourceTable, no_share, unreadable

#: Where the CRS of the coordinates comes from: the file may name it; the standard fixes it; the standard says it, and
#: the user may know better; or the user has to name it.
CrsSource = Literal["file", "wgs84", "standard", "user"]


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
    sheets
        The sheets of a workbook to read; empty for all of one shape.
    header_row
        Number from 1 of the first heading row of a table; None to find it.
    json
        The parsed content of a JSON file; None for other files.
    progress
        Called with the share of the file that is read, by readers of long tables.
    """

    path: Path
    plan: ColumnPlan
    limits: FileLimits
    source_layer: str | None = None
    encoding: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    json: Any = None
    progress: Callable[[float], None] = no_share


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


#: Suffixes whose files are opened by their content.
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
#: Columns of a text that is a table, where it was saved under the suffix of a workbook.
_MIN_TEXT_COLUMNS = 2


_UNPACK = ("，请解压后重新压成 .zip", " (unpack it and make a .zip of it)")
_MAIN = ("，请选同名的 .shp", " (choose the .shp of the same name)")
#: What to do with files that are near to those that are read.
_INSTEAD = {
    ".dwg": ("，请在 CAD 里另存为 .dxf", " (save it as .dxf in the CAD program)"),
    ".ovobj": ("，请在奥维里导出为 .ovkml", " (export it as .ovkml from Ovital)"),
    **dict.fromkeys((".rar", ".7z"), _UNPACK),
    **dict.fromkeys((".dbf", ".shx", ".prj", ".cpg"), _MAIN),
}


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
    if (request.sheets or request.header_row is not None) and found.opener not in (_open_table, _open_zip):
        raise BadValue(
            f"{request.path.name} 不是表格，没有工作表与表头行",
            f"{request.path.name} is no table: it has no sheets and no row of headings",
        )
    source = found.opener(request, found)
    if request.json is not None:
        note_missing_pages(source, request.json)
    return source


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


# --- openers ---------------------------------------------------------------------------------------------------------


def _open_gdal(request: OpenRequest, row: Format, charset: str | None = None) -> SourceTable:
    return gdal.read_gdal(
        request.path,
        request.path.name,
        request.plan.choose,
        request.limits,
        driver=row.driver,
        source_layer=request.source_layer,
        layer=request.plan.layer.name,
        encoding=request.encoding,
        charset=charset,
    )


def _open_gdb(request: OpenRequest, row: Format) -> SourceTable:
    if not request.path.is_dir():
        raise unreadable(request.path.name, "内容不是 .gdb 文件夹", "its content is no .gdb folder")
    gdal_guards.check_file_gdb(request.path, request.limits)
    return _open_gdal(request, row)


def _open_mapinfo(request: OpenRequest, row: Format) -> SourceTable:
    source = _open_gdal(request, row, gdal_guards.check_mapinfo(request.path))
    drawn_shapes.closed_lines_as_areas(source, request.plan.layer.shapes)
    return source


def _open_dxf(request: OpenRequest, _row: Format) -> SourceTable:
    source = dxf.read_dxf(request.path, request.plan.layer, request.source_layer, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_gpx(request: OpenRequest, _row: Format) -> SourceTable:
    source = gpx.read_gpx(request.path, request.plan.layer, request.source_layer, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_zip(request: OpenRequest, row: Format) -> SourceTable:
    within = {suffix for one in FORMAT_TABLE if one is not row for suffix in _last_suffixes(one)}
    with gdal.temporary_folder() as folder:
        taken = zip_members.extract(
            request.path, Path(folder), within, request.source_layer, request.plan.layer.name, request.limits
        )
        try:
            source = open_file(replace(request, path=taken.path, source_layer=taken.layer))
        except (UnreadableFile, UnknownName) as error:
            zh, en = (one.replace(taken.path.name, taken.shown, 1) for one in (error.zh, error.en))
            if taken.others and isinstance(error, UnknownName):
                file = taken.shown.partition(":")[2]
                zh, en = f"{zh}（写作 {file}:图层）", f"{en} (as {file}:LAYER)"
            raise type(error)(zh, en, rows=error.rows) from None
    source.name = source.name.replace(taken.path.name, taken.shown, 1)
    if source.row_keys is not None:
        source.row_keys = [one.replace(taken.path.name, taken.shown, 1) for one in source.row_keys]
    if request.source_layer is None:
        source.note_others(taken.others)
    return source


def _open_parquet(request: OpenRequest, _row: Format) -> SourceTable:
    found = geoparquet.read_parquet(request.path, request.plan.choose, request.limits)
    if isinstance(found, SourceTable):
        return found
    return _with_columns_chosen(coordinate_columns.source_of_frame(request.path.name, found), request.plan)


def _open_table(request: OpenRequest, _row: Format) -> SourceTable:
    """Read a table as text or workbook: platforms save web pages and texts under the suffix of workbooks."""
    path, limits = request.path, request.limits
    is_text = path.suffix.lower() not in _WORKBOOK_SUFFIXES
    with path.open("rb") as file:
        is_text = is_text and not workbooks.is_workbook(file.read(8))
    sheets = None if is_text else workbooks.read_sheets(path, request.encoding, limits, request.progress)
    if sheets is None:
        _require_sheets(request, path.stem)
        source = csv_tables.read_csv(
            path, request.encoding, request.plan, limits, header_row=request.header_row, progress=request.progress
        )
        if path.suffix.lower() in _WORKBOOK_SUFFIXES and len(request.plan.names) < _MIN_TEXT_COLUMNS:
            raise unreadable(
                path.name,
                "内容不是工作簿，也不是有几列的文字表格",
                "its content is no workbook, nor a text table of several columns",
            )
    else:
        names = request.sheets or ((request.source_layer,) if request.source_layer is not None else ())
        source = workbooks.read_workbook(path, sheets, request.plan, limits, names=names, header_row=request.header_row)
    own_tables.with_whole_texts(source, request.plan)
    own_tables.without_examples(source, request.plan)
    return source


def _require_sheets(request: OpenRequest, title: str) -> None:
    """Raise UnknownName where sheets of a text are named that are not its only one, which programs name by the file."""
    for name in request.sheets:
        if workbooks.plain_name(name) != workbooks.plain_name(title):
            file = request.path.name
            raise UnknownName(f"{file} 是文本，没有工作表 {name}", f"{file} is a text, and has no sheet {name}")


def _with_columns_chosen(source: SourceTable, plan: ColumnPlan) -> SourceTable:
    plan.with_coordinates = True
    plan.choose([str(name) for name in source.columns.columns])
    own_tables.without_examples(source, plan)
    return source


def _open_geojson(request: OpenRequest, _row: Format) -> SourceTable:
    source = geojson.read(request.path.name, request.json, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_esri_json(request: OpenRequest, _row: Format) -> SourceTable:
    source = esri_json.read(request.path.name, request.json, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_amap(request: OpenRequest, _row: Format) -> SourceTable:
    return _with_columns_chosen(json_tables.read_amap(request.path.name, request.json, request.limits), request.plan)


def _open_json_rows(request: OpenRequest, _row: Format) -> SourceTable:
    return _with_columns_chosen(json_tables.read_rows(request.path.name, request.json, request.limits), request.plan)


def _open_cityjson(request: OpenRequest, _row: Format) -> SourceTable:
    source = cityjson.read(request.path.name, request.json, request.plan.layer.name, request.limits)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


def _open_overpass(request: OpenRequest, _row: Format) -> SourceTable:
    return overpass.read(request.path.name, request.json, request.plan.layer.name, request.limits)


def _open_osm_pbf(request: OpenRequest, _row: Format) -> SourceTable:
    return osm_pbf.read(request.path, request.plan.layer.name, request.limits)


def _open_kml(request: OpenRequest, row: Format) -> SourceTable:
    read = kml.read_kmz if row.magic else kml.read_kml
    names_crs = row.crs == "standard"
    source = read(request.path, request.plan.layer, request.source_layer, request.limits, names_crs=names_crs)
    request.plan.choose([str(name) for name in source.columns.columns])
    return source


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
    Format("GeoPackage", (".gpkg",), _open_gdal, magic=b"SQLite format 3\0", driver="GPKG", has_layers=True),
    Format(
        "GeoJSON",
        (".geojson", ".json", ".geojsonl"),
        _open_geojson,
        more_suffixes=(".geojsons", ".ndjson", ".jsonl"),
        recognises=_is_geojson,
    ),
    Format("Esri JSON", (".json",), _open_esri_json, more_suffixes=(".geojson",), recognises=esri_json.is_esri),
    Format("Amap JSON", (".json",), _open_amap, recognises=json_tables.is_amap, crs="user"),
    Format(
        "JSON rows", (".json",), _open_json_rows, more_suffixes=(".ndjson", ".jsonl"), recognises=_is_rows, crs="user"
    ),
    Format("Shapefile", (".shp",), _open_gdal, magic=b"\x00\x00\x27\x0a", driver="ESRI Shapefile", has_encodings=True),
    Format("Zip of any of these", (".zip",), _open_zip, magic=b"PK\x03\x04", has_layers=True, has_encodings=True),
    Format("FlatGeobuf", (".fgb",), _open_gdal, magic=b"fgb", driver="FlatGeobuf"),
    Format("File GDB", (".gdb",), _open_gdb, driver="OpenFileGDB", has_layers=True),
    Format("MapInfo TAB", (".tab",), _open_mapinfo, driver="MapInfo File", has_encodings=True),
    Format("MapInfo MIF", (".mif",), _open_mapinfo, driver="MapInfo File", has_encodings=True),
    Format("DXF", (".dxf",), _open_dxf, driver="DXF", crs="user", has_layers=True),
    Format("GPX", (".gpx",), _open_gpx, crs="standard", has_layers=True),
    Format("GeoParquet", (".parquet", ".geoparquet"), _open_parquet, more_suffixes=(".pq",), magic=b"PAR1"),
    Format("CSV", (".csv", ".tsv"), _open_table, more_suffixes=(".txt",), crs="user", has_encodings=True),
    Format("XLSX", (".xlsx",), _open_table, more_suffixes=(".xlsm",), crs="user", has_layers=True),
    Format("XLS", (".xls",), _open_table, more_suffixes=(".et",), crs="user", has_layers=True),
    Format("ODS", (".ods",), _open_table, crs="user", has_layers=True),
    Format("OpenStreetMap PBF", (".osm.pbf",), _open_osm_pbf, more_suffixes=(".pbf",), crs="wgs84"),
    Format(
        "Overpass JSON",
        (".json",),
        _open_overpass,
        more_suffixes=(".geojson",),
        recognises=overpass.is_overpass,
        crs="wgs84",
    ),
    Format("KML", (".kml",), _open_kml, crs="standard", has_layers=True),
    Format("KMZ", (".kmz",), _open_kml, magic=b"PK\x03\x04", crs="standard", has_layers=True),
    Format("OVKML", (".ovkml",), _open_kml, crs="user", has_layers=True),
    Format("OVKMZ", (".ovkmz",), _open_kml, magic=b"PK\x03\x04", crs="user", has_layers=True),
    Format("CityJSON", (".json",), _open_cityjson, more_suffixes=(".geojson",), recognises=_is_cityjson),
)

#: Suffixes that are read, for messages and file dialogs.
SUFFIXES = tuple(dict.fromkeys(suffix for row in FORMAT_TABLE for suffix in row.suffixes))
