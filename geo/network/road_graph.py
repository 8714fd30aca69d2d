"""Make a graph of road lines: nodes where roads meet, edges the parts of centre lines between them (rules P7, P8)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import rustworkx as rx
import shapely
from shapely.ops import substring

from geo.catalog.free_words import road_class

#: An end this near another road (m) meets it: registers drawn by hand miss by less than half a lane.
JOIN_M = 0.5
#: Vertices within this (m) are one place.
SAME_M = 0.001
#: Classes that nobody goes along: not built yet, or inside a building.
NOT_TRAVELLED = frozenset({"corridor", "elevator", "platform", "proposed", "construction"})
_LINE_TYPES = (1, 5)


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
    shapes = roads.geometry.to_numpy()
    travelled = np.ones(len(roads), bool)
    if "class" in roads:
        codes, names = pd.factorize(roads["class"].astype(object), use_na_sentinel=True)
        known = np.array([*(road_class(name) not in NOT_TRAVELLED for name in names), True], bool)
        travelled = known[codes]
    rows = np.flatnonzero(travelled & np.isin(shapely.get_type_id(shapes), _LINE_TYPES))
    parts, of = shapely.get_parts(shapes[rows], return_index=True)
    parts = shapely.force_2d(parts)
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
    count = len(lines.shape)
    at, line_of = shapely.get_coordinates(lines.shape, return_index=True)
    if not count:
        nothing, none = np.empty(0, np.int64), np.empty(0)
        return RoadGraph(np.empty((0, 2)), nothing, nothing, nothing, none, none, nothing)
    along, first, last = _distances_along(at, line_of)
    # 1. places: vertices that are the same are one
    _, place, uses = np.unique(np.round(at / SAME_M).astype(np.int64), axis=0, return_inverse=True, return_counts=True)
    place = place.ravel()
    is_end = np.zeros(len(at), bool)
    is_end[first], is_end[last] = True, True
    chosen = np.flatnonzero(is_end | (uses[place] > 1))
    # 2. ends that stop short of another road
    free = np.flatnonzero(is_end & (uses[place] == 1))
    short_line, short_at, short_vertex = _short_ends(lines, at[free], line_of[free], free)
    extra_line = np.empty(0, np.int64) if cut_line is None else np.asarray(cut_line, np.int64)
    extra_at = np.empty(0) if cut_at is None else np.asarray(cut_at, float)
    nodes = len(uses)
    new = nodes + np.arange(len(short_line) + len(extra_line))
    same = list(zip(new[: len(short_line)].tolist(), place[short_vertex].tolist(), strict=True))
    # 3. all cuts along each line, in order; those that coincide are one node
    of = np.concatenate([line_of[chosen], short_line, extra_line])
    where = np.concatenate([along[chosen], short_at, extra_at])
    node = np.concatenate([place[chosen], new])
    order = np.lexsort((node, where, of))
    of, where, node = of[order], where[order], node[order]
    next_to = (of[1:] == of[:-1]) & (where[1:] - where[:-1] <= SAME_M)
    same += list(zip(node[:-1][next_to].tolist(), node[1:][next_to].tolist(), strict=True))
    merged = _merged(nodes + len(new), same)
    # 4. edges between neighbouring cuts of a line
    step = np.flatnonzero((of[1:] == of[:-1]) & ~next_to)
    start, end = merged[node[step]], merged[node[step + 1]]
    names, numbers = np.unique(np.concatenate([start, end, merged[new[len(short_line) :]]]), return_inverse=True)
    xy = np.zeros((nodes + len(new), 2))
    xy[merged[node]] = shapely.get_coordinates(shapely.line_interpolate_point(lines.shape[of], where))
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


def edge_shape(lines: RoadLines, graph: RoadGraph, edge: int) -> shapely.LineString:
    """Return the part of the centre line that an edge is, from its start to its end."""
    begin = float(graph.begin[edge])
    return substring(lines.shape[graph.line[edge]], begin, begin + float(graph.length[edge]))


def crossings_note(lines: RoadLines) -> list[str]:
    """Return the note that roads cross without a common vertex, which are taken for bridges; empty for none.

    Examples
    --------
    >>> cross = shapely.from_wkt(["LINESTRING (0 0, 2 2)", "LINESTRING (0 2, 2 0)"])
    >>> crossings_note(RoadLines(cross, np.arange(2)))[0].partition(" / ")[2]
    '1 pairs of roads cross without a common vertex and count as bridges: they do not meet'
    """
    if not len(lines.shape):
        return []
    a, b = shapely.STRtree(lines.shape).query(lines.shape, predicate="crosses")
    a, b = a[a < b], b[a < b]
    shared = shapely.intersection(shapely.extract_unique_points(lines.shape[a]), lines.shape[b])
    count = int(shapely.is_empty(shared).sum())
    if not count:
        return []
    zh = f"{count} 对道路相交而没有公共顶点，按立交计，彼此不通"
    en = f"{count} pairs of roads cross without a common vertex and count as bridges: they do not meet"
    return [f"{zh} / {en}"]


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
    lines: RoadLines, ends: np.ndarray, own: np.ndarray, vertex: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return lines that a free end lies at, how far along them, and the vertex of the end."""
    points = shapely.points(ends)
    k, line = shapely.STRtree(lines.shape).query(points, predicate="dwithin", distance=JOIN_M)
    other = line != own[k]
    k, line = k[other], line[other]
    order = np.lexsort((line, k))
    k, line = k[order], line[order]
    return line, shapely.line_locate_point(lines.shape[line], points[k]), vertex[k]


def _merged(count: int, same: list[tuple[int, int]]) -> np.ndarray:
    """Return for each number the lowest one that it is the same as."""
    graph = rx.PyGraph(multigraph=True)
    graph.add_nodes_from(range(count))
    graph.add_edges_from_no_data(same)
    out = np.arange(count)
    for group in rx.connected_components(graph):
        if len(group) > 1:
            out[list(group)] = min(group)
    return out
