"""Download places and areas and import them unchanged: shapes come back whole and the history has no new version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.cli import main
from geo.storage.geopackage.store import GeoPackageStore, open_store

#: More than seven decimals of degrees, and a ring written clockwise, as GIS programs write them.
SHAPES = [
    shapely.Point(103.123456789123, 37.6),
    shapely.LineString([(103.1, 37.123456789123), (103.2, 37.1)]),
    shapely.Polygon([(103.1, 37.1), (103.1, 37.2), (103.200000000123, 37.2)]),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GeoPackageStore]:
    with open_store(tmp_path / "workspace.gpkg") as opened:
        rows = {"code": ["p1", "p2", "p3"], "kind": ["school", "section", "estate"]}
        opened.write("places", gpd.GeoDataFrame(rows, geometry=SHAPES, crs=4326), "upsert", actor="me")
        area = {"code": ["K1"], "kind": ["key_area"]}
        opened.write("areas", gpd.GeoDataFrame(area, geometry=SHAPES[2:], crs=4326), "upsert", actor="me")
        yield opened


@pytest.mark.parametrize("layer", ["places", "areas"])
@pytest.mark.parametrize(
    ("form", "lang"), [("geojson", "zh"), ("csv", "fields"), ("xlsx", "fields"), ("csv", "zh"), ("gpkg", "zh")]
)
def test_a_download_that_nobody_changed_changes_nothing(
    store: GeoPackageStore, tmp_path: Path, layer: str, form: str, lang: str
) -> None:
    at, out = ["--workspace", str(tmp_path / "workspace.gpkg")], tmp_path / f"out.{form}"
    before = store.read(layer)
    assert main(["export", layer, "--out", str(out), "--lang", lang, *at]) == 0
    assert main(["import", str(out), "--layer", layer, "--crs", "wgs84", *at]) == 0
    after = store.read(layer)
    assert shapely.equals_exact(before.geometry.to_numpy(), after.geometry.to_numpy(), tolerance=0).all()
    assert len(store.versions(layer).history) == 0


def test_a_place_that_was_moved_a_little_is_moved(store: GeoPackageStore, tmp_path: Path) -> None:
    at, out = ["--workspace", str(tmp_path / "workspace.gpkg")], tmp_path / "out.geojson"
    assert main(["export", "places", "--out", str(out), *at]) == 0
    out.write_text(out.read_text().replace("103.1234568", "103.1234569"))
    assert main(["import", str(out), "--layer", "places", *at]) == 0
    assert store.read("places").geometry.iloc[0].x == 103.1234569
    assert store.versions("places").history["code"].tolist() == ["p1"]
