"""Bring files and frames into a store: read, check, derive, write in one transaction, report."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np

from geo.catalog.layers import layer as layer_of
from geo.errors import UnknownName
from geo.readers.reading import read_layer
from geo.readers.rejects_file import write_rejects
from geo.storage.protocol import Mode, Store
from geo.studies.locate_positions import grid_of_points
from geo.types import ImportReport, Progress, silent

_MODES = ("upsert", "replace", "append")


def import_file(
    store: Store,
    path: Path,
    layer: str,
    *,
    mode: Mode = "upsert",
    source_layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    profile: str | None = None,
    mapping: Mapping[str, str] | None = None,
    rejects: Path | None = None,
    actor: str = "local",
    progress: Progress = silent,
) -> ImportReport:
    """Import one file into one layer: good rows go in, rejected rows are listed in a file.

    Parameters
    ----------
    store
        Where to write.
    path
        Any file the readers know.
    layer
        The layer it belongs to; obstacles reads buildings.
    mode
        ``upsert``, ``replace`` or ``append`` (CONTRACT section 1).
    source_layer, crs, encoding, profile, mapping
        How to read the file where it does not say so itself.
    rejects
        Where to list rejected rows; None is ``<file>.<layer>.rejects.csv`` in the working directory.
    actor
        Who imports, for the history.

    Raises
    ------
    UnknownName, UnreadableFile, UnknownCrs, BadValue, Conflict, StoreBusy
        Nothing was written.
    """
    start = time.perf_counter()
    layer_of(layer)
    if mode not in _MODES:
        raise UnknownName(f"没有导入方式 {mode}", f"no import mode {mode}; there are: {', '.join(_MODES)}")
    progress(f"读取 {path.name} / reading {path.name}", 0.0)
    reading = read_layer(
        path, layer, source_layer=source_layer, crs=crs, encoding=encoding, profile=profile, mapping=mapping
    )
    progress(f"写入图层 {layer} / writing layer {layer}", 0.5)
    imported, updated = _write(store, layer, reading.frame, np.asarray(reading.features), mode, actor)
    kept = imported + updated
    rejects_file = None
    if reading.rejects:
        rejects_file = rejects or Path(f"{path.stem}.{layer}.rejects.csv")
        write_rejects(reading.rejects, rejects_file)
    progress("完成 / done", 1.0)
    return ImportReport(
        layer=layer,
        source=reading.source,
        store=store.name,
        read=reading.read,
        imported=imported,
        updated=updated,
        rejected=reading.read - kept,
        rows_made=len(reading.frame),
        crs=reading.crs,
        mapping=dict(reading.mapping),
        assumed=dict(reading.assumed),
        dropped_columns=list(reading.dropped_columns),
        rejects=list(reading.rejects),
        rejects_file=str(rejects_file) if rejects_file else None,
        seconds=round(time.perf_counter() - start, 3),
    )


def import_frames(
    store: Store, frames: Mapping[str, gpd.GeoDataFrame], *, actor: str = "local", progress: Progress = silent
) -> dict[str, int]:
    """Write whole frames, one a layer, each replacing what the layer held; return the rows written by layer."""
    counts: dict[str, int] = {}
    # Addresses come last: their grid is derived from the grids.
    order = sorted(frames, key=lambda name: name == "addresses")
    for done, name in enumerate(order):
        progress(f"写入图层 {name} / writing layer {name}", done / len(order))
        _write(store, name, frames[name], np.arange(len(frames[name])), "replace", actor)
        counts[name] = len(frames[name])
    progress("导入完成 / imported", 1.0)
    return counts


def _write(
    store: Store, layer: str, frame: gpd.GeoDataFrame, features: np.ndarray, mode: Mode, actor: str
) -> tuple[int, int]:
    """Write in one transaction; return how many source features were imported and updated."""
    with store.transaction():
        if layer == "addresses" and len(frame):
            frame = frame.assign(grid=grid_of_points(store, frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()))
        total = len(np.unique(features))
        if len(features) == total or mode == "replace":
            counts = store.write(layer, frame, mode, actor=actor)
            updated = counts.updated
        else:
            # A camera that looks several ways is one feature of several rows: updated when one of them was there.
            key = layer_of(layer).key
            known = set(store.read(layer)[key].tolist())
            store.write(layer, frame, mode, actor=actor)
            updated = len(np.unique(features[frame[key].isin(known).to_numpy()]))
        if mode == "replace":
            updated = 0  # the layer was emptied first
    return total - updated, updated
