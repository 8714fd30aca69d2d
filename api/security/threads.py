"""Look up credentials in threads: a file, the database or the issuer must not block other requests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from geo.errors import StoreDown

_T = TypeVar("_T")


async def in_thread(lookup: Callable[[], _T], limiter: CapacityLimiter | None = None) -> _T:
    """Run a lookup in a thread, in line with others where they share a limiter."""
    try:
        return await to_thread.run_sync(lookup, limiter=limiter)
    except OSError:
        raise StoreDown("密钥暂时无法核对", "keys cannot be checked just now") from None
