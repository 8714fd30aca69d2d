"""Fill a workspace and a database with the same county, and give clients of them that show a key."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.postgres import fresh_database, service_url

HEADERS = {"Accept-Language": "en"}
BASE = "http://127.0.0.1:8000"


class Door:
    """Hold an application over a store of its own, and make clients of it."""

    def __init__(self, app: object, kind: str) -> None:
        self.app = app
        self.kind = kind

    def client(self, role: str = "admin", townships: tuple[str, ...] | None = None) -> TestClient:
        """Return a client with a key of a role; the application must be running."""
        text, _ = self.app.state.keys.create(f"{role} of tests", role, townships=townships, by="test")
        return TestClient(self.app, base_url=BASE, headers={**HEADERS, "X-API-Key": text})


@contextmanager
def door(request: pytest.FixtureRequest, frames: dict[str, gpd.GeoDataFrame], folder: Path) -> Iterator[Door]:
    """Serve frames from a workspace (``embedded``) or a database (``county_server``), the application running."""
    with contextlib.ExitStack() as opened:
        if request.param == "embedded":
            settings = Settings(workspace=folder / "workspace.gpkg")
            store = open_store(settings.workspace)
        else:
            from geo.storage.postgis.store import open_database

            server, migrated = (request.getfixturevalue(name) for name in ("server", "migrated"))
            url = opened.enter_context(fresh_database(server, template=migrated))
            login = service_url(url)
            settings = Settings(database_url=login, pool_size=4)
            store = open_database(login)
        with contextlib.closing(store):
            import_frames(store, frames, actor="test")
        app = create_app(settings)
        opened.enter_context(TestClient(app, base_url=BASE))
        yield Door(app, request.param)
    shutil.rmtree(folder, ignore_errors=True)
