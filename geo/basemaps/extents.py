"""Tell where a base map has tiles at all, as its source says, so that none is asked for outside."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pyproj

from geo.basemaps.matrices import (
    DEGREES,
    HALF_EQUATOR_M,
    MERCATOR,
    METRES_PER_DEGREE,
    Matrix,
    degrees_from_mercator,
)
from geo.crs import STORAGE_CRS

#: West, south, east, north in degrees.
Extent = tuple[float, float, float, float]
#: Degrees by which tiles with the shift of GCJ-02 may lie beside what they are told to cover.
_SHIFT = 0.01


def sound_extent(numbers: Iterable[float]) -> Extent | None:
    """Return an extent that a source tells, None where it is none.

    Examples
    --------
    >>> sound_extent([102.5, 37.1, 103.5, 37.9]), sound_extent([0, 0, 0, 0]), sound_extent([1.0, 2.0])
    ((102.5, 37.1, 103.5, 37.9), None, None)
    """
    found = tuple(float(one) for one in numbers)
    if len(found) != 4 or not all(map(math.isfinite, found)):
        return None
    west, south, east, north = found
    return (west, south, east, north) if -180 <= west < east <= 180 and -90 <= south < north <= 90 else None


def told_extent(text: str) -> Extent | None:
    """Return the extent in a text, as the metadata of MBTiles have it; None where it has none.

    Examples
    --------
    >>> told_extent("102.5, 37.1, 103.5, 37.9"), told_extent("unknown")
    ((102.5, 37.1, 103.5, 37.9), None)
    """
    try:
        return sound_extent(float(one) for one in text.split(","))
    except ValueError:
        return None


def with_columns(extent: Extent, matrix: Matrix, first: int, last: int, projection: str) -> Extent:
    """Return an extent widened to columns of tiles that there are: what a source tells may be too small.

    Examples
    --------
    >>> from geo.basemaps.matrices import mercator_matrix
    >>> with_columns((10.0, 0.0, 20.0, 5.0), mercator_matrix(1), 1, 1, "mercator")
    (0.0, 0.0, 180.0, 5.0)
    """
    unit = 1.0 if projection == DEGREES else METRES_PER_DEGREE
    west = (matrix.left + first * matrix.wide * matrix.pixel) / unit
    east = (matrix.left + (last + 1) * matrix.wide * matrix.pixel) / unit
    return max(-180.0, min(extent[0], west)), extent[1], min(180.0, max(extent[2], east)), extent[3]


def extent_of_box(left: float, bottom: float, right: float, top: float, projection: str) -> Extent | None:
    """Return the extent of a box in a projection, its edges bent as they are in degrees.

    Examples
    --------
    >>> extent_of_box(102.5, 37.1, 103.5, 37.9, "degrees")
    (102.5, 37.1, 103.5, 37.9)
    """
    if projection == DEGREES:
        return sound_extent((max(-180.0, left), max(-90.0, bottom), min(180.0, right), min(90.0, top)))
    if projection == MERCATOR:
        edge = HALF_EQUATOR_M
        inside = np.clip(np.array([[left, bottom], [right, top]]), -edge, edge)
        return sound_extent(np.stack(degrees_from_mercator(*inside.T), axis=1).ravel().tolist())
    try:
        to_degrees = pyproj.Transformer.from_crs(projection, STORAGE_CRS, always_xy=True)
        return sound_extent(to_degrees.transform_bounds(left, bottom, right, top))
    except pyproj.exceptions.ProjError:
        return None


def beside(extent: Extent) -> Extent:
    """Return an extent with room for the shift of GCJ-02.

    Examples
    --------
    >>> beside((102.5, 37.0, 103.5, 37.5))
    (102.49, 36.99, 103.51, 37.51)
    """
    west, south, east, north = extent
    return (
        round(max(-180.0, west - _SHIFT), 9), round(max(-90.0, south - _SHIFT), 9),
        round(min(180.0, east + _SHIFT), 9), round(min(90.0, north + _SHIFT), 9),
    )  # fmt: skip
