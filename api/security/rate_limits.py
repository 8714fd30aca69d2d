"""Limit the requests of one caller and the failed sign-ins of one address; counted in this process."""

from __future__ import annotations

import ipaddress
import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from api import problems
from geo.storage.records import LOCAL, Caller

#: Invalid keys and tokens a minute, of one address or for one key, that are answered 401; further ones are 429.
FAILURES_PER_MINUTE = 20


class RateLimited(problems.TooMany):
    """A rate limit is exceeded; ``seconds`` is the time until the next request is allowed."""

    def __init__(self, zh: str, en: str, *, seconds: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(zh, en)
        self.seconds = seconds
        self.headers = headers or {}


@dataclass(frozen=True)
class _WindowState:
    allowed: bool
    remaining: int
    reset: int


class RateLimits:
    """Rate limits over a sliding minute.

    Parameters
    ----------
    per_minute
        Requests of one key, one person, or one address without either; 0 sets no limit.
    failures_per_minute
        Invalid keys and tokens that one address may show, or that may be shown for one key, before the answer is 429.
    """

    def __init__(self, per_minute: int = 0, *, failures_per_minute: int = FAILURES_PER_MINUTE) -> None:
        self._strategy = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(per_minute, namespace="requests") if per_minute else None
        self._failures = RateLimitItemPerMinute(failures_per_minute, namespace="failures")

    async def count_request(self, caller: Caller) -> dict[str, str]:
        """Count one request and return the headers with the remaining quota; raise RateLimited where it is used up."""
        if self._requests is None or caller.id == LOCAL.id:
            return {}
        found = await self._window_state(self._requests, _bucket_of(caller))
        most = self._requests.amount
        headers = {
            "RateLimit-Policy": f'"requests";q={most};w=60',
            "RateLimit": f'"requests";r={found.remaining};t={found.reset}',
        }
        if not found.allowed:
            raise RateLimited(
                f"每分钟最多 {most} 次请求", f"at most {most} requests a minute", seconds=found.reset, headers=headers
            )
        return headers

    async def is_suspect(self, address: str) -> bool:
        """Return whether an address has been refused so often that its next invalid key or token is one too many."""
        return not await self._strategy.test(self._failures, network_of(address))

    async def refused(self, address: str, key_id: str = "") -> None:
        """Count a refused credential; raise RateLimited where its address, or its key, has had too many.

        Called after the credential was found to be bad, so that no good one ever counts or waits.

        Parameters
        ----------
        key_id
            The key that the secret is wrong for; empty where there is none of that id.
        """
        buckets = [network_of(address), *([f"key {key_id}"] if key_id else ())]
        full = [one for one in buckets if not await self._strategy.hit(self._failures, one)]
        for bucket in full[:1]:
            stats = await self._strategy.get_window_stats(self._failures, bucket)
            raise RateLimited(
                "登录失败次数过多，请稍后再试",
                "too many failed sign-ins; try again later",
                seconds=_seconds_until(stats.reset_time),
            )

    async def _window_state(self, item: RateLimitItemPerMinute, bucket: str) -> _WindowState:
        allowed = await self._strategy.hit(item, bucket)
        stats = await self._strategy.get_window_stats(item, bucket)
        return _WindowState(allowed, max(stats.remaining, 0), _seconds_until(stats.reset_time))


def network_of(address: str) -> str:
    """Return the unit that failed sign-ins are counted by: an IPv4 address, or the /64 of an IPv6 subscriber."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64] or "-"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)


def _bucket_of(caller: Caller) -> str:
    if caller.role == "public":
        return f"address {network_of(caller.address)}"
    return f"caller {caller.id}"


def _seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))
