"""Set up a county server on a real database: two townships whose scoped rows carry marks, a run, a key for each role.

The county is that of ``conftest``: township T1 (A) is its southern half, T2 (B) its northern. Every scoped row of A has
``zq-a`` in its key and in each of its texts, every one of B ``zq-b``; the counts differ, A has 5 cameras and B 3.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import shapely
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response

from api.main import create_app
from api.security.assembly import keys_of
from api.settings import Settings
from geo.storage.postgis.store import open_database
from geo.storage.protocol import Store
from geo.storage.records import Caller
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames
from tests.api.conftest import CRS, T1, T2, frames
from tests.postgres import service_url

BASE = "http://127.0.0.1:8000"
#: Who asks: the townships of a planner, None for other roles.
ROLES: dict[str, tuple[str, list[str] | None]] = {
    "planner_a": ("planner", [T1]),
    "planner_b": ("planner", [T2]),
    "planner_none": ("planner", ["990101199"]),
    "viewer": ("viewer", None),
    "admin": ("admin", None),
}
MARK_A, MARK_B = "zq-a", "zq-b"


class As:
    """Ask as one caller, through the one client whose event loop the application runs in."""

    def __init__(self, client: TestClient, key: str | None) -> None:
        self._client = client
        self._own = {} if key is None else {"X-API-Key": key}

    def request(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Response:
        """Return the answer to a request of this caller."""
        return self._client.request(method, path, headers={**self._own, **(headers or {})}, **options)

    def __getattr__(self, method: str) -> Any:
        return functools.partial(self.request, method.upper())


@dataclass
class CountyServer:
    """Hold the running application, one client per role, and what the run is called."""

    app: FastAPI
    store: Store
    run: str
    older: str
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    clients: dict[str, As] = field(default_factory=dict)

    def __getitem__(self, role: str) -> As:
        return self.clients[role]


def scoped() -> dict[str, gpd.GeoDataFrame]:
    """Return the scoped layers: A has 5 cameras, 2 demand points, 2 protected places; B 3, 1 and 1."""
    places = {
        "zq-a-cam1": (102.00101234, 37.00101234), "zq-a-cam2": (102.00201234, 37.00121234),
        "zq-a-cam3": (102.00301234, 37.00051234), "zq-a-cam4": (102.00351234, 37.00151234),
        "zq-a-cam5": (102.00301234, 37.00195678),  # close to the border: what it does not see lies in B
        "zq-b-cam1": (102.00104321, 37.00304321), "zq-b-cam2": (102.00054321, 37.00354321),
        "zq-b-cam3": (102.00134321, 37.00254321),
    }  # fmt: skip
    ids = list(places)
    cameras = gpd.GeoDataFrame(
        {
            "id": ids,
            "site": [one.replace("cam", "site") for one in ids],
            "name": [f"{one[:4]}-名{one[-1]}" for one in ids],
            "class": [1, 2, 3, 1, 2, 1, 2, 3],
            "kind": ["fixed"] * 8,
            "azimuth": [90.0, 180.0, 270.0, 0.0, 0.0, 90.0, 180.0, 200.0],
            "hfov": [70.0] * 8,
            "height": [4.0] * 8,
            "max_range": [40.0] * 8,
            "status": ["online", "offline", "online", "online", "online", "online", "online", "planned"],
            "owner": [f"{one[:4]}-owner" for one in ids],
            "source": [f"{one[:4]}-source" for one in ids],
        },
        geometry=shapely.points(list(places.values())),
        crs=CRS,
    )
    demand = gpd.GeoDataFrame(
        {
            "id": ["zq-a-d1", "zq-a-d2", "zq-b-d1"],
            "weight": [71.5, 72.5, 3.0],
            "name": ["zq-a-需1", "zq-a-需2", "zq-b-需1"],
        },
        geometry=shapely.points(
            [[102.00061234, 37.00061234], [102.00251234, 37.00111234], [102.00254321, 37.00354321]]
        ),
        crs=CRS,
    )
    corners = [(102.00021234, 37.00021234), (102.00261234, 37.00161234), (102.00164321, 37.00334321)]
    protected = gpd.GeoDataFrame(
        {
            "id": ["zq-a-p1", "zq-a-p2", "zq-b-p1"],
            "kind": ["zq-a-kind", "zq-a-kind", "zq-b-kind"],
            "name": ["zq-a-护1", "zq-a-护2", "zq-b-护1"],
            "rule": ["never", "mask", "consent"],
        },
        geometry=[shapely.box(x, y, x + 0.0001, y + 0.0001) for x, y in corners],
        crs=CRS,
    )
    return {"cameras": cameras, "demand": demand, "protected": protected}


#: A house on the border in B, behind which the camera of A cannot see.
_HOUSE = shapely.box(102.00295, 37.00205, 102.00308, 37.00212)


def fill(url: str) -> tuple[str, str]:
    """Fill a migrated database, as its operator, with the county and two runs; return the newer and the older."""
    store = open_database(url)
    try:
        layers = {**frames(), **scoped()}
        house = gpd.GeoDataFrame({"id": ["b9"], "height": [12.0]}, geometry=[_HOUSE], crs=CRS)
        layers["obstacles"] = gpd.pd.concat([layers["obstacles"], house], ignore_index=True)
        import_frames(store, layers, actor="test")
        older = analyze(store, AnalyzeOptions(level="observe", domain="all"), actor="test").id
        return analyze(store, AnalyzeOptions(domain="all"), actor="test").id, older
    finally:
        store.close()


@contextmanager
def county_server(url: str, **settings: object) -> Iterator[CountyServer]:
    """Give an application on a filled database, with a client per role and one for nobody (``public``)."""
    run, older = fill(url)
    login = service_url(url)
    app = create_app(Settings(database_url=login, pool_size=4, tile_pool_size=2, **settings))
    with TestClient(app, base_url=BASE, headers={"Accept-Language": "en"}, follow_redirects=False) as nobody:
        store = app.state.store.acting(Caller("setup", "admin", None))
        found = CountyServer(app, store, run, older, clients={"public": As(nobody, None)})
        for name, (role, townships) in ROLES.items():
            text, key = keys_of(store).create(name, role, townships=townships, by="setup")
            found.keys[name], found.ids[name] = text, key.id
            found.clients[name] = As(nobody, text)
        yield found
