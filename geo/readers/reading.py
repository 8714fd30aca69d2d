"""Read one layer from a file into validated frames; every rejected row is listed with its reason.

The only entry point is `read_layer`: it finds the format by suffix and content, maps columns to fields, checks
geometries, values and keys, and transforms the valid rows to EPSG:4326. Every guess is reported: the `ReadResult` lists
what was mapped, assumed, dropped and rejected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo import crs as crs_module
from geo.catalog import survey_form
from geo.catalog.layers import layer as layer_named
from geo.crs_cgcs2000 import cgcs2000_zone_of_eastings
from geo.crs_datum import UNKNOWN_SHIFT_M, datum_doubt_m, datum_name
from geo.errors import CrsMismatch, RowFault, UnknownCrs
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_mapping import normalised_column_name
from geo.readers.columns.column_plan import ColumnPlan
from geo.readers.columns.ewkt import note_overruled, take_srids
from geo.readers.columns.profiles import profile as profile_named
from geo.readers.formats import SUFFIXES, OpenRequest, open_file
from geo.readers.garbage import collector_paused
from geo.readers.rows import geometry_checks, own_tables, row_crs, row_validation
from geo.readers.rows.column_samples import column_samples
from geo.readers.rows.raw_fields import RawFields, raw_fields
from geo.readers.rows.row_groups import RowGroups, row_groups
from geo.readers.source import Fault, FileLimits, SourceTable, plain_file, unreadable
from geo.readers.words import cell_values
from geo.sentences import sentence
from geo.types import CellFinding, ColumnSample, NamedCode, Progress, SheetRows, no_progress

#: Each CRS of a file with the mask of its rows.
Systems = Sequence[tuple[str | pyproj.CRS, np.ndarray]]

#: Share of the time of a reading until all of the file is in memory.
_SHARE_OF_FILE = 0.6
_SURVEY_FORM = "核实表：空格不改，其余各列不读 / a survey form: empty cells change nothing, other columns are not read"

_LIKELY_GCJ02 = Fault(
    "geometry",
    "没有可靠地写明坐标系，按 WGS-84 读；高德与 DataV 的这类文件是 gcj02：是的话用 --crs gcj02 重新导入，不是的用"
    " --crs wgs84 / read as WGS-84, which nothing vouches for; such files of Amap and DataV are in gcj02: if so, import"
    " again with --crs gcj02, else with --crs wgs84",
)

__all__ = ["SUFFIXES", "FileLimits", "ReadResult", "read_layer"]


@dataclass(frozen=True)
class ReadResult:
    """One layer read from one file.

    Attributes
    ----------
    frame
        Valid rows, EPSG:4326, every field of the layer; keys are unique.
    native
        The same rows in the CRS of the source; WGS-84 where that was GCJ-02 or BD-09.
    crs
        The CRS of the source: ``EPSG:n``, ``gcj02``, ``bd09``, or a name without code; several, where a column names
        that of each row, are joined by `` + ``.
    mapping
        Field -> column or tag.
    assumed
        Sentence ``中文 / English`` -> number of rows that it applies to.
    dropped_columns
        Columns with personal or network data, which were not read.
    unused_columns
        Columns that nobody reads.
    findings
        Cells that were lost or guessed while their rows were kept, the most frequent first (rule U5); and that no
        column gives a name, where the layer lives by names.
    sheets
        The sheets of a workbook that were read; empty for other files.
    rejects
        One fault per rejected feature, in the file's order.
    source
        The file's name, with the layer where it has several.
    read
        Number of features found, valid and rejected.
    features
        Number from 1 of the source feature of each row; rows of one camera share it.
    samples
        Every column of the source with its first values; empty unless they were asked for.
    doubts
        Those of the assumed sentences that say how far positions may be off, for want of a datum shift.
    crs_in_file
        The CRS that the file itself names, as ``crs``; empty where it names none.
    groups
        Who the rows of a table are from, by sheets and by columns of sources and contractors.
    left_out
        Features that are none of the layer, such as roofs without walls: neither read nor rejected, and counted in
        ``assumed``.
    named_codes
        The names that columns beside codes give them.
    is_survey_form
        Whether only filled cells are to be taken over (`geo.catalog.survey_form`).
    """

    frame: gpd.GeoDataFrame
    native: gpd.GeoDataFrame
    crs: str
    mapping: dict[str, str]
    assumed: dict[str, int]
    dropped_columns: list[str]
    unused_columns: list[str]
    findings: list[CellFinding]
    sheets: list[SheetRows]
    rejects: list[RowFault]
    source: str
    read: int
    features: np.ndarray
    doubts: tuple[str, ...] = ()
    crs_in_file: str = ""
    samples: Sequence[ColumnSample] = ()
    left_out: tuple[CellFinding, ...] = ()
    groups: tuple[RowGroups, ...] = ()
    named_codes: tuple[NamedCode, ...] = ()
    is_survey_form: bool = False


def read_layer(
    path: str | Path,
    layer: str,
    *,
    source_layer: str | None = None,
    crs: str | None = None,
    default_crs: str | None = None,
    encoding: str | None = None,
    profile: str | None = None,
    mapping: Mapping[str, str] | None = None,
    sheets: Sequence[str] = (),
    header_row: int | None = None,
    near: coordinate_columns.Box | None = None,
    limits: FileLimits | None = None,
    with_samples: bool = False,
    progress: Progress = no_progress,
) -> ReadResult:
    r"""Read one layer from a file on disk.

    Parameters
    ----------
    path
        A file of a format of `geo.readers.formats`, or the folder of a File GDB.
    layer
        The layer that it is read as: ``cameras``, ``grids``, ...
    source_layer
        The layer or sheet of a file that has several.
    crs
        The CRS of the coordinates, instead of the one that the file names: ``EPSG:n``, ``wgs84``, ``cgcs2000``,
        ``gcj02`` or ``bd09``; also ``NAME=CRS`` for a sheet, source or contractor, several separated by ``;``.
    default_crs
        The CRS of a file that names none; GeoJSON and OpenStreetMap files name WGS-84 by their standards.
    encoding
        Encoding of the texts in a CSV file or Shapefile.
    profile
        ``osm``, ``gbt28181``, ``gat1400`` or ``yjyd``; None to recognise it by the column names.
    mapping
        Field -> column, instead of the guess; also ``lon``, ``lat``, ``x``, ``y``, ``lonlat`` or ``latlon`` (a pair
        in one cell), ``wkt``, ``levels``.
    sheets
        The sheets of a workbook to read; empty for all that have one shape.
    header_row
        Number from 1 of the first heading row of a table, as a spreadsheet program shows it; None to find it.
    near
        Where the rows are expected, west, south, east, north in degrees: it tells the order of pairs in one cell.
    limits
        Bounds on size; the defaults of `FileLimits` where not given.
    with_samples
        Whether the result has the first values of every column.
    progress
        Called with what is done and the share done, also while a long table is read.

    Raises
    ------
    UnreadableFile
        For a file that is absent, of an unknown format, damaged, or over a limit.
    UnknownCrs
        Where no CRS is named (rule L3).
    UnknownName
        For an unknown layer, source layer, profile, field or column.
    CrsMismatch
        Where another CRS than WGS-84 is named for an OpenStreetMap file.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "cameras.csv"
    >>> _ = path.write_text("编号,经度,纬度,安装高度,电话\nC1,102.9,37.5,6,1\nC2,102.9,99,6,2\n", encoding="utf-8")
    >>> result = read_layer(path, "cameras", crs="wgs84")
    >>> result.frame[["id", "height"]].values.tolist()
    [['C1', 6.0]]
    >>> result.mapping
    {'id': '编号', 'height': '安装高度', 'lon': '经度', 'lat': '纬度'}
    >>> result.dropped_columns
    ['电话']
    >>> [(fault.row, fault.reason) for fault in result.rejects]
    [('2', '坐标超出坐标系范围 / outside the bounds of the CRS')]
    >>> folder.cleanup()
    """
    target = layer_named(layer)
    file_limits = limits or FileLimits()
    whole_crs, part_crs = row_crs.named_systems(crs)
    if default_crs is not None and crs_module.shift_name(default_crs) is None:
        crs_module.parse_crs(default_crs)
    used_profile = None if profile is None else profile_named(profile)
    plan = ColumnPlan(target, dict(mapping or {}), used_profile, with_samples=with_samples)
    file = plain_file(path, file_limits)
    reading = sentence(f"读取 {file.name}", f"reading {file.name}")
    progress(reading, 0.0)

    def read_so_far(share: float) -> None:
        progress(reading, _SHARE_OF_FILE * share)

    request = OpenRequest(
        file, plan, file_limits, source_layer, encoding, tuple(sheets), header_row, progress=read_so_far
    )
    # NaN coordinates are row faults and reported below; suppress numpy warnings here.
    with np.errstate(invalid="ignore", over="ignore"), collector_paused():
        try:
            source = open_file(request)
            progress(f"检查 {file.name} / checking {file.name}", _SHARE_OF_FILE)
            # Rows that are none of the layer leave the source here, before anything is told by row.
            raw = raw_fields(source, plan)
            srids = take_srids(source) if plan.with_coordinates else None
            if srids is not None and whole_crs is not None:
                note_overruled(source, crs_module.crs_name(whole_crs))
            in_file = "" if source.crs is None else crs_module.crs_name(source.crs)
            parts = _named_parts(source, raw, part_crs)
            found = _finish(source, plan, raw, _systems(source, plan, whole_crs, default_crs, srids, parts), near)
            return replace(found, crs_in_file=in_file)
        except MemoryError:
            raise unreadable(file.name, "内存不足", "there is not enough memory") from None


# --- the CRS ---------------------------------------------------------------------------------------------------------


def _systems(
    source: SourceTable, plan: ColumnPlan, crs: str | None, default_crs: str | None, srids: str | None, parts: Systems
) -> Systems:
    """Return each CRS with the mask of its rows: one of all rows, unless it is named by part, or a column names it.

    ``srids`` is the column of several SRIDs, which the user overrules as any other CRS in the file.
    """
    if not plan.layer.is_placed:
        return [(crs_module.STORAGE_CRS, np.ones(len(source), dtype=bool))]
    rest = ~np.logical_or.reduce([rows for _, rows in parts]) if parts else np.ones(len(source), dtype=bool)
    if parts and not rest.any():
        return parts
    column = _crs_column(plan) or (srids if crs is None else None)
    given = crs if crs is not None else default_crs
    # An empty column says as much as none: the user is asked, instead of every row being rejected.
    is_empty = column is not None and given is None and len(source) > 0
    is_empty = is_empty and source.columns[column].map(cell_values.is_missing).all()
    if column is None or is_empty:
        if parts and given is None and source.crs is None:
            row_crs.without_system(source, rest)
            return parts
        return [*parts, (_source_crs(source, plan, crs, default_crs), rest)]
    used = given if given is None or crs_module.shift_name(given) is not None else crs_module.parse_crs(given)
    return [*parts, *row_crs.systems_of_rows(source, column, used, rest)]


def _named_parts(source: SourceTable, raw: RawFields, named: Mapping[str, str]) -> Systems:
    """Return the CRS of each sheet, source and contractor that is named by itself, with the mask of its rows."""
    if not named:
        return []
    if source.always_wgs84:
        raise _only_wgs84(source)
    groups = [(one.heading, one.names) for one in row_groups(source, raw.mapping.get("source"), least=1)]
    return row_crs.systems_by_name(source, named, groups)


def _crs_column(plan: ColumnPlan) -> str | None:
    """Return the column of a table that names the CRS of each row."""
    return row_crs.crs_column(plan.names) if plan.with_coordinates else None


def _source_crs(source: SourceTable, plan: ColumnPlan, crs: str | None, default_crs: str | None) -> str | pyproj.CRS:
    """Return the CRS of the coordinates: the user's option, else the file's, else the default; never guessed."""
    if crs is None:
        named = source.crs if source.crs is not None else default_crs
        if named is None:
            hint_zh, hint_en = (
                (f"。{source.crs_hint[0]}", f". {source.crs_hint[1]}") if source.crs_hint[0] else ("", "")
            )
            raise UnknownCrs(
                f"{source.name} 没有写明坐标系；请用 --crs 指明（EPSG:n、wgs84、cgcs2000、gcj02、bd09）{hint_zh}",
                f"{source.name} names no CRS; pass --crs (EPSG:n, wgs84, cgcs2000, gcj02, bd09){hint_en}",
            )
        for row in _likely_shifted(source, plan, named):
            source.lose(row, _LIKELY_GCJ02)
        return named if crs_module.shift_name(named) is not None else crs_module.parse_crs(named)
    if source.always_wgs84 and (crs_module.shift_name(crs) is not None or not crs_module.is_storage(crs)):
        raise _only_wgs84(source)
    if source.crs is not None and crs_module.crs_name(source.crs) != crs_module.crs_name(crs):
        in_file, given = crs_module.crs_name(source.crs), crs_module.crs_name(crs)
        note = sentence(f"文件写明 {in_file}，按指定的 {given} 读", f"the file says {in_file}, read as {given} as told")
        source.notes[note] += len(source)
    return crs if crs_module.shift_name(crs) is not None else crs_module.parse_crs(crs)


def _only_wgs84(source: SourceTable) -> CrsMismatch:
    return CrsMismatch(
        f"{source.name} 是 OpenStreetMap 数据，坐标系是 WGS-84", f"{source.name} is OpenStreetMap data, in WGS-84"
    )


def _likely_shifted(source: SourceTable, plan: ColumnPlan, crs: str | pyproj.CRS) -> Sequence[int]:
    """Return the rows that are likely in GCJ-02 against what the file says: those of Amap and DataV in China.

    They are known by the heading ``adcode``, which the converters of such files keep, or by their form.
    """
    is_theirs = source.is_unnamed or any(normalised_column_name(name).endswith("adcode") for name in plan.names)
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


# --- finishing -------------------------------------------------------------------------------------------------------


def _finish(
    source: SourceTable, plan: ColumnPlan, raw: RawFields, systems: Systems, near: coordinate_columns.Box | None
) -> ReadResult:
    # The geometry of tables.
    mapping, unused = raw.mapping, raw.unused
    if plan.with_coordinates and plan.layer.is_placed:
        first = systems[0][0] if systems else crs_module.STORAGE_CRS
        coordinates = coordinate_columns.add_shapes(source, plan.layer, plan.columns.fields, first, near)
        named = _crs_column(plan)
        coordinates |= {} if named is None else {"crs": named}
        others = [column for name, column in plan.columns.fields.items() if name not in mapping | coordinates]
        unused = [column for column in (*unused, *others) if column not in coordinates.values()]
        mapping |= coordinates
    is_form = plan.with_coordinates and survey_form.is_marked(plan.names)
    if is_form:
        own = survey_form.own_columns()
        unused = [column for column in unused if column.strip() not in own]
        source.notes[_SURVEY_FORM] += len(source)
    # Geometries: validity, axes, CRS; faults go to the source.
    if plan.layer.is_placed:
        projected = geometry_checks.checked_geometries(source, plan.layer)
        projected, lonlat, used, doubts = _placed(source, projected, systems)
    else:
        projected = lonlat = np.full(len(source), None, dtype=object)
        used, doubts = [system for system, _ in systems], ()
    # Values and keys; positions are those of the rows without a fault.
    data, positions = row_validation.validated_rows(source, plan.layer, raw.cells, plan.profile, mapping)
    named_codes = tuple(own_tables.named_codes(source, plan)) if plan.with_coordinates else ()
    frame = gpd.GeoDataFrame(data, geometry=lonlat[positions], crs=crs_module.STORAGE_CRS)
    if len(used) != 1 or crs_module.shift_name(used[0]) is not None:
        native = frame.copy()
    else:
        native = gpd.GeoDataFrame(data, geometry=projected[positions], crs=crs_module.parse_crs(used[0]))
    numbers = source.numbers if source.numbers is not None else np.arange(1, len(source) + 1)
    return ReadResult(
        frame=frame,
        native=native,
        crs=" + ".join(dict.fromkeys(map(crs_module.crs_name, used))) or crs_module.STORAGE_CRS,
        mapping=mapping,
        assumed=dict(sorted(source.notes.items(), key=lambda pair: (-pair[1], pair[0]))),
        dropped_columns=raw.dropped,
        unused_columns=unused,
        findings=[*_nameless(source, plan, raw), *source.findings()],
        sheets=source.sheet_rows(),
        rejects=[source.row_fault(row, fault) for row, fault in sorted(source.faults.items())],
        source=source.name,
        read=len(source),
        features=numbers[positions],
        doubts=doubts,
        samples=_samples(source, plan, mapping, raw.dropped, unused),
        left_out=tuple(source.left_out),
        groups=_groups(source, plan, mapping, positions),
        named_codes=named_codes,
        is_survey_form=is_form,
    )


def _groups(
    source: SourceTable, plan: ColumnPlan, mapping: Mapping[str, str], positions: np.ndarray
) -> tuple[RowGroups, ...]:
    if plan.layer.name != "cameras" or source.tags is not None:
        return ()
    found = row_groups(source, mapping.get("source"))
    return tuple(replace(one, names=one.names[positions]) for one in found)


def _samples(
    source: SourceTable, plan: ColumnPlan, mapping: Mapping[str, str], dropped: Sequence[str], unused: Sequence[str]
) -> list[ColumnSample]:
    if not plan.with_samples:
        return []
    names = list(plan.names) if source.tags is None else list(dict.fromkeys([*mapping.values(), *unused]))
    return column_samples(source.columns, source.tags, names=names, mapping=mapping, dropped=dropped)


def _placed(
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
        placed = geometry_checks.to_wgs84_checked(source, own, used[-1])
        doubts |= dict.fromkeys(_note_datum_doubt(source, placed, used[-1]))
        shapes[rows], lonlat[rows] = own[rows], placed[rows]
    return shapes, lonlat, used, tuple(doubts)


def _nameless(source: SourceTable, plan: ColumnPlan, raw: RawFields) -> list[CellFinding]:
    """Return the finding on a file in which neither key nor name of a layer that lives by names was found.

    A column that is empty throughout, as the names of a drawing without texts, tells no name.
    """
    names = plan.layer.named_by
    if not names or len(source) == 0:
        return []
    cells = (cell for name in names if name in raw.cells for cell in raw.cells[name])
    if any(not cell_values.is_missing(cell) for cell in cells):
        return []
    zh = "、".join(plan.layer.field(name).zh for name in names)
    en = " nor ".join(names)
    reason = sentence(f"没有找到{zh}列；用 --map 指明", f"no column of {en} was found: name one with --map")
    return [CellFinding(names[0], reason, "", (), len(source))]


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
