"""Gather, for each camera, the walls in reach and the rays at which something begins or ends (stage 1 of a sweep).

Coordinates are metres from the camera. Angles are pseudo-angles: 0 to 4, counter-clockwise, from the sector's start.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

# ruff: noqa: ANN001, ANN202, N803, N806, PLR0912
# mypy: disable-error-code="no-untyped-def"

#: Pseudo-angles closer than this are one ray.
SAME_RAY = 1e-10
#: Angles (radians) of circle corners closer than this to the ends of a sector are not rays of their own.
CORNER = 1e-9

_F, _I, _B = np.float64, np.int32, np.bool_
#: Corner of a footprint: place, radius, pseudo-angle, its ray, whether an edge uses it.
VERTEX = np.dtype([("x", _F), ("y", _F), ("r", _F), ("p", _F), ("ray", _I), ("used", _B)], align=True)
#: Wall: line ``n . p = c``, radius at its own ends (-1: cut by the sector), radius at both rays of the slab at hand,
#: obstacle, corners (-1: cut), rays, next wall from the same ray.
EDGE = np.dtype(
    [(name, _F) for name in ("nx", "ny", "c", "ra", "rb", "r0", "r1")]
    + [(name, _I) for name in ("obst", "a", "b", "first", "last", "next")],
    align=True,
)
#: Obstacle: factor of its shadow's far end, factor of a rising shadow (0: none), whether the camera stands on it, the
#: interval that is open while a slab is read.
SOLID = np.dtype([("scale", _F), ("rise", _F), ("within", _B), ("open", _I)], align=True)
#: Ray: unit vector, pseudo-angle, first wall that begins there, circle corners on it (1 far, 2 near).
RAY = np.dtype([("x", _F), ("y", _F), ("p", _F), ("edge", _I), ("circle", _I)], align=True)


class Jobs(NamedTuple):
    """Hold one sweep per row; metres and radians, angles counter-clockwise from east.

    ``start`` and ``span`` bound the sector; ``full`` ignores both. ``far`` and ``near`` are ground radii with
    ``far_sides`` and ``near_sides`` chords; ``near`` 0 means no blind zone. ``unknown`` is the height taken for
    obstacles without one.
    """

    x: np.ndarray
    y: np.ndarray
    lens: np.ndarray
    start: np.ndarray
    span: np.ndarray
    full: np.ndarray
    far: np.ndarray
    near: np.ndarray
    far_sides: np.ndarray
    near_sides: np.ndarray
    unknown: np.ndarray


class Corners(NamedTuple):
    """Hold the unit vectors of the corners of regular polygons, the first one east; computed once per number of sides.

    Those of a camera's far circle begin at ``far_at``, those of its near circle at ``near_at``.
    """

    x: np.ndarray
    y: np.ndarray
    far_at: np.ndarray
    near_at: np.ndarray


def corners(jobs: Jobs) -> Corners:
    """Return the corners of the range circles of all jobs."""
    sides, which = np.unique(np.concatenate([jobs.far_sides, jobs.near_sides]), return_inverse=True)
    begin = np.concatenate([[0], np.cumsum(sides)[:-1]]).astype(np.int64)
    turn = np.concatenate([np.arange(n) * (2 * np.pi / n) for n in sides])
    at = begin[which]
    return Corners(np.cos(turn), np.sin(turn), at[: len(jobs.x)], at[len(jobs.x) :])


@njit(cache=True, nogil=True, error_model="numpy")
def _pseudo(x, y):
    """Return an angle-like number in [0, 4) that grows counter-clockwise from east."""
    p = x / (abs(x) + abs(y))
    return 1.0 - p if y >= 0 else 3.0 + p


# --- what is in reach ------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _candidates(field, jobs, j, stamp, found):
    """Fill ``found`` with the obstacles whose box meets the reach and the sector; return their number and vertices."""
    x, y, far = jobs.x[j], jobs.y[j], jobs.far[j]
    c0 = max(0, int((x - far - field.west) / field.cell))
    c1 = min(field.columns - 1, int((x + far - field.west) / field.cell))
    r0 = max(0, int((y - far - field.south) / field.cell))
    r1 = min(field.rows - 1, int((y + far - field.south) / field.cell))
    if x + far < field.west or y + far < field.south:
        return 0, 0
    sx, sy = np.cos(jobs.start[j]), np.sin(jobs.start[j])
    ex, ey = np.cos(jobs.start[j] + jobs.span[j]), np.sin(jobs.start[j] + jobs.span[j])
    full, wide = jobs.full[j], jobs.span[j] >= np.pi
    n, vertices = 0, 0
    for r in range(r0, r1 + 1):
        for c in range(c0, c1 + 1):
            for k in range(field.start[r * field.columns + c], field.start[r * field.columns + c + 1]):
                o = field.item[k]
                if stamp[o] == j:
                    continue
                stamp[o] = j
                w, s, e, t = field.box[o, 0] - x, field.box[o, 1] - y, field.box[o, 2] - x, field.box[o, 3] - y
                dx, dy = max(w, -e, 0.0), max(s, -t, 0.0)
                if dx * dx + dy * dy >= far * far:
                    continue
                if not full and (dx > 0 or dy > 0) and _beside(w, s, e, t, sx, sy, ex, ey, wide):
                    continue
                found[n] = o
                n += 1
                vertices += field.ring[field.part[o + 1]] - field.ring[field.part[o]]
    return n, vertices


@njit(cache=True, nogil=True)
def _beside(w, s, e, t, sx, sy, ex, ey, wide):
    """Tell whether a box lies wholly outside a sector, all four corners beyond one side (or both, if wide)."""
    before = sx * s - sy * w < 0 and sx * s - sy * e < 0 and sx * t - sy * w < 0 and sx * t - sy * e < 0
    after = ex * s - ey * w > 0 and ex * s - ey * e > 0 and ex * t - ey * w > 0 and ex * t - ey * e > 0
    return (before and after) if wide else (before or after)


@njit(cache=True, nogil=True, error_model="numpy")
def shadow(height, lens, target):
    """Return the far-end factor and the rising factor (0: none) of an obstacle's shadow under R4.

    On a ray that crosses the footprint from ``a`` to ``b`` the plane of the target is hidden on ``(a, b * scale)`` and,
    where the line climbs to a target above the lens, on ``(a * rise, inf)`` too. R5 alone gives ``(a, b)``.
    """
    if lens > target:
        if height >= lens:
            return np.inf, 0.0
        return ((lens - target) / (lens - height), 0.0) if height > target else (1.0, 0.0)
    if lens == target:
        return (np.inf, 0.0) if height > target else (1.0, 0.0)
    if height >= target:
        return np.inf, 0.0
    return (1.0, (target - lens) / (height - lens)) if height > lens else (1.0, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _load(field, jobs, j, target, found, n, V, E, S):
    """Load the edges of the obstacles found; return vertices, edges, whether one holds the camera, one unknown."""
    x, y, far, lens = jobs.x[j], jobs.y[j], jobs.far[j], jobs.lens[j]
    p0 = 0.0 if jobs.full[j] else _pseudo(np.cos(jobs.start[j]), np.sin(jobs.start[j]))
    span = 4.0 if jobs.full[j] else _span(jobs, j, p0)
    nv, ne, within, unknown = np.int64(0), np.int64(0), False, False
    for m in range(n):
        o = found[m]
        height = field.height[o]
        if np.isnan(height):
            unknown = True
            height = jobs.unknown[j]
        S[m].within, S[m].open = _holds(field, o, x, y), -1
        within |= S[m].within
        scale, rise = shadow(height, lens, target)
        dx = max(field.box[o, 0] - x, x - field.box[o, 2], 0.0)
        dy = max(field.box[o, 1] - y, y - field.box[o, 3], 0.0)
        least = np.sqrt(dx * dx + dy * dy)
        S[m].scale = np.inf if scale * least >= far else scale
        S[m].rise = rise if rise * least < far else 0.0
        for g in range(field.part[o], field.part[o + 1]):
            first, size = nv, field.ring[g + 1] - field.ring[g] - 1
            for v in range(field.ring[g], field.ring[g + 1] - 1):
                vx, vy = field.x[v] - x, field.y[v] - y
                V[nv].x, V[nv].y, V[nv].r = vx, vy, np.sqrt(vx * vx + vy * vy)
                p = _pseudo(vx, vy) - p0 if V[nv].r > 0 else 0.0
                V[nv].p = p if p >= 0 else p + 4.0
                V[nv].used = False
                nv += 1
            for i in range(size):
                a, b = first + i, first + (i + 1 if i + 1 < size else 0)
                ne = _add_edge(V, E, a, b, m, ne, np.inf if S[m].within else far, span)
    return nv, ne, within, unknown


@njit(cache=True, nogil=True, error_model="numpy")
def _span(jobs, j, p0):
    """Return the pseudo-angle from the sector's start ray to its end ray."""
    angle = jobs.start[j] + jobs.span[j]
    p = _pseudo(np.cos(angle), np.sin(angle)) - p0
    return p if p > 0 else p + 4.0


@njit(cache=True, nogil=True, error_model="numpy")
def _holds(field, o, x, y):
    """Tell whether the camera stands in the footprint, or within a hair of its edge (rule B2)."""
    if not (
        field.box[o, 0] - 1e-6 < x < field.box[o, 2] + 1e-6 and field.box[o, 1] - 1e-6 < y < field.box[o, 3] + 1e-6
    ):
        return False
    inside = False
    for g in range(field.part[o], field.part[o + 1]):
        for v in range(field.ring[g], field.ring[g + 1] - 1):
            ax, ay, bx, by = field.x[v] - x, field.y[v] - y, field.x[v + 1] - x, field.y[v + 1] - y
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length > 0 else 0.0
            if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 < 1e-12:
                return True
            if (ay > 0) != (by > 0) and (ax * by - ay * bx > 0) == (by > ay):
                inside = not inside
    return inside


@njit(cache=True, nogil=True, error_model="numpy")
def _add_edge(V, E, a, b, m, ne, far, span):
    """Add the wall between two vertices where it can matter; return the new number of edges."""
    ax, ay, bx, by = V[a].x, V[a].y, V[b].x, V[b].y
    dx, dy = bx - ax, by - ay
    cross, length2 = ax * by - ay * bx, dx * dx + dy * dy
    if ax * dx + ay * dy >= 0:
        near2 = V[a].r * V[a].r
    elif bx * dx + by * dy <= 0:
        near2 = V[b].r * V[b].r
    else:
        near2 = cross * cross / length2
    # a wall through the camera itself lies along two rays: its neighbours tell the sides apart
    if near2 >= far * far or near2 < 1e-18:
        return ne
    diff = V[b].p - V[a].p
    wrapped = diff > 2 or diff < -2
    lo, hi = (b, a) if diff > 2 or -2 <= diff < 0 else (a, b)
    if lo == b:
        dx, dy, cross = -dx, -dy, -cross
    if cross < 0:
        dx, dy, cross = -dx, -dy, -cross
    ends = hi if V[hi].p <= span else -1
    if wrapped:
        ne = _put_edge(V, E, ne, dy, -dx, cross, m, np.int64(-1), ends)
        ends = -1
    if V[lo].p < span:
        ne = _put_edge(V, E, ne, dy, -dx, cross, m, lo, ends)
    return ne


@njit(cache=True, nogil=True)
def _put_edge(V, E, ne, nx, ny, c, m, a, b):
    """Store one edge from the ray of vertex ``a`` (-1: the start ray) to that of ``b`` (-1: the end ray)."""
    E[ne].nx, E[ne].ny, E[ne].c, E[ne].obst, E[ne].a, E[ne].b = nx, ny, c, m, a, b
    if a >= 0:
        V[a].used = True
    if b >= 0:
        V[b].used = True
    return ne + 1


# --- rays ------------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _circle_events(QP, QI, n, kind, sides, corner, at, start, turn, p0):
    """Add the vertices of a range circle that lie inside the sector; return the number of events."""
    step = 2 * np.pi / sides
    i = int(np.floor((start + CORNER) / step)) + 1
    while i * step < start + turn - CORNER:
        p = _pseudo(corner.x[at + i % sides], corner.y[at + i % sides]) - p0
        QP[n] = p if p >= 0 else p + 4.0
        QI[n] = -1 - (2 * (i % sides) + kind)
        n += 1
        i += 1
    return n


@njit(cache=True, nogil=True)
def _sort(QP, QI, n):
    """Sort events by pseudo-angle, in place (Shell; compiles ten times faster than numba's argsort)."""
    gap = 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, n):
            p, i, at = QP[k], QI[k], k
            while at >= gap and QP[at - gap] > p:
                QP[at], QI[at] = QP[at - gap], QI[at - gap]
                at -= gap
            QP[at], QI[at] = p, i
        gap //= 3


@njit(cache=True, nogil=True, error_model="numpy")
def _rays(jobs, corner, j, V, E, R, QP, QI, nv, ne):
    """Order the rays, tie vertices and edges to them; return the number of rays."""
    full = jobs.full[j]
    start, turn = (0.0, 2 * np.pi) if full else (jobs.start[j], jobs.span[j])
    p0 = 0.0 if full else _pseudo(np.cos(start), np.sin(start))
    span = 4.0 if full else _span(jobs, j, p0)
    n = _circle_events(QP, QI, np.int64(0), np.int64(0), jobs.far_sides[j], corner, corner.far_at[j], start, turn, p0)
    if jobs.near[j] > 0:
        n = _circle_events(QP, QI, n, np.int64(1), jobs.near_sides[j], corner, corner.near_at[j], start, turn, p0)
    for v in range(nv):
        if V[v].used and V[v].p <= span:
            QP[n], QI[n] = V[v].p, v
            n += 1
    _sort(QP, QI, n)
    R[0].x, R[0].y, R[0].p, R[0].circle = np.cos(start), np.sin(start), 0.0, 0
    c = 0
    for k in range(n):
        p, i = QP[k], QI[k]
        if p - R[c].p > SAME_RAY and p < span - SAME_RAY:
            c += 1
            R[c].p, R[c].circle = p, 0
            if i >= 0:
                R[c].x, R[c].y = V[i].x / V[i].r, V[i].y / V[i].r
            else:
                kind = (-1 - i) & 1
                at = ((-1 - i) >> 1) + (corner.near_at[j] if kind else corner.far_at[j])
                R[c].x, R[c].y = corner.x[at], corner.y[at]
        if i < 0:
            R[c].circle |= 1 + ((-1 - i) & 1)
        else:
            V[i].ray = c if p < span - SAME_RAY else -1
    c += 1
    R[c].x, R[c].y = np.cos(start + turn), np.sin(start + turn)
    if full:
        R[c].x, R[c].y = R[0].x, R[0].y
    R[c].p, R[c].circle = span, 0
    for k in range(c + 1):
        R[k].edge = -1
    for e in range(ne):
        a, b = E[e].a, E[e].b
        E[e].ra, E[e].rb = V[a].r if a >= 0 else -1.0, V[b].r if b >= 0 else -1.0
        begin = 0 if a < 0 else (c if V[a].ray < 0 else V[a].ray)
        end = c if b < 0 or V[b].ray < 0 else V[b].ray
        E[e].first, E[e].last = begin, end
        if begin < end:
            E[e].next = R[begin].edge
            R[begin].edge = e
    return c + 1


# --- all cameras -----------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def gather(j, field, jobs, corner, target, stamp, found, desk, first, within, unknown):
    """Fill the edges, solids and rays of ``desk`` from camera ``j`` on while there is room.

    Returns
    -------
    tuple
        The camera to go on with, and the room it wants. ``first`` gets the offsets of each camera's edges, solids and
        rays, ``within`` whether it stands on an obstacle, ``unknown`` whether one of unknown height is in reach.
    """
    V, QP, QI, edges, solids, rays = desk
    first[j, :] = 0
    while j < len(jobs.x):
        e, s, r = first[j, 0], first[j, 1], first[j, 2]
        first[j + 1, 0], first[j + 1, 1], first[j + 1, 2] = e, s, r
        if jobs.far[j] > 0:
            near, count = _candidates(field, jobs, j, stamp, found)
            events = count + jobs.far_sides[j] + jobs.near_sides[j] + 8
            if events > len(V) or e + 2 * count > len(edges) or s + near > len(solids) or r + events > len(rays):
                for k in range(near):
                    stamp[found[k]] = -1
                return j, max(2 * events, near)
            E, S, R = edges[e:], solids[s:], rays[r:]
            nv, ne, within[j], unknown[j] = _load(field, jobs, j, target, found, near, V, E, S)
            first[j + 1, 0], first[j + 1, 1] = e + ne, s + near
            first[j + 1, 2] = r + _rays(jobs, corner, j, V, E, R, QP, QI, nv, ne)
        j += 1
    return j, 0
