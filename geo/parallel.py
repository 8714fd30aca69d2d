"""Run independent pieces of one analysis side by side: one Executor for the whole engine.

Threads serve today, as the compiled kernels hold no interpreter lock. Whatever serves later, callers see the same: the
results in the order of the items, so that the same input gives the same bits on any number of workers (rule C3).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def cores() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Executor:
    """A number of workers that take pieces of work which share nothing.

    Attributes
    ----------
    workers
        How many pieces are under way at once; one worker runs them in the calling thread.

    Examples
    --------
    >>> list(Executor(2).map(abs, [-3, 2, -1]))
    [3, 2, 1]
    """

    workers: int

    @classmethod
    def of(cls, workers: int | None, *, pieces: int) -> Executor:
        """Return an executor of so many workers (None: one per core), but no more than there are pieces of work."""
        return cls(max(1, min(workers or cores(), pieces)))

    def map(self, work: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[_Result]:
        """Yield the result of each item, in the order of the items; an error of any of them is raised here."""
        if self.workers == 1:
            yield from map(work, items)
            return
        with ThreadPoolExecutor(self.workers) as pool:
            yield from pool.map(work, items)
