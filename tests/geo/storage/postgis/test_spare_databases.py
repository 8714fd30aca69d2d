"""A database that is emptied is as one just migrated, so that tests may lend one another theirs."""

from __future__ import annotations

import psycopg

from tests import postgres
from tests.geo.storage.conftest import emptied
from tests.migrations.sample_rows import REFERENCE, fill

#: Filled by no layer and no run: the queue, and its jobs.
QUEUE = {"jobs", *(f"procrastinate_{name}" for name in ("jobs", "workers", "events", "periodic_defers"))}


def rows(conn: psycopg.Connection) -> dict[str, list[str]]:
    """Return all rows of every table, as text."""
    names = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'gridsight' ORDER BY 1").fetchall()
    return {
        name: [row[0] for row in conn.execute(f"SELECT t::text FROM gridsight.{name} t ORDER BY 1")]
        for (name,) in names
    }


def state(url: str) -> dict[str, object]:
    """Return all rows, where each sequence stands, and the columns and triggers of every table."""
    with psycopg.connect(url) as conn:
        sequences = conn.execute("SELECT * FROM pg_sequences WHERE schemaname = 'gridsight' ORDER BY 2").fetchall()
        columns = conn.execute(
            "SELECT table_name, column_name, data_type, column_default FROM information_schema.columns "
            "WHERE table_schema = 'gridsight' ORDER BY 1, ordinal_position"
        ).fetchall()
        triggers = conn.execute("SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger ORDER BY 1, 2")
        return {"rows": rows(conn), "sequences": sequences, "columns": columns, "triggers": triggers.fetchall()}


def test_an_emptied_database_is_as_a_new_one(server: str, migrated: str) -> None:
    with (
        postgres.fresh_database(server, template=migrated) as new,
        postgres.fresh_database(server, template=migrated) as used,
    ):
        fill(used)
        with psycopg.connect(used) as conn:
            for name in REFERENCE:
                conn.execute(f"DELETE FROM gridsight.{name} WHERE ctid = (SELECT min(ctid) FROM gridsight.{name})")
            conn.execute("INSERT INTO gridsight.procrastinate_workers DEFAULT VALUES")
            assert {name for name, found in rows(conn).items() if not found} < QUEUE
        assert state(used) != state(new)
        emptied(used)
        assert state(used) == state(new)
