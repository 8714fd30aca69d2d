"""Join the centre lines of driven roads into a network: edges between places where ends meet, and chains of edges."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from geo.assessment.carriageways import FOOT_CLASSES, LEFT_OUT_CLASSES
from geo.catalog.free_words import road_class
from geo.derivation.groups import groups, touching
from geo.errors import UnknownName

#: Ends at most this far (m) from another end, or from a line, touch it (as footprints do, rule B1).
TOUCH_M = 0.10
#: Driven, but no road that meets others in a crossing unless it is chosen: drives, yards, rows of a car park.
SERVICE = "service"
_LINES, _POINTS = (1, 2, 5), (0, 4)


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
    shapes = roads.geometry.to_numpy()
    is_line = np.isin(shapely.get_type_id(shapes), _LINES) & ~shapely.is_empty(shapes)
    return np.isin(_kinds(roads), list(wanted)) & is_line


def road_network(roads: gpd.GeoDataFrame, crs: pyproj.CRS, classes: Collection[str] | None = None) -> RoadNetwork:
    """Cut the driven roads of the chosen classes where they meet, and join their ends (rule P5).

    Roads meet where they share a vertex, and where an end of one lies on another. Lines that cross without a vertex do
    not: in road data that is a bridge.

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
    row = np.flatnonzero(chosen_roads(roads, classes))
    parts, index = shapely.get_parts(roads.geometry.to_crs(crs).to_numpy()[row], return_index=True)
    parts = shapely.remove_repeated_points(shapely.force_2d(parts))
    kept = shapely.length(parts) > TOUCH_M
    parts, row = parts[kept], row[index[kept]]
    if not len(parts):
        none = np.empty(0, int)
        empty, nowhere = np.empty(0, object), np.empty((0, 2))
        return RoadNetwork(empty, np.empty((0, 2), int), none, empty, empty, nowhere, nowhere)
    lines, part = _cut(_with_contacts(parts))
    kinds, names = _kinds(roads)[row[part]], _names(roads)[row[part]]
    once = _drawn_once(lines, kinds, names)
    lines, ends, nodes = _noded(lines[once])
    loose = _crossings_without_node(parts, nodes)
    kept = (ends[:, 0] != ends[:, 1]) | (shapely.length(lines) > TOUCH_M)
    once = once[kept]
    return RoadNetwork(lines[kept], ends[kept], row[part[once]], kinds[once], names[once], nodes, loose)


def _kinds(roads: gpd.GeoDataFrame) -> np.ndarray:
    names = roads["class"].tolist() if "class" in roads else [None] * len(roads)
    known = {one: road_class(one) for one in {name for name in names if isinstance(name, str)}}
    return np.array([known.get(name, "") if isinstance(name, str) else "" for name in names], object)


def _names(roads: gpd.GeoDataFrame) -> np.ndarray:
    names = roads["name"].tolist() if "name" in roads else [None] * len(roads)
    return np.array([one.strip() if isinstance(one, str) else "" for one in names], object)


def _drawn_once(lines: np.ndarray, kinds: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Return the lines without those drawn again; of several one with a name counts, then by class and name.

    So the order of the rows decides nothing.
    """
    same = np.unique(shapely.to_wkb(shapely.normalize(lines)), return_inverse=True)[1]
    words = [f"{not name:d}\n{kind}\n{name}" for kind, name in zip(kinds, names, strict=True)]
    order = np.lexsort((np.unique(np.array(words), return_inverse=True)[1], same))
    return np.sort(order[np.unique(same[order], return_index=True)[1]])


def _with_contacts(parts: np.ndarray) -> np.ndarray:
    """Return the lines with a vertex wherever the end of another touches them without one."""
    ends = np.unique(np.concatenate([_ends(parts, 0), _ends(parts, -1)]), axis=0)
    points = shapely.points(ends)
    line, point = shapely.STRtree(points).query(parts, predicate="dwithin", distance=TOUCH_M)
    at = shapely.line_locate_point(parts[line], points[point])
    inside = (at > TOUCH_M) & (at < shapely.length(parts[line]) - TOUCH_M)
    out = parts.copy()
    line, point, at = line[inside], point[inside], at[inside]
    if not len(line):
        return out
    order = np.argsort(line, kind="stable")
    lines, start = np.unique(line[order], return_index=True)
    for one, mine in zip(lines.tolist(), np.split(order, start[1:]), strict=True):
        out[one] = _with_vertices(parts[one], ends[point[mine]], at[mine])
    return out


def _with_vertices(line: shapely.LineString, places: np.ndarray, at: np.ndarray) -> shapely.LineString:
    """Return a line with vertices at places beside it; its own stay, as others may share them."""
    xy = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    for place, distance in zip(places, at, strict=True):
        if not (xy == place).all(axis=1).any():
            where = int(np.searchsorted(along, distance))
            xy, along = np.insert(xy, where, place, axis=0), np.insert(along, where, distance)
    return shapely.LineString(xy)


def _cut(parts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the lines cut at every vertex that occurs twice, and the part of each."""
    xy, part = shapely.get_coordinates(parts, return_index=True)
    _, same, count = np.unique(xy, axis=0, return_inverse=True, return_counts=True)
    is_start = np.concatenate([[True], part[1:] != part[:-1]])
    is_end = np.concatenate([part[1:] != part[:-1], [True]])
    is_cut = (count[same.ravel()] > 1) & ~is_start & ~is_end
    # a vertex where a line is cut ends one edge and starts the next
    twice = np.repeat(np.arange(len(xy)), 1 + is_cut)
    second = np.concatenate([[False], twice[1:] == twice[:-1]])
    edge = np.cumsum(is_start[twice] & ~second | second) - 1
    lines = shapely.linestrings(xy[twice], indices=edge)
    return lines, part[twice][np.concatenate([[True], edge[1:] != edge[:-1]])]


def _noded(lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the lines with ends that touch made one, the nodes of each, and the places of the nodes."""
    both = np.concatenate([_ends(lines, 0), _ends(lines, -1)])
    points, which = np.unique(both, axis=0, return_inverse=True)
    group = touching(points, TOUCH_M)
    count = np.bincount(group)
    first = np.full(len(count), len(points))
    np.minimum.at(first, group, np.arange(len(points)))
    nodes = points[first]
    ends = group[which.ravel()].reshape(2, -1).T
    if (count > 1).any():
        lines = lines.copy()
        for one in np.flatnonzero((count[ends] > 1).any(axis=1)).tolist():
            xy = shapely.get_coordinates(lines[one])
            xy[0], xy[-1] = nodes[ends[one, 0]], nodes[ends[one, 1]]
            lines[one] = shapely.LineString(xy)
    return lines, ends, nodes


def _crossings_without_node(parts: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    one, other = shapely.STRtree(parts).query(parts, predicate="crosses")
    pairs = one < other
    if not pairs.any():
        return np.empty((0, 2))
    met = shapely.intersection(parts[one[pairs]], parts[other[pairs]])
    where = np.unique(shapely.get_coordinates(met[np.isin(shapely.get_type_id(met), _POINTS)]), axis=0)
    tree = shapely.STRtree(shapely.points(nodes))
    near = tree.query(shapely.points(where), predicate="dwithin", distance=TOUCH_M)[0]
    return np.delete(where, np.unique(near), axis=0)


def _ends(lines: np.ndarray, which: int) -> np.ndarray:
    return shapely.get_coordinates(shapely.get_point(lines, which))
