"""Make a graph of road lines: nodes where roads meet, edges the parts of centre lines between them (rules P5, P7, P8).

Crossings, sections, gates, reach and patrols all stand on it, so that what is a crossing to one is a way to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import rustworkx as rx
import shapely

from geo.assessment.carriageways import LEFT_OUT_CLASSES
from geo.catalog.free_words import road_class
from geo.network.groups import groups
from geo.sentences import sentence

#: An end this near another road (m) meets it: registers drawn by hand miss by less than half a lane.
JOIN_M = 0.5
#: Vertices within this (m) are one place.
SAME_M = 0.001
#: Classes that nobody goes along: not built yet, or inside a building. A tunnel has no ground to see, but leads on.
NOT_TRAVELLED = frozenset(LEFT_OUT_CLASSES - {"tunnel"})
_LINE_TYPES, _POINT_TYPES = (1, 2, 5), (0, 4)


@dataclass(frozen=True)
class RoadLines:
    """Roads as single lines in a metric CRS; a row of several lines is several of them.

    Attributes
    ----------
    shape
        LineStrings, each longer than nothing.
    row
        The row of the frame that each is of.
    """

    shape: np.ndarray
    row: np.ndarray


@dataclass(frozen=True)
class RoadGraph:
    """The graph of roads.

    Attributes
    ----------
    xy
        Coordinates of the nodes (n, 2).
    start, end
        Nodes of each edge.
    line
        Which line each edge is a part of, and ``begin`` the distance (m) along the line where it starts.
    begin, length
        Metres.
    cut
        Node of each further cut that was asked for.
    """

    xy: np.ndarray
    start: np.ndarray
    end: np.ndarray
    line: np.ndarray
    begin: np.ndarray
    length: np.ndarray
    cut: np.ndarray

    def rustworkx(self) -> rx.PyGraph:
        """Return the graph for algorithms: node numbers as here, the weight of an edge its length."""
        graph = rx.PyGraph()
        graph.add_nodes_from(range(len(self.xy)))
        ends = zip(self.start.tolist(), self.end.tolist(), self.length.tolist(), strict=True)
        graph.add_edges_from(list(ends))
        return graph


def road_lines(roads: gpd.GeoDataFrame) -> RoadLines:
    """Return the lines of the roads that people travel; roads planned or inside buildings are left out.

    Parameters
    ----------
    roads
        Rows of layer ``roads`` in a metric CRS; ``class`` may be missing.

    Examples
    --------
    >>> shapes = shapely.from_wkt(["MULTILINESTRING ((0 0, 1 0), (5 0, 6 0))", "LINESTRING (0 0, 0 9)"])
    >>> road_lines(gpd.GeoDataFrame({"class": [None, "proposed"]}, geometry=shapes, crs=4547)).row.tolist()
    [0, 0]
    """
    travelled = np.ones(len(roads), bool)
    if "class" in roads:
        codes, names = pd.factorize(roads["class"].astype(object), use_na_sentinel=True)
        known = np.array([*(road_class(name) not in NOT_TRAVELLED for name in names), True], bool)
        travelled = known[codes]
    return single_lines(roads.geometry, travelled)


def single_lines(shapes: gpd.GeoSeries, chosen: np.ndarray) -> RoadLines:
    """Return the chosen rows that are lines, each part of a row as a line of its own.

    Examples
    --------
    >>> shapes = gpd.GeoSeries.from_wkt(["POINT (0 0)", "LINESTRING (0 0, 9 0, 9 0)", "LINESTRING (0 0, 0 9)"])
    >>> found = single_lines(shapes, np.array([True, True, False]))
    >>> found.row.tolist(), shapely.get_num_points(found.shape).tolist()
    ([1], [2])
    """
    rows = np.flatnonzero(chosen & np.isin(shapely.get_type_id(shapes.to_numpy()), _LINE_TYPES))
    parts, of = shapely.get_parts(shapes.to_numpy()[rows], return_index=True)
    parts = shapely.remove_repeated_points(shapely.force_2d(parts))
    kept = shapely.length(parts) > SAME_M
    return RoadLines(parts[kept], rows[of[kept]])


def road_graph(lines: RoadLines, cut_line: np.ndarray | None = None, cut_at: np.ndarray | None = None) -> RoadGraph:
    """Return the graph of roads: they meet where they share a vertex, and where an end lies at most 0.5 m from another.

    Lines that cross without a common vertex do not meet: one is a bridge.

    Parameters
    ----------
    lines
        The roads.
    cut_line, cut_at
        Further cuts: which line, and how far along it (m).

    Examples
    --------
    A road of 10 m, and one that ends at its middle, 0.2 m short of it:

    >>> lines = RoadLines(shapely.from_wkt(["LINESTRING (0 0, 10 0)", "LINESTRING (5 0.2, 5 8)"]), np.array([0, 1]))
    >>> found = road_graph(lines)
    >>> len(found.xy), found.length.round(1).tolist()
    (4, [5.0, 5.0, 7.8])
    """
    at, line_of = shapely.get_coordinates(lines.shape, return_index=True)
    if not len(lines.shape):
        nothing, none = np.empty(0, np.int64), np.empty(0)
        return RoadGraph(np.empty((0, 2)), nothing, nothing, nothing, none, none, nothing)
    along, first, last = _distances_along(at, line_of)
    # 1. places: vertices that are the same are one
    _, place, uses = np.unique(np.round(at / SAME_M).astype(np.int64), axis=0, return_inverse=True, return_counts=True)
    place = place.ravel()
    is_end = np.zeros(len(at), bool)
    is_end[first], is_end[last] = True, True
    chosen = np.flatnonzero(is_end | (uses[place] > 1))
    # 2. ends that stop short of another road: at a cut that it has anyway, or at one of their own
    end, at_line, at_along = _short_ends(lines, at, line_of, place, is_end)
    beside = _nearest_cut(line_of[chosen], along[chosen], at_line, at_along)
    is_new = beside < 0
    extra_line = np.empty(0, np.int64) if cut_line is None else np.asarray(cut_line, np.int64)
    extra_at = np.empty(0) if cut_at is None else np.asarray(cut_at, float)
    nodes = len(uses)
    short = int(is_new.sum())
    new = nodes + np.arange(short + len(extra_line))
    same = [(end[is_new], new[:short]), (end[~is_new], place[chosen[beside[~is_new]]])]
    # 3. all cuts along each line, in order; those that coincide are one node
    of = np.concatenate([line_of[chosen], at_line[is_new], extra_line])
    where = np.concatenate([along[chosen], at_along[is_new], extra_at])
    node = np.concatenate([place[chosen], new])
    order = np.lexsort((node, where, of))
    of, where, node = of[order], where[order], node[order]
    next_to = (of[1:] == of[:-1]) & (where[1:] - where[:-1] <= SAME_M)
    same.append((node[:-1][next_to], node[1:][next_to]))
    merged = groups(nodes + len(new), *(np.concatenate(one) for one in zip(*same, strict=True)))
    # 4. a node stands at the lowest of its vertices, whatever the order of the roads; a further cut on its line
    xy = np.zeros((int(merged.max()) + 1, 2))
    is_cut = node >= nodes
    xy[merged[node[is_cut]]] = shapely.get_coordinates(
        shapely.line_interpolate_point(lines.shape[of[is_cut]], where[is_cut])
    )
    lowest = chosen[np.lexsort((at[chosen, 1], at[chosen, 0]))[::-1]]  # written last
    xy[merged[place[lowest]]] = at[lowest]
    # 5. edges between neighbouring cuts of a line
    step = np.flatnonzero((of[1:] == of[:-1]) & ~next_to)
    used = np.concatenate([merged[node[step]], merged[node[step + 1]], merged[new[short:]]])
    names, numbers = np.unique(used, return_inverse=True)
    edges = len(step)
    return RoadGraph(
        xy[names],
        numbers[:edges],
        numbers[edges : 2 * edges],
        of[step],
        where[step],
        where[step + 1] - where[step],
        numbers[2 * edges :],
    )


def edge_shapes(lines: RoadLines, graph: RoadGraph) -> np.ndarray:
    """Return the part of the centre line that each edge is, from its first node to its second.

    Where an end stops short of another road, both are drawn to their node: edges that meet have an end in common.

    Examples
    --------
    >>> lines = RoadLines(shapely.from_wkt(["LINESTRING (0 0, 4 0, 10 0)", "LINESTRING (5 0.2, 5 8)"]), np.arange(2))
    >>> [shape.wkt for shape in edge_shapes(lines, road_graph(lines))]
    ['LINESTRING (0 0, 4 0, 5 0.2)', 'LINESTRING (5 0.2, 10 0)', 'LINESTRING (5 0.2, 5 8)']
    """
    if not len(graph.line):
        return np.empty(0, object)
    at, line_of = shapely.get_coordinates(lines.shape, return_index=True)
    along = _distances_along(at, line_of)[0]
    edge = _last_before(graph.line, graph.begin, line_of, along)
    past = along - graph.begin[edge]
    within = (graph.line[edge] == line_of) & (past > SAME_M) & (past < graph.length[edge] - SAME_M)
    every = np.arange(len(graph.line))
    of = np.concatenate([every, edge[within], every])
    place = np.concatenate([np.zeros(len(every)), past[within], graph.length])
    xy = np.concatenate([graph.xy[graph.start], at[within], graph.xy[graph.end]])
    order = np.lexsort((place, of))
    return np.asarray(shapely.linestrings(xy[order], indices=of[order]), object)


def crossings_without_node(lines: RoadLines, graph: RoadGraph) -> np.ndarray:
    """Return where roads cross and do not meet, (n, 2): in road data one is a bridge.

    Examples
    --------
    >>> cross = RoadLines(shapely.from_wkt(["LINESTRING (0 0, 2 2)", "LINESTRING (0 2, 2 0)"]), np.arange(2))
    >>> crossings_without_node(cross, road_graph(cross)).tolist()
    [[1.0, 1.0]]
    """
    one, other = shapely.STRtree(lines.shape).query(lines.shape, predicate="crosses")
    pairs = one < other
    if not pairs.any():
        return np.empty((0, 2))
    met = shapely.get_parts(shapely.intersection(lines.shape[one[pairs]], lines.shape[other[pairs]]))
    where = np.unique(shapely.get_coordinates(met[np.isin(shapely.get_type_id(met), _POINT_TYPES)]), axis=0)
    tree = shapely.STRtree(shapely.points(graph.xy))
    near = tree.query(shapely.points(where), predicate="dwithin", distance=JOIN_M)[0]
    return np.asarray(np.delete(where, np.unique(near), axis=0))


def crossings_note(count: int) -> list[str]:
    """Return the note that roads cross at so many places and do not meet; empty for none.

    Examples
    --------
    >>> crossings_note(0), crossings_note(2)[0].partition(" / ")[2]
    ([], 'roads cross at 2 places without a common vertex: taken as bridges, no crossings')
    """
    if not count:
        return []
    zh = f"{count} 处道路相交而没有共同的点，按立交处理，不作路口"
    places = "place" if count == 1 else "places"
    return [sentence(zh, f"roads cross at {count} {places} without a common vertex: taken as bridges, no crossings")]


def _distances_along(at: np.ndarray, line_of: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distance of each vertex along its line (m), and the first and last vertex of each line."""
    is_first = np.r_[True, line_of[1:] != line_of[:-1]]
    step = np.r_[0.0, np.hypot(*(at[1:] - at[:-1]).T)]
    step[is_first] = 0.0
    total = np.cumsum(step)
    first = np.flatnonzero(is_first)
    last = np.r_[first[1:] - 1, len(at) - 1]
    along = total - np.repeat(total[first], np.diff(np.r_[first, len(at)]))
    return along, first, last


def _short_ends(
    lines: RoadLines, at: np.ndarray, line_of: np.ndarray, place: np.ndarray, is_end: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of ends that lie at lines without a vertex there: which place, which line, how far along it."""
    ends, vertex = np.unique(place[is_end], return_index=True)
    points = shapely.points(at[is_end][vertex])
    k, line = shapely.STRtree(lines.shape).query(points, predicate="dwithin", distance=JOIN_M)
    number = int(place.max()) + 1
    other = ~np.isin(line * number + ends[k], line_of * number + place)
    k, line = k[other], line[other]
    order = np.lexsort((line, k))
    k, line = k[order], line[order]
    return ends[k], line, shapely.line_locate_point(lines.shape[line], points[k])


def _nearest_cut(cut_line: np.ndarray, cut_at: np.ndarray, line: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return for each place on a line the cut of that line nearest to it, -1 where none is within JOIN_M."""
    before = _last_before(cut_line, cut_at, line, at)
    after = np.minimum(before + 1, len(cut_line) - 1)
    off = [np.where(cut_line[one] == line, np.abs(cut_at[one] - at), np.inf) for one in (before, after)]
    nearest = np.where(off[0] <= off[1], before, after)
    return np.where(np.minimum(*off) <= JOIN_M, nearest, -1)


def _last_before(cut_line: np.ndarray, cut_at: np.ndarray, line: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return for each place on a line the last of the cuts, in order of line and distance, that is not beyond it."""
    rank = np.lexsort((np.concatenate([np.zeros(len(cut_at)), np.ones(len(at))]), np.concatenate([cut_at, at]),
                       np.concatenate([cut_line, line])))  # fmt: skip
    is_place = rank >= len(cut_at)
    out = np.empty(len(at), np.int64)
    out[rank[is_place] - len(cut_at)] = np.cumsum(~is_place)[is_place] - 1
    return np.maximum(out, 0)
