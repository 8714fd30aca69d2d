"""Find the nearest facility by road, and how far it is (rule P7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rustworkx as rx
import shapely

from geo.network.road_graph import RoadGraph, RoadLines, road_graph

#: A point this near a road (m) is on it (rule P7).
SNAP_M = 500.0
#: Distances that differ by less (m) are equal: the code decides.
TIE_M = 1e-6


@dataclass(frozen=True)
class Nearest:
    """The nearest facility of each unit.

    Attributes
    ----------
    facility
        Which facility, as a position among those given.
    distance_m
        Metres by road with both snaps, or straight.
    air
        Whether it is straight, as no road reaches from the unit to any facility.
    """

    facility: np.ndarray
    distance_m: np.ndarray
    air: np.ndarray


def nearest_facility(lines: RoadLines, units: np.ndarray, facilities: np.ndarray, codes: Sequence[str]) -> Nearest:
    """Return the nearest facility by road of each unit, by the straight line where no road reaches (rule P7).

    Parameters
    ----------
    lines
        The roads.
    units, facilities
        Coordinates (n, 2) in the CRS of the roads; at least one facility.
    codes
        Of the facilities: of two at one distance the one with the lower code is nearest.

    Examples
    --------
    Along a road from 0 to 100 m: one facility at its beginning, one 30 m beside its end.

    >>> lines = RoadLines(shapely.from_wkt(["LINESTRING (0 0, 100 0)"]), np.array([0]))
    >>> found = nearest_facility(lines, np.array([[70.0, 10.0], [0.0, 900.0]]), np.array([[0.0, 0], [100, 30]]), "ab")
    >>> found.facility.tolist(), found.distance_m.round().tolist(), found.air.tolist()
    ([1, 1], [70.0, 876.0], [False, True])
    """
    rank = np.empty(len(codes), np.int64)
    rank[sorted(range(len(codes)), key=lambda k: (codes[k], k))] = np.arange(len(codes))
    by_code = np.argsort(rank)
    # 1. both snapped to the nearest road: a node of the graph each
    points = shapely.points(np.concatenate([facilities, units]).reshape(-1, 2))
    line, along, off = _snaps(lines, points)
    on_road = line >= 0
    graph = road_graph(lines, line[on_road], along[on_road])
    node = np.full(len(points), -1)
    node[on_road] = graph.cut
    # 2. how far every node is from the facility nearest to it, and which that is
    count = len(facilities)
    distance, best = _nearest_of_nodes(graph, node[:count], off[:count], rank)
    unit_node = node[count:]
    reached = unit_node >= 0
    reached[reached] = np.isfinite(distance[unit_node[reached]])
    # 3. straight where no road reaches
    facility = np.full(len(units), -1)
    out = np.full(len(units), np.nan)
    facility[reached] = by_code[best[unit_node[reached]]]
    out[reached] = distance[unit_node[reached]] + off[count:][reached]
    for k in np.flatnonzero(~reached):
        straight = np.hypot(*(facilities - units[k]).T)
        ties = np.flatnonzero(straight <= straight.min() + TIE_M)
        facility[k] = ties[np.argmin(rank[ties])]
        out[k] = straight[facility[k]]
    return Nearest(facility, out, ~reached)


def _snaps(lines: RoadLines, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each point the nearest line within 500 m (-1: none), how far along it, and how far off (m)."""
    line = np.full(len(points), -1)
    along, off = np.zeros(len(points)), np.zeros(len(points))
    if len(lines.shape):
        found = shapely.STRtree(lines.shape).query_nearest(points, max_distance=SNAP_M, all_matches=True)
        order = np.lexsort((found[1], found[0]))[::-1]  # of equals the first line is written last
        k, which = found[0][order], found[1][order]
        line[k] = which
    on = line >= 0
    along[on] = shapely.line_locate_point(lines.shape[line[on]], points[on]) if on.any() else 0.0
    off[on] = shapely.distance(lines.shape[line[on]], points[on]) if on.any() else 0.0
    return line, along, off


def _nearest_of_nodes(
    graph: RoadGraph, node: np.ndarray, off: np.ndarray, rank: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return for each node the distance to the nearest facility (m), infinite for none, and the rank of its code.

    One search of Dijkstra (1959, doi:10.1007/BF01386390) from a node that joins all facilities; then, from the near
    nodes to the far, each takes the lowest code among those that its shortest ways come from.
    """
    count = len(graph.xy)
    net = graph.rustworkx()
    source = net.add_node(count)
    on_road = np.flatnonzero(node >= 0)
    net.add_edges_from([(source, int(node[k]), float(off[k])) for k in on_road])
    distance = np.full(count + 1, np.inf)
    for at, metres in rx.dijkstra_shortest_path_lengths(net, source, float).items():
        distance[at] = metres
    best = np.full(count, len(rank))
    for k in on_road:
        if off[k] <= distance[node[k]] + TIE_M:
            best[node[k]] = min(best[node[k]], rank[k])
    # edges that a shortest way goes along, by the distance of their near end
    near = np.where(distance[graph.start] <= distance[graph.end], graph.start, graph.end)
    far = graph.start + graph.end - near
    finite = np.isfinite(distance[near])
    tight = np.zeros(len(near), bool)
    tight[finite] = distance[near[finite]] + graph.length[finite] <= distance[far[finite]] + TIE_M
    edges = np.flatnonzero(tight & (near != far))
    for edge in edges[np.argsort(distance[near[edges]], kind="stable")].tolist():
        best[far[edge]] = min(best[far[edge]], best[near[edge]])
    return distance[:count], best
