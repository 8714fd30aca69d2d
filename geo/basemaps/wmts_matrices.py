"""Find out the size of a pixel and the corner of WMTS matrices, which their scale and axes tell in several ways.

Scale denominators are for pixels of 0.28 mm by the standard, and for 96 dpi in many services of China, which is 5.8 %
off. What matrices cover tells which: those of the whole world by their width, others by the sizes that halve a world.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from geo.basemaps.matrices import (
    DEGREES,
    HALF_EQUATOR_M,
    MERCATOR,
    METRES_PER_DEGREE,
    Matrix,
    mercator_from_degrees,
)
from geo.basemaps.projections import of_code
from geo.basemaps.wmts_capabilities import STANDARD_PIXEL_M, MatrixSet, RawMatrix
from geo.crs import from_wgs84, parse_crs

#: Size in metres of the pixel that scale denominators are for: the standard's, and that of 96 dpi.
_PIXELS_M = (STANDARD_PIXEL_M, 0.0254 / 96)
#: Relative difference of what counts as the same size: the two differ by 5.8 %.
_SAME = 0.005
#: And of what a scale may be for: pixels of 0.28 mm, of 96 dpi, or of what else somebody took.
_ALIKE = 0.2
_CODE = re.compile(r"(?:EPSG|epsg)[:/]+(?:[\d.]*[:/])?(\d{4,6})$")

Box = tuple[float, float, float, float]


def projection_of_set(crs: str) -> str | None:
    """Return the projection of a matrix set by the name of its CRS, None for one that is not known.

    Examples
    --------
    >>> projection_of_set("urn:ogc:def:crs:EPSG::4490"), projection_of_set("EPSG:900913"), projection_of_set("EPSG:1")
    ('degrees', 'mercator', None)
    """
    if crs.upper().endswith("CRS84"):
        return DEGREES
    found = _CODE.search(crs)
    return of_code(int(found[1])) if found else None


def matrices_of(matrix_set: MatrixSet, projection: str, box: Box | None) -> list[Matrix]:
    """Return the matrices of a set in a projection, from coarse to fine.

    Parameters
    ----------
    box
        What the layer covers, west, south, east, north in degrees: it tells which number of a corner is which.
    """
    sizes = pixel_sizes(matrix_set.matrices, projection)
    is_swapped = _is_north_first(matrix_set, sizes, projection, box)
    found = []
    for raw, pixel in zip(matrix_set.matrices, sizes, strict=True):
        left, top = raw.corner[::-1] if is_swapped else raw.corner
        found.append(Matrix(raw.id, left, top, pixel, raw.wide, raw.tall, raw.columns, raw.rows))
    return sorted(found, key=lambda one: -one.pixel)


def pixel_sizes(raws: Sequence[RawMatrix], projection: str) -> list[float]:
    """Return the side of a pixel of each matrix, in units of the projection.

    Examples
    --------
    The first matrix of 天地图 in degrees, two tiles wide, with its scale for 96 dpi:

    >>> pixel_sizes([RawMatrix("1", 2.958293554545656e8, (90.0, -180.0), 256, 256, 2, 1)], "degrees")
    [0.703125]
    """
    unit, world = {
        DEGREES: (METRES_PER_DEGREE, 360.0),
        MERCATOR: (1.0, 2 * HALF_EQUATOR_M),
    }.get(projection, (1.0, 0.0))
    by_pixel = [[raw.scale * pixel_m / unit for raw in raws] for pixel_m in _PIXELS_M]
    if not world:
        return by_pixel[0]
    whole = [world / (raw.columns * raw.wide) for raw in raws]
    if all(
        _halved(size, world) and abs(size / by_scale - 1) < _ALIKE
        for size, by_scale in zip(whole, by_pixel[0], strict=True)
    ):
        return whole
    votes = [sum(_halved(size, world) is not None for size in sizes) for sizes in by_pixel]
    chosen = by_pixel[votes.index(max(votes))]
    # Scales are written with few digits: where the size is that of a world halved again and again, it is exactly that.
    return [_halved(size, world) or size for size in chosen]


def _halved(size: float, world: float) -> float | None:
    """Return the world over 256 pixels, halved so often that it is a size; None where it never is."""
    times = math.log2(world / 256 / size)
    exact = world / 256 / 2.0 ** round(times)
    return exact if abs(size / exact - 1) < _SAME else None


def _is_north_first(matrix_set: MatrixSet, sizes: Sequence[float], projection: str, box: Box | None) -> bool:
    """Return whether the first number of the corners is that of the north.

    The names of CRSs do not tell it for sure: services write either order under any name. Where only one of the two
    puts the tiles over what the layer covers, it is that one.
    """
    first, second = matrix_set.matrices[0].corner
    if projection == DEGREES and max(abs(first), abs(second)) > 90:
        return abs(second) > 90
    pairs = list(zip(matrix_set.matrices, sizes, strict=True))
    plain, swapped = (
        all(_covers(raw, size, projection, box, is_swapped=swap) for raw, size in pairs) for swap in (False, True)
    )
    if plain != swapped:
        return swapped
    return matrix_set.crs.lower().startswith("urn:") and _is_north_first_by_name(matrix_set.crs)


def _covers(raw: RawMatrix, size: float, projection: str, box: Box | None, *, is_swapped: bool) -> bool:
    """Return whether a matrix reaches over the middle of what a layer covers."""
    if box is None:
        return True
    middle = np.array([(box[0] + box[2]) / 2]), np.array([(box[1] + box[3]) / 2])
    if projection == DEGREES:
        x, y = middle
    else:
        x, y = mercator_from_degrees(*middle) if projection == MERCATOR else from_wgs84(*middle, projection)
    left, top = raw.corner[::-1] if is_swapped else raw.corner
    across, down = float(x[0] - left), float(top - y[0])
    return 0 <= across <= raw.columns * raw.wide * size and 0 <= down <= raw.rows * raw.tall * size


def _is_north_first_by_name(crs: str) -> bool:
    found = _CODE.search(crs)
    return found is not None and parse_crs(f"EPSG:{found[1]}").axis_info[0].direction.casefold() == "north"
