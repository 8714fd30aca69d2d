"""Query stored runs: their gaps, figures without some sites, and differences between two runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.assessment.figures import outage as outage_of
from geo.assessment.incidence import Incidence
from geo.catalog.results import FIGURES, ZONE_LAYERS
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, NotFound, UnknownName
from geo.storage.protocol import Store
from geo.types import Run

# Two gaps that share less area (m2) than this only share an edge.
_SHARED_M2 = 1e-6


@dataclass(frozen=True)
class Comparison:
    """How run `b` differs from run `a`.

    Attributes
    ----------
    zones
        Zone layer -> one row per zone: every figure of B minus A (units of RULES "Zones"), null where one has none.
    gaps_only_a, gaps_only_b
        Gaps of one run that share no area with a gap of the other.
    """

    a: Run
    b: Run
    zones: Mapping[str, gpd.GeoDataFrame]
    gaps_only_a: gpd.GeoDataFrame
    gaps_only_b: gpd.GeoDataFrame


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
    if not sites:
        raise BadValue("没有写明点位", "no site is named")
    run = store.run(run_id, layers=["views", *_zone_layers(store, run_id)], incidence=True)
    if run.incidence is None:
        raise BadValue("此批次没有保存关联模型，请重新分析", "this run kept no incidence; analyse again")
    require_zone_layer(run, layer)
    require_sites(run, sites)
    zones = {name: run.layers[name] for name in ZONE_LAYERS if name in run.layers}
    model = Incidence.from_bytes(run.incidence, zones)
    return run, outage_of(model, list(dict.fromkeys(sites)), layer)


def compare(store: Store, a: str, b: str) -> Comparison:
    """Return how run `b` differs from run `a`; raise NotFound where one does not exist.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> for run_id, share in (("a", 0.25), ("b", 0.75)):
    ...     square = [shapely.box(103.1, 37.6, 103.2, 37.7)]
    ...     grid = gpd.GeoDataFrame({"code": ["g1"], "sure_share": [share]}, geometry=square, crs="EPSG:4326")
    ...     gap = gpd.GeoDataFrame({"rank": [1]}, geometry=square, crs="EPSG:4326")
    ...     store.save_run(Run(run_id, "2026-03-01T00:00:00.000Z", {}, {}, {"grids": grid, "gaps": gap}))
    >>> found = compare(store, "a", "b")
    >>> found.zones["grids"][["code", "sure_share"]].values.tolist()
    [['g1', 0.5]]
    >>> len(found.gaps_only_a), len(found.gaps_only_b)
    (0, 0)
    >>> store.close()
    >>> folder.cleanup()
    """
    before, after = store.run(a), store.run(b)
    names = [name for name in (*ZONE_LAYERS, "all") if name in before.layers and name in after.layers]
    zones = {name: _figures_difference(before.layers[name], after.layers[name]) for name in names}
    old, new = before.layers["gaps"], after.layers["gaps"].to_crs(before.layers["gaps"].crs)
    return Comparison(before, after, zones, old[_without_shared_area(old, new)], new[_without_shared_area(new, old)])


def require_sites(run: Run, sites: Sequence[str]) -> None:
    """Raise NotFound unless every site is among the views of the run; BadValue where none is given.

    Examples
    --------
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
    for run in store.runs():
        if run_id in ("latest", run.id):
            available = run.summary.get("layers", {})
            return [name for name in (*ZONE_LAYERS, "all") if name in available]
    raise NotFound(f"没有批次 {run_id}", f"no run {run_id}")


def _require_zone(store: Store, run_id: str, zone: str) -> None:
    layers = _zone_layers(store, run_id)
    run = store.run(run_id, layers=layers)
    if not any((frame["code"].astype(str) == zone).any() for frame in run.layers.values() if "code" in frame):
        raise NotFound(f"批次中没有区域 {zone}", f"the run has no zone {zone}")


def _figures_difference(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every figure of B minus A by code, with the geometry of B where it has the zone."""
    key = "code" if "code" in before and "code" in after else None
    old = before.set_index(key) if key else before.reset_index(drop=True)
    new = after.set_index(key) if key else after.reset_index(drop=True)
    codes = new.index.union(old.index, sort=True)
    old, new = old.reindex(codes), new.reindex(codes)
    shape = new.geometry.where(~new.geometry.isna().to_numpy(), old.geometry.to_crs(new.crs))
    figures = [name for name in new.columns if name in old.columns and name in FIGURES]
    columns = {name: pd.to_numeric(new[name]) - pd.to_numeric(old[name]) for name in figures}
    if "name" in new.columns:
        columns = {"name": new["name"].where(new["name"].notna(), old["name"]), **columns}
    return gpd.GeoDataFrame(columns, geometry=shape, crs=after.crs, index=codes).reset_index(names=key or "zone")


def _without_shared_area(mine: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> np.ndarray:
    """Return which gaps share no area with any of the others; points and lines share none unless they intersect."""
    without = np.ones(len(mine), bool)
    if not len(mine) or not len(others):
        return without
    computing = metric_crs_for(mine, others)
    left, right = mine.geometry.to_crs(computing).values, others.geometry.to_crs(computing).values
    a, b = shapely.STRtree(np.asarray(right)).query(np.asarray(left), predicate="intersects")
    both = shapely.intersection(np.asarray(left)[a], np.asarray(right)[b])
    flat = shapely.get_dimensions(np.asarray(left)[a]) < 2
    without[a[(shapely.area(both) > _SHARED_M2) | (flat & ~shapely.is_empty(both))]] = False
    return without
