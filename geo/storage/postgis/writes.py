"""Write frames and single features into a layer, inside the caller's transaction, as the desk does.

Many rows go to a temporary table by COPY, one is bound as it is; the same set-based statements then compare, update,
insert and remove. Triggers of the database (``migrations``) keep history, validity dates, versions and townships, for
these writes as for those of any other program. Writers of one layer queue at an advisory lock: the revision that each
of them counts up would make them wait anyway, later and in no order.
"""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geo.catalog.layers import SCOPED, Layer
from geo.errors import Conflict, NotFound, RowFault
from geo.storage.codec.geopackage_blobs import SRS_ID
from geo.storage.codec.rows import MAX_FAULTS, Rows
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.driver_errors import key_taken, not_allowed
from geo.storage.protocol import Bbox, Mode
from geo.storage.records import WriteCounts

#: SQL type of each field kind in a temporary table.
TYPES = {"text": "text", "number": "double precision", "integer": "bigint", "date": "date"}
COLLATED = ' COLLATE "C"'
_LOCKS = 0x67726964
#: So many staged rows need their statistics before they are joined.
_MANY = 1_000


@dataclass(frozen=True)
class Source:
    """Hold rows to write: SQL to select from, with its values, and how many there are."""

    sql: str
    count: int
    params: dict[str, Any] = field(default_factory=dict)
    has_township: bool = False


def write(conn: Connection, layer: Layer, rows: Rows, mode: Mode) -> WriteCounts:
    """Write checked rows, by the modes of ``protocol.Store.write``.

    Raises
    ------
    Conflict
        ``append`` met known keys; or a key is another's, or was taken meanwhile.
    NotAllowed
        A row that would change, or its new place, is not the caller's to write.
    """
    _lock(conn, layer)
    with _source(conn, layer, rows) as source:
        known = _known(conn, layer, source, must_be_new=mode == "append")
        changed = _number(conn, f"SELECT count(*) FROM {_joined(layer, source)} AND {_differs(layer)}", source)
        gone = f'FROM "{layer.name}" AS t WHERE {_unnamed(layer, source)}'
        removed = _number(conn, f"SELECT count(*) {gone}", source) if mode == "replace" else 0
        fresh = source.count - known
        if removed:
            _expect(removed, conn.change(f"DELETE {gone}", **source.params))
        if changed:
            _expect(changed, conn.change(_update(layer, source), **source.params))
        if fresh:
            conn.change(_insert(layer, source), **source.params)
    if layer.name == "divisions" and (fresh or changed or removed):
        refresh_townships(conn)
    if mode == "replace":
        return WriteCounts(source.count, 0, known - changed, removed)
    return WriteCounts(fresh, known, known - changed, 0)


def put(conn: Connection, layer: Layer, rows: Rows, *, if_version: int | None) -> int:
    """Write one checked row if its stored version is the one named, and return its version."""
    _lock(conn, layer)
    key = rows.keys[0]
    check_version(conn, layer, key, if_version)
    write(conn, layer, rows, "upsert")
    return version_of(conn, layer, key) or 1


def delete(conn: Connection, layer: Layer, key: str, *, if_version: int | None) -> None:
    """Delete one row if its stored version is the one named; raise NotFound where it is not there."""
    _lock(conn, layer)
    if check_version(conn, layer, key, if_version) is None:
        raise missing(layer, key)
    _expect(1, conn.change(f'DELETE FROM "{layer.name}" WHERE "{layer.key}" = :key', key=key))
    if layer.name == "divisions":
        refresh_townships(conn)


def version_of(conn: Connection, layer: Layer, key: str) -> int | None:
    """Return the version of the current row; None where there is no such row that the caller sees."""
    found = conn.value(f'SELECT "version" FROM "{layer.name}" WHERE "{layer.key}" = :key', key=key)
    return None if found is None else int(found)


def check_version(conn: Connection, layer: Layer, key: str, if_version: int | None) -> int | None:
    """Return the stored version, None where there is no row; raise Conflict or NotFound where it is not as named."""
    stored = version_of(conn, layer, key)
    if if_version is None or if_version == (stored or 0):
        return stored
    if stored is None:
        raise missing(layer, key)
    if if_version == 0:
        raise key_taken()
    raise Conflict(
        f"{key} 已被他人修改：当前版本 {stored}，您看到的是 {if_version}",
        f"{key} was changed meanwhile: it is at version {stored}, not {if_version}",
    )


def missing(layer: Layer, key: str) -> NotFound:
    """Return the error for a key that is not there, or out of scope: the same words for both."""
    return NotFound(f"图层 {layer.name} 没有 {key}", f"layer {layer.name} has no {key}")


def refresh_townships(conn: Connection) -> None:
    """Bring the townships of scoped rows up to date after a change of divisions."""
    conn.value("SELECT refresh_townships()")


def extent(conn: Connection, layer: Layer) -> Bbox | None:
    """Return the exact box of all current shapes, in degrees; None where there are none."""
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
    """Hold rows in a temporary table, numbered in their order by the column ``row``; give its name."""
    listed = ", ".join(f'"{one}" {kind}{COLLATED if kind == "text" else ""}' for one, kind in columns)
    table = f"pg_temp.{name}"
    conn.change(f'CREATE TEMP TABLE "{name}" ("row" bigint GENERATED ALWAYS AS IDENTITY, {listed}) ON COMMIT DROP')
    conn.copy(table, columns, rows)
    if count > _MANY:
        conn.change(f"ANALYZE {table}")
    yield table
    conn.change(f"DROP TABLE {table}")


def layer_columns(layer: Layer) -> list[tuple[str, str]]:
    """Return the columns of a layer's rows in a temporary table: the shape, then the fields in stored order."""
    return [("geom", "geometry"), *((one.name, TYPES[one.kind]) for one in layer.all_fields)]


def typed(layer: Layer, rows: Rows) -> Iterator[tuple[Any, ...]]:
    """Give (EWKB, *fields) row by row, days as dates."""
    days = [place for place, one in enumerate(layer.all_fields) if one.kind == "date"]
    values = list(rows.values)
    for place in days:
        values[place] = [None if one is None else date.fromisoformat(one) for one in values[place]]
    return iter(Rows(rows.keys, rows.shapes, values).ewkb_tuples())


def placed(conn: Connection, table: str) -> None:
    """Find the townships of staged rows (columns ``geom``, ``township``) at once, by the rule of ``township_of``."""
    # Each township is prepared once for all its points; a function called row by row would read it a million times.
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


def _lock(conn: Connection, layer: Layer) -> None:
    conn.row("SELECT pg_advisory_xact_lock(:space, hashtext(:layer))", space=_LOCKS, layer=layer.name)


@contextmanager
def _source(conn: Connection, layer: Layer, rows: Rows) -> Iterator[Source]:
    """Give the rows as something to select from."""
    if len(rows.keys) == 1:
        yield _single(layer, rows)
        return
    is_scoped = layer.name in SCOPED
    columns = layer_columns(layer)
    with staged(conn, "staged", columns, typed(layer, rows), count=len(rows.keys)) as table:
        if is_scoped:
            conn.change(f'ALTER TABLE {table} ADD COLUMN "township" text{COLLATED}')
            placed(conn, table)
        yield Source(table, len(rows.keys), has_township=is_scoped)


def _single(layer: Layer, rows: Rows) -> Source:
    """Bind one row; a temporary table for it would cost more than the write."""
    geom, *values = next(iter(rows.ewkb_tuples()))
    parts = ['1 AS "row"', f'ST_SetSRID(CAST(:r_geom AS bytea)::geometry, {SRS_ID}) AS "geom"']
    params = {"r_geom": geom}
    for place, (one, value) in enumerate(zip(layer.all_fields, values, strict=True)):
        collated = COLLATED if one.kind == "text" else ""
        parts.append(f'CAST(:r{place} AS {TYPES[one.kind]}){collated} AS "{one.name}"')
        params[f"r{place}"] = value
    return Source(f"(SELECT {', '.join(parts)})", 1, params)


def _known(conn: Connection, layer: Layer, source: Source, *, must_be_new: bool) -> int:
    """Return how many keys the layer has; raise Conflict naming them where there may be none."""
    if not must_be_new:
        return _number(conn, f"SELECT count(*) FROM {_joined(layer, source)}", source)
    sql = f'SELECT s."row", s."{layer.key}" FROM {_joined(layer, source)} ORDER BY s."row"'
    taken = conn.rows(sql, **source.params)
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


def _joined(layer: Layer, source: Source) -> str:
    return f'{source.sql} AS s, "{layer.name}" AS t WHERE t."{layer.key}" = s."{layer.key}"'


def _differs(layer: Layer) -> str:
    """Write that a row changes something; an absent ``valid_from`` leaves the stored one, shapes compare bit by bit."""
    plain = [name for name in layer.names if name not in ("valid_from", layer.key)]
    parts = [f't."{name}" IS DISTINCT FROM s."{name}"' for name in plain]
    parts.append('ST_AsBinary(t."geom") IS DISTINCT FROM ST_AsBinary(s."geom")')
    parts.append('t."valid_from" IS DISTINCT FROM coalesce(s."valid_from", t."valid_from")')
    return f"({' OR '.join(parts)})"


def _unnamed(layer: Layer, source: Source) -> str:
    return f'NOT EXISTS (SELECT 1 FROM {source.sql} AS s WHERE s."{layer.key}" = t."{layer.key}")'


def _update(layer: Layer, source: Source) -> str:
    plain = [f'"{name}" = s."{name}"' for name in ("geom", *layer.names) if name not in ("valid_from", layer.key)]
    sets = ", ".join([*plain, '"valid_from" = coalesce(s."valid_from", t."valid_from")'])
    same = f't."{layer.key}" = s."{layer.key}"'
    return f'UPDATE "{layer.name}" AS t SET {sets} FROM {source.sql} AS s WHERE {same} AND {_differs(layer)}'


def _insert(layer: Layer, source: Source) -> str:
    names = ("geom", *layer.names, *(("township",) if source.has_township else ()))
    columns = ", ".join(f'"{name}"' for name in names)
    return (
        f'INSERT INTO "{layer.name}" ({columns}) SELECT {columns} FROM {source.sql} AS s '
        f'WHERE NOT EXISTS (SELECT 1 FROM "{layer.name}" AS t WHERE t."{layer.key}" = s."{layer.key}") '
        f'ORDER BY s."{layer.key}"'  # a sorted million enters the index of keys in half the time
    )


def _number(conn: Connection, sql: str, source: Source) -> int:
    return int(conn.value(sql, **source.params))


def _expect(wanted: int, done: int) -> None:
    """Raise NotAllowed where a policy let a statement see rows that it did not let it write."""
    if done != wanted:
        raise not_allowed()
