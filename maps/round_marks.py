"""Place numbers and arrows along a round, so that one can follow it on a map (rule P8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely


@dataclass(frozen=True)
class RoundMarks:
    """Points along a round.

    Attributes
    ----------
    xy
        Position (n, 2), in the units of the round.
    bearing
        Direction of travel in degrees, clockwise from the y axis.
    along
        Distance from the start.
    """

    xy: np.ndarray
    bearing: np.ndarray
    along: np.ndarray


def marks_along(line: shapely.LineString, step: float, *, first: float = 0.0) -> RoundMarks:
    """Return points at equal distances along a round, from its start.

    Parameters
    ----------
    line
        In a metric CRS, or in page mm.
    step
        Distance between two of them, in the units of the line; above 0.
    first
        That of the first from the start.

    Examples
    --------
    Up ten and back, every five:

    >>> found = marks_along(shapely.LineString([(0, 0), (0, 10), (0, 0)]), 5.0)
    >>> found.xy.tolist(), found.bearing.tolist(), found.along.tolist()
    ([[0.0, 0.0], [0.0, 5.0], [0.0, 10.0], [0.0, 5.0]], [0.0, 0.0, 180.0, 180.0], [0.0, 5.0, 10.0, 15.0])
    """
    points = shapely.get_coordinates(line)
    leg = np.hypot(*np.diff(points, axis=0).T)
    points, leg = points[np.r_[True, leg > 0]], leg[leg > 0]
    if not len(leg):
        none = np.empty(0)
        return RoundMarks(np.empty((0, 2)), none, none)
    end = np.cumsum(leg)
    along = np.arange(first, end[-1] * (1 - 1e-9), step)
    at = np.searchsorted(end, along, side="right").clip(0, len(leg) - 1)
    way = np.diff(points, axis=0)[at] / leg[at, None]
    xy = points[at] + way * (along - (end[at] - leg[at]))[:, None]
    return RoundMarks(xy, np.degrees(np.arctan2(way[:, 0], way[:, 1])) % 360, along)


def right_of(line: shapely.LineString, distance: float) -> shapely.LineString:
    """Return a round drawn at the right of its way, so that a street walked there and back shows as two lines.

    Each leg is moved by itself and joined to the next; nothing is cut at bends.

    Examples
    --------
    >>> right_of(shapely.LineString([(0, 0), (0, 10), (0, 0)]), 1.0).wkt
    'LINESTRING (1 0, 1 10, -1 10, -1 0)'
    """
    points = shapely.get_coordinates(line)
    leg = np.diff(points, axis=0)
    length = np.hypot(*leg.T)
    points, leg, length = points[np.r_[True, length > 0]], leg[length > 0], length[length > 0]
    if not len(leg):
        return line
    aside = np.column_stack([leg[:, 1], -leg[:, 0]]) / length[:, None] * distance
    moved = np.stack([points[:-1] + aside, points[1:] + aside], axis=1).reshape(-1, 2)
    return shapely.LineString(moved)
