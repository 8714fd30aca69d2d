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

#: Failed sign-ins per minute from one address before it is rejected.
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
        Failed sign-ins of one address.
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

    async def check_failures(self, address: str) -> None:
        """Raise RateLimited where an address has failed to sign in too often."""
        bucket = network_of(address)
        if not await self._strategy.test(self._failures, bucket):
            stats = await self._strategy.get_window_stats(self._failures, bucket)
            raise RateLimited(
                "登录失败次数过多，请稍后再试",
                "too many failed sign-ins; try again later",
                seconds=_seconds_until(stats.reset_time),
            )

    async def failed(self, address: str) -> None:
        """Count a failed sign-in."""
        await self._strategy.hit(self._failures, network_of(address))

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
