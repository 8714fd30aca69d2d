"""Answer while the database fails: the status says what to do, the log why, and no body says where the database is."""

from __future__ import annotations

import contextlib
import errno
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geo.errors import StoreFull
from geo.storage.geopackage.connections import translated_error
from geo.studies.import_files import import_frames
from tests import postgres
from tests.api.conftest import frames
from tests.api.server_fixtures import BASE, HEADERS, Door
from tests.postgres import service_url
from tests.serving import serving

SQUARE = {"type": "Polygon", "coordinates": [[[102.01, 37.01], [102.011, 37.01], [102.011, 37.011], [102.01, 37.01]]]}
NEW = {"type": "Feature", "geometry": SQUARE, "properties": {"code": "990101101099", "level": 1, "kind": "general"}}
#: As the server says it where a table cannot grow.
NO_ROOM = 'could not extend file "base/16384/2619": No space left on device'


@contextlib.contextmanager
def served(url: str) -> Iterator[TestClient]:
    """Serve a database as the service's login, to an admin."""
    app = create_app(Settings(database_url=service_url(url), pool_size=2, tile_pool_size=1))
    with TestClient(app, base_url=BASE, headers=HEADERS):
        yield Door(app, "county_server").client()


@pytest.fixture
def url(server: str, migrated: str) -> Iterator[str]:
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        with contextlib.closing(open_database(url)) as store:
            import_frames(store, frames(), actor="test")
        yield url


def test_a_full_disk_is_507_and_its_reason_is_in_the_log(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "CREATE FUNCTION gridsight.full() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{NO_ROOM}' USING ERRCODE = 'disk_full'; END $$"
        )
        conn.execute("CREATE TRIGGER full_disk BEFORE INSERT ON gridsight.grids EXECUTE FUNCTION gridsight.full()")
    with served(url) as client, caplog.at_level(logging.WARNING, logger="gridsight"):
        answer = client.post("/ogc/collections/grids/items", json=NEW)
        assert (answer.status_code, answer.json()["code"]) == (507, "store-full")
        assert int(answer.headers["retry-after"]) > 0
        assert "No space left" not in answer.text
        assert "db upgrade" not in answer.text
        assert f"{NO_ROOM} (53100)" in caplog.text
        assert client.get("/ogc/collections/grids/items").status_code == 200, "reading goes on"


def test_a_full_disk_under_a_workspace_or_a_temporary_file_is_507(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert isinstance(translated_error(error, Path("county.gpkg")), StoreFull)

    app = create_app(Settings(workspace=tmp_path / "county.gpkg"))

    @app.get("/fills")
    def fills() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/secret-place/grids.xlsx")

    with TestClient(app, base_url=BASE, headers=HEADERS) as client:
        answer = client.get("/fills")
    assert (answer.status_code, answer.json()["code"]) == (507, "store-full")
    assert "secret-place" not in answer.text


def test_no_body_says_where_the_database_is(
    clusters: Callable[[], AbstractContextManager[postgres.Cluster]], caplog: pytest.LogCaptureFixture
) -> None:
    from geo.storage.postgis.maintenance import upgrade

    with clusters() as cluster, postgres.fresh_database(cluster.url) as url:
        upgrade(url)
        with served(url) as client, caplog.at_level(logging.WARNING, logger="gridsight"):
            cluster.stop("fast")
            nobody = TestClient(client.app, base_url=BASE, headers=HEADERS)
            for who, path in ((nobody, "/health?ready=1"), (nobody, "/runs"), (client, "/ogc/collections")):
                answer = who.get(path)
                assert answer.status_code == 503, path
                for secret in (str(cluster.port), "127.0.0.1", "postgresql", url.rpartition("/")[2], "gridsight@"):
                    assert secret not in answer.text, path
            assert str(cluster.port) in caplog.text, "the operator is told which"
            cluster.start()


def test_a_database_that_lets_nobody_in_is_503_for_tiles_too(url: str) -> None:
    """While a database is restored it may be away, locked or older: no tile answers 500 then."""
    name = url.rpartition("/")[2]
    tile = "/ogc/collections/grids/tiles/WebMercatorQuad/0/0/0"
    elsewhere = postgres.database_url(url, "postgres")
    app = create_app(Settings(database_url=service_url(url), pool_size=2, tile_pool_size=1))
    with serving(app) as base, psycopg.connect(elsewhere, autocommit=True) as conn, contextlib.ExitStack() as clients:
        text, _ = app.state.keys.create("viewer of tests", "viewer", by="test")
        client = clients.enter_context(httpx.Client(base_url=base, headers={"X-API-Key": text}))
        assert client.get(tile).status_code in (200, 204)
        conn.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS false')
        try:
            conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            answer = client.get(tile)
            assert (answer.status_code, answer.json()["code"]) == (503, "store-down"), answer.text
            assert name not in answer.text
        finally:
            conn.execute(f'ALTER DATABASE "{name}" WITH ALLOW_CONNECTIONS true')
        assert client.get(tile).status_code in (200, 204)


def test_why_keys_cannot_be_looked_up_is_in_the_log(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """The database is gone when a key is verified, before any route: 503, and no word of it in the body."""
    name = url.rpartition("/")[2].partition("?")[0]
    with served(url) as client, caplog.at_level(logging.WARNING, logger="gridsight"):
        with psycopg.connect(postgres.database_url(url, "postgres"), autocommit=True) as conn:
            conn.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        answer = client.get("/ogc/collections/grids/items", headers={"X-API-Key": "gs_" + "a" * 12 + "_" + "y" * 43})
        assert (answer.status_code, answer.json()["code"]) == (503, "store-down")
        for secret in (name, "gridsight@", "127.0.0.1", "not currently accepting"):
            assert secret not in answer.text
        assert "not currently accepting connections" in caplog.text
