"""Store drafts of changes of grids in the database; a row policy shows one to who may change all its grids."""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.GridDraft; values are bound.
# ruff: noqa: S608
from geo.storage.codec.draft_rows import draft_changed_error, no_such_draft_error
from geo.storage.codec.grid_draft_rows import (
    GRID_DRAFT_COLUMNS,
    grid_draft_from_row,
    require_may_save,
    row_from_grid_draft,
)
from geo.storage.postgis.connections import Connection
from geo.storage.records import Caller, GridDraft

_COLUMNS = ", ".join(f'"{name}"' for name in GRID_DRAFT_COLUMNS)


def listed(conn: Connection) -> list[GridDraft]:
    """Return the drafts that the caller may see, newest first (UUIDv7 sorts by time)."""
    return [grid_draft_from_row(row) for row in conn.rows(f"SELECT {_COLUMNS} FROM grid_drafts ORDER BY id DESC")]


def load(conn: Connection, draft_id: str) -> GridDraft:
    """Return one draft; raise NotFound where there is none for the caller."""
    row = conn.row(f"SELECT {_COLUMNS} FROM grid_drafts WHERE id = :id", id=draft_id)
    if row is None:
        raise no_such_draft_error(draft_id)
    return grid_draft_from_row(row)


def save(conn: Connection, draft: GridDraft, if_version: int, caller: Caller) -> None:
    """Save a draft with its version; raises as ``protocol.Store.save_grid_draft``."""
    require_may_save(draft, caller)
    values = dict(zip(GRID_DRAFT_COLUMNS, row_from_grid_draft(draft), strict=True))
    if not if_version:
        marks = ", ".join(f":{name}" for name in GRID_DRAFT_COLUMNS)
        conn.change(f"INSERT INTO grid_drafts ({_COLUMNS}) VALUES ({marks})", **values)
        return
    sets = ", ".join(f'"{name}" = :{name}' for name in GRID_DRAFT_COLUMNS if name != "id")
    changed = conn.change(
        f"UPDATE grid_drafts SET {sets} WHERE id = :id AND version = :known", known=if_version, **values
    )
    if not changed:
        load(conn, draft.id)  # raises where there is none
        raise draft_changed_error()
