"""Write audit entries to the database and list them."""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.AuditEntry and of the audit's columns; values are bound.
# ruff: noqa: S608
import json
from typing import Any

from geo.errors import BadValue, NotAllowed
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.driver_errors import iso_time
from geo.storage.records import AuditEntry

_ENTRY_COLUMNS = ("action", "layer", "feature", "before", "after", "bbox", "run")
_AUDIT_COLUMNS = ("id", "at", "who", "key", "role", *_ENTRY_COLUMNS, "address", "request", "detail")


def write(conn: Connection, entry: AuditEntry) -> None:
    """Add an entry to the audit, with the name, key and role of the caller."""
    caller = conn.caller
    values: dict[str, Any] = {"who": caller.name, "key": caller.key, "role": caller.role}
    values |= {name: getattr(entry, name) for name in _ENTRY_COLUMNS}
    values |= {"address": caller.address, "request": caller.request}
    columns = ", ".join(f'"{name}"' for name in (*values, "detail"))
    marks = ", ".join([*(f":{name}" for name in values), "CAST(:detail AS jsonb)"])
    detail = json.dumps(dict(entry.detail), ensure_ascii=False, default=str)
    conn.change(f"INSERT INTO audit ({columns}) VALUES ({marks})", **values, detail=detail)


def listed(conn: Connection, *, before: int | None, limit: int) -> list[dict[str, Any]]:
    """Return entries, newest first; only those before an id where one is given.

    Raises
    ------
    NotAllowed
        The caller is not an admin.
    BadValue
        ``before`` is not a whole number.
    """
    if conn.caller.role != "admin":
        raise NotAllowed("审计记录只供管理员查看", "the audit is for admins")
    if before is not None and (isinstance(before, bool) or not isinstance(before, int) or abs(before) >= 2**63):
        raise BadValue("before 应为整数", "before must be a whole number")
    columns = ", ".join(f'"{name}"' for name in _AUDIT_COLUMNS)
    where, params = ("", {}) if before is None else ("WHERE id < :before ", {"before": before})
    rows = conn.rows(f"SELECT {columns} FROM audit {where}ORDER BY id DESC LIMIT :limit", **params, limit=limit)
    return [dict(zip(_AUDIT_COLUMNS, (row[0], iso_time(row[1]), *row[2:]), strict=True)) for row in rows]
