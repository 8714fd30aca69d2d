"""Ask a stored run for sectors and rounds of what its cameras do not see, also without some of them (rule P8)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.division_codes import compared_code
from geo.crs import to_wgs84
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, NotFound
from geo.network.patrol import Patrol, Sector, patrol
from geo.sentences import sentence
from geo.storage.protocol import Store
from geo.studies.stored_runs import layers_of_day
from geo.studies.usable_rows import usable_rows
from geo.types import Run

#: More sectors than a county has patrols.
MOST_SECTORS = 200
#: Decimals of degrees: a centimetre.
_DECIMALS = 7
#: Names in one note, which a sheet has room for; JSON has all.
_NAMED = 30


@dataclass(frozen=True)
class RunPatrol:
    """The patrol of a run, its shapes in WGS-84 degrees.

    Attributes
    ----------
    run
        The run, without layers.
    patrol
        Sectors by number, what is left out, and notes.
    longer
        Sectors whose round is longer than the length asked for -> in how many parts it would be walked.
    without
        The sites and cameras that are taken as failed, as they were asked for; the first of the notes names them.
    """

    run: Run
    patrol: Patrol
    longer: dict[int, int]
    without: tuple[str, ...] = ()


def patrol_of_run(
    store: Store,
    sectors: int,
    run_id: str = "latest",
    *,
    length_m: float | None = None,
    without: Sequence[str] = (),
    townships: Collection[str] | None = None,
    visible: Collection[str] | None = None,
    work: Callable[[gpd.GeoDataFrame, np.ndarray, int], Patrol] = patrol,
) -> RunPatrol:
    """Return sectors of the roads, balanced by what no online camera surely sees, and a round in each (rule P8).

    Parameters
    ----------
    store
        With rights on the whole county.
    sectors
        How many.
    run_id
        The run, or ``latest``; the roads are those of its day.
    length_m
        Metres that a round should not be longer than: longer ones are named, with the number of parts.
    without
        Names of sites, or ids of cameras, taken as failed.
    townships
        Only roads in these; None for all.
    visible
        Ids of the cameras that the caller may know of; None: all.
    work
        What makes the patrol of roads, of what is seen of them, and of the number of sectors: a service bounds it.

    Raises
    ------
    NotFound
        The run, a site or camera does not exist, or there are no roads.
    BadValue
        The number of sectors or the length is impossible.

    Examples
    --------
    A road of about 180 m that no camera sees, walked there and back:

    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> camera = gpd.GeoDataFrame({"id": ["c1"]}, geometry=[shapely.Point(103.0, 37.0005)], crs="EPSG:4326")
    >>> line = shapely.LineString([(103.0, 37.0), (103.002, 37.0)])
    >>> road = gpd.GeoDataFrame({"id": ["r1"]}, geometry=[line], crs="EPSG:4326")
    >>> _ = store.write("cameras", camera, "upsert", actor="li"), store.write("roads", road, "upsert", actor="li")
    >>> run = analyze(store, AnalyzeOptions(domain="streets"))
    >>> found = patrol_of_run(store, 1, length_m=200)
    >>> sector = found.patrol.sectors[0]
    >>> sector.roads, round(sector.pieces_m, -1), round(sector.length_m, -1), found.longer
    (['r1'], 180.0, 360.0, {1: 2})
    >>> store.close()
    >>> folder.cleanup()
    """
    if not 1 <= sectors <= MOST_SECTORS:
        raise BadValue(f"巡查片数应为 1 到 {MOST_SECTORS}", f"the number of sectors is 1 to {MOST_SECTORS}")
    if length_m is not None and not 0 < length_m < np.inf:
        raise BadValue("一圈的长度应大于 0", "the length of a round is above 0")
    with store.snapshot():
        run = store.run(run_id, layers=["views"])
        frames = layers_of_day(store, run, ("roads", "divisions"))
    if not len(frames["roads"]):
        raise NotFound("库中没有道路，请先导入图层 roads", "the store has no roads; import layer roads")
    views = run.layers["views"]
    seen = views[(views["status"] == "online").to_numpy(bool) & ~_failed(views, without, visible)]
    usable = usable_rows({"roads": frames["roads"]})
    roads = usable.frames["roads"]
    if townships is not None:
        roads = _roads_of(roads, frames["divisions"], townships)
    crs = metric_crs_for(roads.geometry)
    found = work(roads.to_crs(crs), seen.geometry.to_crs(crs).to_numpy(), sectors)
    failed = tuple(dict.fromkeys(without))
    found = replace(
        found,
        sectors=[_in_degrees(one, crs) for one in found.sectors],
        notes=[*failed_note(failed), *usable.notes, *found.notes],
    )
    longer = {
        one.sector: ceil(one.length_m / length_m)
        for one in found.sectors
        if length_m is not None and one.length_m > length_m
    }
    return RunPatrol(replace(run, layers={}), found, longer, failed)


def failed_note(without: Sequence[str]) -> list[str]:
    """Return the note that names what is taken as failed, the first of a long list; empty for none.

    Examples
    --------
    >>> failed_note(["cam-6", "cam-7"])
    ['假设停用的点位或摄像机：cam-6、cam-7 / taken as failed, sites or cameras: cam-6, cam-7']
    """
    if not without:
        return []
    zh, en = "、".join(without[:_NAMED]), ", ".join(without[:_NAMED])
    if len(without) > _NAMED:
        zh, en = f"{zh} 等 {len(without)} 个", f"{en} and {len(without) - _NAMED} more"
    return [sentence(f"假设停用的点位或摄像机：{zh}", f"taken as failed, sites or cameras: {en}")]


def _failed(views: gpd.GeoDataFrame, names: Sequence[str], visible: Collection[str] | None) -> np.ndarray:
    """Return which rows fail: all of a site, or one of a camera's id; a site not wholly visible does not exist."""
    ids, sites = views["id"].astype(str).to_numpy(object), views["site"].astype(str).to_numpy(object)
    known = np.ones(len(views), bool)
    if visible is not None:
        mine = set(visible)
        hidden = set(sites[[one not in mine for one in ids]].tolist())
        known = np.array([site not in hidden for site in sites], bool)
    out, missing = np.zeros(len(views), bool), []
    for name in dict.fromkeys(names):
        rows = known & (sites == name)
        if not rows.any():
            rows = known & (ids == name)
        if not rows.any():
            missing.append(name)
        out |= rows
    if missing:
        listed = ", ".join(missing[:10])
        raise NotFound(f"没有点位或摄像机 {listed}", f"no site or camera {listed}")
    return out


def _roads_of(roads: gpd.GeoDataFrame, divisions: gpd.GeoDataFrame, townships: Collection[str]) -> gpd.GeoDataFrame:
    """Return the roads as far as they lie in some townships."""
    wanted = {compared_code(code) for code in townships}
    is_wanted = np.array([compared_code(str(code)) in wanted for code in divisions["code"]], bool)
    ground = shapely.union_all(shapely.make_valid(divisions.geometry.to_numpy()[is_wanted]))
    shapely.prepare(ground)
    kept = roads[shapely.intersects(roads.geometry.to_numpy(), ground)]
    inside = shapely.intersection(kept.geometry.to_numpy(), ground)
    kept = kept.set_geometry(gpd.GeoSeries(inside, index=kept.index, crs=roads.crs))
    kept = kept[shapely.length(inside) > 0]
    if not len(kept):
        raise NotFound("所在镇街内没有道路", "there are no roads within your townships")
    return kept


def _in_degrees(sector: Sector, crs: Any) -> Sector:
    def degrees(xy: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], crs)), _DECIMALS)

    return replace(
        sector,
        pieces=shapely.transform(sector.pieces, degrees),
        round=shapely.transform(sector.round, degrees),
    )
