"""Collect the walls in range of each camera, and the rays at which something begins or ends (stage 1 of the sweep).

Coordinates are metres from the camera. Angles are pseudo-angles: numbers from 0 to 4 that grow counter-clockwise from
the start of the sector as angles do, but take one division instead of an arc tangent.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.visibility._sweep_data import CUT, FAR, MIN_CORNER_ANGLE, NEAR, NONE
from geo.visibility.scene import POSSIBLE_HEIGHT_M

# ruff: noqa: ANN001, ANN202, PLR0912
# mypy: disable-error-code="no-untyped-def"

#: Pseudo-angles closer than this are one ray.
_SAME_RAY = 1e-10

# Events are vertices, by number, or corners of the range circles, by negative number.


@njit(inline="always")
def _circle_event(corner, circle):
    return -1 - (2 * corner + circle)


@njit(inline="always")
def _circle_of(event):
    return (-1 - event) & 1


@njit(inline="always")
def _corner_of(event):
    return (-1 - event) >> 1


@njit(inline="always")
def _is_circle_event(event):
    return event < 0


@njit(cache=True, nogil=True, error_model="numpy")
def _pseudo_angle(x, y):
    """Return an angle-like number in [0, 4) that grows counter-clockwise from east."""
    p = x / (abs(x) + abs(y))
    return 1.0 - p if y >= 0 else 3.0 + p


# --- obstacles and walls in range -------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _candidates(index, inputs, camera, last_camera, found):
    """Fill ``found`` with the obstacles whose box meets the range and the sector; return their number and vertices."""
    x, y, far = inputs.x[camera], inputs.y[camera], inputs.far[camera]
    c0 = max(0, int((x - far - index.west) / index.cell_m))
    c1 = min(index.columns - 1, int((x + far - index.west) / index.cell_m))
    r0 = max(0, int((y - far - index.south) / index.cell_m))
    r1 = min(index.rows - 1, int((y + far - index.south) / index.cell_m))
    if x + far < index.west or y + far < index.south:
        return 0, 0
    start, end = inputs.start[camera], inputs.start[camera] + inputs.span[camera]
    start_x, start_y = np.cos(start), np.sin(start)
    end_x, end_y = np.cos(end), np.sin(end)
    full, wide = inputs.full[camera], inputs.span[camera] >= np.pi
    count, vertices = 0, 0
    for r in range(r0, r1 + 1):
        for c in range(c0, c1 + 1):
            cell = r * index.columns + c
            for k in range(index.cell_start[cell], index.cell_start[cell + 1]):
                o = index.cell_item[k]
                if last_camera[o] == camera:
                    continue
                last_camera[o] = camera
                w, s, e, n = index.box[o, 0] - x, index.box[o, 1] - y, index.box[o, 2] - x, index.box[o, 3] - y
                dx, dy = max(w, -e, 0.0), max(s, -n, 0.0)
                if dx * dx + dy * dy >= far * far:
                    continue
                if (
                    not full
                    and (dx > 0 or dy > 0)
                    and _outside_sector(w, s, e, n, start_x, start_y, end_x, end_y, wide)
                ):
                    continue
                found[count] = o
                count += 1
                vertices += index.ring_start[index.obstacle_start[o + 1]] - index.ring_start[index.obstacle_start[o]]
    return count, vertices


@njit(cache=True, nogil=True)
def _outside_sector(w, s, e, n, start_x, start_y, end_x, end_y, wide):
    """Return whether a box is outside a sector: all corners beyond one side, or beyond both where it is wide."""
    before = (
        start_x * s - start_y * w < 0
        and start_x * s - start_y * e < 0
        and start_x * n - start_y * w < 0
        and start_x * n - start_y * e < 0
    )
    after = (
        end_x * s - end_y * w > 0
        and end_x * s - end_y * e > 0
        and end_x * n - end_y * w > 0
        and end_x * n - end_y * e > 0
    )
    return (before and after) if wide else (before or after)


@njit(cache=True, nogil=True, error_model="numpy")
def shadow_factors(height, lens, target):
    """Return the factors of an obstacle's shadow under R4: of its far end, and of its rise (0: none).

    A ray crosses the footprint from distance ``a`` to ``b``. The plane of the target is hidden on ``(a, b * end)``, and
    where the line of sight climbs to a target above the lens, on ``(a * rise, infinity)`` too. R5 alone hides
    ``(a, b)``.
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
def _load_walls(index, inputs, camera, target, found, count, vertices, walls, obstacles):
    """Load the walls of the obstacles found.

    Returns
    -------
    Number of vertices and of walls; whether an obstacle contains the camera, and whether one is of unknown height.
    """
    x, y, far, lens = inputs.x[camera], inputs.y[camera], inputs.far[camera], inputs.lens[camera]
    start = inputs.start[camera]
    start_angle = 0.0 if inputs.full[camera] else _pseudo_angle(np.cos(start), np.sin(start))
    span = 4.0 if inputs.full[camera] else _pseudo_span(inputs, camera, start_angle)
    vertex_count, wall_count, on_obstacle, unknown = np.int64(0), np.int64(0), False, False
    for m in range(count):
        o = found[m]
        height = index.height[o]
        if np.isnan(height):
            unknown = True
            height = POSSIBLE_HEIGHT_M if o == inputs.lowered[camera] else inputs.unknown[camera]
        # 1. the obstacle and its shadow, which does not matter beyond the range
        obstacles[m].holds_camera, obstacles[m].open = _contains_camera(index, o, x, y), NONE
        on_obstacle |= obstacles[m].holds_camera
        end_factor, rise_factor = shadow_factors(height, lens, target)
        dx = max(index.box[o, 0] - x, x - index.box[o, 2], 0.0)
        dy = max(index.box[o, 1] - y, y - index.box[o, 3], 0.0)
        nearest = np.sqrt(dx * dx + dy * dy)
        obstacles[m].end_factor = np.inf if end_factor * nearest >= far else end_factor
        obstacles[m].rise_factor = rise_factor if rise_factor * nearest < far else 0.0
        # 2. its vertices and walls; of an obstacle under the camera all walls count, to know on which side it is
        for g in range(index.obstacle_start[o], index.obstacle_start[o + 1]):
            first, size = vertex_count, index.ring_start[g + 1] - index.ring_start[g] - 1
            for v in range(index.ring_start[g], index.ring_start[g + 1] - 1):
                vx, vy = index.x[v] - x, index.y[v] - y
                corner = vertices[vertex_count]
                corner.x, corner.y, corner.radius = vx, vy, np.sqrt(vx * vx + vy * vy)
                p = _pseudo_angle(vx, vy) - start_angle if corner.radius > 0 else 0.0
                corner.angle = p if p >= 0 else p + 4.0
                corner.used = False
                vertex_count += 1
            limit = np.inf if obstacles[m].holds_camera else far
            for i in range(size):
                a, b = first + i, first + (i + 1 if i + 1 < size else 0)
                wall_count = _add_wall(vertices, walls, a, b, m, wall_count, limit, span)
    return vertex_count, wall_count, on_obstacle, unknown


@njit(cache=True, nogil=True, error_model="numpy")
def _pseudo_span(inputs, camera, start_angle):
    """Return the pseudo-angle from the start ray of the sector to its end ray."""
    angle = inputs.start[camera] + inputs.span[camera]
    p = _pseudo_angle(np.cos(angle), np.sin(angle)) - start_angle
    return p if p > 0 else p + 4.0


@njit(cache=True, nogil=True, error_model="numpy")
def _contains_camera(index, o, x, y):
    """Return whether the camera is inside a footprint, or within a micrometre of its walls (rule B2)."""
    if not (
        index.box[o, 0] - 1e-6 < x < index.box[o, 2] + 1e-6 and index.box[o, 1] - 1e-6 < y < index.box[o, 3] + 1e-6
    ):
        return False
    inside = False
    for g in range(index.obstacle_start[o], index.obstacle_start[o + 1]):
        for v in range(index.ring_start[g], index.ring_start[g + 1] - 1):
            ax, ay, bx, by = index.x[v] - x, index.y[v] - y, index.x[v + 1] - x, index.y[v + 1] - y
            dx, dy = bx - ax, by - ay
            length = dx * dx + dy * dy
            t = min(1.0, max(0.0, -(ax * dx + ay * dy) / length)) if length > 0 else 0.0
            if (ax + t * dx) ** 2 + (ay + t * dy) ** 2 < 1e-12:
                return True
            if (ay > 0) != (by > 0) and (ax * by - ay * bx > 0) == (by > ay):
                inside = not inside
    return inside


@njit(cache=True, nogil=True, error_model="numpy")
def _add_wall(vertices, walls, a, b, obstacle, wall_count, far, span):
    """Add the wall between two vertices where it can matter; return the new number of walls."""
    ax, ay, bx, by = vertices[a].x, vertices[a].y, vertices[b].x, vertices[b].y
    dx, dy = bx - ax, by - ay
    cross, length2 = ax * by - ay * bx, dx * dx + dy * dy
    if ax * dx + ay * dy >= 0:
        nearest2 = vertices[a].radius * vertices[a].radius
    elif bx * dx + by * dy <= 0:
        nearest2 = vertices[b].radius * vertices[b].radius
    else:
        nearest2 = cross * cross / length2
    # a wall through the camera itself lies along two rays: its neighbours tell the sides apart
    if nearest2 >= far * far or nearest2 < 1e-18:
        return wall_count
    # order the ends counter-clockwise; a wall across the start ray is two walls, cut there
    diff = vertices[b].angle - vertices[a].angle
    wrapped = diff > 2 or diff < -2
    lo, hi = (b, a) if diff > 2 or -2 <= diff < 0 else (a, b)
    if lo == b:
        dx, dy, cross = -dx, -dy, -cross
    if cross < 0:
        dx, dy, cross = -dx, -dy, -cross
    end = hi if vertices[hi].angle <= span else CUT
    if wrapped:
        wall_count = _put_wall(vertices, walls, wall_count, dy, -dx, cross, obstacle, np.int64(CUT), end)
        end = CUT
    if vertices[lo].angle < span:
        wall_count = _put_wall(vertices, walls, wall_count, dy, -dx, cross, obstacle, lo, end)
    return wall_count


@njit(cache=True, nogil=True)
def _put_wall(vertices, walls, wall_count, nx, ny, offset, obstacle, a, b):
    """Store one wall from the ray of vertex ``a`` to that of ``b``; return the new number of walls."""
    wall = walls[wall_count]
    wall.nx, wall.ny, wall.offset = nx, ny, offset
    wall.obstacle, wall.start_vertex, wall.end_vertex = obstacle, a, b
    if a >= 0:
        vertices[a].used = True
    if b >= 0:
        vertices[b].used = True
    return wall_count + 1


# --- event rays -------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _add_circle_events(angles, events, count, circle, sides, corners, at, start, turn, start_angle):
    """Add the corners of a range circle that are inside the sector; return the new number of events."""
    step = 2 * np.pi / sides
    i = int(np.floor((start + MIN_CORNER_ANGLE) / step)) + 1
    while i * step < start + turn - MIN_CORNER_ANGLE:
        p = _pseudo_angle(corners.x[at + i % sides], corners.y[at + i % sides]) - start_angle
        angles[count] = p if p >= 0 else p + 4.0
        events[count] = _circle_event(i % sides, circle)
        count += 1
        i += 1
    return count


@njit(cache=True, nogil=True)
def _sort_events(angles, events, count):
    """Sort events by pseudo-angle in place (Shell 1959, doi:10.1145/368370.368387).

    Numba's own argsort takes ten times as long to compile.
    """
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, count):
            p, event, at = angles[k], events[k], k
            while at >= gap and angles[at - gap] > p:
                angles[at], events[at] = angles[at - gap], events[at - gap]
                at -= gap
            angles[at], events[at] = p, event
        gap //= 3


@njit(cache=True, nogil=True, error_model="numpy")
def _order_rays(inputs, corners, camera, vertices, walls, rays, angles, events, vertex_count, wall_count):
    """Order the event rays and tie vertices and walls to them; return the number of rays."""
    # 1. events: corners of both circles, vertices of walls
    full = inputs.full[camera]
    start, turn = (0.0, 2 * np.pi) if full else (inputs.start[camera], inputs.span[camera])
    start_angle = 0.0 if full else _pseudo_angle(np.cos(start), np.sin(start))
    span = 4.0 if full else _pseudo_span(inputs, camera, start_angle)
    far_at, near_at = corners.far_at[camera], corners.near_at[camera]
    n = _add_circle_events(
        angles, events, np.int64(0), np.int64(FAR), inputs.far_sides[camera], corners, far_at, start, turn, start_angle
    )
    if inputs.near[camera] > 0:
        n = _add_circle_events(
            angles, events, n, np.int64(NEAR), inputs.near_sides[camera], corners, near_at, start, turn, start_angle
        )
    for v in range(vertex_count):
        if vertices[v].used and vertices[v].angle <= span:
            angles[n], events[n] = vertices[v].angle, v
            n += 1
    _sort_events(angles, events, n)
    # 2. rays: the start of the sector, one per distinct pseudo-angle, the end of the sector
    rays[0].x, rays[0].y, rays[0].angle, rays[0].corner_flags = np.cos(start), np.sin(start), 0.0, 0
    c = 0
    for k in range(n):
        p, event = angles[k], events[k]
        if p - rays[c].angle > _SAME_RAY and p < span - _SAME_RAY:
            c += 1
            rays[c].angle, rays[c].corner_flags = p, 0
            if _is_circle_event(event):
                at = _corner_of(event) + (near_at if _circle_of(event) == NEAR else far_at)
                rays[c].x, rays[c].y = corners.x[at], corners.y[at]
            else:
                vertex = vertices[event]
                rays[c].x, rays[c].y = vertex.x / vertex.radius, vertex.y / vertex.radius
        if _is_circle_event(event):
            rays[c].corner_flags |= 1 + _circle_of(event)
        else:
            vertices[event].ray = c if p < span - _SAME_RAY else CUT
    c += 1
    rays[c].x, rays[c].y = np.cos(start + turn), np.sin(start + turn)
    if full:
        rays[c].x, rays[c].y = rays[0].x, rays[0].y
    rays[c].angle, rays[c].corner_flags = span, 0
    # 3. walls, listed at the ray that they begin at
    for k in range(c + 1):
        rays[k].first_wall = NONE
    for e in range(wall_count):
        a, b = walls[e].start_vertex, walls[e].end_vertex
        walls[e].start_radius = vertices[a].radius if a >= 0 else -1.0
        walls[e].end_radius = vertices[b].radius if b >= 0 else -1.0
        begin = 0 if a < 0 else (c if vertices[a].ray < 0 else vertices[a].ray)
        end = c if b < 0 or vertices[b].ray < 0 else vertices[b].ray
        walls[e].first_ray, walls[e].last_ray = begin, end
        if begin < end:
            walls[e].next_wall = rays[begin].first_wall
            rays[begin].first_wall = e
    return c + 1


# --- all cameras ------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def gather(camera, index, inputs, corners, target, last_camera, found, buffers, offsets, on_obstacle, unknown):
    """Fill the walls, obstacles and rays of ``buffers`` from a camera on while there is capacity.

    Parameters
    ----------
    last_camera
        Per obstacle the last camera it was found for, so that an obstacle in several cells is found once.
    offsets
        Receives, per camera, where its walls, obstacles and rays begin.
    on_obstacle, unknown
        Receive, per camera, whether it is on an obstacle, and whether one of unknown height is in range.

    Returns
    -------
    The camera to continue with, and the capacity that it needs.
    """
    vertices, angles, events, walls, obstacles, rays = buffers
    offsets[camera, :] = 0
    while camera < len(inputs.x):
        e, s, r = offsets[camera, 0], offsets[camera, 1], offsets[camera, 2]
        offsets[camera + 1, 0], offsets[camera + 1, 1], offsets[camera + 1, 2] = e, s, r
        if inputs.far[camera] > 0:
            near, count = _candidates(index, inputs, camera, last_camera, found)
            need = count + inputs.far_sides[camera] + inputs.near_sides[camera] + 8
            if need > len(vertices) or e + 2 * count > len(walls) or s + near > len(obstacles) or r + need > len(rays):
                for k in range(near):
                    last_camera[found[k]] = -1
                return camera, max(2 * need, near)
            own_walls, own_obstacles, own_rays = walls[e:], obstacles[s:], rays[r:]
            vertex_count, wall_count, on_obstacle[camera], unknown[camera] = _load_walls(
                index, inputs, camera, target, found, near, vertices, own_walls, own_obstacles
            )
            offsets[camera + 1, 0], offsets[camera + 1, 1] = e + wall_count, s + near
            offsets[camera + 1, 2] = r + _order_rays(
                inputs, corners, camera, vertices, own_walls, own_rays, angles, events, vertex_count, wall_count
            )
        camera += 1
    return camera, 0
