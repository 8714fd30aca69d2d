"""Choose what a zoom shows of the ground: main roads from afar, every path from near, buildings where they are seen."""

from __future__ import annotations

import geopandas as gpd
import mapbox_vector_tile as mvt
import pytest
import shapely

from maps.tiles.drawn_tiles import drawn_layer
from maps.tiles.ground_tiles import as_ground, ground_tile
from maps.tiles.tile_grids import WEB_MERCATOR

LON, LAT = 103.0, 37.6
STREET = shapely.LineString([(LON - 0.3, LAT), (LON + 0.3, LAT)])


def drawn(layer: str, frame: gpd.GeoDataFrame, z: int) -> list[dict]:
    x, y, _, _ = WEB_MERCATOR.limits(z, (LON, LAT, LON, LAT))
    data = ground_tile(drawn_layer(as_ground(layer, frame)), z, x, y, name=layer)
    return [one["properties"] for one in mvt.decode(data)[layer]["features"]] if data else []


def square(side_m: float) -> shapely.Polygon:
    half = side_m / 2 / 111_320
    return shapely.box(LON + 1e-3 - half / 0.792, LAT - half, LON + 1e-3 + half / 0.792, LAT + half)


@pytest.mark.parametrize(
    ("z", "groups"),
    [(5, []), (6, [0]), (8, [0, 1]), (11, [0, 1, 2]), (12, [0, 1, 2, 3, 3]), (14, [0, 1, 2, 3, 3, 4])],
)
def test_roads_by_class_and_zoom(z: int, groups: list[int]) -> None:
    classes = ["国道", "primary", "乡道", "村道", None, "footway"]
    frame = gpd.GeoDataFrame({"class": classes, "name": "东街"}, geometry=[STREET] * len(classes), crs=4326)
    found = drawn("roads", frame, z)
    assert [one["group"] for one in found] == groups
    assert all(("name" in one) == (z >= 14) for one in found)


def test_buildings_by_size_from_afar_and_all_from_near() -> None:
    """A unit of a tile of zoom 13 is 0.95 m here, so that 16 units are 15 m."""
    frame = gpd.GeoDataFrame({"height": [3.0, 30.0, None]}, geometry=[square(12), square(20), square(30)], crs=4326)
    assert drawn("obstacles", frame, 12) == []
    assert drawn("obstacles", frame, 13) == [{"band": 2}, {"band": 0}]
    assert drawn("obstacles", frame, 14) == [{"band": 0}, {"band": 2}, {"band": 0}]


def test_of_own_zones_water_and_green_are_ground() -> None:
    frame = gpd.GeoDataFrame({"kind": ["water", "campus_surroundings", "green"]}, geometry=[square(300)] * 3, crs=4326)
    assert drawn("areas", frame, 12) == [{"kind": "water"}, {"kind": "green"}]
