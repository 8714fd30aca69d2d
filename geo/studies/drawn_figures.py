"""Work out the figures of a zone that somebody drew, as a run would have had them of a zone of its data."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import shapely

from geo.assessment.figures import zone_metrics
from geo.catalog.results import SHARES
from geo.crs import STORAGE_CRS
from geo.crs_metric import metric_crs_for
from geo.errors import BadValue, NotFound
from geo.storage.protocol import Store
from geo.studies.layer_overlay import overlay_of_layers
from geo.studies.preview_changes import options_of
from geo.studies.stored_runs import data_day
from geo.studies.usable_rows import still_there, usable_rows
from geo.types import Run

#: Cameras in reach of one drawn zone: more are an analysis of their own.
MOST_CAMERAS = 3_000
#: Metres round the zone in which roads and footprints are read: half the widest road, and the band round buildings.
_AROUND_M = 200.0
#: Metres by which an eye in a wall is moved (rule B1), and some more.
_MOVED_M = 10.0
_METRES_OF_DEGREE = 110_000.0
#: What each kind of domain is made of (rule D1).
_INPUT_OF = {"demand": "demand", "streets": "roads", "buildings": "obstacles"}


Box = tuple[float, float, float, float]


def drawn_figures(store: Store, run: Run, polygon: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return one row, ``code`` ``drawn``, with the figures that the run would have of a zone of a polygon's shape.

    The layers are read as they were on the day of the run, and of these only what is in reach of the polygon. What was
    changed on that same day after the run counts too.

    Parameters
    ----------
    store
        With rights on the whole county: figures do not depend on who asks.
    run
        The run, its layers loaded or not.
    polygon
        In WGS-84 degrees.

    Raises
    ------
    BadValue
        More than 3,000 cameras are in reach, or the run's domain has nothing in it.
    NotFound
        The cameras of the run are gone from the store.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from geo.storage.geopackage.store import open_store
    >>> from geo.studies.analysis import AnalyzeOptions, analyze
    >>> folder = tempfile.TemporaryDirectory()
    >>> store = open_store(Path(folder.name) / "workspace.gpkg")
    >>> square = shapely.box(103.1, 37.6, 103.101, 37.601)
    >>> grid = gpd.GeoDataFrame({"code": ["g1"], "level": [1]}, geometry=[square], crs="EPSG:4326")
    >>> camera = gpd.GeoDataFrame(
    ...     {"id": ["c1"], "azimuth": [0.0]}, geometry=[shapely.Point(103.1005, 37.6005)], crs="EPSG:4326"
    ... )
    >>> _ = store.write("grids", grid, "upsert", actor="li"), store.write("cameras", camera, "upsert", actor="li")
    >>> run = analyze(store, AnalyzeOptions(domain="all"))
    >>> drawn, whole = drawn_figures(store, run, square), run.layers["grids"]
    >>> drawn["cameras"].tolist(), bool(abs(drawn["sure_share"][0] - whole["sure_share"][0]) < 1e-6)
    ([1], True)
    >>> store.close()
    >>> folder.cleanup()
    """
    kind = str(run.summary["domain"])
    shape = _in_whole_area(store, run, polygon) if kind == "all" else polygon
    zone = gpd.GeoDataFrame({"code": ["drawn"]}, geometry=[shape], crs=STORAGE_CRS)
    if shape.is_empty:
        return zone
    at = data_day(store, run)
    cameras, ranges = _cameras_in_reach(store, run, polygon)
    around = _wider(polygon.bounds, _AROUND_M)
    boxes = [_wider(point.bounds, reach) for point, reach in zip(cameras.geometry, ranges, strict=True)]
    frames = {
        "cameras": cameras,
        "grids": zone,
        "obstacles": store.read("obstacles", bbox=_box_of([around, *boxes]), at=at),
        **{name: store.read(name, bbox=around, at=at) for name in ("roads", "demand")},
    }
    frames = {name: frame for name, frame in frames.items() if len(frame)}
    if kind in _INPUT_OF and _INPUT_OF[kind] not in frames:
        raise BadValue("画出的范围里没有评价范围", "the drawn zone has nothing of the domain in it")
    options = replace(options_of(run), domain=kind)
    _, _, model = overlay_of_layers(usable_rows(frames).frames, options, levels=[str(options.level)])
    found = zone_metrics(model, "grids").to_crs(STORAGE_CRS)
    # A class that has cameras elsewhere only sees nothing here; one without any is unknown in the run too.
    totals = run.summary.get("totals") or {}
    unseen = [name for name in SHARES if totals.get(name) is not None and found["sure_share"].notna().all()]
    return found.fillna(dict.fromkeys(unseen, 0.0))


def _in_whole_area(store: Store, run: Run, polygon: shapely.Geometry) -> shapely.Geometry:
    """Return the part of a polygon in the whole area of a run, all of it where the run has no whole area (rule D4)."""
    whole = store.run(run.id, layers=["all"]).layers["all"]
    shapes = whole.geometry.dropna().to_crs(STORAGE_CRS).to_numpy()
    return shapely.intersection(polygon, shapely.union_all(shapes)) if len(shapes) else polygon


def _cameras_in_reach(store: Store, run: Run, polygon: shapely.Geometry) -> tuple[gpd.GeoDataFrame, np.ndarray]:
    """Return the cameras of a run that may see something of a polygon, and how far (m) each may see.

    Where there are none, one that sees nothing of it stands for them: views are of cameras.
    """
    reach = {str(row["id"]): float(row["range_m"] or 0.0) + _MOVED_M for row in store.run_rows(run.id, "views")}
    at = data_day(store, run)
    near = still_there(store.read("cameras", bbox=_wider(polygon.bounds, max(reach.values(), default=0.0)), at=at))
    near = near[near["id"].astype(str).isin(reach).to_numpy(bool)]
    ranges = near["id"].astype(str).map(reach).to_numpy(float)
    if len(near):
        crs = metric_crs_for(near)
        area = gpd.GeoSeries([polygon], crs=STORAGE_CRS).to_crs(crs).iloc[0]
        inside = np.asarray(shapely.distance(near.geometry.to_crs(crs).to_numpy(), area) <= ranges)
        near, ranges = near[inside], ranges[inside]
    if len(near) > MOST_CAMERAS:
        raise BadValue(
            f"{len(near)} 台摄像机够得着画出的范围，最多 {MOST_CAMERAS} 台：请画小一些",
            f"{len(near)} cameras reach the drawn zone, {MOST_CAMERAS} at most: draw a smaller one",
        )
    if len(near):
        return near.reset_index(drop=True), ranges
    for one in reach:
        where = {"op": "=", "args": [{"property": "id"}, one]}
        found = still_there(store.read("cameras", where=where, at=at))
        if len(found):
            return found.reset_index(drop=True), np.zeros(len(found))
    raise NotFound("库中已没有此批次的摄像机", "the cameras of this run are gone from the store")


def _wider(box: Box, metres: float) -> Box:
    west, south, east, north = box
    up = metres / _METRES_OF_DEGREE
    across = up / max(math.cos(math.radians(max(abs(south), abs(north)))), 0.01)
    return west - across, south - up, east + across, north + up


def _box_of(boxes: list[Box]) -> Box:
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return float(low[0]), float(low[1]), float(high[2]), float(high[3])
