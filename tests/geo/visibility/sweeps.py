"""Inputs of sweeps and obstacles made by hand, metres from a camera at the origin."""

from __future__ import annotations

import math

import numpy as np
import shapely

from geo.visibility._sweep_data import SweepInputs
from geo.visibility.scene import ObstacleIndex, build_obstacle_index

TARGET = 1.6


def obstacles(*shapes: shapely.Geometry | None, heights: float | list[float] = 9.0) -> ObstacleIndex:
    """Return obstacles of one height, or of one each."""
    return build_obstacle_index(np.array(shapes, dtype=object), np.full(len(shapes), heights, dtype=float))


def sweep_of(
    *,
    x: float = 0.0,
    y: float = 0.0,
    lens: float = 4.0,
    azimuth: float = 0.0,
    hfov: float = 90.0,
    far: float = 40.0,
    near: float = 0.0,
    sides: int = 256,
    unknown: float = math.inf,
    lowered: int = -1,
) -> SweepInputs:
    """Return one sweep; azimuth and hfov in degrees, from grid north."""
    start = math.radians((90.0 - azimuth - hfov / 2) % 360.0)
    values = (x, y, lens, start, math.radians(hfov), hfov >= 360.0, far, near, sides, sides, unknown, lowered)
    return SweepInputs(*(np.array([value]) for value in values))


def together(*sweeps: SweepInputs) -> SweepInputs:
    """Return several sweeps as one."""
    return SweepInputs(*(np.concatenate(values) for values in zip(*sweeps, strict=True)))
