"""Take the driven roads out of the roads: edges of their graph with class and name, and chains of edges (rule P5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.assessment.carriageways import FOOT_CLASSES, LEFT_OUT_CLASSES
from geo.catalog.free_words import road_class
from geo.errors import UnknownName
from geo.network.groups import groups
from geo.network.road_graph import JOIN_M, crossings_without_node, edge_shapes, road_graph, single_lines

#: Driven, but no road that meets others in a crossing unless it is chosen: drives, yards, rows of a car park.
SERVICE = "service"


@dataclass(frozen=True)
class RoadNetwork:
    """Centre lines cut where they meet.

    Attributes
    ----------
    lines
        One line for each edge (m, computing CRS), from its first node to its second; an edge drawn twice counts once.
    ends
        The two nodes of each edge, (n, 2).
    road
        The row of the road of each edge.
    kind, name
        Class and name of the road of each edge, empty where it has none.
    nodes
        Place of each node (m), (m, 2).
    bridges
        Places (m) where two lines cross without a common vertex, so that they do not meet.
    """

    lines: np.ndarray
    ends: np.ndarray
    road: np.ndarray
    kind: np.ndarray
    name: np.ndarray
    nodes: np.ndarray
    bridges: np.ndarray

    @property
    def degree(self) -> np.ndarray:
        """How many ends of edges meet at each node."""
        return np.bincount(self.ends.ravel(), minlength=len(self.nodes))

    def chains(self, is_stop: np.ndarray) -> np.ndarray:
        """Return the chain of each edge: edges go on through every node that is no stop."""
        node, edge = self.ends.ravel(), np.repeat(np.arange(len(self.lines)), 2)
        through = ~is_stop[node]
        # every edge of a node is tied to the first edge of that node
        first = np.full(len(self.nodes), -1)
        order = np.flatnonzero(through)[::-1]
        first[node[order]] = edge[order]
        return groups(len(self.lines), edge[through], first[node[through]])


def driven_classes(roads: gpd.GeoDataFrame, *, service: bool) -> set[str]:
    """Return the classes of driven roads among these roads, with or without service roads; "" is a road without one.

    Examples
    --------
    >>> import pandas as pd
    >>> sorted(driven_classes(pd.DataFrame({"class": ["省道", "service", "人行道", None, "tunnel"]}), service=False))
    ['', 'primary']
    """
    left_out = FOOT_CLASSES | LEFT_OUT_CLASSES | (set() if service else {SERVICE})
    return set(_kinds(roads).tolist()) - left_out


def chosen_roads(roads: gpd.GeoDataFrame, classes: Collection[str] | None, *, service: bool = False) -> np.ndarray:
    """Return whether each road is driven and of the classes chosen.

    Parameters
    ----------
    roads
        Rows of layer ``roads``.
    classes
        Classes in Chinese or English; None takes all that are driven.
    service
        Whether all that are driven have service roads among them.

    Raises
    ------
    UnknownName
        For a class that is not driven.
    """
    if classes is None:
        wanted = driven_classes(roads, service=service)
    else:
        wanted = {road_class(one) for one in classes}
        wrong = sorted(one for one in classes if road_class(one) in FOOT_CLASSES | LEFT_OUT_CLASSES)
        if wrong:
            listed = "、".join(wrong)
            raise UnknownName(f"道路等级 {listed} 不是行车道路", f"no driven road has the class {', '.join(wrong)}")
    return np.isin(_kinds(roads), list(wanted))


def road_network(roads: gpd.GeoDataFrame, crs: pyproj.CRS, classes: Collection[str] | None = None) -> RoadNetwork:
    """Cut the driven roads of the chosen classes where they meet, and join their ends (rule P5).

    Roads meet where those of reach and patrols do: at a common vertex, and where an end of one lies at most 0.5 m from
    another. Lines that cross without a vertex do not: in road data that is a bridge.

    Parameters
    ----------
    roads
        Rows of layer ``roads``.
    crs
        The computing CRS.
    classes
        Classes chosen; None takes all driven ones without service roads.

    Examples
    --------
    A road of 100 m, and one that ends at its middle: three edges, whose ends meet at one node.

    >>> lines = [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(50, 40), (50, 0)])]
    >>> roads = gpd.GeoDataFrame({"class": ["primary", "支路"]}, geometry=lines, crs=4547)
    >>> found = road_network(roads, roads.crs)
    >>> shapely.length(found.lines).tolist(), sorted(found.degree.tolist())
    ([50.0, 50.0, 40.0], [1, 1, 1, 3])
    """
    lines = single_lines(roads.geometry.to_crs(crs), chosen_roads(roads, classes))
    graph = road_graph(lines)
    shapes, ends, row = edge_shapes(lines, graph), np.column_stack([graph.start, graph.end]), lines.row[graph.line]
    kinds, names = _kinds(roads)[row], stripped_names(roads)[row]
    once = _drawn_once(shapes, kinds, names)
    # two ends of a road that are one place, and no way round between them
    once = once[(ends[once, 0] != ends[once, 1]) | (shapely.length(shapes[once]) > JOIN_M)]
    loose = crossings_without_node(lines, graph)
    return RoadNetwork(shapes[once], ends[once], row[once], kinds[once], names[once], graph.xy, loose)


def _kinds(roads: gpd.GeoDataFrame) -> np.ndarray:
    names = roads["class"].tolist() if "class" in roads else [None] * len(roads)
    known = {one: road_class(one) for one in {name for name in names if isinstance(name, str)}}
    return np.array([known.get(name, "") if isinstance(name, str) else "" for name in names], object)


def stripped_names(rows: gpd.GeoDataFrame) -> np.ndarray:
    """Return the name of each row, empty where it has none.

    Examples
    --------
    >>> import pandas as pd
    >>> stripped_names(pd.DataFrame({"name": [" 民主街 ", None]})).tolist()
    ['民主街', '']
    """
    names = rows["name"].tolist() if "name" in rows else [None] * len(rows)
    return np.array([one.strip() if isinstance(one, str) else "" for one in names], object)


def _drawn_once(lines: np.ndarray, kinds: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Return the lines without those drawn again; of several one with a name counts, then by class and name.

    So the order of the rows decides nothing.
    """
    same = np.unique(shapely.to_wkb(shapely.normalize(lines)), return_inverse=True)[1]
    words = [f"{not name:d}\n{kind}\n{name}" for kind, name in zip(kinds, names, strict=True)]
    order = np.lexsort((np.unique(np.array(words), return_inverse=True)[1], same))
    return np.sort(order[np.unique(same[order], return_index=True)[1]])
