"""Export a layer of the database with all its history, and import it into an empty one, bit-identical."""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from geo.catalog.layers import SCOPED, Layer
from geo.errors import BadValue
from geo.storage.codec.frames import frame_from_history_rows, frame_from_rows
from geo.storage.codec.rows import StoredRows, exported_rows, not_empty_error
from geo.storage.filters.selects import POSTGIS_COLUMNS
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.driver_errors import iso_time
from geo.storage.postgis.writes import COLLATED, assign_townships, layer_columns, refresh_townships, staged, typed
from geo.storage.records import LayerHistory, VersionEnd
from geo.storage.stored_tables import HISTORY_COLUMNS

_HISTORY_COLUMN_TYPES = (("version", "bigint"), ("changed_at", "text"), ("changed_by", "text"), ("op", "text"))


def export_layer(conn: Connection, layer: Layer) -> LayerHistory:
    """Return all of a layer: see ``protocol.Store.versions``."""
    names = ("geom", *layer.names)
    fields = ", ".join(POSTGIS_COLUMNS.get(name, '{0}."{1}"').format("t", name) for name in names)
    history_columns = ", ".join(f't."{name}"' for name in HISTORY_COLUMNS)
    current = conn.rows(f'SELECT {fields} FROM "{layer.name}" AS t ORDER BY t."{layer.key}"')
    past = conn.rows(
        f'SELECT {fields}, {history_columns} FROM "{layer.name}_history" AS t ORDER BY t."{layer.key}", t."version"'
    )
    width = len(names)
    history_rows = [(*row[: width + 1], iso_time(row[width + 1]), *row[width + 2 :]) for row in past]
    found = conn.row("SELECT revision, changed_at, changed_by FROM revisions WHERE layer = :layer", layer=layer.name)
    number, changed_at, changed_by = found or (0, None, None)
    return LayerHistory(
        frame_from_rows(current, layer, wkb=True),
        frame_from_history_rows(history_rows, layer, wkb=True),
        (int(number), iso_time(changed_at), changed_by),
    )


def ends_of(conn: Connection, layer: Layer, key: str) -> list[VersionEnd]:
    """Return how past versions of a row ended: see ``protocol.Store.enders``."""
    sql = (
        f'SELECT t."version", t."changed_at", t."changed_by", t."op" FROM "{layer.name}_history" AS t'
        f' WHERE t."{layer.key}" = :key ORDER BY t."version"'
    )
    return [VersionEnd(int(row[0]), iso_time(row[1]) or "", *row[2:]) for row in conn.rows(sql, key=key)]


def import_layer(conn: Connection, layer: Layer, versions: LayerHistory) -> None:
    """Fill an empty layer, inside a transaction.

    The current rows are inserted first, with the versions that follow from the history, so that no trigger takes a key
    for one that was created again. Townships are assigned again by the current divisions.

    Raises
    ------
    Conflict
        The layer has rows or history.
    BadValue, BadGeometry
        A row cannot be stored.
    """
    for table in (layer.name, f"{layer.name}_history"):
        if conn.row(f'SELECT 1 FROM "{table}" LIMIT 1'):
            raise not_empty_error(layer)
    rows = exported_rows(versions.current, layer)
    past = exported_rows(versions.history, layer, history_columns=HISTORY_COLUMNS)
    if rows.keys or past.keys:
        _copy_rows(conn, layer, rows, past)
    number, changed_at, changed_by = versions.revision
    conn.change(
        "UPDATE revisions SET revision = :number, changed_at = CAST(:changed_at AS timestamptz), "
        "changed_by = :changed_by WHERE layer = :layer",
        number=number,
        changed_at=changed_at,
        changed_by=changed_by,
        layer=layer.name,
    )


def _copy_rows(conn: Connection, layer: Layer, rows: StoredRows, past: StoredRows) -> None:
    is_scoped = layer.name in SCOPED
    fields = ", ".join(f'"{name}"' for name in ("geom", *layer.names, *(("township",) if is_scoped else ())))
    history_columns = ", ".join(f'"{name}"' for name in HISTORY_COLUMNS)
    columns = layer_columns(layer)
    past_columns = [*columns, *_HISTORY_COLUMN_TYPES]
    with (
        staged(conn, "staged", columns, typed(layer, rows), count=len(rows.keys)) as current_table,
        staged(conn, "staged_past", past_columns, _typed_history(layer, past), count=len(past.keys)) as past_table,
    ):
        if is_scoped:
            for table in (current_table, past_table):
                conn.change(f'ALTER TABLE {table} ADD COLUMN "township" text{COLLATED}')
                assign_townships(conn, table)
        conn.change(
            f'INSERT INTO "{layer.name}" ({fields}, "version") '
            f'SELECT {fields}, 1 + coalesce(h."last", 0) FROM {current_table} AS s '
            f'LEFT JOIN (SELECT "{layer.key}" AS "known", max("version") AS "last" FROM {past_table} GROUP BY 1) AS h '
            f'ON h."known" = s."{layer.key}" ORDER BY s."row"'
        )
        values = '"version", CAST("changed_at" AS timestamptz), "changed_by", "op"'
        conn.change(
            f'INSERT INTO "{layer.name}_history" ({fields}, {history_columns}) '
            f'SELECT {fields}, {values} FROM {past_table} ORDER BY "row"'
        )
    if layer.name == "divisions":
        refresh_townships(conn)


def _typed_history(layer: Layer, rows: StoredRows) -> Iterator[tuple[Any, ...]]:
    """Yield (EWKB, *fields, *HISTORY_COLUMNS) row by row; raise BadValue where a time is invalid."""
    times = rows.values[len(layer.names) + HISTORY_COLUMNS.index("changed_at")]
    for key, time in zip(rows.keys, times, strict=True):
        try:
            datetime.fromisoformat(time)
        except (TypeError, ValueError):
            raise BadValue(f"{key} 的历史没有有效时间", f"the history of {key} names no valid time") from None
    return typed(layer, rows)
