"""Give every contract test each kind of store, with a calendar the test turns by hand."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from tests import postgres

if TYPE_CHECKING:
    from geo.storage.postgis.store import PostgisStore


class Clock:
    """Tell the day the test says it is."""

    def __init__(self) -> None:
        self.day = date(2026, 3, 1)

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty workspace to copy: a tenth of the time of making one."""
    path = tmp_path_factory.mktemp("empty") / "workspace.gpkg"
    open_store(path).close()
    return path


@pytest.fixture(params=["geopackage", pytest.param("postgis", marks=pytest.mark.server)])
def make_store(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Callable[[], Store]]:
    """Return a function that makes an empty store of each kind."""
    made: list[Store] = []
    with contextlib.ExitStack() as lent:
        make = _workspaces(request, clock) if request.param == "geopackage" else _databases(request, clock, lent)

        def make_one() -> Store:
            made.append(make(len(made)))
            return made[-1]

        yield make_one
        for one in made:
            one.close()


def _workspaces(request: pytest.FixtureRequest, clock: Clock) -> Callable[[int], Store]:
    empty = request.getfixturevalue("empty_workspace")
    folder = request.getfixturevalue("tmp_path")

    def make(number: int) -> Store:
        path = folder / f"workspace{number}.gpkg"
        shutil.copyfile(empty, path)
        return open_store(path, today=clock)

    return make


def _databases(request: pytest.FixtureRequest, clock: Clock, lent: contextlib.ExitStack) -> Callable[[int], Store]:
    from geo.storage.postgis.store import open_database

    databases = request.getfixturevalue("spare_databases")

    def make(number: int) -> Store:
        return open_database(postgres.service_url(lent.enter_context(databases.lent())), today=clock)

    return make


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()


class SpareDatabases:
    """Lend migrated databases, and empty each before it is lent again: a tenth of the time of making one."""

    def __init__(self, server: str, template: str, made: contextlib.ExitStack) -> None:
        self._server = server
        self._template = template
        self._made = made
        self._free: list[str] = []

    @contextlib.contextmanager
    def lent(self) -> Iterator[str]:
        """Give the superuser's URL of an empty database; one left by an error is not lent again."""
        if not self._free:
            self._free.append(self._made.enter_context(postgres.fresh_database(self._server, template=self._template)))
        url = self._free.pop()
        yield url
        emptied(url)
        self._free.append(url)


@pytest.fixture(scope="session")
def spare_databases(server: str, migrated: str) -> Iterator[SpareDatabases]:
    with contextlib.ExitStack() as made:
        yield SpareDatabases(server, migrated, made)


@pytest.fixture(scope="session")
def county_server(server: str, migrated: str) -> Iterator[str]:
    """Return the superuser's URL of one database for tests that need one alone; ``emptied`` clears it."""
    with postgres.fresh_database(server, template=migrated) as url:
        yield url


#: DELETE, as to empty a few rows so costs a tenth of TRUNCATE, which makes new files for a hundred relations.
_EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
SET session_replication_role = replica;  -- no trigger makes history of what goes
DO $$
DECLARE
  part record; guard record; filled boolean;
BEGIN
  FOR part IN SELECT oid, oid::regclass AS name, relkind AS kind FROM pg_class
              WHERE relnamespace = 'gridsight'::regnamespace AND relkind IN ('r', 'S')
              AND relname NOT IN ('alembic_version', 'revisions', 'settings') LOOP
    IF part.kind = 'S' THEN
      PERFORM setval(part.oid, seqstart, false) FROM pg_sequence WHERE seqrelid = part.oid;
      CONTINUE;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', part.name) INTO filled;
    CONTINUE WHEN NOT filled;
    -- A trigger that fires always keeps what is written in the audit.
    FOR guard IN SELECT tgname AS name FROM pg_trigger WHERE tgrelid = part.oid AND tgenabled = 'A' LOOP
      EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', part.name, guard.name);
    END LOOP;
    EXECUTE format('DELETE FROM %s', part.name);
    FOR guard IN SELECT tgname AS name FROM pg_trigger
                 WHERE tgrelid = part.oid AND tgenabled = 'D' AND NOT tgisinternal LOOP
      EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', part.name, guard.name);
    END LOOP;
  END LOOP;
END $$;
DELETE FROM gridsight.settings WHERE name <> 'time_zone';
UPDATE gridsight.settings SET value = 'Asia/Shanghai';
UPDATE gridsight.revisions SET revision = 0, changed_at = NULL, changed_by = NULL;
"""


def emptied(url: str) -> None:
    """Make a database as it was when it was migrated; whoever else is connected is not any more."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(_EMPTY)


@pytest.fixture
def server_store(county_server: str, clock: Clock) -> Iterator[PostgisStore]:
    from geo.storage.postgis.store import open_database

    emptied(county_server)
    with open_database(postgres.service_url(county_server), today=clock) as store:
        yield store
