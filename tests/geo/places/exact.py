"""Which polygon covers a point, in rational arithmetic: the oracle of the compiled search."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import shapely


def side(a: tuple[float, float], b: tuple[float, float], p: tuple[float, float]) -> int:
    """Return 1 where p is left of the line from a to b, -1 right of it, 0 on it."""
    (ax, ay), (bx, by), (px, py) = (tuple(map(Fraction, point)) for point in (a, b, p))
    turn = (ax - px) * (by - py) - (ay - py) * (bx - px)
    return (turn > 0) - (turn < 0)


def covers(shape: shapely.Geometry, lon: float, lat: float) -> bool:
    """Return whether a polygon or multipolygon covers a point, its border included."""
    inside = False
    for ring in shapely.get_rings(shapely.get_parts(shape)):
        for (ax, ay), (bx, by) in itertools.pairwise(shapely.get_coordinates(ring).tolist()):
            turn = side((ax, ay), (bx, by), (lon, lat))
            if turn == 0 and min(ax, bx) <= lon <= max(ax, bx) and min(ay, by) <= lat <= max(ay, by):
                return True
            if (ay > lat) != (by > lat) and (turn > 0) == (by > ay):
                inside = not inside
    return inside


def lowest_row(shapes: np.ndarray, lon: float, lat: float) -> int:
    """Return the lowest row that covers a point, -1 for none."""
    return next((row for row, shape in enumerate(shapes) if covers(shape, lon, lat)), -1)
