"""Compute what a camera would surely see if one unknown value were known, the others not (rules U1-U3)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.visibility.scene import POSSIBLE_HEIGHT_M, ObstacleIndex
from geo.visibility.view_polygons import view_polygons
from geo.visibility.views import Views, home_sweeps

#: Area (m2) below which the possible view adds nothing to the sure one but rounding.
_ROUNDED_M2 = 1e-6


def views_all_round(views: Views, rows: np.ndarray) -> np.ndarray:
    """Return the home views that cameras would surely have, turned to every azimuth: each lies within hfov of its ray.

    Parameters
    ----------
    views
        The views.
    rows
        The cameras.

    Returns
    -------
    Polygons in the computing CRS; empty for a camera that sees nothing by rule B3.

    Examples
    --------
    At 20 m of range the disc, and the sector of 90 degrees of a known azimuth is a quarter of it:

    >>> import geopandas as gpd, shapely
    >>> from geo import views
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [1.6]}
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547))
    >>> disc = views_all_round(seen, np.array([0]))
    >>> round(float(disc[0].area / seen.sure_metric[0].area), 6)
    4.0
    """
    scene = views.scene
    out = np.full(len(rows), shapely.Polygon(), dtype=object)
    seeing = np.flatnonzero(~scene.sees_nothing[rows])
    inputs = home_sweeps(scene, views.range_m.to_numpy(float)).take(rows[seeing])
    inputs = inputs._replace(full=np.ones(len(seeing), bool))
    out[seeing], _ = view_polygons(scene.obstacle_index, inputs, scene.target_height, np.arange(len(seeing)))
    return out


def hidden_behind(views: Views, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs (camera, obstacle of unknown height) where knowing that height may show the camera more.

    What it might see besides lies outside the sure view, in the home view with all such heights at 3 m; an obstacle
    that hides a part of that stands between the part and the camera, hence in the convex hull of both.

    Parameters
    ----------
    views
        The views.
    rows
        The cameras; those of unknown azimuth surely see nothing whatever the heights.

    Examples
    --------
    The camera is higher than 3 m, so that it may see beyond the first house; the second is behind it:

    >>> import geopandas as gpd, shapely
    >>> from geo import views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [6.0]}
    >>> houses = [shapely.box(x - 1, y + 8, x + 1, y + 9), shapely.box(x - 1, y - 9, x + 1, y - 8)]
    >>> houses = gpd.GeoDataFrame({"height": [None, None]}, geometry=houses, crs=4547)
    >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547), houses)
    >>> [found.tolist() for found in hidden_behind(seen, np.array([0]))]
    [[0], [0]]
    """
    scene = views.scene
    rings, obstacle = _rings_of_unknown_height(scene.obstacle_index)
    rows = rows[~scene.sees_nothing[rows] & scene.azimuth_known[rows]]
    if not len(rings) or not len(rows):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    sure, possible = views.sure_metric[rows], views.possible_metric[rows]
    differs = np.flatnonzero(~shapely.equals_identical(sure, possible))
    rows, sure, possible = rows[differs], sure[differs], possible[differs]
    turns = np.flatnonzero(scene.optics.kind[rows] == "ptz")  # its possible view is no home view
    if len(turns):
        inputs = home_sweeps(scene, views.range_m.to_numpy(float)).take(rows[turns])
        inputs = inputs._replace(unknown=np.full(len(turns), POSSIBLE_HEIGHT_M))
        possible[turns], _ = view_polygons(scene.obstacle_index, inputs, scene.target_height, np.arange(len(turns)))
    parts, camera = shapely.get_parts(shapely.difference(possible, sure), return_index=True)
    kept = shapely.area(parts) > _ROUNDED_M2
    parts, camera = parts[kept], rows[camera[kept]]
    points = shapely.points(scene.x[camera], scene.y[camera])
    hulls = shapely.convex_hull(shapely.geometrycollections(np.stack([parts, points], axis=1)))
    hull, ring = shapely.STRtree(rings).query(hulls, predicate="intersects")
    pairs = np.unique(np.stack([camera[hull], obstacle[ring]], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def views_with_low(views: Views, rows: np.ndarray, obstacles: np.ndarray) -> np.ndarray:
    """Return what cameras would surely see if one obstacle of unknown height were as low as rule U3 allows: 3 m.

    No other height shows more of what is possibly seen: the lower an obstacle, the shorter its shadow.

    Parameters
    ----------
    views
        The views.
    rows, obstacles
        Pairs of a camera and an obstacle.

    Returns
    -------
    Polygons in the computing CRS, one for each pair.

    Examples
    --------
    A lens 6 m high sees the ground beyond a wall of 3 m from twice its distance on:

    >>> import geopandas as gpd, shapely
    >>> from geo import views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [1000], "height": [6.0]}
    >>> house = gpd.GeoDataFrame({"height": [None]}, geometry=[shapely.box(x - 1, y + 7, x + 1, y + 8)], crs=4547)
    >>> camera = gpd.GeoDataFrame(camera, geometry=[shapely.Point(x, y)], crs=4547)
    >>> seen = views(camera, house, target_height=0.0)
    >>> low = views_with_low(seen, np.array([0]), np.array([0]))[0]
    >>> [[one.contains(shapely.Point(x, y + at)) for at in (15, 17)] for one in (seen.sure_metric[0], low)]
    [[False, False], [False, True]]
    """
    scene = views.scene
    inputs = home_sweeps(scene, views.range_m.to_numpy(float)).take(rows)
    inputs = inputs._replace(lowered=np.ascontiguousarray(obstacles, dtype=np.int64))
    shapes, _ = view_polygons(scene.obstacle_index, inputs, scene.target_height, np.arange(len(rows)))
    return shapes


def _rings_of_unknown_height(index: ObstacleIndex) -> tuple[np.ndarray, np.ndarray]:
    """Return the rings of the obstacles of unknown height as polygons, and the obstacle of each."""
    ring_owner = np.repeat(np.arange(len(index.height)), np.diff(index.obstacle_start))
    wanted = np.flatnonzero(np.isnan(index.height[ring_owner])) if len(ring_owner) else np.empty(0, np.int64)
    size = np.diff(index.ring_start)[wanted]
    wanted, size = wanted[size > 3], size[size > 3]
    vertex = np.repeat(index.ring_start[wanted] - np.cumsum(size) + size, size) + np.arange(size.sum())
    coords = np.column_stack([index.x[vertex], index.y[vertex]])
    rings = shapely.linearrings(coords, indices=np.repeat(np.arange(len(wanted)), size))
    return shapely.polygons(rings), ring_owner[wanted]
