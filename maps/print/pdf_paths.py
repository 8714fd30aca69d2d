"""Turn shapes in mm into path operators of a PDF page: whole hundredths of a millimetre, whole layers as one path."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

#: Units of the file's coordinates per millimetre.
FILE_UNITS_PER_MM = 100


def rgb(colour: str) -> str:
    """Return a colour ``#rrggbb`` as the three operands of a PDF colour operator."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.3g}" for at in (1, 3, 5))


def file_units(value: float) -> int:
    """Return a length in mm in file units."""
    return round(value * FILE_UNITS_PER_MM)


def rings_path(rings: np.ndarray, *, closed: bool) -> str:
    """Return the path operators of many rings or lines in file units, without points that coincide after rounding."""
    points, owner = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return ""
    whole = np.rint(points * FILE_UNITS_PER_MM).astype(np.int64)
    if closed:  # the last point of a ring repeats the first, as closing the path does
        last = np.append(owner[1:] != owner[:-1], True)
        whole, owner = whole[~last], owner[~last]
    first = np.append(True, owner[1:] != owner[:-1])
    keep = first | np.append(True, (whole[1:] != whole[:-1]).any(axis=1))
    whole, owner, first = whole[keep], owner[keep], first[keep]
    last = np.append(first[1:], True)
    verbs = np.where(first, "%d %d m\n", "%d %d l\n").astype(object)
    if closed:
        verbs[last] = verbs[last] + "h\n"
    else:  # a line that shrank to a point is still a dot under round caps
        lonely = np.flatnonzero(first & last)
        verbs[lonely] = [f"%d %d m\n{x} {y} l\n" for x, y in whole[lonely].tolist()]
    return "".join(verbs) % tuple(whole.ravel().tolist())


def polygon_path(shapes: Sequence[object] | np.ndarray) -> str:
    """Return the path operators of the polygons among some shapes, as one path that fills their union."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    parts = parts[(shapely.get_type_id(parts) == 3) & ~shapely.is_empty(parts)]
    # With outer rings in one direction and holes in the other, overlapping polygons of one path fill their union.
    return rings_path(shapely.get_rings(shapely.orient_polygons(parts)), closed=True)
