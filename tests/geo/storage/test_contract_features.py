"""Hold every store to single features with versions (docs/contract.md section 4)."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.catalog.layers import LAYERS
from geo.errors import BadGeometry, BadValue, Conflict, NotFound, UnknownName
from geo.storage.protocol import Store
from tests.geo.storage.sample_layers import feature

PARTS = shapely.MultiPolygon([shapely.box(103, 37, 103.1, 37.1), shapely.box(103.2, 37, 103.3, 37.1)])


def test_put_creates_replaces_and_counts_versions(store: Store) -> None:
    assert store.put("cameras", "a", feature(kind="ptz", height=4), if_version=0, actor="me") == 1
    got, version = store.get("cameras", "a")
    assert version == 1
    assert got["id"] == "a"
    assert got["geometry"] == {"type": "Point", "coordinates": [103.0, 37.0]}
    assert got["properties"]["kind"] == "ptz"
    assert got["properties"]["height"] == 4.0
    assert set(got["properties"]) == set(LAYERS["cameras"].names)
    assert store.put("cameras", "a", feature(kind="fixed"), if_version=1, actor="me") == 2
    got, version = store.get("cameras", "a")
    assert (version, got["properties"]["height"]) == (2, None)  # put replaces the whole feature
    assert store.put("cameras", "a", feature(kind="fixed"), if_version=2, actor="me") == 2  # nothing changed


def test_put_and_delete_of_a_version_that_is_not_stored_change_nothing(store: Store) -> None:
    store.put("cameras", "a", feature(kind="ptz"), if_version=None, actor="me")
    store.put("cameras", "a", feature(kind="fixed"), if_version=1, actor="other")
    revision = store.revision("cameras")
    with pytest.raises(Conflict):
        store.put("cameras", "a", feature(kind="panoramic"), if_version=1, actor="me")
    with pytest.raises(Conflict):
        store.put("cameras", "a", feature(), if_version=0, actor="me")
    with pytest.raises(Conflict):
        store.delete("cameras", "a", if_version=1, actor="me")
    assert store.get("cameras", "a")[0]["properties"]["kind"] == "fixed"
    assert store.revision("cameras") == revision
    store.delete("cameras", "a", if_version=2, actor="me")
    for call in (
        lambda: store.get("cameras", "a"),
        lambda: store.delete("cameras", "a", if_version=None, actor="me"),
        lambda: store.put("cameras", "a", feature(), if_version=2, actor="me"),
    ):
        with pytest.raises(NotFound):
            call()
    # Numbers go on after a delete, so that an old ETag never fits a new feature.
    assert store.put("cameras", "a", feature(), if_version=0, actor="me") == 4 - 1


def test_what_get_gives_put_takes(store: Store) -> None:
    frame = gpd.GeoDataFrame({"code": ["g"], "level": [2]}, geometry=[PARTS], crs=4326)
    store.write("grids", frame, "upsert", actor="me")
    got, version = store.get("grids", "g")
    assert store.put("grids", "g", got, if_version=version, actor="me") == version
    assert shapely.equals_exact(shapely.geometry.shape(got["geometry"]), PARTS)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"type": "Point"}, BadValue),
        ({**feature(), "properties": [1]}, BadValue),
        ({**feature(), "id": "b"}, BadValue),
        (feature(id="b"), BadValue),
        (feature(kind="laser"), BadValue),
        (feature(azimuth="north"), BadValue),
        (feature(azimuth=float("nan"), height=float("inf")), BadValue),
        (feature(nosuch=1), UnknownName),
        ({**feature(), "geometry": None}, BadGeometry),
        (
            {**feature(), "geometry": {"type": "LineString", "coordinates": [[0, 0], [1, 0]]}},
            BadGeometry,
        ),
        ({**feature(), "geometry": {"type": "Point", "coordinates": []}}, BadGeometry),
        ({**feature(), "geometry": {"type": "Point", "coordinates": ["1", 2]}}, BadGeometry),
        ({**feature(), "geometry": {"type": "Point", "coordinates": [float("nan"), 2]}}, BadGeometry),
        ({**feature(), "geometry": {"type": "Point", "coordinates": [[[[1]]]]}}, BadGeometry),
        (feature(x=200.0), BadGeometry),
    ],
)
def test_a_feature_that_cannot_be_stored_is_refused(store: Store, body: dict, error: type[Exception]) -> None:
    with pytest.raises(error):
        store.put("cameras", "a", body, if_version=None, actor="me")
    assert store.count("cameras") == 0


def test_a_collection_nested_deep_never_reaches_the_geometry_library(store: Store) -> None:
    geometry: dict = {"type": "Point", "coordinates": [103, 37]}
    for _ in range(50_000):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    with pytest.raises(BadGeometry):
        store.put(
            "demand", "a", {"type": "Feature", "geometry": geometry, "properties": {}}, if_version=None, actor="me"
        )
    deep: list = [1.0, 2.0]
    for _ in range(50_000):
        deep = [deep]
    for shape in (geometry, {"type": "Polygon", "coordinates": deep}):
        body = {"type": "Feature", "geometry": shape, "properties": {}}
        with pytest.raises(BadGeometry):
            store.put("demand", "a", body, if_version=None, actor="me")
