from __future__ import annotations

import mapbox_vector_tile as mvt
import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.tiles.mvt_encoding import encode_layer

UNIT = st.integers(-64, 4160)
PLACE = st.tuples(UNIT, UNIT)


def decoded(shapes: list, **columns: list) -> list[dict]:
    data = encode_layer("x", np.array(shapes, dtype=object), columns, extent=4096)
    return mvt.decode(data, default_options={"y_coord_down": True})["x"]["features"]


def peer(shapes: list) -> list[dict]:
    """Return what another encoder makes of the same shapes."""
    features = [{"geometry": one, "properties": {}} for one in shapes]
    options = {"y_coord_down": True, "check_winding_order": False}
    data = mvt.encode({"name": "x", "features": features}, default_options=options)
    return mvt.decode(data, default_options={"y_coord_down": True})["x"]["features"]


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    """1, 1.0 and True are equal in Python; a tile tells them apart."""
    point = shapely.Point(1, 2)
    values = ["", "网格", 0, -1, 2**40, 1.0, 0.1, True, False, None, 1]
    found = decoded([point] * len(values), v=values)
    assert [one["properties"].get("v") for one in found] == values
    assert [type(one["properties"].get("v")) for one in found] == [type(one) for one in values]


def test_a_square_with_a_hole_and_a_second_part() -> None:
    hole = shapely.box(10, 10, 50, 50).difference(shapely.box(20, 20, 30, 30))
    both = shapely.orient_polygons(shapely.MultiPolygon([hole, shapely.box(60, 60, 70, 70)]))
    (one,) = decoded([both])
    assert one["geometry"]["type"] == "MultiPolygon"
    assert shapely.geometry.shape(one["geometry"]).equals(both)


@given(
    st.lists(PLACE, min_size=1, max_size=5, unique=True), st.lists(PLACE, min_size=2, max_size=6, unique=True), PLACE
)
def test_shapes_are_those_of_another_encoder(points, line, corner) -> None:
    """Points, several points, lines, several lines and boxes in one tile, in any order."""
    x, y = corner
    shapes = [
        shapely.Point(points[0]), shapely.MultiPoint(points), shapely.LineString(line),
        shapely.MultiLineString([line, line[::-1]]), shapely.box(x, y, x + 7, y + 3),
    ]  # fmt: skip
    ours, theirs = decoded(shapes), peer(shapes)
    for a, b in zip(ours, theirs, strict=True):
        assert shapely.geometry.shape(a["geometry"]).normalize() == shapely.geometry.shape(b["geometry"]).normalize()
