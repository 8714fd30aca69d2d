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

from geo.catalog import editions
from geo.catalog.options import DEFAULT_TARGET_HEIGHT_M
from geo.crs import require_same_crs
from geo.errors import BadValue
from geo.visibility._prepare import IndexedObstacles, PreparedScene, prepare_scene, transformer_between
from geo.visibility._rings import repaired
from geo.visibility._sweep_data import NONE, SweepInputs
from geo.visibility.circles import chord_counts
from geo.visibility.optics import ground_range, slant_range, tilt_ground_band
from geo.visibility.scene import POSSIBLE_HEIGHT_M, Scene
from geo.visibility.view_polygons import view_polygons

__all__ = ["Views", "home_sweeps", "views", "views_among"]


@dataclass(frozen=True)
class Views:
    """What every camera surely and possibly sees at one level, one row per camera in the order given.

    Attributes
    ----------
    sure, possible
        Polygons in the cameras' CRS, index = id; an empty polygon where nothing is seen. Sure is inside possible.
    range_m
        Slant range under R3, metres, index = id.
    assumed
        Defaults filled in and decisions taken per camera, as texts such as ``hfov=80``; index = id.
    cameras
        The records as used: defaults filled in, moved positions, every layer field; the cameras' CRS, index = id.
    obstacles
        As given.
    level, edition
        The level, and the edition that defines its pixel density.
    target_height
        Metres above the ground.
    crs, computing_crs
        Of the results, and of the lengths and angles (rule C1).
    sure_metric, possible_metric
        The same shapes in the computing CRS, by row.
    scene
        Arrays for line-of-sight tests (`geo.visibility.line_of_sight`).

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> point = shapely.Point(500_000, 4_000_000)
    >>> cameras = gpd.GeoDataFrame({"id": ["a"], "hfov": [90.0]}, geometry=[point], crs=4547)
    >>> seen = views(cameras)
    >>> seen.level, seen.sure.is_empty.to_dict(), seen.possible.is_empty.to_dict()
    ('detect', {'a': True}, {'a': False})
    >>> seen.assumed["a"][0]
    'kind=fixed'
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
    sure_metric: np.ndarray
    possible_metric: np.ndarray
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
    target_height: float = DEFAULT_TARGET_HEIGHT_M,
) -> Views | dict[str, Views]:
    """Compute what each camera sees of a plane above flat ground.

    Parameters
    ----------
    cameras
        Points with the fields of layer ``cameras``, any known CRS; missing values are filled in by rule U4 and listed.
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
        For several levels a dict level -> views, all computed in one pass.

    Raises
    ------
    BadValue
        For impossible optics (U5), ids given twice, terrain, or a negative target height; names the rows.
    BadGeometry
        Where a camera is not a point or an obstacle not a polygon; names the rows.
    UnknownName
        For a level or edition that does not exist.
    UnknownCrs, CrsMismatch, TooWide
        See rule C1.

    Notes
    -----
    R1-R3 are a sector convention: azimuth and depression angle are tested separately and pixel density at slant
    distance, so that off axis less is claimed than a rectilinear lens would see. The curvature of the Earth, which
    matters from 2 km on, is not computed.

    Examples
    --------
    A camera of 90 degrees at target height shows 25 px/m at 1,000 / (2 x 25 x tan 45) = 20 m: a quarter of a disc of
    20 m, 314 m2. A house 10 m away hides what is behind it.

    >>> import geopandas as gpd, shapely
    >>> x, y = 500_000.0, 4_000_000.0
    >>> record = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> cameras = gpd.GeoDataFrame(record, geometry=[shapely.Point(x, y)], crs=4547)
    >>> house = gpd.GeoDataFrame({"height": [6.0]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> views(cameras).sure.area.round(-1).to_dict()
    {'a': 310.0}
    >>> seen = views(cameras, house).sure["a"]
    >>> seen.contains(shapely.Point(x, y + 9)), seen.contains(shapely.Point(x, y + 13))
    (True, False)

    Ten times the pixel density is a tenth of the range:

    >>> from geo import DEFAULT_EDITION, DEFAULT_LEVEL, EDITIONS
    >>> DEFAULT_LEVEL[DEFAULT_EDITION], EDITIONS[DEFAULT_EDITION]["detect"], EDITIONS[DEFAULT_EDITION]["identify"]
    ('detect', 25.0, 250.0)
    >>> found = views(cameras, level=["detect", "identify"])
    >>> {level: seen.range_m.round(6)["a"].item() for level, seen in found.items()}
    {'detect': 20.0, 'identify': 2.0}
    """
    if terrain is not None:
        raise BadValue("本版按平地计算，不接受地形", "terrain is not in this version: the ground is taken as flat")
    if not (np.isfinite(target_height) and target_height >= 0):
        raise BadValue("目标高度须为不小于 0 的数", "target_height must be a number of 0 m or more")
    if level is None:
        level = editions.default_level(edition)
    levels = [level] if isinstance(level, str) else list(level)
    for name in levels:
        editions.density(name, edition)
    prepared = prepare_scene(cameras, obstacles, edition, float(target_height))
    by_level = {name: _views_at_level(prepared, name) for name in levels}
    return by_level[level] if isinstance(level, str) else by_level


def views_among(seen: Views, cameras: gpd.GeoDataFrame) -> Views:
    """Compute the views of other cameras among the obstacles of views, at their level: what ``views`` gives for them.

    Parameters
    ----------
    seen
        Views; their cameras do not matter.
    cameras
        As for ``views``, in the CRS of the views.

    Raises
    ------
    BadValue, BadGeometry, UnknownCrs, CrsMismatch
        As ``views``.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> x, y = 500_000.0, 4_000_000.0
    >>> record = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> camera = gpd.GeoDataFrame(record, geometry=[shapely.Point(x, y)], crs=4547)
    >>> house = gpd.GeoDataFrame({"height": [6.0]}, geometry=[shapely.box(x - 1, y + 10, x + 1, y + 12)], crs=4547)
    >>> turned = camera.assign(azimuth=180.0)
    >>> found = views_among(views(camera, house), turned)
    >>> found.sure["a"].equals_exact(views(turned, house).sure["a"], 0.0)
    True
    """
    require_same_crs(gpd.GeoSeries([], crs=seen.crs), cameras)
    indexed = IndexedObstacles(seen.scene.obstacle_index, seen.computing_crs)
    prepared = prepare_scene(cameras, seen.obstacles, seen.edition, seen.target_height, indexed=indexed)
    return _views_at_level(prepared, seen.level)


# --- one level --------------------------------------------------------------------------------------------------------


def _views_at_level(prepared: PreparedScene, level: str) -> Views:
    slant = slant_range(prepared.optics, editions.density(level, prepared.edition))
    sure_metric, possible_metric = _sure_and_possible(prepared, slant)
    back = transformer_between(prepared.computing_crs, prepared.crs)
    sure, possible = _to_camera_crs(sure_metric, possible_metric, back)
    ids = prepared.frame.index
    status = prepared.frame["status"].to_numpy()
    scene = Scene(
        obstacle_index=prepared.obstacle_index,
        optics=prepared.optics,
        x=prepared.x,
        y=prepared.y,
        grid_azimuth=prepared.grid_azimuth,
        online=status == "online",
        offline=status == "offline",
        status_unknown=status == "unknown",
        sees_nothing=prepared.sees_nothing,
        level=level,
        edition=prepared.edition,
        target_height=prepared.target_height,
    )
    return Views(
        sure=gpd.GeoSeries(sure, index=ids, crs=prepared.crs, name="sure"),
        possible=gpd.GeoSeries(possible, index=ids, crs=prepared.crs, name="possible"),
        range_m=pd.Series(slant, index=ids, name="range_m"),
        assumed=prepared.assumed,
        cameras=prepared.frame,
        obstacles=prepared.obstacles,
        level=level,
        edition=prepared.edition,
        target_height=prepared.target_height,
        crs=prepared.crs,
        computing_crs=prepared.computing_crs,
        sure_metric=sure_metric,
        possible_metric=possible_metric,
        scene=scene,
    )


def _sure_and_possible(prepared: PreparedScene, slant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the surely and the possibly seen polygons, in the computing CRS (U1-U3)."""
    # 1. sure: home view, unknown heights unlimited, nothing where the azimuth is unknown
    optics, target = prepared.optics, prepared.target_height
    index = prepared.obstacle_index
    ground = ground_range(slant, optics.height, target)
    ptz, azimuth_unknown = optics.kind == "ptz", ~optics.azimuth_known
    inputs = home_sweeps(prepared, slant)
    sure = np.full(len(ground), shapely.Polygon(), dtype=object)
    seeing = np.flatnonzero(~prepared.sees_nothing & ~azimuth_unknown)
    sure[seeing], unknown_height = view_polygons(index, inputs, target, seeing)
    # 2. possible: U2, a ptz may turn and tilt anywhere, an unknown azimuth may be any; U3, unknown heights count 3 m
    possible_inputs = inputs._replace(
        full=inputs.full | ptz | azimuth_unknown,
        far=np.where(ptz, ground, inputs.far),
        near=np.where(ptz, 0.0, inputs.near),
        unknown=np.full(len(ground), POSSIBLE_HEIGHT_M),
    )
    differs = ptz | azimuth_unknown
    differs[seeing] |= unknown_height
    other = np.flatnonzero(differs & ~prepared.sees_nothing)
    possible = sure.copy()
    possible[other], _ = view_polygons(index, possible_inputs, target, other)
    return sure, possible


def home_sweeps(prepared: PreparedScene | Scene, slant: np.ndarray) -> SweepInputs:
    """Return the sweep of each camera's home view, in which obstacles of unknown height are without limit (U2, U3).

    Of a camera of unknown azimuth the sector means nothing: it points north.

    Parameters
    ----------
    prepared
        Cameras and obstacles.
    slant
        Slant range of each camera under R3, metres.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> record = {"azimuth": [90.0], "hfov": [90.0], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(record, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547))
    >>> sweeps = home_sweeps(seen.scene, seen.range_m.to_numpy())
    >>> np.degrees(sweeps.start).round(6).tolist(), np.degrees(sweeps.span).round(6).tolist()
    ([315.0], [90.0])
    """
    optics, target = prepared.optics, prepared.target_height
    ground = ground_range(slant, optics.height, target)
    band_start, band_end = tilt_ground_band(optics, target)
    return SweepInputs(
        x=prepared.x,
        y=prepared.y,
        lens=optics.height,
        start=np.radians(np.mod(90.0 - np.nan_to_num(prepared.grid_azimuth) - optics.hfov / 2, 360.0)),
        span=np.radians(optics.hfov),
        full=optics.hfov >= 360.0,
        far=np.minimum(ground, band_end),
        near=band_start,
        far_sides=_far_sides(prepared, ground),
        near_sides=chord_counts(band_start * (1 + 1e-3)),
        unknown=np.full(len(ground), np.inf),
        lowered=np.full(len(ground), NONE),
    )


def _far_sides(prepared: PreparedScene | Scene, ground: np.ndarray) -> np.ndarray:
    """Return the number of chords of each camera's range circle.

    The corners of a higher level's circle are among those of the edition's lowest one, so that the view of a higher
    level never reaches outside that of a lower one.
    """
    lowest = slant_range(prepared.optics, min(editions.levels(prepared.edition).values()))
    sides = chord_counts(ground_range(lowest, prepared.optics.height, prepared.target_height))
    least = chord_counts(ground)
    for _ in range(3):
        can_halve = (sides % 2 == 0) & (sides // 2 >= np.maximum(least, 8))
        sides = np.where(can_halve, sides // 2, sides)
    return sides


def _to_camera_crs(
    sure: np.ndarray, possible: np.ndarray, back: pyproj.Transformer | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shapes in the cameras' CRS; where sure and possible are one object, so are the results."""
    if back is None:
        return sure, possible

    def transformed(points: np.ndarray) -> np.ndarray:
        return np.column_stack(back.transform(points[:, 0], points[:, 1]))

    same = np.array([a is b for a, b in zip(sure, possible, strict=True)], dtype=bool)
    new_sure = repaired(shapely.transform(sure, transformed))
    new_possible = new_sure.copy()
    new_possible[~same] = repaired(shapely.transform(possible[~same], transformed))
    return new_sure, new_possible
