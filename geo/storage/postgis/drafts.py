"""Store drafts in the database; a row policy shows a draft to who may see all its places."""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.Draft; values are bound.
# ruff: noqa: S608
from geo.storage.codec.draft_rows import (
    DRAFT_COLUMNS,
    draft_changed_error,
    draft_from_row,
    no_such_draft_error,
    row_from_draft,
)
from geo.storage.postgis.connections import Connection
from geo.storage.records import Draft

_COLUMNS = ", ".join(f'"{name}"' for name in DRAFT_COLUMNS)


def listed(conn: Connection) -> list[Draft]:
    """Return the drafts that the caller may see, newest first (UUIDv7 sorts by time)."""
    return [draft_from_row(row) for row in conn.rows(f"SELECT {_COLUMNS} FROM drafts ORDER BY id DESC")]


def load(conn: Connection, draft_id: str) -> Draft:
    """Return one draft; raise NotFound where there is none for the caller."""
    row = conn.row(f"SELECT {_COLUMNS} FROM drafts WHERE id = :id", id=draft_id)
    if row is None:
        raise no_such_draft_error(draft_id)
    return draft_from_row(row)


def save(conn: Connection, draft: Draft, if_version: int) -> None:
    """Save a draft with its version; raises as ``protocol.Store.save_draft``."""
    values = dict(zip(DRAFT_COLUMNS, row_from_draft(draft), strict=True))
    if not if_version:
        marks = ", ".join(f":{name}" for name in DRAFT_COLUMNS)
        conn.change(f"INSERT INTO drafts ({_COLUMNS}) VALUES ({marks})", **values)
        return
    sets = ", ".join(f'"{name}" = :{name}' for name in DRAFT_COLUMNS if name != "id")
    changed = conn.change(f"UPDATE drafts SET {sets} WHERE id = :id AND version = :known", known=if_version, **values)
    if not changed:
        load(conn, draft.id)  # raises where there is none
        raise draft_changed_error()


def remove(conn: Connection, draft_id: str, if_version: int) -> None:
    """Delete a draft; raises as ``protocol.Store.delete_draft``."""
    if not conn.change("DELETE FROM drafts WHERE id = :id AND version = :known", id=draft_id, known=if_version):
        load(conn, draft_id)
        raise draft_changed_error()
