"""Store drafts of changes of grids in the workspace, in a table that is created when the first one is saved.

Older versions of this project ignore the table, so it does not change the schema version.
"""

from __future__ import annotations

# Names in SQL are those of geo.storage.records.GridDraft; values are bound.
# ruff: noqa: S608
import sqlite3

from geo.storage.codec.draft_rows import draft_changed_error, no_such_draft_error
from geo.storage.codec.grid_draft_rows import (
    GRID_DRAFT_COLUMNS,
    grid_draft_from_row,
    require_may_save,
    row_from_grid_draft,
)
from geo.storage.geopackage.connections import table_exists
from geo.storage.records import Caller, GridDraft

_TABLE = "gridsight_grid_drafts"
_COLUMNS = ", ".join(f'"{name}"' for name in GRID_DRAFT_COLUMNS)


def listed(conn: sqlite3.Connection) -> list[GridDraft]:
    """Return all drafts, newest first (UUIDv7 sorts by time)."""
    if not table_exists(conn, _TABLE):
        return []
    return [grid_draft_from_row(row) for row in conn.execute(f'SELECT {_COLUMNS} FROM "{_TABLE}" ORDER BY id DESC')]


def load(conn: sqlite3.Connection, draft_id: str) -> GridDraft:
    """Return one draft; raise NotFound where there is none."""
    row = None
    if table_exists(conn, _TABLE):
        row = conn.execute(f'SELECT {_COLUMNS} FROM "{_TABLE}" WHERE id = ?', (draft_id,)).fetchone()
    if row is None:
        raise no_such_draft_error(draft_id)
    return grid_draft_from_row(row)


def save(conn: sqlite3.Connection, draft: GridDraft, if_version: int, caller: Caller) -> None:
    """Save a draft with its version, inside the caller's transaction; raises as ``protocol.Store.save_grid_draft``."""
    require_may_save(draft, caller)
    columns = ", ".join(
        f'"{name}" {"INTEGER" if name == "version" else "TEXT"} NOT NULL{" PRIMARY KEY" if name == "id" else ""}'
        for name in GRID_DRAFT_COLUMNS
    )
    conn.execute(f'CREATE TABLE IF NOT EXISTS "{_TABLE}" ({columns})')
    if if_version and load(conn, draft.id).version != if_version:
        raise draft_changed_error()
    if not if_version and conn.execute(f'SELECT 1 FROM "{_TABLE}" WHERE id = ?', (draft.id,)).fetchone():
        raise draft_changed_error()
    marks = ", ".join("?" * len(GRID_DRAFT_COLUMNS))
    verb = "REPLACE" if if_version else "INSERT"
    conn.execute(f'{verb} INTO "{_TABLE}" ({_COLUMNS}) VALUES ({marks})', row_from_grid_draft(draft))
