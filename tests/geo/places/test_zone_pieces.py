"""Split and merge zones: areas add up, nothing but the cut is new, and borders stay shared to the bit."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import BadGeometry
from geo.places.zone_pieces import merge_zones, split_zone, with_vertices

box = shapely.box


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def town(seed: int, columns: int = 3, rows: int = 3) -> dict[str, shapely.Polygon]:
    """Return zones of a crooked lattice near (102, 37) that tile without a gap, borders shared to the bit."""
    rng = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)
    corners = np.array([102.0, 37.0]) + 0.003 * (corners + rng.uniform(-0.3, 0.3, corners.shape))
    return {
        f"{x}{y}": shapely.Polygon([corners[y, x], corners[y, x + 1], corners[y + 1, x + 1], corners[y + 1, x]])
        for x in range(columns)
        for y in range(rows)
    }


def tiles(zones: dict[str, shapely.Geometry]) -> bool:
    """Return whether zones share their borders to the bit: neither gap nor overlap, and every vertex is of both."""
    return bool(shapely.coverage_is_valid(np.array(list(zones.values()))))


def test_a_square_is_halved_and_its_neighbours_take_the_new_corners() -> None:
    around = {"west": box(-2, 0, 0, 2), "south": box(0, -2, 2, 0), "far": box(5, 5, 6, 6)}
    cut = split_zone(box(0, 0, 2, 2), line((0.5, -1), (0.5, 3)), around)
    assert [one.area for one in cut.parts] == [3.0, 1.0]
    assert set(cut.neighbours) == {"south"}, "the western one has no new corner"
    assert [0.5, 0.0] in shapely.get_coordinates(cut.neighbours["south"]).tolist()
    assert tiles({**around, **cut.neighbours, "a": cut.parts[0], "b": cut.parts[1]})


def test_a_bent_line_from_corner_to_border_is_the_border_of_the_parts() -> None:
    cut = split_zone(box(0, 0, 2, 2), line((0, 0), (1, 0.5), (2, 0.5)), {})
    for part in cut.parts:
        assert {(0.0, 0.0), (1.0, 0.5), (2.0, 0.5)} <= set(map(tuple, shapely.get_coordinates(part).tolist()))
    assert sum(one.area for one in cut.parts) == 4.0


def test_a_place_beside_a_corner_by_less_than_places_are_exact_is_the_corner() -> None:
    cut = split_zone(box(0, 0, 2, 2), line((3e-10, 2e-10), (2, 1)), {})
    found = {point for part in cut.parts for point in map(tuple, shapely.get_coordinates(part).tolist())}
    assert found == {(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (2.0, 2.0), (0.0, 2.0)}


def test_the_largest_shapes_that_are_taken_need_little_memory() -> None:
    """20,000 corners and as many points of the line: pairs of them would be gigabytes."""
    turns = np.linspace(0, 2 * np.pi, 19_999, endpoint=False)
    disc = shapely.Polygon(np.column_stack([103 + 0.01 * np.cos(turns), 37 + 0.01 * np.sin(turns)]))
    lon = np.linspace(102.98, 103.02, 20_000)
    wave = shapely.LineString(np.column_stack([lon, 37 + 0.001 * np.sin(lon * 5_000)]))
    tracemalloc.start()
    try:
        cut = split_zone(disc, wave, {})
        merged = merge_zones(*cut.parts)
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert sum(one.area for one in cut.parts) == pytest.approx(disc.area, rel=1e-9)
    assert merged.area == pytest.approx(disc.area, rel=1e-9)


def test_a_line_through_a_hole_cuts_what_is_around_it() -> None:
    ring = box(0, 0, 3, 3) - box(1, 1, 2, 2)
    cut = split_zone(ring, line((-1, 1.5), (4, 1.5)), {"inner": box(1, 1, 2, 2)})
    assert [one.area for one in cut.parts] == [4.0, 4.0]
    assert tiles({**cut.neighbours, "a": cut.parts[0], "b": cut.parts[1]})


def test_other_pieces_of_a_zone_go_with_the_larger_part() -> None:
    cut = split_zone(shapely.MultiPolygon([box(0, 0, 2, 2), box(5, 0, 6, 1)]), line((0.5, -1), (0.5, 3)), {})
    assert [(one.geom_type, one.area) for one in cut.parts] == [("MultiPolygon", 4.0), ("Polygon", 1.0)]


@pytest.mark.parametrize(
    ("zone", "cut", "said"),
    [
        (box(0, 0, 2, 2), line((0.5, -1), (0.5, 1)), "from border to border"),
        (box(0, 0, 2, 2), line((3, 0), (3, 2)), "from border to border"),
        (box(0, 0, 2, 2), line((0, 0), (0, 2)), "from border to border"),
        (box(0, 0, 2, 2) - box(0.5, 0.5, 1.5, 3), line((-1, 1), (3, 1)), "makes 3 pieces"),
        (box(0, 0, 2, 2), shapely.Point(1, 1), "at least two points"),
        (shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), line((1, -1), (1, 3)), "cross itself"),
        (shapely.Polygon(), line((1, -1), (1, 3)), "must be an area"),
        (line((0, 0), (1, 1)), line((1, -1), (1, 3)), "must be an area"),
    ],
)
def test_what_cannot_be_split_says_why(zone: shapely.Geometry, cut: shapely.Geometry, said: str) -> None:
    with pytest.raises(BadGeometry, match=said):
        split_zone(zone, cut, {})


def test_neighbours_with_other_corners_along_their_border_are_merged() -> None:
    merged = merge_zones(box(0, 0, 1, 2), shapely.union(box(1, 0, 2, 1), box(1, 1, 2, 3)))
    assert (merged.geom_type, merged.area) == ("Polygon", 5.0)
    assert (1.0, 2.0) in set(map(tuple, shapely.get_coordinates(merged).tolist()))


def test_a_zone_and_the_one_that_it_surrounds_make_a_whole() -> None:
    merged = merge_zones(box(0, 0, 3, 3) - box(1, 1, 2, 2), box(1, 1, 2, 2))
    assert (merged.area, len(merged.interiors)) == (9.0, 0)


def test_two_that_embrace_a_third_keep_it_out() -> None:
    west, east = box(0, 0, 1.5, 3) - box(1, 1, 2, 2), box(1.5, 0, 3, 3) - box(1, 1, 2, 2)
    assert (merge_zones(west, east).area, len(merge_zones(west, east).interiors)) == (8.0, 1)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        (box(0, 0, 1, 1), box(2, 0, 3, 1), "no border in common"),
        (box(0, 0, 1, 1), box(1, 1, 2, 2), "no border in common"),
        (box(0, 0, 1, 1), box(0.5, 0, 2, 1), "no border in common|overlap"),
        (box(0, 0, 1, 2), shapely.Polygon([(1, 0), (2, 0), (2, 2), (1, 2), (1, 1.5), (1 + 1e-7, 1.2), (1, 1)]), "gap"),
    ],
)
def test_what_cannot_be_merged_says_why(one: shapely.Geometry, other: shapely.Geometry, said: str) -> None:
    with pytest.raises(BadGeometry, match=said):
        merge_zones(one, other)


def test_points_beside_the_border_and_its_own_corners_change_nothing() -> None:
    square = box(0, 0, 2, 2)
    assert with_vertices(square, np.array([[1, 1], [2, 2], [1, 0.001], [3, 0]])).equals_exact(square)
    assert with_vertices(square, np.empty((0, 2))) is square


_SHARE = st.floats(0.05, 0.95)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(0, 3), _SHARE, _SHARE, _SHARE, _SHARE)
def test_a_split_keeps_the_town_whole(
    seed: int, first: int, second: int, one: float, other: float, aside: float, ahead: float
) -> None:
    """Any line from border to border, also with a bend: areas add up, the town tiles, merging gives it back."""
    zones = town(seed)
    zone = zones["11"]
    corners = shapely.get_coordinates(zone)
    side = lambda at, share: corners[at] + share * (corners[at + 1] - corners[at])  # noqa: E731
    begin, end = side(first, one), side(second if second != first else (first + 1) % 4, other)
    middle = np.array(zone.centroid.coords[0])
    bent = shapely.LineString([begin, middle + 0.0002 * (np.array([aside, ahead]) - 0.5), end])
    beside = {key: shape for key, shape in zones.items() if key != "11"}
    try:
        cut = split_zone(zone, bent, beside)
    except BadGeometry:
        assert not zone.buffer(1e-9).covers(bent) or zone.boundary.intersection(bent).length > 0
        return
    after = {**beside, **cut.neighbours, "a": cut.parts[0], "b": cut.parts[1]}
    assert tiles(after)
    assert sum(part.area for part in cut.parts) == pytest.approx(zone.area, rel=1e-9)
    assert (
        shapely.union_all(list(after.values())).symmetric_difference(shapely.union_all(list(zones.values()))).area
        < 1e-12
    )
    merged = merge_zones(*cut.parts)
    assert tiles({**beside, **cut.neighbours, "11": merged})
    assert merged.area == pytest.approx(zone.area, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 1), st.integers(0, 2), st.booleans())
def test_a_merge_keeps_the_town_whole(seed: int, x: int, y: int, is_across: bool) -> None:
    zones = town(seed)
    pair = (f"{x}{y}", f"{x + 1}{y}") if is_across else (f"{y}{x}", f"{y}{x + 1}")
    merged = merge_zones(zones[pair[0]], zones[pair[1]])
    rest = {key: shape for key, shape in zones.items() if key not in pair}
    assert tiles({**rest, "new": merged})
    assert merged.area == pytest.approx(zones[pair[0]].area + zones[pair[1]].area, rel=1e-9)
    gone = {tuple(one) for key in pair for one in shapely.get_coordinates(zones[key]).tolist()}
    assert {tuple(one) for one in shapely.get_coordinates(merged).tolist()} == gone, "a corner of a third zone stays"
