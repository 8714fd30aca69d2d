"""Read CSV and XLSX tables whose rows carry coordinates or WKT."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from geo import bounds
from geo import crs as crs_module
from geo.catalog.layers import Layer
from geo.errors import BadGeometry, UnknownName, UnreadableFile
from geo.readers import cell_values
from geo.readers.geojson import UNCLOSED
from geo.readers.path_texts import add_paths, looks_like_paths, path_column
from geo.readers.source import (
    Fault,
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    check_size,
    shapes_array,
    unreadable,
)

_MISSING = "没有坐标 / missing coordinates"
_TOO_LONG = "这一行的列数多于表头 / more cells than the header"
_CELL_CHARS = 64 << 20


def read_csv(path: Path, encoding: str | None, limits: FileLimits) -> SourceTable:
    """Return the rows of a CSV file as text, without geometry.

    The separator is the most frequent one of the header. The encoding is the one given, else that of the byte order
    mark, else UTF-8, else GB 18030.

    Raises
    ------
    UnreadableFile
        Where the text does not decode, or a quotation mark is left open.
    """
    check_size(path.name, path.stat().st_size, limits.json_bytes)
    lines, separator = _lines(path, encoding)
    # Cells with the WKT of large polygons exceed the csv module's bound of 128 KB.
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_CHARS))
    reader = csv.reader(lines, delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        records = list(islice(reader, limits.features + 1))
    except csv.Error as error:
        raise unreadable(path.name, f"第 {reader.line_num} 行有误", f"line {reader.line_num}: {error}") from None
    check_features(path.name, len(records), limits)
    check_columns(path.name, len(header), len(records))
    names = _header(header)
    numbers = np.array([number for number, record in enumerate(records, 1) if any(map(str.strip, record))], dtype=int)
    records = [records[number - 1] for number in numbers]
    width = len(names)
    faults = {
        row: Fault("", _TOO_LONG, f"{len(record)} > {width}")
        for row, record in enumerate(records)
        if len(record) > width and any(map(str.strip, record[width:]))
    }
    even = [record if len(record) == width else (record + [""] * width)[:width] for record in records]
    columns = dict(zip(names, zip(*even, strict=True), strict=True)) if even else dict.fromkeys(names, ())
    frame = pd.DataFrame(
        {name: pd.Series(cells, dtype=object) for name, cells in columns.items()}, index=range(len(even))
    )
    return SourceTable(path.name, frame, shapes_array([None] * len(even)), faults=faults, numbers=numbers)


def read_xlsx(path: Path, source_layer: str | None, limits: FileLimits) -> SourceTable:
    """Return the rows of one sheet of an XLSX workbook as text, without geometry; the first row is the header."""
    try:
        _check_workbook(path, limits)
        with warnings.catch_warnings():
            # GDAL warns of columns beyond its limit, which is above ours.
            warnings.simplefilter("ignore")
            sheets, sheet, frame = _sheet(path, source_layer)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise unreadable(path.name, "工作簿损坏", str(error).replace(str(path), path.name)[:200]) from None
    check_features(path.name, len(frame), limits)
    check_columns(path.name, len(frame.columns), len(frame))
    frame = frame.astype(object)
    frame.columns = pd.Index(_header([str(name) for name in frame.columns]))
    filled = np.array(
        [any(not cell_values.is_missing(cell) for cell in record) for record in frame.to_numpy()], dtype=bool
    )
    numbers = np.flatnonzero(filled) + 1
    frame = frame[filled].reset_index(drop=True)
    name = path.name if len(sheets) == 1 else f"{path.name}:{sheet}"
    return SourceTable(name, frame, shapes_array([None] * len(frame)), numbers=numbers)


def _sheet(path: Path, source_layer: str | None) -> tuple[list[str], str, pd.DataFrame]:
    """Return the names of the sheets, the one chosen, and its rows."""
    sheets = [str(name) for name, _ in pyogrio.list_layers(path)]
    if source_layer is not None and source_layer not in sheets:
        there = ", ".join(sheets)
        raise UnknownName(f"没有工作表 {source_layer}；有：{there}", f"no sheet {source_layer}; there are: {there}")
    if not sheets:
        raise unreadable(path.name, "没有工作表", "it has no sheet")
    sheet = source_layer or sheets[0]
    # As text: a 20-digit number keeps its digits, and a damaged one is reported as it is in the file.
    return (
        sheets,
        sheet,
        pyogrio.read_dataframe(path, layer=sheet, read_geometry=False, HEADERS="FORCE", FIELD_TYPES="STRING"),
    )


def _check_workbook(path: Path, limits: FileLimits) -> None:
    """Refuse a workbook that is too large when unpacked, declares entities, or has more cells than the limit."""
    with bounds.open_zip(
        path, max_entries=limits.zip_entries, max_bytes=limits.xlsx_bytes, max_ratio=limits.zip_ratio, nested=True
    ) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise unreadable(path.name, "不是 XLSX 工作簿", "it is no XLSX workbook")
        for entry in archive.infolist():
            if entry.filename.lower().endswith((".xml", ".rels", ".vml")):
                _check_part(path.name, bounds.stream(archive, entry), limits)


def _check_part(name: str, pieces: Iterable[bytes], limits: FileLimits) -> None:
    tail, cells = b"", 0
    for piece in pieces:
        try:
            bounds.check_xml(tail + piece)
        except UnreadableFile as error:
            raise unreadable(name, error.zh, error.en) from None
        cells += piece.count(b"<c ") + piece.count(b"<c>") + piece.count(b"<row") + piece.count(b"<si")
        if cells > limits.xlsx_cells:
            raise unreadable(name, f"单元格超过 {limits.xlsx_cells:,}", f"it has more than {limits.xlsx_cells:,} cells")
        tail = piece[-64:]


def source_of_frame(name: str, frame: pd.DataFrame) -> SourceTable:
    """Return a plain table as a source without geometry."""
    return SourceTable(name, frame.reset_index(drop=True), shapes_array([None] * len(frame)))


def add_shapes(
    source: SourceTable, layer: Layer, fields: Mapping[str, str], crs: str | pyproj.CRS | None
) -> dict[str, str]:
    """Build the geometry of a table from its coordinate columns, in place.

    Parameters
    ----------
    fields
        Field -> column, coordinates included.
    crs
        The CRS of the coordinates; it decides between lon/lat and x/y where a table has both.

    Returns
    -------
    Coordinate -> column, for those used.

    Raises
    ------
    UnreadableFile
        Where the table has no coordinates.
    """
    path = path_column(source.columns) if "wkt" not in fields and "point" not in layer.shapes else None
    if path is not None:
        # The numbers beside an outline are a point in it.
        fields = {**fields, "wkt": path}
    for pair in _coordinate_pairs_by_preference(layer, crs):
        if all(name in fields for name in pair):
            used = {name: fields[name] for name in pair}
            if pair == ("wkt",):
                _add_wkt(source, source.columns[fields["wkt"]], layer, crs)
            else:
                _add_points(source, [(name, source.columns[column]) for name, column in used.items()])
                source.axes_from_columns = True
            return used
    found = path_column(source.columns)
    if found is not None:
        _add_wkt(source, source.columns[found], layer, crs)
        return {"wkt": found}
    raise unreadable(
        source.name,
        "找不到坐标列；需要经度纬度、x y 或 WKT，可用 --map lon=列名 --map lat=列名 指明",
        "no coordinates found; it needs lon and lat, x and y, or WKT: name them with --map lon=COLUMN --map lat=COLUMN",
    )


def _coordinate_pairs_by_preference(layer: Layer, crs: str | pyproj.CRS | None) -> list[tuple[str, ...]]:
    points: list[tuple[str, ...]] = [("lon", "lat"), ("x", "y")]
    if crs is not None and crs_module.shift_name(crs) is None and crs_module.parse_crs(crs).is_projected:
        points.reverse()
    # Polygon layers need WKT; point layers prefer numeric columns.
    return [*points, ("wkt",)] if "point" in layer.shapes else [("wkt",), *points]


def _add_points(source: SourceTable, columns: Sequence[tuple[str, pd.Series]]) -> None:
    read: list[np.ndarray] = []
    for name, column in columns:
        numbers, bad = cell_values.degrees(column)
        for row in np.flatnonzero(bad):
            shown = str(column.iloc[row])
            source.faults.setdefault(int(row), Fault(name, cell_values.number_fault(shown), shown))
        for row in np.flatnonzero(np.isnan(numbers) & ~bad):
            source.faults.setdefault(int(row), Fault(name, _MISSING))
        read.append(numbers)
    x, y = read
    known = np.isfinite(x) & np.isfinite(y)
    source.shapes[known] = shapely.points(x[known], y[known])


def _add_wkt(source: SourceTable, column: pd.Series, layer: Layer, crs: str | pyproj.CRS | None) -> None:
    texts = cell_values.texts(column).tolist()
    if looks_like_paths([text for text in texts if text is not None]):
        shifted = crs is None or crs_module.shift_name(crs) is not None
        add_paths(source, texts, layer.shapes, in_degrees=shifted or crs_module.parse_crs(crs).is_geographic)
        for row in [place for place, text in enumerate(texts) if text is None]:
            source.faults.setdefault(row, Fault("geometry", _MISSING))
        return
    for row, text in enumerate(texts):
        if text is None:
            source.faults.setdefault(row, Fault("geometry", _MISSING))
            continue
        try:
            bounds.check_wkt(text)
            source.shapes[row] = shapely.from_wkt(text)
        except BadGeometry as error:
            source.faults.setdefault(row, Fault("geometry", f"{error.zh} / {error.en}", text[:200]))
        except shapely.errors.GEOSException as error:
            unclosed = "closed linestring" in str(error)
            reason = UNCLOSED if unclosed else "WKT 读不出 / WKT cannot be read"
            source.faults.setdefault(row, Fault("geometry", reason, text[:200]))


def _lines(path: Path, encoding: str | None) -> tuple[TextIO, str]:
    """Return a text stream after the byte order mark, and the separator of cells."""
    raw = path.read_bytes()
    if encoding is not None:
        tried = [encoding]
    elif raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        tried = ["utf-16"]
    else:
        tried = ["utf-8", "gb18030"]
    for name in tried:
        try:
            text = raw.decode(name)
        except (UnicodeError, LookupError):
            continue
        # A StringIO of the text would hold it a second time, at four bytes per character.
        lines = io.TextIOWrapper(io.BytesIO(raw), name, newline="")
        if text.startswith("\ufeff"):
            lines.read(1)
        first = text[: text.find("\n")] if "\n" in text else text
        return lines, max(",;\t|", key=first.count)
    raise unreadable(
        path.name,
        f"不是 {'/'.join(tried)} 编码；请用 --encoding 指明",
        f"it is not {'/'.join(tried)} text; pass --encoding",
    )


def _header(cells: Sequence[str]) -> list[str]:
    """Return the column names; blank ones are named by their number, and repeated ones get it as a suffix."""
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or f"column {number}"
        while name in taken:
            name += f" ({number})"
        names.append(name)
        taken.add(name)
    return names
