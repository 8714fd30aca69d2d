"""Keep the record of a job: every change of its status is one short transaction, and a late one changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import uuid6

from api.problems import NoSuchJob
from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run

PROCESS = "analyze"
#: A job in one of these changes no more, but for being dismissed.
ENDED = ("successful", "failed", "dismissed")
WAITING = "排队中 / waiting in the queue"
DISMISSED = "已撤销 / dismissed"
#: How many jobs a list holds at most, and how many are looked through for those still open.
MOST_LISTED = 1000


class Gone(Exception):
    """The job was dismissed, or another worker has taken it over: whoever works on it stops and saves nothing."""


def now() -> str:
    """Return this moment as a job keeps it: ISO 8601 in UTC."""
    return datetime.now(tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def accepted(options: AnalyzeOptions, caller: Caller) -> Job:
    """Return a new job of a caller; raise UnknownName or BadValue where an option is impossible."""
    options.checked()
    moment = now()
    return Job(
        id=str(uuid6.uuid7()), process=PROCESS, status="accepted", inputs=options.as_dict(), owner=caller.name,
        role=caller.role, created=moment, updated=moment, message=WAITING,
    )  # fmt: skip


def accept(store: Store, options: AnalyzeOptions, caller: Caller) -> Job:
    """Save a new job, with the deed for the audit, in one transaction of its caller."""
    job = accepted(options, caller)
    with store.transaction():
        store.save_job(job)
        store.record(AuditEntry("analyze", run=job.id, detail=dict(job.inputs)))
    return job


def options_of(job: Job) -> AnalyzeOptions:
    """Return the options that a job was asked with."""
    return AnalyzeOptions(**{**job.inputs, "zones": tuple(job.inputs.get("zones") or ())})


def worker_named(name: str) -> Caller:
    """Return the worker that computes for somebody: over the whole county, in that person's name."""
    return Caller(name, "worker", None)


def get(store: Store, job_id: str) -> Job:
    """Return a job; raise NoSuchJob, in the same words whether there is none or it is another's."""
    try:
        return store.job(job_id)
    except NotFound:
        raise NoSuchJob(f"没有任务 {job_id[:60]}", f"there is no job {job_id[:60]}") from None


def dismiss(store: Store, job_id: str) -> Job:
    """Dismiss a job of the store's caller, whatever its status, and return it as it then is; a run made stays."""
    with store.transaction():
        job = get(store, job_id)
        if job.status != "dismissed":
            moment = now()
            store.save_job(
                replace(
                    job, status="dismissed", message=DISMISSED, updated=moment, finished=job.finished or moment
                )
            )  # fmt: skip
        return store.job(job_id)


class Attempt:
    """Hold one attempt at a job by one worker, who alone may write to it until it ends or another attempt begins."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job

    @classmethod
    def begin(cls, store: Store, job_id: str) -> Attempt:
        """Begin the next attempt at a job; raise Gone where it has ended or is not there."""
        try:
            job = store.job(job_id)
        except NotFound:
            raise Gone from None
        attempt = cls(store, job)
        attempt.save(
            status="running", attempts=job.attempts + 1, started=job.started or now(), progress=0,
            message="开始 / begun",
        )  # fmt: skip
        return attempt

    def advance(self, what: str, share: float) -> None:
        """Tell how far it is; raise Gone where the job is no longer this attempt's. 100 is kept for the end."""
        self.save(message=what, progress=min(99, max(self.job.progress, round(100 * share))))

    def succeed(self, run: Run) -> None:
        """Save the run and the end of the job together; raise Gone, saving neither, where it came too late."""
        with self.store.transaction():
            self.store.save_run(run)
            self.save(
                status="successful", progress=100, run=run.id, finished=now(), message="分析完成 / analysed"
            )  # fmt: skip

    def fail(self, reason: str) -> None:
        """Let the job end with a reason, ``中文 / English``; raise Gone where it has ended otherwise."""
        self.save(status="failed", message=reason, finished=now())

    def hand_back(self, reason: str) -> None:
        """Put the job back into the queue; raise Gone where it has ended."""
        self.save(status="accepted", message=reason, progress=0)

    def save(self, **changes: Any) -> None:
        """Change the record in a transaction; raise Gone where it has ended, or a later attempt holds it."""
        with self.store.transaction():
            self._require_mine(self.job)
            job = replace(self.job, **changes, updated=now())
            self.store.save_job(job)
            # On a server another transaction may have come between: there a trigger lets the earlier of the two stand,
            # and the later one finds it here.
            self._require_mine(job)
        self.job = job

    def _require_mine(self, expected: Job) -> None:
        try:
            stored = self.store.job(expected.id)
        except NotFound:
            raise Gone from None
        if (stored.status, stored.attempts) != (expected.status, expected.attempts) or self.job.status in ENDED:
            raise Gone


def open_jobs(store: Store) -> list[Job]:
    """Return the jobs that wait or run, newest first, as far as the store's caller may see them."""
    return [job for job in store.jobs(limit=MOST_LISTED) if job.status not in ENDED]
