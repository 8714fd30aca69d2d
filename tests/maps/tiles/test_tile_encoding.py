from __future__ import annotations

import importlib

import geopandas as gpd
import mapbox_vector_tile as mvt
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from mapbox_vector_tile.Mapbox import vector_tile_pb2
from shapely.geometry import shape

from maps.tiles import tile_encoding
from maps.tiles.tile_encoding import build_tile
from maps.tiles.tile_grids import EXTENT, GRIDS, MARGIN

MERCATOR, DEGREES = GRIDS["WebMercatorQuad"], GRIDS["WorldCRS84Quad"]
#: The latitude a quarter of the way down the Mercator square: atan(sinh(pi / 2)).
QUARTER = 66.51326044311186
CRS = "EPSG:4326"


def frame(shapes: list, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": [f"f{k}" for k in range(len(shapes))], **columns}, geometry=shapes, crs=CRS)


def encode_tile(rows: gpd.GeoDataFrame, z: int, x: int, y: int, *, layer: str) -> bytes:
    return build_tile(rows, MERCATOR, z, x, y, layer=layer).data


def features(data: bytes, layer: str = "x") -> list[dict]:
    return mvt.decode(data, default_options={"y_coord_down": True})[layer]["features"] if data else []


def drawn(data: bytes) -> list:
    return [shape(one["geometry"]) for one in features(data)]


@pytest.mark.parametrize(
    ("grid", "tile", "place", "units"),
    [
        (MERCATOR, (0, 0, 0), (0, 0), (2048, 2048)),
        (MERCATOR, (0, 0, 0), (-90, QUARTER), (1024, 1024)),
        (MERCATOR, (0, 0, 0), (135, -QUARTER), (3584, 3072)),
        (MERCATOR, (1, 1, 0), (90, QUARTER), (2048, 2048)),
        (MERCATOR, (2, 0, 3), (-135, -QUARTER), (2048, 0)),  # the upper border of the lowest row
        (MERCATOR, (2, 0, 2), (-135, -QUARTER), (2048, 4096)),  # the same point, at the foot of the row above
        (DEGREES, (0, 1, 0), (45, 45), (1024, 1024)),
        (DEGREES, (0, 0, 0), (-45, -45), (3072, 3072)),
        (
            DEGREES,
            (3, 12, 2),
            (102.65625, 35.15625),
            (2304, 1792),
        ),  # 22.5 degrees a tile from 90 E, 45 N: 0.5625, 0.4375
    ],
)
def test_a_point_lands_where_paper_says(grid, tile, place, units) -> None:
    z, x, y = tile
    built = build_tile(frame([shapely.Point(place)]), grid, z, x, y, layer="x")
    (one,) = features(built.data)
    assert tuple(one["geometry"]["coordinates"]) == units
    assert one["properties"] == {"id": "f0"}


def test_a_square_is_one_ring_clockwise_on_the_screen() -> None:
    data = encode_tile(frame([shapely.box(0, 0, 90, QUARTER)]), 0, 0, 0, layer="x")
    message = vector_tile_pb2.tile.FromString(data)
    (layer,) = message.layers
    assert (layer.name, layer.version, layer.extent) == ("x", 2, 4096)
    (one,) = layer.features
    assert one.type == 3
    moves = list(one.geometry)
    assert (moves[0], moves[3], moves[-1]) == (9, 26, 15)  # MoveTo 1, LineTo 3, ClosePath (MVT 2.1, 4.3.3)
    turned = [(n >> 1) ^ -(n & 1) for n in (*moves[1:3], *moves[4:10])]
    corners = np.cumsum(np.array(turned).reshape(4, 2), axis=0)
    assert {tuple(c) for c in corners.tolist()} == {(2048, 2048), (3072, 2048), (3072, 1024), (2048, 1024)}
    x, y = corners.T
    assert np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) == 2 * 1024 * 1024  # surveyor's formula: positive is outer


def test_a_hole_turns_the_other_way() -> None:
    ring = shapely.box(0, 0, 90, 60).difference(shapely.box(30, 20, 60, 40))
    (layer,) = vector_tile_pb2.tile.FromString(encode_tile(frame([ring]), 0, 0, 0, layer="x")).layers
    (polygon,) = [shape(one["geometry"]) for one in features(encode_tile(frame([ring]), 0, 0, 0, layer="x"))]
    assert len(polygon.interiors) == 1
    assert polygon.exterior.is_ccw  # in y downwards, which is clockwise to the eye
    assert not polygon.interiors[0].is_ccw
    assert len(layer.features) == 1


def test_what_goes_beyond_the_margin_is_cut_there() -> None:
    world = shapely.box(-170, -80, 170, 80)
    (square,) = drawn(encode_tile(frame([world]), 3, 3, 3, layer="x"))
    assert square.bounds == (-MARGIN, -MARGIN, EXTENT + MARGIN, EXTENT + MARGIN)
    assert square.area == (EXTENT + 2 * MARGIN) ** 2
    (line,) = drawn(encode_tile(frame([shapely.LineString([(-170, 10), (170, 10)])]), 3, 3, 3, layer="x"))
    assert line.bounds[0] == -MARGIN
    assert line.bounds[2] == EXTENT + MARGIN


def test_points_in_the_margin_are_in_both_tiles() -> None:
    edge = MERCATOR.corner(4, 8 + 60 / EXTENT, 5.5)
    both = frame([shapely.Point(edge)])
    assert drawn(encode_tile(both, 4, 8, 5, layer="x"))[0].x == 60
    assert drawn(encode_tile(both, 4, 7, 5, layer="x"))[0].x == EXTENT + 60
    assert encode_tile(frame([shapely.Point(MERCATOR.corner(4, 8 + 70 / EXTENT, 5.5))]), 4, 7, 5, layer="x") == b""


def test_small_shapes_are_omitted_and_fine_corners_dropped() -> None:
    unit = 360 / 2**10 / EXTENT
    west, south = 100.0, 10.0
    tiny = shapely.box(west, south, west + 0.4 * unit, south + 0.3 * unit)
    wave = shapely.LineString([(west + k * unit, south + (k % 2) * 0.2 * unit) for k in range(300)])
    z = 10
    x, y, _, _ = MERCATOR.limits(z, (west, south, west, south))
    found = features(encode_tile(frame([tiny, wave]), z, x, y, layer="x"))
    assert [one["properties"]["id"] for one in found] == ["f1"]
    assert len(found[0]["geometry"]["coordinates"]) == 2


def test_too_many_features_leave_out_the_narrowest_and_say_so() -> None:
    boxes = [shapely.box(10, 10, 10 + k, 12) for k in (5, 1, 9, 3, 7)]
    built = build_tile(frame(boxes), MERCATOR, 2, 2, 1, layer="x", max_features=2)
    assert [one["properties"]["id"] for one in features(built.data)] == ["f2", "f4"]
    assert built.omitted == 3
    assert build_tile(frame(boxes), MERCATOR, 2, 2, 1, layer="x", max_features=5).omitted == 0


def test_points_are_thinned_evenly_not_by_key() -> None:
    west = np.arange(2000) * 0.02
    points = frame(list(shapely.points(west, np.full(2000, 20.0))))
    built = build_tile(points, MERCATOR, 1, 1, 0, layer="x", max_features=400)
    kept = np.array([one.x for one in drawn(built.data)])
    assert (len(kept), built.omitted) == (400, 1600)
    quarters, _ = np.histogram(kept, bins=4, range=(0, kept.max()))
    assert quarters.min() > 60  # by key the first quarter would hold them all
    again = build_tile(points.sample(frac=1, random_state=1), MERCATOR, 1, 1, 0, layer="x", max_features=400)
    ids = lambda data: {one["properties"]["id"] for one in features(data)}  # noqa: E731
    assert ids(again.data) == ids(built.data)


def test_values_keep_their_kind_and_nulls_stay_out() -> None:
    columns = {
        "name": ["甲", None], "level": [2, None], "height": [3.5, np.nan], "is_new": [True, False],
        "valid_from": ["2026-01-01", None], "secret": ["a", "b"],
    }  # fmt: skip
    rows = frame([shapely.Point(1, 1), shapely.Point(2, 2)], **columns)
    rows["level"] = rows["level"].astype("Int64")
    first, second = features(build_tile(rows, MERCATOR, 0, 0, 0, layer="x").data)
    assert first["properties"] == {"id": "f0", "name": "甲", "level": 2, "height": 3.5, "is_new": True, "secret": "a"}
    assert type(first["properties"]["level"]) is int
    assert second["properties"] == {"id": "f1", "is_new": False, "secret": "b"}
    (only, _) = features(build_tile(rows, MERCATOR, 0, 0, 0, layer="x", fields=["name"]).data)
    assert only["properties"] == {"name": "甲"}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=list(GRIDS))
def test_poles_and_antimeridian_are_safe(grid) -> None:
    shapes = [
        shapely.Point(180, 90), shapely.Point(-180, -90), shapely.Point(180, 0), shapely.box(-180, -90, 180, -60),
        shapely.MultiPolygon([shapely.box(170, 0, 180, 5), shapely.box(-180, 0, -170, 5)]),
        shapely.LineString([(0, 89), (0, 90)]),
    ]  # fmt: skip
    for z, x, y in ((0, 0, 0), (1, 0, 1), (2, 3, 1), (5, grid.size(5)[0] - 1, 15)):
        for one in drawn(build_tile(frame(shapes), grid, z, x, y, layer="x").data):
            assert one.is_valid
            assert np.isfinite(one.bounds).all()
            assert min(one.bounds) >= -MARGIN
            assert max(one.bounds) <= EXTENT + MARGIN
    antarctica = features(build_tile(frame(shapes), grid, 0, 0, 0, layer="x").data)
    foot = {one["properties"]["id"]: shape(one["geometry"]).bounds[3] for one in antarctica}["f3"]
    assert foot == (EXTENT + MARGIN if grid is MERCATOR else EXTENT)


def test_empty_and_missing_shapes_make_no_feature() -> None:
    assert encode_tile(frame([None, shapely.Polygon(), shapely.Point()]), 0, 0, 0, layer="x") == b""
    assert encode_tile(frame([]), 0, 0, 0, layer="x") == b""


@given(
    st.lists(st.tuples(st.integers(-20, 4200), st.integers(-20, 4200)), min_size=3, max_size=14),
    st.sampled_from(["polygon", "line"]),
)
@example([(0, 0), (100, 100), (100, 0), (0, 100)], "polygon")  # a bow tie
@example([(0, 0), (50, 0), (50, 50), (50, 0), (100, 0), (100, 9)], "polygon")  # a spike
def test_whatever_shape_comes_a_valid_one_is_drawn(corners, kind) -> None:
    z, x, y = 12, 3200, 1600
    places = [MERCATOR.corner(z, x + a / EXTENT, y + b / EXTENT) for a, b in corners]
    one = shapely.Polygon(places) if kind == "polygon" else shapely.LineString(places)
    for found in drawn(encode_tile(frame([one]), z, x, y, layer="x")):
        assert found.is_valid
        assert found.geom_type in (
            {"Polygon", "MultiPolygon"} if kind == "polygon" else {"LineString", "MultiLineString"}
        )
        at = shapely.get_coordinates(found)
        assert (at == np.rint(at)).all()
        assert at.min() >= -MARGIN
        assert at.max() <= EXTENT + MARGIN
        for part in getattr(found, "geoms", [found]):
            if kind == "polygon":
                assert part.exterior.is_ccw
                assert all(not ring.is_ccw for ring in part.interiors)


def test_the_database_cuts_tiles_by_the_same_numbers() -> None:
    """A migration is frozen and imports nothing; tests/api/routes/test_tiles.py compares fields."""
    parts = importlib.import_module("migrations.parts_20261122.tiles")
    assert parts._MOST == tile_encoding.MAX_FEATURES
    assert 64 / 4096 == 0.015625 == MARGIN / EXTENT
