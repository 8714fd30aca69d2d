"""Approximate circles by chords whose sagitta keeps to rule C2.

A chord that spans the angle 2a of a circle of radius r is at most r (1 - cos a) from its arc: its sagitta.
"""

from __future__ import annotations

import math

import numpy as np

#: Rule C2: maximum distance of a chord from its arc, metres.
MAX_SAGITTA_M = 0.05


def chord_counts(radius: np.ndarray) -> np.ndarray:
    """Return how many chords keep to the sagitta all round circles, multiples of 8.

    Parameters
    ----------
    radius
        Metres; 0 gives 8 chords.

    Examples
    --------
    With r = 10 m the angle a is arccos(1 - 0.005) = 0.100 radians: 31.4 chords, rounded up to 32.

    >>> import numpy as np
    >>> chord_counts(np.array([0.0, 10.0, 100.0])).tolist()
    [8, 32, 104]
    """
    with np.errstate(divide="ignore"):
        least = np.pi / np.arccos(np.maximum(1 - MAX_SAGITTA_M / radius, np.cos(np.pi / 8)))
    return (8 * np.ceil(least / 8 - 1e-9)).astype(np.int64)


def quadrant_segments(radius: float) -> int:
    """Return how many chords per quarter of a circle keep to the sagitta, as buffers count them.

    Parameters
    ----------
    radius
        Metres.

    Examples
    --------
    >>> quadrant_segments(0.05), quadrant_segments(10.0)
    (1, 8)
    """
    if radius <= MAX_SAGITTA_M:
        return 1
    return max(1, math.ceil(math.pi / 4 / math.acos(1 - MAX_SAGITTA_M / radius)))
