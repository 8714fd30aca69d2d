"""Restore a store beneath a running service: no answer of before is taken for one of after."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import G1, frames
from tests.api.server_fixtures import BASE, HEADERS
from tests.postgres import fresh_database, service_url

PATCH = {"Content-Type": "application/merge-patch+json"}
ITEM, ITEMS = f"/ogc/collections/grids/items/{G1}", "/ogc/collections/grids/items"
TILE = "/ogc/collections/grids/tiles/WebMercatorQuad/8/99/200"
POINT = {"lon": 102.0005, "lat": 37.0005, "crs": "wgs84"}


@dataclass
class Service:
    """Hold a client of a running service, and what brings its store back to where it was at the start."""

    client: TestClient
    restore: Callable[[], None]

    def rename(self, name: str) -> str:
        """Rename a grid and return its new ETag."""
        etag = self.client.get(ITEM).headers["etag"]
        body = json.dumps({"properties": {"name": name}})
        answer = self.client.patch(ITEM, content=body, headers={"If-Match": etag, **PATCH})
        assert answer.status_code == 200, answer.text
        return str(answer.headers["etag"])

    def add(self, code: str) -> None:
        square = self.client.get(ITEM).json()["geometry"]
        body = {"type": "Feature", "geometry": square, "properties": {"code": code, "level": 1}}
        assert self.client.post(ITEMS, json=body).status_code == 201

    def located(self) -> str:
        chain = self.client.get("/locate", params=POINT).json()["candidates"][0]["chain"]
        return next(str(link["name"]) for link in chain if link["code"] == G1)


@contextlib.contextmanager
def workspace(folder: Path) -> Iterator[Service]:
    """Serve a workspace; a restore puts a copy in the place of the file."""
    path, kept = folder / "workspace.gpkg", folder / "kept.gpkg"
    with contextlib.closing(open_store(path)) as store:
        import_frames(store, frames(), actor="test")
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(kept)) as copy:
        source.backup(copy)

    def restore() -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        os.replace(kept, path)

    with TestClient(create_app(Settings(workspace=path)), base_url=BASE, headers=HEADERS) as client:
        yield Service(client, restore)


@contextlib.contextmanager
def database(folder: Path, server: str, migrated: str) -> Iterator[Service]:
    """Serve a database; a restore empties it and brings a dump back, the service's connections staying open."""
    import psycopg

    from geo.storage.postgis import maintenance
    from geo.storage.postgis.store import open_database

    with fresh_database(server, template=migrated) as url:
        with contextlib.closing(open_database(service_url(url))) as store:
            import_frames(store, frames(), actor="test")
        app = create_app(Settings(database_url=service_url(url), pool_size=4))
        with TestClient(app, base_url=BASE, headers=HEADERS) as client:
            key, _ = app.state.keys.create("root", "admin", townships=None, by="test")
            client.headers["X-API-Key"] = key
            maintenance.backup(url, folder / "county.dump")

            def restore() -> None:
                with psycopg.connect(url, autocommit=True) as conn:
                    conn.execute("DROP SCHEMA gridsight CASCADE")
                maintenance.restore(url, folder / "county.dump")

            yield Service(client, restore)


@pytest.fixture(params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    if request.param == "embedded":
        made = workspace(tmp_path)
    else:
        made = database(tmp_path, *(request.getfixturevalue(name) for name in ("server", "migrated")))
    with made as found:
        yield found


def test_no_answer_of_before_is_taken_for_one_of_after(service: Service) -> None:
    client = service.client
    lost = service.rename("甲")
    service.add("lost-1")
    service.add("lost-2")
    counted = client.get(ITEMS).json()["numberMatched"]
    lost_tile = client.get(TILE).headers["etag"]
    assert service.located() == "甲"

    service.restore()
    # As many edits as were lost: every counter is what it was.
    new = service.rename("乙")
    service.add("kept-1")
    assert new != lost
    assert new.partition(".")[0] == lost.partition(".")[0], "the versions are the same numbers"
    client.delete(f"{ITEMS}/kept-1", headers={"If-Match": client.get(f"{ITEMS}/kept-1").headers["etag"]})

    read = client.get(ITEM, headers={"If-None-Match": lost})
    assert (read.status_code, read.json()["properties"]["name"]) == (200, "乙")
    body = json.dumps({"properties": {"name": "丙"}})
    assert client.patch(ITEM, content=body, headers={"If-Match": lost, **PATCH}).status_code == 412
    assert service.located() == "乙"
    assert client.get(ITEMS).json()["numberMatched"] == counted - 2
    tile = client.get(TILE, headers={"If-None-Match": lost_tile})
    assert tile.status_code == 200
    assert client.get(TILE, headers={"If-None-Match": tile.headers["etag"]}).status_code == 304
