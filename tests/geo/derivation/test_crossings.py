"""Count crossings on drawings: ends that meet, joined nodes, classes, surfaces (rule P5)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo.assessment.carriageways import road_polygons
from geo.errors import UnknownName
from geo.visibility.circles import quadrant_segments
from tests.geo.derivation.drawings import ORIGIN, crossings_of, moved, network_of, places_of, roads

EAST = [(-100.0, 0.0), (100.0, 0.0)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([EAST], [], id="one road"),
        pytest.param([EAST, [(100, 0), (200, 0)]], [], id="two roads end to end: two ends meet"),
        pytest.param([EAST, [(0, 0), (0, 80)]], [(0, 0)], id="a road ends on another, which has no vertex there"),
        pytest.param([EAST, [(0, 0.08), (0, 80)]], [(0, 0.08)], id="it ends 8 cm before it"),
        pytest.param([EAST, [(0, 0.3), (0, 80)]], [(0, 0.3)], id="it ends 30 cm before it, as far as reach goes on"),
        pytest.param([EAST, [(0, 0.6), (0, 80)]], [], id="it ends 60 cm before it"),
        pytest.param(
            [EAST, [(0, 0.4), (0, 80)], [(0, 0.4), (50, 80)]], [(0, 0.4)], id="two end at one place beside it"
        ),
        pytest.param([EAST, [(100.3, 0.2), (200, 0)]], [], id="two ends 36 cm apart: two ends meet"),
        pytest.param([EAST, [(0, -80), (0, 80)]], [], id="a bridge: no common vertex"),
        pytest.param([[(-100, 0), (0, 0), (100, 0)], [(0, -80), (0, 0), (0, 80)]], [(0, 0)], id="a common vertex"),
        pytest.param([EAST, EAST, EAST[::-1]], [], id="one road drawn three times"),
        pytest.param(
            [[(-50, 0), (0, 0), (50, 0)], [(-50, 50), (0, 0), (50, -50)], [(0.095, 0.05), (30, 80)]],
            [(0, 0)],
            id="it ends beside the vertex that two others share",
        ),
        pytest.param([[(0, 0), (50, 50), (0, 100), (-50, 50), (0, 0)], [(0, 0), (0, -80)]], [(0, 0)], id="a loop"),
        pytest.param([[(0, 0), (50, 50), (0, 100), (-50, 50), (0, 0)]], [], id="a ring alone: its own two ends"),
        pytest.param([[(0, 0), (50, 50), (50, 50), (99, 0)], [(0, 0), (0, 0)]], [], id="no length, repeated vertices"),
    ],
)
def test_a_crossing_is_where_three_ends_meet(lines: list, expected: list) -> None:
    assert places_of(roads(*lines)) == expected


def test_lines_that_cross_without_a_vertex_are_told() -> None:
    network, _ = network_of(roads(EAST, [(0, -80), (0, 80)], [(50, -80), (50, 0), (50, 80)]))
    assert (network.bridges - ORIGIN).tolist() == [[0, 0], [50, 0]]
    network, _ = network_of(roads([(-100, 0), (0, 0), (100, 0)], [(0, -80), (0, 0), (0, 80)]))
    assert not len(network.bridges)


@pytest.mark.parametrize(
    ("apart", "expected"),
    [(29.0, [(14.5, 0.0)]), (30.0, [(0.0, 0.0), (30.0, 0.0)]), (31.0, [(0.0, 0.0), (31.0, 0.0)])],
)
def test_nodes_joined_by_less_than_30_m_are_one(apart: float, expected: list) -> None:
    assert places_of(roads(EAST, [(0, 0), (0, 90)], [(apart, 0), (apart, -90)])) == expected


def test_near_nodes_are_joined_one_after_the_other() -> None:
    side = [[(x, 0), (x, 90)] for x in (0, 25, 50)]
    assert places_of(roads(EAST, *side)) == [(25.0, 0.0)], "50 m from end to end, by single linkage"


def test_the_way_by_road_counts_not_the_distance() -> None:
    # two ends 20 m apart by air, 120 m by road: a hairpin
    lines = [[(0, 0), (50, 0), (50, 20), (0, 20)], [(0, 0), (-90, -40)], [(0, 0), (0, -90)], [(0, 20), (-90, 60)],
             [(0, 20), (0, 90)]]  # fmt: skip
    assert places_of(roads(*lines)) == [(0.0, 0.0), (0.0, 20.0)]


def test_a_road_through_several_rows_is_one_road_of_a_length() -> None:
    # the 28 m between the two nodes are two rows of 14 m, of two names
    lines = [[(-90, 0), (0, 0)], [(0, 0), (14, 0)], [(14, 0), (28, 0)], [(28, 0), (90, 0)], [(0, 0), (0, 90)],
             [(28, 0), (28, 90)]]  # fmt: skip
    assert places_of(roads(*lines, name=["A", "B", "C", "D", "E", "F"])) == [(14.0, 0.0)]


def test_classes_that_are_chosen_meet_and_others_do_not() -> None:
    frame = roads(EAST, [(-50, 0), (-50, 50)], [(0, 0), (0, 50)], [(50, 0), (50, 50)], [(70, 0), (70, 50)])
    frame["class"] = ["国道", "service", "人行道", "支路", None]
    assert places_of(frame) == [(60.0, 0.0)], "the road without a class is driven, 20 m from the other"
    assert places_of(frame, ["trunk", "service"]) == [(-50.0, 0.0)]
    assert places_of(frame, ["国道"]) == []
    with pytest.raises(UnknownName, match="人行道"):
        places_of(frame, ["国道", "人行道"])


def test_the_surface_is_that_of_rule_d2_within_15_m() -> None:
    frame = roads([(-90, 0), (0, 0), (90, 0)], [(0, -90), (0, 0), (0, 90)], [(4, -90), (4, 90)], [(80, -90), (80, 90)])
    frame["class"] = ["primary", None, "footway", "primary"]
    frame["width"] = [12.0, None, None, 20.0]
    frame["name"] = ["民主街", " 文化路 ", "步道", "远路"]
    found = crossings_of(frame)
    assert found["name"].tolist() == ["文化路×民主街"], "the bridge 80 m away and the footway do not meet here"
    disc = shapely.Point(*ORIGIN).buffer(15, quad_segs=quadrant_segments(15.0))
    expected = shapely.union_all(road_polygons(frame, frame.crs)).intersection(disc)
    assert shapely.symmetric_difference(found.geometry.iloc[0], expected).area < 1e-6
    # a band of 12 m and one of 15 m cross within the circle: by the integral of its chords
    band = [2 * (h / 2 * np.sqrt(225 - h * h / 4) + 225 * np.arcsin(h / 30)) for h in (12, 15)]
    assert found.area.iloc[0] == pytest.approx(sum(band) - 12 * 15, abs=3), "corners that stick out of the circle"


def test_in_a_wide_roundabout_the_surface_is_that_of_its_nodes() -> None:
    turn = np.linspace(0, 2 * np.pi, 7)
    ring = [(28 * np.cos(a), 28 * np.sin(a)) for a in turn[:-1]]
    arms = [[(x, y), (4 * x, 4 * y)] for x, y in ring]
    found = crossings_of(roads([*ring, ring[0]], *arms, width=[8.0] * 7))
    assert len(found) == 1, "six nodes, 28 m apart"
    assert np.hypot(found["x"], found["y"]).iloc[0] < 1e-6
    assert found["ends"].tolist() == [6]
    surface = found.geometry.iloc[0]
    assert surface.area > 1_000
    assert surface.distance(moved(shapely.Point(0, 0))) > 19


def test_nothing_gives_nothing() -> None:
    assert len(crossings_of(roads())) == 0
    assert len(crossings_of(roads(EAST, **{"class": ["人行道"]}))) == 0
