"""Store the files that jobs made in the database; a row policy shows one to whoever sees its job."""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.JobFile; values are bound.
# ruff: noqa: S608
from geo.storage.codec.job_rows import JOB_FILE_COLUMNS, job_file_from_row, no_job_file_error, row_from_job_file
from geo.storage.postgis import jobs
from geo.storage.postgis.connections import Connection
from geo.storage.records import JobFile

_COLUMNS = ", ".join(f'"{name}"' for name in JOB_FILE_COLUMNS)


def save(conn: Connection, file: JobFile) -> None:
    """Save the file of a job in the place of one that it has; raise NotFound where there is no such job."""
    jobs.load(conn, file.job)
    marks = ", ".join(f":{name}" for name in JOB_FILE_COLUMNS)
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in JOB_FILE_COLUMNS if name != "job")
    values = dict(zip(JOB_FILE_COLUMNS, row_from_job_file(file), strict=True))
    conn.change(f"INSERT INTO job_files ({_COLUMNS}) VALUES ({marks}) ON CONFLICT (job) DO UPDATE SET {sets}", **values)


def load(conn: Connection, job_id: str) -> JobFile:
    """Return the file of a job; raise NotFound where it has none, or there is no such job for the caller."""
    jobs.load(conn, job_id)
    row = conn.row(f"SELECT {_COLUMNS} FROM job_files WHERE job = :job", job=job_id)
    if row is None:
        raise no_job_file_error(job_id)
    return job_file_from_row(row)


def remove(conn: Connection, job_id: str) -> None:
    """Delete the file of a job, where it has one; raise NotFound where there is no such job for the caller."""
    jobs.load(conn, job_id)
    conn.change("DELETE FROM job_files WHERE job = :job", job=job_id)


def remove_older(conn: Connection, moment: str) -> int:
    """Delete the files made before a moment, of those that the caller may see, and return how many."""
    return conn.change("DELETE FROM job_files WHERE created < :moment", moment=moment)
