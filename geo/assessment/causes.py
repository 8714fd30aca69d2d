"""Say why places are not seen, in the order of rule G2."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from geo.catalog.editions import EDITIONS
from geo.catalog.results import CAUSES
from geo.visibility.line_of_sight import line_of_sight

if TYPE_CHECKING:
    from geo.visibility.views import Views


class Causes(NamedTuple):
    """Hold the cause of each place.

    Attributes
    ----------
    cause
        Position in ``CAUSES``.
    camera
        Row of the nearest camera that meets the test, then of lowest id; -1 where there is none.
    obstacle
        Row of the first obstacle on the line of sight where the cause is ``blocked``, else -1.
    distance_m
        Ground distance of the camera (m); NaN where there is none.
    """

    cause: np.ndarray
    camera: np.ndarray
    obstacle: np.ndarray
    distance_m: np.ndarray


class _Found(NamedTuple):
    """Hold pairs (place, camera row) that meet the test of one cause."""

    cause: str
    place: np.ndarray
    camera: np.ndarray
    distance_m: np.ndarray
    obstacle: np.ndarray


def causes(views: Views, places: np.ndarray) -> Causes:
    """Decide the cause at each place (rule G2).

    Parameters
    ----------
    views
        The views the places are missing in; planned cameras take no part.
    places
        Points of shape (n, 2) in the views' computing CRS (m).
    """
    scene = views.scene
    at = np.column_stack([scene.x, scene.y]).reshape(-1, 2)
    online, offline = np.flatnonzero(scene.online), np.flatnonzero(scene.offline)
    tree = shapely.STRtree(shapely.points(places))
    found = [
        _in_views("offline", tree, places, at, views.sure_metric, offline),
        _in_views("unknown", tree, places, at, views.possible_metric, online),
        *_by_sight(views, tree, places, online),
        _nearest(places, at, online),
    ]
    return _first(found, views, len(places))


def _in_views(
    cause: str, tree: shapely.STRtree, places: np.ndarray, at: np.ndarray, shapes: np.ndarray, rows: np.ndarray
) -> _Found:
    row, place = tree.query(shapes[rows], predicate="intersects")
    camera = rows[row]
    return _Found(cause, place, camera, _distance(at[camera], places[place]), np.full(len(place), -1))


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1])


def _by_sight(views: Views, tree: shapely.STRtree, places: np.ndarray, online: np.ndarray) -> list[_Found]:
    """Test R1-R5 one by one for every aimed online camera and every place it could reach."""
    scene = views.scene
    rows = online[np.asarray(scene.azimuth_known)[online]]
    lower = _lower_level(views)
    here = np.asarray(scene.ground_range_m(views.level), float)
    below = np.asarray(scene.ground_range_m(lower), float) if lower else np.zeros(len(here))
    # a metre to spare: the probe decides
    reach = np.maximum(here, below)[rows] + 1.0
    spots = shapely.points(np.asarray(scene.x)[rows], np.asarray(scene.y)[rows])
    row, place = tree.query(spots, predicate="dwithin", distance=reach)
    camera = rows[row]
    test = line_of_sight(scene, camera, places[place], level=views.level, heights="sure")
    open_line = test.clear & test.outside
    met = {
        "level": test.bearing_ok & test.depression_ok & open_line & (test.distance_m <= below[camera]),
        "aim": test.range_ok & open_line & ~test.bearing_ok,
        "tilt": test.range_ok & open_line & test.bearing_ok & ~test.depression_ok,
        "blocked": test.range_ok & ~test.clear,
    }
    return [
        _Found(
            cause,
            place[pair],
            camera[pair],
            test.distance_m[pair],
            test.obstacle[pair] if cause == "blocked" else np.full(int(pair.sum()), -1),
        )
        for cause, pair in met.items()
    ]


def _lower_level(views: Views) -> str:
    """Return the lowest level of the edition, the farthest to reach, where it is below that of the views; else ''."""
    lowest = next(iter(EDITIONS[views.edition]))
    return "" if lowest == views.level else lowest


def _nearest(places: np.ndarray, at: np.ndarray, online: np.ndarray) -> _Found:
    """Pair each place with the online cameras nearest to it."""
    if len(online) == 0 or len(places) == 0:
        none = np.empty(0, np.int64)
        return _Found("range", none, none, np.empty(0), none)
    tree = shapely.STRtree(shapely.points(at[online]))
    (place, row), distance = tree.query_nearest(shapely.points(places), return_distance=True)
    return _Found("range", place, online[row], distance, np.full(len(place), -1))


def _first(found: list[_Found], views: Views, count: int) -> Causes:
    """Keep for each place the first cause, and of its cameras the nearest, then the lowest id."""
    ids = views.cameras["id"].astype(str).to_numpy(str)
    standing = np.empty(len(ids), np.int64)
    standing[np.argsort(ids, kind="stable")] = np.arange(len(ids))
    cause = np.full(count, CAUSES.index("range"))
    camera = np.full(count, -1)
    obstacle = np.full(count, -1)
    distance = np.full(count, np.nan)
    open_ = np.ones(count, bool)
    for one in found:
        order = np.lexsort((standing[one.camera], one.distance_m, one.place))
        place = one.place[order]
        head = np.ones(len(place), bool)
        head[1:] = place[1:] != place[:-1]
        pick = order[head & open_[place]]
        place = one.place[pick]
        cause[place] = CAUSES.index(one.cause)
        camera[place], obstacle[place], distance[place] = one.camera[pick], one.obstacle[pick], one.distance_m[pick]
        open_[place] = False
    return Causes(cause, camera, obstacle, distance)
