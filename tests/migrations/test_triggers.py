"""Edit the server's tables as psql and QGIS do, and read what the triggers made of it.

The rules are those of ``protocol.Store``; the contract tests of ``tests/storage`` hold the store to them, these hold
the database itself, whoever writes.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.migrations.sample_rows import A, B, acting, fill

_POINT = "ST_SetSRID(ST_MakePoint(%s, 37.5), 4326)"


@pytest.fixture
def conn(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("SET search_path = public")  # as an editor that knows nothing of ours connects
        yield conn


def day(conn: psycopg.Connection, text: str, actor: str = "") -> None:
    conn.execute("SELECT set_config('app.day', %s, false), set_config('app.actor', %s, false)", (text, actor))


def add(conn: psycopg.Connection, key: str, kind: str = "fixed", *, begins: str | None = None, ends: str | None = None):
    conn.execute(
        f"INSERT INTO gridsight.cameras (geom, id, kind, valid_from, valid_to) VALUES ({_POINT}, %s, %s, %s, %s)",
        (103, key, kind, begins, ends),
    )


def now(conn: psycopg.Connection, key: str = "a") -> tuple | None:
    row = conn.execute(
        "SELECT kind, version, valid_from::text, valid_to::text FROM gridsight.cameras WHERE id = %s", (key,)
    )
    return row.fetchone()


def past(conn: psycopg.Connection, key: str = "a") -> list[tuple]:
    return conn.execute(
        "SELECT kind, version, valid_from::text, valid_to::text, op, changed_by FROM gridsight.cameras_history "
        "WHERE id = %s ORDER BY version",
        (key,),
    ).fetchall()


def revision(conn: psycopg.Connection) -> int:
    return conn.execute("SELECT revision FROM gridsight.revisions WHERE layer = 'cameras'").fetchone()[0]


def change(conn: psycopg.Connection, sets: str, *values: object) -> None:
    conn.execute(f"UPDATE gridsight.cameras SET {sets} WHERE id = 'a'", values)


def test_an_update_begins_today_and_closes_what_was(conn: psycopg.Connection) -> None:
    add(conn, "a")
    day(conn, "2026-05-01", "ann")
    change(conn, "kind = 'ptz'")
    assert now(conn) == ("ptz", 2, "2026-05-01", None)
    assert past(conn) == [("fixed", 1, None, "2026-05-01", "update", "ann")]
    change(conn, "kind = 'dome'")  # on the same day: the version between is valid on no day
    assert now(conn) == ("dome", 3, "2026-05-01", None)
    assert past(conn)[1] == ("ptz", 2, "2026-05-01", "2026-05-01", "update", "ann")


def test_an_update_that_changes_nothing_is_no_version(conn: psycopg.Connection) -> None:
    add(conn, "a")
    before = revision(conn)
    change(conn, "kind = kind, geom = geom, version = 17, fid = fid")
    change(conn, "valid_from = NULL")
    assert now(conn) == ("fixed", 1, None, None)
    assert past(conn) == []
    assert revision(conn) == before


def test_dates_that_are_set_are_kept(conn: psycopg.Connection) -> None:
    add(conn, "a")
    day(conn, "2026-05-01")
    change(conn, "kind = 'ptz', valid_from = '2026-07-01'")  # ahead
    assert now(conn) == ("ptz", 2, "2026-07-01", None)
    assert past(conn)[0][3] == "2026-07-01"
    change(conn, "kind = 'dome'")  # corrects the future, and begins nothing today
    assert now(conn) == ("dome", 3, "2026-07-01", None)
    assert past(conn)[1][:4] == ("ptz", 2, "2026-07-01", "2026-05-01")
    change(conn, "kind = 'ptz', valid_from = '2026-02-01'")  # back
    assert now(conn) == ("ptz", 4, "2026-02-01", None)
    change(conn, "valid_to = '2026-04-01'")  # ends in the past: the past is corrected
    assert now(conn) == ("ptz", 5, "2026-02-01", "2026-04-01")
    assert past(conn)[3][:4] == ("ptz", 4, "2026-02-01", "2026-04-01")
    change(conn, "kind = 'x', valid_from = NULL")  # null leaves the date as it was
    assert now(conn) == ("x", 6, "2026-02-01", "2026-04-01")


def test_a_closing_date_already_earlier_stays(conn: psycopg.Connection) -> None:
    add(conn, "a", ends="2026-04-01")
    day(conn, "2026-05-01")
    conn.execute("DELETE FROM gridsight.cameras WHERE id = 'a'")
    assert past(conn) == [("fixed", 1, None, "2026-04-01", "delete", "external")]


def test_a_key_that_comes_back_begins_then_with_the_next_version(conn: psycopg.Connection) -> None:
    add(conn, "a")
    add(conn, "b")
    day(conn, "2026-05-01")
    conn.execute("DELETE FROM gridsight.cameras")
    day(conn, "2026-06-01")
    before = revision(conn)
    conn.execute(
        f"INSERT INTO gridsight.cameras (geom, id, kind, valid_from) VALUES ({_POINT}, 'a', 'new', NULL), "
        f"({_POINT}, 'b', 'new', '2026-05-15'), ({_POINT}, 'c', 'new', NULL)",
        (103, 103, 103),
    )
    assert now(conn, "a") == ("new", 2, "2026-06-01", None)
    assert now(conn, "b") == ("new", 2, "2026-05-15", None)
    assert now(conn, "c") == ("new", 1, None, None), "a key never seen was always there"
    assert [len(past(conn, key)) for key in "abc"] == [1, 1, 0], "coming back ends no version"
    assert revision(conn) == before + 1
    change(conn, "kind = 'ptz'")
    assert [row[1] for row in past(conn)] == [1, 2]
    assert now(conn)[1] == 3


def test_a_key_renamed_goes_on_under_the_new_one(conn: psycopg.Connection) -> None:
    add(conn, "a")
    add(conn, "z", "old")
    day(conn, "2026-05-01")
    conn.execute("DELETE FROM gridsight.cameras WHERE id = 'z'")
    change(conn, "id = 'z'")
    assert now(conn, "z") == ("fixed", 2, "2026-05-01", None), "z was there before, as version 1"
    assert past(conn, "a") == [("fixed", 1, None, "2026-05-01", "update", "external")]


def test_one_statement_is_one_revision_and_records_every_row(conn: psycopg.Connection) -> None:
    start = revision(conn)
    conn.execute(
        "INSERT INTO gridsight.cameras (geom, id, kind) "
        "SELECT ST_SetSRID(ST_MakePoint(103, 37), 4326), i::text, 'fixed' FROM generate_series(1, 100) i"
    )
    conn.execute("UPDATE gridsight.cameras SET kind = 'ptz' WHERE id::int <= 40")
    conn.execute("UPDATE gridsight.cameras SET kind = 'ptz' WHERE id = 'none'")
    conn.execute("DELETE FROM gridsight.cameras WHERE id::int > 90")
    assert revision(conn) == start + 3
    assert conn.execute("SELECT op, count(*) FROM gridsight.cameras_history GROUP BY 1 ORDER BY 1").fetchall() == [
        ("delete", 10),
        ("update", 40),
    ]
    conn.execute("TRUNCATE gridsight.cameras")
    assert conn.execute("SELECT count(*) FROM gridsight.cameras_history").fetchone() == (140,)


def test_an_upsert_in_one_statement(conn: psycopg.Connection) -> None:
    add(conn, "a")
    day(conn, "2026-05-01")
    conn.execute(
        f"INSERT INTO gridsight.cameras (geom, id, kind) VALUES ({_POINT}, 'a', 'ptz'), ({_POINT}, 'b', 'ptz') "
        "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, valid_from = excluded.valid_from",
        (103, 103),
    )
    assert now(conn, "a") == ("ptz", 2, "2026-05-01", None)
    assert now(conn, "b") == ("ptz", 1, None, None)
    assert past(conn) == [("fixed", 1, None, "2026-05-01", "update", "external")]


def test_a_trigger_of_the_countys_own_is_recorded_too(conn: psycopg.Connection) -> None:
    """Only the correction of a key that comes back is quiet, not whatever another trigger updates."""
    add(conn, "a")
    conn.execute(
        "CREATE FUNCTION public.follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE gridsight.cameras SET owner = NEW.name; RETURN NULL; END $$"
    )
    conn.execute("CREATE TRIGGER follow AFTER INSERT ON gridsight.roads FOR EACH ROW EXECUTE FUNCTION public.follow()")
    conn.execute(
        "INSERT INTO gridsight.roads (geom, id, name) "
        "VALUES (ST_GeomFromText('MULTILINESTRING((103 37,104 37))', 4326), 'r', 'town')"
    )
    assert now(conn)[1] == 2
    assert [row[1] for row in past(conn)] == [1]


def test_each_layer_keeps_its_own_history(conn: psycopg.Connection, database: str) -> None:
    fill(database)
    day(conn, "2026-06-01")
    for layer, key in [("divisions", "code"), ("villages", "code"), ("roads", "id"), ("obstacles", "id")]:
        before = conn.execute(f"SELECT count(*) FROM gridsight.{layer}").fetchone()[0]
        conn.execute(f"UPDATE gridsight.{layer} SET geom = ST_Translate(geom, 0, 0.001)")
        conn.execute(f"DELETE FROM gridsight.{layer}")
        found = conn.execute(
            f"SELECT count(*), count(DISTINCT {key}), min(version), max(version), count(geom) "
            f"FROM gridsight.{layer}_history"
        ).fetchone()
        assert found == (2 * before, before, 1, 2, 2 * before)


def test_scoped_rows_know_their_township(conn: psycopg.Connection, database: str) -> None:
    fill(database)
    rows = dict(conn.execute("SELECT id, township FROM gridsight.demand").fetchall())
    assert rows == {"a1": A, "a2": A, "b1": B, "x1": None}
    conn.execute(f"UPDATE gridsight.cameras SET geom = {_POINT} WHERE id = 'a2'", (102.5,))
    assert conn.execute("SELECT township FROM gridsight.cameras WHERE id = 'a2'").fetchone() == (B,)
    assert conn.execute("SELECT township FROM gridsight.cameras_history WHERE id = 'a2'").fetchone() == (A,)
    # The border of both belongs to the lower code, as everywhere (rule L1).
    conn.execute(f"UPDATE gridsight.cameras SET geom = {_POINT} WHERE id = 'a2'", (102,))
    assert conn.execute("SELECT township FROM gridsight.cameras WHERE id = 'a2'").fetchone() == (A,)
    # A bulk statement of an operator may know better; what it says is kept.
    conn.execute(f"INSERT INTO gridsight.cameras (geom, id, township) VALUES ({_POINT}, 'k', '{B}')", (101.5,))
    assert conn.execute("SELECT township FROM gridsight.cameras WHERE id = 'k'").fetchone() == (B,)


def test_new_borders_move_rows_to_their_township(conn: psycopg.Connection, database: str) -> None:
    fill(database)
    day(conn, "2026-06-01")
    before = revision(conn)
    versions = conn.execute("SELECT count(*) FROM gridsight.cameras_history").fetchone()
    conn.execute(
        "UPDATE gridsight.divisions SET geom = ST_Multi(ST_MakeEnvelope(101, 37, 101.5, 38, 4326)) WHERE name = 'A'"
    )
    conn.execute(
        "UPDATE gridsight.divisions SET geom = ST_Multi(ST_MakeEnvelope(101.5, 37, 103, 38, 4326)) WHERE name = 'B'"
    )
    assert conn.execute("SELECT gridsight.refresh_townships()").fetchone() == (3,), "a2 of three layers"
    assert dict(conn.execute("SELECT id, township FROM gridsight.cameras").fetchall()) == {
        "a1": A, "a2": B, "b1": B, "x1": None,
    }  # fmt: skip
    assert revision(conn) == before + 1
    assert conn.execute("SELECT count(*) FROM gridsight.cameras_history").fetchone() == versions, "no edit of a camera"
    gaps = dict(conn.execute("SELECT rank, township FROM gridsight.run_gaps").fetchall())
    assert gaps == {1: B, 2: B, 3: B}
    assert conn.execute("SELECT gridsight.refresh_townships()").fetchone() == (0,)
    with acting(database, "admin") as admin:
        assert admin.execute("SELECT gridsight.refresh_townships()").fetchone() == (0,)
    with acting(database, "planner", A) as planner, pytest.raises(psycopg.errors.InsufficientPrivilege):
        planner.execute("SELECT gridsight.refresh_townships()")


def test_a_township_not_yet_or_no_longer_valid_owns_nothing(conn: psycopg.Connection, database: str) -> None:
    fill(database)
    conn.execute("UPDATE gridsight.divisions SET valid_to = '2026-05-31' WHERE name = 'A'")
    for today, expected in (("2026-05-30", A), ("2026-05-31", None)):
        day(conn, today)
        found = conn.execute(f"SELECT gridsight.township_of({_POINT})", (101.5,)).fetchone()
        assert found == (expected,), today


def test_an_old_run_stays_whose_it_was(conn: psycopg.Connection, database: str) -> None:
    """A camera that moves over the border, or another one of its id, takes no old view along; a new border does."""
    fill(database)
    read = "SELECT DISTINCT id, township FROM gridsight.{} ORDER BY 1"
    gaps = "SELECT rank, camera_township FROM gridsight.run_gaps"
    conn.execute(f"UPDATE gridsight.cameras SET geom = {_POINT} WHERE id = 'b1'", (101.5,))
    conn.execute("DELETE FROM gridsight.cameras WHERE id = 'a1'")
    conn.execute(f"INSERT INTO gridsight.cameras (geom, id) VALUES ({_POINT}, 'a1')", (102.5,))
    assert dict(conn.execute("SELECT id, township FROM gridsight.cameras WHERE id ~ '1'").fetchall())["b1"] == A
    conn.execute("SELECT gridsight.refresh_townships()")
    for table in ("run_views", "run_possible"):
        assert conn.execute(read.format(table)).fetchall() == [("a1", A), ("b1", B)]
    assert dict(conn.execute(gaps).fetchall()) == {1: A, 2: B, 3: B}
    for name, west, east in (("A", 101, 101.2), ("B", 101.2, 103)):
        box = "ST_Multi(ST_MakeEnvelope(%s, 37, %s, 38, 4326))"
        conn.execute(f"UPDATE gridsight.divisions SET geom = {box} WHERE name = %s", (west, east, name))
    conn.execute("SELECT gridsight.refresh_townships()")
    assert conn.execute(read.format("run_views")).fetchall() == [("a1", B), ("b1", B)], "where a1 stood is B's now"
