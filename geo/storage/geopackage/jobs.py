"""Keep jobs in the workspace, in a table that is made when the first job is saved.

Older versions of this project do not know the table and do not mind it, so the schema version stays.
"""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.Job; values are bound.
# ruff: noqa: S608
import dataclasses
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from geo.errors import NotFound
from geo.storage.records import Caller, Job

#: Columns of a stored job, in the order of ``geo.storage.records.Job``.
FIELDS = tuple(one.name for one in dataclasses.fields(Job))
_INTEGERS = ("progress", "attempts")
_TABLE = "gridsight_jobs"


def values_of(job: Job) -> list[Any]:
    """Return the values of a job in the order of ``FIELDS``; its inputs as JSON."""
    values = {one: getattr(job, one) for one in FIELDS}
    values["inputs"] = json.dumps(dict(job.inputs), ensure_ascii=False, default=str)
    return list(values.values())


def job_of(row: Sequence[Any]) -> Job:
    """Return the job of a stored row; what is null there is empty."""
    values = dict(zip(FIELDS, row, strict=True))
    values["inputs"] = json.loads(values["inputs"] or "{}")
    for name, value in values.items():
        if value is None:
            values[name] = 0 if name in _INTEGERS else ""
    return Job(**values)


def sees_all(caller: Caller) -> bool:
    """Tell whether a caller sees the jobs of others."""
    return caller.role in ("admin", "worker")


def missing(job_id: str) -> NotFound:
    """Return the error for a job that is not there, or is another's: the same words for both."""
    return NotFound(f"没有任务 {job_id[:60]}", f"no job {job_id[:60]}")


def save(conn: sqlite3.Connection, job: Job) -> None:
    """Save a job, inside the caller's transaction."""
    columns = ", ".join(
        f'"{one}" {"INTEGER NOT NULL" if one in _INTEGERS else "TEXT NOT NULL"}{" PRIMARY KEY" if one == "id" else ""}'
        for one in FIELDS
    )
    conn.execute(f'CREATE TABLE IF NOT EXISTS "{_TABLE}" ({columns})')
    marks = ", ".join("?" * len(FIELDS))
    conn.execute(f'INSERT OR REPLACE INTO "{_TABLE}" VALUES ({marks})', values_of(job))


def listed(conn: sqlite3.Connection, caller: Caller, limit: int) -> list[Job]:
    """Return the jobs that a caller may see, newest first (UUIDv7 sorts by time)."""
    if not _is_there(conn):
        return []
    mine, params = ("", []) if sees_all(caller) else (" WHERE owner = ?", [caller.name])
    rows = conn.execute(f'SELECT {_listed()} FROM "{_TABLE}"{mine} ORDER BY id DESC LIMIT ?', [*params, limit])
    return [job_of(row) for row in rows]


def load(conn: sqlite3.Connection, caller: Caller, job_id: str) -> Job:
    """Return one job; raise NotFound where there is none, or it is another's."""
    row = None
    if _is_there(conn):
        row = conn.execute(f'SELECT {_listed()} FROM "{_TABLE}" WHERE id = ?', (job_id,)).fetchone()
    if row is None or not (sees_all(caller) or row[FIELDS.index("owner")] == caller.name):
        raise missing(job_id)
    return job_of(row)


def _is_there(conn: sqlite3.Connection) -> bool:
    found = conn.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (_TABLE,)).fetchone()
    return found is not None


def _listed() -> str:
    return ", ".join(f'"{one}"' for one in FIELDS)
