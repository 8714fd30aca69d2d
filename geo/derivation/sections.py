"""Derive road sections: the centre lines between neighbouring crossings or ends, of one name and class (rule P5)."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from geo.derivation.crossings import Junctions
from geo.derivation.driven_roads import RoadNetwork

#: Rule P5: a longer section (m) is cut evenly.
LONGEST_M = 500.0
# Lengths are sums of square roots: a road of 500 m is not cut for the last bit.
_ROUNDING_M = 1e-6


def sections(network: RoadNetwork, joined: Junctions, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return the sections of a network; with the edges inside crossings they add up to its roads (rule P5).

    Parameters
    ----------
    network, joined
        The network, and its nodes joined to crossings.
    crs
        The computing CRS, that of the network.

    Returns
    -------
    sections
        ``name`` (null for none), ``class`` (as OpenStreetMap has it, empty for none), and the line.

    Examples
    --------
    A road of 1,200 m that is met by another at 300 m: two roads end there, and 900 m are two sections.

    >>> from geo.derivation.crossings import junctions
    >>> from geo.derivation.driven_roads import road_network
    >>> lines = [shapely.LineString([(0, 0), (300, 0), (1200, 0)]), shapely.LineString([(300, 0), (300, 100)])]
    >>> roads = gpd.GeoDataFrame({"class": ["国道", "支路"], "name": ["G312", None]}, geometry=lines, crs=4547)
    >>> network = road_network(roads, roads.crs)
    >>> found = sections(network, junctions(network), roads.crs)
    >>> found.assign(m=found.length)[["name", "class", "m"]].values.tolist()
    [['G312', 'trunk', 300.0], ['G312', 'trunk', 450.0], ['G312', 'trunk', 450.0], [None, 'unclassified', 100.0]]
    """
    outer = np.flatnonzero(~joined.is_inner)
    rest = RoadNetwork(
        network.lines[outer], network.ends[outer], network.road[outer], network.kind[outer], network.name[outer],
        network.nodes, network.bridges,
    )  # fmt: skip
    is_stop = (network.degree != 2) | _changes(network)
    chain = rest.chains(is_stop)
    order = np.argsort(chain, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(chain[order]) > 0])) if len(chain) else np.empty(0, int)
    lines: list[shapely.LineString] = []
    edges: list[int] = []
    for mine in np.split(order, starts[1:]) if len(starts) else []:
        pieces = evenly_cut(_walked(rest, mine, is_stop))
        lines += pieces
        edges += [int(mine[0])] * len(pieces)
    at = np.array(edges, int)
    names = pd.Series([name or None for name in rest.name[at].tolist()], dtype=object)
    return gpd.GeoDataFrame({"name": names, "class": rest.kind[at]}, geometry=lines, crs=crs)


def evenly_cut(line: shapely.LineString, longest: float = LONGEST_M) -> list[shapely.LineString]:
    """Return a line cut into as few pieces of one length as none is longer than that (m).

    Examples
    --------
    >>> [piece.length for piece in evenly_cut(shapely.LineString([(0, 0), (700, 0), (700, 500)]))]
    [400.0, 400.0, 400.0]
    """
    length = line.length
    count = max(1, math.ceil((length - _ROUNDING_M) / longest))
    if count == 1:
        return [line]
    xy = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    at = along[-1] * np.arange(count + 1) / count
    cuts = np.column_stack([np.interp(at, along, xy[:, k]) for k in (0, 1)])
    pieces = []
    for k in range(count):
        between = xy[(along > at[k] + _ROUNDING_M) & (along < at[k + 1] - _ROUNDING_M)]
        pieces.append(shapely.LineString(np.vstack([cuts[k : k + 1], between, cuts[k + 1 : k + 2]])))
    return pieces


def _changes(network: RoadNetwork) -> np.ndarray:
    """Return whether the ends at a node are of several names or classes."""
    words = np.array([f"{kind}\n{name}" for kind, name in zip(network.kind, network.name, strict=True)], object)
    code = np.unique(words.astype(str), return_inverse=True)[1] if len(words) else np.empty(0, int)
    node, mine = network.ends.ravel(), np.repeat(code, 2)
    low, high = np.full(len(network.nodes), len(code)), np.full(len(network.nodes), -1)
    np.minimum.at(low, node, mine)
    np.maximum.at(high, node, mine)
    return np.asarray(low < high)


def _walked(network: RoadNetwork, edges: np.ndarray, is_stop: np.ndarray) -> shapely.LineString:
    """Return the edges of one chain as one line, from a stop where it has one."""
    if len(edges) == 1:
        return network.lines[edges[0]]
    at: dict[int, list[int]] = {}
    for edge in edges.tolist():
        for node in network.ends[edge].tolist():
            at.setdefault(node, []).append(edge)
    node = next((one for one in at if is_stop[one]), int(network.ends[edges[0], 0]))
    left = set(edges.tolist())
    xy = [network.nodes[[node]]]
    while left:
        edge = next(one for one in at[node] if one in left)
        left.remove(edge)
        first, last = network.ends[edge].tolist()
        line = shapely.get_coordinates(network.lines[edge])
        xy.append(line[1:] if first == node else line[-2::-1])
        node = last if first == node else first
    return shapely.LineString(np.vstack(xy))
