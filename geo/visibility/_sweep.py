"""Sweep a ray round each camera over polar slabs and keep what stays free (stage 2 of the sweep; rules R1-R5, C2).

This is the rotational plane sweep for visibility polygons: Asano 1985, "An efficient algorithm for finding the
visibility polygon for a polygonal region with holes", Trans. IEICE E68(9), 557-559; Suri and O'Rourke 1986, "Worst-case
optimal algorithms for constructing visibility polygons with holes", Proc. 2nd Symposium on Computational Geometry. Two
things are added: obstacles have heights, so a ray may be free again behind one, and a view is bounded by two circles.

`geo.visibility._sweep_data` explains the arrays, with a drawing of a slab. Coordinates are metres from the camera.
Stage 1 (`geo.visibility._gather`) collects walls and rays, stage 3 (`geo.visibility._rings`) walks the ring pieces left
here into polygons. Each stage is compiled in one file: numba's cache does not notice changes in another file.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.visibility._sweep_data import FAR, MIN_CORNER_ANGLE, NEAR, NONE

# ruff: noqa: ANN001, ANN202, PLR0911, PLR0912, PLR0915, C901
# mypy: disable-error-code="no-untyped-def"

#: Distances (metres) closer than this on one ray are one node: more than rounding errors, less than any real feature.
SAME_DISTANCE_M = 1e-7
#: Maximum depth to which a slab is cut.
MAX_CUTS = 64

#: Curve: the view begins at the camera itself.
AT_CAMERA = -1
#: End of a blocked interval: it has no end, or its end is not known yet.
ENDLESS = -1

# --- curves, by number ------------------------------------------------------------------------------------------------


@njit(inline="always")
def wall(e):
    """Return the curve of wall e."""
    return 3 * e


@njit(inline="always")
def shadow_end(e):
    """Return the curve at which the shadow of an obstacle ends that a ray leaves by wall e."""
    return 3 * e + 1


@njit(inline="always")
def shadow_rise(e):
    """Return the curve at which the shadow of an obstacle rises to the target that a ray enters by wall e."""
    return 3 * e + 2


@njit(inline="always")
def chord(i, circle):
    """Return the curve of chord i of a range circle; less than AT_CAMERA."""
    return -10 - 2 * i - circle


@njit(inline="always")
def _is_chord(curve):
    return curve < 0


@njit(inline="always")
def _circle_of(curve):
    return curve & 1  # -10 - 2 i is even


@njit(cache=True, nogil=True)
def _line(walls, obstacles, chords, curve):
    """Return the line (nx, ny, offset) of a curve."""
    if _is_chord(curve):
        current = chords[_circle_of(curve)]
        return current.nx, current.ny, current.offset
    e, role = curve // 3, curve % 3
    o = walls[e].obstacle
    factor = 1.0 if role == 0 else (obstacles[o].end_factor if role == 1 else obstacles[o].rise_factor)
    return walls[e].nx, walls[e].ny, walls[e].offset * factor


@njit(cache=True, nogil=True, error_model="numpy")
def _compare(walls, obstacles, chords, a, a0, a1, b, b0, b1, cuts, slab):
    """Return 1 where curve a is above b, -1 where not, 2 where they cross between the rays (``slab.cut``)."""
    d0, d1 = a0 - b0, a1 - b1
    if d0 <= SAME_DISTANCE_M and d1 <= SAME_DISTANCE_M:
        return -1
    if d0 >= -SAME_DISTANCE_M and d1 >= -SAME_DISTANCE_M:
        return 1
    nx, ny, p = _line(walls, obstacles, chords, a)
    mx, my, q = _line(walls, obstacles, chords, b)
    det = nx * my - ny * mx
    x, y = (p * my - q * ny) / det, (nx * q - mx * p) / det
    r = np.sqrt(x * x + y * y)
    x, y = x / r, y / r
    inside = slab.start_x * y - slab.start_y * x > 1e-12 and x * slab.end_y - y * slab.end_x > 1e-12
    if inside and cuts < MAX_CUTS - 2:
        slab.cut_x, slab.cut_y = x, y
        return 2
    return 1 if d0 + d1 > 0 else -1


# --- one slab ---------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _blocked_intervals(walls, obstacles, active, blocked, chords, active_count, on_obstacle, far_0, far_1, cuts, slab):
    """Pair the walls of each obstacle along the slab; return the number of blocked intervals, -1 to cut the slab."""
    # 1. sort the active walls by distance
    for k in range(1, active_count):
        e, at = active[k], k
        key = walls[e].radius_0 + walls[e].radius_1
        while at > 0 and walls[active[at - 1]].radius_0 + walls[active[at - 1]].radius_1 > key:
            active[at] = active[at - 1]
            at -= 1
        active[at] = e
    # 2. pair them, until an endless shadow begins
    count, nearest_endless = 0, -1
    if on_obstacle:
        count = _open_at_camera(walls, obstacles, active, blocked, active_count)
    for k in range(active_count):
        e = active[k]
        e0, e1 = walls[e].radius_0, walls[e].radius_1
        if k + 1 < active_count:
            f = active[k + 1]
            f0, f1 = walls[f].radius_0, walls[f].radius_1
            beyond = e0 >= far_0 and e1 >= far_1 and f0 >= far_0 and f1 >= far_1
            if not beyond and _compare(walls, obstacles, chords, wall(e), e0, e1, wall(f), f0, f1, cuts, slab) == 2:
                count = -1
                break
        o = walls[e].obstacle
        if obstacles[o].open < 0:
            obstacles[o].open = count
            blocked[count].low, blocked[count].high = e, ENDLESS
            count += 1
            if obstacles[o].end_factor == np.inf:
                nearest_endless = k
                break
        else:
            blocked[obstacles[o].open].high = e
            obstacles[o].open = NONE
    # 3. walls behind an endless shadow are hidden unless they cross to the front within the slab
    if nearest_endless >= 0:
        e = active[nearest_endless]
        e0, e1 = walls[e].radius_0, walls[e].radius_1
        for k in range(nearest_endless + 1, active_count):
            f = active[k]
            f0, f1 = walls[f].radius_0, walls[f].radius_1
            if (f0 < e0 or f1 < e1) and _compare(
                walls, obstacles, chords, wall(e), e0, e1, wall(f), f0, f1, cuts, slab
            ) == 2:  # fmt: skip
                count = -1
                break
    for k in range(active_count):
        obstacles[walls[active[k]].obstacle].open = NONE
    return count


@njit(cache=True, nogil=True)
def _open_at_camera(walls, obstacles, active, blocked, active_count):
    """Open an interval at the camera for each obstacle it is on: those that the ray leaves an odd number of times."""
    odd = -2
    count = 0
    for k in range(active_count):
        o = walls[active[k]].obstacle
        if obstacles[o].holds_camera:
            obstacles[o].open = odd if obstacles[o].open == NONE else NONE
    for k in range(active_count):
        o = walls[active[k]].obstacle
        if obstacles[o].open == odd:
            obstacles[o].open = count
            blocked[count].low, blocked[count].high = AT_CAMERA, ENDLESS
            count += 1
    return count


@njit(cache=True, nogil=True)
def _add_free_interval(free, count, low, low_0, low_1, high, high_0, high_1):
    """Store one free interval; return the new number."""
    i = 2 * count
    free[i].curve, free[i].radius_0, free[i].radius_1 = low, low_0, low_1
    free[i + 1].curve, free[i + 1].radius_0, free[i + 1].radius_1 = high, high_0, high_1
    return count + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _free_intervals(
    walls, obstacles, active, blocked, chords, free, active_count, on_obstacle, near, near_0, near_1, far, far_0,
    far_1, cuts, slab,
):  # fmt: skip
    """Fill the free intervals of one slab; return their number, -1 where it must be cut at ``slab.cut`` first."""
    blocked_count = _blocked_intervals(
        walls, obstacles, active, blocked, chords, active_count, on_obstacle, far_0, far_1, cuts, slab
    )
    if blocked_count < 0:
        return -1
    # 1. lower the far end to the nearest rising shadow
    for b in range(blocked_count):
        e = blocked[b].low
        if e >= 0 and obstacles[walls[e].obstacle].rise_factor > 0:
            factor = obstacles[walls[e].obstacle].rise_factor
            rise_0, rise_1 = walls[e].radius_0 * factor, walls[e].radius_1 * factor
            side = _compare(walls, obstacles, chords, far, far_0, far_1, shadow_rise(e), rise_0, rise_1, cuts, slab)
            if side == 2:
                return -1
            if side == 1:
                far, far_0, far_1 = shadow_rise(e), rise_0, rise_1
    # 2. walk outwards over the blocked intervals; `at` is the curve at which a free interval may begin
    at, at_0, at_1, count = near, near_0, near_1, np.int64(0)
    for b in range(blocked_count):
        e = blocked[b].low
        gap = False
        if e >= 0:
            low_0, low_1 = walls[e].radius_0, walls[e].radius_1
            if (low_0 >= far_0 and low_1 >= far_1) or (at_0 >= far_0 and at_1 >= far_1):
                break
            side = (
                _compare(walls, obstacles, chords, wall(e), low_0, low_1, at, at_0, at_1, cuts, slab)
                if at != AT_CAMERA
                else 1
            )
            if side == 2:
                return -1
            gap = side == 1
            if gap:
                side = _compare(walls, obstacles, chords, wall(e), low_0, low_1, far, far_0, far_1, cuts, slab)
                if side == 2:
                    return -1
                if side == 1:
                    break
                count = _add_free_interval(free, count, at, at_0, at_1, wall(e), low_0, low_1)
        h = blocked[b].high
        if h < 0 or obstacles[walls[h].obstacle].end_factor == np.inf:
            return count
        factor = obstacles[walls[h].obstacle].end_factor
        end_0, end_1 = walls[h].radius_0 * factor, walls[h].radius_1 * factor
        if not gap and at != AT_CAMERA and not (end_0 >= far_0 and end_1 >= far_1 and at_0 >= far_0 and at_1 >= far_1):
            side = _compare(walls, obstacles, chords, shadow_end(h), end_0, end_1, at, at_0, at_1, cuts, slab)
            if side == 2:
                return -1
            gap = side == 1
        if gap or at == AT_CAMERA:
            at, at_0, at_1 = shadow_end(h), end_0, end_1
    # 3. what is left up to the far end
    side = _compare(walls, obstacles, chords, far, far_0, far_1, at, at_0, at_1, cuts, slab) if at != AT_CAMERA else 1
    if side == 2:
        return -1
    return _add_free_interval(free, count, at, at_0, at_1, far, far_0, far_1) if side == 1 else count


# --- stitching --------------------------------------------------------------------------------------------------------
#
# A piece is a directed part of the boundary with the view on its left: upper curves run with the sweep, lower curves
# against it, and radial pieces run along a ray where the view begins (outwards) or ends (inwards). Round each node
# pieces out and in alternate, and the view is counter-clockwise of a piece out, up to the next piece in; so the piece
# that follows one coming in is the one going out just before it. Walks made this way bound connected parts of the view.

#: Positions in the counters of a camera: numbers of pieces and nodes, the radial piece out of and into the camera, and
#: at the node in work the last piece out and the first piece in.
PIECES, NODES, CAMERA_OUT, CAMERA_IN, LAST_OUT, FIRST_IN = 0, 1, 2, 3, 4, 5


@njit(cache=True, nogil=True)
def _new_piece(pieces, counters):
    """Return the number of a new piece."""
    p = counters[PIECES]
    counters[PIECES] = p + 1
    pieces[p].next, pieces[p].node = NONE, NONE
    return p


@njit(cache=True, nogil=True)
def _connect_piece(pieces, counters, p, node, out):
    """Tie a piece to a node; pieces are named counter-clockwise, beginning with the ray outwards."""
    if out:
        pieces[p].node = node
        counters[LAST_OUT] = p
    elif counters[LAST_OUT] >= 0:
        pieces[p].next = counters[LAST_OUT]
    else:
        counters[FIRST_IN] = p


@njit(cache=True, nogil=True)
def _stitch_ray(left, right, pieces, nodes, counters, left_count, right_count, ux, uy, closing):
    """Stitch the free intervals left and right of one ray; ``closing`` means the right ones have their pieces."""
    # 1. the same curves on both sides: every piece goes on
    if left_count == right_count and closing == 0:
        same = True
        for i in range(2 * left_count):
            if left[i].curve != right[i].curve:
                same = False
                break
        if same:
            for i in range(2 * left_count):
                right[i].piece = left[i].piece
            return
    # 2. at the camera: a radial piece where the view begins at it on one side only
    i, j, left_ends, right_ends = 0, 0, 2 * left_count, 2 * right_count
    free_left, free_right, down, down_out = False, False, -1, False
    if left_count > 0 and left[0].curve == AT_CAMERA:
        free_left, i = True, 1
    if right_count > 0 and right[0].curve == AT_CAMERA:
        free_right, j = True, 1
        right[0].piece = NONE
    if free_left != free_right:
        down = _new_piece(pieces, counters)
        down_out = free_left  # seen from above: the piece leaves the upper node where only the left is free
        if free_right:
            pieces[down].node = 0
            counters[CAMERA_OUT] = down
        elif counters[CAMERA_OUT] >= 0:
            pieces[down].next = counters[CAMERA_OUT]
        else:
            counters[CAMERA_IN] = down
    # 3. outwards along the ray, one node per distance at which intervals begin or end
    while i < left_ends or j < right_ends:
        r = min(left[i].radius_0 if i < left_ends else np.inf, right[j].radius_0 if j < right_ends else np.inf)
        i0, j0 = i, j
        while i < left_ends and left[i].radius_0 <= r + SAME_DISTANCE_M:
            i += 1
        while j < right_ends and right[j].radius_0 <= r + SAME_DISTANCE_M:
            j += 1
        if (
            i - i0 == 1
            and j - j0 == 1
            and closing == 0
            and free_left == free_right
            and left[i0].curve == right[j0].curve
        ):
            right[j0].piece = left[i0].piece
            free_left, free_right = not free_left, not free_right
            continue
        node = counters[NODES]
        counters[NODES] = node + 1
        nodes[node].x, nodes[node].y = r * ux, r * uy
        counters[LAST_OUT], counters[FIRST_IN] = NONE, NONE
        free_left ^= (i - i0) & 1 == 1
        free_right ^= (j - j0) & 1 == 1
        # the pieces round the node, counter-clockwise: up the ray, right curves, down the ray, left curves
        up = -1
        if free_left != free_right:
            up = _new_piece(pieces, counters)
            _connect_piece(pieces, counters, up, node, free_right)
        for k in range(j - 1, j0 - 1, -1):
            if closing == 0:
                right[k].piece = _new_piece(pieces, counters)
            _connect_piece(pieces, counters, np.int64(right[k].piece), node, k & 1 == 1)
        if down >= 0:
            _connect_piece(pieces, counters, down, node, down_out)
        for k in range(i0, i):
            _connect_piece(pieces, counters, np.int64(left[k].piece), node, k & 1 == 0)
        if counters[FIRST_IN] >= 0:
            pieces[counters[FIRST_IN]].next = counters[LAST_OUT]
        down, down_out = up, free_left


@njit(cache=True, nogil=True)
def _move_to_next_ray(left, right, right_count):
    """Make the intervals right of a ray those left of the next one."""
    for i in range(2 * right_count):
        left[i].curve, left[i].radius_0, left[i].piece = right[i].curve, right[i].radius_1, right[i].piece


# --- one camera -------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _set_chord(chords, circle, radius, sides, corners, at, i):
    """Make chord ``i`` the current one of a range circle; return its curve.

    Far chords join points of the circle, near ones touch it, so that both stay on the conservative side of the circle.
    """
    a, b = at + i % sides, at + (i + 1) % sides
    current = chords[circle]
    current.nx, current.ny = corners.x[a] + corners.x[b], corners.y[a] + corners.y[b]
    along = 1 + corners.x[a] * corners.x[b] + corners.y[a] * corners.y[b]
    current.offset = radius * (np.sqrt(2 * along) if circle == NEAR else along)
    return chord(i, circle)


@njit(cache=True, nogil=True)
def _chord_radius(chords, circle, ux, uy):
    """Return the distance at which the current chord of a circle meets a ray."""
    return chords[circle].offset / (chords[circle].nx * ux + chords[circle].ny * uy)


@njit(cache=True, nogil=True, error_model="numpy")
def _sweep_camera(
    inputs, corners, camera, walls, obstacles, rays, active, blocked, chords, left, right, first, slabs, pieces,
    nodes, counters, ray_count, on_obstacle,
):  # fmt: skip
    """Sweep one camera over its rays, filling pieces and nodes; return False where these arrays are too small."""
    # typed constants: plain literals would have every callee compiled a second time
    zero, one = np.int64(0), np.int64(1)
    far_circle, near_circle = np.int64(FAR), np.int64(NEAR)
    # 1. the camera, and the chords of both circles at the start ray
    full = inputs.full[camera]
    start = 0.0 if full else inputs.start[camera]
    counters[:] = NONE
    counters[PIECES], counters[NODES] = 0, 1
    capacity = min(len(pieces), len(nodes))
    if capacity < 1:
        return False
    nodes[0].x, nodes[0].y = 0.0, 0.0
    far_i = int(np.floor((start + MIN_CORNER_ANGLE) * inputs.far_sides[camera] / (2 * np.pi)))
    near_i = int(np.floor((start + MIN_CORNER_ANGLE) * inputs.near_sides[camera] / (2 * np.pi)))
    far_sides, far_at = inputs.far_sides[camera], corners.far_at[camera]
    near_sides, near_at = inputs.near_sides[camera], corners.near_at[camera]
    far = _set_chord(chords, far_circle, inputs.far[camera], far_sides, corners, far_at, far_i)
    blind = inputs.near[camera] > 0
    near = AT_CAMERA
    if blind:
        near = _set_chord(chords, near_circle, inputs.near[camera], near_sides, corners, near_at, near_i)
    slab = slabs[0]
    stack_x, stack_y = np.empty(MAX_CUTS), np.empty(MAX_CUTS)
    active_count, left_count, first_count, right_count, cuts, opened = zero, zero, zero, zero, zero, False
    start_x, start_y = rays[0].x, rays[0].y
    far_0 = _chord_radius(chords, far_circle, start_x, start_y)
    near_0 = _chord_radius(chords, near_circle, start_x, start_y) if blind else 0.0
    for c in range(ray_count - 1):
        # 2. at ray c: new chords, walls that begin
        if rays[c].corner_flags & 1:
            far_i += 1
            far = _set_chord(chords, far_circle, inputs.far[camera], far_sides, corners, far_at, far_i)
        if rays[c].corner_flags & 2:
            near_i += 1
            near = _set_chord(chords, near_circle, inputs.near[camera], near_sides, corners, near_at, near_i)
        active_count = _activate_walls(walls, rays, active, c, active_count)
        # 3. the slab up to ray c + 1, cut wherever curves cross: the stack keeps the rays still to be reached
        stack_x[0], stack_y[0] = rays[c + 1].x, rays[c + 1].y
        cuts = zero
        while cuts >= 0:
            end_x, end_y = stack_x[cuts], stack_y[cuts]
            _set_radii_at_ray(walls, active, active_count, end_x, end_y, c + 1 if cuts == 0 else -1)
            far_1 = _chord_radius(chords, far_circle, end_x, end_y)
            near_1 = _chord_radius(chords, near_circle, end_x, end_y) if blind else 0.0
            slab.start_x, slab.start_y, slab.end_x, slab.end_y = start_x, start_y, end_x, end_y
            right_count = _free_intervals(
                walls, obstacles, active, blocked, chords, right, active_count, on_obstacle,
                near, near_0, near_1, far, far_0, far_1, cuts, slab,
            )  # fmt: skip
            if right_count < 0:
                cuts += 1
                stack_x[cuts], stack_y[cuts] = slab.cut_x, slab.cut_y
                continue
            # 4. stitch it to the slab before
            if counters[PIECES] + 6 * (left_count + right_count) + 8 > capacity:
                return False
            if opened or not full:
                _stitch_ray(left, right, pieces, nodes, counters, left_count, right_count, start_x, start_y, zero)
            else:
                first_count = _keep_first_slab(right, first, pieces, counters, right_count)
            opened = True
            _move_to_next_ray(left, right, right_count)
            left_count = right_count
            for k in range(active_count):
                walls[active[k]].radius_0 = walls[active[k]].radius_1
            start_x, start_y, far_0, near_0 = end_x, end_y, far_1, near_1
            cuts -= 1
        active_count = _retire_walls(walls, active, c + 1, active_count)
    # 5. close: against nothing at the end of a sector, against the first slab after a full turn
    if not full:
        _stitch_ray(left, right, pieces, nodes, counters, left_count, zero, start_x, start_y, zero)
        return True
    for i in range(2 * first_count):
        right[i].curve, right[i].radius_0, right[i].piece = first[i].curve, first[i].radius_0, first[i].piece
    _stitch_ray(left, right, pieces, nodes, counters, left_count, first_count, start_x, start_y, one)
    if counters[CAMERA_IN] >= 0:
        pieces[counters[CAMERA_IN]].next = counters[CAMERA_OUT]
    return True


@njit(cache=True, nogil=True)
def _keep_first_slab(right, first, pieces, counters, right_count):
    """Return the number of intervals of the first slab of a full turn; give them pieces and keep them for closing."""
    for i in range(2 * right_count):
        right[i].piece = _new_piece(pieces, counters) if right[i].curve != AT_CAMERA else NONE
        first[i].curve, first[i].radius_0, first[i].piece = right[i].curve, right[i].radius_0, right[i].piece
    return right_count


@njit(cache=True, nogil=True, error_model="numpy")
def _activate_walls(walls, rays, active, c, active_count):
    """Make the walls that begin at ray c active; return the number of active walls."""
    e = rays[c].first_wall
    while e >= 0:
        begin = walls[e].start_radius
        if begin < 0:
            begin = walls[e].offset / (walls[e].nx * rays[c].x + walls[e].ny * rays[c].y)
        walls[e].radius_0 = begin
        active[active_count] = e
        active_count += 1
        e = walls[e].next_wall
    return active_count


@njit(cache=True, nogil=True, error_model="numpy")
def _set_radii_at_ray(walls, active, active_count, ux, uy, ray):
    """Set the distance of every active wall at the second ray of the slab; at its last ray that of its own vertex."""
    for k in range(active_count):
        e = active[k]
        if walls[e].last_ray == ray and walls[e].end_radius >= 0:
            walls[e].radius_1 = walls[e].end_radius
        else:
            walls[e].radius_1 = walls[e].offset / (walls[e].nx * ux + walls[e].ny * uy)


@njit(cache=True, nogil=True)
def _retire_walls(walls, active, c, active_count):
    """Drop the walls that end at ray c; return the number left."""
    kept = 0
    for k in range(active_count):
        e = active[k]
        if walls[e].last_ray != c:
            active[kept] = e
            kept += 1
    return kept


@njit(cache=True, nogil=True)
def sweep_batch(camera, end, inputs, corners, gathered, offsets, on_obstacle, buffers, pieces, nodes, ring_offsets):
    """Sweep cameras up to ``end``; return the one to continue with where there is no room for its rings."""
    walls, obstacles, rays = gathered
    active, blocked, chords, left, right, first, slabs, counters = buffers
    while camera < end:
        ring_offsets[camera + 1, 0], ring_offsets[camera + 1, 1] = ring_offsets[camera, 0], ring_offsets[camera, 1]
        rays_before, rays_after = offsets[camera, 2], offsets[camera + 1, 2]
        ray_count = rays_after - rays_before if rays_after > rays_before else 0
        if ray_count > 0:
            own_walls, own_obstacles = walls[offsets[camera, 0] :], obstacles[offsets[camera, 1] :]
            own_pieces, own_nodes = pieces[ring_offsets[camera, 0] :], nodes[ring_offsets[camera, 1] :]
            if not _sweep_camera(
                inputs, corners, camera, own_walls, own_obstacles, rays[rays_before:], active, blocked, chords,
                left, right, first, slabs, own_pieces, own_nodes, counters, ray_count, on_obstacle[camera],
            ):  # fmt: skip
                return camera
            ring_offsets[camera + 1, 0] += counters[PIECES]
            ring_offsets[camera + 1, 1] += counters[NODES]
        camera += 1
    return camera
