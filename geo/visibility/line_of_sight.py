"""Answer line-of-sight questions between cameras and points, and hold the prepared scene they are asked of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from numba import njit

from geo.errors import BadGeometry, RowFault
from geo.visibility.optics import Optics, density, ground_reach, slant_range

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


@dataclass(frozen=True)
class Views:
    """Hold what every camera surely and possibly sees at one level, one row per camera in the order given.

    Attributes
    ----------
    sure, possible
        Polygons in the cameras' CRS, index = id; an empty polygon where nothing is seen. Sure lies inside possible.
    range_m
        Slant range under R3, metres, index = id.
    assumed
        What was filled in or decided per camera, as texts such as ``hfov=80``; index = id.
    cameras
        The records as used: defaults filled in, moved places, every layer field; the cameras' CRS, index = id.
    obstacles
        As given.
    level, edition
        The level and the edition of its densities.
    target_height
        Metres above the ground.
    crs, computing_crs
        Of the results, and of the lengths and angles (rule C1).
    sure_m, possible_m
        The same shapes in the computing CRS, by row.
    scene
        Arrays for line-of-sight questions (`probe`).
    """

    sure: gpd.GeoSeries
    possible: gpd.GeoSeries
    range_m: pd.Series
    assumed: pd.Series
    cameras: gpd.GeoDataFrame
    obstacles: gpd.GeoDataFrame | None
    level: str
    edition: str
    target_height: float
    crs: pyproj.CRS
    computing_crs: pyproj.CRS
    sure_m: np.ndarray
    possible_m: np.ndarray
    scene: Scene


@dataclass(frozen=True)
class Probe:
    """Answer, for pairs of a camera and a point, which rules hold; arrays of one length.

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
        Along the ground, metres.
    """

    bearing_ok: np.ndarray
    depression_ok: np.ndarray
    range_ok: np.ndarray
    clear: np.ndarray
    outside: np.ndarray
    obstacle: np.ndarray
    distance_m: np.ndarray


def probe(
    scene: Scene,
    camera_rows: np.ndarray,
    points: np.ndarray,
    *,
    level: str | None = None,
    heights: Literal["sure", "possible"] = "sure",
) -> Probe:
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
        Whose range R3 asks for; default the level of the views.
    heights
        What unknown obstacle heights count as (rule U3): unlimited for sure, 3 m for possible.
    """
    rows, points = np.asarray(camera_rows, dtype=np.int64), np.asarray(points, dtype=float).reshape(-1, 2)
    optics, target = scene.optics, scene.target_height
    x, y, lens = scene.x[rows], scene.y[rows], optics.height[rows]
    dx, dy = points[:, 0] - x, points[:, 1] - y
    distance = np.hypot(dx, dy)
    off_axis = np.mod(np.degrees(np.arctan2(dx, dy)) - scene.bearing[rows] + 180.0, 360.0) - 180.0
    half = optics.hfov[rows] / 2
    with np.errstate(invalid="ignore"):
        bearing_ok = (np.abs(off_axis) <= half) | (half >= 180.0)
        depression = np.degrees(np.arctan2(lens - target, distance))
        depression_ok = np.abs(depression - optics.tilt[rows]) <= optics.vfov[rows] / 2
    depression_ok |= np.isnan(optics.tilt[rows])
    slant = slant_range(optics, density(level or scene.level, scene.edition))
    unknown = np.inf if heights == "sure" else UNKNOWN_POSSIBLE
    obstacle, outside = _first_met(scene.field, x, y, points[:, 0], points[:, 1], lens, float(target), float(unknown))
    return Probe(
        bearing_ok=bearing_ok,
        depression_ok=depression_ok,
        range_ok=np.hypot(distance, lens - target) <= slant[rows],
        clear=(obstacle < 0) & ~scene.blind[rows],
        outside=outside,
        obstacle=obstacle,
        distance_m=distance,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _first_met(field, x, y, px, py, lens, target, unknown):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the first obstacle that each line of sight meets (-1: none) and whether its point is outside all (R5)."""
    n = len(x)
    met, outside = np.full(n, -1, np.int64), np.ones(n, np.bool_)
    stamp = np.full(len(field.height), -1, np.int64)
    most = 1
    for o in range(len(field.height)):
        most = max(most, field.ring[field.part[o + 1]] - field.ring[field.part[o]])
    at = np.empty(most)
    for i in range(n):
        dx, dy = px[i] - x[i], py[i] - y[i]
        length = np.sqrt(dx * dx + dy * dy)
        c, r, c1, r1, t, t1, next_c, next_r, step_c, step_r = _enter(field, x[i], y[i], px[i], py[i])
        best = np.inf
        while t <= t1:
            for k in range(field.start[r * field.columns + c], field.start[r * field.columns + c + 1]):
                o = field.item[k]
                if stamp[o] == i:
                    continue
                stamp[o] = i
                height = unknown if np.isnan(field.height[o]) else field.height[o]
                u = _meets(field, o, x[i], y[i], dx, dy, length, lens[i], target, height, at)
                if u < best:
                    best, met[i] = u, o
            t = min(next_c, next_r)
            if best <= t * length or (c == c1 and r == r1):
                break
            if next_c <= next_r:
                c += 1 if dx > 0 else -1
                next_c += step_c
            else:
                r += 1 if dy > 0 else -1
                next_r += step_r
            if not (0 <= c < field.columns and 0 <= r < field.rows):
                break
        outside[i] = not _inside_any(field, px[i], py[i])
    return met, outside


@njit(cache=True, nogil=True, error_model="numpy")
def _enter(field, x, y, px, py):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Start a walk over the cells on a line: first and last cell, shares of it at entry, exit and next borders."""
    dx, dy = px - x, py - y
    east, north = field.west + field.columns * field.cell, field.south + field.rows * field.cell
    t0, t1 = 0.0, 1.0
    for a, d, low, high in ((x, dx, field.west, east), (y, dy, field.south, north)):
        if d == 0.0:
            if a < low or a > high:
                t1 = -1.0
            continue
        ta, tb = (low - a) / d, (high - a) / d
        t0, t1 = max(t0, min(ta, tb)), min(t1, max(ta, tb))
    cell = field.cell
    c = min(max(int((x + t0 * dx - field.west) / cell), 0), field.columns - 1)
    r = min(max(int((y + t0 * dy - field.south) / cell), 0), field.rows - 1)
    c1 = min(max(int((x + t1 * dx - field.west) / cell), 0), field.columns - 1)
    r1 = min(max(int((y + t1 * dy - field.south) / cell), 0), field.rows - 1)
    next_c = (field.west + (c + (1 if dx > 0 else 0)) * cell - x) / dx if dx != 0.0 else np.inf
    next_r = (field.south + (r + (1 if dy > 0 else 0)) * cell - y) / dy if dy != 0.0 else np.inf
    step_c = abs(cell / dx) if dx != 0.0 else np.inf
    step_r = abs(cell / dy) if dy != 0.0 else np.inf
    return c, r, c1, r1, t0, t1, next_c, next_r, step_c, step_r


@njit(cache=True, nogil=True, error_model="numpy")
def _meets(field, o, x, y, dx, dy, length, lens, target, height, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Return the ground distance at which a line first meets the prism of obstacle ``o`` (R4); infinite if never."""
    if length == 0.0 or not _line_meets_box(field.box[o], x, y, dx, dy):
        return np.inf
    ux, uy = dx / length, dy / length
    n = 0
    for g in range(field.part[o], field.part[o + 1]):
        for v in range(field.ring[g], field.ring[g + 1] - 1):
            ax, ay, bx, by = field.x[v] - x, field.y[v] - y, field.x[v + 1] - x, field.y[v + 1] - y
            sa, sb = ux * ay - uy * ax, ux * by - uy * bx
            if (sa > 0) == (sb > 0):
                continue
            u = ((ux * ax + uy * ay) * sb - (ux * bx + uy * by) * sa) / (sb - sa)
            if u <= 0:
                continue
            k = n
            while k > 0 and at[k - 1] > u:
                at[k] = at[k - 1]
                k -= 1
            at[k] = u
            n += 1
    # an odd number of walls ahead: the line begins inside (rule B2)
    for k in range(-(n % 2), n, 2):
        a = at[k] if k >= 0 else 0.0
        b = min(at[k + 1], length)
        if b - a <= 1e-9:
            continue
        za, zb = lens + (target - lens) * a / length, lens + (target - lens) * b / length
        if za < height:
            return a
        if zb < height:
            return length * (lens - height) / (lens - target)
    return np.inf


@njit(cache=True, nogil=True)
def _line_meets_box(box, x, y, dx, dy):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell whether the box of an obstacle can meet the segment."""
    if max(x, x + dx) < box[0] or min(x, x + dx) > box[2] or max(y, y + dy) < box[1] or min(y, y + dy) > box[3]:
        return False
    s0 = dx * (box[1] - y) - dy * (box[0] - x)
    s1 = dx * (box[1] - y) - dy * (box[2] - x)
    s2 = dx * (box[3] - y) - dy * (box[0] - x)
    s3 = dx * (box[3] - y) - dy * (box[2] - x)
    return not ((s0 > 0 and s1 > 0 and s2 > 0 and s3 > 0) or (s0 < 0 and s1 < 0 and s2 < 0 and s3 < 0))


@njit(cache=True, nogil=True, error_model="numpy")
def _inside_any(field, x, y):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell whether a point lies inside an obstacle footprint (R5)."""
    if not (x >= field.west and y >= field.south):
        return False
    c, r = int((x - field.west) / field.cell), int((y - field.south) / field.cell)
    if c >= field.columns or r >= field.rows:
        return False
    for k in range(field.start[r * field.columns + c], field.start[r * field.columns + c + 1]):
        if _holds_point(field, field.item[k], x, y):
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _holds_point(field, o, x, y):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Tell whether a point lies inside obstacle ``o``, by the number of walls west of it."""
    if not (field.box[o, 0] <= x <= field.box[o, 2] and field.box[o, 1] <= y <= field.box[o, 3]):
        return False
    inside = False
    for g in range(field.part[o], field.part[o + 1]):
        for v in range(field.ring[g], field.ring[g + 1] - 1):
            ax, ay, bx, by = field.x[v] - x, field.y[v] - y, field.x[v + 1] - x, field.y[v + 1] - y
            if (ay > 0) != (by > 0) and (ax * by - ay * bx > 0) == (by > ay):
                inside = not inside
    return inside
