"""Prepare cameras and obstacles in the computing CRS, for any level (rules B, C1, R1, U1, U4, U5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo import crs
from geo.catalog.free_words import place_type
from geo.crs_metric import convergence, metric_crs_for
from geo.errors import BadGeometry, RowFault
from geo.visibility.optics import Optics, fill_defaults
from geo.visibility.placement import place_cameras
from geo.visibility.scene import ObstacleIndex, build_obstacle_index


@dataclass(frozen=True)
class PreparedScene:
    """Cameras and obstacles in the computing CRS, for any level.

    Attributes
    ----------
    frame
        The camera records as used, in the CRS given.
    obstacles
        As given.
    optics, assumed
        Of the cameras, in row order.
    obstacle_index
        The obstacles in the computing CRS.
    x, y
        Positions of the cameras after rule B1, metres in the computing CRS.
    grid_azimuth
        Azimuth from grid north, degrees clockwise; NaN where unknown.
    sees_nothing
        Whether the camera sees nothing by rule B3.
    crs, computing_crs
        Of the frames, and of the arrays.
    edition, target_height
        As given; the height in metres above the ground.
    """

    frame: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame | None
    optics: Optics
    assumed: pd.Series
    obstacle_index: ObstacleIndex
    x: np.ndarray
    y: np.ndarray
    grid_azimuth: np.ndarray
    sees_nothing: np.ndarray
    crs: pyproj.CRS
    computing_crs: pyproj.CRS
    edition: str
    target_height: float


class IndexedObstacles(NamedTuple):
    """Obstacles that were indexed before, and the computing CRS that was chosen for them and their cameras."""

    obstacle_index: ObstacleIndex
    computing_crs: pyproj.CRS


def prepare_scene(
    cameras: gpd.GeoDataFrame,
    obstacles: gpd.GeoDataFrame | None,
    edition: str,
    target_height: float,
    *,
    indexed: IndexedObstacles | None = None,
) -> PreparedScene:
    """Fill defaults, choose the computing CRS, index the obstacles and place the cameras.

    Where the obstacles are indexed already, that index and its CRS are taken.
    """
    # 1. records and CRS
    frames = [cameras] if obstacles is None else [cameras, obstacles]
    own_crs = crs.require_same_crs(*frames)
    x, y = _camera_coordinates(cameras)
    frame, optics, assumed = fill_defaults(cameras)
    not_empty = [each for each in frames if len(each)]
    if indexed is not None:
        computing_crs = indexed.computing_crs
    else:
        computing_crs = metric_crs_for(*not_empty) if not_empty else own_crs
    # 2. coordinates in the computing CRS, obstacles indexed
    to_computing = transformer_between(own_crs, computing_crs)
    if to_computing is not None:
        x, y = (np.asarray(values, dtype=float) for values in to_computing.transform(x, y))
    index = indexed.obstacle_index if indexed else build_obstacle_index(*_shapes_and_heights(obstacles), to_computing)
    # 3. cameras inside or on buildings
    placement = place_cameras(x, y, optics.height, _is_indoor(frame), index)
    for i, text in placement.notes:
        assumed[i].append(text)
    moved = (placement.x != x) | (placement.y != y)
    if moved.any():
        back = transformer_between(computing_crs, own_crs)
        frame = _with_moved_positions(frame, moved, placement.x, placement.y, back)
    return PreparedScene(
        frame=frame,
        obstacles=obstacles,
        optics=optics,
        assumed=pd.Series(assumed, index=frame.index, dtype=object, name="assumed"),
        obstacle_index=index,
        x=placement.x,
        y=placement.y,
        grid_azimuth=grid_azimuths(optics.azimuth, placement.x, placement.y, computing_crs),
        sees_nothing=placement.sees_nothing,
        crs=own_crs,
        computing_crs=computing_crs,
        edition=edition,
        target_height=target_height,
    )


def transformer_between(source_crs: pyproj.CRS, target_crs: pyproj.CRS) -> pyproj.Transformer | None:
    """Return the transformer from one CRS to another, None where they are the same."""
    return None if source_crs == target_crs else crs.transformer(source_crs, target_crs)


def grid_azimuths(azimuth: np.ndarray, x: np.ndarray, y: np.ndarray, computing_crs: pyproj.CRS) -> np.ndarray:
    """Return azimuths from grid north, degrees: true azimuth minus grid convergence (R1); NaN where unknown."""
    known = np.isfinite(azimuth)
    out = np.full(len(azimuth), np.nan)
    if known.any():
        lon, lat = crs.to_wgs84(x[known], y[known], computing_crs)
        angle = convergence(lon, lat, computing_crs)
        if not np.isfinite(angle).all():
            raise BadGeometry("有摄像机的坐标超出坐标系", "some cameras lie outside their CRS")
        out[known] = np.mod(azimuth[known] - angle, 360.0)
    return out


def _camera_coordinates(cameras: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of the cameras; raise BadGeometry where one has none."""
    points = np.array(cameras.geometry.to_numpy(), dtype=object)
    points[shapely.is_empty(points)] = None  # GEOS raises for the x of an empty point
    x, y = shapely.get_x(points), shapely.get_y(points)
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(bad):
        reason = "没有点坐标 / no point coordinates"
        rows = [RowFault("cameras", str(i + 1), "geometry", reason, str(points[i])[:200]) for i in bad]
        raise BadGeometry(f"{len(bad)} 行摄像机没有点坐标", f"{len(bad)} cameras have no point coordinates", rows=rows)
    return x, y


def _shapes_and_heights(obstacles: gpd.GeoDataFrame | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the footprints and their heights; NaN where missing, unreadable or not above 0 (U5)."""
    if obstacles is None:
        return np.empty(0, dtype=object), np.empty(0)
    shapes = np.asarray(obstacles.geometry.to_numpy(), dtype=object)
    if "height" not in obstacles:
        return shapes, np.full(len(shapes), np.nan)
    heights = pd.to_numeric(obstacles["height"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return shapes, np.where(heights > 0, heights, np.nan)


def _is_indoor(frame: gpd.GeoDataFrame) -> np.ndarray:
    """Return which cameras are indoors by their record (rule B1)."""
    kinds, unique = pd.factorize(frame["place_type"].astype(object).to_numpy())
    indoor = np.array([place_type(value) == "indoor" for value in unique] + [False])
    return indoor[kinds]


def _with_moved_positions(
    frame: gpd.GeoDataFrame, moved: np.ndarray, x: np.ndarray, y: np.ndarray, back: pyproj.Transformer | None
) -> gpd.GeoDataFrame:
    """Return the frame with the moved cameras at their new positions."""
    x, y = x[moved], y[moved]
    if back is not None:
        x, y = back.transform(x, y)
    points = frame.geometry.to_numpy().copy()
    points[moved] = shapely.points(x, y)
    return frame.set_geometry(gpd.GeoSeries(points, index=frame.index, crs=frame.crs, name="geometry"))
