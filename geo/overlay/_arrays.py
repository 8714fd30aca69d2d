"""Small compiled helpers for arrays: grow them, turn counts into offsets, union-find.

Kernels of several files call them, and numba's cache does not notice changes in another file: after a change here
delete the caches (``find geo -name "*.nb[ic]" -delete``).
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def grown(a: np.ndarray, capacity: int) -> np.ndarray:
    """Return a longer array that begins with the values of this one.

    Examples
    --------
    >>> import numpy as np
    >>> longer = grown(np.array([1, 2]), 4)
    >>> len(longer), longer[:2].tolist()
    (4, [1, 2])
    """
    out = np.empty(capacity, a.dtype)
    for i in range(len(a)):  # a loop compiles ten times faster than a slice assignment
        out[i] = a[i]
    return out


@njit(cache=True, nogil=True)
def grown_rows(a: np.ndarray, capacity: int) -> np.ndarray:
    """Return an array of more rows that begins with the rows of this one.

    Examples
    --------
    >>> import numpy as np
    >>> longer = grown_rows(np.array([[1, 2]]), 3)
    >>> longer.shape, longer[0].tolist()
    ((3, 2), [1, 2])
    """
    out = np.empty((capacity, a.shape[1]), a.dtype)
    for i in range(len(a)):
        for j in range(a.shape[1]):
            out[i, j] = a[i, j]
    return out


@njit(cache=True, nogil=True)
def offsets_of(count: np.ndarray) -> np.ndarray:
    """Return where the items of each begin, and the end of the last.

    Examples
    --------
    >>> import numpy as np
    >>> offsets_of(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    out = np.empty(len(count) + 1, np.int64)
    out[0] = 0
    for i in range(len(count)):
        out[i + 1] = out[i] + count[i]
    return out


@njit(cache=True, nogil=True)
def root(parent: np.ndarray, i: int) -> int:
    """Return the root of an item in a union-find forest, halving the path to it.

    Tarjan 1975, "Efficiency of a good but not linear set union algorithm", doi:10.1145/321879.321884.

    Examples
    --------
    >>> import numpy as np
    >>> forest = np.array([0, 0, 1, 2])
    >>> int(root(forest, 3)), forest.tolist()
    (0, [0, 0, 1, 1])
    """
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i
