"""Search in tails that are sorted: in all of them, or in those of one place alone."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

import numpy as np

# Tails of the list that is searched first: a Python list of them all would take the memory of the index once more.
_SAMPLES = 65_536


class SortedTails(Sequence[bytes]):
    """Sorted tails, read one at a time from their block, with a list of some of them to search in first.

    Examples
    --------
    >>> tails = SortedTails("东街1号东街2号".encode(), np.array([0, 10, 20]))
    >>> key = "东街1号".encode()
    >>> tails.before(key), tails.after(key), tails[1].decode(), len(tails)
    (0, 1, '东街2号', 2)
    """

    def __init__(self, block: bytes, start: np.ndarray) -> None:
        """Take a block of UTF-8, and where each tail begins in it with the end of the last one."""
        self.block = block
        self.start = start.data  # its items are plain integers, which slice faster than those of NumPy
        self._step = len(start) // _SAMPLES + 1
        self._sample = [self[at] for at in range(0, len(self), self._step)]

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, at: Any) -> Any:
        return self.block[self.start[at] : self.start[at + 1]]

    def before(self, key: bytes) -> int:
        """Return how many tails sort before a key.

        Examples
        --------
        >>> SortedTails(b"ab", np.array([0, 1, 2])).before(b"b")
        1
        """
        part = bisect_left(self._sample, key) * self._step
        return bisect_left(self, key, max(part - self._step, 0), min(part, len(self)))

    def after(self, key: bytes) -> int:
        """Return how many tails sort before a key or are the same.

        Examples
        --------
        >>> SortedTails(b"ab", np.array([0, 1, 2])).after(b"b")
        2
        """
        part = bisect_right(self._sample, key) * self._step
        return bisect_right(self, key, max(part - self._step, 0), min(part, len(self)))


class TailsOfPlace(Sequence[bytes]):
    """The tails of one place among sorted ones: their positions in order.

    Examples
    --------
    >>> tails = TailsOfPlace(SortedTails(b"abc", np.arange(4)), np.array([0, 2]))
    >>> tails[1], tails.before(b"b"), tails.entries(1, 2).tolist()
    (b'c', 1, [2])
    """

    def __init__(self, tails: SortedTails, positions: np.ndarray) -> None:
        """Take positions in order, at least one."""
        self._block, self._start = tails.block, tails.start
        self._positions = positions
        self._at = positions.data
        # In order, what the first and the last one begin with all do.
        first, last = self[0], self[-1]
        self._begin = first[: common_prefix(first, last)]

    def __len__(self) -> int:
        return len(self._at)

    def __getitem__(self, at: Any) -> Any:
        position = self._at[at]
        return self._block[self._start[position] : self._start[position + 1]]

    def before(self, key: bytes) -> int:
        """Return how many tails of the place sort before a key.

        Examples
        --------
        >>> TailsOfPlace(SortedTails(b"abc", np.arange(4)), np.array([0, 2])).before(b"c")
        1
        """
        return bisect_left(self, key)

    def after(self, key: bytes) -> int:
        """Return how many tails of the place sort before a key or are the same.

        Examples
        --------
        >>> TailsOfPlace(SortedTails(b"abc", np.arange(4)), np.array([0, 2])).after(b"c")
        2
        """
        return bisect_right(self, key)

    def may_hold(self, key: bytes) -> bool:
        """Return whether a tail of the place may begin with a key, or the key with a tail; what all begin with says so.

        Examples
        --------
        >>> tails = TailsOfPlace(SortedTails(b"ab1ab2b", np.array([0, 3, 6, 7])), np.array([0, 1]))
        >>> tails.may_hold(b"ab3"), tails.may_hold(b"a"), tails.may_hold(b"b")
        (True, True, False)
        """
        return key.startswith(self._begin) or self._begin.startswith(key)

    def exact(self, key: bytes) -> tuple[np.ndarray, int]:
        """Return the positions of the tails that are a key, and how many tails of the place sort before it.

        Examples
        --------
        >>> tails = TailsOfPlace(SortedTails(b"abc", np.arange(4)), np.array([0, 2]))
        >>> tails.exact(b"c")[0].tolist(), tails.exact(b"b")[1]
        ([2], 1)
        """
        first = end = self.before(key)
        while end < len(self) and self[end] == key:
            end += 1
        return self._positions[first:end], first

    def entries(self, low: int, high: int) -> np.ndarray:
        """Return the positions of a range of the tails of the place.

        Examples
        --------
        >>> TailsOfPlace(SortedTails(b"abc", np.arange(4)), np.array([0, 2])).entries(0, 1).tolist()
        [0]
        """
        return self._positions[low:high]


def common_prefix(a: bytes, b: bytes) -> int:
    """Return the number of leading bytes that two keys share, without a cut character.

    Examples
    --------
    >>> common_prefix("东街".encode(), "东路".encode()), common_prefix("中".encode(), "丮".encode())
    (3, 0)
    """
    n = min(len(a), len(b))
    if a[:n] == b[:n]:
        return n
    low, high = 0, n
    while low < high:
        middle = (low + high + 1) // 2
        if a[:middle] == b[:middle]:
            low = middle
        else:
            high = middle - 1
    while low and low < len(b) and b[low] & 0xC0 == 0x80:
        low -= 1
    return low
