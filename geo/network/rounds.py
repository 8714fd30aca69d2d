"""Walk every piece of a sector in one closed round: the rural postman (rule P8).

The pieces are joined by the cheapest tree, then odd ends are paired by the cheapest matching (Frederickson 1979,
doi:10.1145/322139.322150): at most 1.5 times the shortest round there is. Ways gone to and fro for nothing are taken
out again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import rustworkx as rx

#: Up to so many odd ends, dead ends aside, the cheapest pairing of all is found; beyond, one of neighbours.
MOST_ODD = 300
#: A pairing is counted in whole micrometres.
_PER_M = 1_000_000
#: Rounds longer than so many times their bound say why.
LONG = 1.5


@dataclass(frozen=True)
class Round:
    """A closed walk over edges.

    Attributes
    ----------
    edges
        The edges in the order they are walked, and ``forward`` whether each is from its start to its end.
    length_m
        Of the whole walk.
    bound_m
        No closed walk over the pieces within the sector is shorter: their length and the cheapest pairing of odd ends.
    joining_m
        What joins the pieces that do not touch; 0 where they are connected.
    parts
        How many connected parts the pieces are in.
    """

    edges: list[int]
    forward: list[bool]
    length_m: float
    bound_m: float
    joining_m: float
    parts: int

    @property
    def is_long(self) -> bool:
        """Return whether the round is more than 1.5 times its bound."""
        return self.length_m > LONG * self.bound_m + 1e-6


def closed_round(start: Sequence[int], end: Sequence[int], length: Sequence[float], required: Sequence[bool]) -> Round:
    """Return a closed walk over all required edges of a connected graph, short, and a bound of the shortest.

    Parameters
    ----------
    start, end
        The nodes of each edge.
    length
        Metres.
    required
        Which edges are pieces; at least one.

    Examples
    --------
    A road of 5 m and back, with 1 m between two pieces of 2 m:

    >>> found = closed_round([0, 1, 2], [1, 2, 3], [2.0, 1.0, 2.0], [True, False, True])
    >>> found.length_m, found.bound_m, found.edges
    (10.0, 8.0, [0, 1, 2, 2, 1, 0])
    """
    net = _Net(start, end, length)
    pieces = [k for k, one in enumerate(required) if one]
    walked = Counter(pieces)
    # 1. the bound: pieces, and the cheapest pairing of their odd ends
    piece_m = sum(length[k] for k in pieces)
    bound_ways, bound_m = net.pairing(net.odd(walked))
    # 2. parts joined by the cheapest tree, then odd ends paired
    joints, parts = net.joining_tree(pieces)
    walked.update(joints)
    walked.update(bound_ways if not joints else net.pairing(net.odd(walked))[0])
    # 3. ways gone twice too often
    net.trim(walked, set(pieces))
    edges, forward = net.walk(walked)
    total = sum(length[k] for k in edges)
    return Round(edges, forward, total, piece_m + bound_m, sum(length[k] for k in joints), parts)


class _Net:
    """The graph of a sector; of several edges between two nodes the shortest is the way."""

    def __init__(self, start: Sequence[int], end: Sequence[int], length: Sequence[float]) -> None:
        names, numbers = np.unique(np.concatenate([start, end]), return_inverse=True)
        self.start, self.end = numbers[: len(start)].tolist(), numbers[len(start) :].tolist()
        self.length = [float(one) for one in length]
        self.count = len(names)
        self.graph = rx.PyGraph(multigraph=True)
        self.graph.add_nodes_from(range(self.count))
        self.graph.add_edges_from(list(zip(self.start, self.end, self.length, strict=True)))
        self._best: dict[tuple[int, int], int] = {}
        for k, (a, b) in enumerate(zip(self.start, self.end, strict=True)):
            for pair in ((a, b), (b, a)):
                if pair not in self._best or self.length[k] < self.length[self._best[pair]]:
                    self._best[pair] = k

    def other(self, edge: int, node: int) -> int:
        """Return the node at the other end of an edge."""
        return self.end[edge] if self.start[edge] == node else self.start[edge]

    def odd(self, walked: Counter[int]) -> list[int]:
        """Return the nodes where an odd number of walked edges end."""
        ends = np.zeros(self.count, np.int64)
        for k, times in walked.items():
            ends[self.start[k]] += times
            ends[self.end[k]] += times
        return np.flatnonzero(ends % 2).tolist()

    def pairing(self, odd: list[int]) -> tuple[list[int], float]:
        """Return the edges of the cheapest pairing of nodes by road, and a proven lower bound of its length (m)."""
        forced, left, core = self._forced(odd)
        forced_m = sum(self.length[k] for k in forced)
        if len(left) > MOST_ODD:
            ways, bound_m = self._near_pairing(left)
            return forced + ways, forced_m + bound_m
        index = {node: i for i, node in enumerate(left)}
        by_road = np.full((len(left), len(left)), np.inf)
        for i, node in enumerate(left):
            for other, metres in rx.dijkstra_shortest_path_lengths(core, node, float).items():
                if other in index:
                    by_road[i, index[other]] = metres
        offered = [(a, b, float(by_road[a, b])) for a, b in combinations(range(len(left)), 2)]
        pairs = _matching(len(left), offered)
        pairs_m = float(sum(by_road[pair] for pair in pairs))
        return forced + [k for a, b in pairs for k in self._way(core, left[a], left[b])], forced_m + pairs_m

    def _forced(self, odd: list[int]) -> tuple[list[int], list[int], rx.PyGraph]:
        """Return the edges that every pairing takes, the nodes left to pair, and the graph without dead ends.

        A dead end with an odd number of the nodes is gone through once, whatever pairs there are; from its last node on
        it is cut off, and the node before it becomes odd or even.
        """
        is_odd = set(odd)
        core = self.graph.copy()
        degree = [core.degree(node) for node in range(self.count)]
        leaves = [node for node in range(self.count) if degree[node] == 1]
        forced = []
        while leaves:
            node = leaves.pop()
            if degree[node] != 1:
                continue
            ((k, (_, other, _)),) = core.incident_edge_index_map(node).items()
            other = self.other(k, node)
            core.remove_edge_from_index(k)
            degree[node], degree[other] = 0, degree[other] - 1
            if node in is_odd:
                forced.append(k)
                is_odd ^= {node, other}
            if degree[other] == 1:
                leaves.append(other)
        return forced, sorted(is_odd), core

    def _near_pairing(self, odd: list[int]) -> tuple[list[int], float]:
        """Return the edges of a short pairing of many nodes, each with one whose region is next to its own."""
        out: list[int] = []
        bound_m, left = 0.0, odd
        while left:
            regions = self._regions([[node] for node in left])
            links = regions.links()
            if left is odd:  # each end is paired with one that is at least as far as its nearest
                nearest = np.full(len(left), np.inf)
                for (a, b), (metres, _) in links.items():
                    nearest[a], nearest[b] = min(nearest[a], metres), min(nearest[b], metres)
                bound_m = float(nearest.sum()) / 2
            pairs = _matching(len(left), [(a, b, metres) for (a, b), (metres, _) in sorted(links.items())])
            for pair in pairs:
                out += regions.way(links[pair][1])
            paired = {k for pair in pairs for k in pair}
            left = [node for k, node in enumerate(left) if k not in paired]
        return out, bound_m

    def _way(self, graph: rx.PyGraph, a: int, b: int) -> list[int]:
        """Return the edges of the shortest way between two nodes, found back from its end by the distances."""
        distance = rx.dijkstra_shortest_path_lengths(graph, a, float)
        out = []
        while b != a:
            steps = [(0.0 if node == a else distance[node], node) for node in graph.neighbors(b) if node != b]
            _, near = min((metres + self.length[self._best[node, b]], node) for metres, node in steps)
            out.append(self._best[near, b])
            b = near
        return out

    def joining_tree(self, pieces: list[int]) -> tuple[list[int], int]:
        """Return the edges that join the parts of the pieces by the cheapest tree, and how many parts there are."""
        own = rx.PyGraph(multigraph=True)
        own.add_nodes_from(range(self.count))
        own.add_edges_from_no_data([(self.start[k], self.end[k]) for k in pieces])
        ends = {node for k in pieces for node in (self.start[k], self.end[k])}
        parts = [sorted(group) for group in rx.connected_components(own) if min(group) in ends]
        parts.sort(key=lambda group: group[0])
        if len(parts) == 1:
            return [], 1
        regions = self._regions(parts)
        tree = rx.PyGraph(multigraph=False)
        tree.add_nodes_from(range(len(parts)))
        tree.add_edges_from([(a, b, link) for (a, b), link in sorted(regions.links().items())])
        joints: set[int] = set()
        for _, _, (_, k) in rx.minimum_spanning_edges(tree, weight_fn=lambda link: float(link[0])):
            joints |= set(regions.way(k))
        return sorted(joints), len(parts)

    def _regions(self, parts: list[list[int]]) -> _Regions:
        return _Regions(self, parts)

    def trim(self, walked: Counter[int], pieces: set[int]) -> None:
        """Take out pairs of walks along one edge that neither a piece nor the connection needs."""
        for k in walked:
            needed = 1 if k in pieces else 2
            while walked[k] - 2 >= needed:
                walked[k] -= 2
        own = rx.PyGraph(multigraph=True)
        own.add_nodes_from(range(self.count))
        index = {k: own.add_edge(self.start[k], self.end[k], None) for k in sorted(walked)}
        for k in sorted(walked, key=lambda one: (-self.length[one], one)):
            if k in pieces or walked[k] != 2:
                continue
            a, b = self.start[k], self.end[k]
            own.remove_edge_from_index(index[k])
            if not own.degree(a) or not own.degree(b) or rx.has_path(own, a, b):
                del walked[k]
            else:
                index[k] = own.add_edge(a, b, None)

    def walk(self, walked: Counter[int]) -> tuple[list[int], list[bool]]:
        """Return a closed walk that takes each edge so many times (Hierholzer 1873, doi:10.1007/BF01442866)."""
        left = Counter(walked)
        at: dict[int, list[int]] = defaultdict(list)
        for k in sorted(walked, reverse=True):
            at[self.start[k]].append(k)
            if self.end[k] != self.start[k]:
                at[self.end[k]].append(k)
        first = self.start[min(walked)]
        stack: list[tuple[int, int]] = [(first, -1)]
        out: list[tuple[int, int]] = []
        while stack:
            node = stack[-1][0]
            while at[node] and left[at[node][-1]] <= 0:
                at[node].pop()
            if at[node]:
                k = at[node][-1]
                left[k] -= 1
                stack.append((self.other(k, node), k))
            else:
                out.append(stack.pop())
        out.reverse()
        edges = [k for _, k in out[1:]]
        return edges, [self.start[k] == out[i][0] for i, k in enumerate(edges)]


class _Regions:
    """Which of several sets of nodes is nearest to each node (Mehlhorn 1988, doi:10.1016/0020-0190(88)90066-X)."""

    def __init__(self, net: _Net, parts: list[list[int]]) -> None:
        self._net = net
        self.part = [-1] * net.count
        spread = net.graph.copy()
        source = spread.add_node(net.count)
        for number, group in enumerate(parts):
            for node in group:
                self.part[node] = number
        spread.add_edges_from([(source, node, 0.0) for group in parts for node in group])
        self.distance = rx.dijkstra_shortest_path_lengths(spread, source, float)
        self._toward: list[int | None] = [None] * net.count
        at: list[list[int]] = [[] for _ in range(net.count)]
        for k, (a, b) in enumerate(zip(net.start, net.end, strict=True)):
            at[a].append(k)
            at[b].append(k)
        for node in sorted(range(net.count), key=lambda one: (self.distance[one], one)):
            if self.part[node] < 0:
                step = min(
                    (k for k in at[node] if self.part[net.other(k, node)] >= 0),
                    key=lambda k: (self.distance[net.other(k, node)] + net.length[k], k),
                )
                self._toward[node], self.part[node] = step, self.part[net.other(step, node)]

    def links(self) -> dict[tuple[int, int], tuple[float, int]]:
        """Return pairs of sets whose regions touch: the length of the way between them, and the edge it crosses by."""
        out: dict[tuple[int, int], tuple[float, int]] = {}
        for k, (a, b) in enumerate(zip(self._net.start, self._net.end, strict=True)):
            one, other = self.part[a], self.part[b]
            if one != other:
                link = self.distance[a] + self._net.length[k] + self.distance[b], k
                pair = min(one, other), max(one, other)
                out[pair] = min(out.get(pair, link), link)
        return out

    def way(self, edge: int) -> list[int]:
        """Return the edges of the way that crosses from one region to another by this edge."""
        out = [edge]
        for node in (self._net.start[edge], self._net.end[edge]):
            at = node
            while (step := self._toward[at]) is not None:
                out.append(step)
                at = self._net.other(step, at)
        return out


def _matching(count: int, offered: list[tuple[int, int, float]]) -> list[tuple[int, int]]:
    """Return the most pairs, of least total length, among those offered (Galil 1986, doi:10.1145/6462.6502)."""
    most = max((metres for _, _, metres in offered), default=0.0)
    graph = rx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(count))
    graph.add_edges_from([(int(a), int(b), round((most - metres) * _PER_M) + 1) for a, b, metres in offered])
    found = rx.max_weight_matching(graph, max_cardinality=True, weight_fn=int)
    return sorted((min(pair), max(pair)) for pair in found)
