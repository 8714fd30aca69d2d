"""Export a layer of a workspace with all its history, and import it into an empty one, bit-identical."""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import sqlite3
from collections.abc import Sequence
from typing import Any

from geo.catalog.layers import Layer
from geo.storage.codec.frames import frame_from_history_rows, frame_from_rows
from geo.storage.codec.rows import exported_rows, not_empty_error
from geo.storage.geopackage import rtree, rtree_packing
from geo.storage.geopackage.writes import update_gpkg_contents
from geo.storage.records import LayerHistory, VersionEnd
from geo.storage.stored_tables import HISTORY_COLUMNS


def export_layer(conn: sqlite3.Connection, layer: Layer) -> LayerHistory:
    """Return all of a layer: see ``protocol.Store.versions``."""
    fields = ", ".join(f'"{name}"' for name in ("geom", *layer.names))
    history_columns = ", ".join(f'"{name}"' for name in HISTORY_COLUMNS)
    current = conn.execute(f'SELECT {fields} FROM "{layer.name}" ORDER BY "{layer.key}"').fetchall()
    past = conn.execute(
        f'SELECT {fields}, {history_columns} FROM "{layer.name}_history" ORDER BY "{layer.key}", "version"'
    ).fetchall()
    number, changed_at, changed_by = conn.execute(
        "SELECT revision, changed_at, changed_by FROM gridsight_revisions WHERE layer = ?", (layer.name,)
    ).fetchone()
    revision = (int(number), changed_at, changed_by)
    return LayerHistory(frame_from_rows(current, layer), frame_from_history_rows(past, layer), revision)


def ends_of(conn: sqlite3.Connection, layer: Layer, key: str) -> list[VersionEnd]:
    """Return how past versions of a row ended: see ``protocol.Store.enders``."""
    sql = (
        f'SELECT "version", "changed_at", "changed_by", "op" FROM "{layer.name}_history"'
        f' WHERE "{layer.key}" = ? ORDER BY "version"'
    )
    return [VersionEnd(int(row[0]), *row[1:]) for row in conn.execute(sql, (key,))]


def import_layer(conn: sqlite3.Connection, layer: Layer, versions: LayerHistory) -> None:
    """Fill an empty layer, inside a transaction whose actor is set, so that triggers change nothing.

    The current rows are inserted first: the trigger takes a key with history for one that was created again.

    Raises
    ------
    Conflict
        The layer has rows or history.
    BadValue, BadGeometry
        A row cannot be stored.
    """
    for table in (layer.name, f"{layer.name}_history"):
        if conn.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone():
            raise not_empty_error(layer)
    rows = exported_rows(versions.current, layer)
    past = exported_rows(versions.history, layer, history_columns=HISTORY_COLUMNS)
    rtree.drop_triggers(conn, layer.name)
    _insert(conn, layer.name, ("geom", *layer.names), rows.tuples())
    rtree_packing.rebuild(conn, layer.name)
    _insert(conn, f"{layer.name}_history", ("geom", *layer.names, *HISTORY_COLUMNS), past.tuples())
    number, changed_at, changed_by = versions.revision
    conn.execute(
        "UPDATE gridsight_revisions SET revision = ?, changed_at = ?, changed_by = ? WHERE layer = ?",
        (number, changed_at, changed_by, layer.name),
    )
    update_gpkg_contents(conn, layer.name)


def _insert(conn: sqlite3.Connection, table: str, columns: Sequence[str], rows: Any) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    conn.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
