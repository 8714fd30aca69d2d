"""Build the database step by step, take it back, and hold the migrations to geo.storage.postgis.tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import migrations
from geo.errors import BadValue, StoreBroken, StoreBusy, StoreDown, UnknownName
from geo.storage.postgis import maintenance
from geo.storage.postgis.tables import metadata
from geo.storage.postgis.urls import engine_url
from tests import postgres
from tests.migrations.sample_rows import contents, fill, known_to, tables

FILES = sorted((Path(migrations.__file__).parent / "versions").glob("2*.py"))


@pytest.fixture
def empty(server: str) -> Iterator[str]:
    with postgres.fresh_database(server) as url:
        yield url


def revisions() -> list[str]:
    return [path.name.split("_")[1] for path in FILES]


def test_the_tables_are_those_the_store_names(database: str) -> None:
    engine = sa.create_engine(engine_url(database), poolclass=sa.pool.NullPool)
    ours = {
        "include_schemas": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == "gridsight",
        "include_object": lambda _, name, kind, *__: (
            kind != "table" or not name.startswith(("procrastinate", "alembic"))
        ),
    }
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn, opts=ours), metadata) == []
        conn.exec_driver_sql("ALTER TABLE gridsight.roads ADD COLUMN lanes bigint")
        conn.exec_driver_sql("DROP INDEX gridsight.grids_geom")
        found = compare_metadata(MigrationContext.configure(conn, opts=ours), metadata)
        assert {one[0] for one in found} == {"remove_column", "add_index"}, "the comparison sees what differs"
        conn.rollback()


def test_texts_sort_by_code_point(database: str) -> None:
    with psycopg.connect(database) as conn:
        other = conn.execute(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_collation l ON l.oid = a.attcollation "
            "WHERE n.nspname = 'gridsight' AND c.relkind = 'r' AND l.collname <> 'C' "
            "AND c.relname !~ '^(procrastinate|alembic)_'"
        ).fetchall()
        assert other == []


def test_down_and_up_again_loses_nothing_that_the_older_version_knows(empty: str) -> None:
    first = revisions()[0]
    steps = maintenance.upgrade(empty)
    assert [step.split()[1] for step in steps] == revisions()
    assert maintenance.upgrade(empty) == [], "nothing is left to do"
    fill(empty)
    before = contents(empty)
    empty_ones = {f"{name}_history" for name in ("addresses", "divisions", "obstacles", "roads", "villages")}
    assert {name for name, rows in before.items() if not rows} == empty_ones, "everything else has rows"
    for revision in reversed(revisions()[:-1]):
        assert len(maintenance.downgrade(empty, to=revision)) == 1
        now = contents(empty)
        assert now == known_to(now, before), revision
    oldest = contents(empty)
    older = set(oldest)
    assert {"cameras", "cameras_history", "runs", "run_gaps", "revisions"} <= older
    assert not {"audit", "api_keys", "jobs"} & older
    assert maintenance.current(empty) == first
    maintenance.upgrade(empty)
    again = contents(empty)
    assert known_to(oldest, again) == oldest
    assert again.keys() == before.keys()
    maintenance.downgrade(empty, to="base")
    assert maintenance.current(empty) is None
    with psycopg.connect(empty) as conn:
        assert tables(conn) == []
        assert conn.execute(
            "SELECT count(*) FROM pg_proc WHERE pronamespace = 'gridsight'::regnamespace"
        ).fetchone() == (0,)
        assert conn.execute("SELECT count(*) FROM pg_roles WHERE rolname ~ '^gridsight'").fetchone() == (6,)
    maintenance.upgrade(empty)


def test_every_step_down_makes_functions_and_policies_what_they_were(empty: str) -> None:
    """Several steps make one function anew: each must build on the one before, and put that one back."""

    def made() -> dict[str, list[str]]:
        with psycopg.connect(empty) as conn:
            found = conn.execute(
                "SELECT oid::regprocedure::text, pg_get_functiondef(oid) FROM pg_proc "
                "WHERE pronamespace = 'gridsight'::regnamespace UNION ALL "
                "SELECT tablename || ' ' || policyname, coalesce(qual, '') || ' ' || coalesce(with_check, '') "
                "FROM pg_policies WHERE schemaname = 'gridsight'"
            ).fetchall()
        # In which order a function names the layers says nothing.
        return {name: sorted(text.splitlines()) for name, text in found}

    after = {}
    for revision in revisions():
        maintenance.upgrade(empty, to=revision)
        after[revision] = made()
    for revision in reversed(revisions()[:-1]):
        maintenance.downgrade(empty, to=revision)
        now = made()
        assert sorted(now) == sorted(after[revision]), revision
        assert [one for one in now if now[one] != after[revision][one]] == [], revision


def test_rows_written_before_the_rights_get_their_township(empty: str) -> None:
    maintenance.upgrade(empty, to="0001")
    fill(empty, rights=False)
    maintenance.upgrade(empty)
    with psycopg.connect(empty) as conn:
        for name in ("cameras", "demand", "protected"):
            rows = dict(conn.execute(f"SELECT id, township FROM gridsight.{name}").fetchall())
            assert rows == {"a1": "620622100", "a2": "620622100", "b1": "620622101", "x1": None}
            past = dict(conn.execute(f"SELECT id, township FROM gridsight.{name}_history").fetchall())
            assert past == {"a1": "620622100", "b1": "620622101"}
        assert conn.execute("SELECT count(*) FROM gridsight.cameras WHERE version > 2").fetchone() == (0,)


def test_a_table_in_use_stops_the_upgrade_soon_and_whole(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("migrations.steps.LOCK_SECONDS", 0.2)
    maintenance.upgrade(empty, to="0001")
    with psycopg.connect(empty) as reader:
        reader.execute("SELECT count(*) FROM gridsight.protected")  # a long report holds the table
        with pytest.raises(StoreBusy):
            maintenance.upgrade(empty)
    assert maintenance.current(empty) == "0001"
    with psycopg.connect(empty) as conn:
        assert "audit" not in tables(conn)
        assert conn.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'cameras'").fetchone() == (False,)
    maintenance.upgrade(empty)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_step_begins_with_a_lock_timeout(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    ups, downs = text.split("def upgrade()")[1].split("def downgrade()")
    for half in (ups, downs):
        body = half.split('"""', 2)[2].strip()
        assert body.startswith("begin("), "begin() sets lock_timeout and the owner's role"


def test_two_upgrades_at_once(empty: str) -> None:
    with psycopg.connect(empty, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (maintenance._LOCK,))
        with pytest.raises(StoreBusy):
            maintenance.upgrade(empty)
    assert maintenance.current(empty) is None


def test_an_operator_who_is_no_superuser(empty: str, migrated: str) -> None:
    """The roles of the cluster are there already; this one may make roles, and is a member of the owner."""
    name = empty.rpartition("/")[2]
    operator = f"operator_{name}"
    with psycopg.connect(empty, autocommit=True) as conn:
        conn.execute(f"CREATE ROLE {operator} LOGIN CREATEROLE")
        conn.execute(f"ALTER DATABASE {name} OWNER TO {operator}")
    try:
        theirs = postgres.database_url(empty, name, login=operator)
        with pytest.raises(StoreBroken):
            maintenance.upgrade(theirs)  # no PostGIS yet, which a superuser must add
        with psycopg.connect(empty, autocommit=True) as conn:
            conn.execute("CREATE EXTENSION postgis SCHEMA public")
            conn.execute(f"GRANT gridsight_owner TO {operator}")
        maintenance.upgrade(theirs)
        fill(empty)
        login = postgres.database_url(empty, name, login="gridsight")
        assert len(maintenance.require_startup_checks(login)) == 2, "what only a superuser can set is warned of"
        assert maintenance.maintenance_warnings(empty) == maintenance.require_startup_checks(login)
        maintenance.upgrade(empty)
        assert maintenance.require_startup_checks(login) == []
    finally:
        with psycopg.connect(empty, autocommit=True) as conn:
            conn.execute(f"ALTER DATABASE {name} OWNER TO postgres")
            conn.execute(f"DROP OWNED BY {operator}")
            conn.execute(f"DROP ROLE {operator}")


def test_what_cannot_be_upgraded_is_told_in_one_sentence(empty: str) -> None:
    with pytest.raises(UnknownName):
        maintenance.upgrade(empty, to="9999")
    with pytest.raises(BadValue):
        maintenance.upgrade("mysql://root@localhost/x")
    with pytest.raises(StoreDown) as caught:
        maintenance.upgrade("postgresql://u:secret@127.0.0.1:1/x")
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreBroken):
        maintenance.upgrade(f"{empty}_absent")
    assert maintenance.current(empty) is None
