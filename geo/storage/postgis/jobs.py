"""Store jobs in the database; a row policy decides whose jobs a caller sees."""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.Job; values are bound.
# ruff: noqa: S608
from geo.storage.codec.job_rows import JOB_COLUMNS, job_from_row, no_such_job_error, row_from_job
from geo.storage.postgis.connections import Connection
from geo.storage.records import Job

_COLUMNS = ", ".join(f'"{name}"' for name in JOB_COLUMNS)


def save(conn: Connection, job: Job) -> None:
    """Save a job, new or known by its id."""
    values = dict(zip(JOB_COLUMNS, row_from_job(job), strict=True))
    marks = ", ".join(f":{name}" for name in JOB_COLUMNS)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in JOB_COLUMNS if name != "id")
    conn.change(f"INSERT INTO jobs ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {sets}", **values)


def listed(conn: Connection, limit: int) -> list[Job]:
    """Return the jobs that the caller may see, newest first (UUIDv7 sorts by time)."""
    rows = conn.rows(f"SELECT {_COLUMNS} FROM jobs ORDER BY id DESC LIMIT :limit", limit=limit)
    return [job_from_row(row) for row in rows]


def load(conn: Connection, job_id: str) -> Job:
    """Return one job; raise NotFound where it does not exist or belongs to another caller."""
    row = conn.row(f"SELECT {_COLUMNS} FROM jobs WHERE id = :id", id=job_id)
    if row is None:
        raise no_such_job_error(job_id)
    return job_from_row(row)


def count_open(conn: Connection) -> tuple[int, int]:
    """Return how many jobs wait or run, own and all; nobody else counts until the transaction ends."""
    own, everybodys = conn.rows("SELECT own, everybodys FROM count_open_jobs()")[0]
    return int(own), int(everybodys)
