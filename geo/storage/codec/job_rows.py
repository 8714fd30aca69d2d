"""Convert jobs to stored rows and back, and decide whose jobs a caller sees; both stores use it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from geo.errors import NotFound
from geo.storage.records import Caller, Job, JobFile

#: Columns of a stored job, in the order of ``geo.storage.records.Job``.
JOB_COLUMNS = tuple(field.name for field in dataclasses.fields(Job))
#: Columns of a stored file of a job, in the order of ``geo.storage.records.JobFile``.
JOB_FILE_COLUMNS = tuple(field.name for field in dataclasses.fields(JobFile))
INTEGER_COLUMNS = ("progress", "attempts")


def row_from_job(job: Job) -> list[Any]:
    """Return the values of a job in the order of ``JOB_COLUMNS``; its inputs as JSON."""
    values = {name: getattr(job, name) for name in JOB_COLUMNS}
    values["inputs"] = json.dumps(dict(job.inputs), ensure_ascii=False, default=str)
    return list(values.values())


def job_from_row(row: Sequence[Any]) -> Job:
    """Return the job of a stored row; null is read as empty.

    Examples
    --------
    >>> job = Job("0190", "analyze", "accepted", {"level": "detect"}, owner="li", role="planner", created="2026-03-01")
    >>> job_from_row(row_from_job(job)) == job
    True
    """
    values = dict(zip(JOB_COLUMNS, row, strict=True))
    values["inputs"] = json.loads(values["inputs"] or "{}")
    for name, value in values.items():
        if value is None:
            values[name] = 0 if name in INTEGER_COLUMNS else ""
    return Job(**values)


def sees_all_jobs(caller: Caller) -> bool:
    """Return whether a caller sees the jobs of others."""
    return caller.role in ("admin", "worker")


def no_such_job_error(job_id: str) -> NotFound:
    """Return the error for a job that does not exist or belongs to another caller: the same text for both."""
    return NotFound(f"没有任务 {job_id[:60]}", f"no job {job_id[:60]}")


def row_from_job_file(file: JobFile) -> list[Any]:
    """Return the values of a file in the order of ``JOB_FILE_COLUMNS``."""
    return [getattr(file, name) for name in JOB_FILE_COLUMNS]


def job_file_from_row(row: Sequence[Any]) -> JobFile:
    """Return the file of a stored row.

    Examples
    --------
    >>> file = JobFile("0190", "atlas.pdf", "application/pdf", b"%PDF", "2026-03-01T08:00:00.000Z")
    >>> job_file_from_row(row_from_job_file(file)) == file
    True
    """
    values = dict(zip(JOB_FILE_COLUMNS, row, strict=True))
    return JobFile(**{**values, "content": bytes(values["content"])})


def no_job_file_error(job_id: str) -> NotFound:
    """Return the error for a job that has no file, or has it no more."""
    return NotFound(f"任务 {job_id[:60]} 没有留存的文件", f"the job {job_id[:60]} has no file, or none any more")
