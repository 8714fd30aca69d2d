"""Compare two stored runs: the figures of every zone, and the gaps that only one of them has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.catalog.option_words import ZONES_JOINED, options_told
from geo.catalog.results import ALL, FIGURES, zone_layers_among
from geo.crs_metric import metric_crs_for
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.studies.stored_runs import zone_layers_of
from geo.types import Run

# Two gaps that share less area (m2) than this only share an edge.
_SHARED_M2 = 1e-6
#: Options that decide what a figure means.
_MEANING = ("level", "edition", "target_height", "domain")


@dataclass(frozen=True)
class Comparison:
    """How run `b` differs from run `a`.

    Attributes
    ----------
    zones
        Zone layer -> one row per zone: every figure of B minus A (docs/rules.md "Zones"), null where one has none.
    gaps_only_a, gaps_only_b
        Gaps of one run that share no area with a gap of the other.
    differing
        Option -> what it was in ``a`` and in ``b``, where that differs: the figures then differ for that reason too.
    """

    a: Run
    b: Run
    zones: Mapping[str, gpd.GeoDataFrame]
    gaps_only_a: gpd.GeoDataFrame
    gaps_only_b: gpd.GeoDataFrame
    differing: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    @property
    def caution(self) -> str:
        """A sentence that names the differing options, ``中文 / English``; empty where there are none."""
        if not self.differing:
            return ""
        zh, en = options_told(self.differing)
        return sentence(
            f"两个批次的选项不同，差值也含选项之差：{zh}",
            f"the runs have different options, which the differences are of too: {en}",
        )


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
    >>> counts = {"layers": {"grids": 1, "gaps": 1}}
    >>> for run_id, share in (("a", 0.25), ("b", 0.75)):
    ...     square = [shapely.box(103.1, 37.6, 103.2, 37.7)]
    ...     grid = gpd.GeoDataFrame({"code": ["g1"], "sure_share": [share]}, geometry=square, crs="EPSG:4326")
    ...     gap = gpd.GeoDataFrame({"rank": [1]}, geometry=square, crs="EPSG:4326")
    ...     store.save_run(Run(run_id, "2026-03-01T00:00:00.000Z", {}, counts, {"grids": grid, "gaps": gap}))
    >>> found = compare(store, "a", "b")
    >>> found.zones["grids"][["code", "sure_share"]].values.tolist()
    [['g1', 0.5]]
    >>> len(found.gaps_only_a), len(found.gaps_only_b)
    (0, 0)
    >>> store.close()
    >>> folder.cleanup()
    """
    with store.snapshot():  # the latest may become another one meanwhile
        before, after = (store.run(one, layers=[*zone_layers_of(store, one), "gaps"]) for one in (a, b))
    names = zone_layers_among({*before.layers} & {*after.layers})
    zones = {name: _figures_difference(before.layers[name], after.layers[name]) for name in names}
    old, new = before.layers["gaps"], after.layers["gaps"].to_crs(before.layers["gaps"].crs)
    only_a, only_b = old[_without_shared_area(old, new)], new[_without_shared_area(new, old)]
    return Comparison(before, after, zones, only_a, only_b, differing_options(before, after))


def differing_options(a: Run, b: Run) -> dict[str, tuple[Any, Any]]:
    """Return the options that decide what a figure means and differ between two runs, with both values.

    The domain and the zones are those that were used, whatever was asked for; the day of the data is what runs are
    compared for.

    Examples
    --------
    >>> a = Run("0190", "", {"domain": "auto"}, {"level": "detect", "domain": "streets"})
    >>> b = Run("0191", "", {"domain": "streets"}, {"level": "identify", "domain": "streets"})
    >>> differing_options(a, b)
    {'level': ('detect', 'identify')}
    """
    pairs = {name: tuple(run.summary.get(name, run.options.get(name)) for run in (a, b)) for name in _MEANING}
    # Layers that only one run has are left out of the comparison, and gaps are cut by the finest of them (rule G1).
    pairs["zones"] = tuple(
        ZONES_JOINED.join(name for name in zone_layers_among(run.layers) if name != ALL) or ALL for run in (a, b)
    )
    return {name: (one, other) for name, (one, other) in pairs.items() if one != other}


def camera_changes(store: Store, a: str, b: str) -> dict[str, int] | None:
    """Return how many cameras only one of two runs has, and how many both have whose view, status or site differs.

    A run keeps of each camera its view, not its row: a view also differs where a building, the level or the height of
    the target does. None where a run kept no views. Only cameras that the caller of the store may see are counted.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import geopandas as gpd, shapely
    >>> from geo.storage.geopackage.store import open_store
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> for run_id, ids, reach in (("a", ["c1", "c2"], [50.0, 50.0]), ("b", ["c2", "c3", "c4"], [60.0, 50.0, 50.0])):
    ...     shapes = [shapely.box(103.1, 37.6, 103.2, 37.7)] * len(ids)
    ...     views = gpd.GeoDataFrame({"id": ids, "range_m": reach}, geometry=shapes, crs="EPSG:4326")
    ...     summary = {"layers": {"views": len(ids)}}
    ...     store.save_run(Run(run_id, "2026-03-01T00:00:00.000Z", {}, summary, {"views": views}))
    >>> camera_changes(store, "a", "b")
    {'added': 2, 'removed': 1, 'changed': 1}
    >>> turned = views.assign(geometry=views.rotate(90, origin=(103.1, 37.6)))
    >>> store.save_run(Run("c", "2026-03-01T00:00:00.000Z", {}, summary, {"views": turned}))
    >>> camera_changes(store, "b", "c")
    {'added': 0, 'removed': 0, 'changed': 3}
    >>> store.close()
    >>> folder.cleanup()
    """
    with store.snapshot():
        if any("views" not in store.run(one, layers=[]).summary.get("layers", {}) for one in (a, b)):
            return None
        before, after = ({row["id"]: row for row in store.run_rows(one, "views")} for one in (a, b))
        equal = [one for one in before.keys() & after.keys() if before[one] == after[one]]
        shapes = [store.run(one, layers=["views"]).layers["views"].set_index("id").geometry for one in (a, b)]
    # A view that was turned may be as large as before.
    old, new = (np.asarray(one.reindex(equal)) for one in shapes)
    same = shapely.equals_exact(old, new, tolerance=0) | (shapely.is_missing(old) & shapely.is_missing(new))
    return {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": len(before.keys() & after.keys()) - int(same.sum()),
    }


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
