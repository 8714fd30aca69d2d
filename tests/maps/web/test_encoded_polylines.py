"""Pack shapes as text and simplify them; unpack them to the same shapes."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.web import encoded_polylines
from tests.maps.county_data import county


def decoded(text: str) -> list[tuple[float, float]]:
    """Decode one ring by the format's own definition, as the page's script does; (lon, lat)."""
    numbers, value, shift = [], 0, 0
    for character in text:
        group = ord(character) - 63
        value |= (group & 0x1F) << shift
        shift += 5
        if group < 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    return [(lon / 1e6, lat / 1e6) for lat, lon in np.cumsum(np.reshape(numbers, (-1, 2)), axis=0)]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-179.9, 179.9), st.floats(-89.9, 89.9)), min_size=3, max_size=12, unique=True))
def test_packed_lines_come_back_to_a_tenth_of_a_metre(points: list[tuple[float, float]]) -> None:
    [[[text]]] = encoded_polylines.pack(np.array([shapely.LineString(points)]))
    wanted = [tuple(one) for one in np.rint(np.array(points) * 1e6) / 1e6]
    kept = [one for place, one in enumerate(wanted) if place == 0 or one != wanted[place - 1]]
    assert np.allclose(decoded(text), kept, rtol=0, atol=1e-9)


def test_packed_polygons_keep_holes_and_parts() -> None:
    holed = shapely.Polygon(
        [(0, 0), (10, 0), (10, 10), (0, 10)], [[(1, 1), (2, 1), (2, 2)], [(5, 5), (6, 5), (6, 6), (5, 6)]]
    )
    many = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), holed])
    mixed = shapely.GeometryCollection([shapely.Point(0, 0), shapely.box(0, 0, 1, 1)])
    packed = encoded_polylines.pack(
        np.array([holed, None, many, shapely.Polygon(), mixed, shapely.Point(1, 1)], dtype=object)
    )
    assert [[len(part) for part in one] for one in packed] == [[3], [], [1, 3], [], [1], []]
    assert decoded(packed[0][0][0]) == [(0, 0), (10, 0), (10, 10), (0, 10)]
    assert decoded(packed[0][0][1]) == [(1, 1), (2, 1), (2, 2)]
    back = shapely.Polygon(decoded(packed[2][1][0]), [decoded(one) for one in packed[2][1][1:]])
    assert back.equals(holed)


def test_packed_text_is_the_published_example() -> None:
    # The three points of the format's own description, there with five decimals: here a tenth of their degrees.
    line = shapely.LineString([(-12.02, 3.85), (-12.095, 4.07), (-12.6453, 4.3252)])
    assert encoded_polylines.pack(np.array([line])) == [[["_p~iF~ps|U_ulLnnqC_mqNvxq`@"]]]


def test_neighbours_keep_one_border_when_simplified() -> None:
    grids = encoded_polylines.degrees(county(gaps=30, cameras=40).zones["grids"])
    simple = encoded_polylines.simplified(grids, 200.0)
    assert shapely.get_num_coordinates(simple).sum() < 0.7 * shapely.get_num_coordinates(grids).sum()
    assert shapely.coverage_is_valid(simple)


def test_a_shape_too_small_to_simplify_stays() -> None:
    speck = shapely.box(0, 0, 1e-6, 1e-6)
    [[[text]]] = encoded_polylines.pack(np.array([speck]), metres=4.0)
    assert set(decoded(text)) == {(0, 0), (1e-6, 0), (1e-6, 1e-6), (0, 1e-6)}


def test_a_line_is_simplified_within_its_tolerance() -> None:
    wave = shapely.LineString([(x / 1e4, 2e-6 * (x % 2)) for x in range(100)])
    [[[text]]] = encoded_polylines.pack(np.array([wave]), metres=1.0)
    assert decoded(text) == [(0, 0), (0.0099, 2e-6)]
