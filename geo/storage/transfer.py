"""Carry everything from one store to another, between desk and server both ways (``gridsight db move``)."""

from __future__ import annotations

from geo.catalog.layers import LAYERS
from geo.errors import Conflict
from geo.storage.protocol import Store
from geo.storage.records import Deed
from geo.types import Progress, silent


def move(source: Store, target: Store, *, progress: Progress = silent) -> dict[str, int]:
    """Copy all layers with their history and revisions, and all runs with their ids, into an empty store.

    The source is read in one snapshot and the target written in one transaction: whatever goes wrong, the target is as
    it was. The source stays as it is. What belongs to a place and not to the data is left behind: keys, jobs, audit.
    Townships are found anew by the divisions that are moved.

    Parameters
    ----------
    source, target
        Any stores; both as an admin.
    progress
        Told which layer or run is under way.

    Returns
    -------
    counts
        Layer -> current rows; ``history`` -> past versions of all; ``runs``.

    Raises
    ------
    Conflict
        The target holds a row, a past version or a run.
    BadValue, BadGeometry
        A row that another program wrote into the source cannot be stored; it is named.
    """
    counts = dict.fromkeys((*LAYERS, "history", "runs"), 0)
    with source.snapshot(), target.transaction():
        if target.runs():
            raise Conflict("目标已有运行结果", "the target holds runs already")
        ids = [run.id for run in reversed(source.runs())]
        steps = len(LAYERS) + len(ids)
        for done, name in enumerate(LAYERS):
            progress(f"搬移图层 {name} / moving layer {name}", done / steps)
            versions = source.versions(name)
            target.restore(name, versions)
            counts[name] = len(versions.current)
            counts["history"] += len(versions.history)
        for done, run_id in enumerate(ids, start=len(LAYERS)):
            progress(f"搬移运行 {run_id} / moving run {run_id}", done / steps)
            target.restore_run(source.stored_run(run_id))
        counts["runs"] = len(ids)
        target.record(Deed("import", detail={"moved_from": source.name, **counts}))
    progress("完成 / done", 1.0)
    return counts
