"""Write frames and single features into a layer, inside the caller's transaction.

Rows go to a temporary table first; set-based statements then compare, update, insert and remove. Triggers of the file
(``geo.storage.geopackage.schema``) keep history and validity dates, for these writes as for those of any other program.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from geo.catalog.layers import Layer
from geo.errors import Conflict, NotFound, RowFault
from geo.storage.codec.rows import MAX_FAULTS, Rows
from geo.storage.filters import selects
from geo.storage.geopackage import rtree
from geo.storage.geopackage.schema import NOW
from geo.storage.protocol import Bbox, Mode
from geo.storage.records import WriteCounts

#: From so many changed rows on, and a quarter of the table, a new R*Tree is cheaper than one trigger per row.
BULK_ROWS = 5_000


@contextmanager
def acting(conn: sqlite3.Connection, actor: str, day: date) -> Iterator[None]:
    """Tell the triggers who writes and on what day; forgotten at the end, so that no commit ever carries it."""
    conn.execute("UPDATE gridsight_actor SET actor = ?, day = ?", (actor, day.isoformat()[:10]))
    try:
        yield
    finally:
        if conn.in_transaction:
            conn.execute("UPDATE gridsight_actor SET actor = NULL, day = NULL, busy = 0")


def write(conn: sqlite3.Connection, layer: Layer, rows: Rows, mode: Mode, *, actor: str) -> WriteCounts:
    """Write checked rows, by the modes of ``protocol.Store.write``; Conflict where ``append`` meets known keys."""
    with _staged(conn, layer, rows):
        known = _known(conn, layer, must_be_new=mode == "append")
        changed = _one(conn, f"SELECT count(*) FROM {_joined(layer)} WHERE {_differs(layer)}") if known else 0
        removed = _one(conn, f'SELECT count(*) FROM "{layer.name}" WHERE {_unnamed(layer)}') if mode == "replace" else 0
        fresh = len(rows.keys) - known
        with _indexing(conn, layer, fresh + changed + removed):
            if removed:
                conn.execute(f'DELETE FROM "{layer.name}" WHERE {_unnamed(layer)}')
            if changed:
                conn.execute(_update(layer))
            if fresh:
                conn.execute(_insert(layer))
    if fresh or changed or removed:
        touch(conn, layer, actor)
    if mode == "replace":
        return WriteCounts(len(rows.keys), 0, known - changed, removed)
    return WriteCounts(fresh, known, known - changed, 0)


def put(conn: sqlite3.Connection, layer: Layer, rows: Rows, *, if_version: int | None, actor: str) -> int:
    """Write one checked row if its stored version is the one named, and return its version."""
    key = rows.keys[0]
    check_version(conn, layer, key, if_version)
    write(conn, layer, rows, "upsert", actor=actor)
    return version_of(conn, layer, key) or 1


def delete(conn: sqlite3.Connection, layer: Layer, key: str, *, if_version: int | None, actor: str) -> None:
    """Delete one row if its stored version is the one named; raise NotFound where it is not there."""
    if check_version(conn, layer, key, if_version) is None:
        raise missing(layer, key)
    conn.execute(f'DELETE FROM "{layer.name}" WHERE "{layer.key}" = ?', (key,))
    touch(conn, layer, actor)


def version_of(conn: sqlite3.Connection, layer: Layer, key: str) -> int | None:
    """Return the version of the current row, one more than the last in history; None where there is no such row."""
    if not _one(conn, f'SELECT count(*) FROM "{layer.name}" WHERE "{layer.key}" = ?', key):
        return None
    last = _one(conn, f'SELECT coalesce(max("version"), 0) FROM "{layer.name}_history" WHERE "{layer.key}" = ?', key)
    return last + 1


def check_version(conn: sqlite3.Connection, layer: Layer, key: str, if_version: int | None) -> int | None:
    """Return the stored version, None where there is no row; raise Conflict or NotFound where it is not as named."""
    stored = version_of(conn, layer, key)
    if if_version is None or if_version == (stored or 0):
        return stored
    if stored is None:
        raise missing(layer, key)
    if if_version == 0:
        raise Conflict(f"{key} 已存在", f"{key} is already there")
    raise Conflict(
        f"{key} 已被他人修改：当前版本 {stored}，您看到的是 {if_version}",
        f"{key} was changed meanwhile: it is at version {stored}, not {if_version}",
    )


def missing(layer: Layer, key: str) -> NotFound:
    """Return the error for a key that is not there."""
    return NotFound(f"图层 {layer.name} 没有 {key}", f"layer {layer.name} has no {key}")


def touch(conn: sqlite3.Connection, layer: Layer, actor: str) -> None:
    """Count the change and renew what ``gpkg_contents`` says of the layer."""
    conn.execute(
        f"UPDATE gridsight_revisions SET revision = revision + 1, changed_at = {NOW}, changed_by = ? WHERE layer = ?",
        (actor, layer.name),
    )
    contents(conn, layer.name)


def contents(conn: sqlite3.Connection, table: str, *also: str) -> None:
    """Renew date and box of a feature table, and of views of it, in ``gpkg_contents``; the box is that of its index."""
    box = rtree.outer(conn, table) or (None,) * 4
    sides = "min_x = ?, min_y = ?, max_x = ?, max_y = ?"
    for name in (table, *also):
        conn.execute(f"UPDATE gpkg_contents SET last_change = {NOW}, {sides} WHERE table_name = ?", (*box, name))


def extent(conn: sqlite3.Connection, layer: Layer) -> Bbox | None:
    """Return the exact box of all current shapes of a layer, in degrees; None where there are none."""
    outer = rtree.outer(conn, layer.name)
    if outer is None:
        return None
    asked = selects.extent(layer, outer)
    west, south, east, north = conn.execute(asked.sql, asked.params).fetchone()
    return (west, south, east, north)


@contextmanager
def _staged(conn: sqlite3.Connection, layer: Layer, rows: Rows) -> Iterator[None]:
    """Hold the rows in ``temp.staged``, numbered in their order."""
    columns = ", ".join(f'"{name}"' for name in layer.names)
    marks = ", ".join("?" * (1 + len(layer.names)))
    conn.execute("DROP TABLE IF EXISTS temp.staged")
    conn.execute(f'CREATE TEMP TABLE staged ("row" INTEGER PRIMARY KEY, "geom", {columns})')
    conn.executemany(f'INSERT INTO temp.staged ("geom", {columns}) VALUES ({marks})', rows.tuples())
    try:
        yield
    finally:
        if conn.in_transaction:
            conn.execute("DROP TABLE temp.staged")


@contextmanager
def _indexing(conn: sqlite3.Connection, layer: Layer, changes: int) -> Iterator[None]:
    """Leave the R*Tree to its triggers, or build it anew afterwards where much changes."""
    bulk = changes >= BULK_ROWS and 4 * changes >= _one(conn, f'SELECT count(*) FROM "{layer.name}"')
    if bulk:
        rtree.suspend(conn, layer.name)
    yield
    if bulk:
        rtree.rebuild(conn, layer.name)


def _known(conn: sqlite3.Connection, layer: Layer, *, must_be_new: bool) -> int:
    """Return how many staged keys the layer has; raise Conflict naming them where there may be none."""
    if not must_be_new:
        return _one(conn, f"SELECT count(*) FROM {_joined(layer)}")
    taken = conn.execute(f'SELECT s."row", s."{layer.key}" FROM {_joined(layer)} ORDER BY s."row"').fetchall()
    if taken:
        faults = [
            RowFault(layer.name, str(row), layer.key, "键已存在 / the key is already there", key)
            for row, key in taken[:MAX_FAULTS]
        ]
        raise Conflict(
            f"图层 {layer.name} 已有 {len(taken)} 个相同的键，第一个是 {taken[0][1]}",
            f"layer {layer.name} already has {len(taken)} of these keys, first {taken[0][1]}",
            rows=faults,
        )
    return 0


def _joined(layer: Layer) -> str:
    # CROSS JOIN fixes the order: each staged row looks its key up in the unique index.
    return f'temp.staged AS s CROSS JOIN "{layer.name}" AS t ON t."{layer.key}" = s."{layer.key}"'


def _differs(layer: Layer) -> str:
    """Write that a staged row changes something; an absent ``valid_from`` leaves the stored one."""
    plain = [name for name in ("geom", *layer.names) if name not in ("valid_from", layer.key)]
    parts = [f't."{name}" IS NOT s."{name}"' for name in plain]
    return f'({" OR ".join(parts)} OR t."valid_from" IS NOT coalesce(s."valid_from", t."valid_from"))'


def _unnamed(layer: Layer) -> str:
    return f'"{layer.key}" NOT IN (SELECT "{layer.key}" FROM temp.staged)'


def _update(layer: Layer) -> str:
    table = layer.name
    plain = [f'"{name}" = s."{name}"' for name in ("geom", *layer.names) if name not in ("valid_from", layer.key)]
    sets = ", ".join([*plain, f'"valid_from" = coalesce(s."valid_from", "{table}"."valid_from")'])
    differs = _differs(layer).replace('t."', f'"{table}"."')
    same = f'"{table}"."{layer.key}" = s."{layer.key}"'
    return f'UPDATE "{table}" SET {sets} FROM temp.staged AS s WHERE {same} AND {differs}'


def _insert(layer: Layer) -> str:
    columns = ", ".join(f'"{name}"' for name in ("geom", *layer.names))
    return (
        f'INSERT INTO "{layer.name}" ({columns}) SELECT {columns} FROM temp.staged AS s '
        f'WHERE NOT EXISTS (SELECT 1 FROM "{layer.name}" AS t WHERE t."{layer.key}" = s."{layer.key}") ORDER BY s."row"'
    )


def _one(conn: sqlite3.Connection, sql: str, *values: Any) -> int:
    found: Sequence[Any] = conn.execute(sql, values).fetchone()
    return int(found[0])
