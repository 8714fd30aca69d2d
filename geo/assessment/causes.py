"""Decide the cause of each gap position, in the order of rule G2."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo.catalog.editions import lowest_level
from geo.catalog.results import CAUSES
from geo.parallel import Executor
from geo.visibility.line_of_sight import line_of_sight, rules_without_obstacles

if TYPE_CHECKING:
    from geo.visibility.views import Views

#: Cameras this much beyond the ground range are tested too, metres: line_of_sight() decides exactly.
_RANGE_MARGIN_M = 1.0
#: Fewer positions than this per worker do not repay a thread.
_MIN_POSITIONS_PER_WORKER = 2_000


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
    maybe_online = np.flatnonzero(scene.maybe_online)
    tree = shapely.STRtree(shapely.points(positions))
    pairs = [
        _seen_by("offline", tree, positions, camera_xy, views.sure_metric, offline),
        _seen_by("unknown", tree, positions, camera_xy, views.possible_metric, maybe_online),
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


def first_causes(views: Views, positions: np.ndarray, *, workers: int | None = 1) -> np.ndarray:
    """Return only the cause of each of many positions, as `causes` decides it (rule G2).

    A line of sight costs most, so the cameras of a position are tried in an order in which the first that has a clear
    line decides.

    Parameters
    ----------
    views, positions
        As of `causes`.
    workers
        Threads; None takes one per core. The result is the same for any number.

    Examples
    --------
    A camera looks north, 20 m far. One position is behind it, one is too far:

    >>> import geopandas as gpd, numpy as np, shapely
    >>> from geo import views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> record = {"id": ["a"], "azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(record, geometry=[shapely.Point(x, y)], crs=4547))
    >>> [CAUSES[cause] for cause in first_causes(seen, np.array([(x, y - 5), (x, y + 30)]))]
    ['aim', 'range']
    """
    scene = views.scene
    online, offline = np.flatnonzero(scene.online), np.flatnonzero(scene.offline)
    # Nothing here is surely seen by an online camera, so that those whose possible view is the sure one see none of it.
    same = shapely.equals_identical(views.sure_metric, views.possible_metric)
    unsure = np.flatnonzero(scene.maybe_online & ~(scene.online & same))
    rows = online[np.asarray(scene.azimuth_known)[online]]
    lower = _lower_level(views)
    range_m = np.asarray(scene.ground_range_m(views.level), float)
    lower_range_m = np.asarray(scene.ground_range_m(lower), float) if lower else np.zeros(len(range_m))
    limit = np.maximum(range_m, lower_range_m)[rows] + _RANGE_MARGIN_M
    camera_points = shapely.points(np.asarray(scene.x)[rows], np.asarray(scene.y)[rows])

    def of_part(part: np.ndarray) -> np.ndarray:
        xy = positions[part]
        out = np.full(len(xy), CAUSES.index("range"))
        tree = shapely.STRtree(shapely.points(xy))
        for cause, shapes in (("unknown", views.possible_metric[unsure]), ("offline", views.sure_metric[offline])):
            out[tree.query(shapes, predicate="intersects")[1]] = CAUSES.index(cause)
        row, at = tree.query(camera_points, predicate="dwithin", distance=limit)
        open_pair = out[at] == CAUSES.index("range")
        row, at = row[open_pair], at[open_pair]
        near = np.unique(at)
        out[near] = _first_by_line_of_sight(views, xy[near], rows[row], np.searchsorted(near, at), lower_range_m)
        return out

    executor = Executor.of(workers, items=len(positions) // _MIN_POSITIONS_PER_WORKER)
    parts = [part for part in np.array_split(np.arange(len(positions)), 4 * executor.workers) if len(part)]
    return np.concatenate([np.empty(0, np.int64), *executor.map(of_part, parts)]).astype(np.int64)


def _first_by_line_of_sight(
    views: Views, xy: np.ndarray, camera: np.ndarray, position: np.ndarray, lower_range_m: np.ndarray
) -> np.ndarray:
    """Return the cause of each position from pairs (camera, position) of known azimuth near enough to be tested."""
    names = ("level", "aim", "tilt", "blocked", "range")
    level, aim, tilt, blocked, out_of_range = (CAUSES.index(name) for name in names)
    out = np.full(len(xy), out_of_range)
    # 1. what each pair would be with a clear line: a wall in between makes it ``blocked``; where R1-R3 hold there is
    # one, as the camera would surely see the position
    met = rules_without_obstacles(views.scene, camera, xy[position], level=views.level)
    best = np.full(len(camera), blocked)
    best[met.range_ok & met.bearing_ok & ~met.depression_ok] = tilt
    best[met.range_ok & ~met.bearing_ok] = aim
    best[met.bearing_ok & met.depression_ok & (met.distance_m <= lower_range_m[camera])] = level
    out[position[met.range_ok & (best == blocked)]] = blocked
    useful = best != blocked
    camera, position, best, in_range = camera[useful], position[useful], best[useful], met.range_ok[useful]
    order = np.lexsort((met.distance_m[useful], best, position))
    camera, position, best, in_range = camera[order], position[order], best[order], in_range[order]
    # 2. one pair of each undecided position at a time: what is clear decides, as later pairs mean no earlier cause
    new = np.flatnonzero(np.diff(position, prepend=-1))
    turn, end = new.copy(), np.append(new[1:], len(position))
    while len(turn):
        at = position[turn]
        test = line_of_sight(views.scene, camera[turn], xy[at], level=views.level, heights="sure")
        clear = test.clear & test.outside
        out[at[clear]] = best[turn[clear]]
        behind = ~test.clear & in_range[turn]
        out[at[behind]] = blocked
        left = ~clear
        turn, end = turn[left] + 1, end[left]
        more = turn < end
        turn, end = turn[more], end[more]
    return out
