"""Query a stored run: its gaps, and its figures without some sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geo.catalog.results import ZONE_LAYERS
from geo.errors import BadValue, NotFound, UnknownName
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


def outage(
    store: Store, sites: Sequence[str], run_id: str = "latest", *, layer: str = "grids"
) -> tuple[Run, gpd.GeoDataFrame]:
    """Return a run and its zone figures without these sites.

    Raises
    ------
    NotFound
        The run, a site or the zone layer does not exist.
    BadValue
        No site is given, or the run was stored without its incidence model.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> grid = gpd.GeoDataFrame(
    ...     {"code": ["g1"], "level": [1]}, geometry=[shapely.box(103.1, 37.6, 103.101, 37.601)], crs="EPSG:4326"
    ... )
    >>> camera = gpd.GeoDataFrame(
    ...     {"id": ["c1"], "azimuth": [0.0]}, geometry=[shapely.Point(103.1005, 37.6005)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li"), store.write("cameras", camera, "upsert", actor="li")
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> run = analyze(store, AnalyzeOptions(domain="all"))
    >>> run, without = outage(store, ["c1"])
    >>> bool(run.layers["grids"]["sure_share"].iloc[0] > 0), without["sure_share"].tolist()
    (True, [0.0])
    >>> store.close()
    >>> folder.cleanup()
    """
    run, frames = outages(store, sites, run_id, layers=[layer])
    return run, frames[layer]


def outages(
    store: Store, sites: Sequence[str], run_id: str = "latest", *, layers: Sequence[str]
) -> tuple[Run, dict[str, gpd.GeoDataFrame]]:
    """Return a run with its stored zone figures, and these of several zone layers without the sites; see ``outage``."""
    from geo.assessment.figures import outage as outage_of  # noqa: PLC0415 (gaps need none of it)
    from geo.assessment.incidence import Incidence  # noqa: PLC0415

    if not sites:
        raise BadValue("没有写明点位", "no site is named")
    with store.snapshot():  # the latest may become another one meanwhile
        run = store.run(run_id, layers=["views", *_zone_layers(store, run_id)], incidence=True)
    if run.incidence is None:
        raise BadValue("此批次没有保存关联模型，请重新分析", "this run kept no incidence; analyse again")
    for layer in layers:
        require_zone_layer(run, layer)
    require_sites(run, sites)
    zones = {name: run.layers[name] for name in ZONE_LAYERS if name in run.layers}
    model = Incidence.from_bytes(run.incidence, zones)
    return run, {layer: outage_of(model, list(dict.fromkeys(sites)), layer) for layer in layers}


def require_sites(run: Run, sites: Sequence[str]) -> None:
    """Raise NotFound unless every site is among the views of the run; BadValue where none is given.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> views = gpd.GeoDataFrame({"site": ["P1", "P2"]}, geometry=shapely.points([[0, 0], [1, 1]]), crs="EPSG:4326")
    >>> run = Run("0190", "2026-03-01T00:00:00.000Z", options={}, summary={}, layers={"views": views})
    >>> require_sites(run, ["P1"])
    >>> require_sites(run, ["P1", "P3"])
    Traceback (most recent call last):
    geo.errors.NotFound: 批次中没有点位 P3 / the run has no site P3
    """
    if not sites:
        raise BadValue("没有写明点位", "no site is named")
    known = set(run.layers["views"]["site"].astype(str))
    missing = [site for site in sites if site not in known]
    if missing:
        listed = ", ".join(missing[:5])
        raise NotFound(f"批次中没有点位 {listed}", f"the run has no site {listed}")


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


def _zone_layers(store: Store, run_id: str) -> list[str]:
    available = store.run(run_id, layers=[]).summary.get("layers", {})
    return [name for name in (*ZONE_LAYERS, "all") if name in available]


def _require_zone(store: Store, run_id: str, zone: str) -> None:
    for layer in _zone_layers(store, run_id):
        if any(str(row["code"]) == zone for row in store.run_rows(run_id, layer) if row.get("code") is not None):
            return
    raise NotFound(f"批次中没有区域 {zone}", f"the run has no zone {zone}")
