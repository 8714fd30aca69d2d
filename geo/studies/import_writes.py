"""Write what was read of a file in one transaction, or do the same and take it back: the plan of an import."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np

from geo.catalog.fields import Field
from geo.catalog.layers import layer as layer_of
from geo.errors import Conflict, RowFault
from geo.readers.reading import ReadResult
from geo.sentences import sentence
from geo.storage.protocol import Store, WriteMode
from geo.studies.address_findings import address_findings
from geo.studies.camera_directions import outdated_rows
from geo.studies.filled_cells import with_stored_values
from geo.studies.import_shifts import shift_findings
from geo.studies.known_codes import PADDED_LAYERS, rows_by_stored_codes
from geo.studies.locate_positions import grid_codes_of_points
from geo.studies.names_of_codes import other_names
from geo.studies.other_ids import KnownRows, rows_by_other_ids
from geo.studies.rounded_places import with_stored_shapes
from geo.types import CellFinding, RowChanges

#: Rows at fault that an error names.
_MAX_NAMED = 10
#: Stored rows that are held at a time.
_PAGE_ROWS = 50_000


#: The layer and the field that are derived from places whatever a file says.
_DERIVED_FIELD = ("addresses", "grid")


@dataclass(frozen=True)
class WrittenRows:
    """What an import did, or would do.

    Attributes
    ----------
    imported, updated
        Source features.
    unchanged, removed
        Rows.
    changes
        What changes in the layer; None where nobody asked.
    is_dry_run
        Whether it was taken back.
    rows_made
        Rows written.
    found
        Features found by another id of a stored camera.
    rejects
        Features that cannot be told apart by their other ids.
    findings
        What was found of the file by what is stored, and names beside codes that are not those of the codes.
    shifts
        Those of them on the datum of the rows.
    frame
        The rows as they are written; None where nobody asked for the changes.
    notes
        Sentence -> rows: a field without a column in the file, whose stored values are cleared by that; codes in
        another form than the stored ones.
    """

    imported: int
    updated: int
    unchanged: int
    removed: int
    changes: RowChanges | None = None
    is_dry_run: bool = False
    rows_made: int = 0
    found: int = 0
    rejects: tuple[RowFault, ...] = ()
    findings: tuple[CellFinding, ...] = ()
    shifts: tuple[CellFinding, ...] = ()
    frame: gpd.GeoDataFrame | None = None
    notes: Mapping[str, int] = field(default_factory=dict)


class PlanOutdated(Conflict):
    """The store has changed since a plan was made: an import would not do what was shown."""


class _TakenBack(Exception):
    """Ends the transaction of a dry run without a commit."""


def write_reading(
    store: Store,
    reading: ReadResult,
    layer: str,
    *,
    mode: WriteMode,
    actor: str,
    dry_run: bool = False,
    planned: str | None = None,
    shifts: Sequence[CellFinding] | None = None,
) -> WrittenRows:
    """Write what was read into a layer in one transaction; all of it or nothing.

    A dry run does the same in the same order and takes it back, so that it fails where an import would, by the rights
    of the caller too, and its counts are those of the import.

    Parameters
    ----------
    planned
        ``changes.state`` of a dry run of this reading that somebody has agreed to; None for an import without one.
    shifts
        What that dry run found of the datum of the rows, which takes time to find; None to look.

    Raises
    ------
    PlanOutdated
        The changes would be others than those of ``planned``; nothing was written.
    """
    done = None
    shifts = tuple(shift_findings(store, reading, layer, mode) if shifts is None else shifts)
    try:
        with store.transaction():
            known, told, notes = _known_rows(store, layer, reading, mode)
            findings = (*shifts, *told, *other_names(store, layer, reading))  # before the file brings its own
            findings += tuple(address_findings(store, layer, known.frame))
            cleared = _cleared(store, layer, known.frame, reading) if mode == "upsert" else {}
            done = write_frame(
                store, layer, known.frame, known.features, mode, actor,
                with_changes=dry_run or planned is not None, planned=planned,
            )  # fmt: skip
            done = replace(
                done, found=known.found, rejects=tuple(known.rejects), findings=findings, shifts=shifts,
                notes={**notes, **cleared}, is_dry_run=dry_run,
            )  # fmt: skip
            if dry_run:
                raise _TakenBack
    except _TakenBack:
        pass
    assert done is not None  # noqa: S101 (any other error has left this function)
    return done


def _cleared(store: Store, layer: str, frame: gpd.GeoDataFrame, reading: ReadResult) -> dict[str, int]:
    """Return how many stored values an update clears: rows are replaced whole, the file lacks the column of a field.

    A download whose column somebody deleted is such a file. The grid of an address is derived anew, not cleared.
    """
    found = layer_of(layer)
    absent = [
        one
        for one in found.fields
        if one.name not in reading.mapping and frame[one.name].isna().all() and (layer, one.name) != _DERIVED_FIELD
    ]
    if not absent or not len(frame) or not store.count(layer):
        return {}
    keys, counts, last = set(frame[found.key]), Counter[Field](), None
    while len(page := store.read(layer, after=last, limit=_PAGE_ROWS)):
        updated = page[page[found.key].isin(keys).to_numpy()]
        counts.update({one: int(updated[one.name].notna().sum()) for one in absent})
        last = str(page[found.key].iloc[-1])
    said: dict[str, int] = {}
    for one in absent:
        zh, en = f"没有{one.zh}列，原有的值清空", f"no column of {one.name}: the values that were stored are cleared"
        if counts[one]:
            said[sentence(zh, en)] = counts[one]
    return said


def _known_rows(
    store: Store, layer: str, reading: ReadResult, mode: WriteMode
) -> tuple[KnownRows, tuple[CellFinding, ...], Mapping[str, int]]:
    """Return the rows to write under the ids or codes that they are stored by, with findings and notes."""
    features = np.asarray(reading.features)
    if reading.is_survey_form:
        return *with_stored_values(store, layer, reading.frame, features, source=reading.source, mode=mode), {}
    known = KnownRows(reading.frame, features)
    notes: Mapping[str, int] = {}
    if layer in PADDED_LAYERS:
        known, notes = rows_by_stored_codes(store, layer, reading.frame, features, source=reading.source, mode=mode)
    if mode == "upsert":
        known = replace(known, frame=with_stored_shapes(store, layer, known.frame))
    if layer != "cameras":
        return known, (), notes
    brought = "other_ids" in reading.mapping
    return rows_by_other_ids(store, known.frame, features, source=reading.source, brings_other_ids=brought), (), {}


def write_frame(
    store: Store,
    layer: str,
    frame: gpd.GeoDataFrame,
    features: np.ndarray,
    mode: WriteMode,
    actor: str,
    *,
    with_changes: bool = False,
    planned: str | None = None,
) -> WrittenRows:
    """Derive what is derived, compare where asked, and write, in one transaction.

    Parameters
    ----------
    features
        Number of the source feature of each row.
    with_changes
        Whether to tell what changes, row by row.
    planned
        As for ``write_reading``.
    """
    with store.transaction():
        if layer == "addresses" and len(frame):
            frame = frame.assign(
                grid=grid_codes_of_points(store, frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
            )
        outdated = outdated_rows(store, frame, features) if layer == "cameras" and mode != "replace" else {}
        if mode == "append" and outdated:
            raise _directions_known_error(outdated)
        changes = None
        if with_changes:
            changes = store.compare(layer, frame, mode, outdated=list(outdated))
            changes = replace(changes, state=f"{changes.state}{_derived(layer, frame)}")
            if planned is not None and changes.state != planned:
                raise PlanOutdated(
                    f"图层 {layer} 在预览之后有了变化；没有导入，请看新的预览",
                    f"layer {layer} has changed since the preview; nothing was imported, look at the new preview",
                )
        done = _write(store, layer, frame, features, mode, actor, outdated)
        return replace(done, changes=changes, frame=frame if with_changes else None, rows_made=len(frame))


def _write(
    store: Store,
    layer: str,
    frame: gpd.GeoDataFrame,
    features: np.ndarray,
    mode: WriteMode,
    actor: str,
    outdated: Mapping[str, int],
) -> WrittenRows:
    total = len(np.unique(features))
    if mode == "replace":  # the layer was emptied first
        counts = store.write(layer, frame, mode, actor=actor)
        return WrittenRows(total, 0, counts.unchanged, counts.removed)
    if len(features) == total and not outdated:
        counts = store.write(layer, frame, mode, actor=actor)
        return WrittenRows(total - counts.updated, counts.updated, counts.unchanged, 0)
    # A camera with several directions is one feature of several rows: updated if one of them existed.
    key = layer_of(layer).key
    known = set(store.read(layer)[key].tolist())
    counts = store.write(layer, frame, mode, actor=actor, outdated=list(outdated))
    was_there = set(features[frame[key].isin(known).to_numpy()].tolist()) | set(outdated.values())
    return WrittenRows(total - len(was_there), len(was_there), counts.unchanged, counts.removed)


def _derived(layer: str, frame: gpd.GeoDataFrame) -> str:
    """Return a text for what is derived from another layer, which may change while a plan waits."""
    if layer != "addresses":
        return ""
    values = "\n".join(map(str, frame["grid"].tolist())) if len(frame) else ""
    return f".{hashlib.sha256(values.encode()).hexdigest()[:32]}"


def _directions_known_error(outdated: Mapping[str, int]) -> Conflict:
    """Return the error of an ``append`` of cameras that are stored with other directions."""
    keys = sorted(outdated)
    return Conflict(
        f"图层 cameras 已有这些摄像机的 {len(keys)} 行，方向不同，第一个是 {keys[0]}",
        f"layer cameras already has {len(keys)} rows of these cameras, in other directions, first {keys[0]}",
        rows=[RowFault("cameras", one, "id", "键已存在 / the key is already there") for one in keys[:_MAX_NAMED]],
    )
