from __future__ import annotations

import geopandas as gpd
import mapbox_vector_tile as mvt
import numpy as np
import shapely

from maps.tiles.drawn_tiles import CELLS, POINTS_FROM, drawn_layer, drawn_tile
from maps.tiles.tile_grids import EXTENT, WEB_MERCATOR


def features(data: bytes) -> list[dict]:
    return mvt.decode(data, default_options={"y_coord_down": True})["x"]["features"] if data else []


def test_a_quarter_of_the_world_is_where_paper_says() -> None:
    """From 0 to 90 east and from the equator to the latitude a quarter of the way up: half of the tile south-east."""
    square = shapely.box(0, 0, 90, 66.51326044311186)
    layer = drawn_layer(gpd.GeoDataFrame({"code": ["a"], "n": [7]}, geometry=[square], crs="EPSG:4326"))
    (one,) = features(drawn_tile(layer, 0, 0, 0, name="x", fields=["code"]))
    assert one["properties"] == {"code": "a"}
    assert shapely.geometry.shape(one["geometry"]).bounds == (2048, 1024, 3072, 2048)


def test_far_out_every_point_is_counted_once_in_one_cell_of_one_tile() -> None:
    random = np.random.default_rng(3)
    places = np.stack([random.uniform(102, 104, 5_000), random.uniform(36, 38, 5_000)], axis=1)
    layer = drawn_layer(gpd.GeoDataFrame({"id": range(5_000)}, geometry=shapely.points(places), crs="EPSG:4326"))
    for z in (5, 8, 9):
        west, north, east, south = WEB_MERCATOR.limits(z, (102, 36, 104, 38))
        cells = []
        for x in range(west, east + 1):
            for y in range(north, south + 1):
                data = drawn_tile(layer, z, x, y, name="x", fields=["id"], are_counted=True)
                cells += [(x, y, *one["geometry"]["coordinates"], one["properties"]["n"]) for one in features(data)]
        assert sum(one[-1] for one in cells) == 5_000
        size = EXTENT / CELLS
        assert len(
            {(x, y, min(left, EXTENT - 1) // size, min(top, EXTENT - 1) // size) for x, y, left, top, _ in cells}
        ) == len(cells)


def test_near_every_point_is_itself() -> None:
    layer = drawn_layer(gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(103, 37)], crs="EPSG:4326"))
    x, y, _, _ = WEB_MERCATOR.limits(POINTS_FROM, (103, 37, 103, 37))
    (one,) = features(drawn_tile(layer, POINTS_FROM, x, y, name="x", fields=["id"], are_counted=True))
    assert one["properties"] == {"id": "a"}


def test_a_layer_in_metres_is_drawn_where_it_lies_in_degrees() -> None:
    place = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.Point(103, 37)], crs="EPSG:4326")
    both = [drawn_layer(one).shapes[0] for one in (place, place.to_crs("EPSG:4543"))]
    assert shapely.distance(*both) < 1e-9


def test_what_has_no_shape_is_in_no_tile() -> None:
    rows = gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=[None, shapely.Point()], crs="EPSG:4326")
    assert drawn_tile(drawn_layer(rows), 0, 0, 0, name="x", fields=["id"]) == b""
