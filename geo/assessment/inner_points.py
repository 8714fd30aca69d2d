"""Give the point that says where a shape is: which township has it, where a list or a map shows it."""

from __future__ import annotations

import numpy as np
import shapely


def inner_points(shapes: np.ndarray) -> np.ndarray:
    """Return a point of each shape: the middle of the longest line, else a point on its surface; None for none.

    GEOS takes an end of a line of two vertices for a point on its surface, and ends of roads lie on borders.

    Examples
    --------
    >>> bent = shapely.LineString([(0, 0), (2, 0), (2, 4)])
    >>> pieces = shapely.MultiLineString([[(0, 0), (1, 0)], [(5, 0), (9, 0)]])
    >>> inner_points(np.array([bent, pieces, shapely.Point(7, 7), shapely.Point(), None], object)).tolist()
    [<POINT (2 1)>, <POINT (7 0)>, <POINT (7 7)>, None, None]
    """
    known = np.array(shapes, object)
    known[~np.isfinite(shapely.bounds(known)).all(axis=1)] = None
    out = np.asarray(shapely.point_on_surface(known), object)
    lines = np.flatnonzero(shapely.get_dimensions(known) == 1)
    if len(lines):
        parts, row = shapely.get_parts(known[lines], return_index=True)
        order = np.lexsort([-np.arange(len(parts)), shapely.length(parts), row])  # of equal ones the first
        last = np.flatnonzero(np.r_[row[order][1:] != row[order][:-1], True])
        longest = parts[order[last]]
        is_line = np.isin(
            shapely.get_type_id(longest), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
        )
        middle = shapely.line_interpolate_point(longest[is_line], 0.5, normalized=True)
        out[lines[row[order[last]][is_line]]] = middle
    return out
