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

from geo.catalog.layers import LAYERS
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from tests import postgres

if TYPE_CHECKING:
    from geo.storage.postgis.store import PostgisStore

TABLES = (*(f"{name}{part}" for name in LAYERS for part in ("", "_history")), "runs", "jobs")


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
    with contextlib.ExitStack() as databases:
        make = _desk(request, clock) if request.param == "geopackage" else _office(request, clock, databases)

        def make_one() -> Store:
            made.append(make(len(made)))
            return made[-1]

        yield make_one
        for one in made:
            one.close()


def _desk(request: pytest.FixtureRequest, clock: Clock) -> Callable[[int], Store]:
    empty = request.getfixturevalue("empty_workspace")
    folder = request.getfixturevalue("tmp_path")

    def make(number: int) -> Store:
        path = folder / f"workspace{number}.gpkg"
        shutil.copyfile(empty, path)
        return open_store(path, today=clock)

    return make


def _office(request: pytest.FixtureRequest, clock: Clock, databases: contextlib.ExitStack) -> Callable[[int], Store]:
    from geo.storage.postgis.store import open_database

    server, template = request.getfixturevalue("server"), request.getfixturevalue("migrated")

    def make(number: int) -> Store:
        url = databases.enter_context(postgres.fresh_database(server, template=template))
        return open_database(postgres.service_url(url), today=clock)

    return make


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()


@pytest.fixture(scope="session")
def office(server: str, migrated: str) -> Iterator[str]:
    """Return the superuser's URL of one database for tests that need one alone; ``emptied`` clears it."""
    with postgres.fresh_database(server, template=migrated) as url:
        yield url


def emptied(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        # The trigger before TRUNCATE would make history of what goes; here nothing is to be left.
        conn.execute("SET session_replication_role = replica")
        conn.execute(f"TRUNCATE {', '.join(f'gridsight.{name}' for name in TABLES)} CASCADE")
        conn.execute("UPDATE gridsight.revisions SET revision = 0, changed_at = NULL, changed_by = NULL")


@pytest.fixture
def server_store(office: str, clock: Clock) -> Iterator[PostgisStore]:
    from geo.storage.postgis.store import open_database

    emptied(office)
    with open_database(postgres.service_url(office), today=clock) as store:
        yield store
