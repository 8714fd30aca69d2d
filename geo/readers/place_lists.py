"""Read a list of addresses or points that are to be looked up, from any table or file of points that is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo import crs as crs_module
from geo.catalog.layers import layer as layer_named
from geo.coordinate_values import HALF_WITHOUT
from geo.errors import BadGeometry, BadValue, GeoError, UnknownCrs
from geo.readers import file_crs
from geo.readers.columns import coordinate_columns
from geo.readers.columns.address_parts import DivisionOfRow, division_columns, divisions_of_row
from geo.readers.columns.column_mapping import COORDINATES, is_personal, normalised_column_name
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.columns.place_cells import NOTHING, CellsBeside, ColumnsBeside, columns_beside
from geo.readers.format_types import OpenRequest
from geo.readers.formats import open_file
from geo.readers.read_options import ReadOptions
from geo.readers.rows import geometry_checks, row_crs
from geo.readers.rows.raw_fields import RawFields, raw_fields
from geo.readers.source import Fault, FileLimits, SourceTable, plain_file, unreadable
from geo.readers.words import cell_values
from geo.sentences import both, sentence
from geo.types import NO_ROWS, CellFinding

#: Headings of a number that names a row of a list where it has no key.
_SERIALS = ("序号", "编次", "行号", "no", "no.", "sn")
#: Headings of a code of a grid, the old ones first: a list that has both asks for those of today.
_OLD_GRID_CODE = re.compile(
    r"(?:旧|老|原有?|历史)(?:微)?网格(?:编码|代码|编号|号码|号)|(?:old|former)grid(?:code|id|no\.?)?"
)
_GRID_CODE = re.compile(r"(?:所属|所在)?(?:微)?网格(?:编码|代码|编号|号码|号)|grid(?:code|id)")
_NEW_GRID_CODE = re.compile(r"(?:新|现|现有|变更后)(?:微)?网格(?:编码|代码|编号|号码|号)|newgrid(?:code|id|no\.?)?")
_NOTHING = "既没有地址也没有坐标 / neither an address nor coordinates"
_NO_POINT = "不是点 / no point"
_NO_ORDER = "看不出先经度还是先纬度 / nothing tells whether longitude or latitude comes first"
#: Between the columns that an address is made of.
_JOINED = " | "
#: Fields of the faults of points; a row with one may have an address all the same.
_OF_POINTS = {*COORDINATES, "geometry", "crs"}


@dataclass(frozen=True)
class PlaceList:
    """The rows of a list, in its order, and what became of its columns and sheets.

    Attributes
    ----------
    rows
        ``id``, ``address``, ``divisions``, ``lon``, ``lat``, ``crs`` of each row as
        `geo.studies.locate_rows.locate_rows` takes them; ``fault`` is the error of a row that cannot be read,
        ``point_fault`` that of the point of a row that has an address or a code besides, ``grid_code`` its code of a
        grid, of any day, ``beside`` what other columns say.
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
            source, chosen = opened.source, opened.columns
            sheet = _sheet(source, chosen)
            raw = raw_fields(source, chosen)
            codes = _grid_codes(source, chosen)
            other_columns = _columns_beside(source, chosen, raw)
            beside = _cells_beside(source, other_columns)
            _fill_addresses(source, raw, beside)
            coordinates = _coordinates(source, chosen, raw, crs, near, codes) if chosen.with_coordinates else {}
        except MemoryError:
            raise unreadable(file.name, "内存不足", "there is not enough memory") from None
    systems = _systems(source, chosen, crs)
    lost = {row: fault for fault, rows in source.cell_findings.items() if fault.field == "text" for row in rows}
    keys, addresses = _keys(source, chosen, raw), _texts(raw.cells.get("text"), len(source))
    points = _points(source, systems)
    divisions = _division_columns(chosen, raw)
    cells = _division_cells(source, addresses, divisions)
    rows: list[Mapping[str, Any]] = []
    for row in range(len(source)):
        fault = source.faults.get(row)
        has_code = codes is not None and codes[row] is not None
        if addresses[row] is None and not has_code and (fault is None or fault.reason == _NOTHING):
            fault = lost.get(row, fault)
        point = points[row]
        x, y = (None, None) if point is None else point
        error = None if fault is None else _error(fault)
        is_of_point = fault is not None and fault.field in _OF_POINTS and (addresses[row] is not None or has_code)
        rows.append(
            {
                "id": keys[row], "address": addresses[row], "divisions": cells[row], "lon": x, "lat": y,
                "crs": None if point is None else systems[row], "grid_code": None if codes is None else codes[row],
                "beside": beside[row],
                "fault": None if is_of_point else error, "point_fault": error if is_of_point else None,
            }
        )  # fmt: skip
    taken = {
        *coordinates.values(),
        *raw.mapping.values(),
        *divisions,
        *other_columns.names(),
        file_crs.crs_column(source, chosen),
        _serial(chosen.names),
        *grid_code_columns(chosen.names)[:1],
    }
    idle = [chosen.fields[one] for one in COORDINATES if one in chosen.fields]
    unused = [name for name in (*raw.unused, *idle) if name not in taken]
    empty = [] if rows else [CellFinding("", NO_ROWS, file.name, (), 0)]
    return PlaceList(
        rows, sheet, codes is not None, dict(source.notes), [*empty, *source.file_findings], unused, raw.dropped,
    )  # fmt: skip


def _sheet(source: SourceTable, chosen: ChosenColumns) -> pd.DataFrame:
    """Return the columns as they were read; what is done with them later adds columns, and changes no cell."""
    kept = [name for name in chosen.names if name in source.columns.columns and not is_personal(name)]
    return source.columns[kept].reset_index(drop=True)


def _grid_codes(source: SourceTable, chosen: ChosenColumns) -> Sequence[str | None] | None:
    column = next(iter(grid_code_columns(chosen.names)), None)
    return None if column not in source.columns.columns else _texts(source.columns[column], len(source))


def grid_code_columns(names: Sequence[str]) -> list[str]:
    """Return the columns of codes of grids, that which a list asks for first.

    Examples
    --------
    >>> grid_code_columns(["新网格编码", "地址", "旧网格编码"])
    ['旧网格编码', '新网格编码']
    """
    patterns = (_OLD_GRID_CODE, _GRID_CODE, _NEW_GRID_CODE)
    return [name for one in patterns for name in names if one.fullmatch(normalised_column_name(name))]


def _coordinates(
    source: SourceTable,
    chosen: ChosenColumns,
    raw: RawFields,
    crs: str | None,
    near: coordinate_columns.Box | None,
    codes: Sequence[str | None] | None,
) -> dict[str, str]:
    """Read the points of a table; a list of addresses or codes needs none, and a row with one of them none either."""
    fields = chosen.fields
    has_addresses = "text" in raw.cells
    if not chosen.names and not has_addresses:
        raise unreadable(source.name, "没有一行", "it has no row")
    try:
        fields = fields if crs is None else file_crs.fields_of_system(chosen, crs)
        besides = raw.mapping.get("text", "").split(_JOINED)  # where an address is written as a pair, it is read as one
        found = coordinate_columns.add_shapes(source, chosen.layer, fields, crs, near, besides=besides)
    except coordinate_columns.UnknownOrder as error:
        if not (has_addresses or codes is not None):
            raise
        return _of_unknown_order(source, error.column)
    except coordinate_columns.NoCoordinates:
        if has_addresses or codes is not None:  # one column of a pair places nothing, and takes nothing away
            return {}
        zh, en = coordinate_columns.columns_seen(source, [name for name in chosen.names if name not in raw.dropped])
        raise unreadable(
            source.name,
            f"找不到地址列，也找不到坐标列（经度、纬度、坐标系）与网格编码列；表头不是这一行时请指明表头行；{zh}",
            "it has no column of addresses, and none of coordinates (lon, lat, crs) or codes of grids; name the row of"
            f" the heading where it is another; {en}",
        ) from None
    addresses = _texts(raw.cells.get("text"), len(source))
    for row, fault in list(source.faults.items()):
        if fault.reason != coordinate_columns.MISSING or _is_given(source, row, found):
            continue
        if addresses[row] is not None or (codes is not None and codes[row] is not None):
            del source.faults[row]
        elif has_addresses or codes is not None:
            source.faults[row] = Fault("text", _NOTHING)
    return found


def _of_unknown_order(source: SourceTable, column: str) -> dict[str, str]:
    """Note of the rows with a pair that nothing tells which of its numbers is the longitude, and return its column."""
    for row, text in enumerate(cell_values.texts(source.columns[column])):
        if text is not None:
            source.faults.setdefault(row, Fault("geometry", _NO_ORDER, text))
    return {"lonlat": column}


def _is_given(source: SourceTable, row: int, columns: Mapping[str, str]) -> bool:
    """Return whether a row gives any of its coordinates: half a pair is a fault, none is no point."""
    return any(not cell_values.is_missing(source.columns[name].iloc[row]) for name in columns.values())


def _systems(source: SourceTable, chosen: ChosenColumns, crs: str | None) -> list[str | None]:
    """Return the CRS of each row: of its column, else the one given, else that of the file."""
    in_file = None if source.crs is None else crs_module.crs_name(source.crs)
    given = crs if crs is not None else in_file
    column = file_crs.crs_column(source, chosen)
    if column is None:
        return [given] * len(source)
    texts = cell_values.texts(source.columns[column])
    # A word that names none goes on as it is: the row is told that it is no CRS.
    return [given if text is None else row_crs.known_system(text) or text for text in texts]


def _points(source: SourceTable, systems: Sequence[str | None]) -> list[tuple[float, float] | None]:
    shapes = source.shapes.copy()
    for system in dict.fromkeys(one for one in systems if one is not None):
        rows = np.array([one == system for one in systems], dtype=bool)
        own = shapes.copy()
        own[~rows] = None
        try:
            shapes[rows] = geometry_checks.swap_survey_axes(source, own, system)[rows]
        except (UnknownCrs, BadGeometry):
            continue  # its rows are told so
    points: list[tuple[float, float] | None] = []
    for row, shape in enumerate(shapes):
        is_point = isinstance(shape, shapely.Point) and not shape.is_empty
        points.append((float(shape.x), float(shape.y)) if is_point else None)
        if shape is not None and not is_point:
            source.faults.setdefault(row, Fault("geometry", _NO_POINT, str(shape)[:60]))
    return points


def _keys(source: SourceTable, chosen: ChosenColumns, raw: RawFields) -> list[str | None]:
    if "id" in raw.cells:
        return _texts(raw.cells["id"], len(source))
    serial = _serial(chosen.names)
    if serial is None:  # a row is found again by its place in the list
        return [str(row + 1) for row in range(len(source))]
    return _texts(source.columns[serial], len(source))


def _division_columns(chosen: ChosenColumns, raw: RawFields) -> dict[str, str]:
    """Return the columns of divisions beside one of addresses, which says what is in them only in part, or a point."""
    if "text" not in chosen.fields and "text" in raw.cells:
        return {}  # the addresses are made of them
    known = {chosen.fields.get("text"), *raw.dropped}
    return division_columns([name for name in chosen.names if name not in known])


def _division_cells(
    source: SourceTable, addresses: Sequence[str | None], columns: Mapping[str, str]
) -> list[tuple[DivisionOfRow, ...]]:
    """Return the cells of divisions of each row: 东街1号 is another one in each town, and so may its point be."""
    if not columns:
        return [()] * len(source)
    texts = zip(*(_texts(source.columns[name], len(source)) for name in columns), strict=True)
    out = [divisions_of_row(columns, own) for own in texts]
    used = sum(bool(cells) and address is not None for cells, address in zip(out, addresses, strict=True))
    if used:
        listed = ", ".join(columns)
        note = sentence(
            f"地址按这些列所写的区划查：{listed}",
            f"addresses are looked up in the divisions that these columns say: {listed}",
        )
        source.notes[note] += used
    return out


def _columns_beside(source: SourceTable, chosen: ChosenColumns, raw: RawFields) -> ColumnsBeside:
    """Return the columns that say more of the places than their addresses, points and codes."""
    codes = grid_code_columns(chosen.names)
    known = {*raw.dropped, file_crs.crs_column(source, chosen), _serial(chosen.names), *codes[:1]}
    known |= {chosen.fields[name] for name in ("id", *COORDINATES) if name in chosen.fields}
    names = [name for name in chosen.names if name in source.columns.columns and name not in known]
    address = raw.mapping.get("text", "").partition(_JOINED)[0]  # behind it the parts that blank cells are made of
    return columns_beside(names, address if address in names else None, grid_codes=codes[1:])


def _cells_beside(source: SourceTable, columns: ColumnsBeside) -> list[CellsBeside]:
    names = columns.names()
    if not names:
        return [NOTHING] * len(source)
    texts = {name: _texts(source.columns[name], len(source)) for name in names}
    return [columns.cells(texts, row) for row in range(len(source))]


def _fill_addresses(source: SourceTable, raw: RawFields, beside: Sequence[CellsBeside]) -> None:
    """Put the first other address of a row where the column of addresses is blank, or made of parts for it."""
    column = raw.mapping.get("text", "").partition(" | ")[0]
    if column not in source.columns.columns or not any(one.addresses for one in beside):
        return
    blank = [text is None for text in _texts(source.columns[column], len(source))]
    texts = _texts(raw.cells["text"], len(source))
    for row, one in enumerate(beside):
        if blank[row] and one.addresses:
            texts[row] = one.addresses[0][1]
    raw.cells["text"] = pd.Series(texts, dtype=object)


def _serial(names: Sequence[str]) -> str | None:
    return next((name for name in names if normalised_column_name(name) in _SERIALS), None)


def _texts(column: pd.Series | None, count: int) -> list[str | None]:
    return [None] * count if column is None else cell_values.texts(column).tolist()


def _error(fault: Fault) -> GeoError:
    reason = fault.reason
    if reason == coordinate_columns.MISSING:
        reason = HALF_WITHOUT.get(fault.field, reason)
    zh, en = both(reason)
    shown = f"：{fault.value[:60]}" if fault.value else ""
    return BadValue(f"{zh}{shown}", f"{en}{shown.replace('：', ': ')}")
