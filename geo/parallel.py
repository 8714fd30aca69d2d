"""Run independent items of one analysis at the same time: one Executor for the whole engine.

The workers are threads, as the compiled kernels release the interpreter lock. Results are returned in the order of the
items, so that the same input gives bit-identical results on any number of workers (rule C3).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def core_count() -> int:
    """Return the number of cores this process may use.

    Examples
    --------
    >>> core_count() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Executor:
    """A number of workers for items that share nothing.

    Attributes
    ----------
    workers
        How many items are in work at once; one worker runs them in the calling thread.

    Examples
    --------
    >>> list(Executor(2).map(abs, [-3, 2, -1]))
    [3, 2, 1]
    """

    workers: int

    @classmethod
    def of(cls, workers: int | None, *, items: int) -> Executor:
        """Return an executor of so many workers (None: one per core), but no more than there are items.

        Examples
        --------
        >>> Executor.of(8, items=3)
        Executor(workers=3)
        """
        return cls(max(1, min(workers or core_count(), items)))

    def map(self, work: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[_Result]:
        """Yield the result of each item, in the order of the items; an error of any item is raised here.

        Examples
        --------
        >>> list(Executor(1).map(len, ["a", "bcd"]))
        [1, 3]
        """
        if self.workers == 1:
            yield from map(work, items)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            yield from pool.map(work, items)
