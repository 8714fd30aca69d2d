"""Hold every store to places made of several points, or of points, lines and areas together (docs/contract.md 6)."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.errors import BadGeometry
from geo.storage.protocol import Store
from geo.storage.records import WriteCounts
from tests.geo.storage.sample_layers import cameras

GATES = shapely.MultiPoint([(103.01, 37.01), (103.02, 37.02)])
ESTATE = shapely.box(103.1, 37.1, 103.11, 37.11)
ROAD = shapely.LineString([(103.2, 37.2), (103.21, 37.2)])
MIXED = shapely.GeometryCollection([ESTATE, ROAD, shapely.Point(103.3, 37.3)])


def places(*shapes: shapely.Geometry) -> gpd.GeoDataFrame:
    codes = [f"p{number}" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"code": codes}, geometry=list(shapes), crs="EPSG:4326")


def read_back(store: Store) -> list[str]:
    return [one.wkt for one in store.read("places").geometry]


def test_a_place_is_of_several_points_or_mixed(store: Store) -> None:
    store.write("places", places(GATES, MIXED), "upsert", actor="me")
    assert read_back(store) == [GATES.wkt, MIXED.wkt]
    again = store.write("places", places(GATES, MIXED), "upsert", actor="me")
    assert again == WriteCounts(0, 2, 2), "as they were"


def test_a_collection_is_stored_as_plainly_as_it_can_be(store: Store) -> None:
    collection = shapely.GeometryCollection
    given = [
        collection([ESTATE]),
        collection([shapely.Point(103, 37), collection([shapely.Point(103.1, 37)])]),
        collection([collection([ESTATE, shapely.MultiPoint([(103.3, 37.3)])]), ROAD, shapely.Point()]),
    ]
    store.write("places", places(*given), "upsert", actor="me")
    kept = collection([ESTATE, shapely.Point(103.3, 37.3), ROAD])
    assert read_back(store) == [ESTATE.wkt, "MULTIPOINT ((103 37), (103.1 37))", kept.wkt]


def test_a_mixed_place_of_a_feature_is_stored_and_a_hollow_one_refused(store: Store) -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(MIXED)}
    store.put("places", "a", feature, if_version=None, actor="me")
    assert read_back(store) == [MIXED.wkt]
    for parts in ([], [{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}], [None]):
        hollow = {**feature, "geometry": {"type": "GeometryCollection", "geometries": parts}}
        with pytest.raises(BadGeometry):
            store.put("places", "b", hollow, if_version=None, actor="me")


@pytest.mark.parametrize(
    ("op", "shape", "found"),
    [
        ("s_intersects", shapely.box(103.205, 37.1, 103.22, 37.3), ["p2"]),  # the road
        ("s_intersects", shapely.box(103.29, 37.29, 103.31, 37.31), ["p2"]),  # the point
        ("s_intersects", shapely.box(103.105, 37.105, 103.106, 37.106), ["p2"]),  # the area
        ("s_intersects", shapely.box(103.015, 37.005, 103.025, 37.025), ["p1"]),
        ("s_intersects", shapely.box(103.15, 37.15, 103.16, 37.16), []),  # in its box only
        ("s_disjoint", shapely.box(103.205, 37.1, 103.22, 37.3), ["p1"]),
        ("s_within", shapely.box(103, 37, 103.4, 37.4), ["p1", "p2"]),
        ("s_within", shapely.box(103.05, 37, 103.25, 37.4), []),
        ("s_contains", shapely.Point(103.105, 37.105), ["p2"]),
        ("s_contains", shapely.Point(103.02, 37.02), ["p1"]),
        ("s_equals", GATES, ["p1"]),
        ("s_crosses", shapely.box(103.205, 37.1, 103.22, 37.3), None),
        ("s_touches", shapely.box(103.11, 37.1, 103.12, 37.11), None),
        ("s_overlaps", shapely.box(103.205, 37.1, 103.22, 37.3), None),
    ],
)
def test_filters_find_each_part_of_a_place(
    store: Store, op: str, shape: shapely.Geometry, found: list[str] | None
) -> None:
    """Predicates that geometry libraries know for single kinds only answer something, and no error."""
    store.write("places", places(GATES, MIXED), "upsert", actor="me")
    where = {"op": op, "args": [{"property": "geometry"}, shapely.geometry.mapping(shape)]}
    codes = store.read("places", where=where)["code"].tolist()
    assert found is None or codes == found


def test_boxes_find_places_by_any_part(store: Store) -> None:
    store.write("places", places(GATES, MIXED), "upsert", actor="me")
    assert store.read("places", bbox=(103.29, 37.29, 103.31, 37.31))["code"].tolist() == ["p2"]
    assert store.read("places", bbox=(103.0, 37.0, 103.05, 37.05))["code"].tolist() == ["p1"]


def test_the_layers_of_one_kind_take_no_mixture(store: Store) -> None:
    frame = cameras("a")
    frame["geometry"] = [MIXED]
    for layer, rows in (
        ("cameras", frame),
        ("demand", gpd.GeoDataFrame({"id": ["d"]}, geometry=[MIXED], crs="EPSG:4326")),
        ("areas", gpd.GeoDataFrame({"code": ["d"]}, geometry=[MIXED], crs="EPSG:4326")),
    ):
        with pytest.raises(BadGeometry):
            store.write(layer, rows, "upsert", actor="me")
