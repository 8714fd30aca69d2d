"""Measure the turn between two directions, the shorter way round."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def turn(begin: ArrayLike, end: ArrayLike) -> np.ndarray:
    """Return the degrees from one direction to another, -180 up to but not 180, clockwise positive.

    Of longitudes: how far east the other lies, across the antimeridian too. NaN where one is unknown.

    Examples
    --------
    >>> turn([350.0, 10.0, 0.0], [10.0, 350.0, 180.0]).tolist()
    [20.0, -20.0, -180.0]
    """
    return np.asarray((np.asarray(end, dtype=float) - np.asarray(begin, dtype=float) + 180.0) % 360.0 - 180.0)


def angle_between(one: ArrayLike, other: ArrayLike) -> np.ndarray:
    """Return the angle between two directions, 0 to 180 degrees; NaN where one is unknown.

    Examples
    --------
    >>> angle_between([350.0, 90.0], [10.0, 270.0]).tolist()
    [20.0, 180.0]
    """
    return np.abs(turn(other, one))
