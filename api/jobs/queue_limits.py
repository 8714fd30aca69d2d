"""Limit the queue: how many jobs one caller, and all callers, may have waiting or running."""

from __future__ import annotations

from api.problems import TooMany
from api.settings import Settings
from geo.storage.protocol import Store


def require_room(store: Store, settings: Settings) -> None:
    """Raise TooMany where the caller of a store, or all callers, have as many open jobs as there may be.

    Called within the transaction that then saves the job: until it ends no other process counts.
    """
    own, everybodys = store.count_open_jobs()
    if own >= settings.jobs_per_caller:
        raise TooMany(
            f"您已有 {own} 个任务在排队或运行，最多 {settings.jobs_per_caller} 个",
            f"{own} of your jobs wait or run; there may be {settings.jobs_per_caller}",
        )
    if everybodys >= settings.jobs_waiting:
        raise TooMany("任务队列已满，稍后重试", "the queue is full; try again later")
