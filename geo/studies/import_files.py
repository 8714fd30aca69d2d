"""Import files and frames into a store: read, check, derive, write in one transaction, report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import geopandas as gpd
import numpy as np

from geo.catalog.layers import layer as layer_of
from geo.catalog.options import IMPORT_MODES
from geo.errors import BadValue, UnknownName
from geo.files import require_other_file
from geo.readers.garbage import collector_paused
from geo.readers.read_options import AS_FOUND, NamedOptions, ReadOptions
from geo.readers.reading import ReadResult, read_layer
from geo.readers.rows.rejects_file import require_own_list, write_findings, write_rejects
from geo.sentences import both, sentence
from geo.storage.protocol import Bbox, Store, WriteMode
from geo.studies.import_writes import WrittenRows, write_frame, write_reading
from geo.studies.other_ids import FOUND
from geo.types import NO_ROWS, CellFinding, ImportReport, Progress, no_progress, part_of_progress

#: Rows at fault that an error names.
_MAX_NAMED = 10
#: Share of the time of an import until the rows are read and checked.
_SHARE_OF_READING = 0.6


def import_file(
    store: Store,
    path: Path,
    layer: str,
    options: ReadOptions = AS_FOUND,
    *,
    mode: WriteMode = "upsert",
    rejects: Path | None = None,
    findings: Path | None = None,
    actor: str = "local",
    dry_run: bool = False,
    progress: Progress = no_progress,
    **named: Unpack[NamedOptions],
) -> ImportReport:
    r"""Import one file into one layer: valid rows are written, rejected rows are listed in a file.

    Parameters
    ----------
    store
        The store to write.
    path
        Any file of a format in docs/import.md.
    layer
        The layer that it is read as; buildings are the layer obstacles.
    options, named
        How to read the file, as for `geo.readers.reading.read_layer`.
    mode
        ``upsert``, ``replace`` or ``append`` (docs/contract.md section 1).
    rejects
        File for rejected rows; None for no file: the report names them all the same.
    findings
        File for the cells lost or guessed in rows that are kept, and the columns not read; None for no file.
    actor
        Name of the writer, for the history.
    dry_run
        Whether all is done but the last step: the store stays as it is, and the report has the first values of every
        column and what would change, row by row.

    Raises
    ------
    UnknownName, UnreadableFile, UnknownCrs, BadValue, Conflict, StoreBusy
        Nothing was written. BadValue also where ``replace`` would leave the layer without a row; the rejected rows are
        listed in the file all the same.

    Examples
    --------
    >>> import tempfile
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = Path(folder.name) / "cameras.csv"
    >>> _ = path.write_text("id,lon,lat\nc1,103.1,37.6\nc2,103.1,99\n")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     report = import_file(store, path, "cameras", crs="wgs84", rejects=path.with_suffix(".rejects.csv"))
    ...     store.count("cameras")
    1
    >>> report.read, report.imported, report.rejected, [fault.row for fault in report.rejects]
    (2, 1, 1, ['2'])
    >>> folder.cleanup()
    """
    start = time.perf_counter()
    require_layer_and_mode(layer, mode)
    for listed in (rejects, findings):
        if listed is not None:
            require_other_file(listed, path)
    require_own_list(rejects, findings)
    reading = read_layer(
        path,
        layer,
        options,
        near=expected_box(store),
        with_samples=dry_run,
        progress=part_of_progress(progress, 0.0, _SHARE_OF_READING),
        **named,
    )
    zh, en = ("比较", "comparing") if dry_run else ("写入", "writing")
    progress(sentence(f"{zh}图层 {layer}", f"{en} layer {layer}"), _SHARE_OF_READING)
    if _would_empty(reading, mode):
        # Nothing is written, but the planner has to know why: the rows are listed all the same.
        rejects_file = rejects if reading.rejects else None
        if rejects_file is not None:
            write_rejects(reading.rejects, rejects_file)
        raise _empties_layer_error(reading, layer, rejects_file)
    with collector_paused():
        done = write_reading(store, reading, layer, mode=mode, actor=actor, dry_run=dry_run)
    rejected_rows = [*reading.rejects, *done.rejects]
    rejects_file = rejects if rejected_rows else None
    listed_findings = [*_nothing_read(reading), *reading.findings, *done.findings, *reading.left_out]
    findings_file = findings if listed_findings or reading.unused_columns else None
    if rejects_file is not None:
        write_rejects(rejected_rows, rejects_file)
    if findings_file is not None:
        write_findings(listed_findings, reading.unused_columns, reading.source, findings_file)
    if not dry_run:
        # What an earlier import of the file listed is true no longer: nobody should work through it again.
        for listed, written in ((rejects, rejects_file), (findings, findings_file)):
            if listed is not None and written is None:
                listed.unlink(missing_ok=True)
    progress("完成 / done", 1.0)
    report = report_of(reading, done, layer, store.name)
    return replace(
        report,
        rejects_file=str(rejects_file) if rejects_file else None,
        findings_file=str(findings_file) if findings_file else None,
        seconds=round(time.perf_counter() - start, 3),
    )


def _nothing_read(reading: ReadResult) -> list[CellFinding]:
    """Return the finding on a file without a row of the layer, as a register of headings only; else none."""
    return [] if reading.read else [CellFinding("", NO_ROWS, reading.source, (), 0)]


def require_layer_and_mode(layer: str, mode: str) -> None:
    """Raise UnknownName where there is no such layer or mode."""
    layer_of(layer)
    if mode not in IMPORT_MODES:
        raise UnknownName(f"没有导入方式 {mode}", f"no import mode {mode}; there are: {', '.join(IMPORT_MODES)}")


def require_rows(reading: ReadResult, layer: str, mode: WriteMode) -> None:
    """Raise BadValue where ``replace`` would leave the layer without a row."""
    if _would_empty(reading, mode):
        raise _empties_layer_error(reading, layer, None)


def _would_empty(reading: ReadResult, mode: WriteMode) -> bool:
    return mode == "replace" and len(reading.frame) == 0


def report_of(reading: ReadResult, done: WrittenRows, layer: str, store: str) -> ImportReport:
    """Return the report of an import, or of a dry run; the files that it lists in are for the caller to add."""
    return ImportReport(
        layer=layer,
        source=reading.source,
        store=store,
        read=reading.read,
        imported=done.imported,
        updated=done.updated,
        rejected=reading.read - done.imported - done.updated,
        rows_made=done.rows_made,
        removed=done.removed,
        crs=reading.crs,
        mapping=dict(reading.mapping),
        assumed={**done.notes, **reading.assumed, **({FOUND: done.found} if done.found else {})},
        dropped_columns=list(reading.dropped_columns),
        rejects=[*reading.rejects, *done.rejects],
        rejects_file=None,
        seconds=0.0,
        unused_columns=list(reading.unused_columns),
        sheets=list(reading.sheets),
        findings=[*_nothing_read(reading), *done.findings, *reading.findings],
        unread=_unread_words(reading.findings),
        unchanged=done.unchanged,
        is_dry_run=done.is_dry_run,
        columns=list(reading.samples),
        changes=done.changes,
    )


def import_frames(
    store: Store, frames: Mapping[str, gpd.GeoDataFrame], *, actor: str = "local", progress: Progress = no_progress
) -> dict[str, int]:
    """Write whole frames, one per layer, each replacing the rows of its layer; return the rows written by layer.

    Examples
    --------
    >>> import tempfile
    >>> import shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.1, 37.6)], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     import_frames(store, {"cameras": camera})
    {'cameras': 1}
    >>> folder.cleanup()
    """
    counts: dict[str, int] = {}
    # Addresses last: their grid is derived from the grids.
    order = sorted(frames, key=lambda name: name == "addresses")
    for done, name in enumerate(order):
        progress(sentence(f"写入图层 {name}", f"writing layer {name}"), done / len(order))
        write_frame(store, name, frames[name], np.arange(len(frames[name])), "replace", actor)
        counts[name] = len(frames[name])
    progress("导入完成 / imported", 1.0)
    return counts


def expected_box(store: Store) -> Bbox | None:
    """Return the box of the divisions or grids that are stored, where a file's rows are expected; None without any."""
    return next(
        (box for box in map(store.extent, ("divisions", "grids", "roads", "obstacles")) if box is not None), None
    )


def _unread_words(findings: Iterable[CellFinding]) -> dict[str, int]:
    """Return the words that were not understood, each with the number of its rows."""
    counts: Counter[str] = Counter()
    for one in findings:
        if one.is_word:
            counts[one.value] += one.count
    return dict(counts.most_common())


def _empties_layer_error(reading: ReadResult, layer: str, rejects_file: Path | None) -> BadValue:
    """Return the error of a ``replace`` that would leave no row in the layer; the file lists the rejected rows."""
    listed_zh = listed_en = ""
    if rejects_file is not None:
        listed_zh, listed_en = f"；被拒的行：{rejects_file}", f"; rejected rows: {rejects_file}"
    if reading.read == 0:
        why_zh, why_en = "没有行", "has no rows"
    else:
        first_zh, first_en = both(reading.rejects[0].reason)
        why_zh = f"的 {reading.read} 行都不能用（第一行：{first_zh}）"
        why_en = f"has no usable row of {reading.read} (the first: {first_en})"
    return BadValue(
        f"{reading.source} {why_zh}；替换会清空图层 {layer}，没有执行{listed_zh}",
        f"{reading.source} {why_en}; to replace would empty the layer {layer}, so it was not done{listed_en}",
        rows=reading.rejects[:_MAX_NAMED],
    )
