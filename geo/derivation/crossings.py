"""Derive crossings: where three or more ends of driven roads meet, near ones as one (rule P5)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.assessment.carriageways import road_widths
from geo.derivation.driven_roads import RoadNetwork
from geo.network.groups import groups
from geo.visibility.circles import quadrant_segments

#: Rule P5: nodes joined by roads shorter than this (m) are one crossing.
JOINED_M = 30.0
#: Rule P5: a crossing is the road surface within this distance (m) of the mean of its nodes.
SURFACE_M = 15.0
#: Ends that meet in a crossing.
LEAST_ENDS = 3


@dataclass(frozen=True)
class Junctions:
    """Nodes of a network joined to crossings.

    Attributes
    ----------
    of_node
        The crossing of each node, -1 for a node that belongs to none; crossings are numbered by their first node.
    is_inner
        Whether an edge is a part of one crossing: of a road shorter than JOINED_M between nodes of it.
    """

    of_node: np.ndarray
    is_inner: np.ndarray

    @property
    def count(self) -> int:
        """How many crossings there are."""
        return int(self.of_node.max(initial=-1)) + 1


def junctions(network: RoadNetwork) -> Junctions:
    """Join the nodes at which three or more ends meet by single linkage along roads (rule P5).

    Examples
    --------
    Two roads end on a third from both sides, 20 m apart: one crossing, and those 20 m are a part of it.

    >>> from geo.derivation.driven_roads import road_network
    >>> lines = [[(0, 0), (200, 0)], [(90, 50), (90, 0)], [(110, -50), (110, 0)]]
    >>> roads = gpd.GeoDataFrame(geometry=[shapely.LineString(one) for one in lines], crs=4547)
    >>> network = road_network(roads, roads.crs)
    >>> found = junctions(network)
    >>> found.count, shapely.length(network.lines[found.is_inner]).tolist()
    (1, [20.0])
    """
    is_junction = network.degree >= LEAST_ENDS
    chain = network.chains(network.degree != 2)
    length = np.bincount(chain, shapely.length(network.lines))
    # the junctions at the two ends of each chain
    node, of = network.ends.ravel(), np.repeat(chain, 2)
    order = np.argsort(of, kind="stable")
    order = order[is_junction[node[order]]]
    ends = np.bincount(of[order], minlength=len(length))
    is_short = (ends == 2) & (length < JOINED_M)
    pairs = node[order][is_short[of[order]]].reshape(-1, 2)
    group = groups(len(network.nodes), pairs[:, 0], pairs[:, 1])
    of_node = np.full(len(network.nodes), -1)
    of_node[is_junction] = np.unique(group[is_junction], return_inverse=True)[1]
    return Junctions(of_node, is_short[chain] if len(chain) else np.zeros(0, bool))


def crossing_spots(network: RoadNetwork, joined: Junctions) -> tuple[np.ndarray, list[frozenset[str]]]:
    """Return where each crossing is, the mean of its nodes (m, (n, 2)), and the names of the roads that meet there.

    Examples
    --------
    >>> from geo.derivation.driven_roads import road_network
    >>> lines = [[(-100, 0), (0, 0), (100, 0)], [(0, -100), (0, 0), (0, 100)]]
    >>> shapes = [shapely.LineString(one) for one in lines]
    >>> roads = gpd.GeoDataFrame({"name": ["民主街", "文化路"]}, geometry=shapes, crs=4547)
    >>> network = road_network(roads, roads.crs)
    >>> xy, names = crossing_spots(network, junctions(network))
    >>> xy.tolist(), sorted(names[0])
    ([[0.0, 0.0]], ['文化路', '民主街'])
    """
    of_node, count = joined.of_node, joined.count
    member = np.flatnonzero(of_node >= 0)
    which = of_node[member]
    nodes = np.maximum(np.bincount(which, minlength=count), 1)
    xy = np.column_stack([np.bincount(which, network.nodes[member, k], count) / nodes for k in (0, 1)])
    node, edge = _meeting_ends(network, joined)
    names: list[set[str]] = [set() for _ in range(count)]
    for one, name in zip(of_node[node].tolist(), network.name[edge].tolist(), strict=True):
        if name:
            names[one].add(name)
    return xy, [frozenset(one) for one in names]


def _meeting_ends(network: RoadNetwork, joined: Junctions) -> tuple[np.ndarray, np.ndarray]:
    """Return node and edge of every end that meets others in a crossing, without the roads inside one."""
    node, edge = network.ends.ravel(), np.repeat(np.arange(len(network.lines)), 2)
    meets = (joined.of_node[node] >= 0) & ~joined.is_inner[edge]
    return node[meets], edge[meets]


def crossings(network: RoadNetwork, joined: Junctions, roads: gpd.GeoDataFrame, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the road surface of each crossing, with the names of the roads that meet there (rule P5).

    Where no road lies within SURFACE_M of the mean, as in a wide roundabout, the surface within that distance of the
    nodes stands for it.

    Parameters
    ----------
    network, joined
        The network, and its nodes joined to crossings.
    roads
        All roads, those that are not driven too: the surface is that of rule D2.
    crs
        The computing CRS, that of the network.

    Returns
    -------
    crossings
        ``name`` (names with × between them, null for none), ``x`` and ``y`` (m) of the mean, ``ends`` (how many ends
        meet), and the surface.

    Examples
    --------
    Two roads 10 m wide cross: a cross of 30 m by 10 m, cut by the circle.

    >>> from geo.derivation.driven_roads import road_network
    >>> lines = [[(-100, 0), (0, 0), (100, 0)], [(0, -100), (0, 0), (0, 100)]]
    >>> shapes = [shapely.LineString(one) for one in lines]
    >>> roads = gpd.GeoDataFrame({"name": ["民主街", "文化路"], "width": [10.0, 10.0]}, geometry=shapes, crs=4547)
    >>> network = road_network(roads, roads.crs)
    >>> found = crossings(network, junctions(network), roads, roads.crs)
    >>> found[["name", "x", "y", "ends"]].values.tolist(), float(round(found.area.iloc[0], -1))
    ([['文化路×民主街', 0.0, 0.0, 4]], 490.0)
    """
    of_node, count = joined.of_node, joined.count
    member = np.flatnonzero(of_node >= 0)
    which = of_node[member]
    xy, names = crossing_spots(network, joined)
    x, y = xy.T
    discs = shapely.buffer(shapely.points(x, y), SURFACE_M, quad_segs=quadrant_segments(SURFACE_M))
    surface = _surfaces(discs, roads, crs)
    for one in np.flatnonzero(shapely.is_empty(surface)).tolist():
        round_nodes = shapely.multipoints(network.nodes[member[which == one]])
        disc = shapely.buffer(round_nodes, SURFACE_M, quad_segs=quadrant_segments(SURFACE_M))
        surface[one] = _surfaces(np.array([disc], object), roads, crs)[0]
    node, _ = _meeting_ends(network, joined)
    columns = {
        "name": pd.Series(["×".join(sorted(one)) or None for one in names], dtype=object),
        "x": x, "y": y, "ends": np.bincount(of_node[node], minlength=count),
    }  # fmt: skip
    return gpd.GeoDataFrame(columns, geometry=list(surface), crs=crs)


def _surfaces(discs: np.ndarray, roads: gpd.GeoDataFrame, crs: pyproj.CRS) -> np.ndarray:
    """Return the union of the carriageways (rule D2) within each disc."""
    width = road_widths(roads)
    lines = roads.geometry.to_crs(crs).to_numpy()
    kept = np.isfinite(width) & np.isin(shapely.get_type_id(lines), (1, 2, 5)) & ~shapely.is_empty(lines)
    lines, half = shapely.force_2d(lines[kept]), width[kept] / 2
    empty = shapely.Polygon()
    out = np.full(len(discs), empty, object)
    if not len(lines) or not len(discs):
        return out
    # Only the part of a line near the disc is widened: what lies farther than half a width away adds nothing to it.
    reach = float(half.max()) + 1.0
    disc, line = shapely.STRtree(lines).query(discs, predicate="dwithin", distance=reach)
    near = shapely.intersection(lines[line], shapely.buffer(discs[disc], half[line] + 1.0))
    parts = np.full(len(near), empty, object)
    for one in np.unique(half[line]):
        same = half[line] == one
        parts[same] = shapely.buffer(near[same], one, cap_style="flat", quad_segs=quadrant_segments(one))
    parts = shapely.intersection(parts, discs[disc])
    starts = np.flatnonzero(np.concatenate([[True], disc[1:] != disc[:-1]])) if len(disc) else np.empty(0, int)
    for first, mine in zip(starts.tolist(), np.split(parts, starts[1:]), strict=False):
        out[disc[first]] = _polygons(shapely.union_all(mine))
    return out


def _polygons(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape, without the points and lines in which it only touches."""
    parts = shapely.get_parts(shape)
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    return polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons)
