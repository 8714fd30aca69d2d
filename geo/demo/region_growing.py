"""Grow regions over a mesh of small cells, so that grids tile villages and villages tile townships.

Regions grow by Dijkstra's algorithm with several sources (Dijkstra 1959, "A note on two problems in connexion with
graphs", doi:10.1007/BF01386390); seeds are spread by Lloyd's method (Lloyd 1982, "Least squares quantization in PCM",
doi:10.1109/TIT.1982.1056489).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely


@dataclass(frozen=True)
class Graph:
    """Nodes and their neighbours, in compressed sparse rows.

    Attributes
    ----------
    xy
        (n, 2) metres.
    start, to, cost
        The neighbours of node i are ``to[start[i]:start[i + 1]]``, at that cost (metres with random variation).
    """

    xy: np.ndarray
    start: np.ndarray
    to: np.ndarray
    cost: np.ndarray

    @property
    def tails(self) -> np.ndarray:
        """Return the node that each entry of ``to`` is a neighbour of."""
        return np.repeat(np.arange(len(self.xy)), np.diff(self.start))


@dataclass(frozen=True)
class Growth:
    """Result of growing: per node the label of the first seed (-1 for none), the cost, and the predecessor."""

    label: np.ndarray
    cost: np.ndarray
    predecessor: np.ndarray


def from_pairs(xy: np.ndarray, pairs: np.ndarray, cost: np.ndarray) -> Graph:
    """Return the graph of undirected pairs of node numbers (m, 2), each at a cost."""
    tail = np.concatenate([pairs[:, 0], pairs[:, 1]])
    head = np.concatenate([pairs[:, 1], pairs[:, 0]])
    order = np.lexsort((head, tail))
    start = np.searchsorted(tail[order], np.arange(len(xy) + 1))
    return Graph(xy, start, head[order], np.concatenate([cost, cost])[order])


def delaunay(xy: np.ndarray, longest: float, shifted: np.ndarray, rng: np.random.Generator) -> Graph:
    """Return the graph of natural neighbours no further apart than ``longest`` metres.

    The cost of a pair is its length between the ``shifted`` positions of its nodes times a random factor, so that
    borders become irregular.
    """
    lines = shapely.delaunay_triangles(shapely.multipoints(xy), only_edges=True)
    ends = shapely.get_coordinates(lines)
    keys = xy[:, 0] + 1j * xy[:, 1]
    order = np.argsort(keys)
    found = order[np.searchsorted(keys[order], ends[:, 0] + 1j * ends[:, 1])]
    pairs = np.sort(found.reshape(-1, 2), axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    pairs = pairs[np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) <= longest]
    cost = np.hypot(*(shifted[pairs[:, 0]] - shifted[pairs[:, 1]]).T) * rng.uniform(0.6, 1.4, len(pairs))
    return from_pairs(xy, pairs, cost)


def grow(graph: Graph, seeds: Sequence[int], labels: Sequence[int], within: np.ndarray) -> Growth:
    """Grow all seeds at equal speed over nodes that share their value of ``within``; -1 is never entered.

    A region is connected by construction: each node carries the label of the neighbour it was reached from.
    """
    n = len(graph.xy)
    label, predecessor = [-1] * n, [-1] * n
    best = [np.inf] * n
    start, to, cost, zone = graph.start.tolist(), graph.to.tolist(), graph.cost.tolist(), within.tolist()
    heap: list[tuple[float, int]] = []
    for seed, name in zip(seeds, labels, strict=True):
        label[seed], best[seed] = int(name), 0.0
        heap.append((0.0, int(seed)))
    heapq.heapify(heap)
    while heap:
        reached, node = heapq.heappop(heap)
        if reached > best[node]:
            continue
        here = zone[node]
        for k in range(start[node], start[node + 1]):
            other = to[k]
            further = reached + cost[k]
            if further < best[other] and zone[other] == here != -1:
                best[other], label[other], predecessor[other] = further, label[node], node
                heapq.heappush(heap, (further, other))
    return Growth(np.array(label), np.array(best), np.array(predecessor))


def spread_seeds(
    xy: np.ndarray, weight: np.ndarray, count: int, rng: np.random.Generator, *, fixed: np.ndarray | None = None
) -> np.ndarray:
    """Choose ``count`` of the points, spread evenly by weight: three rounds of Lloyd's method.

    Parameters
    ----------
    fixed
        Positions (k, 2) in metres of seeds that exist already and do not move.
    """
    fixed_positions = np.empty((0, 2)) if fixed is None else fixed
    count = min(count, len(xy))
    if count <= 0:
        return np.empty(0, dtype=int)
    centres = xy[rng.choice(len(xy), count, replace=False, p=weight / weight.sum())]
    for _ in range(3):
        owner = nearest(xy, np.concatenate([fixed_positions, centres])) - len(fixed_positions)
        mine = owner >= 0
        total = np.bincount(owner[mine], weight[mine], minlength=count)
        filled = total > 0
        for axis in (0, 1):
            mean = np.bincount(owner[mine], (weight * xy[:, axis])[mine], minlength=count)
            centres[filled, axis] = mean[filled] / total[filled]
    return _distinct(xy, centres)


def nearest(xy: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return for each point the number of the centre nearest to it."""
    tree = shapely.STRtree(shapely.points(centres))
    return np.asarray(tree.query_nearest(shapely.points(xy), all_matches=False)[1])


def _distinct(xy: np.ndarray, centres: np.ndarray) -> np.ndarray:
    free = np.ones(len(xy), dtype=bool)
    chosen = np.empty(len(centres), dtype=int)
    for i, (x, y) in enumerate(centres):
        distance = np.where(free, (xy[:, 0] - x) ** 2 + (xy[:, 1] - y) ** 2, np.inf)
        chosen[i] = int(np.argmin(distance))
        free[chosen[i]] = False
    return chosen


def cells(xy: np.ndarray) -> np.ndarray:
    """Return the Voronoi cell of each point, in order."""
    return np.asarray(shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(xy), ordered=True)))


def neighbours(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pairs of polygons that share an edge (m, 2), and its length in the polygons' unit."""
    rings, owner = shapely.get_coordinates(polygons, return_index=True)
    _, vertex = np.unique(rings[:, 0] + 1j * rings[:, 1], return_inverse=True)
    same = owner[:-1] == owner[1:]
    ends = np.sort(np.column_stack([vertex[:-1], vertex[1:]])[same], axis=1)
    length = np.hypot(*(rings[1:] - rings[:-1])[same].T)
    holder = owner[:-1][same]
    order = np.lexsort((holder, ends[:, 1], ends[:, 0]))
    ends, holder, length = ends[order], holder[order], length[order]
    twin = (ends[:-1] == ends[1:]).all(axis=1)
    return np.column_stack([holder[:-1][twin], holder[1:][twin]]), length[:-1][twin]


def repair_regions(graph: Graph, label: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return the labels with every region connected: separate parts join a neighbouring region.

    The largest part of a region (most nodes) keeps its label; -1 is filled. What no neighbour with the same ``within``
    can take becomes -1.
    """
    label = label.copy()
    component = _components(graph, label)
    size = np.bincount(component)
    named = label >= 0
    order = np.lexsort((-size[component[named]], label[named]))
    first = np.unique(label[named][order], return_index=True)[1]
    keep = set(component[named][order][first].tolist())
    stray = np.isin(component, list(keep), invert=True) & (within >= 0)
    label[stray] = -1
    tails = graph.tails
    while True:
        ready = (label[tails] >= 0) & (label[graph.to] < 0) & (within[tails] == within[graph.to]) & (within[tails] >= 0)
        if not ready.any():
            return label
        label[graph.to[ready]] = label[tails[ready]]


def _components(graph: Graph, label: np.ndarray) -> np.ndarray:
    # Propagate the lowest node number of each component; a few dozen rounds, each one pass over the edges.
    tails = graph.tails
    same = label[tails] == label[graph.to]
    tail, head = tails[same], graph.to[same]
    component = np.arange(len(label))
    while True:
        previous = component.copy()
        np.minimum.at(component, head, component[tail])
        component = component[component]
        if (component == previous).all():
            return component


def dissolve(polygons: np.ndarray, label: np.ndarray, count: int) -> np.ndarray:
    """Return the union of the polygons of each label from 0 to ``count - 1``, keeping every vertex of the borders."""
    order = np.argsort(label, kind="stable")
    bounds = np.searchsorted(label[order], np.arange(count + 1))
    groups = [polygons[order[bounds[k] : bounds[k + 1]]] for k in range(count)]
    return np.array([shapely.coverage_union_all(group) for group in groups], dtype=object)
