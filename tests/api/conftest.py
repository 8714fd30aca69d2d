"""Draw a county small enough to know by heart: two townships, two villages, four grids, two microgrids, four cameras.

::

    37.004 +-------+-------+
           |  G3   |  G4   |      G1, G2 in village V1 of township T1; G3, G4 in V2 of T2.
    37.002 +---+---+-------+      G1 is cut into the microgrids M1 (west) and M2 (east).
           |M1 |M2 |  G2   |
    37.000 +---+---+-------+
         102.000  102.002 102.004
"""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.main import create_app
from api.settings import Settings
from geo.catalog.layers import LAYERS
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.analysis import analyze
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.import_files import import_frames

with warnings.catch_warnings():
    # Starlette warns of httpx, which it still uses; its successor is not on every index yet.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

CRS = "EPSG:4326"
T1, T2 = "990101101", "990101102"
V1, V2 = "990101101001", "990101102001"
G1, G2, G3, G4 = f"{V1}001", f"{V1}002", f"{V2}001", f"{V2}002"
M1, M2 = f"{G1}01", f"{G1}02"

#: What the summary of every run has (docs/contract.md section 2).
SUMMARY_KEYS = {
    "inputs", "crs", "computing_crs", "level", "levels", "edition", "domain", "assumptions", "totals", "rejected",
    "seconds",
}  # fmt: skip


def frames() -> dict[str, gpd.GeoDataFrame]:
    """Return the layers of the county."""
    box = shapely.box
    west, middle, east = 102.0, 102.002, 102.004
    south, half, north = 37.0, 37.002, 37.004
    county, lower, upper = box(west, south, east, north), box(west, south, east, half), box(west, half, east, north)
    divisions = gpd.GeoDataFrame(
        {
            "code": ["990101", T1, T2, V1, V2],
            "name": ["试验县", "南镇", "北镇", "南村", "北村"],
            "level": ["county", "township", "township", "village", "village"],
            "parent": [None, "990101", "990101", T1, T2],
        },
        geometry=[county, lower, upper, lower, upper],
        crs=CRS,
    )
    squares = [
        box(west, south, middle, half), box(middle, south, east, half),
        box(west, half, middle, north), box(middle, half, east, north),
        box(west, south, 102.001, half), box(102.001, south, middle, half),
    ]  # fmt: skip
    grids = gpd.GeoDataFrame(
        {
            "code": [G1, G2, G3, G4, M1, M2],
            "name": ["一格", "二格", "三格", "四格", "甲片", "乙片"],
            "kind": ["general"] * 6,
            "level": [1, 1, 1, 1, 2, 2],
            "village": [V1, V1, V2, V2, V1, V1],
            "parent": [None, None, None, None, G1, G1],
            "households": [10, 20, 30, 40, 4, 6],
        },
        geometry=squares,
        crs=CRS,
    )
    villages = gpd.GeoDataFrame({"code": [V1, V2], "name": ["南村", "北村"]}, geometry=[lower, upper], crs=CRS)
    cameras = gpd.GeoDataFrame(
        {
            "id": ["c1", "c2", "c3", "c4"],
            "site": ["p1", "p1", "p2", "p3"],
            "name": ["一号", "二号", "三号", "四号"],
            "class": [1, 1, 2, 3],
            "kind": ["fixed", "fixed", "fixed", "ptz"],
            "azimuth": [90.0, 270.0, None, 0.0],
            "hfov": [80.0, 80.0, 80.0, None],
            "height": [4.0, 4.0, None, 6.0],
            "status": ["online", "online", "online", "offline"],
        },
        geometry=shapely.points([102.001, 102.001, 102.003, 102.003], [37.001, 37.001, 37.001, 37.003]),
        crs=CRS,
    )
    obstacles = gpd.GeoDataFrame(
        {"id": ["b1", "b2"], "height": [10.0, None]},
        geometry=[box(102.0013, 37.0008, 102.0016, 37.0012), box(102.0005, 37.003, 102.0008, 37.0033)],
        crs=CRS,
    )
    roads = gpd.GeoDataFrame(
        {"id": ["r1", "r2"], "class": ["residential", "footway"], "width": [8.0, None], "name": ["东街", None]},
        geometry=shapely.linestrings([[[102.0, 37.001], [102.004, 37.001]], [[102.003, 37.0], [102.003, 37.004]]]),
        crs=CRS,
    )
    addresses = gpd.GeoDataFrame(
        {
            "id": ["a1", "a2", "a3", "a4", "a5"],
            "text": ["南镇南村东街1号", "南镇南村东街2号", "北镇北村三组5号", "北镇北村三组6号", "荒地1号"],
            "standard": [None, None, "试验县北镇北村3组5号", None, None],
            "aliases": ["老粮站", None, None, None, None],
            "grid": ["wrong"] * 5,
        },
        geometry=shapely.points(
            [102.0005, 102.003, 102.001, 102.003, 103.0], [37.0011, 37.0011, 37.003, 37.0031, 37.0]
        ),
        crs=CRS,
    )
    return {
        "divisions": divisions,
        "grids": grids,
        "villages": villages,
        "cameras": cameras,
        "obstacles": obstacles,
        "roads": roads,
        "addresses": addresses,
    }


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a workspace with the county and one run; nobody writes to it, which is looked at in the end."""
    path = tmp_path_factory.mktemp("county") / "workspace.gpkg"
    store = open_store(path)
    import_frames(store, frames(), actor="test")
    analyze(store, AnalyzeOptions(), actor="test")
    made = [one.id for one in store.runs()], [store.revision(name) for name in LAYERS]
    store.close()
    yield path
    with open_store(path, create=False) as after:
        assert ([one.id for one in after.runs()], [after.revision(name) for name in LAYERS]) == made


@pytest.fixture
def workspace(drawn: Path, tmp_path: Path) -> Path:
    """Return a workspace of one's own."""
    path = tmp_path / "workspace.gpkg"
    shutil.copyfile(drawn, path)
    return path


@pytest.fixture
def store(workspace: Path) -> Iterator[Store]:
    opened = open_store(workspace, create=False)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def client(drawn: Path) -> Iterator[TestClient]:
    """Return a client of the county that only reads, in English."""
    yield from _client(Settings(workspace=drawn))


@pytest.fixture
def writer(workspace: Path) -> Iterator[TestClient]:
    """Return a client of a county of one's own."""
    yield from _client(Settings(workspace=workspace, max_body_bytes=50_000, max_batch_rows=50))


def _client(settings: Settings) -> Iterator[TestClient]:
    app = create_app(settings)
    with TestClient(app, base_url="http://127.0.0.1:8000", headers={"Accept-Language": "en"}) as made:
        yield made
