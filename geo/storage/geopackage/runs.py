"""Store runs in the workspace: their summary as JSON, their layers as spatial tables that QGIS can show."""

from __future__ import annotations

# Names in SQL come from geo.catalog.layers and geo.storage.geopackage.schema, never from a caller; values are bound.
# ruff: noqa: S608
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from geo.storage.codec import run_rows
from geo.storage.geopackage.schema import LATEST_RUN_VIEWS, NOW
from geo.storage.geopackage.writes import update_gpkg_contents
from geo.storage.records import Caller, RunRows, StoredRun
from geo.types import Run

_HEAD = ", ".join(run_rows.HEAD)


def save(conn: sqlite3.Connection, run: Run, maker: Caller) -> None:
    """Save a run, inside the caller's transaction; raises as ``import_run`` and ``run_rows.run_to_rows``."""
    import_run(conn, run_rows.run_to_rows(run, maker))


def import_run(conn: sqlite3.Connection, stored: StoredRun) -> None:
    """Save a run as stored, inside the caller's transaction; raise Conflict where its id exists."""
    if conn.execute("SELECT 1 FROM runs WHERE id = ?", (stored.id,)).fetchone():
        raise run_rows.run_id_exists_error(stored.id)
    for name, rows in stored.rows.items():
        _write_layer(conn, stored.id, name, rows)
    values = tuple(getattr(stored, name) for name in run_rows.HEAD)
    conn.execute(f"INSERT INTO runs ({_HEAD}) VALUES ({', '.join('?' * len(values))})", values)
    if stored.incidence is not None:
        conn.execute("INSERT INTO gridsight_incidence VALUES (?, ?)", (stored.id, stored.incidence))
    _refresh_contents(conn)


def listed(conn: sqlite3.Connection, caller: Caller) -> list[Run]:
    """Return the runs that the caller may know of, newest first (UUIDv7 sorts by time), without layers."""
    rows = conn.execute(f"SELECT {_HEAD} FROM runs ORDER BY id DESC").fetchall()
    return [run_rows.run_from_head(head) for head in run_rows.heads_seen(caller, rows, lambda: there(conn, caller))]


def load(
    conn: sqlite3.Connection, run_id: str, caller: Caller, *, layers: Sequence[str] | None, incidence: bool
) -> Run:
    """Return one run with the requested layers; raise NotFound or UnknownName as ``protocol.Store.run``."""
    return run_rows.run_from_rows(_stored(conn, run_id, caller, layers=layers, incidence=incidence))


def plain_rows(conn: sqlite3.Connection, run_id: str, caller: Caller, layer: str) -> list[dict[str, Any]]:
    """Return the rows of one layer of a run: see ``protocol.Store.run_rows``; raises as ``load``."""
    header = _run_header(conn, run_id, caller)
    run_rows.requested_layers(header["id"], header["layers"], [layer])
    columns = run_rows.columns_of(run_rows.table_of(layer))
    values = _read_columns(conn, header["id"], layer, columns)
    return run_rows.plain_rows(columns, values, json.loads(header["layers"])[layer])


def export_run(conn: sqlite3.Connection, run_id: str, caller: Caller) -> StoredRun:
    """Return all of a run as stored; raise NotFound where there is none."""
    return _stored(conn, run_id, caller, layers=None, incidence=True)


def there(conn: sqlite3.Connection, caller: Caller) -> run_rows.RunsThere:
    """Return the ids among which a name of a run chooses."""
    found = conn.execute(
        "SELECT (SELECT id FROM runs WHERE published <> '' "
        "ORDER BY id = (SELECT value FROM gridsight_meta WHERE key = 'published') DESC, published DESC, id DESC "
        "LIMIT 1), "
        "(SELECT value FROM gridsight_meta WHERE key = 'published'), "
        "(SELECT max(id) FROM runs WHERE maker_role <> 'planner'), (SELECT max(id) FROM runs), "
        "(SELECT max(id) FROM runs WHERE maker = ?)",
        (caller.id,),
    ).fetchone()
    return run_rows.RunsThere(*found)


def publish(conn: sqlite3.Connection, run_id: str, caller: Caller) -> str:
    """Publish a run, inside the caller's transaction, and return its id; raise NotFound where there is none."""
    found = _run_header(conn, there(conn, caller).to_publish(run_id), caller)["id"]
    conn.execute(f"UPDATE runs SET published = {NOW} WHERE id = ?", (found,))
    conn.execute("INSERT OR REPLACE INTO gridsight_meta VALUES ('published', ?)", (found,))
    _refresh_contents(conn)
    return found


def remove(conn: sqlite3.Connection, run_id: str) -> None:
    """Delete a run with its layers, inside the caller's transaction; raise NotFound where there is none."""
    if not conn.execute("DELETE FROM runs WHERE id = ?", (run_id,)).rowcount:
        raise run_rows.no_such_run_error(run_id)
    conn.execute("DELETE FROM gridsight_incidence WHERE run = ?", (run_id,))
    for table in run_rows.TABLES:
        conn.execute(f'DELETE FROM "{table}" WHERE run = ?', (run_id,))
    _refresh_contents(conn)


def _refresh_contents(conn: sqlite3.Connection) -> None:
    for table in run_rows.TABLES:
        update_gpkg_contents(conn, table, *(view for view, (name, _, _) in LATEST_RUN_VIEWS.items() if name == table))
    conn.execute(f"UPDATE gpkg_contents SET last_change = {NOW} WHERE table_name = 'runs'")


def _stored(
    conn: sqlite3.Connection, run_id: str, caller: Caller, *, layers: Sequence[str] | None, incidence: bool
) -> StoredRun:
    """Return a run as stored, with the requested layers."""
    header = _run_header(conn, run_id, caller)
    names = run_rows.requested_layers(header["id"], header["layers"], layers)
    blob = None
    if incidence:
        blob = conn.execute("SELECT incidence FROM gridsight_incidence WHERE run = ?", (header["id"],)).fetchone()
    rows = {name: _read_layer(conn, header["id"], name) for name in names}
    return StoredRun(**header, rows=rows, incidence=blob[0] if blob else None)


def _run_header(conn: sqlite3.Connection, run_id: str, caller: Caller) -> dict[str, str]:
    if run_id in (run_rows.LATEST, run_rows.PUBLISHED):
        run_id = there(conn, caller).chosen(run_id, caller)
    rows = conn.execute(f"SELECT {_HEAD} FROM runs WHERE id = ?", (run_id,)).fetchall()
    found = run_rows.heads_seen(caller, rows, lambda: there(conn, caller))
    if not found:
        raise run_rows.no_such_run_error(run_id)
    return found[0]


def _write_layer(conn: sqlite3.Connection, run_id: str, name: str, rows: RunRows) -> None:
    from geo.storage.codec import geopackage_blobs

    columns = {"run": [run_id] * len(rows.shapes), **dict(zip(rows.columns, rows.values, strict=True))}
    if rows.table == run_rows.ZONES:
        columns["layer"] = [name] * len(rows.shapes)
    listed_columns = ", ".join(f'"{one}"' for one in columns)
    marks = ", ".join("?" * (1 + len(columns)))
    conn.executemany(
        f'INSERT INTO "{rows.table}" ("geom", {listed_columns}) VALUES ({marks})',
        zip(geopackage_blobs.encode(rows.shapes), *columns.values(), strict=True),
    )


def _read_layer(conn: sqlite3.Connection, run_id: str, name: str) -> RunRows:
    import shapely

    from geo.storage.codec import geopackage_blobs

    table = run_rows.table_of(name)
    columns = run_rows.columns_of(table)
    blobs, *values = _read_columns(conn, run_id, name, ("geom", *columns))
    shapes = shapely.from_wkb(geopackage_blobs.wkb(blobs), on_invalid="ignore")
    return RunRows(table.name, columns, shapes, values)


def _read_columns(conn: sqlite3.Connection, run_id: str, name: str, columns: Sequence[str]) -> list[list[Any]]:
    """Return the values of columns of one layer of a run, one list per column."""
    table = run_rows.table_of(name)
    listed_columns = ", ".join(f'"{one}"' for one in columns)
    sql, params = f'SELECT {listed_columns} FROM "{table.name}" WHERE run = ?', [run_id]
    if table.name == run_rows.ZONES:
        sql, params = f"{sql} AND layer = ?", [run_id, name]
    found = conn.execute(f"{sql} ORDER BY fid", params).fetchall()
    return [list(one) for one in zip(*found, strict=True)] if found else [[] for _ in columns]
