"""Read one layer from a file into validated frames; every rejected row is listed with its reason.

The only entry point is `read_layer`: it finds the format by suffix and content, maps columns to fields, checks
geometries, values and keys, and transforms the valid rows to EPSG:4326. Every guess is reported: the `ReadResult` lists
what was mapped, assumed, dropped and rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Unpack

import geopandas as gpd
import numpy as np
import shapely

from geo import crs as crs_module
from geo.catalog import survey_form
from geo.catalog.layers import layer as layer_named
from geo.errors import RowFault
from geo.readers import file_crs
from geo.readers.columns import coordinate_columns
from geo.readers.columns.column_mapping import COORDINATES
from geo.readers.columns.column_plan import ChosenColumns, ColumnPlan
from geo.readers.columns.profiles import profile as profile_named
from geo.readers.format_types import OpenRequest
from geo.readers.formats import SUFFIXES, open_file
from geo.readers.garbage import collector_paused
from geo.readers.read_options import AS_FOUND, NamedOptions, ReadOptions
from geo.readers.rows import geometry_checks, own_tables, row_crs, row_validation
from geo.readers.rows.column_samples import column_samples
from geo.readers.rows.raw_fields import RawFields, raw_fields
from geo.readers.rows.row_groups import RowGroups, row_groups
from geo.readers.rows.without_shapes import is_list_of_names, keep_rows_without_shape
from geo.readers.source import FileLimits, SourceTable, plain_file, unreadable
from geo.readers.words import cell_values
from geo.sentences import sentence
from geo.types import CellFinding, ColumnSample, NamedCode, Progress, SheetRows, no_progress

#: Share of the time of a reading until all of the file is in memory.
_SHARE_OF_FILE = 0.6
_SURVEY_FORM = "核实表：空格不改，其余各列不读 / a survey form: empty cells change nothing, other columns are not read"

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
    reject_shapes
        The shape of each of ``rejects``, EPSG:4326; None where the row has no usable one.
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
    reject_shapes: tuple[shapely.Geometry | None, ...] = ()


def read_layer(
    path: str | Path,
    layer: str,
    options: ReadOptions = AS_FOUND,
    *,
    default_crs: str | None = None,
    near: coordinate_columns.Box | None = None,
    limits: FileLimits | None = None,
    with_samples: bool = False,
    progress: Progress = no_progress,
    **named: Unpack[NamedOptions],
) -> ReadResult:
    r"""Read one layer from a file on disk.

    Parameters
    ----------
    path
        A file of a format of `geo.readers.formats`, or the folder of a File GDB.
    layer
        The layer that it is read as: ``cameras``, ``grids``, ...
    options
        What the content of the file does not tell.
    default_crs
        The CRS of a file that names none; GeoJSON and OpenStreetMap files name WGS-84 by their standards.
    near
        Where the rows are expected, west, south, east, north in degrees: it tells the order of pairs in one cell.
    limits
        Bounds on size; the defaults of `FileLimits` where not given.
    with_samples
        Whether the result has the first values of every column.
    progress
        Called with what is done and the share done, also while a long table is read.
    named
        Options by their names in `ReadOptions`, which overrule those of ``options``.

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
    options = replace(options, **named)
    target = layer_named(layer)
    file_limits = limits or FileLimits()
    told_crs = row_crs.named_systems(options.crs)
    if default_crs is not None:
        row_crs.parsed_system(default_crs)
    profile = None if options.profile is None else profile_named(options.profile)
    plan = ColumnPlan(target, dict(options.mapping or {}), profile, with_samples=with_samples)
    file = plain_file(path, file_limits)
    reading = sentence(f"读取 {file.name}", f"reading {file.name}")
    progress(reading, 0.0)

    def read_so_far(share: float) -> None:
        progress(reading, _SHARE_OF_FILE * share)

    request = OpenRequest(file, plan, file_limits, options, progress=read_so_far)
    # NaN coordinates are row faults and reported below; suppress numpy warnings here.
    with np.errstate(invalid="ignore", over="ignore"), collector_paused():
        try:
            opened = open_file(request)
            source, chosen = opened.source, opened.columns
            progress(sentence(f"检查 {file.name}", f"checking {file.name}"), _SHARE_OF_FILE)
            # Rows that are none of the layer leave the source here, before anything is told by row.
            raw = raw_fields(source, chosen)
            systems = file_crs.systems_of_rows(source, chosen, raw, told_crs, default_crs)
            return _finish(source, chosen, raw, systems, near)
        except MemoryError:
            raise unreadable(file.name, "内存不足", "there is not enough memory") from None


def _finish(
    source: SourceTable,
    chosen: ChosenColumns,
    raw: RawFields,
    systems: file_crs.Systems,
    near: coordinate_columns.Box | None,
) -> ReadResult:
    # The geometry of tables.
    mapping, unused = raw.mapping, raw.unused
    has_shapes = chosen.layer.is_placed and not is_list_of_names(source, chosen)
    if chosen.with_coordinates and has_shapes:
        first = systems[0][0] if systems else crs_module.STORAGE_CRS
        fields = file_crs.fields_of_system(chosen, first) if len(systems) == 1 else chosen.fields
        coordinates = coordinate_columns.add_shapes(source, chosen.layer, fields, first, near)
        keep_rows_without_shape(source, chosen.layer)
        named = file_crs.crs_column(source, chosen)
        if named is None:
            row_crs.note_other_headings(source, list(coordinates.values()), [system for system, _ in systems])
        coordinates |= {} if named is None else {"crs": named}
        others = [column for name, column in chosen.fields.items() if name in COORDINATES]
        unused = [column for column in (*unused, *others) if column not in coordinates.values()]
        mapping |= coordinates
    elif chosen.with_coordinates and chosen.layer.is_placed:
        unused = [*unused, *(column for name, column in chosen.fields.items() if name in COORDINATES)]
    is_form = chosen.with_coordinates and survey_form.is_marked(chosen.names)
    if is_form:
        own = survey_form.own_columns()
        unused = [column for column in unused if column.strip() not in own]
        source.notes[_SURVEY_FORM] += len(source)
    no_shapes = np.full(len(source), None, dtype=object)
    # Geometries: validity, axes, CRS; faults go to the source.
    projected = geometry_checks.checked_geometries(source, chosen.layer) if chosen.layer.is_placed else no_shapes
    if has_shapes:
        projected, lonlat, used, doubts = file_crs.placed(source, projected, systems)
    else:
        lonlat = no_shapes
        used, doubts = [system for system, _ in systems], ()
    # Values and keys; positions are those of the rows without a fault.
    data, positions = row_validation.validated_rows(source, chosen.layer, raw.cells, raw.profile, mapping)
    named_codes = tuple(own_tables.named_codes(source, chosen)) if chosen.with_coordinates else ()
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
        findings=[*_nameless(source, chosen, raw), *source.findings()],
        sheets=source.sheet_rows(),
        rejects=[source.row_fault(row, fault) for row, fault in sorted(source.faults.items())],
        source=source.name,
        read=len(np.unique(numbers)),  # of one row of a wide table several are made
        features=numbers[positions],
        doubts=doubts,
        crs_in_file="" if source.crs is None else crs_module.crs_name(source.crs),
        samples=_samples(source, chosen, mapping, raw, unused),
        left_out=tuple(source.left_out),
        groups=_groups(source, chosen, mapping, positions),
        named_codes=named_codes,
        is_survey_form=is_form,
        reject_shapes=tuple(lonlat[row] for row in sorted(source.faults)),
    )


def _groups(
    source: SourceTable, chosen: ChosenColumns, mapping: Mapping[str, str], positions: np.ndarray
) -> tuple[RowGroups, ...]:
    if chosen.layer.name != "cameras" or source.tags is not None:
        return ()
    found = row_groups(source, mapping.get("source"))
    return tuple(replace(one, names=one.names[positions]) for one in found)


def _samples(
    source: SourceTable,
    chosen: ChosenColumns,
    mapping: Mapping[str, str],
    raw: RawFields,
    unused: Sequence[str],
) -> list[ColumnSample]:
    if not chosen.plan.with_samples:
        return []
    names = list(chosen.names) if source.tags is None else list(dict.fromkeys([*mapping.values(), *unused]))
    return column_samples(
        source.columns, source.tags, names=names, mapping=mapping, dropped=raw.dropped, joined=_joined(raw, names)
    )


def _joined(raw: RawFields, names: Sequence[str]) -> dict[str, tuple[Sequence[str], Iterable[Any]]]:
    """Return the fields whose cells were joined from several columns, such as the text of an address."""
    known = set(names)
    found: dict[str, tuple[Sequence[str], Iterable[Any]]] = {}
    for field, column in raw.mapping.items():
        parts = re.split(r" [+|] ", column)
        if column not in known and field in raw.cells and known.issuperset(parts):
            found[field] = (parts, raw.cells[field])
    return found


def _nameless(source: SourceTable, chosen: ChosenColumns, raw: RawFields) -> list[CellFinding]:
    """Return the finding on a file in which neither key nor name of a layer that lives by names was found.

    A column that is empty throughout, as the names of a drawing without texts, tells no name.
    """
    names = chosen.layer.named_by
    if not names or len(source) == 0:
        return []
    cells = (cell for name in names if name in raw.cells for cell in raw.cells[name])
    if any(not cell_values.is_missing(cell) for cell in cells):
        return []
    zh = "、".join(chosen.layer.field(name).zh for name in names)
    en = " nor ".join(names)
    reason = sentence(f"没有找到{zh}列；用 --map 指明", f"no column of {en} was found: name one with --map")
    return [CellFinding(names[0], reason, "", (), len(source))]
