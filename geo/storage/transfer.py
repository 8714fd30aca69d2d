"""Transfer all data between a workspace and a server database, in either direction (``gridsight db move``)."""

from __future__ import annotations

from geo.catalog.layers import LAYERS
from geo.errors import Conflict
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry
from geo.types import Progress, no_progress


def transfer_store(source: Store, target: Store, *, progress: Progress = no_progress) -> dict[str, int]:
    """Copy all layers with their history and revisions, all runs with their ids, and the settings, to an empty store.

    Settings are the time zone and those of base maps, whose files stay where they are. The source is read in one
    snapshot and the target written in one transaction: after an error the target is unchanged. The source is
    unchanged. Keys, jobs and audit belong to the installation and are not transferred. Townships are assigned again by
    the transferred divisions.

    Parameters
    ----------
    source, target
        Any two stores, both for an admin.
    progress
        Called with the layer or run in progress.

    Returns
    -------
    counts
        Layer -> current rows; ``history`` -> past versions of all; ``runs``; ``drafts``; ``grid_drafts``.

    Raises
    ------
    Conflict
        The target has a row, a past version or a run.
    BadValue, BadGeometry
        A row that another program wrote into the source cannot be stored; the error lists it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> source, target = (open_store(Path(folder.name) / name) for name in ("a.gpkg", "b.gpkg"))
    >>> camera = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [103.1, 37.6]}, "properties": {}}
    >>> source.put("cameras", "c1", camera, if_version=0, actor="li")
    1
    >>> counts = transfer_store(source, target)
    >>> counts["cameras"], target.get("cameras", "c1") == source.get("cameras", "c1")
    (1, True)
    >>> source.close(), target.close()
    (None, None)
    >>> folder.cleanup()
    """
    counts = dict.fromkeys((*LAYERS, "history", "runs", "drafts", "grid_drafts"), 0)
    with source.snapshot(), target.transaction():
        if target.runs():
            raise Conflict("目标已有分析批次", "the target holds runs already")
        target.set_time_zone(source.time_zone())
        for base in source.base_maps():
            target.save_base_map(base)
        ids = [run.id for run in reversed(source.runs())]
        steps = len(LAYERS) + len(ids)
        for done, name in enumerate(LAYERS):
            progress(f"转移图层 {name} / transferring layer {name}", done / steps)
            layer_history = source.versions(name)
            target.restore(name, layer_history)
            counts[name] = len(layer_history.current)
            counts["history"] += len(layer_history.history)
        for done, run_id in enumerate(ids, start=len(LAYERS)):
            progress(f"转移批次 {run_id} / transferring run {run_id}", done / steps)
            target.restore_run(source.stored_run(run_id))
        for run_id, given in source.run_names().items():
            if run_id in ids:
                target.name_run(run_id, given)
        counts["runs"] = len(ids)
        for draft in reversed(source.drafts()):
            target.save_draft(draft, if_version=0)
            counts["drafts"] += 1
        for grid_draft in reversed(source.grid_drafts()):
            target.save_grid_draft(grid_draft, if_version=0)
            counts["grid_drafts"] += 1
        target.record(AuditEntry("import", detail={"moved_from": source.name, **counts}))
    progress("完成 / done", 1.0)
    return counts
