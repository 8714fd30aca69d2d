"""Connect settlements by roads with shared segments; generate lines of roads and streets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from geo.demo import region_growing
from geo.demo.county_plan import SEAT, TOWN, VILLAGE, CountyLayout
from geo.demo.settlements import Settlements

#: Rank of a road -> class as in OpenStreetMap, width in metres.
COUNTRY = {1: ("primary", 12.0), 2: ("tertiary", 7.0), 3: ("unclassified", 5.0)}


@dataclass(frozen=True)
class Network:
    """Pairs of nodes joined by roads (m, 2), and the rank of each, 1 the highest."""

    pairs: np.ndarray
    rank: np.ndarray


@dataclass(frozen=True)
class Roads:
    """Lines (m), class, width in metres, name (None for most), and the settlement of a street, -1 outside."""

    lines: np.ndarray
    kind: list[str]
    width: np.ndarray
    name: list[str | None]
    settlement: np.ndarray


def network(plan: CountyLayout) -> Network:
    """Connect the seats, then the villages, then the natural villages; later roads join earlier ones."""
    inside = np.where(plan.township >= 0, 0, -1)
    graph = plan.graph
    rank: dict[tuple[int, int], int] = {}
    for level, kinds, extra in ((1, SEAT, 0.25), (2, VILLAGE, 0.08), (3, 3, 0.02)):
        terminals = plan.settlement_node[plan.settlement_kind <= kinds]
        for pair in _cheapest_paths(graph, terminals, inside, extra):
            rank.setdefault(pair, level)
        graph = replace(plan.graph, cost=plan.graph.cost * np.where(_is_road(plan.graph, rank), 0.25, 1.0))
    pairs = np.array(sorted(rank))
    return Network(pairs, np.array([rank[u, v] for u, v in pairs.tolist()]))


def headings(plan: CountyLayout, roads: Network) -> np.ndarray:
    """Return the direction (radians from east) in which the best road leaves each settlement."""
    best = np.full(len(plan.graph.xy), 9)
    toward = np.zeros(len(plan.graph.xy))
    for (u, v), rank in zip(roads.pairs.tolist(), roads.rank.tolist(), strict=True):
        for a, b in ((u, v), (v, u)):
            if rank < best[a]:
                best[a] = rank
                dx, dy = plan.graph.xy[b] - plan.graph.xy[a]
                toward[a] = np.arctan2(dy, dx)
    return np.asarray(toward[plan.settlement_node])


def country_roads(plan: CountyLayout, roads: Network, layout: Settlements) -> Roads:
    """Return the roads outside the settlements: smooth lines from the end of one main street to another."""
    settlement_of_node = settlement_of_nodes(plan, layout)
    n = len(plan.graph.xy)
    ends = layout.ends()
    where = np.concatenate([plan.graph.xy, ends.reshape(-1, 2)])

    def entrance(node: int, other: int) -> int:
        p = settlement_of_node[node]
        if p < 0:
            return node
        return n + 4 * int(p) + int(np.argmin(np.hypot(*(ends[p] - plan.graph.xy[other]).T)))

    links: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (u, v), rank in zip(roads.pairs.tolist(), roads.rank.tolist(), strict=True):
        if settlement_of_node[u] < 0 or settlement_of_node[u] != settlement_of_node[v]:
            a, b = entrance(u, v), entrance(v, u)
            # Two nodes of one settlement may share an entrance.
            if all(b != known for known, _ in links[a]):
                links[a].append((b, rank))
                links[b].append((a, rank))
    chains = _polyline_chains(links, n)
    lines = np.array([shapely.LineString(_smooth(where[list(chain)])) for chain, _ in chains], dtype=object)
    ranks = [rank for _, rank in chains]
    return Roads(
        lines,
        [COUNTRY[rank][0] for rank in ranks],
        np.array([COUNTRY[rank][1] for rank in ranks]),
        [None] * len(lines),
        np.full(len(lines), -1),
    )


def settlement_of_nodes(plan: CountyLayout, layout: Settlements) -> np.ndarray:
    """Return for each node of the plan the settlement whose lattice contains it, -1 for none."""
    settlement_of_node = np.full(len(plan.graph.xy), -1)
    tree = shapely.STRtree(shapely.points(plan.graph.xy))
    reach = layout.reach + 25.0
    found = tree.query(shapely.points(layout.xy), predicate="dwithin", distance=np.hypot(*reach.T))
    for p in range(len(layout.xy)):
        nodes = found[1][found[0] == p]
        off = np.abs(layout.to_settlement(p, plan.graph.xy[nodes]))
        settlement_of_node[nodes[(off <= reach[p]).all(axis=1)]] = p
    return settlement_of_node


def streets(layout: Settlements, names: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Roads:
    """Return the streets of every settlement, from crossing to crossing of its lattice.

    Parameters
    ----------
    names
        For the towns, from the first settlement on: names of the streets along, from the south, and across, from the
        west.
    """
    lines: list[np.ndarray] = []
    kind: list[str] = []
    width: list[float] = []
    name: list[str | None] = []
    owner: list[int] = []
    for p in range(len(layout.xy)):
        a, b = layout.half[p].tolist()
        for across, k, start, stop in _street_extents(layout, p):
            main = k == 0
            at = np.arange(start, stop + 1)
            local = np.column_stack([np.full(len(at), k), at] if across else [at, np.full(len(at), k)])
            lines.append(layout.to_county(np.array(p), local * layout.pitch[p]))
            kind.append(_street_class(int(layout.kind[p]), main))
            width.append(float(layout.main_street_width[p] if main else layout.side_street_width[p]))
            owner.append(p)
            name.append(names[p][1 if across else 0][k + (a if across else b)] if p < len(names) else None)
    return Roads(
        np.array([shapely.LineString(c) for c in lines], dtype=object), kind, np.array(width), name, np.array(owner)
    )


def _street_class(kind: int, main: bool) -> str:
    if kind <= SEAT:
        return ("secondary" if kind == TOWN else "tertiary") if main else "residential"
    return "unclassified" if main else "residential"


def _street_extents(layout: Settlements, p: int) -> list[tuple[bool, int, int, int]]:
    """Return (across, line, first and last crossing) of every street: main ones whole, others along built blocks."""
    a, b = layout.half[p].tolist()
    rows = np.arange(*np.searchsorted(layout.settlement, [p, p + 1]))
    built = np.zeros((2 * a + 2, 2 * b + 2), dtype=bool)
    built[layout.i[rows] + a + 1, layout.j[rows] + b + 1] = layout.built[rows]
    runs = [(False, 0, -a, a), (True, 0, -b, b)]
    for across, half, other in ((False, b, a), (True, a, b)):
        # In villages only the main street crosses the rows of houses.
        if across and layout.kind[p] >= VILLAGE:
            continue
        side = built if across else built.T
        for k in range(-half, half + 1):
            if k == 0:
                continue
            beside = side[k + half] | side[k + half + 1]
            inner = np.flatnonzero(beside[1:-1])
            breaks = np.flatnonzero(np.diff(inner) > 1)
            parts = [run for run in np.split(inner, breaks + 1) if len(run)]
            runs += [(across, k, int(run[0]) - other, int(run[-1]) + 1 - other) for run in parts]
    return runs


# --- shortest paths --------------------------------------------------------------------------------------------------


def _cheapest_paths(
    graph: region_growing.Graph, terminals: np.ndarray, inside: np.ndarray, extra: float
) -> set[tuple[int, int]]:
    """Return the pairs of nodes on the cheapest paths that join all terminals; extra paths make loops."""
    growth = region_growing.grow(graph, terminals.tolist(), range(len(terminals)), inside)
    tails = graph.tails
    a, b = growth.label[tails], growth.label[graph.to]
    meet = (a >= 0) & (a < b)
    tail, head = tails[meet], graph.to[meet]
    total = growth.cost[tail] + graph.cost[meet] + growth.cost[head]
    order = np.lexsort((total, b[meet], a[meet]))
    first = np.unique(np.column_stack([a[meet], b[meet]])[order], axis=0, return_index=True)[1]
    best = order[first]
    best = best[np.argsort(total[best], kind="stable")]
    used: set[tuple[int, int]] = set()
    group = list(range(len(terminals)))
    spare = int(extra * len(terminals))
    for k in best.tolist():
        u, v = int(tail[k]), int(head[k])
        one, two = _root(group, int(growth.label[u])), _root(group, int(growth.label[v]))
        if one == two:
            if spare == 0 or total[k] > 2.5 * np.median(total[best]):
                continue
            spare -= 1
        group[one] = two
        path = [*_path_to_source(growth.predecessor, u)[::-1], *_path_to_source(growth.predecessor, v)]
        used |= {(min(p, q), max(p, q)) for p, q in pairwise(path)}
    return used


def _root(group: list[int], one: int) -> int:
    while group[one] != one:
        group[one] = group[group[one]]
        one = group[one]
    return one


def _path_to_source(predecessor: np.ndarray, node: int) -> list[int]:
    path = [node]
    while predecessor[path[-1]] >= 0:
        path.append(int(predecessor[path[-1]]))
    return path


def _is_road(graph: region_growing.Graph, rank: dict[tuple[int, int], int]) -> np.ndarray:
    n = len(graph.xy)
    keys = np.array([u * n + v for u, v in rank])
    tails = graph.tails
    return np.isin(np.minimum(tails, graph.to) * n + np.maximum(tails, graph.to), keys)


# --- lines -----------------------------------------------------------------------------------------------------------


def _polyline_chains(links: dict[int, list[tuple[int, int]]], n: int) -> list[tuple[tuple[int, ...], int]]:
    """Return the chains of nodes between junctions, entrances of settlements (n and above) and changes of rank."""

    def through(node: int) -> bool:
        near = links[node]
        return node < n and len(near) == 2 and near[0][1] == near[1][1]

    chains: list[tuple[tuple[int, ...], int]] = []
    done: set[tuple[int, int]] = set()
    # Rings without a junction come last and are opened at any node.
    for node in sorted(links, key=lambda one: (through(one), one)):
        for other, rank in sorted(links[node]):
            if (node, other) in done or (through(node) and (other, node) in done):
                continue
            chain = [node, other]
            while through(chain[-1]) and chain[-1] != node:
                here = chain[-1]
                chain.append(next(q for q, _ in links[here] if q != chain[-2]))
            done |= {(p, q) for p, q in pairwise(chain)}
            done |= {(q, p) for p, q in pairwise(chain)}
            chains.append((tuple(chain), rank))
    return chains


def _smooth(points: np.ndarray) -> np.ndarray:
    """Return the line smoothed by two rounds of corner cutting, its ends kept.

    Chaikin 1974, "An algorithm for high-speed curve generation", doi:10.1016/0146-664X(74)90028-8.
    """
    for _ in range(2):
        if len(points) < 3:
            return points
        near, far = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        inner = np.stack([near, far], axis=1).reshape(-1, 2)[1:-1]
        points = np.concatenate([points[:1], inner, points[-1:]])
    return points
