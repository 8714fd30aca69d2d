"""Change the state of jobs: each change is one short transaction, and a late one has no effect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import uuid6

from api.jobs.print_options import PRINT, Printed, PrintOptions, inputs_of, key_of
from api.problems import NoSuchJob
from geo.errors import NotFound
from geo.storage.protocol import Store
from geo.storage.records import AuditEntry, Caller, Job
from geo.studies.analyze_options import AnalyzeOptions
from geo.types import Run

PROCESS = "analyze"
#: A job in one of these states is final, but may be dismissed.
ENDED = ("successful", "failed", "dismissed")
WAITING = "排队中 / waiting in the queue"
DISMISSED = "已撤销 / dismissed"
#: Days that the file of a print is kept; the job is kept, and says so.
KEPT_DAYS = 7
#: Upper bound on the jobs in a list, and on those searched for open ones.
MAX_LISTED = 1000


class AttemptSuperseded(Exception):
    """The job was dismissed or taken over by another worker: the attempt stops and saves nothing."""


def now() -> str:
    """Return the current time as stored in jobs: ISO 8601 in UTC."""
    return _text_of(datetime.now(tz=UTC))


def _text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def delete_old_files(store: Store) -> int:
    """Delete the files of prints that are kept no longer, of those that the store's caller may see."""
    return store.delete_job_files(before=_text_of(datetime.now(tz=UTC) - timedelta(days=KEPT_DAYS)))


def new_job(options: AnalyzeOptions | PrintOptions, caller: Caller) -> Job:
    """Return a new job of a caller; raise UnknownName or BadValue for an invalid option."""
    options.checked()
    moment = now()
    process, inputs = PROCESS, options.as_dict()
    if isinstance(options, PrintOptions):
        process, inputs = PRINT, inputs_of(options, caller)
    return Job(
        id=str(uuid6.uuid7()), process=process, status="accepted", inputs=inputs, owner=caller.name,
        role=caller.role, created=moment, updated=moment, message=WAITING, owner_id=caller.id,
    )  # fmt: skip


def accept(store: Store, options: AnalyzeOptions | PrintOptions, caller: Caller) -> Job:
    """Save a new job with its audit entry in one transaction of its caller."""
    job = new_job(options, caller)
    with store.transaction():
        store.save_job(job)
        store.record(AuditEntry(job.process, run=job.id, detail=dict(job.inputs)))
    return job


def options_of(job: Job) -> AnalyzeOptions:
    """Return the options of a job."""
    return AnalyzeOptions(**{**job.inputs, "zones": tuple(job.inputs.get("zones") or ())})


def worker_caller(name: str, key: str = "") -> Caller:
    """Return the caller of a worker: it reads the whole county and writes in the name of the job's owner.

    Parameters
    ----------
    name, key
        Those of the owner (``Caller``).
    """
    return Caller(name, "worker", None, key=key)


def worker_of(job: Job) -> Caller:
    """Return the caller of a worker on a job."""
    return worker_caller(job.owner, key_of(job))


def get(store: Store, job_id: str) -> Job:
    """Return a job; raise NoSuchJob, with the same text whether it does not exist or belongs to another caller."""
    try:
        return store.job(job_id)
    except NotFound:
        raise NoSuchJob(f"没有任务 {job_id[:60]}", f"there is no job {job_id[:60]}") from None


def dismiss(store: Store, job_id: str) -> Job:
    """Dismiss a job of the store's caller in any state and return it; a saved run is kept, the file of a print not."""
    with store.transaction():
        job = get(store, job_id)
        if job.status != "dismissed":
            moment = now()
            store.save_job(
                replace(
                    job, status="dismissed", message=DISMISSED, updated=moment, finished=job.finished or moment
                )
            )  # fmt: skip
            # After the record: whoever saves a file meanwhile finds the job dismissed, and saves nothing.
            store.delete_job_file(job_id)
        return store.job(job_id)


class Attempt:
    """One attempt at a job by one worker; only the current attempt may change the job."""

    def __init__(self, store: Store, job: Job) -> None:
        self.store = store
        self.job = job

    @classmethod
    def begin(cls, store: Store, job_id: str) -> Self:
        """Begin the next attempt at a job; raise AttemptSuperseded where the job has ended or does not exist."""
        try:
            job = store.job(job_id)
        except NotFound:
            raise AttemptSuperseded from None
        attempt = cls(store, job)
        attempt.save(
            status="running", attempts=job.attempts + 1, started=job.started or now(), progress=0,
            message="开始 / begun",
        )  # fmt: skip
        return attempt

    def report_progress(self, what: str, share: float) -> None:
        """Record progress, at most 99 %; raise AttemptSuperseded where this attempt is not current."""
        self.save(message=what, progress=min(99, max(self.job.progress, round(100 * share))))

    def succeed(self, run: Run) -> None:
        """Save the run and end the job in one transaction; raise AttemptSuperseded, saving neither, where too late."""
        with self.store.transaction():
            self.store.save_run(replace(run, maker=self.job.owner_id, maker_role=self.job.role))
            self.save(
                status="successful", progress=100, run=run.id, finished=now(), message="分析完成 / analysed"
            )  # fmt: skip

    def succeed_with(self, printed: Printed) -> None:
        """Save a file and end the job in one transaction; raise AttemptSuperseded, saving neither, where too late."""
        with self.store.transaction():
            delete_old_files(self.store)
            self.store.save_job_file(printed.file)
            self.save(status="successful", progress=100, run=printed.run, finished=now(), message="已排印 / printed")

    def fail(self, reason: str) -> None:
        """End the job as failed, with a reason ``中文 / English``; raise AttemptSuperseded where it has ended."""
        self.save(status="failed", message=reason, finished=now())

    def requeue(self, reason: str) -> None:
        """Return the job to the state of waiting; raise AttemptSuperseded where it has ended."""
        self.save(status="accepted", message=reason, progress=0)

    def save(self, **changes: Any) -> None:
        """Change the record in a transaction; raise AttemptSuperseded where this attempt is not current."""
        with self.store.transaction():
            self._require_current_attempt(self.job)
            job = replace(self.job, **changes, updated=now())
            self.store.save_job(job)
            # In server mode another transaction may have committed meanwhile: a trigger keeps the earlier change, and
            # the later one is detected here.
            self._require_current_attempt(job)
        self.job = job

    def _require_current_attempt(self, expected: Job) -> None:
        try:
            stored = self.store.job(expected.id)
        except NotFound:
            raise AttemptSuperseded from None
        if (stored.status, stored.attempts) != (expected.status, expected.attempts) or self.job.status in ENDED:
            raise AttemptSuperseded


def open_jobs(store: Store) -> list[Job]:
    """Return the jobs that wait or run, newest first, of those that the store's caller may see."""
    return [job for job in store.jobs(limit=MAX_LISTED) if job.status not in ENDED]
