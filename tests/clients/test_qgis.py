"""QGIS 3.22 of Debian, as planners have it, before a really served service: layers, boxes, days, tiles, with a key."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image

from api.main import create_app
from api.settings import Settings
from geo.catalog.layers import LAYERS
from geo.storage.geopackage.store import open_store
from geo.studies.import_files import import_frames
from maps.tiles.tile_grids import WEB_MERCATOR
from tests import needs, postgres
from tests.api.conftest import CRS, frames
from tests.serving import serving

_SCRIPT = Path(__file__).with_name("qgis_script.py")
#: The north-western quarter of the drawn county; grid 3 fills it, camera c5 stands in it.
BOX = [102.0001, 37.0021, 102.0019, 37.0039]
WHOLE = [102.0, 37.0, 102.004, 37.004]
LAYER_NAMES = ("grids", "cameras", "roads")


@pytest.fixture(scope="module")
def qgis() -> str:
    """Return the Python that QGIS belongs to; skip where there is none, fail in CI."""
    python = "/usr/bin/python3"
    found = subprocess.run([python, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0
    if not found:
        needs.absent("no QGIS here (apt-get install python3-qgis qgis-providers)")
    return python


def fill(store) -> None:
    """Draw the county; cameras of different days, one of them in the north-west."""
    drawn = frames()
    cameras = drawn["cameras"]
    north = gpd.GeoDataFrame({"id": ["c5"], "name": ["五号"]}, geometry=[shapely.Point(102.001, 37.003)], crs=CRS)
    drawn["cameras"] = gpd.pd.concat([cameras, north], ignore_index=True)
    drawn["cameras"]["valid_from"] = ["2026-01-01", "2026-01-01", "2026-03-01", "2026-05-01", "2026-01-01"]
    import_frames(store, drawn, actor="test")


@dataclass
class Service:
    """Hold where a service is, the key it takes, and what was asked of it."""

    ogc: str = ""
    key: str = ""
    asked: list[tuple[str, str, bool]] = field(default_factory=list)

    def queries(self, layer: str) -> list[dict[str, list[str]]]:
        """Return the parameters of all requests for items of a layer."""
        path = f"/ogc/collections/{layer}/items"
        return [parse_qs(query) for where, query, _ in self.asked if where == path]


@contextlib.contextmanager
def served(settings: Settings) -> Iterator[Service]:
    """Serve an application on a socket and write down every request."""
    app, service = create_app(settings), Service()

    async def noted(scope, receive, send) -> None:
        if scope["type"] == "http":
            names = {name for name, _ in scope["headers"]}
            service.asked.append((scope["path"], scope["query_string"].decode(), b"authorization" in names))
        await app(scope, receive, send)

    with serving(noted) as url:
        service.ogc = f"{url}/ogc"
        yield service


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serve a workspace file to whoever sits at the embedded, without a key."""
    path = tmp_path_factory.mktemp("qgis") / "workspace.gpkg"
    with open_store(path) as store:
        fill(store)
    with served(Settings(workspace=path)) as found:
        yield found


@pytest.fixture(scope="module")
def county_server(server: str, migrated: str) -> Iterator[Service]:
    """Serve a database, with a planner's key of the northern township alone."""
    from api.security.assembly import authenticator_of
    from geo.storage.postgis.store import open_database

    with postgres.fresh_database(server, template=migrated) as url:
        with contextlib.closing(open_database(url)) as store:
            fill(store)
            keys = authenticator_of(Settings(database_url=url), store).keys
            text, _ = keys.create("qgis", "planner", townships=["990101102"], by="test")
        login = postgres.service_url(url)
        with served(Settings(database_url=login)) as found:
            found.key = text
            yield found


def look(python: str, service: Service, folder: Path, *, how: str, box: list[float]) -> dict:
    """Let QGIS look at the service; ``how`` it shows its key."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = {
        "ogc": service.ogc, "key": service.key, "how": how, "folder": str(folder), "box": box, "day": "2026-03-15",
        "layers": LAYER_NAMES, "keys": {name: LAYERS[name].key for name in LAYER_NAMES},
    }  # fmt: skip
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    done = subprocess.run(
        [python, str(_SCRIPT)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=180,
        env=env,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def red(path: str) -> np.ndarray:
    """Return which pixels of a picture are drawn."""
    picture = np.asarray(Image.open(path).convert("RGB")).astype(int)
    assert picture.shape == (400, 400, 3)
    return (picture[..., 0] > 200) & (picture[..., 1] < 100) & (picture[..., 2] < 100)


def centre(mask: np.ndarray) -> tuple[float, float]:
    """Return the middle of what is drawn: column and row."""
    row, column = np.nonzero(mask)
    return float(column.mean()), float(row.mean())


def pixel(lon: float, lat: float) -> tuple[float, float]:
    """Return where a place is in a picture of the whole county: square, its height that of the county in Mercator."""
    at = WEB_MERCATOR.units(np.array([[lon, lat], WHOLE[:2], WHOLE[2:]]), 0, 0, 0)
    scale = 400 / (at[1, 1] - at[2, 1])
    middle = (at[1] + at[2]) / 2
    return tuple((at[0] - middle) * scale + 200)


def test_qgis_reads_filters_and_draws_a_embedded(qgis: str, embedded: Service, tmp_path: Path) -> None:
    seen = look(qgis, embedded, tmp_path / "whole", how="", box=WHOLE)
    for name in LAYER_NAMES:
        layer = seen["layers"][name]
        assert layer["valid"], layer["error"]
        assert set(LAYERS[name].names) <= set(layer["fields"])
    assert {name: seen["layers"][name]["all"] for name in LAYER_NAMES} == {"grids": 6, "cameras": 5, "roads": 2}
    drawn = {(what, name): red(seen[what][name]["drawn"]) for what in ("layers", "tiles") for name in LAYER_NAMES}
    for what in ("layers", "tiles"):
        cameras = drawn[what, "cameras"]
        for lon, lat in ((102.001, 37.001), (102.003, 37.001), (102.003, 37.003), (102.001, 37.003)):
            column, row = pixel(lon, lat)
            here = cameras[int(row) - 12 : int(row) + 12, int(column) - 12 : int(column) + 12]
            assert here.sum() > 40, (what, lon, lat)
            middle = centre(here)
            assert middle == pytest.approx((11.5, 11.5), abs=1.5), (what, lon, lat)
        assert cameras.sum() < 1_000  # and nothing else is drawn
        assert drawn[what, "grids"].mean() > 0.7
        road = drawn[what, "roads"]
        row, west, east = int(pixel(0, 37.001)[1]), *(int(pixel(lon, 37)[0]) for lon in (102.0, 102.004))
        assert road[row, west + 3 : east - 3].all()  # the street from west to east
        assert not road[: row - 10, west + 20].any()
    # Tiles and features put the same pixels down, but for their edges.
    for name in LAYER_NAMES:
        assert (drawn["layers", name] != drawn["tiles", name]).mean() < 0.02, name


def test_qgis_asks_for_the_box_and_the_day_alone(qgis: str, embedded: Service, tmp_path: Path) -> None:
    embedded.asked.clear()
    seen = look(qgis, embedded, tmp_path / "box", how="", box=BOX)
    assert seen["layers"]["cameras"]["near"] == ["c5"]
    assert seen["layers"]["grids"]["near"] == ["990101102001001"]
    queries = embedded.queries("cameras")
    boxes = [[float(one) for one in query["bbox"][0].split(",")] for query in queries if "bbox" in query]
    assert any(np.abs(np.subtract(box, BOX)).max() < 0.0005 for box in boxes), queries  # the window, as wide as it is
    assert seen["layers"]["cameras"]["subset"] == 4  # c4 begins on 1 May
    assert any("datetime" in query for query in queries), queries
    sent = {name for query in queries for name in query}
    assert sent <= {"bbox", "datetime", "limit", "f", "token"}, sent  # 3.22 never sends a filter


def test_qgis_shows_its_key_to_a_county_server(qgis: str, county_server: Service, tmp_path: Path) -> None:
    county_server.asked.clear()
    seen = look(qgis, county_server, tmp_path / "basic", how="basic", box=WHOLE)
    assert {name: seen["layers"][name].get("all") for name in LAYER_NAMES} == {"grids": 6, "cameras": 2, "roads": 2}
    assert seen["layers"]["cameras"]["near"] == ["c4", "c5"]  # the planner's township, the north, alone
    tiles = red(seen["tiles"]["cameras"]["drawn"])
    assert not tiles[int(pixel(102, 37.002)[1]) + 10 :].any()
    for lon in (102.001, 102.003):
        column, row = (int(one) for one in pixel(lon, 37.003))
        assert tiles[row - 5 : row + 5, column - 5 : column + 5].any()
    assert red(seen["tiles"]["grids"]["drawn"]).mean() > 0.7
    asked = [(path, signed) for path, _, signed in county_server.asked]
    assert any("/tiles/" in path for path, _ in asked)
    assert all(signed for path, signed in asked if "/tiles/" in path or "/items" in path)


def test_without_a_key_a_county_server_shows_qgis_nothing(qgis: str, county_server: Service, tmp_path: Path) -> None:
    """The header that later versions of QGIS send is not sent by 3.22, whatever its data source says."""
    for how in ("", "header"):
        seen = look(qgis, county_server, tmp_path / f"none{how}", how=how, box=WHOLE)
        assert "APIHeader" not in seen["methods"]
        for name in LAYER_NAMES:
            assert not seen["layers"][name]["valid"]
            assert not red(seen["tiles"][name]["drawn"]).any()
