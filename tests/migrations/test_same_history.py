"""Make the same edits by SQL in a workspace file and in the database: their triggers must tell the same history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.storage.codec import geopackage_blobs
from geo.storage.geopackage.connections import configure_connection
from geo.storage.geopackage.store import open_store

_DAYS = [f"2026-0{month}-01" for month in range(2, 8)]
_KEYS = st.sampled_from("abc")
_DATE = st.sampled_from(_DAYS)
_KIND = st.sampled_from(["fixed", "ptz", None])
_SETS = st.fixed_dictionaries({}, optional={"kind": _KIND, "valid_from": _DATE, "valid_to": st.none() | _DATE})
_EDITS = st.one_of(
    st.tuples(st.just("insert"), _KEYS, st.fixed_dictionaries({"kind": _KIND, "valid_from": st.none() | _DATE,
                                                               "valid_to": st.none() | _DATE})),
    st.tuples(st.just("update"), _KEYS, _SETS),
    st.tuples(st.just("rename"), _KEYS, _KEYS),
    st.tuples(st.just("delete"), _KEYS, st.none()),
    st.tuples(st.just("all"), st.none(), _SETS),
)  # fmt: skip
_POINT = geopackage_blobs.encode([shapely.Point(103, 37)])[0]
_NOW = "SELECT id, kind, {0}, {1} FROM {2}cameras ORDER BY id"
_PAST = "SELECT id, version, kind, {0}, {1}, op, changed_by FROM {2}cameras_history ORDER BY id, version"


class Workspace:
    """Edit a workspace file as another program does."""

    def __init__(self, path: Path) -> None:
        open_store(path).close()
        self.conn = sqlite3.connect(path, isolation_level=None)
        configure_connection(self.conn)

    def begin(self) -> None:
        self.conn.execute("BEGIN")

    def day(self, text: str) -> None:
        self.conn.execute("UPDATE gridsight_actor SET day = ?", (text,))

    def run(self, sql: str, values: list[object]) -> None:
        self.conn.execute(sql.format(table="cameras", geom=f"x'{_POINT.hex()}'").replace("%s", "?"), values)

    def told(self) -> tuple[list[tuple], list[tuple]]:
        words = ("valid_from", "valid_to", "")
        return self.conn.execute(_NOW.format(*words)).fetchall(), self.conn.execute(_PAST.format(*words)).fetchall()

    def end(self) -> None:
        self.conn.execute("ROLLBACK")


class Server:
    """Edit the database as psql does."""

    def __init__(self, url: str) -> None:
        self.conn = psycopg.connect(url)

    def begin(self) -> None:
        self.conn.execute("SELECT 1")

    def day(self, text: str) -> None:
        self.conn.execute("SELECT set_config('app.day', %s, true)", (text,))

    def run(self, sql: str, values: list[object]) -> None:
        point = "ST_SetSRID(ST_MakePoint(103, 37), 4326)"
        self.conn.execute(sql.format(table="gridsight.cameras", geom=point), values)

    def told(self) -> tuple[list[tuple], list[tuple]]:
        words = ("valid_from::text", "valid_to::text", "gridsight.")
        return self.conn.execute(_NOW.format(*words)).fetchall(), self.conn.execute(_PAST.format(*words)).fetchall()

    def versions(self) -> list[tuple]:
        return self.conn.execute(
            "SELECT c.version, 1 + coalesce(max(h.version), 0) FROM gridsight.cameras c "
            "LEFT JOIN gridsight.cameras_history h USING (id) GROUP BY c.id, c.version"
        ).fetchall()

    def end(self) -> None:
        self.conn.rollback()


@pytest.fixture
def both(database: str, tmp_path: Path) -> Iterator[tuple[Workspace, Server]]:
    workspace, server = Workspace(tmp_path / "w.gpkg"), Server(database)
    yield workspace, server
    workspace.conn.close()
    server.conn.close()


def _apply(store: Workspace | Server, edit: tuple, keys: set[str]) -> set[str]:
    """Make one edit where its key allows it, and return the keys there are then."""
    what, key, more = edit
    if what == "insert" and key not in keys:
        values = [key, more["kind"], more["valid_from"], more["valid_to"]]
        store.run("INSERT INTO {table} (geom, id, kind, valid_from, valid_to) VALUES ({geom}, %s, %s, %s, %s)", values)
        return keys | {key}
    if what in ("update", "all") and more:
        sets = ", ".join(f"{name} = %s" for name in more)
        where = " WHERE id = %s" if what == "update" else ""
        store.run(f"UPDATE {{table}} SET {sets}{where}", [*more.values(), *([key] if where else [])])
    if what == "rename" and key in keys and more not in keys:
        store.run("UPDATE {table} SET id = %s WHERE id = %s", [more, key])
        return keys - {key} | {more}
    if what == "delete":
        store.run("DELETE FROM {table} WHERE id = %s", [key])
        return keys - {key}
    return keys


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.tuples(_DATE, _EDITS), min_size=2, max_size=10))
def test_the_same_edits_make_the_same_history(both: tuple[Workspace, Server], edits: list[tuple[str, tuple]]) -> None:
    server = both[1]
    told = []
    for store in both:
        store.begin()
        try:
            keys: set[str] = set()
            for day, edit in edits:
                store.day(day)
                keys = _apply(store, edit, keys)
            told.append(store.told())
            if store is server:
                assert all(stored == told_by_history for stored, told_by_history in server.versions())
        finally:
            store.end()
    assert told[0] == told[1]
