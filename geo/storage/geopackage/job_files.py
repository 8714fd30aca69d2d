"""Store the files that jobs made in the workspace, in a table that is created when the first one is saved.

Older versions of this project ignore the table, so it does not change the schema version.
"""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.JobFile; values are bound.
# ruff: noqa: S608
import sqlite3

from geo.storage.codec.job_rows import JOB_FILE_COLUMNS, job_file_from_row, no_job_file_error, row_from_job_file
from geo.storage.geopackage import jobs
from geo.storage.geopackage.connections import table_exists
from geo.storage.records import Caller, JobFile

_TABLE = "gridsight_job_files"
_COLUMNS = ", ".join(f'"{name}"' for name in JOB_FILE_COLUMNS)


def save(conn: sqlite3.Connection, caller: Caller, file: JobFile) -> None:
    """Save the file of a job in the place of one that it has; raise NotFound where there is no such job."""
    jobs.load(conn, caller, file.job)
    columns = ", ".join(
        f'"{name}" {"BLOB" if name == "content" else "TEXT"} NOT NULL{" PRIMARY KEY" if name == "job" else ""}'
        for name in JOB_FILE_COLUMNS
    )
    conn.execute(f'CREATE TABLE IF NOT EXISTS "{_TABLE}" ({columns})')
    marks = ", ".join("?" * len(JOB_FILE_COLUMNS))
    conn.execute(f'INSERT OR REPLACE INTO "{_TABLE}" ({_COLUMNS}) VALUES ({marks})', row_from_job_file(file))


def load(conn: sqlite3.Connection, caller: Caller, job_id: str) -> JobFile:
    """Return the file of a job; raise NotFound where it has none, or there is no such job for the caller."""
    jobs.load(conn, caller, job_id)
    row = None
    if table_exists(conn, _TABLE):
        row = conn.execute(f'SELECT {_COLUMNS} FROM "{_TABLE}" WHERE job = ?', (job_id,)).fetchone()
    if row is None:
        raise no_job_file_error(job_id)
    return job_file_from_row(row)


def remove(conn: sqlite3.Connection, caller: Caller, job_id: str) -> None:
    """Delete the file of a job, where it has one; raise NotFound where there is no such job for the caller."""
    jobs.load(conn, caller, job_id)
    if table_exists(conn, _TABLE):
        conn.execute(f'DELETE FROM "{_TABLE}" WHERE job = ?', (job_id,))


def remove_older(conn: sqlite3.Connection, moment: str) -> int:
    """Delete the files made before a moment, and return how many."""
    if not table_exists(conn, _TABLE):
        return 0
    return conn.execute(f'DELETE FROM "{_TABLE}" WHERE created < ?', (moment,)).rowcount
