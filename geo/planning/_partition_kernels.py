"""Compute the objective of a partition and better it: moves of single atoms, and new cuts of neighbouring grids.

All figures of a grid are sums over its atoms and over the borders within it, so a move changes four numbers of two
grids. New cuts come from spanning trees: each edge of a tree cuts it in two connected parts, and one pass up the tree
gives the sums of all of them (DeFord, Duchin and Solomon 2021, doi:10.1162/99608f92.eb30390f).
"""

# Kernels call kernels of their own file only (docs/develop/add_an_algorithm.md), so their loops stand in one place.
# ruff: noqa: C901, PLR0912, PLR0915

from __future__ import annotations

import math

import numpy as np
from numba import njit

_LEAST = 1e-9  # what a move must gain


@njit(cache=True, nogil=True)
def grid_cost(sums: np.ndarray, low: float, high: float, rates: np.ndarray) -> float:
    """Return what one grid costs (rule V3): its band, the barriers that it crosses, its shape.

    ``sums``: households, m2, m of border round its atoms; m of border and cost of barriers between them.
    """
    size, area = sums[0], sums[1]
    outside = max(0.0, low - size, size - high)
    border = sums[2] - 2.0 * sums[3]
    shape = border * border / (4.0 * math.pi * area) - 1.0 if area > 0.0 else 0.0
    return rates[0] * outside / high + rates[1] * sums[4] / 1000.0 + rates[2] * max(0.0, shape)


@njit(cache=True, nogil=True)
def sums_of(
    label: np.ndarray, count: int, atoms: np.ndarray, start: np.ndarray, other: np.ndarray, edge: np.ndarray,
    borders: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Return the sums (count, 5) of the grids of a labelling; ``atoms`` (n, 3) holds households, m2, m of border."""
    sums = np.zeros((count, 5))
    for v in range(len(label)):
        a = label[v]
        sums[a, 0] += atoms[v, 0]
        sums[a, 1] += atoms[v, 1]
        sums[a, 2] += atoms[v, 2]
        for k in range(start[v], start[v + 1]):
            if other[k] > v and label[other[k]] == a:
                sums[a, 3] += borders[edge[k], 0]
                sums[a, 4] += borders[edge[k], 1]
    return sums


@njit(cache=True, nogil=True)
def _stays_whole(
    v: int, label: np.ndarray, start: np.ndarray, other: np.ndarray, seen: np.ndarray, queue: np.ndarray, stamp: int
) -> bool:
    """Return whether the grid of an atom is in one piece without it."""
    a = label[v]
    wanted = 0
    first = -1
    for k in range(start[v], start[v + 1]):
        if label[other[k]] == a:
            wanted += 1
            first = other[k]
    if wanted <= 1:
        return True
    found = 1
    seen[v] = stamp
    seen[first] = stamp
    queue[0] = first
    head, tail = 0, 1
    # The neighbours of the atom are marked as they are met; the search ends with the last of them.
    while head < tail:
        u = queue[head]
        head += 1
        for k in range(start[u], start[u + 1]):
            w = other[k]
            if label[w] == a and seen[w] != stamp:
                seen[w] = stamp
                queue[tail] = w
                tail += 1
                for j in range(start[v], start[v + 1]):
                    if other[j] == w:
                        found += 1
                        break
                if found == wanted:
                    return True
    return False


@njit(cache=True, nogil=True)
def move_atoms(
    label: np.ndarray, sums: np.ndarray, atoms: np.ndarray, start: np.ndarray, other: np.ndarray, edge: np.ndarray,
    borders: np.ndarray, present: np.ndarray, moving: np.ndarray, is_locked: np.ndarray, low: float, high: float,
    rates: np.ndarray, may_end: bool, passes: int,
) -> float:  # fmt: skip
    """Move single atoms to neighbouring grids as long as that gains; change ``label`` and ``sums``, return the gain.

    ``moving`` is what it costs that an atom is not in its grid of ``present`` (-1 where it has none).
    """
    n = len(label)
    seen = np.full(n, -1, np.int64)
    queue = np.empty(n, np.int64)
    stamp = 0
    members = np.zeros(len(sums), np.int64)
    is_closed = np.zeros(len(sums), np.bool_)  # a grid that is to stay neither loses nor gains
    for v in range(n):
        members[label[v]] += 1
        if is_locked[v]:
            is_closed[label[v]] = True
    gained = 0.0
    new_a, new_b = np.empty(5), np.empty(5)
    for _ in range(passes):
        before = gained
        for v in range(n):
            a = label[v]
            if is_closed[a] or (members[a] == 1 and not may_end):
                continue
            in_a, crossed_a = 0.0, 0.0
            for k in range(start[v], start[v + 1]):
                if label[other[k]] == a:
                    in_a += borders[edge[k], 0]
                    crossed_a += borders[edge[k], 1]
            best, target, to_in, to_crossed = -_LEAST, -1, 0.0, 0.0
            cost_a = grid_cost(sums[a], low, high, rates)
            new_a[0], new_a[1], new_a[2] = sums[a, 0] - atoms[v, 0], sums[a, 1] - atoms[v, 1], sums[a, 2] - atoms[v, 2]
            new_a[3], new_a[4] = sums[a, 3] - in_a, sums[a, 4] - crossed_a
            left = 0.0 if members[a] == 1 else grid_cost(new_a, low, high, rates)
            for k in range(start[v], start[v + 1]):
                b = label[other[k]]
                if b == a or is_closed[b]:
                    continue
                repeated = False
                for j in range(start[v], k):
                    if label[other[j]] == b:
                        repeated = True
                        break
                if repeated:
                    continue
                in_b, crossed_b = 0.0, 0.0
                for j in range(k, start[v + 1]):
                    if label[other[j]] == b:
                        in_b += borders[edge[j], 0]
                        crossed_b += borders[edge[j], 1]
                new_b[0], new_b[1], new_b[2] = (
                    sums[b, 0] + atoms[v, 0],
                    sums[b, 1] + atoms[v, 1],
                    sums[b, 2] + atoms[v, 2],
                )
                new_b[3], new_b[4] = sums[b, 3] + in_b, sums[b, 4] + crossed_b
                change = left + grid_cost(new_b, low, high, rates) - cost_a - grid_cost(sums[b], low, high, rates)
                if present[v] == a:
                    change += moving[v]
                elif present[v] == b:
                    change -= moving[v]
                if change < best:
                    best, target, to_in, to_crossed = change, b, in_b, crossed_b
            if target < 0:
                continue
            stamp += 1
            if members[a] > 1 and not _stays_whole(v, label, start, other, seen, queue, stamp):
                continue
            for c in range(3):
                sums[a, c] -= atoms[v, c]
                sums[target, c] += atoms[v, c]
            sums[a, 3] -= in_a
            sums[a, 4] -= crossed_a
            sums[target, 3] += to_in
            sums[target, 4] += to_crossed
            members[a] -= 1
            members[target] += 1
            if members[a] == 0:
                for c in range(5):
                    sums[a, c] = 0.0
            label[v] = target
            gained -= best
        if gained - before <= _LEAST:
            break
    return gained


@njit(cache=True, nogil=True)
def _root(parent: np.ndarray, v: int) -> int:
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@njit(cache=True, nogil=True)
def _random(state: np.ndarray) -> float:
    """Return the next number in [0, 1) of a xorshift generator: the same on every machine (Marsaglia 2003)."""
    x = state[0]
    x ^= (x << np.uint64(13)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    x ^= x >> np.uint64(7)
    x ^= (x << np.uint64(17)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    state[0] = x
    return (x >> np.uint64(11)) / 9007199254740992.0


@njit(cache=True, nogil=True)
def best_cut(
    nodes: np.ndarray, inside: np.ndarray, atoms: np.ndarray, start: np.ndarray, other: np.ndarray, edge: np.ndarray,
    borders: np.ndarray, present: np.ndarray, moving: np.ndarray, first: int, second: int, parts_a: float,
    parts_b: float, low: float, high: float, rates: np.ndarray, state: np.ndarray, noise: float,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """Cut a connected set of atoms in two along one spanning tree; return which are in the first part, and the cost.

    Parameters
    ----------
    nodes
        The atoms.
    inside
        Of every atom its place in ``nodes``, -1 for others.
    first, second
        The grids that the two parts would be, for what moving costs.
    parts_a, parts_b
        How many grids each part is to hold: its band is that many times as wide.
    state, noise
        Of the random numbers, and how much they outweigh barriers in the choice of the tree.
    """
    n = len(nodes)
    # 1 The tree: barriers are its last edges, so that its cuts run along them.
    m = 0
    for i in range(n):
        v = nodes[i]
        for k in range(start[v], start[v + 1]):
            if other[k] > v and inside[other[k]] >= 0:
                m += 1
    ends_a, ends_b, key, ids = np.empty(m, np.int64), np.empty(m, np.int64), np.empty(m), np.empty(m, np.int64)
    m = 0
    for i in range(n):
        v = nodes[i]
        for k in range(start[v], start[v + 1]):
            if other[k] > v and inside[other[k]] >= 0:
                e = edge[k]
                ends_a[m], ends_b[m], ids[m] = i, inside[other[k]], e
                grade = borders[e, 1] / borders[e, 0] if borders[e, 0] > 0.0 else 0.0
                key[m] = grade / (1.0 + grade) + noise * _random(state)
                m += 1
    parent = np.arange(n)
    tree_start = np.zeros(n + 1, np.int64)
    chosen = np.empty(n - 1, np.int64)
    c = 0
    for e in np.argsort(key, kind="mergesort"):
        a, b = _root(parent, ends_a[e]), _root(parent, ends_b[e])
        if a != b:
            parent[b] = a
            chosen[c] = e
            c += 1
            tree_start[ends_a[e] + 1] += 1
            tree_start[ends_b[e] + 1] += 1
    tree_start = np.cumsum(tree_start)
    fill = tree_start[:-1].copy()
    tree = np.empty(2 * (n - 1), np.int64)
    for e in chosen:
        tree[fill[ends_a[e]]] = ends_b[e]
        fill[ends_a[e]] += 1
        tree[fill[ends_b[e]]] = ends_a[e]
        fill[ends_b[e]] += 1
    order, up, depth = np.empty(n, np.int64), np.full(n, -1, np.int64), np.zeros(n, np.int64)
    order[0] = 0
    tail = 1
    for head in range(n):
        u = order[head]
        for k in range(tree_start[u], tree_start[u + 1]):
            w = tree[k]
            if w != up[u]:
                up[w] = u
                depth[w] = depth[u] + 1
                order[tail] = w
                tail += 1
    # 2 Sums below each atom: what a border joins counts at both ends, and is taken off where their ways up meet.
    below = np.zeros(
        (n, 10)
    )  # households, m2, m, both ends of borders, of barriers; borders, barriers cut; moving; atoms
    for i in range(n):
        v = nodes[i]
        below[i, 0], below[i, 1], below[i, 2], below[i, 9] = atoms[v, 0], atoms[v, 1], atoms[v, 2], 1.0
        if present[v] == first:
            below[i, 7] = moving[v]
        elif present[v] == second:
            below[i, 8] = moving[v]
    for e in range(m):
        a, b = ends_a[e], ends_b[e]
        for c in range(2):
            weight = borders[ids[e], c]
            below[a, 3 + c] += weight
            below[b, 3 + c] += weight
            below[a, 5 + c] += weight
            below[b, 5 + c] += weight
        while a != b:
            if depth[a] >= depth[b]:
                a = up[a]
            else:
                b = up[b]
        for c in range(2):
            below[a, 5 + c] -= 2.0 * borders[ids[e], c]
    for i in range(n - 1, 0, -1):
        u = order[i]
        for c in range(10):
            below[up[u], c] += below[u, c]
    # 3 The cheapest cut; either part may be the first grid.
    whole = below[0].copy()
    part, rest = np.empty(5), np.empty(5)
    best, place, turned = np.inf, -1, False
    for i in range(1, n):
        u = order[i]
        for c in range(3):
            part[c] = below[u, c]
            rest[c] = whole[c] - below[u, c]
        for c in range(2):
            part[3 + c] = 0.5 * (below[u, 3 + c] - below[u, 5 + c])
            rest[3 + c] = 0.5 * (whole[3 + c] - below[u, 3 + c] - below[u, 5 + c])
        for turn in range(2):
            k_part, k_rest = (parts_a, parts_b) if turn == 0 else (parts_b, parts_a)
            if below[u, 9] < k_part or n - below[u, 9] < k_rest:
                continue
            cost = grid_cost(part, k_part * low, k_part * high, rates) + grid_cost(
                rest, k_rest * low, k_rest * high, rates
            )
            # What stays in its grid saves; 7 is of the first grid, 8 of the second.
            if turn == 0:
                cost -= below[u, 7] + whole[8] - below[u, 8]
            else:
                cost -= below[u, 8] + whole[7] - below[u, 7]
            if cost < best:
                best, place, turned = cost, u, turn == 1
    is_first = np.zeros(n, np.bool_)
    is_below = np.zeros(n, np.bool_)
    if place >= 0:
        is_below[place] = True
        for i in range(1, n):
            u = order[i]
            if u != place and up[u] >= 0 and is_below[up[u]]:
                is_below[u] = True
        for i in range(n):
            is_first[i] = is_below[i] != turned
    return is_first, best + whole[7] + whole[8]


@njit(cache=True, nogil=True)
def _resum(
    grid: int, nodes: np.ndarray, label: np.ndarray, sums: np.ndarray, atoms: np.ndarray, start: np.ndarray,
    other: np.ndarray, edge: np.ndarray, borders: np.ndarray,
) -> None:  # fmt: skip
    sums[grid, :] = 0.0
    for i in range(len(nodes)):
        v = nodes[i]
        if label[v] == grid:
            for c in range(3):
                sums[grid, c] += atoms[v, c]
            for k in range(start[v], start[v + 1]):
                if other[k] > v and label[other[k]] == grid:
                    sums[grid, 3] += borders[edge[k], 0]
                    sums[grid, 4] += borders[edge[k], 1]


@njit(cache=True, nogil=True)
def recut_grids(
    pairs: np.ndarray, label: np.ndarray, sums: np.ndarray, atoms: np.ndarray, start: np.ndarray, other: np.ndarray,
    edge: np.ndarray, borders: np.ndarray, present: np.ndarray, moving: np.ndarray, is_locked: np.ndarray, low: float,
    high: float, rates: np.ndarray, may_join: bool, state: np.ndarray, noise: float,
) -> float:  # fmt: skip
    """Cut pairs of grids anew where that gains, or make one of two; change ``label`` and ``sums``, return the gain.

    The second grid of a pair may be one that no atom has yet: then the first is cut in two.
    """
    n = len(label)
    inside = np.full(n, -1, np.int64)
    gained = 0.0
    whole = np.empty(5)
    for p in range(len(pairs)):
        a, b = pairs[p]
        nodes = np.flatnonzero((label == a) | (label == b))
        in_a, locked, shared, crossed, touches = 0, False, 0.0, 0.0, False
        for i in range(len(nodes)):
            v = nodes[i]
            locked = locked or is_locked[v]
            if label[v] == a:
                in_a += 1
                for k in range(start[v], start[v + 1]):
                    if label[other[k]] == b:
                        touches = True
                        shared += borders[edge[k], 0]
                        crossed += borders[edge[k], 1]
        is_single = in_a == len(nodes)
        if locked or len(nodes) < 2 or in_a == 0 or not (touches or is_single):
            continue
        # 1 What the two cost now, as one, and cut anew.
        stay_a, stay_b, away, now = 0.0, 0.0, 0.0, 0.0
        for i in range(len(nodes)):
            v = nodes[i]
            if present[v] < 0:
                continue
            if present[v] == a:
                stay_a += moving[v]
            elif present[v] == b:
                stay_b += moving[v]
            else:
                away += moving[v]
            if present[v] != label[v]:
                now += moving[v]
        before = now + grid_cost(sums[a], low, high, rates)
        if not is_single:
            before += grid_cost(sums[b], low, high, rates)
        for i in range(len(nodes)):
            inside[nodes[i]] = i
        is_first, cost = best_cut(
            nodes, inside, atoms, start, other, edge, borders, present, moving, a, b, 1.0, 1.0, low, high, rates, state,
            noise,
        )  # fmt: skip
        cost += away
        for i in range(len(nodes)):
            inside[nodes[i]] = -1
        together = np.inf
        if may_join and not is_single:
            for c in range(5):
                whole[c] = sums[a, c] + sums[b, c]
            whole[3] += shared
            whole[4] += crossed
            together = away + min(stay_a, stay_b) + grid_cost(whole, low, high, rates)
        # 2 The cheapest of the three.
        if min(together, cost) >= before - _LEAST:
            continue
        if together <= cost:
            one = a if stay_a >= stay_b else b
            for i in range(len(nodes)):
                label[nodes[i]] = one
            gained += before - together
        else:
            for i in range(len(nodes)):
                label[nodes[i]] = a if is_first[i] else b
            gained += before - cost
        _resum(a, nodes, label, sums, atoms, start, other, edge, borders)
        _resum(b, nodes, label, sums, atoms, start, other, edge, borders)
    return gained
