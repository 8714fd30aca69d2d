"""Test where roads meet and where they do not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.derivation.crossings import junctions
from geo.derivation.driven_roads import road_network
from geo.network.road_graph import RoadLines, edge_shapes, road_graph, road_lines
from tests.geo.network.drawn_roads import Edge, lattice_roads, lines, roads


@pytest.mark.parametrize(
    ("other", "nodes", "edges"),
    [
        ([(5, 0), (5, 9)], 4, 3),  # a common vertex in the middle
        ([(5, 0.4), (5, 9)], 4, 3),  # an end 0.4 m short
        ([(5, 0.6), (5, 9)], 4, 2),  # 0.6 m: they do not meet
        ([(10, 0.3), (10, 9)], 3, 2),  # an end near an end
        ([(10.3, 0.3), (20, 9)], 3, 2),  # two ends that stop short of each other
        ([(2, -5), (2, 9)], 4, 2),  # across without a common vertex: a bridge
        ([(0, 0), (5, 5), (10, 0)], 2, 2),  # both ends: a second way between the same nodes
    ],
)
def test_roads_meet_at_common_vertices_and_where_an_end_stops_short(other, nodes, edges) -> None:
    found = road_graph(lines([[(0, 0), (5, 0), (10, 0)], other]))
    assert (len(found.xy), len(found.length)) == (nodes, edges)


def test_cuts_are_nodes_of_the_graph_and_those_that_coincide_are_one() -> None:
    found = road_graph(lines([[(0, 0), (10, 0)]]), np.array([0, 0, 0]), np.array([4.0, 4.0, 10.0]))
    assert found.xy[found.cut].tolist() == [[4, 0], [4, 0], [10, 0]]
    assert len(set(found.cut.tolist())) == 2
    assert found.length.tolist() == [4, 6]


@settings(max_examples=30)
@given(lattice_roads(4, 20))
def test_edges_are_the_roads_cut_where_they_meet(drawn: list[Edge]) -> None:
    found = road_graph(lines(drawn))
    assert found.length.sum() == pytest.approx(100 * len(drawn))
    assert len(found.xy) == len({end for edge in drawn for end in edge})
    shapes = edge_shapes(lines(drawn), found)
    for k, shape in enumerate(shapes):
        assert np.allclose(shapely.get_coordinates(shape)[[0, -1]], found.xy[[found.start[k], found.end[k]]])


def test_roads_that_nobody_travels_are_left_out_and_no_roads_are_an_empty_graph() -> None:
    frame = roads([[(0, 0), (9, 0)]] * 3).assign(**{"class": ["tunnel", "construction", "在建"]})
    assert road_lines(frame).row.tolist() == [0], "people go through tunnels"
    nothing = RoadLines(np.empty(0, object), np.empty(0, np.int64))
    assert len(road_graph(nothing).xy) == 0


def test_two_ends_at_one_place_meet_the_road_that_they_stop_short_of() -> None:
    found = road_graph(lines([[(0, 0), (10, 0)], [(5, 0.4), (5, 9)], [(5, 0.4), (9, 9)]]))
    assert (len(found.xy), len(found.length)) == (5, 4)
    assert [5, 0.4] in found.xy.tolist()


_SHORT = st.tuples(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2))


@settings(max_examples=40)
@given(lattice_roads(4, 20), st.data())
def test_ends_drawn_by_hand_meet_as_those_that_share_their_vertices(drawn: list[Edge], data: st.DataObject) -> None:
    shapes = [[(x + dx, y + dy) for (x, y), (dx, dy) in ((end, data.draw(_SHORT)) for end in edge)] for edge in drawn]
    here, there = road_graph(lines(drawn)), road_graph(lines(shapes))
    assert len(there.xy) == len(here.xy)
    degrees = [sorted(np.bincount(np.concatenate([one.start, one.end])).tolist()) for one in (here, there)]
    assert degrees[0] == degrees[1]
    assert shapely.length(edge_shapes(lines(shapes), there)).sum() == pytest.approx(100 * len(drawn), rel=0.02)


@settings(max_examples=30)
@given(lattice_roads(3, 12), st.data())
def test_crossings_are_where_reach_and_patrols_have_three_ways(drawn: list[Edge], data: st.DataObject) -> None:
    shapes = [[(x + dx, y + dy) for (x, y), (dx, dy) in ((end, data.draw(_SHORT)) for end in edge)] for edge in drawn]
    graph, network = road_graph(lines(shapes)), road_network(roads(shapes), roads(shapes).crs)
    ways = np.bincount(np.concatenate([graph.start, graph.end]))
    assert sorted(map(tuple, graph.xy[ways >= 3])) == sorted(map(tuple, network.nodes[network.degree >= 3]))
    assert junctions(network).count == (ways >= 3).sum()
