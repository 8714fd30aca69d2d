"""Write frames and single features into a layer, inside the caller's transaction, like the GeoPackage store.

Several rows are copied to a temporary table by COPY, a single one is bound; the same set-based statements then compare,
update, insert and delete. Triggers of the database (``migrations``) maintain history, validity dates, versions and
townships, also for writes of other programs. Writers of one layer queue at an advisory lock: they would otherwise wait
later, at the row of the revision, in no order.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geo.catalog.layers import SCOPED, Layer
from geo.errors import Conflict, NotFound
from geo.storage.codec.geopackage_header import SRS_ID
from geo.storage.codec.row_changes import compared_fields, row_changes
from geo.storage.codec.rows import StoredRows, known_keys_error
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.driver_errors import key_taken_error, not_allowed_error, out_of_scope_error
from geo.storage.protocol import Bbox, WriteMode
from geo.storage.records import WriteCounts
from geo.types import RowChanges

#: SQL type of each kind of field in a temporary table.
TYPES = {"text": "text", "number": "double precision", "integer": "bigint", "date": "date"}
COLLATED = ' COLLATE "C"'
_LOCK_SPACE = 0x67726964
#: From this many staged rows, statistics are collected before the join.
_ANALYZE_FROM_ROWS = 1_000


@dataclass(frozen=True)
class WriteSource:
    """Rows to write: SQL to select from, with its values, and their number."""

    sql: str
    count: int
    params: dict[str, Any] = field(default_factory=dict)
    has_township: bool = False


def write(
    conn: Connection,
    layer: Layer,
    rows: StoredRows,
    mode: WriteMode,
    *,
    outdated: Collection[str] = (),
    keeps_shapes: bool = True,
) -> WriteCounts:
    """Write checked rows by a mode of ``protocol.Store.write``.

    With ``keeps_shapes`` an ``upsert`` of a row without a shape keeps the stored one.

    Raises
    ------
    Conflict
        ``append`` was given existing keys; or a key exists out of scope, or was created concurrently.
    NotAllowed
        A row that would change, or its new position, is out of the caller's scope.
    """
    lock(conn, layer)
    shape = _shape_written(layer, mode) if keeps_shapes else _SHAPE_BROUGHT
    with _source(conn, layer, rows) as source:
        known = _count_known_keys(conn, layer, source, must_be_new=mode == "append")
        change = f"FROM {_joined(layer, source)} AND {_changed_condition(layer, shape)}"
        changed = _execute_count(conn, f"SELECT count(*) {change}", source)
        removal, values = _removal(layer, source, mode, outdated)
        removed = int(conn.value(f"SELECT count(*) {removal}", **values)) if mode == "replace" or outdated else 0
        added = source.count - known
        if removed:
            done = conn.change(f"DELETE {removal}", **values)
            _require_count(conn, layer, removed, done, removal, values)
        if changed:
            done = conn.change(_update(layer, source, shape), **source.params)
            _require_count(conn, layer, changed, done, change, source.params)
        if added:
            takes_over = mode == "replace" and bool(removed or changed)
            conn.change(_insert(layer, source, takes_over=takes_over), **source.params)
    if layer.name == "divisions" and (added or changed or removed):
        refresh_townships(conn)
    if mode == "replace":
        return WriteCounts(source.count, 0, known - changed, removed)
    return WriteCounts(added, known, known - changed, removed)


def compare(
    conn: Connection, layer: Layer, rows: StoredRows, mode: WriteMode, *, outdated: Collection[str] = ()
) -> RowChanges:
    """Return what ``write`` would do with these rows, by the same conditions; only a temporary table is written."""
    lock(conn, layer)
    key, shape = f'"{layer.key}"', _shape_written(layer, mode)
    special = {
        "valid_from": f't."valid_from" IS DISTINCT FROM {_VALID_FROM}',
        "geom": f'ST_AsBinary(t."geom") IS DISTINCT FROM ST_AsBinary({shape})',
    }
    differs = ", ".join(
        special.get(column, f't."{column}" IS DISTINCT FROM s."{column}"') for _, column in compared_fields(layer)
    )
    with _source(conn, layer, rows) as source:
        known = _count_known_keys(conn, layer, source, must_be_new=mode == "append")
        removed: Iterable[Sequence[Any]] = ()
        if mode == "replace" or outdated:
            gone, values = _removal(layer, source, mode, outdated)
            removed = conn.rows(f'SELECT t.{key}, t."version" {gone} ORDER BY t.{key}', **values)
        new = f'NOT EXISTS (SELECT 1 FROM "{layer.name}" AS t WHERE t.{key} = s.{key})'
        change = f"FROM {_joined(layer, source)} AND {_changed_condition(layer, shape)}"
        return row_changes(
            layer,
            added=conn.rows(f"SELECT s.{key} FROM {source.sql} AS s WHERE {new} ORDER BY s.{key}", **source.params),
            changed=conn.rows(f'SELECT t.{key}, t."version", {differs} {change} ORDER BY t.{key}', **source.params),
            removed=removed,
            known=known,
        )


def put(conn: Connection, layer: Layer, rows: StoredRows, *, if_version: int | None) -> int:
    """Write one checked row if its stored version is ``if_version``, and return its new version."""
    lock(conn, layer)
    key = rows.keys[0]
    check_version(conn, layer, key, if_version)
    write(conn, layer, rows, "upsert", keeps_shapes=False)
    return version_of(conn, layer, key) or 1


def delete(conn: Connection, layer: Layer, key: str, *, if_version: int | None) -> None:
    """Delete one row if its stored version is ``if_version``; raise NotFound where it does not exist."""
    lock(conn, layer)
    if check_version(conn, layer, key, if_version) is None:
        raise no_such_row_error(layer, key)
    removal = f'FROM "{layer.name}" AS t WHERE t."{layer.key}" = :key'
    _require_count(conn, layer, 1, conn.change(f"DELETE {removal}", key=key), removal, {"key": key})
    if layer.name == "divisions":
        refresh_townships(conn)


def version_of(conn: Connection, layer: Layer, key: str) -> int | None:
    """Return the version of the current row; None where the caller sees no such row."""
    found = conn.value(f'SELECT "version" FROM "{layer.name}" WHERE "{layer.key}" = :key', key=key)
    return None if found is None else int(found)


def check_version(conn: Connection, layer: Layer, key: str, if_version: int | None) -> int | None:
    """Return the stored version, None where there is no row; raise Conflict or NotFound where it differs."""
    stored = version_of(conn, layer, key)
    if if_version is None or if_version == (stored or 0):
        return stored
    if stored is None:
        raise no_such_row_error(layer, key)
    if if_version == 0:
        raise key_taken_error()
    raise Conflict(
        f"{key} 已被他人修改：当前版本 {stored}，您看到的是 {if_version}",
        f"{key} was changed meanwhile: it is at version {stored}, not {if_version}",
    )


def no_such_row_error(layer: Layer, key: str) -> NotFound:
    """Return the error for a key that does not exist or is out of scope: the same text for both."""
    return NotFound(f"图层 {layer.name} 没有 {key}", f"layer {layer.name} has no {key}")


def refresh_townships(conn: Connection) -> None:
    """Update the townships of scoped rows after a change of divisions."""
    conn.value("SELECT refresh_townships()")


def extent(conn: Connection, layer: Layer) -> Bbox | None:
    """Return the exact bounding box of all current rows, in degrees; None where there are none."""
    sides = ", ".join(f"{one}(box)" for one in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax"))
    found = conn.row(f'SELECT {sides} FROM (SELECT ST_3DExtent("geom") AS box FROM "{layer.name}") AS whole')
    if found is None or found[0] is None:
        return None
    west, south, east, north = found
    return (west, south, east, north)


@contextmanager
def staged(
    conn: Connection, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]], *, count: int
) -> Iterator[str]:
    """Yield the name of a temporary table of the rows, numbered in their order by the column ``row``."""
    listed = ", ".join(f'"{one}" {kind}{COLLATED if kind == "text" else ""}' for one, kind in columns)
    table = f"pg_temp.{name}"
    conn.change(f'CREATE TEMP TABLE "{name}" ("row" bigint GENERATED ALWAYS AS IDENTITY, {listed}) ON COMMIT DROP')
    conn.copy(table, columns, rows)
    if count > _ANALYZE_FROM_ROWS:
        conn.change(f"ANALYZE {table}")
    yield table
    conn.change(f"DROP TABLE {table}")


def layer_columns(layer: Layer) -> list[tuple[str, str]]:
    """Return the columns of a layer's rows in a temporary table: the geometry, then the fields in stored order."""
    return [("geom", "geometry"), *((one.name, TYPES[one.kind]) for one in layer.all_fields)]


def typed(layer: Layer, rows: StoredRows) -> Iterator[tuple[Any, ...]]:
    """Yield (EWKB, *fields) row by row, with date objects for date fields."""
    days = [index for index, one in enumerate(layer.all_fields) if one.kind == "date"]
    values = list(rows.values)
    for index in days:
        values[index] = [None if one is None else date.fromisoformat(one) for one in values[index]]
    return iter(StoredRows(rows.keys, rows.shapes, values).ewkb_tuples())


def assign_townships(conn: Connection, table: str) -> None:
    """Set the townships of all staged rows (columns ``geom``, ``township``), by the rule of ``township_of``."""
    # The join prepares each township once; calling the function per row would read it a million times.
    conn.change(
        f"""
        UPDATE {table} AS s SET "township" = found.code FROM (
          SELECT p."row", left(min(d."code"), 9) AS code
          FROM (SELECT "row", CASE WHEN ST_GeometryType("geom") = 'ST_Point' THEN "geom"
                              ELSE ST_PointOnSurface("geom") END AS place FROM {table}) AS p
          JOIN "divisions" AS d ON d."geom" && p.place AND ST_Covers(d."geom", p.place)
          WHERE d."level" = 'township' AND coalesce(d."valid_from", '-infinity') <= today()
            AND coalesce(d."valid_to", 'infinity') > today()
          GROUP BY p."row") AS found
        WHERE found."row" = s."row"
        """
    )


def lock(conn: Connection, layer: Layer) -> None:
    """Let one transaction at a time write a layer; what is read after this holds until the transaction ends."""
    conn.row("SELECT pg_advisory_xact_lock(:space, hashtext(:layer))", space=_LOCK_SPACE, layer=layer.name)


@contextmanager
def _source(conn: Connection, layer: Layer, rows: StoredRows) -> Iterator[WriteSource]:
    """Yield the rows as something to select from."""
    if len(rows.keys) == 1:
        yield _single(layer, rows)
        return
    is_scoped = layer.name in SCOPED
    columns = layer_columns(layer)
    with staged(conn, "staged", columns, typed(layer, rows), count=len(rows.keys)) as table:
        if is_scoped:
            conn.change(f'ALTER TABLE {table} ADD COLUMN "township" text{COLLATED}')
            assign_townships(conn, table)
        yield WriteSource(table, len(rows.keys), has_township=is_scoped)


def _single(layer: Layer, rows: StoredRows) -> WriteSource:
    """Bind one row; a temporary table would take longer than the write."""
    geom, *values = next(iter(rows.ewkb_tuples()))
    parts = ['1 AS "row"', f'ST_SetSRID(CAST(:r_geom AS bytea)::geometry, {SRS_ID}) AS "geom"']
    params = {"r_geom": geom}
    for index, (one, value) in enumerate(zip(layer.all_fields, values, strict=True)):
        collated = COLLATED if one.kind == "text" else ""
        parts.append(f'CAST(:r{index} AS {TYPES[one.kind]}){collated} AS "{one.name}"')
        params[f"r{index}"] = value
    return WriteSource(f"(SELECT {', '.join(parts)})", 1, params)


def _count_known_keys(conn: Connection, layer: Layer, source: WriteSource, *, must_be_new: bool) -> int:
    """Return how many keys exist in the layer; raise Conflict that lists them where none may."""
    if not must_be_new:
        return _execute_count(conn, f"SELECT count(*) FROM {_joined(layer, source)}", source)
    sql = f'SELECT s."row", s."{layer.key}" FROM {_joined(layer, source)} ORDER BY s."row"'
    taken = conn.rows(sql, **source.params)
    if taken:
        raise known_keys_error(layer, [(row, key) for row, key in taken], source.count)
    return 0


def _joined(layer: Layer, source: WriteSource) -> str:
    return f'{source.sql} AS s, "{layer.name}" AS t WHERE t."{layer.key}" = s."{layer.key}"'


# A missing day keeps the stored one; but a version that was to begin later is replaced by one that begins today.
_VALID_FROM = 'coalesce(s."valid_from", CASE WHEN t."valid_from" > today() THEN today() ELSE t."valid_from" END)'


_SHAPE_BROUGHT = 's."geom"'


def _shape_written(layer: Layer, mode: WriteMode) -> str:
    """Write the shape that a row leaves stored: by ``upsert`` a list of names takes none away."""
    return _SHAPE_BROUGHT if layer.needs_shape or mode != "upsert" else 'coalesce(s."geom", t."geom")'


def _changed_condition(layer: Layer, shape: str) -> str:
    """Write the condition that a row changes a value; geometries are compared by their bytes."""
    plain = [name for name in layer.names if name not in ("valid_from", layer.key)]
    parts = [f't."{name}" IS DISTINCT FROM s."{name}"' for name in plain]
    parts.append(f'ST_AsBinary(t."geom") IS DISTINCT FROM ST_AsBinary({shape})')
    parts.append(f't."valid_from" IS DISTINCT FROM {_VALID_FROM}')
    return f"({' OR '.join(parts)})"


def _removal(
    layer: Layer, source: WriteSource, mode: WriteMode, outdated: Collection[str]
) -> tuple[str, dict[str, Any]]:
    """Write which rows ``t`` go, with the values: those that the frame does not bring, of them the outdated ones.

    By ``replace`` all of them go.
    """
    key = layer.key
    removal = f'FROM "{layer.name}" AS t WHERE NOT EXISTS (SELECT 1 FROM {source.sql} AS s WHERE s."{key}" = t."{key}")'
    if mode == "replace":
        return removal, dict(source.params)
    outdated_only = f'{removal} AND t."{key}" = ANY(CAST(:outdated AS text[]))'
    return outdated_only, {**source.params, "outdated": list(outdated)}


def _update(layer: Layer, source: WriteSource, shape: str) -> str:
    plain = [f'"{name}" = s."{name}"' for name in layer.names if name not in ("valid_from", layer.key)]
    sets = ", ".join([f'"geom" = {shape}', *plain, f'"valid_from" = {_VALID_FROM}'])
    changed = f't."{layer.key}" = s."{layer.key}" AND {_changed_condition(layer, shape)}'
    return f'UPDATE "{layer.name}" AS t SET {sets} FROM {source.sql} AS s WHERE {changed}'


# New rows that take the place of others begin today, so that a read of the past does not find both.
_BEGINS = 'coalesce(s."valid_from", CASE WHEN coalesce(s."valid_to", \'infinity\') > today() THEN today() END)'


def _insert(layer: Layer, source: WriteSource, *, takes_over: bool) -> str:
    names = ("geom", *layer.names, *(("township",) if source.has_township else ()))
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(f's."{name}"' for name in names)
    if takes_over:
        values = values.replace('s."valid_from"', _BEGINS)
    return (
        f'INSERT INTO "{layer.name}" ({columns}) SELECT {values} FROM {source.sql} AS s '
        f'WHERE NOT EXISTS (SELECT 1 FROM "{layer.name}" AS t WHERE t."{layer.key}" = s."{layer.key}") '
        f'ORDER BY s."{layer.key}"'  # a sorted million is inserted into the index of keys in half the time
    )


def _execute_count(conn: Connection, sql: str, source: WriteSource) -> int:
    return int(conn.value(sql, **source.params))


def _require_count(
    conn: Connection, layer: Layer, wanted: int, done: int, statement: str, params: Mapping[str, Any]
) -> None:
    """Raise NotAllowed where a policy allowed a statement to read rows that it may not write.

    Parameters
    ----------
    wanted, done
        How many rows there were to write, and how many were written.
    statement
        What follows SELECT or DELETE to name the rows, the layer as ``t``; what it still finds was refused.
    params
        Its values.
    """
    if done == wanted:
        return
    found = conn.row(
        f"""SELECT t."{layer.key}", n.why, n.place, (SELECT min("name") FROM "divisions"
              WHERE "level" = 'township' AND left("code", 9) = n.place)
            FROM (SELECT t.* {statement}) AS t,
              LATERAL why_not(t."geom", string_to_array(current_setting('app.townships', true), ',')) AS n
            WHERE n.why IS NOT NULL LIMIT 1""",
        **params,
    )
    if found is None:
        raise not_allowed_error()
    key, why, place, name = found
    raise out_of_scope_error(why=why, key=key, place=place, word=None, name=name)
