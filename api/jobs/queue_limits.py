"""Limit the queue: how many jobs one caller, and all callers, may have waiting or running."""

from __future__ import annotations

from collections.abc import Sequence

from api.problems import TooMany
from api.settings import Settings
from geo.storage.records import Caller, Job


def require_room(jobs: Sequence[Job], caller: Caller, settings: Settings) -> None:
    """Raise TooMany where too many of these open jobs belong to the caller, or there are too many."""
    own = sum(job.owner_id == caller.id for job in jobs)
    if own >= settings.jobs_per_caller:
        raise TooMany(
            f"您已有 {own} 个任务在排队或运行，最多 {settings.jobs_per_caller} 个",
            f"{own} of your jobs wait or run; there may be {settings.jobs_per_caller}",
        )
    if len(jobs) >= settings.jobs_waiting:
        raise TooMany("任务队列已满，稍后重试", "the queue is full; try again later")
