"""Ask stored runs: their gaps, what an outage would cost, and how two runs differ."""

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
from geo.crs import metric_crs_for
from geo.errors import BadValue, NotFound, UnknownName
from geo.storage.protocol import Store
from geo.types import Run

# Two gaps that share less than this, in m2, share an edge and no area.
_SHARED_M2 = 1e-6


@dataclass(frozen=True)
class Comparison:
    """Hold how run `b` differs from run `a`.

    Attributes
    ----------
    zones
        Zone layer -> one row a zone: every figure of B minus A (units of RULES "Zones"), null where one has none.
    gone
        Gaps of A that share no area with a gap of B.
    new
        Gaps of B that share no area with a gap of A.
    """

    a: Run
    b: Run
    zones: Mapping[str, gpd.GeoDataFrame]
    gone: gpd.GeoDataFrame
    new: gpd.GeoDataFrame


def gaps(store: Store, run_id: str = "latest", *, zone: str | None = None) -> tuple[Run, gpd.GeoDataFrame]:
    """Return a run and its gaps by rank, those of one grid when `zone` names it; raise NotFound for either."""
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
    """Return a run and its zone figures as they would be without these sites.

    Raises
    ------
    NotFound
        The run, a site or the zone layer does not exist.
    BadValue
        No site is named, or the run kept no incidence.
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
    """Return how run `b` differs from run `a`; raise NotFound where one does not exist."""
    before, after = store.run(a), store.run(b)
    names = [name for name in (*ZONE_LAYERS, "all") if name in before.layers and name in after.layers]
    zones = {name: _difference(before.layers[name], after.layers[name]) for name in names}
    old, new = before.layers["gaps"], after.layers["gaps"].to_crs(before.layers["gaps"].crs)
    return Comparison(before, after, zones, old[_alone(old, new)], new[_alone(new, old)])


def require_sites(run: Run, sites: Sequence[str]) -> None:
    """Raise NotFound unless every site is among the run's views as they were read; BadValue where none is named."""
    if not sites:
        raise BadValue("没有写明点位", "no site is named")
    known = set(run.layers["views"]["site"].astype(str))
    missing = [site for site in sites if site not in known]
    if missing:
        listed = ", ".join(missing[:5])
        raise NotFound(f"批次中没有点位 {listed}", f"the run has no site {listed}")


def require_zone_layer(run: Run, layer: str) -> None:
    """Raise UnknownName unless the run has figures for the zone layer."""
    there = [name for name in (*ZONE_LAYERS, "all") if name in run.layers]
    if layer not in there:
        raise UnknownName(
            f"此批次没有区域图层 {layer}，有：{'、'.join(there)}",
            f"this run has no zone layer {layer}; it has: {', '.join(there)}",
        )


def _zone_layers(store: Store, run_id: str) -> list[str]:
    for run in store.runs():
        if run_id in ("latest", run.id):
            there = run.summary.get("layers", {})
            return [name for name in (*ZONE_LAYERS, "all") if name in there]
    raise NotFound(f"没有批次 {run_id}", f"no run {run_id}")


def _require_zone(store: Store, run_id: str, zone: str) -> None:
    layers = _zone_layers(store, run_id)
    run = store.run(run_id, layers=layers)
    if not any((frame["code"].astype(str) == zone).any() for frame in run.layers.values() if "code" in frame):
        raise NotFound(f"批次中没有区域 {zone}", f"the run has no zone {zone}")


def _difference(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return every figure of B minus A by code, shapes of B where it has the zone."""
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


def _alone(mine: gpd.GeoDataFrame, others: gpd.GeoDataFrame) -> np.ndarray:
    """Tell which gaps share no area with any of the others; points and lines share none unless they are the same."""
    alone = np.ones(len(mine), bool)
    if not len(mine) or not len(others):
        return alone
    computing = metric_crs_for(mine, others)
    left, right = mine.geometry.to_crs(computing).values, others.geometry.to_crs(computing).values
    a, b = shapely.STRtree(np.asarray(right)).query(np.asarray(left), predicate="intersects")
    both = shapely.intersection(np.asarray(left)[a], np.asarray(right)[b])
    flat = shapely.get_dimensions(np.asarray(left)[a]) < 2
    alone[a[(shapely.area(both) > _SHARED_M2) | (flat & ~shapely.is_empty(both))]] = False
    return alone
