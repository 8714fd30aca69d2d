"""Read the points of the rows of a list of places: of a table, and of objects of JSON by the same names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geo import crs as crs_module
from geo.catalog.heading_patterns import is_other_place
from geo.catalog.layers import layer as layer_named
from geo.coordinate_values import HALF_WITHOUT
from geo.errors import BadGeometry, BadValue, GeoError, UnknownCrs
from geo.readers import file_crs
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_mapping import COORDINATES, is_personal, normalised_column_name
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.columns.part_headings import is_elsewhere
from geo.readers.rows import geometry_checks, row_crs
from geo.readers.source import Fault, SourceTable, unreadable
from geo.readers.words import cell_values
from geo.sentences import both

NOTHING = "既没有地址也没有坐标 / neither an address nor coordinates"
_NO_POINT = "不是点 / no point"
_NO_ORDER = "看不出先经度还是先纬度 / nothing tells whether longitude or latitude comes first"
#: The columns of a pair, of which one alone is no point.
_PAIRS = (("lon", "lat"), ("x", "y"))
#: Headings of coordinates beside others: 经度1, 高德纬度, LAT, geom.
_AXIS = re.compile(r"[经纬]度|lon|lng|lat|wkt|geom|(?<![a-z])[xy]\d?$", re.IGNORECASE)
#: Times that further points are looked for, and cells that tell whether there are any.
_MAX_FURTHER, _LOOKED_AT = 3, 50
#: The most CRSs of one list: rows of further ones are errors (`geo.studies.locate_rows`).
_MAX_SYSTEMS = 20
#: The most ways in which the objects of one list name their coordinates: each is read as a table of its own.
_MAX_FORMS = 50


class PointOfRow(NamedTuple):
    """The point of one row as it is written.

    Attributes
    ----------
    lon, lat, crs
        Its numbers, x and y where the CRS is projected, and its CRS; None of a row without one.
    other_crs
        Heading and CRS, where that of its columns names another one.
    fault
        Why what the row has is no point; None where it is one, and of a row without one.
    columns
        The columns of its list that hold points, with those of their CRS.
    further
        Further points of the row, each with the heading of its column: a second pair, one in another CRS, a shape.

    Examples
    --------
    >>> PointOfRow(102.9, 37.5, "wgs84").fault is None
    True
    """

    lon: float | None = None
    lat: float | None = None
    crs: str | None = None
    other_crs: tuple[str, str] | None = None
    fault: GeoError | None = None
    columns: tuple[str, ...] = ()
    further: tuple[tuple[str, PointOfRow], ...] = ()


def add_points(
    source: SourceTable,
    chosen: ChosenColumns,
    crs: str | None,
    near: coordinate_columns.Box | None,
    *,
    places: Sequence[bool] | None,
    besides: Collection[str] = (),
    dropped: Collection[str] = (),
) -> dict[str, str]:
    """Read the points of a table in place, and return coordinate -> column.

    Parameters
    ----------
    crs
        The CRS that the user named for the list; None for none.
    near
        Where the rows are expected, as of `geo.readers.columns.coordinate_columns.add_shapes`.
    places
        Whether each row says where its place is without a point: it needs none, and half a point is told all the same.
        None where the list has no such columns, and so needs coordinates.
    besides
        Columns that are no coordinates, whatever they hold.
    dropped
        Columns with personal data, which no error names.

    Raises
    ------
    UnreadableFile
        For a list that needs coordinates and has none.
    """
    try:
        fields = chosen.fields if crs is None else file_crs.fields_of_system(chosen, crs)
        found = coordinate_columns.add_shapes(source, chosen.layer, fields, crs, near, besides=besides)
    except coordinate_columns.UnknownOrder as error:
        if places is None:
            raise
        return _of_unknown_order(source, error.column)
    except coordinate_columns.NoCoordinates:
        if places is not None:
            _add_half_points(source, chosen.fields)
            return {}
        zh, en = coordinate_columns.columns_seen(source, [name for name in chosen.names if name not in dropped])
        raise unreadable(
            source.name,
            f"找不到地址列，也找不到坐标列（经度、纬度、坐标系）与网格编码列；表头不是这一行时请指明表头行；{zh}",
            "it has no column of addresses, and none of coordinates (lon, lat, crs) or codes of grids; name the row of"
            f" the heading where it is another; {en}",
        ) from None
    for row, fault in list(source.faults.items()):
        if fault.reason != coordinate_columns.MISSING or _is_given(source, row, found):
            continue
        if places is not None and places[row]:
            del source.faults[row]
        elif places is not None:
            source.faults[row] = Fault("text", NOTHING)
    return found


def points_of_rows(
    source: SourceTable, chosen: ChosenColumns, crs: str | None, columns: Mapping[str, str]
) -> list[PointOfRow]:
    """Return the points that `add_points` has read, each in the CRS of its row; faults stay those of the source."""
    systems = systems_of_rows(source, chosen, crs)
    points = _points(source, systems)
    others = {
        one: next(((name, other) for name in columns.values() if (other := _other(name, one))), None)
        for one in set(systems)
    }
    return [
        PointOfRow() if point is None else PointOfRow(*point, system, others[system])
        for point, system in zip(points, systems, strict=True)
    ]


def systems_of_rows(source: SourceTable, chosen: ChosenColumns, crs: str | None) -> list[str | None]:
    """Return the CRS of each row: of its column, else the one given, else that of the file."""
    in_file = None if source.crs is None else crs_module.crs_name(source.crs)
    given = crs if crs is not None else in_file
    column = file_crs.crs_column(source, chosen)
    if column is None:
        return [given] * len(source)
    texts = cell_values.texts(source.columns[column])
    # A word that names none goes on as it is: the row is told that it is no CRS.
    return [given if text is None else row_crs.known_system(text) or text for text in texts]


def points_of_objects(
    objects: Sequence[Mapping[str, Any]], crs: str | None, near: coordinate_columns.Box | None = None
) -> list[PointOfRow]:
    """Return the points of objects that name their coordinates as the columns of a table do.

    Those that name them alike are read as one table; of more than 50 ways of one list the rest is told.

    Parameters
    ----------
    crs, near
        As of `add_points`.

    Examples
    --------
    >>> rows = [{"经度": 102.9, "纬度": "37.5", "坐标系": "高德"}, {"坐标": "102.9,37.5"}, {"address": "东街1号"}]
    >>> for point in points_of_objects(rows, "wgs84"):
    ...     print(point.lon, point.lat, point.crs)
    102.9 37.5 gcj02
    102.9 37.5 wgs84
    None None None
    """
    forms: dict[tuple[str, ...], list[int]] = {}
    for row, one in enumerate(objects):
        if names := point_names(tuple(one)):
            forms.setdefault(names, []).append(row)
    points = [PointOfRow()] * len(objects)
    for number, (names, rows) in enumerate(forms.items()):
        if number < _MAX_FORMS:
            found = _points_of_form([{name: objects[row][name] for name in names} for row in rows], names, crs, near)
        else:
            zh, en = (
                f"一批里坐标的写法超过 {_MAX_FORMS} 种",
                f"a list names its coordinates in at most {_MAX_FORMS} ways",
            )
            found = [PointOfRow(fault=BadValue(zh, en))] * len(rows)
        for row, point in zip(rows, found, strict=True):
            points[row] = point
    return points


def error_of(fault: Fault) -> GeoError:
    """Return a fault as the error of its row."""
    reason = fault.reason
    if reason == coordinate_columns.MISSING:
        reason = HALF_WITHOUT.get(fault.field, reason)
    zh, en = both(reason)
    shown = f"：{fault.value[:60]}" if fault.value else ""
    return BadValue(f"{zh}{shown}", f"{en}{shown.replace('：', ': ')}")


def _points_of_form(
    objects: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    crs: str | None,
    near: coordinate_columns.Box | None,
) -> list[PointOfRow]:
    """Return the points of objects that name their coordinates alike."""
    source = coordinate_columns.source_of_frame("JSON", pd.DataFrame(objects, columns=list(names), dtype=object))
    chosen = _plan().choose(names, with_coordinates=True)
    with np.errstate(invalid="ignore", over="ignore"):
        columns = add_points(source, chosen, crs, near, places=[True] * len(source))
        points = points_of_rows(source, chosen, crs, columns)
        used = tuple(columns.values()) or tuple(chosen.fields[one] for one in COORDINATES if one in chosen.fields)
        further = further_points(source, chosen, crs, near, besides=used)
    of_rows = [
        point if (fault := source.faults.get(row)) is None else PointOfRow(fault=error_of(fault))
        for row, point in enumerate(points)
    ]
    return with_further(of_rows, further, used, [_is_given(source, row, columns) for row in range(len(source))])


class FurtherPoints(NamedTuple):
    """Points of rows in columns beside those that are read first.

    Attributes
    ----------
    points
        Headings and points of each row that has any.
    columns
        The columns that they are in, with those of their CRS.

    Examples
    --------
    >>> FurtherPoints({}, ()).columns
    ()
    """

    points: Mapping[int, tuple[tuple[str, PointOfRow], ...]]
    columns: tuple[str, ...]


def further_points(
    source: SourceTable,
    chosen: ChosenColumns,
    crs: str | None,
    near: coordinate_columns.Box | None,
    *,
    besides: Collection[str],
) -> FurtherPoints:
    """Return the points of a table that are beside those read first: of each CRS that headings name, and of none.

    Parameters
    ----------
    crs, near
        As of `add_points`.
    besides
        Columns that are read for something else.
    """
    column = file_crs.crs_column(source, chosen)
    left = [
        name
        for name in chosen.read
        if name in source.columns.columns and name not in besides and name != column and not _is_other(name)
    ]
    points: dict[int, tuple[tuple[str, PointOfRow], ...]] = {}
    used: list[str] = []
    for _ in range(_MAX_FURTHER):
        systems = dict.fromkeys([*(row_crs.named_in_heading(name) for name in left), None])
        columns = [
            found for system in systems if (found := _add_further(source, left, system, crs, near, column, points))
        ]
        if not columns:
            break
        used += [name for found in columns for name in found]
        left = [name for name in left if name not in used]
    return FurtherPoints(points, tuple([*used, column] if used and column is not None else used))


def with_further(
    points: Sequence[PointOfRow], further: FurtherPoints, columns: Sequence[str], are_given: Sequence[bool]
) -> list[PointOfRow]:
    """Return the points of rows with the further ones; of a row without the first the next is taken for it.

    Parameters
    ----------
    columns
        Those of the points that are read first.
    are_given
        Whether each row has a cell in one of these.
    """
    out = []
    every = (*columns, *further.columns)
    for row, (point, is_given) in enumerate(zip(points, are_given, strict=True)):
        others = further.points.get(row, ())
        sure = next((k for k, (_, one) in enumerate(others) if one.fault is None and one.crs is not None), None)
        first = point
        if not is_given and point.lon is None and sure is not None:
            first, others = others[sure][1], (*others[:sure], *others[sure + 1 :])
        out.append(first._replace(columns=every, further=others))
    return out


def _add_further(
    source: SourceTable,
    left: Sequence[str],
    system: str | None,
    crs: str | None,
    near: coordinate_columns.Box | None,
    column: str | None,
    points: dict[int, tuple[tuple[str, PointOfRow], ...]],
) -> list[str]:
    """Read the points whose headings name a CRS, or none, and return their columns."""
    names = [name for name in left if row_crs.named_in_heading(name) == system]
    if not _may_hold_points(source, names):
        return []
    names += [column] if system is None and column is not None else []
    used = coordinate_columns.source_of_frame(source.name, source.columns[names])
    chosen, given = _plan().choose(names, with_coordinates=True), system if system is not None else crs
    found = add_points(used, chosen, given, near, places=[True] * len(used))
    for row, point in enumerate(points_of_rows(used, chosen, given, found) if found else ()):
        if not _is_given(used, row, found):
            continue
        fault = used.faults.get(row)
        one = point if fault is None else PointOfRow(fault=error_of(fault))
        points[row] = (*points.get(row, ()), (next(iter(found.values())), one))
    return list(found.values())


def _may_hold_points(source: SourceTable, names: Sequence[str]) -> bool:
    """Return quickly whether columns may hold points, by their headings or their first cells."""
    fields = _plan().choose(names, with_coordinates=True).fields
    if any(one in fields for one in COORDINATES):
        return True
    for name in names:
        texts = [text for text in cell_values.texts(source.columns[name].iloc[:_LOOKED_AT]) if text is not None]
        if any(coordinate_columns.is_wkt(text) or coordinate_columns.is_sure_pair(text) for text in texts):
            return True
    return False


def _is_other(name: str) -> bool:
    return is_personal(name) or is_elsewhere(name) or is_other_place(normalised_column_name(name))


def _plan() -> ColumnPlan:
    return ColumnPlan(layer_named("addresses"), {}, None, with_samples=True, keeps_rows=True)


@lru_cache(maxsize=256)
def point_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of an object that hold coordinates, with those of their CRS; empty where none does.

    Examples
    --------
    >>> point_names(("id", "经度", "纬度", "坐标系")), point_names(("id", "坐标系"))
    (('经度', '纬度', '坐标系'), ())
    """
    left = [name for name in names if not is_personal(name)]
    fields = _plan().choose(left, with_coordinates=True).fields
    found = {fields[one] for one in COORDINATES if one in fields}
    systems = {name for name in left if row_crs.may_name_systems(name)}
    found |= {name for name in left if coordinate_columns.is_heading_of_pairs(name)} - systems
    found |= {name for name in left if row_crs.named_in_heading(name) is not None or _AXIS.search(name)} - systems
    return tuple(name for name in left if name in found or name in systems) if found else ()


def _other(heading: str, system: str | None) -> str | None:
    """Return the CRS that a heading names where rows are read in another; a word that is no CRS is told as such."""
    try:
        return None if system is None else row_crs.other_system(heading, system)
    except UnknownCrs:
        return None


def _add_half_points(source: SourceTable, fields: Mapping[str, str]) -> None:
    """Note of the rows with one coordinate that the other has no column."""
    for pair in _PAIRS:
        for one, other in (pair, pair[::-1]):
            if one in fields and other not in fields:
                given = ~source.columns[fields[one]].map(cell_values.is_missing).to_numpy(dtype=bool)
                for row in np.flatnonzero(given).tolist():
                    source.faults.setdefault(row, Fault(other, coordinate_columns.MISSING))


def _of_unknown_order(source: SourceTable, column: str) -> dict[str, str]:
    """Note of the rows with a pair that nothing tells which of its numbers is the longitude, and return its column."""
    for row, text in enumerate(cell_values.texts(source.columns[column])):
        if text is not None:
            source.faults.setdefault(row, Fault("geometry", _NO_ORDER, text))
    return {"lonlat": column}


def _is_given(source: SourceTable, row: int, columns: Mapping[str, str]) -> bool:
    """Return whether a row gives any of its coordinates: half a pair is a fault, none is no point."""
    return any(not cell_values.is_missing(source.columns[name].iloc[row]) for name in columns.values())


def _points(source: SourceTable, systems: Sequence[str | None]) -> list[tuple[float, float] | None]:
    shapes = source.shapes.copy()
    there = (one for one, shape in zip(systems, shapes, strict=True) if one is not None and shape is not None)
    for system in islice(dict.fromkeys(there), _MAX_SYSTEMS):
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
