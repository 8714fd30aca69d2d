"""Test lines of sight between cameras and points: which of rules R1-R5 are met.

A line is followed through the uniform grid of the obstacle index cell by cell (Amanatides and Woo 1987, "A fast voxel
traversal algorithm for ray tracing", Eurographics '87, doi:10.2312/egtp.19871000), so only obstacles near it are
tested. Whether a point is inside a footprint is decided by the parity of the walls that a ray crosses (Shimrat 1962,
doi:10.1145/368637.368653).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numba import njit

from geo.catalog.editions import density
from geo.visibility.optics import slant_range
from geo.visibility.scene import POSSIBLE_HEIGHT_M, Scene

# ruff: noqa: ANN001, ANN202
# mypy: disable-error-code="no-untyped-def"


#: A stretch over a footprint that is no longer only touches it, metres.
_TOUCHES_M = 1e-9


@dataclass(frozen=True)
class LineOfSightResult:
    """Which rules are met, for pairs of a camera and a point; arrays of one length.

    Attributes
    ----------
    bearing_ok, depression_ok, range_ok
        Rules R1 (false where the azimuth is unknown), R2 and R3.
    clear
        Rule R4; false too for cameras that see nothing by rule B3.
    outside
        Rule R5.
    obstacle
        Row of the first obstacle on the line, -1 where it is clear.
    distance_m
        Ground distance, metres.
    """

    bearing_ok: np.ndarray
    depression_ok: np.ndarray
    range_ok: np.ndarray
    clear: np.ndarray
    outside: np.ndarray
    obstacle: np.ndarray
    distance_m: np.ndarray


class RulesMet(NamedTuple):
    """Which of rules R1-R3 are met, and the ground distance (m), as of `LineOfSightResult`.

    Examples
    --------
    >>> import numpy as np
    >>> met = RulesMet(np.array([True]), np.array([True]), np.array([False]), np.array([90.0]))
    >>> bool(met.bearing_ok[0] and met.depression_ok[0] and met.range_ok[0])
    False
    """

    bearing_ok: np.ndarray
    depression_ok: np.ndarray
    range_ok: np.ndarray
    distance_m: np.ndarray


def line_of_sight(
    scene: Scene,
    camera_rows: np.ndarray,
    points: np.ndarray,
    *,
    level: str | None = None,
    heights: Literal["sure", "possible"] = "sure",
) -> LineOfSightResult:
    """Test rules R1-R5 for pairs of a camera and a point.

    Parameters
    ----------
    scene
        Of the views.
    camera_rows
        Row of the camera of each pair.
    points
        Coordinates of the point of each pair, shape (n, 2), metres in the computing CRS.
    level
        The level whose range rule R3 tests; default that of the views.
    heights
        What obstacles of unknown height count as (rule U3): unlimited for sure, 3 m for possible.

    Examples
    --------
    A camera looks north at a house 10 to 12 m away; one point is before it, one behind it, one behind the camera:

    >>> import geopandas as gpd, numpy as np, shapely
    >>> from geo import views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0], "hfov": [90.0]}, geometry=[shapely.Point(x, y)], crs=4547)
    >>> house = gpd.GeoDataFrame({"height": [9.0]}, geometry=[shapely.box(x - 3, y + 10, x + 3, y + 12)], crs=4547)
    >>> points = np.array([(x, y + 9), (x, y + 15), (x, y - 9)])
    >>> tested = line_of_sight(views(camera, house).scene, np.zeros(3, int), points)
    >>> tested.clear.tolist(), tested.obstacle.tolist(), tested.bearing_ok.tolist()
    ([True, False, True], [-1, 0, -1], [True, True, False])
    """
    rows, points = np.asarray(camera_rows, dtype=np.int64), np.asarray(points, dtype=float).reshape(-1, 2)
    met = rules_without_obstacles(scene, rows, points, level=level)
    unknown = np.inf if heights == "sure" else POSSIBLE_HEIGHT_M
    obstacle, outside = _first_obstacles_on_lines(
        scene.obstacle_index,
        scene.x[rows],
        scene.y[rows],
        points[:, 0],
        points[:, 1],
        scene.optics.height[rows],
        float(scene.target_height),
        float(unknown),
    )
    return LineOfSightResult(
        bearing_ok=met.bearing_ok,
        depression_ok=met.depression_ok,
        range_ok=met.range_ok,
        clear=(obstacle < 0) & ~scene.sees_nothing[rows],
        outside=outside,
        obstacle=obstacle,
        distance_m=met.distance_m,
    )


def rules_without_obstacles(
    scene: Scene, camera_rows: np.ndarray, points: np.ndarray, *, level: str | None = None
) -> RulesMet:
    """Test rules R1-R3, which ask for no obstacle, for pairs of a camera and a point; parameters as of `line_of_sight`.

    Examples
    --------
    A camera looks north; one point is before it, one behind it:

    >>> import geopandas as gpd, numpy as np, shapely
    >>> from geo import views
    >>> x, y = 500_000.0, 4_000_000.0
    >>> camera = gpd.GeoDataFrame({"azimuth": [0.0], "hfov": [90.0]}, geometry=[shapely.Point(x, y)], crs=4547)
    >>> met = rules_without_obstacles(views(camera).scene, np.zeros(2, int), np.array([(x, y + 9), (x, y - 9)]))
    >>> met.bearing_ok.tolist(), met.range_ok.tolist()
    ([True, False], [True, True])
    """
    rows, points = np.asarray(camera_rows, dtype=np.int64), np.asarray(points, dtype=float).reshape(-1, 2)
    optics, target = scene.optics, scene.target_height
    x, y, lens = scene.x[rows], scene.y[rows], optics.height[rows]
    # R1 and R2: bearing and depression angle
    dx, dy = points[:, 0] - x, points[:, 1] - y
    distance = np.hypot(dx, dy)
    off_axis = np.mod(np.degrees(np.arctan2(dx, dy)) - scene.grid_azimuth[rows] + 180.0, 360.0) - 180.0
    half = optics.hfov[rows] / 2
    with np.errstate(invalid="ignore"):
        bearing_ok = (np.abs(off_axis) <= half) | (half >= 180.0)
        depression = np.degrees(np.arctan2(lens - target, distance))
        depression_ok = np.abs(depression - optics.tilt[rows]) <= optics.vfov[rows] / 2
    depression_ok |= np.isnan(optics.tilt[rows])
    # R3: slant distance
    slant = slant_range(optics, density(level or scene.level, scene.edition))
    return RulesMet(bearing_ok, depression_ok, np.hypot(distance, lens - target) <= slant[rows], distance)


@njit(cache=True, nogil=True, error_model="numpy")
def _first_obstacles_on_lines(index, x, y, px, py, lens, target, unknown):
    """Return the first obstacle that each line meets (-1: none), and whether its point is outside all (R5)."""
    n = len(x)
    first, outside = np.full(n, -1, np.int64), np.ones(n, np.bool_)
    last_line = np.full(len(index.height), -1, np.int64)  # per obstacle the last line it was tested for
    most_walls = 1
    for o in range(len(index.height)):
        walls = index.ring_start[index.obstacle_start[o + 1]] - index.ring_start[index.obstacle_start[o]]
        most_walls = max(most_walls, walls)
    crossings = np.empty(most_walls)
    for i in range(n):
        dx, dy = px[i] - x[i], py[i] - y[i]
        length = np.sqrt(dx * dx + dy * dy)
        c, r, c1, r1, t, t1, next_c, next_r, step_c, step_r = _start_grid_walk(index, x[i], y[i], px[i], py[i])
        nearest = np.inf
        while t <= t1:
            cell = r * index.columns + c
            for k in range(index.cell_start[cell], index.cell_start[cell + 1]):
                o = index.cell_item[k]
                if last_line[o] == i:
                    continue
                last_line[o] = i
                height = unknown if np.isnan(index.height[o]) else index.height[o]
                u = _distance_to_prism(index, o, x[i], y[i], dx, dy, length, lens[i], target, height, crossings)
                if u < nearest:
                    nearest, first[i] = u, o
            t = min(next_c, next_r)
            if nearest <= t * length or (c == c1 and r == r1):
                break
            if next_c <= next_r:
                c += 1 if dx > 0 else -1
                next_c += step_c
            else:
                r += 1 if dy > 0 else -1
                next_r += step_r
            if not (0 <= c < index.columns and 0 <= r < index.rows):
                break
        outside[i] = not _is_inside_any(index, px[i], py[i])
    return first, outside


@njit(cache=True, nogil=True, error_model="numpy")
def _start_grid_walk(index, x, y, px, py):
    """Return first and last cell of a line, and the shares of it at entry, exit, next borders and between borders."""
    dx, dy = px - x, py - y
    east, north = index.west + index.columns * index.cell_m, index.south + index.rows * index.cell_m
    t0, t1 = 0.0, 1.0
    for a, d, low, high in ((x, dx, index.west, east), (y, dy, index.south, north)):
        if d == 0.0:
            if a < low or a > high:
                t1 = -1.0
            continue
        ta, tb = (low - a) / d, (high - a) / d
        t0, t1 = max(t0, min(ta, tb)), min(t1, max(ta, tb))
    size = index.cell_m
    c = min(max(int((x + t0 * dx - index.west) / size), 0), index.columns - 1)
    r = min(max(int((y + t0 * dy - index.south) / size), 0), index.rows - 1)
    c1 = min(max(int((x + t1 * dx - index.west) / size), 0), index.columns - 1)
    r1 = min(max(int((y + t1 * dy - index.south) / size), 0), index.rows - 1)
    next_c = (index.west + (c + (1 if dx > 0 else 0)) * size - x) / dx if dx != 0.0 else np.inf
    next_r = (index.south + (r + (1 if dy > 0 else 0)) * size - y) / dy if dy != 0.0 else np.inf
    step_c = abs(size / dx) if dx != 0.0 else np.inf
    step_r = abs(size / dy) if dy != 0.0 else np.inf
    return c, r, c1, r1, t0, t1, next_c, next_r, step_c, step_r


@njit(cache=True, nogil=True, error_model="numpy")
def _distance_to_prism(index, o, x, y, dx, dy, length, lens, target, height, crossings):
    """Return the ground distance at which a line first meets the prism of obstacle ``o`` (R4); infinite if never."""
    if length == 0.0 or not _segment_meets_box(index.box[o], x, y, dx, dy):
        return np.inf
    ux, uy = dx / length, dy / length
    n = _walls_crossed(index, o, x, y, ux, uy, crossings)
    # over the footprint from a to b: an odd number of walls ahead means that the line begins inside (rule B2)
    slope = (target - lens) / length
    for k in range(-(n % 2), n, 2):
        a = crossings[k] if k >= 0 else 0.0
        b = min(crossings[k + 1], length)
        if b - a <= _TOUCHES_M:
            continue
        meets = line_meets(a, b, lens, slope, height)
        if meets < np.inf:
            return meets
    return np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def line_meets(a, b, lens, slope, height) -> float:
    """Return where a line over a footprint from ``a`` to ``b`` first is below a height (R4); infinite if nowhere.

    Examples
    --------
    From 10 m a line falls by 0.2 m a metre; at 15 m it is 7 m up:

    >>> line_meets(10.0, 20.0, 10.0, -0.2, 7.0)
    15.0
    >>> line_meets(10.0, 20.0, 10.0, -0.2, 9.0), line_meets(10.0, 20.0, 10.0, -0.2, 6.0)
    (10.0, inf)
    """
    if lens + slope * a < height:
        return a
    if lens + slope * b < height:
        return (height - lens) / slope
    return np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def _walls_crossed(index, o, x, y, ux, uy, crossings):
    """Write the distances at which a ray crosses walls of obstacle ``o``, sorted, and return how many there are."""
    n = 0
    for g in range(index.obstacle_start[o], index.obstacle_start[o + 1]):
        for v in range(index.ring_start[g], index.ring_start[g + 1] - 1):
            ax, ay, bx, by = index.x[v] - x, index.y[v] - y, index.x[v + 1] - x, index.y[v + 1] - y
            sa, sb = ux * ay - uy * ax, ux * by - uy * bx
            if (sa > 0) == (sb > 0):
                continue
            u = ((ux * ax + uy * ay) * sb - (ux * bx + uy * by) * sa) / (sb - sa)
            if u <= 0:
                continue
            k = n
            while k > 0 and crossings[k - 1] > u:
                crossings[k] = crossings[k - 1]
                k -= 1
            crossings[k] = u
            n += 1
    return n


def stretches_over(index, x, y, px, py) -> tuple[list[tuple[int, float, float]], bool]:
    """Return where the line from (x, y) to (px, py) is over footprints, and whether it ends inside one (R5).

    Each stretch is the row of the obstacle, and the distances at which the line comes over it and leaves it, metres.

    Examples
    --------
    >>> import shapely
    >>> from geo.visibility.scene import build_obstacle_index
    >>> house = build_obstacle_index(np.array([shapely.box(-3, 10, 3, 20)]), np.array([7.0]))
    >>> stretches_over(house, 0.0, 0.0, 0.0, 40.0)
    ([(0, 10.0, 20.0)], False)
    >>> stretches_over(house, 0.0, 0.0, 0.0, 15.0)
    ([(0, 10.0, 15.0)], True)
    """
    dx, dy = px - x, py - y
    length = float(np.hypot(dx, dy))
    crossings = np.empty(max(len(index.x), 1))
    found = []
    for o in range(len(index.height) if length > 0 else 0):
        if not _segment_meets_box(index.box[o], x, y, dx, dy):
            continue
        n = _walls_crossed(index, o, x, y, dx / length, dy / length, crossings)
        for k in range(-(n % 2), n, 2):
            a = float(crossings[k]) if k >= 0 else 0.0
            b = min(float(crossings[k + 1]), length)
            if b - a > _TOUCHES_M:
                found.append((o, a, b))
    return found, bool(_is_inside_any(index, px, py))


@njit(cache=True, nogil=True)
def _segment_meets_box(box, x, y, dx, dy):
    """Return whether the box of an obstacle can meet the segment."""
    if max(x, x + dx) < box[0] or min(x, x + dx) > box[2] or max(y, y + dy) < box[1] or min(y, y + dy) > box[3]:
        return False
    s0 = dx * (box[1] - y) - dy * (box[0] - x)
    s1 = dx * (box[1] - y) - dy * (box[2] - x)
    s2 = dx * (box[3] - y) - dy * (box[0] - x)
    s3 = dx * (box[3] - y) - dy * (box[2] - x)
    return not ((s0 > 0 and s1 > 0 and s2 > 0 and s3 > 0) or (s0 < 0 and s1 < 0 and s2 < 0 and s3 < 0))


@njit(cache=True, nogil=True, error_model="numpy")
def _is_inside_any(index, x, y):
    """Return whether a point is inside an obstacle footprint (R5)."""
    if not (x >= index.west and y >= index.south):
        return False
    c, r = int((x - index.west) / index.cell_m), int((y - index.south) / index.cell_m)
    if c >= index.columns or r >= index.rows:
        return False
    cell = r * index.columns + c
    for k in range(index.cell_start[cell], index.cell_start[cell + 1]):
        if _footprint_contains(index, index.cell_item[k], x, y):
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _footprint_contains(index, o, x, y):
    """Return whether a point is inside obstacle ``o``, by the parity of the walls west of it."""
    if not (index.box[o, 0] <= x <= index.box[o, 2] and index.box[o, 1] <= y <= index.box[o, 3]):
        return False
    inside = False
    for g in range(index.obstacle_start[o], index.obstacle_start[o + 1]):
        for v in range(index.ring_start[g], index.ring_start[g + 1] - 1):
            ax, ay, bx, by = index.x[v] - x, index.y[v] - y, index.x[v + 1] - x, index.y[v + 1] - y
            if (ay > 0) != (by > 0) and (ax * by - ay * bx > 0) == (by > ay):
                inside = not inside
    return inside
