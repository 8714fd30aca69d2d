"""Settle the CRS of the rows of a file: as told, as the file names it, or by its default; place them in WGS-84."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyproj
import shapely

from geo import crs as crs_module
from geo.crs_cgcs2000 import cgcs2000_zone_of_eastings
from geo.crs_datum import UNKNOWN_SHIFT_M, datum_doubt_m, datum_name
from geo.crs_words import KNOWN_EN, KNOWN_ZH
from geo.errors import CrsMismatch, UnknownCrs
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_mapping import COORDINATES, normalised_column_name
from geo.readers.columns.column_plan import ChosenColumns
from geo.readers.columns.ewkt import note_overruled, take_srids
from geo.readers.rows import geometry_checks, own_tables, row_crs
from geo.readers.rows.raw_fields import RawFields
from geo.readers.rows.row_groups import row_groups
from geo.readers.rows.without_shapes import is_list_of_names
from geo.readers.source import Fault, SourceTable
from geo.readers.words import cell_values
from geo.sentences import sentence

#: Each CRS of a file with the mask of its rows.
Systems = Sequence[tuple[str | pyproj.CRS, np.ndarray]]

_OWN_DOWNLOAD = (
    "表头是本系统下载的表，坐标按 WGS-84 读，下载的都是"
    " / headings of a download of our own: read in WGS-84, as all downloads are"
)
_LIKELY_GCJ02 = Fault(
    "geometry",
    "没有可靠地写明坐标系，按 WGS-84 读；高德与 DataV 的这类文件是 gcj02：是的话用 --crs gcj02 重新导入，不是的用"
    " --crs wgs84 / read as WGS-84, which nothing vouches for; such files of Amap and DataV are in gcj02: if so, import"
    " again with --crs gcj02, else with --crs wgs84",
)


def systems_of_rows(
    source: SourceTable,
    chosen: ChosenColumns,
    raw: RawFields,
    told: tuple[str | None, Mapping[str, str]],
    default_crs: str | None,
) -> Systems:
    """Return each CRS with the mask of its rows: as told, as a column or the file names it, else the default.

    Parameters
    ----------
    told
        The CRS of the whole file, and those of its sheets, sources and contractors, as the user named them
        (`geo.readers.rows.row_crs.named_systems`).

    Raises
    ------
    UnknownCrs
        Where no CRS is named (rule L3).
    CrsMismatch
        Where another CRS than WGS-84 is named for an OpenStreetMap file.
    """
    crs, crs_of_parts = told
    srids = take_srids(source) if chosen.with_coordinates else None
    if srids is not None and crs is not None:
        note_overruled(source, crs_module.crs_name(crs))
    parts = _named_parts(source, raw, crs_of_parts)
    return _systems(source, chosen, crs, default_crs, srids, parts)


def _systems(
    source: SourceTable,
    chosen: ChosenColumns,
    crs: str | None,
    default_crs: str | None,
    srids: str | None,
    parts: Systems,
) -> Systems:
    """Return each CRS with the mask of its rows: one of all rows, unless it is named by part, or a column names it.

    ``srids`` is the column of several SRIDs, which the user overrules as any other CRS in the file.
    """
    if not chosen.layer.is_placed or is_list_of_names(source, chosen):
        return [(crs_module.STORAGE_CRS, np.ones(len(source), dtype=bool))]
    rest = ~np.logical_or.reduce([rows for _, rows in parts]) if parts else np.ones(len(source), dtype=bool)
    if parts and not rest.any():
        return parts
    column = crs_column(source, chosen) or (srids if crs is None else None)
    given = crs if crs is not None else default_crs
    # An empty column says as much as none: the user is asked, instead of every row being rejected.
    is_empty = column is not None and given is None and len(source) > 0
    is_empty = is_empty and source.columns[column].map(cell_values.is_missing).all()
    if column is None or is_empty:
        if parts and given is None and source.crs is None:
            row_crs.without_system(source, rest)
            return parts
        return [*parts, (_source_crs(source, chosen, crs, default_crs), rest)]
    used = None if given is None else row_crs.parsed_system(given)
    return [*parts, *row_crs.systems_by_column(source, column, used, rest)]


def _named_parts(source: SourceTable, raw: RawFields, named: Mapping[str, str]) -> Systems:
    """Return the CRS of each sheet, source and contractor that is named by itself, with the mask of its rows."""
    if not named:
        return []
    if source.always_wgs84:
        raise _only_wgs84(source)
    groups = [(one.heading, one.names) for one in row_groups(source, raw.mapping.get("source"), least=1)]
    return row_crs.systems_by_name(source, named, groups)


def crs_column(source: SourceTable, chosen: ChosenColumns) -> str | None:
    """Return the column of a table that names the CRS of each row."""
    return row_crs.crs_column(source.columns) if chosen.with_coordinates else None


def fields_of_system(chosen: ChosenColumns, system: str | pyproj.CRS) -> Mapping[str, str]:
    """Return field -> column, coordinates of those columns whose headings name the system that the rows are read in.

    A sheet may give each place in several systems, side by side; the columns that the user named stay.
    """
    if not chosen.plan.explicit.keys().isdisjoint(COORDINATES):
        return chosen.fields
    if crs_module.shift_name(system) is None and crs_module.parse_crs(system).is_projected:
        return chosen.fields
    names = [name for name in chosen.names if name not in chosen.dropped]
    pair = row_crs.pair_of_system(names, system)
    if not pair and "lon" not in chosen.fields:
        pair = row_crs.pair_of_system(names, system, with_gps=True)
    return {**chosen.fields, **pair}


def _source_crs(
    source: SourceTable, chosen: ChosenColumns, crs: str | None, default_crs: str | None
) -> str | pyproj.CRS:
    """Return the CRS of the coordinates: the user's option, else the file's, else the default; never guessed."""
    if crs is None:
        named = source.crs if source.crs is not None else default_crs
        # A template asks for the system in a column of its own, which its filler left blank.
        is_own = crs_column(source, chosen) is None and own_tables.is_own_download(source, chosen.layer)
        if named is None and is_own:
            source.notes[_OWN_DOWNLOAD] += len(source)
            return row_crs.parsed_system("wgs84")
        if named is None:
            hint_zh, hint_en = (
                (f"。{source.crs_hint[0]}", f". {source.crs_hint[1]}") if source.crs_hint[0] else ("", "")
            )
            raise UnknownCrs(
                f"{source.name} 没有写明坐标系；请用 --crs 指明，可用：{KNOWN_ZH}{hint_zh}",
                f"{source.name} names no CRS; name it with --crs, there are: {KNOWN_EN}{hint_en}",
            )
        for row in _likely_shifted(source, chosen, named):
            source.add_finding(row, _LIKELY_GCJ02)
        return row_crs.parsed_system(named)
    if source.always_wgs84 and (crs_module.shift_name(crs) is not None or not crs_module.is_storage(crs)):
        raise _only_wgs84(source)
    if source.crs is not None and crs_module.crs_name(source.crs) != crs_module.crs_name(crs):
        in_file, given = crs_module.crs_name(source.crs), crs_module.crs_name(crs)
        note = sentence(f"文件写明 {in_file}，按指定的 {given} 读", f"the file says {in_file}, read as {given} as told")
        source.notes[note] += len(source)
    return row_crs.parsed_system(crs)


def _only_wgs84(source: SourceTable) -> CrsMismatch:
    return CrsMismatch(
        f"{source.name} 是 OpenStreetMap 数据，坐标系是 WGS-84", f"{source.name} is OpenStreetMap data, in WGS-84"
    )


def _likely_shifted(source: SourceTable, chosen: ChosenColumns, crs: str | pyproj.CRS) -> Sequence[int]:
    """Return the rows that are likely in GCJ-02 against what the file says: those of Amap and DataV in China.

    They are known by the heading ``adcode``, which the converters of such files keep, or by their form.
    """
    is_theirs = source.is_unnamed or any(normalised_column_name(name).endswith("adcode") for name in chosen.names)
    if not is_theirs or not crs_module.is_storage(crs):
        return ()
    west, south, east, north = coordinate_columns.CHINA
    boxes = shapely.bounds(source.shapes)
    inside = (boxes[:, 0] >= west) & (boxes[:, 1] >= south) & (boxes[:, 2] <= east) & (boxes[:, 3] <= north)
    return np.flatnonzero(inside).tolist()


def _with_cgcs2000_zone(source: SourceTable, shapes: np.ndarray, source_crs: str | pyproj.CRS) -> str | pyproj.CRS:
    """Return the CGCS2000 zone that prefixed eastings (25 to 45 million metres) show, else the CRS as it is."""
    if crs_module.shift_name(source_crs) is not None:
        return source_crs
    corner = shapely.bounds(shapes)[:, 0]
    zone = cgcs2000_zone_of_eastings(corner, source_crs)
    if zone is None:
        return source_crs
    name = f"{crs_module.crs_name(zone)} {zone.name}"
    source.notes[sentence(f"横坐标带号认出分带：{name}", f"zone told from the eastings: {name}")] += int(
        np.isfinite(corner).sum()
    )
    return zone


def placed(
    source: SourceTable, shapes: np.ndarray, systems: Systems
) -> tuple[np.ndarray, np.ndarray, list[str | pyproj.CRS], tuple[str, ...]]:
    """Return the shapes in their CRS and in WGS-84 degrees, the CRSs used, and the sentences on their datums."""
    shapes, lonlat = shapes.copy(), np.full(len(shapes), None, dtype=object)
    used: list[str | pyproj.CRS] = []
    doubts: dict[str, None] = {}
    for system, rows in systems:
        own = shapes.copy()
        own[~rows] = None
        try:
            own = geometry_checks.swap_survey_axes(source, own, system)
            used.append(_with_cgcs2000_zone(source, own, system))
        except UnknownCrs as error:
            if len(systems) == 1:
                raise
            for row in np.flatnonzero(shapely.is_geometry(own)).tolist():
                source.faults.setdefault(row, Fault("crs", sentence(error.zh, error.en)))
            continue
        degrees = geometry_checks.to_wgs84_checked(source, own, used[-1])
        doubts |= dict.fromkeys(_note_datum_doubt(source, degrees, used[-1]))
        shapes[rows], lonlat[rows] = own[rows], degrees[rows]
    return shapes, lonlat, used, tuple(doubts)


def _note_datum_doubt(source: SourceTable, lonlat: np.ndarray, source_crs: str | pyproj.CRS) -> tuple[str, ...]:
    """Note how far positions may be off where no datum shift is known, and return the sentences."""
    boxes = shapely.bounds(lonlat)
    doubt = datum_doubt_m((boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2, source_crs)
    sentences = []
    for metres in np.unique(doubt[doubt > 0]).tolist():
        name, shift = datum_name(source_crs), "到 WGS-84 的基准转换参数"
        if metres >= UNKNOWN_SHIFT_M:
            zh = f"{name} {shift}未知，坐标未作基准改正，偏差可达约 {metres:g} 米"
            en = f"from {name} to WGS-84 is unknown and none was made: positions may be off by about {metres:g} m"
        else:
            zh, en = f"{name} {shift}只精确到约 {metres:g} 米", f"from {name} to WGS-84 is known to about {metres:g} m"
        sentences.append(sentence(zh, f"the datum shift {en}"))
        source.notes[sentences[-1]] += int((doubt == metres).sum())
    return tuple(sentences)
