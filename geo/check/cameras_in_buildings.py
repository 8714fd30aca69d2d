"""Find cameras inside buildings and report how rules B1 to B3 treat each."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geo.catalog.free_words import place_type
from geo.check.metric_frames import MetricFrames, box_centres, column, keys, numbers
from geo.check.ranking import UnrankedFinding
from geo.sentences import sentence
from geo.visibility.optics import DEFAULTS
from geo.visibility.placement import TOUCHING_M, WALL_OFFSET_M, place_cameras
from geo.visibility.scene import build_obstacle_index

#: Rule B1 moves a camera WALL_OFFSET_M from the face of a wall; up to this much more (m) is rounding of the drawing, no
#: finding.
_MIN_REPORTED_MOVE_M = 0.05
#: Buildings within this distance (m) of a camera are joined to measure how deep inside them it is.
_JOIN_RADIUS_M = 60.0


def find(data: MetricFrames) -> Iterator[UnrankedFinding]:
    """Yield a warning for each camera that rule B1 moves to its wall, an error for each that sees nothing (B3)."""
    cameras, obstacles = data.frame("cameras"), data.frame("obstacles")
    if cameras is None or obstacles is None:
        return
    solid = obstacles[shapely.get_dimensions(obstacles.geometry.to_numpy()) == 2]
    if len(solid) == 0:
        return
    shapes, points = data.to_metres(solid.geometry.to_numpy()), data.to_metres(cameras.geometry.to_numpy())
    x, y = shapely.get_coordinates(points).T
    indoor = np.array([place_type(one) == "indoor" for one in column(cameras, "place_type")])
    roofs = numbers(solid, "height")
    obstacle_index = build_obstacle_index(shapes, np.where(roofs > 0, roofs, np.nan))
    # The same function as for views, so that findings agree with the analysis.
    placement = place_cameras(x, y, _lens_heights(cameras), indoor, obstacle_index)
    moved = np.hypot(placement.x - x, placement.y - y)
    names, positions = keys(cameras, "cameras"), box_centres(cameras.geometry.to_numpy())
    tree, buildings = shapely.STRtree(shapes), keys(solid, "obstacles")
    for k in np.flatnonzero(moved >= WALL_OFFSET_M + _MIN_REPORTED_MOVE_M).tolist():
        building = buildings[int(tree.nearest(points[k]))]
        yield _moved_out(names[k], building, float(moved[k]), positions[k])
    for k in np.flatnonzero(placement.sees_nothing & ~indoor).tolist():
        building = buildings[int(tree.nearest(points[k]))]
        yield _sees_nothing(names[k], building, _depth(tree, shapes, points[k]), positions[k])
    yield from _indoor(tree, points, names, indoor)


def _moved_out(key: str, obstacle: str, distance: float, position: np.ndarray) -> UnrankedFinding:
    return UnrankedFinding(
        "warning", "camera-in-wall", "cameras", [key],
        sentence(f"摄像机 {key} 在建筑 {obstacle} 墙内，按规则 B1 移出 {distance:.2f} m",
        f"camera {key} is inside the wall of"
        f" obstacle {obstacle} and is moved {distance:.2f} m out of it (rule B1)"),
        distance, float(position[0]), float(position[1]),
    )  # fmt: skip


def _sees_nothing(key: str, obstacle: str, depth: float, position: np.ndarray) -> UnrankedFinding:
    return UnrankedFinding(
        "error", "camera-in-wall", "cameras", [key],
        sentence(f"摄像机 {key} 在建筑 {obstacle} 内，距外墙 {depth:.1f} m，什么也看不到（规则 B3）",
        f"camera {key} is {depth:.1f} m inside obstacle {obstacle} and sees nothing (rule B3)"),
        depth, float(position[0]), float(position[1]),
    )  # fmt: skip


def _indoor(
    tree: shapely.STRtree, points: np.ndarray, names: list[str], indoor: np.ndarray
) -> Iterator[UnrankedFinding]:
    rows = np.flatnonzero(indoor)
    inside = rows[np.unique(tree.query(points[rows], predicate="intersects")[0])]
    if len(inside):
        yield UnrankedFinding(
            "warning", "camera-indoor", "cameras", [names[k] for k in inside.tolist()],
            sentence(f"{len(inside)} 台室内摄像机在建筑内，看不到室外（规则 B3）",
            f"{len(inside)} indoor cameras are inside"
            " obstacles and see nothing outdoors (rule B3)"),
            float(len(inside)),
        )  # fmt: skip


def _depth(tree: shapely.STRtree, shapes: np.ndarray, point: shapely.Geometry) -> float:
    """Return metres from a camera to the outside of the touching buildings around it, within the join radius."""
    near = shapes[tree.query(point, predicate="dwithin", distance=_JOIN_RADIUS_M)]
    near = np.where(shapely.is_valid(near), near, shapely.make_valid(near))
    grown = shapely.union_all(shapely.buffer(near, TOUCHING_M / 2, join_style="mitre"))
    closed = shapely.get_parts(shapely.buffer(grown, -TOUCHING_M / 2, join_style="mitre"))
    here = closed[int(np.argmin(shapely.distance(closed, point)))]
    return float(shapely.distance(shapely.boundary(here), point))


def _lens_heights(cameras: gpd.GeoDataFrame) -> np.ndarray:
    height, kind = numbers(cameras, "height"), column(cameras, "kind")
    default = np.array([DEFAULTS.get(str(one), DEFAULTS["fixed"])["height"] for one in kind])
    return np.where(np.isnan(height), default, height)
