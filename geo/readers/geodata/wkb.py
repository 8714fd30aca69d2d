"""Build geometries from WKB, so that one unreadable geometry costs one row."""

from __future__ import annotations

import numpy as np
import shapely

from geo import bounds
from geo.errors import BadGeometry
from geo.readers.source import Fault, shapes_array
from geo.sentences import sentence

_UNREADABLE = "形状读不出 / geometry cannot be read"


def geometries_from_wkb(blobs: np.ndarray, *, from_gdal: bool = True) -> tuple[np.ndarray, dict[int, Fault]]:
    """Return the geometries, None where there is none or it is unreadable, and row position -> fault.

    Parameters
    ----------
    blobs
        WKB, None where there is none.
    from_gdal
        Whether GDAL wrote it; other WKB is checked before it is passed to GEOS.
    """
    faults: dict[int, Fault] = {}
    if not from_gdal:
        blobs = blobs.copy()
        for row, blob in enumerate(blobs):
            try:
                if blob is not None:
                    bounds.check_wkb(blob)
            except BadGeometry as error:
                blobs[row] = None
                faults[row] = Fault("geometry", sentence(error.zh, error.en))
    shapes = shapes_array(shapely.from_wkb(blobs, on_invalid="ignore"))
    unread = [row for row in np.flatnonzero(~shapely.is_geometry(shapes)) if blobs[row] is not None]
    return shapes, faults | {int(row): Fault("geometry", _UNREADABLE) for row in unread}
