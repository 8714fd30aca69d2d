"""Open a file of each format by its reader, and choose its columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from geo.errors import UnknownName
from geo.plain_words import folded_word
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.format_types import Format, OpenedFile, OpenRequest
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
)
from geo.readers.osm import osm_pbf, overpass
from geo.readers.rows import own_tables
from geo.readers.sheets import csv_tables, workbooks
from geo.readers.source import SourceTable, unreadable

#: Suffixes whose files are opened by their content.
_WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
#: Columns of a text that is a table, where it was saved under the suffix of a workbook.
_MIN_TEXT_COLUMNS = 2


def open_gdal(request: OpenRequest, row: Format, charset: str | None = None) -> OpenedFile:
    """Read a file by the GDAL driver of its format."""
    choice = _Choice(request.plan)
    source = gdal.read_gdal(
        request.path,
        request.path.name,
        choice,
        request.limits,
        driver=row.driver,
        source_layer=request.options.source_layer,
        layer=request.plan.layer.name,
        encoding=request.options.encoding,
        charset=charset,
    )
    return OpenedFile(source, choice.made)


def open_gdb(request: OpenRequest, row: Format) -> OpenedFile:
    """Read the folder of a File GDB."""
    if not request.path.is_dir():
        raise unreadable(request.path.name, "内容不是 .gdb 文件夹", "its content is no .gdb folder")
    gdal_guards.check_file_gdb(request.path, request.limits)
    return open_gdal(request, row)


def open_mapinfo(request: OpenRequest, row: Format) -> OpenedFile:
    """Read a MapInfo table; a closed line is an area where the layer has areas."""
    opened = open_gdal(request, row, gdal_guards.check_mapinfo(request.path))
    drawn_shapes.closed_lines_as_areas(opened.source, request.plan.layer.shapes)
    return opened


def open_dxf(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read a drawing."""
    source = dxf.read_dxf(request.path, request.plan.layer, request.options.source_layer, request.limits)
    return _shapes(source, request.plan)


def open_gpx(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read a GPX file."""
    source = gpx.read_gpx(request.path, request.plan.layer, request.options.source_layer, request.limits)
    return _shapes(source, request.plan)


def open_parquet(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read a GeoParquet file, or a Parquet file with columns of coordinates."""
    choice = _Choice(request.plan)
    found = geoparquet.read_parquet(request.path, choice, request.limits)
    if isinstance(found, SourceTable):
        return OpenedFile(found, choice.made)
    source = coordinate_columns.source_of_frame(request.path.name, found)
    own_tables.without_examples(source, choice.made)
    return OpenedFile(source, choice.made)


def open_table(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read a table as text or workbook: platforms save web pages and texts under the suffix of workbooks."""
    path, limits, options = request.path, request.limits, request.options
    is_text = path.suffix.lower() not in _WORKBOOK_SUFFIXES
    with path.open("rb") as file:
        is_text = is_text and not workbooks.is_workbook(file.read(8))
    sheets = None if is_text else workbooks.read_sheets(path, options.encoding, limits, request.progress)
    if sheets is None:
        _require_sheets(request, path.stem)
        source, chosen = csv_tables.read_csv(
            path,
            options.encoding,
            request.plan,
            limits,
            header_row=options.header_row,
            progress=request.progress,
        )
        if path.suffix.lower() in _WORKBOOK_SUFFIXES and len(chosen.names) < _MIN_TEXT_COLUMNS:
            raise unreadable(
                path.name,
                "内容不是工作簿，也不是有几列的文字表格",
                "its content is no workbook, nor a text table of several columns",
            )
    else:
        names = options.sheets or ((options.source_layer,) if options.source_layer is not None else ())
        source, chosen = workbooks.read_workbook(
            path, sheets, request.plan, limits, names=names, header_row=options.header_row
        )
    chosen = own_tables.with_whole_texts(source, chosen)
    own_tables.without_examples(source, chosen)
    return OpenedFile(source, chosen)


def open_geojson(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read a GeoJSON file."""
    source = geojson.read(request.path.name, request.json, request.limits)
    return _shapes(source, request.plan)


def open_esri_json(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read an answer of an ArcGIS server."""
    source = esri_json.read(request.path.name, request.json, request.limits)
    return _shapes(source, request.plan)


def open_amap(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read an answer of Amap."""
    return _table(json_tables.read_amap(request.path.name, request.json, request.limits), request.plan)


def open_json_rows(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read JSON that is a table."""
    return _table(json_tables.read_rows(request.path.name, request.json, request.limits), request.plan)


def open_cityjson(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read a CityJSON file."""
    source = cityjson.read(request.path.name, request.json, request.plan.layer.name, request.limits)
    return _shapes(source, request.plan)


def open_overpass(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read an answer of Overpass."""
    source = overpass.read(request.path.name, request.json, request.plan.layer.name, request.limits)
    return OpenedFile(source, ChosenColumns(request.plan))


def open_osm_pbf(request: OpenRequest, _row: Format) -> OpenedFile:
    """Read an OpenStreetMap extract."""
    source = osm_pbf.read(request.path, request.plan.layer.name, request.limits)
    return OpenedFile(source, ChosenColumns(request.plan))


def open_kml(request: OpenRequest, row: Format) -> OpenedFile:
    """Read KML, KMZ and their kin of Ovital."""
    read = kml.read_kmz if row.magic else kml.read_kml
    names_crs = row.crs == "standard"
    source = read(request.path, request.plan.layer, request.options.source_layer, request.limits, names_crs=names_crs)
    return _shapes(source, request.plan)


# --- what openers share ----------------------------------------------------------------------------------------------


def _require_sheets(request: OpenRequest, title: str) -> None:
    """Raise UnknownName where sheets of a text are named that are not its only one, which programs name by the file."""
    for name in request.options.sheets:
        if folded_word(name) != folded_word(title):
            file = request.path.name
            raise UnknownName(f"{file} 是文本，没有工作表 {name}", f"{file} is a text, and has no sheet {name}")


class _Choice:
    """Choose for a reader that knows its columns in the midst of its work, and keep what was chosen."""

    def __init__(self, plan: ColumnPlan) -> None:
        self._plan = plan
        self.made = ChosenColumns(plan)

    def __call__(
        self, names: Sequence[str], *, cut: Collection[str] = (), with_coordinates: bool = False
    ) -> Sequence[str]:
        self.made = self._plan.choose(names, cut=cut, with_coordinates=with_coordinates)
        return self.made.read


def _shapes(source: SourceTable, plan: ColumnPlan) -> OpenedFile:
    """Return features that have their shapes, their columns chosen."""
    return OpenedFile(source, plan.choose([str(name) for name in source.columns.columns]))


def _table(source: SourceTable, plan: ColumnPlan) -> OpenedFile:
    """Return rows whose coordinates are in columns, their columns chosen, without our own examples."""
    chosen = plan.choose([str(name) for name in source.columns.columns], with_coordinates=True)
    own_tables.without_examples(source, chosen)
    return OpenedFile(source, chosen)
