"""Decide the cause of each gap position, in the order of rule G2."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo.catalog.editions import lowest_level
from geo.catalog.results import CAUSES
from geo.visibility.line_of_sight import line_of_sight

if TYPE_CHECKING:
    from geo.visibility.views import Views

#: Cameras this much beyond the ground range are tested too, metres: line_of_sight() decides exactly.
_RANGE_MARGIN_M = 1.0


class Causes(NamedTuple):
    """Cause of each position.

    Attributes
    ----------
    cause
        Position in ``CAUSES``.
    camera
        Row of the nearest camera that meets the test, of equally near ones that of lowest id; -1 where there is none.
    obstacle
        Row of the first obstacle on the line of sight where the cause is ``blocked``, else -1.
    distance_m
        Ground distance of the camera (m); NaN where there is none.
    """

    cause: np.ndarray
    camera: np.ndarray
    obstacle: np.ndarray
    distance_m: np.ndarray


class _CausePairs(NamedTuple):
    """Pairs (position, camera row) that meet the test of one cause."""

    cause: str
    position: np.ndarray
    camera: np.ndarray
    distance_m: np.ndarray
    obstacle: np.ndarray


def causes(views: Views, positions: np.ndarray) -> Causes:
    """Decide the cause at each position (rule G2).

    Parameters
    ----------
    views
        The views that do not surely see the positions; planned cameras take no part.
    positions
        Points of shape (n, 2) in the computing CRS of the views (m).

    Examples
    --------
    A camera looks north, 20 m far. One position is behind it, one is too far:

    >>> import geopandas as gpd, numpy as np, shapely
    >>> from geo import views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> record = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(record, geometry=[shapely.Point(x, y)], crs=4547))
    >>> found = causes(seen, np.array([(x, y - 5), (x, y + 30)]))
    >>> [CAUSES[cause] for cause in found.cause], found.camera.tolist(), found.distance_m.tolist()
    (['aim', 'range'], [0, 0], [5.0, 30.0])
    """
    scene = views.scene
    camera_xy = np.column_stack([scene.x, scene.y]).reshape(-1, 2)
    online, offline = np.flatnonzero(scene.online), np.flatnonzero(scene.offline)
    tree = shapely.STRtree(shapely.points(positions))
    pairs = [
        _seen_by("offline", tree, positions, camera_xy, views.sure_metric, offline),
        _seen_by("unknown", tree, positions, camera_xy, views.possible_metric, online),
        *_by_line_of_sight(views, tree, positions, online),
        _nearest_camera(positions, camera_xy, online),
    ]
    return _first_cause(pairs, views, len(positions))


def _seen_by(
    cause: str,
    tree: shapely.STRtree,
    positions: np.ndarray,
    camera_xy: np.ndarray,
    shapes: np.ndarray,
    rows: np.ndarray,
) -> _CausePairs:
    """Pair the positions inside the views of some cameras with these."""
    row, position = tree.query(shapes[rows], predicate="intersects")
    camera = rows[row]
    distance = _distance(camera_xy[camera], positions[position])
    return _CausePairs(cause, position, camera, distance, np.full(len(position), -1))


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])


def _by_line_of_sight(
    views: Views, tree: shapely.STRtree, positions: np.ndarray, online: np.ndarray
) -> list[_CausePairs]:
    """Test R1-R5 one by one for every online camera of known azimuth and every position in its range."""
    scene = views.scene
    rows = online[np.asarray(scene.azimuth_known)[online]]
    lower = _lower_level(views)
    range_m = np.asarray(scene.ground_range_m(views.level), float)
    lower_range_m = np.asarray(scene.ground_range_m(lower), float) if lower else np.zeros(len(range_m))
    limit = np.maximum(range_m, lower_range_m)[rows] + _RANGE_MARGIN_M
    camera_points = shapely.points(np.asarray(scene.x)[rows], np.asarray(scene.y)[rows])
    row, position = tree.query(camera_points, predicate="dwithin", distance=limit)
    camera = rows[row]
    test = line_of_sight(scene, camera, positions[position], level=views.level, heights="sure")
    unobstructed = test.clear & test.outside
    met = {
        "level": test.bearing_ok & test.depression_ok & unobstructed & (test.distance_m <= lower_range_m[camera]),
        "aim": test.range_ok & unobstructed & ~test.bearing_ok,
        "tilt": test.range_ok & unobstructed & test.bearing_ok & ~test.depression_ok,
        "blocked": test.range_ok & ~test.clear,
    }
    return [
        _CausePairs(
            cause,
            position[pair],
            camera[pair],
            test.distance_m[pair],
            test.obstacle[pair] if cause == "blocked" else np.full(int(pair.sum()), -1),
        )
        for cause, pair in met.items()
    ]


def _lower_level(views: Views) -> str:
    """Return the lowest level of the edition, which has the largest range; '' where it is that of the views."""
    lowest = lowest_level(views.edition)
    return "" if lowest == views.level else lowest


def _nearest_camera(positions: np.ndarray, camera_xy: np.ndarray, online: np.ndarray) -> _CausePairs:
    """Pair each position with the online cameras nearest to it."""
    if len(online) == 0 or len(positions) == 0:
        none = np.empty(0, np.int64)
        return _CausePairs("range", none, none, np.empty(0), none)
    tree = shapely.STRtree(shapely.points(camera_xy[online]))
    (position, row), distance = tree.query_nearest(shapely.points(positions), return_distance=True)
    return _CausePairs("range", position, online[row], distance, np.full(len(position), -1))


def _first_cause(pairs: list[_CausePairs], views: Views, count: int) -> Causes:
    """Return for each position its first cause, and of the cameras of that cause the nearest, then the lowest id."""
    ids = views.cameras["id"].astype(str).to_numpy(str)
    id_order = np.empty(len(ids), np.int64)
    id_order[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    cause = np.full(count, CAUSES.index("range"))
    camera = np.full(count, -1)
    obstacle = np.full(count, -1)
    distance = np.full(count, np.nan)
    undecided = np.ones(count, bool)
    for found in pairs:
        order = np.lexsort((id_order[found.camera], found.distance_m, found.position))
        position = found.position[order]
        first = np.ones(len(position), bool)
        first[1:] = position[1:] != position[:-1]
        pick = order[first & undecided[position]]
        at = found.position[pick]
        cause[at] = CAUSES.index(found.cause)
        camera[at], obstacle[at], distance[at] = found.camera[pick], found.obstacle[pick], found.distance_m[pick]
        undecided[at] = False
    return Causes(cause, camera, obstacle, distance)
