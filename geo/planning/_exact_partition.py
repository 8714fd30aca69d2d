"""Find the cheapest partition of a few atoms, by dynamic programming over their subsets (rule V4)."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.planning._partition_kernels import grid_cost

#: Of so many atoms every partition is compared; the time grows threefold with each atom more.
FEW = 13


@njit(cache=True, nogil=True)
def _subset_costs(
    atoms: np.ndarray, ends: np.ndarray, borders: np.ndarray, low: float, high: float, rates: np.ndarray
) -> np.ndarray:
    """Return what each subset of the atoms costs as a grid; infinite where it is not in one piece."""
    n = len(atoms)
    near = np.zeros(n, np.int64)
    for e in range(len(ends)):
        near[ends[e, 0]] |= 1 << ends[e, 1]
        near[ends[e, 1]] |= 1 << ends[e, 0]
    costs = np.full(1 << n, np.inf)
    sums = np.empty(5)
    for mask in range(1, 1 << n):
        reached = mask & -mask
        grown = 0
        while reached != grown:
            grown = reached
            for v in range(n):
                if grown >> v & 1:
                    reached |= near[v] & mask
        if reached != mask:
            continue
        sums[:] = 0.0
        for v in range(n):
            if mask >> v & 1:
                for c in range(3):
                    sums[c] += atoms[v, c]
        for e in range(len(ends)):
            if mask >> ends[e, 0] & 1 and mask >> ends[e, 1] & 1:
                sums[3] += borders[e, 0]
                sums[4] += borders[e, 1]
        costs[mask] = grid_cost(sums, low, high, rates)
    return costs


@njit(cache=True, nogil=True)
def _cheapest(costs: np.ndarray, n: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the least cost of each subset in 0 to ``most`` grids, and the grid of its lowest atom in that answer."""
    least = np.full((most + 1, 1 << n), np.inf)
    grid = np.zeros((most + 1, 1 << n), np.int64)
    least[0, 0] = 0.0
    for k in range(1, most + 1):
        for mask in range(1, 1 << n):
            lowest = mask & -mask
            rest = mask ^ lowest
            part = rest
            # Every subset of the mask that holds its lowest atom is tried as one grid.
            while True:
                one = part | lowest
                cost = costs[one] + least[k - 1, mask ^ one]
                if cost < least[k, mask]:
                    least[k, mask] = cost
                    grid[k, mask] = one
                if part == 0:
                    break
                part = (part - 1) & rest
    return least, grid


def exact_partition(
    atoms: np.ndarray, ends: np.ndarray, borders: np.ndarray, low: float, high: float, rates: np.ndarray,
    count: int | None,
) -> np.ndarray:  # fmt: skip
    """Return the grid of each atom, from 0, in the cheapest partition; ``atoms`` as in ``_partition_kernels.sums_of``.

    Parameters
    ----------
    ends
        Pairs of atoms that share a border (m, 2).
    borders
        Its length (m) and the cost of the barrier along it (m, 2).
    count
        How many grids; None for the number that is cheapest.
    """
    n = len(atoms)
    costs = _subset_costs(atoms, ends, borders, low, high, rates)
    # The number of grids that is cheapest is seldom above that of the band, but a lone atom may be a grid too.
    least, grid = _cheapest(costs, n, n if count is None else count)
    mask, label = (1 << n) - 1, np.zeros(n, np.int64)
    k = int(np.argmin(least[:, mask])) if count is None else count
    for number in range(k):
        one = int(grid[k - number, mask])
        label[[v for v in range(n) if one >> v & 1]] = number
        mask ^= one
    return label
