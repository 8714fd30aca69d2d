"""Count gates and measure rings on drawings (rule P5)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.derivation.surroundings import gates, rings
from tests.geo.derivation.drawings import CRS, ORIGIN, moved, roads

SQUARE = shapely.box(0, 0, 100, 100)
YARD = SQUARE.difference(shapely.box(40, 40, 60, 60))


def places(*shapes: shapely.Geometry | None) -> gpd.GeoDataFrame:
    drawn = [None if one is None else moved(one) for one in shapes]
    names = [f"名{k}" for k in range(len(shapes))]
    return gpd.GeoDataFrame({"code": [f"p{k}" for k in range(len(shapes))], "name": names}, geometry=drawn, crs=CRS)


def gates_at(shape: shapely.Geometry, *lines: list, **columns: object) -> list[tuple[float, float]]:
    frame = roads(*lines, **columns)
    found = gates(places(shape), frame, frame.crs)
    return sorted((round(x, 3), round(y, 3)) for x, y in shapely.get_coordinates(found.geometry) - ORIGIN)


@pytest.mark.parametrize(
    ("shape", "lines", "expected"),
    [
        pytest.param(SQUARE, [[(-50, 50), (150, 50)]], [(0, 50), (100, 50)], id="through"),
        pytest.param(SQUARE, [[(-50, 50), (30, 50)]], [(0, 50)], id="it ends inside"),
        pytest.param(SQUARE, [[(-50, 50), (0, 50)]], [(0, 50)], id="it ends at the border"),
        pytest.param(SQUARE, [[(-50, 50), (0, 50)], [(0, 50), (30, 50)]], [(0, 50)], id="two rows meet at the border"),
        pytest.param(SQUARE, [[(20, 20), (80, 80)]], [], id="inside"),
        pytest.param(SQUARE, [[(-50, -10), (150, -10)]], [], id="outside"),
        pytest.param(SQUARE, [[(-50, 0), (150, 0)]], [], id="along the border"),
        pytest.param(SQUARE, [[(-50, 0), (50, 0), (50, 50)]], [(50, 0)], id="along the border, then inside"),
        pytest.param(SQUARE, [[(-50, 0), (50, 0), (50, -50)]], [], id="along the border, then outside"),
        pytest.param(YARD, [[(50, 50), (50, 150)]], [(50, 60), (50, 100)], id="a hole has a border too"),
        pytest.param(shapely.LineString([(0, 0), (0, 100)]), [[(-50, 50), (50, 50)]], [], id="a line has no gates"),
        pytest.param(SQUARE, [[(0, -50), (0, 50), (50, 50)]], [(0, 50)], id="up the side and in"),
    ],
)
def test_a_gate_is_where_a_road_meets_the_border(shape: shapely.Geometry, lines: list, expected: list) -> None:
    assert gates_at(shape, *lines) == expected


def test_driven_and_service_roads_have_gates_and_paths_have_none() -> None:
    lines = [[(x, -20), (x, 20)] for x in (10, 30, 50, 70, 90)]
    kinds = ["residential", "service", "footway", None, "在建"]
    assert gates_at(SQUARE, *lines, **{"class": kinds}) == [(10, 0), (30, 0), (70, 0)]


def test_three_estates_and_two_roads_have_four_gates() -> None:
    estates = [shapely.box(x, 0, x + 100, 100) for x in (0, 200, 400)]
    frame = roads([(50, -50), (50, 150)], [(180, 50), (390, 50)])
    found = gates(places(*estates), frame, frame.crs)
    assert found[["of", "name"]].values.tolist() == [["p0", "名0"]] * 2 + [["p1", "名1"]] * 2, "the third has none"
    longer = roads([(50, -50), (50, 150)], [(180, 50), (420, 50)])
    assert gates(places(*estates), longer, longer.crs)["of"].tolist() == ["p0", "p0", "p1", "p1", "p2"]


def test_gates_turn_with_the_drawing() -> None:
    shape, lines = moved(YARD), [[(-50, 0), (50, 0), (50, 50)], [(-9, 70), (150, 55)]]
    middle = shapely.Point(*ORIGIN)
    count = set()
    for degrees in range(0, 360, 15):
        frame = roads(*lines)
        frame = frame.set_geometry(frame.geometry.rotate(degrees, origin=middle))
        turned = places(YARD).set_geometry(gpd.GeoSeries([shape], crs=CRS).rotate(degrees, origin=middle))
        found = gates(turned, frame.iloc[1:], frame.crs)
        count.add(len(found))
        assert turned.geometry.iloc[0].boundary.distance(found.geometry).max() < 1e-6
    assert count == {2}


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        (shapely.Point(0, 0), np.pi * 200**2),
        (shapely.LineString([(0, 0), (300, 0)]), 300 * 400 + np.pi * 200**2),
        (SQUARE, 4 * 100 * 200 + np.pi * 200**2),
        (YARD, 4 * 100 * 200 + np.pi * 200**2 + 20 * 20),
        (shapely.MultiPolygon([SQUARE, shapely.box(9_000, 0, 9_100, 100)]), 2 * (4 * 100 * 200 + np.pi * 200**2)),
        (shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]), None),
    ],
    ids=["point", "line", "square", "with a yard", "two parts", "a bow tie is repaired"],
)
def test_a_ring_is_what_lies_near_a_place_without_it(shape: shapely.Geometry, area: float | None) -> None:
    found = rings(places(shape), 200.0, gpd.GeoSeries([], crs=CRS).crs)
    ring = found.geometry.iloc[0]
    assert found["of"].tolist() == ["p0"]
    if area is not None:
        assert ring.area == pytest.approx(area, rel=1e-3)
    whole = shapely.make_valid(moved(shape))
    if shapely.area(whole):
        assert ring.intersection(whole).area < 1e-6
        assert shapely.union_all([ring, whole]).area == pytest.approx(whole.buffer(200.0, quad_segs=50).area, rel=1e-3)


def test_a_place_without_a_shape_has_no_ring() -> None:
    found = rings(places(None, shapely.Polygon(), shapely.Point(0, 0)), 50.0, gpd.GeoSeries([], crs=CRS).crs)
    assert found["of"].tolist() == ["p2"]
    assert len(gates(places(None, shapely.Polygon()), roads([(0, 0), (9, 9)]), gpd.GeoSeries([], crs=CRS).crs)) == 0
