"""Store runs in the database and read them as a caller may see them (docs/contract.md section 5).

Runs are computed over the whole county. Rows that reveal cameras have a township: views that of their camera, gaps that
of their position; coverage, which is dissolved over all, is stored again cut by township for planners.
"""

from __future__ import annotations

# Names in SQL come from geo.storage.geopackage.schema and geo.storage.codec.run_rows, never from a caller.
# ruff: noqa: S608
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from geo.errors import NotAllowed
from geo.storage.codec import geopackage_blobs, run_rows
from geo.storage.postgis import coverage_by_township
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.writes import staged
from geo.storage.records import RunRows, StoredRun
from geo.types import Run

_HEAD = ", ".join(run_rows.HEAD)
_TYPES = {"text": "text", "number": "double precision", "integer": "bigint"}
_PART_COLUMNS = (("geom", "geometry"), ("township", "text"), ("k", "bigint"), ("area_m2", "double precision"))
#: Roles that read the whole county, and roles that read their townships.
_COUNTY_ROLES, _SCOPED_ROLES = ("admin", "worker"), ("planner",)
_AT_POSITION = 'township_of(ST_SetSRID(ST_MakePoint(s."lon", s."lat"), 4326))'
#: Where its cameras stood when the run read them; the row of the run is saved before.
_CAMERAS = "LEFT JOIN cameras_of_run(:run) AS c ON c.id = s."
#: Table -> the township columns of its rows, and the join that provides them.
_TOWNSHIPS = {
    "run_views": ({"township": "c.township"}, f'{_CAMERAS}"id"'),
    "run_possible": ({"township": "c.township"}, f'{_CAMERAS}"id"'),
    "run_gaps": ({"township": _AT_POSITION, "camera_township": "c.township"}, f'{_CAMERAS}"camera"'),
}


def import_run(conn: Connection, stored: StoredRun) -> None:
    """Save a run as stored, inside the caller's transaction; raise Conflict where its id exists."""
    if conn.row("SELECT 1 FROM runs WHERE id = :id", id=stored.id):
        raise run_rows.run_id_exists_error(stored.id)
    head = {name: getattr(stored, name) for name in run_rows.HEAD}
    marks = ", ".join(f":{name}" for name in head)
    conn.change(f"INSERT INTO runs ({_HEAD}) VALUES ({marks})", **head)
    for name, rows in stored.rows.items():
        _write_layer(conn, stored.id, name, rows)
    if "coverage" in stored.rows:
        _write_coverage_parts(conn, stored)
    if stored.incidence is not None:
        conn.change("INSERT INTO run_incidence VALUES (:run, :incidence)", run=stored.id, incidence=stored.incidence)


def listed(conn: Connection) -> list[Run]:
    """Return the runs that the caller may know of, newest first (UUIDv7 sorts by time), without layers."""
    rows = conn.rows(f"SELECT {_HEAD} FROM runs ORDER BY id DESC")
    return [run_rows.run_from_head(head) for head in run_rows.heads_seen(conn.caller, rows, lambda: there(conn))]


def load(conn: Connection, run_id: str, *, layers: Sequence[str] | None, incidence: bool) -> Run:
    """Return one run with the requested layers, as the caller may see them.

    Raises
    ------
    NotFound, UnknownName
        As ``protocol.Store.run``.
    NotAllowed
        The role of the caller may not read a layer.
    """
    role = conn.caller.role
    if incidence and role not in _COUNTY_ROLES:
        raise _not_allowed_error("incidence")
    head = _run_header(conn, run_id)
    names = run_rows.requested_layers(head["id"], head["layers"], layers)
    if layers is None:
        names = [name for name in names if _may_read(role, name)]
    _require_readable(role, names)
    rows = {name: _read_layer(conn, head["id"], name) for name in names}
    blob = _incidence(conn, head["id"]) if incidence else None
    return run_rows.run_from_rows(StoredRun(**head, rows=rows, incidence=blob))


def plain_rows(conn: Connection, run_id: str, layer: str) -> list[dict[str, Any]]:
    """Return the rows of one layer of a run, as the caller may see them: see ``protocol.Store.run_rows``.

    Raises
    ------
    NotFound, UnknownName, NotAllowed
        As ``load``.
    """
    head = _run_header(conn, run_id)
    _require_readable(conn.caller.role, run_rows.requested_layers(head["id"], head["layers"], [layer]))
    rows = _read_layer(conn, head["id"], layer, with_shapes=False)
    return run_rows.plain_rows(rows.columns, rows.values, json.loads(head["layers"])[layer])


def export_run(conn: Connection, run_id: str) -> StoredRun:
    """Return all of a run as stored; raise NotFound where there is none."""
    if conn.caller.role not in _COUNTY_ROLES:
        raise _not_allowed_error("incidence")
    head = _run_header(conn, run_id)
    rows = {
        name: _read_layer(conn, head["id"], name)
        for name in run_rows.requested_layers(head["id"], head["layers"], None)
    }
    return StoredRun(**head, rows=rows, incidence=_incidence(conn, head["id"]))


def there(conn: Connection) -> run_rows.RunsThere:
    """Return the ids among which a name of a run chooses."""
    found = conn.row(
        "SELECT (SELECT id FROM runs WHERE published <> '' "
        "ORDER BY id = (SELECT value FROM settings WHERE name = 'published') DESC, published DESC, id DESC LIMIT 1), "
        "(SELECT value FROM settings WHERE name = 'published'), "
        "(SELECT max(id) FROM runs WHERE maker_role <> 'planner'), (SELECT max(id) FROM runs), "
        "(SELECT max(id) FROM runs WHERE maker = :maker)",
        maker=conn.caller.id,
    )
    return run_rows.RunsThere(*(found or (None,) * 5))


def publish(conn: Connection, run_id: str) -> str:
    """Publish a run, inside the caller's transaction, and return its id; raise NotFound where there is none."""
    found = _run_header(conn, there(conn).to_publish(run_id))["id"]
    conn.change(
        "UPDATE runs SET published = to_char(clock_timestamp() AT TIME ZONE 'UTC', :form) WHERE id = :id",
        form='YYYY-MM-DD"T"HH24:MI:SS.US"Z"',
        id=found,
    )
    return found


def remove(conn: Connection, run_id: str) -> None:
    """Delete a run with its layers, inside the caller's transaction; raise NotFound where the caller may delete none.

    A planner may delete its own runs while they are not published.
    """
    if not conn.change("DELETE FROM runs WHERE id = :id", id=run_id):  # foreign keys delete the rest
        raise run_rows.no_such_run_error(run_id)


def _may_read(role: str, layer: str) -> bool:
    return role in (*_COUNTY_ROLES, *_SCOPED_ROLES) or run_rows.table_of(layer).name == run_rows.ZONES


def _require_readable(role: str, layers: Sequence[str]) -> None:
    for name in layers:
        if not _may_read(role, name):
            raise _not_allowed_error(name)


def _not_allowed_error(what: str) -> NotAllowed:
    return NotAllowed(f"您的权限不允许查看 {what}", f"your rights do not allow a look at {what}")


def _run_header(conn: Connection, run_id: str) -> dict[str, str]:
    if run_id in (run_rows.LATEST, run_rows.PUBLISHED):
        run_id = there(conn).chosen(run_id, conn.caller)
    rows = conn.rows(f"SELECT {_HEAD} FROM runs WHERE id = :id", id=run_id)
    found = run_rows.heads_seen(conn.caller, rows, lambda: there(conn))
    if not found:
        raise run_rows.no_such_run_error(run_id)
    return found[0]


def _incidence(conn: Connection, run_id: str) -> bytes | None:
    found: bytes | None = conn.value("SELECT incidence FROM run_incidence WHERE run = :run", run=run_id)
    return found


def _write_layer(conn: Connection, run_id: str, name: str, rows: RunRows) -> None:
    """Insert the rows of one layer by a temporary table, since COPY does not apply row policies."""
    if not len(rows.shapes):
        return
    kinds = dict(run_rows.TABLES[rows.table].columns)
    columns = [("geom", "geometry"), *((one, _TYPES[kinds[one]]) for one in rows.columns)]
    fixed = {"run": run_id} | ({"layer": name} if rows.table == run_rows.ZONES else {})
    townships, joined = _TOWNSHIPS.get(rows.table, ({}, ""))
    data_columns = [one for one, _ in columns]
    into = ", ".join(f'"{one}"' for one in (*data_columns, *fixed, *townships))
    values = ", ".join([*(f's."{one}"' for one in data_columns), *(f":{one}" for one in fixed), *townships.values()])
    shapes = zip(geopackage_blobs.ewkb(rows.shapes), *rows.values, strict=True)
    with staged(conn, "staged_run", columns, shapes, count=len(rows.shapes)) as table:
        conn.change(
            f'INSERT INTO "{rows.table}" ({into}) SELECT {values} FROM {table} AS s {joined} ORDER BY s."row"', **fixed
        )


def _write_coverage_parts(conn: Connection, stored: StoredRun) -> None:
    """Write the coverage cut by township."""
    towns = conn.rows(
        "SELECT left(code, 9), ST_AsBinary(geom, 'NDR') FROM divisions WHERE level = 'township' AND geom IS NOT NULL "
        "AND coalesce(valid_from, '-infinity') <= today() AND coalesce(valid_to, 'infinity') > today() ORDER BY code"
    )
    rows = stored.rows["coverage"]
    values = dict(zip(rows.columns, rows.values, strict=True))
    parts = coverage_by_township.cut_by_township(
        values["k"],
        rows.shapes,
        stored.crs,
        [code for code, _ in towns],
        shapely.from_wkb([shape for _, shape in towns]),
    )
    shapes = zip(geopackage_blobs.ewkb(parts.shapes), parts.codes, parts.ks, parts.areas, strict=True)
    with staged(conn, "staged_run", _PART_COLUMNS, shapes, count=len(parts.codes)) as table:
        names = ", ".join(one for one, _ in _PART_COLUMNS)
        conn.change(
            f"INSERT INTO run_coverage_parts (run, {names}) SELECT :run, {names} FROM {table} ORDER BY row",
            run=stored.id,
        )


def _read_layer(conn: Connection, run_id: str, name: str, *, with_shapes: bool = True) -> RunRows:
    """Return the rows of one layer that the caller may see; without shapes, each is None."""
    table = run_rows.table_of(name)
    columns = run_rows.columns_of(table)
    params: dict[str, Any] = {"run": run_id}
    is_scoped = conn.caller.role in _SCOPED_ROLES
    if is_scoped and table.name == "run_coverage":
        return _dissolved(conn, run_id, columns, with_shapes=with_shapes)
    # What tells of a camera out of scope is null in the view, which tiles read too.
    source = "run_gaps_seen" if table.name == "run_gaps" else table.name
    where = "run = :run"
    if table.name == run_rows.ZONES:
        where, params["layer"] = f"{where} AND layer = :layer", name
    geom = _geom("geom", with_shapes=with_shapes)
    found = conn.rows(
        f"""SELECT {geom}, {", ".join(f'"{one}"' for one in columns)} FROM "{source}" WHERE {where} ORDER BY fid""",
        **params,
    )
    return _rows(table.name, columns, found)


def _dissolved(conn: Connection, run_id: str, columns: Sequence[str], *, with_shapes: bool) -> RunRows:
    """Return the coverage of the caller's townships, dissolved by k."""
    given = {"k": "k", "area_m2": "sum(area_m2)"}
    listed = ", ".join(given.get(one, "NULL") for one in columns)
    found = conn.rows(
        f"SELECT {_geom('ST_Multi(ST_Union(geom))', with_shapes=with_shapes)}, {listed} FROM run_coverage_parts "
        "WHERE run = :run GROUP BY k ORDER BY k",
        run=run_id,
    )
    return _rows("run_coverage", columns, found)


def _geom(expression: str, *, with_shapes: bool) -> str:
    return f"ST_AsBinary({expression}, 'NDR')" if with_shapes else "NULL::bytea"


def _rows(table: str, columns: Sequence[str], found: Sequence[Sequence[Any]]) -> RunRows:
    values = [list(one) for one in zip(*found, strict=True)] if found else [[] for _ in range(1 + len(columns))]
    shapes = shapely.from_wkb(np.array(values[0], dtype=object))
    return RunRows(table, tuple(columns), np.atleast_1d(shapes), values[1:])
