"""Check the layers of a store and rank the findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from geo.catalog.layers import LAYERS
from geo.catalog.layers import layer as layer_of
from geo.check.checks import check as check_frames
from geo.check.grid_rows import Principles
from geo.storage.protocol import Store
from geo.types import Finding, Progress, no_progress


def check(
    store: Store,
    layers: Sequence[str] = (),
    *,
    principles: Principles | None = None,
    progress: Progress = no_progress,
) -> list[Finding]:
    """Return findings on the layers, most severe first.

    Parameters
    ----------
    store
        The store to read.
    layers
        Layers to report on; empty for all. The others are read too, since some checks compare two layers.

    principles
        By which grids were drawn: bands and barriers are held against them only then.

    Raises
    ------
    UnknownName
        There is no such layer.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     _ = store.write("cameras", camera, "upsert", actor="li")
    ...     [(finding.severity, finding.code, finding.keys) for finding in check(store)]
    [('error', 'camera-at-origin', ('c1',))]
    >>> folder.cleanup()
    """
    for name in layers:
        layer_of(name)
    frames = {}
    for done, name in enumerate(LAYERS):
        progress(f"读取图层 {name} / reading layer {name}", done / len(LAYERS) / 2)
        frames[name] = store.read(name)
    progress("检查 / checking", 0.5)
    found = check_frames({name: frame for name, frame in frames.items() if len(frame)}, principles=principles)
    progress("检查完成 / checked", 1.0)
    mine = [one for one in found if not layers or one.layer in layers]
    return [replace(one, rank=rank) for rank, one in enumerate(mine, 1)]
