"""Fit shapes of drawings to what a layer holds: closed lines are areas, open rings are closed, and both are said."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import shapely

from geo.readers.source import SourceTable

CLOSED_LINES = "闭合的线按面读 / closed lines read as areas"
RINGS_CLOSED = "环没有闭合，已首尾相连 / open rings closed, last point joined to the first"


def closed_lines_as_areas(source: SourceTable, wanted: Collection[str]) -> None:
    """Turn closed lines into areas, in place, where the layer holds areas and no lines; the source notes the rows."""
    if "polygon" not in wanted or "line" in wanted:
        return
    rows = []
    for row in np.flatnonzero(np.isin(shapely.get_type_id(source.shapes), (1, 2, 5))):
        area = area_of_lines(source.shapes[row])
        if area is not None:
            source.shapes[row] = area
            rows.append(int(row))
    if rows:
        source.row_notes[CLOSED_LINES] = rows


def area_of_lines(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return the areas that closed lines enclose, None where a line is open or too short.

    Examples
    --------
    >>> area_of_lines(shapely.LineString([(0, 0), (1, 0), (1, 1), (0, 0)])).area
    0.5
    >>> area_of_lines(shapely.LineString([(0, 0), (1, 0), (1, 1)])) is None
    True
    """
    lines = list(shapely.get_parts(shape))
    if not lines or not all(line.is_closed and len(line.coords) >= 4 for line in lines):
        return None
    areas = [shapely.Polygon(line.coords) for line in lines]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)


def ring(points: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the points of a ring, closed, and whether they were not.

    Examples
    --------
    >>> ring(np.array([[0, 0], [1, 0], [1, 1]]))
    (array([[0, 0],
           [1, 0],
           [1, 1],
           [0, 0]]), True)
    """
    if len(points) and not np.array_equal(points[0], points[-1]):
        return np.vstack([points, points[:1]]), True
    return points, False
