"""Sweep a ray round each camera over polar slabs and keep what stays free (rules R1-R5, C2).

Between two neighbouring rays nothing begins or ends and no two boundaries that matter cross, so a slab is a short list
of free intervals, each from a lower to an upper curve. Curves are straight lines ``n . p = c``: walls, walls pushed
outwards (the far end of a finite shadow) and chords of the range circles. Where two of them cross inside a slab, the
slab is cut there. Coordinates are metres from the camera.

The work is done in three stages, each compiled in one file, since numba's cache of a function does not notice changes
in other files: ``geo.visibility._gather`` gathers walls, this file sweeps, ``geo.visibility._rings`` walks what is left
into polygons.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.visibility._gather import CORNER, EDGE, RAY, SOLID, VERTEX, Jobs, corners, gather
from geo.visibility.scene import Field

# ruff: noqa: ANN001, ANN202, N803, N806, PLR0911, PLR0912, PLR0915, C901
# mypy: disable-error-code="no-untyped-def"

#: Distances (metres) closer than this on one ray are one place; far above rounding, far below anything drawn.
TOUCH = 1e-7
_STACK = 64
_ORIGIN = -1  # id of the lower curve where the view starts at the camera itself
#: Walls that are gathered before they are swept: enough for hundreds of cameras, little enough for the cache.
_BATCH = 16384

_F, _I = np.float64, np.int32
# B: walls at both ends of a blocked interval (-1: the camera, -1: endless)
_BLOCK = np.dtype([("lo", _I), ("hi", _I)], align=True)
# L, G, F: ends of the free intervals left of a ray, right of it, and of the first slab: curve, radii, ring piece
_END = np.dtype([("r0", _F), ("r1", _F), ("id", _I), ("piece", _I)], align=True)
#: Pieces of rings: the node each starts at, and the piece that follows (see ``_join``).
PIECE = np.dtype([("node", _I), ("next", _I)], align=True)
#: Nodes of rings, metres from the camera; node 0 is the camera.
NODE = np.dtype([("x", _F), ("y", _F)], align=True)


def sweep(field: Field, jobs: Jobs, target: float) -> tuple[np.ndarray, ...]:
    """Sweep every job's camera over the plane ``target`` metres above flat ground.

    Returns
    -------
    tuple
        Ring pieces and nodes of all cameras, the offsets of each camera's (``geo.visibility._rings`` walks them), and
        whether an obstacle of unknown height lies in reach.
    """
    n, obstacles = len(jobs.x), len(field.height)
    pieces, nodes = np.empty(64 * n + 4096, PIECE), np.empty(64 * n + 4096, NODE)
    first = np.zeros((n + 1, 2), np.int64)
    lists = np.zeros((n + 1, 3), np.int64)
    within, unknown = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    stamp, found = np.full(obstacles, -1, np.int64), np.empty(obstacles, np.int64)
    corner = corners(jobs)
    room, done = _BATCH, 0
    gathered, desk = _gathered(room), _desk(room)
    while done < n:
        ready, need = gather(done, field, jobs, corner, target, stamp, found, gathered, lists, within, unknown)
        if ready == done:
            room = 2 * max(room, need)
            gathered, desk = _gathered(room), _desk(room)
        while done < ready:
            walls = gathered[3:]
            done = _turns(done, ready, jobs, corner, walls, lists, within, desk, pieces, nodes, first)
            if done < ready:
                pieces = np.concatenate([pieces, np.empty(len(pieces) + 16 * room, PIECE)])
                nodes = np.concatenate([nodes, np.empty(len(pieces), NODE)])
    return pieces[: first[n, 0]], nodes[: first[n, 1]], first[:, 0].copy(), first[:, 1].copy(), unknown


def _gathered(room: int) -> tuple[np.ndarray, ...]:
    """Return arrays for what is gathered: corners, events, their corners; edges, obstacles, rays."""
    return (
        np.empty(room, VERTEX),
        np.empty(room),
        np.empty(room, np.int64),
        np.empty(2 * room, EDGE),
        np.empty(room, SOLID),
        np.empty(2 * room, RAY),
    )


def _desk(room: int) -> tuple[np.ndarray, ...]:
    """Return working arrays: active walls, blocked intervals, chords, free intervals (left, right, first), counters."""
    ends = (np.empty(4 * room, _END), np.empty(4 * room, _END), np.empty(4 * room, _END))
    return (np.empty(2 * room, _I), np.empty(2 * room, _BLOCK), np.empty((2, 3)), *ends, np.empty(6, np.int64))


@njit(cache=True, nogil=True)
def _turns(j, end, jobs, corner, walls, lists, within, desk, pieces, nodes, first):
    """Sweep cameras ``j`` to ``end``; return the one to go on with where there is no room for its rings."""
    edges, solids, rays = walls
    A, B, C, L, G, F, K = desk
    while j < end:
        first[j + 1, 0], first[j + 1, 1] = first[j, 0], first[j, 1]
        n = lists[j + 1, 2] - lists[j, 2] if lists[j + 1, 2] > lists[j, 2] else 0
        if n > 0:
            E, S, R = edges[lists[j, 0] :], solids[lists[j, 1] :], rays[lists[j, 2] :]
            P, N = pieces[first[j, 0] :], nodes[first[j, 1] :]
            if not _turn(jobs, corner, j, E, S, R, A, B, C, L, G, F, P, N, K, n, within[j]):
                return j
            first[j + 1, 0] += K[_PIECES]
            first[j + 1, 1] += K[_NODES]
        j += 1
    return j


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
    at, a0, a1, nf = near, n0, n1, np.int64(0)  # free space can begin here
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
    if nl == nr and closing == 0:
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
        if i - i0 == 1 and j - j0 == 1 and closing == 0 and left == right and L[i0].id == G[j0].id:
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
            if closing == 0:
                G[k].piece = _piece(P, K)
            _meet(P, K, np.int64(G[k].piece), node, k & 1 == 1)
        if down >= 0:
            _meet(P, K, down, node, down_out)
        for k in range(i0, i):
            _meet(P, K, np.int64(L[k].piece), node, k & 1 == 0)
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
def _set_chord(C, kind, radius, sides, corner, at, i):
    """Make chord ``i`` of the far (0) or near (1) circle the current one; return its id.

    Far chords join points of the circle, near ones touch it, so that both claim less than the circle.
    """
    a, b = at + i % sides, at + (i + 1) % sides
    C[kind, 0], C[kind, 1] = corner.x[a] + corner.x[b], corner.y[a] + corner.y[b]
    along = 1 + corner.x[a] * corner.x[b] + corner.y[a] * corner.y[b]
    C[kind, 2] = radius * (np.sqrt(2 * along) if kind else along)
    return -10 - 2 * i - kind


@njit(cache=True, nogil=True)
def _at(C, i, ux, uy):
    """Return the radius at which the current chord meets a ray."""
    return C[i, 2] / (C[i, 0] * ux + C[i, 1] * uy)


@njit(cache=True, nogil=True, error_model="numpy")
def _turn(jobs, corner, j, E, S, R, A, B, C, L, G, F, P, N, K, rays, within):
    """Sweep one camera over its rays, filling pieces and nodes; return False where the working arrays are too small."""
    zero, one = np.int64(0), np.int64(1)  # plain literals would have every callee compiled twice
    full = jobs.full[j]
    start = 0.0 if full else jobs.start[j]
    K[:] = -1
    K[_PIECES], K[_NODES] = 0, 1
    room = min(len(P), len(N))
    if room < 1:
        return False
    N[0].x, N[0].y = 0.0, 0.0
    far_i = int(np.floor((start + CORNER) * jobs.far_sides[j] / (2 * np.pi)))
    near_i = int(np.floor((start + CORNER) * jobs.near_sides[j] / (2 * np.pi)))
    far_n, far_at = jobs.far_sides[j], corner.far_at[j]
    near_n, near_at = jobs.near_sides[j], corner.near_at[j]
    far = _set_chord(C, zero, jobs.far[j], far_n, corner, far_at, far_i)
    blind = jobs.near[j] > 0
    near = _set_chord(C, one, jobs.near[j], near_n, corner, near_at, near_i) if blind else _ORIGIN
    cut = np.empty(6)
    stack_x, stack_y = np.empty(_STACK), np.empty(_STACK)
    na, nl, nf, nr, top, opened = zero, zero, zero, zero, zero, False
    ax, ay = R[0].x, R[0].y
    f0 = _at(C, zero, ax, ay)
    n0 = _at(C, one, ax, ay) if blind else 0.0
    for c in range(rays - 1):
        if R[c].circle & 1:
            far_i += 1
            far = _set_chord(C, zero, jobs.far[j], far_n, corner, far_at, far_i)
        if R[c].circle & 2:
            near_i += 1
            near = _set_chord(C, one, jobs.near[j], near_n, corner, near_at, near_i)
        na = _begin(E, R, A, c, na)
        stack_x[0], stack_y[0] = R[c + 1].x, R[c + 1].y
        top = zero
        while top >= 0:
            bx, by = stack_x[top], stack_y[top]
            _reach(E, A, na, bx, by, c + 1 if top == 0 else -1)
            f1 = _at(C, zero, bx, by)
            n1 = _at(C, one, bx, by) if blind else 0.0
            cut[0], cut[1], cut[2], cut[3] = ax, ay, bx, by
            nr = _slab(E, S, A, B, C, G, na, within, near, n0, n1, far, f0, f1, top, cut)
            if nr < 0:
                top += 1
                stack_x[top], stack_y[top] = cut[4], cut[5]
                continue
            if K[_PIECES] + 6 * (nl + nr) + 8 > room:
                return False
            if opened or not full:
                _join(L, G, P, N, K, nl, nr, ax, ay, zero)
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
        _join(L, G, P, N, K, nl, zero, ax, ay, zero)
        return True
    for i in range(2 * nf):
        G[i].id, G[i].r0, G[i].piece = F[i].id, F[i].r0, F[i].piece
    _join(L, G, P, N, K, nl, nf, ax, ay, one)
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
def _begin(E, R, A, c, na):
    """Make the edges that begin at a ray active; return the number of active edges."""
    e = R[c].edge
    while e >= 0:
        E[e].r0 = E[e].ra if E[e].ra >= 0 else E[e].c / (E[e].nx * R[c].x + E[e].ny * R[c].y)
        A[na] = e
        na += 1
        e = E[e].next
    return na


@njit(cache=True, nogil=True, error_model="numpy")
def _reach(E, A, na, bx, by, ray):
    """Set the radius of every active edge at the slab's second ray; its own end vertex counts where it ends there."""
    for k in range(na):
        e = A[k]
        if E[e].last == ray and E[e].rb >= 0:
            E[e].r1 = E[e].rb
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
