"""Group items that are tied in pairs."""

from __future__ import annotations

import numpy as np
import shapely


def groups(n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the group of each of n items where a[i] is tied to b[i], numbered from 0 by their first members.

    Examples
    --------
    >>> groups(5, np.array([4, 2]), np.array([3, 0])).tolist()
    [0, 1, 0, 2, 2]
    """
    label = np.arange(n)
    while len(a):
        least = np.minimum(label[a], label[b])
        before = label.copy()
        # the labels of both, and of those that had the same, go down to the lower one
        np.minimum.at(label, label[a], least)
        np.minimum.at(label, label[b], least)
        np.minimum.at(label, a, least)
        np.minimum.at(label, b, least)
        label = label[label]
        if np.array_equal(label, before):
            break
    return np.unique(label, return_inverse=True)[1]


def touching(points: np.ndarray, within: float) -> np.ndarray:
    """Return the group of each point (n, 2): those at most so far apart (m) are one group, by single linkage.

    Examples
    --------
    >>> touching(np.array([(0.0, 0.0), (9.0, 0.0), (0.1, 0.0), (0.2, 0.0)]), 0.15).tolist()
    [0, 1, 0, 0]
    """
    shapes = shapely.points(points) if len(points) else np.empty(0, object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=within)
    return groups(len(points), one, other)
