"""Measure, with compiled kernels, how far points are from the borders of parts of polygons, in metres (rule L2).

The Earth is a plane round each point: metres per degree are those of the ellipsoid there, and the cosine of the
latitude is that halfway to the end of an edge.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def border_distance(
    px: float, py: float, x: np.ndarray, y: np.ndarray, rings: np.ndarray, first: int, last: int, metre: np.ndarray
) -> float:
    """Return the distance in metres from a point in degrees to the nearest edge of one part.

    `metre` is metres per degree of longitude (before the cosine of the latitude) and of latitude at the point; the
    cosine is taken halfway, which is good to 1e-6 relative within 10 km.
    """
    best = np.inf
    rad = np.pi / 180.0
    for e in range(first, last - 1):
        if rings[e] != rings[e + 1]:
            continue
        ay = (y[e] - py) * metre[1]
        by = (y[e + 1] - py) * metre[1]
        ax = (x[e] - px) * metre[0] * np.cos((y[e] + py) * 0.5 * rad)
        bx = (x[e + 1] - px) * metre[0] * np.cos((y[e + 1] + py) * 0.5 * rad)
        ux, uy = bx - ax, by - ay
        length = ux * ux + uy * uy
        t = 0.0 if length == 0.0 else min(max(-(ax * ux + ay * uy) / length, 0.0), 1.0)
        d = (ax + t * ux) ** 2 + (ay + t * uy) ** 2
        best = min(best, d)
    return np.sqrt(best)


@njit(cache=True)
def pair_distances(
    lon: np.ndarray,
    lat: np.ndarray,
    part: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    rings: np.ndarray,
    parts: np.ndarray,
    metres: np.ndarray,
) -> np.ndarray:
    """Return for pairs of a point and a part the distance from one to the border of the other, in metres."""
    distance = np.empty(part.shape[0])
    for k in range(part.shape[0]):
        first, last = parts[part[k]], parts[part[k] + 1]
        distance[k] = border_distance(lon[k], lat[k], x, y, rings, first, last, metres[k])
    return distance
