"""Sweep a ray round each camera over polar slabs and keep what stays free (rules R1-R5, C2).

Between two neighbouring rays nothing begins or ends and no two boundaries that matter cross, so a slab is a short list
of free intervals, each from a lower to an upper curve. Curves are straight lines ``n . p = c``: walls, walls pushed
outwards (the far end of a finite shadow) and chords of the range circles. Where two of them cross inside a slab, the
slab is cut there. Coordinates are metres from the camera; angles are pseudo-angles (0 to 4, counter-clockwise).

The whole kernel stays in this one file: numba's cache of a function does not notice changes in other files.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

# ruff: noqa: ANN001, ANN201, ANN202, N803, N806, PLR0911, PLR0912, PLR0915, C901
# mypy: disable-error-code="no-untyped-def"

#: Distances (metres) closer than this on one ray are one place; far above rounding, far below anything drawn.
TOUCH = 1e-7
#: Pseudo-angles closer than this are one ray.
SAME_RAY = 1e-10
_STACK = 64
_ORIGIN = -1  # id of the lower curve where the view starts at the camera itself

_F, _I, _B = np.float64, np.int32, np.bool_
# V: place, radius and pseudo-angle (from the start ray) of a footprint's corner; its ray; whether an edge uses it
_VERTEX = np.dtype([("x", _F), ("y", _F), ("r", _F), ("p", _F), ("ray", _I), ("used", _B)], align=True)
# E: line and obstacle of a wall, its corners (-1: cut by the sector), rays, radius at both rays of the slab
_EDGE = np.dtype(
    [(name, _F) for name in ("nx", "ny", "c", "r0", "r1")]
    + [(name, _I) for name in ("obst", "a", "b", "first", "last", "next")],
    align=True,
)
# S: factor of the far end, factor of a rising shadow (0: none), whether the camera stands on it, its open interval
_OBSTACLE = np.dtype([("scale", _F), ("rise", _F), ("within", _B), ("open", _I)], align=True)
# R: unit vector and pseudo-angle of a ray, the first edge that begins there, circle corners on it (1 far, 2 near)
_RAY = np.dtype([("x", _F), ("y", _F), ("p", _F), ("edge", _I), ("circle", _I)], align=True)
# B: walls at both ends of a blocked interval (-1: the camera, -1: endless)
_BLOCK = np.dtype([("lo", _I), ("hi", _I)], align=True)
# L, G, F: ends of the free intervals left of a ray, right of it, and of the first slab: curve, radii, ring piece
_END = np.dtype([("r0", _F), ("r1", _F), ("id", _I), ("piece", _I)], align=True)
#: Pieces of rings: the node each starts at, and the piece that follows (see ``_join``).
PIECE = np.dtype([("node", _I), ("next", _I)], align=True)
#: Nodes of rings, metres from the camera; node 0 is the camera.
NODE = np.dtype([("x", _F), ("y", _F)], align=True)


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
def _shadow(height, lens, target):
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
def _gather(field, jobs, j, target, found, n, V, E, S):
    """Load the edges of the obstacles found; return vertices, edges, whether one holds the camera, one unknown."""
    x, y, far, lens = jobs.x[j], jobs.y[j], jobs.far[j], jobs.lens[j]
    p0 = 0.0 if jobs.full[j] else _pseudo(np.cos(jobs.start[j]), np.sin(jobs.start[j]))
    span = 4.0 if jobs.full[j] else _span(jobs, j, p0)
    nv, ne, within, unknown = 0, 0, False, False
    for m in range(n):
        o = found[m]
        height = field.height[o]
        if np.isnan(height):
            unknown = True
            height = jobs.unknown[j]
        S[m].within, S[m].open = _holds(field, o, x, y), -1
        within |= S[m].within
        scale, rise = _shadow(height, lens, target)
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
        ne = _put_edge(V, E, ne, dy, -dx, cross, m, -1, ends)
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
def _circle_events(QP, QI, n, kind, sides, start, turn, p0):
    """Add the vertices of a range circle that lie inside the sector; return the number of events."""
    step = 2 * np.pi / sides
    i = int(np.floor((start + 1e-9) / step)) + 1
    while i * step < start + turn - 1e-9:
        angle = (i % sides) * step
        p = _pseudo(np.cos(angle), np.sin(angle)) - p0
        QP[n] = p if p >= 0 else p + 4.0
        QI[n] = -1 - (2 * (i % sides) + kind)
        n += 1
        i += 1
    return n


@njit(cache=True, nogil=True, error_model="numpy")
def _rays(jobs, j, V, E, R, QP, QI, nv, ne):
    """Order the rays, tie vertices and edges to them; return the number of rays."""
    full = jobs.full[j]
    start, turn = (0.0, 2 * np.pi) if full else (jobs.start[j], jobs.span[j])
    p0 = 0.0 if full else _pseudo(np.cos(start), np.sin(start))
    span = 4.0 if full else _span(jobs, j, p0)
    n = _circle_events(QP, QI, 0, 0, jobs.far_sides[j], start, turn, p0)
    if jobs.near[j] > 0:
        n = _circle_events(QP, QI, n, 1, jobs.near_sides[j], start, turn, p0)
    for v in range(nv):
        if V[v].used and V[v].p <= span:
            QP[n], QI[n] = V[v].p, v
            n += 1
    order = np.argsort(QP[:n])
    R[0].x, R[0].y, R[0].p, R[0].circle = np.cos(start), np.sin(start), 0.0, 0
    c = 0
    for k in order:
        p, i = QP[k], QI[k]
        if p - R[c].p > SAME_RAY and p < span - SAME_RAY:
            c += 1
            R[c].p, R[c].circle = p, 0
            if i >= 0:
                R[c].x, R[c].y = V[i].x / V[i].r, V[i].y / V[i].r
            else:
                kind = (-1 - i) & 1
                angle = ((-1 - i) >> 1) * 2 * np.pi / (jobs.near_sides[j] if kind else jobs.far_sides[j])
                R[c].x, R[c].y = np.cos(angle), np.sin(angle)
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
        begin = 0 if a < 0 else (c if V[a].ray < 0 else V[a].ray)
        end = c if b < 0 or V[b].ray < 0 else V[b].ray
        E[e].first, E[e].last = begin, end
        if begin < end:
            E[e].next = R[begin].edge
            R[begin].edge = e
    return c + 1


# --- one slab --------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _line(E, S, C, i):
    """Return the line (nx, ny, c) of a curve id."""
    if i >= 0:
        e, role = i // 3, i % 3
        o = E[e].obst
        c = E[e].c * (1.0 if role == 0 else (S[o].scale if role == 1 else S[o].rise))
        return E[e].nx, E[e].ny, c
    k = i & 1  # ids of far chords are even, of near chords odd
    return C[k, 0], C[k, 1], C[k, 2]


@njit(cache=True, nogil=True, error_model="numpy")
def _compare(E, S, C, a, a0, a1, b, b0, b1, c, cut):
    """Return 1 where curve a is above b, -1 where not, 2 where they cross between rays (the place goes to ``cut``)."""
    d0, d1 = a0 - b0, a1 - b1
    if d0 <= TOUCH and d1 <= TOUCH:
        return -1
    if d0 >= -TOUCH and d1 >= -TOUCH:
        return 1
    nx, ny, p = _line(E, S, C, a)
    mx, my, q = _line(E, S, C, b)
    det = nx * my - ny * mx
    x, y = (p * my - q * ny) / det, (nx * q - mx * p) / det
    r = np.sqrt(x * x + y * y)
    x, y = x / r, y / r
    inside = cut[0] * y - cut[1] * x > 1e-12 and x * cut[3] - y * cut[2] > 1e-12
    if inside and c < _STACK - 2:
        cut[4], cut[5] = x, y
        return 2
    return 1 if d0 + d1 > 0 else -1


@njit(cache=True, nogil=True, error_model="numpy")
def _blocked(E, S, A, B, C, na, within, f0, f1, depth, cut):
    """Pair the walls of each obstacle along the slab; return the number of blocked intervals, -1 to cut the slab."""
    for k in range(1, na):
        e, at = A[k], k
        key = E[e].r0 + E[e].r1
        while at > 0 and E[A[at - 1]].r0 + E[A[at - 1]].r1 > key:
            A[at] = A[at - 1]
            at -= 1
        A[at] = e
    nb, sealed = 0, -1
    if within:
        nb = _standing(E, S, A, B, na)
    for k in range(na):
        e = A[k]
        if k + 1 < na:
            f = A[k + 1]
            beyond = E[e].r0 >= f0 and E[e].r1 >= f1 and E[f].r0 >= f0 and E[f].r1 >= f1
            if not beyond and _compare(E, S, C, 3 * e, E[e].r0, E[e].r1, 3 * f, E[f].r0, E[f].r1, depth, cut) == 2:
                nb = -1
                break
        o = E[e].obst
        if S[o].open < 0:
            S[o].open = nb
            B[nb].lo, B[nb].hi = e, -1
            nb += 1
            if S[o].scale == np.inf:
                sealed = k
                break
        else:
            B[S[o].open].hi = e
            S[o].open = -1
    if sealed >= 0:  # nothing behind counts, unless it comes to the front within the slab
        e = A[sealed]
        for k in range(sealed + 1, na):
            f = A[k]
            if (E[f].r0 < E[e].r0 or E[f].r1 < E[e].r1) and _compare(
                E, S, C, 3 * e, E[e].r0, E[e].r1, 3 * f, E[f].r0, E[f].r1, depth, cut
            ) == 2:  # fmt: skip
                nb = -1
                break
    for k in range(na):
        S[E[A[k]].obst].open = -1
    return nb


@njit(cache=True, nogil=True)
def _standing(E, S, A, B, na):
    """Open an interval at the camera for each obstacle it stands on: those the ray leaves an odd number of times."""
    nb = 0
    for k in range(na):
        o = E[A[k]].obst
        if S[o].within:
            S[o].open = -2 if S[o].open == -1 else -1
    for k in range(na):
        o = E[A[k]].obst
        if S[o].open == -2:
            S[o].open = nb
            B[nb].lo, B[nb].hi = -1, -1
            nb += 1
    return nb


@njit(cache=True, nogil=True)
def _free(G, nf, a, a0, a1, b, b0, b1):
    """Store one free interval; return the new number."""
    i = 2 * nf
    G[i].id, G[i].r0, G[i].r1 = a, a0, a1
    G[i + 1].id, G[i + 1].r0, G[i + 1].r1 = b, b0, b1
    return nf + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _slab(E, S, A, B, C, G, na, within, near, n0, n1, far, f0, f1, depth, cut):
    """Fill the free intervals of one slab; return their number, -1 where the slab must be cut at ``cut[4:6]`` first."""
    nb = _blocked(E, S, A, B, C, na, within, f0, f1, depth, cut)
    if nb < 0:
        return -1
    for b in range(nb):
        e = B[b].lo
        if e >= 0 and S[E[e].obst].rise > 0:
            rise = S[E[e].obst].rise
            side = _compare(E, S, C, far, f0, f1, 3 * e + 2, E[e].r0 * rise, E[e].r1 * rise, depth, cut)
            if side == 2:
                return -1
            if side == 1:
                far, f0, f1 = 3 * e + 2, E[e].r0 * rise, E[e].r1 * rise
    at, a0, a1, nf = near, n0, n1, 0  # free space can begin here
    for b in range(nb):
        e = B[b].lo
        gap = False
        if e >= 0:
            low0, low1 = E[e].r0, E[e].r1
            if (low0 >= f0 and low1 >= f1) or (a0 >= f0 and a1 >= f1):
                break
            side = _compare(E, S, C, 3 * e, low0, low1, at, a0, a1, depth, cut) if at != _ORIGIN else 1
            if side == 2:
                return -1
            gap = side == 1
            if gap:
                side = _compare(E, S, C, 3 * e, low0, low1, far, f0, f1, depth, cut)
                if side == 2:
                    return -1
                if side == 1:
                    break
                nf = _free(G, nf, at, a0, a1, 3 * e, low0, low1)
        h = B[b].hi
        if h < 0 or S[E[h].obst].scale == np.inf:
            return nf
        scale = S[E[h].obst].scale
        h0, h1 = E[h].r0 * scale, E[h].r1 * scale
        if not gap and at != _ORIGIN and not (h0 >= f0 and h1 >= f1 and a0 >= f0 and a1 >= f1):
            side = _compare(E, S, C, 3 * h + 1, h0, h1, at, a0, a1, depth, cut)
            if side == 2:
                return -1
            gap = side == 1
        if gap or at == _ORIGIN:
            at, a0, a1 = 3 * h + 1, h0, h1
    side = _compare(E, S, C, far, f0, f1, at, a0, a1, depth, cut) if at != _ORIGIN else 1
    if side == 2:
        return -1
    return _free(G, nf, at, a0, a1, far, f0, f1) if side == 1 else nf


# --- stitching -------------------------------------------------------------------------------------------------------
#
# A piece is a directed stretch of boundary with the view on its left: upper curves run with the sweep, lower curves
# against it, and radial pieces run along a ray where the view begins (outwards) or ends (inwards). Round each node
# pieces out and in alternate, and the view lies counter-clockwise of a piece out up to the next piece in; so the piece
# that follows one coming in is the one going out just before it. Walks made this way bound connected parts of the view.

_PIECES, _NODES, _ORIGIN_OUT, _ORIGIN_IN, _LAST_OUT, _FIRST_IN = 0, 1, 2, 3, 4, 5


@njit(cache=True, nogil=True)
def _piece(P, K):
    """Return a new piece."""
    p = K[_PIECES]
    K[_PIECES] = p + 1
    P[p].next, P[p].node = -1, -1
    return p


@njit(cache=True, nogil=True)
def _meet(P, K, p, node, out):
    """Tie a piece to a node, pieces being named counter-clockwise from the outward ray."""
    if out:
        P[p].node = node
        K[_LAST_OUT] = p
    elif K[_LAST_OUT] >= 0:
        P[p].next = K[_LAST_OUT]
    else:
        K[_FIRST_IN] = p


@njit(cache=True, nogil=True)
def _join(L, G, P, N, K, nl, nr, ux, uy, closing):
    """Stitch the free intervals left and right of one ray; ``closing`` means the right ones have their pieces."""
    if nl == nr and not closing:
        same = True
        for i in range(2 * nl):
            if L[i].id != G[i].id:
                same = False
                break
        if same:
            for i in range(2 * nl):
                G[i].piece = L[i].piece
            return
    i, j, ml, mr = 0, 0, 2 * nl, 2 * nr
    left, right, down, down_out = False, False, -1, False
    if nl > 0 and L[0].id == _ORIGIN:
        left, i = True, 1
    if nr > 0 and G[0].id == _ORIGIN:
        right, j = True, 1
        G[0].piece = -1
    if left != right:
        down = _piece(P, K)
        down_out = left  # seen from above: the piece leaves the upper node where only the left is free
        if right:
            P[down].node = 0
            K[_ORIGIN_OUT] = down
        elif K[_ORIGIN_OUT] >= 0:
            P[down].next = K[_ORIGIN_OUT]
        else:
            K[_ORIGIN_IN] = down
    while i < ml or j < mr:
        r = min(L[i].r0 if i < ml else np.inf, G[j].r0 if j < mr else np.inf)
        i0, j0 = i, j
        while i < ml and L[i].r0 <= r + TOUCH:
            i += 1
        while j < mr and G[j].r0 <= r + TOUCH:
            j += 1
        if i - i0 == 1 and j - j0 == 1 and not closing and left == right and L[i0].id == G[j0].id:
            G[j0].piece = L[i0].piece
            left, right = not left, not right
            continue
        node = K[_NODES]
        K[_NODES] = node + 1
        N[node].x, N[node].y = r * ux, r * uy
        K[_LAST_OUT], K[_FIRST_IN] = -1, -1
        left ^= (i - i0) & 1 == 1
        right ^= (j - j0) & 1 == 1
        up = -1
        if left != right:
            up = _piece(P, K)
            _meet(P, K, up, node, right)
        for k in range(j - 1, j0 - 1, -1):
            if not closing:
                G[k].piece = _piece(P, K)
            _meet(P, K, G[k].piece, node, k & 1 == 1)
        if down >= 0:
            _meet(P, K, down, node, down_out)
        for k in range(i0, i):
            _meet(P, K, L[k].piece, node, k & 1 == 0)
        if K[_FIRST_IN] >= 0:
            P[K[_FIRST_IN]].next = K[_LAST_OUT]
        down, down_out = up, left


@njit(cache=True, nogil=True)
def _shift(L, G, nr):
    """Make the intervals right of a ray those left of the next one."""
    for i in range(2 * nr):
        L[i].id, L[i].r0, L[i].piece = G[i].id, G[i].r1, G[i].piece


# --- one camera ------------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _set_chord(C, kind, radius, sides, i):
    """Make chord ``i`` of the far (0) or near (1) circle the current one; return its id.

    Far chords join points of the circle, near ones touch it, so that both claim less than the circle.
    """
    angle = (2 * i + 1) * np.pi / sides
    C[kind, 0], C[kind, 1] = np.cos(angle), np.sin(angle)
    C[kind, 2] = radius if kind else radius * np.cos(np.pi / sides)
    return -10 - 2 * i - kind


@njit(cache=True, nogil=True)
def _at(C, i, ux, uy):
    """Return the radius at which the current chord meets a ray."""
    return C[i, 2] / (C[i, 0] * ux + C[i, 1] * uy)


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(jobs, j, V, E, S, R, A, B, C, L, G, F, P, N, K, rays, within):
    """Sweep one camera over its rays, filling pieces and nodes; return False where the working arrays are too small."""
    full = jobs.full[j]
    start = 0.0 if full else jobs.start[j]
    K[:] = -1
    K[_PIECES], K[_NODES] = 0, 1
    N[0].x, N[0].y = 0.0, 0.0
    room = len(P)
    far_i = int(np.floor((start + 1e-9) * jobs.far_sides[j] / (2 * np.pi)))
    near_i = int(np.floor((start + 1e-9) * jobs.near_sides[j] / (2 * np.pi)))
    far = _set_chord(C, 0, jobs.far[j], jobs.far_sides[j], far_i)
    blind = jobs.near[j] > 0
    near = _set_chord(C, 1, jobs.near[j], jobs.near_sides[j], near_i) if blind else _ORIGIN
    cut = np.empty(6)
    stack_x, stack_y = np.empty(_STACK), np.empty(_STACK)
    na, nl, nf, opened = 0, 0, 0, False
    ax, ay = R[0].x, R[0].y
    f0 = _at(C, 0, ax, ay)
    n0 = _at(C, 1, ax, ay) if blind else 0.0
    for c in range(rays - 1):
        if R[c].circle & 1:
            far_i += 1
            far = _set_chord(C, 0, jobs.far[j], jobs.far_sides[j], far_i)
        if R[c].circle & 2:
            near_i += 1
            near = _set_chord(C, 1, jobs.near[j], jobs.near_sides[j], near_i)
        na = _begin(V, E, R, A, c, na)
        stack_x[0], stack_y[0] = R[c + 1].x, R[c + 1].y
        top = 0
        while top >= 0:
            bx, by = stack_x[top], stack_y[top]
            _reach(V, E, A, na, bx, by, c + 1 if top == 0 else -1)
            f1 = _at(C, 0, bx, by)
            n1 = _at(C, 1, bx, by) if blind else 0.0
            cut[0], cut[1], cut[2], cut[3] = ax, ay, bx, by
            nr = _slab(E, S, A, B, C, G, na, within, near, n0, n1, far, f0, f1, top, cut)
            if nr < 0:
                top += 1
                stack_x[top], stack_y[top] = cut[4], cut[5]
                continue
            if K[_PIECES] + 6 * (nl + nr) + 8 > room:
                return False
            if opened or not full:
                _join(L, G, P, N, K, nl, nr, ax, ay, False)
            else:
                nf = _keep_first(G, F, P, K, nr)
            opened = True
            _shift(L, G, nr)
            nl = nr
            for k in range(na):
                E[A[k]].r0 = E[A[k]].r1
            ax, ay, f0, n0 = bx, by, f1, n1
            top -= 1
        na = _end(E, A, c + 1, na)
    if not full:
        _join(L, G, P, N, K, nl, 0, ax, ay, False)
        return True
    for i in range(2 * nf):
        G[i].id, G[i].r0, G[i].piece = F[i].id, F[i].r0, F[i].piece
    _join(L, G, P, N, K, nl, nf, ax, ay, True)
    if K[_ORIGIN_IN] >= 0:
        P[K[_ORIGIN_IN]].next = K[_ORIGIN_OUT]
    return True


@njit(cache=True, nogil=True)
def _keep_first(G, F, P, K, nr):
    """Give the first slab of a full turn its pieces and keep them for closing."""
    for i in range(2 * nr):
        G[i].piece = _piece(P, K) if G[i].id != _ORIGIN else -1
        F[i].id, F[i].r0, F[i].piece = G[i].id, G[i].r0, G[i].piece
    return nr


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(V, E, R, A, c, na):
    """Make the edges that begin at a ray active; return the number of active edges."""
    e = R[c].edge
    while e >= 0:
        a = E[e].a
        E[e].r0 = V[a].r if a >= 0 else E[e].c / (E[e].nx * R[c].x + E[e].ny * R[c].y)
        A[na] = e
        na += 1
        e = E[e].next
    return na


@njit(cache=True, nogil=True, error_model="numpy")
def _reach(V, E, A, na, bx, by, ray):
    """Set the radius of every active edge at the slab's second ray; its own end vertex counts where it ends there."""
    for k in range(na):
        e = A[k]
        if E[e].last == ray and E[e].b >= 0:
            E[e].r1 = V[E[e].b].r
        else:
            E[e].r1 = E[e].c / (E[e].nx * bx + E[e].ny * by)


@njit(cache=True, nogil=True)
def _end(E, A, c, na):
    """Drop the edges that end at a ray; return the number left."""
    kept = 0
    for k in range(na):
        e = A[k]
        if E[e].last != c:
            A[kept] = e
            kept += 1
    return kept


# --- all cameras -----------------------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def sweep(field, jobs, target):
    """Sweep every job's camera over the plane ``target`` metres above flat ground.

    Returns
    -------
    tuple
        Ring pieces and nodes of all cameras, the offsets of each camera's (``geo.rings`` walks them), and whether an
        obstacle of unknown height lies in reach.
    """
    n = len(jobs.x)
    stamp, found = np.full(len(field.part), -1, np.int64), np.empty(len(field.part), np.int64)
    pieces, nodes = np.empty(128 * n + 64, PIECE), np.empty(128 * n + 64, NODE)
    first_piece, first_node = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    unknown = np.zeros(n, np.bool_)
    room, obstacles = 0, 0
    for j in range(n):
        at, to = first_piece[j], first_node[j]
        first_piece[j + 1], first_node[j + 1] = at, to
        if not jobs.far[j] > 0:
            continue
        near, vertices = _candidates(field, jobs, j, stamp, found)
        vertices += jobs.far_sides[j] + jobs.near_sides[j]
        while True:
            if vertices > room or near > obstacles:
                room, obstacles = max(2 * room, vertices, 1024), max(2 * obstacles, near, 256)
                V, R = np.empty(room, _VERTEX), np.empty(room + 8, _RAY)
                E, A = np.empty(2 * room, _EDGE), np.empty(2 * room, np.int32)
                QP, QI = np.empty(room, np.float64), np.empty(room, np.int64)
                B, C = np.empty(2 * room, _BLOCK), np.empty((2, 3))
                L, G, F = np.empty(4 * room, _END), np.empty(4 * room, _END), np.empty(4 * room, _END)
                P, N, K = np.empty(16 * room, PIECE), np.empty(16 * room, NODE), np.empty(6, np.int64)
                S = np.empty(obstacles, _OBSTACLE)
            nv, ne, within, unknown[j] = _gather(field, jobs, j, target, found, near, V, E, S)
            rays = _rays(jobs, j, V, E, R, QP, QI, nv, ne)
            if _turn(jobs, j, V, E, S, R, A, B, C, L, G, F, P, N, K, rays, within):
                break
            vertices = 2 * room
        at, to = at + K[_PIECES], to + K[_NODES]
        if at > len(pieces) or to > len(nodes):
            pieces, nodes = _grown(pieces, 2 * at), _grown(nodes, 2 * to)
        pieces[first_piece[j] : at] = P[: K[_PIECES]]
        nodes[first_node[j] : to] = N[: K[_NODES]]
        first_piece[j + 1], first_node[j + 1] = at, to
    return pieces[: first_piece[n]], nodes[: first_node[n]], first_piece, first_node, unknown


@njit(cache=True, nogil=True)
def _grown(array, size):
    """Return a longer copy."""
    longer = np.empty(max(size, len(array)), array.dtype)
    longer[: len(array)] = array
    return longer
