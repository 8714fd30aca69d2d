"""Tell which zones lie in another: those whose inner point is in it (rule L1), whatever their layers."""

from __future__ import annotations

import numpy as np
import shapely


def zones_inside(shapes: np.ndarray, zone: shapely.Geometry) -> np.ndarray:
    """Return which shapes lie in a zone, or have it in them: an inner point of the smaller is in the larger.

    A zone is in itself. A shape of more than twice the zone's size is not in it.

    Examples
    --------
    >>> grids = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(5, 0, 6, 1)])
    >>> zones_inside(grids, shapely.box(0, 0, 2, 1)).tolist()
    [True, True, False]
    >>> zones_inside(np.array([shapely.box(0, 0, 9, 9), shapely.box(7, 0, 9, 2)]), grids[0]).tolist()
    [True, False]
    """
    if not len(shapes):
        return np.zeros(0, bool)
    shapely.prepare(zone)
    inner = shapely.point_on_surface(shapes)
    is_larger = shapely.area(shapes) > 2 * zone.area
    is_in = shapely.intersects(zone, inner) & ~is_larger
    own: np.ndarray = is_in | (is_larger & shapely.intersects(shapes, shapely.point_on_surface(zone)))
    return own
