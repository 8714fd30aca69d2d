"""Write frames and single features into a layer, inside the caller's transaction.

Rows are first inserted into a temporary table; set-based statements then compare, update, insert and delete. Triggers
of the file (``geo.storage.geopackage.schema``) maintain history and validity dates, also for writes of other programs.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from geo.catalog.layers import Layer
from geo.errors import Conflict, NotFound
from geo.storage.codec.row_changes import compared_fields, row_changes
from geo.storage.filters import selects
from geo.storage.geopackage import rtree
from geo.storage.geopackage.schema import NOW
from geo.storage.protocol import Bbox, WriteMode
from geo.storage.records import WriteCounts
from geo.types import RowChanges

if TYPE_CHECKING:
    from geo.storage.codec.rows import StoredRows

#: From this many changed rows, if a quarter of the table, rebuilding the R*Tree is cheaper than one trigger per row.
BULK_ROWS = 5_000
#: Variables of one statement; builds of SQLite before 3.32 take 999.
_MAX_VARIABLES = 900


@contextmanager
def writing_as(conn: sqlite3.Connection, actor: str, day: date) -> Iterator[None]:
    """Set actor and day for the triggers; reset at the end, so that no commit contains them."""
    conn.execute("UPDATE gridsight_actor SET actor = ?, day = ?", (actor, day.isoformat()[:10]))
    try:
        yield
    finally:
        if conn.in_transaction:
            conn.execute("UPDATE gridsight_actor SET actor = NULL, day = NULL, busy = 0")


def write(
    conn: sqlite3.Connection,
    layer: Layer,
    rows: StoredRows,
    mode: WriteMode,
    *,
    actor: str,
    today: date,
    outdated: Collection[str] = (),
    keeps_shapes: bool = True,
) -> WriteCounts:
    """Write checked rows by a mode of ``protocol.Store.write``; raise Conflict where ``append`` meets existing keys.

    With ``keeps_shapes`` an ``upsert`` of a row without a shape keeps the stored one.
    """
    shape = _shape_written(layer, mode) if keeps_shapes else _SHAPE_BROUGHT
    if rows.keys and not _fetch_count(conn, f'SELECT EXISTS (SELECT 1 FROM "{layer.name}")'):
        # There is nothing to compare with, and no need of a table between.
        with _index_maintenance(conn, layer, len(rows.keys)):
            _insert_rows(conn, f'"{layer.name}"', layer, rows)
        count_change(conn, layer, actor)
        return WriteCounts(len(rows.keys), 0, 0, 0)
    with _staged(conn, layer, rows), _listed(conn, outdated):
        known = _count_known_keys(conn, layer, must_be_new=mode == "append")
        changed = (
            _fetch_count(conn, f"SELECT count(*) FROM {_joined(layer)} WHERE {_changed_condition(layer, today, shape)}")
            if known
            else 0
        )
        removal = _removal(layer, mode)
        removed = _fetch_count(conn, f"SELECT count(*) {removal}") if mode == "replace" or outdated else 0
        added = len(rows.keys) - known
        with _index_maintenance(conn, layer, added + changed + removed):
            if removed:
                conn.execute(f"DELETE {removal}")
            if changed:
                conn.execute(_update(layer, today, shape))
            if added:
                takes_over = mode == "replace" and bool(removed or changed)
                conn.execute(_insert(layer, today if takes_over else None))
    if added or changed or removed:
        count_change(conn, layer, actor)
    if mode == "replace":
        return WriteCounts(len(rows.keys), 0, known - changed, removed)
    return WriteCounts(added, known, known - changed, removed)


def compare(
    conn: sqlite3.Connection,
    layer: Layer,
    rows: StoredRows,
    mode: WriteMode,
    *,
    today: date,
    outdated: Collection[str] = (),
) -> RowChanges:
    """Return what ``write`` would do with these rows, by the same conditions; only temporary tables are written."""
    key, shape = f'"{layer.key}"', _shape_written(layer, mode)
    version = f'1 + (SELECT coalesce(max(h."version"), 0) FROM "{layer.name}_history" AS h WHERE h.{key} = t.{key})'
    begins = f't."valid_from" IS NOT {_valid_from(today)}'
    special = {"valid_from": begins, "geom": f't."geom" IS NOT {shape}'}
    differs = ", ".join(
        special.get(column, f't."{column}" IS NOT s."{column}"') for _, column in compared_fields(layer)
    )
    with _staged(conn, layer, rows), _listed(conn, outdated):
        known = _count_known_keys(conn, layer, must_be_new=mode == "append")
        removed: Iterable[Sequence[Any]] = ()
        if mode == "replace" or outdated:
            gone = _removal(layer, mode)
            removed = conn.execute(f"SELECT t.{key}, {version} {gone} ORDER BY t.{key}")
        new = f'NOT EXISTS (SELECT 1 FROM "{layer.name}" AS t WHERE t.{key} = s.{key})'
        return row_changes(
            layer,
            added=conn.execute(f"SELECT s.{key} FROM temp.staged AS s WHERE {new} ORDER BY s.{key}"),
            changed=conn.execute(
                f"SELECT t.{key}, {version}, {differs} FROM {_joined(layer)} "
                f"WHERE {_changed_condition(layer, today, shape)} ORDER BY t.{key}"
            ),
            removed=removed,
            known=known,
        )


def put(
    conn: sqlite3.Connection, layer: Layer, rows: StoredRows, *, if_version: int | None, actor: str, today: date
) -> int:
    """Write one checked row if its stored version is ``if_version``, and return its new version."""
    key = rows.keys[0]
    check_version(conn, layer, key, if_version)
    write(conn, layer, rows, "upsert", actor=actor, today=today, keeps_shapes=False)
    return version_of(conn, layer, key) or 1


def delete(conn: sqlite3.Connection, layer: Layer, key: str, *, if_version: int | None, actor: str) -> None:
    """Delete one row if its stored version is ``if_version``; raise NotFound where it does not exist."""
    if check_version(conn, layer, key, if_version) is None:
        raise no_such_row_error(layer, key)
    conn.execute(f'DELETE FROM "{layer.name}" WHERE "{layer.key}" = ?', (key,))
    count_change(conn, layer, actor)


def version_of(conn: sqlite3.Connection, layer: Layer, key: str) -> int | None:
    """Return the version of the current row, one more than the last in history; None where there is no such row."""
    if not _fetch_count(conn, f'SELECT count(*) FROM "{layer.name}" WHERE "{layer.key}" = ?', key):
        return None
    last = _fetch_count(
        conn, f'SELECT coalesce(max("version"), 0) FROM "{layer.name}_history" WHERE "{layer.key}" = ?', key
    )
    return last + 1


def check_version(conn: sqlite3.Connection, layer: Layer, key: str, if_version: int | None) -> int | None:
    """Return the stored version, None where there is no row; raise Conflict or NotFound where it differs."""
    stored = version_of(conn, layer, key)
    if if_version is None or if_version == (stored or 0):
        return stored
    if stored is None:
        raise no_such_row_error(layer, key)
    if if_version == 0:
        raise Conflict(f"{key} 已存在", f"{key} is already there")
    raise Conflict(
        f"{key} 已被他人修改：当前版本 {stored}，您看到的是 {if_version}",
        f"{key} was changed meanwhile: it is at version {stored}, not {if_version}",
    )


def no_such_row_error(layer: Layer, key: str) -> NotFound:
    """Return the error for a key that does not exist."""
    return NotFound(f"图层 {layer.name} 没有 {key}", f"layer {layer.name} has no {key}")


def count_change(conn: sqlite3.Connection, layer: Layer, actor: str) -> None:
    """Increment the revision of the layer and update its row in ``gpkg_contents``."""
    conn.execute(
        f"UPDATE gridsight_revisions SET revision = revision + 1, changed_at = {NOW}, changed_by = ? WHERE layer = ?",
        (actor, layer.name),
    )
    update_gpkg_contents(conn, layer.name)


def update_gpkg_contents(conn: sqlite3.Connection, table: str, *also: str) -> None:
    """Update date and box of a feature table, and of its views, in ``gpkg_contents``; the box is that of its index."""
    box = rtree.index_extent(conn, table) or (None,) * 4
    sides = "min_x = ?, min_y = ?, max_x = ?, max_y = ?"
    for name in (table, *also):
        conn.execute(f"UPDATE gpkg_contents SET last_change = {NOW}, {sides} WHERE table_name = ?", (*box, name))


def extent(conn: sqlite3.Connection, layer: Layer) -> Bbox | None:
    """Return the exact bounding box of all current rows of a layer, in degrees; None where there are none."""
    index_box = rtree.index_extent(conn, layer.name)
    if index_box is None:
        return None
    statement = selects.extent(layer, index_box)
    west, south, east, north = conn.execute(statement.sql, statement.params).fetchone()
    return (west, south, east, north)


@contextmanager
def _staged(conn: sqlite3.Connection, layer: Layer, rows: StoredRows) -> Iterator[None]:
    """Keep the rows in ``temp.staged``, numbered in their order, during the context."""
    columns = ", ".join(f'"{name}"' for name in layer.names)
    conn.execute("DROP TABLE IF EXISTS temp.staged")
    conn.execute(f'CREATE TEMP TABLE staged ("row" INTEGER PRIMARY KEY, "geom", {columns})')
    _insert_rows(conn, "temp.staged", layer, rows)
    try:
        yield
    finally:
        if conn.in_transaction:
            conn.execute("DROP TABLE temp.staged")


@contextmanager
def _listed(conn: sqlite3.Connection, keys: Collection[str]) -> Iterator[None]:
    """Keep keys in ``temp.outdated`` during the context; make no table where there are none."""
    if not keys:
        yield
        return
    conn.execute("DROP TABLE IF EXISTS temp.outdated")
    conn.execute('CREATE TEMP TABLE outdated ("key" TEXT PRIMARY KEY)')
    conn.executemany("INSERT OR IGNORE INTO temp.outdated VALUES (?)", ((key,) for key in keys))
    try:
        yield
    finally:
        if conn.in_transaction:
            conn.execute("DROP TABLE temp.outdated")


@contextmanager
def _index_maintenance(conn: sqlite3.Connection, layer: Layer, changes: int) -> Iterator[None]:
    """Maintain the R*Tree by its triggers, or rebuild it afterwards where many rows change."""
    bulk = changes >= BULK_ROWS and 4 * changes >= _fetch_count(conn, f'SELECT count(*) FROM "{layer.name}"')
    if bulk:
        rtree.drop_triggers(conn, layer.name)
    yield
    if bulk:
        from geo.storage.geopackage.rtree_packing import rebuild

        rebuild(conn, layer.name)


def _count_known_keys(conn: sqlite3.Connection, layer: Layer, *, must_be_new: bool) -> int:
    """Return how many staged keys exist in the layer; raise Conflict that lists them where none may."""
    if not must_be_new:
        return _fetch_count(conn, f"SELECT count(*) FROM {_joined(layer)}")
    taken = conn.execute(f'SELECT s."row", s."{layer.key}" FROM {_joined(layer)} ORDER BY s."row"').fetchall()
    if taken:
        from geo.storage.codec.rows import known_keys_error

        raise known_keys_error(layer, taken, _fetch_count(conn, "SELECT count(*) FROM temp.staged"))
    return 0


def _joined(layer: Layer) -> str:
    # CROSS JOIN fixes the order: each staged key is looked up in the unique index.
    return f'temp.staged AS s CROSS JOIN "{layer.name}" AS t ON t."{layer.key}" = s."{layer.key}"'


def _valid_from(today: date) -> str:
    """Write the day of a staged row: a missing one keeps that stored; one that was to begin later begins today."""
    return f'coalesce(s."valid_from", min(t."valid_from", \'{today:%Y-%m-%d}\'))'


_SHAPE_BROUGHT = 's."geom"'


def _shape_written(layer: Layer, mode: WriteMode) -> str:
    """Write the shape that a staged row leaves stored: by ``upsert`` a list of names takes none away."""
    return _SHAPE_BROUGHT if layer.needs_shape or mode != "upsert" else 'coalesce(s."geom", t."geom")'


def _changed_condition(layer: Layer, today: date, shape: str) -> str:
    """Write the condition that a staged row changes a value."""
    plain = [name for name in layer.names if name not in ("valid_from", layer.key)]
    parts = [f't."geom" IS NOT {shape}', *(f't."{name}" IS NOT s."{name}"' for name in plain)]
    return f'({" OR ".join(parts)} OR t."valid_from" IS NOT {_valid_from(today)})'


def _removal(layer: Layer, mode: WriteMode) -> str:
    """Write which rows ``t`` go: those that the frame does not bring, unless by ``replace`` only the outdated ones."""
    removal = f'FROM "{layer.name}" AS t WHERE t."{layer.key}" NOT IN (SELECT "{layer.key}" FROM temp.staged)'
    return removal if mode == "replace" else f'{removal} AND t."{layer.key}" IN (SELECT "key" FROM temp.outdated)'


def _update(layer: Layer, today: date, shape: str) -> str:
    table = layer.name
    plain = [f'"{name}" = s."{name}"' for name in layer.names if name not in ("valid_from", layer.key)]
    begins = f'"geom" = {shape}, "valid_from" = {_valid_from(today)}'
    sets = ", ".join([*plain, begins.replace('t."', f'"{table}"."')])
    differs = _changed_condition(layer, today, shape).replace('t."', f'"{table}"."')
    same = f'"{table}"."{layer.key}" = s."{layer.key}"'
    return f'UPDATE "{table}" SET {sets} FROM temp.staged AS s WHERE {same} AND {differs}'


def _insert_rows(conn: sqlite3.Connection, table: str, layer: Layer, rows: StoredRows) -> None:
    """Insert the rows by statements of many rows each, which take a third of the time of a statement for each."""
    columns = ", ".join(f'"{name}"' for name in ("geom", *layer.names))
    is_given = [column.count(None) < len(column) for column in rows.values]
    marks = f"({', '.join('?' if given else 'NULL' for given in (True, *is_given))})"
    size = _MAX_VARIABLES // (1 + sum(is_given))
    head = f"INSERT INTO {table} ({columns}) VALUES "
    left = iter(rows.tuples(is_given))
    while batch := list(islice(left, size)):
        conn.execute(head + ", ".join([marks] * len(batch)), list(chain.from_iterable(batch)))


def _insert(layer: Layer, begins: date | None) -> str:
    """Write the insert of the new rows; ``begins`` is the day of those that take the place of others, if any do."""
    columns = ", ".join(f'"{name}"' for name in ("geom", *layer.names))
    values = ", ".join(f's."{name}"' for name in ("geom", *layer.names))
    if begins is not None:
        day = f"'{begins:%Y-%m-%d}'"
        lasts = f"coalesce(s.\"valid_to\", '9999-12-31') > {day}"
        values = values.replace('s."valid_from"', f'coalesce(s."valid_from", CASE WHEN {lasts} THEN {day} END)')
    return (
        f'INSERT INTO "{layer.name}" ({columns}) SELECT {values} FROM temp.staged AS s '
        f'WHERE NOT EXISTS (SELECT 1 FROM "{layer.name}" AS t WHERE t."{layer.key}" = s."{layer.key}") ORDER BY s."row"'
    )


def _fetch_count(conn: sqlite3.Connection, sql: str, *values: Any) -> int:
    found: Sequence[Any] = conn.execute(sql, values).fetchone()
    return int(found[0])
