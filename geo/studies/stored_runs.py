"""Query a stored run: its gaps, and the zone layers that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo.catalog.results import ZONE_LAYERS
from geo.errors import NotFound, UnknownName
from geo.storage.protocol import Store
from geo.types import Run

if TYPE_CHECKING:
    import geopandas as gpd


def gaps(store: Store, run_id: str = "latest", *, zone: str | None = None) -> tuple[Run, gpd.GeoDataFrame]:
    """Return a run and its gaps by rank, only those of grid `zone` where it is given; raise NotFound for either.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.6]])
    >>> gap = gpd.GeoDataFrame({"rank": [2, 1], "grid": ["g1", "g2"]}, geometry=points, crs="EPSG:4326")
    >>> store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={}, layers={"gaps": gap}))
    >>> run, frame = gaps(store)
    >>> run.id, frame["grid"].tolist()
    ('0190', ['g2', 'g1'])
    >>> gaps(store, zone="g1")[1]["rank"].tolist()
    [2]
    >>> store.close()
    >>> folder.cleanup()
    """
    run = store.run(run_id, layers=["gaps"])
    frame = run.layers["gaps"].sort_values("rank", kind="stable")
    if zone is not None:
        frame = frame[frame["grid"].astype("string").eq(zone).fillna(False).to_numpy(bool)]
        if not len(frame):
            _require_zone(store, run.id, zone)
    return run, frame


def gap_rows(store: Store, run_id: str = "latest", *, zone: str | None = None) -> tuple[Run, list[dict[str, Any]]]:
    """Return what ``gaps`` does, the gaps as plain rows without geometries: no frame is created for them.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> points = shapely.points([[103.1, 37.6], [103.2, 37.6]])
    >>> gap = gpd.GeoDataFrame({"rank": [2, 1], "grid": ["g1", "g2"]}, geometry=points, crs="EPSG:4326")
    >>> store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={}, layers={"gaps": gap}))
    >>> gap_rows(store)[1]
    [{'rank': 1, 'grid': 'g2'}, {'rank': 2, 'grid': 'g1'}]
    >>> store.close()
    >>> folder.cleanup()
    """
    run = store.run(run_id, layers=[])
    rows = sorted(store.run_rows(run.id, "gaps"), key=lambda row: row["rank"])
    if zone is not None:
        rows = [row for row in rows if row["grid"] == zone]
        if not rows:
            _require_zone(store, run.id, zone)
    return run, rows


def require_zone_layer(run: Run, layer: str) -> None:
    """Raise UnknownName unless the run has figures of the zone layer.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> grids = gpd.GeoDataFrame({"code": ["g1"]}, geometry=[shapely.box(0, 0, 1, 1)], crs="EPSG:4326")
    >>> run = Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={}, layers={"grids": grids})
    >>> require_zone_layer(run, "grids")
    >>> require_zone_layer(run, "villages")
    Traceback (most recent call last):
    geo.errors.UnknownName: 此批次没有区域图层 villages，有：grids / this run has no zone layer villages; it has: grids
    """
    available = [name for name in (*ZONE_LAYERS, "all") if name in run.layers]
    if layer not in available:
        raise UnknownName(
            f"此批次没有区域图层 {layer}，有：{'、'.join(available)}",
            f"this run has no zone layer {layer}; it has: {', '.join(available)}",
        )


def zone_layers_of(store: Store, run_id: str) -> list[str]:
    """Return the zone layers of a run without loading them, ``all`` last; raise NotFound where there is no such run.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> with open_store(Path(folder.name) / "workspace.gpkg") as store:
    ...     store.save_run(Run("0190", "2026-03-01T00:00:00.000Z", {}, {"layers": {"all": 1, "grids": 2, "gaps": 3}}))
    ...     zone_layers_of(store, "latest")
    ['grids', 'all']
    >>> folder.cleanup()
    """
    for run in store.runs():
        if run_id in ("latest", run.id):
            available = run.summary.get("layers", {})
            return [name for name in (*ZONE_LAYERS, "all") if name in available]
    raise NotFound(f"没有批次 {run_id}", f"no run {run_id}")


def _require_zone(store: Store, run_id: str, zone: str) -> None:
    for layer in zone_layers_of(store, run_id):
        if any(str(row["code"]) == zone for row in store.run_rows(run_id, layer) if row.get("code") is not None):
            return
    raise NotFound(f"批次中没有区域 {zone}", f"the run has no zone {zone}")
