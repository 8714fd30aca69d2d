"""Describe matrices of tiles: corner, size of a pixel, size of a tile; and choose one for a scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Half the length of the equator in Web Mercator, in metres.
HALF_EQUATOR_M = math.pi * 6378137.0
_RADIUS_M = 6378137.0
METRES_PER_DEGREE = HALF_EQUATOR_M / 180.0
TILE = 256
#: Sizes of pixels and coordinates of corners beyond which a source is damaged, in metres or degrees.
_PIXELS, _FARTHEST = (1e-9, 1e7), 1e9
#: Kind of a projection.
MERCATOR, DEGREES = "mercator", "degrees"


@dataclass(frozen=True)
class Matrix:
    """One matrix of tiles, rows from the north.

    Attributes
    ----------
    id
        What the source calls it.
    left, top
        Its corner in the north-west, in units of the projection.
    pixel
        Width of a pixel, in units of the projection.
    wide, tall
        Size of a tile in pixels.
    columns, rows
        How many tiles there are, from the corner.
    stretch
        Height of a pixel by its width.
    """

    id: str
    left: float
    top: float
    pixel: float
    wide: int
    tall: int
    columns: int
    rows: int
    stretch: float = 1.0


def is_possible(left: float, top: float, *pixels: float) -> bool:
    """Return whether a corner and sizes of pixels are any that a map has, and no damage.

    Examples
    --------
    >>> is_possible(-180.0, 90.0, 0.703125), is_possible(-180.0, 90.0, 1e-300), is_possible(float("nan"), 90.0, 1.0)
    (True, False, False)
    """
    least, most = _PIXELS
    return abs(left) < _FARTHEST and abs(top) < _FARTHEST and all(least < one < most for one in pixels)


def mercator_from_degrees(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points in degrees as metres of Web Mercator.

    Examples
    --------
    >>> [float(one.round(3)) for one in mercator_from_degrees(np.array(180.0), np.array(0.0))]
    [20037508.343, 0.0]
    """
    return lon * METRES_PER_DEGREE, _RADIUS_M * np.arcsinh(np.tan(np.radians(lat)))


def degrees_from_mercator(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return points in metres of Web Mercator as degrees.

    Examples
    --------
    >>> [float(one.round(6)) for one in degrees_from_mercator(np.array(0.0), np.array(HALF_EQUATOR_M))]
    [0.0, 85.051129]
    """
    return x / METRES_PER_DEGREE, np.degrees(np.arctan(np.sinh(y / _RADIUS_M)))


def mercator_matrix(zoom: int) -> Matrix:
    """Return the matrix of Web Mercator tiles at a zoom.

    Examples
    --------
    >>> round(mercator_matrix(1).pixel, 3), mercator_matrix(1).columns
    (78271.517, 2)
    """
    count = 1 << zoom
    pixel = 2 * HALF_EQUATOR_M / (TILE * count)
    return Matrix(str(zoom), -HALF_EQUATOR_M, HALF_EQUATOR_M, pixel, TILE, TILE, count, count)


def degree_matrix(level: int, first_level: int) -> Matrix:
    """Return the matrix of tiles in degrees at a level, where the world is two tiles wide at ``first_level``.

    Examples
    --------
    >>> degree_matrix(1, 1).pixel == degree_matrix(0, 0).pixel == 0.703125
    True
    """
    rows = 1 << (level - first_level)
    return Matrix(str(level), -180.0, 90.0, 180.0 / (TILE * rows), TILE, TILE, 2 * rows, rows)


def zoom_of(matrix: Matrix, projection: str) -> float:
    """Return the Web Mercator zoom with pixels of the same size at the equator.

    Examples
    --------
    >>> zoom_of(mercator_matrix(7), MERCATOR), zoom_of(degree_matrix(7, 1), DEGREES)
    (7.0, 7.0)
    """
    metres = matrix.pixel * (METRES_PER_DEGREE if projection == DEGREES else 1.0)
    return math.log2(2 * HALF_EQUATOR_M / TILE / metres)


def fitting(matrices: Sequence[Matrix], pixel: float) -> Matrix:
    """Return the matrix whose pixels are nearest in size, in factors, to what is asked.

    Examples
    --------
    >>> fitting([mercator_matrix(z) for z in range(5, 9)], mercator_matrix(12).pixel).id
    '8'
    """
    return min(matrices, key=lambda one: abs(math.log2(one.pixel / pixel)))
