"""Hold the prepared scene that lines of sight are traced in: cameras, and obstacles with an index over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
from numba import njit

from geo.catalog.editions import density
from geo.errors import BadGeometry, RowFault
from geo.visibility.optics import Optics, ground_reach, slant_range

#: Rule U3: an unknown height counts as this many metres for possible, and as unlimited for sure.
UNKNOWN_POSSIBLE = 3.0


#: No more than this many index cells per obstacle, so that scattered towns still get small cells.
_CELLS_PER_OBSTACLE = 8


class Field(NamedTuple):
    """Hold obstacles as flat arrays with a uniform grid over their boxes; metres of one metric CRS.

    ``ring`` cuts ``x``, ``y`` into closed rings, ``part`` cuts the rings into obstacles (holes and parts alike: a point
    is inside where an odd number of crossings says so). ``height`` is NaN where unknown. Cell ``i`` of the grid holds
    the obstacles ``item[start[i]:start[i + 1]]``.
    """

    x: np.ndarray
    y: np.ndarray
    ring: np.ndarray
    part: np.ndarray
    height: np.ndarray
    box: np.ndarray
    west: float
    south: float
    cell: float
    columns: int
    rows: int
    start: np.ndarray
    item: np.ndarray


def field_of(obstacles: np.ndarray, heights: np.ndarray, transformer: pyproj.Transformer | None = None) -> Field:
    """Flatten obstacles into arrays and index them.

    Parameters
    ----------
    obstacles
        Polygons and multipolygons; None and empty ones stay in the count and block nothing.
    heights
        Metres above the ground, NaN where unknown (rule U3).
    transformer
        From the CRS of the obstacles to the metric CRS; None where they are the same.

    Raises
    ------
    BadGeometry
        Where a row is no polygon, naming the rows.
    """
    kinds = shapely.get_type_id(obstacles)
    _refuse_other_kinds(obstacles, kinds)
    xy, ring, part = _flatten(obstacles, kinds)
    x, y = xy[:, 0], xy[:, 1]
    if transformer is not None and len(x):
        x, y = transformer.transform(x, y)
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    box = _boxes(x, y, ring, part)
    used = box[:, 0] <= box[:, 2]
    lost = np.flatnonzero(used & ~np.isfinite(box).all(axis=1))
    if len(lost):
        faults = [RowFault("obstacles", str(i + 1), "geometry", "坐标超出坐标系 / outside its CRS") for i in lost]
        raise BadGeometry(
            f"{len(lost)} 个障碍物超出坐标系", f"{len(lost)} obstacles lie outside their CRS", rows=faults
        )
    if not used.any():
        empty = np.zeros(0, np.int64)
        return Field(x, y, ring, part, heights, box, 0.0, 0.0, 1.0, 1, 1, np.zeros(2, np.int64), empty)
    west, south = box[used, 0].min(), box[used, 1].min()
    wide, high = box[used, 2].max() - west, box[used, 3].max() - south
    typical = 2.0 * float(np.median(np.maximum(box[used, 2] - box[used, 0], box[used, 3] - box[used, 1])))
    cell = max(typical, float(np.sqrt(wide * high / (_CELLS_PER_OBSTACLE * len(box)))), max(wide, high) / 4096, 1.0)
    columns, rows = int(wide / cell) + 1, int(high / cell) + 1
    start, item = _fill_grid(box, west, south, cell, columns, rows)
    return Field(x, y, ring, part, heights, box, float(west), float(south), cell, columns, rows, start, item)


def _refuse_other_kinds(obstacles: np.ndarray, kinds: np.ndarray) -> None:
    bad = np.flatnonzero((kinds != 3) & (kinds != 6) & (kinds != -1))
    bad = bad[~shapely.is_empty(obstacles[bad])]
    if len(bad):
        rows = [
            RowFault("obstacles", str(i + 1), "geometry", "不是多边形 / not a polygon", obstacles[i].geom_type)
            for i in bad
        ]
        raise BadGeometry(
            f"障碍物须为多边形，有 {len(bad)} 行不是", f"obstacles must be polygons; {len(bad)} rows are not", rows=rows
        )


def _flatten(obstacles: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coordinates, ring offsets and obstacle offsets (counted in rings)."""
    count = len(obstacles)
    if (kinds == 3).all() and not shapely.get_num_interior_rings(obstacles).any():
        xy = shapely.get_coordinates(obstacles)
        sizes = shapely.get_num_coordinates(obstacles)
        ring_owner = np.flatnonzero(sizes)
        sizes = sizes[ring_owner]
    else:
        parts, part_owner = shapely.get_parts(obstacles, return_index=True)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        ring_owner = part_owner[ring_part]
        xy, owner = shapely.get_coordinates(rings, return_index=True)
        sizes = np.bincount(owner, minlength=len(rings)) if len(rings) else np.zeros(0, np.int64)
    ring = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    part = np.searchsorted(ring_owner, np.arange(count + 1)).astype(np.int64)
    return xy, ring, part


@njit(cache=True)
def _boxes(x, y, ring, part):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return west, south, east, north of each obstacle; west > east where it has no ring."""
    box = np.empty((len(part) - 1, 4))
    for i in range(len(part) - 1):
        w, s, e, n = np.inf, np.inf, -np.inf, -np.inf
        for v in range(ring[part[i]], ring[part[i + 1]]):
            w, s, e, n = min(w, x[v]), min(s, y[v]), max(e, x[v]), max(n, y[v])
        box[i, 0], box[i, 1], box[i, 2], box[i, 3] = w, s, e, n
    return box


@njit(cache=True)
def _fill_grid(box, west, south, cell, columns, rows):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return per cell the start of its obstacles, and the obstacles, each in every cell that its box meets."""
    start = np.zeros(columns * rows + 1, np.int64)
    item, at = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for fill in range(2):
        if fill == 1:
            for c in range(columns * rows):
                start[c + 1] += start[c]
            item = np.empty(start[-1], np.int64)
            at = start[:-1].copy()
        for i in range(len(box)):
            if box[i, 0] > box[i, 2]:
                continue
            c0, c1 = int((box[i, 0] - west) / cell), min(int((box[i, 2] - west) / cell), columns - 1)
            r0, r1 = int((box[i, 1] - south) / cell), min(int((box[i, 3] - south) / cell), rows - 1)
            for r in range(r0, r1 + 1):
                for c in range(c0, c1 + 1):
                    if fill == 0:
                        start[r * columns + c + 1] += 1
                    else:
                        item[at[r * columns + c]] = i
                        at[r * columns + c] += 1
    return start, item


@dataclass(frozen=True)
class Scene:
    """Hold cameras and obstacles as arrays in the computing CRS, ready for line-of-sight questions.

    Attributes
    ----------
    field
        The obstacles; its rows are those of the frame given.
    optics
        What rules R1-R3 need, in camera row order.
    x, y
        Places of the cameras as used (moved by rule B1), metres.
    bearing
        Azimuth from grid north, degrees clockwise; NaN where unknown.
    online, offline
        Whether the status is so (rule U6); planned cameras are neither.
    blind
        Whether rule B3 lets the camera see nothing.
    level, edition, target_height
        Those of the views; target height in metres above the ground.
    """

    field: Field
    optics: Optics
    x: np.ndarray
    y: np.ndarray
    bearing: np.ndarray
    online: np.ndarray
    offline: np.ndarray
    blind: np.ndarray
    level: str
    edition: str
    target_height: float

    @property
    def height(self) -> np.ndarray:
        """Return the heights of the lenses, metres above the ground."""
        return self.optics.height

    @property
    def hfov(self) -> np.ndarray:
        """Return the horizontal fields of view, degrees."""
        return self.optics.hfov

    @property
    def azimuth_known(self) -> np.ndarray:
        """Return where R1 can be tested (U1): azimuth known, or hfov 360."""
        return self.optics.azimuth_known

    def reach_m(self, level: str | None = None) -> np.ndarray:
        """Return how far each camera reaches along the ground under R3 at a level (default the views'), metres."""
        slant = slant_range(self.optics, density(level or self.level, self.edition))
        return ground_reach(slant, self.optics.height, self.target_height)
