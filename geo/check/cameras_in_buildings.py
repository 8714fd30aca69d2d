"""Find cameras drawn inside buildings, and say what rules B1 to B3 make of each."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely

from geo.check.metric_frames import Ground, column, keys, middle, numbers
from geo.check.ranking import Draft
from geo.visibility.optics import DEFAULTS
from geo.visibility.placement import OFF_WALL, TOUCHING, settle
from geo.visibility.scene import field_of

#: Rule B1 moves a camera this far (m) even from the face of a wall; a little more is a drawing's rounding, no finding.
_ROUNDING_M = 0.05
#: How far round a camera buildings are joined to measure how deep in them it is, metres.
_WINDOW_M = 60.0


def find(ground: Ground) -> Iterator[Draft]:
    """Yield a warning for each camera that rule B1 moves to its wall, an error for each that sees nothing (B3)."""
    cameras, obstacles = ground.frame("cameras"), ground.frame("obstacles")
    if cameras is None or obstacles is None:
        return
    solid = obstacles[shapely.get_dimensions(obstacles.geometry.to_numpy()) == 2]
    if len(solid) == 0:
        return
    shapes, points = ground.metres(solid.geometry.to_numpy()), ground.metres(cameras.geometry.to_numpy())
    x, y = shapely.get_coordinates(points).T
    indoor = np.array([str(one).casefold() == "indoor" for one in column(cameras, "place_type")])
    roofs = numbers(solid, "height")
    field = field_of(shapes, np.where(roofs > 0, roofs, np.nan))
    # The same decision as the one that views are computed by.
    settled = settle(x, y, _lens_heights(cameras), indoor, field)
    moved = np.hypot(settled.x - x, settled.y - y)
    names, wheres = keys(cameras, "cameras"), middle(cameras.geometry.to_numpy())
    tree, buildings = shapely.STRtree(shapes), keys(solid, "obstacles")
    for k in np.flatnonzero(moved >= OFF_WALL + _ROUNDING_M).tolist():
        building = buildings[int(tree.nearest(points[k]))]
        yield _moved(names[k], building, float(moved[k]), wheres[k])
    for k in np.flatnonzero(settled.blind & ~indoor).tolist():
        building = buildings[int(tree.nearest(points[k]))]
        yield _blind(names[k], building, _depth(tree, shapes, points[k]), wheres[k])
    yield from _indoor(tree, points, names, indoor)


def _moved(key: str, obstacle: str, distance: float, where: np.ndarray) -> Draft:
    return Draft(
        "warning", "camera-in-wall", "cameras", [key],
        f"摄像机 {key} 在建筑 {obstacle} 墙内，按规则 B1 移出 {distance:.2f} m / camera {key} is inside the wall of"
        f" obstacle {obstacle} and is moved {distance:.2f} m out of it (rule B1)",
        distance, float(where[0]), float(where[1]),
    )  # fmt: skip


def _blind(key: str, obstacle: str, depth: float, where: np.ndarray) -> Draft:
    return Draft(
        "error", "camera-in-wall", "cameras", [key],
        f"摄像机 {key} 在建筑 {obstacle} 内，距外墙 {depth:.1f} m，什么也看不到（规则 B3）"
        f" / camera {key} is {depth:.1f} m inside obstacle {obstacle} and sees nothing (rule B3)",
        depth, float(where[0]), float(where[1]),
    )  # fmt: skip


def _indoor(tree: shapely.STRtree, points: np.ndarray, names: list[str], indoor: np.ndarray) -> Iterator[Draft]:
    rows = np.flatnonzero(indoor)
    inside = rows[np.unique(tree.query(points[rows], predicate="intersects")[0])]
    if len(inside):
        yield Draft(
            "warning", "camera-indoor", "cameras", [names[k] for k in inside.tolist()],
            f"{len(inside)} 台室内摄像机在建筑内，看不到室外（规则 B3） / {len(inside)} indoor cameras are inside"
            " obstacles and see nothing outdoors (rule B3)",
            float(len(inside)),
        )  # fmt: skip


def _depth(tree: shapely.STRtree, shapes: np.ndarray, point: shapely.Geometry) -> float:
    """Return metres from a camera to the outside of the touching buildings it is in, as far as the window goes."""
    near = shapes[tree.query(point, predicate="dwithin", distance=_WINDOW_M)]
    near = np.where(shapely.is_valid(near), near, shapely.make_valid(near))
    grown = shapely.union_all(shapely.buffer(near, TOUCHING / 2, join_style="mitre"))
    closed = shapely.get_parts(shapely.buffer(grown, -TOUCHING / 2, join_style="mitre"))
    here = closed[int(np.argmin(shapely.distance(closed, point)))]
    return float(shapely.distance(shapely.boundary(here), point))


def _lens_heights(cameras: gpd.GeoDataFrame) -> np.ndarray:
    height, kind = numbers(cameras, "height"), column(cameras, "kind")
    default = np.array([DEFAULTS.get(str(one), DEFAULTS["fixed"])["height"] for one in kind])
    return np.where(np.isnan(height), default, height)
