"""Store jobs in the workspace, in a table that is created when the first job is saved.

Older versions of this project ignore the table, so it does not change the schema version. A table made by one lacks
``owner_id``: it is added with the next job that is saved; until then the owner's name stands for it (``records.Job``).
"""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.Job; values are bound.
# ruff: noqa: S608
import sqlite3

from geo.storage.codec.job_rows import (
    INTEGER_COLUMNS,
    JOB_COLUMNS,
    job_from_row,
    no_such_job_error,
    row_from_job,
    sees_all_jobs,
)
from geo.storage.geopackage.connections import table_exists
from geo.storage.records import Caller, Job

_TABLE = "gridsight_jobs"
_COLUMNS = ", ".join(f'"{name}"' for name in JOB_COLUMNS)


def save(conn: sqlite3.Connection, job: Job) -> None:
    """Save a job, new or known by its id, inside the caller's transaction."""
    columns = ", ".join(
        f'"{name}" {"INTEGER NOT NULL" if name in INTEGER_COLUMNS else "TEXT NOT NULL"}'
        f"{' PRIMARY KEY' if name == 'id' else ''}"
        for name in JOB_COLUMNS
    )
    conn.execute(f'CREATE TABLE IF NOT EXISTS "{_TABLE}" ({columns})')
    if not _has_owner_id(conn):
        conn.execute(f'ALTER TABLE "{_TABLE}" ADD COLUMN "owner_id" TEXT NOT NULL DEFAULT \'\'')
    marks = ", ".join("?" * len(JOB_COLUMNS))
    conn.execute(f'INSERT OR REPLACE INTO "{_TABLE}" ({_COLUMNS}) VALUES ({marks})', row_from_job(job))


def listed(conn: sqlite3.Connection, caller: Caller, limit: int) -> list[Job]:
    """Return the jobs that a caller may see, newest first (UUIDv7 sorts by time)."""
    if not table_exists(conn, _TABLE):
        return []
    owner_id = _owner_id(conn)
    condition, params = ("", []) if sees_all_jobs(caller) else (f" WHERE {owner_id} = ?", [caller.id])
    rows = conn.execute(
        f'SELECT {_selected(owner_id)} FROM "{_TABLE}"{condition} ORDER BY id DESC LIMIT ?', [*params, limit]
    )
    return [job_from_row(row) for row in rows]


def load(conn: sqlite3.Connection, caller: Caller, job_id: str) -> Job:
    """Return one job; raise NotFound where it does not exist or belongs to another caller."""
    row = None
    if table_exists(conn, _TABLE):
        selected = _selected(_owner_id(conn))
        row = conn.execute(f'SELECT {selected} FROM "{_TABLE}" WHERE id = ?', (job_id,)).fetchone()
    if row is None or not (sees_all_jobs(caller) or row[JOB_COLUMNS.index("owner_id")] == caller.id):
        raise no_such_job_error(job_id)
    return job_from_row(row)


def count_open(conn: sqlite3.Connection, caller: Caller) -> tuple[int, int]:
    """Return how many jobs wait or run, own and all, inside the caller's transaction: the file has one writer."""
    if not table_exists(conn, _TABLE):
        return 0, 0
    row = conn.execute(
        f'SELECT count(*) FILTER (WHERE {_owner_id(conn)} = ?), count(*) FROM "{_TABLE}" '
        "WHERE status IN ('accepted', 'running')",
        (caller.id,),
    ).fetchone()
    return int(row[0]), int(row[1])


def _selected(owner_id: str) -> str:
    return ", ".join(f'{owner_id} AS "owner_id"' if name == "owner_id" else f'"{name}"' for name in JOB_COLUMNS)


def _owner_id(conn: sqlite3.Connection) -> str:
    """Return the expression of the owner's id, also for a table that was made without one."""
    return """coalesce(nullif("owner_id", ''), "owner")""" if _has_owner_id(conn) else '"owner"'


def _has_owner_id(conn: sqlite3.Connection) -> bool:
    sql = "SELECT 1 FROM pragma_table_info(?) WHERE name = 'owner_id'"
    return conn.execute(sql, (_TABLE,)).fetchone() is not None
