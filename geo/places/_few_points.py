"""Decide exactly, without compiled kernels, which parts of polygons cover a few points (rule L1).

Loading the kernels of `geo.places._parity` takes longer than a handful of points does with plain numpy. The decisions
are the same, since both are exact: a point is inside where a ray to its east crosses an odd number of edges (Shimrat
1962, "Algorithm 112: position of point relative to polygon", doi:10.1145/368637.368653), and every sign that rounding
could change is computed with rational numbers.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

#: Below this multiple of the size of the terms a sign may be wrong by rounding (Shewchuk 1997, "ccwerrboundA",
#: doi:10.1007/PL00009321).
ERROR_BOUND = (3.0 + 16.0 * 2.0**-53) * 2.0**-53


def pair_distances(
    lon: np.ndarray,
    lat: np.ndarray,
    part: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    rings: np.ndarray,
    parts: np.ndarray,
    metres: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return for pairs of a point and a part the distance to its border in metres, and whether it covers the point.

    The arguments are those of `geo.places._border_distances.pair_distances`: degrees, metres per degree.

    Examples
    --------
    A point in the middle of a square of two units, one metre a unit:

    >>> import numpy as np
    >>> x, y = np.array([0.0, 2.0, 2.0, 0.0, 0.0]), np.array([0.0, 0.0, 2.0, 2.0, 0.0])
    >>> one, zero = np.array([1.0]), np.array([0])
    >>> distance, inside = pair_distances(one, one, zero, x, y, np.zeros(5), np.array([0, 5]), np.ones((1, 2)))
    >>> distance.round(3).tolist(), inside.tolist()
    ([1.0], [True])
    """
    distance, inside = np.empty(len(part)), np.empty(len(part), bool)
    for k, number in enumerate(part):
        first, last = parts[number], parts[number + 1]
        edge = first + np.flatnonzero(rings[first : last - 1] == rings[first + 1 : last])
        ends = (x[edge], y[edge], x[edge + 1], y[edge + 1])
        distance[k] = _border_distance(float(lon[k]), float(lat[k]), *ends, metres[k])
        inside[k] = _covers(float(lon[k]), float(lat[k]), *ends)
    return distance, inside


def _covers(px: float, py: float, ax: np.ndarray, ay: np.ndarray, bx: np.ndarray, by: np.ndarray) -> bool:
    """Return whether the rings with these edges cover the point, their border included."""
    boxed = (np.minimum(ax, bx) <= px) & (px <= np.maximum(ax, bx))
    boxed &= (np.minimum(ay, by) <= py) & (py <= np.maximum(ay, by))
    if (_sides(ax[boxed], ay[boxed], bx[boxed], by[boxed], px, py) == 0).any():
        return True
    spans = (ay > py) != (by > py)
    ax, ay, bx, by = ax[spans], ay[spans], bx[spans], by[spans]
    upwards = np.where(ay > by, -1, 1)
    return bool(np.count_nonzero(_sides(ax, ay, bx, by, px, py) * upwards > 0) % 2)


def _sides(ax: np.ndarray, ay: np.ndarray, bx: np.ndarray, by: np.ndarray, px: float, py: float) -> np.ndarray:
    """Return for each edge 1 where p is left of the line from a to b, -1 right of it, 0 exactly on it."""
    left, right = (ax - px) * (by - py), (ay - py) * (bx - px)
    out = np.sign(left - right).astype(np.int8)
    for k in np.flatnonzero(np.abs(left - right) <= ERROR_BOUND * (np.abs(left) + np.abs(right))):
        p, q, r, s = (Fraction(float(value[k])) for value in (ax, by, ay, bx))
        exact = (p - Fraction(px)) * (q - Fraction(py)) - (r - Fraction(py)) * (s - Fraction(px))
        out[k] = (exact > 0) - (exact < 0)
    return out


def _border_distance(
    px: float, py: float, ax: np.ndarray, ay: np.ndarray, bx: np.ndarray, by: np.ndarray, metre: np.ndarray
) -> float:
    """Return the distance in metres from a point in degrees to the nearest of the edges, as the kernels compute it."""
    rad = np.pi / 180.0
    ax = (ax - px) * metre[0] * np.cos((ay + py) * 0.5 * rad)
    bx = (bx - px) * metre[0] * np.cos((by + py) * 0.5 * rad)
    ay, by = (ay - py) * metre[1], (by - py) * metre[1]
    ux, uy = bx - ax, by - ay
    length = ux * ux + uy * uy
    along = np.divide(-(ax * ux + ay * uy), length, out=np.zeros_like(length), where=length > 0.0)
    t = np.clip(along, 0.0, 1.0)
    return float(np.sqrt(np.min((ax + t * ux) ** 2 + (ay + t * uy) ** 2, initial=np.inf)))
