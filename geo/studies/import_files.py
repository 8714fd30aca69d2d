"""Import files and frames into a store: read, check, derive, write in one transaction, report."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np

from geo.catalog.layers import layer as layer_of
from geo.catalog.options import IMPORT_MODES
from geo.errors import UnknownName
from geo.readers.reading import read_layer
from geo.readers.rejects_file import write_rejects
from geo.storage.protocol import Store, WriteMode
from geo.studies.locate_positions import grid_codes_of_points
from geo.types import ImportReport, Progress, no_progress


def import_file(
    store: Store,
    path: Path,
    layer: str,
    *,
    mode: WriteMode = "upsert",
    source_layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    profile: str | None = None,
    mapping: Mapping[str, str] | None = None,
    rejects: Path | None = None,
    actor: str = "local",
    progress: Progress = no_progress,
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
    mode
        ``upsert``, ``replace`` or ``append`` (docs/contract.md section 1).
    source_layer, crs, encoding, profile, mapping
        How to read the file: see `geo.readers.reading.read_layer`.
    rejects
        File for rejected rows; None for no file: the report names them all the same.
    actor
        Name of the writer, for the history.

    Raises
    ------
    UnknownName, UnreadableFile, UnknownCrs, BadValue, Conflict, StoreBusy
        Nothing was written.

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
    layer_of(layer)
    if mode not in IMPORT_MODES:
        raise UnknownName(f"没有导入方式 {mode}", f"no import mode {mode}; there are: {', '.join(IMPORT_MODES)}")
    progress(f"读取 {path.name} / reading {path.name}", 0.0)
    reading = read_layer(
        path, layer, source_layer=source_layer, crs=crs, encoding=encoding, profile=profile, mapping=mapping
    )
    progress(f"写入图层 {layer} / writing layer {layer}", 0.5)
    imported, updated = _write(store, layer, reading.frame, np.asarray(reading.features), mode, actor)
    kept = imported + updated
    rejects_file = rejects if reading.rejects else None
    if rejects_file is not None:
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
        progress(f"写入图层 {name} / writing layer {name}", done / len(order))
        _write(store, name, frames[name], np.arange(len(frames[name])), "replace", actor)
        counts[name] = len(frames[name])
    progress("导入完成 / imported", 1.0)
    return counts


def _write(
    store: Store, layer: str, frame: gpd.GeoDataFrame, features: np.ndarray, mode: WriteMode, actor: str
) -> tuple[int, int]:
    """Write in one transaction; return how many source features were imported and updated."""
    with store.transaction():
        if layer == "addresses" and len(frame):
            frame = frame.assign(
                grid=grid_codes_of_points(store, frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
            )
        total = len(np.unique(features))
        if len(features) == total or mode == "replace":
            counts = store.write(layer, frame, mode, actor=actor)
            updated = counts.updated
        else:
            # A camera with several directions is one feature of several rows: updated if one of them existed.
            key = layer_of(layer).key
            known = set(store.read(layer)[key].tolist())
            store.write(layer, frame, mode, actor=actor)
            updated = len(np.unique(features[frame[key].isin(known).to_numpy()]))
        if mode == "replace":
            updated = 0  # the layer was emptied first
    return total - updated, updated
