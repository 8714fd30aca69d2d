"""Compute what every camera surely and possibly sees among obstacles, as exact polygons (rules R, C1, C2, U, B)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs as crss
from geo.catalog import editions
from geo.crs_metric import convergence, metric_crs_for
from geo.errors import BadGeometry, BadValue, RowFault
from geo.parallel import Executor
from geo.visibility import _rings, _sweep, placement
from geo.visibility import optics as optic
from geo.visibility._gather import Jobs
from geo.visibility.scene import UNKNOWN_POSSIBLE, Field, Scene, field_of

__all__ = ["Views", "views"]

#: Rule C2: how far a chord may lie from its arc, metres.
_SAGITTA = 0.05
#: How far a camera is taken aside, in turn, where rounding tears its rings, metres.
_HAIRS = (2e-6, 3e-5, 4e-4, 5e-3)
#: Fewer sweeps than this are not worth a thread.
_LEAST_SHARE = 256


@dataclass(frozen=True)
class Views:
    """Hold what every camera surely and possibly sees at one level, one row per camera in the order given.

    Attributes
    ----------
    sure, possible
        Polygons in the cameras' CRS, index = id; an empty polygon where nothing is seen. Sure lies inside possible.
    range_m
        Slant range under R3, metres, index = id.
    assumed
        What was filled in or decided per camera, as texts such as ``hfov=80``; index = id.
    cameras
        The records as used: defaults filled in, moved places, every layer field; the cameras' CRS, index = id.
    obstacles
        As given.
    level, edition
        The level and the edition of its densities.
    target_height
        Metres above the ground.
    crs, computing_crs
        Of the results, and of the lengths and angles (rule C1).
    sure_m, possible_m
        The same shapes in the computing CRS, by row.
    scene
        Arrays for line-of-sight questions (`probe`).
    """

    sure: gpd.GeoSeries
    possible: gpd.GeoSeries
    range_m: pd.Series
    assumed: pd.Series
    cameras: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame | None
    level: str
    edition: str
    target_height: float
    crs: pyproj.CRS
    computing_crs: pyproj.CRS
    sure_m: np.ndarray
    possible_m: np.ndarray
    scene: Scene


@overload
def views(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = ...,
    terrain: object = ...,
    *,
    level: str | None = ...,
    edition: str = ...,
    target_height: float = ...,
) -> Views: ...
@overload
def views(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = ...,
    terrain: object = ...,
    *,
    level: Sequence[str],
    edition: str = ...,
    target_height: float = ...,
) -> dict[str, Views]: ...
def views(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None = None,
    terrain: object = None,
    *,
    level: str | Sequence[str] | None = None,
    edition: str = editions.DEFAULT_EDITION,
    target_height: float = 1.6,
) -> Views | dict[str, Views]:
    """Compute what each camera sees of a plane above flat ground.

    Parameters
    ----------
    cameras
        Points with the fields of layer ``cameras``, any known CRS; what is missing is filled in by rule U4 and listed.
    obstacles
        Polygons with ``height`` (metres above the ground; missing: rule U3), in the cameras' CRS.
    terrain
        Must be None: the ground is taken as flat.
    level
        A level of the edition, or several; None is the edition's own default: ``detect`` (2014), ``outline`` (2025).
    edition
        Name of the table of pixel densities, a key of `geo.catalog.editions.EDITIONS`.
    target_height
        Metres above the ground, 0 or more.

    Returns
    -------
    Views
        For several levels a dict level -> views, all made in one pass.

    Raises
    ------
    BadValue
        For impossible optics (U5), ids given twice, terrain, or a negative target height; names the rows.
    BadGeometry
        Where a camera is no point or an obstacle no polygon; names the rows.
    UnknownName
        For a level or edition that does not exist.
    UnknownCrs, CrsMismatch, TooWide
        See rule C1.

    Notes
    -----
    R1-R3 are a sector convention: azimuth and depression are tested apart and density at slant distance, so that off
    axis less is claimed than a rectilinear lens would give. The curvature of the Earth (2 km and more) is not computed.
    """
    if terrain is not None:
        raise BadValue("本版按平地计算，不接受地形", "terrain is not in this version: the ground is taken as flat")
    if not (np.isfinite(target_height) and target_height >= 0):
        raise BadValue("目标高度须为不小于 0 的数", "target_height must be a number of 0 m or more")
    if level is None:
        level = editions.default_level(edition)
    wanted = [level] if isinstance(level, str) else list(level)
    for name in wanted:
        editions.density(name, edition)
    stage = _prepare(cameras, obstacles, edition, float(target_height))
    found = {name: _look(stage, name) for name in wanted}
    return found[level] if isinstance(level, str) else found


@dataclass(frozen=True)
class _Stage:
    """Hold what does not depend on the level."""

    frame: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame | None
    optics: optic.Optics
    assumed: pd.Series
    field: Field
    x: np.ndarray
    y: np.ndarray
    bearing: np.ndarray
    blind: np.ndarray
    crs: pyproj.CRS
    computing: pyproj.CRS
    edition: str
    target: float


def _prepare(
    cameras: gpd.GeoDataFrame, obstacles: gpd.GeoDataFrame | None, edition: str, target_height: float
) -> _Stage:
    frames = [cameras] if obstacles is None else [cameras, obstacles]
    crs = crss.require_same_crs(*frames)
    x, y = _places(cameras)
    frame, optics, assumed = optic.complete(cameras)
    filled = [one for one in frames if len(one)]
    computing = metric_crs_for(*filled) if filled else crs
    there = _transformer(crs, computing)
    if there is not None:
        x, y = (np.asarray(one, dtype=float) for one in there.transform(x, y))
    field = field_of(*_shapes_and_heights(obstacles), there)
    settled = placement.settle(x, y, optics.height, _indoor(frame), field)
    for i, text in settled.notes:
        assumed[i].append(text)
    moved = (settled.x != x) | (settled.y != y)
    if moved.any():
        frame = _moved(frame, moved, settled.x, settled.y, _transformer(computing, crs))
    return _Stage(
        frame=frame,
        obstacles=obstacles,
        optics=optics,
        assumed=pd.Series(assumed, index=frame.index, dtype=object, name="assumed"),
        field=field,
        x=settled.x,
        y=settled.y,
        bearing=_grid_bearing(optics.azimuth, settled.x, settled.y, computing),
        blind=settled.blind,
        crs=crs,
        computing=computing,
        edition=edition,
        target=target_height,
    )


def _places(cameras: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the cameras' coordinates; raise BadGeometry where there are none."""
    points = np.array(cameras.geometry.to_numpy(), dtype=object)
    points[shapely.is_empty(points)] = None  # GEOS raises for the x of an empty point
    x, y = shapely.get_x(points), shapely.get_y(points)
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(bad):
        reason = "没有点坐标 / no point coordinates"
        rows = [RowFault("cameras", str(i + 1), "geometry", reason, str(points[i])[:200]) for i in bad]
        raise BadGeometry(f"{len(bad)} 行摄像机没有点坐标", f"{len(bad)} cameras have no point coordinates", rows=rows)
    return x, y


def _transformer(here: pyproj.CRS, there: pyproj.CRS) -> pyproj.Transformer | None:
    """Return the way from one CRS to another, None where they are the same."""
    return None if here == there else pyproj.Transformer.from_crs(here, there, always_xy=True)


def _shapes_and_heights(obstacles: gpd.GeoDataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the footprints and their heights; NaN where missing, unreadable or not above 0 (U5)."""
    if obstacles is None:
        return np.empty(0, dtype=object), np.empty(0)
    shapes = np.asarray(obstacles.geometry.to_numpy(), dtype=object)
    if "height" not in obstacles:
        return shapes, np.full(len(shapes), np.nan)
    heights = pd.to_numeric(obstacles["height"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return shapes, np.where(heights > 0, heights, np.nan)


def _indoor(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return which cameras stand indoors by their record (rule B1)."""
    kinds, unique = pd.factorize(frame["place_type"].astype(object).to_numpy())
    inside = np.array([str(one).strip().casefold() == "indoor" for one in unique] + [False])
    return inside[kinds]


def _moved(
    frame: gpd.GeoDataFrame, moved: np.ndarray, x: np.ndarray, y: np.ndarray, back: pyproj.Transformer | None
) -> gpd.GeoDataFrame:
    """Return the frame with the moved cameras at their new places."""
    x, y = x[moved], y[moved]
    if back is not None:
        x, y = back.transform(x, y)
    points = frame.geometry.to_numpy().copy()
    points[moved] = shapely.points(x, y)
    return frame.set_geometry(gpd.GeoSeries(points, index=frame.index, crs=frame.crs, name="geometry"))


def _grid_bearing(azimuth: np.ndarray, x: np.ndarray, y: np.ndarray, computing: pyproj.CRS) -> np.ndarray:
    """Return azimuths from grid north: true azimuth minus convergence (R1)."""
    known = np.isfinite(azimuth)
    bearing = np.full(len(azimuth), np.nan)
    if known.any():
        lon, lat = crss.to_wgs84(x[known], y[known], computing)
        turn = convergence(lon, lat, computing)
        if not np.isfinite(turn).all():
            raise BadGeometry("有摄像机的坐标超出坐标系", "some cameras lie outside their CRS")
        bearing[known] = np.mod(azimuth[known] - turn, 360.0)
    return bearing


# --- one level ------------------------------------------------------------------------------------------------------


def _look(stage: _Stage, level: str) -> Views:
    optics, target = stage.optics, stage.target
    slant = optic.slant_range(optics, editions.density(level, stage.edition))
    sure_m, possible_m = _areas(stage, slant)
    back = _transformer(stage.computing, stage.crs)
    sure, possible = _brought_back(sure_m, possible_m, back)
    ids = stage.frame.index
    status = stage.frame["status"].to_numpy()
    scene = Scene(
        field=stage.field,
        optics=optics,
        x=stage.x,
        y=stage.y,
        bearing=stage.bearing,
        online=status == "online",
        offline=status == "offline",
        blind=stage.blind,
        level=level,
        edition=stage.edition,
        target_height=target,
    )
    return Views(
        sure=gpd.GeoSeries(sure, index=ids, crs=stage.crs, name="sure"),
        possible=gpd.GeoSeries(possible, index=ids, crs=stage.crs, name="possible"),
        range_m=pd.Series(slant, index=ids, name="range_m"),
        assumed=stage.assumed,
        cameras=stage.frame,
        obstacles=stage.obstacles,
        level=level,
        edition=stage.edition,
        target_height=target,
        crs=stage.crs,
        computing_crs=stage.computing,
        sure_m=sure_m,
        possible_m=possible_m,
        scene=scene,
    )


def _areas(stage: _Stage, slant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is surely and possibly seen, in the computing CRS (U1-U3)."""
    optics = stage.optics
    reach = optic.ground_reach(slant, optics.height, stage.target)
    blind_end, far_end = optic.tilt_band(optics, stage.target)
    full = optics.hfov >= 360.0
    ptz, lost = optics.kind == "ptz", ~optics.azimuth_known
    sides = _far_sides(stage, reach)
    jobs = Jobs(
        x=stage.x,
        y=stage.y,
        lens=optics.height,
        start=np.radians(np.mod(90.0 - np.nan_to_num(stage.bearing) - optics.hfov / 2, 360.0)),
        span=np.radians(optics.hfov),
        full=full,
        far=np.minimum(reach, far_end),
        near=blind_end,
        far_sides=sides,
        near_sides=_sides(blind_end * (1 + 1e-3)),
        unknown=np.full(len(reach), np.inf),
    )
    sure = np.full(len(reach), shapely.Polygon(), dtype=object)
    seeing = np.flatnonzero(~stage.blind & ~lost)
    sure[seeing], unknown = _swept(stage, jobs, seeing)
    # U2: a ptz may turn and tilt anywhere, an unknown azimuth may be any; U3: unknown heights count 3 m
    wider = jobs._replace(
        full=full | ptz | lost,
        far=np.where(ptz, reach, jobs.far),
        near=np.where(ptz, 0.0, jobs.near),
        unknown=np.full(len(reach), UNKNOWN_POSSIBLE),
    )
    differs = ptz | lost
    differs[seeing] |= unknown
    other = np.flatnonzero(differs & ~stage.blind)
    possible = sure.copy()
    possible[other], _ = _swept(stage, wider, other)
    return sure, possible


def _swept(stage: _Stage, jobs: Jobs, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sweep some of the cameras; return their polygons, and which have an obstacle of unknown height in reach."""
    if len(rows) == 0:
        return np.empty(0, dtype=object), np.empty(0, dtype=bool)
    executor = Executor.of(None, pieces=len(rows) // _LEAST_SHARE)
    shares = np.array_split(rows, executor.workers)

    def one(share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mine = Jobs(*(np.ascontiguousarray(values[share]) for values in jobs))
        return _rings_of(stage, mine)

    parts = list(executor.map(one, shares))
    return np.concatenate([shapes for shapes, _ in parts]), np.concatenate([unknown for _, unknown in parts])


def _rings_of(stage: _Stage, jobs: Jobs) -> tuple[np.ndarray, np.ndarray]:
    """Sweep and walk the rings; a camera whose rings rounding tears apart is taken a hair aside (C2 allows 0.10 m)."""
    swept = _sweep.sweep(stage.field, jobs, stage.target)
    shapes, broken = _rings.polygons(swept, jobs.x, jobs.y)
    for hair in _HAIRS:
        torn = np.flatnonzero(broken)
        if len(torn):
            aside = Jobs(*(values[torn] for values in jobs))
            aside = aside._replace(x=aside.x + hair, y=aside.y + 0.7 * hair)
            shapes[torn], broken[torn] = _rings.polygons(
                _sweep.sweep(stage.field, aside, stage.target), aside.x, aside.y
            )
    if broken.any():
        count = int(broken.sum())
        raise BadGeometry(f"{count} 台摄像机的视域无法闭合", f"the views of {count} cameras do not close")
    return shapes, swept[-1]


def _sides(radius: np.ndarray) -> np.ndarray:
    """Return how many chords keep within the sagitta of a circle, a multiple of 8."""
    with np.errstate(divide="ignore"):
        least = np.pi / np.arccos(np.maximum(1 - _SAGITTA / radius, np.cos(np.pi / 8)))
    return (8 * np.ceil(least / 8 - 1e-9)).astype(np.int64)


def _far_sides(stage: _Stage, reach: np.ndarray) -> np.ndarray:
    """Return the chords of each camera's range circle.

    The corners of a higher level's circle are among those of the edition's lowest one, so that a higher level never
    sees a sliver more.
    """
    lowest = optic.slant_range(stage.optics, min(editions.levels(stage.edition).values()))
    sides = _sides(optic.ground_reach(lowest, stage.optics.height, stage.target))
    least = _sides(reach)
    for _ in range(3):
        half = (sides % 2 == 0) & (sides // 2 >= np.maximum(least, 8))
        sides = np.where(half, sides // 2, sides)
    return sides


def _brought_back(
    sure: np.ndarray, possible: np.ndarray, back: pyproj.Transformer | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shapes in the cameras' CRS; where sure and possible are one object, so are the answers."""
    if back is None:
        return sure, possible

    def moved(points: np.ndarray) -> np.ndarray:
        return np.column_stack(back.transform(points[:, 0], points[:, 1]))

    same = np.array([a is b for a, b in zip(sure, possible, strict=True)], dtype=bool)
    there = _rings.repaired(shapely.transform(sure, moved))
    wide = there.copy()
    wide[~same] = _rings.repaired(shapely.transform(possible[~same], moved))
    return there, wide
