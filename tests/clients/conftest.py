"""Serve the drawn county over a socket, every layer filled, to whoever shows the key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

import geopandas as gpd
import pytest
import shapely

from api.main import create_app
from api.settings import Settings
from geo.catalog.layers import LAYERS
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from tests.api.conftest import CRS, frames
from tests.postgres import fresh_database, service_url
from tests.serving import serving


@dataclass(frozen=True)
class Served:
    """Hold where the service is and the key it takes."""

    url: str
    key: str

    @property
    def ogc(self) -> str:
        return f"{self.url}/ogc"

    @property
    def headers(self) -> dict[str, str]:
        return {"X-API-Key": self.key}


def county() -> dict[str, gpd.GeoDataFrame]:
    """Return the drawn county with something in every layer of shapes: clients are shown no table without any."""
    point, line = shapely.Point(102.001, 37.001), shapely.LineString([(102.0, 37.0), (102.001, 37.0)])
    square = shapely.box(102.002, 37.002, 102.003, 37.003)
    return {
        **frames(),
        "demand": gpd.GeoDataFrame(
            {"id": ["d1", "d2", "d3"], "weight": [1.0, 2.5, 4.0], "kind": ["school", "market", "school"]},
            geometry=[point, line, square],
            crs=CRS,
        ),
        "protected": gpd.GeoDataFrame(
            {"id": ["x1", "x2"], "kind": ["home", "home"], "rule": ["never", "mask"]},
            geometry=[square, point],
            crs=CRS,
        ),
        "places": gpd.GeoDataFrame(
            {"code": ["p1", "p2", "p3"], "kind": ["school", "section", "estate"], "claim": ["schools", None, None]},
            geometry=[point, line, square],
            crs=CRS,
        ),
        "facilities": gpd.GeoDataFrame({"code": ["f1"], "kind": ["governance_centre"]}, geometry=[point], crs=CRS),
        "areas": gpd.GeoDataFrame({"code": ["a1"], "kind": ["key_area"]}, geometry=[square], crs=CRS),
    }


COUNTS = {name: len(frame) for name, frame in county().items()}
PLACED = {name for name, layer in LAYERS.items() if layer.is_placed}
assert set(COUNTS) == PLACED


@contextmanager
def serving_with_key(settings: Settings) -> Iterator[Served]:
    """Serve an application, and make an admin's key for it."""
    app = create_app(settings)
    with serving(app) as url:
        text, _ = app.state.keys.create("clients", "admin", by="test")
        yield Served(url, text)


@contextmanager
def served_from(kind: str, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Serve the county from a workspace file (``embedded``) or a database (``county_server``) of its own."""
    with ExitStack() as opened:
        if kind == "embedded":
            folder = request.getfixturevalue("tmp_path_factory").mktemp("served")
            settings = Settings(workspace=folder / "workspace.gpkg")
            store = open_store(settings.workspace)
        else:
            from geo.storage.postgis.store import open_database

            server, migrated = (request.getfixturevalue(name) for name in ("server", "migrated"))
            url = opened.enter_context(fresh_database(server, template=migrated))
            login = service_url(url)
            settings = Settings(database_url=login)
            store = open_database(login)
        with closing(store):
            import_frames(store, county(), actor="test")
        yield opened.enter_context(serving_with_key(settings))


@pytest.fixture(scope="session", params=["embedded", pytest.param("county_server", marks=pytest.mark.server)])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """Return the county, served from either store; nobody leaves it changed."""
    with served_from(request.param, request) as found:
        yield found
