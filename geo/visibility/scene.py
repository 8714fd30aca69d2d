"""Index obstacles over a uniform grid, and keep the prepared scene that lines of sight are tested in.

The grid is the uniform grid of Franklin et al. (1989, "Uniform grids: a technique for intersection detection on serial
and parallel machines", Auto-Carto 9, 100-109): buildings of a town are of one order of size, so equal cells serve as
well as a tree and need no search.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
from numba import njit

from geo.catalog.editions import density
from geo.errors import BadGeometry, RowFault
from geo.visibility.optics import Optics, ground_range, slant_range

# mypy: disable-error-code="no-untyped-def"
# ruff: noqa: ANN001, ANN202

#: Rule U3: an unknown height counts as this many metres for possible, and as unlimited for sure.
POSSIBLE_HEIGHT_M = 3.0

#: Maximum number of grid cells per obstacle; it bounds the memory where obstacles are few and far between.
_MAX_CELLS_PER_OBSTACLE = 8
#: Maximum number of grid cells along one side.
_MAX_CELLS_PER_SIDE = 4096
_MIN_CELL_M = 1.0


class ObstacleIndex(NamedTuple):
    """Obstacles as flat arrays with a uniform grid over their boxes; metres of one metric CRS.

    Attributes
    ----------
    x, y
        Vertices of all rings, ring after ring, metres; the first vertex of a ring is repeated as its last.
    ring_start
        First vertex of each ring, and the end of the last.
    obstacle_start
        First ring of each obstacle, and the end of the last. Holes and parts are rings like any other: a point is
        inside where a ray from it crosses an odd number of walls.
    height
        Metres above the ground; NaN where unknown (rule U3).
    box
        West, south, east and north of each obstacle, metres; west > east where it has no ring.
    west, south
        Lower left corner of the grid, metres.
    cell_m
        Side of a cell, metres.
    columns, rows
        Number of cells from west to east and from south to north.
    cell_start, cell_item
        The obstacles whose box meets cell ``row * columns + column`` are
        ``cell_item[cell_start[cell]:cell_start[cell + 1]]``.

    Examples
    --------
    A square with a courtyard is one obstacle of two rings:

    >>> import numpy as np, shapely
    >>> court = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    >>> index = build_obstacle_index(np.array([court]), np.array([np.nan]))
    >>> index.ring_start.tolist(), index.obstacle_start.tolist(), index.box.tolist()
    ([0, 5, 10], [0, 2], [[0.0, 0.0, 30.0, 30.0]])
    """

    x: np.ndarray
    y: np.ndarray
    ring_start: np.ndarray
    obstacle_start: np.ndarray
    height: np.ndarray
    box: np.ndarray
    west: float
    south: float
    cell_m: float
    columns: int
    rows: int
    cell_start: np.ndarray
    cell_item: np.ndarray


def build_obstacle_index(
    obstacles: np.ndarray, heights: np.ndarray, transformer: pyproj.Transformer | None = None
) -> ObstacleIndex:
    """Flatten obstacles into arrays and index them by a uniform grid.

    Parameters
    ----------
    obstacles
        Polygons and multipolygons; None and empty ones keep their row number and block nothing.
    heights
        Metres above the ground, NaN where unknown (rule U3).
    transformer
        From the CRS of the obstacles to the metric CRS; None where they are the same.

    Raises
    ------
    BadGeometry
        Where a row is not a polygon or is outside its CRS; names the rows.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> houses = np.array([shapely.box(0, 0, 10, 10), shapely.box(30, 0, 40, 10)])
    >>> index = build_obstacle_index(houses, np.array([6.0, 9.0]))
    >>> index.columns, index.rows, index.cell_m
    (3, 1, 20.0)
    >>> index.cell_start.tolist(), index.cell_item.tolist()
    ([0, 1, 2, 3], [0, 1, 1])
    """
    kinds = shapely.get_type_id(obstacles)
    _require_polygons(obstacles, kinds)
    xy, ring_start, obstacle_start = _flatten(obstacles, kinds)
    x, y = xy[:, 0], xy[:, 1]
    if transformer is not None and len(x):
        x, y = transformer.transform(x, y)
    x, y = np.ascontiguousarray(x), np.ascontiguousarray(y)
    box = _boxes(x, y, ring_start, obstacle_start)
    used = box[:, 0] <= box[:, 2]
    _require_finite(np.flatnonzero(used & ~np.isfinite(box).all(axis=1)))
    arrays = (x, y, ring_start, obstacle_start, heights, box)
    if not used.any():
        return ObstacleIndex(*arrays, 0.0, 0.0, 1.0, 1, 1, np.zeros(2, np.int64), np.zeros(0, np.int64))
    west, south = box[used, 0].min(), box[used, 1].min()
    width, height = box[used, 2].max() - west, box[used, 3].max() - south
    typical = 2.0 * float(np.median(np.maximum(box[used, 2] - box[used, 0], box[used, 3] - box[used, 1])))
    least = float(np.sqrt(width * height / (_MAX_CELLS_PER_OBSTACLE * len(box))))
    cell_m = max(typical, least, max(width, height) / _MAX_CELLS_PER_SIDE, _MIN_CELL_M)
    columns, rows = int(width / cell_m) + 1, int(height / cell_m) + 1
    cell_start, cell_item = _fill_grid(box, west, south, cell_m, columns, rows)
    return ObstacleIndex(*arrays, float(west), float(south), cell_m, columns, rows, cell_start, cell_item)


def _require_polygons(obstacles: np.ndarray, kinds: np.ndarray) -> None:
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


def _require_finite(bad: np.ndarray) -> None:
    if len(bad):
        rows = [RowFault("obstacles", str(i + 1), "geometry", "坐标超出坐标系 / outside its CRS") for i in bad]
        raise BadGeometry(f"{len(bad)} 个障碍物超出坐标系", f"{len(bad)} obstacles lie outside their CRS", rows=rows)


def _flatten(obstacles: np.ndarray, kinds: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coordinates, the first vertex of each ring, and the first ring of each obstacle."""
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
    ring_start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    obstacle_start = np.searchsorted(ring_owner, np.arange(count + 1)).astype(np.int64)
    return xy, ring_start, obstacle_start


@njit(cache=True)
def _boxes(x, y, ring_start, obstacle_start):
    """Return west, south, east, north of each obstacle; west > east where it has no ring."""
    box = np.empty((len(obstacle_start) - 1, 4))
    for i in range(len(obstacle_start) - 1):
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for v in range(ring_start[obstacle_start[i]], ring_start[obstacle_start[i + 1]]):
            west, south, east, north = min(west, x[v]), min(south, y[v]), max(east, x[v]), max(north, y[v])
        box[i, 0], box[i, 1], box[i, 2], box[i, 3] = west, south, east, north
    return box


@njit(cache=True)
def _fill_grid(box, west, south, cell_m, columns, rows):
    """Return per cell the start of its obstacles, and the obstacles, each in every cell that its box meets."""
    cell_start = np.zeros(columns * rows + 1, np.int64)
    cell_item, next_slot = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for fill in range(2):  # first count, then write
        if fill == 1:
            for c in range(columns * rows):
                cell_start[c + 1] += cell_start[c]
            cell_item = np.empty(cell_start[-1], np.int64)
            next_slot = cell_start[:-1].copy()
        for i in range(len(box)):
            if box[i, 0] > box[i, 2]:
                continue
            c0, c1 = int((box[i, 0] - west) / cell_m), min(int((box[i, 2] - west) / cell_m), columns - 1)
            r0, r1 = int((box[i, 1] - south) / cell_m), min(int((box[i, 3] - south) / cell_m), rows - 1)
            for r in range(r0, r1 + 1):
                for c in range(c0, c1 + 1):
                    if fill == 0:
                        cell_start[r * columns + c + 1] += 1
                    else:
                        cell_item[next_slot[r * columns + c]] = i
                        next_slot[r * columns + c] += 1
    return cell_start, cell_item


@dataclass(frozen=True)
class Scene:
    """Cameras and obstacles as arrays in the computing CRS, ready for line-of-sight tests.

    Attributes
    ----------
    obstacle_index
        The obstacles, in the row order of the frame.
    optics
        The optics of rules R1-R3, in camera row order.
    x, y
        Positions of the cameras as used (moved by rule B1), metres.
    grid_azimuth
        Azimuth from grid north, degrees clockwise; NaN where unknown.
    online, offline, status_unknown
        Whether the status is ``online``, ``offline`` (rule U6) or ``unknown`` (rule U1); planned cameras are none.
    sees_nothing
        Whether the camera sees nothing by rule B3.
    level, edition, target_height
        Those of the views; target height in metres above the ground.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from geo import views
    >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [2000], "height": [4.6]}
    >>> scene = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547)).scene
    >>> scene.online.tolist(), scene.optics.height.tolist()
    ([True], [4.6])
    """

    obstacle_index: ObstacleIndex
    optics: Optics
    x: np.ndarray
    y: np.ndarray
    grid_azimuth: np.ndarray
    online: np.ndarray
    offline: np.ndarray
    status_unknown: np.ndarray
    sees_nothing: np.ndarray
    level: str
    edition: str
    target_height: float

    @property
    def maybe_online(self) -> np.ndarray:
        """Return the cameras whose possible view counts: online ones, and those of unknown status (U1)."""
        return self.online | self.status_unknown

    @property
    def azimuth_known(self) -> np.ndarray:
        """Return where R1 can be tested (U1): azimuth known, or hfov 360."""
        return self.optics.azimuth_known

    def ground_range_m(self, level: str | None = None) -> np.ndarray:
        """Return the largest ground distance under R3 at a level (default: that of the views), metres.

        Examples
        --------
        A lens 3 m above the target and a slant range of 5 m make a ground range of 4 m:

        >>> import geopandas as gpd, shapely
        >>> from geo import views
        >>> camera = {"azimuth": [0.0], "hfov": [90.0], "width_px": [2000], "height": [4.6], "max_range": [5.0]}
        >>> seen = views(gpd.GeoDataFrame(camera, geometry=[shapely.Point(500_000, 4_000_000)], crs=4547))
        >>> seen.scene.ground_range_m().round(9).tolist()
        [4.0]
        """
        slant = slant_range(self.optics, density(level or self.level, self.edition))
        return ground_range(slant, self.optics.height, self.target_height)
