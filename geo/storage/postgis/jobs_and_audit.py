"""Keep the audit and the records of jobs; whose jobs a caller sees is the database's own rule."""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.Job and of the audit's columns; values are bound.
# ruff: noqa: S608
import json
from typing import Any

from geo.errors import BadValue, NotAllowed
from geo.storage.geopackage.jobs import FIELDS, job_of, missing, values_of
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.driver_errors import iso
from geo.storage.records import Deed, Job

_DEED = ("action", "layer", "feature", "before", "after", "bbox", "run")
_AUDIT = ("id", "at", "who", "key", "role", *_DEED, "address", "request", "detail")
_LISTED = ", ".join(f'"{one}"' for one in FIELDS)


def record(conn: Connection, deed: Deed) -> None:
    """Add a deed to the audit, in the caller's name."""
    who = conn.caller
    values: dict[str, Any] = {"who": who.name, "key": who.key, "role": who.role}
    values |= {one: getattr(deed, one) for one in _DEED}
    values |= {"address": who.address, "request": who.request}
    columns = ", ".join(f'"{one}"' for one in (*values, "detail"))
    marks = ", ".join([*(f":{one}" for one in values), "CAST(:detail AS jsonb)"])
    detail = json.dumps(dict(deed.detail), ensure_ascii=False, default=str)
    conn.change(f"INSERT INTO audit ({columns}) VALUES ({marks})", **values, detail=detail)


def audit(conn: Connection, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return deeds, newest first, those before an id where one is named; for an admin alone."""
    if conn.caller.role != "admin":
        raise NotAllowed("审计记录只供管理员查看", "the audit is for admins")
    if before is not None and (isinstance(before, bool) or not isinstance(before, int) or abs(before) >= 2**63):
        raise BadValue("before 应为整数", "before must be a whole number")
    listed = ", ".join(f'"{one}"' for one in _AUDIT)
    where, params = ("", {}) if before is None else ("WHERE id < :before ", {"before": before})
    rows = conn.rows(f"SELECT {listed} FROM audit {where}ORDER BY id DESC LIMIT :limit", **params, limit=limit)
    return [dict(zip(_AUDIT, (row[0], iso(row[1]), *row[2:]), strict=True)) for row in rows]


def save_job(conn: Connection, job: Job) -> None:
    """Save a job, new or known by its id."""
    values = dict(zip(FIELDS, values_of(job), strict=True))
    marks = ", ".join(f":{one}" for one in FIELDS)
    sets = ", ".join(f'"{one}" = excluded."{one}"' for one in FIELDS if one != "id")
    conn.change(f"INSERT INTO jobs ({_LISTED}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET {sets}", **values)


def jobs(conn: Connection, limit: int) -> list[Job]:
    """Return the jobs that the caller may see, newest first (UUIDv7 sorts by time)."""
    return [job_of(row) for row in conn.rows(f"SELECT {_LISTED} FROM jobs ORDER BY id DESC LIMIT :limit", limit=limit)]


def job(conn: Connection, job_id: str) -> Job:
    """Return one job; raise NotFound where there is none, or it is another's."""
    row = conn.row(f"SELECT {_LISTED} FROM jobs WHERE id = :id", id=job_id)
    if row is None:
        raise missing(job_id)
    return job_of(row)
