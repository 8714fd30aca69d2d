"""Check networks of roads in pieces, drawn in metres: what is not connected, how long it is, and where it nearly is."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geo.check.checks import check
from geo.crs import from_wgs84

CRS, X, Y = 4547, 500_000.0, 4_165_000.0


def roads(*lines: list[tuple[float, float]], kinds: list[str | None] | None = None) -> gpd.GeoDataFrame:
    """Return roads r1, r2, ... in metres from a corner."""
    shapes = [shapely.LineString([(X + x, Y + y) for x, y in line]) for line in lines]
    data = {"id": [f"r{number}" for number in range(1, len(lines) + 1)], "class": kinds or ["residential"] * len(lines)}
    return gpd.GeoDataFrame(data, geometry=shapes, crs=CRS).to_crs("EPSG:4326")


def found(frame: gpd.GeoDataFrame) -> list[tuple[tuple[str, ...], float, tuple[float, float], str]]:
    """Return keys, metres, the position in metres from the corner, and the English words of each finding."""
    out = []
    for one in check({"roads": frame}):
        assert (one.severity, one.code, one.layer) == ("warning", "roads-in-pieces", "roads")
        x, y = from_wgs84(one.lon, one.lat, CRS)
        at = round(float(x) - X, 1) + 0.0, round(float(y) - Y, 1) + 0.0
        out.append((one.keys, round(one.value or 0.0, 1), at, one.text.partition(" / ")[2]))
    return out


#: A street of 1 km; a road that meets it at its middle, of 400 m.
MAIN = [[(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0)], [(500.0, 0.0), (500.0, 400.0)]]


def test_a_network_of_one_piece_is_not_named() -> None:
    assert found(roads(*MAIN)) == []
    assert found(roads(*MAIN, [(300, 0.4), (300, 90)])) == [], "an end 0.4 m short meets the road"
    assert found(roads([(0, 0), (9, 0)])) == []


def test_each_piece_is_named_with_its_roads_its_length_and_its_nearest_place() -> None:
    """Two roads of 60 and 40 m, which begin 3 m beside the street; one of 50 m, 200 m from its end."""
    pieces = [[(200.0, 3.0), (200.0, 63.0)], [(200.0, 63.0), (240.0, 63.0)], [(1200.0, 0.0), (1250.0, 0.0)]]
    assert found(roads(*MAIN, *pieces)) == [
        (("r3", "r4"), 100.0, (200.0, 3.0),
         "2 road(s) of 100 m (6.5% of all) are not connected to the largest piece of the network, nearest 3.0 m away"),
        (("r5",), 50.0, (1200.0, 0.0),
         "1 road(s) of 50 m (3.2% of all) are not connected to the largest piece of the network, nearest 200.0 m away"),
    ]  # fmt: skip


def test_a_road_that_crosses_without_a_vertex_is_a_bridge_and_that_is_said() -> None:
    ((keys, metres, at, text),) = found(roads(*MAIN, [(700.0, -50.0), (700.0, 50.0)]))
    assert (keys, metres, at) == (("r3",), 100.0, (700.0, 0.0))
    assert "cross it without a common vertex, which counts as a bridge" in text


@pytest.mark.parametrize("kind", ["proposed", "construction", "corridor"])
def test_roads_that_nobody_travels_are_no_piece(kind: str) -> None:
    assert found(roads(*MAIN, [(0.0, 500.0), (90.0, 500.0)], kinds=["primary", None, kind])) == []


def test_a_row_of_several_lines_is_in_each_piece_that_it_is_of() -> None:
    frame = roads(*MAIN)
    frame.loc[1, "geometry"] = shapely.union(frame.geometry[1], roads([(0.0, 500.0), (90.0, 500.0)]).geometry[0])
    ((keys, metres, _, _),) = found(frame)
    assert (keys, metres) == (("r2",), 90.0)
