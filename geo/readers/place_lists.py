"""Read a list of addresses or points that are to be looked up, from any table or file of points that is read."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from geo.catalog.layers import layer as layer_named
from geo.readers import file_crs, place_points
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_mapping import COORDINATES, is_personal, normalised_column_name
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.columns.part_headings import is_elsewhere
from geo.readers.columns.place_cells import LOOKED_AT, is_address_heading
from geo.readers.columns.row_columns import PlaceOfRow, RowColumns, row_columns
from geo.readers.columns.unread_places import columns_of_places
from geo.readers.format_types import OpenRequest
from geo.readers.formats import open_file
from geo.readers.read_options import ReadOptions
from geo.readers.rows import row_crs
from geo.readers.rows.raw_fields import RawFields, raw_fields
from geo.readers.rows_in_divisions import in_divisions, told_of_titles
from geo.readers.sheets.sheet_cells import ERROR_CELL, NO_VALUE
from geo.readers.source import Fault, FileLimits, SourceTable, plain_file, unreadable
from geo.readers.words import cell_values
from geo.sentences import both, sentence
from geo.types import NO_ROWS, CellFinding

#: Headings of a number that names a row of a list where it has no key.
_SERIALS = ("序号", "编次", "行号", "no", "no.", "sn")
#: Between the columns that an address is made of.
_JOINED = " | "
#: Between the columns of parts that an address is made of.
_PARTS = " + "
#: The field of the day that a row ends on.
ENDED = "valid_to"
#: Why a cell of a workbook has no value.
_LOST = {ERROR_CELL, NO_VALUE}
#: Reasons for which a row has no point but a further one.
_NO_POINT = {coordinate_columns.MISSING, place_points.NOTHING}
#: Fields of the faults of points; a row with one may have an address all the same.
_OF_POINTS = {*COORDINATES, "geometry", "crs"}


@dataclass(frozen=True)
class PlaceList:
    """The rows of a list, in its order, and what became of its columns and sheets.

    Attributes
    ----------
    rows
        ``id``, ``lon``, ``lat``, ``crs`` and what `geo.readers.columns.row_columns.PlaceOfRow` has of each row, as
        `geo.studies.locate_rows.locate_rows` takes them; ``fault`` is the error of a row that cannot be read,
        ``point_fault`` that of the point of a row that has an address or a code besides, ``unread`` the cells without
        a value, each with its heading and why, ``unused`` those that speak of places and are not used, ``ended`` the
        day until when the row says that it holds.
    sheet
        The columns of the list as they are in the file, in its order, but those with personal or network data.
    has_grid_codes
        Whether a column of the list holds codes of grids.
    notes
        Sentences ``中文 / English`` on sheets and rows, with the number of rows.
    findings
        Sheets that hold a table and were not read, and that a list has no row.
    unused_columns, dropped_columns
        Columns that nobody reads, and those with personal or network data.
    """

    rows: list[Mapping[str, Any]]
    sheet: pd.DataFrame
    has_grid_codes: bool
    notes: Mapping[str, int]
    findings: Sequence[CellFinding]
    unused_columns: Sequence[str]
    dropped_columns: Sequence[str]


def read_places(
    path: str | Path,
    *,
    crs: str | None = None,
    encoding: str | None = None,
    sheets: Sequence[str] = (),
    header_row: int | None = None,
    near: coordinate_columns.Box | None = None,
    limits: FileLimits | None = None,
) -> PlaceList:
    r"""Read a list as an import of addresses is read, but for its rows: each is kept, totals and notes too.

    Parameters
    ----------
    crs
        The CRS of points whose row names none; None to leave them without, which is an error of the row (rule L3).
    encoding, sheets, header_row, near, limits
        As of `geo.readers.read_options.ReadOptions` and `geo.readers.reading.read_layer`.

    Raises
    ------
    UnreadableFile
        For a file that cannot be read, and one without addresses, coordinates and codes of grids.
    UnknownCrs
        For a CRS that is none.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "list.csv"
    >>> _ = path.write_text("编号;详细地址;经度;纬度\n1;民主街35号;;\n2;;103.02;37.51\n", encoding="gb18030")
    >>> for row in read_places(path, crs="wgs84").rows:
    ...     print(row["id"], row["address"], row["lon"], row["crs"])
    1 民主街35号 None None
    2 None 103.02 wgs84
    >>> folder.cleanup()
    """
    if crs is not None:
        row_crs.parsed_system(crs)
    used = limits or FileLimits()
    options = ReadOptions(encoding=encoding, sheets=sheets, header_row=header_row)
    plan = ColumnPlan(layer_named("addresses"), {}, None, with_samples=True, keeps_rows=True)
    with np.errstate(invalid="ignore", over="ignore"):
        file = plain_file(path, used)
        try:
            opened = open_file(OpenRequest(file, plan, used, options))
            source, chosen = opened.source, _of_the_matter(opened.columns)
            sheet = _sheet(source, chosen)
            raw = raw_fields(source, chosen)
            columns = _row_columns(source, chosen, raw)
            places = in_divisions(source, _places(source, raw, columns))
            if "text" in raw.cells or columns.beside.addresses:
                raw.cells["text"] = pd.Series([one.address for one in places], dtype=object)
            coordinates = (
                _coordinates(source, chosen, raw, crs, near, places, columns) if chosen.with_coordinates else {}
            )
        except MemoryError:
            raise unreadable(file.name, "内存不足", "there is not enough memory") from None
    for row, cells in _lost(source, chosen, {file_crs.crs_column(source, chosen)}).items():
        if source.shapes[row] is not None:  # no other CRS is taken in its place
            source.faults.setdefault(row, next(iter(cells.values()))._replace(field="crs"))
    keys, points = _keys(source, chosen, raw), _points(source, chosen, raw, crs, near, coordinates, columns)
    _note_other_headings(source, points)
    read = {
        *_columns_of_points(points, chosen, coordinates), raw.mapping.get("id"), _address_column(raw), *columns.names(),
        file_crs.crs_column(source, chosen), _serial(chosen.names),
    }  # fmt: skip
    unused, ended = _unused_cells(source, chosen, read), _ends(raw, len(source))
    for row, told in told_of_titles(source, places).items():
        unused[row] = (*told, *unused.get(row, ()))
    unread = _lost(source, chosen, {*columns.names(), _address_column(raw)})
    rows: list[Mapping[str, Any]] = []
    for row, place in enumerate(places):
        fault = source.faults.get(row)
        has_place = place.address is not None or place.grid_code is not None or place.is_of_divisions
        if fault is not None and fault.reason == place_points.NOTHING and (has_place or row in unread or row in unused):
            fault = None  # what was not read says why
        if fault is not None and fault.reason in _NO_POINT and points[row].lon is not None:
            fault = None  # a further point is read
        error = None if fault is None else place_points.error_of(fault)
        is_of_point = fault is not None and fault.field in _OF_POINTS and has_place
        rows.append(
            {
                "id": keys[row], **place._asdict(), **points[row]._asdict(),
                "unread": [(name, place_points.error_of(one)) for name, one in unread.get(row, {}).items()],
                "unused": unused.get(row, ()), "ended": ended.get(row),
                "fault": None if is_of_point else error, "point_fault": error if is_of_point else None,
            }
        )  # fmt: skip
    read |= {raw.mapping.get(ENDED)}
    read -= set() if coordinates else {chosen.fields.get(one) for one in COORDINATES}  # half a point
    idle = [column for column in chosen.fields.values() if column not in raw.unused]
    idle = [name for name in (*raw.unused, *idle) if name not in read]
    empty = [] if rows else [CellFinding("", NO_ROWS, file.name, (), 0)]
    return PlaceList(
        rows, sheet, bool(columns.codes), dict(source.notes), [*empty, *source.file_findings], idle, raw.dropped,
    )  # fmt: skip


def _sheet(source: SourceTable, chosen: ChosenColumns) -> pd.DataFrame:
    """Return the columns as they were read; what is done with them later adds columns, and changes no cell."""
    kept = [name for name in chosen.names if name in source.columns.columns and not is_personal(name)]
    return source.columns[kept].reset_index(drop=True)


def _coordinates(
    source: SourceTable,
    chosen: ChosenColumns,
    raw: RawFields,
    crs: str | None,
    near: coordinate_columns.Box | None,
    places: Sequence[PlaceOfRow],
    columns: RowColumns,
) -> dict[str, str]:
    """Read the points of a table; a list of addresses or codes needs none, and a row with one of them none either."""
    if not chosen.names and "text" not in raw.cells:
        raise unreadable(source.name, "没有一行", "it has no row")
    needs_none = "text" in raw.cells or bool(columns.codes)
    return place_points.add_points(
        source,
        chosen,
        crs,
        near,
        places=[one.address is not None or one.grid_code is not None for one in places] if needs_none else None,
        besides=raw.mapping.get("text", "").split(_JOINED),  # an address that is written as a pair is read as one
        dropped=raw.dropped,
    )


def _points(
    source: SourceTable,
    chosen: ChosenColumns,
    raw: RawFields,
    crs: str | None,
    near: coordinate_columns.Box | None,
    coordinates: Mapping[str, str],
    columns: RowColumns,
) -> list[place_points.PointOfRow]:
    """Return the points of a table with the further ones that its rows have."""
    points = place_points.points_of_rows(source, chosen, crs, coordinates)
    if not (coordinates and chosen.with_coordinates):
        return points
    besides = [*coordinates.values(), *columns.names(), _address_column(raw), *raw.mapping.values()]
    with np.errstate(invalid="ignore", over="ignore"):
        further = place_points.further_points(source, chosen, crs, near, besides=besides)
    if not further.columns:
        return points
    given = np.zeros(len(source), dtype=bool)
    for name in coordinates.values():
        given |= ~source.columns[name].map(cell_values.is_missing).to_numpy(dtype=bool)
    return place_points.with_further(points, further, list(coordinates.values()), given.tolist())


def _columns_of_points(
    points: Sequence[place_points.PointOfRow], chosen: ChosenColumns, coordinates: Mapping[str, str]
) -> Sequence[str]:
    """Return the columns that points are read in; half a point is told by itself."""
    if points and points[0].columns:
        return points[0].columns
    return list(coordinates.values()) or [chosen.fields[one] for one in COORDINATES if one in chosen.fields]


def _note_other_headings(source: SourceTable, points: Sequence[place_points.PointOfRow]) -> None:
    """Note of the rows with a point whose heading names another CRS than it is read in; each is told so besides."""
    for point in points:
        if point.other_crs is not None:
            source.notes[sentence(*(f"{part}：{point.other_crs[0]}" for part in both(row_crs.OTHER_HEADING)))] += 1


def _keys(source: SourceTable, chosen: ChosenColumns, raw: RawFields) -> list[str | None]:
    if "id" in raw.cells:
        return _texts(raw.cells["id"], len(source))
    serial = _serial(chosen.names)
    if serial is None:  # a row is found again by its place in the list
        return [str(row + 1) for row in range(len(source))]
    return _texts(source.columns[serial], len(source))


def _row_columns(source: SourceTable, chosen: ChosenColumns, raw: RawFields) -> RowColumns:
    """Return the columns that say more of the places than their points."""
    known = {*raw.dropped, file_crs.crs_column(source, chosen), _serial(chosen.names)}
    names = [name for name in chosen.names if name in source.columns.columns and name not in known]
    address = _address_column(raw)
    samples = {name: _sample(source.columns[name]) for name in names}
    return row_columns(names, address if address in names else None, samples=samples)


def _unused_cells(
    source: SourceTable, chosen: ChosenColumns, used: Collection[str | None]
) -> dict[int, tuple[tuple[str, str], ...]]:
    """Return the cells of columns that speak of places and are not used, by row."""
    names = [name for name in chosen.names if name in source.columns.columns and not is_personal(name)]
    samples = {name: _sample(source.columns[name]) for name in names if name not in used}
    out: dict[int, tuple[tuple[str, str], ...]] = {}
    for name in columns_of_places(names, used, samples):
        for row, text in enumerate(cell_values.texts(source.columns[name])):
            if text is not None:
                out[row] = (*out.get(row, ()), (name, text))
    return out


def _ends(raw: RawFields, count: int) -> dict[int, tuple[str, str]]:
    """Return the heading and the date until when a row says that it holds, by row."""
    if ENDED not in raw.cells:
        return {}
    days, _ = cell_values.dates(raw.cells[ENDED])
    return {row: (raw.mapping[ENDED], day) for row, day in zip(range(count), days, strict=True) if day is not None}


def _of_the_matter(chosen: ChosenColumns) -> ChosenColumns:
    """Return the columns with the address of the matter where that of a person or firm was chosen before it."""
    address = chosen.fields.get("text")
    if address is None or not is_elsewhere(address):
        return chosen
    others = (name for name in chosen.read if is_address_heading(name) and not is_elsewhere(name))
    own = next(others, None)
    return chosen if own is None else replace(chosen, fields={**chosen.fields, "text": own})


def _sample(cells: pd.Series) -> list[str]:
    """Return the texts of the first cells of a column."""
    return [text for text in cell_values.texts(cells.iloc[:LOOKED_AT]) if text is not None]


def _places(source: SourceTable, raw: RawFields, columns: RowColumns) -> list[PlaceOfRow]:
    """Return what each row says of its place."""
    count, mapping = len(source), raw.mapping.get("text", "")
    read = _texts(raw.cells.get("text"), count)
    address, _, parts = mapping.partition(_JOINED)
    if parts:
        own = _texts(source.columns[address], count)
    else:
        own = [None] * count if _PARTS in mapping and mapping not in source.columns.columns else read
    names = columns.names()
    cells = zip(*(_texts(source.columns[name], count) for name in names), strict=True) if names else iter([()] * count)
    places = [
        columns.place(None if text is None else whole, whole, dict(zip(names, texts, strict=True)))
        for text, whole, texts in zip(own, read, cells, strict=True)
    ]
    used = sum(bool(one.divisions) and one.address is not None and not one.is_of_divisions for one in places)
    if used:
        listed = ", ".join(columns.divisions)
        note = sentence(
            f"地址按这些列所写的区划查：{listed}",
            f"addresses are looked up in the divisions that these columns say: {listed}",
        )
        source.notes[note] += used
    return places


def _address_column(raw: RawFields) -> str:
    """Return the column of addresses; behind it the mapping tells the parts that blank cells are made of."""
    return raw.mapping.get("text", "").partition(_JOINED)[0]


def _lost(source: SourceTable, chosen: ChosenColumns, columns: Container[str | None]) -> dict[int, dict[str, Fault]]:
    """Return the cells of these columns that have no value, by row; those of coordinates are faults of their points."""
    out: dict[int, dict[str, Fault]] = {}
    for fault, rows in source.cell_findings.items():
        name = chosen.fields.get(fault.field, fault.field)
        if name in columns and fault.reason in _LOST:
            for row in rows:
                out.setdefault(row, {})[name] = fault
    return out


def _serial(names: Sequence[str]) -> str | None:
    return next((name for name in names if normalised_column_name(name) in _SERIALS), None)


def _texts(column: pd.Series | None, count: int) -> list[str | None]:
    return [None] * count if column is None else cell_values.texts(column).tolist()
