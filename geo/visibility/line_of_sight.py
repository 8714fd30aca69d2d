"""Answer line-of-sight questions between cameras and points: which of rules R1-R5 hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit

from geo.catalog.editions import density
from geo.visibility.optics import slant_range
from geo.visibility.scene import UNKNOWN_POSSIBLE, Scene


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
