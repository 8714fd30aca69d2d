"""Place cameras inside or on buildings: at the wall, on the roof, or without a view (rules B1-B3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numba import njit

from geo.visibility.scene import ObstacleIndex

# mypy: disable-error-code="no-untyped-def"

#: Rule B1: footprints closer than this touch; distance from the wall that a camera is placed at; maximum distance from
#: the wall inside a building. Metres.
TOUCHING_M = 0.10
WALL_OFFSET_M = 0.05
MAX_DEPTH_M = 3.0

# A camera already at the offset from the wall is not moved again.
_OFFSET_TOLERANCE_M = 1e-6
# Arcs of the offset are chords within 4e-6 m; distances closer than this are equal.
_ARC_SEGMENTS = 64
_TIE_TOLERANCE_M = 1e-5


@dataclass(frozen=True)
class Placement:
    """Positions that cameras are taken to have.

    Attributes
    ----------
    x, y
        Metres in the CRS of the obstacle index.
    sees_nothing
        Whether the camera sees nothing (B3).
    notes
        (row, decision), for ``assumed``.
    """

    x: np.ndarray
    y: np.ndarray
    sees_nothing: np.ndarray
    notes: list[tuple[int, str]]


def place_cameras(
    x: np.ndarray, y: np.ndarray, height: np.ndarray, indoor: np.ndarray, index: ObstacleIndex
) -> Placement:
    """Apply rules B1 to B3.

    Parameters
    ----------
    x, y
        Positions of the cameras, metres.
    height
        Heights of the lenses, metres above the ground.
    indoor
        Whether the record says that the camera is indoors: never moved, sees nothing.
    index
        The obstacles, in the same CRS.

    Examples
    --------
    One camera 0.37 m inside the wall at y = 0, one on the roof in the middle of the house:

    >>> import numpy as np, shapely
    >>> from geo.visibility.scene import build_obstacle_index
    >>> house = build_obstacle_index(np.array([shapely.box(-10, -10, 10, 0)]), np.array([9.0]))
    >>> outdoors = np.zeros(2, bool)
    >>> placed = place_cameras(np.array([0.0, 0.0]), np.array([-0.37, -5.0]), np.array([4.0, 12.0]), outdoors, house)
    >>> placed.y.round(4).tolist(), placed.sees_nothing.tolist(), placed.notes
    ([0.05, -5.0], [False, False], [(0, 'moved 0.42 m to the wall')])
    """
    new_x, new_y, sees_nothing = x.copy(), y.copy(), indoor.copy()
    notes = [(int(i), "indoor: sees nothing") for i in np.flatnonzero(indoor)]
    near = _near_footprints(index, x, y, WALL_OFFSET_M - _OFFSET_TOLERANCE_M)
    for i in np.flatnonzero(near & ~indoor):
        position = _at_the_wall(index, float(x[i]), float(y[i]))
        if position is not None:
            new_x[i], new_y[i] = position
            distance = np.hypot(position[0] - x[i], position[1] - y[i])
            notes.append((int(i), f"moved {distance:.2f} m to the wall"))
        elif not _is_on_the_roof(index, float(x[i]), float(y[i]), float(height[i])):
            sees_nothing[i] = True
            notes.append((int(i), "inside an obstacle: sees nothing"))
    return Placement(new_x, new_y, sees_nothing, notes)


def _at_the_wall(index: ObstacleIndex, x: float, y: float) -> tuple[float, float] | None:
    """Return the nearest position off the union of touching footprints; None where its border is too far (B1)."""
    union = _touching_union(index, x, y)
    grown = union.buffer(WALL_OFFSET_M, quad_segs=_ARC_SEGMENTS)
    closed = grown.buffer(-WALL_OFFSET_M, quad_segs=_ARC_SEGMENTS)
    if closed.boundary.distance(shapely.Point(x, y)) > MAX_DEPTH_M + _OFFSET_TOLERANCE_M:
        return None
    return _nearest_on_border(grown, x, y)


def _touching_union(index: ObstacleIndex, x: float, y: float) -> shapely.Geometry:
    """Return the union of the footprints that touch the camera's, as far as it can matter to the camera."""
    # Footprints joined only beyond this window are 0.10 m apart within it, so joining them here would change nothing.
    window = shapely.box(x - 2 * MAX_DEPTH_M, y - 2 * MAX_DEPTH_M, x + 2 * MAX_DEPTH_M, y + 2 * MAX_DEPTH_M)
    local = [_footprint(index, o).intersection(window) for o in _obstacles_within(index, x, y, 2 * MAX_DEPTH_M)]
    local = [part for part in local if not part.is_empty]
    camera = shapely.Point(x, y)
    waiting = [k for k, part in enumerate(local) if part.distance(camera) <= WALL_OFFSET_M]
    joined = set(waiting)
    while waiting:
        k = waiting.pop()
        touching = {m for m in range(len(local)) if m not in joined and local[m].distance(local[k]) < TOUCHING_M}
        joined |= touching
        waiting.extend(touching)
    return shapely.union_all([local[k] for k in sorted(joined)])


def _footprint(index: ObstacleIndex, o: int) -> shapely.Geometry:
    """Return an obstacle as a valid shape; where its rings overlap, inside is where an odd number of them overlap."""
    ring_start = index.ring_start[index.obstacle_start[o] : index.obstacle_start[o + 1] + 1]
    shape = shapely.Polygon()
    for a, b in pairwise(ring_start):
        ring = np.column_stack([index.x[a:b], index.y[a:b]])
        shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return shape


def _obstacles_within(index: ObstacleIndex, x: float, y: float, distance: float) -> Iterable[int]:
    """Return the obstacles whose box is within a distance, metres, in row order."""
    c0, c1 = (int(np.clip((x + s * distance - index.west) // index.cell_m, 0, index.columns - 1)) for s in (-1, 1))
    r0, r1 = (int(np.clip((y + s * distance - index.south) // index.cell_m, 0, index.rows - 1)) for s in (-1, 1))
    cells = (np.arange(r0, r1 + 1)[:, None] * index.columns + np.arange(c0, c1 + 1)).ravel()
    start = index.cell_start
    found = np.unique(np.concatenate([index.cell_item[start[c] : start[c + 1]] for c in cells]))
    box = index.box[found]
    meets = (
        (box[:, 0] <= x + distance)
        & (box[:, 2] >= x - distance)
        & (box[:, 1] <= y + distance)
        & (box[:, 3] >= y - distance)
    )
    return (int(o) for o in found[meets])


def _nearest_on_border(grown: shapely.Geometry, x: float, y: float) -> tuple[float, float]:
    """Return the border point nearest to a position; of equally near ones that of lowest x, then y."""
    candidates = []
    for line in shapely.get_parts(shapely.get_parts(grown.boundary)):
        xy = shapely.get_coordinates(line)
        a, d = xy[:-1], np.diff(xy, axis=0)
        length = np.maximum((d * d).sum(axis=1), 1e-30)
        share = np.clip(((np.array([x, y]) - a) * d).sum(axis=1) / length, 0.0, 1.0)
        candidates.extend([a + share[:, None] * d, a])
    points = np.concatenate(candidates)
    distance = np.hypot(points[:, 0] - x, points[:, 1] - y)
    ties = points[distance <= distance.min() + _TIE_TOLERANCE_M]
    lowest = ties[ties[:, 0] <= ties[:, 0].min() + _TIE_TOLERANCE_M]
    position = lowest[np.argmin(lowest[:, 1])]
    return float(position[0]), float(position[1])


def _is_on_the_roof(index: ObstacleIndex, x: float, y: float, height: float) -> bool:
    """Return whether the camera is above the known height of every footprint under it (B2)."""
    camera = shapely.Point(x, y)
    near = _obstacles_within(index, x, y, WALL_OFFSET_M)
    under = [o for o in near if _footprint(index, o).distance(camera) < WALL_OFFSET_M]
    return bool(np.all(index.height[under] < height))


@njit(cache=True, nogil=True, error_model="numpy")
def _near_footprints(index, x, y, distance):  # noqa: ANN001, ANN202
    """Return which positions are inside a footprint or closer than ``distance`` to one."""
    near = np.zeros(len(x), np.bool_)
    for i in range(len(x)):
        c0 = int((x[i] - distance - index.west) / index.cell_m)
        c1 = int((x[i] + distance - index.west) / index.cell_m)
        r0 = int((y[i] - distance - index.south) / index.cell_m)
        r1 = int((y[i] + distance - index.south) / index.cell_m)
        for r in range(max(r0, 0), min(r1, index.rows - 1) + 1):
            for c in range(max(c0, 0), min(c1, index.columns - 1) + 1):
                cell = r * index.columns + c
                for k in range(index.cell_start[cell], index.cell_start[cell + 1]):
                    if not near[i]:
                        near[i] = _near_footprint(index, index.cell_item[k], x[i], y[i], distance)
    return near


@njit(cache=True, nogil=True, error_model="numpy")
def _near_footprint(index, o, x, y, distance):  # noqa: ANN001, ANN202
    """Return whether a position is inside footprint ``o`` or closer than ``distance`` to it."""
    w, s, e, n = index.box[o, 0], index.box[o, 1], index.box[o, 2], index.box[o, 3]
    if x < w - distance or x > e + distance or y < s - distance or y > n + distance:
        return False
    inside = False
    for g in range(index.obstacle_start[o], index.obstacle_start[o + 1]):
        for v in range(index.ring_start[g], index.ring_start[g + 1] - 1):
            ax, ay, bx, by = index.x[v] - x, index.y[v] - y, index.x[v + 1] - x, index.y[v + 1] - y
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length > 0 else 0.0
            if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 < distance * distance:
                return True
            if (ay > 0) != (by > 0) and (ax * by - ay * bx > 0) == (by > ay):
                inside = not inside
    return inside
