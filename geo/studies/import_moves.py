"""Tell, as a register is imported again, that its cameras all move by what two coordinate systems differ.

Then it was read in another system than before: the ids are the same, so a few rows are evidence enough.
"""

from __future__ import annotations

import numpy as np
import shapely

from geo.crs import BD09, GCJ02, from_wgs84, to_wgs84
from geo.errors import NotFound
from geo.outliers import distance_km
from geo.readers.reading import ReadResult
from geo.storage.protocol import Store
from geo.types import CellFinding

#: Rows looked up in the store, and how many of them have to have moved.
_LOOKED_UP, _LEAST = 100, 5
#: Metres that a camera has moved at least, and within which it stands where another reading would have it.
_MOVED_M, _SAME_M = 30.0, 2.0
_WGS84 = "wgs84"

_MOVED = (
    "与库里同编号的摄像机整体错开，正好是两个坐标系之差：这一次或上一次的 --crs 不对；若这一次才对，导入后即消失 / "
    "shifted against the stored cameras of the same ids by what two coordinate systems differ: the --crs of this "
    "import or of the former one is wrong; where this one is right, the finding is gone once it is imported"
)


def moved_as_by_datum(store: Store, reading: ReadResult, read_as: str) -> list[CellFinding]:
    """Return the finding on a register whose cameras are stored where another coordinate system would put them.

    Parameters
    ----------
    store
        The store before the import.
    read_as
        ``wgs84``, ``gcj02`` or ``bd09``; empty where the rows were read in several, of which nothing is said.
    """
    if not read_as or not len(reading.frame) or not store.count("cameras"):
        return []
    rows, before = _stored_positions(store, reading.frame["id"].tolist())
    if len(rows) < _LEAST:
        return []
    now = shapely.get_coordinates(reading.frame.geometry.to_numpy()[rows])
    away = _metres(now, before)
    if np.count_nonzero(away > _MOVED_M) < max(_LEAST, len(rows) / 2):
        return []
    written = np.column_stack(from_wgs84(now[:, 0], now[:, 1], read_as))
    for other in (_WGS84, GCJ02, BD09):
        if other == read_as:
            continue
        fits = _metres(np.column_stack(to_wgs84(written[:, 0], written[:, 1], other)), before) < _SAME_M
        fits &= away > _MOVED_M
        if np.count_nonzero(fits) >= max(_LEAST, len(rows) / 2):
            told = f"{reading.source}; {other}->{read_as}; {np.median(away[fits]):,.0f} m; --crs {other}"
            return [CellFinding("geometry", _MOVED, told[:200], (), len(np.unique(reading.features)))]
    return []


def _stored_positions(store: Store, keys: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return some of the rows that are stored under their keys, by position, and where these stand, degrees."""
    rows, places = [], []
    for row in np.unique(np.linspace(0, len(keys) - 1, min(_LOOKED_UP, len(keys))).astype(int)).tolist():
        try:
            feature, _ = store.get("cameras", keys[row])
        except NotFound:
            continue
        rows.append(row)
        places.append(feature["geometry"]["coordinates"][:2])
    return np.array(rows, dtype=int), np.array(places, dtype=float).reshape(-1, 2)


def _metres(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the distances between positions in degrees, pair by pair."""
    return np.array([1000 * distance_km(a[None, :], b)[0] for a, b in zip(one, other, strict=True)])
